"""``countersign.review_source``: one call for published data and for the record of a deployment.

The source itself shows which it is (``reviews.options``). Both results have ``model`` (all of ``review.json``),
``document`` (what is drawn), ``json()`` and ``rates`` (a data frame).

>>> review_source("shipped:bridges-2017-12-21").model.sources[0].kind
'case'
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.published.files import NotShipped
from countersign.reviews.options import CASES, OF_PUBLISHED, OF_RECORD, Options, names_record, path_of
from countersign.words.lists import listing

if TYPE_CHECKING:
    from countersign.reviews.deployment.assemble import DeploymentReview
    from countersign.reviews.published.assemble import PublishedReview


class SourcesMixed(
    WrongForm,
    next_step="Review them one after the other; `countersign reconcile` sets what was published beside other lists.",
):
    """Published data and the record of a deployment are given together."""


class OptionNotForRecord(
    WrongForm,
    next_step="Leave the option out; for a record there are --deployment, --policy, --reader, --profile and --as-of.",
):
    """An option for published data is given with the record of a deployment."""


class OptionNotForPublished(
    WrongForm, next_step="Leave the option out; --row chooses a row, whose duties are those of England and Wales."
):
    """An option for the record of a deployment is given with published data."""


def review_source(
    source: str | Path | Sequence[str | Path], *, progress: Progress = silent, **options: Any
) -> PublishedReview | DeploymentReview:
    """Review what was published (PDF, spreadsheet, CSV, data package, "shipped:met") or the record of one deployment (a
    bundle, a log's folder or published files, a case file), with the options of ``reviews.options.Options`` by name;
    ``policy`` and ``reader`` may be paths of their files.
    Raises ``SourcesMixed``, ``OptionNotForRecord``, ``OptionNotForPublished`` and the errors of what it reads.
    """
    if isinstance(policy := options.get("policy"), str | Path):
        from countersign.record.tlog.policy import read_policy

        options["policy"] = read_policy(Path(policy))
    if isinstance(reader := options.get("reader"), str | Path):
        from countersign.deployments.outside.reader import read_reader

        options["reader"] = read_reader(Path(reader))
    return review(source, Options(**options), progress=progress)


def review(
    source: str | Path | Sequence[str | Path], options: Options, *, progress: Progress = silent
) -> PublishedReview | DeploymentReview:
    """As ``review_source``, with the options as one value."""
    sources = [source] if isinstance(source, str | Path) else list(source)
    records = [names_record(each) for each in sources]
    if not any(records):
        if unfit := options.given(OF_RECORD):
            raise OptionNotForPublished(f"{', '.join(unfit)}: for the record of a deployment, but {sources[0]} is none")
        from countersign.reviews.published.assemble import review_published

        try:
            return review_published(sources, options, progress=progress)
        except NotShipped as error:
            error.args = (f"{error}, and as cases {listing(CASES)}",)
            raise
    if not all(records):
        published, record = (sources[records.index(which)] for which in (False, True))
        raise SourcesMixed(f"{published} is published data and {record} a record")
    if unfit := options.given(OF_PUBLISHED):
        raise OptionNotForRecord(f"{', '.join(unfit)}: for published data, but {sources[0]} is a record")
    from countersign.reviews.deployment.assemble import review_deployment_source

    return review_deployment_source([path_of(each) for each in sources], options, progress=progress)
