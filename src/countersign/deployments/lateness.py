"""What is late: deletions, reviews, publications and answers past their time, a window over and the system still on.

Each time limit is a parameter of the force's own policy and is shown with its clause. Where the policy states none,
nothing is late by it; a refusal calls for deletion at once, and a hold, an override's duty or a finding names its own
day. The state and the moment are arguments, so that lateness as at any day can be shown.

>>> late_in(Programme("force-a"), Deployment("force-a/d-1"), "2026-03-01T10:00:00Z")
()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from countersign.deployments.clock import hours_later
from countersign.deployments.fold import outstanding
from countersign.deployments.lifecycle import Phase
from countersign.deployments.state import Deployment, Parameter, Programme

_CLASS_LIMITS = {
    "watchlist": ("list-delete-hours", 1),
    "templates": ("list-delete-hours", 1),
    "transfer-media": ("media-delete-hours", 1),
    "alert": ("alert-hours", 1),
    "cctv": ("cctv-days", 24),
}


class Late(NamedTuple):
    """Something past its time: a code, what it is, since when, and the clause (or entry) that set the time."""

    code: str
    what: str
    since: str
    by: str


def late_in(programme: Programme, deployment: Deployment, now: str) -> tuple[Late, ...]:
    """All that is late about a deployment at a moment (a time as in entries)."""
    found = (*_still_open(deployment, now), *_deletions(programme, deployment), *_papers(programme, deployment))
    return tuple(sorted((one for one in found if one.since < now), key=lambda one: one.since))


def late_for(programme: Programme, now: str) -> tuple[Late, ...]:
    """What is late about the programme itself: answers to findings, whichever deployment they are about."""
    due = ((name, one, f"{one.answer_due}T23:59:59Z") for name, one in programme.unanswered().items())
    return tuple(
        Late("answer-overdue", f"the finding {name} on {one.duty} is not answered", when, f"entry {one.entry}")
        for name, one, when in due
        if when < now
    )


def _still_open(deployment: Deployment, now: str) -> Iterator[Late]:
    if deployment.phase not in (Phase.LIVE, Phase.SUSPENDED):
        return
    if deployment.windows:
        passed = [one.end for one in deployment.windows if one.end <= now]
        if not any(one.start <= now < one.end for one in deployment.windows):
            since = passed[-1] if passed else deployment.opened_at or now
            yield Late("window-over", "no window covers this moment and it is not closed", since, "the notice")
    authority = deployment.authority
    if authority is not None and authority.ended:
        yield Late("authority-ended", "its authority was ended and it is not closed", deployment.clock, "its review")


def _deletions(programme: Programme, deployment: Deployment) -> Iterator[Late]:
    ended = deployment.ended_at
    if ended is None:
        return
    for name in outstanding(deployment):
        if deployment.phase is Phase.REFUSED:
            yield Late("deletion-overdue", f"{name} after a refusal", ended, "at once")
            continue
        parameter, scale = _CLASS_LIMITS[name]
        yield from _past(programme, deployment, parameter, "deletion-overdue", name, ended, scale)
    for hold in deployment.holds:
        yield Late(
            "hold-review-overdue",
            f"{hold.count} of {hold.retention_class} held by entry {hold.entry}",
            f"{hold.review_date}T23:59:59Z",
            f"entry {hold.entry}",
        )


def _papers(programme: Programme, deployment: Deployment) -> Iterator[Late]:
    authority, ended = deployment.authority, deployment.ended_at
    if authority is not None and authority.urgent_since is not None:
        since = authority.urgent_since
        if not authority.written:
            yield from _past(
                programme, deployment, "written-after-hours", "written-overdue", "the written authority", since
            )
        if not authority.reviewed:
            yield from _past(
                programme, deployment, "urgent-review-hours", "urgent-review-overdue", "the review of urgency", since
            )
    if ended is None or deployment.opened_at is None:
        return
    if deployment.reviewed_at is None:
        yield from _past(programme, deployment, "review-days", "review-overdue", "the force's review", ended, 24)
    if deployment.published_at is None:
        yield from _past(programme, deployment, "publish-days", "publication-overdue", "the results", ended, 24)


def _past(
    programme: Programme, deployment: Deployment, name: str, code: str, what: str, since: str, scale: int = 1
) -> Iterator[Late]:
    limit = limit_of(programme, deployment, name)
    if limit is not None:
        due = hours_later(since, float(limit.number) * scale)
        yield Late(code, what, due, f"{name} {limit.value} ({limit.clause})")


def limit_of(programme: Programme, deployment: Deployment, name: str) -> Parameter | None:
    """A parameter of the policy the deployment was proposed under."""
    policy = programme.policy_of(deployment)
    return None if policy is None else policy.parameters.get(name)
