"""Expectations on what was sent: each judges submissions, by the counts in the tables `dq_`, against their own history.

A failing unit is a submission, or a field of one; `extract`, `submitter` and `period` say whose it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from expectations.domain import CountingExpectation

#: Days by which an extract may be older than its submitter's newest before its open requests are out of date: extracts
#: are monthly, so one that is older missed a sending.
SENT_AGAIN_WITHIN = 20


class SendingExpectation(CountingExpectation):
    """What submissions must satisfy; submissions are counted, not rows of people."""

    extract: str
    unit: ClassVar[str] = "groups"

    @property
    def nouns(self) -> tuple[str, str]:
        """What is counted: submissions, which their senders know as files."""
        return ("file", "files")

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"extract = '{values['extract']}'"

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT extract, submitter, period FROM {{batch}} "
            f"WHERE ({values['among']}) AND {cls.judged(values)} AND ({cls.failing(values)})"
        )


class ExpectSubmissionsInTime(SendingExpectation):
    """Each submission of the newest months was first extracted by its deadline."""

    newest_months: int = 3

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every {values['extract']} extract of the newest {values['newest_months']} months came by its deadline."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{super().judged(values)} AND months_old < {values['newest_months']} AND NOT is_missing"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return "is_late"


class ExpectNoSubmissionMissing(SendingExpectation):
    """Nothing that is expected is missing after its deadline, as known on the day on which the newest file arrived."""

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No {values['extract']} extract is missing after its deadline."

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return "is_missing AND due_on < known_on"


class ExpectOpenRequestsSentAgain(SendingExpectation):
    """A month that still has open requests was sent again about when its submitter's newest extract was taken."""

    days: int = SENT_AGAIN_WITHIN

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every month with open requests was sent again within {values['days']} days of the newest extract."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{super().judged(values)} AND open_rows > 0"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"days_behind > {values['days']}"


class ExpectUsualVolume(SendingExpectation):
    """A submission's sound rows lie between two multiples of its submitter's usual number, or differ by no more than
    chance; rows that the build returned for its own faults are not sound.

    likely: standard deviations of a Poisson count that chance may account for.
    """

    at_least: float = 0.0
    no_more_than: float | None = None
    fewest_usual: int = 20
    likely: float = 3.0

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        most = values["no_more_than"]
        parts = [f"no less than {values['at_least']:g}"] if values["at_least"] else []
        parts += [f"no more than {most:g}"] if most is not None else []
        usual = f"{' and '.join(parts)} times the submitter's usual number"
        return f"Usable rows of every {values['extract']} extract are {usual}."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{super().judged(values)} AND rows_loaded IS NOT NULL AND typical_rows >= {values['fewest_usual']}"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        most = values["no_more_than"]
        outside = f"rows_ratio < {values['at_least']}"
        if most is not None:
            outside += f" OR rows_ratio > {most}"
        return f"({outside}) AND abs(rows_sound - typical_rows) > {values['likely']} * sqrt(typical_rows)"


class ExpectNoCopyOfEarlierPeriod(SendingExpectation):
    """Less than a share of a submission's rows also stand in one earlier period of its submitter.

    below: the share from which another check tells of it, so that one fault is told once.
    """

    share: float
    below: float = 1.01

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No {values['extract']} extract repeats {values['share']:.0%} or more of the rows of an earlier month."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{super().judged(values)} AND copied_share IS NOT NULL"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"copied_share >= {values['share']} AND copied_share < {values['below']}"


class ExpectFewRowsReturned(SendingExpectation):
    """At most a share of the rows read was returned, at ingest or because no testing extract holds their request."""

    share: float
    fewest_returned: int = 3

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"At most {values['share']:.0%} of the rows of every {values['extract']} extract had to be returned."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{super().judged(values)} AND rows_read > 0"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        returned = "(rows_returned + rows_without_request)"
        return f"{returned} > {values['share']} * rows_read AND {returned} >= {values['fewest_returned']}"


class FieldExpectation(SendingExpectation):
    """What fields of submissions must satisfy: a failing one tells how many rows of its submission lack it."""

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return (
            "SELECT extract, submitter, period, field, unknown AS rows_failing, rows AS rows_checked FROM {batch} "
            f"WHERE ({values['among']}) AND {cls.judged(values)} AND ({cls.failing(values)})"
        )


