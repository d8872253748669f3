"""Open data of the public site: one row for each deployment as CSV and JSON with a data package, and an Atom feed.

Counts are those that the force stated; a cell is empty where it stated none, which is not zero. A text that a
spreadsheet would take for a formula is kept from it by an apostrophe in front (CSV alone).

>>> plain_cell("=1+1"), plain_cell("High Street"), plain_cell(None)
("'=1+1", 'High Street', '')
>>> FIELDS["0.1"]
'Id of the record'
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
import uuid
from collections.abc import Iterable
from hashlib import sha256
from importlib import resources
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import msgspec

from countersign.deployments.kinds import NOUNS
from countersign.deployments.view import Evidence, View
from countersign.document import Paragraph
from countersign.render.text import shown
from countersign.site.deployment import page_path
from countersign.site.facts import SiteFacts, kind_title
from countersign.site.pages import Page, links, page, section, table
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.dates import dated
from countersign.words.facts import UNTOLD, value_words
from countersign.words.hidden import safe_cell
from countersign.words.lists import counted, listing
from countersign.words.names import body_name, class_name

#: What open data and the transparency record hold: ``templates/data.toml``.
_DATA: dict[str, Any] = tomllib.loads(
    resources.files("countersign.site").joinpath("templates", "data.toml").read_text(encoding="utf-8")
)
#: Column, type of a data package, meaning.
COLUMNS: list[list[str]] = _DATA["columns"]
#: Kinds that are news, newest first in the feed, at most this many.
NEWS = frozenset(_DATA["news"])
FEED_LENGTH = 100


def rows(facts: SiteFacts) -> list[dict[str, Any]]:
    """One row for each deployment, by day, oldest first; ``None`` where nothing was stated."""
    found = []
    for one in reversed(facts.deployments):
        stated = one.last("publish.results") or {}
        known: dict[str, Any] = {
            "subject": one.subject, "code": one.code, "date": one.day, "place": one.state.place,
            "stage": one.state.stage, "overdue": len(one.late), "overrides": len(one.state.overrides),
            "irregularities": len(one.state.irregularities),
            "first_entry": one.entries[0][0], "last_entry": one.entries[-1][0],
        }  # fmt: skip
        found.append({name: known[name] if name in known else stated.get(name) for name, _, _ in COLUMNS})
    return found


def data_files(facts: SiteFacts) -> dict[str, bytes]:
    """The files of open data by path."""
    found = rows(facts)
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, [name for name, _, _ in COLUMNS], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain_cell(value) for name, value in row.items()} for row in found)
    as_csv = table.getvalue().encode("utf-8")
    package = {
        "name": "deployments",
        "profile": "tabular-data-package",
        "title": "Deployments of live facial recognition, as put on record",
        **({"description": REHEARSED} if rehearsed(facts.record.trust.origin) else {}),
        "created": facts.now,
        "sources": [{"title": f"log {facts.record.trust.origin}, {facts.record.trust.size} entries"}],
        "resources": [
            {
                "name": "deployments", "profile": "tabular-data-resource", "path": "deployments.csv",
                "format": "csv", "mediatype": "text/csv",
                "encoding": "utf-8", "bytes": len(as_csv), "hash": f"sha256:{sha256(as_csv).hexdigest()}",
                "schema": {
                    "fields": [{"name": name, "type": kind, "description": words} for name, kind, words in COLUMNS],
                    "primaryKey": "subject", "missingValues": [""],
                },
            }
        ],
    }  # fmt: skip
    return {
        "data/deployments.csv": as_csv,
        "data/deployments.json": _json(
            {
                "log": facts.record.trust.origin,
                **({"note": REHEARSED} if rehearsed(facts.record.trust.origin) else {}),
                "as_at": facts.now,
                "deployments": found,
            }
        ),
        "data/datapackage.json": _json(package),
    }


class News(NamedTuple):
    """An entry of a feed: its title, what it is known by for good, when it came, a page of the site, and a summary."""

    title: str
    known_by: str
    updated: str
    page: str
    summary: str


def atom(title: str, known_by: str, updated: str, author: str, news: Iterable[News], *, subtitle: str = "") -> bytes:
    """An Atom feed (RFC 4287) of these entries, in their order."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">',
        f"<title>{escape(shown(title))}</title>",
        *((f"<subtitle>{escape(subtitle)}</subtitle>",) if subtitle else ()),
        f"<id>{_id(known_by)}</id>",
        f"<updated>{updated}</updated>",
        f"<author><name>{escape(shown(author))}</name></author>",
    ]
    for entry in news:
        lines += [
            "<entry>",
            f"<title>{escape(shown(entry.title))}</title>",
            f"<id>{_id(entry.known_by)}</id>",
            f"<updated>{entry.updated}</updated>",
            f"<link href={quoteattr(entry.page)}/>",
            f"<summary>{escape(shown(entry.summary))}</summary>",
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode("utf-8")


def feed(facts: SiteFacts) -> bytes:
    """What is new, as an Atom feed; its ids come from the log's origin and the entry's number."""
    origin = facts.record.trust.origin
    where = {one.subject: one for one in facts.deployments}
    entries = [one for one in facts.record.entries if one[1].draft.kind in NEWS][-FEED_LENGTH:]
    news = []
    for index, entry in reversed(entries):
        draft = entry.draft
        one = where.get(draft.subject)
        about = draft.subject if one is None else f"{one.state.place or one.subject}, {dated(one.day)}"
        link = "programme/index.html" if one is None else page_path(one)
        signed = f"Entry {index}, signed as {draft.role}."
        news.append(News(f"{kind_title(draft.kind)}: {about}", f"{origin} {index}", draft.at, link, signed))
    updated = max((entry.draft.at for _, entry in entries), default=facts.now)
    title, subtitle = f"Live facial recognition: {origin}", REHEARSED if rehearsed(origin) else ""
    return atom(title, origin, updated, origin, news, subtitle=subtitle)


def plain_cell(value: Any) -> str:
    """A cell of the CSV: empty for ``None``; a text that begins as a formula does gets an apostrophe in front."""
    text = "" if value is None else shown(str(value))
    return safe_cell(text) if isinstance(value, str) else text


def _id(text: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"countersign:{text}").urn


def _json(content: Any) -> bytes:
    return msgspec.json.format(json.dumps(content, ensure_ascii=False).encode("utf-8"), indent=1) + b"\n"


#: Number and name of each field; how the numbers of each section begin, and its name.
FIELDS: dict[str, str] = _DATA["fields"]
SECTIONS: dict[str, str] = _DATA["sections"]
#: Field, and what fills it: words and a path of the programme's entries, each as the last entry of its kind states it.
FROM_LOG: dict[str, list[list[str]]] = _DATA["from_log"]
#: What GOV.UK's repository takes beside a record's text: what is required, and what is stated of any such tool.
GOV_UK: dict[str, Any] = _DATA["gov_uk"]
_KEY = "algorithmic_transparency_record_"
_KEPT = ("policy.retention_schedule[].class", "policy.retention_schedule[].hours")
#: Kinds of entries that fill a field.
_FILLING = frozenset(NOUNS[path.partition(".")[0]] for parts in FROM_LOG.values() for _, path in parts)


def atrs_record(facts: SiteFacts) -> list[dict[str, Any]]:
    """A record for each force of the log: every field in order, its value or ``None``, and the entries it stands in."""
    found = []
    for programme in facts.programmes:
        view = facts.record.view(programme.force)
        values = _of_the_log(facts, programme.force)
        for number, parts in FROM_LOG.items():
            stated = [(words, _last(view, path)) for words, path in parts]
            texts = [f"{words} {_joined(one)}".strip() for words, one in stated if one]
            if texts:
                values[number] = ("; ".join(texts), sorted({each.entry for _, one in stated for each in one}))
        classes, hours = (_last(view, path) for path in _KEPT)
        if classes:
            pairs = zip(classes, hours, strict=True)
            kept = (f"{class_name(name.value)}: {counted(many.value, 'hour')}" for name, many in pairs)
            values["4.4.4"] = ("; ".join(kept), [classes[0].entry])
        supplier = _last(view, "processor_contract.processor")
        if supplier:
            values["1.4"] = ("yes", [supplier[0].entry])
        fields = [
            {"field": number, "name": name, "value": values.get(number, (None,))[0],
             "entries": values[number][1] if number in values else []}
            for number, name in FIELDS.items()
        ]  # fmt: skip
        note = {"note": REHEARSED} if rehearsed(facts.record.trust.origin) else {}
        began = any(
            one.state.opened_at is not None
            for one in facts.deployments
            if one.subject.startswith(f"{programme.force}/")
        )
        found.append(
            {"standard": "ATRS", "force": programme.force, **note, "as_at": facts.now, "fields": fields,
             "gov_uk": for_gov_uk(_last(view, "atrs.published_at"), began)}
        )  # fmt: skip
    return found


def for_gov_uk(published: tuple[Evidence, ...], began: bool) -> dict[str, Any]:
    """``metadata`` as the published schema of GOV.UK's repository takes it, and the ``missing`` fields it requires.

    A phase after the first deployment, an organisation on its list and a version of the standard are nowhere on a
    record, and are not guessed.
    """
    stated = dict(GOV_UK["stated"])
    if published:
        stated["date_published"] = f"{published[0].value}"[:10]
    if not began:
        stated["phase"] = "pre-deployment"
    missing = [_KEY + name for name in GOV_UK["required"] if name not in stated]
    return {"metadata": {_KEY + name: value for name, value in sorted(stated.items())}, "missing": missing}


def _of_the_log(facts: SiteFacts, force: str) -> dict[str, tuple[str, list[int]]]:
    """What the log as a whole says: whose record it is, since when, and how often it was used."""
    own = [one for one in facts.deployments if one.subject.startswith(f"{force}/")]
    live = [one.day for one in own if one.state.opened_at is not None]
    faces = [results["faces"] for one in own if (results := one.last("publish.results")) and "faces" in results]
    scale = f"{counted(len(own), 'deployment')} on the record; {sum(faces):,} faces stated for {len(faces):,} of them"
    values: dict[str, tuple[str, list[int]]] = {
        "0.1": (f"{facts.record.trust.origin} {force}", []), "1.1": (force, []), "3.3": (scale, []),
    }  # fmt: skip
    if live:
        values["0.10"] = (f"first live deployment on the record: {dated(min(live)[:10])}", [])
    filling = [one for one in facts.record.by_subject.get(force, ()) if one[1].draft.kind in _FILLING]
    if filling:
        index, entry = max(filling, key=lambda one: (one[1].draft.at, one[0]))
        values["0.4"] = (dated(entry.draft.at[:10]), [index])
    return values


def _last(view: View, path: str) -> tuple[Evidence, ...]:
    """What the last entry of a kind states at a path."""
    noun, _, rest = path.partition(".")
    statement = view.last(noun)
    return statement.get(rest) if statement is not None else ()


def _joined(found: tuple[Evidence, ...]) -> str:
    return ", ".join(
        dict.fromkeys(f"{one.value}" if one.path in _DATA["names"] else value_words(one.value) for one in found)
    )


def atrs_page(records: list[dict[str, Any]]) -> Page:
    """The record as a page."""
    what = Paragraph(
        "The fields of the Algorithmic Transparency Recording Standard, filled where the log holds a value. What it "
        "does not hold is shown as not on the record. Some numbers of section 4 are still to be checked."
    )
    sections = [section("What this is", what, links("The same, for programs", ("atrs.json", "atrs/atrs.json")))]
    for record in records:
        filled = sum(field["value"] is not None for field in record["fields"])
        tables = [
            table(
                f"{name} ({record['force']})" if len(records) > 1 else name,
                ("Field", "Name", "Value", "Entries"),
                (
                    (
                        field["field"],
                        field["name"],
                        UNTOLD if field["value"] is None else field["value"],
                        ", ".join(f"{entry}" for entry in field["entries"]),
                    )
                    for field in record["fields"]
                    if field["field"].startswith(start)
                ),
            )
            for start, name in SECTIONS.items()
        ]
        lacks = listing([name.removeprefix(_KEY).replace("_", " ") for name in record["gov_uk"]["missing"]])
        said = Paragraph(
            f"Of {len(record['fields'])} fields {filled} are filled from the log. GOV.UK's repository of such records "
            f"also asks for what the log does not hold: {lacks}."
        )
        sections.append(section(f"Record of {body_name(record['force'])}", said, *tables))
    return page("atrs/index.html", "Transparency record", *sections)
