"""Counts of rows of people: rounded by key, and none of 1 to 9 can be worked out from the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from catalogue.disclosure import rules
from pipelines.disclosure.attack import Audit
from pipelines.disclosure.secret import Secret
from pipelines.errors import PipelineError
from pipelines.quality import rows_shown
from pipelines.quality.rows_shown import shown_rows

RULES, SECRET = rules(), Secret.of("5e" * 32)
MONTHS = [dt.date(2026, month, 1) for month in range(1, 13)]
#: For the attacker, no limit: more than any count here.
NO_LIMIT = 1e6
Limits = tuple[float, float]


def table_of(given: Sequence[tuple[object, ...]], /, **schema: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(given, schema=schema, orient="row")


def of_check(months: Sequence[tuple[str, int, int, int]], name: str = "stg_testing.codes") -> dict[str, pl.DataFrame]:
    """The exact tables of one check of rows: submitter, month (its number), rows checked and rows failing."""
    checked, failing = sum(m[2] for m in months), sum(m[3] for m in months)
    table = name.split(".")[0]
    checks = table_of(
        [(name, table, checked, failing, "TRUE", True)],
        check_id=pl.String, table_name=pl.String, rows_checked=pl.Int64, rows_failing=pl.Int64, among=pl.String,
        is_of_people=pl.Boolean,
    )  # fmt: skip
    parts = table_of(
        [(name, "testing", lab, MONTHS[month], None, None, None, failing, True) for lab, month, _, failing in months
         if failing],
        check_id=pl.String, extract=pl.String, submitter=pl.String, period=pl.Date, board=pl.String, field=pl.String,
        groups_failing=pl.Int64, rows_failing=pl.Int64, is_of_people=pl.Boolean,
    )  # fmt: skip
    by_month = table_of(
        [(name, lab, MONTHS[month], rows, failing, table, "TRUE", checked, True) for lab, month, rows, failing in
         months],
        check_id=pl.String, submitter=pl.String, period=pl.Date, rows_checked=pl.Int64, rows_failing=pl.Int64,
        table_name=pl.String, among=pl.String, of_check=pl.Int64, is_of_people=pl.Boolean,
    )  # fmt: skip
    return {"checks": checks, "check_parts": parts, "check_months": by_month}


def of_files(files: Sequence[tuple[int, int, int, list[int]]]) -> dict[str, pl.DataFrame]:
    """The exact tables of files of one laboratory: rows, moved, returned before, and unknown rows of each field."""
    fields = table_of(
        [("testing", "GLA", MONTHS[month], f"field_{place}", rows, min(unknown, rows))
         for month, (rows, _, _, unknowns) in enumerate(files) for place, unknown in enumerate(unknowns)],
        extract=pl.String, submitter=pl.String, period=pl.Date, field=pl.String, rows=pl.Int64, unknown=pl.Int64,
    )  # fmt: skip
    submissions = table_of(
        [("testing", "GLA", MONTHS[month], rows - moved, moved + before, None, moved)
         for month, (rows, moved, before, _) in enumerate(files)],
        extract=pl.String, submitter=pl.String, period=pl.Date, rows_loaded=pl.Int64, rows_returned=pl.Int64,
        typical_rows=pl.Int64, rows_moved=pl.Int64,
    )  # fmt: skip
    accepted, returned = submissions["rows_loaded"].sum(), submissions["rows_returned"].sum()
    quality = table_of(
        [("all", accepted, returned, ["testing"])],
        indicator=pl.String, accepted_rows=pl.Int64, returned_rows=pl.Int64, extracts=pl.List(pl.String),
    )  # fmt: skip
    return {"fields": fields, "submissions": submissions, "quality": quality}


class Reader:
    """Somebody with the shown tables and a solver: counts by name, what is seen of each, and which are sums."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.truth: list[int] = []
        self.limits: list[Limits] = []
        self.sums: list[tuple[str, list[str]]] = []

    def sees(self, name: str, truth: int, shown: int | None, least: int = 1) -> None:
        """A count that is shown, or hidden: then it is not nought, and is known to be few where it is."""
        if truth == 0:
            limits: Limits = (0, 0 if shown == 0 else 9)
        elif shown is None:
            limits = (least, 9 if truth < RULES.hidden_under else NO_LIMIT)
        else:
            limits = (max(shown - RULES.reach, RULES.hidden_under), shown + RULES.reach)
        self._adds(name, truth, limits)

    def knows_of(self, name: str, truth: int) -> None:
        """A count that is told nowhere."""
        self._adds(name, truth, (0, NO_LIMIT))

    def _adds(self, name: str, truth: int, limits: Limits) -> None:
        assert limits[0] <= truth <= limits[1], name
        self.names[name] = len(self.names)
        self.truth.append(truth)
        self.limits.append(limits)

    def sum(self, whole: str, parts: list[str]) -> None:
        """The whole is the sum of the parts."""
        assert self.truth[self.names[whole]] == sum(self.truth[self.names[part]] for part in parts)
        self.sums.append((whole, parts))

    def tells(self) -> dict[str, tuple[int, int]]:
        """The counts of 1 to 9 that can be told to within the forbidden width, by linear programming."""
        ties = np.zeros((len(self.sums), len(self.names)))
        for row, (whole, parts) in enumerate(self.sums):
            ties[row, self.names[whole]] = -1
            for part in parts:
                ties[row, self.names[part]] += 1
        found = {}
        for name, place in self.names.items():
            if 1 <= self.truth[place] < RULES.hidden_under:
                least, most = (self._extreme(ties, place, sign) for sign in (1, -1))
                if np.floor(most + 1e-6) - np.ceil(least - 1e-6) < RULES.told_within:
                    found[name] = (round(least), round(most))
        return found

    def _extreme(self, ties: np.ndarray, place: int, sign: int) -> float:
        cost = np.zeros(len(self.names))
        cost[place] = sign
        solved = linprog(cost, A_eq=ties, b_eq=np.zeros(len(ties)), bounds=self.limits, method="highs")
        assert solved.status == 0, solved.message
        return sign * float(solved.fun)