class ExpectFieldRecorded(FieldExpectation):
    """In every submission with enough rows, at most a share of a field is blank or said to be not recorded."""

    field: str
    unknown_at_most: float
    fewest_rows: int = 50
    months_to_fill: int = 0

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"At most {values['unknown_at_most']:.0%} of {values['field']} is blank or not recorded "
            f"in every {values['extract']} extract."
        )

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return (
            f"{super().judged(values)} AND field = '{values['field']}' AND rows >= {values['fewest_rows']} "
            f"AND months_old >= {values['months_to_fill']}"
        )

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"unknown > {values['unknown_at_most']} * rows"


class ExpectNoSuddenGap(FieldExpectation):
    """No field of a submission is unknown much more often than its submitter's usual, beyond what chance may account
    for; fields that fill up late are judged once they are a stated number of months old."""

    more: float = 0.10
    likely: float = 4.0
    fewest_rows: int = 30
    fill_late: list[str]
    months_to_fill: int = 6

    @property
    def nouns(self) -> tuple[str, str]:
        """What is counted: fields, each in each submission."""
        return ("field of a file", "fields of files")

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"No field of a {values['extract']} extract is blank or not recorded for {values['more']:.0%} of rows more "
            "than the submitter's usual."
        )

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        late = ", ".join(f"'{name}'" for name in values["fill_late"]) or "''"
        return (
            f"{super().judged(values)} AND usual_rows >= {values['fewest_rows']} AND rows >= {values['fewest_rows']} "
            f"AND (field NOT IN ({late}) OR months_old >= {values['months_to_fill']})"
        )

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        rise = "(unknown / rows - usual_unknown / usual_rows)"
        usual = "((usual_unknown + 1) / (usual_rows + 2))"
        chance = f"sqrt({usual} * (1 - {usual}) * (1 / rows + 1 / usual_rows))"
        return f"{rise} > {values['more']} AND {rise} > {values['likely']} * {chance}"


class HistoryExpectation(SendingExpectation):
    """What the values of one field must satisfy, submission by submission, against the submitter's last twelve months.

    fewest_rows: rows with a value that a submission needs to be judged. months_to_fill: months of age from which it is.
    """

    field: str
    fewest_rows: int = 50
    fewest_periods: int = 6
    months_to_fill: int = 0

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"extract = '{values['extract']}' AND field = '{values['field']}' AND value <> 'not_recorded'"

    @classmethod
    def by_submission(cls, values: dict[str, Any]) -> str:
        """The query for each submission judged: `extract`, `submitter`, `period`, and what `failing` asks for."""
        raise NotImplementedError

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT count(*) AS checked, count(*) FILTER (WHERE {cls.failing(values)}) AS failing "
            f"FROM ({cls.by_submission(values)})"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT extract, submitter, period, '{values['field']}' AS field "
            f"FROM ({cls.by_submission(values)}) WHERE {cls.failing(values)}"
        )

    @classmethod
    def _looked_at(cls, values: dict[str, Any]) -> str:
        return f"SELECT * FROM {{batch}} WHERE ({values['among']}) AND {cls.judged(values)}"

    @staticmethod
    def _earlier(keys: str) -> str:
        """The window over a submitter's periods of the twelve months before."""
        return (
            f"(PARTITION BY {keys} ORDER BY period "
            "RANGE BETWEEN INTERVAL 12 MONTH PRECEDING AND INTERVAL 1 MONTH PRECEDING)"
        )

    @classmethod
    def _sizes(cls, values: dict[str, Any]) -> str:
        """Common tables: `looked_at`, and `sizes`, one row a submission with enough rows and history.

        n, usual_n: rows with a value, of it and of the twelve months before.
        """
        return f"""
            WITH looked_at AS ({cls._looked_at(values)}),
            every_size AS (
                SELECT extract, submitter, period, months_old, sum(rows)::DOUBLE AS n FROM looked_at GROUP BY ALL
            ),
            sizes AS (
                SELECT *, sum(n) OVER earlier AS usual_n FROM every_size
                WINDOW earlier AS {cls._earlier("extract, submitter")}
                QUALIFY count(*) OVER earlier >= {values["fewest_periods"]}
                    AND n >= {values["fewest_rows"]} AND months_old >= {values["months_to_fill"]}
            ),
            known AS (SELECT DISTINCT extract, submitter, value FROM looked_at),
            counted AS (
                SELECT every_size.extract, every_size.submitter, every_size.period, known.value,
                    coalesce(looked_at.rows, 0) AS rows
                FROM every_size
                INNER JOIN known ON every_size.extract = known.extract AND every_size.submitter = known.submitter
                LEFT JOIN looked_at ON every_size.submitter = looked_at.submitter
                    AND every_size.period = looked_at.period AND known.value = looked_at.value
            ),
            compared AS (
                SELECT *, coalesce(sum(rows) OVER earlier, 0)::DOUBLE AS usual_rows FROM counted
                WINDOW earlier AS {cls._earlier("extract, submitter, value")}
            )"""


