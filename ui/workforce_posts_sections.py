"""Sections of the page Workforce on posts: filled, vacant and funded, over time, in hours, by band, of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from capacity.workload import single_person
from ui import capacity_words, marks, words, workforce_charts
from ui import workforce_measures as measures
from ui import workforce_words as said
from ui.capacity_inputs import posts_by_role
from ui.data import Snapshot
from ui.outlook_sections import Part
from ui.workforce_filters import Choice
from ui.workforce_parts import Row, alt_of, bar, cited, if_shown, is_shown, none_in_post, without

ABOUT_POSTS = (
    "- **In post:** posts, to the nearest whole one, less the share that is vacant. **Vacant:** cleared for advert and "
    "not yet filled. Each number is rounded by itself, so they may differ by one from their sum.\n"
    "- **Establishment:** what is funded. A post can be funded and not cleared for advert: it is no vacancy then.\n"
    "- **Hours a week:** posts in post times the hours of the census day's full-time week, right to half "
    "a full-time week (18 hours). Compare hours, not posts, "
    "over April 2024 and April 2026, when the week became shorter.\n"
    "- Every post is counted, so there is no sampling error; with few posts one start or leaver moves a rate a lot."
)
ABOUT_HOURS = (
    "- **Hours a week:** posts in post times the hours of the full-time week on the census day: 37.5 to March 2024, 37 "
    "to March 2026, 36 since. Posts are told to the nearest whole one, so hours are right to half a full-time week. "
    "**First census = 100:** each as per cent of its first value."
)
ABOUT_ALONE = (
    "- **About one post:** at most 1 whole-time equivalent is in post; posts are rounded to the nearest whole one."
)


def posts(snapshot: Snapshot, choice: Choice) -> Part:
    """Posts filled, vacant and funded, and hours, side by side."""
    whose, beside = (
        measures.figure(snapshot, measures.VACANCY, choice.fixed),
        measures.figure(snapshot, measures.VACANCY, choice.around, choice.spread),
    )
    series, cells = measures.whole(whose), measures.whole(beside)
    now = measures.one(series)
    if now is None:
        return none_in_post("posts", choice, whose)
    funded = measures.figure(snapshot, measures.FUNDED, choice.around, choice.spread)
    held = measures.values(measures.newest(measures.whole(funded)))
    rows = measures.newest(cells).to_dicts()
    before = measures.values(measures.a_year_before(cells))
    title = said.posts(now, choice)
    earlier = measures.a_year_before(series).to_dicts()
    summary = " ".join(
        filter(
            None,
            [
                said.moved(now, earlier[0] if earlier else None),
                said.highest(rows, choice),
                f"About {said.hours(now)} hours a week are in post.",
            ],
        )
    )
    names = {row["code"]: said.name_of(choice, row["code"]) for row in rows}
    table = pl.DataFrame(
        [
            {
                "Laboratory" if choice.spread == "site" else "Role": names[row["code"]],
                "In post (WTE)": if_shown(row, capacity_words.posts(row["in_post_wte"]) if is_shown(row) else ""),
                "Vacant (WTE)": if_shown(row, f"{row['numerator']}"),
                "Vacancy rate": said.of_row(row),
                "A year before": said.of_row(before[row["code"]]) if row["code"] in before else words.NOT_AVAILABLE,
                "Establishment (WTE)": f"{held[row['code']]['denominator']}"
                if is_shown(held.get(row["code"]))
                else words.NOT_AVAILABLE,
                "In post of establishment": said.of_row(held[row["code"]])
                if row["code"] in held
                else words.NOT_AVAILABLE,
                "Hours a week in post": if_shown(row, said.hours(row) if is_shown(row) else ""),
            }
            for row in rows
        ]
    )
    return Part(
        "posts",
        title,
        summary,
        f"Vacancy rate: vacant posts, out of posts in post and vacant. {_all_of(choice)}. "
        f"{said.census(measures.census(cells))}.",
        chart=workforce_charts.bars(
            [bar(row, names) for row in rows],
            axis="Vacancy rate",
            alt=alt_of(title, summary),
            highlight=_highlighted(choice, names),
        ),
        table=table,
        data=numbers(rows, held),
        figures=cited(beside, funded),
        notes=tuple(filter(None, [said.one_post(now)])),
        about=ABOUT_POSTS,
    )


def _all_of(choice: Choice) -> str:
    """Whose the rows side by side are."""
    if choice.spread == "site":
        people = capacity_words.people(choice.role)
        return f"{people[:1].upper()}{people[1:]} in each laboratory"
    return f"All roles in {said.place(choice)}"


def _highlighted(choice: Choice, names: Mapping[str, str]) -> str:
    return marks.in_lines(names[choice.highlight]) if choice.highlight in names else ""


def numbers(rows: Sequence[Row], held: Mapping[str, Row]) -> pl.DataFrame:
    """The numbers of a download."""
    return pl.DataFrame(
        [
            {
                "code": row["code"], "census": row["period_end"], "state": row["state"],
                "vacancy_rate": row["value"], "vacant_wte": row["numerator"], "posts_wte": row["denominator"],
                "in_post_wte": row["in_post_wte"], "establishment_wte": held.get(row["code"], {}).get("denominator"),
                "full_time_hours": row["full_time_hours"], "hours_a_week": row["hours_a_week"],
            }
            for row in rows
        ],
        infer_schema_length=None,
    )  # fmt: skip


def over_time(snapshot: Snapshot, choice: Choice) -> Part:
    """The vacancy rate at each census, in each laboratory or in the chosen one beside Scotland."""
    role = (("role", choice.role),) if choice.role else ()
    codes = (choice.site,) if choice.site else measures.sites()
    found = measures.figure(snapshot, measures.VACANCY, role, "site")
    whole = measures.figure(snapshot, measures.VACANCY, role) if choice.site else None
    every = measures.whole(found)
    cells = {capacity_words.site(code): every.filter(code=code) for code in codes}
    if choice.site:
        cells["Scotland"] = measures.whole(whole)
    drawn = {name: rows for name, rows in cells.items() if measures.one(rows) is not None}
    if not drawn or (choice.site and said.place(choice) not in drawn):
        return none_in_post("over_time", choice, found)
    places = {name: rows for name, rows in drawn.items() if name != "Scotland"}
    now = {name: measures.one(rows) for name, rows in places.items()}
    top = max(now, key=lambda name: now[name]["value"])  # type: ignore[index]
    whose = f" of {capacity_words.people(choice.role)}" if choice.role else ""
    row = now[top]
    assert row is not None
    lead = "stands at" if len(places) == 1 else "is the highest,"
    title = f"The vacancy rate{whose} in {top} {lead} {said.of_row(row)}"
    peak = places[top].filter(state="shown").sort("value", "period_end").row(-1, named=True)
    earlier = measures.a_year_before(places[top]).to_dicts()
    summary = (
        f"{said.moved(row, earlier[0] if earlier else None)} Its highest was {said.of_row(peak)}, on "
        f"{words.long_date(peak['period_end'])}."
    )
    return Part(
        "over_time",
        title,
        summary,
        f"Vacancy rate{whose} at each census.",
        chart=workforce_charts.lines(
            {name: _points(rows) for name, rows in drawn.items()},
            axis="Vacancy rate",
            alt=alt_of(title, summary),
            suffix="%",
        ),
        table=_by_census(drawn),
        data=pl.concat(rows.with_columns(place=pl.lit(name)) for name, rows in drawn.items()).select(
            "place", "period_end", "state", "value", "numerator", "denominator"
        ),
        figures=cited(found, whole),
        notes=tuple(filter(None, [said.one_post(row)])),
        about=ABOUT_POSTS,
    )


def _points(cells: pl.DataFrame) -> list[Row]:
    return [
        {
            "period": row["period_end"],
            "value": 100 * row["value"] if is_shown(row) else None,
            "said": f"{words.long_date(row['period_end'])}, {said.of_row(row)}",
        }
        for row in cells.sort("period_start").to_dicts()
    ]


def _by_census(cells: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A row a census and a column a place, the newest first."""
    ends = sorted({day for rows in cells.values() for day in rows["period_end"]}, reverse=True)
    told = {name: {row["period_end"]: said.of_row(row) for row in rows.to_dicts()} for name, rows in cells.items()}
    return pl.DataFrame(
        [
            {"Census": words.long_date(end)} | {name: held.get(end, words.NOT_AVAILABLE) for name, held in told.items()}
            for end in ends
        ]
    )


