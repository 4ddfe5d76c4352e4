"""ui/access.py: claims give a role only where they say so clearly, and a role reaches no further than it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import access
from ui.access import (
    AccessFileError,
    Claims,
    Limits,
    NotAllowedError,
    Reader,
    Role,
    Rules,
    boards,
    demonstration,
    reader_key,
    reader_of,
    submitters,
)

ISSUER = "https://login.example.scot"
RULES = Rules(
    issuers={ISSUER: ["dashboard", "dashboard-2"]},
    claims=Claims(roles="roles", board="board", submitter="submitter", name="name"),
    roles={"v": Role.VIEWER, "b": Role.BOARD_MANAGER, "p": Role.PLANNER, "s": Role.STEWARD, "a": Role.ADMINISTRATOR},
    limits=Limits(idle_minutes=30, absolute_hours=8),
    ask="the people who look after this",
)
FIFE, LOTHIAN = "S08000029", "S08000024"


def claims(**changed: object) -> dict[str, object]:
    """Claims of a viewer, with changes."""
    return {"iss": ISSUER, "sub": "s-1", "aud": "dashboard", "exp": 2_000_000_000, "roles": ["v"]} | changed


def why(found: dict[str, object], rules: Rules = RULES) -> str:
    """The reason for which claims are refused."""
    with pytest.raises(NotAllowedError) as refused:
        reader_of(found, rules)
    return refused.value.reason


@pytest.mark.parametrize(
    ("value", "role"),
    [("v", "viewer"), ("b", "board_manager"), ("p", "planner"), ("s", "steward"), ("a", "administrator")],
)
def test_a_value_of_the_roles_claim_gives_its_role_and_that_of_a_viewer(value, role):
    reader = reader_of(claims(roles=value, board=FIFE, submitter="EDI"), RULES)
    assert reader.roles == {Role.VIEWER, Role(role)}
    assert reader.boards == ({FIFE} if role == "board_manager" else set())
    assert reader.submitters == ({"EDI"} if role == "steward" else set())


def test_values_that_are_not_mapped_give_nothing_beside_those_that_are():
    assert reader_of(claims(roles=["everybody", "p", "x" * 500]), RULES).roles == {Role.VIEWER, Role.PLANNER}


@pytest.mark.parametrize(
    "value", [None, [], "somebody", ["somebody"], "V", " v", "v ", "v,b", "viewer", "administrator"]
)
def test_without_a_mapped_value_there_is_no_role(value):
    assert why(claims(roles=value)) == "no_role"


@pytest.mark.parametrize(
    "value", ["", [""], ["v", ""], {"v": True}, True, 1, 0, 1.5, ["v", 1], ["v", None], [["v"]], [{}]]
)
def test_a_roles_claim_of_another_form_gives_nothing_at_all(value):
    assert why(claims(roles=value)) == "unclear_claim"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://login.example.scot/"}, "unknown_issuer"),
        ({"iss": "http://login.example.scot"}, "unknown_issuer"),
        ({"iss": ISSUER.upper()}, "unknown_issuer"),
        ({"iss": None}, "unknown_issuer"),
        ({"iss": [ISSUER]}, "unknown_issuer"),
        ({"iss": {"iss": ISSUER}}, "unknown_issuer"),
        ({"sub": ""}, "unclear_claim"),
        ({"sub": None}, "unclear_claim"),
        ({"sub": 7}, "unclear_claim"),
        ({"sub": ["s-1"]}, "unclear_claim"),
        ({"aud": "another"}, "unknown_audience"),
        ({"aud": None}, "unknown_audience"),
        ({"aud": []}, "unknown_audience"),
        ({"aud": ["dashboard", "another"]}, "unknown_audience"),
        ({"aud": {"dashboard": 1}}, "unclear_claim"),
        ({"aud": ""}, "unclear_claim"),
    ],
)
def test_an_unknown_source_gives_nothing(changed, reason):
    assert why(claims(**changed)) == reason


def test_a_list_of_accepted_audiences_is_accepted():
    assert reader_of(claims(aud=["dashboard", "dashboard-2"]), RULES).may(Role.VIEWER)


@pytest.mark.parametrize("board", [None, [], "S99999999", "OUTSIDE", "SB0801", "Fife", [FIFE, "S99999999"], f"{FIFE} "])
def test_a_board_manager_without_a_known_board_gets_nothing_not_even_a_viewers_role(board):
    assert why(claims(roles=["b", "v"], board=board)) == "unknown_board"


@pytest.mark.parametrize("board", ["", [""], [FIFE, 1], {FIFE: 1}, 1, True])
def test_a_board_claim_of_another_form_gives_nothing(board):
    assert why(claims(roles="b", board=board)) == "unclear_claim"


@pytest.mark.parametrize("submitter", [None, [], "OUT", "OUTSIDE", "edi", ["EDI", "XXX"]])
def test_a_steward_without_a_known_submitter_gets_nothing(submitter):
    assert why(claims(roles="s", submitter=submitter)) == "unknown_submitter"


def test_a_board_claim_is_not_looked_at_for_those_who_manage_no_board():
    reader = reader_of(claims(roles=["v", "p"], board={"any": 1}, submitter=3), RULES)
    assert (reader.boards, reader.submitters) == (frozenset(), frozenset())


@pytest.mark.parametrize("verified", [None, False, "true", 1, "yes"])
def test_an_email_that_is_not_verified_gives_nothing(verified):
    by_email = RULES.model_copy(
        update={
            "claims": RULES.claims.model_copy(update={"roles": "email"}),
            "roles": {"a@example.scot": Role.VIEWER},
        }
    )
    assert why(claims(email="a@example.scot", email_verified=verified), by_email) == "unverified_email"
    assert reader_of(claims(email="a@example.scot", email_verified=True), by_email).may(Role.VIEWER)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["v", "b", FIFE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "roles", "board", "submitter", "name"]), anything))
def test_whatever_the_claims_hold_they_give_a_reader_or_a_reason_never_another_error(changed):
    try:
        reader = reader_of(claims(**changed), RULES)
    except NotAllowedError:
        return
    assert reader.boards <= boards()
    assert reader.submitters <= submitters()
    assert len(reader.name) <= access.LONGEST_NAME


def test_a_role_reaches_its_own_board_and_submitter_only():
    manager = demonstration(Role.BOARD_MANAGER, board=FIFE)
    steward = demonstration(Role.STEWARD, submitter="EDI")
    assert manager.may(Role.BOARD_MANAGER, board=FIFE)
    assert not manager.may(Role.BOARD_MANAGER, board=LOTHIAN)
    assert not manager.may(Role.STEWARD, submitter=FIFE)
    assert not manager.may(Role.VIEWER, board=FIFE)
    assert steward.may(Role.STEWARD, submitter="EDI")
    assert not steward.may(Role.STEWARD, submitter="GLA")
    assert not steward.may(Role.BOARD_MANAGER, board=FIFE)
    for role in (Role.VIEWER, Role.PLANNER, Role.ADMINISTRATOR):
        reader = demonstration(role, board=FIFE, submitter="EDI")
        assert not reader.may(Role.BOARD_MANAGER, board=FIFE)
        assert not reader.may(Role.STEWARD, submitter="EDI")


def test_a_board_without_the_role_reaches_nothing():
    assert not Reader("k", "n", frozenset({Role.VIEWER}), frozenset({FIFE})).may(Role.BOARD_MANAGER, board=FIFE)


def test_a_refusal_holds_no_value_and_says_why():
    manager = demonstration(Role.BOARD_MANAGER, board=FIFE)
    with pytest.raises(NotAllowedError) as refused:
        manager.insist(Role.BOARD_MANAGER, board=LOTHIAN)
    assert refused.value.reason == "wrong_board"
    assert LOTHIAN not in str(refused.value)
    assert FIFE not in str(refused.value)


@pytest.mark.parametrize("board", [None, "OUTSIDE", "S99999999"])
def test_a_picked_board_that_is_none_reaches_no_board(board):
    assert demonstration(Role.BOARD_MANAGER, board=board).boards == frozenset()


def test_the_key_is_stable_and_tells_issuers_and_subjects_apart():
    key = reader_key(claims())
    assert key == reader_key(claims(exp=1, roles="a", name="Another"))
    assert len({key, reader_key(claims(sub="s-2")), reader_key(claims(iss="https://other.scot"))}) == 3
    assert "s-1" not in key
    assert len(key) == 16


def test_the_shipped_file_lets_nobody_in(monkeypatch):
    monkeypatch.delenv(access.ENVIRONMENT, raising=False)
    shipped = access.rules()
    assert shipped.issuers == {}
    assert set(shipped.roles.values()) == set(Role)
    assert (shipped.limits.idle_seconds, shipped.limits.absolute_seconds) == (1800, 28800)
    assert why(claims(), shipped) == "unknown_issuer"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("viewer\n", "vewer\n"), "roles.genomics-viewer"),
        (("idle_minutes: 30", "idle_minutes: soon"), "limits.idle_minutes"),
        (("idle_minutes: 30", "idle_minutes: 0"), "limits.idle_minutes"),
        (("absolute_hours: 8", "absolute_hours: 700"), "limits.absolute_hours"),
        (("issuers: {}", "issuers: {'https://a.scot': []}"), "issuers.https://a.scot"),
        (("issuers: {}", "issuers: ['https://a.scot']"), "issuers"),
        (("  board: board", "  bord: board"), "claims.bord"),
        (("issuers: {}\n", ""), "issuers"),
        (("issuers: {}", "issuers: {"), "not valid YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named_by_file_and_field(tmp_path, monkeypatch, change, says):
    text = access.DEFAULT.read_text(encoding="utf-8")
    assert change[0] in text
    own = tmp_path / "our-access.yml"
    own.write_text(text.replace(*change), encoding="utf-8")
    monkeypatch.setenv(access.ENVIRONMENT, str(own))
    with pytest.raises(AccessFileError) as problem:
        access.rules()
    assert "our-access.yml" in str(problem.value)
    assert says in str(problem.value)


@pytest.mark.parametrize("content", [b"- a\n- b\n", b"just text", b"\xff\xfe", b""])
def test_a_file_of_another_kind_lets_nobody_in(tmp_path, monkeypatch, content):
    own = tmp_path / "access.yml"
    own.write_bytes(content)
    monkeypatch.setenv(access.ENVIRONMENT, str(own))
    with pytest.raises(AccessFileError):
        access.rules()


def test_a_file_that_is_not_there_lets_nobody_in(tmp_path, monkeypatch):
    monkeypatch.setenv(access.ENVIRONMENT, str(tmp_path / "gone.yml"))
    with pytest.raises(AccessFileError, match=r"gone\.yml"):
        access.rules()


def test_a_change_of_the_file_is_in_force_at_the_next_look(tmp_path, monkeypatch):
    own = tmp_path / "access.yml"
    text = access.DEFAULT.read_text(encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    monkeypatch.setenv(access.ENVIRONMENT, str(own))
    assert access.rules().limits.idle_minutes == 30
    own.write_text(text.replace("idle_minutes: 30", "idle_minutes: 5"), encoding="utf-8")
    assert access.rules().limits.idle_minutes == 5
