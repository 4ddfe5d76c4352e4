"""Boards that are like each other: every one has a group, and the groups follow from population and rurality alone."""

from __future__ import annotations

from collections import defaultdict

from catalogue.reference import labels, reference_rows

BOARDS = {row["code"]: row for row in reference_rows("boards") if row["is_territorial"] == "yes"}
GROUPS = {row["board_code"]: row["like_group"] for row in reference_rows("like_boards")}


def in_towns() -> dict[str, float]:
    """Share of each board's residents in towns of 10,000 people or more: classes 1 and 2."""
    people: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in reference_rows("population_urban_rural"):
        people[row["board_code"]][1] += int(row["population"])
        people[row["board_code"]][0] += int(row["population"]) * (row["urban_rural_8"] in ("1", "2"))
    return {board: town / whole for board, (town, whole) in people.items()}


def test_every_territorial_board_has_one_group_and_at_least_two_like_it():
    assert set(GROUPS) == set(BOARDS)
    assert set(GROUPS.values()) == set(labels("like_groups"))
    assert all(list(GROUPS.values()).count(group) >= 3 for group in GROUPS.values())


def test_the_groups_follow_their_rule():
    towns = in_towns()
    for board, row in BOARDS.items():
        if row["board_group"] == "Island boards":
            expected = "island"
        elif towns[board] < 1 / 3:
            expected = "rural"
        elif int(row["population_mid_2023"]) >= 600_000 and towns[board] >= 0.75:
            expected = "large_urban"
        else:
            expected = "mixed"
        assert GROUPS[board] == expected, row["label"]


def test_each_reason_tells_the_share_that_it_rests_on():
    towns = in_towns()
    for row in reference_rows("like_boards"):
        if row["like_group"] != "island":
            assert f"{100 * towns[row['board_code']]:.0f}% " in row["reason"]