def reader_of_check(exact: dict[str, pl.DataFrame], shown: dict[str, pl.DataFrame]) -> Reader:
    """A reader of one check, its months and its parts."""
    reader = Reader()
    whole, seen = exact["checks"].row(0, named=True), shown["checks"].row(0, named=True)

    def split(name: str, true: dict[str, int], told: dict[str, int | None]) -> None:
        reader.sees(f"checked {name}", true["rows_checked"], told["rows_checked"])
        reader.sees(f"failing {name}", true["rows_failing"], told["rows_failing"])
        reader.knows_of(f"sound {name}", true["rows_checked"] - true["rows_failing"])
        reader.sum(f"checked {name}", [f"failing {name}", f"sound {name}"])

    split("all", whole, seen)
    months = []
    for true, told in zip(
        exact["check_months"].iter_rows(named=True), shown["check_months"].iter_rows(named=True), strict=True
    ):
        months.append(f"{true['submitter']} {true['period']}")
        split(months[-1], true, told)
    for of in ("checked", "failing"):
        reader.sum(f"{of} all", [f"{of} {month}" for month in months])
    for place, (true, told) in enumerate(
        zip(exact["check_parts"].iter_rows(named=True), shown["check_parts"].iter_rows(named=True), strict=True)
    ):
        reader.sees(f"part {place}", true["rows_failing"], told["rows_failing"])
        reader.sum(f"failing {true['submitter']} {true['period']}", [f"part {place}"])
    return reader


few_or_many = st.one_of(st.integers(0, 14), st.integers(0, 60))
months_of_labs = st.lists(
    st.tuples(st.sampled_from(["ABE", "GLA"]), st.integers(0, 5), few_or_many, few_or_many),
    min_size=1, max_size=8, unique_by=lambda month: month[:2],
).map(lambda months: [(lab, month, max(a, b, 1), min(a, b)) for lab, month, a, b in months])  # fmt: skip


def is_known_anyway(months: Sequence[tuple[str, int, int, int]]) -> bool:
    """Whether the list of months alone tells: few rows in all, which `results` does not tell by month."""
    checked, failing = sum(m[2] for m in months), sum(m[3] for m in months)
    spread = failing < RULES.hidden_under and RULES.hidden_under - 1 - sum(m[3] > 0 for m in months) < 5
    return checked < RULES.hidden_under or failing == 0 or spread


@settings(deadline=None, max_examples=150)
@given(months_of_labs, st.integers(0, 9))
def test_nothing_small_can_be_told_from_a_check_its_months_and_its_parts(
    months: list[tuple[str, int, int, int]], key: int
) -> None:
    if is_known_anyway(months):
        return
    exact = of_check(months)
    shown = shown_rows(exact, Secret.of(f"{key}" * 64), RULES)
    assert reader_of_check(exact, shown).tells() == {}


