"""Checks of planning duties: the use case, the footprint in time and place, openness, and the EU's closed
objectives."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import hours, moment
from countersign.rulebook.conditions.points import Point, any_of, has, lacking, says
from countersign.rulebook.conditions.registry import check

NO_PROPOSAL = "no proposal is on the record"
#: A zone is a polygon: at least so many vertices.
LEAST_VERTICES = 3


@check("uk.policy.use-cases")
def use_case(look: Look) -> Sequence[Point]:
    """The proposal's use case is one the policy lists; what the policy requires for it is there."""
    proposal, policy = look.current("proposal"), look.current("policy")
    known = {item["id"] for line in policy for item in line("use_cases")}
    return (
        any_of(
            proposal,
            lambda line: line("use_case") in known if known else None,
            beside=policy,
            yes="the use case is one the policy lists",
            no="the use case is not one the policy lists",
            absent=NO_PROPOSAL if not proposal else "no policy with use cases is on the record",
        ),
        any_of(
            proposal,
            has("legitimate_aim", "objective", "intelligence_case"),
            yes="aim, objective and intelligence case are given",
            no="",
            absent=NO_PROPOSAL,
        ),
    )


def places(look: Look) -> tuple[tuple[Line, ...], list[dict[str, object]]]:
    """Where place and window are stated, openly in a notice or opened to this reader from the authority."""
    lines, found = [], []
    for line in look.lines("authority"):
        if (place := line("sealed.place")) is not None:
            lines.append(line)
            found.append(place)
    for line in look.lines("notice"):
        lines.append(line)
        found.append({"windows": line("windows"), "zone": line("zone"), "cameras": line("cameras")})
    return tuple(lines), found


@check("uk.plan.time-footprint")
def footprint(look: Look) -> Sequence[Point]:
    """A start and an end no further apart than allowed, a mapped zone, and cameras with bearing and width."""
    lines, found = places(look)
    if not lines:
        return (lacking("place and window are in no notice, and the authority's are not open to this reader"),)
    measure = look.figure("window-maximum-hours")
    longest, source, rule = measure.value, f" ({measure.source})", measure.lines
    too_long = any(
        not hours(0) < moment(window["end"]) - moment(window["start"]) <= hours(longest)
        for place in found
        for window in place["windows"]  # type: ignore[attr-defined]
    )
    zones = all(len(place["zone"]["points"]) >= LEAST_VERTICES for place in found)  # type: ignore[index]
    seen = all(
        camera.get("bearing") is not None and camera.get("width") is not None
        for place in found
        for camera in place["cameras"]  # type: ignore[attr-defined]
    )
    cameras = all(place["cameras"] for place in found)
    grounds = (lines,)
    return (
        Point(
            not too_long,
            f"a window is {'longer' if too_long else 'no longer'} than {longest} hours{source}",
            grounds,
            rule,
        ),
        Point(zones, "a zone is mapped" if zones else "a zone has fewer than three vertices", grounds),
        Point(
            True if cameras and seen else None,
            "cameras have position, bearing and width of view"
            if cameras and seen
            else "not every camera has its bearing and width of view on the record",
            grounds,
        ),
    )


@check("uk.plan.cia")
def community_impact(look: Look) -> Sequence[Point]:
    """Made before the authority was signed, and looked at again."""
    cia, authority = look.current("cia"), look.lines("authority")
    first = min((moment(line("signed_at")) for line in authority), default=None)
    absent = "no community impact assessment is on the record"
    return (
        any_of(
            cia,
            lambda line: None if first is None else moment(line("created_at")) <= first,
            yes="it was made before the authority was signed",
            no="it was made only after the authority was signed",
            absent=absent if not cia else "no authority is on the record to hold it against",
            beside=authority,
        ),
        any_of(
            cia,
            has("reviewed_at", "digest"),
            yes="it was reviewed as the operation went on",
            no="",
            absent="no review of it is on the record" if cia else absent,
        ),
    )


@check("uk.plan.overt-only")
def overt(look: Look) -> Sequence[Point]:
    """No covert authority; and openness shown by a notice and signs, not by the word of the proposal alone."""
    proposal = look.current("proposal")
    return (
        any_of(
            proposal,
            says("covert_authority", False),
            yes="no covert authority is cited",
            no="a covert authority is cited",
            absent=NO_PROPOSAL,
        ),
        any_of(
            proposal,
            says("overt", True),
            yes="it was proposed as overt",
            no="it was not proposed as overt",
            absent=NO_PROPOSAL,
        ),
        any_of(
            look.lines("notice"), has("url"), yes="a notice was published", no="", absent="no notice is on the record"
        ),
        _signs_up(look),
    )


def _signs_up(look: Look) -> Point:
    seen = look.lines("observer_signs")
    if seen:
        return any_of(
            seen, lambda line: line("signs") > 0, yes="an observer saw signs", no="an observer saw no sign", absent=""
        )
    return any_of(
        look.lines("signage"), has("signs"), yes="signs were placed", no="", absent="no signs are on the record"
    )


@check("eu.aia.5-1-h.objective")
def eu_objective(look: Look) -> Sequence[Point]:
    """One of three objectives; for suspects an Annex II offence of at least four years."""
    proposal = look.current("proposal")
    years = statutory("eu-offence-years")

    def listed(line: Line) -> bool | None:
        objective, offence = line("eu_objective"), line("eu_offence")
        if objective is None:
            return None
        if objective != "iii":
            return bool(objective != "none")
        return None if offence is None else bool(offence["annex_ii"] and offence["maximum_years"] >= years)

    return (
        any_of(
            proposal,
            listed,
            yes="the objective is one of article 5(1)(h)",
            no="the objective is not one of article 5(1)(h), or the offence is outside Annex II or below four years",
            absent="no objective of article 5(1)(h), with its offence where there is one, is on the record",
        ),
    )


@check("eu.aia.5-2.targeted")
def eu_targeted(look: Look) -> Sequence[Point]:
    """Persons specifically targeted, no general list, and no more entries than persons."""
    target, manifest = look.current("target"), look.current("manifest")
    persons = {line("persons") for line in target}
    absent = "no statement of who is specifically targeted is on the record"
    return (
        any_of(
            target,
            lambda line: not line("general_list") and line("persons") >= 1,
            absent=absent,
            yes="named individuals are targeted",
            no="a general list is used, or nobody is specifically targeted",
        ),
        any_of(
            manifest,
            lambda line: line("size") <= max(persons) if persons else None,
            beside=target,
            yes="the list is no longer than the persons targeted",
            no="the list holds more entries than persons targeted",
            absent="no list is on the record to hold against the persons targeted",
        ),
    )
