"""How recorded ethnic groups are represented among people tested, and what missing and wrong records could make of it.

Worked from shown counts. A hidden count stands for 0 to 9 people, and a shown one for any number that is rounded to it;
every limit is that of the ends that lie further out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from catalogue.reference import reference_rows
from methods.age_structures import rate_at_mean_ages
from methods.misclassified_groups import corrected_shares
from methods.representation import representation_ratio
from methods.unknown_groups import share_band, share_tipping_point, tightened_limits
from ui.gap_verdict import Evidence, verdict
from ui.reach_cells import ETHNIC

Matrix = tuple[tuple[float, ...], ...]

#: The census categories and the four ways in which none is recorded, as the reference list has them.
GROUPS = tuple(row["code"] for row in reference_rows("ethnic_categories") if row["is_recorded"] == "yes")
UNKNOWN = tuple(row["code"] for row in reference_rows("ethnic_categories") if row["is_recorded"] == "no")

#: What is assumed of wrong records until the reader says otherwise. Of people of White Scottish group 5.1% were
#: recorded otherwise, mostly in another White group, which the six categories do not tell apart: a tenth of that. In
#: other groups it was 12.5% at the least.
WHITE_WRONG, OTHERS_WRONG = 0.005, 0.125

#: Mean ages tried between the two bounds.
TRIED = 41

#: Middle of each age band of five years, and of the last.
LAST_MIDDLE = 89.0


def default_matrix(residents: Mapping[str, int]) -> Matrix:
    """The assumed chances that somebody of a group (rows) is recorded in another (columns), in the order of GROUPS.

    White people recorded elsewhere are spread over the other groups by how many residents these have; people of other
    groups recorded elsewhere are recorded as White.
    """
    others = sum(residents.get(code, 0) for code in GROUPS[1:]) or 1
    rows = []
    for group in GROUPS:
        if group == "white":
            spread = [WHITE_WRONG * residents.get(code, 0) / others for code in GROUPS[1:]]
            rows.append((1 - sum(spread), *spread))
        else:
            rows.append(tuple(OTHERS_WRONG * (to == "white") + (1 - OTHERS_WRONG) * (to == group) for to in GROUPS))
    return tuple(rows)


def scaled(matrix: Sequence[Sequence[float]]) -> Matrix | None:
    """The matrix with each row adding up to 1; None where a row has nothing, or something below nought."""
    rows = [tuple(max(float(part or 0), 0.0) for part in row) for row in matrix]
    if any(sum(row) <= 0 for row in rows) or any(float(part or 0) < 0 for row in matrix for part in row):
        return None
    return tuple(tuple(part / sum(row) for part in row) for row in rows)


def age_factors(bands: pl.DataFrame, youngest: float, oldest: float) -> tuple[float, float] | None:
    """How much lower and higher than Scotland's a group's crude rate may be by its ages alone.

    bands: `age_band`, `likely` (people tested), `population`, of Scotland. youngest, oldest: bounds of the mean age of
    the group. None where the ages of people tested are not known.
    """
    middle = pl.col("age_band").str.extract(r"^(\d+)-").cast(pl.Float64) + 2.5
    frame = bands.select(age=middle.fill_null(LAST_MIDDLE), population="population", events="likely")
    low, high = min(youngest, oldest), max(youngest, oldest)
    found = rate_at_mean_ages(frame, np.linspace(low, high, TRIED).tolist())["value"].drop_nulls()
    return (found.min(), found.max()) if len(found) else None  # type: ignore[return-value]


def of_group(factors: tuple[float, float], share: float) -> tuple[float, float]:
    """The factors of a group: of more than half of residents, whatever those of everybody else leave to it."""
    if share <= 0.5:
        return factors
    ends = sorted((1 - (1 - share) * factor) / share for factor in factors)
    return ends[0], ends[1]


def representation(
    counts: pl.DataFrame,
    residents: Mapping[str, int],
    *,
    reach: int,
    factor: float,
    matrix: Matrix,
    ages: tuple[float, float] | None,
    recorded: float | None,
    needed: float,
    effect: float = 1.0,
) -> pl.DataFrame:
    """A row a census category, in census order, with its ratio and everything that could change it.

    counts: `code`, `state`, least, likely, most of the categories and of the four ways of not knowing. reach: how far
    rounding may have moved a count. factor: how many times more or less often than among residents a group may be among
    people without a recorded one. recorded, needed: the share of people with a recorded group, and the least that lets
    a gap be shown. effect: how many people tested tell as much as one alone, since relatives are tested together.
    Returns `code`, `state`, `count`, `share_tested`, `share_residents`, value, lower, upper (ratio and limits of
    chance), lowest, highest (all of the unknown outside, or inside), likely_lowest, likely_highest (like residents
    within the factor), corrected, corrected_lower, corrected_upper, tipping (share of the unknown that would overturn
    it), tipping_people, age_lowest, age_highest and `verdict`; null where hidden or withheld.
    """
    rows = pl.DataFrame({"code": list(GROUPS)}).join(counts, on="code", how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.col("state").fill_null("confidential"),
        *(pl.col(name).fill_null(0.0) for name in ("least", "likely", "most")),
    )
    everybody = sum(residents.get(code, 0) for code in GROUPS)
    lived = pl.Series([float(residents.get(code, 0)) for code in GROUPS])
    unknown = counts.filter(pl.col("code").is_in(UNKNOWN))
    missing, missing_most = float(unknown["likely"].sum()), float(unknown["most"].sum())
    rows = rows.with_columns(residents=lived, share_residents=lived / max(everybody, 1)).with_columns(
        known=pl.col("likely").sum(),
        # With the group's own count in its place, which is known to within its rounding.
        known_least=pl.col("least").sum() - pl.col("least") + pl.col("likely"),
        known_most=pl.col("most").sum() - pl.col("most") + pl.col("likely"),
        fewest=(pl.col("likely") - reach).clip(lower_bound=0),
        many=pl.col("likely") + reach,
    )
    placed = tightened_limits(
        pl.col("share_residents") / factor, (pl.col("share_residents") * factor).clip(upper_bound=1)
    )
    rows = rows.with_columns(placed.struct.field("least").alias("from_"), placed.struct.field("most").alias("to_"))
    lived_share, missing_, most_ = pl.col("share_residents"), pl.lit(missing), pl.lit(missing_most)

    def ratio(count: str, known: str, name: str) -> pl.Expr:
        total = pl.max_horizontal(known, count)
        answer = representation_ratio(
            pl.col(count), total, pl.col("residents"), pl.lit(everybody), design_effect=effect
        )
        return answer.struct.field(name)

    def band(count: str, known: str, name: str, least: pl.Expr | float = 0.0, most: pl.Expr | float = 1.0) -> pl.Expr:
        total = pl.max_horizontal(known, count)
        return share_band(pl.col(count), total, most_, least, most).struct.field(name) / lived_share

    tipping = share_tipping_point(pl.col("likely"), pl.col("known"), missing_, lived_share)
    found = rows.with_columns(
        share_tested=pl.col("likely") / pl.col("known"),
        value=ratio("likely", "known", "value"),
        lower=ratio("fewest", "known_most", "lower"),
        upper=ratio("many", "known_least", "upper"),
        lowest=band("fewest", "known_most", "lowest"),
        highest=band("many", "known_least", "highest"),
        likely_lowest=band("fewest", "known_most", "lowest", pl.col("from_"), pl.col("to_")),
        likely_highest=band("many", "known_least", "highest", pl.col("from_"), pl.col("to_")),
        tipping=tipping.struct.field("value"),
        tipping_people=tipping.struct.field("placed"),
    )
    found = found.join(_corrected(rows, matrix), on="code", how="left", maintain_order="left")
    found = found.with_columns(_at_ages(found, ages))
    return _judged(found, recorded, needed)


def _corrected(rows: pl.DataFrame, matrix: Matrix) -> pl.DataFrame:
    """The ratio of each group were people recorded wrongly as the matrix says: null where it cannot have been so."""
    errors = [(group, to, matrix[i][j]) for i, group in enumerate(GROUPS) for j, to in enumerate(GROUPS)]
    table = pl.DataFrame(errors, schema=["group", "recorded", "probability"], orient="row")
    counted = rows.select(pl.col("code").alias("group"), pl.col("likely").alias("count"))
    numbers = {"value": "corrected", "lower": "corrected_lower", "upper": "corrected_upper"}
    try:
        answers = corrected_shares(counted, table)
    except ValueError:  # Groups that the matrix does not tell apart.
        return rows.select("code", *(pl.lit(None, pl.Float64).alias(name) for name in numbers.values()))
    shares = rows.select("code", "share_residents").join(answers, left_on="code", right_on="group", how="left")
    return shares.select(
        "code", *((pl.col(name) / pl.col("share_residents")).alias(new) for name, new in numbers.items())
    )


def _at_ages(rows: pl.DataFrame, ages: tuple[float, float] | None) -> list[pl.Series]:
    """The ratio at the ages that lower and raise it most; null where ages are not known."""
    ends = [of_group(ages, share) if ages else (None, None) for share in rows["share_residents"]]
    pairs = [
        (value / high, value / low) if low and high and value is not None else (None, None)
        for value, (low, high) in zip(rows["value"], ends, strict=True)
    ]
    factors = {"age_low": 0, "age_high": 1}
    found = [pl.Series(name, [end[place] for end in ends], dtype=pl.Float64) for name, place in factors.items()]
    names = ("age_lowest", "age_highest")
    return found + [pl.Series(name, [pair[i] for pair in pairs], dtype=pl.Float64) for i, name in enumerate(names)]


def _judged(rows: pl.DataFrame, recorded: float | None, needed: float) -> pl.DataFrame:
    """The rows with their verdicts; nothing but the verdict where a row is hidden or withheld."""
    said = []
    for row in rows.to_dicts():
        known = None not in (row["lowest"], row["highest"], row["age_low"], row["age_high"])
        evidence = Evidence(
            is_shown=row["state"] == "shown",
            lower=row["lower"],
            upper=row["upper"],
            lowest=row["lowest"],
            highest=row["highest"],
            no_gap=1.0,
            recorded=recorded,
            needed=needed,
            at_other_ages=(row["lowest"] / row["age_high"], row["highest"] / row["age_low"]) if known else None,
        )
        said.append(verdict(evidence))
    numbers = (
        *("share_tested", "value", "lower", "upper", "lowest", "highest", "likely_lowest", "likely_highest"),
        *("corrected", "corrected_lower", "corrected_upper", "tipping", "tipping_people", "age_lowest", "age_highest"),
    )
    judged = rows.with_columns(pl.Series("verdict", said, dtype=pl.String))
    told = ~pl.col("verdict").is_in(["withheld", "hidden"])
    shown = pl.col("state") == "shown"
    return judged.select(
        "code", "state", pl.when(shown).then(pl.col("likely")).alias("count"), "share_residents",
        *(pl.when(told).then(pl.col(name)).alias(name) for name in numbers), "verdict",
    )  # fmt: skip


def bands_of_ages(national: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """People tested and residents of Scotland by age, for `age_factors`: both sexes together."""
    people = national.group_by("age_band", maintain_order=True).agg(pl.col("likely").sum())
    lived = residents.group_by("age_band").agg(pl.col("population").sum())
    return people.join(lived, on="age_band", how="inner", maintain_order="left")


def crossed(cells: pl.DataFrame, residents: pl.DataFrame, reach: int, by: str) -> pl.DataFrame:
    """Representation of each census category within each value of another dimension.

    cells: `ethnic_category`, `by`, `state`, `value`, least, likely, most. residents: the two and `population`. The
    share of people tested with a recorded group who are of both, over the same share of residents.
    Returns the two, `state`, `people`, `expected` (people, were they made up as residents are) and value, lower, upper.
    """
    known = cells.filter(pl.col(ETHNIC).is_in(GROUPS)).filter(pl.col(by) != "not_recorded")
    everybody, lived = known["likely"].sum(), residents["population"].sum()
    rows = known.join(residents, on=[ETHNIC, by], how="inner", maintain_order="left")
    shown = pl.col("state") == "shown"
    total = pl.lit(float(everybody))

    def ratio(moved: int, name: str) -> pl.Expr:
        count = pl.when(shown).then((pl.col("value") + moved).clip(0, everybody))
        return representation_ratio(count, total, pl.col("population"), pl.lit(float(lived))).struct.field(name)

    return rows.select(
        ETHNIC, by, "state", pl.when(shown).then("value").alias("people"),
        expected=pl.col("population") / lived * everybody,
        value=ratio(0, "value"), lower=ratio(-reach, "lower"), upper=ratio(reach, "upper"),
    )  # fmt: skip
