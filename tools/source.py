"""The house as its tools see it: every module of ``src/countersign`` parsed, with what it imports from the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its file, its text and its tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module = field(repr=False)

    @property
    def is_package(self) -> bool:
        """Whether it is a folder's ``__init__``."""
        return self.path.name == "__init__.py"

    @property
    def folder(self) -> str:
        """The dotted name of the folder it lies in."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def lines(self) -> int:
        """How many lines its file has."""
        return len(self.text.splitlines())

    @cached_property
    def bound(self) -> dict[str, tuple[str, str]]:
        """What each imported name stands for: a module, and a name in it or nothing. Imports within functions too."""
        bound: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0],
                        "",
                    )
            elif isinstance(node, ast.ImportFrom):
                source = self.absolute(node)
                for alias in node.names:
                    bound[alias.asname or alias.name] = (source, alias.name)
        return bound

    def absolute(self, node: ast.ImportFrom) -> str:
        """The dotted name of the module that an import reads, its leading dots resolved."""
        if not node.level:
            return node.module or ""
        parts = self.folder.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])


@dataclass(frozen=True)
class House:
    """All modules, by name."""

    modules: dict[str, Module]

    def target(self, source: str, name: str) -> str | None:
        """The module that ``from source import name`` reads: a submodule, else the source; none if not of the house."""
        for candidate in (f"{source}.{name}", source):
            if candidate in self.modules:
                return candidate
        return None

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Module: the modules of the house that it imports."""
        return {name: set(self._imported(module)) - {name} for name, module in self.modules.items()}

    def _imported(self, module: Module) -> Iterator[str]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.modules)
            elif isinstance(node, ast.ImportFrom):
                source = module.absolute(node)
                yield from (found for alias in node.names if (found := self.target(source, alias.name)))

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """Module: the modules that import it."""
        importers: dict[str, set[str]] = {name: set() for name in self.modules}
        for name, imported in self.imports.items():
            for target in imported:
                importers[target].add(name)
        return importers


def read(root: Path = ROOT) -> House:
    """Parse every module under ``src/countersign`` of a checkout."""
    source = root / "src"
    modules = {}
    for path in sorted((source / "countersign").rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        modules[name] = Module(name, path, text, ast.parse(text))
    return House(modules)
