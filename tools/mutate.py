"""Single changes to the code, chosen by chance, and whether any test notices: ``python -m tools.mutate --seed 1``.

Each change is made in a copy of the checkout: a boundary of a comparison, a constant by one in its last digit, ``and``
for ``or``, a ``not`` left out, a refusal not raised, ``min`` for ``max``, ``None`` returned. The tests that mirror the
module come first, then those that import it, then the rest of its package's and of the packages that import it, until
one fails or the seconds for a change are over. What no test noticed is printed with its place, to be argued or tested.
Acceptance tests and, unless ``--slow`` is given, slow ones are left out.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.source import ROOT, Module, read

BOUNDARIES: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
#: Imported once, before the tests are forked: none is the project's own, so none holds a change.
HEAVY = (
    "numpy",
    "scipy.stats",
    "pyarrow",
    "pdfplumber",
    "lxml.etree",
    "msgspec",
    "cryptography",
    "click",
    "openpyxl",
    "pytest",
)

#: Where other work shares the machine, seconds on the clock for one of processor time before a change is given up.
SLOWNESS = 6


@dataclass(frozen=True)
class Change:
    """Bytes ``start`` to ``end`` of a module become ``new``."""

    module: Module
    kind: str
    line: int
    start: int
    end: int
    new: str

    def applied(self) -> bytes:
        """The module's file with the change."""
        data = self.module.text.encode()
        return data[: self.start] + self.new.encode() + data[self.end :]

    def parses(self) -> bool:
        """Whether it is Python still, and not the same as before."""
        try:
            return ast.dump(ast.parse(self.applied())) != ast.dump(self.module.tree)
        except SyntaxError:
            return False

    def __str__(self) -> str:
        old = " ".join(self.module.text.encode()[self.start : self.end].decode().split())
        return f"{self.module.path.relative_to(ROOT)}:{self.line} {self.kind}: {old[:90]} -> {self.new[:90]}"


