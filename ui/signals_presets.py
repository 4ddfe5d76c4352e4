"""The named sets of rules by which a point of a chart is a signal, in words, with how often each is wrong by chance."""

from __future__ import annotations

from dataclasses import dataclass

from methods.carried_over import MOST, lengthened
from methods.special_causes import PRESETS, RuleSet

#: What the false alarms of a set were counted on: steady series of so many months, independent and normal.
STEADY_MONTHS = 60


@dataclass(frozen=True)
class Preset:
    """A set of rules, its name on the page, and its false alarms where nothing changes, as shares.

    base: the set of the methods that it is, or that it lengthens where `allows`: then limits and rules allow for months
    that carry over into the next, and the newest do not enter the limits that judge them. Of such a set the shares are
    the most, whether months carry over or not.
    marked: months marked, of all. newest: charts whose newest month is marked. news: charts that give a sentence under
    What changed on how they moved. All three were counted on steady series of STEADY_MONTHS months whose limits come
    from themselves; the tests count them anew.
    """

    name: str
    label: str
    marked: float
    newest: float
    news: float
    base: str = ""
    allows: bool = False

    @property
    def rules(self) -> RuleSet:
        """The set itself, as it is where nothing carries over."""
        return PRESETS[self.base or self.name]

    def rules_of(self, carried_over: float | None) -> RuleSet:
        """The rules by which a chart is judged, so much of each month carrying over into the next."""
        return lengthened(self.rules, carried_over or 0.0) if self.allows else self.rules

    @property
    def is_run_chart(self) -> bool:
        """Whether it is read off a run chart, which has a median and no limits."""
        return not self.rules.outside

    @property
    def centre(self) -> str:
        """What the middle line of the chart is."""
        return "median" if self.is_run_chart else "average"


#: Share of months marked without any trouble in the study of docs/studies.md, whose months carry over, by set.
STUDIED = {"making_data_count_7": 0.167, "carried_over_7": 0.053}

#: Labels are part of the address of the page, so they are never renamed.
XMR_PRESETS = (
    Preset(
        "carried_over_7",
        "Allowing for carry-over",
        0.056,
        0.024,
        0.045,
        base="making_data_count_7",
        allows=True,
    ),
    Preset("making_data_count_7", "Making Data Count, 7 points", 0.056, 0.018, 0.039),
    Preset("scottish_control_chart", "Scottish control chart", 0.052, 0.016, 0.033),
    Preset("making_data_count_6", "Making Data Count, 6 points", 0.106, 0.035, 0.064),
    Preset("nhsr_plot_the_dots", "NHS-R plot the dots, 7 points", 0.056, 0.018, 0.039),
)
RUN_PRESETS = (
    Preset("scottish_run_chart", "Scottish run chart", 0.143, 0.041, 0.082),
    Preset("phs_code", "Public Health Scotland, as computed", 0.143, 0.041, 0.082),
)
BY_NAME = {preset.name: preset for preset in (*XMR_PRESETS, *RUN_PRESETS)}
DEFAULT = XMR_PRESETS[0]


def rules_in_words(preset: Preset, carried_over: float | None = None) -> str:
    """The rules of a set as a list in a sentence, its numbers from the set itself, lengthened for what carries over."""
    rules, centre = preset.rules_of(carried_over), preset.centre
    parts = []
    if rules.outside:
        parts.append("a point beyond a limit")
    if rules.shift:
        parts.append(f"{rules.shift} in a row on one side of the {centre}")
    if rules.trend:
        parts.append(f"{rules.trend} in a row rising or falling")
    if rules.two_of_three:
        parts.append("2 of 3 in a row near the same limit")
    if rules.inner_third:
        parts.append(f"{rules.inner_third} in a row unusually close to the {centre}")
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def by_the_rules(name: str) -> str:
    """A set by its name and what it asks for, for the words under a chart on any page."""
    preset = BY_NAME[name]
    return f"by the rules {preset.label}: {rules_in_words(preset)}"


def marks_in_words(name: str, centre: str = "average") -> dict[str, str]:
    """What a mark means by each rule of a set, in the words of a table; centre: what the middle line is called."""
    rules = BY_NAME[name].rules
    return {
        "outside": "Beyond the limits",
        "trend": f"One of {rules.trend} or more rising or falling in a row",
        "two_of_three": "One of 2 of 3 near a limit",
        "shift": f"One of {rules.shift} or more on one side of the {centre}",
    }


def false_alarms(preset: Preset) -> str:
    """How often the set is wrong where nothing changes, in a sentence."""
    if preset.allows:
        usual = BY_NAME[preset.base].label
        return (
            f"They are those of {usual}, with more points in a row where months carry over. On a steady series of "
            f"{STEADY_MONTHS} months these rules mark at most about {100 * preset.marked:.0f} "
            f"months in 100, and the newest month of at most about {1000 * preset.newest:.0f} charts in 1,000, by "
            f"chance alone, whether or not one month carries over into the next{_studied(preset)}."
        )
    return (
        f"On a steady series of {STEADY_MONTHS} months these rules mark about {100 * preset.marked:.0f} months in 100, "
        f"and the newest month of about {1000 * preset.newest:.0f} charts in 1,000, by chance alone; more where one "
        f"month carries over into the next{_studied(preset)}."
    )


def allowance(preset: Preset, carried_over: float | None, newest: int, unit: str) -> str:
    """What limits and rules of a chart allow for, in sentences; nothing where the set allows for nothing.

    newest: so many of the newest points, of the length `unit`, do not enter the limits.
    """
    if not preset.allows or carried_over is None:
        return ""
    apart = (
        f"The newest {newest} {unit}s do not enter the limits that judge them, so that a trouble cannot hide itself."
    )
    if not round(carried_over, 2):
        return f"No carry-over from {unit} to {unit} was found, so the limits are as usual. {apart}"
    wider = 1 / (1 - carried_over) ** 0.5
    rules, usual = preset.rules_of(carried_over), preset.rules
    about = "About" if carried_over < MOST else "At least"
    most = "" if carried_over < MOST else ", the most that is allowed for"
    return (
        f"{about} {carried_over:.0%} of how far a {unit} lies from the average carries over into the next (lag-one "
        f"correlation {carried_over:.2f}{most}). Limits allow for it: they are {wider:.2f} times as wide as usual, and "
        f"a run takes {rules.shift} {unit}s instead of {usual.shift}. {apart}"
    )


def _studied(preset: Preset) -> str:
    share = STUDIED.get(preset.name)
    return f": about {100 * share:.0f} months in 100 in a study of made-up data" if share else ""
