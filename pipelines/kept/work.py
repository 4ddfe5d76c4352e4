"""All that a build may take from the one before, beside the tables of its warehouse and their checks."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.folders import Folders
from pipelines.kept.cells import KeptCells
from pipelines.kept.findings import Findings
from pipelines.kept.protection import KeptProtection
from pipelines.kept.results import KeptResults
from pipelines.kept.tables import KeptTables


@dataclass(frozen=True)
class KeptWork:
    """What was found, counted, protected and worked out before, each under the hash of all that it rests on."""

    attacks: Findings
    cells: KeptCells
    protection: KeptProtection
    results: KeptResults

    @classmethod
    def of(cls, folders: Folders, tables: KeptTables) -> KeptWork:
        """What lies in a data folder. tables: of the warehouse that is worked from."""
        return cls(Findings(folders), KeptCells(folders, tables), KeptProtection(folders), KeptResults(folders, tables))

    def forget_others(self) -> None:
        """At the end of the work of a build: delete what it did not ask for."""
        self.cells.forget_others()
        self.results.forget_others()
