"""The sections of the page Who is reached on recorded ethnic groups: recording first, then representation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ui import gap_verdict, reach_cells, reach_charts, reach_groups, reach_measures, reach_words, words
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.figure import Figure
from ui.gap_verdict import Evidence
from ui.made_once import made_once
from ui.reach_cells import ETHNIC, SIMD
from ui.reach_filters import Choice, place
from ui.reach_groups import GROUPS, UNKNOWN
from ui.reach_measures import reach, share_recorded
from ui.reach_words import CENSUS, CRUDE, ROUNDED, span

Row = Mapping[str, Any]


def alt(title: str, summary: str) -> str:
    """The text that stands for a chart."""
    return f"{title}. {summary} Every value is in the table below the chart."


def bare(name: str, measure: str, figure: Figure | None) -> Part | None:
    """A section without a chart, which says why there is none; None where there is something to show."""
    nothing = words.nothing_to_show(figure, measure)
    return Part(name, *nothing, subtitle=figure.place if figure else "") if nothing else None


def subtitle(figure: Figure, what: str) -> str:
    """What, where and when."""
    when = words.span(figure)
    return f"{what}. {figure.place}. {when[:1].upper()}{when[1:]}."


def no_residents(name: str, title: str) -> Part:
    """What is said where the release was made before it held residents."""
    return Part(name, f"{title}: residents are not in this release", "The release was made before it held residents.")


def recording(snapshot: Snapshot, choice: Choice) -> Part:
    """How complete and how reliable recorded ethnic group is: what every gap below rests on."""
    figure, agrees = reach_measures.recorded(snapshot, choice), reach_measures.agreement(snapshot, choice)
    if nothing := bare("recording", "People tested with a recorded ethnic group", figure):
        return nothing
    assert figure is not None
    needed = snapshot.release.gaps_need_recorded
    title, summary = reach_words.recording(reach_measures.only(figure), needed, figure.place)
    table, data = [], []
    for what, one in (("Recorded", figure), ("Agrees with another record", agrees)):
        row = reach_measures.only(one)
        if row is None:
            continue
        shown = row["state"] == "shown"
        limits = f"{100 * row['lower']:.1f}% to {100 * row['upper']:.1f}%" if shown else words.amount(row)
        people = words.number(row["denominator"]) if shown else words.amount(row)
        table.append({"Ethnic group": what, "Share": words.amount(row), "95% interval": limits, "Of people": people})
        numbers = ("state", "value", "lower", "upper", "numerator", "denominator")
        data.append({"ethnic_group": what} | {name: row[name] for name in numbers})
    figures = tuple(one for one in (figure, agrees) if one is not None and one.cells.height)
    return Part(
        "recording", title, f"{summary} {reach_words.agreement(reach_measures.only(agrees))}",
        subtitle(figure, "Recorded ethnic group"), None,
        ("Declined, not known, not recorded and unrecognised codes do not count as recorded; each is told apart under "
         "Ethnicity recording.",),
        pl.DataFrame(table), pl.DataFrame(data, infer_schema_length=None), figures, True,
    )  # fmt: skip


def groups(snapshot: Snapshot, choice: Choice) -> Part:
    """Each group's share of people tested over its share of residents, and what could change it."""
    figure = reach_cells.counts(snapshot, choice.indicator, ETHNIC, choice.fixed, place(snapshot, choice))
    if nothing := bare("groups", "People tested by recorded ethnic group", figure):
        return nothing
    assert figure is not None
    lived = dict(reach_cells.residents(snapshot, "residents_by_ethnic_group", choice.area, [ETHNIC]).iter_rows())
    if not lived:
        return no_residents("groups", "Recorded ethnic groups")
    counts = reach_cells.with_range(figure.cells, reach_measures.hidden_under(snapshot))
    recorded, needed = share_recorded(reach_measures.recorded(snapshot, choice)), snapshot.release.gaps_need_recorded
    found = _represented(snapshot, choice, counts, lived, recorded)
    labels = snapshot.facts.labels.get(ETHNIC, {})
    rows = [{**row, "label": labels.get(row["code"], row["code"])} for row in found.to_dicts()]
    if recorded < needed:
        return _withheld(figure, counts, labels, recorded, needed)
    title, summary = reach_words.groups(rows, choice.indicator)
    sentences = "\n".join(f"- {reach_words.group_sentence(row)}" for row in rows)
    drawn = [{**row, "says": _says(row)} for row in rows]
    unknown = [_count_row(row, labels) for row in counts.filter(pl.col("code").is_in(UNKNOWN)).to_dicts()]
    notes: tuple[str, ...] = (
        CRUDE,
        "Wide band: none, or all, of the people whose group is not recorded belong to the group. Narrow band: they are "
        f"made up as residents are, give or take {choice.factor:g} times. Ages: the ratio at every mean age from "
        f"{choice.youngest:g} to {choice.oldest:g}. Overturned by: the smallest share of the unrecorded who, put in "
        "(or left out), would bring the ratio to 1.",
        "Limits of chance allow for relatives, who are tested together and are taken to be of one group.",
        ROUNDED, CENSUS, "A ratio says who is tested, not who needs a test: need by ethnic group is not known.",
    )  # fmt: skip
    hidden = found.filter(pl.col("state") != "shown").height
    if hidden:
        notes += (f"{hidden} groups are hidden {words.HIDDEN}; each counts as 0 to 9 people in the sum of all.",)
    return Part(
        "groups", title, f"{summary}\n\n{sentences}", subtitle(figure, "Recorded ethnic group, census groups"),
        reach_charts.representation(drawn, alt=alt(title, summary)), notes,
        pl.DataFrame([*(_table_row(row) for row in rows), *unknown]).fill_null(""),
        _data(found, labels), (figure,),
    )  # fmt: skip


