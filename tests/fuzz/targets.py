"""What is fuzzed: every parser of what a person may give, with good files to begin from and the change of its form."""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.fuzz import changes
from tests.fuzz.changes import Change
from tests.published.forms_made import as_csv, as_docx, as_html, as_json, as_xls, as_xlsx, table
from tests.published.test_hostile import archive
from tests.record.formats.test_format_fuzz import CHECKS, seeds
from tests.test_door import READERS

from countersign.deployments.state import Programme
from countersign.events.door.line import read as read_event
from countersign.events.door.lines import parse_map, rows
from countersign.events.watch.promised import parse as parse_rate
from countersign.published.apart import read_apart
from countersign.published.audit_samples import read_audit
from countersign.published.forms.csv import read_csv
from countersign.published.forms.docx import read_docx
from countersign.published.forms.html import read_html
from countersign.published.forms.json import read_json
from countersign.published.forms.ods import read_ods
from countersign.published.forms.package import read_package
from countersign.published.forms.pdf.document import read_pdf
from countersign.published.forms.xlsx import read_xlsx
from countersign.record.bundle import parse_bundle
from countersign.record.entries.canonical import parse as parse_canonical
from countersign.record.entries.entry import Entry
from countersign.record.entries.schema import Schema
from countersign.record.keeping.logfolder import LogConfig
from countersign.record.outside.monitor import MonitorState
from countersign.record.tlog.tiles import parse_bundle as parse_tile
from countersign.trials.scores.maps import read_map

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
OLD = TESTS / "fixtures" / "v0.1"


@dataclass(frozen=True)
class Target:
    """A parser of bytes, good files, and how one is changed; ``mend`` makes what guards a file's whole fit again."""

    parse: Callable[[bytes], Any]
    good: tuple[bytes, ...]
    change: Change
    mend: Callable[[bytes], bytes] = bytes


