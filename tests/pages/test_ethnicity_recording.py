"""The page Ethnicity recording: what is recorded, why not, signal or noise, what the missing could hide, agreement."""

from __future__ import annotations

import json
import math
import re

import duckdb
import polars as pl
import pytest

from methods.proportions import wilson_interval
from tests.conftest import Published
from tests.pages.conftest import Open, text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from ui.ethnicity_sections import ISLANDS

PAGE = "ethnicity_recording"


def header(app, part):
    """The one heading that has these words in it."""
    found = [heading.value for heading in app.header if part in heading.value]
    assert len(found) == 1, [heading.value for heading in app.header]
    return found[0]


def table(app, column):
    """The first table with a column of this name."""
    return next(shown.value for shown in tables(app) if column in shown.value.columns)


def test_it_shows_six_charts_and_four_tables_each_with_finding_text_and_download(open_page):
    app = open_page(PAGE)
    assert not app.exception
    charts, titles = app.get("plotly_chart"), [heading.value for heading in app.header]
    assert len(charts) == 6
    assert len(titles) == len(tables(app)) == len(app.get("download_button")) == 10
    assert all(any(chart.proto.alt.startswith(f"{title}.") for title in titles) for chart in charts)


def test_titles_state_the_finding(open_page):
    app = open_page(PAGE)
    assert re.match(r"71\.\d% of people tested in October 2026 had a recorded ethnic group", app.header[0].value)
    assert header(app, "no recorded group: enough").startswith("29.0% of people tested in Scotland")
    assert header(app, "mostly") == "Where there is no group, mostly nothing was written down: 16.0% of people tested"
    assert header(app, "linked record").startswith("98.0% of recorded groups agree")


def test_the_four_reasons_are_kept_apart(open_page):
    app = open_page(PAGE)
    text = text_of(app)
    assert "Of people tested: declined 5.0%, not known 7.0%, not recorded 16.0% and code not recognised 1.0%." in text
    assert {"Declined", "Not known", "Not recorded", "Code not recognised"} <= set(table(app, "Declined").columns)


def test_the_line_is_said_to_be_our_own_and_what_follows_from_it(open_page):
    text = text_of(open_page(PAGE))
    assert "The 70% line is this dashboard's own, not an official target" in text
    assert "is at or above the 70% line, so gaps between ethnic groups may be shown." in text


def test_definition_period_and_quality_stand_beside_every_section(open_page):
    app = open_page(PAGE)
    text = text_of(app)
    assert text.count("Data to 31 October 2026. Data quality:") == 10
    assert "**Out of:** People with an accepted request in the period" in text
    assert "Laney's P' chart" in text
    assert "those of Public Health Scotland for control charts" in text


def test_the_range_of_what_the_missing_could_hide_is_worked_from_the_counts(open_page):
    """2.5% of people tested are recorded Asian and 71% have a group: 3.5% of these; 2.5% to 2.5% + 29% of everybody."""
    row = table(open_page(PAGE), "Lowest it could be").set_index("Recorded ethnic group")
    found = row.loc["Asian, Asian Scottish or Asian British"]
    assert [found["Of those recorded"], found["Lowest it could be"], found["Highest it could be"]] == [
        "3.5%",
        "2.5%",
        "31.5%",
    ]


def test_groups_recorded_more_and_less_often_are_told_without_rank(open_page):
    app = open_page(PAGE)
    rows = table(app, "Group in the linked record")
    assert list(rows["Group in the linked record"])[:2] == ["White: Scottish", "White: Other British"]
    against = dict(zip(rows["Group in the linked record"], rows["Against Scotland"], strict=True))
    assert against["White: Other British"] == "Clearly below"
    assert against["Pakistani, Pakistani Scottish or Pakistani British"] == "Clearly above"


