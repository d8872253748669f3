"""Templates: what a force says again and again, for one kind of entry (a paper) or for a whole deployment.

A template of a whole deployment is a TOML file with ``form = "template/1"``, a ``title``, and a table for each kind of
entry, in the order of the acts: ``["plan.proposal"]``. Templates that come with the program are named ``shipped:NAME``.
They fill in what a source settles and leave every number, place and statement of fact open.

>>> overview(shipped()["first-deployment"])[6].settled
('overt', 'covert_authority')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from countersign.deployments.kinds import SCHEMAS
from countersign.errors import WrongForm
from countersign.register.papers.filling import Facts
from countersign.register.papers.form import Field, Form, fields_of, form_of
from countersign.register.papers.reading import PaperMalformed, read_paper
from countersign.words.lists import listing

PREFIX = "shipped:"
FORM = "template/1"


class TemplateUnknown(WrongForm, next_step="`countersign draft templates` lists those that come with the program."):
    """There is no shipped template of this name."""


class Part(NamedTuple):
    """A kind of entry in a template: what is settled there, and what stays to be asked of those who fill it in."""

    form: Form
    settled: tuple[str, ...]
    asked: tuple[str, ...]


def shipped() -> dict[str, Path]:
    """The templates that come with the program, by name."""
    folder = Path(str(resources.files("countersign"))) / "data" / "templates"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def template_named(source: str) -> Path | None:
    """The file that ``--from`` names: ``shipped:NAME``, or a file's path; ``None`` where it names something else.
    Raises ``TemplateUnknown``."""
    if not source.startswith(PREFIX):
        return path if (path := Path(source)).is_file() else None
    file = shipped().get(source.removeprefix(PREFIX))
    if file is None:
        named = listing([PREFIX + name for name in shipped()])
        raise TemplateUnknown(f"there is no template {source}; what comes with the program is {named}")
    return file


def lent_by_template(path: Path, kind: str) -> tuple[Facts, Facts]:
    """The facts and contents that a template has for a kind, none where it says nothing of it; of a paper all. Raises
    ``PaperMalformed`` and as ``read_paper``."""
    facts, sealed = read_paper(path)
    if facts.get("form") != FORM:
        return facts, sealed
    part = dict(_parts(facts, path).get(kind, {}))
    under = part.pop("sealed", {})
    return part, under


def title_of(path: Path) -> str:
    """What a template of a whole deployment is for. Raises as ``overview``."""
    return str(_whole(path)["title"])


def overview(path: Path) -> list[Part]:
    """The kinds of a template of a whole deployment, in its order. Raises ``PaperMalformed`` and as ``read_paper``."""
    parts = []
    for kind, said in _parts(_whole(path), path).items():
        form = form_of(SCHEMAS.latest(kind))
        settled = tuple(_leaves(said))
        facts = {**said, **{f"sealed.{label}": part for label, part in said.get("sealed", {}).items()}}
        fields = (field for field in form.fields if field.origin == "asked" and (field.required or field.path in facts))
        parts.append(
            Part(form, settled, tuple(path for field in fields for path in _open(field, facts.get(field.path))))
        )
    return parts


def _whole(path: Path) -> Facts:
    facts, sealed = read_paper(path)
    if facts.get("form") != FORM or sealed:
        raise PaperMalformed(f'{path}: is no template of a whole deployment (form = "{FORM}", and a table a kind)')
    return facts


def _parts(facts: Facts, path: Path) -> dict[str, Facts]:
    """The tables of a template by kind. Raises ``PaperMalformed`` for a kind or field that there is not."""
    parts = {name: part for name, part in facts.items() if name not in ("form", "title")}
    known = {kind for kind, _ in SCHEMAS.known}
    if not isinstance(facts.get("title"), str) or not parts:
        raise PaperMalformed(f"{path}: a template has a title, and a table for each kind of entry")
    for kind, part in parts.items():
        if kind not in known or not isinstance(part, dict) or not isinstance(part.get("sealed", {}), dict):
            raise PaperMalformed(f"{path}: {kind} is no kind of entry with a table of fields")
        there = fields_of(SCHEMAS.latest(kind))["properties"]
        wrong = [name for name in part if name not in there]
        wrong += [f"sealed.{label}" for label in part.get("sealed", {}) if label not in there["sealed"]["properties"]]
        if wrong:
            raise PaperMalformed(f"{path}: {kind} has no field {wrong[0]}")
    return parts


def _open(field: Field, lent: Any) -> Iterator[str]:
    """The paths within a field that need a value and have none: the field itself where nothing of it is lent."""
    if lent is None:
        yield field.path
    elif field.type == "table":
        for inner in field.fields:
            if inner.required or inner.name in lent:
                yield from _open(inner, lent.get(inner.name))
    elif field.item is not None:
        yield from dict.fromkeys(path for each in lent for path in _open(field.item, each))


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The paths of values that are no tables."""
    for name, part in value.items():
        if isinstance(part, Mapping):
            yield from _leaves(part, f"{path}{name}.")
        else:
            yield f"{path}{name}"
