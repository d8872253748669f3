"""Published logs for tests of the site: entries signed here, tiles and a signed head written to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.making import histories as made
from tests.making.logs import LOG_KEY, ORIGIN, REGISTRAR

from countersign.deployments.kinds import SCHEMAS
from countersign.record.entries.entry import Draft, sign_entry
from countersign.record.entries.keyring import opening_facts
from countersign.record.tlog.checkpoint import Checkpoint, sign_checkpoint
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.tiles import TileBuilder

FORCE = "force-a"
HOSTILE = "O'Neill & Sons, north"


class PublishedLog:
    """A log in memory that can be written as published files; the compiler's key is registered, and ``more`` roles'."""

    def __init__(self, *more: str) -> None:
        self.entries: list[bytes] = []
        self.add("record.log-opened", opening_facts(REGISTRAR, SCHEMAS), FORCE, role="registrar")
        for role in ("compiler", *more):
            key = {"public_key": render_base64(made.KEYS[role].public_key), "roles": [role]}
            self.add("record.key-registered", key, FORCE, role="registrar")
        self.add("programme.policy", made.policy(), FORCE)

    def add(
        self, kind: str, facts: Any, subject: str, at: str = "2026-01-05T09:00:00Z", role: str = "compiler",
        supplied_by: str = "force", sealed: Any = None,
    ) -> int:  # fmt: skip
        """One entry signed by its role's own key; returns its place."""
        draft = Draft(kind, 1, ORIGIN, subject, at, role, supplied_by, facts, sealed or {})
        draft.check(SCHEMAS)
        signer = REGISTRAR if role == "registrar" else made.KEYS[role]
        self.entries.append(sign_entry(draft, signer).render())
        return len(self.entries) - 1

    def deployment(self, number: int, *, published: bool = True, place: str = "High Street, north end") -> str:
        """A deployment with a notice and results, on a day of its own; returns its subject."""
        day = f"{2025 + number // 300}-{number // 25 % 12 + 1:02d}-{number % 25 + 1:02d}"
        subject = f"{FORCE}/d-{number}"
        where = made.public_place(made.place(place, f"{day}T12:00:00Z", f"{day}T18:00:00Z"))
        notice = {
            "channels": ["web"], "url": "https://force-a.example/next", "published_at": f"{day}T09:00:00Z",
            "purpose": "arrest-wanted", **where,
        }  # fmt: skip
        self.add("open.notice", notice, subject, f"{day}T09:00:00Z")
        if published:
            results = made.results(date=day, place=place, published_at=f"{day}T20:00:00Z")
            self.add("publish.results", results, subject, f"{day}T20:00:00Z")
        return subject

    def write(self, folder: Path) -> Path:
        """The published files."""
        builder = TileBuilder()
        files = {**builder.extend(self.entries), **builder.partial_files()}
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        head = sign_checkpoint(Checkpoint(ORIGIN, len(self.entries), builder.root()), LOG_KEY)
        (folder / "checkpoint").write_bytes(head.render())
        return folder


def small(folder: Path, numbers: Sequence[int] = (1, 2, 310)) -> PublishedLog:
    """Three deployments, one without results, one with a hostile place, an observer, group counts; written."""
    log = PublishedLog()
    for number in numbers:
        log.deployment(number, published=number != 2, place=HOSTILE if number == 310 else "High Street, north end")
    seen = {"what": "faces", "hour": "2025-01-02T13Z", "minutes": 20, "count": 210, "method": "tally"}
    log.add("observer.count", seen, f"{FORCE}/d-1", "2025-01-02T14:00:00Z", supplied_by="observer")
    log.write(folder)
    return log
