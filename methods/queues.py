"""How long those who arrive at random wait for one of several servers, and how many servers a target asks for.

Arrivals per unit of time, services per unit of time of one server, and waits in that same unit. All of it describes
a queue that has run for long under unchanged rates; a backlog at the start, or a rate that changes, is not in it.
Every input is an expression or a number, so that a table of plans is answered at once:

    plans = pl.DataFrame({"servers": range(1, 31)})
    plans.with_columns(erlang_c(118.0, 7.5, pl.col("servers"), within=0.25).alias("queue")).unnest("queue")
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, gammaln, pdtr

from methods.reasons import REASON, reason

Array = NDArray[np.float64]
Number = pl.Expr | float

#: What every queue is asked for. A wait ends where service starts, `mean_time` where it ends; numbers are means too.
MEANS = ("offered_load", "utilisation", "mean_wait", "mean_queue", "mean_time", "mean_number")
#: What is known besides where the whole distribution of waits is.
CHANCES = ("prob_wait", "mean_wait_given_wait", "served_within", "prob_empty")

#: Rates and shares closer than this are equal: 34 servers of rate 0.1 have no capacity to spare for 3.4 arrivals.
TIE = 1e-12

#: Where a density has fallen to exp(-FALL) of its peak, the rest of it is left out.
FALL = 50.0


def erlang_c(arrival_rate: Number, service_rate: Number, servers: Number, within: Number = 0.0) -> pl.Expr:
    """Waits where all who arrive stay until served: Poisson arrivals, exponential service, c servers (M/M/c).

    arrival_rate: 0 or above; service_rate: of one server, above 0; servers: a whole number from 1; within: a wait, 0 or
    above.
    Returns a struct of MEANS and CHANCES (`prob_wait`: the share of arrivals who wait; `mean_wait_given_wait`: of those
    who wait; `served_within`: the share whose service starts within that wait; `prob_empty`: the share of time with
    nobody there), `method`, `reason`. Where the queue grows without end only the load and the utilisation are given.
    Where nobody arrives nobody waits: the package has NaN there.

    Reasons: missing, not_finite, outside_range, not_whole_counts, queue_grows.
    Source: Erlang 1918, Post Office Electrical Engineers' Journal 10:189; Cooper 1981, Introduction to Queueing Theory,
    chapter 3. Checked against R's queueing 0.2.12.
    """
    given = _numbers(arrival_rate=arrival_rate, service_rate=service_rate, servers=servers, within=within)
    return _answer("Erlang C", _erlang_c, (*MEANS, *CHANCES), given, _grows(given))


def erlang_a(
    arrival_rate: Number, service_rate: Number, servers: Number, abandonment_rate: Number, within: Number = 0.0
) -> pl.Expr:
    """Waits where some leave before they are served: as `erlang_c`, with exponential patience (M/M/c+M).

    abandonment_rate: 1 over the mean patience, 0 or above; at 0 nobody leaves, as in `erlang_c`. Above 0 (and above
    1e-12 of service_rate, which is as good as none) the queue is stable under any load.
    Returns a struct as `erlang_c` does, with `prob_abandon`: the share of arrivals who leave unserved. Waits are of all
    arrivals, whether they end in service or not; `served_within` is the share of all arrivals who are served, and
    within that wait; `utilisation` is the share of time a server works, below 1 even under overload.

    Reasons: missing, not_finite, outside_range, not_whole_counts, queue_grows.
    Source: Palm 1957, Tele 1; Garnett, Mandelbaum and Reiman 2002, Manufacturing and Service Operations Management
    4:208; waits as integrals, Zeltyn and Mandelbaum 2005, Queueing Systems 51:361.
    """
    given = _numbers(
        arrival_rate=arrival_rate,
        service_rate=service_rate,
        servers=servers,
        abandonment_rate=abandonment_rate,
        within=within,
    )
    is_patient = given["abandonment_rate"] <= TIE * given["service_rate"]
    return _answer("Erlang A", _erlang_a, (*MEANS, *CHANCES, "prob_abandon"), given, is_patient & _grows(given))


def allen_cunneen(
    arrival_rate: Number, service_rate: Number, servers: Number, arrival_cv: Number, service_cv: Number
) -> pl.Expr:
    """Mean waits, approximately, for any spread of the times between arrivals and of service (GI/G/c).

    arrival_cv, service_cv: standard deviation over mean, 0 or above; 1 and 1 give `erlang_c`, 0 is clockwork. The rest
    as in `erlang_c`. The wait of `erlang_c` is scaled by the mean of the two squares: exact for one server with Poisson
    arrivals, good under heavy load, and too short a wait for many servers under light load with steady service.
    Returns a struct of MEANS, `method`, `reason`.

    Reasons: missing, not_finite, outside_range, not_whole_counts, queue_grows.
    Source: Allen 1990, Probability, Statistics and Queueing Theory, 2nd edition.
    """
    given = _numbers(
        arrival_rate=arrival_rate,
        service_rate=service_rate,
        servers=servers,
        arrival_cv=arrival_cv,
        service_cv=service_cv,
    )
    return _answer("Allen-Cunneen", _allen_cunneen, MEANS, given, _grows(given))


def kimura(arrival_rate: Number, service_rate: Number, servers: Number, service_cv: Number) -> pl.Expr:
    """Mean waits, approximately, for Poisson arrivals and any spread of service times (M/G/c).

    service_cv: standard deviation over mean, 0 or above. The rest as in `erlang_c`. Drawn through the waits for steady
    and for exponential service, so closer than `allen_cunneen` where there are many servers: for steady service within
    2% of the exact wait from utilisation 0.5 with up to 20 servers, and exact for one. The wait for steady service is
    that of Cosmetatos, never let above that for exponential service, as it would be for many servers under light load.
    Returns a struct of MEANS, `method`, `reason`.

    Reasons: missing, not_finite, outside_range, not_whole_counts, queue_grows.
    Source: Kimura 1986, Management Science 32:751; Cosmetatos 1976, Operational Research Quarterly 27:615.
    """
    given = _numbers(arrival_rate=arrival_rate, service_rate=service_rate, servers=servers, service_cv=service_cv)
    return _answer("Kimura", _kimura, MEANS, given, _grows(given))


def servers_needed(arrival_rate: Number, service_rate: Number, within: Number, share: Number) -> pl.Expr:
    """The fewest servers with which a share of arrivals is served within a wait, all staying until served (M/M/c).

    share: from 0 to below 1. The rest as in `erlang_c`; arrival_rate below 1e12 times service_rate.
    Returns a struct of `value` (a whole number, at least 1), `method`, `reason`. A share short by less than 1e-12 is
    reached.

    Reasons: missing, not_finite, outside_range.
    Source: as for `erlang_c`.
    """
    given = _numbers(arrival_rate=arrival_rate, service_rate=service_rate, within=within, share=share)
    found = _answer("Erlang C", _servers_needed, ("value",), given, pl.lit(False)).struct
    return pl.struct(found.field("value").cast(pl.Int64), found.field("method"), found.field("reason"))


def _numbers(**given: Number) -> dict[str, pl.Expr]:
    return {
        name: (number if isinstance(number, pl.Expr) else pl.lit(number)).cast(pl.Float64)
        for name, number in given.items()
    }


def _grows(given: dict[str, pl.Expr]) -> pl.Expr:
    return given["arrival_rate"] >= given["service_rate"] * given["servers"] * (1 - TIE)


def _answer(
    method: str,
    solve: Callable[..., dict[str, Array]],
    fields: tuple[str, ...],
    given: dict[str, pl.Expr],
    grows: pl.Expr,
) -> pl.Expr:
    """A struct of the fields that `solve` finds from whole columns of what is given, `method` and `reason`."""

    def columns(inputs: pl.Series) -> pl.Series:
        frame = inputs.struct.unnest()
        is_sound = frame["reason"].is_null().to_numpy()
        is_loaded = is_sound | (frame["reason"] == "queue_grows").fill_null(False).to_numpy()
        with np.errstate(all="ignore"):
            found = solve(**{name: np.where(is_loaded, frame[name].to_numpy(), np.nan) for name in given})
        shown = {
            name: np.where(is_loaded if name in ("offered_load", "utilisation") else is_sound, found[name], np.nan)
            for name in fields
        }
        answers = pl.DataFrame(shown).fill_nan(None)
        return answers.with_columns(method=pl.lit(method), reason=frame["reason"]).to_struct()

    types = [pl.Field(name, pl.Float64) for name in fields]
    answer = pl.Struct([*types, pl.Field("method", pl.String), pl.Field("reason", REASON)])
    inputs = pl.struct(*(number.alias(name) for name, number in given.items()), _fault(given, grows).alias("reason"))
    return inputs.map_batches(columns, return_dtype=answer, is_elementwise=True)


def _fault(given: dict[str, pl.Expr], grows: pl.Expr) -> pl.Expr:
    """Why a queue cannot be answered for."""
    numbers = list(given.values())
    outside = [number < 0 for number in numbers] + [given["service_rate"] == 0]
    outside += [given["servers"] < 1] if "servers" in given else []
    # A larger load cannot be told from that of one server more.
    outside += [given["share"] >= 1, given["arrival_rate"] * TIE >= given["service_rate"]] if "share" in given else []
    return reason(
        (pl.any_horizontal(number.is_null() | number.is_nan() for number in numbers), "missing"),
        (pl.any_horizontal(number.is_infinite() for number in numbers), "not_finite"),
        (pl.any_horizontal(outside), "outside_range"),
        (given["servers"] != given["servers"].floor() if "servers" in given else pl.lit(False), "not_whole_counts"),
        (grows, "queue_grows"),
    )


def _erlang_c(arrival_rate: Array, service_rate: Array, servers: Array, within: Array) -> dict[str, Array]:
    load, spare = arrival_rate / service_rate, servers * service_rate - arrival_rate
    utilisation = load / servers
    prob_wait, _, prob_empty = _chances_of_states(load, servers, -np.log1p(-utilisation))
    return {
        **_means(load, utilisation, arrival_rate, prob_wait / spare, 1 / service_rate),
        "prob_wait": prob_wait,
        "mean_wait_given_wait": 1 / spare,
        "served_within": 1 - prob_wait * np.exp(-spare * within),
        "prob_empty": prob_empty,
    }


def _erlang_a(
    arrival_rate: Array, service_rate: Array, servers: Array, abandonment_rate: Array, within: Array
) -> dict[str, Array]:
    """By the density of the wait that an arrival of endless patience would have, given that there is one.

    At s it is in proportion to exp(arrivals * patience(s) - capacity * s), where patience(s) is the mean time that
    an arrival stays of the first s. It falls to both sides of its peak, from where `u` counts.
    """
    capacity = servers * service_rate
    # So small a rate that patience(s) is s to the last digit.
    leaving = np.maximum(abandonment_rate, 1e-300)
    peak = np.maximum(0, np.log(arrival_rate / capacity)) / leaving
    # Those who still wait at the peak arrive as fast as they can be served, or slower where the peak is at once.
    staying = np.minimum(arrival_rate, capacity)
    before, after = _reach(capacity, leaving, staying, peak)
    # The share that has left by the peak.
    gone = np.maximum(0, 1 - capacity / arrival_rate)

    def areas(until: Array) -> Array:
        """Under the density, and under the density times patience, up to a place."""

        def densities(u: Array) -> Array:
            decay = np.expm1(-leaving * u)
            density = np.exp(-capacity * u - staying * decay / leaving)
            return np.stack([density, density * (gone - (1 - gone) * decay) / leaving])

        start, end = np.clip(until, -before, 0), np.clip(until, 0, after)
        return _integral(densities, -before, start) + _integral(densities, np.zeros_like(end), end)

    whole, patience = areas(after)
    mean_wait_given_wait = patience / whole
    in_time, patience_in_time = areas(within - peak)
    # Of those whose turn comes at s the share that is still there is 1 - leaving * patience(s).
    served_in_time = (in_time - leaving * patience_in_time) / whole

    load = arrival_rate / service_rate
    excess = np.maximum(arrival_rate / capacity, 1)
    log_queue = np.log(capacity * whole) + capacity / leaving * (excess - 1 - np.log(excess))
    prob_wait, prob_idle, prob_empty = _chances_of_states(load, servers, log_queue)
    prob_abandon = prob_wait * abandonment_rate * mean_wait_given_wait
    # The share of time that a server works; load * (1 - prob_abandon) / servers loses its digits under great overload.
    utilisation = prob_wait * (1 - np.exp(-log_queue)) + prob_idle * load / servers
    wait, service = prob_wait * mean_wait_given_wait, (1 - prob_abandon) / service_rate
    return {
        **_means(load, utilisation, arrival_rate, wait, service),
        "prob_wait": prob_wait,
        "mean_wait_given_wait": mean_wait_given_wait,
        "served_within": 1 - prob_wait + prob_wait * served_in_time,
        "prob_empty": prob_empty,
        "prob_abandon": prob_abandon,
    }


def _allen_cunneen(
    arrival_rate: Array, service_rate: Array, servers: Array, arrival_cv: Array, service_cv: Array
) -> dict[str, Array]:
    scale = (arrival_cv**2 + service_cv**2) / 2
    return _scaled(arrival_rate, service_rate, servers, scale)


def _kimura(arrival_rate: Array, service_rate: Array, servers: Array, service_cv: Array) -> dict[str, Array]:
    utilisation = arrival_rate / (service_rate * servers)
    extra = (1 - utilisation) * (servers - 1) * (np.sqrt(4 + 5 * servers) - 2) / (16 * utilisation * servers)
    # Half the exponential wait is that of steady service under heavy load; all of it, the most that it can be, and
    # where nobody arrives at one server `extra` is no number.
    steady = (1 + np.fmin(extra, 1)) / 2
    square = service_cv**2
    return _scaled(arrival_rate, service_rate, servers, (1 + square) / ((1 - square) / steady + 2 * square))


def _servers_needed(arrival_rate: Array, service_rate: Array, within: Array, share: Array) -> dict[str, Array]:
    """By halving the range between too few and enough: more servers never serve fewer in time."""
    few = np.floor(arrival_rate / service_rate * (1 + TIE))
    enough = few + 1

    def falls_short(servers: Array) -> NDArray[np.bool_]:
        return _erlang_c(arrival_rate, service_rate, servers, within)["served_within"] < share - TIE

    while (short := falls_short(enough)).any():
        few, enough = np.where(short, enough, few), np.where(short, enough + 2 * (enough - few), enough)
    while (enough - few > 1).any():
        middle = np.floor((few + enough) / 2)
        short = (middle == few) | falls_short(middle)
        few, enough = np.where(short, middle, few), np.where(short, enough, middle)
    return {"value": enough}


def _scaled(arrival_rate: Array, service_rate: Array, servers: Array, scale: Array) -> dict[str, Array]:
    """The means where the wait is so many times that of exponential service."""
    exponential = _erlang_c(arrival_rate, service_rate, servers, np.zeros_like(servers))
    load, utilisation = exponential["offered_load"], exponential["utilisation"]
    return _means(load, utilisation, arrival_rate, scale * exponential["mean_wait"], 1 / service_rate)


def _means(load: Array, utilisation: Array, arrival_rate: Array, wait: Array, service: Array) -> dict[str, Array]:
    """MEANS, lengths from times as Little 1961 (Operations Research 9:383) has them."""
    found = (load, utilisation, wait, arrival_rate * wait, wait + service, arrival_rate * (wait + service))
    return dict(zip(MEANS, found, strict=True))


def _chances_of_states(load: Array, servers: Array, log_queue: Array) -> tuple[Array, Array, Array]:
    """The chances that all servers are busy, that one is idle, and that nobody is there.

    log_queue: logarithm of how much likelier it is that all servers are busy than that they are with nobody waiting.
    While a server is free the number there is Poisson of mean `load`, up to a factor.
    """
    log_full = _log_poisson(servers, load)
    below = pdtr(servers - 1, load)
    log_below = np.where(below > 1e-250, np.log(below), log_full + np.log(_below_over_full(load, servers)))
    odds = log_queue + log_full - log_below
    return expit(odds), expit(-odds), expit(-odds) * np.exp(-load - log_below)


def _log_poisson(count: Array, mean: Array) -> Array:
    """Logarithm of the Poisson chance of a count from 1, exact to the last digits for large counts too.

    Loader 2000, Fast and accurate computation of binomial probabilities: the logarithm of a large factorial less that
    of a large power would leave few digits.
    """
    apart = (mean - count) / count
    stirling = np.where(
        count < 20,
        gammaln(count + 1) - (count + 0.5) * np.log(count) + count - np.log(2 * np.pi) / 2,
        1 / (12 * count) - 1 / (360 * count**3) + 1 / (1260 * count**5),
    )
    return -count * (apart - np.log1p(apart)) - stirling - np.log(2 * np.pi * count) / 2


def _below_over_full(load: Array, servers: Array) -> Array:
    """Poisson chance of fewer than `servers` over that of `servers`, for a load far above: Legendre's fraction."""
    tail = np.zeros_like(load)
    for level in range(20, 0, -1):
        tail = level * (servers - level) / (load - servers + 2 * level + 1 + tail)
    return servers / (load - servers + 1 + tail)


