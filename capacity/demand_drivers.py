"""What a planner supposes about demand, and what it makes of the forecasts: growth, new tests, switches, mainstreaming.

A driver is what somebody supposes, not what the past tells. It moves what is expected; a range keeps its width beside
it, for nothing is known of how sure a supposition is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from capacity.demand import ALL, CATEGORY, FORECAST, LIMITS, TECHNOLOGY
from methods.count_forecasts import YEAR

#: How many spreads of a normal the limits of each interval stand from its middle.
QUANTILES = {"80": 1.2815515655446004, "95": 1.959963984540054}

#: A month of a driver's ramp counts from its middle.
MIDDLE = 0.5


@dataclass(frozen=True)
class Growth:
    """Growth a year from the last month known on: instead of the trend, or on top of it.

    rate: 0.05 is 5% a year. dimension, code: of the series that grows; both empty for every series.
    """

    rate: float
    is_instead: bool = False
    dimension: str = ALL
    code: str = ""


@dataclass(frozen=True)
class NewTest:
    """A new test: so many requests a year once it has ramped up evenly, by category and by technology.

    start: first day of its first month. ramp_months: months until it has its full effect, nought for at once.
    """

    category: str
    technology: str
    requests_a_year: float
    start: dt.date
    ramp_months: int = 0


@dataclass(frozen=True)
class Switch:
    """A share of the requests of one technology (or category) that become requests of another from a date on.

    The same number moves in both dimensions: the share of the technology, or of the category where no technology is
    named; never more than is there. An empty pair leaves its dimension as it is. All requests stay as many.
    """

    share: float
    start: dt.date
    ramp_months: int = 0
    from_technology: str = ""
    to_technology: str = ""
    from_category: str = ""
    to_category: str = ""


@dataclass(frozen=True)
class Mainstreaming:
    """A share of requests that moves from genetics to other referrers, and how many more are asked for with each.

    added: 0.2 means one more request for every five that move. Moving itself changes nothing here. dimension, code: of
    the series whose requests move; both empty for every series.
    """

    share: float
    added: float
    start: dt.date
    ramp_months: int = 0
    dimension: str = ALL
    code: str = ""


Driver = Growth | NewTest | Switch | Mainstreaming


def with_drivers(forecast: pl.DataFrame, drivers: Sequence[Driver]) -> pl.DataFrame:
    """The forecast as it would be with the drivers, in the same columns; the naive one stays beside it as it is.

    forecast: as `capacity.demand.forecast_demand` gives it. drivers: growth counts first, then mainstreaming, switches
    and new tests, in the order given within each. Growth or mainstreaming of one series changes all requests by as
    many. Years are changed as the months in them are together; limits in proportion. ValueError where a share or a rate
    cannot be, or where a driver names what the forecast does not hold.
    """
    for driver in drivers:
        _check(driver, forecast)
    keys = ["dimension", "code", "period_start"]
    months = forecast.filter(method=FORECAST, grain="month").with_columns(then="requests")
    months = months.with_columns(
        ahead=pl.col("period_start").rank("dense").over("dimension", "code").cast(pl.Float64) - MIDDLE
    )
    for driver in sorted(drivers, key=lambda one: _ORDER.index(type(one))):
        months = _driven(months, driver)
    factors = pl.concat(
        [
            months.select(*keys, pl.lit("month").alias("grain"), factor=pl.col("requests") / pl.col("then")),
            _of_years(months, forecast).select(*keys, pl.lit("year").alias("grain"), "factor"),
        ]
    ).with_columns(pl.lit(FORECAST).alias("method"))
    changed = forecast.join(factors, on=[*keys, "grain", "method"], how="left", maintain_order="left")
    factor = pl.col("factor").fill_null(1.0)
    return changed.with_columns(pl.col(name) * factor for name in ("requests", *LIMITS)).drop("factor")


def _of_years(months: pl.DataFrame, forecast: pl.DataFrame) -> pl.DataFrame:
    """By what each year changes: its months as they would be, divided by its months as they were."""
    years = forecast.filter(method=FORECAST, grain="year").select("dimension", "code", "period_start", "period_end")
    inside = years.join(
        months.select("dimension", "code", month="period_start", now="requests", then="then"), on=["dimension", "code"]
    )
    inside = inside.filter(pl.col("month").is_between("period_start", "period_end"))
    return inside.group_by("dimension", "code", "period_start").agg(factor=pl.col("now").sum() / pl.col("then").sum())


def _check(driver: Driver, forecast: pl.DataFrame) -> None:
    if isinstance(driver, Growth) and driver.rate <= -1:
        raise ValueError(f"growth a year is above -1, not {driver.rate}")
    if isinstance(driver, (Switch, Mainstreaming)) and not 0 <= driver.share <= 1:
        raise ValueError(f"a share is from 0 to 1, not {driver.share}")
    if isinstance(driver, Mainstreaming) and driver.added < 0:
        raise ValueError(f"requests added are nought or more, not {driver.added}")
    if isinstance(driver, NewTest) and driver.requests_a_year < 0:
        raise ValueError(f"requests a year are nought or more, not {driver.requests_a_year}")
    held = set(forecast.select("dimension", "code").unique().rows())
    if missing := sorted(_named(driver) - held):
        raise ValueError(f"the forecast does not hold {missing}")


def _named(driver: Driver) -> set[tuple[str, str]]:
    if isinstance(driver, (Growth, Mainstreaming)):
        return {(driver.dimension, driver.code)}
    if isinstance(driver, NewTest):
        pairs = {(CATEGORY, driver.category), (TECHNOLOGY, driver.technology)}
    else:
        if bool(driver.from_technology) != bool(driver.to_technology) or bool(driver.from_category) != bool(
            driver.to_category
        ):
            raise ValueError("a switch goes from one to another: name both, or neither")
        pairs = {(TECHNOLOGY, driver.from_technology), (TECHNOLOGY, driver.to_technology)}
        pairs |= {(CATEGORY, driver.from_category), (CATEGORY, driver.to_category)}
    return {pair for pair in pairs if pair[1]}


def _is(dimension: str, code: str) -> pl.Expr:
    return (pl.col("dimension") == dimension) & (pl.col("code") == code)


def _done(start: dt.date, ramp_months: int) -> pl.Expr:
    """How much of a driver's effect a month has: evenly more over its ramp, from nought to one."""
    month = pl.col("period_start").dt.year().cast(pl.Int64) * YEAR + pl.col("period_start").dt.month()
    since = (month - (start.year * YEAR + start.month)).cast(pl.Float64)
    if not ramp_months:
        return (since >= 0).cast(pl.Float64)
    return ((since + MIDDLE) / ramp_months).clip(0.0, 1.0)


