"""What nothing reaches: ``python -m tools.reachable [CHECKOUT]`` lists it, and ``make check`` fails while there is any.

It starts from the commands, from the names of ``countersign`` itself, from the processes the program starts, and from
the Python that the README shows, and follows names: a definition reaches what its body names, a module that is imported
reaches what it does when it is imported. Methods are followed by their names alone, as are names in texts (``getattr``,
templates), so that what it lists is reached by nothing, and what it does not list may still be. Tests, tools, benches
and doctests reach nothing: what only they need belongs with them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.source import ROOT, House, Module, read

#: Module, a name of one, or a method: why it stays, with what it needs, though nothing reaches it yet.
KEPT: dict[str, str] = {
    "countersign.desk.gate.Rules.process_view": "Django calls it before a view, with the route's rule",
    "countersign.desk.migrations": "Django applies an application's migrations",
    "countersign.desk.migrations.0001_initial": "Django applies an application's migrations",
    **{
        f"countersign.desk.routes.{name}": "Django answers requests by it"
        for name in ("urlpatterns", "handler400", "handler403", "handler404", "handler500")
    },
    "countersign.inference.difference": "the order on figures compares rates by their difference",
    "countersign.inference.binomial.lower_bound": "the public API gives both one-sided bounds",
    "countersign.inference.groups.equality.e_benjamini_hochberg": "several groups are watched at once (GroupLabels)",
    "countersign.inference.groups.exposure.rate_over_shares": "a group's own rate, where the faces of all are known",
    "countersign.inference.monitors.ceiling.Ceiling.observe_many": "the public API takes many observations at once",
    "countersign.inference.monitors.detection.Change.observe_many": "the public API takes many observations at once",
    "countersign.inference.monitors.evidence.log_e_share": "the yardstick of known shares",
    "countersign.inference.monitors.labels.GroupLabels": "the order on figures watches several groups at once",
    "countersign.inference.monitors.labels.GroupLabels.observe_many": "the public API takes many observations at once",
    "countersign.inference.monitors.labels.KnownShares.observe_many": "the public API takes many observations at once",
    "countersign.inference.monitors.labels.Labels.observe_many": "the public API takes many observations at once",
    "countersign.inference.monitors.twosample": "the order on figures watches two groups side by side",
    "countersign.inference.monitors.twosample.TwoSample.observe_many": "the public API takes many observations at once",
    "countersign.inference.poisson.lower_bound": "the public API gives both one-sided bounds",
    "countersign.inference.ratio": "the public API gives each interval of a ratio by its name",
    "countersign.inference.twoway.TwoWay.of_cells": "how one is built from Python",
    "countersign.inference.twoway.TwoWay.of_matrix": "how one is built from Python",
    "countersign.published.forms.pdf.bounds._Zlib.decompress": "the PDF library calls it in the place of zlib's own",
    "countersign.published.forms.pdf.bounds._Zlib.decompressobj": "the PDF library calls it in the place of zlib's own",
    "countersign.render.shown.Shown._repr_html_": "a notebook calls it",
    "countersign.render.shown.Svg._repr_svg_": "a notebook calls it",
    "countersign.record.tlog.tiles.MemorySource": "the examples of two modules, which CI runs, read from one",
}
#: What these wrap is reached only when it is named; any other decorator registers what it wraps.
PLAIN_DECORATORS = {
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass", "lru_cache", "overload",
    "property", "runtime_checkable", "staticmethod", "total_ordering", "wraps",
}  # fmt: skip
#: Bases of other libraries that call none of a class's methods by name; any other base may call each.
QUIET_BASES = {
    "ABC", "BaseException", "Enum", "Exception", "Generic", "IntEnum", "NamedTuple", "Protocol", "StrEnum", "Struct",
    "TypedDict", "object",
}  # fmt: skip
WORD = re.compile(r"[A-Za-z_]\w*")
DEFINITION_NAME = re.compile(r"countersign(\.\w+)+")
MODULE_NAME = re.compile(r"countersign(\.[a-z_0-9]+)+")
#: How tables of commands name one: a module, from the folder of the table on, and a name in it.
PLACE = re.compile(r"([a-z_0-9]+(?:\.[a-z_0-9]+)*):([a-z_0-9]+)")


@dataclass
class Definition:
    """A class, a function or a constant of a module: what its text names, and for a class its methods apart."""

    place: str
    line: int
    names: set[tuple[str, str]] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    methods: dict[str, Definition] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)


@dataclass
class Contents:
    """A module's definitions by name, and what happens when it is imported."""

    definitions: dict[str, Definition]
    on_import: Definition


