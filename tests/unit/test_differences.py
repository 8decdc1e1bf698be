"""Which candidate of a wait came nearest, and what differs, in one line."""

from __future__ import annotations

from simulator.differences import MISSING, Difference, because, differing, nearest_miss


def test_the_latest_of_the_candidates_with_the_fewest_differences_is_the_nearest() -> None:
    wanted = {"a": 1, "b": 2}

    def differences(candidate: dict[str, int]) -> list[Difference]:
        return [
            Difference(name, value, candidate.get(name, MISSING))
            for name, value in wanted.items()
            if candidate.get(name) != value
        ]

    candidates = [{"a": 1}, {"b": 2, "c": 1}, {"a": 3, "b": 4}]
    nearest = nearest_miss(candidates, differences)
    assert nearest == {"b": 2, "c": 1}
    assert because(differences(nearest)) == "a: absent, expected 1"
    assert because(differences({"a": 5})) == "a: 5, expected 1; b: absent, expected 2"
    assert nearest_miss([], differences) is None
    assert because([]) is None


def test_differences_alone_are_rows_of_a_report() -> None:
    (row, absent) = differing([Difference("digit 2", "3", "2"), Difference("digit 3", "4", MISSING)])
    assert (row.field, row.expected, row.found, row.agrees) == ("digit 2", "3", "2", False)
    assert absent.found is None
