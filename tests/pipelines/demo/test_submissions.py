"""Tests of pipelines/demo/submissions.py and extracts.py: every file against its contract, and sending again."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from catalogue.contracts import Column, extract_contracts
from catalogue.reference import codes
from pipelines.demo.days import Months
from pipelines.demo.submissions import Rounds
from pipelines.ingest.identifiers import find_identifiers
from tests.pipelines.demo.conftest import Folder

LABORATORIES = ("ABE", "DUN", "EDI", "GLA")
CHANGING = {
    "testing": ("request_status", "sample_outcome", "sample_count", "failed_sample_count", "performing_lab"),
    "turnaround": ("paused_days",),
    "outcomes": ("followed_to_date", "follow_up_status", "management_changed"),
}


def _faults(rows: pl.DataFrame, column: Column) -> int:
    """Values of a column that its contract does not allow."""
    values = rows[column.name]
    found = int(values.null_count()) if column.required else 0
    values = values.drop_nulls()
    if column.type == "code" and not column.open_codes:
        found += int((~values.is_in(list(codes(column.codes or "")))).sum())
    if column.type == "yes_no":
        found += int((~values.is_in(["yes", "no", "not_recorded"])).sum())
    if column.pattern:
        found += int((~values.str.contains(column.pattern)).sum())
    if column.type == "date":
        found += int(values.str.to_date("%Y-%m-%d", strict=False).null_count())
    if column.type in ("integer", "decimal"):
        numbers = values.cast(pl.Int64 if column.type == "integer" else pl.Float64, strict=False)
        low = column.minimum if column.minimum is not None else float("-inf")
        high = column.maximum if column.maximum is not None else float("inf")
        found += int(numbers.null_count() + ((numbers < low) | (numbers > high)).sum())
    return found


def test_every_file_keeps_its_contract_but_for_the_planted_rows(small: Folder) -> None:
    refused = [entry["file"] for entry in small.truth["refused_files"]]
    for name in small.names():
        extract, submitter, period, _ = name.split("__")
        contract, rows = extract_contracts()[extract], small.rows(name)
        if name in refused:
            continue
        planted = Counter(small.truth["bad_rows_by_file"].get(name, {}))
        assert rows.columns == contract.names, name
        faults = sum(_faults(rows, column) for column in contract.columns)
        assert faults == planted["unknown_code"] + planted["out_of_range"], name
        disorder = sum(int((rows[a] > rows[b]).sum()) for a, b in contract.date_order)
        assert disorder == planted["date_order"], name
        excess = [
            rows.filter(pl.col(a).cast(pl.Float64) > pl.col(b).cast(pl.Float64)) for a, b in contract.not_more_than
        ]
        assert sum(part.height for part in excess) == 0, name
        assert rows.height - rows.select(contract.key).n_unique() == planted["repeated_key"], name
        if contract.owner_column:
            assert (rows[contract.owner_column] == submitter).all()
        if contract.period_column:
            assert (rows[contract.period_column].str.slice(0, 7) == period).all()


def test_faults_are_planted_in_the_regular_rounds_only_and_counted(small: Folder) -> None:
    files = small.truth["bad_rows_by_file"]
    total = sum((Counter(kinds) for kinds in files.values()), Counter[str]())
    assert dict(total) == small.truth["bad_rows"]
    assert {"unknown_code", "date_order", "repeated_key", "out_of_range"} == total.keys()
    first_round = small.truth["rounds"][1]["extracted_on"]
    assert all(small.rows(name)["extracted_on"].min() >= first_round for name in files)


def test_one_file_lacks_a_column_and_is_sent_again_whole(small: Folder) -> None:
    [entry] = small.truth["refused_files"]
    contract = extract_contracts()["turnaround"]
    assert set(contract.names) - set(small.rows(entry["file"]).columns) == {"authorised_date"}
    again = entry["file"].replace("__v2.", "__v3.")
    assert small.rows(again).columns == contract.names


def test_no_value_looks_like_an_identifier(small: Folder) -> None:
    for name in small.names():
        rows = small.rows(name)
        assert find_identifiers(rows) is None, name
        text = rows.select(pl.concat_str(pl.all(), separator="|", ignore_nulls=True)).to_series()
        assert not text.str.contains(r"[0-9]{10}|@|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b").any(), name


def test_versions_count_up_without_a_gap_and_extraction_days_rise(small: Folder) -> None:
    seen: dict[str, list[tuple[int, str]]] = {}
    for name in small.names():
        place, version = name.rsplit("__v", 1)
        seen.setdefault(place, []).append((int(version.split(".")[0]), name))
    for place, versions in seen.items():
        versions.sort()
        assert [number for number, _ in versions] == list(range(1, len(versions) + 1)), place
        if not place.startswith(("workforce", "programme")):
            days = [str(small.rows(name)["extracted_on"].max()) for _, name in versions]
            assert days == sorted(set(days)), place


def test_every_laboratory_sends_every_month_on_the_first_day_of_the_next(small: Folder) -> None:
    rounds = {entry["extracted_on"]: entry["newest_month"] for entry in small.truth["rounds"]}
    assert len(rounds) == 7
    for submitter in LABORATORIES:
        for extract in ("testing", "turnaround"):
            names = small.names(extract, submitter)
            assert len({name.split("__")[2] for name in names}) == 12
            for name in names:
                days = small.rows(name)["extracted_on"].unique().to_list()
                assert len(days) == 1
                assert name.split("__")[2] <= rounds[days[0]]


@pytest.mark.parametrize("extract", ["testing", "turnaround", "outcomes"])
def test_a_later_version_knows_all_that_an_earlier_one_did(small: Folder, extract: str) -> None:
    key = "request_id"
    skip = {*CHANGING[extract], "extracted_on"}
    spoilt = {*small.truth["bad_rows_by_file"], *(entry["file"] for entry in small.truth["refused_files"])}
    compared = 0
    for name in small.names(extract):
        place, version = name.rsplit("__v", 1)
        later = f"{place}__v{int(version[0]) + 1}{version[1:]}"
        if name in spoilt or later in spoilt or later not in small.names(extract):
            continue
        both = small.rows(name).join(small.rows(later), on=key, how="left", suffix="_later")
        assert both[f"{'extracted_on'}_later"].null_count() == 0, "a request is never forgotten"
        for column in small.rows(name).columns:
            if column not in skip | {key}:
                kept = both.filter(pl.col(column).is_not_null())
                assert kept[column].equals(kept[f"{column}_later"].rename(column)), (name, column)
        compared += 1
    assert compared > 20


def test_a_month_is_sent_again_while_it_is_open_or_when_a_row_changed(small: Folder) -> None:
    for submitter in LABORATORIES:
        for name in small.names("testing", submitter):
            place, version = name.rsplit("__v", 1)
            if version[0] == "1":
                continue
            earlier = small.rows(f"{place}__v{int(version[0]) - 1}{version[1:]}").drop("extracted_on")
            rows = small.rows(name)
            is_open = rows["request_status"].is_in(["received", "in_progress"]).any()
            assert is_open or not rows.drop("extracted_on").equals(earlier), name


def test_a_month_not_sent_again_has_nothing_open(small: Folder) -> None:
    newest = small.truth["rounds"][-1]["extracted_on"]
    stale = small.newest("testing").filter(pl.col("extracted_on") < newest)
    assert stale.filter(pl.col("request_status").is_in(["received", "in_progress"])).height == 0


def test_status_says_what_the_dates_say(small: Folder) -> None:
    both = (
        small.newest("testing")
        .unique("request_id")
        .join(small.newest("turnaround").unique("request_id"), on="request_id")
    )
    reported = both["request_status"] == "reported"
    assert both.filter(reported)["report_date"].null_count() == 0
    assert both.filter(~reported)["report_date"].drop_nulls().is_empty()
    assert both.filter(both["request_status"] == "cancelled")["cancelled_date"].null_count() == 0
    assert both.filter(both["request_status"].is_in(["rejected", "duplicate"])).is_empty()


def test_a_short_history_has_fewer_rounds() -> None:
    assert Rounds(Months(24_000, 24_000)).count == 0
    assert Rounds(Months(24_000, 24_002)).described[0][1] == date(2000, 2, 1).isoformat()
