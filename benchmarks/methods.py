"""The methods against the best package that installs from PyPI, each asked the same in turn, in processor seconds.

The packages live in an environment of their own (`make peers`); they are asked over a pipe, so that neither side slows
the other's start. The R packages' figures were measured once, on the same kind of machine.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import methods_data as data
from benchmarks.measuring import processor
from catalogue.contracts import ROOT
from methods.diversity import diversity_indices
from methods.identifiers import chi_check
from methods.proportions import score_difference, wilson_interval
from methods.rates import poisson_interval, rate_interval
from methods.slope_index import slope_index
from methods.special_causes import special_causes
from methods.standardisation import direct_rate
from methods.time_to_event import count_days, time_quantiles
from methods.xmr import xmr_limits

PEERS = ROOT / ".venv-peers" / "bin" / "python"
RUNS = 5
HEAD = (
    "| method | ours | Python peer | peer's time | ours / peer | R peer | R's time | R / ours |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True)
class Case:
    """One method at one size: what it is, what is run, the Python peer's measure and name, and R's name and figure."""

    work: str
    inputs: Callable[[], data.Inputs]
    run: Callable[[pl.DataFrame], object]
    peer: str | None = None
    peer_name: str = ""
    r_name: str = ""
    r_seconds: float | None = None


def _kaplan_meier(frame: pl.DataFrame) -> object:
    return time_quantiles(count_days(frame, "days", "is_event", ["board"]), [0.5, 0.9, 0.95], ["board"])


def _control_charts(frame: pl.DataFrame) -> object:
    return special_causes(xmr_limits(frame.rename({"month": "period"}), ["series"]), "making_data_count_7", ["series"])


CASES = (
    Case(
        "Wilson interval, 1M shares",
        data.shares,
        lambda f: f.select(wilson_interval(pl.col("numerator"), pl.col("denominator"))),
        peer="wilson",
        peer_name="statsmodels `proportion_confint`",
        r_name="PHEindicatormethods",
        r_seconds=0.03,
    ),
    Case(
        "Score interval of a difference, 1,000 pairs",
        data.pairs,
        lambda f: f.select(score_difference(pl.col("x"), pl.col("n"), pl.col("y"), pl.col("m"))),
        peer="difference",
        peer_name="statsmodels `confint_proportions_2indep`",
    ),
    Case(
        "Exact Poisson interval, 1M counts",
        data.rates,
        lambda f: f.select(poisson_interval(pl.col("events"))),
        peer="poisson",
        peer_name="statsmodels `confint_poisson`",
    ),
    Case(
        "Rate with Byar's or exact limits, 1M",
        data.rates,
        lambda f: f.select(rate_interval(pl.col("events"), pl.col("population"), 1_000)),
        r_name="PHEindicatormethods",
        r_seconds=1.8,
    ),
    Case(
        "Directly standardised rate, 10,000 areas × 19 ages",
        data.age_bands,
        lambda f: direct_rate(f, ["area"]),
        r_name="PHEindicatormethods",
        r_seconds=2.5,
    ),
    Case(
        "Slope and relative index with limits, 32 areas",
        data.quintiles,
        lambda f: slope_index(f, ["area"], limits="from_standard_errors", difference="most_less_least"),
        r_name="PHEindicatormethods",
        r_seconds=9.7,
    ),
    Case(
        "XmR limits and rules, 5,000 series × 36 points",
        data.series,
        _control_charts,
        r_name="NHSRplotthedots",
        r_seconds=10.2,
    ),
    Case(
        "Kaplan-Meier quantiles with limits, 1M rows in 14 groups",
        data.waits,
        _kaplan_meier,
        peer="kaplan_meier",
        peer_name="lifelines",
    ),
    Case(
        "CHI check, 1M strings",
        data.chi_numbers,
        lambda f: f.select(chi_check(pl.col("text"))),
        r_name="phsmethods",
        r_seconds=2.5,
    ),
    Case(
        "Diversity, 100,000 samples × 20 categories",
        data.samples,
        lambda f: diversity_indices(f, ["sample"]),
        peer="diversity",
        peer_name="scikit-bio: Shannon, Simpson, evenness",
        r_name="vegan",
        r_seconds=0.74,
    ),
)


def table() -> str:
    """The table as Markdown."""
    with _peers() as ask:
        rows = [_row(case, *_measured(case, ask)) for case in CASES]
    return "\n".join([HEAD, *rows])


def _measured(case: Case, ask: Callable[[str], float]) -> tuple[float, float | None]:
    """Medians of ours and the peer's, in turn, after one run of each that does not count."""
    frame = _frame(case.inputs())
    case.run(frame)
    if case.peer:
        ask(case.peer)
    ours, peers = [], []
    for _ in range(RUNS):
        ours.append(processor(lambda: case.run(frame)))
        if case.peer:
            peers.append(ask(case.peer))
    return statistics.median(ours), statistics.median(peers) if peers else None


def _frame(given: data.Inputs) -> pl.DataFrame:
    """The inputs as columns; a matrix of samples as one row a sample and category."""
    if "counts" not in given:
        return pl.DataFrame(given)
    samples, categories = given["counts"].shape
    return pl.DataFrame(
        {"sample": pl.Series(range(samples)).repeat_by(categories).explode(), "count": given["counts"].ravel()}
    )


def _row(case: Case, ours: float, peer: float | None) -> str:
    cells = [
        *(case.work, f"{ours:.3f} s", case.peer_name or "none found"),
        *((f"{peer:.3f} s", f"{ours / peer:.2f}") if peer else ("", "")),
        *((case.r_name, f"{case.r_seconds} s", f"{case.r_seconds / ours:.0f}") if case.r_seconds else ("", "", "")),
    ]
    return f"| {' | '.join(cells)} |"


@contextmanager
def _peers() -> Iterator[Callable[[str], float]]:
    """Ask the other packages for the processor seconds of one run of a measure."""
    script = Path(__file__).with_name("peers.py")
    with subprocess.Popen([PEERS, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:

        def ask(measure: str) -> float:
            stdin, stdout = _open(running.stdin), _open(running.stdout)
            stdin.write(f"{measure}\n")
            stdin.flush()
            return float(stdout.readline())

        yield ask
        _open(running.stdin).close()


def _open(pipe: Any) -> Any:
    assert pipe is not None
    return pipe


if __name__ == "__main__":
    print(table())
