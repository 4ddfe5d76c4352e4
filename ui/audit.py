"""Who saw or downloaded what, and which attempts were refused: one record a call in the audit trail, no data values."""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from ui import trail
from ui.access import DEMONSTRATION as DEMONSTRATION
from ui.data import RELEASE_NAME, data_folder

What = Literal["sign_in", "sign_out", "view", "download", "refused", "role", "save", "take_away"]

LOG = logging.getLogger(__name__)

#: What gives something to a reader, or changes what others are given. Without its record it is not done for one who is
#: signed in.
GIVING: frozenset[What] = frozenset({"sign_in", "view", "download", "role", "save", "take_away"})

#: What of it changes something.
CHANGING: frozenset[What] = frozenset({"save", "take_away"})

#: Filters of the pages, by their names in the address.
FILTERS = frozenset(
    {
        "board",
        "by",
        "category",
        "chart",
        "chart_of",
        "check",
        "field",
        "from",
        "id",
        "indicator",
        "lab",
        "lives_in",
        "measure",
        "moved",
        "moved_by",
        "moved_grain",
        "of",
        "residence",
        "rules",
        "run_rules",
        "shown",
        "span",
        "staff",
        "status",
        "submitter",
        "technology",
        "to",
        "view",
    }
)

#: All that a record may tell beside them; `release` where it is not the one being served.
DETAILS = FILTERS | {"file", "needs", "reason", "release", "role"}

READER_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Characters kept of a place or a figure's id, of any other value, and looked at at all.
MOST_PLACE, MOST_VALUE, MOST_READ = 600, 120, 2_000

#: Ten digits, spaced or not, could be a health number; a reader may have typed anything into the address.
TEN_DIGITS = re.compile(r"(?<!\d)(?:\d[ .\-/]?){9}\d(?!\d)")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")

#: The head's hash is logged with the first record of a process and then each time so many more are held, to be kept
#: elsewhere.
ANCHOR_EVERY = 100
ANCHORS = logging.getLogger(f"{__name__}.anchor")


class NotRecordedError(Exception):
    """What was asked for could not be recorded and is therefore not given; the message is fit for a reader."""


class _Missed:
    """How many records could not be written since the last that could, and whether an anchor was logged yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.records = 0
        self.anchored = False


_MISSED = _Missed()


def record(what: What, reader_key: str, where: str, detail: Mapping[str, str] | None = None) -> None:
    """Add a record to the trail; on return it is on the disk.

    reader_key: the pseudonymous key of a reader; empty for somebody unknown. where: a page's name or a figure's id.
    detail: filters chosen or the reason of a refusal, keys from DETAILS; never a data value.

    Where it cannot be written (disk full, folder read-only, held too long), NotRecordedError for what gives something
    to a signed-in reader, since nobody may see what leaves no trace. Where nothing is given (a refusal, a sign-out) or
    nobody is signed in (only synthetic releases are served then) it is logged, and the next record that can be written
    says how many are missing. ValueError where an argument is not allowed.
    """
    fields = _fields(what, reader_key, where, detail or {})
    with _MISSED.lock:
        missed, _MISSED.records = _MISSED.records, 0
    try:
        head = trail.append(data_folder() / "audit", [*_told(missed), fields])
    except OSError as problem:
        with _MISSED.lock:
            _MISSED.records += missed + 1
        LOG.warning("the audit trail cannot be written (%s): %s of %s", problem.strerror or problem, what, where)
        if what in GIVING and fields["reader"] != DEMONSTRATION:
            raise NotRecordedError(
                "What you asked for could not be recorded in the audit trail, so it is not "
                f"{'done' if what in CHANGING else 'shown'}."
            ) from None
        return
    _anchor(head)


def on_download(reader_key: str, where: str, release: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """What makes the file of a download button, on the click: only once the record of it is written."""

    def made() -> bytes:
        record("download", reader_key, where, {"release": release})
        return make()

    return made


def missed() -> int:
    """How many records of this process could not be written since the last one that could."""
    return _MISSED.records


def chosen(address: Mapping[str, str | Sequence[str]]) -> dict[str, str]:
    """What a record may tell of a page's address: the filters that it names, several values of one joined."""
    return {
        name: value if isinstance(value, str) else ", ".join(value)
        for name, value in address.items()
        if name in FILTERS and value
    }


def _fields(what: What, reader_key: str, where: str, detail: Mapping[str, str]) -> dict[str, Any]:
    if what not in get_args(What):
        raise ValueError(f"audit: {what!r} is not recorded; it is one of {', '.join(get_args(What))}")
    if reader_key and not READER_KEY.fullmatch(reader_key):
        raise ValueError("audit: a reader's key holds letters, digits, - and _ only")
    if unknown := sorted(set(detail) - DETAILS):
        raise ValueError(f"audit: detail {', '.join(unknown)} may not be recorded; see DETAILS")
    told = {
        name: _clean(value, MOST_PLACE if name == "id" else MOST_VALUE)
        for name, value in detail.items()
        if name != "release"
    }
    return {
        "what": what,
        "reader": reader_key or trail.NOBODY,
        "where": _clean(where, MOST_PLACE),
        "release": _release(detail.get("release")),
        "detail": told,
    }


def _clean(text: str, most: int) -> str:
    """A text that cannot pass for another line, move a terminal's cursor, or hold a health number or an address."""
    text = unicodedata.normalize("NFKC", text[:MOST_READ])
    text = "".join("\N{REPLACEMENT CHARACTER}" if _is_control(letter) else letter for letter in text)
    text = EMAIL.sub("[e-mail]", TEN_DIGITS.sub("[number]", text))
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _release(named: str | None) -> str:
    """The release named, or the one being served; empty where there is none."""
    if named is None:
        try:
            named = (data_folder() / "releases" / "current").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            named = ""
    return named if RELEASE_NAME.fullmatch(named) else ""


def _told(missed: int) -> list[dict[str, Any]]:
    return [trail.mend({"reason": "records lost", "lines": str(missed)})] if missed else []


def _anchor(head: trail.Head) -> None:
    if _MISSED.anchored and head.number % ANCHOR_EVERY:
        return
    _MISSED.anchored = True
    if not ANCHORS.handlers:
        # The app leaves logging at warnings; an anchor is no warning, and is worth nothing if it is not in the log.
        ANCHORS.addHandler(logging.StreamHandler())
        ANCHORS.setLevel(logging.INFO)
    ANCHORS.info("audit trail: line %d has the hash %s", head.number, head.hash)
