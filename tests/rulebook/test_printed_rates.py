"""The last digit of a printed rate: half of one either way follows from the counts, more does not."""

from __future__ import annotations

import pytest

from countersign.rulebook.duties.review import _rates_follow

COUNTS = {"false": 3, "confirmed_false": 2, "faces": 100_000, "alerts": 8, "false_per_face": "0.00005"}


@pytest.mark.parametrize(
    ("printed", "follows"),
    [
        ("0.625", True), ("0.62", True), ("0.63", True), ("0.6", True), ("0.7", False), ("1", True), ("0", False),
        ("0.6249", False), ("0.6251", False), ("0.624", False), ("0.626", False), ("0.61", False), ("0.64", False),
        ("0.62500", True), ("0.62501", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["false_per_alert", "false_per_face"])
def test_half_a_digit_either_way_is_rounding(printed: str, follows: bool, field: str) -> None:
    if field == "false_per_face":
        line = COUNTS | {"faces": 8, "alerts": 0, "false_per_face": printed, "false_per_alert": "0"}
    else:
        line = COUNTS | {"false_per_alert": printed}
    assert _rates_follow(line.__getitem__) is follows  # type: ignore[arg-type]
