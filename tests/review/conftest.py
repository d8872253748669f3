"""Reviews of the shipped record that the tests of this package share."""

from __future__ import annotations

import pytest
from tests.making.two_deployments import TwoDeployments, two_deployments

from countersign.reviews.published.assemble import review_source
from countersign.reviews.result import ReviewResult


@pytest.fixture(scope="session")
def met() -> ReviewResult:
    """The shipped record of the Metropolitan Police with everything that ships beside it."""
    return review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")


@pytest.fixture(scope="session")
def met_as_printed() -> ReviewResult:
    """The shipped record alone: no correction, no claim, no count by group."""
    return review_source("shipped:met")


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> TwoDeployments:
    """A log of two deployments of one place; not to be written to."""
    return two_deployments(tmp_path_factory.mktemp("two") / "log")
