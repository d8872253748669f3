"""Trust policies: which logs and witnesses are known, and which of them together are enough (C2SP tlog-policy).

A file of lines: ``log <vkey> [<url>]``, ``witness <name> <vkey> [<url>]``, ``group <name> <k|any|all> <member>...``
and one ``quorum <name|none>``; empty lines and comments (#) are left out. Strict: a name is defined once, and before
it is used; a member stands in one group only; 1 <= k <= n; no public key stands twice, whether for a log or a
witness, so that the log's keeper cannot be counted as an outside body by the same key. Names are opaque: kept as
they are written. What a checkpoint must bear under a policy is checked in ``trust``.

>>> key = "w1.example+e6196c34+BJylUFaqtkBXeKHVrSECpct5YXM/rtIitsMHN78m1N6D"
>>> policy = Policy.parse(f"witness w1 {key}\\ngroup outside any w1\\nquorum outside\\n".encode())
>>> policy.groups[0]
Group(name='outside', threshold=1, members=('w1',))
>>> policy.require_quorum(set())
Traceback (most recent call last):
    ...
countersign.record.tlog.policy.QuorumNotMet: outside needs 1 of w1; there are 0 (nobody has cosigned)
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from countersign.errors import EvidenceWrong, NotReached, WrongForm
from countersign.inputs import read_limited
from countersign.record.tlog.encoding import KeyKind, VerifierKey, parse_decimal, shown
from countersign.words.lists import be

NO_QUORUM = "none"
MAXIMUM_POLICY_BYTES = 1 << 20

_TOKEN = re.compile("[^\x00-\x20\x7f]+")
_FOREIGN = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_LOG_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44)
_WITNESS_KINDS = (KeyKind.COSIGNATURE, KeyKind.ML_DSA_44)


class PolicyMissing(NotReached, next_step="Check the path; `countersign policy new` makes a policy."):
    """A policy file cannot be read."""


class PolicyMalformed(
    WrongForm, next_step="Correct the line named; `countersign policy check FILE` says whether all of it holds."
):
    """A policy file has a line that is not of the form, or breaks a rule on names, groups or keys."""


class QuorumNotMet(
    EvidenceWrong,
    next_step="Ask the log for a checkpoint that the witnesses named have cosigned, or check that the policy is yours.",
):
    """A checkpoint does not bear the cosignatures that the policy asks for."""


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints are taken: its key's name is the origin. The address is for programs that fetch."""

    key: VerifierKey
    url: str | None = None

    def __post_init__(self) -> None:
        if self.key.kind not in _LOG_KINDS:
            kind = f"{self.key.kind:#04x}"
            raise PolicyMalformed(f"the key of {self.key.name} is of type {kind}, not one a log signs with")
        _check_url(self.url)

    def render(self) -> str:
        """The line, without its newline."""
        return " ".join(filter(None, ("log", self.key.render(), self.url)))


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness, under the name that groups and the quorum use for it."""

    name: str
    key: VerifierKey
    url: str | None = None

    def __post_init__(self) -> None:
        _check_policy_name(self.name)
        if self.key.kind not in _WITNESS_KINDS:
            raise PolicyMalformed(f"the key of {self.name} is of type {self.key.kind:#04x}, not one that cosigns")
        _check_url(self.url)

    def render(self) -> str:
        """The line, without its newline."""
        return " ".join(filter(None, ("witness", self.name, self.key.render(), self.url)))


@dataclass(frozen=True, slots=True)
class Group:
    """At least ``threshold`` of ``members`` (witnesses or groups) must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_policy_name(self.name)
        if not 1 <= self.threshold <= len(self.members):
            count = len(self.members)
            raise PolicyMalformed(f"the group {shown(self.name)} asks for {self.threshold} of {count} members")

    def render(self) -> str:
        """The line, without its newline; ``any`` and ``all`` are written as the numbers they stand for."""
        return " ".join(("group", self.name, str(self.threshold), *self.members))


def _check_policy_name(name: str) -> None:
    if not _TOKEN.fullmatch(name) or name == NO_QUORUM:
        raise PolicyMalformed(f"{shown(name)} cannot be defined as a name")


def _check_url(url: str | None) -> None:
    if url is not None and not _TOKEN.fullmatch(url):
        raise PolicyMalformed(f"{shown(url)} cannot be written as an address")


@dataclass(slots=True)
class _Definitions:
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)

    def add(self, definition: PolicyLog | PolicyWitness | Group) -> None:
        if isinstance(definition, Group):
            for member in definition.members:
                self.use(member)
                if member in self.members:
                    raise PolicyMalformed(f"{shown(member)} is a member of a group already, and can be of one only")
                self.members.add(member)
        elif definition.key.public_key in self.keys:
            raise PolicyMalformed(f"the public key of {definition.key.name} stands in the policy twice")
        else:
            self.keys.add(definition.key.public_key)
        if not isinstance(definition, PolicyLog):
            if definition.name in self.names:
                raise PolicyMalformed(f"the name {shown(definition.name)} is defined twice")
            self.names.add(definition.name)

    def use(self, name: str) -> None:
        if name not in self.names:
            raise PolicyMalformed(f"{shown(name)} is used before it is defined, or is not defined at all")


