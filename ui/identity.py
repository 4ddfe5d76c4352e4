"""Who is signed in: what Streamlit knows of the sign-in, the claims of a cookie, and the reader that they make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.auth_util import (  # internal, as are those below; the tests sign in through them
    get_origin_from_redirect_uri,
    get_secrets_auth_section,
    get_signing_secret,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from ui.access import ENVIRONMENT, AccessFileError, NotAllowedError, Reader, reader_of, rules
from ui.data import data_folder
from ui.sessions import NOT_CLAIMS, WHY, Sessions, SessionsError

Claims = Mapping[str, object]

#: Characters of the secret that signs cookies; 32 random ones cannot be guessed.
SHORTEST_SECRET = 32


class SetUpError(Exception):
    """Sign-in is configured wrongly; the message is for whoever looks after the server."""


def is_configured() -> bool:
    """Whether the secrets have a section `[auth]`: then nobody gets in without signing in."""
    return bool(get_secrets_auth_section())


def providers() -> list[str | None]:
    """The names of the sign-in services configured; None stands for the one that stands in `[auth]` itself."""
    section = get_secrets_auth_section().to_dict()
    named = [name for name, value in section.items() if isinstance(value, dict) and "client_id" in value]
    return [None, *named] if "client_id" in section else [*named]


def insist_on_set_up() -> None:
    """Raises SetUpError, which says what to mend, where sign-in is configured so that it could not work or not be safe.

    A server should not start then: without its secrets it would look like one that has no sign-in.
    """
    held = [path for path in config.get_option("secrets.files") if Path(path).exists()]
    if held and not secrets_singleton.load_if_toml_exists():
        raise SetUpError(f"{Path(held[0]).name}: cannot be read as TOML")
    if not is_configured():
        return
    try:
        for provider in providers():
            validate_auth_credentials(provider or "default")
        given = rules()
        sessions().check_writable()
    except (StreamlitAuthError, AccessFileError, SessionsError) as problem:
        raise SetUpError(" ".join(str(problem).split())) from None
    if not providers():
        raise SetUpError("secrets.toml: [auth] names no client_id, so there is nothing to sign in with")
    if len(get_signing_secret()) < SHORTEST_SECRET:
        raise SetUpError(f"secrets.toml: auth.cookie_secret needs {SHORTEST_SECRET} characters or more")
    if not given.issuers:
        raise SetUpError(f"{ENVIRONMENT}: the file names no issuer, so nobody could get in")
    if config.get_option("server.trustedUserHeaders"):
        raise SetUpError("server.trustedUserHeaders: a header could stand for a sign-in; leave it empty")


def sessions() -> Sessions:
    """The sessions of the data folder, with the limits in force."""
    return Sessions(data_folder(), rules().limits)


def claims_of_run() -> Claims | None:
    """The claims with which the session of this script run began; None where it began signed out."""
    known = st.user.to_dict()
    return _own(known) if known.get("is_logged_in") is True else None


def claims_of_cookies(cookies: Mapping[str, str]) -> Claims | None:
    """The claims in a request's cookies; None where there are none, or a signature or the origin is not ours."""
    signed = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    if signed is None:
        return None
    try:
        known = json.loads(signed)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    if not isinstance(known, dict) or known.get("is_logged_in") is not True:
        return None
    return _own(known) if known.get("origin") == get_origin_from_redirect_uri() else None


def signed_in(claims: Claims | None, *, is_click: bool) -> Reader:
    """The reader of a sign-in whose session is alive; NotAllowedError, AccessFileError or SessionsError otherwise."""
    if claims is None:
        raise NotAllowedError(WHY["signed_out"], "signed_out")
    sessions().insist(claims, is_click=is_click)
    return reader_of(claims, rules())


def _own(known: Mapping[str, object]) -> Claims:
    return {name: value for name, value in known.items() if name not in NOT_CLAIMS}
