"""Duties on the authority: the documents it cites, its form, reasons, rank and urgency, and the EU's prior
authorisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from countersign.deployments.state import RANKS
from countersign.rulebook.conditions.declare import (
    OPENING,
    Entries,
    Paper,
    Part,
    These,
    against,
    among,
    before,
    check,
    declare,
    has,
    needs,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, hours, moment, statutory
from countersign.rulebook.conditions.results import Condition, Test, earlier_in_log, lacking

#: The documents an authority cites: the noun under which their versions are read, and the name in sentences.
CITED = {
    "policy": ("policy", "policy"),
    "dpia": ("dpia", "DPIA"),
    "eia": ("eia", "EIA"),
    "apd": ("apd", "APD"),
    "test-report": ("test_report", "test report"),
}
NO_AUTHORITY = "no authority is on the record"
#: The authorities that were given, with or without conditions.
GRANTED = Entries("authority", NO_AUTHORITY, lambda line: line("decision") != "refused")


@check("uk.policy.version-in-force")
def versions_in_force(look: Look) -> Sequence[Part]:
    """The authority cites the five documents, each by the digest of its version in force."""
    parts: list[Part] = [
        GRANTED,
        that(
            lambda line: set(CITED) <= {item["type"] for item in line("documents")},
            yes="policy, DPIA, EIA, APD and test report are cited",
            no="the authority leaves out a document it must cite",
        ),
    ]
    for kind, (noun, name) in CITED.items():
        versions = look.lines(noun) if noun == "test_report" else look.current(noun)
        known = {line("report" if noun == "test_report" else "digest") for line in versions}
        yes, no = f"the {name} cited is the version in force", f"the {name} cited is not the version in force"
        absent = f"the {name} cited cannot be held against a version on the record"
        parts.append(that(_cites(kind, known), yes=yes, no=no, absent=absent, beside=versions))
    return parts


def _cites(kind: str, known: set[str]) -> Test:
    def in_force(line: Line) -> bool | None:
        cited = {item["digest"] for item in line("documents") if item["type"] == kind}
        return cited <= known if known and cited else None

    return in_force


@check("uk.auth.written")
def written_authority(look: Look) -> Sequence[Part]:
    """The published process, an application it answers, and a written form, all before the opening."""
    later = {line("authority") for line in look.lines("written")}
    opened = look.lines("opened")
    return (
        Paper("policy", "no published policy with a process of authorisation is on the record"),
        has("authorisation", "published_url", yes="the process is in a published policy"),
        GRANTED,
        among(
            "application",
            Entries("proposal"),
            "reference",
            yes="the authority answers a written application",
            no="the authority names no application on the record",
            unsaid="no application is on the record",
        ),
        before("signed_at", OPENING, "the authority was signed", strictly=True),
        that(
            lambda line: line("form") != "oral" or line.entry in later or None,
            yes="it is in writing",
            unsaid="an oral authority has no written form",
        ),
        earlier_in_log(GRANTED.lines(look), opened, "the authority", OPENING.name)
        if look.supposed is None or opened
        else has("signed_at", yes="it stands in the log"),
    )


declare("uk.auth.reasons", Paper("authority", NO_AUTHORITY), has("decision", yes="an authority is on the record"))


def _rank_at_least(line: Line, least: str) -> bool:
    return RANKS.index(line("officer_rank")) >= RANKS.index(least)


@check("uk.auth.rank")
def rank_of_officer(look: Look) -> Sequence[Part]:
    """The rank of each authority against the policy's least, of an urgent one against its urgent least."""
    policy = look.current("policy")
    rules = [line("authorisation") for line in policy if line("authorisation")]

    def high_enough(line: Line) -> bool | None:
        if not rules:
            return None
        least = rules[-1]["minimum_rank"]
        if line("urgent") is not None:
            least = rules[-1].get("urgent_minimum_rank", least)
        return _rank_at_least(line, least)

    return (
        GRANTED,
        that(
            high_enough,
            yes="the officer holds the rank the policy sets",
            no="the officer does not hold the rank the policy sets",
            unsaid="the policy sets no rank",
            beside=policy,
        ),
    )


def _given_at(line: Line) -> str:
    """When an authority was given, by word of mouth if that came first."""
    return str((line("urgent") or {}).get("oral_at") or line("signed_at"))


