"""Single changes to the code, chosen by chance, and whether any test notices: ``python -m tools.mutate --seed 1``.

A change is a boundary of a comparison, a constant by one in its last digit, ``and`` for ``or``, a ``not`` left out, a
refusal not raised, ``min`` for ``max``, ``None`` returned. The tests that mirror the module or name it come first; for
what survived, the rest of its package's and of the packages that import it. A change is found when a test fails before
its processor seconds are over, and that test is printed; what no test found is to be argued or tested.
Acceptance tests and, unless ``--slow`` is given, slow ones are left out.

Every test is collected once, and each change tried in a child of that process: within a function the code of the live
function is exchanged; any other change is made in a copy of the checkout, where a new process begins.
"""

from __future__ import annotations

import argparse
import ast
import gc
import inspect
import itertools
import os
import random
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FunctionType
from typing import NoReturn

import pytest
from _pytest import main as main_module
from tools.source import ROOT, House, Module, read

BOUNDARIES: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
OPTIONS = ["-q", "-s", "-p", "no:cacheprovider"]
#: Where other work shares the machine, seconds on the clock for one of processor time before a change is given up.
SLOWNESS = 12
KILLED = (-signal.SIGXCPU, -signal.SIGKILL)
#: What the exit codes of pytest mean for a change: 2 is a module that can no longer be imported, 5 no test at all.
ENDS = {0: "survived", 5: "survived", 1: "found", 2: "found"}
#: How a child ends that could not try its change: never taken for a find.
FAULT = 70


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

    def in_place(self) -> bool:
        """Make it in the functions that are loaded; whether that could be done."""
        path, swaps = str(self.module.path), dict[tuple[str, int], CodeType]()
        pairs = [(compile(self.module.text, path, "exec"), compile(self.applied(), path, "exec"))]
        for old, new in pairs:
            parts = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (old, new)]
            if old.co_flags & inspect.CO_OPTIMIZED:
                if old != new:
                    swaps[old.co_qualname, old.co_firstlineno] = new
            elif len(parts[0]) != len(parts[1]) or _own(old) != _own(new):
                return False
            else:
                pairs += zip(*parts, strict=True)
        done = False
        for value in gc.get_objects() if swaps else ():
            if type(value) is FunctionType and value.__code__.co_filename == path:
                code = swaps.get((value.__code__.co_qualname, value.__code__.co_firstlineno))
                if code is not None and code.co_freevars == value.__code__.co_freevars:
                    value.__code__, done = code, True
        return done or not swaps

    def nothing(self) -> Change:
        """The same place unchanged: the control."""
        return replace(self, kind="control", new=self.module.text.encode()[self.start : self.end].decode())

    def __str__(self) -> str:
        old = " ".join(self.module.text.encode()[self.start : self.end].decode().split())
        return f"{self.module.path.relative_to(ROOT)}:{self.line} {self.kind}: {old[:90]} -> {self.new[:90]}"


def _own(code: CodeType) -> tuple[bytes, list[object], tuple[str, ...]]:
    """What a module or a class does itself when it is loaded, but for its functions."""
    return code.co_code, [repr(part) for part in code.co_consts if not isinstance(part, CodeType)], code.co_names


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
    # Of the package's own tests those first whose name or folder says a part of the module's.
    words = {part.removesuffix("s") for part in parts[1:]}
    near_by = {path: any(word in path.stem or word in path.parts for word in words) for path in rest}
    rest.sort(key=lambda path: (not near_by[path], path.relative_to(ROOT / "tests").parts[0] != parts[0]))
    return [*mirrored, *near, module.path], rest


class Trial:
    """Tries changes within a session of pytest that has collected every test and runs none itself: each change is made
    in a child, so a test costs what it costs and nothing is imported twice. What a change within a function alters is
    its code; any other is made in a copy of the checkout, where the tests begin anew.
    """

    def __init__(self, drawn: list[Change], house: House, copy: Path, seconds: float, marks: str) -> None:
        self.drawn, self.house, self.copy, self.seconds, self.marks = drawn, house, copy, seconds, marks
        self.log = copy / "last.txt"
        self.items: dict[Path, list[pytest.Item]] = {}
        self.survivors: list[tuple[int, Change]] = list(enumerate(drawn, 1))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Every change against the tests that mirror its module, then what survived against the package's."""
        self.items = {path: list(made) for path, made in itertools.groupby(session.items, key=lambda item: item.path)}
        control = self.drawn[0].nothing()
        if (state := self._judge(session, control, 0)) != "survived":
            print(f"The control, {control}, was {state}: {self.log.read_text('utf-8', 'replace')}", flush=True)
            return True
        for stage, called in enumerate(("mirrored", "package")):
            survivors = []
            for number, change in self.survivors:
                began = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
                state = self._judge(session, change, stage)
                used = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - began
                by = re.search(r"(?:FAILED|ERROR) (\S+)", self.log.read_text("utf-8", "replace"))
                by_test = f" [{by[1].rpartition('tests/')[2]}]" if by and state == "found" else ""
                print(f"{number:3} {called} {state:9} {used:2.0f} s {change}{by_test}", flush=True)
                if state != "found":
                    survivors.append((number, change))
            self.survivors = survivors
            print(f"{len(self.drawn) - len(survivors)} of {len(self.drawn)} found", flush=True)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first test that fails, for the line of the change."""
        if report.failed:
            print(f"FAILED {report.nodeid}", flush=True)

    def _judge(self, session: pytest.Session, change: Change, stage: int) -> str:
        files = tests_of(change.module, self.house.importers[change.module.name])[stage]
        target = self.copy / change.module.path.relative_to(ROOT)
        target.write_bytes(change.applied())
        child = os.fork()
        if not child:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(self.seconds), int(self.seconds) + 1))
            shown = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(shown, 1)
            os.dup2(shown, 2)
            self._child(session, change, files)
        ends, state = time.monotonic() + SLOWNESS * self.seconds, ""
        while not state and time.monotonic() < ends:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                state = "time over" if code in KILLED else ENDS.get(code, "fault")
            time.sleep(0.05)
        if not state:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        target.write_text(change.module.text, encoding="utf-8")
        return state or "time over"

    def _child(self, session: pytest.Session, change: Change, files: list[Path]) -> NoReturn:
        try:
            if not files:
                os._exit(0)
            if not change.in_place():
                os.chdir(self.copy)
                os.environ["PYTHONPATH"] = str(self.copy / "src")
                named = [str(self.copy / path.relative_to(ROOT)) for path in files]
                os.execv(sys.executable, [sys.executable, "-m", "pytest", *OPTIONS, "-x", "-m", self.marks, *named])
            session.items = [item for path in files for item in self.items.get(path, ())]
            session.config.option.maxfail = 1
            main_module.pytest_runtestloop(session)
        except session.Failed:
            os._exit(1)
        except BaseException:  # noqa: BLE001 - in a child nothing may run on; the parent says that no test ran to its end
            traceback.print_exc()
            os._exit(FAULT)
        os._exit(int(session.testsfailed > 0))


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
    os.environ["PYTHONPYCACHEPREFIX"] = str(given.copy / "bytecode")
    marks = "not acceptance" if given.slow else "not slow and not acceptance"
    trial = Trial(drawn, house, given.copy, given.seconds, marks)
    pytest.main([*OPTIONS, "-m", marks, str(ROOT / "tests"), str(ROOT / "src/countersign")], [trial])
    return bool(trial.survivors)


if __name__ == "__main__":
    raise SystemExit(main())