def test_a_share_that_fewer_than_10_people_miss_is_hidden_and_said_to_be(open_page):
    """Every person's requests tell one story in the made-up store."""
    text = text_of(open_page(PAGE))
    assert "Whether a person's requests tell one story is hidden [c]" in text
    assert "100" not in re.findall(r"(\d+)% of people tested before", text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"lives_in": "Fife"}, "Fife (board of residence)"),
        ({"by": "Receiving laboratory"}, "by receiving laboratory. Scotland."),
        ({"by": "Referrer specialty", "lives_in": "Lothian"}, "by referrer specialty. Lothian (board of residence)."),
        ({"by": "Directory"}, "by directory. Scotland."),
        ({"by": "Nonsense", "lives_in": "Nowhere"}, "by board of residence. Scotland."),
    ],
)
def test_the_address_chooses_the_view(open_page, query, said):
    app = open_page(PAGE, **query)
    assert not app.exception
    assert said in text_of(app)


def test_an_island_board_says_what_is_hidden_and_shows_no_number_for_it(open_page):
    app = open_page(PAGE, lives_in="Orkney", by="Referrer specialty")
    assert not app.exception
    assert "[c]" in text_of(app)
    for shown in tables(app):
        for row in shown.value.astype(str).to_numpy():
            assert not any(re.fullmatch(r"[1-9]%?|[1-9] people", cell) for cell in row if cell != "[c]")


@pytest.mark.parametrize("variant", ["full", "empty", "hidden", "late"])
def test_it_runs_on_every_kind_of_release_in_the_words_of_the_house(open_page, variant):
    app = open_page(PAGE, variant)
    assert not app.exception
    text = text_of(app)
    assert "Synthetic figures" in app.warning[0].value
    assert not re.search(r"\b(trusts?|colors?|worst|nan|null|inf|bame|ancestry)\b", text.lower())
    if variant in ("empty", "hidden"):
        assert not tables(app)
        assert not app.get("plotly_chart")
        assert len(app.info) == len(app.header) == 10


def test_a_release_without_a_single_judged_period_of_recording_is_shown_without_an_error(open_page, tmp_path):
    """One month alone, or every month incomplete: there is nothing to set against chance."""
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute(
            "UPDATE cells SET period_status = 'incomplete' WHERE indicator = 'ethnicity_recorded' AND grain <> 'year'"
        )
        con.execute("UPDATE quality SET grade = NULL")
        con.execute("DELETE FROM grades")
    app = open_page(PAGE, tmp_path)
    assert not app.exception
    assert "Data quality: not graded." in text_of(app)
    assert not open_page("home", tmp_path).exception


def test_it_names_the_same_period_for_the_share_and_for_its_reasons(open_page):
    text = text_of(open_page(PAGE))
    assert "reason clearly rose or fell on the 12 months before" in text
    assert "Newest 12 months. Declined: 5.0%." in text


def test_why_figures_are_hidden_is_told_only_where_one_is(open_page, tmp_path):
    assert ISLANDS not in text_of(open_page(PAGE))
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute(
            "UPDATE cells SET state = 'confidential', value = NULL, lower = NULL, upper = NULL, numerator = NULL "
            "WHERE indicator = 'ethnicity_recorded' AND cube = 'residence_board' AND grain = 'year' "
            "AND d1 = 'S08000025'"
        )
    assert ISLANDS in text_of(open_page(PAGE, tmp_path))


def test_late_data_are_marked_incomplete(open_page):
    app = open_page(PAGE, "late")
    assert "Incomplete" in set(table(app, "Limits of chance")["Status"])
    assert "in August 2026 had a recorded ethnic group" in app.header[0].value


