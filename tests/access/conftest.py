"""A sign-in service on loopback, the app configured to use it, and a browser's part of signing in over plain HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.browser.conftest import BASE_PATH, chromium, serving, visit  # noqa: F401 - fixtures
from tests.ui.store import make_store

SECRET = "a cookie secret for the tests, of more than enough characters"
CLIENT = "dashboard"

#: People whom the service knows: what their sign-ins claim.
PEOPLE: Mapping[str, Mapping[str, object]] = {
    "viewer": {"roles": ["genomics-viewer"], "name": "Vera Viewer"},
    "fife": {"roles": ["genomics-board-manager"], "board": "S08000029"},
    "lothian": {"roles": "genomics-board-manager", "board": ["S08000024"]},
    "steward": {"roles": ["genomics-steward"], "submitter": "EDI"},
    "administrator": {"roles": ["genomics-administrator"]},
    "planner": {"roles": ["genomics-planner"]},
    "stranger": {"roles": ["somebody-else"]},
    "nothing": {},
    "empty": {"roles": ""},
    "numbers": {"roles": [1]},
    "mapping": {"roles": {"genomics-viewer": True}},
    "nowhere": {"roles": ["genomics-board-manager"], "board": "S99999999"},
    "boardless": {"roles": ["genomics-board-manager"]},
}


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The address of a sign-in service; tokens last an hour."""
    with providing() as address:
        yield address


@contextmanager
def providing(lifetime_seconds: int = 3600) -> Iterator[str]:
    """A sign-in service on loopback whose tokens last so long."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    claims = [json.dumps({"sub": name, **claims}) for name, claims in PEOPLE.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--token-max-age", str(lifetime_seconds)]
    for claim in claims:
        command += ["--user-claims", claim]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=2)
                break
            except (urllib.error.URLError, OSError):
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class Site:
    """A server with sign-in configured, its data folder and its log."""

    url: str
    data: Path
    log: Path
    rules: Path


@dataclass
class Person:
    """A browser without a screen: cookies, and what it got."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    set_by: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """An address of the app, with the cookies held."""
        return httpx.get(f"{self.url}{path}", cookies=self.cookies, headers=headers, timeout=20)

    def copy(self) -> Person:
        """Somebody who copied the cookies."""
        return Person(self.url, dict(self.cookies))


def rules_text(issuer: str, idle_minutes: float = 30, absolute_hours: float = 8) -> str:
    """A deployment's own file of rules."""
    shipped = (Path(__file__).parents[2] / "ui" / "access.yml").read_text(encoding="utf-8")
    return (
        shipped.replace("issuers: {}", f"issuers: {{'{issuer}': [{CLIENT}]}}")
        .replace("idle_minutes: 30", f"idle_minutes: {idle_minutes}")
        .replace("absolute_hours: 8", f"absolute_hours: {absolute_hours}")
    )


def configured(
    place: Path, issuer: str, *, idle_minutes: float = 30, absolute_hours: float = 8, base: str = ""
) -> dict[str, str]:
    """Writes secrets and rules into a folder; what the environment of the server must say."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{{port}}{f"/{base}" if base else ""}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "{CLIENT}"
client_secret = "not a secret here"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )
    (place / "access.yml").write_text(rules_text(issuer, idle_minutes, absolute_hours), encoding="utf-8")
    return {
        "STREAMLIT_SECRETS_FILES": str(place / "secrets.toml"),
        "GENOMICS_ACCESS": str(place / "access.yml"),
        "AUTHLIB_INSECURE_TRANSPORT": "1",
        BASE_PATH: base,
    }


@contextmanager
def signed_site(
    place: Path,
    issuer: str,
    *,
    idle_minutes: float = 30,
    absolute_hours: float = 8,
    port: int = 0,
    base: str = "",
    **env: str,
) -> Iterator[Site]:
    """A cold server with sign-in and a real release, unless the folder holds another. base: its base path."""
    if not (place / "data").exists():
        make_store(place / "data", "full", synthetic=False)
    settings = configured(place, issuer, idle_minutes=idle_minutes, absolute_hours=absolute_hours, base=base)
    with serving(place / "data", place / "log", env={**settings, **env}, port=port) as url:
        yield Site(url, place / "data", place / "log", place / "access.yml")


@pytest.fixture(scope="module")
def site(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server with sign-in for a module, on a real release."""
    with signed_site(tmp_path_factory.mktemp("site"), provider) as found:
        yield found


def sign_in(url: str, subject: str, before: Person | None = None) -> Person:
    """Signs somebody in, as a browser does it, redirect by redirect; `before` is who is signed in there already."""
    token = jwt.encode(
        {"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 60}, OctKey.import_key(SECRET)
    )
    with httpx.Client(timeout=20, cookies=before.cookies if before else None) as browser:
        to_service = browser.get(f"{url}/auth/login", params={"provider": token})
        back = httpx.post(to_service.headers["location"], data={"sub": subject}, timeout=20)
        done = browser.get(back.headers["location"])
        assert done.status_code == 302
        assert browser.get(url).status_code == 200
        assert browser.get(f"{url}/_stcore/health").status_code == 200
        held = {cookie.name: cookie.value or "" for cookie in browser.cookies.jar}
        return Person(url, held, done.headers.get_list("set-cookie"))
