"""Sections of the page Workforce on people: who leaves and why, absence, age, long vacancies, and trainees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from ui import marks, words, workforce_charts
from ui import workforce_measures as measures
from ui import workforce_words as said
from ui.charts import Chart
from ui.data import Snapshot
from ui.outlook_sections import Part
from ui.workforce_filters import Choice
from ui.workforce_parts import Row, alt_of, bar, cited, if_shown, is_shown, without

ABOUT_FEW = (
    "- Told where at least 10 people are in post, and where what is hidden beside it stands for as many; so some roles "
    f"and laboratories are {words.HIDDEN}."
)

ABOUT_LONG = f"- {words.NOT_AVAILABLE} where no post is vacant. Counted at the census."

#: Sections that tell of age, leaving, absence and long vacancies: measure, what it is called, what a row is.
BY_ONE = {
    "long": (
        measures.LONG,
        "Vacant for three months or more",
        "of what is vacant has been so for three months or more",
    ),
    "turnover": (measures.TURNOVER, "Turnover", "of staff left in the twelve months to the census"),
    "absence": (measures.ABSENCE, "Sickness absence", "of working time was lost to sickness"),
    "retirement": (measures.OLDER, "Aged 55 and over", "of people in post are aged 55 or over"),
}


def by_one(name: str) -> Callable[[Snapshot, Choice], Part]:
    """A section of a measure that is told by laboratory and by role, one list at a time."""
    indicator, what, is_of = BY_ONE[name]

    def section(snapshot: Snapshot, choice: Choice) -> Part:
        spread = "site" if choice.site and not choice.role else "role"
        found = {one: measures.figure(snapshot, indicator, (), one) for one in ("role", "site")}
        own = (("role", choice.role),) if choice.role else choice.fixed
        whose = measures.figure(snapshot, indicator, own)
        series = measures.whole(whose)
        lists = {one: measures.newest(measures.whole(figure)).to_dicts() for one, figure in found.items()}
        if not any(lists.values()) and whose is None:
            return without(name, what, None)
        now = measures.one(series)
        at = measures.census(measures.whole(found[spread] or whose))
        title = said.of_one(what, is_of, now, choice)
        earlier = measures.a_year_before(series).to_dicts()
        summary = said.spread_of(lists[spread], spread)
        if now is not None:
            summary = f"{said.moved(now, earlier[0] if earlier else None)} {summary}"
        table = _of_lists(lists, {one: measures.values(measures.a_year_before(measures.whole(figure)))
                                  for one, figure in found.items()}, what)  # fmt: skip
        names = {row["code"]: said.named(spread, row["code"]) for row in lists[spread]}
        code = choice.role if spread == "role" else choice.site
        return Part(
            name,
            title,
            summary,
            f"{what}, by {'laboratory' if spread == 'site' else 'role'}. {said.census(at)}.",
            chart=_bars_of(lists[spread], names, what, code, alt_of(title, summary)),
            table=table,
            data=pl.DataFrame(
                [
                    {"list": one, "code": row["code"], "census": row["period_end"], "state": row["state"],
                     "value": row["value"], "numerator": row["numerator"], "denominator": row["denominator"]}
                    for one, rows in lists.items() for row in rows
                ],
                infer_schema_length=None,
            ),
            figures=cited(found["role"], found["site"]),
            notes=(said.NOT_CROSSED,) if choice.site and choice.role else (),
            about=ABOUT_FEW if name != "long" else ABOUT_LONG,
            named_by=2,
        )  # fmt: skip

    return section


def _bars_of(rows: Sequence[Row], names: Mapping[str, str], what: str, code: str, alt: str) -> Chart | None:
    if not any(is_shown(row) for row in rows):
        return None
    highlight = marks.in_lines(names[code]) if code in names else ""
    return workforce_charts.bars([bar(row, names) for row in rows], axis=what, alt=alt, highlight=highlight)


def _of_lists(lists: Mapping[str, Sequence[Row]], before: Mapping[str, Mapping[str, Row]], what: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "By": "Laboratory" if one == "site" else "Role",
                "Of": said.named(one, row["code"]),
                what: said.of_row(row),
                "Number": if_shown(row, f"{row['numerator']}"),
                "Out of": if_shown(row, f"{row['denominator']}"),
                "A year before": said.of_row(before[one][row["code"]])
                if row["code"] in before[one]
                else words.NOT_AVAILABLE,
            }
            for one, rows in lists.items()
            for row in rows
        ],
        schema=dict.fromkeys(("By", "Of", what, "Number", "Out of", "A year before"), pl.String),
    )


def reasons(snapshot: Snapshot, _choice: Choice) -> Part:
    """Why staff left: retirement, another NHS Scotland post, and all else; Scotland only."""
    found = {one: measures.figure(snapshot, one) for one in (measures.RETIRED, measures.MOVED)}
    series = {one: measures.whole(figure) for one, figure in found.items()}
    rows = {one: measures.one(cells) for one, cells in series.items()}
    retired, moved = rows[measures.RETIRED], rows[measures.MOVED]
    if retired is None or moved is None:
        return without("reasons", "Reasons of leaving", found[measures.RETIRED])
    other = max(0.0, 1 - retired["value"] - moved["value"])
    title = (
        f"Of those who left, {said.rate(retired['value'])} retired and {said.rate(moved['value'])} went to another NHS "
        "Scotland post"
    )
    summary = (
        f"The other {said.rate(other)} left for reasons that the extract does not tell, or that were not recorded. "
        f"About {retired['denominator']:,.0f} WTE left in the twelve months to the census."
    )
    joined = (
        series[measures.RETIRED]
        .select("period_end", left="denominator", retired="value", retired_state="state")
        .join(series[measures.MOVED].select("period_end", moved="value", moved_state="state"), on="period_end")
        .filter(retired_state="shown", moved_state="shown")
        .with_columns(other=pl.max_horizontal(pl.lit(0.0), 1 - pl.col("retired") - pl.col("moved")))
        .drop("retired_state", "moved_state")
        .sort("period_end", descending=True)
    )
    table = pl.DataFrame(
        [
            {
                "Twelve months to": words.long_date(row["period_end"]),
                "Left (WTE)": f"{row['left']:,.0f}",
                "Retired": said.rate(row["retired"]),
                "To another NHS Scotland post": said.rate(row["moved"]),
                "Other, or not recorded": said.rate(row["other"]),
            }
            for row in joined.to_dicts()
        ]
    )
    return Part(
        "reasons",
        title,
        summary,
        f"Reasons of leaving, Scotland, all roles. {said.census(retired['period_end'])}.",
        table=table,
        data=joined,
        figures=cited(*found.values()),
        notes=("Few people leave, so reasons are told for Scotland only, where at least 10 left.",),
        about="- Years overlap: each row counts the twelve months before its census, so rows do not add up. Shares may "
        "not add up to 100% through rounding.",
    )


def trainees(snapshot: Snapshot, choice: Choice) -> Part:
    """Trainees who started, registered and stayed, against the need."""
    names = (measures.INTAKE, measures.REGISTERED, measures.KEPT)
    found = {one: measures.figure(snapshot, one) for one in names}
    series = {one: measures.whole(figure) for one, figure in found.items()}
    now = measures.one(series[measures.INTAKE])
    if now is None:
        return without("trainees", "Trainee intake", found[measures.INTAKE])
    in_post = measures.one(
        measures.whole(measures.figure(snapshot, measures.VACANCY, (("role", "trainee_scientist"),)))
    )
    title, summary = said.trainees(
        now, in_post, measures.one(series[measures.REGISTERED]), measures.one(series[measures.KEPT])
    )
    rows = [row for row in series[measures.INTAKE].sort("period_start").to_dicts() if is_shown(row)]
    others = {one: {row["period_end"]: said.of_row(row) for row in series[one].to_dicts()} for one in names[1:]}
    table = pl.DataFrame(
        [
            {
                "Twelve months to": words.long_date(row["period_end"]),
                "Started": f"{row['numerator']}",
                "Needed, at least": f"{row['denominator']}",
                "Registered on time": others[measures.REGISTERED].get(row["period_end"], words.NOT_AVAILABLE),
                "In NHS Scotland after 24 months": others[measures.KEPT].get(row["period_end"], words.NOT_AVAILABLE),
            }
            for row in reversed(rows)
        ]
    )
    return Part(
        "trainees",
        title,
        summary,
        f"Trainee clinical scientists, Scotland. {said.census(now['period_end'])}.",
        chart=workforce_charts.against(
            [
                {"period": row["period_end"], "value": row["numerator"], "need": row["denominator"],
                 "said": f"12 months to {words.long_date(row['period_end'])}, {row['numerator']} started"}
                for row in rows
            ],
            axis="Trainees started in 12 months",
            line="Needed a year, at least (2018)",
            alt=alt_of(title, summary),
        ),
        table=table,
        data=pl.concat(
            cells.select("period_end", "state", "value", "numerator", "denominator", of=pl.lit(one))
            for one, cells in series.items()
            if cells.height
        ),
        figures=cited(*found.values()),
        notes=("Trainees are few, so they are told for Scotland only.",) if choice.site else (),
        about="- Years overlap: each census counts the twelve months before it. Trainees train for three years, so who "
        "starts now counts as a clinical scientist from the fourth year; the page Capacity works with that.",
    )  # fmt: skip
