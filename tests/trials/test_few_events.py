"""The ratio between two groups where few events are expected: which interval is shown, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from countersign.trials.metrics.differentials import contrast


@pytest.mark.slow
def test_few_misses_are_not_shown_with_a_score_interval_that_covers_too_little() -> None:
    # Exact coverage by adding up both binomials, at the cell where Miettinen-Nurminen's falls to 0.893.
    n, m, rate = 30, 3000, 0.005
    covered = 0.0
    for x in range(5):
        for y in range(3, 34):
            weight = float(binom.pmf(x, n, rate) * binom.pmf(y, m, rate))
            if weight < 1e-6:
                continue
            shown = contrast("b", np.array([x, y]), np.array([n, m]), 0, 1.0, "gfnir", 0.95).shown
            covered += weight * (shown.low <= 1 <= shown.high)
    assert covered >= 0.95
    many = contrast("b", np.array([30, 40]), np.array([300, 300]), 0, 1.0, "gfnir", 0.95).shown
    assert many.method.startswith("Miettinen-Nurminen")
