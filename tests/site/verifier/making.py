"""A small log with every governing kind, sealed values and a schema of every form, for bundles and what goes wrong in
them; and the verifier's scripts as a page whose functions a test can call."""

from __future__ import annotations

import base64
import copy
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.errors import CountersignError
from countersign.progress import silent
from countersign.record.bundle import Bundle, BundledEntry, BundledOpening
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import SIGNED_PREFIX, EntrySigner
from countersign.record.entries.keyring import OWN, prove_possession
from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSigner, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.merkle import MemoryTree, inclusion_proof, leaf_hash
from countersign.record.tlog.policy import Policy
from countersign.results.verified import verify_bytes
from countersign.site.verifier import page

ORIGIN, SUBJECT, AT = "log.example/force-a", "force-a/d-1", "2026-03-01T09:30:00Z"
HERE = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((HERE / "values.json").read_text(encoding="utf-8"))
#: A schema with a field of every form.
DEMO = json.dumps(VALUES["schema"]).encode()


def key(name: str) -> EntrySigner:
    """A signer of tests."""
    return EntrySigner(Ed25519PrivateKey.from_private_bytes(sha256(b"verifier, " + name.encode()).digest()))


SIGNERS = {signer.key: signer for signer in map(key, ("registrar", "operator", "next", "custodian"))}
REGISTRAR, OPERATOR, NEXT, CUSTODIAN = SIGNERS.values()
LOG = NoteSigner(ORIGIN, key("log").private_key)
WITNESS = Cosigner("w.example", key("witness").private_key)
POLICY = f"log {LOG.key.render()}\nwitness w {WITNESS.key.render()}\ngroup outside any w\nquorum {{}}\n"
OPENINGS = [sha256(b"opening %d" % number).digest() for number in range(4)]
CASES = [b'"case %d"' % number for number in range(4)]


@dataclass
class Made:
    """What a bundle is made of, still to be signed: entries as JSON, schemas, openings, header."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    schemas: list[bytes] = field(default_factory=list)
    openings: list[BundledOpening] = field(default_factory=list)
    audience: str = "panel"
    subject: str = SUBJECT
    keeper: EntrySigner | None = CUSTODIAN
    left_out: frozenset[int] = frozenset()
    cosigned: bool = True
    #: The entry at this place is signed in another spelling of the same JSON.
    respelled: int = -1
    spelling: str = ""

    def bundle(self) -> bytes:
        """Signed and proved, whatever stands in it."""
        data = [signed(entry) for entry in self.entries]
        if self.respelled >= 0:
            data[self.respelled] = signed(self.entries[self.respelled], self.spelling)
        tree = MemoryTree(map(leaf_hash, data))
        head = sign_checkpoint(Checkpoint(ORIGIN, len(data), tree.root()), LOG)
        if self.cosigned:
            head = SignedCheckpoint(head.checkpoint, head.note.adding(WITNESS.cosign(head.checkpoint, 1_772_355_900)))
        held = tuple(
            BundledEntry(place, each, tuple(inclusion_proof(tree, place, len(data))))
            for place, each in enumerate(data) if place not in self.left_out
        )  # fmt: skip
        bundle = Bundle(self.subject, self.audience, head, tuple(self.schemas), held, tuple(self.openings))
        return (bundle if self.keeper is None else bundle.signed(self.keeper)).render()


#: JSON that is not the one canonical text of its value, by what is done to it.
SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "a blank": lambda data: data.replace(b'":', b'": ', 1),
    "a blank before": lambda data: b" " + data,
    "an escape": lambda data: re.sub(rb'":"([^"\\])', lambda found: b'":"\\u00%02x' % found[1][0], data, count=1),
    "another order": lambda data: json.dumps(dict(reversed(json.loads(data).items())), separators=(",", ":")).encode(),
    "a field twice": lambda data: re.sub(rb'\{("[a-z_0-9]+":)', rb"{\g<1>1,\g<1>", data, count=1),
}


def signed(entry: dict[str, Any], spelling: str = "") -> bytes:
    """The entry's bytes, signed by the key it names (by any, if none has that id), canonical or as near as it gets."""
    signer = SIGNERS.get(str(entry.get("key")), OPERATOR)
    unsigned = {name: value for name, value in entry.items() if name != "sig"}
    made = render_base64(signer.private_key.sign(SIGNED_PREFIX + _text(unsigned)))
    return SPELLINGS[spelling](_text({"sig": made} | entry))


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def whole() -> Made:
    """A lawful bundle with every governing kind, openings, a repeat's worth of variety, a finding and an erasure."""
    made = Made(schemas=[*(schema.text for schema in OWN.known.values()), DEMO])

    def add(kind: str, facts: dict[str, Any], signer: EntrySigner, role: str, sealed: Any = None, **more: Any) -> None:
        about = SUBJECT if kind.startswith("demo") else "force-a"
        entry = {"v": 1, "kind": kind, "schema": 1, "log": ORIGIN, "subject": about, "at": AT, "role": role}
        entry |= {"key": signer.key, "supplied_by": "force", "facts": facts, "sealed": sealed or {}}
        made.entries.append(entry | more)

    adopted = [{"kind": schema.kind, "version": 1, "digest": schema.digest} for schema in OWN.known.values()]
    add(
        "record.log-opened",
        {"registrar": render_base64(REGISTRAR.public_key), "schemas": adopted},
        REGISTRAR,
        "registrar",
    )
    demo = {"kind": "demo.all", "version": 1, "digest": sha256(DEMO).hexdigest()}
    add("record.schema-adopted", demo, REGISTRAR, "registrar")
    for signer, roles in ((OPERATOR, ["operator"]), (CUSTODIAN, ["custodian"])):
        add("record.key-registered", {"public_key": render_base64(signer.public_key), "roles": roles},
            REGISTRAR, "registrar")  # fmt: skip
    one = {"alg": "hmac-sha256.1", "commitment": commit("case", 1, CASES[0], OPENINGS[0]).hex()}
    several = SealedSet([commit("cases", 1, CASES[n], OPENINGS[n]) for n in (1, 2, 3)])
    root = {"alg": "hmac-sha256.1", "root": several.root.hex(), "count": 3}
    add("demo.all", copy.deepcopy(VALUES["facts"]), OPERATOR, "operator", {"case": one, "cases": root})
    add("record.role-granted", {"key": OPERATOR.key, "role": "custodian"}, REGISTRAR, "registrar")
    fixed = {"finding": "seen", "result": "yes", "check": "seen.1", "tree_size": 5,
             "used": [{"entry": 4, "label": "cases", "ranges": [{"first": 0, "last": 1}]}]}  # fmt: skip
    add("record.finding-fixed", fixed, CUSTODIAN, "custodian")
    proof = prove_possession(NEXT, ORIGIN, OPERATOR.key)
    add("record.key-rotated", {"public_key": render_base64(NEXT.public_key), "possession": render_base64(proof)},
        OPERATOR, "operator")  # fmt: skip
    add("demo.all", {"count": 5}, NEXT, "operator", supplied_by="observer")
    add("record.role-withdrawn", {"key": NEXT.key, "role": "custodian"}, REGISTRAR, "registrar")
    made.openings = [BundledOpening(4, "case", 0, 1, CASES[0], OPENINGS[0])]
    made.openings += [
        BundledOpening(4, "cases", n, 1, CASES[n + 1], OPENINGS[n + 1], tuple(several.prove(n))) for n in (0, 2)
    ]
    return made


