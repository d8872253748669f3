"""The made-up record is of the form its schemas ask for, so that the checks are tried on what can be."""

from __future__ import annotations

import pytest
from tests.rulebook.good import SCHEMA, facts, sealed


@pytest.mark.parametrize("noun", sorted(facts()))
def test_facts_are_what_the_schema_takes(noun: str) -> None:
    for one in facts()[noun]:
        SCHEMA[noun].check(one)


def test_what_lies_sealed_is_what_the_schema_takes() -> None:
    for (noun, label), contents in sealed().items():
        for content in contents:
            for item in content:
                SCHEMA[noun].sealed[label].check(item, label)
