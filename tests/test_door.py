"""The door, attacked: every form with a plant in every field, and no reader that goes round it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.plants import PLANTS, Plant, seen_again

import countersign
from countersign.deployments.outside.reader import parse_reader
from countersign.door import FORMS, WORD, LeakAtTheDoor, hold, hold_text
from countersign.errors import CountersignError
from countersign.events.door.lines import parse_map as parse_event_map
from countersign.following.fetching import read_sources as sources_of
from countersign.following.library import Library
from countersign.made_up.scenario import parse as parse_scenario
from countersign.published.claims.file import read_claims
from countersign.published.corrections import read_corrections
from countersign.published.group_counts import read_baselines, read_groups
from countersign.published.reconcile import read_list
from countersign.published.table.maps import read_map
from countersign.register.papers.reading import read_batch, read_paper
from countersign.releases.forces import read_forces
from countersign.reviews.deployment.cases import parse_case
from countersign.rulebook.letters import read_open
from countersign.site.street.papers import parse_papers
from countersign.trials.plan import read_answers, read_plan
from countersign.trials.scores.maps import parse_map as parse_score_map

ROOT = Path(countersign.__path__[0])


def _bytes(parse: Callable[..., object], *more: str) -> Callable[[Path], object]:
    return lambda path: parse(path.read_bytes(), *more)


def _at(name: str, read: Callable[[Path], object]) -> Callable[[Path], object]:
    """A reader of a folder, in which the file has this name."""
    return lambda path: read(path.rename(path.with_name(name)).parent)


#: Each form: its readers, and a file with ``@`` where a text stands.
READERS: dict[str, list[tuple[Callable[[Path], object], str]]] = {
    "claims": [(read_claims,
        '[[claim]]\nid = "a"\nsaid_by = @\nstatement = @\nquantity = "alerts"\nrelation = "most"\n'
        'note = @\n')],
    "groups": [
        (read_groups,
            "period_from,period_to,force,event,attribute,group,count,of,label_source,source\n,,@,alerts,@,@,"
            "1,2,@,@\n"),
        (read_baselines, "attribute,group,share,what,source\n@,@,0.5,@,@\n"),
    ],
    "corrections": [(read_corrections,
        '[[correction]]\ndocument = @\nrow = 1\ncolumn = "place"\nprinted = @\nread_as = @\nreason = @\n'
        'who = @\n')],
    "column map": [(read_map,
        'title = @\npublisher = @\naddress = @\nignore = [@]\nnone = [@]\n[columns]\nplace = @\n'
        '[constants]\narea = @\n')],
    "list": [(read_list, "date,place,who,note,alerts\n2024-05-02,@,@,@,@\n")],
    "case": [(_bytes(parse_case),
        'title = @\nforce = "f"\ndeployment = "d"\nas_at = "2024-01-01"\nstandard = @\n[[source]]\n'
        'id = "s"\ntitle = @\n[[entry]]\nkind = "k"\nat = "t"\nsource = "s"\nwhere = @\n[entry.facts]\n'
        'title = @\n')],
    "papers": [(_bytes(parse_papers),
        'form = "papers/1"\nsubject = "f/d"\n[force]\nen = @\n[place]\nen = @\n[why]\nen = @\n')],
    "reader's file": [(
        _bytes(parse_reader, "reader.toml"),
        'form = "countersign-reader/1"\n[[outside]]\nbody = @\nkind = "panel"\nkey = "k"\nroles = ["r"]\n'
        'forces = ["f"]\n',
    ), (
        _bytes(parse_reader, "reader.toml"),
        'form = "countersign-reader/2"\n[[log]]\norigin = @\nbody = @\nkind = "panel"\nforces = [@]\n'
        'policy = [@]\n',
    )],
    "paper": [
        (read_paper, 'title = @\nnested = [{reason = @}]\n[sealed]\nplan = [@]\n'),
        (read_batch, '{"kind": "review.finding", "facts": {"title": @}, "sealed": {"a": [@]}}\n'),
    ],
    "trial plan": [
        (read_plan, '[trial]\ntitle = @\nstopping_rule = @\n[[question]]\ntext = @\n'),
        (read_answers, '[[answer]]\nid = "a"\ntext = @\nevidence = [@]\n'),
    ],
    "library": [
        (read_forces, '[force-x]\nname = @\naliases = [@]\n'),
        (_at("library.toml", Library.open), 'version = 1\ntitle = @\n'),
        (_at("sources.toml", lambda folder: sources_of(Library(folder, "A"))), '[a]\nforce = "met"\naddress = @\n'),
        (_at("addresses.json", lambda folder: Library(folder, "A").addresses()), '{"ab": @}'),
    ],
    "score map": [(lambda path: parse_score_map(path.read_text(), "map.toml"), "[columns]\nprobe = @\nscore = @\n")],
    "event map": [(_bytes(parse_event_map, "map.toml"), 'ignore = [@]\n[columns]\n"content.score" = @\n')],
    "scenario": [(_bytes(parse_scenario, "s.toml"), "title = @\ndeployment = @\n")],
    "review": [(_bytes(read_open,
        "review.json"), '{"schema": "countersign-review/2", "title": @, "not_shown": [{"what": @, "because": @}], '
        '"duties": []}')],
}  # fmt: skip


def _places(form: str) -> list[tuple[Callable[[Path], object], str, int]]:
    return [(read, text, at) for read, text in READERS[form] for at in range(text.count("@"))]


def _filled(text: str, at: int, quoted: str, ordinary: str) -> str:
    parts = text.split("@")
    return "".join(
        part + (quoted if number == at else ordinary) * (number < len(parts) - 1) for number, part in enumerate(parts)
    )


#: May hold a way to reach an office, or the place of a deployment: not a picture.
_PICTURES = ("base64 PNG", "hex JPEG", "data URI", "512 floats")


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
@pytest.mark.parametrize("form", READERS)
def test_no_field_of_any_form_takes_a_plant(form: str, plant: Plant, tmp_path: Path) -> None:
    for read, text, at in _places(form):
        table = text.startswith(("date,", "period_from,", "attribute,"))
        quoted = f'"{plant.text}"' if table else json.dumps(plant.text)
        file = tmp_path / ("paper.json" if read is read_batch else "file.toml")
        file.write_text(_filled(text, at, quoted, "1" if table and at == 3 else '"ordinary"'))
        said = _refusal(read, file)
        office = form in ("claims", "corrections", "list", "reader's file") and plant.name in ("e-mail", "telephone")
        assert ": holds " in said or office, (form, at, said)
        assert not seen_again(plant, said), (form, at)


def _refusal(read: Callable[[Path], object], file: Path) -> str:
    """What the door says of a file; nothing where it passes, or is refused for another reason."""
    try:
        read(file)
    except LeakAtTheDoor as error:
        return f"{error} {error.next_step}"
    except CountersignError:
        pass
    return ""


def test_every_form_that_is_listed_has_a_reader_here() -> None:
    assert set(FORMS) - set(READERS) == {"labels", "option"}


#: Modules that parse TOML or JSON without the door, and why none of their texts comes from a file that a person gave.
WITHOUT = {
    "published/mapping.py": "a map that was read through the door",
    "published/forms/package.py": "published: screened cell by cell", "published/forms/json.py": "published: as above",
    "reviews/deployment/duties.py": "shipped", "rulebook/gates.py": "shipped", "rulebook/conditions/look.py": "shipped",
    "rulebook/signed.py": "shipped", "rulebook/catalogue.py": "shipped", "site/open_data.py": "shipped",
    "site/street/pdf.py": "shipped", "rehearse/papers.py": "shipped", "rehearse/after.py": "made here",
    "rehearse/life.py": "made here", "rehearse/play.py": "made here", "deployments/view.py": "schemas, shipped",
    "deployments/judgements.py": "a schema, shipped",
    "register/catching_up.py": "a state kept here, of entries", "deployments/state.py": "a state kept here, of entries",
    "inputs.py": "the parsers that the readers call", "record/outside/monitor.py": "a state kept here",
    "record/bundle.py": "the lines of a bundle, of entries", "register/status.py": "a schema, shipped",
    "following/requests.py": "shipped", "releases/kept.py": "what passed the door, held to its digest",
    "site/reports.py": "a report made here", "site/verifier/page.py": "schemas, shipped",
    "cli/observe.py": "schemas, shipped",
    "register/drafts.py": "an entry, with rules of its own", "deployments/kinds.py": "shipped",
    "register/viewing.py": "schemas", "register/papers/form.py": "schemas, shipped",
    "record/keeping/logfolder.py": "named forms of the record",
    "record/entries/schema.py": "a schema, of the record's own rules", "events/door/line.py": "events have a door",
    "events/watch/watched.py": "events that came through their door",
    "trials/metrics/comparisons.py": "counts kept here",
    "trials/counting/batch.py": "counts kept here", "trials/counting/passes.py": "a table's own schema",
    "trials/model.py": "a report made here", "site/write.py": "a list of files made here",
    "loopback/readings.py": "from the child", "desk/folder.py": "paths, names of hosts",
    "record/entries/canonical.py": "entries, with rules of their own",
}  # fmt: skip
_PARSE = {
    "toml_of",
    "json_of",
    "tomllib.loads",
    "json.loads",
    "msgspec.json.decode",
    "msgspec.json.Decoder",
    "tomllib.load",
    "json.load",
}


def test_no_reader_goes_round_the_door() -> None:
    round_it, stale = [], set(WITHOUT)
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        if not any(name.rpartition(".")[2] in text for name in _PARSE):
            continue
        called = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
        name = path.relative_to(ROOT).as_posix()
        if called & _PARSE and not called & {"hold", "hold_text"} and name not in WITHOUT:
            round_it.append(name)
        if called & _PARSE:
            stale.discard(name)
    assert round_it == []
    assert stale == set()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"claim": [{"note": "words " * 350}]}, "2,100 characters"),
        ({"claim": [{"note": "가나다라마바사아자차카타파하"}]}, "another alphabet"),
        ({"claim": [{"value": [0.5] * 65}]}, "a list of numbers"),
        ({"claim": [{"value": int("9" * 18)}]}, "more than 17 figures"),
        ({"claim": [{"jo@example.org": "x"}]}, "the name of a key"),
        ({"claim": [{"id": PLANTS[0].text[at : at + 9]} for at in range(0, 900, 9)]}, "cut up"),
    ],
)  # fmt: skip
def test_what_a_file_as_a_whole_may_not_hold(content: dict[str, Any], said: str) -> None:
    with pytest.raises(LeakAtTheDoor, match=said):
        hold("claims", content, "claims.toml")


def test_only_an_office_and_a_contact_have_names_and_ways_to_be_reached() -> None:
    said = "Sir Ordinary Name, Commissioner"
    assert hold_text("claims", "claim.said_by", said, "here") == said
    with pytest.raises(LeakAtTheDoor, match="here: holds a person's name with a title"):
        hold_text("claims", "claim.note", said, "here")
    contact = {"contact": {"post": "Complaints, 1 High Street, AB1 2CD", "telephone": "0300 000 0000"}}
    assert hold("papers", contact, "papers.toml") == contact


@pytest.mark.parametrize("table", ["benchmark.b", "face_count.f", "population.p", "seeded.s", "record"])
def test_a_source_may_have_a_title_a_page_and_an_address(table: str) -> None:
    said = (
        "Census 2021, TS021 Ethnic group, the borough's residents of all ages, table 2 on page 14, https://www.example.org/"
        + ("datasets/census-2021/ethnic-group/by-local-authority/edition-3")
    )
    assert len(said) > WORD.longest
    assert hold_text("claims", f"{table}.source", said, "here") == said


def test_a_word_of_a_list_is_short() -> None:
    with pytest.raises(LeakAtTheDoor, match=f"not at most {WORD.longest}"):
        hold_text("scenario", "deployment", "word " * WORD.longest, "here")