@dataclass(frozen=True, slots=True)
class Policy:
    """Known logs and witnesses, groups in the order of their definition, and the quorum. Checked when built."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def __post_init__(self) -> None:
        definitions = _Definitions()
        for definition in self._definitions():
            definitions.add(definition)
        if self.quorum != NO_QUORUM:
            definitions.use(self.quorum)

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """The policy of a file's bytes; raises ``PolicyMalformed``, with the line."""
        if len(data) > MAXIMUM_POLICY_BYTES:
            raise PolicyMalformed(f"a policy of {len(data):,} bytes is longer than {MAXIMUM_POLICY_BYTES:,}")
        if not data.endswith(b"\n"):
            raise PolicyMalformed("the last line of the policy does not end in a newline (is the file cut short?)")
        lines: list[PolicyLog | PolicyWitness | Group] = []
        quorum: str | None = None
        definitions = _Definitions()
        for number, line in enumerate(data[:-1].split(b"\n"), 1):
            try:
                words = _words(line)
                if not words or words[0].startswith("#"):
                    continue
                if words[0] == "quorum":
                    if quorum is not None or len(words) != 2:
                        raise PolicyMalformed("a policy has one quorum, with one name")
                    quorum = words[1]
                    if quorum != NO_QUORUM:
                        definitions.use(quorum)
                    continue
                lines.append(_parse_definition(words))
                definitions.add(lines[-1])
            except WrongForm as error:
                raise PolicyMalformed(f"line {number}: {error}") from None
        if quorum is None:
            raise PolicyMalformed("the policy has no quorum line (`quorum none` asks for no cosignature)")
        return cls(
            tuple(line for line in lines if isinstance(line, PolicyLog)),
            tuple(line for line in lines if isinstance(line, PolicyWitness)),
            tuple(line for line in lines if isinstance(line, Group)),
            quorum,
        )

    def render(self) -> bytes:
        """The policy in its plainest form: logs, witnesses, groups, quorum, without comments."""
        lines = [definition.render() for definition in self._definitions()]
        lines.append(f"quorum {self.quorum}")
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")

    def _definitions(self) -> tuple[PolicyLog | PolicyWitness | Group, ...]:
        return (*self.logs, *self.witnesses, *self.groups)

    def require_quorum(self, cosigned: AbstractSet[str]) -> None:
        """Return if the witnesses of these names are enough; raises ``QuorumNotMet`` with what is wanting."""
        met = set(cosigned) & {witness.name for witness in self.witnesses}
        who = f"{', '.join(sorted(met))} {be(len(met), 'has', 'have')} cosigned" if met else "nobody has cosigned"
        wanting = f"{self.quorum} itself"
        for group in self.groups:
            there = sum(member in met for member in group.members)
            if there >= group.threshold:
                met.add(group.name)
            elif group.name == self.quorum:
                wanting = f"{group.threshold} of {', '.join(group.members)}; there are {there}"
        if self.quorum != NO_QUORUM and self.quorum not in met:
            raise QuorumNotMet(f"{self.quorum} needs {wanting} ({who})")


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises ``PolicyMissing``, ``InputTooLarge`` or ``PolicyMalformed``, with the path."""
    try:
        data = read_limited(path)
    except OSError as error:
        raise PolicyMissing(f"{path}: {error.strerror or error}") from None
    try:
        return Policy.parse(data)
    except PolicyMalformed as error:
        raise PolicyMalformed(f"{path}: {error}") from None


def _words(line: bytes) -> list[str]:
    """The words of a line. Octets above 0x7F are opaque: surrogateescape keeps each as it is, valid UTF-8 or not."""
    if found := _FOREIGN.search(line):
        raise PolicyMalformed(f"the control character 0x{found.group()[0]:02x} is not allowed")
    return [word for word in re.split("[ \t]+", line.decode("utf-8", "surrogateescape")) if word]


def _parse_definition(words: list[str]) -> PolicyLog | PolicyWitness | Group:
    kind, *rest = words
    if kind == "log" and len(rest) in (1, 2):
        return PolicyLog(VerifierKey.parse(rest[0]), *rest[1:])
    if kind == "witness" and len(rest) in (2, 3):
        return PolicyWitness(rest[0], VerifierKey.parse(rest[1]), *rest[2:])
    if kind == "group" and len(rest) >= 3:
        name, asked, *members = rest
        threshold = {"any": 1, "all": len(members)}.get(asked)
        return Group(name, parse_decimal(asked) if threshold is None else threshold, tuple(members))
    raise PolicyMalformed(f"{shown(' '.join(words))} is no log, witness, group or quorum line")
