"""``countersign.words`` is the only place where a number, a date or a plural becomes English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "countersign"
MODULES = sorted(
    path.relative_to(SOURCE).as_posix()
    for path in SOURCE.rglob("*.py")
    if path.relative_to(SOURCE).parts[0] not in ("words", "data")
)
#: The papers of the street are in two languages; reading a printed month takes its names in every form.
MONTHS_ELSEWHERE = {"site/street/pdf.py", "published/table/values.py"}
#: Forms of time for programs, not for people.
FOR_PROGRAMS = re.compile(r"%Y-%m(-%dT%H(:%M:%SZ|Z)?)?\Z|%Y-%m-%d %H:%M:%S\Z")
MONTH = re.compile(r"\b(January|February|April|June|July|August|September|October|November|December)\b")
#: A count with a plural made on the spot: f"{n:,} row{'' if n == 1 else 's'}".
PLURAL = re.compile(r"\A(|s|es|ies|y|is|are|has|have|was|were)\Z")


def strings(tree: ast.AST) -> Iterator[tuple[ast.JoinedStr, int]]:
    """Every formatted string, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node, node.lineno


def helpers(tree: ast.Module) -> Iterator[str]:
    """What a module does that belongs into ``words``, each with its line."""
    for text, line in strings(tree):
        parts = text.values
        for before, after in zip([None, *parts], parts, strict=False):
            front = str(before.value) if isinstance(before, ast.Constant) else ""
            if isinstance(after, ast.FormattedValue) and front.endswith("1 in "):
                yield f"line {line}: a rate as 1 in N"
            if isinstance(after, ast.Constant) and str(after.value).startswith((" per cent", " %")):
                yield f"line {line}: a percentage"
        for part in parts:
            form = ast.unparse(part.format_spec) if isinstance(part, ast.FormattedValue) and part.format_spec else ""
            if re.search(r"%[BbAaypI]|[0-9]%", form):
                yield f"line {line}: {form}"
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Compare) and "== 1" in ast.unparse(node.test):
            ends = [end.value for end in (node.body, node.orelse) if isinstance(end, ast.Constant)]
            if len(ends) == 2 and all(isinstance(end, str) for end in ends):
                one, many = (str(end) for end in ends)
                if PLURAL.match(one) or many in (f"{one}s", f"{one}es", f"{one[:-1]}ies"):
                    yield f"line {node.lineno}: {one or many!r} and its plural"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "strftime":
            forms = [item.value for item in node.args if isinstance(item, ast.Constant)]
            if not all(FOR_PROGRAMS.match(str(form)) for form in forms):
                yield f"line {node.lineno}: strftime"


@pytest.mark.parametrize("module", MODULES)
def test_no_other_module_makes_english_of_numbers(module: str) -> None:
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    assert list(helpers(tree)) == []


@pytest.mark.parametrize("wrong", [
    'f"1 in {n:,}"', 'f"{n} per cent"', 'f"{n:.1%}"', 'f"{at:%d %B %Y}"', "f\"row{'' if n == 1 else 's'}\"",
    'noun = "hour" if n == 1 else "hours"', 'at.strftime("%d.%m.%Y")',
])  # fmt: skip
def test_the_rule_sees_what_it_forbids(wrong: str) -> None:
    assert list(helpers(ast.parse(wrong)))


@pytest.mark.parametrize("module", MODULES)
def test_month_names_stand_in_words_alone(module: str) -> None:
    if module in MONTHS_ELSEWHERE:
        return
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    tables = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Set)
        and len(MONTH.findall(ast.unparse(node))) > 3
        and len(ast.unparse(node)) < 2000
    ]
    assert tables == []


#: Quotations keep the words of their source.
QUOTED = {"src/countersign/data/met/claims.toml", "src/countersign/data/met/groups.csv"}
SHIPPED = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "docs", "examples")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".md", ".html", ".typ", ".txt", ".toml", ".csv", ".css", ".json")
)


def test_percentages_have_their_sign() -> None:
    wrong = [
        f"{name}:{number}"
        for name in [*SHIPPED, "README.md"]
        if name not in QUOTED
        for text in [(ROOT / name).read_text(encoding="utf-8", errors="replace")]
        for match in re.finditer(r"\bper[\s\"]+cent\b|[0-9}] %(?=[,.;:)]|$)", text, re.M)
        for number in [text.count("\n", 0, match.start()) + 1]
    ]
    assert wrong == []