def in_hours(snapshot: Snapshot, choice: Choice) -> Part:
    """Posts filled, in whole-time equivalents and in hours, since the first census."""
    found = measures.figure(snapshot, measures.VACANCY, choice.fixed)
    rows = measures.whole(found).filter(pl.col("state") == "shown").sort("period_start")
    if rows.height < 2 or rows["in_post_wte"][0] == 0:
        return none_in_post("hours", choice, found)
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    title, summary = said.in_hours(first, last, choice)
    series = {
        label: [
            {
                "period": row["period_end"],
                "value": 100 * row[name] / first[name],
                "said": f"{words.long_date(row['period_end'])}, {said.in_unit(row, name)}",
            }
            for row in rows.to_dicts()
        ]
        for label, name in (("WTE in post", "in_post_wte"), ("Hours in post", "hours_a_week"))
    }
    table = pl.DataFrame(
        [
            {
                "Census": words.long_date(row["period_end"]),
                "In post (WTE)": capacity_words.posts(row["in_post_wte"]),
                "Full-time week (hours)": f"{row['full_time_hours']:g}",
                "Hours a week in post": said.hours(row),
            }
            for row in reversed(rows.to_dicts())
        ]
    )
    return Part(
        "hours",
        title,
        summary,
        f"Posts in post and their hours a week, first census = 100. {said.whom(choice)[:1].upper()}"
        f"{said.whom(choice)[1:]}.",
        chart=workforce_charts.lines(series, axis="First census = 100", alt=alt_of(title, summary), nought=False),
        table=table,
        data=rows.select("period_end", "in_post_wte", "full_time_hours", "hours_a_week"),
        figures=cited(found),
        about=ABOUT_HOURS,
    )


