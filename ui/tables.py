"""The table that stands beside each chart: the same cells as text, with shorthand where a figure is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions, strata_names, units
from catalogue.indicators import STATUS, Indicator
from catalogue.reference import labels
from ui import words
from ui.data import Snapshot
from ui.figure import Figure

#: The most rows of a table on the page; the download has all of them.
MOST_ROWS = 400


def table(figure: Figure, labels: Mapping[str, str], column: str = "") -> pl.DataFrame:
    """Rows of text, newest period first: period, group, value(s), interval, counts, status.

    labels: code to name of the dimension side by side; column: its heading.
    """
    kind = figure.entry.kind
    if kind == "time_to_event":
        return _percentiles(figure, labels, column)
    rows = []
    for row in _newest_first(figure.cells).to_dicts():
        cells = _start(figure, row, labels, column)
        if kind == "count":
            cells[_counted(figure)] = words.amount(row)
        else:
            heading = "Past due" if kind == "snapshot" else "Growth" if row["statistic"] == "growth" else "Share"
            cells[heading] = words.amount(row)
            cells["95% interval"] = _interval(row)
            cells["Number"] = _count(row, "numerator")
            cells["Out of"] = _count(row, "denominator")
        cells["Status"] = words.PERIOD_STATUS.get(row["period_status"], row["period_status"])
        rows.append(cells)
    return pl.DataFrame(rows)


def _percentiles(figure: Figure, labels: Mapping[str, str], column: str) -> pl.DataFrame:
    found: dict[tuple[object, object], dict[str, str]] = {}
    for row in _newest_first(figure.cells).to_dicts():
        cells = found.setdefault((row["period_start"], row["code"]), _start(figure, row, labels, column))
        cells[words.STATISTIC[row["statistic"]]] = words.amount(row)
        if row["statistic"] == "median":
            cells["Median, 95% interval"] = _interval(row)
            cells[_counted(figure)] = _count(row, "denominator")
            cells["Status"] = words.PERIOD_STATUS.get(row["period_status"], row["period_status"])
    order = ["Median", "Median, 95% interval", "90th percentile", "95th percentile", _counted(figure), "Status"]
    frame = pl.DataFrame(list(found.values()))
    return frame.select(
        [name for name in frame.columns if name not in order] + [name for name in order if name in frame.columns]
    )


def _counted(figure: Figure) -> str:
    """What a figure counts, as a heading: requests, people, stages of requests."""
    return units()[figure.entry.unit].plural.capitalize()


def _newest_first(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.sort("period_start", descending=True, maintain_order=True).head(MOST_ROWS)


def named_by(figure: Figure) -> int:
    """How many of the first columns of a figure's table name a row: its period, and its group where there are some."""
    return 2 if figure.query.spread else 1


def _start(figure: Figure, row: Mapping[str, object], labels: Mapping[str, str], column: str) -> dict[str, str]:
    cells = {"Period": words.period(figure.query.grain, row["period_start"], row["period_end"])}  # type: ignore[arg-type]
    if figure.query.spread:
        code = str(row["code"])
        cells[column or "Group"] = labels.get(code, code)
    return cells


def _interval(row: Mapping[str, object]) -> str:
    lower, upper = row["lower"], row["upper"]
    if row["state"] != "shown":
        return words.MARK.get(str(row["state"]), words.NOT_AVAILABLE)
    if not isinstance(lower, float) or not isinstance(upper, float):
        return words.NOT_AVAILABLE
    if row["statistic"] == "share":
        return f"{100 * lower:.1f}% to {100 * upper:.1f}%"
    return f"{lower:,.0f} to {upper:,.0f}"


def _count(row: Mapping[str, object], name: str) -> str:
    if row["state"] == "confidential":
        return words.HIDDEN
    value = row[name]
    return words.number(value) if isinstance(value, int) else words.NOT_AVAILABLE


