"""The build: unchanged inputs make no new release, few bad submissions are set aside, many stop it, orphans go back."""

from __future__ import annotations

import csv
import shutil
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.contracts import extract_contracts
from catalogue.indicators import indicators
from pipelines import releases
from pipelines.build import build
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders
from pipelines.hashes import sha256_of
from pipelines.held_back import held_back
from pipelines.ingest import ingest
from pipelines.ingest.register import Register, Submission
from pipelines.lake import file_by_id, lake_file
from pipelines.releases import STORE, Release
from pipelines.status import as_status, set_aside_lines
from tests.conftest import Published
from tests.pipelines.another_command import another_command
from tests.pipelines.ingest.extract_rows import as_csv, valid_rows

pytestmark = pytest.mark.slow


def submission(folders: Folders, extract: str) -> Submission:
    with Register(folders.register) as register:
        return register.in_use(extract)[0]


def test_unchanged_inputs_make_no_new_release_and_take_no_time(small: Published) -> None:
    started = time.perf_counter()
    assert build(small.folders, quiet=True).release_id == small.release.release_id
    assert time.perf_counter() - started < 2
    assert len(releases.releases(small.folders)) == 1


def test_the_manifest_tells_what_went_in(small: Published) -> None:
    manifest = small.release.manifest
    used = [entry for entry in small.registered if entry.file in manifest["inputs"]]
    assert {entry.file: entry.sha256 for entry in used} == manifest["inputs"]
    assert manifest["is_synthetic"] is True
    assert manifest["row_counts"]["stg_testing"] > 10_000
    assert set(manifest["checks"]) <= {"pass", "warn", "not_applicable"}
    assert releases.problems(small.release) == []


#: Stands nowhere in the demonstration, so that it can be searched for in everything that a build writes.
PLANTED = "astrologia"


def spoil(folders: Folders, *spoiled: Submission) -> None:
    """Give rows of the lake a code that no list has, as a fault of ingest would, and have the next build see it."""
    for one in spoiled:
        path = lake_file(folders, one)
        pl.read_parquet(path).with_columns(directory=pl.lit(PLANTED)).write_parquet(path)
    _as_ingest_wrote_them(folders, *spoiled)
    _forget_releases_recipe(folders)


def _as_ingest_wrote_them(folders: Folders, *changed: Submission) -> None:
    """Have the register know the rows as they are now: they are wrong, not damaged."""
    with Register(folders.register) as register:
        for one in changed:
            register.note_lake_file(one.submission_id, sha256_of(lake_file(folders, one)))


def versions(folders: Folders, extract: str) -> dict[tuple[str, str], list[Submission]]:
    """The accepted submissions of an extract by submitter and period, the one in use last."""
    with Register(folders.register) as register:
        accepted = [s for s in register.all() if s.extract == extract and s.state in ("accepted", "superseded")]
    found: dict[tuple[str, str], list[Submission]] = {}
    for one in sorted(accepted, key=lambda s: s.version or 0):
        found.setdefault((str(one.submitter), str(one.period)), []).append(one)
    return found


def table(release: Release, name: str) -> pl.DataFrame:
    with duckdb.connect(str(release.folder / STORE), read_only=True) as con:
        found: pl.DataFrame = con.sql(f'SELECT * FROM "{name}"').pl()
    return found


def test_a_critical_failure_of_many_stops_the_build_and_the_last_release_stands(copy_of_tiny: Folders) -> None:
    bad = [chain[-1] for chain in versions(copy_of_tiny, "testing").values()][:3]
    spoil(copy_of_tiny, *bad)
    serving = copy_of_tiny.current.read_text()
    with pytest.raises(PipelineError, match="Every directory is a code of its list") as error:
        build(copy_of_tiny, quiet=True)
    assert all(one.file in str(error.value) for one in bad)
    assert "what to do: " in str(error.value)
    assert PLANTED not in str(error.value)
    assert copy_of_tiny.current.read_text() == serving
    assert len(releases.releases(copy_of_tiny)) == 1
    assert not list(copy_of_tiny.data.rglob(f"{BUILDING}*"))


