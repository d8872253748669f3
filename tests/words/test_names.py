"""Lists and plurals; names of what entries say in codes."""

from __future__ import annotations

from countersign.deployments.lifecycle import Phase
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import (
    class_name,
    method_name,
    named,
    role_name,
    short,
    stage_clause,
    stage_name,
    suppliers,
)


def test_lists_and_counts_with_their_nouns() -> None:
    assert (counted(1, "row"), counted(27, "row"), counted(2, "entry"), counted(2, "day")) == (
        "1 row",
        "27 rows",
        "2 entries",
        "2 days",
    )
    assert [listing(items) for items in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]
    assert listing(["a", "b"], "or") == "a or b"
    assert (be(1), be(2), be(0, "says", "say"), capital("a b")) == ("is", "are", "say", "A b")


def test_every_phase_of_a_deployment_has_its_words() -> None:
    for phase in Phase:
        assert stage_clause(phase.value)
        assert stage_name(phase.value)
    assert stage_name("not-known-yet") == "not known yet"
    assert stage_clause("not-known-yet") == "it is not known yet"


def test_names() -> None:
    assert suppliers([]) == "nobody"
    assert suppliers(["force", "outside"]) == "the force and an outside body"
    assert class_name("transfer-media") == "the media that carried the list"
    assert class_name("a-new-class") == "a new class"
    assert role_name("authorising-officer") == "authorising officer"
    assert named("Metropolitan Police Service") == "the Metropolitan Police Service"
    assert named("South Wales Police") == "South Wales Police"
    assert method_name("clopper-pearson on 12 clusters (one event)") == "Clopper-Pearson on 12 clusters (one event)"
    assert short("ab" * 32) == "abababababababab…"
