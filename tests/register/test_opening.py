"""Opening a log for work: one act, all or nothing; one resolution of roles; one place that opens a log."""

from __future__ import annotations

import ast
import fcntl
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from tests.making.logs import AT, CUSTODIAN, LOG_KEY, OPERATOR, ORIGIN, REGISTRAR, SCHEMAS

from countersign.deployments.rules import Act
from countersign.record.entries.schema import FactsMalformed
from countersign.record.keeping.log import LogMoved, SignerRefused
from countersign.record.store import filelock
from countersign.record.tlog.encoding import VerifierKey
from countersign.register.commands import Raw, Unsealed
from countersign.register.keys import register_key
from countersign.register.logs import Places, make_log
from countersign.register.opening import Doing, OpenLog, RoleNotClear, RoleNotHeld, opened, role_for
from countersign.surroundings import REAL, surrounded

SOURCE = Path(__file__).resolve().parents[2] / "src" / "countersign"
COUNTED = SCHEMAS.latest("test.counted")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[OpenLog]:
    """A log made by the register, with an operator and a custodian."""
    folder = tmp_path / "log"
    registrar = Doing(lambda: REGISTRAR, AT, "registrar")
    with surrounded(replace(REAL, key_cost=10)):
        config = Places().config(folder, ORIGIN, "force-a")
        make_log(folder, config, SCHEMAS, REGISTRAR, AT, lambda _: b"a passphrase")
    with opened(folder) as log:
        for signer, role in ((OPERATOR, "operator"), (CUSTODIAN, "custodian")):
            key = VerifierKey(role, LOG_KEY.key.kind, signer.public_key)
            register_key(log, registrar, key, (role,), None, None)
        yield log


def counted(faces: int, *, role: str = "operator") -> Unsealed:
    contents = {"reasons": Raw((b"because",)), "list": Raw((b"one", b"two"), is_set=True)}
    return Unsealed(Act("force-a/d-1", AT, role, OPERATOR.key), COUNTED, {"faces": faces}, contents)


def sealed_items(log: OpenLog) -> int:
    store = log.folder.sealed()
    try:
        return sum(items for _, _, items in store.kept())
    finally:
        store.close()


def test_entries_get_their_places_with_what_they_seal(log: OpenLog) -> None:
    appended = log.append([counted(1), counted(2)], OPERATOR)
    assert [one.index for one in appended] == [3, 4]
    assert [one.entry.draft.facts for one in appended] == [{"faces": 1}, {"faces": 2}]
    assert [entry.render() for entry in log.log.entries(3, 5)] == [one.entry.render() for one in appended]
    assert sealed_items(log) == 6


def test_nothing_is_appended_and_nothing_stays_sealed_if_one_of_them_is_refused(log: OpenLog) -> None:
    for made, signer, error in (
        ([counted(1), counted(-1)], OPERATOR, FactsMalformed),
        ([counted(1)], CUSTODIAN, SignerRefused),
    ):
        with pytest.raises(error):
            log.append(made, signer)
        assert log.log.sequencer.size() == 3
        assert sealed_items(log) == 0
    with pytest.raises(LogMoved):
        log.append([counted(1)], OPERATOR, at_size=2)
    assert sealed_items(log) == 0


def test_several_entries_are_sealed_where_locks_are_always_exclusive(
    log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    msvcrt = ModuleType("msvcrt")
    msvcrt.LK_NBLCK = 2  # type: ignore[attr-defined]
    msvcrt.locking = lambda handle, *_: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(filelock, "HAS_FLOCK", False)
    assert [one.index for one in log.append([counted(1), counted(2), counted(3)], OPERATOR)] == [3, 4, 5]


def test_the_role_is_the_one_that_fits(log: OpenLog) -> None:
    schema = SCHEMAS.latest("record.retention-rule")
    assert {"custodian", "registrar"} <= schema.roles
    assert role_for(schema, frozenset({"custodian", "operator"})) == "custodian"
    assert role_for(schema, frozenset({"custodian", "registrar"}), ("registrar",)) == "registrar"
    with pytest.raises(RoleNotClear, match="holds these roles: custodian, registrar"):
        role_for(schema, frozenset({"custodian", "registrar"}))
    with pytest.raises(RoleNotHeld, match=r"test\.counted: is for operator, and the key"):
        role_for(COUNTED, frozenset({"custodian"}))
    assert log.role(COUNTED, OPERATOR, Doing(lambda: OPERATOR)) == "operator"
    with pytest.raises(RoleNotHeld):
        log.role(COUNTED, CUSTODIAN, Doing(lambda: CUSTODIAN))
    with pytest.raises(RoleNotHeld, match="is not for the role custodian"):
        log.role(COUNTED, CUSTODIAN, Doing(lambda: CUSTODIAN, role="custodian"))


@pytest.mark.slow
def test_one_place_opens_a_log() -> None:
    """``LogFolder.log`` gives what can append; it is called in ``register.opening`` alone."""
    opening = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "log" and "folder" in ast.unparse(called.value):
                opening.add(path.relative_to(SOURCE).as_posix())
    assert opening == {"register/opening.py"}
