"""Every gap between groups of people with all that speaks for and against it, from shown cells and the table of gaps.

A gap is the one worked at build, like compared with like. What people of unknown group could do to it is worked here:
the group's own counts stand beside those that the group compared with would have had with the same mix of requests,
so that the two differ by that gap, and the people of unknown group are then placed in either. Where some counts of
unknown group are hidden, all people who are not shown in a group are taken to be of none, which widens the bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import cube_name, dimensions
from catalogue.indicators import Indicator
from methods.proportions import newcombe_difference
from methods.unknown_groups import event_share_gap_band, event_share_gap_tipping_point
from ui.data import Snapshot
from ui.gap_verdict import Evidence, Verdict, verdict
from ui.made_once import made_once

RECORDED = "ethnicity_recorded"
ETHNIC = "ethnic_category"
PLACE = "residence_board"
SCOTLAND = "scotland"

#: What names a gap.
KEY = ("measure", "dimension", "area", "code")
AREA = ("measure", "dimension", "area")
COUNTS = {
    **dict.fromkeys((*KEY, "state"), pl.String),
    **dict.fromkeys(("events", "people"), pl.Int64),
    **dict.fromkeys(("value", "lower", "upper"), pl.Float64),
}

#: What is supposed of people of unknown group, from nothing to most: the prefix of a band's columns, and in words.
SUPPOSED = {
    "any": "Whoever they are",
    "mixed": "Made up as the census or those recorded are, whatever their results",
    "alike": "So made up, with the results of other people of unknown group",
}
#: Groups of a census that are held in a table of residents: dimension, table, and the column that names the group.
RESIDENTS = {
    ETHNIC: ("residents_by_ethnic_group", ETHNIC),
    "simd_quintile": ("residents_by_simd_age_sex", "simd_quintile"),
    "urban_rural": ("residents_by_urban_rural", "urban_rural"),
}
#: From worst to best.
GRADES = ("poor", "fair", "good")


@dataclass(frozen=True)
class Gaps:
    """All gaps of a release and the counts that they are of.

    rows: KEY, `compared_with`, `is_known`, `period_start`, `period_end`, `state`, `gap`, `lower`, `upper`,
    `comparable`, `p_under`, `is_found` of the table of gaps; `events`, `people`, `other_events`, `other_people`; `raw`,
    `raw_lower`, `raw_upper` (not allowing for anything); `unknown_events`, `unknown_people`, `is_rest` (whether the
    unknown are all who are not shown in a group); `any_lowest`, `any_highest` and so on by SUPPOSED; `tipping`, the
    smallest share of the unknown that closes the gap, null where nobody's group could; `recorded`, the share of people
    with a recorded ethnic group where that matters; `grade`; and `verdict`, `if_mixed`, `if_alike`, the verdict by each
    of SUPPOSED.
    counts: COUNTS, a row a group, those of unknown group too.
    by_chance: what each shuffle found.
    """

    rows: pl.DataFrame
    counts: pl.DataFrame
    by_chance: pl.DataFrame


def compared(snapshot: Snapshot) -> dict[str, Indicator]:
    """The measures by which groups of people are compared, by id."""
    return {name: entry for name, entry in snapshot.facts.indicators.items() if entry.compared_within}


def groupings(entry: Indicator) -> list[str]:
    """The dimensions of people by which a measure is compared."""
    return [name for name, known in dimensions().items() if known.compared_with and entry.has_cube((name,))]


@made_once(3)
def _all(key: str, _snapshot: Snapshot) -> Gaps | None:  # noqa: ARG001 - key: the release
    return _work(_snapshot)


def all_gaps(snapshot: Snapshot) -> Gaps | None:
    """Every gap of the release, worked once; None where the release was made before there were any."""
    return _all(snapshot.key, snapshot)


def _work(snapshot: Snapshot) -> Gaps | None:
    built, by_chance = snapshot.built_table("gaps"), snapshot.built_table("gaps_by_chance")
    if built is None or by_chance is None:
        return None
    entries = compared(snapshot)
    cells = snapshot.newest_years((*entries, RECORDED))
    counts = group_counts(cells, entries)
    rows = with_counts(built.filter(pl.col("measure").is_in(list(entries))), counts)
    rows = with_unknown(rows, counts, wholes(cells), snapshot.release.rounded_to)
    rows = with_bands(with_mix(rows, counts, census(snapshot)))
    rows = rows.join(_recorded(cells), on="area", how="left", maintain_order="left").with_columns(
        recorded=pl.when(pl.col("dimension") == ETHNIC).then(pl.col("recorded").fill_null(0.0))
    )
    rows = rows.join(_grades(snapshot), on=["measure", "area"], how="left", maintain_order="left")
    return Gaps(_judged(rows, snapshot.release.gaps_need_recorded), counts, by_chance)


def group_counts(cells: pl.DataFrame, entries: dict[str, Indicator]) -> pl.DataFrame:
    """COUNTS of every group of every area, from cells of the newest 12 months."""
    found = [pl.DataFrame(schema=COUNTS)]
    for dimension in {name: None for entry in entries.values() for name in groupings(entry)}:
        for cube, place, code in ((dimension, pl.lit(SCOTLAND), "d1"), (cube_name([PLACE, dimension]), "d1", "d2")):
            own = cells.filter(pl.col("cube") == cube, pl.col("indicator").is_in(list(entries)))
            shown = pl.col("state") == "shown"
            area = pl.col(place) if isinstance(place, str) else place
            numbers = {name: name for name in ("value", "lower", "upper")}
            numbers |= {"events": "numerator", "people": "denominator"}
            told = {name: pl.when(shown).then(pl.col(column)) for name, column in numbers.items()}
            frame = own.select(
                measure="indicator", dimension=pl.lit(dimension), area=area, code=code, state="state", **told
            )
            found.append(frame.select(pl.col(name).cast(kind) for name, kind in COUNTS.items()))
    return pl.concat(found)


def wholes(cells: pl.DataFrame) -> pl.DataFrame:
    """All events and people of each measure and area, where they are shown: `measure`, `area`, `all_events`, `all`."""
    own = cells.filter(pl.col("cube").is_in(["", PLACE]), pl.col("state") == "shown")
    return own.select(
        measure="indicator",
        area=pl.when(pl.col("cube") == "").then(pl.lit(SCOTLAND)).otherwise("d1"),
        all_events="numerator",
        all="denominator",
    )


def with_counts(gaps: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The gaps with the counts of both groups and the gap as it is, `raw` with its limits (Newcombe)."""
    own = counts.select(*KEY, "events", "people")
    others = own.rename({"code": "compared_with", "events": "other_events", "people": "other_people"})
    joined = gaps.join(own, on=list(KEY), how="left", maintain_order="left").join(
        others, on=[*AREA, "compared_with"], how="left", maintain_order="left"
    )
    raw = newcombe_difference(pl.col("events"), pl.col("people"), pl.col("other_events"), pl.col("other_people"))
    return joined.with_columns(found=raw).with_columns(
        raw=pl.col("found").struct.field("value"),
        raw_lower=pl.col("found").struct.field("lower"),
        raw_upper=pl.col("found").struct.field("upper"),
    ).drop("found")  # fmt: skip


