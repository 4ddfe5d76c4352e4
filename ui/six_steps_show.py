"""A scenario as a workforce plan in six steps: one HTML file to print, which asks for nothing from outside."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from capacity.assumptions import Assumptions
from capacity.hires import Search
from capacity.scenarios import applied
from capacity.simulation import ALL
from capacity.six_steps import Told, inputs, six_steps
from ui import board_paper, scenario_words, words
from ui import capacity_words as said
from ui.figure import Release
from ui.scenario_runs import REPLICATIONS, SEED, Outcome

FOOTING = "A plan by simulation: it says what would follow from its assumptions, not what will happen"
METHOD = "Layout: Six Steps Methodology to Integrated Workforce Planning (Skills for Health), as used in NHS Scotland."


def html(release: Release, chosen: Outcome, planned: Outcome | None, found: Search | None, given: Assumptions) -> str:
    """The file."""
    assumptions, site = applied(given, chosen.scenario), said.site(chosen.site)
    title = f"{chosen.scenario.name}: workforce plan in six steps, genomic laboratory {site}"
    supposed = scenario_words.supposes(chosen.scenario, given)
    if found is not None and found.hires:
        supposed.append(f"Smallest hire set found: {scenario_words.hires(found.hires)}")
    elif found is not None and found.nearest:
        supposed.append(f"No hires reach the goal; nearest set found: {scenario_words.hires(found.nearest)}")
    told = Told(
        purpose=(
            f"What staff the laboratory in {site} needs for results within standard to March 2030, and what happens to "
            "waits under what is supposed here.",
            METHOD,
        ),
        supposed=supposed,
        waits=_waits(chosen, planned),
        needed=_needed(chosen, found),
        available=_available(chosen),
        watch=(
            "Each month: the share reported within standard, against the range simulated for it (page Scenarios).",
            "Each quarter: load ratio, vacancy and turnover by role (pages Capacity and Workforce).",
            "With each release: open this scenario again by its link; the same suppositions on new data are a new run.",
        ),
        named=named(release, chosen, assumptions),
    )
    made_up = "<p><strong>Synthetic figures: do not quote.</strong></p>" if release.is_synthetic else ""
    parts = [
        board_paper.Part(f"Step {step.number}: {words.lower_first(step.title)}", "", None, step.table)
        for step in six_steps(told)
    ]
    lines = [board_paper.list_html(step.lines) for step in six_steps(told)]
    sections = [
        board_paper.part_html(part).replace("<p></p>", f"<ul>{items}</ul>", 1)
        for part, items in zip(parts, lines, strict=True)
    ]
    annex = board_paper.part_html(
        board_paper.Part("Every input", said.ASSUMED, None, inputs(assumptions).drop("version"))
    )
    about = scenario_words.ABOUT.replace("**", "").replace("- ", "").splitlines()
    return board_paper.document(
        title,
        FOOTING,
        f"<h1>{escape(title)}</h1>{made_up}{''.join(sections)}{annex}"
        f"<footer><h2>How it is worked out</h2><ul>{board_paper.list_html(about)}</ul></footer>",
    )


def named(release: Release, chosen: Outcome, assumptions: Assumptions) -> dict[str, str]:
    """What a run is cited by."""
    return {
        "Scenario": f"{chosen.scenario.name} ({chosen.scenario.hash})",
        "Run": f"{chosen.run}, {REPLICATIONS} simulations, seed {SEED}",
        "Assumptions": assumptions.hash,
        "Release": release.id,
        "Data to": words.long_date(release.data_to),
    }


def _shares(outcome: Outcome) -> dict[str, dict[str, Any]]:
    found = outcome.ranges().filter(measure="in_standard_pct", category=ALL)
    return {row["year"]: row for row in found.sort("year").to_dicts()}


def _waits(chosen: Outcome, planned: Outcome | None) -> pl.DataFrame:
    own, base = _shares(chosen), {} if planned is None else _shares(planned)
    return pl.DataFrame(
        [
            {
                "Financial year": year,
                "Within standard": scenario_words.percent(row),
                "As planned": scenario_words.percent(base.get(year)) if base else "This is the plan",
            }
            for year, row in own.items()
        ]
    )


def _needed(chosen: Outcome, found: Search | None) -> pl.DataFrame:
    more = dict(found.hires or {}) if found is not None else {}
    return pl.DataFrame(
        [
            {
                "Role": said.role(row["role"]),
                "Share of its hours used": words.NOT_AVAILABLE
                if row["utilisation_pct"] is None
                else f"{row['utilisation_pct']:.0f}%",
                "Posts more in the smallest hire set": str(more.get(row["role"], 0))
                if found is not None
                else "Not searched",
            }
            for row in chosen.roles.to_dicts()
        ]
    )


def _available(chosen: Outcome) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Role": said.role(row["role"]),
                "From": words.long_date(row["from_date"]),
                "Posts": said.posts(row["wte"]),
                "Minutes of casework a working day of one post": f"{row['minutes']:.0f}",
            }
            for row in chosen.staff.to_dicts()
        ]
    )