files = st.lists(
    st.tuples(st.integers(1, 60), few_or_many, few_or_many, st.lists(few_or_many, min_size=1, max_size=4)),
    min_size=1, max_size=12,
).map(lambda files: [(rows, min(moved, rows), before, unknown) for rows, moved, before, unknown in files])  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(files, st.integers(0, 9))
@example([(40, 0, 1, [3])] * 12, 1)
@example([(40, 0, 1, [3])] * 12, 2)
@example([(40, 0, 1, [3])] * 12, 3)
@example([(40, 0, 1, [3])] * 12, 5)  # the sum of what was returned would tell that each file has few
@example([(40, 38, 0, [3])] * 3, 5)
def test_nothing_small_can_be_told_from_files_their_fields_and_what_is_behind_a_measure(
    given_files: list[tuple[int, int, int, list[int]]], key: int
) -> None:
    exact = of_files(given_files)
    shown = shown_rows(exact, Secret.of(f"{key}" * 64), RULES)
    reader = Reader()
    fields = shown["fields"].to_dicts()
    for month, (rows, moved, before, unknowns) in enumerate(given_files):
        told = shown["submissions"].row(month, named=True)
        own = [row for row in fields if row["period"] == MONTHS[month]]
        reader.sees(f"in use {month}", rows - moved, told["rows_loaded"])
        reader.sees(f"returned {month}", moved + before, told["rows_returned"])
        reader.knows_of(f"moved {month}", moved)
        reader.knows_of(f"before {month}", before)
        if 1 <= moved < RULES.hidden_under:
            reader.knows_of(f"rows {month}", rows)
        else:
            reader.sees(f"rows {month}", rows, own[0]["rows"])
        reader.sum(f"rows {month}", [f"in use {month}", f"moved {month}"])
        reader.sum(f"returned {month}", [f"moved {month}", f"before {month}"])
        for place, row in enumerate(own):
            unknown = min(unknowns[place], rows)
            seen = None if row["unknown_share"] is None else round(row["unknown_share"] * row["rows"] / 5) * 5
            if unknown == 0 and seen is None:
                reader.knows_of(f"unknown {month} {place}", unknown)
            elif seen is not None and seen and not seen - 4 <= unknown <= seen + 4:
                reader.knows_of(f"unknown {month} {place}", unknown)  # the share was cut to one, and says less
            else:
                reader.sees(f"unknown {month} {place}", unknown, seen, least=0)
            reader.knows_of(f"known {month} {place}", rows - unknown)
            reader.sum(f"rows {month}", [f"unknown {month} {place}", f"known {month} {place}"])
    behind = shown["quality"].row(0, named=True)
    for name, of, exactly in (("accepted_rows", "in use", [f[0] - f[1] for f in given_files]),
                              ("returned_rows", "returned", [f[1] + f[2] for f in given_files])):  # fmt: skip
        reader.sees(name, sum(exactly), behind[name])
        reader.sum(name, [f"{of} {month}" for month in range(len(given_files))])
    anyway = known_from_the_list_of_files(given_files)
    assert {name: told for name, told in reader.tells().items() if name not in anyway} == {}


def known_from_the_list_of_files(given_files: Sequence[tuple[int, int, int, list[int]]]) -> set[str]:
    """Counts that the list of files alone tells: each file has one row at least, and there are few in all."""
    found: set[str] = set()
    for name, of, exactly in (("accepted_rows", "in use", [f[0] - f[1] for f in given_files]),
                              ("returned_rows", "returned", [f[1] + f[2] for f in given_files])):  # fmt: skip
        if sum(exactly) < RULES.hidden_under:
            found |= {name, *(f"{of} {month}" for month in range(len(given_files)))}
    return found


def shown_check(checked: int, failing: int, key: str = "5e" * 32) -> tuple[int | None, int | None, float | None]:
    exact = of_check([("GLA", 0, checked, failing)])
    row = shown_rows(exact, Secret.of(key), RULES)["checks"].row(0, named=True)
    return row["rows_checked"], row["rows_failing"], row["share"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 3_000), st.data())
def test_counts_are_rounded_within_reach_and_few_are_hidden(checked: int, data: st.DataObject) -> None:
    failing = data.draw(st.integers(0, checked))
    seen_checked, seen_failing, share = shown_check(checked, failing)
    for count, truth in ((seen_checked, checked), (seen_failing, failing)):
        if 1 <= truth < RULES.hidden_under:
            assert count is None
        if count is not None:
            assert count % RULES.rounded_to == 0
            assert abs(count - truth) <= RULES.reach
    if share is not None:
        assert share == round(min(seen_failing, seen_checked) / seen_checked, 3)
    else:
        assert None in (seen_checked, seen_failing) or not seen_checked