@check("uk.auth.urgent")
def urgent_authority(look: Look) -> Sequence[Part]:
    """A reason of the policy's list, the written form and a superintendent's decision in time; or no urgency at all."""
    authority, policy = GRANTED.lines(look), look.current("policy")
    if not authority:
        return [lacking(NO_AUTHORITY)]
    urgent = [line for line in authority if line("urgent") is not None]
    oral = [line for line in authority if line("form") == "oral"]
    if not urgent and not oral:
        return [Condition(True, "no authority was urgent or oral", (authority,))]
    reasons = {reason for line in policy if line("authorisation") for reason in line("authorisation")["urgent_reasons"]}
    within, review_within = look.figure("written-after-hours"), look.figure("urgent-review-hours")
    forms = {line("authority"): moment(line("written_at")) for line in look.lines("written")}
    reviews = {line("authority"): line for line in look.lines("urgent_review")}

    def put_down(line: Line) -> bool | None:
        if line("form") != "oral":
            return True
        at = forms.get(line.entry)
        return None if at is None else at - moment(_given_at(line)) <= hours(within.value)

    def reviewed(line: Line) -> bool | None:
        review = reviews.get(line.entry)
        if review is None:
            return None
        soon = moment(review("reviewed_at")) - moment(_given_at(line)) <= hours(review_within.value)
        return soon and _rank_at_least(review, "superintendent")

    return (
        These(urgent or oral),
        that(
            lambda line: None if not reasons or line("urgent") is None else line("urgent")["reason"] in reasons,
            yes="the reason is one of the policy's",
            no="the reason is not one of the policy's",
            absent="the reason cannot be held against a policy",
            beside=policy,
        ),
        that(
            put_down,
            yes=f"it was put in writing within {within.value} hours",
            no=f"it was not put in writing within {within.value} hours",
            absent="no written form is on the record",
            beside=within.lines,
        ),
        that(
            reviewed,
            yes="a superintendent decided on it in time",
            no=f"no superintendent decided on it within {review_within.value} hours",
            absent="no review by a superintendent is on the record",
        ),
        that(
            lambda line: _rank_at_least(line, "inspector"),
            yes="an inspector or above gave it",
            no="it was given below inspector",
        ),
    )


@check("eu.aia.5-2.limits")
def eu_limits(look: Look) -> Sequence[Part]:
    """Time, area and persons authorised are no wider than national law allows."""
    law = look.current("national_law")
    allowed = [line("limits") for line in law if line("limits")]

    def inside(line: Line) -> bool | None:
        limits = line("limits")
        if limits is None or not allowed:
            return None
        return all(limits[name] <= allowed[-1][name] for name in ("hours", "area_square_metres", "persons"))

    return (
        Paper("eu_authorisation", "limits in the authorisation and in national law are not both on the record"),
        that(
            inside,
            yes="time, area and persons lie within national law",
            no="time, area or persons go beyond national law",
            beside=law,
        ),
    )


declare(
    "eu.aia.5-3.prior-authorisation",
    Paper("eu_authorisation", "no authorisation by a court or independent authority is on the record"),
    that(
        lambda line: None if line("decision") == "pending" else line("decision") == "granted",
        yes="use was authorised",
        no="authorisation was refused",
    ),
    has("evidence", "request", yes="on a request with evidence"),
    before("decided_at", OPENING, "it was granted", strictly=True),
)


EU_HOURS = statutory("eu-urgent-hours")


def _urgently_asked_for(line: Line, opening: datetime) -> bool:
    decided = line.time("decided_at")
    if decided is not None and decided < opening:
        return True
    return line("urgency") is not None and moment(line("requested_at")) - opening <= hours(EU_HOURS)


declare(
    "eu.aia.5-3.urgent-24h",
    needs(OPENING, "no opening and authorisation are on the record to compare"),
    Paper("eu_authorisation", "no opening and authorisation are on the record to compare"),
    against(
        OPENING,
        _urgently_asked_for,
        yes=f"authorised before use, or asked for within {EU_HOURS} hours of it",
        no=f"use began first, without stated urgency or a request within {EU_HOURS} hours",
        beside=OPENING,
    ),
)
