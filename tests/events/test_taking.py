"""Taking: nothing lost, nothing twice, in any order, however often cut off; each planted fault is found by name."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.events.door import taking
from countersign.events.door.journal import Journal, JournalElsewhere, JournalUnreachable
from countersign.events.door.line import ALERT, Limits
from countersign.events.door.lines import Numbered, lines_of
from countersign.events.door.taking import Shown, Taken, shown, take
from countersign.made_up.export import Export, make
from countersign.made_up.scenario import SHIPPED, load
from countersign.record.entries import canonical
from countersign.words.names import contradiction_clause

NOW = "2026-06-01T00:00:00Z"


def lines(events: list[dict[str, Any]]) -> list[bytes]:
    return [canonical.render(event) + b"\n" for event in events]


def take_all(events: list[dict[str, Any]], made: Export, path: Path) -> tuple[Taken, list[Shown], Journal]:
    limits = Limits.of(made.limits)
    with Journal.open(path, str(made.limits["deployment"]), limits.digest) as journal:
        taken = take(lines_of(lines(events)), "export.jsonl", journal, limits)
        return taken, shown(journal, limits, NOW), journal


def held(path: Path, made: Export) -> list[bytes]:
    with Journal.open(path, str(made.limits["deployment"]), Limits.of(made.limits).digest) as journal:
        return list(journal.bodies())


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("quiet-high-street", set()),
        ("busy-interchange", set()),
        ("biased-engine", set()),  # one deployment cannot show it; a year does (tests/rehearse/test_year.py)
        ("misconfigured-threshold", {"threshold-below"}),
        ("list-left-loaded", {"outside-window", "after-the-end"}),
        ("corners-cut", {"engaged-without-two", "decided-too-fast"}),
        ("events-lost", {"gap", "count-differs", "clock-off", "camera-silent"}),
    ],
)
def test_each_planted_fault_is_found_and_nothing_else(name: str, codes: set[str], tmp_path: Path) -> None:
    made = make(load(name), seed=3)
    _, found, _ = take_all(made.events, made, tmp_path / "journal")
    assert {one.code for one in found} == codes


def test_counts_found_are_those_planted(tmp_path: Path) -> None:
    made = make(load("corners-cut"), seed=8)
    _, found, _ = take_all(made.events, made, tmp_path / "journal")
    said = {one.code: one.sentence for one in found}
    assert said["engaged-without-two"].startswith(f"{made.truth['one_verification']} events ")
    # An alert that both looked at in no time is one event and two hurried decisions.
    looks = [
        [one["seconds"] for one in event["content"].get("adjudications", ())] for event in made.events
    ]  # fmt: skip
    assert said["decided-too-fast"].startswith(f"{sum(0 in seconds for seconds in looks)} events ")
    assert sum(seconds.count(0) for seconds in looks) == made.truth["hurried"] > 0
    made = make(load("list-left-loaded"), seed=8)
    _, found, _ = take_all(made.events, made, tmp_path / "another")
    assert {one.code: one.count for one in found} == dict.fromkeys(
        ("outside-window", "after-the-end"), made.truth["after_end"]
    )


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_taken_equals_sent_less_the_missing_in_any_order(
    seed: int, order: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = make(load("events-lost"), seed=seed)
    events = list(made.events)
    order.shuffle(events)
    limits = Limits.of(made.limits)
    with Journal.open(tmp_path_factory.mktemp("j") / "journal", "force-a/events-lost", limits.digest) as journal:
        taken = take(lines_of(lines(events)), "export.jsonl", journal, limits)
        missing = sum(gap.missing for gap in journal.gaps())
        counted = {source: number for source, number, _ in journal.sources()}
    assert taken.lines == taken.new + taken.again + taken.refused == len(events)
    assert (taken.again, taken.refused) == (made.truth["doubled"], 0)
    last = {source: max(e["sequence"] for e in events if e["source"] == source) for source in counted}
    beyond = sum(n > last[source] for source, many in made.truth["lost_sequences"].items() for n in many)
    assert taken.new == sum(made.truth["sent"].values()) - missing - beyond


@pytest.mark.slow
def test_cut_off_fifty_times_the_journal_is_the_same_as_from_one_taking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "AT_ONCE", 7)
    made = make(load("events-lost"), seed=5)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    take_all(made.events, made, whole)
    choose, limits = random.Random(5), Limits.of(made.limits)

    class CutOff(Exception):
        pass

    def until(last: int) -> Iterator[Numbered]:
        for one in lines_of(lines(made.events)):
            if one.number > last:
                raise CutOff
            yield one

    for _ in range(50):
        with pytest.raises(CutOff), Journal.open(cut, "force-a/events-lost", limits.digest) as journal:
            take(until(choose.randrange(len(made.events))), "export.jsonl", journal, limits)
    take_all(made.events, made, cut)
    assert held(cut, made) == held(whole, made)


def test_a_file_taken_again_changes_nothing_and_its_ordinals_come_back(tmp_path: Path) -> None:
    made = make(load("corners-cut"), seed=2)
    first, found, _ = take_all(made.events, made, tmp_path / "journal")
    before = held(tmp_path / "journal", made)
    again, found_again, _ = take_all(made.events, made, tmp_path / "journal")
    assert (again.new, again.again, found_again) == (0, first.new, found)
    assert held(tmp_path / "journal", made) == before
    ordinals = [json.loads(body)["content"]["ordinal"] for body in before if ALERT.encode() in body]
    assert sorted(ordinals) == list(range(len(ordinals)))


def test_no_subject_and_nothing_of_a_refused_line_is_found_in_any_byte_of_the_journal(tmp_path: Path) -> None:
    made = make(load("corners-cut"), seed=2)
    secret = "QUJD" * 20
    bad: list[dict[str, Any]] = []
    for field in ("camera", "outcome", "score", "portrait"):
        event = copy.deepcopy(next(one for one in made.events if one["type"] == ALERT))
        event["content"][field] = secret
        bad.append(event | {"sequence": 10_000 + len(bad)})
    taken, _, _ = take_all([*bad, *made.events], made, tmp_path / "journal")
    assert taken.refused == len(bad)
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert b"QUJD" not in data
        assert b"track-" not in data


def test_another_event_under_the_same_number_is_refused(tmp_path: Path) -> None:
    made = make(load("quiet-high-street"), seed=3)
    other = made.events[1] | {"sent_at": "2026-03-07T10:00:01Z"}
    taken, _, _ = take_all([*made.events, other], made, tmp_path / "journal")
    assert (taken.new, taken.refused) == (len(made.events), 1)


def test_alerts_while_suspended_and_other_settings_are_found(tmp_path: Path) -> None:
    made = make(load("busy-interchange"), seed=3)
    events = copy.deepcopy(made.events)
    alerts = sorted((one for one in events if one["type"] == ALERT), key=lambda one: str(one["content"]["at"]))
    alerts[0]["content"]["camera"] = "camera-9"
    opened = next(one["content"] for one in events if one["type"] == "live.opened")
    opened |= {"list_digest": "0" * 64, "engine_version": "9.9", "limits": "1" * 64}
    middle = len(alerts) // 2
    stop, go = alerts[middle]["content"]["at"], alerts[middle + 3]["content"]["at"]
    extra: list[dict[str, Any]] = [
        {"source": "console", "sequence": 1, "sent_at": stop, "type": "live.suspended",
         "content": {"suspended_at": stop, "reason": "fault"}},
        {"source": "console", "sequence": 2, "sent_at": "2027-01-01T00:00:00Z", "type": "live.resumed",
         "content": {"resumed_at": go, "cause_removed": True, "threshold": "0.64"}},
    ]  # fmt: skip
    _, found, _ = take_all([one for one in events if one["type"] != "live.hour"] + extra, made, tmp_path / "journal")
    said = {one.code: one.sentence for one in found}
    assert set(said) >= {
        "camera-undeclared", "list-not-declared", "engine-not-declared", "limits-not-declared", "while-suspended",
        "in-the-future", "silence",
    }  # fmt: skip
    assert said["while-suspended"] == f"2 events {contradiction_clause('while-suspended')}"


def test_one_person_or_the_wrong_order_is_not_two_verifications(tmp_path: Path) -> None:
    made = make(load("busy-interchange"), seed=3)
    good = next(one for one in made.events if one["type"] == ALERT and "engagement" in one["content"])
    variants = []
    for number in range(4):
        event = copy.deepcopy(good)
        first, second = event["content"]["adjudications"]
        if number == 0:
            event["content"]["adjudications"] = [second]
        elif number == 1:
            second["decided_at"] = "2026-03-07T23:00:00Z"
        elif number == 2:
            second["decision"] = "unsure"
        else:
            first["decided_at"], second["decided_at"] = second["decided_at"], event["content"]["at"]
        variants.append(event | {"sequence": 5000 + number, "subject": f"track-{5000 + number}"})
    _, found, _ = take_all(variants, made, tmp_path / "journal")
    said = {one.code: one.sentence for one in found}
    assert said["engaged-without-two"].startswith("4 events ")


def test_a_journal_is_of_one_deployment_and_one_limits_document(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal", "force-a/d-1", "0" * 64):
        pass
    with pytest.raises(JournalElsewhere), Journal.open(tmp_path / "journal", "force-a/d-2", "0" * 64):
        pass
    (tmp_path / "other").write_bytes(b"no database, but long enough to look at" * 10)
    with pytest.raises(JournalUnreachable), Journal.open(tmp_path / "other", "force-a/d-1", "0" * 64):
        pass


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_export_is_taken_whole(name: str, tmp_path: Path) -> None:
    made = make(load(name), seed=11)
    taken, _, _ = take_all(made.events, made, tmp_path / "journal")
    assert taken.refused == 0


@pytest.mark.slow
def test_a_process_killed_fifty_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """With a real kill signal, at moments that are not chosen; the last run is left to end."""
    scenario = load("events-lost")
    engine = msgspec.structs.replace(scenario.engine, declared="0.45", threshold="0.45")
    made = make(msgspec.structs.replace(scenario, engine=engine), seed=6)
    export, limits = tmp_path / "export.jsonl", tmp_path / "limits.json"
    export.write_bytes(b"".join(lines(made.events)))
    limits.write_bytes(canonical.render(made.limits))
    command = [
        sys.executable, "-m", "countersign", "events", "take", str(export), "--deployment", "force-a/events-lost",
        "--limits", str(limits), "--journal", str(tmp_path / "journal"),
    ]  # fmt: skip
    choose, killed = random.Random(6), 0
    for _ in range(50):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(choose.uniform(0.05, 0.7))
        if process.poll() is None:
            process.kill()
            killed += 1
        process.wait()
    assert killed > 10
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    take_all(made.events, made, tmp_path / "whole")
    assert held(tmp_path / "journal", made) == held(tmp_path / "whole", made)


def test_a_full_disk_is_said_and_what_was_taken_before_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "AT_ONCE", 10)
    made = make(load("events-lost"), seed=5)
    limits = Limits.of(made.limits)

    def take_with_two_pages_left() -> None:
        with Journal.open(tmp_path / "journal", "force-a/events-lost", limits.digest) as journal:
            take(lines_of(lines(made.events[:10])), "export.jsonl", journal, limits)
            pages = journal._database.execute("PRAGMA page_count").fetchone()[0]
            journal._database.execute(f"PRAGMA max_page_count={pages + 2}")
            take(lines_of(lines(made.events)), "export.jsonl", journal, limits)

    with pytest.raises(JournalUnreachable, match="full"):
        take_with_two_pages_left()
    taken, _, _ = take_all(made.events, made, tmp_path / "journal")
    assert taken.again >= 10
    take_all(made.events, made, tmp_path / "whole")
    assert held(tmp_path / "journal", made) == held(tmp_path / "whole", made)
