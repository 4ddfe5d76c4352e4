"""Expectations that look at groups of rows: who is represented, how diverse, how steady, how consistent."""

from __future__ import annotations

from typing import Any, ClassVar

from expectations.domain import GROUPS, CountingExpectation


class GroupsExpectation(CountingExpectation):
    """Groups of rows are judged; a subclass gives `groups`, the query for every group judged and `is_failing`.

    The query's other columns say whose a group is; `rows_failing`, where it gives one, how many of its rows to mend.
    """

    unit: ClassVar[str] = "groups"

    @property
    def nouns(self) -> tuple[str, str]:
        """What the groups are called, by the column that makes them."""
        return GROUPS.get(self.made_by(), ("group", "groups"))

    def made_by(self) -> str:
        """The column that makes the groups."""
        raise NotImplementedError

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        """The query for the groups judged."""
        raise NotImplementedError

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        return f"SELECT count(*) AS checked, count(*) FILTER (WHERE is_failing) AS failing FROM ({cls.groups(values)})"

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return f"SELECT * EXCLUDE (is_failing) FROM ({cls.groups(values)}) WHERE is_failing"


class ExpectOneValueForEach(CountingExpectation):
    """Rows with the same key tell the same; a row fails whose value is not the one that its key has most often.

    Only keys with two rows or more are looked at, since a single row cannot contradict itself.
    """

    key: str
    column: str
    says: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return str(values["says"])

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        return (
            "SELECT coalesce(sum(n), 0) AS checked, coalesce(sum(n - most), 0) AS failing "
            f"FROM (SELECT sum(n) AS n, max(n) AS most FROM ({cls._by_value(values)}) GROUP BY key HAVING sum(n) > 1)"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        usual = (
            f"SELECT key, arg_max(value, (n, value)) AS usual FROM ({cls._by_value(values)}) "
            "GROUP BY key HAVING count(*) > 1"
        )
        return (
            f"SELECT told.* FROM {{batch}} AS told INNER JOIN ({usual}) AS keys ON told.{values['key']} = keys.key "
            f"WHERE ({values['among']}) AND told.{values['column']} <> keys.usual"
        )

    @staticmethod
    def _by_value(values: dict[str, Any]) -> str:
        key, column = values["key"], values["column"]
        return (
            f"SELECT {key} AS key, {column} AS value, count(*) AS n FROM {{batch}} "
            f"WHERE ({values['among']}) AND {key} IS NOT NULL AND {column} IS NOT NULL GROUP BY {key}, {column}"
        )


class ExpectGroupsRepresented(GroupsExpectation):
    """Each group's share of the people counted is within bounds of its share of the population.

    Counted are people with a recorded group only. A group of whom fewer than `min_expected` people would be counted at
    its share of the population is too small to judge.
    """

    group: str
    person: str = "person_id"
    what: str
    population_table: str
    at_least: float
    no_more_than: float
    min_expected: int = 50

    def made_by(self) -> str:
        """The column that makes the groups."""
        return self.group

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"{values['what']} of each group is {values['at_least']:g} to {values['no_more_than']:g} times its share "
            f"of the population, where at least {values['min_expected']} people are expected."
        )

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        group = values["group"]
        return (
            "WITH counted AS ("
            f"SELECT {group} AS kind, count(DISTINCT {values['person']}) AS people FROM {{batch}} "
            f"WHERE ({values['among']}) AND {group} IN (SELECT {group} FROM {values['population_table']}) "
            f"GROUP BY {group}), "
            "residents AS ("
            f"SELECT {group} AS kind, sum(population) AS people FROM {values['population_table']} GROUP BY {group}), "
            "compared AS ("
            "SELECT residents.kind, coalesce(counted.people, 0) AS people, "
            "residents.people / (SELECT sum(people) FROM residents) * (SELECT sum(people) FROM counted) AS expected "
            "FROM residents LEFT JOIN counted ON residents.kind = counted.kind) "
            f"SELECT kind AS {group}, people, "
            f"people NOT BETWEEN {values['at_least']} * expected AND {values['no_more_than']} * expected AS is_failing "
            f"FROM compared WHERE expected >= {values['min_expected']}"
        )


