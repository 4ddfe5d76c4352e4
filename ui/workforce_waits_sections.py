"""The section of the page Workforce that sets vacancies beside waits, laboratory by laboratory, over time."""

from __future__ import annotations

import polars as pl

from ui import capacity_words, words, workforce_charts
from ui import workforce_measures as measures
from ui import workforce_words as said
from ui.capacity_answers import quarter_of
from ui.data import Snapshot
from ui.outlook_sections import Part
from ui.workforce_filters import Choice
from ui.workforce_parts import Row, alt_of, cited

ABOUT_WAITS = (
    "- **Vacancy rate:** at the quarter's last day. **Within standard:** of the requests that fell due in the quarter, "
    "those reported within their standard; not adjusted for which tests a laboratory is asked for.\n"
    "- **More posts vacant:** quarters in which the rate was above the laboratory's own median. Means are of quarters, "
    "each counting the same.\n"
    f"- {said.NO_CAUSE} What staff do to waits in a model is on the page Capacity."
)


def waits(snapshot: Snapshot, choice: Choice) -> Part:
    """Vacancy rate and share within standard side by side over time, laboratory by laboratory."""
    rows = measures.side_by_side(snapshot, choice.role)
    shown = rows.filter(site=choice.site) if choice.site else rows
    what = "Vacancies beside waits"
    if shown.is_empty():
        return Part(
            "waits",
            f"{what}: cannot be told",
            "It needs both the vacancy rate and the share within standard of a quarter, and no quarter shows both.",
        )
    found = measures.halves(rows)
    last = rows.filter(pl.col("period_start") == pl.col("period_start").max())
    own = found.filter(site=choice.site).to_dicts()
    if choice.site and own:
        title = said.within_one(own[0])
    elif choice.site:
        title = f"{what} in {said.place(choice)}: too few quarters to compare"
    else:
        title = said.across(last.to_dicts(), quarter_of(last["period_start"][0]))
    plain = " ".join(filter(None, ["" if choice.site else said.apart(last.to_dicts()), said.over_halves(found)]))
    cause, _, why = said.NO_CAUSE.partition(":")
    summary = f"{plain} **{cause}:**{why}"
    codes = shown["site"].unique().sort().to_list()
    upper, lower = (
        {capacity_words.site(code): _of_quarters(shown.filter(site=code), shown, name) for code in codes}
        for name in ("vacancy", "within")
    )
    whose = f" of {capacity_words.people(choice.role)}" if choice.role else ""
    vacancy = measures.figure(snapshot, measures.VACANCY, choice.fixed)
    share = measures.figure(
        snapshot, measures.WITHIN, (("performing_lab", choice.site),) if choice.site else (),
        None if choice.site else "performing_lab",
    )  # fmt: skip
    if not choice.site:
        vacancy = measures.figure(snapshot, measures.VACANCY, choice.fixed, "site")
    halves = {row["site"]: row for row in found.to_dicts()}
    table = pl.DataFrame(
        [
            {
                "Laboratory": capacity_words.site(row["site"]),
                "Quarter": quarter_of(row["period_start"]),
                "Vacancy rate": said.rate(row["vacancy"]),
                "Within standard": said.rate(row["within"]),
                "Quarters like it, mean within standard": _like(row, shown, halves.get(row["site"])),
            }
            for row in shown.sort(["period_start", "site"], descending=[True, False]).to_dicts()
        ]
    )
    return Part(
        "waits",
        title,
        summary,
        f"Vacancy rate{whose} at each quarter's end, and requests reported within standard in that quarter, "
        f"{quarter_of(shown['period_start'].min())} to {quarter_of(shown['period_start'].max())}. "  # type: ignore[arg-type]
        f"{'Each laboratory' if not choice.site else said.place(choice)}.",
        chart=workforce_charts.panels(
            upper, lower, axes=("Vacancy rate", "Within standard"), alt=alt_of(title, f"{plain} {said.NO_CAUSE}")
        ),
        table=table,
        data=shown,
        figures=cited(vacancy, share),
        about=ABOUT_WAITS,
    )


def _of_quarters(rows: pl.DataFrame, every: pl.DataFrame, name: str) -> list[Row]:
    """A point a quarter; one that does not show both is a gap, so that no line is drawn across it."""
    quarters = every.select("period_start", "period_end").unique()
    spaced = quarters.join(rows.drop("period_end"), on="period_start", how="left")
    return [
        {
            "period": row["period_end"],
            "value": None if row[name] is None else 100 * row[name],
            "said": "" if row[name] is None else f"{quarter_of(row['period_start'])}, {said.rate(row[name])}",
        }
        for row in spaced.sort("period_start").to_dicts()
    ]


def _like(row: Row, rows: pl.DataFrame, half: Row | None) -> str:
    """To which half of its laboratory's quarters a row belongs, with that half's mean."""
    if half is None:
        return words.NOT_AVAILABLE
    median = rows.filter(site=row["site"])["vacancy"].median()
    assert isinstance(median, float)
    if row["vacancy"] > median:
        return f"More vacant: {said.rate(half['more'])}"
    return f"Fewer vacant: {said.rate(half['fewer'])}"
