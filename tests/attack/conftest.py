"""Releases to attack, each with the truth beside it, and the release that follows one of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pytest

from pipelines import releases
from pipelines.build import WAREHOUSE, build
from pipelines.folders import Folders
from pipelines.ingest import ingest
from pipelines.releases import STORE
from tests.attack import attacker
from tests.attack.truth import exact_counts
from tests.conftest import ARRIVED, IS_STUDY, Published
from tests.pages.conftest import as_served, open_page, stores  # noqa: F401 - fixtures


@dataclass(frozen=True)
class Victim:
    """A release under attack: its protected store, which a reader's screens are made of, and the exact warehouse."""

    store: Path
    warehouse: Path

    @cached_property
    def defined(self) -> dict[str, dict[str, object]]:
        """Its measures that count people, as it defines them."""
        return {name: entry for name, entry in attacker.entries(self.store).items() if attacker.counts_people(entry)}

    @cached_property
    def shown(self) -> pl.DataFrame:
        """Its counts as shown."""
        return attacker.shown_counts(self.store)

    @cached_property
    def truth(self) -> pl.DataFrame:
        """Its counts as they are."""
        return exact_counts(self.warehouse, self.shown, self.defined)

    @cached_property
    def known(self) -> attacker.Lattice:
        """What a reader knows who was told which hidden counts are few."""
        return attacker.lattice(self.shown, self.truth, self.defined)


def _victim(made: Published) -> Victim:
    return Victim(made.store, made.folders.build / WAREHOUSE)


#: The full release is attacked under `make study` alone; the build attacks it by itself whenever it is made.
RELEASES = [
    pytest.param("small", marks=pytest.mark.xdist_group("small")),
    *([pytest.param("full", marks=pytest.mark.xdist_group("full"))] if IS_STUDY else []),
]


@pytest.fixture(scope="session")
def victims() -> dict[str, Victim]:
    """Releases that were looked at already, since to count them anew takes a while."""
    return {}


@pytest.fixture(params=RELEASES)
def victim(request: pytest.FixtureRequest, victims: dict[str, Victim]) -> Victim:
    """The small release and the full one in turn."""
    if request.param not in victims:
        victims[request.param] = _victim(request.getfixturevalue(request.param))
    return victims[request.param]


@pytest.fixture
def small_victim(small: Published, victims: dict[str, Victim]) -> Victim:
    """The small release."""
    return victims.setdefault("small", _victim(small))


@pytest.fixture(scope="session")
def next_release(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """What follows the small release: in Glasgow's newest month one person is added, one gone, one of another board."""
    place = tmp_path_factory.mktemp("next")
    shutil.copytree(small.folders.data, place / "data")
    folders, sent = Folders(place / "data"), place / "sent"
    sent.mkdir()
    _send_again(folders.inbox, sent, "testing", _three_people_changed)
    _send_again(folders.inbox, sent, "turnaround", lambda rows: rows)
    registered = ingest(folders, sent, quiet=True, now=ARRIVED)
    assert {submission.state for submission in registered} == {"accepted"}, registered
    release = releases.publish(folders, build(folders, quiet=True).release_id)
    return Victim(Path(shutil.copy(release.folder / STORE, place / "store.duckdb")), folders.build / WAREHOUSE)


def _send_again(
    inbox: Path, sent: Path, extract: str, changed: Callable[[pl.DataFrame], pl.DataFrame], period: str = "2026-10"
) -> None:
    rows = pl.read_csv(inbox / f"{extract}__GLA__{period}__v1.csv", infer_schema=False)
    changed(rows).write_csv(sent / f"{extract}__GLA__{period}__v2.csv")


def _three_people_changed(rows: pl.DataFrame) -> pl.DataFrame:
    """One request of somebody new, the last one's person gone, and the first one's of another board of residence."""
    accepted = rows.filter(pl.col("request_status") == "in_progress")
    moved, gone, twin = (accepted.row(number, named=True) for number in (0, -1, 1))
    elsewhere = "S08000017" if moved["residence_board"] != "S08000017" else "S08000029"
    new = twin | {"request_id": "R900000001", "person_id": "P90000001", "family_id": None}
    is_moved = pl.col("request_id") == moved["request_id"]
    kept = rows.filter(pl.col("request_id") != gone["request_id"]).with_columns(
        residence_board=pl.when(is_moved).then(pl.lit(elsewhere)).otherwise("residence_board")
    )
    return pl.concat([kept, pl.DataFrame([new], schema=kept.schema)])
