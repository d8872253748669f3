"""The tables in pages that people write: each stands between two marks, and ``make generate`` writes it again.

>>> filled("<!-- generated: exit-codes -->\\nold\\n<!-- end -->\\n").splitlines()[1:3]
['| code | meaning |', '| ---: | --- |']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tools.door_misses import figures
from tools.source import ROOT

from countersign.cli.main import cli
from countersign.cli.terminal.manual import commands_of
from countersign.cli.terminal.said import WITHOUT
from countersign.door import FORMS, WORD, Text
from countersign.errors import EXIT_CODES
from countersign.published.table.measures import MEASURES, QUANTITIES
from countersign.published.table.record import COLUMNS

_MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: str, lines: Iterable[tuple[object, ...]], rule: str = "") -> str:
    """A table in Markdown, from its heads (with bars between) and the cells of each line."""
    rows = [f"| {' | '.join(map(str, cells))} |" for cells in lines]
    return "\n".join([f"| {head} |", rule or f"|{' --- |' * (head.count('|') + 1)}", *rows]) + "\n"


#: The name in a mark: what makes the table.
TABLES: dict[str, Callable[[], str]] = {
    "columns": lambda: table(
        "column | kind | meaning", ((f"`{column.name}`", column.kind, column.meaning) for column in COLUMNS)
    ),
    "fields": lambda: table("file | field | what it is | characters | alphabet | may hold | who sees it", _fields()),
    "misses": lambda: table("texts | how many | wrong", figures()),
    "exit-codes": lambda: table("code | meaning", EXIT_CODES.items(), rule="| ---: | --- |"),
    "quantities": lambda: table("quantity | sum of", ((f"`{name}`", label) for name, label in QUANTITIES.items())),
    "formats": lambda: _pages("formats"),
    "errors": lambda: _pages("errors"),
    "decisions": lambda: _pages("decisions"),
    "json-commands": lambda: table("command | what `--json` writes", _json_commands()),
    "measures": lambda: table("quantity | rate", ((f"`{name}`", entry.label) for name, entry in MEASURES.items())),
}


def _pages(folder: str) -> str:
    """The pages of a folder of docs, by their titles."""
    lines = []
    for path in sorted((ROOT / "docs" / folder).glob("*.md")):
        if path.name != "README.md":
            title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            lines.append(f"- [{title.strip()}]({path.name})\n")
    return "".join(lines)


def _fields() -> Iterable[tuple[object, ...]]:
    for form in FORMS.values():
        for path, text in (*form.texts.items(), *([] if "*" in form.texts else [("any other", WORD)])):
            alphabet = "any" if text.any_alphabet else "Latin, Greek, Cyrillic"
            yield form.title, f"`{path}`", text.meaning, f"{text.longest:,}", alphabet, _may_hold(text), form.seen_by


def _json_commands() -> Iterable[tuple[object, ...]]:
    for path, command in commands_of(cli, ()):
        name = " ".join(path)
        taken = [option for option in command.params if "--json" in option.opts]
        if name in WITHOUT:
            yield f"`{name}`", f"none: {WITHOUT[name]}"
        elif taken:
            yield f"`{name}`", "`said/1`" if taken[0].name == "said_as_json" else "values of its own (`values/1`)"


def _may_hold(text: Text) -> str:
    may = {
        "names, ways to reach an office": text.of_contact,
        "house numbers, postcodes, coordinates": text.of_place,
        "digests, keys": text.typed,
    }
    return ", ".join(words for words, holds in may.items() if holds) or "nothing of a person"


def filled(page: str) -> str:
    """A page with each table between marks made anew. Raises ``KeyError`` for a mark that names none."""
    return _MARKED.sub(lambda mark: f"{mark[1]}{TABLES[mark[2]]()}{mark[3]}", page)
