"""The name of a submission's file: what it says, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalogue.contracts import Contract
from catalogue.reference import reference_rows
from pipelines.ingest.refusal import RefusedError

SHAPE = re.compile(
    r"(?P<extract>[a-z_]+?)__(?P<submitter>[A-Z0-9]+)__(?P<year>[0-9]{4})-(?P<month>[0-9]{2})"
    r"__v(?P<version>[1-9][0-9]{0,3})\.(?P<format>csv\.gz|csv|parquet)"
)
GOVERNMENT = "SGV"
CENSUS_MONTHS = (3, 6, 9, 12)
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class SubmissionName:
    """What the name of a submission's file says."""

    extract: str
    submitter: str
    period: str
    version: int
    format: str

    @property
    def stem(self) -> str:
        """The name without what follows the version; names the returns file."""
        return f"{self.extract}__{self.submitter}__{self.period}__v{self.version}"

    @property
    def first_day(self) -> date:
        """First day of the period."""
        return date.fromisoformat(f"{self.period}-01")

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        return (self.first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def read_name(file: str, contracts: Mapping[str, Contract]) -> SubmissionName:
    """The parts of a file's name; RefusedError says which part is wrong, without repeating it."""
    found = SHAPE.fullmatch(file)
    if not found:
        raise RefusedError(
            "The file's name is not <extract>__<submitter>__<YYYY-MM>__v<N>.csv, .csv.gz or .parquet. Rename it."
        )
    contract = contracts.get(found["extract"])
    if contract is None:
        raise RefusedError(f"The file's name begins with no known extract. Use one of {', '.join(contracts)}.")
    if found["submitter"] not in submitters(contract):
        raise RefusedError(
            f"The file's name holds a submitter that does not send {contract.extract}. "
            "Use your laboratory's or board's code."
        )
    year, month = int(found["year"]), int(found["month"])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise RefusedError("The file's name holds a period that is no month of the calendar. Write it as YYYY-MM.")
    if contract.extract == "workforce" and month not in CENSUS_MONTHS:
        raise RefusedError("A workforce file is named by the last month of its census quarter: 03, 06, 09 or 12.")
    return SubmissionName(
        found["extract"], found["submitter"], f"{year}-{month:02d}", int(found["version"]), found["format"]
    )


def submitters(contract: Contract) -> tuple[str, ...]:
    """The codes that may send this extract."""
    allowed = tuple(row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes")
    if contract.submitters != "laboratories":
        allowed += tuple(row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes")
    if contract.submitters == "any":
        allowed += (GOVERNMENT,)
    return allowed
