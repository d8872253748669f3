"""Rules on the notice, the opening and going on after a stop: windows, zone, and that what goes live was approved.

The windows are public from the notice on, or, where a critical threat forbade one, from the opening. What was promised
under seal (place and windows of the authority) is compared with the notice by ``commands``, where it can be opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from countersign.deployments.clock import hours_later, moment
from countersign.deployments.lifecycle import Phase
from countersign.deployments.refusals import (
    LimitsExceeded,
    ListNotAllowed,
    NotTheSame,
    OutsideProposal,
    OutsideWindow,
    WindowsOverlap,
)
from countersign.deployments.state import Deployment, Programme, Span
from countersign.deployments.zone import Zone, ZoneCrosses, ZoneTooLarge

Facts = Mapping[str, Any]


def spans(windows: Sequence[Facts], kind: str) -> tuple[Span, ...]:
    """The windows of an entry, in order. Raises ``OutsideWindow`` or ``WindowsOverlap``."""
    found = tuple(sorted((Span(one["start"], one["end"]) for one in windows), key=lambda span: span.start))
    for one in found:
        if one.end <= one.start:
            raise OutsideWindow(f"{kind}: a window ends at {one.end}, not after it starts ({one.start})")
    for one, two in pairwise(found):
        if two.start < one.end:
            raise WindowsOverlap(f"{kind}: the windows from {one.start} and from {two.start} overlap")
    return found


def check_place(programme: Programme, deployment: Deployment, facts: Facts, kind: str) -> tuple[Span, ...]:
    """Hold place and windows, public or about to be sealed, to their form and the policy; the windows.

    Raises ``ZoneCrosses``, ``ZoneTooLarge``, ``OutsideWindow`` or ``WindowsOverlap``.
    """
    windows = spans(facts["windows"], kind)
    try:
        zone = Zone.of(facts["zone"])
    except ZoneCrosses as error:
        raise ZoneCrosses(f"{kind}: {error}") from None
    policy = programme.policy_of(deployment)
    parameters = policy.parameters if policy else {}
    largest, longest = parameters.get("zone-area-maximum"), parameters.get("window-maximum-hours")
    if largest is not None and zone.square_metres > largest.number:
        raise ZoneTooLarge(
            f"{kind}: the zone has {zone.square_metres} m², more than {largest.value} ({largest.clause})"
        )
    for one in windows:
        hours = (moment(one.end) - moment(one.start)).total_seconds() / 3600
        if longest is not None and hours > longest.number:
            raise OutsideWindow(f"{kind}: a window of {hours:g} hours, more than {longest.value} ({longest.clause})")
    return windows


def check_within(place: Facts, proposed: Facts, kind: str, *, longer: bool = False) -> None:
    """Hold an authorised place to the one proposed: its windows, zone, cameras and unit the same, or less.

    An authority may narrow what was asked and assessed; what is wider was never weighed. ``longer``: its windows
    are not held to those proposed, for an extension. Raises ``OutsideProposal``.
    """
    wider = "; the authority may narrow what was proposed, not widen it"
    for name in ("name", "area", "unit"):
        if place[name] != proposed[name]:
            raise OutsideProposal(f"{kind}: another {name} than was proposed{wider}")
    asked = () if longer else spans(proposed["windows"], kind)
    given = () if longer else spans(place["windows"], kind)
    if not all(any(two.start <= one.start and one.end <= two.end for two in asked) for one in given):
        raise OutsideProposal(f"{kind}: a window lies outside those proposed{wider}")
    if any(one not in proposed["cameras"] for one in place["cameras"]):
        raise OutsideProposal(f"{kind}: a camera that was not proposed so{wider}")
    if place["zone"] != proposed["zone"]:
        same_grid = all(place["zone"][name] == proposed["zone"][name] for name in ("unit", "grid"))
        if not same_grid or not Zone.of(place["zone"]).lies_in(Zone.of(proposed["zone"])):
            raise OutsideProposal(f"{kind}: the zone does not lie within the one proposed{wider}")


def check_notice(programme: Programme, deployment: Deployment, facts: Facts, kind: str = "open.notice") -> None:
    """Hold what becomes public to form and policy, and its unit to one deployment at a time. Raises as ``check_place``.

    Only here: until then the unit may still be given to another.
    """
    windows = check_place(programme, deployment, facts, kind)
    for other in programme.deployments.values():
        if other.subject == deployment.subject or other.unit != facts["unit"] or other.phase is Phase.ARCHIVED:
            continue
        for one in windows:
            for two in other.windows:
                if one.start < two.end and two.start < one.end and (other.ended_at or two.end) > one.start:
                    raise WindowsOverlap(f"{kind}: {facts['unit']} is with {other.subject} from {two.start}")


def check_opening(programme: Programme, deployment: Deployment, at: str, facts: Facts) -> None:
    """Hold an opening to what was approved. Raises the error of the rule it breaks."""
    listed, limits, authority = deployment.listed, deployment.limits, deployment.authority
    if limits is None or facts["limits"] != limits.digest:
        raise NotTheSame("live.opened: names other limits than those declared")
    if listed is None or facts["list_digest"] != listed.approved:
        raise NotTheSame("live.opened: the list loaded is not the one that was approved")
    if facts["engine_version"] != limits.engine_version:
        raise NotTheSame(f"live.opened: engine {facts['engine_version']}; the limits say {limits.engine_version}")
    _check_threshold(deployment, Decimal(facts["threshold"]), "live.opened")
    if at >= listed.expires_at:
        raise ListNotAllowed(f"live.opened: the list expired at {listed.expires_at}")
    policy = programme.policy_of(deployment)
    age = policy.parameters.get("list-age-hours") if policy else None
    if age is not None and at > hours_later(listed.built_at, float(age.number)):
        raise ListNotAllowed(f"live.opened: the list is older than {age.value} hours ({age.clause})")
    if authority is None or authority.ended:
        raise NotTheSame("live.opened: the authority was ended by its review")
    windows = deployment.windows
    if deployment.exempt and not windows:
        place = facts.get("place")
        if place is None:
            raise OutsideWindow("live.opened: without a notice, place and window stand in the opening")
        check_notice(programme, deployment, place, "live.opened")
        windows = spans(place["windows"], "live.opened")
    _check_window(windows, at, "live.opened")


def check_resumption(deployment: Deployment, at: str, threshold: Decimal) -> None:
    """Hold going on after a stop to window, limits and authority. Raises the error of the rule it breaks."""
    if deployment.authority is None or deployment.authority.ended:
        raise NotTheSame("live.resumed: the authority was ended by its review")
    _check_threshold(deployment, threshold, "live.resumed")
    _check_window(deployment.windows, at, "live.resumed")


def _check_window(windows: tuple[Span, ...], at: str, kind: str) -> None:
    if not any(one.start <= at < one.end for one in windows):
        last = windows[-1].end if windows else "none"
        raise OutsideWindow(f"{kind}: {at} is in no window of this deployment (the last ends: {last})")


def _check_threshold(deployment: Deployment, threshold: Decimal, kind: str) -> None:
    limits = deployment.limits
    if limits is not None and threshold < Decimal(limits.threshold_minimum):
        raise LimitsExceeded(f"{kind}: a threshold of {threshold} is below the declared {limits.threshold_minimum}")
