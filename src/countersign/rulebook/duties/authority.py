"""Checks of the authority: the documents in force, the written form, rank, urgency, and the EU's prior
authorisation."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.deployments.state import RANKS
from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import hours, moment
from countersign.rulebook.conditions.points import Point, any_of, before, earlier_in_log, has, lacking
from countersign.rulebook.conditions.registry import check

#: The documents an authority cites, and the noun under which their versions in force are read.
CITED = {"policy": "policy", "dpia": "dpia", "eia": "eia", "apd": "apd", "test-report": "test_report"}
#: The documents as sentences name them.
NAMES = {"policy": "policy", "dpia": "DPIA", "eia": "EIA", "apd": "APD", "test-report": "test report"}
NO_AUTHORITY = "no authority is on the record"
OPENING = "the opening"


def granted(look: Look) -> tuple[Line, ...]:
    """The authorities that were given, with or without conditions."""
    return tuple(line for line in look.lines("authority") if line("decision") != "refused")


@check("uk.policy.version-in-force")
def versions_in_force(look: Look) -> Sequence[Point]:
    """The authority cites the five documents, each by the digest of its version in force."""
    authority = granted(look)
    points = [
        any_of(
            authority,
            lambda line: set(CITED) <= {item["type"] for item in line("documents")},
            yes="policy, DPIA, EIA, APD and test report are cited",
            absent=NO_AUTHORITY,
            no="the authority leaves out a document it must cite",
        ),
    ]
    for kind, noun in CITED.items():
        field = "report" if noun == "test_report" else "digest"
        lines = look.lines(noun) if noun == "test_report" else look.current(noun)
        known = {line(field) for line in lines}

        def in_force(line: Line, kind: str = kind, known: set[str] = known) -> bool | None:
            cited = {item["digest"] for item in line("documents") if item["type"] == kind}
            return cited <= known if known and cited else None

        points.append(
            any_of(
                authority,
                in_force,
                yes=f"the {NAMES[kind]} cited is the version in force",
                beside=lines,
                no=f"the {NAMES[kind]} cited is not the version in force",
                absent=f"the {NAMES[kind]} cited cannot be held against a version on the record",
            )
        )
    return points


@check("uk.auth.written")
def written_authority(look: Look) -> Sequence[Point]:
    """The published process, an application it answers, and a written form, all before the opening."""
    policy, proposal, authority = look.current("policy"), look.lines("proposal"), granted(look)
    oral = {line.entry for line in authority if line("form") == "oral"}
    later = {line("authority") for line in look.lines("written")}
    references = {line("reference") for line in proposal}
    return (
        any_of(
            policy,
            has("authorisation", "published_url"),
            yes="the process is in a published policy",
            no="",
            absent="no published policy with a process of authorisation is on the record",
        ),
        any_of(
            authority,
            lambda line: line("application") in references if references else None,
            beside=proposal,
            yes="the authority answers a written application",
            no="the authority names no application on the record",
            absent=NO_AUTHORITY if not authority else "no application is on the record",
        ),
        before(authority, "signed_at", look.opening(), "the authority was signed", OPENING, strictly=True),
        any_of(
            authority,
            lambda line: True if line.entry not in oral or line.entry in later else None,
            yes="it is in writing",
            no="",
            absent=NO_AUTHORITY if not authority else "an oral authority has no written form",
        ),
        earlier_in_log(authority, look.lines("opened"), "the authority", OPENING)
        if look.supposed is None or look.lines("opened")
        else any_of(authority, has("signed_at"), yes="it stands in the log", no="", absent=NO_AUTHORITY),
    )


def _rank_at_least(line: Line, least: str) -> bool:
    return RANKS.index(line("officer_rank")) >= RANKS.index(least)


@check("uk.auth.rank")
def rank_of_officer(look: Look) -> Sequence[Point]:
    """The rank of each authority against the policy's least, of an urgent one against its urgent least."""
    authority, policy = granted(look), look.current("policy")
    rules = [line("authorisation") for line in policy if line("authorisation")]

    def high_enough(line: Line) -> bool | None:
        if not rules:
            return None
        rule = rules[-1]
        least = rule["minimum_rank"]
        if line("urgent") is not None:
            least = rule.get("urgent_minimum_rank", least)
        return _rank_at_least(line, least)

    return (
        any_of(
            authority,
            high_enough,
            yes="the officer holds the rank the policy sets",
            beside=policy,
            no="the officer does not hold the rank the policy sets",
            absent=NO_AUTHORITY if not authority else "the policy sets no rank",
        ),
    )


