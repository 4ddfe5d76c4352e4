"""What every mart of residents must satisfy, whatever it breaks them down by."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.reference import reference_rows
from expectations.domain import Dimension, ExpectKeyToBeUnique, ExpectNoRows, about
from expectations.lists import ExpectCodesCovered, ExpectTotalsToAgree

OWNER = "Data pipeline"
WHY = "Rates are divided by these residents: a part too few or counted twice moves every rate of its board."
TO_DO = "Mend the population list in reference/ from its source, and build again."


def population_suite(
    table: str, by: dict[str, list[str]], total: str = "population_census_2022", within: float = 0.005
) -> gx.ExpectationSuite:
    """The checks of a mart with one row a board and a value of each of `by`: column to the codes that must be there.

    total: the column of the list of boards that states each board's residents. within: the share of
    it by which they may part.
    """
    territorial = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    covered = {"residence_board": territorial} | by
    return gx.ExpectationSuite(
        table,
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity="critical",
                description="There are residents.",
                meta=_about("any_rows", "completeness"),
            ),
            ExpectKeyToBeUnique(columns=list(covered), severity="critical", meta=_about("key", "uniqueness")),
            ExpectNoRows(
                condition="population IS NULL OR population < 0",
                says="Every row tells how many residents there are, none fewer than nought.",
                severity="critical",
                meta=_about("population_there", "completeness"),
            ),
            *(
                gxe.ExpectColumnValuesToBeInSet(
                    column=column,
                    value_set=codes,
                    severity="critical",
                    description=f"Every {column} is a code of its list.",
                    meta=_about(f"{column}_code", "conformance"),
                )
                for column, codes in covered.items()
            ),
            *(
                ExpectCodesCovered(
                    column=column,
                    codes=codes,
                    what=column.replace("_", " "),
                    severity="critical",
                    meta=_about(f"{column}_covered", "completeness"),
                )
                for column, codes in covered.items()
            ),
            ExpectTotalsToAgree(
                total="population",
                group_by="residence_board",
                stated_table="ref_boards",
                stated_key="code",
                stated_total=total,
                within=within,
                severity="critical",
                meta=_about("adds_up", "agreement"),
            ),
        ],
    )


def _about(name: str, dimension: Dimension) -> dict[str, Any]:
    return about(name, dimension, OWNER, WHY, to_do=TO_DO)
