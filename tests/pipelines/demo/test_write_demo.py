"""Tests of pipelines/demo/__init__.py: the folder as a whole."""

from __future__ import annotations

import hashlib
import re
import struct
from datetime import date
from pathlib import Path

import pytest

from pipelines.demo import write_demo
from pipelines.demo.days import newest_month
from pipelines.errors import PipelineError
from tests.pipelines.demo.conftest import SMALL, Folder

NAME = re.compile(
    r"(testing|turnaround|outcomes|workforce|programme)__[A-Z]{3}__\d{4}-\d{2}__v\d+\.(csv|csv\.gz|parquet)"
)


def test_two_runs_give_the_same_bytes(small: Folder, tmp_path: Path) -> None:
    write_demo(tmp_path, quiet=True, **SMALL)  # type: ignore[arg-type]
    first = {path.name: path.read_bytes() for path in small.path.iterdir()}
    second = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_another_seed_gives_other_people(small: Folder, tmp_path: Path) -> None:
    write_demo(tmp_path, quiet=True, **SMALL | {"seed": 6})  # type: ignore[arg-type]
    name = small.names("testing", "GLA")[0]
    assert (tmp_path / name).read_bytes() != (small.path / name).read_bytes()


def test_the_answer_sheet_names_every_file_with_its_hash(small: Folder) -> None:
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in small.path.iterdir() if p.name != "truth.json"}
    assert small.truth["files"] == files
    assert all(small.truth["rows"][name] > 0 for name in files)


def test_the_answer_sheet_tells_settings_and_effects_once(small: Folder) -> None:
    told = small.truth
    assert [told[name] for name in ("seed", "until", "years", "requests_per_year")] == [5, "2026-10", 1.0, 3_000]
    assert told["requests"] == 3_000
    names = [effect["name"] for effect in told["effects"]]
    assert len(names) == len(set(names)) > 25
    assert all(effect["measure"] and effect["where"] for effect in told["effects"])


def test_names_and_formats_are_those_of_each_submitter(small: Folder) -> None:
    endings = {"ABE": "csv", "GLA": "csv", "EDI": "csv.gz", "DUN": "parquet"}
    for name in small.names():
        assert NAME.fullmatch(name), name
        extract, submitter, _, rest = name.split("__")
        wanted = endings.get(submitter, "csv") if extract in ("testing", "turnaround", "outcomes") else "csv"
        assert rest.split(".", 1)[1] == wanted


def test_a_packed_file_carries_neither_time_nor_name(small: Folder) -> None:
    head = (small.path / small.names("testing", "EDI")[0]).read_bytes()[:10]
    assert head[:3] == b"\x1f\x8b\x08"
    assert head[3] == 0
    assert struct.unpack("<I", head[4:8]) == (0,)


def test_other_settings_are_not_mixed_into_the_same_folder(small: Folder) -> None:
    with pytest.raises(PipelineError, match="other settings"):
        write_demo(small.path, quiet=True, **SMALL | {"seed": 99})  # type: ignore[arg-type]


@pytest.mark.parametrize(("years", "requests", "until"), [(1 / 12, 1, "2026-10"), (0.25, 12, "2022-02")])
def test_the_smallest_folders_are_whole(tmp_path: Path, years: float, requests: int, until: str) -> None:
    write_demo(tmp_path, years, requests, until=until, quiet=True)
    assert (tmp_path / "truth.json").exists()


def test_a_month_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="YYYY-MM"):
        write_demo(tmp_path, until="October", quiet=True)


def test_settings_without_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="positive"):
        write_demo(tmp_path, years=0, quiet=True)


def test_without_a_month_the_last_whole_one_is_the_newest() -> None:
    assert newest_month(None, date(2026, 11, 21)) == 2026 * 12 + 9
    assert newest_month(None, date(2026, 1, 1)) == 2025 * 12 + 11