def with_unknown(gaps: pl.DataFrame, counts: pl.DataFrame, whole: pl.DataFrame, rounded_to: int) -> pl.DataFrame:
    """The gaps with `unknown_events`, `unknown_people` and `is_rest` of their area; null where they cannot be told.

    Where a count of unknown group is hidden, the unknown are the rest of everybody. A rest adds up the rounding of all
    that was taken off, so it is raised by one step of it, with and without the event.
    """
    marks = [f"{name}={code}" for name, known in dimensions().items() for code in known.unknown]
    marked = counts.with_columns(is_unknown=pl.format("{}={}", "dimension", "code").is_in(marks))
    shown = pl.col("state") == "shown"
    of_none = pl.col("is_unknown")
    parts = marked.group_by(*AREA).agg(
        are_told=(shown | ~of_none).all() & of_none.any(),
        told_events=pl.col("events").filter(of_none).sum(),
        told_people=pl.col("people").filter(of_none).sum(),
        known_events=pl.col("events").filter(~of_none).sum(),
        known_people=pl.col("people").filter(~of_none).sum(),
    )
    parts = parts.join(whole, on=["measure", "area"], how="left")
    rest_events = (pl.col("all_events") - pl.col("known_events")).clip(lower_bound=0)
    rest_others = (pl.col("all") - pl.col("all_events") - pl.col("known_people") + pl.col("known_events")).clip(0)
    told = parts.select(
        *AREA,
        is_rest=~pl.col("are_told"),
        unknown_events=pl.when("are_told").then("told_events").otherwise(rest_events + rounded_to),
        unknown_people=pl.when("are_told").then("told_people").otherwise(rest_events + rest_others + 2 * rounded_to),
    )
    return gaps.join(told, on=list(AREA), how="left", maintain_order="left")