def represented(snapshot: Snapshot, choice: Choice) -> tuple[list[dict[str, Any]], Figure | None]:
    """A row a census group with its ratio, `verdict` and `label`, and the figure behind them; none where there is
    nothing to show."""
    figure = reach_cells.counts(snapshot, choice.indicator, ETHNIC, choice.fixed, place(snapshot, choice))
    lived = dict(reach_cells.residents(snapshot, "residents_by_ethnic_group", choice.area, [ETHNIC]).iter_rows())
    if words.nothing_to_show(figure, "") or figure is None or not lived:
        return [], None
    counts = reach_cells.with_range(figure.cells, reach_measures.hidden_under(snapshot))
    recorded = share_recorded(reach_measures.recorded(snapshot, choice))
    labels = snapshot.facts.labels.get(ETHNIC, {})
    found = _represented(snapshot, choice, counts, lived, recorded).to_dicts()
    return [{**row, "label": labels.get(row["code"], row["code"])} for row in found], figure


def _represented(
    snapshot: Snapshot, choice: Choice, counts: pl.DataFrame, lived: Mapping[str, int], recorded: float
) -> pl.DataFrame:
    return reach_groups.representation(
        counts, lived,
        reach=reach(snapshot), factor=choice.factor, matrix=choice.matrix or assumed(snapshot),
        ages=ages(snapshot, choice), recorded=recorded, needed=snapshot.release.gaps_need_recorded,
        effect=_effect(snapshot, choice.indicator),
    )  # fmt: skip


def _effect(snapshot: Snapshot, indicator: str) -> float:
    """How many people tested tell as much as one alone; 1 in a release made before that was worked out."""
    table = snapshot.built_table("going_together")
    own = table.filter(measure=indicator).sort("period_end") if table is not None else None
    return float(own["design_effect"][-1]) if own is not None and own.height else 1.0


def assumed(snapshot: Snapshot) -> reach_groups.Matrix:
    """The matrix of wrong records that the page assumes, from Scotland's residents."""
    lived = reach_cells.residents(snapshot, "residents_by_ethnic_group", None, [ETHNIC])
    return reach_groups.default_matrix(dict(lived.iter_rows()))


def ages(snapshot: Snapshot, choice: Choice) -> tuple[float, float] | None:
    """How far ages alone could move a group's rate, at Scotland's rates by age."""
    return _ages(snapshot.key, choice.indicator, choice.youngest, choice.oldest, snapshot)