class ExpectDiverseGroups(GroupsExpectation):
    """The recorded groups of those counted are at least so diverse as a share of the population's diversity.

    Diversity is how many groups of equal size would give the same chance that two people differ (inverse Simpson
    index), less one, so that nought means one group only. One code written for everybody is the usual reason for less.
    """

    group: str
    by: str
    person: str = "person_id"
    what: str
    population_table: str
    population_by: str = ""
    at_least: float
    min_people: int = 300

    def made_by(self) -> str:
        """The column that makes the groups."""
        return self.by

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        by = str(values["by"]).replace("_", " ")
        return (
            f"{values['what']} are at least {values['at_least']:.0%} as diverse as residents are, in every {by} with "
            f"{values['min_people']} people recorded."
        )

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        group, by, table = values["group"], values["by"], values["population_table"]
        place = values["population_by"] or "'all'"
        return (
            "WITH counted AS ("
            f"SELECT {by} AS place, {group} AS kind, count(DISTINCT {values['person']}) AS people FROM {{batch}} "
            f"WHERE ({values['among']}) AND {group} IN (SELECT {group} FROM {table}) GROUP BY {by}, {group}), "
            "found AS ("
            f"SELECT place, sum(people) AS people, {_diversity('people')} AS diversity FROM counted GROUP BY place), "
            "residents AS ("
            f"SELECT {place} AS place, {group} AS kind, sum(population) AS people FROM {table} "
            f"GROUP BY {place}, {group}), "
            f"usual AS (SELECT place, {_diversity('people')} AS diversity FROM residents GROUP BY place) "
            f"SELECT found.place AS {by}, found.people, "
            f"found.diversity < {values['at_least']} * usual.diversity AS is_failing "
            f"FROM found INNER JOIN usual ON {'found.place = usual.place' if values['population_by'] else 'TRUE'} "
            f"WHERE found.people >= {values['min_people']}"
        )


def _diversity(people: str) -> str:
    """The inverse Simpson index less one, of groups of so many people."""
    total = f"sum({people}::DOUBLE)"
    return f"{total} * {total} / sum({people}::DOUBLE * {people}::DOUBLE) - 1"


class ExpectSteadyTotals(GroupsExpectation):
    """A total by group does not leap at one date: it is within a share of that before, or of that after.

    The newest date, which has none after it, is set beside the two before, so that a leap is blamed on the date that
    leapt and not on the one that came back; a new level that is told twice is believed. Groups whose total was under
    `min_total` before are left out.
    """

    total: str
    group_by: str
    on_date: str
    change_at_most: float
    min_total: float = 10.0

    def made_by(self) -> str:
        """The column that makes the groups."""
        return self.group_by

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        total, group = (str(values[name]).replace("_", " ") for name in ("total", "group_by"))
        return f"The {total} of each {group} is within {values['change_at_most']:.0%} of that at the census before."

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        group, day = values["group_by"], values["on_date"]
        window = f"OVER (PARTITION BY {group} ORDER BY {day})"
        leaps = f"abs(total - {{0}}) > {values['change_at_most']} * {{0}}".format
        return (
            "WITH totals AS ("
            f"SELECT {group}, {day}, max(submission_id) AS submission_id, count(*) AS n, "
            f"sum({values['total']}) AS total FROM {{batch}} WHERE ({values['among']}) GROUP BY {group}, {day}), "
            "compared AS ("
            f"SELECT *, lag(total) {window} AS before, "
            f"coalesce(lead(total) {window}, lag(total, 2) {window}) AS beside FROM totals) "
            f"SELECT submission_id, {group}, {day}, n AS rows_failing, "
            f"{leaps('before')} AND (beside IS NULL OR {leaps('beside')}) AS is_failing "
            f"FROM compared WHERE before >= {values['min_total']}"
        )


class ExpectFewReturned(GroupsExpectation):
    """Of each submission of an extract, at most a share of the rows went back for one reason at build."""

    extract: str
    reason: str
    says: str
    share_at_most: float
    min_rows: int = 50

    def made_by(self) -> str:
        """The column that makes the groups."""
        return "submission_id"

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"{values['says']} for at most {values['share_at_most']:.0%} of rows in every submission."

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        return (
            "WITH sent AS ("
            f"SELECT submission_id, count(*) AS n FROM ranked_{values['extract']} GROUP BY submission_id), "
            "returned AS ("
            "SELECT submission_id, count(*) AS n FROM {batch} "
            f"WHERE reason = '{values['reason']}' GROUP BY submission_id) "
            "SELECT sent.submission_id, coalesce(returned.n, 0) AS rows_failing, sent.n AS rows_checked, "
            f"coalesce(returned.n, 0) > {values['share_at_most']} * sent.n AS is_failing "
            "FROM sent LEFT JOIN returned ON sent.submission_id = returned.submission_id "
            f"WHERE sent.n >= {values['min_rows']}"
        )
