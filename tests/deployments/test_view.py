"""What was stated, by path: where it stands, who supplied it, late or not; every path read is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.making import histories as made
from tests.making.histories import FORCE, SUBJECT, History

from countersign.deployments.kinds import KINDS, NOUNS, noun_of
from countersign.deployments.view import AsFound, Evidence, PathUnknown, View, check_path


@pytest.fixture(scope="module")
def history() -> History:
    return History().upto("archive")


def test_values_come_with_entry_supplier_time_and_places(history: History) -> None:
    view = View.of(history.entries, SUBJECT)
    [found] = view.get("policy.published_at")
    assert found == Evidence(
        "2026-01-05T09:00:00Z", 0, "force", "2026-01-05T09:00:00Z", "policy.published_at"
    )  # fmt: skip
    ids = view.get("policy.watchlist_categories[].id")
    assert [one.value for one in ids] == ["wanted-by-court", "missing-at-risk", "bail"]
    assert [one.places for one in ids] == [(0,), (1,), (2,)]
    assert [one.value for one in view.get("policy.use_cases[].categories[]")] == ["wanted-by-court", "bail"]
    assert [one.value for one in view.get("notice.zone.points[].x")] == [0, 20, 20, 0]


def test_sealed_values_are_there_only_with_their_openings(history: History) -> None:
    closed = View.of(history.entries, SUBJECT)
    assert closed.get("authority.sealed.reasons.necessity") == ()
    assert closed.statements("authority")[0].sealed == ("place", "reasons")
    opened = View.of(history.entries, SUBJECT, opened=history.opened)
    [reason] = opened.get("authority.sealed.reasons.necessity")
    assert reason.value == "What was weighed on necessity, in words."
    entries = opened.get("manifest.sealed.entries[].category")
    assert [one.places for one in entries] == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (("fixed", "erased"), True),
        (("erased", "fixed"), False),
        (("fixed",), False),
        (("held", "fixed", "erased"), False),
        (("held", "fixed", "released", "erased"), True),
    ],
)
def test_a_finding_counts_after_an_erasure_only_where_it_was_fixed_before_it(
    history: History, order: tuple[str, ...], found: bool
) -> None:
    place = next(index for index, entry in history.entries if entry.draft.kind == "authorise.authority")
    items = [{"entry": place, "label": "reasons", "ranges": [{"first": 0, "last": 0}]}]
    facts: dict[str, tuple[str, dict[str, Any]]] = {
        "fixed": ("record.finding-fixed", {"finding": "uk.auth.reasons", "result": "stated", "used": items}),
        "erased": ("record.erased", {"items": items}),
        "held": ("record.held", {"items": items}),
        "released": ("record.released", {"hold": len(history.entries)}),
    }
    entries = list(history.entries)
    for name in order:
        kind, said = facts[name]
        last = entries[-1][1]
        draft = replace(last.draft, kind=kind, subject=FORCE, facts=said, sealed={})
        entries.append((len(entries), replace(last, draft=draft)))
    [authority] = View.of(entries, SUBJECT).statements("authority")
    at = len(history.entries) + order.index("fixed")
    fixed = AsFound(at, "stated", entries[-1][1].draft.supplied_by)
    assert authority.as_found == ({("reasons", "uk.auth.reasons"): fixed} if found else {})


def test_a_view_is_as_at_a_moment_and_of_one_subject(history: History) -> None:
    early = View.of(history.entries, SUBJECT, as_at="2026-02-21T09:00:00Z")
    assert early.last("assessment") is not None
    assert early.statements("authority") == ()
    other = View.of(history.entries, "force-a/d-2")
    assert other.statements("proposal") == ()
    assert other.last("policy") is not None
    assert View.of(history.entries, FORCE).entries() == (0,)


def test_every_path_read_is_told(history: History) -> None:
    told: list[str] = []
    view = View.of(history.entries, SUBJECT).recording(told.append)
    view.get("results.faces")
    statement = view.last("deletion")
    assert statement is not None
    assert statement.one("class") == "cctv"
    assert statement.one("list_digest") is None
    assert told == ["results", "results.faces", "deletion", "deletion.class", "deletion.list_digest"]


def test_less_evidence_is_the_same_view_with_entries_left_out(history: History) -> None:
    view = View.of(history.entries, SUBJECT)
    less = view.without([view.statements("deletion")[0].entry])
    assert len(less.statements("deletion")) == len(view.statements("deletion")) - 1
    assert less.get("policy.version") == view.get("policy.version")


def test_late_entries_say_so() -> None:
    history = History().upto("close")
    facts = {
        "since": made.START, "operators": 2, "engagement_officers": 4, "explaining": 2,
        "late": {"written_at": "2026-03-03T09:00:00Z", "reason": "paper-first"},
    }  # fmt: skip
    history.do("live.staffing", facts, "commander", made.START, now="2026-03-03T09:00:00Z")
    history.do("live.hour", *_hour())
    view = View.of(history.entries, SUBJECT)
    assert [one.late for one in view.statements("staffing")] == [True]
    assert [one.late for one in view.statements("hour")] == [False]
    assert [one.late for one in view.statements("cancellation")] == [False]


def _hour() -> tuple[dict[str, object], str, str]:
    return made.hour(12, [])[0], "operator", made.START


@pytest.mark.parametrize(
    "path",
    [
        "nothing", "nothing.at_all", "policy.nothing", "policy.watchlist_categories[].nothing", "policy.version[]",
        "authority.sealed.nothing", "authority.sealed.reasons[]", "manifest.sealed.entries.category", "policy..version",
    ],
)  # fmt: skip
def test_paths_that_no_schema_has_are_refused(history: History, path: str) -> None:
    with pytest.raises(PathUnknown, match=r"no kind|no entry|seal nothing"):
        View.of(history.entries, SUBJECT).get(path)


def test_each_kind_has_a_noun_of_its_own_and_every_sealed_value_a_form() -> None:
    assert len(NOUNS) == len({schema.kind for schema in KINDS}) >= 60
    assert {noun_of(schema.kind) for schema in KINDS} == set(NOUNS)
    for schema in KINDS:
        for label, sealed in schema.sealed.items():
            assert sealed._check is not None, f"{schema.kind}: {label}"
            check_path(f"{noun_of(schema.kind)}.sealed.{label}{'[]' if sealed.is_set else ''}")
