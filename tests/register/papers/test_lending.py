"""Templates: the shipped ones settle what a source settles and nothing else; a force's own are files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.making.papers import filled

from countersign.deployments.kinds import SCHEMAS
from countersign.register.drafts import DraftMalformed
from countersign.register.papers.copying import lent_by
from countersign.register.papers.filling import TERMS, copied
from countersign.register.papers.lending import (
    TemplateUnknown,
    lent_by_template,
    overview,
    shipped,
    template_named,
    title_of,
)
from countersign.register.papers.reading import PaperMalformed
from countersign.register.papers.templates import ORIGINS, template
from countersign.rulebook.catalogue import DUTIES

LIMITED = "authorise.approval"
SHIPPED = sorted(shipped().values())


def _leaves(value: Any) -> Iterator[Any]:
    for part in value.values() if isinstance(value, dict) else value:
        yield from _leaves(part) if isinstance(part, dict | list) else [part]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_a_shipped_template_settles_holds_no_number_and_cites_its_source(path: Path) -> None:
    parts = {name: part for name, part in tomllib.loads(path.read_text()).items() if isinstance(part, dict)}
    values = list(_leaves(parts))
    assert values
    for value in values:
        # An identifier or a word; article-8 and test-report are words of lists.
        assert isinstance(value, bool) or re.fullmatch(r"[a-z]+(-[a-z]+|-8|-1[014])*", value), value
    texts = path.read_text().split("\n[")
    for text in texts[1:]:
        settles = re.search(r"^\S.* = ", text.split("]", 1)[1], re.MULTILINE) is not None
        cited = [name.rstrip(".") for name in re.findall(r"\buk\.[a-z0-9.-]+", text)]
        assert bool(cited) == settles, text
        assert set(cited) <= set(DUTIES), text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_paper_of_a_shipped_template_fills_and_fits_its_schema(path: Path) -> None:
    parts = overview(path)
    assert len(parts) == len({part.form.kind for part in parts}) >= 30
    for part in parts:
        schema = SCHEMAS.latest(part.form.kind)
        facts, sealed = lent_by_template(path, schema.kind)
        paper = tomllib.loads(template(schema, facts, sealed))
        for name, value in facts.items():
            assert _shape(paper[name]) >= _shape(value), (schema.kind, name)
        made, under = filled(schema, facts, sealed, ("asked", *ORIGINS))
        # What an approval releases stands in the limits, whose other fields the program fills in.
        schema.check({name: value for name, value in made.items() if schema.kind != LIMITED or name not in TERMS})
        for label, content in under.items():
            for each in content if schema.sealed[label].is_set else [content]:
                schema.sealed[label].check(each, label)


def _shape(value: Any) -> set[str]:
    return {str(leaf) for leaf in _leaves([value]) if leaf not in ("", [""])}


def test_a_template_is_named_by_its_file_or_as_shipped(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('form = "template/1"\ntitle = "Van 1"\n["open.notice"]\nchannels = ["web"]\n["live.hour"]\n')
    assert template_named(str(own)) == own
    assert template_named("d-1") is None
    assert title_of(own) == "Van 1"
    assert lent_by_template(own, "open.notice") == ({"channels": ["web"]}, {})
    assert lent_by_template(own, "plan.proposal") == ({}, {})
    assert [part.form.kind for part in overview(own)] == ["open.notice", "live.hour"]
    paper = tmp_path / "paper.toml"
    paper.write_text('units = 3\n[sealed.case]\nobjective = "To find them."\n')
    assert lent_by_template(paper, "plan.proposal") == ({"units": 3}, {"case": {"objective": "To find them."}})
    with pytest.raises(TemplateUnknown, match="no template shipped:second; what comes with the program is shipped:"):
        template_named("shipped:second")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('title = "x"\n["open.notice"]\n', "is no template of a whole deployment"),
        ('form = "template/1"\n["open.notice"]\n', "a template has a title"),
        ('form = "template/1"\ntitle = "x"\n', "a template has a title"),
        ('form = "template/1"\ntitle = "x"\n["open.notices"]\n', "open.notices is no kind of entry"),
        ('form = "template/1"\ntitle = "x"\n"open.notice" = 3\n', "open.notice is no kind of entry with a table"),
        ('form = "template/1"\ntitle = "x"\n["open.notice"]\nchannel = 1\n', "open.notice has no field channel"),
        ('form = "template/1"\ntitle = "x"\n["plan.proposal"]\nsealed = 1\n', "plan.proposal is no kind of entry with"),
        ('form = "template/1"\ntitle = "x"\n["plan.proposal".sealed]\nmap = 1\n', "has no field sealed.map"),
        ('form = "template/1"\ntitle = "x"\n[sealed]\n', "is no template of a whole|a template has a title"),
        ('form = "template/1', "is not TOML"),
    ],
)
def test_a_template_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(PaperMalformed, match=why):
        overview(path)


def test_a_draft_that_does_not_say_its_form_is_told_so_not_that_it_is_no_toml(tmp_path: Path) -> None:
    draft = tmp_path / "d-1.draft"
    draft.write_text('{"log": "log.example/1", "entries": []}')
    with pytest.raises(DraftMalformed, match="is not a draft of a form this program reads"):
        lent_by(draft, SCHEMAS.latest("live.hour"))


def test_a_copy_takes_what_is_asked_and_nothing_that_is_filled_in_or_excuses_lateness() -> None:
    facts = {"late": "why", "published_at": "2026-03-01T09:00:00Z", "place": "A", "reference": "r"}
    sealed = {"note": "n", "cameras": 4}
    assert copied(SCHEMAS.latest("open.notice"), facts, sealed) == ({"reference": "r"}, {"note": "n"})
