"""ui/sessions.py: a cookie is worth something only while its session is alive, and nothing brings one back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalogue.contracts import ROOT
from ui.access import Limits, NotAllowedError, reader_key
from ui.sessions import REVOKED, TABLE, Sessions, SessionsError, session_of

NOW = 1_800_000_000.0
LIMITS = Limits(idle_minutes=30, absolute_hours=8)


def claims(**changed: object) -> dict[str, object]:
    """Claims of one sign-in, whose token lasts for a day."""
    return {"iss": "https://a.scot", "sub": "s-1", "nonce": "n-1", "iat": int(NOW), "exp": int(NOW) + 86_400} | changed


@pytest.fixture
def sessions(tmp_path):
    """An empty table."""
    return Sessions(tmp_path, LIMITS)


def why(sessions: Sessions, found: dict[str, object], now: float = NOW, *, is_click: bool = True) -> str | None:
    """Why a session is refused; None where it is alive."""
    try:
        sessions.insist(found, is_click=is_click, now=now)
    except NotAllowedError as refused:
        return refused.reason
    return None


def test_a_sign_in_that_was_never_begun_here_is_refused(sessions):
    assert why(sessions, claims()) == "unknown_session"


def test_a_session_lasts_from_its_beginning_to_sign_out(sessions):
    sessions.begin(claims(), NOW)
    assert why(sessions, claims(), NOW + 1) is None
    assert sessions.end(claims())
    assert why(sessions, claims(), NOW + 2) == "ended"
    assert not sessions.end(claims())


def test_a_session_that_has_ended_is_not_begun_again_with_the_same_token(sessions):
    sessions.begin(claims(), NOW)
    sessions.end(claims())
    sessions.begin(claims(), NOW + 1)
    assert why(sessions, claims(), NOW + 2) == "ended"


def test_another_sign_in_of_the_same_person_is_another_session(sessions):
    sessions.begin(claims(), NOW)
    sessions.begin(claims(nonce="n-2"), NOW)
    sessions.end(claims())
    assert why(sessions, claims(nonce="n-2"), NOW) is None


def test_any_changed_claim_is_another_session(sessions):
    sessions.begin(claims(), NOW)
    for changed in ({"sub": "s-2"}, {"roles": ["administrator"]}, {"exp": int(NOW) + 99_999}, {"iat": int(NOW) + 1}):
        assert why(sessions, claims(**changed)) == "unknown_session"


def test_what_streamlit_adds_to_the_claims_does_not_change_the_session():
    assert session_of(claims()) == session_of(claims(is_logged_in=True, tokens={"id": "x"}, origin="http://a"))


def test_thirty_minutes_without_a_click_end_it_and_a_click_keeps_it(sessions):
    sessions.begin(claims(), NOW)
    assert why(sessions, claims(), NOW + 1_799) is None
    assert why(sessions, claims(), NOW + 1_799 + 1_799) is None
    assert why(sessions, claims(), NOW + 2 * 1_799 + 1_800) == "idle"


def test_fetching_a_file_is_no_click(sessions):
    sessions.begin(claims(), NOW)
    assert why(sessions, claims(), NOW + 1_700, is_click=False) is None
    assert why(sessions, claims(), NOW + 1_800) == "idle"


def test_after_eight_hours_it_is_over_however_busy(sessions):
    sessions.begin(claims(), NOW)
    for minutes in range(0, 480, 20):
        assert why(sessions, claims(), NOW + 60 * minutes) is None
    assert why(sessions, claims(), NOW + 8 * 3600) == "too_long"


def test_the_tokens_own_end_is_kept(sessions):
    short = claims(exp=int(NOW) + 60)
    sessions.begin(short, NOW)
    assert why(sessions, short, NOW + 59) is None
    assert why(sessions, short, NOW + 60) == "token_expired"


@pytest.mark.parametrize("until", [None, "2027", "", True, [], {}, float("nan"), "9999999999"])
def test_a_token_that_does_not_say_when_it_ends_is_over(sessions, until):
    sessions.begin(claims(exp=until), NOW)
    assert why(sessions, claims(exp=until), NOW) == "token_expired"


@pytest.mark.parametrize("later", [1_800, 8 * 3600])
def test_what_has_run_out_does_not_come_back_when_the_clock_or_the_limits_change(sessions, later):
    sessions.begin(claims(), NOW)
    reason = why(sessions, claims(), NOW + later)
    assert reason in ("idle", "too_long")
    assert why(sessions, claims(), NOW) == reason
    loose = Sessions(sessions.data, Limits(idle_minutes=1_000, absolute_hours=24))
    assert why(loose, claims(), NOW + later) == reason


def test_shorter_limits_are_in_force_at_once(sessions):
    sessions.begin(claims(), NOW)
    assert why(Sessions(sessions.data, Limits(idle_minutes=1, absolute_hours=8)), claims(), NOW + 61) == "idle"


def test_a_line_in_the_file_withdraws_access_at_the_next_click_and_from_new_sign_ins(sessions):
    sessions.begin(claims(), NOW)
    assert why(sessions, claims(), NOW) is None
    revoked = sessions.folder / REVOKED
    revoked.write_text(f"# left on Friday\n\n  {reader_key(claims())}  # by the administrator\n", encoding="utf-8")
    assert why(sessions, claims(), NOW) == "revoked"
    sessions.begin(claims(nonce="n-2"), NOW)
    assert why(sessions, claims(nonce="n-2"), NOW) == "revoked"
    sessions.begin(claims(sub="s-2"), NOW)
    assert why(sessions, claims(sub="s-2"), NOW) is None
    revoked.unlink()
    assert why(sessions, claims(), NOW) == "revoked"


@pytest.mark.parametrize(
    "line", ["anna@example.scot", "ABCDEF0123456789", "0123", "0123456789abcdef0", "x 0123456789abcdef"]
)
def test_a_line_that_is_no_key_lets_nobody_in_and_is_named_without_its_text(sessions, line):
    sessions.begin(claims(), NOW)
    (sessions.folder / REVOKED).write_text(f"# a remark\n{line}\n", encoding="utf-8")
    with pytest.raises(SessionsError) as problem:
        sessions.insist(claims(), is_click=True, now=NOW)
    assert "line 2" in str(problem.value)
    assert line not in str(problem.value)


def test_a_list_that_cannot_be_read_lets_nobody_in(sessions):
    sessions.begin(claims(), NOW)
    (sessions.folder / REVOKED).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SessionsError):
        sessions.insist(claims(), is_click=True, now=NOW)


def test_another_process_knows_what_was_ended_here(sessions, tmp_path):
    now = time.time()
    mine, other = claims(exp=now + 999), claims(exp=now + 999, nonce="n-2")
    for found in (mine, other):
        sessions.begin(found, now)
    sessions.end(mine)
    script = f"""
