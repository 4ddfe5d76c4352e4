"""Several sealed and published releases with different figures, for tests of what is cited from them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines import releases
from pipelines.folders import Folders
from pipelines.hashes import sha256_of
from pipelines.releases import STORE
from tests.ui.store import make_store

A = "20261115T080000Z-A"
SERIES = "reported_within_standard/scotland/all/month/2021-05..2026-10"
BY_LAB = "reported_within_standard/performing_lab+turnaround_category/EDI+all/year/2025-11..2026-10"


@cache
def _store() -> bytes:
    with TemporaryDirectory() as place:
        return make_store(Path(place), "full", release=A).read_bytes()


def sealed(folders: Folders, release_id: str, created_at: str, *changes: str, synthetic: bool = True) -> None:
    """A release with a manifest of its own, not yet published, whose store is changed by some SQL."""
    folder = folders.releases / release_id
    folder.mkdir(parents=True)
    (folder / STORE).write_bytes(_store())
    with duckdb.connect(str(folder / STORE)) as con:
        con.execute("UPDATE release SET value = ? WHERE key = 'release_id'", [release_id])
        con.execute("UPDATE release SET value = ? WHERE key = 'created_at'", [created_at])
        con.execute("UPDATE release SET value = ? WHERE key = 'is_synthetic'", [str(synthetic).lower()])
        for change in changes:
            con.execute(change)
    manifest = {
        "files": {STORE: sha256_of(folder / STORE)},
        "lake": {},
        "recipe": release_id,
        "created_at": created_at,
        "is_synthetic": synthetic,
        "code_version": "0.1.0",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def publish_another(folders: Folders, letter: str) -> str:
    """A later release with other figures, published; gives its id."""
    release_id = A.replace("A", letter).replace("20261115", f"202612{10 + ord(letter) - ord('A')}")
    created = f"2026-12-{10 + ord(letter) - ord('A')}T08:00:00+00:00"
    by = ord(letter) - ord("A")
    sealed(
        folders,
        release_id,
        created,
        f"UPDATE cells SET value = value * (1 - 0.01 * {by}), numerator = numerator - 5 * {by} WHERE state = 'shown'",
        "UPDATE dimension_values SET label = label || ' (renamed)' WHERE dimension = 'performing_lab'",
    )
    releases.publish(folders, release_id)
    return release_id
