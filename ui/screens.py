"""Designed screens for when there is nothing to show: no release, no sign-in, not allowed, something failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from ui.access import ROLE_WORDS, Reason, Role
from ui.held_back import HeldBack

#: Reasons for which signing in again helps.
SIGN_IN_HELPS: frozenset[Reason] = frozenset(
    {"signed_out", "unknown_session", "ended", "idle", "too_long", "token_expired"}
)

#: Reasons for which another role, board or submitter would be needed; the reader's own are in order.
NOT_YOURS: frozenset[Reason] = frozenset({"wrong_role", "wrong_board", "wrong_submitter"})


def no_release(held: HeldBack | None = None) -> NoReturn:
    """Nothing has been published: says how to make a first release, or why what was sent made none."""
    st.title("No figures have been published yet")
    if held:
        st.error(f"**What was sent is held back.** {held.sentence}")
        st.markdown(
            "If you look after this dashboard: `python -m pipelines status` says what was refused or is at fault, and "
            "the letters in `returns/` say it to each sender. When corrected files are in the inbox, run "
            "`python -m pipelines refresh`, then reload this page."
        )
        st.stop()
    st.markdown(
        "The dashboard shows only releases: sets of figures that have been checked and published. "
        "There is none in the data folder yet.\n\n"
        "To make one from demonstration data, run this in the product's folder, then reload this page:"
    )
    st.code("python -m pipelines demo\npython -m pipelines refresh", language="bash", wrap_lines=True)
    st.markdown("`make run` does the same and then starts the dashboard.")
    st.stop()


def real_release() -> NoReturn:
    """The release holds real figures and sign-in is not configured."""
    st.title("Sign-in is needed for this release")
    st.error(
        "This release holds real figures. The dashboard does not show real figures until sign-in has been configured."
    )
    st.markdown(
        "If you look after this dashboard, configure sign-in, or publish a release made from demonstration data. "
        "No figure of this release has been sent to your browser."
    )
    st.stop()


def sign_in(message: str, reason: Reason, providers: Sequence[str | None]) -> NoReturn:
    """Nobody is signed in, or the sign-in is over: says so, and offers to sign in."""
    st.title("Sign in to see the figures" if reason == "signed_out" else "Your sign-in has ended")
    st.markdown(
        "The figures of genomic medicine in NHS Scotland are open to people with a role in this dashboard."
        if reason == "signed_out"
        else message
    )
    for provider in providers:
        st.button(
            f"Sign in with {provider}" if provider and len(providers) > 1 else "Sign in",
            type="primary",
            key=f"sign_in_{provider or 'default'}",
            on_click=st.login,
            args=(provider,) if provider else (),
        )
    st.markdown("You come back to the Home page. To see the page that you asked for, open its link again.")
    st.stop()


def not_allowed(message: str, reason: Reason, ask: str, code: str) -> NoReturn:
    """The reader is signed in and this is not theirs: says why, whom to ask, and the code to quote."""
    st.title("You cannot open this page" if reason in NOT_YOURS else "You have no access to this dashboard")
    st.error(message)
    st.markdown(f"If your work needs it, ask {ask}, and give them your reader code:")
    st.code(code, language=None)
    st.markdown("Nothing of this page has been sent to your browser. The attempt has been recorded.")
    st.stop()


def other_role(message: str, needs: Role | None = None) -> NoReturn:
    """A demonstration in a role that may not see this: says which role to pick."""
    st.title("You cannot open this page")
    st.error(message)
    picked = f" Pick **{ROLE_WORDS[needs]}** to see it." if needs else ""
    st.markdown(f"This is a demonstration: under **Look as**, at the side, you can pick another role.{picked}")
    st.stop()


def failing(message: str = "") -> NoReturn:
    """Something that a page rests on cannot be read: says so and ends the run."""
    failed(message)
    st.stop()


def failed(message: str = "") -> None:
    """The screen for something that failed: no detail reaches the reader, the log has it."""
    st.title("These figures cannot be shown just now")
    st.error(message or "Something went wrong while this page was being made.")
    st.markdown(
        "Reload the page in a minute. If it stays so, tell the people who look after this dashboard: "
        "the log says what failed."
    )