@check("uk.auth.urgent")
def urgent_authority(look: Look) -> Sequence[Point]:
    """A reason of the policy's list, the written form and a superintendent's decision in time; or no urgency at all."""
    authority, policy = granted(look), look.current("policy")
    if not authority:
        return (lacking(NO_AUTHORITY),)
    urgent = tuple(line for line in authority if line("urgent") is not None)
    oral = tuple(line for line in authority if line("form") == "oral")
    if not urgent and not oral:
        return (Point(True, "no authority was urgent or oral", (authority,)),)
    reasons = {reason for line in policy if line("authorisation") for reason in line("authorisation")["urgent_reasons"]}
    written_within, reviewed_within = look.figure("written-after-hours"), look.figure("urgent-review-hours")
    within, review_within = written_within.value, reviewed_within.value
    forms = {line("authority"): moment(line("written_at")) for line in look.lines("written")}
    reviews = {line("authority"): line for line in look.lines("urgent_review")}

    def given_at(line: Line) -> str:
        stated = line("urgent") or {}
        return str(stated.get("oral_at") or line("signed_at"))

    def put_down(line: Line) -> bool | None:
        if line("form") != "oral":
            return True
        at = forms.get(line.entry)
        return None if at is None else at - moment(given_at(line)) <= hours(within)

    def reviewed(line: Line) -> bool | None:
        review = reviews.get(line.entry)
        if review is None:
            return None
        soon = moment(review("reviewed_at")) - moment(given_at(line)) <= hours(review_within)
        return soon and _rank_at_least(review, "superintendent")

    return (
        any_of(
            urgent or oral,
            lambda line: None if not reasons or line("urgent") is None else line("urgent")["reason"] in reasons,
            beside=policy,
            yes="the reason is one of the policy's",
            no="the reason is not one of the policy's",
            absent="the reason cannot be held against a policy",
        ),
        any_of(
            urgent or oral,
            put_down,
            yes=f"it was put in writing within {within} hours",
            beside=written_within.lines,
            no=f"it was not put in writing within {within} hours",
            absent="no written form is on the record",
        ),
        any_of(
            urgent or oral,
            reviewed,
            yes="a superintendent decided on it in time",
            no=f"no superintendent decided on it within {review_within} hours",
            absent="no review by a superintendent is on the record",
        ),
        any_of(
            urgent or oral,
            lambda line: _rank_at_least(line, "inspector"),
            yes="an inspector or above gave it",
            no="it was given below inspector",
            absent=NO_AUTHORITY,
        ),
    )


@check("eu.aia.5-2.limits")
def eu_limits(look: Look) -> Sequence[Point]:
    """Time, area and persons authorised are no wider than national law allows."""
    law, given = look.current("national_law"), look.current("eu_authorisation")
    allowed = [line("limits") for line in law if line("limits")]

    def inside(line: Line) -> bool | None:
        limits = line("limits")
        if limits is None or not allowed:
            return None
        return all(limits[name] <= allowed[-1][name] for name in ("hours", "area_square_metres", "persons"))

    return (
        any_of(
            given,
            inside,
            yes="time, area and persons lie within national law",
            beside=law,
            no="time, area or persons go beyond national law",
            absent="limits in the authorisation and in national law are not both on the record",
        ),
    )


@check("eu.aia.5-3.prior-authorisation")
def eu_prior(look: Look) -> Sequence[Point]:
    """Granted by a court or independent authority, on evidence, before the opening."""
    given = look.current("eu_authorisation")
    absent = "no authorisation by a court or independent authority is on the record"
    return (
        any_of(
            given,
            lambda line: None if line("decision") == "pending" else line("decision") == "granted",
            yes="use was authorised",
            no="authorisation was refused",
            absent=absent,
        ),
        any_of(given, has("evidence", "request"), yes="on a request with evidence", no="", absent=absent),
        before(given, "decided_at", look.opening(), "it was granted", OPENING, strictly=True),
    )


@check("eu.aia.5-3.urgent-24h")
def eu_urgent(look: Look) -> Sequence[Point]:
    """Where use began first: justified, and requested within 24 hours of the opening."""
    given, opening = look.current("eu_authorisation"), look.opening()
    if opening is None or not given:
        return (lacking("no opening and authorisation are on the record to compare"),)
    allowed = statutory("eu-urgent-hours")

    def in_time(line: Line) -> bool | None:
        decided = line.time("decided_at")
        if decided is not None and decided < opening.at:
            return True
        if line("urgency") is None:
            return False
        return moment(line("requested_at")) - opening.at <= hours(allowed)

    return (
        any_of(
            given,
            in_time,
            yes=f"authorised before use, or asked for within {allowed} hours of it",
            no=f"use began first, without stated urgency or a request within {allowed} hours",
            absent="",
            beside=opening.lines,
        ),
    )