def test_a_stopped_build_leaves_its_reason_and_letters_until_one_goes_through(copy_of_tiny: Folders) -> None:
    bad = [chain[-1] for chain in versions(copy_of_tiny, "testing").values()][:3]
    sound = {path: path.read_bytes() for path in (lake_file(copy_of_tiny, one) for one in bad)}
    spoil(copy_of_tiny, *bad)
    with pytest.raises(PipelineError):
        build(copy_of_tiny, quiet=True)
    told = held_back(copy_of_tiny)
    assert told is not None
    assert told["reason"] == "3 laboratory-months are to blame, and at most 2 may be set aside"
    fault = next(one for one in told["faults"] if one["sentence"].startswith("Every directory is a code of its list"))
    assert len(fault["to_blame"]) == 3
    for one in bad:
        letter = copy_of_tiny.returns / str(one.submitter) / f"{one.submission_id.rpartition('__')[0]}__letter.md"
        assert "**Because of this version no new release could be made.**" in letter.read_text()
    for path, content in sound.items():
        path.write_bytes(content)
    _as_ingest_wrote_them(copy_of_tiny, *bad)
    build(copy_of_tiny, quiet=True)
    assert held_back(copy_of_tiny) is None
    assert not any("no new release" in path.read_text() for path in copy_of_tiny.returns.glob("*/*__letter.md"))


def test_one_bad_laboratory_month_is_set_aside_until_it_is_sent_again(copy_of_tiny: Folders) -> None:
    alone = next(chain[-1] for chain in versions(copy_of_tiny, "testing").values() if len(chain) == 1)
    whole = releases.releases(copy_of_tiny)[0]
    spoil(copy_of_tiny, alone)
    release = build(copy_of_tiny, quiet=True)

    gone = release.manifest["set_aside"]
    assert {one["extract"] for one in gone} == {"testing", "turnaround", "outcomes"}
    assert {(one["submitter"], one["period"]) for one in gone} == {(alone.submitter, alone.period)}
    assert "stg_testing.directory_code" in next(one["checks"] for one in gone if one["file"] == alone.file)
    assert set(whole.manifest["inputs"]) - set(release.manifest["inputs"]) == {one["file"] for one in gone}

    month = (pl.col("submitter") == alone.submitter) & (pl.col("period").dt.strftime("%Y-%m") == alone.period)
    told = table(release, "submissions").filter(month & (pl.col("extract") == "testing"))
    assert told.select("state", "version", "rows_loaded").rows() == [("set_aside", None, None)]
    assert "was set aside" in told["reason"].item()
    assert "Nothing is used for this month" in told["reason"].item()
    assert any(line.startswith(f"set aside: {alone.file}") for line in set_aside_lines(gone))
    assert not any(PLANTED.encode() in path.read_bytes() for path in release.folder.rglob("*") if path.is_file())
    with Register(copy_of_tiny.register) as register:
        accounted = [row for row in as_status(register) if row["state"] == "accepted"]
    assert all(row["rows_read"] == row["rows_loaded"] + row["rows_returned"] for row in accounted)

    assert build(copy_of_tiny, quiet=True).release_id == release.release_id
    assert len(releases.releases(copy_of_tiny)) == 2
    history = table(release, "check_history")
    assert history["release_id"].unique().sort().to_list() == [whole.release_id, release.release_id]

    again = copy_of_tiny.inbox / alone.file.replace("__v1", "__v2")
    shutil.copy(copy_of_tiny.inbox / alone.file, again)
    ingest(copy_of_tiny, copy_of_tiny.inbox, quiet=True)
    mended = build(copy_of_tiny, quiet=True)
    assert mended.manifest["set_aside"] == []
    assert again.name in mended.manifest["inputs"]
    assert table(mended, "submissions").filter(month)["state"].unique().to_list() == ["loaded"]


def test_the_version_in_use_before_takes_the_place_of_a_bad_one_and_is_judged_too(copy_of_tiny: Folders) -> None:
    chains = [chain for chain in versions(copy_of_tiny, "testing").values() if len(chain) > 1]
    first, second = chains[0], chains[-1]
    spoil(copy_of_tiny, first[-1], second[-1], second[-2])
    release = build(copy_of_tiny, quiet=True)
    gone = {one["file"]: one["used_instead"] for one in release.manifest["set_aside"] if one["extract"] == "testing"}
    assert gone == {first[-1].file: first[-2].file, second[-1].file: second[-2].file, second[-2].file: None}
    assert first[-2].file in release.manifest["inputs"]
    assert not {one.file for one in second} & set(release.manifest["inputs"])
    told = table(release, "submissions").filter((pl.col("extract") == "testing") & (pl.col("state") == "set_aside"))
    assert sorted(told["version"].to_list(), key=str) == [first[-2].version, None]
    assert releases.problems(release, lambda name: file_by_id(copy_of_tiny, name)) == []


