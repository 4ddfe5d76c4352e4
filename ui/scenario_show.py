"""Draws the page Scenarios: choose or make one, run it, compare, find hires, see whom it serves, keep it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from capacity.assumptions import Assumptions
from capacity.hires import Search
from capacity.laboratory_plan import PlanError
from capacity.scenarios import Scenario, ScenarioError, sites, to_json, to_link
from ui import (
    audit,
    capacity_overrides,
    outlook_show,
    saved_scenarios,
    scenario_filters,
    scenario_groups,
    scenario_runs,
    scenario_sections,
    scenario_words,
    six_steps_show,
    turns,
    words,
)
from ui import capacity_words as said
from ui.capacity_show import ASSUMPTIONS
from ui.guard import Context
from ui.scenario_filters import Choice
from ui.scenario_jobs import Job, QueueFullError, jobs
from ui.scenario_runs import NothingKnownError, Outcome

#: Seconds between two looks at work that is under way; after so many the page leaves it to the background.
LOOK, LONGEST_WAIT = 0.25, 30.0

#: Goals by their label: the last quarter of each financial year.
GOALS = {f"January to March {year}": year for year in (2028, 2029, 2030)}


#: Shares to reach by their label.
SHARES = {f"{share:.0f}% within standard": share for share in (90.0, 85.0, 80.0, 75.0)}


class StillWorkingError(RuntimeError):
    """The page has waited long enough: the work goes on in the background."""

    def __init__(self, work: Sequence[Job]) -> None:
        super().__init__("still working")
        self.work = work


class CannotRunError(RuntimeError):
    """This server may not run what a simulation compiles."""


def whole(ctx: Context, given: Assumptions) -> None:
    """The page below its title."""
    try:
        start = scenario_runs.first_month(ctx.snapshot)
        kept = saved_scenarios.saved()
        choice = scenario_filters.choose(start, given, kept.scenarios)
        if kept.unreadable:
            st.warning(scenario_words.unreadable(kept.unreadable))
        _supposes(choice, given)
        scenario_filters.change(choice.scenario, choice.site, start, given)
        chosen, beside = _worked_out(ctx, choice, given)
    except NothingKnownError:
        st.header("Waits under a scenario: cannot be told", anchor="waits")
        st.info(scenario_words.NOT_SIMULATED)
        return
    except CannotRunError:
        st.header("Scenarios cannot be simulated on this server", anchor="waits")
        st.info(scenario_words.CANNOT_RUN)
        return
    except StillWorkingError as working:
        st.header("Waits under a scenario: being worked out", anchor="waits")
        _under_way(working.work, "Simulating")
        return
    except QueueFullError:
        st.header("Waits under a scenario: waiting for its turn", anchor="waits")
        st.info("Other scenarios are being worked out. Reload this page in a minute.")
        return
    except (ScenarioError, PlanError) as problem:
        st.header("This scenario cannot be", anchor="waits")
        st.warning(str(problem))
        return
    planned = next((one for one in beside if one.scenario.is_as_planned), None)
    outlook_show.part(ctx.snapshot, scenario_sections.waits(ctx.snapshot, chosen, planned, beside), "scenarios")
    _score(ctx, choice.site, given)
    if planned is not None:
        outlook_show.part(ctx.snapshot, scenario_sections.categories(chosen, planned), "scenarios")
    found = _hires(ctx, chosen, given)
    _fairness(ctx, choice, given)
    _keep(ctx, choice.scenario)
    _six_steps(ctx, chosen, planned, found, given)


def _supposes(choice: Choice, given: Assumptions) -> None:
    """What the scenario supposes, and the way to what it rests on with the same values."""
    lines = scenario_words.supposes(choice.scenario, given)
    st.markdown(f"**{choice.scenario.name}.** {choice.says}")
    if lines:
        st.caption(f"Supposed: {'; '.join(lines)}.")
    overrides = choice.scenario.overrides
    address = {capacity_overrides.KEY: capacity_overrides.written(overrides)} if overrides else {}
    st.page_link(ASSUMPTIONS, label="See what it assumes, with these values: Assumptions", query_params=address)


def _worked_out(ctx: Context, choice: Choice, given: Assumptions) -> tuple[Outcome, list[Outcome]]:
    """The runs of the scenario and of what it is compared with, waited for with their progress shown."""
    asked = (choice.scenario, *choice.beside)
    started = [_started(ctx, choice.site, scenario, given) for scenario in asked]
    if not all(job.is_ended for job in started):
        with st.status(f"Simulating {said.site(choice.site)}", expanded=True) as status:
            bar = st.progress(0.0)
            _wait(started, asked, bar)
            status.update(label="Simulated", state="complete", expanded=False)
    found = [result(job) for job in started]
    return found[0], found[1:]


def _started(ctx: Context, site: str, scenario: Scenario, given: Assumptions) -> Job:
    return scenario_runs.run(ctx.snapshot, site, scenario, given)


def _wait(started: Sequence[Job], asked: Sequence[Scenario], bar: st.delta_generator.DeltaGenerator) -> None:
    ends = time.monotonic() + LONGEST_WAIT
    while not all(job.is_ended for job in started):
        if time.monotonic() > ends:
            raise StillWorkingError(started)
        at = next((n for n, job in enumerate(started) if not job.is_ended), 0)
        done = sum(job.done for job in started) / len(started)
        told = f"{started[at].done:.0%}" if started[at].done else "fitting to the times of the last year"
        bar.progress(min(done, 1.0), text=f"{asked[at].name}: {told}")
        with turns.stepped_aside():
            time.sleep(LOOK)
    bar.progress(1.0, text="Done")


def result(job: Job) -> Outcome:
    """What came of a run; raises what it ended with."""
    _raise(job)
    found: Outcome = job.result
    return found


def _raise(job: Job) -> None:
    if job.problem is None:
        return
    # By its name, because the module that defines it cannot be loaded where it is raised.
    if type(job.problem).__name__ == "EngineUnavailableError":
        raise CannotRunError from job.problem
    raise job.problem


def _score(ctx: Context, site: str, given: Assumptions) -> None:
    """How good the simulation was a year ago: worked out after the scenario, and shown when it is there."""
    job = scenario_runs.score(ctx.snapshot, site, given)
    if job is None or (job.is_ended and job.problem is not None):
        st.caption(scenario_words.NO_SCORE)
    elif not job.is_ended:
        _under_way([job], "Checking the simulation against last year")
    else:
        st.markdown(scenario_words.score(job.result, said.site(site)))


def _hires(ctx: Context, chosen: Outcome, given: Assumptions) -> Search | None:
    """The search for the smallest hire set: asked for with a button, shown and given when done."""
    with st.container(border=True, key="hires_asked"), st.container(horizontal=True, vertical_alignment="bottom"):
        to = st.selectbox("Smallest hire set for", list(SHARES), key="reach", bind="query-params", width=220)
        name = st.selectbox("in", list(GOALS), index=2, key="goal",
                            bind="query-params", width=240)  # fmt: skip
        year = GOALS.get(name or "", 2030)
        goal = scenario_runs.goal_of(year, SHARES.get(to or "", scenario_sections.TARGET))
        own = scenario_runs.search_name(ctx.snapshot, chosen.site, chosen.scenario, given, goal)
        is_asked = jobs().get(own) is not None
        if not is_asked and st.button("Search", key="search_hires"):
            is_asked = True
    if not is_asked:
        st.caption(
            "The search simulates up to some hundred sets of posts and takes minutes; you may leave and come back."
        )
        return None
    roles = scenario_runs.busy_roles(chosen)
    job = scenario_runs.search(ctx.snapshot, chosen.site, chosen.scenario, given, goal, roles)
    if not job.is_ended:
        _under_way([job], "Searching for the smallest hire set", scenario_runs.MOST_SETS)
        return None
    _raise(job)
    found: Search = job.result
    start = words.long_date(scenario_runs.hires_start(scenario_runs.first_month(ctx.snapshot), goal))
    outlook_show.part(ctx.snapshot, scenario_sections.hires(found, chosen, goal, start), "scenarios")
    return found


@st.fragment(run_every=2)
def _under_way(work: Sequence[Job], what: str, sets: int | None = None) -> None:
    """How far work in the background is; the page is drawn anew when it ends.

    sets: what may be tried at the most, where the work is a search that may end before.
    """
    if all(job.is_ended for job in work):
        st.rerun()
    done = sum(job.done for job in work) / len(work)
    told = f"{done:.0%}" if sets is None else f"{round(done * sets)} sets of posts tried, of at most {sets}"
    st.progress(min(done, 1.0), text=f"{what}: {told}. You may leave this page and come back.")


def _fairness(ctx: Context, choice: Choice, given: Assumptions) -> None:
    """Whom the scenario serves: needs all four laboratories, which are simulated in the background when asked for."""
    if choice.scenario.is_as_planned:
        return
    held = scenario_groups.groups(ctx.snapshot)
    if held is None:
        st.caption("Waits by board of residence cannot be told: this release shows too few counts by board.")
        return
    planned = choice.beside[0]
    names = [
        f"run/{scenario_runs.name_of(ctx.snapshot, site, one, given)}" for site in sites()
        for one in (choice.scenario, planned)
    ]  # fmt: skip
    is_asked = all(jobs().get(name) is not None for name in names)
    if not is_asked and not st.button("Simulate all four laboratories: waits by board of residence", key="all_four"):
        return
    runs = {site: _started(ctx, site, choice.scenario, given) for site in sites()}
    base = {site: _started(ctx, site, planned, given) for site in sites()}
    every = [*runs.values(), *base.values()]
    if not all(job.is_ended for job in every):
        _under_way(every, "Simulating all four laboratories")
        return
    part = scenario_sections.fairness(
        ctx.snapshot, held, choice.scenario,
        {site: result(job) for site, job in runs.items()}, {site: result(job) for site, job in base.items()},
    )  # fmt: skip
    outlook_show.part(ctx.snapshot, part, "scenarios")


def _keep(ctx: Context, scenario: Scenario) -> None:
    """Save, share and export a scenario."""
    st.header("Keep and share this scenario", anchor="keep")
    link = f"?{scenario_filters.LINK}={to_link(scenario)}"
    st.markdown("Put this at the end of the address of this page, or open the scenario here and copy the address:")
    st.code(link, language=None, wrap_lines=True)
    is_saved = scenario.hash in {one.hash for one in saved_scenarios.saved().scenarios}
    with st.container(horizontal=True):
        if st.button("Take away" if is_saved else "Save for all planners", key="save"):
            try:
                (saved_scenarios.take_away if is_saved else saved_scenarios.save)(ctx.reader, scenario)
            except (saved_scenarios.SavingError, audit.NotRecordedError) as problem:
                st.warning(str(problem))
            else:
                st.rerun()
        st.download_button(
            "Download as JSON",
            data=audit.on_download(
                ctx.reader.key, "scenarios/json", ctx.snapshot.release.id, lambda: to_json(scenario).encode()
            ),
            file_name=f"scenario-{scenario.hash}.json",
            mime="application/json",
            on_click="ignore",
            key="download_json",
        )


def _six_steps(
    ctx: Context, chosen: Outcome, planned: Outcome | None, found: Search | None, given: Assumptions
) -> None:
    """The plan in the layout of the six steps, with every input."""
    release = ctx.snapshot.release
    made_up = "synthetic-" if release.is_synthetic else ""
    st.download_button(
        "Workforce plan in six steps (HTML, prints on A4)",
        data=audit.on_download(
            ctx.reader.key,
            "scenarios/six_steps",
            release.id,
            lambda: six_steps_show.html(release, chosen, planned, found, given).encode(),
        ),
        file_name=f"{made_up}six-steps-{chosen.site.lower()}-{chosen.run}.html",
        mime="text/html",
        on_click="ignore",
        key="download_six_steps",
    )