def _path(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return read(path)

    return parse


def _forms() -> Iterator[tuple[str, Target]]:
    """The forms of the door: TOML, CSV or JSON, with ordinary words where a text stands."""
    for form, readers in READERS.items():
        for number, (read, text) in enumerate(readers, 1):
            table_like = text.startswith(("date,", "period_from,", "attribute,"))
            good = text.replace("@", "ordinary" if table_like else '"ordinary"').encode()
            change = changes.in_csv if table_like else changes.in_json if text.startswith("{") else changes.in_toml
            if form == "score map":
                read = read_map
            name = "paper.json" if text.startswith("{") else "file.toml"
            yield f"{form} {number}", Target(_path(read, name), (good, *_more(form)), change)


#: Where the documentation of a form has whole files of it.
PAGES = {
    "papers": "deployment-papers", "trial plan": "trial-plan", "score map": "trial-score-maps", "event map": "events",
    "reader's file": "readers-file", "scenario": "scenarios", "column map": "column-maps",
}  # fmt: skip


def _more(form: str) -> list[bytes]:
    """Whole files of a form beside the one of the door's test: those that ship, and the examples of its page."""
    data = ROOT / "src" / "countersign" / "data"
    shipped = {
        "claims": "claims.toml", "corrections": "corrections.toml", "groups": "groups.csv",
        "case": "cases/bridges*.toml", "scenario": "scenarios/*.toml",
    }  # fmt: skip
    files = sorted(data.rglob(shipped[form])) if form in shipped else []
    page = (ROOT / "docs" / "formats" / f"{PAGES[form]}.md").read_text("utf-8") if form in PAGES else ""
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    return [*(path.read_bytes() for path in files), *(text.encode() for text in examples)]


def _bundle(data: bytes) -> bytes:
    body = data[: data.rfind(b'{"sha256"')] if b'{"sha256"' in data else data
    return body + b'{"sha256":"%s"}\n' % sha256(body).hexdigest().encode()


MAP = b"""[columns]
source = "Camera"
sequence = "No"
type = "Type"
at = "Time"
"content.score" = "Score"
[values.type]
Alarm = "alert"
[constants]
made_up = "true"
"""
ROWS = b"Camera,No,Type,Time,Score\ncam-1,1,Alarm,2026-03-07T10:00:00Z,0.71\ncam-1,2,Alarm,2026-03-07T10:01:00Z,0.66\n"


def _mapped(data: bytes) -> None:
    list(rows(data.splitlines(keepends=True), parse_map(MAP, "map.toml"), "export.csv"))


def _records() -> Iterator[tuple[str, Target]]:
    for name, check in CHECKS.items():
        yield name, Target(check, tuple(seeds()[name]), changes.in_bytes)
    bundle = (OLD / "bundles/court.bundle").read_bytes()
    lines = [json.loads(line) for line in bundle.splitlines()]
    entries = tuple(line["data"].encode() for line in lines if "data" in line)
    short = b"\n".join(bundle.splitlines()[:9]) + b"\n"
    log = OLD / "force/log"
    yield "bundle", Target(parse_bundle, (_bundle(short),), changes.in_json, _bundle)
    yield "entry", Target(Entry.parse, entries[:40], changes.in_json)
    yield "canonical JSON", Target(parse_canonical, entries[:40], changes.in_json)
    schemas = tuple(path.read_bytes() for path in sorted((log / "schemas").iterdir())[:30])
    yield "schema", Target(Schema.parse, schemas, changes.in_json)
    yield "log.toml", Target(_text(LogConfig.parse), ((log / "log.toml").read_bytes(),), changes.in_toml)
    yield "monitor", Target(MonitorState.parse, ((OLD / "monitor/force-a.seen").read_bytes(),), changes.in_json)
    yield "kept state", Target(Programme.parse, (Programme("force-a").render(),), changes.in_json)
    tile = sorted((log / "public/tile").rglob("*"), key=lambda path: (path.is_dir(), path.as_posix()))[0].read_bytes()
    yield "tile of entries", Target(functools.partial(parse_tile, width=161), (tile,), changes.in_bytes)


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: parse(data.decode("utf-8", "replace"))


def _published() -> Iterator[tuple[str, Target]]:
    lines = table()
    pdfs = tuple(path.read_bytes() for path in sorted((TESTS / "published/pdfs").glob("*.pdf")))
    data = ROOT / "src" / "countersign" / "data"
    own = b"\n".join((data / "met/deployments.csv").read_bytes().split(b"\n")[:12]) + b"\n"
    sheet, document, page = as_xlsx({"2024": lines}), as_docx(lines), as_html(lines)
    forms: dict[str, tuple[Callable[..., Any], tuple[bytes, ...], Change]] = {
        "csv": (read_csv, (as_csv(lines), own), changes.in_csv),
        "json": (read_json, (as_json(lines),), changes.in_json),
        "html": (read_html, (page,), changes.in_tags), "docx": (read_docx, (document,), changes.in_archive),
        "xlsx": (read_xlsx, (sheet,), changes.in_archive), "xls": (_xls, (as_xls(lines),), changes.in_bytes),
        "pdf": (read_pdf, pdfs, changes.in_pdf), "ods": (read_ods, (_ods(lines),), changes.in_archive),
    }  # fmt: skip
    for name, (read, good, change) in forms.items():
        yield name, Target(functools.partial(read, name=f"file.{name}"), good, change)
    described = (data / "met-later/datapackage.json").read_bytes()
    yield "package", Target(_path(read_package, "datapackage.json"), (described,), changes.in_json)
    audit = b"date,place,from,to,group,count\n2026-03-07,Hill St,10:00,11:00,Black,12\n"
    yield "audit", Target(_path(read_audit, "audit.csv"), (audit,), changes.in_csv)


def _xls(data: bytes, name: str) -> object:
    """In a child, as the product does: the library takes gigabytes for some files of a few kilobytes, and aborts."""
    return read_apart("xls", data, name)


def _ods(lines: list[list[str]]) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows_of = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in lines)
    sheet = f'<office:spreadsheet><table:table table:name="a">{rows_of}</table:table></office:spreadsheet>'
    content = f"<office:document-content {spaces}><office:body>{sheet}</office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": kind, "content.xml": f'<?xml version="1.0"?>{content}'})


def _events() -> Iterator[tuple[str, Target]]:
    export = tuple((OLD / "force/export.jsonl").read_bytes().splitlines()[:60])
    yield "event", Target(read_event, export, changes.in_json)
    yield "events by a map", Target(_mapped, (ROWS,), changes.in_csv)
    rates = (b"1/6000@10000", b"0.00017@10000@0.60")
    yield "engine's rate", Target(_text(parse_rate), rates, changes.in_bytes)


def targets() -> dict[str, Target]:
    """All targets by name."""
    return dict([*_forms(), *_records(), *_published(), *_events()])
