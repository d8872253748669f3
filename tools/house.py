"""Measures of the house, by which a rebuilding is judged: ``python -m tools.house [CHECKOUT]`` prints them.

Files, lines, modules with one importer, long functions, ``fmt: skip``, folders that import each other, circles. What is
listed as a fault makes the exit code 1; ``make check`` runs it. An exception stands here with its reason.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.source import ROOT, House, Module, read

#: A module of fewer lines that only one other imports is part of that other, unless it stands in ``APART``.
SMALL = 60
LONG_FUNCTION = 60
FULL_FOLDER = 18
#: A module of fewer than ``SMALL`` lines with one importer that stays apart: the reason.
APART: dict[str, str] = {}
#: A folder of more than ``FULL_FOLDER`` files that has one subject all the same: the reason.
FULL: dict[str, str] = {}


def small_with_one_importer(house: House) -> list[str]:
    """Small modules that only one other imports; a folder's ``__init__`` is none."""
    return [
        name
        for name, module in house.modules.items()
        if not module.is_package and module.lines < SMALL and len(house.importers[name]) == 1
    ]


def long_functions(module: Module) -> Iterator[tuple[str, int]]:
    """The functions of a module longer than ``LONG_FUNCTION`` lines, with their length."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONG_FUNCTION:
                yield f"{module.name}.{node.name}", length


def two_way_pairs(house: House) -> list[tuple[str, str]]:
    """Pairs of folders, neither within the other, of which each imports from the other."""
    edges = {
        (house.modules[name].folder, house.modules[target].folder)
        for name, imported in house.imports.items()
        for target in imported
    }
    return sorted(
        (first, second)
        for first, second in edges
        if first < second and (second, first) in edges and not f"{second}.".startswith(f"{first}.")
    )


def circles(house: House) -> list[list[str]]:
    """Modules that reach each other by imports (Tarjan's strongly connected components of more than one module)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in sorted(house.imports[name]):
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            circle: list[str] = []
            while not circle or circle[-1] != name:
                circle.append(stack.pop())
            if len(circle) > 1:
                found.append(sorted(circle))

    for name in house.modules:
        if name not in order:
            visit(name)
    return sorted(found)


def files_of_folders(house: House) -> dict[str, int]:
    """How many modules lie in each folder itself, its ``__init__`` not counted."""
    counts: dict[str, int] = {}
    for module in house.modules.values():
        if not module.is_package:
            counts[module.folder] = counts.get(module.folder, 0) + 1
    return counts


def faults(house: House) -> list[str]:
    """What breaks a rule of the house and has no reason written here, a line each."""
    small = [name for name in small_with_one_importer(house) if name not in APART]
    full = [name for name, count in files_of_folders(house).items() if count > FULL_FOLDER and name not in FULL]
    stale = [*(APART.keys() - set(small_with_one_importer(house))), *(FULL.keys() - files_of_folders(house).keys())]
    return [
        *(f"{name}: under {SMALL} lines, imported by {next(iter(house.importers[name]))} alone" for name in small),
        *(f"{name}: more than {FULL_FOLDER} files" for name in full),
        *(f"{name}: an exception that is none any more" for name in stale),
        *(
            f"{name}: {length} lines in one function"
            for module in house.modules.values()
            for name, length in long_functions(module)
        ),
        *(f"{first} and {second} import each other" for first, second in two_way_pairs(house)),
        *(f"a circle of imports: {', '.join(circle)}" for circle in circles(house)),
    ]


def measures(house: House) -> dict[str, int]:
    """The figures, by what they count."""
    lines = sum(module.lines for module in house.modules.values())
    one_importer = [name for name, importers in house.importers.items() if len(importers) == 1]
    return {
        "files": len(house.modules),
        "lines": lines,
        "mean lines of a file": round(lines / len(house.modules)),
        "modules with one importer": len(one_importer),
        f"of them under {SMALL} lines": len(small_with_one_importer(house)),
        f"folders of more than {FULL_FOLDER} files": sum(
            count > FULL_FOLDER for count in files_of_folders(house).values()
        ),
        f"functions over {LONG_FUNCTION} lines": sum(len(list(long_functions(one))) for one in house.modules.values()),
        "fmt: skip": sum(module.text.count("# fmt: skip") for module in house.modules.values()),
        "pairs of folders that import each other": len(two_way_pairs(house)),
        "circles of imports": len(circles(house)),
    }


def main() -> int:
    """Print the figures, then the faults; 1 if there is one."""
    house = read(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    for what, count in measures(house).items():
        print(f"{count:>7,}  {what}")
    found = faults(house)
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