@made_once(50)
def _ages(
    key: str,  # noqa: ARG001 - the release
    indicator: str,
    youngest: float,
    oldest: float,
    _snapshot: Snapshot,
) -> tuple[float, float] | None:
    """Made once for all areas."""
    national = reach_measures.newest(reach_measures.national(_snapshot, indicator))
    bands = reach_groups.bands_of_ages(national, reach_measures.lived_by(_snapshot, "age_band"))
    return reach_groups.age_factors(bands, youngest, oldest) if bands.height else None


def _withheld(figure: Figure, counts: pl.DataFrame, labels: Mapping[str, str], recorded: float, needed: float) -> Part:
    """The counts alone, where too few people have a recorded group for a gap to be shown."""
    rows = [_count_row(row, labels) for row in counts.filter(pl.col("code").is_in([*GROUPS, *UNKNOWN])).to_dicts()]
    return Part(
        "groups", "Gaps between ethnic groups are withheld here",
        f"A recorded ethnic group is known of {recorded:.0%} of people; gaps need {needed:.0%}. The counts are shown "
        "as they are; what they say of fairness cannot be told.",
        subtitle(figure, "Recorded ethnic group"), None, (), pl.DataFrame(rows), None, (figure,), True,
    )  # fmt: skip


def _count_row(row: Row, labels: Mapping[str, str]) -> dict[str, str]:
    return {"Recorded ethnic group": labels.get(row["code"], row["code"]), "People": words.amount(row)}


def _says(row: Row) -> str:
    return span(row["value"], row["lower"], row["upper"]) if row["value"] is not None else ""


def _or(row: Row, form: str, *names: str) -> str:
    """Numbers in a form, or the shorthand where one is not known."""
    if any(row[name] is None for name in names):
        return words.HIDDEN if row["state"] != "shown" else words.NOT_AVAILABLE
    return form.format(*(row[name] for name in names))


def _table_row(row: Row) -> dict[str, str]:
    return {
        "Recorded ethnic group": row["label"],
        "People": _or(row, "{:,.0f}", "count"),
        "Verdict": gap_verdict.SHORT[row["verdict"]],
        "Ratio (95% limits)": _or(row, "{:.2f} ({:.2f} to {:.2f})", "value", "lower", "upper"),
        "All unrecorded out or in": _or(row, "{:.2f} to {:.2f}", "lowest", "highest"),
        "Unrecorded like residents": _or(row, "{:.2f} to {:.2f}", "likely_lowest", "likely_highest"),
        "If recorded wrongly as assumed": _or(
            row, "{:.2f} ({:.2f} to {:.2f})", "corrected", "corrected_lower", "corrected_upper"
        ),
        "Overturned by": reach_words.tipping(row) if row["value"] is not None else _or(row, "", "value"),
        "At other ages": _or(row, "{:.2f} to {:.2f}", "age_lowest", "age_highest"),
        "Residents": f"{100 * row['share_residents']:.2f}%",
    }


def _data(found: pl.DataFrame, labels: Mapping[str, str]) -> pl.DataFrame:
    named = found.with_columns(group=pl.col("code").replace_strict(dict(labels), default=pl.col("code")))
    return named.select("group", pl.exclude("group", "code"))


