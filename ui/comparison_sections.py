"""The sections of the page Fair comparison: shares allowing for the mix of tests, and as they are, between limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from ui import comparison, funnel_charts, words
from ui.comparison import Funnel
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year, of_scotland
from ui.made_once import made_once
from ui.section import Section
from ui.turnaround_measures import WITHIN

#: What may be compared; the labels stand in the page's address, so they are never renamed.
COMPARED = {
    "Requesting boards": "requesting_board",
    "Boards of residence": "residence_board",
    "Laboratories": "performing_lab",
}
WIDTH = 260

ADJUSTED_FOR = (
    "**Allowed for:** the mix of turnaround category, technology and month. Each place is set against what Scotland as "
    "a whole did with the same kinds of tests due in the same months. **Not allowed for:** how ill people were or how "
    "urgent within a category, the quality of samples and of request forms, distance and transport, forwarding between "
    "laboratories, staffing. For boards the laboratory is not allowed for either: a board's share is largely that of "
    "the laboratory that serves it. A difference is a question to ask, not an answer."
)
LIMITS = (
    "Limits say how far chance and usual variation leave a place of its size from Scotland: 95% limits, beyond "
    "which one place in 20 falls by chance, and 99.8% limits, beyond which two in 1,000 do. They are widened where "
    "places differ more than chance allows (overdispersion). Whether a place lies beyond them is judged for every "
    "count that rounding to 5 could stand for."
)
FEW = "Usual variation between so few laboratories is known only roughly."
#: What is said of a place by the limits that chance alone gives, without usual variation.
BY_CHANCE = {"low_far": "Lower", "high_far": "Higher"}
ORDER = "The order is that of the list and says nothing of rank."


@dataclass(frozen=True)
class Compared:
    """The places of a dimension in the newest 12 months: crude and adjusted, and the figure that the shares are of."""

    dimension: str
    figure: Figure
    table: pl.DataFrame
    crude: Funnel
    adjusted: Funnel


def choose() -> str:
    """Draws the choice of what is compared and gives its dimension."""
    with st.container(border=True, key="filters"):
        chosen = st.selectbox("Compare", list(COMPARED), key="compare", bind="query-params", width=WIDTH)
    return COMPARED.get(chosen or "", "requesting_board")


@made_once(60)
def _compared(key: str, dimension: str, _snapshot: Snapshot) -> Compared | None:  # noqa: ARG001 - key: the release
    return _compare(_snapshot, dimension)


def compared(snapshot: Snapshot, dimension: str) -> Compared | None:
    """The comparison of a dimension, made once for a release; None where the release holds too little for one."""
    return _compared(snapshot.key, dimension, snapshot)


def _compare(snapshot: Snapshot, dimension: str) -> Compared | None:
    built, start = snapshot.built_table("adjusted"), latest_year(snapshot, WITHIN, None)
    figure = ask(snapshot, Query(WITHIN, "year", (), dimension, start, None, newest_only=True))
    whole = ask(snapshot, Query(WITHIN, "year", (), None, start, None, newest_only=True))
    if built is None or figure is None or whole is None or figure.state != "shown" or whole.state != "shown":
        return None
    average = whole.cells["value"][0]
    counted = sorted(of_scotland(dimension) or ())
    table = built.filter(pl.col("code").is_in(counted), dimension=dimension, period_start=start)
    order = {code: place for place, code in enumerate(snapshot.facts.labels.get(dimension, {}))}
    table = table.sort(pl.col("code").replace_strict(order, default=len(order), return_dtype=pl.Int64))
    shown = table.filter(state="shown")
    if shown.height < 2 or not 0 < average < 1:
        return None
    reach = snapshot.release.rounded_to - 1
    crude, adjusted = comparison.crude(shown, average, reach), comparison.adjusted(shown, average, reach)
    return Compared(dimension, figure, table, crude, adjusted)


def allowing_for_mix(snapshot: Snapshot, dimension: str) -> Section:
    """The funnel that allows for the mix of tests, with the whole table beside it."""
    found = compared(snapshot, dimension)
    if found is None:
        return _nothing(snapshot, dimension)
    plural, labels = dimensions()[dimension].plural, snapshot.facts.labels.get(dimension, {})
    low, high = (comparison.outside(found.adjusted, labels, side) for side in ("low", "high"))
    total = found.adjusted.places.height
    some = plural if total == found.table.height else f"{plural} shown"
    if low:
        title = words.so_many(len(low), total, some).removesuffix(" are").removesuffix(" is")
        title += f" {'is' if len(low) == 1 else 'are'} lower than expected for the mix of tests"
    else:
        title = f"None of the {total} {some} is lower than expected for the mix of tests"
    sentences = [f"{comparison.READS['low_far'].format(mix=comparison.MIX)}: {words.joined(low)}." if low else ""]
    if high:
        sentences.append(f"{comparison.READS['high_far'].format(mix=comparison.MIX)}: {words.joined(high)}.")
    if not low and not high:
        sentences.append("Every difference is within what chance and usual variation explain.")
    if alone := found.adjusted.places.filter(
        pl.col("by_chance").is_in(list(BY_CHANCE)), ~pl.col("verdict").is_in(list(BY_CHANCE))
    ).height:
        sentences.append(f"Chance alone would not explain {alone} of them: places differ, but not unusually much.")
    due = f"{found.adjusted.average:.1%} of requests due in the {words.span(found.figure)}"
    sentences.append(f"Scotland: {due} were reported within standard.")
    if hidden := found.table.height - total:
        sentences.append(f"{hidden} hidden {words.HIDDEN}.")
    summary = " ".join(filter(None, sentences))
    chart = funnel_charts.funnel(
        found.adjusted,
        labels,
        _reads(found.adjusted, by_mix=True),
        axes=("Requests due, weighed by their mix", "In time, allowing for the mix"),
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )
    notes = [
        _key_to_reads(found.adjusted),
        LIMITS,
        _spread(found.adjusted),
        ORDER,
        *([FEW] if dimension == "performing_lab" else []),
    ]
    return Section(
        "adjusted", title, summary, _subtitle(found, "Share in time, allowing for the mix of tests"), chart,
        (found.figure,), tuple(filter(None, notes)), labels, dimensions()[dimension].label, side_by_side(found, labels),
        folds=True,
    )  # fmt: skip


def as_they_are(snapshot: Snapshot, dimension: str) -> Section:
    """The funnel of the shares as they are."""
    found = compared(snapshot, dimension)
    if found is None:
        return Section("crude", "Shares as they are: nothing to compare", "See above.")
    labels = snapshot.facts.labels.get(dimension, {})
    verdicts = found.crude.places.join(
        found.adjusted.places.select("code", allowing="verdict"), on="code", maintain_order="left"
    )
    changed = verdicts.filter(pl.col("verdict").ne_missing(pl.col("allowing")))
    names = words.joined([labels.get(code, code) for code in changed["code"]])
    plural = dimensions()[dimension].plural
    title = f"The mix of tests changes what is read of {changed.height or 'none'} of the {verdicts.height} {plural}"
    summary = (
        f"Read differently once the mix is allowed for: {names}." if names else "Both read the same of every place."
    )
    chart = funnel_charts.funnel(
        found.crude,
        labels,
        _reads(found.crude, by_mix=False),
        axes=("Requests due", "Reported within standard"),
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )
    return Section(
        "crude", title, summary, _subtitle(found, "Share in time, as it is"), chart, (found.figure,),
        ("Limits as above, around the same average.", ORDER), labels, dimensions()[dimension].label,
    )  # fmt: skip


def side_by_side(found: Compared, labels: Mapping[str, str]) -> pl.DataFrame:
    """A row a place in the order of the list: crude beside adjusted, the limits, and what is read."""
    crude = {row["code"]: row for row in found.crude.places.to_dicts()}
    adjusted = {row["code"]: row for row in found.adjusted.places.to_dicts()}
    rows = []
    for place in found.table.to_dicts():
        code = place["code"]
        raw, fair = crude.get(code), adjusted.get(code)
        if raw is None or fair is None or fair["value"] is None:
            mark = words.HIDDEN if raw is None else words.NOT_AVAILABLE
            rows.append([labels.get(code, code), *[mark] * 6])
            continue
        rows.append(
            [
                labels.get(code, code),
                comparison.SHORT[fair["verdict"]],
                words.percent(raw["value"]),
                words.percent(fair["value"]),
                f"{100 * fair['near_low']:.0f}% to {100 * fair['near_high']:.0f}%",
                BY_CHANCE.get(fair["by_chance"], "No"),
                words.number(raw["requests"]),
            ]
        )
    heading = dimensions()[found.dimension].label
    columns = [heading, "Reads", "In time, as it is", "Allowing for the mix", "95% limits"]
    columns += ["Beyond chance alone", "Requests due"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _key_to_reads(funnel: Funnel) -> str:
    """What the short words of the table stand for, those that stand in it."""
    used = [verdict for verdict in comparison.READS if verdict in funnel.places["verdict"]]
    return " ".join(
        f"{comparison.SHORT[verdict]}: {words.lower_first(comparison.reads(verdict, True))}." for verdict in used
    )


def _spread(funnel: Funnel) -> str:
    """How much more places vary than by chance, in a sentence; empty where they do not."""
    if funnel.phi is None or funnel.phi < 1:
        return ""
    return f"Their spread is {funnel.phi**0.5:.1f} times as wide as chance alone would make it."


def _reads(funnel: Funnel, by_mix: bool) -> dict[str, str]:
    return {row["code"]: comparison.reads(row["verdict"], by_mix) for row in funnel.places.to_dicts()}


def _subtitle(found: Compared, what: str) -> str:
    text = words.span(found.figure)
    return f"{what}, by {dimensions()[found.dimension].inline}. {text[:1].upper()}{text[1:]}, by due date"


def _nothing(snapshot: Snapshot, dimension: str) -> Section:
    """Why there is no comparison."""
    figure = ask(snapshot, Query(WITHIN, "year", (), dimension, latest_year(snapshot, WITHIN, None), newest_only=True))
    title = "Fair comparison"
    nothing = words.nothing_to_show(figure, title)
    reason = (
        f"{title}: too little to compare",
        "The release shows fewer than two places of this kind, or was made before comparisons were.",
    )
    return Section("adjusted", *(nothing or reason))


#: The sections in the order of the page.
SECTIONS: dict[str, Callable[[Snapshot, str], Section]] = {"adjusted": allowing_for_mix, "crude": as_they_are}