def test_rows_whose_request_is_unknown_go_back_and_are_counted(copy_of_tiny: Folders) -> None:
    chosen = submission(copy_of_tiny, "testing")
    path = lake_file(copy_of_tiny, chosen)
    rows = pl.read_parquet(path)
    accepted = rows.filter(~pl.col("request_status").is_in(["rejected", "duplicate"]))["request_id"].head(3).to_list()
    rows.filter(~pl.col("request_id").is_in(accepted)).write_parquet(path)
    _as_ingest_wrote_them(copy_of_tiny, chosen)
    _forget_releases_recipe(copy_of_tiny)
    build(copy_of_tiny, quiet=True)
    with Register(copy_of_tiny.register) as register:
        status = as_status(register)
    for row in status:
        if row["state"] == "accepted":
            assert row["rows_read"] == row["rows_loaded"] + row["rows_returned"]
    turnaround = next(
        row for row in status if row["file"].startswith(f"turnaround__{chosen.submitter}__{chosen.period}")
        and row["state"] == "accepted"
    )  # fmt: skip
    assert turnaround["reasons"]["orphan_key"] == 3
    file = copy_of_tiny.returns / str(chosen.submitter) / f"{turnaround['file'].split('.')[0]}__build.csv"
    with file.open(encoding="utf-8") as lines:
        returned = list(csv.DictReader(lines))
    assert sorted(row["request_id"] for row in returned) == sorted(accepted)
    assert {row["reasons"] for row in returned} == {"orphan_key"}
    assert all(row["what_to_do"] for row in returned)


def test_two_builds_at_once_are_refused_clearly(copy_of_tiny: Folders) -> None:
    with another_command(copy_of_tiny), pytest.raises(PipelineError, match="wait until it has finished"):
        build(copy_of_tiny, quiet=True)


def test_rows_that_are_damaged_stop_the_build_and_the_submission_is_named(copy_of_tiny: Folders) -> None:
    chosen = submission(copy_of_tiny, "testing")
    path = lake_file(copy_of_tiny, chosen)
    whole = path.read_bytes()
    serving = copy_of_tiny.current.read_text()
    for content in (whole[:-9], whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]):
        path.write_bytes(content)
        with pytest.raises(PipelineError, match=f"{chosen.file} are missing from the lake or damaged; ingest reads"):
            build(copy_of_tiny, quiet=True)
        assert copy_of_tiny.current.read_text() == serving


def test_nothing_to_build_from_is_told(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="run ingest"):
        build(Folders(tmp_path), quiet=True)
    assert held_back(Folders(tmp_path)) is None


@pytest.mark.parametrize(
    ("file", "lacking"),
    [("testing__EDI__2026-03__v1.csv", "turnaround"), ("turnaround__EDI__2026-03__v1.csv", "testing")],
)
def test_an_extract_without_which_nothing_can_be_counted_is_named(tmp_path: Path, file: str, lacking: str) -> None:
    folders = Folders(tmp_path)
    folders.inbox.mkdir()
    (folders.inbox / file).write_bytes(as_csv(valid_rows(file)))
    ingest(folders, folders.inbox, quiet=True)
    with pytest.raises(PipelineError, match=f"no {lacking} extract has been accepted; put submissions in the inbox"):
        build(folders, quiet=True)
    told = held_back(folders)
    assert told is not None
    assert (told["reason"], told["faults"]) == (f"no {lacking} extract has been accepted", [])


def test_every_published_indicator_has_cells_in_every_cube(small: Published) -> None:
    with duckdb.connect(str(small.store), read_only=True) as store:
        stored = store.execute("SELECT DISTINCT id FROM indicators").fetchall()
        with_cells = store.execute("SELECT DISTINCT indicator FROM cells").fetchall()
        dates = store.execute("SELECT min(period_end - period_start) FROM cells").fetchall()
    awaited = {(name,) for name, entry in indicators().items() if entry.kind == "awaited"}
    assert set(stored) - awaited == set(with_cells)
    assert dates[0][0] >= 27


def test_rows_are_reconciled_from_file_to_mart(small: Published) -> None:
    with Register(small.folders.register) as register:
        for extract in extract_contracts():
            for entry in register.in_use(extract):
                assert entry.rows_read == entry.rows_loaded + entry.rows_returned
                assert (
                    pl.scan_parquet(lake_file(small.folders, entry)).select(pl.len()).collect().item()
                    == entry.rows_loaded
                )
        in_use = sum(entry.rows_loaded for entry in register.in_use("testing"))
        returned = sum(rows for reasons in register.build_returns().values() for rows in reasons.values())
    counts = small.release.manifest["row_counts"]
    assert counts["stg_testing"] + counts["stg_returned"] >= in_use
    assert counts["stg_testing"] == counts["mart_requests"]
    assert counts["stg_returned"] == returned


def _forget_releases_recipe(folders: Folders) -> None:
    """Have the next build make a release, as if an input had changed."""
    for release in releases.releases(folders):
        path = release.folder / releases.MANIFEST
        path.write_text(path.read_text().replace(release.manifest["recipe"], "another"))
