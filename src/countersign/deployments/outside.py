"""Which keys are an outside body's: those that the reader's own trust policy names, other than the log's.

A moratorium stops authority if an outside body signed it. Who that is must not be the force's to say, and the log's
registrar is the force's. So whoever has a trust policy reads by that: outside are its witnesses' keys and the keys of
its ``log`` lines of another origin than this log's (a body that cosigns nothing is named so, by the key that
``countersign key new`` printed for it). Without a policy the registered role is all there is to go by. Keys that are
not Ed25519 sign no entries and are left out.

>>> from countersign.record.tlog.policy import Policy
>>> log = "log.example/force-a+3b3ed551+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
>>> body = "ombudsman.example+b13c8181+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
>>> policy = Policy.parse(f"log {log}\\nlog {body}\\nquorum none\\n".encode())
>>> len(outside_keys(policy, "log.example/force-a"))
1
"""

from __future__ import annotations

from countersign.record.entries.entry import key_id
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.verifierkey import KeyKind, VerifierKey


def outside_keys(policy: Policy, origin: str) -> frozenset[str]:
    """The ids, as entries name them, of the keys a trust policy holds for bodies outside the log of this origin."""
    named = [one.key for one in policy.logs if one.key.name != origin] + [one.key for one in policy.witnesses]
    return frozenset(key_id(key.public_key) for key in named if key.kind is not KeyKind.ML_DSA_44)


def note_keys(policy: Policy, origin: str) -> tuple[VerifierKey, ...]:
    """Those of the outside keys that sign plain notes: a witness's key cosigns and serves nothing else."""
    return tuple(one.key for one in policy.logs if one.key.name != origin and one.key.kind is KeyKind.ED25519)
