"""What a new entry is copied from: the last of its kind in the log, a draft, or a template; and who signs it then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from countersign.deployments.kinds import COMPILER
from countersign.deployments.limits import KIND as LIMITS
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.entries.schema import Schema
from countersign.register.deployments import subject_in
from countersign.register.drafts import FORMAT, DraftNotOurs, read_draft
from countersign.register.keys import find_key
from countersign.register.opening import OpenLog, RoleNotHeld
from countersign.register.papers.filling import TERMS, copied
from countersign.register.papers.lending import lent_by_template, template_named
from countersign.words.lists import listing


def last_of(log: OpenLog, schema: Schema, deployment: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the last entry of a kind can lend a new one: facts, and what of its sealed values is still held; nothing
    where there is none. Raises ``DeploymentNameMalformed``."""
    subject = subject_in(log.folder.config, deployment)
    placed = log.log.entries_of(subject)
    entries = [(place, entry) for place, entry in placed if entry.draft.kind == schema.kind]
    if not entries:
        return {}, {}
    draft = entries[-1][1].draft
    facts = dict(draft.facts)
    if schema.kind == "authorise.approval":
        limits = next(entry.draft.facts for _, entry in reversed(placed) if entry.draft.kind == LIMITS)
        facts |= {name: limits[name] for name in TERMS}
    sealed: dict[str, Any] = {}
    for (_, label), values in log.folder.held(entries[-1:]).items():
        count = draft.sealed[label].count
        if len(values) == (count or 1):
            sealed[label] = values[0] if count is None else list(values.values())
    return copied(schema, facts, sealed)


def for_signer(schema: Schema, digits: str | None, source: str | None = None) -> Callable[[OpenLog], str]:
    """How the key that a new entry is for is found in its log: by the first digits of its id, else as ``signer_of``."""
    return lambda log: signer_of(log, schema, source) if digits is None else find_key(log, digits)


def signer_of(log: OpenLog, schema: Schema, source: str | None) -> str:
    """The key that a new entry of a kind is for where none is named: that of the last of the deployment it is copied
    from, or the only one with a fitting role. Raises ``DraftNotOurs`` for several, ``RoleNotHeld`` for none."""
    copied = source is not None and template_named(source) is None
    subjects = [subject_in(log.folder.config, source)] if copied else []
    signed = [entry.key for _, entry in log.log.entries_of(*subjects) if entry.draft.kind == schema.kind and copied]
    roles = schema.roles - {COMPILER}
    held = log.log.keyring().keys.items()
    fitting = [key for key, holder in held if holder.revoked_at is None and holder.roles & roles]
    if signed and signed[-1] in fitting:
        return signed[-1]
    if not fitting:
        raise RoleNotHeld(f"{schema.kind}: no key of {log.origin} may sign it, as {listing(sorted(roles), 'or')}")
    if len(fitting) != 1:
        among = listing([f"{key[:16]}…" for key in fitting], "or")
        raise DraftNotOurs(f"{schema.kind}: the signer may be {among}; name the key with --for")
    return fitting[0]


def lent_by(file: Path, schema: Schema) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a draft or a template can lend a new entry of a kind. Raises ``DraftMalformed``, ``DraftAltered`` or
    ``PaperMalformed``."""
    data = read_input(file, LARGE_BYTES)
    # A draft is JSON, and a paper in JSON says so by its name: what a draft lacks is told, not that it is no TOML.
    if FORMAT.encode() not in data[:200] and (file.suffix == ".json" or not data.lstrip().startswith(b"{")):
        return lent_by_template(file, schema.kind)
    held = [drafted for drafted in read_draft(data, str(file)).entries if drafted.entry.draft.kind == schema.kind]
    if not held:
        raise DraftNotOurs(f"{file}: is a draft of another kind of entry than {schema.kind}")
    facts = dict(held[0].entry.draft.facts)
    if schema.kind == "authorise.approval":
        released = read_draft(data, str(file)).entries[-1].entry.draft.facts
        facts |= {name: released[name] for name in TERMS}
    return copied(schema, facts, held[0].contents())
