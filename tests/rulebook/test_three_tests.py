"""The three tests name duties of the catalogue, link to entries, and have no field for a conclusion."""

from __future__ import annotations

from countersign.reviews.deployment.duties import LINES, TestLine, three_tests
from countersign.rulebook.catalogue import DUTIES, duty
from countersign.rulebook.conditions.results import Result

TESTS = {"in accordance with the law", "legitimate aim", "necessary in a democratic society"}


def test_each_article_has_the_three_tests_on_duties_that_exist() -> None:
    for article in ("8", "10", "11", "14"):
        assert {line.test for line in three_tests(()) if line.article == article} == TESTS
    assert {name for line in LINES for name in line.duties} <= set(DUTIES)
    assert all(line.question.endswith("?") for line in LINES)


def test_results_are_linked_with_their_entries_and_the_rest_named() -> None:
    found = three_tests([Result(duty("uk.plan.purpose"), "stated", "said", (4, 9), ("force",))])
    aim = next(line for line in found if (line.article, line.test) == ("8", "legitimate aim"))
    assert (aim.entries, aim.unanswered, aim.counts["stated"]) == ((4, 9), ("uk.plan.where-nexus",), 1)


def test_there_is_no_field_for_a_conclusion() -> None:
    assert set(TestLine.__struct_fields__) == {"article", "test", "question", "bearing", "unanswered", "entries"}
