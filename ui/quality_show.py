"""Draws the page Data quality: the answers at the top, panels, open checks, and the reasons of a grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import streamlit as st

from catalogue.citations import TableCitation
from ui import audit, theme, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.download import neutral
from ui.draw_table import draw_table
from ui.folded import folded
from ui.made_once import made_once
from ui.quality_checks import Issue, all_checks, issues, mend_first
from ui.quality_fields import NAME as FIELDS_NAME
from ui.quality_fields import charts_of, fields
from ui.quality_fields import to_show as fields_to_show
from ui.quality_grades import NAME as GRADES_NAME
from ui.quality_grades import REASONS, SPANS, Span, grades, reasons, to_explain
from ui.quality_loaded import loaded
from ui.quality_panel import Panel, Twin
from ui.quality_place import SCOTLAND, Place, address
from ui.quality_spc import NAME as HISTORY_NAME
from ui.quality_spc import history, to_show
from ui.quality_summary import Summary, judged, summary
from ui.quality_words import DIMENSIONS, STATUSES

#: As many open checks of a dimension stand open before the rest is folded.
UNFOLDED = 4

#: The most rows of a table on the page.
MOST_ROWS = 100

#: As many measures are named before the rest is counted.
NAMED = 4

PAGE = "pages/data_quality.py"
RECORDING_PAGE = "pages/ethnicity_recording.py"

#: The table of the release that each panel is drawn from, and by which it is cited.
TABLE = {
    "loaded": "submissions",
    "first": "check_parts",
    "checks": "checks",
    GRADES_NAME: "grades",
    HISTORY_NAME: "check_months",
    FIELDS_NAME: "fields",
}

#: The panels that depend on the place alone, made once for a release and a place.
PANELS: dict[str, Callable[[Snapshot, Place], Panel]] = {
    "loaded": loaded,
    "first": mend_first,
    "checks": lambda snapshot, _: all_checks(snapshot),
}


@made_once(200)
def _panel(key: str, name: str, place: Place, _snapshot: Snapshot) -> Panel:  # noqa: ARG001 - key: the release
    return PANELS[name](_snapshot, place)


@made_once(100)
def _grades(key: str, place: Place, span: Span, _snapshot: Snapshot) -> Panel:  # noqa: ARG001 - key: the release
    return grades(_snapshot, place, span)


@made_once(300)
def _history(key: str, place: Place, check: str, _snapshot: Snapshot) -> Panel:  # noqa: ARG001 - key: the release
    return history(_snapshot, place, check)


@made_once(100)
def _issues(key: str, place: Place, _snapshot: Snapshot) -> list[Issue]:  # noqa: ARG001 - key: the release
    return issues(_snapshot, place)


@made_once(100)
def _summary(key: str, place: Place, _snapshot: Snapshot) -> Summary:
    return summary(_snapshot, place, _issues(key, place, _snapshot))


@made_once(100)
def _to_explain(key: str, place: Place, _snapshot: Snapshot) -> dict[str, str]:  # noqa: ARG001 - key: the release
    return to_explain(_snapshot, place)


@made_once(100)
def _to_show(key: str, place: Place, _snapshot: Snapshot) -> dict[str, str]:  # noqa: ARG001 - key: the release
    return to_show(_snapshot, place)


@made_once(30)
def _field_charts(key: str, place: Place, _snapshot: Snapshot) -> pl.DataFrame:  # noqa: ARG001 - key: the release
    return charts_of(_snapshot, place)


def _charts(snapshot: Snapshot, place: Place) -> pl.DataFrame:
    """The charts of the fields; a health board's are Scotland's, made once for all of them."""
    return _field_charts(snapshot.key, place if place.kind == "lab" else SCOTLAND, snapshot)


@made_once(100)
def _fields_to_show(key: str, place: Place, _snapshot: Snapshot) -> dict[str, tuple[str, str]]:  # noqa: ARG001 - key: the release
    return fields_to_show(_snapshot, _charts(_snapshot, place))


@made_once(300)
def _fields(key: str, place: Place, series: tuple[str, str], _snapshot: Snapshot) -> Panel:  # noqa: ARG001 - key: the release
    return fields(_snapshot, place, _charts(_snapshot, place), *series)


@made_once(300)
def _reasons(key: str, place: Place, measure: str, _snapshot: Snapshot) -> list[str]:  # noqa: ARG001 - key: the release
    return reasons(_snapshot, place, measure)


def parts(snapshot: Snapshot, place: Place) -> Iterator[object]:
    """What the page makes of a place while nothing else is chosen on it, one after another."""
    key = snapshot.key
    yield _to_explain(key, place, snapshot)
    if judged(snapshot):
        yield _summary(key, place, snapshot)
    yield _panel(key, "loaded", place, snapshot)
    yield _issues(key, place, snapshot)
    yield _grades(key, place, "year", snapshot)
    yield _panel(key, "first", place, snapshot)
    for check in [*_to_show(key, place, snapshot).values()][:1]:
        yield _history(key, place, check, snapshot)
    for series in [*_fields_to_show(key, place, snapshot).values()][:1]:
        yield _fields(key, place, series, snapshot)
    yield _panel(key, "checks", SCOTLAND, snapshot)


def answers(snapshot: Snapshot, place: Place) -> None:
    """What is wrong, since when, what it touches, what to do: four lines, or that nothing is wrong."""
    if not judged(snapshot):
        st.info("Nothing can be judged: this release holds neither checks nor a list of what was sent.")
        return
    told = _summary(snapshot.key, place, snapshot)
    if told.answers:
        st.markdown("\n".join(f"- **{question}:** {answer}" for question, answer in told.answers))
    else:
        files = ", every file of the newest 12 months that was due is in use" if told.files else ""
        grades = f" and the data behind all {told.measures} measures are good" if told.measures else ""
        st.success(
            f"Nothing is wrong with the data of {place.name} by the rules of this page: "
            f"no check is open{files}{grades}."
        )
    if told.recording:
        st.page_link(
            RECORDING_PAGE,
            label=f"Ethnicity recording: {place.label}",
            query_params=told.recording.address,
            width="content",
        )


def panel(snapshot: Snapshot, place: Place, name: str) -> None:
    """One of the panels that depend on the place alone."""
    _draw(snapshot, _panel(snapshot.key, name, place, snapshot))


def _draw(snapshot: Snapshot, shown: Panel) -> None:
    st.header(shown.title, anchor=shown.name)
    _body(snapshot, shown)


def _body(snapshot: Snapshot, shown: Panel, row: str | None = None) -> None:
    """What belongs to a panel. row: the key of the rows that it is drawn from, where they are not the whole table."""
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.matrix is None and shown.chart is None and not shown.twins:
        st.info(shown.summary)
        return
    st.markdown(shown.summary)
    if shown.matrix is not None:
        st.html(shown.matrix.html)
    if shown.chart is not None:
        st.plotly_chart(
            shown.chart.figure.plotly(),
            theme=None,
            config=theme.plotly_config(_file(snapshot, shown.name)),
            alt=shown.chart.alt,
            key=f"chart_{shown.name}",
        )
    st.caption("  \n".join([*shown.notes, f"Data to {words.long_date(snapshot.release.data_to)}."]))
    cited = TableCitation(snapshot.release.id, TABLE[shown.name], row).id
    cite([("the data behind this", cited)], shown.name)
    _twins(snapshot, shown, cited)


def _twins(snapshot: Snapshot, shown: Panel, cited: str) -> None:
    """Tables with their downloads: the first of a panel without a picture stands open, the others are folded."""
    pictured = shown.matrix is not None or shown.chart is not None
    if not pictured:
        for twin in shown.twins[:1]:
            _table(snapshot, shown, twin, cited)
    for twin in shown.twins if pictured else shown.twins[1:]:
        if box := folded(twin.heading, f"twin_{shown.name}_{twin.name}"):
            with box:
                _table(snapshot, shown, twin, cited)


def _table(snapshot: Snapshot, shown: Panel, twin: Twin, cited: str) -> None:
    if twin.rows.height > MOST_ROWS:
        st.markdown(f"The first {MOST_ROWS} of {twin.rows.height} rows; the download has them all.")
    draw_table(twin.rows.head(MOST_ROWS), f"{twin.heading}. {shown.subtitle}", folds=twin.folds)
    st.download_button(
        f"Download “{words.lower_first(twin.heading)}” as CSV",
        data=audit.on_download(
            snapshot.reader.key, cited, snapshot.release.id, lambda: csv(snapshot, shown, twin.rows, cited)
        ),
        file_name=f"{_file(snapshot, twin.name)}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"download_{shown.name}_{twin.name}",
    )


def csv(snapshot: Snapshot, shown: Panel, rows: pl.DataFrame, figure_id: str) -> bytes:
    """A table as CSV, each row with what is needed to cite it, safe to open in a spreadsheet."""
    release = snapshot.release
    cited = rows.with_columns(
        pl.lit(shown.subtitle).alias("About"),
        pl.lit(release.data_to.isoformat() if release.data_to else "").alias("Data to"),
        pl.lit("synthetic, not for quotation" if release.is_synthetic else "").alias("Note"),
        pl.lit(figure_id).alias("Figure id"),
    )
    return neutral(cited).write_csv(include_bom=True).encode("utf-8")


def _file(snapshot: Snapshot, name: str) -> str:
    return f"{'synthetic-' if snapshot.release.is_synthetic else ''}data-quality-{name}"


def open_checks(snapshot: Snapshot, place: Place) -> None:
    """Everything that is open, by dimension of quality."""
    found = _issues(snapshot.key, place, snapshot)
    if snapshot.table("checks").is_empty():
        st.header("No check is held in this release", anchor="open")
        st.info("The release says nothing of how its data held up.")
        return
    if not found:
        st.header(f"No check is open for {place.name}", anchor="open")
        st.markdown("Every check that tells whose its rows are was met. The table of all checks is below.")
        return
    st.header(_how_many(found, place), anchor="open")
    if place.kind != "scotland":
        st.markdown(
            f"Only the checks that blame rows of {place.name}. Others may be open that do not tell whose the rows are: "
            "choose Scotland to see them."
        )
    drawn = set(_to_show(snapshot.key, place, snapshot).values())
    for dimension, question in DIMENSIONS.items():
        own = [issue for issue in found if issue.dimension == dimension]
        if own:
            st.subheader(f"{dimension.capitalize()}: {words.lower_first(question)}", anchor=f"open-{dimension}")
        for issue in own[:UNFOLDED]:
            _issue(issue, place, issue.id in drawn)
        more = own[UNFOLDED:]
        if more and (box := folded(f"{len(more)} more on {dimension}", f"more_{dimension}")):
            with box:
                for issue in more:
                    _issue(issue, place, issue.id in drawn)


def _how_many(found: list[Issue], place: Place) -> str:
    critical = sum(issue.severity == "critical" for issue in found)
    whose = "" if place.kind == "scotland" else f" for {place.name}"
    verb = "is" if len(found) == 1 else "are"
    how = f", {critical} critical" if critical else ", none of them critical" if len(found) > 1 else ", not critical"
    return f"{len(found)} check{'' if len(found) == 1 else 's'} {verb} open{whose}{how}"


def _issue(issue: Issue, place: Place, is_drawn: bool) -> None:
    """One open check; with a link to its months where it has any."""
    mark, word, _ = STATUSES[issue.status]
    touched = list(issue.touches[:NAMED])
    more = len(issue.touches) - len(touched)
    lines = [
        f"**{mark} {word}. Should hold:** {issue.sentence}",
        f"- **Found:** {' '.join(filter(None, [issue.found, issue.here]))}",
        f"- **Since:** {issue.since or 'not told'}",
        f"- **Touches:** {words.joined(touched) or 'no published measure'}{f' and {more} more' if more > 0 else ''}",
        f"- **To do:** {issue.to_do or 'Ask the owner.'} Owner: {issue.owner}.",
        f"- **Why it is checked:** {_dated(issue.why)}",
    ]
    with st.container(border=True):
        st.markdown("\n".join([lines[0], "", *lines[1:]]))
        if is_drawn:
            query = {**address(place), "check": issue.name}
            st.page_link(PAGE, label="Month by month", query_params=query, width="content")


def _dated(why: str) -> str:
    """A reason that opens with the day on which a threshold was chosen, the day in words."""
    day, colon, rest = why.partition(": ")
    said = words.iso_date(day) if colon else day
    return f"{rest[:1].upper()}{rest[1:]} (Threshold chosen {said}.)" if colon and said != day else why


def graded(snapshot: Snapshot, place: Place) -> None:
    """Grades as a matrix for the newest 12 months or quarter, and the reasons of one of them."""
    spans = {label: span for span, label in SPANS.items()}
    heading = st.container()
    chosen = st.segmented_control(
        "Period of the grades",
        list(SPANS),
        format_func=lambda span: SPANS.get(span, span),
        default="year",
        required=True,
        key="span",
        bind="query-params",
    )
    shown = _grades(snapshot.key, place, chosen if chosen in spans.values() else "year", snapshot)
    with heading:
        st.header(shown.title, anchor=GRADES_NAME)
    _body(snapshot, shown)
    if snapshot.release.how_graded and shown.matrix is not None:
        with st.expander("How grades are made", type="compact"):
            st.markdown(snapshot.release.how_graded)


def explained(snapshot: Snapshot, place: Place) -> None:
    """Why one measure has its grade: at the top of the page, where a reader who chose a grade arrives."""
    measures = _to_explain(snapshot.key, place, snapshot)
    if not measures:
        return
    chosen = st.selectbox(
        f"Why a measure has its grade for {place.name}",
        list(measures),
        index=None,
        key="measure",
        bind="query-params",
        placeholder="Choose a measure, or a grade in the matrix below",
    )
    if chosen not in measures:
        return
    name = measures[chosen]
    with st.container(border=True):
        st.subheader(f"{chosen}, {place.label}", anchor=REASONS)
        st.markdown("\n\n".join(_reasons(snapshot.key, place, name, snapshot)))
        cite([("the grades of this measure", TableCitation(snapshot.release.id, "grades", name).id)], "reasons")


def by_month(snapshot: Snapshot, place: Place) -> None:
    """One check's history: a control chart by month, chosen by its name in the address."""
    checks = _to_show(snapshot.key, place, snapshot)
    if not checks:
        st.header("No check has failing rows by month", anchor="history")
        st.info(f"Where rows fail a check, they are shown here month by month. None of {place.name} does.")
        return
    heading = st.container()
    chosen = st.selectbox("Check, open ones first", list(checks), key="check", bind="query-params")
    check = checks[chosen if chosen in checks else next(iter(checks))]
    shown = _history(snapshot.key, place, check, snapshot)
    with heading:
        st.header(shown.title, anchor=shown.name)
    _body(snapshot, shown, check)


def blanks(snapshot: Snapshot, place: Place) -> None:
    """How often fields are left blank: which got worse, and one of them by month, chosen by its name in the address."""
    series = _fields_to_show(snapshot.key, place, snapshot)
    if not series:
        st.header("No field is listed as blank or not recorded", anchor="fields")
        st.info("The release holds no field of the testing extract that is ever blank or not recorded here.")
        return
    heading = st.container()
    chosen = st.selectbox("Field and laboratory", list(series), key="field", bind="query-params")
    drawn = series[chosen if chosen in series else next(iter(series))]
    shown = _fields(snapshot.key, place, drawn, snapshot)
    with heading:
        st.header(shown.title, anchor=shown.name)
    _body(snapshot, shown, drawn[1])
