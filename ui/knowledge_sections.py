"""The sections of the page Diversity of what is known: variants, uncertain results, representation and diversity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from ui import charts, knowledge, recording_sections, theme, words
from ui import group_gap_words as said
from ui.charts import Line
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.gap_verdict import SHORT, sentence
from ui.group_gaps import ETHNIC, SCOTLAND, Gaps, all_gaps
from ui.knowledge import CONSENTED, DEPOSITED, RESOLVED, SAMPLES, TESTED, Counted
from ui.made_once import made_once
from ui.measures_table import interval
from ui.section import Section

NO_ANCESTRY = (
    "These are **recorded ethnic groups**: what was written down of how people describe themselves. Genetic ancestry "
    "is not recorded, and cannot be read from them."
)
COLUMN = "Recorded ethnic group"
EFFECTIVE = "As many groups as of equal size"
CHANCE = "Two drawn differ in group"


def sections(snapshot: Snapshot, gaps: Gaps) -> list[Section]:
    """The sections in the order of the page; what needs recorded groups is withheld where too few have one."""
    recording = recording_sections.recording(snapshot, (), "Scotland")
    over_time = resolved_over_time(snapshot)
    if not recording.may:
        summary = f"{recording.why}. {recording.needed}".strip()
        return [Section("variants", "What is known by ethnic group is withheld", summary), over_time]
    return [variants(snapshot, gaps), over_time, *_against_tested(snapshot, recording.figure)]


def sections_of_release(snapshot: Snapshot) -> tuple[Section, ...]:
    """The sections from the release's own gaps, worked out once; none where it was made before there were gaps."""
    return _kept(snapshot.key, snapshot)


@made_once(3)
def _kept(key: str, _snapshot: Snapshot) -> tuple[Section, ...]:  # noqa: ARG001 - key: the release
    gaps = all_gaps(_snapshot)
    return tuple(sections(_snapshot, gaps)) if gaps else ()


def variants(snapshot: Snapshot, gaps: Gaps) -> Section:
    """Variants reported, deposited and reclassified of each recorded ethnic group."""
    deposited, resolved = (knowledge.counted(snapshot, name) for name in (DEPOSITED, RESOLVED))
    if deposited is None:
        return Section("variants", "Variants by recorded ethnic group: none in this release", "Nothing to show.")
    figure, labels = deposited.figure, _labels(snapshot)
    entries = snapshot.facts.indicators
    tested = gaps.rows.filter(state="shown").height
    found = {name: _gaps_of(gaps, name) for name in (DEPOSITED, RESOLVED)}
    title = said.title(found[DEPOSITED], entries[DEPOSITED], ETHNIC, snapshot.facts.labels)
    sentences = [
        said.finding(row, entries[row["measure"]], snapshot.facts.labels, tested)
        for rows in found.values()
        for row in rows
        if row["verdict"] in said.SEEN
    ]
    if RESOLVED in entries:
        sentences.append(f"{said.title(found[RESOLVED], entries[RESOLVED], ETHNIC, snapshot.facts.labels)}.")
    sentences.append(words.left_out(figure.cells.to_dicts()).strip())
    summary = " ".join(filter(None, sentences))
    chart = charts.side_by_side(
        figure.cells, list(labels.items()), axis="Variants deposited",
        say=lambda row: f"{words.amount(row)} ({interval(row)})",
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )  # fmt: skip
    notes = (
        "The chart shows shares as they are, with 95% intervals; the title says what holds like for like.",
        said.compared_within(entries[DEPOSITED]),
        "A person can have several variants. People of unknown group are no group: they may be of any.",
    )
    figures = (figure, *([resolved.figure] if resolved else []))
    return Section(
        "variants", title, summary, _subtitle(figure, "Variants deposited, and uncertain results resolved"), chart,
        figures, notes, labels, COLUMN, _variants_table(labels, deposited, resolved), folds=True,
    )  # fmt: skip


def _gaps_of(gaps: Gaps, measure: str) -> list[dict[str, Any]]:
    own = gaps.rows.filter(pl.col("is_known"), measure=measure, dimension=ETHNIC, area=SCOTLAND)
    return own.to_dicts()


def _variants_table(labels: dict[str, str], deposited: Counted, resolved: Counted | None) -> pl.DataFrame:
    """A row a group: variants reported and deposited, uncertain results two years old and resolved."""
    cells = {row["code"]: row for row in deposited.figure.cells.to_dicts()}
    others = {row["code"]: row for row in resolved.figure.cells.to_dicts()} if resolved else {}
    lines = []
    for code, name in labels.items():
        if code not in cells:
            continue
        line = {COLUMN: name}
        line |= _share(cells[code], "Variants reported", "Deposited", "Share deposited (95%)")
        line |= _share(others.get(code), "Uncertain results, two years on", "Resolved", "Share resolved (95%)")
        lines.append(line)
    return pl.DataFrame(lines)


