"""Case files: a deployment described from papers by someone outside, as a TOML file that becomes a record.

A case holds sources (what was read, where) and entries, each naming its source and who its evidence came from
(``supplied_by``). Who compiles the papers signs as *compiler*. The file becomes a log in memory whose keys are made
from the file's own bytes and thrown away, so its signatures show only that nothing was altered since it was compiled.
What a source does not say is left out. A value ``{digest_of = "..."}`` is the digest of the citation of a document the
compiler does not hold; ``{entry = "name"}`` is the place of another entry of the case.

>>> _value({"digest_of": "a"}, {})[:8]
'ca978112'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.deployments.kinds import COMPILER, SCHEMAS
from countersign.door import LeakAtTheDoor, hold
from countersign.errors import WrongForm
from countersign.inputs import toml_of
from countersign.published.table.record import COLUMN_NAMES, Row
from countersign.record.bundle import Bundle, BundledEntry, BundledOpening, verify_bundle
from countersign.record.entries import canonical
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import Commitment, Draft, EntrySigner, sign_entry
from countersign.record.entries.keyring import opening_facts
from countersign.record.tlog.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.merkle import MemoryTree, inclusion_proof, leaf_hash
from countersign.record.tlog.policy import NO_QUORUM, Policy, PolicyLog
from countersign.reviews.deployment.reading import of_bundle
from countersign.reviews.deployment.record import DeploymentRecord, Origin, RecordNotReadable
from countersign.reviews.options import CASE_SUFFIX, name_of

_GROUP_OF_FORCE = "programme"


class CaseMalformed(WrongForm, next_step="Correct the place named; docs/formats/cases.md lists what may stand there."):
    """A case file is not in its form."""


class CaseSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was read: title, who published it and when, where it lies."""

    id: str
    title: str
    publisher: str = ""
    published: str = ""
    address: str = ""


class CaseEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: its kind, for when it speaks, who the evidence came from, the source and place in it, and facts."""

    kind: str
    at: str
    source: str
    facts: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    where: str = ""
    name: str = ""
    about: str = ""
    role: str = COMPILER
    supplied_by: str = "force"


class CaseRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row as printed, by the columns of docs/formats/columns.md; what is not printed is out. It is the force's own
    table, unless ``supplied_by`` says that the source is an outside body's: a court's judgment.
    """

    source: str
    where: str = ""
    supplied_by: Literal["force", "outside"] = "force"
    values: dict[str, Any] = {}

    def as_printed(self) -> Row:
        """The row. Raises ``CaseMalformed`` for a column or value that is not one of a row."""
        unknown = sorted(set(self.values) - set(COLUMN_NAMES))
        try:
            if unknown:
                raise msgspec.ValidationError(f"there is no column {', '.join(unknown)}")
            return msgspec.convert({"document": self.source, "number": 1, **self.values}, Row)
        except msgspec.ValidationError as error:
            raise CaseMalformed(f"row: {error}") from None


class CaseSentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence of what happened, in the compiler's words, and the place in the paper that says so."""

    text: str
    source: str
    where: str = ""


class CaseChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the case it is based on, by name: facts and sealed contents that differ, and facts left out."""

    name: str
    facts: dict[str, Any] = {}
    drop: list[str] = []
    sealed: dict[str, Any] = {}

    def of(self, entry: CaseEntry) -> CaseEntry:
        """The entry changed."""
        facts = {name: value for name, value in {**entry.facts, **self.facts}.items() if name not in self.drop}
        return msgspec.structs.replace(entry, facts=facts, sealed={**entry.sealed, **self.sealed})


class CaseFailure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to go wrong: the duty it is about, and what is changed, added or removed to get there. ``outcome`` is
    what the duty then comes to; ``profile`` and ``as_at`` are those it counts in, where not the case's.
    """

    duty: str
    outcome: str = "not met"
    profile: str = ""
    as_at: str = ""
    change: list[CaseChange] = []
    add: list[CaseEntry] = []
    remove: list[str] = []


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case as its file says it. ``standard`` says by whose standard and as at when; ``story`` begins the brief."""

    title: str
    force: str
    deployment: str
    as_at: str
    standard: str
    invented: bool = False
    profile: str = ""
    source: list[CaseSource] = []
    story: list[CaseSentence] = []
    entry: list[CaseEntry] = []
    row: CaseRow | None = None
    based_on: str = ""
    failure: list[CaseFailure] = []

    def failing(self, base: Case, duty: str | None) -> Case:
        """The case it is based on with the failure of one duty, or with all of them. Raises ``CaseMalformed``."""
        chosen = [failure for failure in self.failure if duty in (None, failure.duty)]
        if not chosen:
            raise CaseMalformed(f"no failure of {duty} is in the case")
        entries = {entry.name: entry for entry in base.entry}
        for failure in chosen:
            for change in failure.change:
                if change.name in entries:
                    entries[change.name] = change.of(entries[change.name])
            entries |= {entry.name: entry for entry in failure.add}
            for name in failure.remove:
                entries.pop(name, None)
        at = {entry.name: entry.at for entry in base.entry}
        kept = sorted(entries.values(), key=lambda entry: at.get(entry.name, entry.at))
        alone = {}
        if duty is not None:
            [failure] = chosen
            profile, as_at = failure.profile or self.profile, failure.as_at or self.as_at
            alone = {"title": f"{self.title}: {duty}", "profile": profile, "as_at": as_at}
        return msgspec.structs.replace(self, source=base.source, entry=kept, based_on="", failure=[], **alone)


@dataclass(frozen=True, slots=True)
class BuiltCase:
    """A case with the bundle made of it, the policy it is verified under, and the record that gives."""

    case: Case
    bundle: Bundle = field(repr=False)
    policy: Policy
    record: DeploymentRecord
    #: The case's entry behind each place of the log.
    places: Mapping[int, CaseEntry] = field(repr=False)

    @property
    def subject(self) -> str:
        """The deployment that the case is about, with its force."""
        return f"{self.case.force}/{self.case.deployment}"


def read_case(path: Path, *, failing: str | None = None) -> BuiltCase:
    """The case in a file, built; of a case of failures the one of duty ``failing``, or all together.
    ``failing-case.toml/uk.auth.rank`` names the failure of one duty too. Raises ``RecordNotReadable``,
    ``CaseMalformed``, or what building raises.
    """
    if path.parent.suffix == CASE_SUFFIX and path.parent.is_file():
        path, failing = path.parent, path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordNotReadable(f"{path}: {error.strerror or error}") from None
    try:
        case = parse_case(data)
        if case.based_on:
            base = (path.parent / f"{case.based_on}{path.suffix}").read_bytes()
            case, data = case.failing(parse_case(base), failing), data + base + (failing or "").encode()
        elif failing is not None:
            raise CaseMalformed(f"no failure of {failing} is in the case, which holds none")
        return build(case, name_of(path), data)
    except OSError as error:
        raise RecordNotReadable(f"{path}: based on {case.based_on}: {error.strerror or error}") from None
    except WrongForm as error:
        if str(path) in str(error):
            raise
        kind = LeakAtTheDoor if isinstance(error, LeakAtTheDoor) else CaseMalformed
        raise kind(f"{path}: {error}") from None


def parse_case(data: bytes) -> Case:
    """The case of a file's bytes. Raises ``CaseMalformed``."""
    try:
        case = msgspec.convert(hold("case", toml_of(data, "the case", CaseMalformed), "the case"), Case)
    except msgspec.ValidationError as error:
        raise CaseMalformed(f"not a case file: {error}") from None
    named = {source.id for source in case.source}
    for number, entry in enumerate(case.entry, 1):
        if entry.source not in named:
            where = f"entry {number} ({entry.kind})"
            raise CaseMalformed(f"{where}: names the source {entry.source!r}, which is not listed")
    for number, sentence in enumerate(case.story, 1):
        if sentence.source not in named:
            raise CaseMalformed(f"story {number}: names the source {sentence.source!r}, which is not listed")
    if case.row is not None:
        case.row.as_printed()
        if case.row.source not in named:
            raise CaseMalformed(f"row: names the source {case.row.source!r}, which is not listed")
    if not case.entry and case.row is None and not (case.based_on and case.failure):
        raise CaseMalformed("the case has no entry and no row")
    return case


def build(case: Case, file: str, data: bytes) -> BuiltCase:
    """The case as a signed and verified record. The keys are made of the file's bytes, ``data``."""
    seed = sha256(b"countersign-case/v1\n" + data).digest()
    origin = f"case.invalid/{case.force}"
    log_key = NoteSigner(origin, _private(seed, "log"))
    policy = Policy((PolicyLog(log_key.key),), (), (), NO_QUORUM)
    drafts, places, openings = _drafts(case, seed, origin)
    datas = [sign_entry(draft, signer).render() for draft, signer in drafts]
    tree = MemoryTree(map(leaf_hash, datas))
    checkpoint = sign_checkpoint(Checkpoint(origin, len(datas), tree.root()), log_key)
    entries = tuple(
        BundledEntry(index, entry, tuple(inclusion_proof(tree, index, len(datas)))) for index, entry in enumerate(datas)
    )
    used = sorted({(draft.kind, draft.schema) for draft, _ in drafts})
    schemas = tuple(SCHEMAS.get(*name).text for name in used)
    bundle = Bundle(f"{case.force}/{case.deployment}", "public", checkpoint, schemas, entries, tuple(openings))
    record = of_bundle(verify_bundle(bundle, policy), Origin("case", file, sha256(data).hexdigest()))
    # Who compiled the papers said who supplied each entry; there is nobody else whose word it could be.
    record = replace(record, reader=None)
    return BuiltCase(case, bundle, policy, record, places)


