"""The guard: the first line of every page. It opens the release and refuses a real one without sign-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui import words
from ui.data import BrokenReleaseError, NoReleaseError, RealReleaseError, Snapshot


@dataclass(frozen=True)
class Context:
    """What a page works with: the one release of this script run."""

    snapshot: Snapshot


def page() -> Context:
    """Opens the release for a page, or shows a screen that says why there is none and ends the run."""
    try:
        snapshot = Snapshot()
    except NoReleaseError:
        no_release()
    except RealReleaseError:
        real_release()
    except BrokenReleaseError as problem:
        failing(str(problem))
    synthetic_banner()
    return Context(snapshot)


def menu(pages: Mapping[str, Sequence[StreamlitPage]]) -> None:
    """The menu by group of readers; Streamlit's own puts its groups where a list may not have them."""
    with st.sidebar:
        for group, members in pages.items():
            st.caption(group)
            for member in members:
                st.page_link(member, label=member.title)


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


def no_release() -> NoReturn:
    """Nothing has been published: says how to make a first release."""
    st.title("No figures have been published yet")
    st.markdown(
        "The dashboard shows only releases: sets of figures that have been checked and published. "
        "There is none in the data folder yet.\n\n"
        "To make one from demonstration data, run this in the product's folder, then reload this page:"
    )
    st.code("python -m pipelines demo\npython -m pipelines refresh", language="bash", wrap_lines=True)
    st.markdown("`make run` does the same and then starts the dashboard.")
    st.stop()


def real_release() -> NoReturn:
    """The release holds real figures and nobody is signed in."""
    st.title("Sign-in is needed for this release")
    st.error(
        "This release holds real figures. The dashboard does not show real figures until sign-in has been configured."
    )
    st.markdown(
        "If you look after this dashboard, configure sign-in, or publish a release made from demonstration data. "
        "No figure of this release has been sent to your browser."
    )
    st.stop()


def failing(message: str = "") -> NoReturn:
    """A release could not be read: says so and ends the run."""
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
