"""A table is taken from the last build where all that it is made of is the same, and made again where it may not be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.kept.tables import SEAL, KeptTables, begin_from_last, seal
from pipelines.models import Model, create_table
from tests.pipelines.ingest.test_register import ENTRY

DAYS = pl.DataFrame({"day": [1, 2, 3]})


def model(name: str, sql: str, *needs: str) -> Model:
    return Model(name, sql, frozenset(needs), Path(f"sql/{name}.sql"))


TWICE = model("twice", "SELECT day * 2 AS day FROM ref_days", "ref_days")
MOST = model("most", "SELECT max(day) AS day FROM twice", "twice")
TESTS = model("tests", "SELECT 1 AS n FROM lake_testing", "lake_testing")
MODELS = (TWICE, MOST, TESTS)


def build(
    place: Path,
    last: Path | None = None,
    *,
    days: pl.DataFrame = DAYS,
    models: Sequence[Model] = MODELS,
    engine: Sequence[str] = (),
    files: dict[str, str] | None = None,
) -> list[str]:
    """Make a warehouse and seal it; the tables that were taken from the last one."""
    taken, folders = [], Folders(place.parent)
    if last is not None:
        begin_from_last(folders, last, place)
    with duckdb.connect(str(place)) as con:
        kept = KeptTables(con, engine)
        kept.holds_frame("ref_days", days)
        kept.holds_lake([ENTRY], files or {})
        kept.take(models)
        con.register("frame", days)
        con.execute("CREATE TABLE ref_days AS SELECT * FROM frame; CREATE TABLE lake_testing (request_id VARCHAR)")
        with kept.being_made():
            for one in models:
                if kept.made_before(one):
                    taken.append(one.name)
                else:
                    create_table(con, one)
    seal(folders, place)
    return taken


def rows(place: Path, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(place), read_only=True) as con:
        return con.sql(f'FROM "{table}"').fetchall()


def tables(place: Path) -> list[tuple[object, ...]]:
    """Every table and view by schema and name."""
    with duckdb.connect(str(place), read_only=True) as con:
        return con.sql(
            "SELECT table_schema, table_name, table_type FROM information_schema.tables ORDER BY ALL"
        ).fetchall()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    assert build(tmp_path / "first.duckdb") == []
    return tmp_path / "first.duckdb"


def test_with_nothing_new_every_table_is_taken_row_by_row(first: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.duckdb"
    assert build(second, first) == ["twice", "most", "tests"]
    assert rows(second, "twice") == rows(first, "twice") == [(2,), (4,), (6,)]
    assert build(tmp_path / "third.duckdb", second) == ["twice", "most", "tests"]


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"days": pl.DataFrame({"day": [1, 2, 4]})}, ["tests"]),
        ({"models": (model("twice", "SELECT day*2 AS day FROM ref_days", "ref_days"), MOST, TESTS)}, ["tests"]),
        ({"models": (TWICE, model("most", "SELECT min(day) AS day FROM twice", "twice"), TESTS)}, ["twice", "tests"]),
        ({"files": {ENTRY.submission_id: "read again"}}, ["twice", "most"]),
        ({"engine": ("Spark Connect", "4.0")}, []),
    ],
)
def test_what_rests_on_something_new_is_made_again(
    first: Path, tmp_path: Path, change: dict[str, object], taken: list[str]
) -> None:
    assert build(tmp_path / "second.duckdb", first, **change) == taken
    assert build(tmp_path / "anew.duckdb", **change) == []
    assert tables(tmp_path / "second.duckdb") == tables(tmp_path / "anew.duckdb")
    for one in MODELS:
        assert rows(tmp_path / "second.duckdb", one.name) == rows(tmp_path / "anew.duckdb", one.name)


def test_other_code_takes_nothing(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.kept.tables.code_version", lambda: "other")
    assert build(tmp_path / "second.duckdb", first) == []


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"\0" * len(b), lambda _: b""])
def test_from_a_damaged_warehouse_nothing_is_taken(first: Path, tmp_path: Path, damage) -> None:
    first.write_bytes(damage(first.read_bytes()))
    assert build(tmp_path / "second.duckdb", first) == []
    assert rows(tmp_path / "second.duckdb", "most") == [(6,)]


def test_one_bit_changed_anywhere_and_nothing_is_taken(tmp_path: Path) -> None:
    many = pl.DataFrame({"day": range(200_000)})
    large, copy = tmp_path / "large.duckdb", tmp_path / "copy.duckdb"
    build(large, days=many)
    content, sealed = large.read_bytes(), Folders(tmp_path).kept / SEAL
    as_sealed = sealed.read_bytes()
    for place in range(len(content) // 8, len(content), len(content) // 8):
        large.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        sealed.write_bytes(as_sealed)
        assert build(copy, large, days=many) == []
        assert rows(copy, "most") == [(399_998,)]
        copy.unlink()


def test_room_of_what_is_dropped_is_used_again(tmp_path: Path) -> None:
    """A warehouse that begins as a copy of the one before does not grow from build to build."""
    places = [tmp_path / f"{number}.duckdb" for number in range(6)]
    build(places[0], days=pl.DataFrame({"day": range(400_000)}))
    for number in range(1, 6):
        days = pl.DataFrame({"day": range(number, 400_000 + number)})
        assert build(places[number], places[number - 1], days=days) == ["tests"]
    assert places[5].stat().st_size < 2.5 * places[0].stat().st_size


def test_a_warehouse_that_was_not_sealed_or_by_another_database_is_not_begun_from(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.kept.tables.duckdb.__version__", "9.9")
    assert build(tmp_path / "second.duckdb", first) == []
    monkeypatch.undo()
    (tmp_path / "elsewhere").mkdir()
    assert build(tmp_path / "elsewhere" / "third.duckdb", first) == []


def test_a_build_that_fails_leaves_nothing_to_begin_from(first: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    with pytest.raises(PipelineError, match="no_such"):
        build(broken, first, models=(TWICE, model("most", "SELECT no_such FROM twice", "twice")))
    assert build(tmp_path / "second.duckdb", broken) == []
    assert build(tmp_path / "third.duckdb", tmp_path / "second.duckdb") == ["twice", "most", "tests"]
