"""``countersign.review_source``: one call for whatever there is, published data or the record of a deployment.

Which it is, is seen from the source itself (``source_kind``). Both results have ``model`` (all of ``review.json``),
``document`` (what is drawn), ``json()`` and ``rates`` (a data frame).

>>> review_source("shipped:bridges-2017-12-21").model.sources[0].kind
'case'
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.published.shipped import NotShipped
from countersign.reviews.source_kind import CASES, names_record, path_of
from countersign.words.phrases import listing

if TYPE_CHECKING:
    from countersign.record.tlog.policy import Policy
    from countersign.reviews.deployment.assemble import DeploymentReview
    from countersign.reviews.result import ReviewResult


class SourcesMixed(WrongForm):
    """Published data and the record of a deployment are given together."""

    code = "sources-mixed"
    next_step = "Review them one after the other; `countersign reconcile` sets what was published beside other lists."


class OptionNotForRecord(WrongForm):
    """An option for published data is given with the record of a deployment."""

    code = "option-not-for-record"
    next_step = "Leave the option out; for a record there are --deployment, --policy, --profile and --as-of."


class OptionNotForPublished(WrongForm):
    """An option for the record of a deployment is given with published data."""

    code = "option-not-for-published"
    next_step = "Leave the option out; --row chooses a row, whose duties are those of England and Wales."


def review_source(
    source: str | Path | Sequence[str | Path],
    *,
    deployment: str | None = None,
    policy: Policy | None = None,
    profile: str | None = None,
    as_of: datetime.date | None = None,
    progress: Progress = silent,
    **published: Any,
) -> ReviewResult | DeploymentReview:
    """Review what was published (PDF, spreadsheet, CSV, data package, "shipped:met") or the record of one deployment.

    A record is a bundle, a log's folder or published files, or a case file; ``deployment`` names one of several,
    ``policy`` says whom to trust (a bundle needs it), ``profile`` whose duties count. For published data the options of
    ``review.assemble.review_source`` are taken by name (``claims``, ``groups``, ``corrections`` ...). Raises
    ``SourcesMixed``, ``OptionNotForRecord``, ``OptionNotForPublished`` and the errors of what it reads.
    """
    listed = [source] if isinstance(source, str | Path) else list(source)
    records = [names_record(one) for one in listed]
    if not any(records):
        unfit = {"deployment": deployment, "policy": policy, "profile": profile}
        if named := [name for name, value in unfit.items() if value is not None]:
            raise OptionNotForPublished(f"{', '.join(named)}: for the record of a deployment, but {listed[0]} is none")
        from countersign.reviews.published.assemble import review_source as review_published

        try:
            return review_published(listed, as_of=as_of, progress=progress, **published)
        except NotShipped as error:
            error.args = (f"{error}, and as cases {listing(CASES)}",)
            raise
    if not all(records):
        raise SourcesMixed(
            f"{listed[records.index(False)]} is published data and {listed[records.index(True)]} a record"
        )
    given = sorted(name for name, value in published.items() if value not in (None, 0))
    if given:
        raise OptionNotForRecord(f"{', '.join(given)}: for published data, but {listed[0]} is a record")
    from countersign.reviews.deployment.assemble import review_deployment_source

    return review_deployment_source(
        [path_of(one) for one in listed], deployment=deployment, policy=policy, profile=profile, as_of=as_of,
        progress=progress,
    )  # fmt: skip