def bands(snapshot: Snapshot, choice: Choice) -> Part:
    """Posts filled and vacant by Agenda for Change band, in Scotland."""
    role = (("role", choice.role),) if choice.role else ()
    found = measures.figure(snapshot, measures.VACANCY, role, "afc_band")
    cells = measures.newest(measures.whole(found))
    rows = [row for row in cells.to_dicts() if is_shown(row) and row["denominator"] > 0]
    if not rows:
        return without("bands", "Posts by band", found)
    band = {row["code"]: snapshot.label("afc_band", row["code"]) for row in rows}
    most = max(rows, key=lambda row: row["value"])
    whose = f"{capacity_words.people(choice.role)}" if choice.role else "all roles"
    title = f"{band[most['code']]} has the highest vacancy rate of {whose} in Scotland: {said.of_row(most)}"
    if len(rows) == 1:
        title = f"Every post of {whose} in Scotland is in {band[most['code']]}"
    share = max(rows, key=lambda row: row["in_post_wte"])
    total = sum(row["in_post_wte"] for row in rows)
    summary = f"{band[share['code']]} has the most in post, {share['in_post_wte'] / total:.0%} of all."
    table = pl.DataFrame(
        [
            {
                "Band": band[row["code"]],
                "In post (WTE)": capacity_words.posts(row["in_post_wte"]),
                "Vacant (WTE)": f"{row['numerator']}",
                "Vacancy rate": said.of_row(row),
                "Hours a week in post": said.hours(row),
            }
            for row in rows
        ]
    )
    return Part(
        "bands",
        title,
        summary,
        f"Vacancy rate by Agenda for Change band, Scotland. {said.census(measures.census(cells))}.",
        chart=workforce_charts.bars([bar(row, band) for row in rows], axis="Vacancy rate", alt=alt_of(title, summary)),
        table=table,
        data=numbers(rows, {}),
        figures=cited(found),
        notes=("Bands are told for Scotland, by role; not by laboratory.",) if choice.site else (),
        about=ABOUT_POSTS,
    )


def alone(snapshot: Snapshot, choice: Choice) -> Part:
    """Roles of a laboratory that rest on about one post."""
    found = measures.figure(snapshot, measures.VACANCY, (("site", choice.site),) if choice.site else (), "role")
    frame = posts_by_role(snapshot)
    if frame is None or frame.is_empty():
        return without("alone", "Services of one post", found)
    here = frame.filter(pl.col("period") == pl.col("period").max())
    fits = pl.lit(value=True)
    for name, code in choice.fixed:
        fits = fits & (pl.col(name) == code)
    rows = single_person(here.filter(fits)).to_dicts()
    where = said.place(choice)
    title, summary = said.alone(rows, choice)
    table = pl.DataFrame(
        [
            {
                "Laboratory": capacity_words.site(row["site"]),
                "Role": capacity_words.role(row["role"]),
                "In post (WTE)": capacity_words.posts(row["in_post_wte"]),
            }
            for row in rows
        ],
        schema=dict.fromkeys(("Laboratory", "Role", "In post (WTE)"), pl.String),
    )
    return Part(
        "alone",
        title,
        summary,
        f"{said.census(measures.census(measures.whole(found)))}. {where}.",
        table=table if rows else None,
        data=pl.DataFrame(rows) if rows else None,
        figures=cited(found),
        notes=("A role without anybody in post is not among them.",),
        about=ABOUT_ALONE,
    )
