"""What each page makes of a release when nothing is chosen on it: the makers that the page calls, one part at a time.

So that it can be made before a reader asks (`ui/beforehand.py`). All of it is kept by release and choice, for every
reader: nothing here is of a board's own exact figures, of returns or of the trail. A test opens every page after it and
insists that nothing is left to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ui import (
    aim_show,
    capacity_inputs,
    capacity_sections,
    comparison_sections,
    demand_filters,
    demand_measures,
    demand_sections,
    due_and_late,
    equity_summary,
    ethnicity_filters,
    ethnicity_sections,
    filters,
    gap_scanner,
    group_gaps,
    knowledge_sections,
    outcomes,
    outcomes_filters,
    outlook_filters,
    outlook_sections,
    programme_sections,
    programme_show,
    quality_place,
    quality_show,
    re_aim,
    reach_filters,
    reach_findings,
    reach_sections,
    release_changes,
    signals_chart,
    signals_filters,
    stuck,
    sums_show,
    tables,
    turnaround_sections,
    urgent_tests,
    waits_answers,
    waits_answers_filters,
    workforce_filters,
    workforce_sections,
)
from ui.aim_measures import tell
from ui.aim_series import series
from ui.aim_words import changed_definitions
from ui.aims import all_aims
from ui.attention import attention
from ui.capacity_filters import Choice as CapacityChoice
from ui.data import Snapshot
from ui.definition_list import states_of
from ui.headlines import headlines, of_three_periods
from ui.outcomes_measures import ORDER
from ui.release_before import release_before
from ui.what_changed import what_changed

#: One part after another as it is made: a section, a figure, or whatever else the page asks for.
Parts = Iterator[object]


def home(snapshot: Snapshot) -> Parts:
    """Headlines, what changed, what needs attention."""
    yield [headline.cited for headline in headlines(snapshot)]
    yield of_three_periods(snapshot)
    yield what_changed(snapshot)
    yield attention(snapshot)


def aims(snapshot: Snapshot) -> Parts:
    """The thirteen aims."""
    yield all_aims(snapshot)
    yield changed_definitions(snapshot)


def aim(snapshot: Snapshot) -> Parts:
    """The first aim."""
    measure = aim_show.first_measure(all_aims(snapshot).aims[0])
    told = tell(snapshot, measure) if measure else None
    if told is not None:
        yield series(snapshot, told)


def definitions(snapshot: Snapshot) -> Parts:
    """The list of measures, and the standards."""
    yield states_of(snapshot)
    yield tables.standards(snapshot)


def turnaround(snapshot: Snapshot) -> Parts:
    """Every section, and what can be added up."""
    choice = filters.Choice()
    for name in turnaround_sections.SECTIONS:
        yield turnaround_sections.build(snapshot, name, choice)
    for section in (*due_and_late.SECTIONS.values(), urgent_tests.urgent_tests):
        yield section(snapshot, choice)
    yield sums_show.counted(snapshot, choice)


def where_stuck(snapshot: Snapshot) -> Parts:
    """Every section."""
    for name in stuck.SECTIONS:
        yield stuck.build(snapshot, name, stuck.Choice())


def compared(snapshot: Snapshot) -> Parts:
    """Requesting boards between limits."""
    for section in comparison_sections.SECTIONS.values():
        yield section(snapshot, "requesting_board")


def signal(snapshot: Snapshot) -> Parts:
    """What changed, and the chart of Scotland."""
    choice = signals_filters.Choice(signals_filters.VIEWS["scotland"], "")
    yield what_changed(snapshot, choice.preset)
    yield signals_chart.build(snapshot, choice)


def outlook(snapshot: Snapshot) -> Parts:
    """Every section."""
    for name in outlook_sections.SECTIONS:
        yield outlook_sections.build(snapshot, name, outlook_filters.Choice())


def reach(snapshot: Snapshot) -> Parts:
    """Every section, with what is assumed until a reader says otherwise."""
    choice = reach_filters.assumed(snapshot, reach_filters.Choice())
    for name in reach_sections.names(choice):
        yield reach_sections.build(snapshot, name, choice)


def waits(snapshot: Snapshot) -> Parts:
    """The gaps of the measure shown unless another is chosen."""
    choice, gaps = waits_answers_filters.usual(snapshot), group_gaps.all_gaps(snapshot)
    yield gaps
    if choice is not None and gaps is not None:
        yield waits_answers.sections(waits_answers.view(snapshot, gaps, choice))


def gap_list(snapshot: Snapshot) -> Parts:
    """Every gap, and what was found against chance."""
    gaps = group_gaps.all_gaps(snapshot)
    yield gaps and gap_scanner.scan(gaps)


def knowledge(snapshot: Snapshot) -> Parts:
    """Every section."""
    yield knowledge_sections.sections_of_release(snapshot)


def equity(snapshot: Snapshot) -> Parts:
    """What can be said of Scotland."""
    if group_gaps.all_gaps(snapshot) is not None:
        yield reach_findings.findings(snapshot, [group_gaps.SCOTLAND])
        yield equity_summary.parts_of_release(snapshot, group_gaps.SCOTLAND)


def workforce(snapshot: Snapshot) -> Parts:
    """Every section, where the release shows any posts."""
    if workforce_sections.is_told(snapshot):
        for name in workforce_sections.SECTIONS:
            yield workforce_sections.build(snapshot, name, workforce_filters.Choice())


def demand(snapshot: Snapshot) -> Parts:
    """Every section."""
    yield demand_measures.demand(snapshot)
    for name in demand_sections.SECTIONS:
        yield demand_sections.build(snapshot, name, demand_filters.Choice())


def capacity(snapshot: Snapshot) -> Parts:
    """Every section, where the release has what the model needs."""
    choice = CapacityChoice()
    yield capacity_inputs.assumptions()
    if capacity_sections.is_told(snapshot, choice.overrides):
        for name in capacity_sections.SECTIONS:
            yield capacity_sections.build(snapshot, name, choice)


def quality(snapshot: Snapshot) -> Parts:
    """Every panel of Scotland."""
    return quality_show.parts(snapshot, quality_place.SCOTLAND)


def ethnicity(snapshot: Snapshot) -> Parts:
    """Every section."""
    for name in ethnicity_sections.PARTS:
        yield ethnicity_sections.build(snapshot, name, ethnicity_filters.Choice())


def outcome(snapshot: Snapshot) -> Parts:
    """All outcomes at once, then each."""
    choice = outcomes_filters.Choice()
    yield outcomes.overview(snapshot, choice)
    for name in ORDER:
        yield outcomes.build(snapshot, name, choice)


def dimensions_of_re_aim(snapshot: Snapshot) -> Parts:
    """The five dimensions."""
    for name in re_aim.ASKS:
        yield re_aim.of_dimension(snapshot, name)


def programme(snapshot: Snapshot) -> Parts:
    """The actions by aim, and every section."""
    found = all_aims(snapshot)
    if found.items is not None and found.reported_on is not None:
        yield programme_show.by_aim(snapshot, found)
        for name in programme_sections.SECTIONS:
            yield programme_sections.section(snapshot, name)


def changes(snapshot: Snapshot) -> Parts:
    """The release beside the one before, and the measure that moved most."""
    before = release_before(snapshot).snapshot
    if before is not None:
        found = release_changes.compared(snapshot, before)
        yield found
        for line in release_changes.summed(found.figures, snapshot.facts.indicators)[:1]:
            yield release_changes.of_measure(snapshot, before, line.entry.id)


#: What each page makes when it is opened with nothing chosen, by the page's name; those that readers open most come
#: first, and those whose parts serve others.
FIRST: Mapping[str, Callable[[Snapshot], Parts]] = {
    "home": home,
    "turnaround": turnaround,
    "aims": aims,
    "aim": aim,
    "signals": signal,
    "data_quality": quality,
    "equity_summary": equity,
    "reach": reach,
    "outcomes": outcome,
    "where_stuck": where_stuck,
    "comparison": compared,
    "outlook": outlook,
    "workforce": workforce,
    "capacity": capacity,
    "demand": demand,
    "waits_answers": waits,
    "gap_scanner": gap_list,
    "knowledge": knowledge,
    "ethnicity_recording": ethnicity,
    "re_aim": dimensions_of_re_aim,
    "programme": programme,
    "definitions": definitions,
    "release_changes": changes,
}


def first(snapshot: Snapshot) -> Iterator[tuple[str, Parts]]:
    """Every page with what it makes when it is opened with nothing chosen."""
    for page, parts in FIRST.items():
        yield page, parts(snapshot)