class Changes:
    """Every single change of one module that the kinds know."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.data = module.text.encode()
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where ``node`` begins and ends in the bytes of the file."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def at(self, node: ast.expr | ast.stmt, kind: str, new: str) -> Change:
        """A change of the whole of ``node``."""
        return Change(self.module, kind, node.lineno, *self.place(node), new)

    def source(self, node: ast.expr) -> str:
        """How ``node`` is written, on any number of lines, in brackets."""
        start, end = self.place(node)
        return f"({self.data[start:end].decode()})"

    def all(self) -> Iterator[Change]:
        """In the order of the tree, without annotations and what stands within texts (its places are not known)."""
        skipped = {
            id(inner)
            for node in ast.walk(self.module.tree)
            for outer in (getattr(node, "annotation", None), getattr(node, "returns", None), node)
            if outer is not None and (outer is not node or isinstance(node, ast.JoinedStr))
            for inner in ast.walk(outer)
        }
        for node in ast.walk(self.module.tree):
            if id(node) not in skipped:
                yield from self.of(node)

    def of(self, node: ast.AST) -> Iterator[Change]:
        """The changes of one node itself."""
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                yield self.at(node, "boundary", f"({self.source(left)} {BOUNDARIES[type(op)]} {self.source(right)})")
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                written = self.source(node)[1:-1]
                digits = len(written.partition(".")[2]) if "e" not in written.lower() else None
                step = 1 if isinstance(value, int) else value / 10 if digits is None else 10.0**-digits
                less = (node.lineno + node.col_offset) % 2 and value >= step
                yield self.at(node, "constant", repr(value - step if less else value + step))
            case ast.BoolOp(op=op, values=values):
                other = " or " if isinstance(op, ast.And) else " and "
                yield self.at(node, "boolean", f"({other.join(self.source(value) for value in values)})")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self.at(node, "not left out", self.source(operand))
            case ast.Raise():
                yield self.at(node, "not raised", "pass")
            case ast.Call(func=ast.Name(id=name) as function) if name in SWAPPED:
                yield self.at(function, "swapped", SWAPPED[name])
            case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
                yield self.at(node, "returned", "return None")


def tests_of(module: Module, importers: set[str]) -> tuple[list[Path], list[Path]]:
    """The test files that mirror or name the module, and the rest of its package's and of its importers' packages."""
    parts = module.name.split(".")[1:]
    stem = parts[-1].strip("_")
    mirrored, near, rest = [], [], []
    packages = {parts[0], *(name.split(".")[1] for name in importers if "." in name)}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if path.stem == f"test_{stem}" or (stem in path.stem and len(stem) > 4):
            mirrored.append(path)
        elif f"{module.name} import" in text or f"{module.folder} import {stem}" in text:
            near.append(path)
        elif path.relative_to(ROOT / "tests").parts[0] in packages:
            rest.append(path)
    rest.sort(
        key=lambda path: (not set(parts) & set(path.parts), path.relative_to(ROOT / "tests").parts[0] != parts[0])
    )
    return [*mirrored, *near, module.path], rest


def noticed(copy: Path, files: list[Path], seconds: float, marks: str, log: Path) -> bool | None:
    """Whether a test of ``files`` fails in the copy, within ``seconds`` of processor time; ``None`` if it was over."""
    child = os.fork()
    if not child:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        os.chdir(copy)
        shown = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(shown, 1)
        os.dup2(shown, 2)
        os.environ["PYTHONPATH"] = str(copy / "src")
        sys.path[:0] = [str(copy / "src"), str(copy)]
        import pytest

        code = 3
        try:
            named = [str(copy / path.relative_to(ROOT)) for path in files]
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-m", marks, *named])
        finally:
            os._exit(int(code))
    ends = time.monotonic() + SLOWNESS * seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code not in (0, 5)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _used() -> float:
    """Processor seconds of the children that ended."""
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def judge(change: Change, copy: Path, files: list[Path], seconds: float, marks: str) -> str:
    """``found``, ``survived`` or ``time over``, with the processor seconds it took."""
    target = copy / change.module.path.relative_to(ROOT)
    began = _used()
    target.write_bytes(change.applied())
    try:
        result = noticed(copy, files, seconds, marks, copy / "last.txt") if files else False
    finally:
        shutil.copy2(change.module.path, target)
    state = "time over" if result is None else "found" if result else "survived"
    return f"{state} {_used() - began:.0f} s"


def main() -> int:
    """Print one line a change as it is judged, then how many of how many were found. Exit code 1 for a survivor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=30.0, help="of processor time, for one change")
    parser.add_argument("--copy", type=Path, required=True, help="a folder to make for the copy of the checkout")
    parser.add_argument("--only", default="", help="only modules whose dotted name starts so")
    parser.add_argument("--slow", action="store_true", help="run the slow tests too")
    given = parser.parse_args()
    house = read()
    changes = [
        change
        for name, module in house.modules.items()
        if name.startswith(given.only)
        for change in Changes(module).all()
    ]
    random.Random(given.seed).shuffle(changes)
    drawn = list(itertools.islice(filter(Change.parses, changes), given.count))
    shutil.copytree(ROOT, given.copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__"))
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(given.copy / "bytecode")
    for name in HEAVY:
        __import__(name)
    marks = "not acceptance" if given.slow else "not slow and not acceptance"
    left = list(enumerate(drawn, 1))
    for stage, called in enumerate(("mirrored", "package")):
        survivors = []
        for number, change in left:
            files = tests_of(change.module, house.importers[change.module.name])[stage]
            state = judge(change, given.copy, files, given.seconds, marks)
            if not state.startswith("found"):
                survivors.append((number, change))
            print(f"{number:3} {called} {state:14} {change}", flush=True)
        left = survivors
        print(f"{len(drawn) - len(left)} of {len(drawn)} found, of {len(changes)} changes there are", flush=True)
    return bool(left)


if __name__ == "__main__":
    raise SystemExit(main())
