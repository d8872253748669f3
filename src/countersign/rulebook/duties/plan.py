"""Duties of planning: purpose, necessity, the use case, the footprint in time and place, openness, the EU's objectives.

Attested duties need their signed answers as well (``signed``); what is declared here may contradict the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from countersign.rulebook.conditions.declare import (
    SIGNATURE,
    Entries,
    Paper,
    Part,
    against,
    among,
    check,
    declare,
    has,
    holds_all,
    says,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, hours, moment, statutory
from countersign.rulebook.conditions.results import SEALED, Condition, one_by_one
from countersign.rulebook.duties.programme import CHIEF_OFFICERS

NO_ASSESSMENT = "no assessment is on the record"
NO_PROPOSAL = "no proposal is on the record"
#: A zone is a polygon: at least this many vertices.
LEAST_VERTICES = 3


declare(
    "uk.plan.purpose",
    Paper("proposal", NO_PROPOSAL),
    has("objective", "legitimate_aim", "intelligence_case", yes="objective, aim and intelligence case are stated"),
)

declare(
    "uk.policy.use-cases",
    Paper("proposal", NO_PROPOSAL),
    among(
        "use_case",
        Paper("policy"),
        lambda line: [item["id"] for item in line("use_cases")],
        yes="the use case is one the policy lists",
        no="the use case is not one the policy lists",
        unsaid="no policy with use cases is on the record",
    ),
    has("legitimate_aim", "objective", "intelligence_case", yes="aim, objective and intelligence case are given"),
)

declare(
    "uk.plan.strict-necessity",
    Paper("assessment", "no evidence of effect is cited in an assessment"),
    has("effectiveness_evidence", yes="evidence of effect is cited"),
)

declare(
    "uk.plan.alternatives",
    Paper("assessment", NO_ASSESSMENT),
    that(
        lambda line: len(line("alternatives")) >= 1,
        yes="less intrusive means are weighed",
        no="no less intrusive means was weighed",
    ),
)

declare(
    "uk.plan.proportionality",
    Paper("assessment", NO_ASSESSMENT),
    holds_all("rights", ("article-8",), yes="article 8 is weighed", no="article 8 is not weighed"),
    has("expected_faces", "safeguards", yes="expected faces and safeguards are named"),
)


def _taken_on(line: Line) -> bool | None:
    """Whether a chief officer took on a protest nearby, which must have been assessed; true where none was near."""
    if not line("nearby"):
        return True
    if line("assessment") is None or line("approver_rank") is None:
        return None
    return line("approver_rank") in CHIEF_OFFICERS


declare(
    "uk.plan.expression-assembly",
    Paper("protest_check", "no check for protest nearby is on the record"),
    that(
        _taken_on,
        yes="protest was looked for, and taken on by a chief officer if near",
        no="protest was near and no chief officer took it on",
        unsaid="protest was near and no assessment with its approver is on the record",
    ),
    Paper("assessment", NO_ASSESSMENT),
    holds_all(
        "rights",
        ("article-10", "article-11"),
        yes="articles 10 and 11 are weighed",
        no="articles 10 and 11 are not weighed",
    ),
)


@check("uk.plan.where-nexus")
def where(look: Look) -> Sequence[Part]:
    """The criterion is one of the policy's, evidence is dated, and a hotspot is inside the policy's numbers."""
    policy = look.current("policy")
    numbers = {item["name"]: float(item["value"]) for line in policy for item in line("parameters")}

    def within(line: Line) -> bool | None:
        hotspot = line("hotspot")
        if hotspot is None:
            return True
        if "hotspot-percentile" not in numbers or "hotspot-diameter-maximum" not in numbers:
            return None
        return (
            float(hotspot["percentile"]) >= numbers["hotspot-percentile"]
            and hotspot["diameter_metres"] <= numbers["hotspot-diameter-maximum"]
        )

    return (
        Paper("location", "no location with its criterion is on the record"),
        among(
            "criterion",
            Paper("policy"),
            lambda line: [item["id"] for item in line("location_criteria")],
            yes="the place stands on a criterion of the policy",
            no="the place stands on no criterion of the policy",
            unsaid="no policy is on the record to find the criterion in",
        ),
        has("evidence", "evidence_date", yes="its evidence is cited and dated"),
        that(
            within,
            yes="it keeps to the policy's numbers",
            no="it lies outside the policy's hotspot numbers",
            unsaid="the policy sets no numbers for a hotspot",
            beside=policy,
        ),
    )


declare(
    "uk.plan.sensitive-places",
    Paper("site_check", "no check for sensitive places, with a mitigation for each, is on the record"),
    that(
        lambda line: len(line.statement.get("sealed.sites[].mitigation")) >= line("found") or not line("found") or None,
        yes="sensitive places were looked for, each found has its mitigation",
        unsaid=f"the check for sensitive places is {SEALED}",
    ),
)

declare(
    "eu.aia.5-2.elements",
    Paper("assessment", "no assessment scores harm without use and consequences of use"),
    has("harm_if_not_used", "consequences_for_rights", yes="harm without use and consequences of use are scored"),
)


def places(look: Look) -> tuple[tuple[Line, ...], list[dict[str, Any]]]:
    """Where place and window are stated, openly in a notice or opened to this reader from the authority."""
    authorities = [line for line in look.lines("authority") if line("sealed.place") is not None]
    notices = look.lines("notice")
    stated = [line("sealed.place") for line in authorities]
    stated += [{name: line(name) for name in ("windows", "zone", "cameras")} for line in notices]
    return (*authorities, *notices), stated


@check("uk.plan.time-footprint")
def footprint(look: Look) -> Sequence[Part]:
    """A start and an end no further apart than allowed, a mapped zone, and cameras with bearing and width."""
    lines, stated = places(look)
    if not lines:
        because = f"place and window are in no notice, and the authority's are {SEALED}"
        return [Condition(None, because, one_by_one(look.lines("authority")))]
    longest = look.figure("window-maximum-hours")
    too_long = any(
        not hours(0) < moment(window["end"]) - moment(window["start"]) <= hours(longest.value)
        for place in stated
        for window in place["windows"]
    )
    zones = all(len(place["zone"]["points"]) >= LEAST_VERTICES for place in stated)
    cameras = [camera for place in stated for camera in place["cameras"]]
    aimed = all(place["cameras"] for place in stated) and all(
        camera.get("bearing") is not None and camera.get("width") is not None for camera in cameras
    )
    length = f"a window is {'longer' if too_long else 'no longer'} than {longest.value} hours ({longest.source})"
    return (
        Condition(not too_long, length, (lines,), longest.lines),
        Condition(zones, "a zone is mapped" if zones else "a zone has fewer than three vertices", (lines,)),
        Condition(True, "cameras have position, bearing and width of view", (lines,))
        if aimed
        else Condition(None, "not every camera has its bearing and width of view on the record", (lines,)),
    )


declare(
    "uk.plan.cia",
    Paper("cia", "no community impact assessment is on the record"),
    against(
        SIGNATURE,
        lambda line, signed: moment(line("created_at")) <= signed,
        yes="it was made before the authority was signed",
        no="it was made only after the authority was signed",
        unsaid="no authority is on the record to hold it against",
        beside=SIGNATURE,
    ),
    has(
        "reviewed_at",
        "digest",
        yes="it was reviewed as the operation went on",
        unsaid="no review of it is on the record",
    ),
)


def _signs_up(look: Look) -> Sequence[Part]:
    if look.lines("observer_signs"):
        seen = that(lambda line: line("signs") > 0, yes="an observer saw signs", no="an observer saw no sign")
        return Entries("observer_signs"), seen
    return Entries("signage", "no signs are on the record"), has("signs", yes="signs were placed")


declare(
    "uk.plan.overt-only",
    Paper("proposal", NO_PROPOSAL),
    says("covert_authority", False, yes="no covert authority is cited", no="a covert authority is cited"),
    says("overt", True, yes="it was proposed as overt", no="it was not proposed as overt"),
    Entries("notice", "no notice is on the record"),
    has("url", yes="a notice was published"),
    _signs_up,
)


def _listed_objective(line: Line) -> bool | None:
    objective, offence = line("eu_objective"), line("eu_offence")
    if objective is None:
        return None
    if objective != "iii":
        return bool(objective != "none")
    least = statutory("eu-offence-years")
    return None if offence is None else bool(offence["annex_ii"] and offence["maximum_years"] >= least)


declare(
    "eu.aia.5-1-h.objective",
    Paper("proposal", "no objective of article 5(1)(h), with its offence where there is one, is on the record"),
    that(
        _listed_objective,
        yes="the objective is one of article 5(1)(h)",
        no="the objective is not one of article 5(1)(h), or the offence is outside Annex II or below four years",
    ),
)


@check("eu.aia.5-2.targeted")
def eu_targeted(look: Look) -> Sequence[Part]:
    """Persons specifically targeted, no general list, and no more entries than persons."""
    target = look.current("target")
    persons = max((line("persons") for line in target), default=None)
    return (
        Paper("target", "no statement of who is specifically targeted is on the record"),
        that(
            lambda line: not line("general_list") and line("persons") >= 1,
            yes="named individuals are targeted",
            no="a general list is used, or nobody is specifically targeted",
        ),
        Paper("manifest", "no list is on the record to hold against the persons targeted"),
        that(
            lambda line: None if persons is None else line("size") <= persons,
            yes="the list is no longer than the persons targeted",
            no="the list holds more entries than persons targeted",
            beside=target,
        ),
    )