def _share(row: dict[str, Any] | None, whole: str, part: str, share: str) -> dict[str, str]:
    if row is None or row["state"] != "shown":
        mark = words.MARK.get(row["state"], words.NOT_AVAILABLE) if row else words.NOT_AVAILABLE
        return dict.fromkeys((whole, part, share), mark)
    return {
        whole: words.number(row["denominator"]),
        part: words.number(row["numerator"]),
        share: f"{words.amount(row)} ({interval(row)})",
    }


def resolved_over_time(snapshot: Snapshot) -> Section:
    """Uncertain results resolved within two years, a point for 12 months."""
    figure = ask(snapshot, Query(RESOLVED, "year"))
    nothing = words.nothing_to_show(figure, "Uncertain results resolved in two years")
    if nothing or figure is None:
        return Section("resolved", *(nothing or ("Uncertain results resolved: not in this release", "")))
    now = figure.headline
    if now is None:
        return Section("resolved", "Uncertain results resolved: no complete period to report", "Come back later.")
    moment = words.when("year", now)
    title = f"{words.amount(now)} of uncertain results that turned two years old {moment} were resolved"
    title += words.short_change(now, figure.a_year_before)
    summary = f"{words.change(figure.entry, now, figure.a_year_before)} 95% interval {interval(now)}."
    cells = figure.cells.with_columns(
        label=pl.struct("period_start", "period_end").map_elements(
            lambda row: words.period("year", row["period_start"], row["period_end"]), pl.String
        )
    )
    chart = charts.over_time(
        cells, [Line("Share", "share", theme.NAVY, band=True)], axis="Resolved within two years",
        say=lambda row: f"{words.amount(row)} ({interval(row)})",
        alt=f"{title}. {summary} Every value is in the table below the chart.", share=True,
    )  # fmt: skip
    notes = ("A point for 12 months; lines and band are 95% intervals (Wilson).", *words.in_series_notes(figure))
    return Section(
        "resolved", title, summary, _subtitle(figure, figure.entry.title), chart if cells.height > 1 else None,
        (figure,), notes,
    )  # fmt: skip


def _against_tested(snapshot: Snapshot, recorded: Figure | None) -> list[Section]:
    """Representation in deposits and in consents, and diversity."""
    tested = knowledge.counted(snapshot, TESTED)
    samples = {name: one for name in SAMPLES if (one := knowledge.counted(snapshot, name)) is not None}
    if tested is None or not samples:
        return [Section("deposits", "Representation cannot be told", "The numbers that it needs are not shown.")]
    share = recorded.cells["value"][0] if recorded is not None and recorded.cells.height else None
    names = {DEPOSITED: "deposits", CONSENTED: "consents"}
    found = [_representation(snapshot, names[name], name, one, tested, share) for name, one in samples.items()]
    return [*found, _diversity(snapshot, {TESTED: tested, **samples})]


def _representation(
    snapshot: Snapshot, section: str, measure: str, sample: Counted, tested: Counted, recorded: float | None
) -> Section:
    rows = knowledge.representation(sample, tested, recorded, snapshot.release.gaps_need_recorded).to_dicts()
    what, labels = SAMPLES[measure], _labels(snapshot)
    sided = [row for row in rows if row["verdict"] in said.SIDES]
    unsure = [row for row in rows if row["verdict"] == "unknown_could_explain"]
    even = [row for row in rows if row["verdict"] == "no_gap_seen"]
    if sided:
        named = words.joined([f"{row['verdict']} for {_people(snapshot, row)}" for row in sided])
        title = f"The part in {what} is {named} than the part in people tested"
    elif unsure:
        title = (
            f"Whether {what} are made up as people tested are cannot be told: people of unknown group could explain it"
        )
    elif even:
        title = f"No group is seen to have another part in {what} than in people tested"
    else:
        title = f"Who stands in {what} cannot be told"
    sentences = [_ratio_sentence(snapshot, row, what) for row in [*sided, *unsure]]
    if even:
        sentences.append(f"No difference is seen for {len(even)} group{'' if len(even) == 1 else 's'}.")
    sentences.append(said.rest(rows))
    lines = [_ratio_line(labels, row) for row in rows]
    notes = (
        f"Ratio: a group's part in {what} over its part in people tested in the same 12 months; 1 is alike. Parts are "
        "taken over the groups that are shown in both.",
        "Limits are 95% (Wilson over a known share), too narrow where one person has several variants or reports.",
        "What people of unknown group could make of it is worked for both parts apart, so it errs on the wide side.",
        said.key_to_verdicts(rows),
    )  # fmt: skip
    return Section(
        section, title, " ".join(filter(None, sentences)),
        _subtitle(sample.figure, f"{what.capitalize()} and people tested"), figures=(sample.figure, tested.figure),
        notes=notes, labels=labels, column=COLUMN, table=pl.DataFrame(lines),
    )  # fmt: skip


