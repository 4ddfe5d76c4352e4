"""What is made before readers ask is what pages show at first: after it, opening a page makes nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.conftest import Open
from tests.pages.test_every_page import PAGES
from ui import beforehand, first_views, folded, made_once
from ui.data import ENVIRONMENT

#: Pages that show nothing that is kept of a release.
NOTHING_KEPT = {"glossary", "cited_figure"}


@pytest.fixture(autouse=True)
def as_readers_get_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closed parts stay empty, and nothing is kept from other tests."""
    monkeypatch.setattr(folded, "IS_MADE_CLOSED", False)
    made_once.forget()
    yield
    made_once.forget()


def prepared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is made before readers ask, made."""
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    beforehand.Keeper().make_first_views()


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose release has one before it."""
    from tests.ui.store import make_store

    folder = tmp_path_factory.mktemp("two")
    make_store(folder, "late", release="20261015T080000Z-before")
    make_store(folder, "full", release="20261115T080000Z-now")
    names = "20261015T080000Z-before\n20261115T080000Z-now\n"
    (folder / "releases" / "published").write_text(names, encoding="utf-8")
    return folder


@pytest.mark.parametrize("variant", ["full", "empty", "hidden", "late"])
def test_opening_any_page_with_nothing_chosen_makes_nothing_more(open_page: Open, stores, monkeypatch, variant):
    prepared(stores(variant), monkeypatch)
    made = {}
    for page in PAGES:
        with made_once.watched() as names:
            assert not open_page(page, variant).exception
        made[page] = names
    assert {page: names for page, names in made.items() if names} == {}


def test_nor_does_the_page_of_changes_where_there_is_a_release_before(open_page: Open, two_releases, monkeypatch):
    prepared(two_releases, monkeypatch)
    with made_once.watched() as names:
        app = open_page("release_changes", two_releases)
    assert "first release" not in app.header[0].value
    assert names == []


@pytest.mark.parametrize("variant", ["full", "empty", "hidden", "late"])
def test_nothing_that_is_made_is_pushed_out_again(stores, monkeypatch, variant):
    prepared(stores(variant), monkeypatch)
    full = {name: size for name, size in made_once.sizes().items() if size[0] >= size[1] > 10}
    assert full == {}


def test_each_page_is_among_those_that_are_made_or_has_nothing_to_make():
    assert set(first_views.FIRST) == set(PAGES) - NOTHING_KEPT
