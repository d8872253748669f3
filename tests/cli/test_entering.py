"""From journal to log: nothing said twice, everything on one alert sealed, and what is left out is said."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, office, opened, to_the_opening
from tests.making import histories as made

from countersign.deployments import limits
from countersign.deployments.view import View
from countersign.record.entries import canonical
from countersign.register.asking import Reader
from countersign.register.deployments import state_of, view_of
from countersign.register.opening import opened as log_opened

__all__ = ["office", "opened"]

CLOSING = {
    "closed_at": made.END,
    "reason": "end-of-window",
    "faces": 900,
    "alerts": 3,
    "engagements": 0,
    "incidents": 0,
}
AFTER = "2026-03-02T19:00:00Z"
STOP, GO = "2026-03-02T15:00:00Z", "2026-03-02T15:20:00Z"


def event(source: str, number: int, at: str, kind: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"source": source, "sequence": number, "sent_at": at, "type": kind, "content": content} | more


def alert(number: int, at: str, subject: str) -> dict[str, Any]:
    content = made.alert(0, at)
    del content["ordinal"]
    return event("c1", number, at, "live.hour/alerts", content, subject=subject)


def exported() -> list[dict[str, Any]]:
    """Two hours counted and one not, three alerts of two people, one missing between them, a stop and its end."""
    opening = made.opened(made.DOCUMENT)
    return [
        event("engine", 1, made.START, "live.opened", opening | {"opened_at": made.START}),
        event("engine", 2, "2026-03-02T15:00:00Z", "live.hour", {"hour": "2026-03-02T14Z", "faces": 400, "alerts": 2}),
        event("engine", 3, "2026-03-02T16:00:00Z", "live.hour", {"hour": "2026-03-02T15Z", "faces": 500, "alerts": 0}),
        event("engine", 4, STOP, "live.suspended", {"suspended_at": STOP, "reason": "fault"}),
        event("engine", 5, GO, "live.resumed", {"resumed_at": GO, "cause_removed": True, "threshold": "0.64"}),
        alert(1, "2026-03-02T14:10:00Z", "track-a"),
        alert(3, "2026-03-02T14:20:00Z", "track-b"),
        alert(4, "2026-03-02T17:20:00Z", "track-a"),
    ]


class Van:
    """The receiver's side: takes an export under the limits that the log declares, and enters the journal."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with log_opened(desk.home / "a", reading=True) as log:
            declared = state_of(log, Reader()).programme.deployment("force-a/d-1").limits
            assert declared is not None
            [entry] = log.log.entries(declared.entry, declared.entry + 1)
            store = log.folder.sealed()
            (desk.home / "limits.json").write_bytes(store.open(entry.draft.sealed["document"]).content)
            store.close()

    def about(self) -> tuple[str, ...]:
        return "--deployment", "force-a/d-1", "--limits", "limits.json"

    def take(self, events: list[dict[str, Any]], code: int = 1) -> str:
        declared = canonical.parse((self.desk.home / "limits.json").read_bytes())
        events = copy.deepcopy(events)
        for one in events:
            if one["type"] == "live.opened":
                digest = limits.digest_of(declared)
                one["content"] |= {"limits": digest}
        (self.desk.home / "export.jsonl").write_bytes(b"".join(canonical.render(one) + b"\n" for one in events))
        return self.desk.tell("events", "take", "export.jsonl", *self.about(), "--journal", "journal", code=code)

    def enter(self, *more: str, who: str = "engineer", code: int = 0) -> str:
        arguments = ("events", "enter", "journal", "a", *self.about(), "--key", f"{who}.key", *more)
        return self.desk.tell(*arguments, code=code)

    def view(self) -> View:
        with log_opened(self.desk.home / "a", reading=True) as log:
            return view_of(log, "force-a/d-1")

    def entries(self) -> int:
        with log_opened(self.desk.home / "a", reading=True) as log:
            return log.log.sequencer.size()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "live"


@pytest.fixture
def van(office: Desk, kept: Path) -> Van:
    """A deployment that is live; brought there once."""
    if kept.exists():
        shutil.copytree(kept, office.home, dirs_exist_ok=True)
        office.now = made.START
    else:
        to_the_opening(office)
        shutil.copytree(office.home, kept)
    return Van(office)