def crossed(snapshot: Snapshot, choice: Choice) -> Part:
    """Recorded ethnic group within deprivation, against residents of both: Scotland only."""
    cells, figures = reach_measures.groups_by_quintile(snapshot, choice.indicator)
    first = figures[0] if figures else reach_cells.counts(snapshot, choice.indicator, SIMD, ((ETHNIC, "white"),))
    if nothing := bare("crossed", "People tested by recorded ethnic group and deprivation", first):
        return nothing
    whole = Choice(choice.indicator)
    recorded, needed = share_recorded(reach_measures.recorded(snapshot, whole)), snapshot.release.gaps_need_recorded
    if recorded < needed:
        return Part(
            "crossed", "Recorded ethnic group within deprivation is withheld",
            f"A recorded ethnic group is known of {recorded:.0%} of people; gaps need {needed:.0%}.",
        )  # fmt: skip
    found = reach_groups.crossed(cells, reach_cells.residents_by_group_and_quintile(), reach(snapshot), SIMD)
    unknown = cells.filter(pl.col(ETHNIC).is_in(UNKNOWN)).group_by(SIMD).agg(unknown=pl.col("most").sum())
    found = found.join(unknown, on=SIMD, how="left", maintain_order="left")
    known, missing = float(cells.filter(pl.col(ETHNIC).is_in(GROUPS))["likely"].sum()), float(unknown["unknown"].sum())
    share = pl.col("expected") / known
    found = found.with_columns(
        lowest=pl.col("people") / (known + missing) / share,
        highest=(pl.col("people") + pl.col("unknown")) / (known + missing) / share,
    )
    lived = reach_cells.residents(snapshot, "residents_by_ethnic_group", None, [ETHNIC])
    everybody, by_age = float(lived["population"].sum()), ages(snapshot, whole)
    shares = {code: people / everybody for code, people in lived.iter_rows()}
    said = [
        _verdict(row, recorded, needed, reach_groups.of_group(by_age, shares.get(row[ETHNIC], 0.0)) if by_age else None)
        for row in found.to_dicts()
    ]
    found = found.with_columns(pl.Series("verdict", said, dtype=pl.String))
    shown, seen = (
        found.filter(pl.col("state") == "shown").height,
        found.filter(pl.col("verdict") == "no_gap_seen").height,
    )
    told = found.filter(pl.col("verdict").is_in(["higher", "lower"])).height
    title = f"Within deprivation, {told} of {shown} crossings shown differ from residents whatever is missing"
    summary = (
        f"Of {found.height} crossings of recorded ethnic group and SIMD quintile, {found.height - shown} are hidden "
        f"{words.HIDDEN}; in {seen} no gap is seen, in {shown - seen - told} people whose group is not recorded or "
        "ages could explain it. "
        "A number is the ratio of people tested to what the make-up of residents would give."
    )
    labels, fifths = snapshot.facts.labels.get(ETHNIC, {}), snapshot.facts.labels.get(SIMD, {})
    table = [
        {"Recorded ethnic group": labels.get(code, code)}
        | {fifth(q): _cell(found.filter(pl.col(ETHNIC) == code, pl.col(SIMD) == q)) for q in reach_cells.QUINTILES}
        for code in GROUPS
    ]
    assert first is not None
    notes = (
        "Each cell: ratio (people tested). + or -: higher or lower whatever is not recorded and whatever the ages; ?: "
        "beyond chance, but the unrecorded or ages could explain it; no mark: no gap is seen.",
        CRUDE, "SIMD 1 is the most deprived fifth of areas, 5 the least; it is of areas, not of people.",
        "Small census counts of both are noisy.",
    )  # fmt: skip
    data = found.with_columns(
        group=pl.col(ETHNIC).replace_strict(dict(labels), default=pl.col(ETHNIC)),
        simd=pl.col(SIMD).replace_strict(dict(fifths), default=pl.col(SIMD)),
    ).select("group", "simd", "state", "people", "expected", "value", "lower", "upper", "lowest", "highest", "verdict")
    return Part(
        "crossed", title, summary, subtitle(first, "Recorded ethnic group by SIMD quintile"), None, notes,
        pl.DataFrame(table), data, figures[: len(GROUPS)], True,
    )  # fmt: skip


def fifth(quintile: str) -> str:
    """A short heading, so that five of them fit on a narrow screen."""
    return f"SIMD {quintile}" if quintile == "1" else quintile


def _verdict(row: Row, recorded: float, needed: float, by_age: tuple[float, float] | None) -> str:
    """The verdict of a crossing; by_age: how far the ages of the group could move its rate."""
    band = row["lowest"], row["highest"]
    other = (band[0] / by_age[1], band[1] / by_age[0]) if by_age and None not in band else None
    limits = row["lower"], row["upper"]
    return gap_verdict.verdict(
        Evidence(row["state"] == "shown", *limits, *band, 1.0, recorded, needed, at_other_ages=other)
    )


MARKS = {"higher": " +", "lower": " -", "unknown_could_explain": " ?", "ages_could_explain": " ?"}


def _cell(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return words.NOT_AVAILABLE
    row = rows.row(0, named=True)
    if row["state"] != "shown" or row["value"] is None:
        return words.HIDDEN
    return f"{row['value']:.2f}{MARKS.get(row['verdict'], '')} ({words.number(row['people'])})"
