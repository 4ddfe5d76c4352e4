"""The tests that the demonstration service offers: what each is, how common, and who has it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from catalogue.reference import reference_rows
from pipelines.demo.draws import Floats, Ints
from pipelines.demo.places import LABORATORIES

FILE = Path(__file__).with_name("directory.csv")

SAMPLES = {
    "blood": {"blood_edta": 0.93, "saliva": 0.04, "dna": 0.03},
    "heparin": {"blood_heparin": 1.0},
    "plasma": {"plasma": 1.0},
    "marrow": {"bone_marrow": 0.62, "blood_edta": 0.38},
    "ffpe": {"ffpe": 0.93, "fresh_tissue": 0.04, "dna": 0.03},
    "fresh": {"fresh_tissue": 0.7, "bone_marrow": 0.3},
    "invasive": {"amniotic_fluid": 0.6, "cvs": 0.4},
    "dna": {"dna": 1.0},
}


@dataclass(frozen=True)
class Line:
    """One line of the directory; `share` is per thousand at mid-period, `growth` a year, `again` repeat requests."""

    code: str
    directory: str
    clinical_group: str
    technology: str
    test_purpose: str
    pathway: str
    priority: str
    origin: str
    standard: str
    category: str
    samples: str
    genes: int | None
    variants: int
    share: float
    growth: float
    profile: str
    again: float
    yield_share: float
    performed_at: tuple[str, ...]
    outside: float

    @property
    def is_rare_germline(self) -> bool:
        """Whether the stated gaps in access apply to the people tested."""
        return self.profile in ("child", "adult", "inherited_cancer", "relative")

    @property
    def opens_family(self) -> bool:
        """Whether the person's relatives may be tested for the same question."""
        return self.origin == "germline" and self.test_purpose == "diagnostic" and self.clinical_group != "other"

    @property
    def is_for_relatives(self) -> bool:
        """Whether the person is tested because a relative was."""
        return self.profile == "relative"


@cache
def lines() -> tuple[Line, ...]:
    """Every line, in the file's order."""
    categories = {row["code"]: row["turnaround_category"] for row in reference_rows("turnaround_standards")}
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_line(row, categories[row["standard"]]) for row in csv.DictReader(file))


def _line(row: dict[str, str], category: str) -> Line:
    return Line(
        code=row["code"],
        directory=row["directory"],
        clinical_group=row["clinical_group"],
        technology=row["technology"],
        test_purpose=row["test_purpose"],
        pathway=row["pathway"],
        priority=row["priority"],
        origin=row["origin"],
        standard=row["standard"],
        category=category,
        samples=row["samples"],
        genes=int(row["genes"]) if row["genes"] else None,
        variants=int(row["variants"]),
        share=float(row["share"]),
        growth=float(row["growth"]),
        profile=row["profile"],
        again=float(row["again"]),
        yield_share=float(row["yield"]),
        performed_at=tuple(row["performed_at"].split()),
        outside=float(row["outside"]),
    )


def values(name: str) -> list[str]:
    """A text field of every line."""
    return [str(getattr(line, name)) for line in lines()]


def numbers(name: str) -> Floats:
    """A number field of every line; 0 where empty."""
    return np.array([float(getattr(line, name) or 0) for line in lines()], dtype=np.float64)


def flags(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """A yes-or-no property of every line."""
    return np.array([bool(getattr(line, name)) for line in lines()], dtype=np.bool_)


@cache
def performing_shares() -> Floats:
    """Where each line's samples are analysed: line, receiving laboratory, performing laboratory (LABORATORIES).

    A laboratory that does not offer the test forwards it, mostly to the larger of those that do.
    """
    size = {"ABE": 1.0, "DUN": 1.0, "EDI": 2.0, "GLA": 3.0}
    shares = np.zeros((len(lines()), 4, len(LABORATORIES)))
    for place, line in enumerate(lines()):
        for receiving in range(4):
            offered = line.performed_at or LABORATORIES[:4]
            where = (LABORATORIES[receiving],) if LABORATORIES[receiving] in offered else offered
            total = sum(size[laboratory] for laboratory in where)
            for laboratory in where:
                shares[place, receiving, LABORATORIES.index(laboratory)] = (1 - line.outside) * size[laboratory] / total
            shares[place, receiving, LABORATORIES.index("OUT")] = line.outside
    return shares


@cache
def offered_codes() -> tuple[list[str], Ints, Ints]:
    """Every test code, the place of each line's first code, and the genes each code reports on (-1: not counted)."""
    names: list[str] = []
    first: list[int] = []
    genes: list[int] = []
    for line in lines():
        first.append(len(names))
        for variant in range(line.variants):
            names.append(line.code if line.variants == 1 else f"{line.code[:-1]}{variant + 1}")
            size = -1 if line.genes is None else max(1, round(line.genes * (1.0, 0.6, 1.5, 0.4, 2.0, 0.8)[variant]))
            genes.append(size)
    return names, np.array(first, dtype=np.int64), np.array(genes, dtype=np.int64)