def counted(rows):
    """Group to its two counts and 99.9% interval, of a table of the page, where shown."""
    found = {}
    for label, numerator, denominator in rows:
        if "[" not in numerator:
            counts = [int(text.replace(",", "")) for text in (numerator, denominator)]
            limits = pl.select(wilson_interval(*map(pl.lit, counts), 0.999).alias("x"))["x"][0]
            found[label] = (*counts, limits["lower"], limits["upper"])
    return found


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_the_page_shows_the_recording_of_each_board_that_was_put_in(full: Published, open_page: Open) -> None:
    """Rounding to 5 moves a share of a small board by up to two points."""
    stated = {effect["name"]: effect for effect in json.loads(full.truth.read_text())["effects"]}["ethnicity_recorded"]
    app = open_page(PAGE, full.folders.data)
    by_board = {"Board of residence", "With a group"}
    rows = next(shown.value for shown in tables(app) if by_board <= set(shown.value.columns))
    found = counted(zip(rows["Board of residence"], rows["With a group"], rows["People tested"], strict=True))
    with duckdb.connect(str(full.store), read_only=True) as store:
        labels = dict(
            store.execute("SELECT code, label FROM dimension_values WHERE dimension = 'residence_board'").fetchall()
        )
    assert len({labels[board] for board in stated["size"]} & found.keys()) >= 13
    for board, share in stated["size"].items():
        if labels[board] in found:
            *_, lower, upper = found[labels[board]]
            assert lower - 0.02 <= share <= upper + 0.02, labels[board]


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_the_page_shows_the_retired_codes_of_each_laboratory_that_were_put_in(full: Published, open_page: Open) -> None:
    stated = {effect["name"]: effect for effect in json.loads(full.truth.read_text())["effects"]}["ethnicity_retired"]
    rows = table(open_page(PAGE, full.folders.data), "People whose group has one").set_index("Receiving laboratory")
    for lab, label in {"ABE": "Aberdeen", "DUN": "Dundee", "EDI": "Edinburgh", "GLA": "Glasgow"}.items():
        people = int(rows.loc[label, "People whose group has one"].replace(",", ""))
        share = float(rows.loc[label, "Share"].rstrip("%")) / 100
        spread = 3.29 * math.sqrt(stated["size"][lab] * (1 - stated["size"][lab]) / people)
        assert share == pytest.approx(stated["size"][lab], abs=spread + 0.01), label


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_the_page_shows_whose_group_is_missing_as_it_was_put_in(full: Published, open_page: Open) -> None:
    """The linked record is wrong for some, which draws the odds ratio towards one and never past it."""
    stated = {effect["name"]: effect for effect in json.loads(full.truth.read_text())["effects"]}
    odds = stated["ethnicity_missing_by_group"]["size"]
    rows = table(open_page(PAGE, full.folders.data), "Group in the linked record").set_index(
        "Group in the linked record"
    )
    assert rows.loc["White: Other British", "Against Scotland"] == "Clearly below"
    shares = {
        label: float(rows.loc[label, "Share"].rstrip("%")) / 100
        for label in ("White: Scottish", "White: Other British")
    }
    missing = {label: (1 - share) / share for label, share in shares.items()}
    ratio = missing["White: Other British"] / missing["White: Scottish"]
    people = int(rows.loc["White: Other British", "People tested"].replace(",", ""))
    share = shares["White: Other British"]
    spread = math.exp(3.29 / math.sqrt(people * share * (1 - share)))
    assert 1.3 < ratio < odds["white_other_british"] * spread
    pakistani = rows.loc["Pakistani, Pakistani Scottish or Pakistani British", "Share"].rstrip("%")
    assert float(pakistani) / 100 > shares["White: Scottish"]
    assert odds["asian_pakistani"] < 1


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_recorded_and_the_four_reasons_make_up_everybody(small: Published) -> None:
    """Each of the five numbers is rounded to 5 by itself, and so is their whole."""
    with duckdb.connect(str(small.store), read_only=True) as store:
        cells = (
            store.sql("""
            SELECT cube, d1, grain, period_start, count(*) AS parts, sum(numerator)::BIGINT AS people,
                max(denominator) AS of, bool_and(state = 'shown') AS is_shown
            FROM cells
            WHERE indicator IN ('ethnicity_recorded', 'ethnicity_declined', 'ethnicity_not_known',
                'ethnicity_not_recorded', 'ethnicity_unmapped') AND grain <> 'month'
            GROUP BY ALL HAVING parts = 5""")
            .pl()
            .filter("is_shown")
        )
    assert cells.height >= 5
    assert cells.select((pl.col("people") - pl.col("of")).abs().max()).item() <= 5 * 2.5 + 5
