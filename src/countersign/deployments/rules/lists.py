"""Rules on the watchlist: the manifest, its approval by digest, the declared limits, and later changes.

A list is built for one deployment, within the authority and the policy; its totals come out; whoever built it does not
approve it. The approval names manifest and limits by digest, and the limits follow from the same hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from countersign.deployments.refusals import LimitsExceeded, ListNotAllowed, NotTheSame, RolesConflict
from countersign.deployments.state import Deployment, Policy, Programme

Facts = Mapping[str, Any]
_TOTALS = ("by_category", "by_seriousness", "by_source", "by_image_age", "by_response", "by_age_band")


def check_manifest(programme: Programme, deployment: Deployment, key: str, at: str, facts: Facts) -> None:
    """Hold a manifest to authority and policy. Raises ``ListNotAllowed`` or ``RolesConflict``."""
    authority, policy = deployment.authority, programme.policy_of(deployment)
    size = facts["size"]
    for name in _TOTALS:
        if (total := sum(part["count"] for part in facts[name])) != size:
            raise ListNotAllowed(f"authorise.manifest: the totals of {name} come to {total}, the list has {size}")
    if not facts["built_at"] <= at or facts["expires_at"] <= facts["built_at"]:
        raise ListNotAllowed("authorise.manifest: is built after it is listed, or expires before it is built")
    if programme.lists.get(facts["list"], deployment.subject) != deployment.subject:
        raise ListNotAllowed(f"authorise.manifest: the list {facts['list']} belongs to another deployment")
    used = {category["category"] for category in facts["by_category"] if category["count"]}
    allowed = _categories(deployment, policy)
    if allowed is not None and not used <= allowed:
        raise ListNotAllowed(f"authorise.manifest: {', '.join(sorted(used - allowed))} is no category that is allowed")
    most = authority.list_maximum if authority else None
    limit = policy.parameters.get("list-maximum") if policy else None
    if most is not None and size > most:
        raise ListNotAllowed(f"authorise.manifest: the list has {size} entries, the authority allows {most}")
    if limit is not None and size > limit.number:
        raise ListNotAllowed(
            f"authorise.manifest: the list has {size} entries, more than {limit.value} ({limit.clause})"
        )
    if authority is not None and key == authority.key:
        raise RolesConflict("authorise.manifest: the authorising officer approves the list and may not build it")


def check_approval(deployment: Deployment, key: str, at: str, facts: Facts) -> None:
    """Hold an approval to the list that stands. Raises ``NotTheSame``, ``RolesConflict`` or ``ListNotAllowed``."""
    listed = deployment.listed
    if listed is None or facts["manifest"] != listed.entry or facts["digest"] != listed.digest:
        raise NotTheSame("authorise.approval: names a manifest or digest that is not the one standing")
    if key == listed.key or key in deployment.authors:
        raise RolesConflict("authorise.approval: whoever built the list or wrote the proposal may not approve it")
    if at >= listed.expires_at:
        raise ListNotAllowed(f"authorise.approval: the list expired at {listed.expires_at}")


def check_limits(programme: Programme, deployment: Deployment, key: str, facts: Facts) -> None:
    """Hold declared limits to approval, authority and policy. Raises ``NotTheSame`` or ``LimitsExceeded``."""
    listed, authority, policy = deployment.listed, deployment.authority, programme.policy_of(deployment)
    if listed is None or listed.approved != listed.digest or deployment.limits_approved != facts["digest"]:
        raise NotTheSame("authorise.limits: are not those that the approval of the list names by digest")
    if (facts["list"], facts["list_digest"], facts["list_size"]) != (listed.name, listed.digest, listed.size):
        raise NotTheSame("authorise.limits: name another list than the one approved")
    if deployment.approver != key:
        raise RolesConflict("authorise.limits: are signed by the officer who approved the list")
    floor = Decimal(facts["threshold_minimum"])
    tested = policy.thresholds.get(facts["engine_version"]) if policy else None
    if tested is not None and floor < Decimal(tested):
        raise LimitsExceeded(f"authorise.limits: a threshold of {floor} is below the policy's floor of {tested}")
    if authority is not None and authority.threshold_minimum and floor < Decimal(authority.threshold_minimum):
        raise LimitsExceeded(f"authorise.limits: {floor} is below the authority's {authority.threshold_minimum}")
    ceiling = policy.parameters.get("false-alert-ceiling") if policy else None
    for one in facts["ceilings"]:
        if one["measure"] == "false-alerts-per-face" and ceiling and Decimal(one["at_most"]) > ceiling.number:
            raise LimitsExceeded(f"authorise.limits: {one['at_most']} is above {ceiling.value} ({ceiling.clause})")


def check_change(deployment: Deployment, key: str, facts: Facts) -> None:
    """Hold a change of the list to the one approved. Raises ``NotTheSame`` or ``RolesConflict``."""
    listed = deployment.listed
    if listed is None or facts["before"] != listed.approved:
        raise NotTheSame("authorise.list-change: starts from a list that is not the one approved last")
    if key == listed.key:
        raise RolesConflict("authorise.list-change: whoever built the list may not approve a change of it")


def _categories(deployment: Deployment, policy: Policy | None) -> frozenset[str] | None:
    if deployment.authority is not None and deployment.authority.categories:
        return deployment.authority.categories
    return policy.categories if policy is not None else None
