"""The boundaries of a trial's words and of what it draws by chance."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.inference.rate import Interval
from countersign.trials.metrics.threshold import _hashed
from countersign.trials.report.sentences import interval_words


@pytest.mark.parametrize(
    ("high", "words"),
    [(1.0, "anything up to all"), (0.5, "at most 1 in 2"), (0.001, "at most 1 in 1,000")],
)
def test_without_an_event_the_upper_end_speaks(high: float, words: str) -> None:
    assert interval_words(Interval(0.0, high, 0.95, "exact"), 0) == words


def test_what_is_drawn_is_split_mix_of_64_bits() -> None:
    # The first numbers of the reference generator (Steele, Lea and Flood 2014) from the seeds 0 and 1.
    assert _hashed(np.array([0, 1], np.uint64), 1).tolist() == [0xE220A8397B1DCDAF, 0x910A2DEC89025CC1]
