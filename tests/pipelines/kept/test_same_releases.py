"""With what earlier builds kept, or from nothing: the releases are the same, row by row."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.build import build
from pipelines.folders import Folders
from pipelines.ingest import ingest
from pipelines.ingest.register import Register
from pipelines.lake import lake_file
from pipelines.releases import STORE, Release

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tiny")]

#: Columns, and keys of the tables of keys and values, that tell which build it was.
OF_THE_BUILD = ("release_id", "created_at")


def tables(path: Path) -> dict[str, pl.DataFrame]:
    """Every table of a database with its rows sorted, less what tells which build made it."""
    with duckdb.connect(str(path), read_only=True) as con:
        names = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
        found = {name: con.sql(f'SELECT * FROM "{name}"').pl().drop(OF_THE_BUILD, strict=False) for name in names}
    apart = pl.col("key").is_in(OF_THE_BUILD)
    found = {name: rows.filter(~apart) if "key" in rows.columns else rows for name, rows in found.items()}
    return {name: rows.sort(rows.columns) for name, rows in found.items()}


def databases(release: Release) -> list[str]:
    return sorted(path.relative_to(release.folder).as_posix() for path in release.folder.rglob("*.duckdb"))


def send_again(folders: Folders, extract: str) -> None:
    """A laboratory sends its newest extract again as a higher version, with the first ten rows left out."""
    with Register(folders.register) as register:
        last = max(register.in_use(extract), key=lambda sent: (sent.period or "", sent.submitter or ""))
    assert last.version is not None
    rows = pl.read_csv(folders.inbox / last.file, infer_schema=False)
    name = last.file.split(".")[0].replace(f"__v{last.version}", f"__v{last.version + 1}")
    rows.slice(10).write_csv(folders.inbox / f"{name}.csv")
    assert lake_file(folders, last).exists()
    assert [sent.state for sent in ingest(folders, folders.inbox, quiet=True)] == ["accepted"]


def assert_the_same(kept: Release, anew: Release) -> None:
    """Both releases hold the same rows, but for what tells which build made them."""
    assert databases(kept) == databases(anew)
    assert len(databases(kept)) == 15
    for file in databases(kept):
        one, other = tables(kept.folder / file), tables(anew.folder / file)
        assert one.keys() == other.keys()
        assert [name for name in one if not one[name].equals(other[name])] == []
    cells = tables(kept.folder / STORE)["cells"]
    assert cells.filter(state="shown").height > 100
    assert kept.manifest["row_counts"] == anew.manifest["row_counts"]


def build_anew(folders: Folders, place: Path) -> Release:
    """The release that a build from nothing makes of a copy of all that is there."""
    shutil.copytree(folders.data, place)
    return build(Folders(place), quiet=True, anew=True)


@pytest.mark.parametrize("extract", ["testing", "workforce"])
def test_a_file_sent_again_makes_the_release_that_a_build_from_nothing_makes(
    copy_of_tiny: Folders, tmp_path: Path, extract: str
) -> None:
    send_again(copy_of_tiny, extract)
    anew = build_anew(copy_of_tiny, tmp_path / "anew")
    kept = build(copy_of_tiny, quiet=True)
    attacks = [release.manifest["disclosure"]["attack"] for release in (kept, anew)]
    assert attacks[0]["blocks_as_before"] > attacks[1]["blocks_as_before"]
    assert_the_same(kept, anew)


def test_what_a_file_of_staff_does_not_touch_is_taken_as_it_was_and_a_month_of_tests_works_it_anew(
    copy_of_tiny: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_again(copy_of_tiny, "workforce")
    build(copy_of_tiny, quiet=True)
    send_again(copy_of_tiny, "workforce")
    anew = build_anew(copy_of_tiny, tmp_path / "anew")
    with monkeypatch.context() as patch:
        for work in ("control.hide_enough", "beside_cells.scan", "beside_cells.breach_tables", "board_detail._tables"):
            module, name = work.split(".")
            where = "pipelines.disclosure" if module == "control" else "pipelines"
            patch.setattr(f"{where}.{module}.{name}", lambda *_: pytest.fail("worked out again"))
        kept = build(copy_of_tiny, quiet=True)
    assert kept.manifest["disclosure"]["as_before"] is True
    assert_the_same(kept, anew)

    send_again(copy_of_tiny, "testing")
    anew = build_anew(copy_of_tiny, tmp_path / "again")
    kept = build(copy_of_tiny, quiet=True)
    assert kept.manifest["disclosure"]["as_before"] is False
    assert_the_same(kept, anew)
