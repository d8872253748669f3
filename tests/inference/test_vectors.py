"""Every reference vector of the project: published values, other implementations' values, and 40-digit computations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.inference import comparators

from countersign.inference import binomial, clusters, difference, poisson, ratio
from countersign.inference.groups import differential, equality, exposure
from countersign.inference.monitors import evidence
from countersign.inference.monitors.twosample import TwoSample

DATA = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
VECTORS: dict[str, dict[str, Any]] = {vector["id"]: vector for vector in DATA["vectors"]}

Inputs = dict[str, Any]


def _single(method: Callable[..., Any]) -> Callable[[Inputs], Any]:
    return lambda given: method(given["x"], given["n"], given.get("level", 0.95))


def _two(method: Callable[..., Any], **options: Any) -> Callable[[Inputs], Any]:
    def call(given: Inputs) -> Any:
        sizes = (given.get("n1", given.get("t1")), given.get("n2", given.get("t2")))
        return method(given["x1"], sizes[0], given["x2"], sizes[1], given.get("level", 0.95), **options)

    return call


def _rate_in(method: Callable[..., Any]) -> Callable[[Inputs], Any]:
    return lambda given: method(given["x"], given["exposure"], given["level"])


def _stratified(given: Inputs) -> Any:
    return ratio.stratified_score(given["x1"], given["n1"], given["x2"], given["n2"])


def _score_test(given: Inputs) -> Any:
    counts = (given["x1"], given["t1"], given["x2"], given["t2"])
    return [equality.two_rates(*counts, ratio=given["ratio0"], alternative="greater", method="score")]


def _two_sample(given: Inputs) -> Any:
    watch = TwoSample(prior_events=given["gamma"], prior_trials=2 * given["gamma"])
    for a, b in zip(given["ya"], given["yb"], strict=True):
        watch = watch.observe(a, given["na"], b, given["nb"])
    return [watch.evidence]


def _open_set(given: Inputs) -> Any:
    threshold = given["threshold"]
    mated = [probe for probe in given["probes"] if probe["mate"] is not None]
    others = [probe for probe in given["probes"] if probe["mate"] is None]
    found = sum(p["mate"] >= threshold and p["mate"] > max(p["nonmates"]) for p in mated)
    alarmed = sum(max(p["nonmates"]) >= threshold for p in others)
    rates = (clusters.proportion(found, len(mated)), clusters.proportion(alarmed, len(others)))
    return [rate.estimate for rate in rates]


def _rule_of_30(given: Inputs) -> Any:
    # Doddington's figure is the normal half-width over the count.
    from scipy.special import ndtri

    half = float(ndtri((1 + given["level"]) / 2)) / given["errors"] ** 0.5
    low, high = poisson.garwood(given["errors"], 1.0, given["level"])
    assert 1 - low / given["errors"] < half < high / given["errors"] - 1  # the exact interval is lopsided: -28%, +36%
    return [half]


def _summaries(given: Inputs) -> Any:
    fmr, fnmr = given["FMR"], given["FNMR"]
    return {
        "gini_fmr": differential.gini(fmr),
        "gini_fnmr": differential.gini(fnmr),
        "maxmin_fmr": differential.max_over_min(fmr),
        "maxmean_fmr": differential.max_over_mean(fmr),
        "maxgeo_fmr": differential.max_over_geometric_mean(fmr),
        "vary_geo_fmr": differential.log_deviation(fmr),
        "maxgeo_fnmr": differential.max_over_geometric_mean(fnmr),
    }


COMPUTED: dict[str, Callable[[Inputs], Any]] = {
    "newcombe98-cp-15-148": _single(binomial.clopper_pearson),
    "newcombe98-midp-15-148": _single(binomial.mid_p),
    "newcombe98-wilson-15-148": _single(binomial.wilson),
    "newcombe98-wilsoncc-15-148": _single(comparators.wilson_continuity),
    "newcombe98-cp-1-29": _single(binomial.clopper_pearson),
    "newcombe98-midp-1-29": _single(binomial.mid_p),
    "newcombe98-wilson-1-29": _single(binomial.wilson),
    "newcombe98-wilsoncc-1-29": _single(comparators.wilson_continuity),
    "brown2001-jeffreys-0-20": _single(binomial.jeffreys),
    "blaker-2-123": _single(comparators.blaker),
    "short2020-wilson-clustered": lambda g: binomial.wilson(g["x"], g["n"], g["level"], design_effect=g["xi"]),
    "r-cp-3-50-99": _single(binomial.clopper_pearson),
    "r-cp-10-10": _single(binomial.clopper_pearson),
    "r-wilson-3-10-99": _single(binomial.wilson),
    "desctools-poisson-exact-15-400": _rate_in(poisson.garwood),
    "desctools-poisson-score-15-400": _rate_in(poisson.score),
    "ratesci-poisson-jeffreys-15-400": _rate_in(poisson.jeffreys),
    "newcombe98d-rd-mn": _two(difference.miettinen_nurminen),
    "newcombe98d-rd-mee": _two(difference.miettinen_nurminen, corrected=False),
    "newcombe98d-rd-mover-wilson": _two(difference.newcombe),
    "gartnam1990-rd": _two(difference.miettinen_nurminen, corrected=False),
    "propcis-rd-mn-7-34-1-34": _two(difference.miettinen_nurminen),
    "gartnam1988-rr-a": _two(ratio.koopman),
    "gartnam1988-rr-a-skew": _two(ratio.gart_nam),
    "gartnam1988-rr-b-skew": _two(ratio.gart_nam),
    "gartnam1988-rr-strat": _stratified,
    "koopman1984-36-40-16-80": _two(ratio.koopman),
    "fagerland2013-rr-score-0": _two(ratio.miettinen_nurminen),
    "fagerland2013-rr-moverw-0": _two(ratio.mover_r),
    "fagerland2013-rr-score-2": _two(ratio.miettinen_nurminen),
    "fagerland2013-rr-moverw-2": _two(ratio.mover_r),
    "fagerland2015-rr-koopman": _two(ratio.koopman),
    "epitools-katz-16-128-24-256": _two(comparators.katz_log),
    "poisson-rr-score": _two(ratio.conditional_score),
    "poisson-rr-test-score": _score_test,
    "poisson-rr-test-wald": lambda g: [comparators.wald_two_rates(g["x1"], g["t1"], g["x2"], g["t2"])],
    "tango1998-VII": lambda g: difference.tango(g["n11"], g["n10"], g["n01"], g["n00"], g["level"]),
    "safestats-2x2-e": _two_sample,
    "bob-openset-0": _open_set,
    "bob-openset-2": _open_set,
    "rule-of-30": _rule_of_30,
    "rule-of-3": lambda g: [binomial.upper_bound(g["x"], g["n"], g["level_one_sided"])],
    "annex15-cyberextruder-002": _summaries,
    "annex15-everai.paravision-003": _summaries,
    "annex15-imperial-002": _summaries,
    "met-lfr-2025-rate": lambda g: [100 * clusters.proportion(g["x"], g["n"]).estimate],
    "rare-midp-0-3147436": _single(binomial.mid_p),
    "rare-wilson-10-3147436": _single(binomial.wilson),
    "rare-jeffreys-0-3147436": _single(binomial.jeffreys),
    "rare-koopman-0": _two(ratio.koopman),
    "rare-cond-exact": _two(ratio.conditional_exact),
    "rare-cond-midp": _two(ratio.conditional_mid_p),
    "rare-cond-wilson": _two(ratio.conditional_score),
    "tipping-8-10-twosided": lambda g: [exposure.shares_not_rejected(g["x"], g["m"], level=g["level"]).low],
    "e-share-8-10-.135": lambda g: [np.exp(evidence.log_e_share(g["x"], g["m"], g["s"]))],
}
#: Printed minima are rounded to 1e-5, so that only a range for the ratio can be recomputed from the page.
PRINTED = [name for name in VECTORS if name.startswith("nist-maxmin-")]


def test_every_vector_is_tested() -> None:
    assert len(VECTORS) == 59
    assert set(COMPUTED) | set(PRINTED) == set(VECTORS)


@pytest.mark.parametrize("name", COMPUTED)
def test_vector(name: str) -> None:
    vector = VECTORS[name]
    found, expected = COMPUTED[name](vector["inputs"]), vector["expected"]
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        found, expected = [float(value) for value in found.values()], list(expected.values())
    tolerance = {"rel": vector.get("rel_tol", 0.0), "abs": vector.get("abs_tol", 0.0)}
    if "gini_fmr" in vector["expected"]:
        tolerance = {"rel": 1e-9, "abs": 1e-9}  # printed with ten digits, some of values over ten
    assert [float(value) for value in found] == pytest.approx(expected, **tolerance), vector["source"]


@pytest.mark.parametrize("name", PRINTED)
def test_printed_ratio_lies_in_the_range_that_its_rounded_parts_allow(name: str) -> None:
    vector = VECTORS[name]
    least, most = vector["inputs"]["fmr_min_printed"], vector["inputs"]["fmr_max_printed"]
    half = 0.5e-5
    lowest = float(differential.max_over_min([least + half, most - half]))
    highest = float(differential.max_over_min([least - half, most + half]))
    assert lowest - 0.5 <= vector["expected"][0] <= highest + 0.5
