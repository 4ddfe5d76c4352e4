"""The numbers of the page Diversity of what is known: who stands in deposits and research, against people tested.

Groups are recorded ethnic groups. Shares are taken over the groups that are shown in everything compared, so that a
group whose number is hidden is left out everywhere. What people of unknown group could change is worked for deposits
or consents and for people tested apart, so the band is never narrower than the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from catalogue.dimensions import dimensions
from methods.diversity import diversity_indices
from methods.representation import representation_ratio
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year
from ui.gap_verdict import Evidence, Verdict, verdict
from ui.group_gaps import ETHNIC, SCOTLAND
from ui.group_gaps_download import figure_of

TESTED = "people_tested"
DEPOSITED = "variants_deposited"
CONSENTED = "research_consented"
RESOLVED = "uncertain_results_resolved"

#: What is compared with people tested: the measure whose numerator is counted, and what it is in a sentence.
SAMPLES = {DEPOSITED: "variants deposited", CONSENTED: "consents to research"}
#: Measures of diversity that are shown: the chance that two differ, and how many groups of equal size would do so.
MEASURES = ("simpson_unbiased", "inverse_simpson")


@dataclass(frozen=True)
class Counted:
    """A number by recorded ethnic group: `code`, `count` (null where hidden), and the figure that it is from.

    unknown: how many are of no known group; where a count of them is hidden, all who are not shown in a group, raised
    by as much as a step of rounding; null where that cannot be told either.
    """

    counts: pl.DataFrame
    figure: Figure
    unknown: int | None = 0


def counted(snapshot: Snapshot, measure: str) -> Counted | None:
    """What a measure counts in the newest 12 months of Scotland, by recorded ethnic group; None without figures."""
    start = latest_year(snapshot, measure, None)
    figure = figure_of(snapshot, measure, ETHNIC, SCOTLAND, start)
    if figure is None or figure.state != "shown":
        return None
    whole = ask(snapshot, Query(measure, "year", start=start, newest_only=True))
    everybody = whole.cells["numerator"][0] if whole is not None and whole.cells.height else None
    counts = figure.cells.select("code", count=pl.when(pl.col("state") == "shown").then("numerator"))
    return Counted(counts, figure, unknown_of(counts, everybody, snapshot.release.rounded_to))


def unknown_of(counts: pl.DataFrame, everybody: int | None, rounded_to: int) -> int | None:
    """How many are of unknown group. counts: `code`, `count`. everybody: null where hidden."""
    is_unknown = pl.col("code").is_in(unknown_codes())
    own, known = counts.filter(is_unknown)["count"], counts.filter(~is_unknown)["count"]
    if own.len() and not own.null_count():
        return int(own.sum())
    return None if everybody is None else max(everybody - int(known.sum() or 0), 0) + rounded_to


def unknown_codes() -> tuple[str, ...]:
    """Values of recorded ethnic group that are no group."""
    return tuple(dimensions()[ETHNIC].unknown)


def common(samples: Mapping[str, Counted]) -> list[str]:
    """The groups that are shown in every one of the samples, in the order of the list."""
    first = next(iter(samples.values())).counts
    order = [code for code in first["code"] if code not in unknown_codes()]
    shown = [set(one.counts.filter(pl.col("count").is_not_null())["code"]) for one in samples.values()]
    return [code for code in order if all(code in codes for codes in shown)]


def representation(sample: Counted, tested: Counted, recorded: float | None, needed: float) -> pl.DataFrame:
    """Each group's share of a sample over its share of people tested: `code`, `count`, `tested`, `share`,
    `share_tested`, `value`, `lower`, `upper`, `lowest`, `highest` and `verdict`; numbers null where one is hidden.

    recorded: the share of people with a recorded ethnic group, null where it is hidden. needed: the least for gaps.
    """
    groups = common({"sample": sample, "tested": tested})
    both = sample.counts.join(tested.counts.rename({"count": "tested"}), on="code", maintain_order="left")
    known = both.filter(~pl.col("code").is_in(unknown_codes()))
    known = known.with_columns(pl.when(pl.col("code").is_in(groups)).then(pl.col("count", "tested")))
    known = known.with_columns(total=pl.col("count").sum(), total_tested=pl.col("tested").sum())
    x, total, n, of_tested = (pl.col(name) for name in ("count", "total", "tested", "total_tested"))
    lowest, highest = pl.lit(0.0), pl.lit(float("inf"))
    if sample.unknown is not None and tested.unknown is not None:
        lowest = (x / (total + sample.unknown)) / ((n + tested.unknown) / (of_tested + tested.unknown))
        highest = ((x + sample.unknown) / (total + sample.unknown)) / (n / (of_tested + tested.unknown))
    rows = known.with_columns(
        share=x / total,
        share_tested=n / of_tested,
        found=representation_ratio(x, total, n, of_tested),
        lowest=pl.when(x.is_not_null()).then(lowest),
        highest=pl.when(x.is_not_null()).then(highest),
    ).drop("total", "total_tested")
    rows = rows.with_columns(pl.col("found").struct.field(name) for name in ("value", "lower", "upper")).drop("found")
    verdicts = [
        _judged(row["lower"], row["upper"], row["lowest"], row["highest"], recorded, needed) for row in rows.to_dicts()
    ]
    return rows.with_columns(verdict=pl.Series(verdicts, dtype=pl.String))


def _judged(
    lower: float | None,
    upper: float | None,
    lowest: float | None,
    highest: float | None,
    recorded: float | None,
    needed: float,
) -> Verdict:
    """The verdict by the one rule; no gap is a ratio of 1."""
    return verdict(Evidence(lower is not None, lower, upper, lowest, highest, 1.0, recorded or 0.0, needed))


def diversity(samples: Mapping[str, Counted]) -> pl.DataFrame:
    """How mixed each sample is over the groups that all of them show: `sample`, `measure`, `total`, `richness`,
    `value`, `lower`, `upper`."""
    groups = common(samples)
    counts = pl.concat(
        one.counts.filter(pl.col("code").is_in(groups)).select(pl.lit(name).alias("sample"), "count")
        for name, one in samples.items()
    )
    found = diversity_indices(counts, ["sample"]).filter(pl.col("measure").is_in(MEASURES))
    order = {name: place for place, name in enumerate(samples)}
    return found.select("sample", "measure", "total", "richness", "value", "lower", "upper").sort(
        pl.col("sample").replace_strict(order, return_dtype=pl.Int64), "measure", maintain_order=True
    )
