"""Draws the page Assumptions: change one and see what moves, then every input with its range, source and owner."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from capacity.assumptions import MINUTES, Assumptions
from ui import (
    audit,
    capacity_answers,
    capacity_charts,
    capacity_overrides,
    download,
    marks,
    outlook_show,
    words,
)
from ui import capacity_words as said
from ui.capacity_overrides import Overrides
from ui.draw_table import draw_table
from ui.guard import Context
from ui.outlook_sections import Part

#: Groups of inputs by their label, which is part of the address; a group of values by the names that it holds.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Time at work": ("weeks_a_year", "leave_days", "study_days", "absence"),
    "Time not spent on requests": ("non_case_share",),
    "Trainees": (
        "trainee_productivity", "supervision", "training_years", "training_completed", "training_kept",
    ),
    "Growth, leaving, lines": (
        "growth", "leaving", "retiring", "replaced", "work_left", "load_amber", "load_red",
    ),
}  # fmt: skip
ALL_MINUTES = "All minutes of a role"

#: A load ratio that moves less than this does not count as moved.
MOVED = 0.005

#: A step of the field in which a value is typed.
STEPS_OF = {"share": 0.01, "ratio": 0.01, "WTE a trainee": 0.01}

ABOUT_MOVES = (
    "- Load ratios of the newest 12 months, with the values as assumed and with yours. Growth, leaving, trainees' "
    "completion and work left on late requests move other answers: see the page Capacity with the same address."
)


def minutes_of(role: str) -> str:
    """The group of the minutes of a role."""
    return f"Minutes of {said.people(role)}"


def groups(given: Assumptions) -> dict[str, list[str]]:
    """Ids of every input by the group in which it is listed."""
    found = {group: [key for key in given.rows if key.split("/")[0] in names] for group, names in GROUPS.items()}
    found[ALL_MINUTES] = [f"{MINUTES}/{role}" for role in given.roles]
    for role in given.roles:
        found[minutes_of(role)] = [key for key in given.minutes_rows if key.endswith(f"/{role}")]
    return found


def is_choice(given: Assumptions, key: str) -> bool:
    """Whether an input can be set: one without a range is a fact or a definition."""
    row = given.row(key)
    return row is None or row.low < row.high


def change(given: Assumptions, overrides: Overrides) -> str:
    """The fields in which one value is changed; gives the group that is listed."""
    listed = groups(given)
    with st.container(border=True, key="filters"):
        left, right = st.columns([2, 3])
        group = left.selectbox("Inputs", list(listed), key="inputs", bind="query-params")
        group = group if group in listed else next(iter(listed))
        keys = [key for key in listed[group] if is_choice(given, key)]
        key = right.selectbox(
            "Change",
            keys,
            format_func=lambda one: said.assumption(one, given),
            key=f"change_{list(listed).index(group)}",
        )
        chosen = key if key in keys else keys[0]
        _field(given, dict(overrides), chosen)
        if overrides and st.button("Put everything back as assumed", key="put_back"):
            capacity_overrides.put({})
            st.rerun()
    return group


def _field(given: Assumptions, overrides: dict[str, float], key: str) -> None:
    """The field of one value: what is typed goes into the address, and its central value out of it."""
    row = given.row(key)
    central = row.central if row else 1.0
    unit = row.unit if row else "times the table"
    field = f"value_{key}_{capacity_overrides.written(overrides)}"

    def taken() -> None:
        number = float(st.session_state[field])
        kept = {one: held for one, held in overrides.items() if one != key}
        # What makes no sense is left out when the address is read, and said there.
        capacity_overrides.put(kept | ({key: number} if number != central else {}))

    st.number_input(
        f"Value ({unit})",
        min_value=0.0,
        value=float(overrides.get(key, central)),
        step=STEPS_OF.get(unit.partition(" a ")[0].partition(" of ")[0], 1.0 if row else 0.05),
        format="%.2f" if central < 10 else "%.1f",
        key=field,
        on_change=taken,
        help="A share is typed as a number from 0 to 1: 0.05 is 5%.",
        width=240,
    )
    if row is None:
        st.caption("Multiplies every minute of the role; 1 leaves them as they are.")
    else:
        st.caption(
            f"Assumed: {said.amount(row.central, row.unit)}, range {said.of_range(row)}. {row.source}. "
            f"Owner: {words.lower_first(row.owner)}, {words.long_date(row.stated_date)}. {row.why}."
        )


def moves(ctx: Context, overrides: Overrides) -> None:
    """What the values in the address move, against what is assumed."""
    before, after = (capacity_answers.answers(ctx.snapshot, given) for given in ((), overrides))
    if before is None or after is None:
        st.info("This release does not show the requests and posts that the model needs, so nothing can move.")
        return
    places = ["site", "role"]
    joined = before.now.select(*places, before="load_ratio").join(
        after.now.select(*places, after="load_ratio"), on=places, how="inner", maintain_order="left"
    )
    rows = joined.filter(pl.col("before").is_not_null() & pl.col("after").is_not_null()).with_columns(
        moved=pl.col("after") - pl.col("before")
    )
    outlook_show.part(ctx.snapshot, _moved(rows, after, overrides), "assumptions")


def _moved(rows: pl.DataFrame, after: capacity_answers.Answers, overrides: Overrides) -> Part:
    amber = after.assumptions.value("load_amber")
    found = rows.filter(pl.col("moved").abs() >= MOVED).sort(pl.col("moved").abs(), descending=True).to_dicts()
    if not overrides:
        title = "Everything stands as assumed: change a value above and see what moves"
    elif not found:
        title = "No load ratio of today moves with these values"
    else:
        one = found[0]
        title = (
            f"{len(found)} of {rows.height} load ratios move; {words.lower_first(said.where(one))} most, from "
            f"{said.ratio(one['before'])} to {said.ratio(one['after'])}"
        )
    crossed = [row for row in found if (row["before"] > amber) != (row["after"] > amber)]
    above = rows.filter(pl.col("after") > amber).height
    summary = f"{above or 'None'} of {rows.height} {'is' if above < 2 else 'are'} above {amber:.2f}."
    if crossed:
        summary += f" {len(crossed)} crossed that line."
    drawn = [
        {
            "name": marks.in_lines(f"{said.site(row['site'])}: {words.lower_first(said.role(row['role']))}"),
            "before": row["before"],
            "after": row["after"],
            "said": f"{said.ratio(row['before'])} as assumed, {said.ratio(row['after'])} with your values",
        }
        for row in found[:12]
    ]
    chart = None
    if drawn:
        alt = f"{title}. {summary} Every value is in the table below the chart."
        chart = capacity_charts.moved(drawn, (amber, ""), axis="Load ratio", alt=alt)
    table = pl.DataFrame(
        [
            {
                "Laboratory": said.site(row["site"]),
                "Role": said.role(row["role"]),
                "As assumed": said.ratio(row["before"]),
                "With your values": said.ratio(row["after"]),
                "Moved": words.minus(f"{row['moved']:+.2f}"),
            }
            for row in rows.to_dicts()
        ]
    )
    return Part(
        "moves",
        title,
        summary,
        "Load ratio by role and laboratory, before and after.",
        chart=chart,
        table=table,
        data=rows.with_columns(assumptions=pl.lit(after.assumptions.hash)),
        figures=after.inputs.figures,
        notes=("The dashed line is amber.",) if drawn else (),
        about=ABOUT_MOVES,
    )


def listing(ctx: Context, given: Assumptions, overrides: Overrides, group: str) -> None:
    """Every input of a group with its values, source, owner and date, and all of them as a file."""
    keys, held = groups(given)[group], dict(overrides)
    count = len(given.rows) + len(given.minutes_rows)
    st.header(f"{group}: {len(keys)} of {count + len(given.roles)} inputs", anchor="inputs")
    st.markdown(
        f"{len(given.minutes_rows)} are minutes of casework and {len(given.rows)} other values. "
        f"{said.NOT_COUNTED} These values are named **{given.overridden(held).hash}** in downloads."
    )
    rows = [_line(given, held, key) for key in keys]
    draw_table(pl.DataFrame(rows), f"Inputs: {group}", folds=True)
    st.download_button(
        "Download every input as CSV",
        data=audit.on_download(ctx.reader.key, "assumptions/inputs", ctx.snapshot.release.id, lambda: csv(given, held)),
        file_name="capacity-inputs.csv",
        mime="text/csv",
        on_click="ignore",
        key="download_inputs",
    )


def _line(given: Assumptions, held: Mapping[str, float], key: str) -> dict[str, str]:
    row = given.row(key)
    name = said.assumption(key, given)
    yours = held.get(key)
    if row is None:
        set_to = "" if yours is None else f"{yours:g} times"
        return {
            "Input": name,
            "Assumed": "As the table",
            "Range": "Each row has its own",
            "Yours": set_to,
            "Source": "The rows of minutes",
            "Owner": "As the rows",
            "Stated": "",
            "Why": "Moves all of them together",
        }
    return {
        "Input": name,
        "Assumed": said.amount(row.central, row.unit),
        "Range": said.of_range(row),
        "Yours": "" if yours is None else said.amount(yours, row.unit),
        "Source": row.source,
        "Owner": row.owner,
        "Stated": words.long_date(row.stated_date),
        "Why": row.why,
    }


def csv(given: Assumptions, held: Mapping[str, float]) -> bytes:
    """Every input as CSV, with what a planner set."""
    lines = [
        {
            "id": row.id, "name": said.assumption(row.id, given), "low": row.low, "central": row.central,
            "high": row.high, "set_to": held.get(row.id), "unit": row.unit, "source": row.source, "owner": row.owner,
            "stated_date": row.stated_date.isoformat(), "version": row.version, "why": row.why,
        }
        for row in [*given.rows.values(), *given.minutes_rows.values()]
    ]  # fmt: skip
    frame = pl.DataFrame(lines, schema_overrides={"set_to": pl.Float64}, infer_schema_length=None)
    listed = {*given.rows, *given.minutes_rows}
    others = {key: number for key, number in held.items() if key not in listed}
    extra = [{"id": key, "name": said.assumption(key, given), "set_to": number} for key, number in others.items()]
    if extra:
        frame = pl.concat([frame, pl.DataFrame(extra)], how="diagonal")
    named = frame.with_columns(assumptions=pl.lit(given.overridden(held).hash))
    return download.neutral(named).write_csv(include_bom=True).encode("utf-8")
