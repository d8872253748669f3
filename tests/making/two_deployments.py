"""A log with two deployments of one place, made of the shipped case done well: the second copies the first's reasons.

The first is the case a week earlier under another name, with a higher threshold; its entries stand before the second's.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from tests.making.logs import private, trusting

from countersign.deployments.kinds import KINDS
from countersign.record.entries.entry import sign_entry
from countersign.record.keeping.logfolder import LogConfig, LogFolder
from countersign.record.tlog.checkpoint import NoteSigner, SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.register.handing import make_bundle
from countersign.reviews.deployment import cases
from countersign.reviews.deployment.cases import Case, CaseEntry, parse_case
from countersign.reviews.options import path_of

FORCE = "invented-force"
BEFORE, NOW = f"{FORCE}/2026-02-22-a-square", f"{FORCE}/2026-03-01-a-square"
ORIGIN = "log.example/invented-force"
WRITTEN = frozenset({"answers", "reasons"})
_DAY = re.compile(r"2026-0[234]-\d\d")


@dataclass(frozen=True)
class TwoDeployments:
    """The log's folder, the policy it is trusted under, and how to make a bundle of a deployment."""

    folder: LogFolder
    policy: Policy

    def bundle(self, subject: str, file: Path, labels: frozenset[str] = WRITTEN) -> Path:
        """A bundle of one deployment, with the sealed values of some labels laid open, written to a file."""
        source = DirectorySource(self.folder.place(self.folder.config.public))
        head = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH))
        store = self.folder.sealed()
        try:
            made = make_bundle(
                source, head, self.folder.schemas(), subject, "court", labels=labels, opener=store.open_many
            )
        finally:
            store.close()
        file.write_bytes(made.render())
        return file


def two_deployments(
    path: Path, *, store: str = "sqlite", environment: Mapping[str, str] | None = None
) -> TwoDeployments:
    """Make the log in a new folder, on SQLite or PostgreSQL, with everything that is sealed in its sealed store."""
    data = path_of("shipped:invented-well").read_bytes()
    case, earlier = _both(parse_case(data))
    key = NoteSigner(ORIGIN, private("log"))
    name = "two_deployments" if store == "postgres" else ""
    config = LogConfig(ORIGIN, FORCE, store, postgres_log=name)
    folder = LogFolder.create(path, config, environment or {})
    (path / "schemas").mkdir()
    for number, schema in enumerate(KINDS):
        (path / "schemas" / f"{number}.json").write_bytes(schema.text)
    drafts, _, openings = cases._drafts(case, b"a seed for tests", ORIGIN)
    log = folder.log(key)
    for index, (draft, signer) in enumerate(drafts):
        subject = BEFORE if index in earlier(len(drafts)) else draft.subject
        log.append_signed(sign_entry(replace(draft, subject=subject), signer))
    log.publish()
    log.sequencer.close()
    kept = folder.sealed()
    sets: dict[tuple[int, str], list[tuple[bytes, bytes]]] = {}
    for one in openings:
        sets.setdefault((one.entry, one.label), []).append((one.content, one.opening))
    for (entry, label), items in sets.items():
        rule = log.schemas.latest(drafts[entry][0].kind).sealed[label]
        contents, keys = [one for one, _ in items], [one for _, one in items]
        if rule.is_set:
            kept.seal_set(label, "papers", 1, contents, keys)
        else:
            kept.seal(label, "papers", 1, contents[0], keys[0])
    kept.close()
    return TwoDeployments(folder, trusting(key))


def _both(case: Case):  # type: ignore[no-untyped-def]
    """The case with the earlier deployment's entries before its own, and which places those take in the log."""
    own = [one for one in case.entry if (one.about or "") != "force" and not one.kind.startswith("programme.")]
    force = [one for one in case.entry if one not in own]
    before = [_earlier(one, {other.name for other in own if other.name}) for one in own]
    both = msgspec.structs.replace(case, entry=[*force, *before, *own])

    def earlier(size: int) -> range:
        return range(size - len(own) - len(before), size - len(own))

    return both, earlier


def _earlier(one: CaseEntry, names: set[str]) -> CaseEntry:
    text = msgspec.json.encode(one).decode()
    moved = _DAY.sub(lambda day: str(datetime.date.fromisoformat(day[0]) - datetime.timedelta(days=7)), text)
    found = msgspec.json.decode(moved.encode(), type=CaseEntry)
    facts = _renamed(found.facts, names)
    if one.kind == "live.opened":
        facts |= {"threshold": "0.66"}
    return msgspec.structs.replace(
        found, facts=facts, sealed=_renamed(found.sealed, names), name=f"{one.name}-before" if one.name else ""
    )


def _renamed(value, names: set[str]):  # type: ignore[no-untyped-def]
    if isinstance(value, dict):
        if set(value) == {"entry"} and value["entry"] in names:
            return {"entry": f"{value['entry']}-before"}
        return {key: _renamed(part, names) for key, part in value.items()}
    return [_renamed(part, names) for part in value] if isinstance(value, list) else value
