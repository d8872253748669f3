"""Every public function of inference on numbers that cannot be: a value, or one sentence that says which is allowed.

Functions are found by looking, so a new one is tried too. ``INNER`` names those that take what others have checked, in
loops where a check would cost; nothing outside inference may call them.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import math
import pkgutil
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import countersign
import countersign.inference as package
from countersign.errors import CountersignError
from countersign.events.watch.stop_rule import chance_of_crossing
from countersign.events.watch.watched import Hour
from countersign.events.watch.watching import compare
from countersign.inference.clusters import between, intensity, proportion
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.detection import Change
from countersign.inference.monitors.labels import GroupLabels, KnownShares, Labels
from countersign.inference.monitors.twosample import TwoSample
from countersign.inference.rate import Interval, Rate
from countersign.trials.metrics.comparisons import expected_fpir
from countersign.trials.metrics.differentials import contrast
from countersign.trials.metrics.rates import clustered, concentration
from countersign.trials.metrics.threshold import holding, needed

ODD: dict[str, Any] = {
    "nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-1": -1, "0": 0, "1e19": 10**19, "1e19 as a float": 1e19,
    "3e9": 3_000_000_000, "0.5": 0.5, "empty": [], "one of a list": [2], "unequal": [1, 2, 3, 4, 5],
    "nan in a list": [math.nan, 1.0], "1e19 in a list": [10**19, 1], "below zero in a list": [1, -2],
}  # fmt: skip
#: Module and function: takes what others have checked.
INNER = {
    "tails.bracketed", "tails.gamma_quantile", "tails.beta_quantile", "binomial.score_ends", "poisson.score_ends",
    "difference.restricted_rate", "clusters.profile_ends", "monitors.evidence.mixed",
    "monitors.evidence.first_crossing", "monitors.evidence.log_e_above_surplus",
}  # fmt: skip
#: Where "not a number" is an answer, as the function says: a summary of rates all zero, a ratio of nothing to nothing.
NO_NUMBER = {"max_over_min", "max_over_mean", "max_over_geometric_mean", "log_deviation", "gini", "case_control_ratio"}
SPREAD = between([1, 0, 2, 0], [40, 30, 50, 60])
#: What stands for an argument where nothing odd is tried, by its name.
USUAL: dict[str, Any] = {
    "level": 0.95, "error": 0.05, "share": 0.3, "share_low": 0.2, "share_high": 0.4, "ratio": 2.0, "confidence": 0.95,
    "ceiling": 0.01, "power": 0.8, "power_asked": 0.8, "rates": [0.1, 0.2], "p_values": [0.01, 0.2], "p": 0.1,
    "e_values": [30.0, 1.0], "measure": "max over min", "variant": "garbe", "spread": SPREAD, "value": 0.5,
    "exact": Interval(0.0, 0.5, 0.95, "m"), "events_by_cluster": [1, 0, 2], "trials_by_cluster": [40, 30, 50],
    "events1": 2, "log_e": 0.5, "name": "a", "values": [1.0],
}  # fmt: skip
#: Arguments that are no numbers, or are tried apart.
NO_NUMBERS = {
    "generator", "method", "measure", "variant", "alternative", "at_zero", "name", "spread", "exact", "binomial_trials",
    "corrected", "independent", "interval", "clusters", "least", "most", "operator", "scores", "hours", "earlier",
}  # fmt: skip


def modules(root: Any) -> Iterator[Any]:
    for found in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
        yield importlib.import_module(found.name)


def public(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, function in vars(module).items():
        if not name.startswith("_") and inspect.isfunction(function) and function.__module__ == module.__name__:
            yield name, function


FUNCTIONS = {
    f"{module.__name__.removeprefix(package.__name__ + '.')}.{name}": function
    for module in modules(package)
    for name, function in public(module)
}


def usual(parameter: inspect.Parameter) -> Any:
    name = parameter.name
    if name == "generator":
        return np.random.default_rng(1)
    if name in USUAL:
        return USUAL[name]
    if parameter.default is not parameter.empty:
        return parameter.default
    if "trials" in name or "exposure" in name or name in ("of", "audited"):
        return 100
    return 3


def numbers_in(value: Any) -> Iterator[float]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from numbers_in(getattr(value, field.name))
    elif isinstance(value, tuple | list | np.ndarray):
        yield from (
            np.asarray(value, dtype=np.float64).reshape(-1).tolist()
            if isinstance(value, np.ndarray)
            else (number for part in value for number in numbers_in(part))
        )
    elif isinstance(value, float | np.floating):
        yield float(value)


def tried(call: Callable[[], Any], what: str, *, nan: bool = False) -> None:
    """One call: an answer without NaN, or a sentence; soon, and in little memory."""
    began = time.process_time()
    try:
        answer = call()
    except CountersignError as error:
        said = str(error)
        assert said, what
        assert "withheld" not in said, (what, said)  # a long run of digits would be, as if it were encoded data
        assert "\n" not in said, what
        assert len(said) < 300, (what, said)
    else:
        assert nan or not any(map(math.isnan, numbers_in(answer))), (what, answer)
    assert time.process_time() - began < 1, what


def calls(function: Callable[..., Any], given: dict[str, Any] | None = None) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The function with each number odd in turn, then all that have no default at once."""
    parameters = [each for each in inspect.signature(function).parameters.values() if each.kind != each.VAR_POSITIONAL]
    base = {each.name: usual(each) for each in parameters} | (given or {})

    def made(changed: dict[str, Any]) -> Callable[[], Any]:
        named = base | changed
        placed = [named[each.name] for each in parameters if each.kind != each.KEYWORD_ONLY]
        return lambda: function(
            *placed, **{each.name: named[each.name] for each in parameters if each.kind == each.KEYWORD_ONLY}
        )

    yield "as usual", made({})
    numbers = [each for each in parameters if each.name not in NO_NUMBERS]
    required = [each.name for each in numbers if each.default is each.empty]
    for what, value in ODD.items():
        for parameter in numbers:
            yield f"{parameter.name} {what}", made({parameter.name: value})
        yield f"all {what}", made(dict.fromkeys(required, value))


