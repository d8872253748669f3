"""The papers of a rehearsal: TOML with places to be filled in, and the made-up documents they name by digest.

``{day:-60}`` is a date that many days from the day of the deployment, ``{year:-1}`` the year before, ``{at:-60 09:00}``
a moment of a day, ``{at:0 -1:30}`` one counted from the start of the window, ``{at:+0 0:30}`` from its end,
``{at:+2 09:00}`` a moment of the second day after it. ``{digest:policy}`` is the SHA-256 of a file in ``documents``
that says what it stands for, ``{url:policy}`` an address under a name that cannot exist. A text that is one place alone
becomes the value itself, which may be a number or a table; a field whose value is ``None`` is left out. Places may
stand within places: ``{digest:answer-{finding}}``. The form is described in ``docs/formats/rehearsal.md``.

>>> at = Moments(datetime.datetime(2026, 3, 7, 10, tzinfo=datetime.UTC), hours=5)
>>> [at(text).strftime("%d.%m. %H:%M") for text in ("-60 09:00", "0 -1:30", "+0 0:30", "+2 09:00")]
['06.01. 09:00', '07.03. 08:30', '07.03. 15:30', '09.03. 09:00']
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from countersign.deployments.clock import time_text

_PLACE = re.compile(r"\{([a-z_]+)(?:([.:])([^{}]*))?\}")
_MOMENT = re.compile(r"(-[0-9]+|\+[0-9]+|0) (-?)([0-9]{1,2}):([0-9]{2})\Z")
NOT_REAL = "Made up for a rehearsal; it stands for a document of this name and says nothing."


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments derived from the window of a deployment: its start, and how many hours it lasts."""

    start: datetime.datetime
    hours: int

    @property
    def end(self) -> datetime.datetime:
        """The end of the window."""
        return self.start + datetime.timedelta(hours=self.hours)

    def __call__(self, text: str) -> datetime.datetime:
        """The moment of a text as the module describes them."""
        matched = _MOMENT.match(text)
        if matched is None:
            raise ValueError(f"{text!r} is no moment of a rehearsal")
        day, minus, hour, minute = matched[1], matched[2], int(matched[3]), int(matched[4])
        span = datetime.timedelta(hours=hour, minutes=minute) * (-1 if minus else 1)
        if day == "0":
            return self.start + span
        if day == "+0":
            return self.end + span
        base = self.start if day.startswith("-") else self.end
        return base.replace(hour=0, minute=0, second=0) + datetime.timedelta(days=int(day)) + span

    def day(self, text: str) -> str:
        """The date that many days from that of the start."""
        return (self.start + datetime.timedelta(days=int(text))).date().isoformat()


@dataclass(slots=True)
class Papers:
    """Fills in papers and writes them, numbered, and the documents they name, into folders of their own."""

    papers: Path
    documents: Path
    moments: Moments
    values: dict[str, Any]
    number: int = 0
    written: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """The SHA-256 of a made-up document, which is written the first time it is named."""
        if name not in self.written:
            content = f"{name.replace('-', ' ')}\n\n{NOT_REAL}\n".encode()
            self.documents.mkdir(parents=True, exist_ok=True)
            (self.documents / f"{name}.txt").write_bytes(content)
            self.written[name] = sha256(content).hexdigest()
        return self.written[name]

    def filled(self, value: Any, handed: Mapping[str, Any] = MappingProxyType({})) -> Any:
        """A value with its places filled in, from what an act has ``handed`` in or from the scenario."""
        if isinstance(value, Mapping):
            parts = {key: self.filled(part, handed) for key, part in value.items()}
            return {key: part for key, part in parts.items() if part is not None}
        if isinstance(value, list):
            return [self.filled(part, handed) for part in value]
        if not isinstance(value, str):
            return value
        whole = _PLACE.fullmatch(value)
        if whole is not None:
            return self._place(whole, handed)
        text = _PLACE.sub(lambda matched: str(self._place(matched, handed)), value)
        return text if text == value else self.filled(text, handed)

    def write(self, name: str, facts: Mapping[str, Any], sealed: Mapping[str, Any] | None = None) -> Path:
        """Write one paper as JSON."""
        self.number += 1
        self.papers.mkdir(parents=True, exist_ok=True)
        content = dict(facts) | ({"sealed": dict(sealed)} if sealed else {})
        path = self.papers / f"{self.number:03}-{name}.json"
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def write_batch(self, name: str, lines: Sequence[Mapping[str, Any]]) -> Path:
        """Write several papers of one signer, a line each."""
        self.number += 1
        self.papers.mkdir(parents=True, exist_ok=True)
        path = self.papers / f"{self.number:03}-{name}.jsonl"
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        return path

    def _place(self, matched: re.Match[str], handed: Mapping[str, Any]) -> Any:
        name, mark, rest = matched[1], matched[2], matched[3] or ""
        asked: Mapping[str, Callable[[str], Any]] = {
            "day": self.moments.day,
            "year": lambda text: str(self.moments.start.year + int(text)),
            "at": lambda text: time_text(self.moments(text)),
            "digest": self.digest,
            "url": lambda text: f"https://{self.values['force']}.invalid/lfr/{text}",
        }
        if mark == ":":
            return asked[name](rest)
        value = handed[name] if name in handed else self.values[name]
        return self.filled(value[rest] if mark == "." else value)


def for_the_street(subject: str, moments: Moments) -> str:
    """The file from which sign and leaflet are set: a text of TOML, filled in."""
    text = resources.files("countersign").joinpath("data", "rehearsal", "papers.toml").read_text(encoding="utf-8")
    # A window that ends at midnight or on another day is written as ending with its own day.
    end = moments.end if moments.end.date() == moments.start.date() else moments.end.replace(hour=23, minute=59)
    for name, value in (
        ("subject", subject),
        ("date", moments.start.date().isoformat()),
        ("start", f"{moments.start:%H:%M:%S}"),
        ("end", f"{end:%H:%M:%S}"),
    ):
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def shipped(name: str) -> dict[str, Any]:
    """A shipped file of papers or statements, read once."""
    return tomllib.loads(resources.files("countersign").joinpath("data", "rehearsal", name).read_text(encoding="utf-8"))


#: What acts state, by name, and the tables that a rehearsal goes by.
ACTS = shipped("acts.toml")
