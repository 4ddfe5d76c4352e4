"""What stands between a request and the app where sign-in is configured: files, the websocket, sign-in and sign-out.

Pages ask the guard; this is for what Streamlit answers without running a page. It takes cookies and bytes, knows no
server, and is asked by server.py.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping

from google.protobuf.internal.encoder import TagBytes
from google.protobuf.internal.wire_format import WIRETYPE_LENGTH_DELIMITED
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Dataframe_pb2 import LazyDataframe
from streamlit.proto.DownloadButton_pb2 import DownloadButton

from ui import audit, identity
from ui.access import AccessFileError, NotAllowedError, Reader, reader_key
from ui.refusals import record_refusal
from ui.sessions import SessionsError, session_of

LOG = logging.getLogger(__name__)

MEDIA = "/media/"

#: An id in a message to the browser has 32 hexadecimal digits; before it stand the key of its field and its length.
ID_LENGTH = b"\x20"
BUTTON = TagBytes(DownloadButton.DESCRIPTOR.fields_by_name["deferred_file_id"].number, WIRETYPE_LENGTH_DELIMITED)
TABLE = TagBytes(LazyDataframe.DESCRIPTOR.fields_by_name["source_id"].number, WIRETYPE_LENGTH_DELIMITED)

#: What a message offers: the address of a file, the button that has one made, a table that is sent piece by piece.
OFFERED = re.compile(
    b"(?:%s|(?:%s|%s)%s)([0-9a-f]{32})" % tuple(map(re.escape, (MEDIA.encode(), BUTTON, TABLE, ID_LENGTH)))
)

#: Offers remembered for a sign-in, and sign-ins for which they are remembered; the oldest are forgotten first.
OFFERS_KEPT, SIGN_INS_KEPT = 2_000, 5_000

#: What a browser may send after its sign-in has ended: to be told so.
WITHOUT_SIGN_IN = {"rerun_script", "app_heartbeat", "stop_script"}

CANNOT_TELL = (AccessFileError, SessionsError)


class Offers:
    """What was offered to which sign-in in which role, so that the address of a file is of use to nobody else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def note(self, to: str, payload: bytes) -> None:
        """A message that goes to a browser: remembers what it offers. At its start stands a hash of its own."""
        found = [match.decode() for match in OFFERED.findall(payload, 1)]
        if not found:
            return
        with self._lock:
            held = self._held.setdefault(to, OrderedDict())
            self._held.move_to_end(to)
            for offer in found:
                held[offer] = None
                held.move_to_end(offer)
            while len(held) > OFFERS_KEPT:
                held.popitem(last=False)
            while len(self._held) > SIGN_INS_KEPT:
                self._held.popitem(last=False)

    def has(self, to: str, offer: str) -> bool:
        """Whether it was offered to this sign-in, in the role that it has now."""
        with self._lock:
            return offer in self._held.get(to, ())


_OFFERS = Offers()


def is_file(path: str) -> bool:
    """Whether a path is that of a file which a page offers; the app's own fonts lie at /static/media/."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return path.startswith(f"/{base}{MEDIA}" if base else MEDIA)


def gives_file(cookies: Mapping[str, str], path: str) -> bool:
    """Whether the file at a path is given to whoever sends these cookies. A refusal is recorded."""
    if not identity.is_configured():
        return True
    claims = identity.claims_of_cookies(cookies)
    try:
        reader = identity.signed_in(claims, is_click=False)
        if claims is None or not _OFFERS.has(_addressee(claims, reader), path.rpartition(MEDIA)[2].partition(".")[0]):
            raise NotAllowedError("This file was not offered to you.", "not_offered")
    except NotAllowedError as problem:
        record_refusal(reader_key(claims) if claims else "", "media", problem.reason)
        return False
    except CANNOT_TELL as problem:
        LOG.error("no file can be given: %s", problem)
        return False
    return True


class Connection:
    """The websocket of one browser tab: which of its messages reach the app, and what the app offered to it."""

    def __init__(self, cookies: Mapping[str, str]) -> None:
        self._is_open = not identity.is_configured()
        self._claims = None if self._is_open else identity.claims_of_cookies(cookies)
        self._addressee: str | None = None

    def lets_through(self, message: BackMsg) -> bool:
        """Whether a browser's message reaches the app. Without a living sign-in only whole pages may be asked for.

        A part of a page would run without the page's first line, which is the guard; so the whole page is run.
        """
        kind = message.WhichOneof("type")
        if self._is_open or kind == "app_heartbeat":
            return True
        self._addressee = None
        try:
            reader = identity.signed_in(self._claims, is_click=False)
        except NotAllowedError:
            pass
        except CANNOT_TELL as problem:
            LOG.error("nobody can be let in: %s", problem)
        else:
            self._addressee = _addressee(self._claims or {}, reader)
            return kind != "backend_operation_request" or self._was_offered(message)
        if kind == "rerun_script":
            message.rerun_script.fragment_id = ""
        return kind in WITHOUT_SIGN_IN

    def note_sent(self, payload: bytes) -> None:
        """A message on its way to the browser."""
        if self._addressee is not None:
            _OFFERS.note(self._addressee, payload)

    def _was_offered(self, message: BackMsg) -> bool:
        asked = message.backend_operation_request
        offer = asked.deferred_file.file_id or asked.dataframe_chunk.source_id
        return self._addressee is not None and _OFFERS.has(self._addressee, offer)


def _addressee(claims: Mapping[str, object], reader: Reader) -> str:
    """A sign-in with what it may see now: who loses a role keeps no file that was offered in it."""
    return f"{session_of(claims)} {sorted(reader.roles)} {sorted(reader.boards)} {sorted(reader.submitters)}"


def begin(cookies: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """The cookies that a finished sign-in sets: its session begins and is recorded. False: they must not be set.

    before: the cookies that they take the place of, whose session ends.
    """
    claims = identity.claims_of_cookies(cookies)
    if claims is None:
        return False
    try:
        audit.record("sign_in", reader_key(claims), "sign_in")
        identity.sessions().begin(claims)
        end(before)
    except (audit.NotRecordedError, *CANNOT_TELL) as problem:
        LOG.error("a sign-in could not begin: %s", problem)
        return False
    return True


def end(cookies: Mapping[str, str]) -> None:
    """The session of these cookies ends, for every copy of them: sign-out by its address, or a sign-in anew."""
    claims = identity.claims_of_cookies(cookies) if identity.is_configured() else None
    try:
        if claims is not None and identity.sessions().end(claims):
            audit.record("sign_out", reader_key(claims), "sign_out")
    except CANNOT_TELL as problem:
        LOG.error("a session could not be ended: %s", problem)
