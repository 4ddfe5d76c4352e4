"""The sections of the page Waits and answers: gaps like for like, shares as they are, what the unknown could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions, strata_names
from catalogue.indicators import Indicator
from ui import charts, group_gap_charts, recording_sections, words
from ui import group_gap_words as said
from ui.data import Snapshot
from ui.figure import Figure
from ui.gap_verdict import SHORT
from ui.group_gaps import ETHNIC, SUPPOSED, Gaps, all_gaps
from ui.group_gaps_download import figure_of
from ui.made_once import made_once
from ui.measures_table import interval
from ui.recording_sections import Recording
from ui.section import Section
from ui.waits_answers_filters import Choice

#: What leads the name of a group where it would not be understood alone.
LEAD = {"interpreter_needed": "Interpreter: {}", "simd_quintile": "Quintile {}", "age_group": "Age: {}"}

#: Columns of the table of gaps.
GAP_HEADINGS = (
    "Group", "Reads", "Like for like, points (95% limits)", "As it is, points", "Could be compared", "Called different",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """What a choice shows: its measure, its figure of shares, its gaps in the order of the list, and the recording."""

    snapshot: Snapshot
    choice: Choice
    entry: Indicator
    figure: Figure | None
    rows: tuple[dict[str, Any], ...]
    comparisons: int
    recording: Recording | None

    @property
    def labels(self) -> dict[str, str]:
        """Code to name of each group."""
        return dict(self.snapshot.facts.labels.get(self.choice.dimension, {}))

    @property
    def names(self) -> dict[str, str]:
        """Code to name of each group as a chart and a table have it: what is no group says so."""
        dimension = self.choice.dimension
        unknown, lead = dimensions()[dimension].unknown, LEAD.get(dimension, "{}")
        return {
            code: f"{name} (no group)" if code in unknown else lead.format(name) for code, name in self.labels.items()
        }

    @property
    def known(self) -> list[dict[str, Any]]:
        """The gaps of groups, without people of unknown group."""
        return [row for row in self.rows if row["is_known"]]

    @property
    def other(self) -> str:
        """The group compared with, in the middle of a sentence."""
        dimension = self.choice.dimension
        return said.people(dimension, dimensions()[dimension].compared_with or "", self.snapshot.facts.labels)

    @property
    def is_withheld(self) -> bool:
        """Whether too few people have a recorded ethnic group for anything to be said of groups."""
        return self.recording is not None and not self.recording.may


def view(snapshot: Snapshot, gaps: Gaps, choice: Choice) -> View:
    """Everything that the sections of a choice are made of."""
    entry = snapshot.facts.indicators[choice.measure]
    own = gaps.rows.filter(measure=choice.measure, dimension=choice.dimension, area=choice.area)
    order = list(snapshot.facts.labels.get(choice.dimension, {}))
    rows = sorted(own.to_dicts(), key=lambda row: order.index(row["code"]) if row["code"] in order else len(order))
    start = rows[0]["period_start"] if rows else None
    figure = figure_of(snapshot, choice.measure, choice.dimension, choice.area, start)
    place = said.area(choice.area, snapshot.facts.labels)
    is_ethnic = choice.dimension == ETHNIC
    recording = recording_sections.recording(snapshot, choice.fixed, place) if is_ethnic else None
    tested = gaps.rows.filter(pl.col("state") == "shown").height
    return View(snapshot, choice, entry, figure, tuple(rows), tested, recording)


@made_once(300)
def _built(key: str, choice: Choice, _snapshot: Snapshot) -> list[Section]:  # noqa: ARG001 - key: the release
    gaps = all_gaps(_snapshot)
    return _sections(view(_snapshot, gaps, choice)) if gaps is not None else []


def sections(shown: View) -> list[Section]:
    """The sections in the order of the page, made once for a release and a choice; without the one on wrong recording,
    which has inputs."""
    return _built(shown.snapshot.key, shown.choice, shown.snapshot)


def _sections(shown: View) -> list[Section]:
    place = said.area(shown.choice.area, shown.snapshot.facts.labels)
    first = [recording_sections.section(shown.snapshot, shown.choice.fixed, place)] if shown.recording else []
    if shown.is_withheld:
        return [*first, withheld(shown)]
    return [*first, gap(shown), shares(shown), unknown(shown)]


def withheld(shown: View) -> Section:
    """That no gap is shown, why, and what would be needed."""
    assert shown.recording is not None
    summary = f"{shown.recording.why}. {shown.recording.needed}".strip()
    return Section(
        "gap",
        f"{said.short_title(shown.entry)}: gaps between ethnic groups are withheld here",
        f"{summary} Other ways to compare people, and all of Scotland, are in the choices above.",
    )


def gap(shown: View) -> Section:
    """The gaps like for like, as they are beside them, and what each lets one say."""
    if not shown.rows or shown.figure is None:
        return Section(
            "gap", f"{said.short_title(shown.entry)}: no gaps in this release", words.NONE_WITHIN["year"] + "."
        )
    labels = shown.snapshot.facts.labels
    title = said.title(shown.known, shown.entry, shown.choice.dimension, labels)
    seen = [row for row in shown.known if row["verdict"] in said.SEEN]
    sentences = [said.finding(row, shown.entry, labels, shown.comparisons) for row in seen]
    sentences.append(_evens(shown.known))
    summary = " ".join(filter(None, (*sentences, said.rest(shown.known))))
    is_result = shown.entry.id in said.RESULTS
    chart = None
    if any(row["state"] == "shown" for row in shown.rows):
        chart = group_gap_charts.gaps(
            shown.rows, shown.names, raw=not is_result,
            alt=f"{title}. {summary} Every value is in the table below the chart.",
        )  # fmt: skip
    notes = [
        f"A gap is the share of a group less that of {shown.other}; points are percentage points.",
        said.compared_within(shown.entry),
        _comparable(shown.rows),
        f"Called different: whether a gap is still told from none once all {words.number(shown.comparisons)} of the "
        "release are looked at, so that at most 1 in 20 of those called so is by chance.",
        said.key_to_verdicts(shown.rows),
        "The order is that of the list and says nothing of rank.",
    ]
    return Section(
        "gap", title, summary, _subtitle(shown, "Gap like for like"), chart, (shown.figure,),
        tuple(filter(None, notes)), shown.labels, dimensions()[shown.choice.dimension].label, gap_table(shown),
    )  # fmt: skip


def gap_table(shown: View) -> pl.DataFrame:
    """A row a gap in the order of the list."""
    lines = []
    for row in shown.rows:
        cells = [shown.names.get(row["code"], row["code"]), SHORT[row["verdict"]]]
        if row["state"] != "shown":
            mark = words.HIDDEN if row["state"] == "confidential" else words.NOT_AVAILABLE
            lines.append([*cells, *[mark] * 4])
            continue
        size = f"{said.signed(row['gap'])} ({said.signed_range(row['lower'], row['upper'])})"
        called = "Yes" if row["is_found"] else "No"
        lines.append([*cells, size, said.signed(row["raw"]), f"{row['comparable']:.0%}", called])
    return pl.DataFrame(lines, schema=dict.fromkeys(GAP_HEADINGS, pl.String), orient="row")


def shares(shown: View) -> Section:
    """The share of each group, those of unknown group among them; of results in the table only."""
    nothing = words.nothing_to_show(shown.figure, said.short_title(shown.entry))
    if nothing or shown.figure is None:
        return Section("shares", *(nothing or ("Shares of each group: none in this release", "")))
    cells = shown.figure.cells
    hidden = words.left_out(cells.to_dicts())
    labels, column = shown.names, dimensions()[shown.choice.dimension].label
    if shown.entry.id in said.RESULTS:
        return Section(
            "shares", "The shares of each group stand in the table only",
            "They follow what was tested and why, so nothing is read from them as they are. The finding is the one "
            f"like for like above.{hidden}",
            _subtitle(shown, said.short_title(shown.entry)), None, (shown.figure,), (), labels, column,
        )  # fmt: skip
    values = [row["value"] for row in cells.to_dicts() if row["state"] == "shown"]
    title = f"As they are, shares lie between {min(values):.0%} and {max(values):.0%}"
    summary = f"Nothing is allowed for here: groups are tested for different things, in different laboratories.{hidden}"
    chart = charts.side_by_side(
        cells, list(labels.items()), axis=said.short_title(shown.entry),
        say=lambda row: f"{words.amount(row)} ({interval(row)})",
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )  # fmt: skip
    notes = ("Lines are 95% intervals (Wilson). People of unknown group are no group: they may be of any.",)
    subtitle = _subtitle(shown, said.short_title(shown.entry))
    return Section("shares", title, summary, subtitle, chart, (shown.figure,), notes, labels, column)


def unknown(shown: View) -> Section:
    """What people of unknown group could make of each gap, by what is supposed of them."""
    dimension = shown.choice.dimension
    who = said.UNKNOWN[dimension]
    rows = [row for row in shown.known if row["state"] == "shown" and row["any_lowest"] is not None]
    if not rows or shown.figure is None:
        return Section(
            "unknown", f"What people {who} could change cannot be told",
            "The numbers that this needs stand for too few people to be shown.",
        )  # fmt: skip
    seen = [row for row in rows if row["verdict"] in said.SEEN]
    holds = [row for row in seen if row["verdict"] in said.SIDES]
    of_all = rows[0]["unknown_people"] / (rows[0]["unknown_people"] + _of_known(shown))
    about = f"{words.number(rows[0]['unknown_people'])} requests ({of_all:.0%}) are of people {who}."
    if shown.entry.unit == "variant":
        about = about.replace("requests", "variants")
    if not seen:
        title = f"People {who} could hide or make a gap in any of the {len(rows)} groups"
        if all(_fits(row) for row in rows):
            title = f"Even people {who} could not make a gap of {words.points(_LARGE)} in any group"
    elif len(holds) == len(seen):
        title = f"{'The gap' if len(seen) == 1 else 'Every gap'} seen stands whoever the people {who} are"
    elif len(seen) == 1:
        title = f"The gap seen could come from people {who}"
    else:
        title = f"{len(seen) - len(holds)} of the {len(seen)} gaps seen could come from people {who}"
    rest = (
        " Some of these numbers are hidden, so all who are not shown in a group are counted here."
        if rows[0]["is_rest"]
        else ""
    )
    summary = f"{about}{rest} The narrower a bar, the more is supposed; only the widest supposes nothing."
    chart = group_gap_charts.bands(
        rows, shown.names, alt=f"{title}. {summary} Every value is in the table below the chart."
    )
    notes = [
        f"{SUPPOSED['any']}: all of them in the group with or without the outcome, or none.",
        f"{SUPPOSED['mixed']}: a part of them as large as the group's part of residents at the census or of those "
        "recorded, the smaller or the larger of the two, with results all one way or all the other.",
        f"{SUPPOSED['alike']}: the same part, with the results that people of unknown group have on average.",
        "All are laid around the gap like for like and suppose that people of unknown group had the same mix of tests.",
        "Closes the gap: the smallest part of the people of unknown group that, all placed against the finding, would "
        "leave no gap.",
    ]
    return Section(
        "unknown", title, summary, _subtitle(shown, "What the gap could be"), chart, (shown.figure,), tuple(notes),
        shown.names, dimensions()[dimension].label, _unknown_table(shown, rows),
    )  # fmt: skip


#: A gap that would matter, in a title on what the unknown could do.
_LARGE = 0.05


def _fits(row: dict[str, Any]) -> bool:
    return bool(row["any_lowest"] > -_LARGE and row["any_highest"] < _LARGE)


def _unknown_table(shown: View, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    lines = [
        {
            "Group": shown.names[row["code"]],
            "Like for like, points": said.signed(row["gap"]),
            **{
                group_gap_charts.BAR_NAMES[name]: said.signed_range(row[f"{name}_lowest"], row[f"{name}_highest"])
                for name in SUPPOSED
            },
            "Closes the gap": said.share_of_unknown(row["tipping"], row["verdict"] in said.SEEN),
            "Would read": " / ".join(dict.fromkeys(SHORT[row[name]] for name in ("verdict", "if_mixed", "if_alike"))),
        }
        for row in rows
    ]
    return pl.DataFrame(lines)


def _of_known(shown: View) -> int:
    """Requests of people who are shown in a group, the one compared with among them."""
    assert shown.figure is not None
    unknown_codes = dimensions()[shown.choice.dimension].unknown
    cells = shown.figure.cells.filter(pl.col("state") == "shown", ~pl.col("code").is_in(unknown_codes))
    return int(cells["denominator"].sum())


def _evens(rows: Sequence[dict[str, Any]]) -> str:
    even = [row for row in rows if row["verdict"] == "no_gap_seen"]
    if not even:
        return ""
    widest = max(abs(end) for row in even for end in (row["lower"], row["upper"]))
    many = f"{len(even)} group{'' if len(even) == 1 else 's'}"
    return f"No gap is seen for {many}; gaps of up to {words.points(widest)} cannot be ruled out."


def _comparable(rows: Sequence[dict[str, Any]]) -> str:
    parts = [row["comparable"] for row in rows if row["comparable"] is not None]
    if not parts:
        return ""
    return (
        f"Could be compared: the part of a group's requests that had like ones of the other group, here at least "
        f"{min(parts):.0%}; the rest tell nothing."
    )


def _subtitle(shown: View, what: str) -> str:
    assert shown.figure is not None
    span = words.span(shown.figure)
    return f"{what}, by {strata_names()[shown.choice.dimension]}. {shown.figure.place}. {span[:1].upper()}{span[1:]}"
