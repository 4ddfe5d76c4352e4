"""Direct and indirect standardisation."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.rates import byar_interval, rate_interval
from methods.standardisation import ESP2013, direct_rate, indirect_rate, indirect_ratio

Row = tuple[str | None, float | None, float | None, float | None]
DIRECT = {"area": pl.String, "events": pl.Float64, "population": pl.Float64, "standard": pl.Float64}
NUMBERS = ("value", "lower", "upper")

#: Two areas of three bands, of which the first has 12 events and the other 9.
BANDS: list[Row] = [
    ("a", 2, 1000, 50),
    ("a", 4, 800, 30),
    ("a", 6, 300, 20),
    ("b", 1, 900, 50),
    ("b", 3, 700, 30),
    ("b", 5, 250, 20),
]

band_rows = st.tuples(st.integers(0, 400), st.integers(1, 10**6), st.integers(1, 9000))
areas = st.lists(st.lists(band_rows, min_size=1, max_size=8), min_size=1, max_size=5)


def bands(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DIRECT, orient="row")


def numbers(found: pl.DataFrame, row: int = 0) -> list[float]:
    return [found[name][row] for name in NUMBERS]


def byar(events: float) -> tuple[float, float]:
    found = pl.select(byar_interval(pl.lit(events)).alias("i")).item()
    return found["lower"], found["upper"]


def plain_rate(rows: list[tuple[float, float, float]], times: list[float] | None = None) -> list[float]:
    """The rate per 100,000 and its limits, one band after the other; times: how many events each person had."""
    times = times or [1] * len(rows)
    weights = {(n, w) for _, n, w in rows} if max(times) > 1 else [(n, w) for _, n, w in rows]
    weight = sum(w for _, w in weights)
    total = sum(x * f for (x, _, _), f in zip(rows, times, strict=True))
    rate = sum(w * x * f / n for (x, n, w), f in zip(rows, times, strict=True)) / weight
    variance = sum((w * f / n) ** 2 * x for (x, n, w), f in zip(rows, times, strict=True)) / weight**2
    reach = math.sqrt(variance / total)
    return [100_000 * (rate + reach * (end - total)) for end in (total, *byar(total))]


def test_the_european_standard_is_of_a_hundred_thousand_in_nineteen_bands() -> None:
    assert ESP2013.height == 19
    assert ESP2013["standard"].sum() == 100_000
    assert ESP2013["age_band"].to_list()[::9] == ["0-4", "45-49", "90+"]


# Direct


def test_a_direct_rate_by_hand() -> None:
    """Bands 2/1000, 4/800, 6/300 with weights 50, 30, 20: (0.1 + 0.15 + 0.4) / 100 = 0.0065.

    Variance (50^2 * 2/1000^2 + 30^2 * 4/800^2 + 20^2 * 6/300^2) / 100^2 = (0.005 + 0.005625 + 0.0266667) / 10000 =
    3.7291667e-6, over 12 events 3.1076e-7, root 5.5746e-4. Byar's limits of 12: 6.1937 and 20.9626.
    """
    found = direct_rate(bands(BANDS), ["area"], multiplier=1000)
    assert found["total_events"].to_list() == [12, 9]
    assert found["total_population"].to_list() == [2100, 1850]
    lower, upper = 6.5 + 0.55746 * (6.1937 - 12), 6.5 + 0.55746 * (20.9626 - 12)
    assert numbers(found) == pytest.approx([6.5, lower, upper], abs=1e-3)


def test_under_ten_events_there_is_no_answer_unless_fewer_are_allowed() -> None:
    found = direct_rate(bands(BANDS), ["area"])
    assert found["reason"].to_list() == [None, "too_few_events"]
    assert numbers(found, 1) == [None] * 3
    allowed = direct_rate(bands(BANDS), ["area"], fewest_events=9)
    assert allowed["reason"].to_list() == [None, None]
    assert numbers(allowed, 1) == pytest.approx(plain_rate([row[1:] for row in BANDS[3:]]))


def test_fractions_that_come_to_ten_are_ten() -> None:
    tenths = bands([("a", 0.1, 50, 10)] * 100)
    assert sum([0.1] * 100) < 10
    assert direct_rate(tenths)["reason"].to_list() == [None]
    assert direct_rate(bands([("a", 9.5, 50, 10)]))["reason"].to_list() == ["too_few_events"]


@given(drawn=areas)
def test_direct_rates_agree_with_plain_loops(drawn: list[list[tuple[int, int, int]]]) -> None:
    rows = [(f"{place}", *row) for place, area in enumerate(drawn) for row in area]
    found = direct_rate(bands(rows), ["area"])
    for place, area in enumerate(drawn):
        if sum(x for x, _, _ in area) >= 10:
            assert numbers(found, place) == pytest.approx(plain_rate(area), rel=1e-9)
        else:
            assert found["reason"][place] == "too_few_events"


@given(x=st.integers(10, 10**6), n=st.integers(1, 10**7), weight=st.floats(0.1, 1e5))
def test_one_band_gives_the_crude_rate_with_byars_limits(x: int, n: int, weight: float) -> None:
    crude = pl.select(rate_interval(pl.lit(x), pl.lit(n), 100_000).struct.unnest())
    assert numbers(direct_rate(bands([("a", x, n, weight)]))) == pytest.approx(numbers(crude))


@given(drawn=areas, scale=st.floats(0.01, 100), seed=st.randoms())
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(
    drawn: list[list[tuple[int, int, int]]], scale: float, seed: Any
) -> None:
    rows = [(f"{place}", *row) for place, area in enumerate(drawn) for row in area]
    mixed = [(area, x, n, w * scale) for area, x, n, w in rows]
    seed.shuffle(mixed)
    found, again = direct_rate(bands(rows), ["area"]), direct_rate(bands(mixed), ["area"])
    assert again["area"].to_list() == found["area"].to_list()
    assert again["reason"].to_list() == found["reason"].to_list()
    for row in range(found.height):
        if found["value"][row] is not None:
            assert numbers(again, row) == pytest.approx(numbers(found, row), rel=1e-9)


def test_a_rate_is_the_same_where_all_bands_have_it() -> None:
    """Where every band has 5 in 1,000 the weights do not matter to the rate."""
    rows = [("a", 5 * k, 1000 * k, w) for k, w in ((1, 9000), (7, 20), (3, 400))]
    assert direct_rate(bands(rows), multiplier=1000)["value"][0] == pytest.approx(5)


def test_a_missing_count_is_nought_and_a_band_without_weight_counts_only_its_events() -> None:
    rows = [*BANDS[:3], ("a", None, 500, 10), ("a", math.nan, 500, 10), ("a", 3, 500, 0)]
    plain = [(x if x and x == x else 0, n, w) for _, x, n, w in rows]
    assert numbers(direct_rate(bands(rows))) == pytest.approx(plain_rate(plain))


@pytest.mark.parametrize(
    ("band", "code"),
    [
        ((5, 0, 10), "population_not_positive"),
        ((5, -3, 10), "population_not_positive"),
        ((5, None, 10), "population_not_positive"),
        ((0, 0, 0), "population_not_positive"),
        ((-1, 100, 10), "negative_count"),
        ((5, 100, None), "missing"),
        ((5, 100, math.nan), "missing"),
        ((5, 100, -1), "weight_not_usable"),
        ((math.inf, 100, 10), "not_finite"),
        ((5, math.inf, 10), "not_finite"),
    ],
)
def test_a_band_that_cannot_be_used_takes_only_its_group_with_it(
    band: tuple[float | None, float | None, float | None], code: str
) -> None:
    rows = [("island", 20, 100, 10), ("island", *band), *BANDS[:3], (None, 15, 100, 10)]
    found = direct_rate(bands(rows), ["area"])
    reasons = dict(zip(found["area"], found["reason"], strict=True))
    assert reasons == {None: None, "a": None, "island": code}
    alone = direct_rate(bands(BANDS[:3]), ["area"])
    assert numbers(found.filter(pl.col("area") == "a")) == pytest.approx(numbers(alone))


def test_weights_that_are_all_nought_have_no_answer() -> None:
    found = direct_rate(bands([("a", 20, 100, 0), ("a", 5, 100, 0)]))
    assert found["reason"].to_list() == ["weight_not_usable"]
    assert numbers(found) == [None] * 3


def test_no_events_have_a_rate_but_no_limits_where_they_are_let_pass() -> None:
    found = direct_rate(bands([("a", 0, 100, 10)]), fewest_events=0)
    assert numbers(found) == [0, None, None]
    assert found["reason"].to_list() == ["no_limits"]


def test_a_band_given_twice_is_found_out_where_bands_are_named() -> None:
    twice = bands([*BANDS[:2], BANDS[1], BANDS[2]])
    assert direct_rate(twice)["reason"].to_list() == [None]
    named = twice.with_columns(age_band=pl.Series(["0-4", "5-9", "5-9", "10-14"]))
    assert direct_rate(named)["reason"].to_list() == ["repeated_key"]


def test_naming_the_bands_changes_nothing_else() -> None:
    named = bands(BANDS).with_columns(age_band=pl.Series([1, 2, None, 1, 2, None]))
    found, plain = direct_rate(named, ["area"]), direct_rate(bands(BANDS), ["area"])
    assert numbers(found) == pytest.approx(numbers(plain))
    assert found.columns == plain.columns


def frequencies(rows: list[tuple[str, float, float, float, float | None]]) -> pl.DataFrame:
    names = ("age_band", "events", "population", "standard", "frequency")
    return pl.DataFrame(rows, schema=names, orient="row")


def test_events_of_the_same_person_widen_the_limits_but_leave_the_rate() -> None:
    """6 people with one event and 3 with two are 12 events; each of the three counts four times in the variance."""
    rows = [("x", 6.0, 1000.0, 50.0, 1.0), ("x", 3.0, 1000.0, 50.0, 2.0), ("y", 8.0, 400.0, 20.0, 1.0)]
    found = direct_rate(frequencies(rows))
    apart = direct_rate(bands([("a", 12, 1000, 50), ("a", 8, 400, 20)]))
    expected = plain_rate([row[1:4] for row in rows], [row[4] for row in rows])
    assert found["total_events"].to_list() == [20]
    assert found["total_population"].to_list() == [1400]
    assert numbers(found) == pytest.approx(expected)
    assert found["value"][0] == pytest.approx(apart["value"][0])
    assert found["lower"][0] < apart["lower"][0]
    assert found["upper"][0] > apart["upper"][0]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("x", 3.0, 1000.0, 50.0, None), "missing"),
        (("x", 3.0, 1000.0, 50.0, -2.0), "negative_count"),
        (("x", 3.0, 1000.0, 50.0, 1.0), "repeated_key"),
        (("x", 3.0, 999.0, 50.0, 2.0), "unequal_bands"),
        (("x", 3.0, 1000.0, 51.0, 2.0), "unequal_bands"),
    ],
)
def test_rows_of_a_band_that_do_not_go_together_say_why(
    row: tuple[str, float, float, float, float | None], code: str
) -> None:
    assert direct_rate(frequencies([("x", 16.0, 1000.0, 50.0, 1.0), row]))["reason"].to_list() == [code]


def test_an_empty_frame_gives_an_empty_answer_of_the_same_columns() -> None:
    full, empty = bands(BANDS), bands([])
    assert direct_rate(empty, ["area"]).schema == direct_rate(full, ["area"]).schema
    assert direct_rate(empty).schema == direct_rate(full).schema
    assert direct_rate(empty).height == 0


@pytest.mark.parametrize(
    ("frame", "asked", "fault"),
    [
        (bands(BANDS).drop("population"), {}, "population"),
        (bands(BANDS), {"by": ["board"]}, "board"),
        (bands(BANDS), {"by": ["events"]}, "events"),
        (bands(BANDS).with_columns(events=pl.lit("ten")), {}, "numbers"),
        (bands(BANDS).with_columns(frequency=1), {}, "age_band"),
        (bands(BANDS), {"multiplier": 0}, "multiplier"),
        (bands(BANDS), {"fewest_events": -1}, "fewest_events"),
        (bands(BANDS), {"confidence": 95}, "confidence"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(frame: pl.DataFrame, asked: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        direct_rate(frame, **asked)


def test_whole_numbers_and_several_columns_to_group_by_will_do() -> None:
    frame = bands(BANDS).cast(dict.fromkeys(("events", "population", "standard"), pl.Int32))
    found = direct_rate(frame.with_columns(year=2026), ["year", "area"])
    assert found.columns[:2] == ["year", "area"]
    assert numbers(found) == pytest.approx(numbers(direct_rate(bands(BANDS), ["area"])))


# Indirect


def reference(rows: list[tuple[str | None, float | None, float | None, float | None, float | None]]) -> pl.DataFrame:
    names = ("area", "events", "population", "reference_events", "reference_population")
    schema = {"area": pl.String, **dict.fromkeys(names[1:], pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


#: Expected in a: 100 * 50/1000 + 200 * 20/2000 = 7; in b: 400 * 50/1000 + 0 = 20.
REFERENCE = [("a", 3, 100, 50, 1000), ("a", 4, 200, 20, 2000), ("b", 25, 400, 50, 1000), ("b", 5, 0, 20, 2000)]


def test_an_indirect_ratio_by_hand() -> None:
    found = indirect_ratio(reference(REFERENCE), ["area"])
    assert found["observed"].to_list() == [7, 30]
    assert found["expected"].to_list() == pytest.approx([7, 20])
    assert found["value"].to_list() == pytest.approx([1, 1.5])
    assert found["method"].to_list() == ["Exact Poisson", "Byar"]
    assert numbers(found, 1)[1:] == pytest.approx([limit / 20 for limit in byar(30)])


def test_an_indirect_rate_is_the_ratio_times_the_crude_rate_of_the_reference() -> None:
    """The reference has 70 events among 3,000: 2333.33 per 100,000."""
    rate, ratio = indirect_rate(reference(REFERENCE), ["area"]), indirect_ratio(reference(REFERENCE), ["area"])
    assert rate["reference_rate"].to_list() == pytest.approx([70 / 0.03] * 2)
    for row in range(2):
        assert numbers(rate, row) == pytest.approx([number * 70 / 0.03 for number in numbers(ratio, row)])


def test_a_group_that_is_its_own_reference_has_the_ratio_one() -> None:
    rows = [("a", x, n, x, n) for x, n in ((4, 100), (11, 900), (30, 400))]
    assert indirect_ratio(reference(rows), multiplier=100)["value"][0] == pytest.approx(100)


def test_observed_events_may_come_as_totals_of_groups() -> None:
    totals = pl.DataFrame({"area": ["b", "a"], "events": [30, 7]})
    by_age = indirect_ratio(reference(REFERENCE), ["area"])
    assert indirect_ratio(reference(REFERENCE).drop("events"), ["area"], observed=totals).equals(by_age)
    alone = reference(REFERENCE[:2])
    assert indirect_ratio(alone, observed=pl.DataFrame({"events": [7]})).equals(indirect_ratio(alone))


def test_a_group_with_events_or_people_alone_is_kept_without_an_answer() -> None:
    totals = pl.DataFrame({"area": ["b", "elsewhere", None], "events": [30, 9, 2]})
    found = indirect_ratio(reference(REFERENCE).drop("events"), ["area"], observed=totals)
    assert dict(found.select("area", "reason").iter_rows()) == {
        "a": "missing",
        "b": None,
        "elsewhere": "missing",
        None: "missing",
    }
    assert found.filter(area="elsewhere").select("observed", "expected", "value").row(0) == (9, None, None)


def test_a_total_that_is_missing_or_given_twice_says_so() -> None:
    totals = pl.DataFrame({"area": ["a", "a", "c", None, "d"], "events": [3, 4, None, 6, -6]})
    rows = reference([(area, None, 100, 50, 1000) for area in ("a", "b", "c", "d", None)])
    found = indirect_ratio(rows, ["area"], observed=totals)
    assert dict(zip(found["area"], found["reason"], strict=True)) == {
        None: None,
        "a": "repeated_key",
        "b": "missing",
        "c": "missing",
        "d": "negative_count",
    }


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((None, 100, 50, 1000), None),
        ((3, 0, 50, 1000), None),
        ((3, None, 50, 1000), "missing"),
        ((3, 100, math.nan, 1000), "missing"),
        ((3, 100, 50, None), "missing"),
        ((3, math.inf, 50, 1000), "not_finite"),
        ((-3, 100, 50, 1000), "negative_count"),
        ((3, 100, -50, 1000), "negative_count"),
        ((3, -1, 50, 1000), "population_not_positive"),
        ((3, 100, 50, 0), "population_not_positive"),
    ],
)
def test_a_band_that_cannot_be_compared_takes_only_its_group_with_it(
    row: tuple[float | None, ...], code: str | None
) -> None:
    rows = reference([("bad", 3, 100, 50, 1000), ("bad", *row), *REFERENCE])
    for method in (indirect_ratio, indirect_rate):
        found = method(rows, ["area"])
        assert dict(zip(found["area"], found["reason"], strict=True)) == {"a": None, "b": None, "bad": code}
        if code:
            assert numbers(found, 2) == [None] * 3


def test_nothing_expected_is_nothing_to_compare_with() -> None:
    for row in [("a", 3, 0, 50, 1000), ("a", 3, 100, 0, 1000)]:
        assert indirect_ratio(reference([row]))["reason"].to_list() == ["no_events_to_compare"]
        assert indirect_rate(reference([row]))["reason"].to_list() == ["no_events_to_compare"]


def test_a_band_compared_twice_is_found_out_where_bands_are_named() -> None:
    named = reference(REFERENCE).with_columns(age_band=pl.Series(["x", "x", "x", "y"]))
    assert indirect_ratio(named, ["area"])["reason"].to_list() == ["repeated_key", None]


def test_an_empty_comparison_gives_an_empty_answer() -> None:
    full = reference(REFERENCE)
    for method in (indirect_ratio, indirect_rate):
        assert method(full.clear(), ["area"]).schema == method(full, ["area"]).schema
        assert method(full.clear()).height == 0


def test_an_unusable_comparison_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="events"):
        indirect_ratio(reference(REFERENCE).drop("events"))
    with pytest.raises(ValueError, match="area"):
        indirect_ratio(reference(REFERENCE), ["area"], observed=pl.DataFrame({"events": [1]}))
    with pytest.raises(ValueError, match="multiplier"):
        indirect_rate(reference(REFERENCE), multiplier=-1)