#: What a value may be changed into: kinds, edges, and forms that never stand in the record.
HOSTILE: tuple[Any, ...] = (
    *VALUES["hostile"],
    *(OPERATOR.key, NEXT.key, CUSTODIAN.key, render_base64(CUSTODIAN.public_key)),
    *(render_base64(bytes([1, *31 * [0]])), render_base64(b"\xff" * 32)),
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value within."""
    found = [at] if at else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        found += places(part, (*at, name))
    return found


def change(value: Any, chance: random.Random) -> None:
    """Change one value within, in place: another value, another one's value, gone, doubled, or a field too many."""
    where = chance.choice(places(value))
    holder = value
    for name in where[:-1]:
        holder = holder[name]
    last, way = where[-1], chance.randrange(10)
    if way == 0:
        del holder[last]
    elif way == 1 and isinstance(holder, dict):
        holder[chance.choice(["more", "__proto__", "count", "é", "sig", "x" * 129])] = chance.choice(HOSTILE)
    elif way == 1:
        holder.append(copy.deepcopy(holder[last]))
    elif way == 2 and isinstance(holder[last], str) and holder[last]:
        spot = chance.randrange(len(holder[last]))
        holder[last] = holder[last][:spot] + chance.choice("aZ09-/.+= é\u202e\n") + holder[last][spot + 1 :]
    elif way == 3 and type(holder[last]) is int:
        holder[last] += chance.choice((-1, 1, 5, -5))
    else:
        holder[last] = copy.deepcopy(chance.choice(HOSTILE))


def mutation(number: int) -> tuple[bytes, bytes]:
    """The bundle and the policy of a mutation: half in the bytes, with the last line made to fit again or not, half in
    what is signed, with tree, proofs and signatures made anew, so that only the changed statement itself is wrong."""
    chance = random.Random(number)
    policy = POLICY.format(chance.choice(["outside", "outside", "w", "none"])).encode()
    kind = chance.randrange(12)
    if kind == 0:
        return WHOLE, _bytes(policy, chance)
    if kind < 5:
        data = _bytes(WHOLE[:-78], chance) if chance.random() < 0.9 else WHOLE[: chance.randrange(len(WHOLE))]
        return (sealed(data) if chance.random() < 0.9 else data + WHOLE[-78:]), policy
    if kind < 7:
        rows = WHOLE[:-78].split(b"\n")[:-1]
        at = chance.choice((0, 0, 1, 2, len(rows) - 1, chance.randrange(len(rows))))
        row = json.loads(rows[at])
        change(row, chance)
        rows[at] = _text(row)
        return sealed(b"".join(each + b"\n" for each in rows)), policy
    return _made(chance), policy


def sealed(data: bytes) -> bytes:
    """With the last line that fits."""
    return data + b'{"sha256":"%s"}\n' % sha256(data).hexdigest().encode()


def _bytes(data: bytes, chance: random.Random) -> bytes:
    spot, length = chance.randrange(len(data)), chance.choice((1, 1, 1, 2, 40, 900))
    way = chance.randrange(6)
    if way == 0:
        return data[:spot] + bytes([data[spot] ^ (1 << chance.randrange(8))]) + data[spot + 1 :]
    if way == 1:
        return data[:spot] + bytes([chance.randrange(256)]) + data[spot:]
    if way == 2:
        return data[:spot] + data[spot + length :]
    if way == 3:
        return data[: spot + length] + data[spot:]
    rows = data.split(b"\n")[:-1]
    one, two = chance.randrange(len(rows)), chance.randrange(len(rows))
    rows[one], rows[two] = rows[two], rows[one] if way == 4 else rows[two]
    return b"".join(row + b"\n" for row in rows)


def _made(chance: random.Random) -> bytes:
    made = whole()
    way = chance.randrange(12)
    if way < 6:
        change(chance.choice(made.entries), chance)
    elif way == 6:
        schema = json.loads(DEMO)
        change(schema, chance)
        text = json.dumps(schema).encode()
        made.schemas[-1] = text
        made.entries[1]["facts"]["digest"] = sha256(text).hexdigest()
    elif way == 7:
        one, two = chance.randrange(len(made.entries)), chance.randrange(len(made.entries))
        made.entries.insert(one, copy.deepcopy(made.entries[two]))
        made.openings = [] if one <= 4 else made.openings
    elif way == 8:
        made.left_out = frozenset({chance.randrange(len(made.entries))})
    elif way == 9:
        at = chance.randrange(len(made.openings))
        given = made.openings[at]
        changes = [("position", 1), ("label", "case"), ("entry", 8), ("content", b"other"), ("opening", bytes(32)),
                   ("version", 2), ("proof", given.proof[:-1]), ("proof", (*given.proof, bytes(32)))]  # fmt: skip
        name, value = chance.choice(changes)
        made.openings[at] = BundledOpening(**{each: getattr(given, each) for each in given.__slots__} | {name: value})
    elif way == 10:
        _erase(made, chance)
    else:
        made.keeper = chance.choice([None, CUSTODIAN, OPERATOR, REGISTRAR, NEXT, key("nobody")])
        made.subject = chance.choice([SUBJECT, "force-a", "force-b/d-1", "force-a/d-2"])
        made.audience, made.cosigned = chance.choice(["panel", "é \u202e", ""]), chance.random() < 0.8
    return made.bundle()


def _erase(made: Made, chance: random.Random) -> None:
    """Further entries that erase, lose, hold or release, lawful or not."""
    for _ in range(chance.randrange(1, 5)):
        first = chance.randrange(3)
        label, last = chance.choice([("case", 0), ("cases", chance.randrange(3))])
        items = [{"entry": 4, "label": label, "ranges": [{"first": min(first, last), "last": last}]}]
        kind = chance.choice(["erased", "lost", "held", "released"])
        schema = json.loads(OWN.get(f"record.{kind}", 1).text)
        facts: dict[str, Any] = {"items": items, "hold": len(made.entries) - 1}
        for name, part in schema["properties"].items():
            facts.setdefault(name, part["enum"][0] if "enum" in part else _of_form(part))
        facts = {name: value for name, value in facts.items() if name in schema["properties"]}
        entry = copy.deepcopy(made.entries[6]) | {"kind": f"record.{kind}", "facts": facts}
        made.entries.append(entry | {"role": schema["x-roles"][0]})


def _of_form(part: dict[str, Any]) -> Any:
    forms = {"token": "case", "digest": "ab" * 32, "time": AT, "reference": "R/7", "date": "2026-03-01"}
    return forms.get(part.get("format", ""), part.get("minimum", []))


WHOLE = whole().bundle()


def by_command(data: bytes, policy: bytes) -> list[str]:
    """What ``countersign verify`` says, line by line; nothing where it refuses."""
    try:
        return verify_bytes(data, Policy.parse(policy), None, silent).lines()
    except CountersignError:
        return []


def harness(*parts: str, more: str = "") -> str:
    """A page of the verifier's modules whose functions stand in the window, for tests to call."""
    script = "\n".join(page.module(name) for name in parts)
    data = json.dumps(page.declarations(kinds=True)).replace("<", "\\u003c")
    script += f"\nObject.assign(declared, {data});{more}"
    return f"<!doctype html><meta charset=utf-8><script type=module>{script}</script>"


JUDGE = (HERE / "judge.js").read_text(encoding="utf-8")


def judged(browser_page: Any, cases: list[tuple[bytes, bytes]]) -> list[Any]:
    """What the script says of bundles under policies: lines, or why it refuses."""
    texts = [[base64.b64encode(part).decode() for part in case] for case in cases]
    found: list[Any] = browser_page.evaluate("cases => judge(cases)", texts)
    return found