def _people(snapshot: Snapshot, row: dict[str, Any]) -> str:
    return said.people(ETHNIC, row["code"], snapshot.facts.labels)


def _ratio_sentence(snapshot: Snapshot, row: dict[str, Any], what: str) -> str:
    limits = f"95% limits {row['lower']:.2f} to {row['upper']:.2f}"
    size = f"a ratio of {row['value']:.2f}"
    return sentence(row["verdict"], f"the part in {what}", _people(snapshot, row), "people tested", size, limits)


def _ratio_line(labels: dict[str, str], row: dict[str, Any]) -> dict[str, str]:
    head = {COLUMN: labels.get(row["code"], row["code"]), "Reads": SHORT[row["verdict"]]}
    columns = (
        "Part, of those of known group",
        "Part in people tested",
        "Ratio (95% limits)",
        "Whoever the unknown are",
    )
    if row["value"] is None:
        return head | dict.fromkeys(columns, words.HIDDEN)
    values = (
        f"{row['share']:.1%}",
        f"{row['share_tested']:.1%}",
        f"{row['value']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})",
        _ends(row["lowest"], row["highest"]),
    )
    return head | dict(zip(columns, values, strict=True))


def _ends(lowest: float, highest: float) -> str:
    """What a ratio could be; anything where how many are of unknown group is not known."""
    return "Anything" if math.isinf(highest) else f"{lowest:.2f} to {highest:.2f}"


def _diversity(snapshot: Snapshot, samples: dict[str, Counted]) -> Section:
    groups = knowledge.common(samples)
    if len(groups) < 2:
        return Section(
            "diversity", "How mixed the groups are cannot be told", "Too few groups are shown in all of them."
        )
    found = knowledge.diversity(samples)
    names = {TESTED: "people tested", **SAMPLES}
    chance = {row["sample"]: row for row in found.filter(measure="simpson_unbiased").to_dicts()}
    tested = chance[TESTED]
    told = [_mixed(names[name], chance[name], tested) for name in samples if name != TESTED]
    title = f"Two people tested differ in recorded ethnic group in {tested['value']:.1%} of draws"
    labels = _labels(snapshot)
    lines = []
    for name in samples:
        own = {row["measure"]: row for row in found.filter(sample=name).to_dicts()}
        differ, equal = own["simpson_unbiased"], own["inverse_simpson"]
        lines.append(
            {
                "Of": names[name].capitalize(),
                f"{CHANCE} (95% limits)": _percents(differ),
                f"{EFFECTIVE} (95% limits)": _numbers(equal),
                "Counted": words.number(differ["total"]),
            }
        )
    notes = (
        f"Over the groups shown in all three: {words.joined([labels[code] for code in groups])}. Hidden groups and "
        "people of unknown group are left out, so the true mix is somewhat greater.",
        f"{CHANCE}: Simpson's index, unbiased. {EFFECTIVE}: its inverse form, 1 where all are of one group.",
        "What may be found about a group rests on how many of its people are known of, not on this one number.",
    )
    return Section(
        "diversity", title, " ".join(told), _subtitle(samples[TESTED].figure, "How mixed recorded ethnic groups are"),
        figures=tuple(one.figure for one in samples.values()), notes=notes, labels=labels, column=COLUMN,
        table=pl.DataFrame(lines),
    )  # fmt: skip


def _mixed(name: str, own: dict[str, Any], tested: dict[str, Any]) -> str:
    """Whether a sample is more or less mixed than people tested: where the 95% limits do not overlap."""
    if own["upper"] is None or tested["upper"] is None:
        return f"Of {name} no limits can be given."
    side = "less" if own["upper"] < tested["lower"] else "more" if own["lower"] > tested["upper"] else ""
    said_of = f"Of two {name}, {own['value']:.1%} differ"
    return (
        f"{said_of}: {side} mixed than people tested." if side else f"{said_of}: no clear difference, limits overlap."
    )


def _percents(row: dict[str, Any]) -> str:
    return _with_limits(row, ".1%")


def _numbers(row: dict[str, Any]) -> str:
    return _with_limits(row, ".2f")


def _with_limits(row: dict[str, Any], form: str) -> str:
    if row["value"] is None:
        return words.NOT_AVAILABLE
    value = format(row["value"], form)
    return f"{value} ({row['lower']:{form}} to {row['upper']:{form}})" if row["upper"] is not None else value


def _labels(snapshot: Snapshot) -> dict[str, str]:
    unknown: Sequence[str] = knowledge.unknown_codes()
    own = snapshot.facts.labels.get(ETHNIC, {})
    return {code: f"{name} (no group)" if code in unknown else name for code, name in own.items()}


def _subtitle(figure: Figure, what: str) -> str:
    by = ", by recorded ethnic group" if figure.query.spread else ""
    span = words.span(figure)
    return f"{what}{by}. {figure.place}. {span[:1].upper()}{span[1:]}"
