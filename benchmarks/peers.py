"""The other packages' side of the methods' benchmarks, run in their own environment and asked one measure a line.

Reads the name of a measure from standard input and writes the processor seconds of one run of it.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import methods_data as data


def wilson(given: data.Inputs) -> Any:
    from statsmodels.stats.proportion import proportion_confint

    return proportion_confint(given["numerator"], given["denominator"], method="wilson")


def difference(given: data.Inputs) -> Any:
    from statsmodels.stats.proportion import confint_proportions_2indep

    def one(*counts: int) -> Any:
        # Its search finds no limit for about one pair in twenty of these.
        with contextlib.suppress(ValueError):
            return confint_proportions_2indep(*counts, method="score")

    return [one(*counts) for counts in zip(given["x"], given["n"], given["y"], given["m"], strict=True)]


def poisson(given: data.Inputs) -> Any:
    from statsmodels.stats.rates import confint_poisson

    return confint_poisson(given["events"], given["population"], method="exact-c")


def kaplan_meier(given: data.Inputs) -> Any:
    from lifelines import KaplanMeierFitter

    found = []
    for board in range(14):
        chosen = given["board"] == board
        fitted = KaplanMeierFitter().fit(given["days"][chosen], given["is_event"][chosen])
        found.append([fitted.percentile(share) for share in (0.5, 0.1, 0.05)])
    return found


def diversity(given: data.Inputs) -> Any:
    from skbio.diversity import alpha_diversity

    return [alpha_diversity(index, given["counts"]) for index in ("shannon", "simpson", "pielou_e")]


#: The measure's name, what makes its inputs, and what is run.
MEASURES: dict[str, tuple[Callable[[], data.Inputs], Callable[[data.Inputs], Any]]] = {
    "wilson": (data.shares, wilson),
    "difference": (data.pairs, difference),
    "poisson": (data.rates, poisson),
    "kaplan_meier": (data.waits, kaplan_meier),
    "diversity": (data.samples, diversity),
}


def main() -> None:
    """Answer until the input ends."""
    warnings.simplefilter("ignore")
    made: dict[str, data.Inputs] = {}
    for line in sys.stdin:
        inputs, run = MEASURES[line.strip()]
        given = made.setdefault(line.strip(), inputs())
        before = resource.getrusage(resource.RUSAGE_SELF)
        run(given)
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        sys.stdout.write(f"{seconds}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
