"""The page Who is reached: what it says in each state, and that its numbers are those of plain arithmetic on the "
"cells."""

from __future__ import annotations

import io
import math
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.reference import reference_rows
from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui import reach_store
from tests.ui.store import make_store
from ui import ethnicity_download, reach_filters, reach_groups, reach_sections
from ui.access import Role, demonstration
from ui.data import Snapshot
from ui.reach_cells import CANCER, RARE
from ui.reach_filters import Choice

SECTIONS = [
    "recording",
    "groups",
    "deprivation",
    "closing",
    "rural",
    "islands",
    "map",
    "crossed",
    "crossed_rural",
    "ages",
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reach")
    make_store(place, "full")
    return place


@pytest.fixture(scope="module")
def snapshot(full: Path) -> Snapshot:
    return Snapshot(demonstration(Role.VIEWER), full)


def changed(folder: Path, *statements: str) -> Path:
    store = make_store(folder, "full")
    with duckdb.connect(str(store)) as con:
        for statement in statements:
            con.execute(statement)
    return folder


def title(app, name: str) -> str:
    return {header.proto.anchor: header.value for header in app.header}[name]


def test_sections_stand_in_their_order_and_need_is_asked_of_cancer_only(open_page, full):
    app = open_page("reach", full)
    assert [header.proto.anchor for header in app.header] == SECTIONS
    app = open_page("reach", full, tests="Cancer")
    assert not app.exception
    assert [header.proto.anchor for header in app.header] == [*SECTIONS[:4], "need", *SECTIONS[4:]]


def test_recording_comes_first_and_says_how_complete_and_how_reliable_it_is(open_page, full):
    text = text_of(open_page("reach", full))
    assert "70% of people tested have a recorded ethnic group" in text or "71" in text
    assert "recorded is not the same as right" in text
    for name in ("Declined to say", "Not known", "Not recorded", "Code not recognised"):
        assert name in text


def test_every_group_has_its_sentence_and_no_word_is_used_that_the_census_does_not(open_page, full):
    text = text_of(open_page("reach", full))
    for name in ("White", "Asian, Asian Scottish or Asian British", "African", "Caribbean or Black"):
        assert f"For people recorded as {name}" in text
    for word in ("BAME", "non-White", "ancestry", "minorit"):
        assert word.lower() not in text.lower()
    assert "not standardised for age" in text


def test_the_ratio_of_the_most_to_the_least_deprived_is_that_of_a_plain_computation(snapshot):
    """Direct standardisation once more, from the cells as they lie in the store."""
    standard = {row["age_band"]: 0 for row in reference_rows("population_simd_age_sex")}
    for row in reference_rows("european_standard_population"):
        weight = int(
            next(value for name, value in row.items() if name not in ("age_band", "standard") or name == "population")
        )
        standard["85+" if row["age_band"] in ("85-89", "90+") else row["age_band"]] += weight
    lived: dict[tuple[str, str, str], int] = {}
    for row in reference_rows("population_simd_age_sex"):
        key = row["simd_quintile"], row["sex"], row["age_band"]
        lived[key] = lived.get(key, 0) + int(row["population"])
    tested: dict[tuple[str, str, str], float] = {}
    cells = reach_store.reach_cells().filter(
        indicator=RARE, cube="sex+age_band+simd_quintile", period_start=reach_store.NEWEST
    )
    for row in cells.to_dicts():
        key = row["d3"], row["d1"], "85+" if row["d2"] in ("85-89", "90+") else row["d2"]
        tested[key] = tested.get(key, 0) + (row["value"] if row["state"] == "shown" else 4.5)
    rate = {
        fifth: sum(standard[age] * tested[q, sex, age] / lived[q, sex, age] for q, sex, age in lived if q == fifth)
        for fifth in "15"
    }
    part = reach_sections.build(snapshot, "deprivation", Choice())
    assert f"{rate['1'] / rate['5']:.2f} times as often" in part.title


def test_a_representation_ratio_on_the_page_is_that_of_the_cells_and_the_census(snapshot):
    cells = reach_store.reach_cells().filter(indicator=RARE, cube="ethnic_category", period_start=reach_store.NEWEST)
    people = {row["d1"]: row["value"] for row in cells.to_dicts()}
    recorded = sum(people[code] or 4.5 for code in reach_groups.GROUPS)
    lived = reach_store.residents()["residents_by_ethnic_group"]
    share = lived.filter(ethnic_category="african")["population"].sum() / lived["population"].sum()
    part = reach_sections.build(snapshot, "groups", Choice())
    row = part.table.filter(pl.col("Recorded ethnic group") == "African").row(0, named=True)
    assert row["Ratio (95% limits)"].startswith(f"{people['african'] / recorded / share:.2f} (")


def test_the_island_ratio_is_that_of_plain_indirect_standardisation(snapshot):
    frame, people = reach_store.residents()["residents_by_simd_age_sex"], reach_store.people(RARE)
    people = people.with_columns(pl.col("age_band").replace({"85-89": "85+", "90+": "85+"}))
    tested = people.group_by("sex", "age_band").agg(pl.col("people").sum())
    rate = frame.group_by("sex", "age_band").agg(pl.col("population").sum()).join(tested, on=["sex", "age_band"])
    islands = ["S08000025", "S08000026", "S08000028"]
    here = (
        frame.filter(pl.col("residence_board").is_in(islands))
        .group_by("sex", "age_band")
        .agg(here=pl.col("population").sum())
    )
    expected = rate.join(here, on=["sex", "age_band"]).select(
        (pl.col("here") * pl.col("people") / pl.col("population")).sum()
    ).item()  # fmt: skip
    observed = people.filter(pl.col("residence_board").is_in(islands))["people"].sum()
    part = reach_sections.build(snapshot, "islands", Choice())
    told = float(part.table["Ratio to Scotland (95% limits)"][0].split(" ")[0])
    # The page works from rounded counts.
    assert told == pytest.approx(observed / expected, abs=0.02)


def test_a_board_is_indirectly_standardised_and_says_so(open_page, full):
    app = open_page("reach", full, area="Lothian")
    assert not app.exception
    text = text_of(app)
    assert "Lothian (board of residence)" in text
    assert "Indirectly standardised" in text


def test_the_island_boards_are_chosen_as_one(open_page, full):
    app = open_page("reach", full, area="Island boards together")
    assert not app.exception
    assert "Island boards together (board of residence)" in text_of(app)


def test_under_the_stated_share_gaps_are_withheld_and_the_page_says_what_would_be_needed(open_page, tmp_path):
    app = open_page("reach", changed(tmp_path, "UPDATE release SET value = '0.9' WHERE key = 'gaps_need_recorded'"))
    assert title(app, "groups") == "Gaps between ethnic groups are withheld here"
    assert "more people in these 12 months would be needed" in text_of(app)
    assert "Ratio (95% limits),All unrecorded" not in text_of(app)
    assert "withheld" in title(app, "crossed")


def test_where_the_share_recorded_is_hidden_no_gap_is_shown(open_page, tmp_path):
    hide = "UPDATE cells SET state = 'confidential', value = NULL WHERE indicator = 'ethnicity_recorded'"
    app = open_page("reach", changed(tmp_path, hide))
    assert not app.exception
    assert title(app, "groups") == "Gaps between ethnic groups are withheld here"


def test_a_hidden_board_is_named_hidden_and_never_nought(open_page, tmp_path):
    hide = (
        "UPDATE cells SET state = 'confidential', value = NULL, numerator = NULL "
        "WHERE indicator = 'rare_people_tested' AND cube = 'residence_board' AND d1 = 'S08000026'"
    )
    app = open_page("reach", changed(tmp_path, hide))
    assert "1 hidden [c]" in text_of(app)
    assert not app.exception


def test_a_release_without_residents_says_so_and_shows_no_rate(open_page, tmp_path):
    tables = [f"DROP TABLE {name}" for name in reach_store.residents()]
    app = open_page("reach", changed(tmp_path, *tables))
    assert not app.exception
    assert "residents are not in this release" in title(app, "deprivation")
    assert "times as often" not in text_of(app)


def test_an_incomplete_year_is_left_out(open_page):
    text = text_of(open_page("reach", "late"))
    assert "12 months to October 2025" in text
    assert "by SIMD quintile. Scotland. 12 months to October 2026" not in text


def test_cancer_rates_carry_the_flag_while_no_new_cancers_are_loaded(open_page, full):
    app = open_page("reach", full, tests="Cancer")
    assert "cannot be told" in title(app, "need")
    assert text_of(app).count("Cancer incidence is 30% higher in the most deprived areas") >= 2


def test_where_new_cancers_are_loaded_tests_are_set_against_them(open_page, tmp_path):
    """A made-up table: every age has the same cases, but the most deprived fifth has twice as many."""
    values = ", ".join(
        f"(2024, 'scotland', '{q}', '{sex}', '{age}', {200 if q == '1' else 100})"
        for q in "12345"
        for sex in ("female", "male")
        for age in dict.fromkeys(row["age_band"] for row in reference_rows("population_simd_age_sex"))
    )
    make = (
        "CREATE TABLE cancer_incidence (year BIGINT, area VARCHAR, simd_quintile VARCHAR, sex VARCHAR, age_band "
        "VARCHAR, cases BIGINT)"
    )
    folder = changed(tmp_path, make, f"INSERT INTO cancer_incidence VALUES {values}")
    cells = reach_store.reach_cells().filter(indicator=CANCER, cube="simd_quintile", period_start=reach_store.NEWEST)
    people = dict(cells.select("d1", "value").iter_rows())
    app = open_page("reach", folder, tests="Cancer")
    assert f"{people['1'] / 2 / people['5']:.2f} times as often" in title(app, "need")
    assert "Need is not allowed for.**" not in text_of(app)


def test_what_is_assumed_can_be_changed_and_changes_the_bands(open_page, full):
    app = open_page("reach", full)
    before = next(table.value for table in tables(app) if "Unrecorded like residents" in table.value.columns)
    app.number_input(key="reach_factor").set_value(5.0).run()
    assert not app.exception
    after = next(table.value for table in tables(app) if "Unrecorded like residents" in table.value.columns)
    assert list(before["All unrecorded out or in"]) == list(after["All unrecorded out or in"])
    assert list(before["Unrecorded like residents"]) != list(after["Unrecorded like residents"])
    app.number_input(key="reach_young").set_value(40.0).run()
    last = next(table.value for table in tables(app) if "At other ages" in table.value.columns)
    assert list(last["At other ages"]) != list(after["At other ages"])


def test_a_matrix_of_the_readers_own_changes_the_corrected_ratio(snapshot):
    perfect = tuple(tuple(float(i == j) for j in range(6)) for i in range(6))
    column = "If recorded wrongly as assumed"
    told = [reach_sections.build(snapshot, "groups", Choice(matrix=matrix)).table[column] for matrix in (None, perfect)]
    assert told[0].to_list() != told[1].to_list()


def test_every_download_has_numbers_and_can_be_cited(snapshot):
    for indicator in (RARE, CANCER):
        choice = Choice(indicator)
        for name in reach_sections.names(choice):
            part = reach_sections.build(snapshot, name, choice)
            if part.table is None:
                continue
            csv = ethnicity_download.csv(part, snapshot.facts.labels, snapshot.release)
            frame = pl.read_csv(io.BytesIO(csv), infer_schema=False)
            assert frame.height
            assert all(frame["figure_id"].str.starts_with(snapshot.release.id))


def test_no_number_is_shown_where_a_count_is_hidden(snapshot):
    part = reach_sections.build(snapshot, "crossed", Choice())
    hidden = part.data.filter(pl.col("state") != "shown")
    assert hidden.height
    for name in ("people", "value", "lower", "upper", "lowest", "highest"):
        assert hidden[name].null_count() == hidden.height


def test_a_choice_that_the_release_does_not_know_falls_back(open_page, full):
    app = open_page("reach", full, tests="Nothing", area="Nowhere")
    assert not app.exception
    assert app.selectbox(key="tests").value == next(iter(reach_filters.TESTS))


def test_rates_by_age_are_plain_divisions(snapshot):
    part = reach_sections.build(snapshot, "ages", Choice())
    row = part.data.filter(pl.col("age_band") == "30-34", pl.col("sex") == "female").row(0, named=True)
    assert row["value"] == pytest.approx(1e5 * row["people"] / row["population"])
    assert row["lower"] < row["value"] < row["upper"]
    assert not math.isnan(row["upper"])