def closed(van: Van) -> None:
    van.desk.do("close", CLOSING, "commander", made.END)
    van.desk.now = AFTER


@pytest.mark.slow
def test_a_journal_becomes_hours_a_receipt_and_the_end_of_the_ids(van: Van) -> None:
    van.take(exported())
    for name, facts in (
        ("suspend", {"suspended_at": "2026-03-02T15:01:30Z", "reason": "fault"}),
        ("resume", {"resumed_at": "2026-03-02T15:21:00Z", "cause_removed": True, "threshold": "0.64"}),
    ):
        van.desk.do(name, facts, "commander", str(next(iter(facts.values()))))
    closed(van)
    said = json.loads(van.enter("--json").splitlines()[0])
    kinds = [one["kind"] for one in said["appended"]]
    assert kinds == ["live.hour", "live.hour", "live.hour", "live.receipt", "close.ordinals-destroyed"]
    # The opening, the stop and its end were entered by people, minutes beside the engine's own account.
    assert (said["already"], said["not_entered"], said["phase"]) == (3, [], "closed")
    view = van.view()
    hours = {one.one("hour"): one for one in view.statements("hour")}
    counted = {
        hour: tuple(one.one(name) for name in ("faces", "alerts", "system_alerts")) for hour, one in hours.items()
    }
    assert counted == {"2026-03-02T14Z": (400, 2, 2), "2026-03-02T15Z": (500, 0, 0), "2026-03-02T17Z": (1, 1, None)}
    sealed = view.get("hour.sealed.alerts[].ordinal")
    assert [one.value for one in sealed] == [0, 1, 0]
    receipt = view.last("receipt")
    assert receipt is not None
    assert receipt.one("events") == 8
    assert receipt.one("missing") == [{"source": "c1", "count": 1}]
    assert [one.value for one in receipt.get("sealed.gaps[].after_at")] == ["2026-03-02T14:10:00Z"]
    assert {one["code"]: one["count"] for one in receipt.one("found")} == {"gap": 1, "silence": 4}
    gone = view.last("ordinals_destroyed")
    assert gone is not None
    assert (gone.one("ordinals"), gone.one("method")) == (2, "never-kept")


def test_entered_twice_it_changes_nothing(van: Van) -> None:
    van.take(exported())
    closed(van)
    first = van.enter(code=1)
    before = van.entries()
    again = van.enter(code=1)
    assert "All of it is in the log already" in again
    assert van.entries() == before
    # After the close the stop can no longer be entered as a step; that is said in words and stands in the receipt.
    for told in (first, again):
        assert f"not entered: 1 of live.suspended, {STOP}" in told
    receipt = van.view().last("receipt")
    assert receipt is not None
    assert {(one["kind"], one["at"]) for one in receipt.one("not_entered")} == {
        ("live.suspended", STOP), ("live.resumed", GO),
    }  # fmt: skip


def test_what_comes_later_is_said_and_not_entered_over_what_stands(van: Van) -> None:
    van.take(exported())
    closed(van)
    van.enter(code=1)
    van.take([*exported(), alert(2, "2026-03-02T14:15:00Z", "track-c")])
    told = van.enter(code=1)
    reason = "the log has that hour, with another number of alerts"
    assert f"not entered: 1 of live.hour, 2026-03-02T14:00:00Z: {reason}" in told
    assert "live.hour" not in [line for line in told.splitlines() if line.startswith("entry ")]
    assert len(van.view().statements("receipt")) == 2


def test_stops_that_only_the_engine_reports_are_entered_late_where_the_key_may(van: Van) -> None:
    van.take(exported())
    van.desk.now = AFTER
    told = van.enter("--role", "operator", who="operator", code=1)
    assert f"not entered: 1 of live.resumed, {GO}: the key has no role" in told
    stopped = van.view().last("suspended")
    assert stopped is not None
    assert (stopped.late, stopped.one("suspended_at"), stopped.supplied_by) == (True, STOP, "force")
    # Nobody has closed it yet: an hour without the engine's count waits, and the ids are still in use.
    assert "not entered: 1 of live.hour, 2026-03-02T17:00:00Z: the engine has given no count" in told
    assert van.view().last("ordinals_destroyed") is None