from pathlib import Path
from ui.access import Limits, NotAllowedError
from ui.sessions import Sessions
sessions = Sessions(Path({str(tmp_path)!r}), Limits(idle_minutes=30, absolute_hours=8))
for found in ({mine!r}, {other!r}):
    try:
        sessions.insist(found, is_click=True)
        print("alive")
    except NotAllowedError as refused:
        print(refused.reason)
"""
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["ended", "alive"]


def test_a_lost_table_signs_everybody_out(sessions):
    sessions.begin(claims(), NOW)
    for file in sessions.folder.glob(f"{TABLE}*"):
        file.unlink()
    assert why(sessions, claims(), NOW) == "unknown_session"


def test_a_damaged_table_lets_nobody_in(sessions):
    sessions.folder.mkdir()
    (sessions.folder / TABLE).write_bytes(b"not a table" * 1_000)
    for ask in (
        lambda: sessions.begin(claims()),
        lambda: sessions.insist(claims(), is_click=True),
        sessions.check_writable,
    ):
        with pytest.raises(SessionsError):
            ask()


def test_a_folder_that_cannot_be_made_lets_nobody_in(tmp_path):
    (tmp_path / "audit").write_text("a file is in the way")
    with pytest.raises(SessionsError):
        Sessions(tmp_path, LIMITS).begin(claims())


def test_nothing_of_a_sign_in_but_hashes_is_stored(sessions):
    known = claims(name="Anna Example", email="anna@example.scot", at_hash="token-part", roles=["genomics-viewer"])
    sessions.begin(known, NOW)
    sessions.insist(known, is_click=True, now=NOW)
    stored = b"".join(file.read_bytes() for file in sessions.folder.iterdir())
    for secret in ("Anna", "example.scot", "s-1", "n-1", "token-part", "genomics-viewer", "https://a.scot"):
        assert secret.encode() not in stored
    assert reader_key(known).encode() in stored


def test_rows_are_not_kept_for_ever_and_what_is_gone_stays_refused(sessions):
    sessions.begin(claims(), NOW)
    sessions.end(claims())
    sessions.begin(claims(nonce="n-2"), NOW + 3 * 86_400)
    with sqlite3.connect(sessions.folder / TABLE) as table:
        assert table.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    assert why(sessions, claims(), NOW + 3 * 86_400) == "unknown_session"


def test_many_readers_at_once_do_not_shut_each_other_out(sessions):
    now = time.time()

    def work(number: int) -> int:
        mine = claims(nonce=str(number), exp=now + 900)
        sessions.begin(mine)
        for _ in range(20):
            sessions.insist(mine, is_click=True)
        return int(sessions.end(mine))

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(work, range(32))) == 32
