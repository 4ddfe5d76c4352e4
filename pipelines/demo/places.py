"""Boards, laboratories and the populations from which people are drawn, as arrays in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from catalogue.reference import codes, reference_rows
from pipelines.demo.draws import Floats

LABORATORIES = ("ABE", "DUN", "EDI", "GLA", "OUT")
SUBMITTERS = LABORATORIES[:4]
BOARDS = tuple(row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes")
ALL_BOARDS = codes("boards")
ISLANDS = ("S08000025", "S08000026", "S08000028")
AGE_BANDS = codes("age_bands")
SEXES = ("female", "male")
ETHNIC_GROUPS = tuple(row["code"] for row in reference_rows("ethnic_groups") if row["has_smr_code"] == "yes")
ETHNIC_CATEGORY = {row["code"]: row["ethnic_category"] for row in reference_rows("ethnic_groups")}

# Share of a requesting board's samples that each laboratory receives, where reference/laboratory_boards.csv names more
# than one: Argyll and Bute, North East Fife, and the two halves of the Western Isles.
SPLIT_BOARDS = {
    "S08000022": {"ABE": 0.66, "DUN": 0.08, "GLA": 0.26},
    "S08000029": {"EDI": 0.80, "DUN": 0.20},
    "S08000028": {"ABE": 0.50, "GLA": 0.50},
}
NOT_TERRITORIAL = {"SB0801": {"GLA": 1.0}, "OUTSIDE": {"EDI": 0.5, "GLA": 0.5}}

# Board whose hospitals also request for residents of the others in its planning region.
CENTRES = {"West": "S08000031", "East": "S08000024", "North": "S08000020"}


@dataclass(frozen=True)
class Populations:
    """Residents by board: arrays whose first axis is BOARDS."""

    age_sex: Floats  # board, sex, age band
    deciles: Floats  # board, SIMD decile
    ethnic: Floats  # board, SIMD quintile, ethnic group: shares within board and quintile
    urban_rural: Floats  # board, eight-fold class


@cache
def populations() -> Populations:
    """The newest population of each kind."""
    age_sex = np.zeros((len(BOARDS), len(SEXES), len(AGE_BANDS)))
    newest = max(row["year"] for row in reference_rows("population_age_sex"))
    for row in reference_rows("population_age_sex"):
        if row["year"] == newest and row["sex"] in SEXES:
            place = BOARDS.index(row["board_code"]), SEXES.index(row["sex"]), AGE_BANDS.index(row["age_band"])
            age_sex[place] = float(row["population"])
    deciles = np.zeros((len(BOARDS), 10))
    for row in reference_rows("population_simd_decile"):
        deciles[BOARDS.index(row["board_code"]), int(row["simd_decile"]) - 1] = float(row["population"])
    urban_rural = np.zeros((len(BOARDS), 8))
    for row in reference_rows("population_urban_rural"):
        urban_rural[BOARDS.index(row["board_code"]), int(row["urban_rural_8"]) - 1] = float(row["population"])
    return Populations(age_sex, deciles, _ethnic_shares(), urban_rural)


def _ethnic_shares() -> Floats:
    """Shares of ethnic groups by board and quintile; a quintile without residents takes its board's shares."""
    counts = np.zeros((len(BOARDS), 5, len(ETHNIC_GROUPS)))
    for row in reference_rows("population_ethnicity_simd"):
        if row["ethnic_group"] in ETHNIC_GROUPS:
            place = BOARDS.index(row["board_code"]), int(row["simd_quintile"]) - 1
            counts[(*place, ETHNIC_GROUPS.index(row["ethnic_group"]))] = float(row["population"])
    whole = counts.sum(axis=1, keepdims=True)
    filled = np.where(counts.sum(axis=2, keepdims=True) > 0, counts, whole)
    return np.asarray(filled / filled.sum(axis=2, keepdims=True))


@cache
def receiving_shares() -> Floats:
    """Share of each requesting board's samples (ALL_BOARDS) received by each laboratory (SUBMITTERS)."""
    shares = np.zeros((len(ALL_BOARDS), len(SUBMITTERS)))
    for row in reference_rows("laboratory_boards"):
        if row["board_code"] not in SPLIT_BOARDS:
            shares[ALL_BOARDS.index(row["board_code"]), SUBMITTERS.index(row["laboratory"])] = 1.0
    for board, split in (SPLIT_BOARDS | NOT_TERRITORIAL).items():
        for laboratory, share in split.items():
            shares[ALL_BOARDS.index(board), SUBMITTERS.index(laboratory)] = share
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


@cache
def centre_of_board() -> tuple[int, ...]:
    """For each board of residence, the place in ALL_BOARDS of its region's centre."""
    region = {row["code"]: row["planning_region"] for row in reference_rows("boards")}
    return tuple(ALL_BOARDS.index(CENTRES[region[board]]) for board in BOARDS)
