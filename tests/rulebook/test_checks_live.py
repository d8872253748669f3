"""What the duty on suspending says of how often it was suspended and went on."""

from __future__ import annotations

import pytest
from tests.rulebook.cases import add
from tests.rulebook.good import Change, view
from tests.rulebook.test_checks import AT

from countersign.rulebook.duties import evaluate


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((), "no suspension is on the record"),
        ((add("suspended"),), "suspended once, not resumed"),
        ((add("suspended"), add("resumed", cause_removed=True)), "suspended once, resumed once, its cause removed"),
        (
            (add("suspended"), add("resumed", cause_removed=True)) * 2,
            "suspended 2 times, resumed 2 times, each time with its cause removed",
        ),
        ((add("suspended"), add("resumed", cause_removed=False)), "it was resumed once with the cause still there"),
    ],
)
def test_suspensions_are_counted_in_words(changes: tuple[Change, ...], said: str) -> None:
    results = evaluate(view(*changes), profile="england-and-wales", as_at=AT)
    [result] = [one for one in results if one.duty.id == "uk.live.suspend"]
    assert said in result.because