def definition(snapshot: Snapshot, entry: Indicator) -> dict[str, str]:
    """An entry in words: what is told, and what it says; what it does not say is left out."""
    quality = snapshot.facts.quality.get(entry.id)
    named = dict.fromkeys(dimensions()[name].inline for cube in entry.cubes for name in cube)
    rows = {
        "Question": entry.question,
        "Counted": entry.numerator,
        "Out of": entry.denominator,
        "What is counted": units()[entry.unit].plural,
        "Direction of good": {
            "higher": "Higher is better",
            "lower": "Lower is better",
            "context": "Context, neither good nor bad",
        }[entry.better],
        "Target": target(snapshot, entry),
        "Status": STATUS[entry.status],
        "Aims of the strategy": "; ".join(f"{aim} {labels('aims')[str(aim)]}" for aim in entry.aims),
        "RE-AIM dimension": entry.re_aim.capitalize(),
        "Shown by": words.joined(list(named)),
        "Groups are compared within like": words.joined([strata_names()[name] for name in entry.compared_within]),
        "Interval": {"wilson": "95%, Wilson score", "log_log": "95%, log-log limits of Kaplan-Meier", "none": "None"}[
            entry.interval
        ],
        "Left out": _run_in(entry.run_in_months),
        "Awaits": entry.awaits or "",
        "Keep in mind": " ".join(f"{caveat.rstrip('.')}." for caveat in entry.caveats),
        "Source": entry.source,
        "Data quality": ". ".join(filter(None, [words.quality(quality), words.rows_behind(quality)])),
        "Owner and review": f"{entry.owner}, reviewed {words.long_date(entry.reviewed)}",
        "Name in files": f"`{entry.id}`",
    }
    return {name: text for name, text in rows.items() if text}


def _run_in(months: int) -> str:
    """The months at the start of the record that are not shown."""
    if not months:
        return ""
    return (
        f"The first {months} months of the record, in which the measure is not whole yet"
        if months > 1
        else ("The first month of the record, in which the measure is not whole yet")
    )


def target(snapshot: Snapshot, entry: Indicator) -> str:
    """The target of an entry with its source; empty where it has none."""
    if entry.target is None:
        return ""
    label, url = snapshot.facts.sources.get(entry.target.source, (entry.target.source, ""))
    unit = "%" if entry.target.unit == "percent" else " days"
    return f"{entry.target.value:g}{unit} ([{label}]({url}))" if url else f"{entry.target.value:g}{unit} ({label})"


def standards(snapshot: Snapshot) -> pl.DataFrame:
    """Turnaround standards as text, in the order of the categories."""
    rows = snapshot.facts.standards.to_dicts()
    order = list(snapshot.facts.labels.get("turnaround_category", {}))
    rows.sort(
        key=lambda row: (
            order.index(row["turnaround_category"]) if row["turnaround_category"] in order else 99,
            row["valid_from"],
        )
    )
    return pl.DataFrame([_standard(snapshot, row) for row in rows])


def _standard(snapshot: Snapshot, row: Mapping[str, Any]) -> dict[str, str]:
    ends = f" to {words.short_month(row['valid_to'])}" if row["valid_to"] else ""
    label, _ = snapshot.facts.sources.get(row["source_code"], (row["source_code"], ""))
    start = words.CLOCK.get(row["clock_start_event"], row["clock_start_event"])
    aim = f"{row['target_share_pct']:g}%" if row["target_share_pct"] is not None else "no share written down"
    assumed = "" if row["validity_basis"] == "stated" else " (date assumed)"
    whose = "Scotland" if row["jurisdiction"] == "Scotland" else f"{row['jurisdiction']} (comparator)"
    return {
        "Category": snapshot.label("turnaround_category", row["turnaround_category"]),
        "Standard": f"{row['target_days']} {row['day_type']} days from {start}; {aim}",
        "Where from": f"{whose}: {label}. {row['note'] or ''}".strip(),
        "In force": f"From {words.short_month(row['valid_from'])}{ends}{assumed}",
    }
