"""What each page makes of a release for a choice of its filters: the makers that the page calls, one part at a time.

So that it can be made before a reader asks (`ui/beforehand.py`). All of it is kept by release and choice, for every
reader: nothing here is of a board's own exact figures, of returns or of the trail. A test opens every page after it and
insists that nothing is left to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from catalogue.reference import reference_rows
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
    reach_cells,
    reach_filters,
    reach_findings,
    reach_sections,
    release_changes,
    sections,
    signals,
    signals_chart,
    signals_filters,
    stuck,
    sums_show,
    tables,
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
from ui.outcomes_measures import ORDER, PLACE
from ui.quality_place import Place
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


def aim(snapshot: Snapshot, code: str = "") -> Parts:
    """One aim by its number, the first by default."""
    found = all_aims(snapshot)
    one = found.of(code) if code else found.aims[0]
    measure = aim_show.first_measure(one)
    told = tell(snapshot, measure) if measure else None
    if told is not None:
        yield series(snapshot, told)


def definitions(snapshot: Snapshot) -> Parts:
    """The list of measures, and the standards."""
    yield states_of(snapshot)
    yield tables.standards(snapshot)


def turnaround(snapshot: Snapshot, choice: filters.Choice = filters.Choice()) -> Parts:  # noqa: B008 - cannot be changed
    """Every section, and what can be added up."""
    for name in sections.SECTIONS:
        yield sections.build(snapshot, name, choice)
    for section in (*due_and_late.SECTIONS.values(), urgent_tests.urgent_tests):
        yield section(snapshot, choice)
    yield sums_show.counted(snapshot, choice)


def where_stuck(snapshot: Snapshot, choice: stuck.Choice = stuck.Choice()) -> Parts:  # noqa: B008
    """Every section."""
    for name in stuck.SECTIONS:
        yield stuck.build(snapshot, name, choice)


def compared(snapshot: Snapshot, dimension: str = "requesting_board") -> Parts:
    """The places of a dimension between limits."""
    for section in comparison_sections.SECTIONS.values():
        yield section(snapshot, dimension)


def signal(snapshot: Snapshot, choice: signals_filters.Choice | None = None) -> Parts:
    """What changed, the chart chosen, and the charts beside it."""
    choice = choice or signals_filters.Choice(signals_filters.VIEWS["scotland"], "")
    yield what_changed(snapshot, choice.preset)
    yield signals_chart.build(snapshot, choice)
    if choice.view.dimension:
        yield signals.charts(snapshot, choice.measure, choice.view.dimension, choice.preset)


def outlook(snapshot: Snapshot, choice: outlook_filters.Choice = outlook_filters.Choice()) -> Parts:  # noqa: B008
    """Every section."""
    for name in outlook_sections.SECTIONS:
        yield outlook_sections.build(snapshot, name, choice)


def reach(snapshot: Snapshot, choice: reach_filters.Choice = reach_filters.Choice()) -> Parts:  # noqa: B008
    """Every section, with what is assumed until a reader says otherwise."""
    choice = reach_filters.assumed(snapshot, choice)
    for name in reach_sections.names(choice):
        yield reach_sections.build(snapshot, name, choice)


def waits(snapshot: Snapshot, area: str = group_gaps.SCOTLAND) -> Parts:
    """The gaps of the measure shown unless another is chosen, where people live in an area."""
    choice, gaps = waits_answers_filters.usual(snapshot, area), group_gaps.all_gaps(snapshot)
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


def equity(snapshot: Snapshot, area: str = group_gaps.SCOTLAND) -> Parts:
    """What can be said of an area."""
    if group_gaps.all_gaps(snapshot) is not None:
        yield reach_findings.findings(snapshot, [area])
        yield equity_summary.parts_of_release(snapshot, area)


def workforce(snapshot: Snapshot, choice: workforce_filters.Choice = workforce_filters.Choice()) -> Parts:  # noqa: B008
    """Every section, where the release shows any posts."""
    if workforce_sections.is_told(snapshot):
        for name in workforce_sections.SECTIONS:
            yield workforce_sections.build(snapshot, name, choice)


def demand(snapshot: Snapshot, choice: demand_filters.Choice = demand_filters.Choice()) -> Parts:  # noqa: B008
    """Every section."""
    yield demand_measures.demand(snapshot)
    for name in demand_sections.SECTIONS:
        yield demand_sections.build(snapshot, name, choice)


def capacity(snapshot: Snapshot, choice: CapacityChoice = CapacityChoice()) -> Parts:  # noqa: B008
    """Every section, where the release has what the model needs."""
    yield capacity_inputs.assumptions()
    if capacity_sections.is_told(snapshot, choice.overrides):
        for name in capacity_sections.SECTIONS:
            yield capacity_sections.build(snapshot, name, choice)


def quality(snapshot: Snapshot, place: Place = quality_place.SCOTLAND) -> Parts:
    """Every panel of a place."""
    return quality_show.parts(snapshot, place)


def ethnicity(snapshot: Snapshot, choice: ethnicity_filters.Choice = ethnicity_filters.Choice()) -> Parts:  # noqa: B008
    """Every section."""
    for name in ethnicity_sections.PARTS:
        yield ethnicity_sections.build(snapshot, name, choice)


def outcome(snapshot: Snapshot, choice: outcomes_filters.Choice = outcomes_filters.Choice()) -> Parts:  # noqa: B008
    """All outcomes at once, then each."""
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


def likely(snapshot: Snapshot) -> Iterator[tuple[str, Parts]]:
    """Pages with what they make for a choice that is likely next: a health board, a laboratory, an aim."""
    labels = snapshot.facts.labels
    boards = [*outlook_filters.places(snapshot, "requesting_board")]
    labs = [*outlook_filters.places(snapshot, "performing_lab")]
    areas = [*waits_answers_filters.areas(snapshot)]
    for view, codes in (("board", boards), ("lab", labs)):
        for code in codes:
            yield "turnaround", turnaround(snapshot, filters.Choice(filters.BY_KEY[view], code))
    for kind in ("board", "lab"):
        for code, label in quality_place.places(snapshot, kind).items():
            yield "data_quality", quality(snapshot, Place(kind, code, label))
    for row in reference_rows("aims"):
        yield "aim", aim(snapshot, row["code"])
    for code in labels.get(PLACE, {}):
        yield "outcomes", outcome(snapshot, outcomes_filters.Choice(board=code))
    for code in areas:
        yield "waits_answers", waits(snapshot, code)
        yield "equity_summary", equity(snapshot, code)
    for code in reach_cells.areas():
        yield "reach", reach(snapshot, reach_filters.Choice(area=code))
    for code in labels.get(ethnicity_filters.RESIDENCE, {}):
        yield "ethnicity_recording", ethnicity(snapshot, ethnicity_filters.Choice(code))
    for code in labs:
        yield "workforce", workforce(snapshot, workforce_filters.Choice(code))
        yield "capacity", capacity(snapshot, CapacityChoice(code))
    for view, codes in (("board", boards), ("lab", labs)):
        for code in codes:
            yield "signals", signal(snapshot, signals_filters.Choice(signals_filters.VIEWS[view], code))
    for dimension in demand_filters.VIEWS.values():
        yield "demand", demand(snapshot, demand_filters.Choice(dimension))
