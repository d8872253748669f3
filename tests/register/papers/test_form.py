"""Forms: every field and every word of every kind has its question, hint, source, group, order, example and origin."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from countersign.deployments.clock import utc_of
from countersign.deployments.kinds import SCHEMAS, words
from countersign.record.entries.forms import FORMS, fits
from countersign.record.entries.schema import SENTENCES, FactsMalformed
from countersign.register.papers.filling import declarations, source_of
from countersign.register.papers.form import TAKES, Field, fields_of, form_of, group_of, groups_declared, questions
from countersign.register.papers.reading import answered
from countersign.register.papers.templates import ORIGINS, template

#: Forms whose example is a thing to have, not a text to type.
_HAD = {"public-key", "signature"}
ALL = [field for schema in SCHEMAS.known.values() for field in form_of(schema).fields]


def _within(field: Field) -> Iterator[Field]:
    """A field, what is within it, and items of lists."""
    yield field
    for inner in (*field.fields, *([] if field.item is None else [field.item])):
        yield from _within(inner)


EVERY = [each for field in ALL for each in _within(field)]


def test_every_field_has_question_hint_source_example_and_origin() -> None:
    for field in EVERY:
        item = field.path.endswith(".N")
        assert item or field.question.endswith("?"), field.path
        assert field.hint, field.path
        assert field.source, field.path
        assert field.origin in ("asked", *ORIGINS), field.path
        plain = field.type != "table" and (field.item is None or field.item.type != "table")
        assert bool(field.example) == plain, field.path
        assert all(choice.words for choice in field.choices), field.path
        assert bool(field.choices) == (field.type == "choice"), field.path
        assert field.sealed == field.path.startswith("sealed.")


def test_a_form_has_every_field_and_label_of_its_kind_once_in_a_group() -> None:
    for schema in SCHEMAS.known.values():
        raw = fields_of(schema)
        under = {f"sealed.{label}" for label in raw["properties"].pop("sealed")["properties"]}
        form = form_of(schema)
        paths = [field.path for field in form.fields]
        assert sorted(paths) == sorted(raw["properties"].keys() - {"late"} | under), schema.name
        order = list(groups_declared())
        assert [group.name for group in form.groups] == sorted((g.name for g in form.groups), key=order.index)
        required = {field.path for field in form.fields if field.required}
        assert {name for name in required if "." not in name} == set(raw["required"]), schema.name


def test_nothing_is_declared_of_a_field_that_no_kind_has() -> None:
    names = {field.name for field in EVERY}
    keys = {f"{field.name}:{field.type}" for field in EVERY} | {f"{field.kind} {field.path}" for field in ALL}
    labels = {field.path for field in ALL if field.sealed}
    assert set(questions()) - {"late", "written_at"} <= names | keys | labels
    declared = [name for group in groups_declared().values() for name in group["fields"]]
    assert len(declared) == len(set(declared))
    said = {field.path if field.sealed else field.name for field in ALL}
    assert {name.partition(":")[0] for name in declared} == said
    assert {group_of(field.kind, field.path, field.type) for field in ALL} == set(groups_declared())


def test_every_word_of_every_fixed_list_has_words_and_every_form_an_example() -> None:
    own = {choice.word for field in EVERY if not field.kind.startswith("record.") for choice in field.choices}
    late = fields_of(SCHEMAS.latest("live.hour"))["properties"]["late"]["properties"]["reason"]["enum"]
    assert set(words()) == own.union(late)
    assert all(said == said.strip() != "" for said in words().values())
    assert set(TAKES) == {*FORMS, SENTENCES}
    for form, (_, example) in TAKES.items():
        if form in FORMS and form not in {"digest", *_HAD}:
            assert all(fits(form, utc_of(each)) for each in example.split(" or ")), form
    text = template(SCHEMAS.latest("live.suspended"))
    assert "order-of-commander (the commander ordered it)" in text
    assert "disorder, " in text


def test_every_example_is_taken_where_it_stands() -> None:
    for field in EVERY:
        if field.example and field.type not in _HAD | {"digest"} and "N" not in field.path.split("."):
            schema = SCHEMAS.latest(field.kind)
            example = field.example.split(" or ")[0]
            facts, sealed = answered(schema, {}, {}, [f"{field.path}={example}"])
            value: Any = sealed if field.sealed else facts
            for part in field.path.removeprefix("sealed.").split("."):
                value = value[part]
            assert value not in ("", None), field.path


def test_a_field_says_which_duties_read_it() -> None:
    proposal = {field.path: field for field in form_of(SCHEMAS.latest("plan.proposal")).fields}
    assert [source.duty for source in proposal["overt"].sources] == ["uk.plan.overt-only"]
    assert proposal["overt"].source.startswith("read by ")
    assert proposal["units"].source == "the entry itself; no duty reads it"


def test_one_name_that_means_two_things_asks_two_questions() -> None:
    asked = {(field.name, field.type): field.question for field in EVERY}
    assert asked["minutes", "integer"] == "How many minutes?"
    assert asked["minutes", "digest"] == "Which document holds the minutes (its SHA-256)?"
    for field in EVERY:
        said, where = field.question, (field.kind, field.path, field.question)
        if field.type == "boolean":
            assert said.split()[0] in _YES_OR_NO, where
        elif said.startswith("How many "):
            assert field.type in ("integer", "decimal", "list"), where
        if "SHA-256" in said:
            assert field.type in ("digest", "list", "table"), where
        elif field.type == "digest" and said:
            assert "by its id" in said or "keeps the digest" in said, where


_YES_OR_NO = {"Is", "Are", "Was", "Were", "Do", "Does", "Did", "Has", "Have", "Had", "Could"}


def test_a_paper_is_made_for_every_kind_and_takes_nothing_that_was_left_open() -> None:
    for schema in SCHEMAS.known.values():
        paper = tomllib.loads(template(schema))
        facts = {name: value for name, value in paper.items() if name != "sealed"}
        if facts:
            with pytest.raises(FactsMalformed):
                schema.check(facts)
        raw = json.loads(schema.text)
        given = {name for name in (*raw["properties"], *schema.sealed) if source_of(schema.kind, name) != "asked"}
        assert set(raw.get("required", ())) - given <= set(facts), schema.name
        assert not given & set(facts)
        required = {label for label, sealed in schema.sealed.items() if sealed.required}
        assert required - given <= set(paper.get("sealed", {}))


def test_what_is_filled_in_are_fields_of_their_kinds() -> None:
    for kinds in declarations().values():
        for kind, names in kinds.items():
            own = {each.name for field in form_of(SCHEMAS.latest(kind)).fields for each in _within(field)}
            assert ({names} if isinstance(names, str) else set(names)) <= own, kind
