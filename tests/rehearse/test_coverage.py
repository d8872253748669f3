"""The review of a rehearsal covers the truth at the rate it states: over 500 seeds, by the counts it is given.

What the review is given are the counts of the engine's export (``after.counted``), and its interval for false alerts
per face is the exact one. The truth is the scenario's closed form, which the simulator does not draw from.
"""

from __future__ import annotations

import pytest

from countersign.inference.clusters import proportion
from countersign.made_up.crowd import expected
from countersign.made_up.export import make
from countersign.made_up.scenario import load
from countersign.rehearse.after import counted

SEEDS = 500


@pytest.mark.slow
@pytest.mark.parametrize("name", ["misconfigured-threshold", "biased-engine"])
def test_the_interval_of_the_review_covers_the_truth_as_often_as_it_says(name: str) -> None:
    scenario = load(name)
    means = expected(scenario).values()
    truth = sum(false for _, false in means) / sum(faces for faces, _ in means)
    covered = 0
    for seed in range(SEEDS):
        counts = counted(make(scenario, seed).events)
        false = counts["outcomes"]["false"] + counts["outcomes"]["confirmed_false"]
        interval = proportion(false, counts["faces"]).exact
        covered += interval.low <= truth <= interval.high
    # 95% stated; the exact interval covers at least so often, and 500 draws may miss it by three deviations.
    assert covered / SEEDS >= 0.95 - 3 * (0.95 * 0.05 / SEEDS) ** 0.5
