"""deploy/secrets.*.toml and access.*.yml: refused as they stand, accepted once their blanks are filled."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.secrets import AttrDict

from tests.deploy.conftest import DEPLOY
from ui import access, identity

SERVICES = ("entra", "keycloak")
BLANK = re.compile(r"<[^<>]+>")
LONG = "0123456789abcdef" * 4


def secrets(service: str) -> dict[str, Any]:
    """The section [auth] of an example."""
    return tomllib.loads((DEPLOY / f"secrets.{service}.toml").read_text(encoding="utf-8"))["auth"]


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Asks whether the app would start with an example; `filled` puts something in place of each blank."""

    def insist(service: str, filled: bool) -> None:
        section = secrets(service)
        rules = (DEPLOY / f"access.{service}.yml").read_text(encoding="utf-8")
        if filled:
            section = {
                name: BLANK.sub(LONG, value) if isinstance(value, str) else value for name, value in section.items()
            }
            rules = BLANK.sub(LONG, rules)
        (tmp_path / "access.yml").write_text(rules, encoding="utf-8")
        monkeypatch.setenv("GENOMICS_ACCESS", str(tmp_path / "access.yml"))
        monkeypatch.setenv("GENOMICS_DATA", str(tmp_path))
        monkeypatch.setattr(identity, "get_secrets_auth_section", lambda: AttrDict(section))
        monkeypatch.setattr(identity, "get_signing_secret", lambda: section["cookie_secret"])
        monkeypatch.setattr(identity, "validate_auth_credentials", lambda _: None)
        identity.insist_on_set_up()

    return insist


@pytest.mark.parametrize("service", SERVICES)
def test_the_app_does_not_start_with_the_blanks_of_an_example(set_up, service):
    with pytest.raises(identity.SetUpError, match="cookie_secret"):
        set_up(service, filled=False)


@pytest.mark.parametrize("service", SERVICES)
def test_the_app_starts_once_the_blanks_are_filled(set_up, service):
    set_up(service, filled=True)


@pytest.mark.parametrize("service", SERVICES)
def test_the_two_files_of_a_service_name_the_same_client_and_the_same_issuer(service):
    section = secrets(service)
    text = (DEPLOY / f"access.{service}.yml").read_text(encoding="utf-8")
    assert f": [{section['client_id']}]" in text
    assert section["server_metadata_url"].removesuffix("/.well-known/openid-configuration") in text


@pytest.mark.parametrize("service", SERVICES)
def test_the_limits_are_those_that_ship_and_the_roles_are_all_there(service):
    given = access.read_yaml(DEPLOY / f"access.{service}.yml", access.Rules)
    assert (given.limits.idle_minutes, given.limits.absolute_hours) == (30, 8)
    assert set(given.roles.values()) == set(access.Role)


@pytest.mark.parametrize("service", SERVICES)
def test_no_email_address_is_asked_for(service):
    assert "email" not in secrets(service)["client_kwargs"]["scope"]
