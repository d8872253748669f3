"""Open data of the public site: one row for each deployment as CSV and JSON with a data package, and an Atom feed.

Counts are those that the force stated; a cell is empty where it stated none, which is not nought. A text that a
spreadsheet would take for a formula is kept from it by an apostrophe in front (CSV alone).

>>> plain_cell("=1+1"), plain_cell("High Street"), plain_cell(None)
("'=1+1", 'High Street', '')
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from hashlib import sha256
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from countersign.render.text import shown
from countersign.site.deployment import page_path
from countersign.site.facts import SiteFacts, kind_title
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.cells import safe_cell
from countersign.words.dates import dated

#: Column, type of a data package, meaning.
COLUMNS = (
    ("subject", "string", "force/deployment"), ("code", "string", "short code, the folder of its page"),
    ("date", "date", "first day of its windows"), ("place", "string", "place as announced"),
    ("stage", "string", "how far it has come"), ("overdue", "integer", "things past their time when written"),
    ("overrides", "integer", "times gone ahead against a duty"),
    ("irregularities", "integer", "entries the rules would have refused"),
    ("faces", "integer", "faces seen, as stated"), ("alerts", "integer", "alerts, as stated"),
    ("confirmed_true", "integer", "true alerts confirmed, as stated"),
    ("true", "integer", "true alerts not confirmed, as stated"),
    ("confirmed_false", "integer", "false alerts confirmed, as stated"),
    ("false", "integer", "false alerts not confirmed, as stated"),
    ("unresolved", "integer", "alerts not resolved, as stated"), ("engagements", "integer", "engagements, as stated"),
    ("arrests", "integer", "arrests, as stated"), ("list_size", "integer", "size of the watchlist, as stated"),
    ("threshold", "string", "threshold, as stated"), ("first_entry", "integer", "its first entry in the log"),
    ("last_entry", "integer", "its last entry in the log"),
)  # fmt: skip
#: Kinds that are news, newest first in the feed, at most this many.
NEWS = frozenset({
    "open.notice", "live.opened", "close.cancellation", "publish.results", "authorise.override",
    "programme.moratorium", "programme.moratorium-lifted", "review.finding", "review.breach",
})  # fmt: skip
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


def feed(facts: SiteFacts) -> bytes:
    """What is new, as an Atom feed (RFC 4287); its ids come from the log's origin and the entry's number."""
    origin = facts.record.trust.origin
    where = {one.subject: one for one in facts.deployments}
    news = [one for one in facts.record.entries if one[1].draft.kind in NEWS][-FEED_LENGTH:]
    updated = max((entry.draft.at for _, entry in news), default=facts.now)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">',
        f"<title>Live facial recognition: {escape(shown(origin))}</title>",
        *((f"<subtitle>{escape(REHEARSED)}</subtitle>",) if rehearsed(origin) else ()),
        f"<id>{_id(origin)}</id>",
        f"<updated>{updated}</updated>",
        f"<author><name>{escape(shown(origin))}</name></author>",
    ]
    for index, entry in reversed(news):
        draft = entry.draft
        one = where.get(draft.subject)
        about = draft.subject if one is None else f"{one.state.place or one.subject}, {dated(one.day)}"
        title = f"{kind_title(draft.kind)}: {about}"
        lines += [
            "<entry>",
            f"<title>{escape(shown(title))}</title>",
            f"<id>{_id(f'{origin} {index}')}</id>",
            f"<updated>{draft.at}</updated>",
            f"<link href={quoteattr('programme/index.html' if one is None else page_path(one))}/>",
            f"<summary>Entry {index}, signed as {escape(shown(draft.role))}.</summary>",
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode("utf-8")


def plain_cell(value: Any) -> str:
    """A cell of the CSV: empty for ``None``; a text that begins as a formula does gets an apostrophe in front."""
    text = "" if value is None else shown(str(value))
    return safe_cell(text) if isinstance(value, str) else text


def _id(text: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"countersign:{text}").urn


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
