"""What the page Data quality says of a place whose ethnic groups are recorded too seldom, and where to read more."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.dimensions import dimensions
from ui import ethnicity_measures, ethnicity_words, words
from ui.data import Snapshot
from ui.ethnicity_filters import RESIDENCE
from ui.ethnicity_measures import REASONS, RECORDED
from ui.quality_place import Kind, Place

#: The dimension by which a place's recording is held.
HELD_BY: dict[Kind, str] = {"scotland": "", "board": RESIDENCE, "lab": "receiving_lab"}

#: People who declined are not asked again, so no repair is counted for them.
DECLINED = "ethnicity_declined"


@dataclass(frozen=True)
class Recording:
    """How seldom ethnic group is recorded, why, what can be done, and the address of the page that tells more."""

    says: str
    to_do: str
    address: dict[str, str]


def recording(snapshot: Snapshot, place: Place) -> Recording | None:
    """What there is to say of a place whose newest 12 months are below the target; None of any other."""
    name = HELD_BY[place.kind]
    fixed = ((name, place.code),) if name else ()
    figure = ethnicity_measures.newest_year(snapshot, RECORDED, fixed)
    target, row = ethnicity_measures.target_of(figure), ethnicity_words.row_of(figure)
    if figure is None or target is None or row is None or row["state"] != "shown" or row["value"] >= target:
        return None
    found = {
        reason: told
        for reason in REASONS
        if (told := ethnicity_words.row_of(ethnicity_measures.newest_year(snapshot, reason, fixed)))
    }
    why, _ = ethnicity_words.reasons(found)
    says = (
        f"Ethnic group is recorded for {words.amount(row)} of people tested "
        f"{words.when(figure.query.grain, row)}; {target:.0%} is wanted. {why}."
    )
    asked = [told for reason, told in found.items() if reason != DECLINED]
    shown = [told["numerator"] for told in asked if told["state"] == "shown"]
    hidden = len(asked) - len(shown)
    more = f"; {hidden} of the reasons {'is' if hidden == 1 else 'are'} hidden {words.HIDDEN}" if hidden else ""
    to_do = f"Up to {words.number(sum(shown))} people can be asked or their codes mended, declined left out{more}."
    return Recording(says, to_do if shown else "", _address(place))


def _address(place: Place) -> dict[str, str]:
    """The query of the page Ethnicity recording that shows a place."""
    if place.kind == "board":
        return {"lives_in": place.label}
    return {"by": dimensions()[HELD_BY["lab"]].label} if place.kind == "lab" else {}