def _reach(capacity: Array, leaving: Array, staying: Array, peak: Array) -> tuple[Array, Array]:
    """How far before and after its peak the density of waits is above exp(-FALL) of it, at the most.

    From e^x - 1 - x >= (e^(x/2) - 1)^2 before the peak, and x - 1 + e^-x >= x^2 / (2 + x) after it.
    """
    before = np.minimum(peak, 2 * np.log1p(np.sqrt(FALL * leaving / capacity)) / leaving)
    half = FALL / staying / 2
    return before, np.minimum(FALL / (capacity - staying), half + np.sqrt(half**2 + 4 * half / leaving))


def _double_exponential() -> list[tuple[float, float]]:
    """Places in (0, 1) and their weights (Takahasi and Mori 1974, Publications of the RIMS 9:721)."""
    x = np.arange(-64, 65) / 20
    places = expit(np.pi * np.sinh(x))
    weights = np.pi / 20 * np.cosh(x) * places * (1 - places)
    return list(zip(places.tolist(), weights.tolist(), strict=True))


PLACES = _double_exponential()


def _integral(of: Callable[[Array], Array], lower: Array, upper: Array) -> Array:
    """The integral of a function that is smooth between the ends, however steep at them."""
    width = upper - lower
    return sum((weight * of(lower + width * place) for place, weight in PLACES), np.zeros(())) * width