class Names(ast.NodeVisitor):
    """Gathers what a piece of code names: definitions by module and name, and bare words."""

    def __init__(self, house: House, module: Module, own: set[str]) -> None:
        self.house, self.module, self.own = house, module, own
        self.names: set[tuple[str, str]] = set()
        self.words: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self._named(node.id, "")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.words.add(node.attr)
        chain = [node.attr]
        value = node.value
        while isinstance(value, ast.Attribute):
            chain.insert(0, value.attr)
            value = value.value
        if isinstance(value, ast.Name):
            self._named(value.id, ".".join(chain))
        self.visit(node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.visit(node.value)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        self.words.update(node.kwd_attrs)
        self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        source = self.module.absolute(node)
        for alias in node.names:
            if target := self.house.target(source, alias.name):
                self.names.add((target, ""))

    def visit_Import(self, node: ast.Import) -> None:
        self.names.update((alias.name, "") for alias in node.names if alias.name in self.house.modules)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            place = PLACE.fullmatch(node.value)
            if MODULE_NAME.fullmatch(node.value) and node.value in self.house.modules:
                self.names |= {(node.value, ""), (node.value, "?")}
            elif DEFINITION_NAME.fullmatch(node.value) and (named := set(self._resolved(node.value))):
                # As Django's settings name a class or a function.
                self.names |= named
            elif place and (target := f"{self.module.folder}.{place[1]}") in self.house.modules:
                self.names.add((target, place[2]))
            elif len(node.value) < 200:
                self.words.update(WORD.findall(node.value))

    def _named(self, name: str, rest: str) -> None:
        if name in self.own:
            self.names.add((self.module.name, name))
        if name in self.module.bound:
            source, attribute = self.module.bound[name]
            full = ".".join(part for part in (source, attribute, rest) if part)
            self.names.update(self._resolved(full))

    def _resolved(self, full: str) -> Iterator[tuple[str, str]]:
        """The longest module that a dotted name begins with, and the name in it."""
        parts = full.split(".")
        for size in range(len(parts), 0, -1):
            if (module := ".".join(parts[:size])) in self.house.modules:
                yield module, parts[size] if size < len(parts) else "?"
                return


def contents(house: House, module: Module) -> Contents:
    """A module's definitions; what is neither a definition nor a constant happens on import."""
    own = {name for node in module.tree.body for name in defined(node)}
    on_import = Definition(module.name, 1)
    definitions: dict[str, Definition] = {}

    def fill(definition: Definition, nodes: list[ast.AST]) -> None:
        names = Names(house, module, own)
        for node in nodes:
            names.visit(node)
        definition.names |= names.names
        definition.words |= names.words

    for node in module.tree.body:
        names = defined(node)
        if names == ["__all__"]:
            continue  # a list of what is public uses nothing
        if not names:
            fill(on_import, [node])
        elif registered(node):
            on_import.names |= {(module.name, name) for name in names}
        for name in names:
            definition = definitions.setdefault(name, Definition(f"{module.name}.{name}", node.lineno))
            if isinstance(node, ast.ClassDef):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
                fill(definition, [*node.bases, *node.keywords, *node.decorator_list])
                fill(definition, [part for part in node.body if part not in methods])
                definition.bases = {base_name(base) for base in node.bases}
                for method in methods:
                    one = Definition(f"{module.name}.{name}.{method.name}", method.lineno)
                    fill(one, [method])
                    if registered(method):
                        definition.names |= one.names
                        definition.words |= one.words | {method.name}
                    definition.methods[method.name] = one
            else:
                fill(definition, [node])
    return Contents(definitions, on_import)


def defined(node: ast.stmt) -> list[str]:
    """The names a statement of a module defines; an import defines none."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def base_name(node: ast.expr) -> str:
    """The last name of a base or a decorator: ``dataclass`` of ``dataclasses.dataclass(frozen=True)``."""
    if isinstance(node, ast.Call | ast.Subscript):
        return base_name(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def registered(node: ast.stmt) -> bool:
    """Whether a decorator may hand a definition to something that calls it."""
    decorators = getattr(node, "decorator_list", [])
    return any(base_name(one) not in PLAIN_DECORATORS | {"setter"} for one in decorators)


class Search:
    """Follows names from the roots until nothing new is reached."""

    def __init__(self, house: House, root: Path) -> None:
        self.house = house
        self.contents = {name: contents(house, module) for name, module in house.modules.items()}
        self.reached: set[tuple[str, str]] = set()
        self.words: set[str] = set()
        self.handed_about: set[str] = set()
        self.waiting: list[tuple[str, str]] = [("countersign.__main__", ""), ("countersign.cli.main", "main")]
        self.waiting += [("countersign", name) for name in (*house.modules["countersign"].bound, "__getattr__")]
        self.waiting += self._public(root)
        self.waiting += [*self._written(root), *self._kept()]
        self._templates(root)
        while self.waiting or self._methods():
            while self.waiting:
                self._reach(*self.waiting.pop())

    def unreached(self) -> list[str]:
        """Whole modules, then definitions, then methods, each ``place: file:line``."""
        found = []
        for name, parts in self.contents.items():
            module = self.house.modules[name]
            path = module.path.relative_to(module.path.parents[len(name.split(".")) - module.is_package])
            own = [self.reached & {(name, key)} for key in ("", *parts.definitions)]
            if not any(own):
                found.append(f"{name}: the whole module ({module.lines} lines)")
                continue
            for key, definition in parts.definitions.items():
                if key.startswith("__"):
                    continue
                if (name, key) not in self.reached:
                    found.append(f"{definition.place}: {path}:{definition.line}")
                    continue
                for method, one in definition.methods.items():
                    if (name, f"{key}.{method}") not in self.reached:
                        found.append(f"{one.place}: {path}:{one.line}")
        return [*found, *(f"{place}: is kept, and is not there" for place in KEPT if not self._named(place))]

    def _named(self, place: str) -> list[tuple[str, str]]:
        """What a dotted name stands for: all of a module, one name of it, or a method; nothing if it is not there."""
        if place in self.contents:
            return [(place, name) for name in ("", *self.contents[place].definitions)]
        module, _, name = place.rpartition(".")
        if module in self.contents:
            return [(module, name)] if name in self.contents[module].definitions else []
        module, _, whole = module.rpartition(".")
        definition = self.contents[module].definitions.get(whole) if module in self.contents else None
        return [(module, f"{whole}.{name}")] if definition and name in definition.methods else []

    def _kept(self) -> Iterator[tuple[str, str]]:
        for place in KEPT:
            yield from self._named(place)

    def _public(self, root: Path) -> Iterator[tuple[str, str]]:
        """The names of ``countersign`` itself, which are imported when they are first used."""
        path = root / "src" / "countersign" / "__init__.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.module, alias.name) for alias in node.names)

    def _written(self, root: Path) -> Iterator[tuple[str, str]]:
        """What the Python of the README and the docs imports and names."""
        for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
            text = page.read_text(encoding="utf-8") if page.is_file() else ""
            for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
                for node in ast.walk(ast.parse(block)):
                    if isinstance(node, ast.ImportFrom) and node.module:
                        yield from ((node.module, alias.name) for alias in node.names)
                    elif isinstance(node, ast.Attribute):
                        self.words.add(node.attr)

    def _templates(self, root: Path) -> None:
        for path in (root / "src").rglob("templates/**/*"):
            if path.is_file():
                self.words.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))

    def _reach(self, module: str, name: str) -> None:
        if (module, name) in self.reached or module not in self.contents:
            return
        self.reached.add((module, name))
        parts = self.contents[module]
        if name == "?":
            self.handed_about.add(module)
        elif name in parts.definitions:
            self._follow(parts.definitions[name])
        elif "." in name:
            whole, _, method = name.partition(".")
            self._follow(parts.definitions[whole].methods[method])
        elif name and name in self.house.modules[module].bound:
            source, attribute = self.house.modules[module].bound[name]
            if target := self.house.target(source, attribute):
                self.waiting.append((target, "" if target.endswith(f".{attribute}") else attribute))
        if name:
            self.waiting.append((module, ""))
            return
        self._follow(parts.on_import)
        package = module.rpartition(".")[0]
        self.waiting += [(package, "")] if package else []

    def _follow(self, definition: Definition) -> None:
        self.waiting += definition.names
        self.words |= definition.words

    def _called_by_base(self, whole: Definition, module: str) -> bool:
        """Whether a class stands, itself or by a base of the house, on another library's class that calls methods."""
        for base in whole.bases - QUIET_BASES:
            source, name = self.house.modules[module].bound.get(base, (module, base))
            ours = self.contents.get(source)
            if ours is None or name not in ours.definitions or self._called_by_base(ours.definitions[name], source):
                return True
        return False

    def _methods(self) -> bool:
        """Reach what is called by names now known: methods, and parts of modules handed about; whether any is new."""
        parts_of_modules = {
            (name, key) for name in self.handed_about for key in self.contents[name].definitions.keys() & self.words
        } - self.reached
        self.waiting += parts_of_modules
        new = [
            (name, key, method, definition)
            for name, parts in self.contents.items()
            for key, whole in parts.definitions.items()
            if (name, key) in self.reached
            for method, definition in whole.methods.items()
            if (name, f"{key}.{method}") not in self.reached
            and (method.startswith("__") or method in self.words or self._called_by_base(whole, name))
        ]
        for name, key, method, definition in new:
            self.reached.add((name, f"{key}.{method}"))
            self._follow(definition)
        return bool(new or parts_of_modules)


def main() -> int:
    """List what nothing reaches; 1 if there is any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    found = Search(read(root), root).unreached()
    print("\n".join(found) if found else "Everything in src is reached.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