def census(snapshot: Snapshot) -> pl.DataFrame:
    """Each group's share of residents, where a census tells it: `dimension`, `area`, `code`, `of_residents`."""
    merged = dimensions()[PLACE].merged_into
    schema = {"dimension": pl.String, "area": pl.String, "code": pl.String, "of_residents": pl.Float64}
    found = [pl.DataFrame(schema=schema)]
    for dimension, (table, column) in RESIDENTS.items():
        residents = snapshot.built_table(table)  # type: ignore[arg-type]
        if residents is None:
            continue
        of_boards = residents.select(
            area=pl.col(PLACE).replace(merged), code=pl.col(column).cast(pl.String), people="population"
        )
        both = pl.concat([of_boards, of_boards.with_columns(area=pl.lit(SCOTLAND))])
        sums = both.group_by("area", "code").agg(pl.col("people").sum())
        share = pl.col("people") / pl.col("people").sum().over("area")
        found.append(sums.select(pl.lit(dimension).alias("dimension"), "area", "code", share.alias("of_residents")))
    return pl.concat(found)


def with_mix(gaps: pl.DataFrame, counts: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """The gaps with what shares of the unknown each of the two groups may be, by the census and by those recorded.

    Adds `least`, `most`, `other_least`, `other_most`: from the smaller to the larger of the two shares.
    """
    marks = [f"{name}={code}" for name, known in dimensions().items() for code in known.unknown]
    known = counts.filter(~pl.format("{}={}", "dimension", "code").is_in(marks))
    shares = known.select(*KEY, of_recorded=pl.col("people") / pl.col("people").sum().over(*AREA))
    shares = shares.join(residents, on=["dimension", "area", "code"], how="left").with_columns(
        least=pl.min_horizontal("of_recorded", "of_residents"), most=pl.max_horizontal("of_recorded", "of_residents")
    )
    own = shares.select(*KEY, "least", "most")
    others = own.rename({"code": "compared_with", "least": "other_least", "most": "other_most"})
    return gaps.join(own, on=list(KEY), how="left", maintain_order="left").join(
        others, on=[*AREA, "compared_with"], how="left", maintain_order="left"
    )


def with_bands(gaps: pl.DataFrame) -> pl.DataFrame:
    """The gaps with the bands of SUPPOSED and `tipping`; all null for what is no group, or is not shown."""
    x, n, m, gap = (pl.col(name) for name in ("events", "people", "other_people", "gap"))
    y = ((x / n - gap) * m).clip(0, m)
    unknown = pl.col("unknown_events"), pl.col("unknown_people")
    limits = (pl.col("least"), pl.col("most"), pl.col("other_least"), pl.col("other_most"))
    found = gaps.with_columns(
        any=event_share_gap_band(x, n, y, m, *unknown),
        mixed=event_share_gap_band(x, n, y, m, unknown[0], unknown[1], *limits),
        alike=_drawn_at_random((x, n, y, m), unknown, limits),
        tip=event_share_gap_tipping_point(x, n, y, m, *unknown),
    )
    bands = {
        f"{name}_{end}": pl.when("is_known").then(pl.col(name).struct.field(end))
        for name in SUPPOSED
        for end in ("lowest", "highest")
    }
    tipping = pl.when("is_known").then(pl.col("tip").struct.field("value"))
    return found.with_columns(**bands, tipping=tipping).drop(*SUPPOSED, "tip")


def _drawn_at_random(counts: tuple[pl.Expr, ...], unknown: tuple[pl.Expr, ...], limits: tuple[pl.Expr, ...]) -> pl.Expr:
    """The least and the greatest gap where each group takes a part of the unknown whose results are those of all.

    Either group's share moves one way as its part grows, so the ends are among the four corners of the two parts.
    """
    (x, n, y, m), (events, people), (least, most, other_least, other_most) = counts, unknown, limits
    corners = [
        (x + part * events) / (n + part * people) - (y + other * events) / (m + other * people)
        for part in (least, most)
        for other in (other_least, other_most)
    ]
    sound = pl.all_horizontal(corner.is_not_null() & corner.is_finite() for corner in corners)
    ends = {"lowest": pl.min_horizontal(corners), "highest": pl.max_horizontal(corners)}
    return pl.struct(pl.when(sound).then(end).alias(name) for name, end in ends.items())


def _recorded(cells: pl.DataFrame) -> pl.DataFrame:
    """The share of people with a recorded ethnic group by area; null where it is hidden."""
    own = cells.filter(pl.col("indicator") == RECORDED, pl.col("cube").is_in(["", PLACE]))
    area = pl.when(pl.col("cube") == "").then(pl.lit(SCOTLAND)).otherwise("d1")
    return own.select(area=area, recorded=pl.when(pl.col("state") == "shown").then("value"))


def _grades(snapshot: Snapshot) -> pl.DataFrame:
    """The newest grade of each measure and area; boards that stand together have the worst of theirs."""
    merged = dimensions()[PLACE].merged_into
    own = snapshot.newest_grades().filter(pl.col("grain") == "year", pl.col("dimension").is_in(["", PLACE]))
    ranked = own.select(
        measure="indicator",
        area=pl.when(pl.col("dimension") == "").then(pl.lit(SCOTLAND)).otherwise(pl.col("code").replace(merged)),
        rank=pl.col("grade").replace_strict({name: place for place, name in enumerate(GRADES)}, default=None),
    )
    worst = ranked.group_by("measure", "area").agg(pl.col("rank").min())
    names = dict(enumerate(GRADES))
    return worst.select("measure", "area", grade=pl.col("rank").replace_strict(names, return_dtype=pl.String))


def _judged(rows: pl.DataFrame, needed: float) -> pl.DataFrame:
    """The rows with a verdict by each of SUPPOSED, all by the one rule."""
    columns = {"verdict": "any", "if_mixed": "mixed", "if_alike": "alike"}
    found = {
        name: [verdict_of(row, band, needed) for row in rows.iter_rows(named=True)] for name, band in columns.items()
    }
    return rows.with_columns(pl.Series(name, verdicts, pl.String) for name, verdicts in found.items())


def verdict_of(row: dict[str, Any], supposed: str, needed: float) -> Verdict:
    """The verdict on a gap by what is supposed of people of unknown group; what they are cannot be told, anything."""
    lowest, highest = row[f"{supposed}_lowest"], row[f"{supposed}_highest"]
    if row["is_known"] and (lowest is None or highest is None):
        lowest, highest = -1.0, 1.0
    return verdict(
        Evidence(
            is_shown=row["state"] != "confidential",
            lower=row["lower"],
            upper=row["upper"],
            lowest=lowest,
            highest=highest,
            recorded=row["recorded"],
            needed=needed,
        )
    )