def _changed(months: pl.DataFrame, dimension: str, code: str, requests: pl.Expr) -> pl.DataFrame:
    """The months with other requests of one series, or of every one; all requests change by as many as one series."""
    if not dimension:
        return months.with_columns(requests=requests)
    own = months.filter(_is(dimension, code)).select("period_start", more=requests - pl.col("requests"))
    return _added(months, own, ((dimension, code), (ALL, "")))


def _added(months: pl.DataFrame, more: pl.DataFrame, to: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The months with so many `more` by `period_start` of each series named; where it says nothing, as they were."""
    joined = months.join(more, on="period_start", how="left", maintain_order="left")
    named = pl.any_horizontal(*(_is(*one) for one in to))
    requests = pl.when(named).then(pl.col("requests") + pl.col("more").fill_null(0.0)).otherwise("requests")
    return joined.with_columns(requests=requests).drop("more")


def _grown(months: pl.DataFrame, driver: Growth) -> pl.DataFrame:
    factor = (1 + driver.rate) ** (pl.col("ahead") / YEAR)
    start = pl.col("without_growth") if driver.is_instead else pl.col("requests")
    return _changed(months, driver.dimension, driver.code, start * factor)


def _mainstreamed(months: pl.DataFrame, driver: Mainstreaming) -> pl.DataFrame:
    more = driver.share * driver.added * _done(driver.start, driver.ramp_months)
    return _changed(months, driver.dimension, driver.code, pl.col("requests") * (1 + more))


def _switched(months: pl.DataFrame, driver: Switch) -> pl.DataFrame:
    pairs = [
        (TECHNOLOGY, driver.from_technology, driver.to_technology),
        (CATEGORY, driver.from_category, driver.to_category),
    ]
    pairs = [pair for pair in pairs if pair[1]]
    if not pairs:
        return months
    there = [
        months.filter(_is(dimension, source)).select("period_start", pl.col("requests").alias(f"there_{number}"))
        for number, (dimension, source, _) in enumerate(pairs)
    ]
    moved = there[0].with_columns(moved=driver.share * _done(driver.start, driver.ramp_months) * pl.col("there_0"))
    for number, one in enumerate(there[1:], 1):
        moved = moved.join(one, on="period_start").with_columns(moved=pl.min_horizontal("moved", f"there_{number}"))
    for dimension, source, target in pairs:
        months = _added(months, moved.select("period_start", more=-pl.col("moved")), [(dimension, source)])
        months = _added(months, moved.select("period_start", more="moved"), [(dimension, target)])
    return months


def _opened(months: pl.DataFrame, driver: NewTest) -> pl.DataFrame:
    spread = months.select("period_start").unique()
    more = spread.select("period_start", more=driver.requests_a_year / YEAR * _done(driver.start, driver.ramp_months))
    return _added(months, more, [(ALL, ""), (CATEGORY, driver.category), (TECHNOLOGY, driver.technology)])


_ORDER: list[type] = [Growth, Mainstreaming, Switch, NewTest]


def _driven(months: pl.DataFrame, driver: Driver) -> pl.DataFrame:
    """The months with one driver more."""
    if isinstance(driver, Growth):
        return _grown(months, driver)
    if isinstance(driver, Mainstreaming):
        return _mainstreamed(months, driver)
    return _switched(months, driver) if isinstance(driver, Switch) else _opened(months, driver)


def by_site(forecast: pl.DataFrame, shares: pl.DataFrame, dimension: str = CATEGORY) -> pl.DataFrame:
    """The monthly forecasts of each category, or technology, split by laboratory, in the columns of a workload.

    shares: `site`, `code`, `requests` of the last year, and their `share` of all of that code; shares of a code add up
    to one or less.
    Columns: `site`, `category` (or `technology`), `period_start`, `requests` and LIMITS. A limit stands as far off, on
    the scale of logs, as that of the whole, the chance of a part and that of its share together.
    """
    months = forecast.filter(method=FORECAST, grain="month", dimension=dimension).join(
        shares.rename({"requests": "last_year"}), on="code"
    )
    part = pl.col("requests") * pl.col("share")
    chance = (1 - pl.col("share")) * (1 / part + 1 / pl.col("last_year"))
    limits = []
    for name in LIMITS:
        reach = (pl.col(name) / pl.col("requests")).log()
        further = (reach**2 + QUANTILES[name.partition("_")[2]] ** 2 * chance).sqrt()
        limits.append((part * (reach.sign() * further).exp()).alias(name))
    column = "category" if dimension == CATEGORY else dimension
    found = months.select("site", pl.col("code").alias(column), "period_start", part.alias("requests"), *limits)
    return found.sort("site", column, "period_start")