class ExpectUsualDistribution(HistoryExpectation):
    """A field's values are spread as in its submitter's last twelve months, by the population stability index.

    Fails where the index exceeds what is allowed by more than chance may account for: without a change, the index times
    the harmonic size of the two samples has a chi-squared distribution (Yurdakul 2018, Western Michigan University,
    dissertation 3208), whose mean and standard deviation give the allowance.
    """

    index: float = 0.25
    likely: float = 4.0

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"{values['field']} is spread in every {values['extract']} extract as in the submitter's last twelve "
            f"months: its population stability index is at most {values['index']:g} beyond chance."
        )

    @classmethod
    def by_submission(cls, values: dict[str, Any]) -> str:
        return f"""{cls._sizes(values)},
            shares AS (
                SELECT sizes.extract, sizes.submitter, sizes.period, n, usual_n, count(*) OVER submission AS k,
                    (rows + 0.5) / (n + 0.5 * count(*) OVER submission) AS share,
                    (usual_rows + 0.5) / (usual_n + 0.5 * count(*) OVER submission) AS usual_share
                FROM sizes INNER JOIN compared
                    ON sizes.extract = compared.extract AND sizes.submitter = compared.submitter
                    AND sizes.period = compared.period
                WHERE rows + usual_rows > 0
                WINDOW submission AS (PARTITION BY sizes.extract, sizes.submitter, sizes.period)
            )
            SELECT extract, submitter, period, any_value(k) AS k, any_value(1 / n + 1 / usual_n) AS noise,
                sum((share - usual_share) * ln(share / usual_share)) AS psi
            FROM shares GROUP BY ALL"""

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"psi > {values['index']} + (k - 1 + {values['likely']} * sqrt(2 * (k - 1))) * noise"


class ExpectNoValueHeaped(HistoryExpectation):
    """No single value of a field is used far more often than its submitter usually does, as a system's default is."""

    more: float = 0.10
    times: float = 2.0
    likely: float = 4.0

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"No value of {values['field']} is used {values['times']:g} times as often as usual, and by "
            f"{values['more']:.0%} of rows more, in any {values['extract']} extract."
        )

    @classmethod
    def by_submission(cls, values: dict[str, Any]) -> str:
        usual = "((usual_rows + 1) / (usual_n + 1))"
        return f"""{cls._sizes(values)}
            SELECT sizes.extract, sizes.submitter, sizes.period,
                max(
                    rows / n - {usual} - {values["likely"]} * sqrt({usual} * (1 - {usual}) / n)
                ) FILTER (WHERE rows / n >= {values["times"]} * usual_rows / usual_n) AS excess
            FROM sizes INNER JOIN compared
                ON sizes.extract = compared.extract AND sizes.submitter = compared.submitter
                AND sizes.period = compared.period
            GROUP BY ALL"""

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"coalesce(excess > {values['more']}, FALSE)"


class ExpectNoDayHeaped(HistoryExpectation):
    """No single day holds a large share of a field's dates, where its submitter's busiest days usually hold far less.

    below: the share from which another check tells of it. Where the history is too short the share alone decides.
    """

    share: float
    below: float = 1.01
    times: float = 2.0
    fewest_rows: int = 30
    fewest_periods: int = 0

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No day holds {values['share']:.0%} or more of {values['field']} in any {values['extract']} extract."

    @classmethod
    def by_submission(cls, values: dict[str, Any]) -> str:
        return f"""
            WITH looked_at AS ({cls._looked_at(values)}),
            busiest AS (
                SELECT extract, submitter, period, months_old, max(rows) / sum(rows) AS share, sum(rows) AS n
                FROM looked_at GROUP BY ALL
            )
            SELECT extract, submitter, period, share, median(share) OVER earlier AS usual_share FROM busiest
            WINDOW earlier AS {cls._earlier("extract, submitter")}
            QUALIFY n >= {values["fewest_rows"]} AND months_old >= {values["months_to_fill"]}
                AND count(*) OVER earlier >= {values["fewest_periods"]}"""

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return (
            f"share >= {values['share']} AND share < {values['below']} "
            f"AND share >= {values['times']} * coalesce(usual_share, 0)"
        )
