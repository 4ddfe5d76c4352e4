"""Pages take turns: so many at once, none waits for ever, and who waits for something else lets others go on."""

from __future__ import annotations

import threading
import time

import pytest

from ui import turns


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TURNS", threading.BoundedSemaphore(turns.AT_ONCE))


def held(number: int) -> tuple[list[threading.Thread], threading.Event, list[int]]:
    """Threads that each hold a turn until told to end it, and how many hold one at the time that each got its own."""
    end, inside, seen = threading.Event(), [], []

    def page() -> None:
        with turns.turn():
            inside.append(1)
            seen.append(len(inside))
            end.wait(20)
            inside.pop()

    threads = [threading.Thread(target=page) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, end, seen


def test_no_more_than_so_many_have_a_turn_and_all_get_theirs():
    threads, end, seen = held(8)
    end.set()
    for thread in threads:
        thread.join(20)
    assert len(seen) == 8
    assert max(seen) <= turns.AT_ONCE


def test_a_page_that_fails_gives_its_turn_back():
    for _ in range(3 * turns.AT_ONCE):
        with pytest.raises(ZeroDivisionError), turns.turn():
            _ = 1 / 0


def test_who_waits_too_long_goes_on_without_a_turn(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST", 0.05)
    threads, end, seen = held(turns.AT_ONCE + 1)
    for _ in range(200):
        if len(seen) == turns.AT_ONCE + 1:
            break
        threading.Event().wait(0.05)
    assert len(seen) == turns.AT_ONCE + 1
    end.set()
    for thread in threads:
        thread.join(20)
    with turns.turn():
        assert turns._OF_THREAD.has_turn


def test_who_steps_aside_lets_another_have_the_turn_and_takes_one_up_again(monkeypatch):
    monkeypatch.setattr(turns, "_TURNS", threading.BoundedSemaphore(1))
    with turns.turn():
        with turns.stepped_aside():
            threads, end, seen = held(1)
            end.set()
            threads[0].join(20)
            assert seen == [1]
        assert turns._OF_THREAD.has_turn


def test_stepping_aside_without_a_turn_changes_nothing():
    with turns.stepped_aside():
        assert turns._TURNS._value == turns.AT_ONCE
    assert turns._TURNS._value == turns.AT_ONCE


def test_it_is_idle_only_while_no_page_is_made_or_waits():
    assert turns.wait_till_idle(0, 1)
    threads, end, _ = held(turns.AT_ONCE + 1)
    assert not turns.wait_till_idle(0, 0.1)
    end.set()
    assert turns.wait_till_idle(0, 20)
    for thread in threads:
        thread.join(20)


def test_it_is_idle_when_it_has_been_quiet_for_so_long():
    with turns.turn():
        pass
    ended = time.monotonic()
    assert not turns.wait_till_idle(0.3, 0.1)
    assert turns.wait_till_idle(0.3, 10)
    assert time.monotonic() - ended >= 0.3


def test_a_page_that_fails_is_not_waited_for():
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    assert turns.wait_till_idle(0, 1)
