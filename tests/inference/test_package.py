"""The package as a whole: what it imports and is given, and that it holds no clock, disk or randomness of its own."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import countersign.inference
import countersign.inference.checks
from countersign.inference.checks import CountOutOfRange, LevelOutOfRange, counts, exposures, open_unit
from countersign.inference.rate import Clustered, Interval, Rate

SOURCES = sorted(Path(countersign.inference.__path__[0]).glob("*.py"))
#: "Wilson, JASA 22 (1927)", "arXiv:2203.05051", "Testing Statistical Hypotheses, section 4.5".
CITED = re.compile(r"[A-Z][\w.' -]+\s\d+\s\((?:19|20)\d\d\)|arXiv:\d|section \d|[A-Z][a-z]+ (?:19|20)\d\d")
#: "Shapes and errors as ``clopper_pearson``."
AS_ANOTHER = re.compile(r"(?:[Aa]s|of)\s+``([a-z_]+)``")


def test_importing_it_loads_no_heavy_part_of_scipy() -> None:
    names = [f"countersign.inference.{path.stem}" for path in SOURCES if path.stem != "__init__"]
    script = f"import sys,{','.join(names)};print([m for m in ('scipy.stats','pandas','pyarrow') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_it_is_pure(path: Path) -> None:
    """No module reads a clock, opens a file or draws a number that it was not handed a generator for."""
    text = path.read_text(encoding="utf-8")
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= {
        "__future__", "collections", "countersign", "dataclasses", "functools", "itertools", "math", "numpy", "scipy",
        "typing", *(("importlib", "types") if path.stem == "__init__" else ()),
    }  # fmt: skip
    code = text.split('"""', 2)[2]
    assert "default_rng()" not in code
    assert "open(" not in code


def statistics() -> Iterator[tuple[ModuleType, FunctionType]]:
    """Each public function of the package, with its module."""
    for found in pkgutil.walk_packages(countersign.inference.__path__, "countersign.inference."):
        module = importlib.import_module(found.name)
        for name in getattr(module, "__all__", ()):
            function = getattr(module, name)
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                yield module, function


def said_of(module: ModuleType, name: str, before: tuple[str, ...] = ()) -> str:
    """What a function's text says, and those that it refers to ("as ``another``")."""
    text = inspect.getdoc(getattr(module, name)) or ""
    others = [other for other in AS_ANOTHER.findall(text) if other not in (*before, name) and hasattr(module, other)]
    return "\n".join((text, *(said_of(module, other, (*before, name)) for other in others)))


@pytest.mark.parametrize(
    ("module", "function"),
    [pytest.param(*each, id=f"{each[0].__name__[22:]}.{each[1].__name__}") for each in statistics()],
)
def test_a_statistic_says_its_errors_and_the_source_of_its_formula(module: ModuleType, function: FunctionType) -> None:
    said = said_of(module, function.__name__)
    raised = re.findall(r"Raises\s+``([A-Z]\w+)``", said)
    assert raised, "it names no error"
    for name in raised:
        kind = getattr(countersign.inference.checks, name, None) or getattr(builtins, name)
        assert issubclass(kind, ValueError)
    assert CITED.search(said) or CITED.search(module.__doc__ or ""), "neither it nor its module names a source"


def test_checks_name_the_first_wrong_pair_and_why() -> None:
    with pytest.raises(CountOutOfRange, match="3 events in 2 trials: events lie between 0 and trials"):
        counts([1, 3], [2, 2])
    with pytest.raises(CountOutOfRange, match=r"0\.5 events in 2 trials: both are whole"):
        counts(0.5, 2)
    with pytest.raises(CountOutOfRange, match="exposure of 0"):
        exposures(1, 0.0)
    with pytest.raises(LevelOutOfRange, match="strictly between 0 and 1, got 95"):
        open_unit(95, "the level")
    assert issubclass(CountOutOfRange, ValueError)
    assert CountOutOfRange("x").exit_code == 2


def test_rates_and_intervals_cannot_be_wrong() -> None:
    interval = Interval(0.1, 0.3, 0.95, "exact")
    for low, high, level in ((0.3, 0.1, 0.95), (float("nan"), 1, 0.95), (0, 1, 1.0)):
        with pytest.raises(ValueError, match=r"interval|level"):
            Interval(low, high, level, "exact")
    assert interval.hull(Interval(0.2, 0.5, 0.95, "other")) == Interval(0.1, 0.5, 0.95, "exact")
    with pytest.raises(ValueError, match="do not combine"):
        interval.hull(Interval(0.2, 0.5, 0.9, "other"))
    assert 0.2 in interval
    assert 0.31 not in interval
    assert interval.width == pytest.approx(0.2)
    with pytest.raises(ValueError, match="narrower"):
        Rate(2, 10, interval, Clustered(Interval(0.15, 0.5, 0.95, "clustered"), 2.0, 5, 2))
    with pytest.raises(ValueError, match="events of a rate"):
        Rate(-1, 10, interval)
    wide = Rate(2, 10, interval, Clustered(Interval(0.05, 0.5, 0.95, "clustered"), 2.0, 5, 2))
    assert wide.widest.high == 0.5
    assert wide.one_in == (5, 20, 2)