#: Tried apart from the everyday tests: a search of 800 places at each call.
COSTLY = {"ratio.gart_nam"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in COSTLY)) for name in sorted(FUNCTIONS.keys() - INNER)],
)
def test_a_function_answers_or_says_in_a_sentence_what_it_takes(name: str) -> None:
    function = FUNCTIONS[name]
    given = {"independent": True} if name.endswith("combined") else {}
    for what, call in calls(function, given):
        tried(call, f"{name}: {what}", nan=name.rpartition(".")[2] in NO_NUMBER)


MONITORS: dict[str, Any] = {
    "Ceiling": Ceiling().observe(1_000, 2, ceiling=0.001),
    "Change": Change().observe(1_000, 2, ceiling=0.001),
    "Labels": Labels().observe(True, share=0.3),
    "GroupLabels": GroupLabels.of(3),
    "KnownShares": KnownShares.of(3).observe(1, shares=(0.2, 0.3, 0.5)),
    "TwoSample": TwoSample().observe(1, 10, 0, 10),
}
#: Usual arguments of a monitor's methods where their name means another thing than above.
OF_MONITORS: dict[str, dict[str, Any]] = {
    "observe": {"faces": 100, "false_alerts": 1, "ceiling": 0.01, "in_group": True, "group": 1},
    "observe_many": {"faces": [100, 50], "false_alerts": [1, 0], "ceilings": 0.01, "shares": 0.3, "in_group": [1, 0],
                     "faces_low": [90, 40], "faces_high": [100, 50], "alerts_low": [1, 0], "alerts_high": [1, 1]},
    "faces_until_seen": {"fold": 3.0}, "alerts_until_seen": {"fold": 3.0}, "reading": {"fold": 3.0},
    "observe_counts": {"in_group": 1, "alerts": 3}, "of": {"groups": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", MONITORS)
def test_a_monitor_answers_or_says_in_a_sentence_what_it_takes(name: str) -> None:
    monitor = MONITORS[name]
    for method, function in inspect.getmembers(monitor, inspect.ismethod):
        if method.startswith("_") or method == "merge":
            continue
        given = {key: value for key, value in OF_MONITORS.get(method, {}).items()
                 if key in inspect.signature(function).parameters}  # fmt: skip
        if "shares" in inspect.signature(function).parameters and name != "Labels":
            given["shares"] = (0.2, 0.3, 0.5)
        if name in ("KnownShares", "GroupLabels") and method == "observe_many":
            given["groups"] = [0, 1]
        for what, call in calls(function, given):
            tried(call, f"{name}.{method}: {what}")
    for field in dataclasses.fields(type(monitor)):
        if not isinstance(getattr(monitor, field.name), tuple | np.ndarray) and "log" not in field.name:
            for what, value in ODD.items():
                if not isinstance(value, list):
                    tried(lambda: dataclasses.replace(monitor, **{field.name: value}).log_evidence,  # noqa: B023
                          f"{name}.{field.name}: {what}")  # fmt: skip


def test_an_interval_and_a_rate_say_what_they_take() -> None:
    for value in (math.nan, -math.inf, math.inf, -1, 0, 10**19):
        for call in (
            lambda value=value: Interval(value, 1.0, 0.95, "m"), lambda value=value: Interval(0.0, value, 0.95, "m"),
            lambda value=value: Interval(0.0, 1.0, value, "m"), lambda value=value: Rate(1, value, SPREAD_EXACT),
            lambda value=value: Rate(value, 10.0, SPREAD_EXACT).one_in,
        ):  # fmt: skip
            tried(call, f"{value}")


SPREAD_EXACT = Interval(0.0, 0.5, 0.95, "m")


#: Figures of a trial and of a watch that take numbers, with usual ones.
FIGURES: dict[Callable[..., Any], dict[str, Any]] = {
    needed: {"false_positives": 1, "subjects": 500, "ceiling": 0.01, "confidence": 0.95},
    concentration: {"by_entry": [1, 0, 2]},
    clustered: {"events": [1, 0, 2], "trials": [5, 5, 5], "pooled": 1.0},
    holding: {"grid": [0.5, 0.6], "scores": {"a": np.full(4000, 0.4)}, "ceiling": 0.01, "operator": ">="},
    contrast: {"events": [8, 2], "trials": [135, 865], "place": 0, "design_effect": 1.0, "measure": "fpir"},
    expected_fpir: {"false_matches": [[10, 1]], "comparisons": [[1000, 1000]], "entries": [5, 5]},
    chance_of_crossing: {"means": [1.0, 2.0], "bounds": [3, 5]},
    compare: {"hours": [(Hour("2026-03-07T10Z", 100, 1, 1, 0, 0, 0), 0)], "planned": 6, "earlier": (2, 50)},
}  # fmt: skip


@pytest.mark.parametrize("function", FIGURES, ids=lambda function: function.__name__)
def test_figures_of_a_trial_and_a_watch_answer_or_say_what_they_take(function: Callable[..., Any]) -> None:
    for what, call in calls(function, FIGURES[function]):
        tried(call, f"{function.__name__}: {what}")


def test_an_hour_that_cannot_be_is_named() -> None:
    for faces, alerts, earlier in ((-5, 1, (0, 0)), (math.nan, 1, (0, 0)), (10, -1, (0, 0)), (10**19, 1, (0, 0)),
                                   (100, 1, (5, 2))):  # fmt: skip
        with pytest.raises(CountersignError, match=r"2026-03-07T10Z|earlier alerts"):
            compare([(Hour("2026-03-07T10Z", faces, alerts, alerts, 0, 0, 0), 0)], planned=6, earlier=earlier)  # type: ignore[arg-type]


def test_clusters_fit_the_rate() -> None:
    """Lists of other lengths, or of other sums, were passed over where fewer than two clusters had trials."""
    for clusters in (([], []), ([1], [10]), ([1, 2], [10]), ([math.nan, 1], [10, 10]), ([-1, 4], [10, 10]),
                     ([10**19, 1], [10**19, 1]), 3):  # fmt: skip
        for rate in (proportion, intensity):
            with pytest.raises(CountersignError):
                rate(3, 20, clusters=clusters)  # type: ignore[arg-type]
    assert proportion(3, 20, clusters=([3, 0], [20, 0])).clustered is None


@pytest.mark.slow
def test_what_is_taken_as_checked_is_called_by_inference_alone() -> None:
    inner = {tuple(name.rpartition(".")[::2]) for name in INNER}
    root = Path(countersign.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.is_relative_to(root / "inference"):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())) if b"inference" in path.read_bytes() else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package.__name__):
                module = (node.module or "").removeprefix(package.__name__ + ".")
                assert not inner & {(module, each.name) for each in node.names}, path


@pytest.mark.slow
def test_memory_stays_bounded() -> None:
    """``detectable_ratio`` took 23 GB at three thousand million errors, a stop rule as much at such a bound."""
    tracemalloc.start()
    for name in ("groups.exposure.detectable_ratio", "groups.equality.equal_rates", "design.alerts_for_ratio",
                 "groups.exposure.conditional_odds_ratio", "groups.differential.single", "design.power"):  # fmt: skip
        for what, call in calls(FUNCTIONS[name]):
            if "3e9" in what or "1e19" in what:
                tried(call, f"{name}: {what}", nan=True)
    chance_of_crossing([1.5e9, 1.4e9], [1_500_050_000, 2_900_050_000])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 400 << 20
