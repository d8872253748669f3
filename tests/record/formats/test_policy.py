from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.tlog.checkpoint import Cosigner
from countersign.record.tlog.encoding import VerifierKey
from countersign.record.tlog.policy import Group, Policy, PolicyLog, PolicyMalformed, PolicyWitness, QuorumNotMet

KEYS = [
    "w1.example+e6196c34+BJylUFaqtkBXeKHVrSECpct5YXM/rtIitsMHN78m1N6D",
    "w3.example+e5df9e2d+BBvG5s8wyPJv54y5dIORNv48Scu/F8tp96GZIz48oBSd",
]


@pytest.fixture
def witnesses(cosigner: Callable[[str], Cosigner]) -> tuple[PolicyWitness, ...]:
    return tuple(PolicyWitness(name, cosigner(name).key) for name in ("x1", "x2", "x3", "y1", "y2", "y3"))


def test_the_example_of_the_specification(witnesses: tuple[PolicyWitness, ...]) -> None:
    # C2SP tlog-policy, "Example policy": two of three of one kind, and any of the other.
    lines = [witness.render() for witness in witnesses]
    lines.insert(3, "group X-witnesses 2 x1 x2 x3\n")
    lines += ["group Y-witnesses any y1 y2 y3", "", "group X-and-Y all X-witnesses Y-witnesses", "quorum X-and-Y", ""]
    text = "\n".join(lines)
    policy = Policy.parse(text.encode())
    for enough in ({"x1", "x2", "y1"}, {"x1", "x3", "y3"}, {"x1", "x2", "x3", "y1", "y2", "y3"}):
        policy.require_quorum(enough)
    for wanting in (
        set(),
        {"x1", "y1"},
        {"x1", "x2", "x3"},
        {"y1", "y2", "y3"},
        {"X-witnesses", "Y-witnesses"},
        {"X-and-Y"},
    ):
        with pytest.raises(QuorumNotMet, match="X-and-Y needs 2 of X-witnesses, Y-witnesses"):
            policy.require_quorum(wanting)
    assert Policy.parse(policy.render()) == policy


def test_a_policy_says_which_line_is_wrong() -> None:
    with pytest.raises(PolicyMalformed, match="line 3: 'other' is used before"):
        Policy.parse(f"# one\nwitness w1 {KEYS[0]}\nquorum other\n".encode())


def test_rules_hold_for_a_policy_built_by_hand_too(witnesses: tuple[PolicyWitness, ...]) -> None:
    first, second = witnesses[:2]
    for groups, quorum in (
        ((Group("g", 1, ("other",)),), "g"),
        ((Group("g", 1, ("x1",)), Group("h", 1, ("x1",))), "g"),
        ((Group("x1", 1, ("x2",)),), "x1"),
        ((), "g"),
    ):
        with pytest.raises(PolicyMalformed):
            Policy((), (first, second), groups, quorum)
    for name, threshold in (("g", 2), ("g", 0), ("none", 1), ("a b", 1), ("", 1)):
        with pytest.raises(PolicyMalformed):
            Group(name, threshold, ("x1",))
    with pytest.raises(PolicyMalformed, match="twice"):
        Policy((), (first, PolicyWitness("again", first.key)), (), "none")
    with pytest.raises(PolicyMalformed, match="not one a log signs with"):
        PolicyLog(first.key)
    with pytest.raises(PolicyMalformed, match="address"):
        PolicyWitness("w", VerifierKey.parse(KEYS[0]), "http://a b")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=6)


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_a_policy_round_trips(data: st.DataObject) -> None:
    names = data.draw(st.lists(NAMES.filter(lambda name: name != "none"), min_size=3, max_size=3, unique=True))
    witnesses = tuple(PolicyWitness(name, VerifierKey.parse(key)) for name, key in zip(names, KEYS, strict=False))
    members = tuple(names[: data.draw(st.integers(1, 2))])
    group = Group(names[2], data.draw(st.integers(1, len(members))), members)
    policy = Policy((), witnesses, (group,), data.draw(st.sampled_from(["none", *names])))
    assert Policy.parse(policy.render()) == policy


@given(st.sets(st.sampled_from(["a", "b", "c", "d"])), st.integers(1, 3), st.integers(1, 2))
@settings(deadline=None, max_examples=60)
def test_a_quorum_is_a_count_at_each_group(cosigned: set[str], inner: int, outer: int) -> None:
    from hashlib import sha256

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys = [Cosigner(name, Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())).key for name in "abcd"]
    witnesses = tuple(PolicyWitness(name, key) for name, key in zip("abcd", keys, strict=True))
    groups = (Group("inner", inner, ("a", "b", "c")), Group("outer", outer, ("inner", "d")))
    policy = Policy((), witnesses, groups, "outer")
    enough = (len(cosigned & {"a", "b", "c"}) >= inner) + ("d" in cosigned) >= outer
    if enough:
        policy.require_quorum(cosigned)
    else:
        with pytest.raises(QuorumNotMet):
            policy.require_quorum(cosigned)
