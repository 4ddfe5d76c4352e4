"""The guard: the first line of every page. Who is looking, is the sign-in alive, is the role right, is there a release.

Whoever may not see a page gets a designed screen and nothing else; every view and every refusal is recorded.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from catalogue.reference import labels
from ui import audit, identity, screens, words
from ui.access import ROLE_WORDS, AccessFileError, NotAllowedError, Reader, Reason, Role, reader_key, rules
from ui.data import BrokenReleaseError, NoReleaseError, RealReleaseError, Snapshot, data_folder
from ui.held_back import held_back
from ui.refusals import record_refusal
from ui.role_picker import chosen_role, pick_role
from ui.sessions import SessionsError

LOG = logging.getLogger(__name__)

#: Where the session keeps the name of the page that is being made, and what was recorded last.
OPENED, RECORDED = "guard_opened", "guard_recorded"

NOT_SET_UP = "Sign-in is not set up correctly, so nothing is shown."


@dataclass(frozen=True)
class Context:
    """What a page works with: the one release of this script run, and who is looking."""

    snapshot: Snapshot
    reader: Reader


def page(needs: Role = Role.VIEWER) -> Context:
    """Opens the release for a reader who has the role, or shows a screen that says why not and ends the run."""
    reader = _reader(needs)
    try:
        snapshot = Snapshot(reader)
    except NoReleaseError:
        screens.no_release(held_back(data_folder()))
    except RealReleaseError:
        _record_refusal(reader.key, "signed_out")
        screens.real_release()
    except BrokenReleaseError as problem:
        screens.failing(str(problem))
    _record_view(reader, snapshot)
    if snapshot.release.is_synthetic:
        synthetic_banner()
    if snapshot.stands_in_for:
        st.warning(
            "**The newest release cannot be read.** The figures here are those of the release before it. The people "
            "who look after this dashboard can restore it or make a new one: `python -m pipelines status` says how."
        )
    if held := held_back(data_folder()):
        st.warning(f"**Newer data are held back.** {held.sentence} The figures here are those of the release before.")
    return Context(snapshot, reader)


def refused(problem: NotAllowedError, needs: Role | None = None) -> NoReturn:
    """What was asked for is not this reader's: records it and says whom to ask; ends the run."""
    if not identity.is_configured():
        _record_refusal(audit.DEMONSTRATION, problem.reason, needs)
        screens.other_role(str(problem), needs)
    claims = identity.claims_of_run()
    key = reader_key(claims) if claims else ""
    _record_refusal(key, problem.reason, needs)
    if problem.reason in screens.SIGN_IN_HELPS:
        screens.sign_in(str(problem), problem.reason, identity.providers())
    screens.not_allowed(str(problem), problem.reason, rules().ask, key)


def open_menu(pages: Mapping[str, Sequence[StreamlitPage]], needs: Mapping[str, Role], opened: str) -> None:
    """The sidebar: the pages that the reader may open, by group, who is looking, and the way out.

    needs: the role that a group of pages needs, where it is not a viewer's. opened: the page being made, for the trail.
    """
    st.session_state[OPENED] = opened
    with st.sidebar:
        if not identity.is_configured():
            pick_role()
            _menu(chosen_role(), pages, needs)
            return
        try:
            reader = identity.signed_in(identity.claims_of_run(), is_click=False)
        except NotAllowedError as problem:
            if problem.reason not in screens.SIGN_IN_HELPS:
                _sign_out_button()
        except (AccessFileError, SessionsError):
            LOG.debug("no menu: the page says why")
        else:
            _menu(reader, pages, needs)
            _who(reader)
            _sign_out_button()


def synthetic_banner() -> None:
    """Stands at the top of every page while the figures are made up."""
    st.warning("**Synthetic figures.** Everything here is made up to show how the dashboard works. Do not quote it.")


def release_line(context: Context) -> str:
    """Where the figures come from, in one line."""
    release = context.snapshot.release
    parts = [
        f"Data to **{words.long_date(release.data_to)}**",
        f"extracted {words.long_date(release.extracted_on)}",
        f"released {words.long_date(release.created_at.date() if release.created_at else None)}",
    ]
    if release.next_due:
        parts.append(f"next release due {words.iso_date(release.next_due)}")
    return ", ".join(parts) + "."


def _reader(needs: Role) -> Reader:
    """The reader, with the role; or a screen, and the run ends."""
    try:
        if not identity.is_configured():
            reader = chosen_role()
        else:
            reader = identity.signed_in(identity.claims_of_run(), is_click=True)
        reader.insist(needs)
    except NotAllowedError as problem:
        refused(problem, needs)
    except (AccessFileError, SessionsError) as problem:
        LOG.error("nobody can be let in: %s", problem)
        screens.failing(NOT_SET_UP)
    return reader


def _menu(reader: Reader, pages: Mapping[str, Sequence[StreamlitPage]], needs: Mapping[str, Role]) -> None:
    for group, members in pages.items():
        if reader.may(needs.get(group, Role.VIEWER)):
            if [member.title for member in members] != [group]:
                st.caption(group)
            for member in members:
                st.page_link(member, label=member.title)


def _who(reader: Reader) -> None:
    """The name and the roles of a signed-in reader, as plain text: a name comes from outside."""
    st.caption("Signed in")
    if reader.name:
        st.text(reader.name)
    own = reader.roles - {Role.VIEWER} or reader.roles
    places = [labels("boards")[code] for code in sorted(reader.boards)] + sorted(reader.submitters)
    st.text(", ".join([*(ROLE_WORDS[role] for role in Role if role in own), *places]))


def _sign_out_button() -> None:
    st.button("Sign out", key="sign_out", on_click=sign_out)


def sign_out() -> None:
    """Ends the session for every copy of its cookie, then has the browser forget the cookie."""
    claims = identity.claims_of_run()
    if claims is not None and identity.sessions().end(claims):
        audit.record("sign_out", reader_key(claims), "sign_out")
    st.logout()


def _record_view(reader: Reader, snapshot: Snapshot) -> None:
    """One record for each page and each choice of filters that is shown; a mere redraw is not a view."""
    where, chosen = st.session_state.get(OPENED, ""), audit.chosen(st.query_params.to_dict())
    seen = ("view", where, chosen, snapshot.release.id)
    if st.session_state.get(RECORDED) == seen:
        return
    try:
        audit.record("view", reader.key, where, chosen)
    except audit.NotRecordedError as problem:
        screens.failing(str(problem))
    st.session_state[RECORDED] = seen


def _record_refusal(key: str, reason: Reason, needs: Role | None = None) -> None:
    """One record for each refusal of a page; redrawing the screen that says no is not another attempt."""
    where = st.session_state.get(OPENED, "")
    refusal = ("refused", where, reason)
    if st.session_state.get(RECORDED) != refusal:
        record_refusal(key, where, reason, needs)
        st.session_state[RECORDED] = refusal