def test_nothing_of_one_alert_stands_in_any_public_byte(van: Van) -> None:
    van.take(exported())
    closed(van)
    van.enter(code=1)
    van.desk.tell("record", "publish", "a", "--log-passphrase-file", "pass")
    log = van.desk.home / "a"
    public = [one for one in log.rglob("*") if one.is_file() and not one.name.startswith("sealed.db")]
    for needle in (b"14:10:00", b"14:20:00", b"17:20:00", b"track-", b'"0.71"'):
        assert [one.name for one in public if needle in one.read_bytes()] == []
    for one in log.rglob("*"):
        assert not one.is_file() or b"track-" not in one.read_bytes()


@pytest.mark.parametrize("role", ["recorder", "operator"])
def test_a_key_with_another_role_that_may_enter_counts(van: Van, role: str) -> None:
    van.take([one for one in exported() if one["type"] in ("live.hour", "live.hour/alerts")])
    closed(van)
    van.enter(who=role, code=4 if role == "operator" else 0)
    # An operator may enter counts, but not that the ids are gone; then nothing is entered at all.
    assert len(van.view().statements("hour")) == (0 if role == "operator" else 3)


def test_wrong_limits_no_journal_a_deleted_deployment_and_another_force_are_refused(van: Van) -> None:
    van.take(exported())
    closed(van)
    other = canonical.parse((van.desk.home / "limits.json").read_bytes())
    assert isinstance(other, dict)
    (van.desk.home / "other.json").write_bytes(canonical.render(other | {"nonce": "ab" * 32}))
    about = ("--deployment", "force-a/d-1", "--key", "engineer.key")
    told = van.desk.tell("events", "enter", "journal", "a", *about, "--limits", "other.json", code=4)
    assert "[journal-elsewhere]" in told
    told = van.desk.tell("events", "enter", "none", "a", *about, "--limits", "limits.json", code=5)
    assert "[input-missing]" in told
    assert not (van.desk.home / "none").exists()
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        van.desk.do("delete", made.deletion(name, AFTER), "engineer", AFTER)
    assert "[events-after-deletion]" in van.enter(code=4)
    assert van.view().last("receipt") is None


def test_clocks_that_cannot_be_right_are_refused_whole(van: Van) -> None:
    days = [f"2026-{month:02}-{day:02}T01:00:00Z" for month in range(1, 10) for day in range(1, 28)]
    van.take([alert(number, at, f"track-{number}") for number, at in enumerate(days, 1)])
    closed(van)
    before = van.entries()
    assert "[events-hours-too-many]" in van.enter(code=4)
    assert van.entries() == before


def test_the_engines_own_log_is_entered_with_its_items_sealed(van: Van) -> None:
    facts = {
        "period_start": made.START, "period_end": made.END, "digest": made.digest("log"),
        "events": [{"type": "consultation", "count": 2}], "list_digest": made.LIST_DIGEST, "kept_until": "2031-03-02",
        "with_actor": 2,
    }  # fmt: skip
    item = {"type": "consultation", "at": "2026-03-02T13:00:00Z", "actor": "p1", "object": "entry/1"}
    events = [
        event("engine", 1, made.END, "live.event-log", facts),
        event("engine", 2, "2026-03-02T13:00:00Z", "live.event-log/events", item),
        event("engine", 3, "2026-03-02T19:00:00Z", "live.event-log/events", item | {"at": "2026-03-02T18:59:00Z"}),
    ]
    van.take(events)
    closed(van)
    told = van.enter(code=1)
    assert "not entered: 1 of live.event-log, 2026-03-02T18:00:00Z: the engine gave no account of the period" in told
    assert [one.value for one in van.view().get("event_log.sealed.events[].at")] == ["2026-03-02T13:00:00Z"]


def test_files_are_named(tmp_path: Path, van: Van) -> None:
    (van.desk.home / "folder").mkdir()
    about = ("--deployment", "force-a/d-1", "--key", "engineer.key", "--limits", "limits.json")
    assert "folder: is a folder" in van.desk.tell("events", "enter", "folder", "a", *about, code=5)
