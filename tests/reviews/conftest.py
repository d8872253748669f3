"""Reviews of the shipped record that the tests of this package share."""

from __future__ import annotations

import pytest
from tests.making.two_deployments import TwoDeployments, two_deployments

from countersign.reviews.options import Options
from countersign.reviews.published.assemble import PublishedReview, review_published


@pytest.fixture(scope="session")
def met() -> PublishedReview:
    """The shipped record of the Metropolitan Police with everything that ships beside it."""
    return review_published(["shipped:met"], Options(claims="shipped", groups="shipped", corrections="shipped"))


@pytest.fixture(scope="session")
def met_as_printed() -> PublishedReview:
    """The shipped record alone: no correction, no claim, no count by group."""
    return review_published(["shipped:met"])


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> TwoDeployments:
    """A log of two deployments of one place; not to be written to."""
    return two_deployments(tmp_path_factory.mktemp("two") / "log")