_Drafts = list[tuple[Draft, EntrySigner]]


def _drafts(case: Case, seed: bytes, log: str) -> tuple[_Drafts, dict[int, CaseEntry], list[BundledOpening]]:
    registrar = EntrySigner(_private(seed, "registrar"))
    roles = sorted({entry.role for entry in case.entry})
    signers = {role: EntrySigner(_private(seed, f"role {role}")) for role in roles}
    first = min((entry.at for entry in case.entry), default=f"{case.as_at}T00:00:00Z")

    def of_registrar(kind: str, facts: dict[str, Any]) -> tuple[Draft, EntrySigner]:
        return Draft(kind, 1, log, case.force, first, "registrar", "force", facts), registrar

    drafts: _Drafts = [of_registrar("record.log-opened", opening_facts(registrar, SCHEMAS))]
    for role, signer in signers.items():
        facts: dict[str, Any] = {"public_key": render_base64(signer.public_key), "roles": [role]}
        drafts.append(of_registrar("record.key-registered", facts))
    start = len(drafts)
    names = {entry.name: start + number for number, entry in enumerate(case.entry) if entry.name}
    places: dict[int, CaseEntry] = {}
    openings: list[BundledOpening] = []
    for index, entry in enumerate(case.entry, start):
        try:
            draft, opened = _draft(case, entry, index, names, seed, log)
            draft.check(SCHEMAS)
        except WrongForm as error:
            raise CaseMalformed(f"entry {index - start + 1} ({entry.kind}): {error}") from None
        drafts.append((draft, signers[entry.role]))
        openings += opened
        places[index] = entry
    return drafts, places, openings


def _draft(
    case: Case, entry: CaseEntry, index: int, names: Mapping[str, int], seed: bytes, log: str
) -> tuple[Draft, list[BundledOpening]]:
    about = entry.about or ("force" if entry.kind.startswith(f"{_GROUP_OF_FORCE}.") else "deployment")
    subject = case.force if about == "force" else f"{case.force}/{case.deployment}"
    schema = SCHEMAS.get(entry.kind, 1)
    sealed: dict[str, Commitment] = {}
    openings: list[BundledOpening] = []
    for label, content in sorted(entry.sealed.items()):
        rule = schema.sealed.get(label)
        if rule is None:
            raise CaseMalformed(f"sealed.{label} is not a label of this kind of entry")
        parts = [_value(part, names) for part in (content if rule.is_set else [content])]
        for part in parts:
            rule.check(part, f"sealed.{label}")
        contents = [canonical.render(part) for part in parts]
        keys = [sha256(seed + f"{index} {label} {place}".encode()).digest() for place in range(len(contents))]
        made = [commit(label, 1, part, key) for part, key in zip(contents, keys, strict=True)]
        items = SealedSet(made)
        sealed[label] = Commitment(items.root, len(made)) if rule.is_set else Commitment(made[0])
        openings += [
            BundledOpening(index, label, place, 1, part, key, tuple(items.prove(place)) if rule.is_set else ())
            for place, (part, key) in enumerate(zip(contents, keys, strict=True))
        ]
    facts = _value(entry.facts, names)
    return Draft(entry.kind, 1, log, subject, entry.at, entry.role, entry.supplied_by, facts, sealed), openings


def _value(value: Any, names: Mapping[str, int]) -> Any:
    """A value of the file as it stands in an entry: digests of citations and places of named entries filled in."""
    if isinstance(value, dict):
        if set(value) == {"digest_of"}:
            return sha256(str(value["digest_of"]).encode()).hexdigest()
        if set(value) == {"entry"} and isinstance(value["entry"], str):
            if value["entry"] not in names:
                raise CaseMalformed(f"names the entry {value['entry']!r}, which is not in the case")
            return names[value["entry"]]
        return {name: _value(part, names) for name, part in value.items()}
    if isinstance(value, list):
        return [_value(part, names) for part in value]
    return value


def _private(seed: bytes, name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(seed + name.encode()).digest())
