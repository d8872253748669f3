"""The declared limits: the published vector, what stands in public, and what binds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making import histories as made
from tests.making.histories import DOCUMENT, History

from countersign.deployments import limits
from countersign.errors import CountersignError
from countersign.record.entries import canonical

VECTOR = Path(__file__).resolve().parents[2] / "docs" / "formats" / "deployment-limits.vector.json"


def test_the_published_vector() -> None:
    """Text and digest in the file were computed with the standard library alone: sorted keys, no spaces, SHA-256."""
    vector = json.loads(VECTOR.read_text(encoding="utf-8"))
    document = vector["document"]
    limits.check_document(document)
    assert canonical.render(document).decode() == vector["canonical"]
    assert limits.digest_of(document) == vector["digest"]
    assert limits.public_facts(document) == vector["public"]


def test_public_facts_leave_place_window_cameras_and_nonce_out() -> None:
    public = limits.public_facts(DOCUMENT)
    assert set(public) == {
        "digest", "list", "list_digest", "list_size", "engine", "engine_version", "threshold_minimum", "ceilings",
        "stop_rule",
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DOCUMENT)), st.data())
def test_any_change_changes_the_digest(name: str, data: st.DataObject) -> None:
    changed: dict[str, Any] = dict(DOCUMENT)
    old = changed[name]
    if isinstance(old, str):
        changed[name] = data.draw(st.text("abcdef0123456789", min_size=1, max_size=64).filter(lambda one: one != old))
    elif isinstance(old, int):
        changed[name] = data.draw(st.integers(0, 10**6).filter(lambda one: one != old))
    else:
        changed[name] = old | {"more": 1} if isinstance(old, dict) else [*old, *old]
    assert limits.digest_of(changed) != limits.digest_of(dict(DOCUMENT))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nonce": "short"}, "facts-malformed"),
        ({"ceilings": []}, "facts-malformed"),
        ({"stop_rule": []}, "facts-malformed"),
        ({"threshold_minimum": 0}, "facts-malformed"),
        ({"licence": "yes"}, "facts-malformed"),
        ({"place": made.place(start=made.END, end=made.START)}, "outside-window"),
    ],
)
def test_documents_that_are_none(change: dict[str, Any], code: str) -> None:
    with pytest.raises(CountersignError) as caught:
        limits.check_document(dict(DOCUMENT) | change)
    assert caught.value.code == code


def test_limits_without_the_approval_that_names_them_are_refused() -> None:
    history = History().upto("list")
    with pytest.raises(CountersignError) as caught:
        history.do(
            "authorise.limits", limits.public_facts(DOCUMENT), "authorising-officer", "2026-03-02T09:00:00Z",
            {"document": DOCUMENT},
        )  # fmt: skip
    assert caught.value.code == "not-the-same"


def test_a_document_of_another_deployment_releases_nothing() -> None:
    history = History().upto("list")
    other = limits.limits_document("force-a/d-2", bytes(32), made.place(), made.terms())
    with pytest.raises(CountersignError) as caught:
        history.approve(document=other)
    assert caught.value.code == "not-the-same"