def test_what_following_the_sums_misses_the_attack_finds_and_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_shown, "hide_enough", lambda counts, *_, **__: counts)
    exact = of_files([(40, 0, 1, [3])] * 12)
    shown = [shown_rows(exact, Secret.of(f"{key}" * 64), RULES)["quality"]["returned_rows"][0] for key in range(10)]
    assert set(shown) == {None, 15}


def test_nothing_is_published_where_hiding_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_shown, "attack", lambda *_: Audit(told=[0], told_by={0: np.arange(2)}))
    monkeypatch.setattr(rows_shown, "hide_beside", lambda counts, *_, **__: counts)
    with pytest.raises(PipelineError, match="small count"):
        shown_check(1_003, 57)


def test_nought_is_told_as_it_is() -> None:
    assert shown_check(0, 0) == (0, 0, None)
    assert shown_check(1_003, 0)[1:] == (0, 0.0)


def test_rounding_has_no_bias_and_is_another_with_another_secret() -> None:
    seen = [shown_check(1_003, 0, f"{key:064x}")[0] for key in range(300)]
    assert set(seen) == {1_000, 1_005}
    assert np.mean(seen) == pytest.approx(1_003, abs=0.5)


def test_as_many_rows_of_the_same_month_get_the_same_answer_whatever_counts_them() -> None:
    """Otherwise the mean over the many checks of a table would tell the count."""
    names = [f"{table}.{number}" for table in ("stg_testing", "mart_requests") for number in range(20)]
    exact = [of_check([("GLA", 0, 1_003, 57), ("EDI", 0, 400, 31)], name) for name in names]
    together = {name: pl.concat([one[name] for one in exact]) for name in exact[0]}
    shown = shown_rows(together, SECRET, RULES)
    for name, by in (("checks", []), ("check_parts", ["submitter"]), ("check_months", ["submitter"])):
        counted = shown[name].select(*by, pl.col("^rows_(checked|failing)$")).unique()
        assert counted.height == max(1, 2 * len(by)), name


def test_the_same_counts_of_other_places_are_rounded_by_other_draws() -> None:
    months = [("GLA", month, 1_003, 0) for month in range(12)]
    exact = of_check([*months, ("GLA", 0, 400, 50)][:12])
    assert set(shown_rows(exact, SECRET, RULES)["check_months"]["rows_checked"]) == {1_000, 1_005}


def test_what_is_no_people_stays_exact() -> None:
    exact = {
        name: table.with_columns(is_of_people=pl.lit(value=False)) for name, table in
        of_check([("GLA", 0, 14, 4), ("EDI", 1, 9, 1)]).items()
    }  # fmt: skip
    shown = shown_rows(exact, SECRET, RULES)
    assert shown["checks"].select("rows_checked", "rows_failing", "share").row(0) == (23, 5, 0.217)
    assert shown["check_parts"]["rows_failing"].to_list() == [4, 1]


def test_rows_in_which_a_field_is_unknown_are_the_same_count_in_the_parts_of_checks() -> None:
    exact = of_files([(200, 0, 0, [143, 9])])
    part = ("dq_fields.gap", "testing", "GLA", MONTHS[0], None)
    parts = [(*part, "field_0", 1, 143, True), (*part, "field_1", 1, 9, True)]
    empty = of_check([("GLA", 0, 1, 0)])
    exact |= {"checks": empty["checks"].clear(), "check_months": empty["check_months"].clear()}
    exact["check_parts"] = pl.DataFrame(parts, schema=empty["check_parts"].schema, orient="row")
    shown = shown_rows(exact, SECRET, RULES)
    told = shown["check_parts"]["rows_failing"].to_list()
    assert told[0] in (140, 145)
    assert told[1] is None
    shares = shown["fields"].sort("field")["unknown_share"].to_list()
    assert shares == [round(told[0] / shown["fields"]["rows"][0], 2), None]


def test_few_rows_that_the_build_returned_cannot_be_taken_from_two_counts_of_a_file() -> None:
    shown = shown_rows(of_files([(200, 3, 0, [50])]), SECRET, RULES)
    assert shown["fields"]["rows"].to_list() == shown["submissions"]["rows_loaded"].to_list()


def test_a_table_tells_nothing_that_only_the_build_side_reads() -> None:
    shown = shown_rows(of_check([("GLA", 0, 100, 20)]) | of_files([(200, 3, 0, [50])]), SECRET, RULES)
    kept = {"is_of_people", "among", "table_name", "of_check", "rows_moved", "unknown", "rows_told"}
    others = {column for name, table in shown.items() if name != "checks" for column in table.columns}
    assert not others & kept
    assert set(shown["checks"].columns) & kept == {"table_name"}
