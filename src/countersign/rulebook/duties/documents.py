"""Checks of a programme's documents: policy, record of processing, policy document, impact assessment, privacy notice.

Each function's name says the duty; its docstring what is compared. A document is taken in its latest version, by each
supplier's account. The sources stand in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import day, moment, month_after
from countersign.rulebook.conditions.points import Point, any_of, before, each_of, has, holds_all, lacking, says
from countersign.rulebook.conditions.registry import check

OPENING = "the opening"
#: DPA 2018 s.35(5)(c), s.42: the six data protection principles of Part 3.
PRINCIPLES = (
    "lawfulness",
    "purpose-limitation",
    "minimisation",
    "accuracy",
    "storage-limitation",
    "security",
)
#: DPA 2018 s.61(2), the fields the catalogue asks for of every record of processing.
ROPA_FIELDS = (
    "controller",
    "dpo",
    "purposes",
    "recipients",
    "subjects",
    "data-categories",
    "erasure-limits",
    "security",
)
#: DPA 2018 s.44(1)-(2).
NOTICE_FIELDS = ("controller", "dpo", "purposes", "legal-basis", "retention", "rights", "complaint")
DPIA_SECTIONS = ("description", "risks", "measures", "safeguards")


@check("uk.policy.published-before")
def policy_published_before(look: Look) -> Sequence[Point]:
    """The policy's publication against the opening; an address and the digest of an archived copy."""
    policy = look.current("policy")
    return (
        before(policy, "published_at", look.opening(), "the policy was published", OPENING),
        any_of(
            policy,
            has("published_url", "archived_digest"),
            yes="its address and the digest of a kept copy are given",
            no="",
            absent="no address with the digest of a kept copy of the policy is on the record",
        ),
    )


@check("uk.policy.controlled-documents")
def controlled_documents(look: Look) -> Sequence[Point]:
    """Review dates against the opening, change logs, staff told; retention periods the same wherever they stand."""
    documents = _latest_by_type(look.lines("document"))
    opening = look.opening()
    if opening is None:
        return (lacking("no opening is on the record against which review dates could be held"),)

    def in_date(line: Line) -> bool | None:
        due = line("next_review_date")
        return None if due is None else day(due) >= opening.at.date()

    return (
        each_of(
            documents,
            in_date,
            yes=f"every document was within its review date ({len(documents)})",
            no="a document was past its review date at the opening",
            absent="no set of documents, each with its review date, is on the record",
            beside=opening.lines,
        ),
        each_of(
            documents,
            has("change_log", "staff_told_at"),
            yes="each has a change log and a day staff were told",
            no="",
            absent="not every document has a change log and a day on which staff were told",
        ),
        _one_retention(documents, look.current("policy")),
    )


def _latest_by_type(documents: Sequence[Line]) -> list[Line]:
    last: dict[str, Line] = {}
    for line in sorted(documents, key=lambda line: (line.statement.at, line.entry)):
        last[line("type")] = line
    return list(last.values())


def _one_retention(documents: Sequence[Line], policy: Sequence[Line]) -> Point:
    periods: dict[str, set[int]] = {}
    stating = [line for line in (*documents, *policy) if line("retention_schedule")]
    for line in stating:
        for rule in line("retention_schedule"):
            periods.setdefault(rule["class"], set()).add(rule["hours"])
    if len(stating) < 2:
        return lacking("fewer than two documents state a retention schedule, so none can be compared")
    differing = sorted(name for name, found in periods.items() if len(found) > 1)
    grounds = tuple((line,) for line in stating)
    if differing:
        return Point(False, f"documents state different retention periods for {', '.join(differing)}", grounds)
    return Point(True, f"the documents that state retention periods state the same ({len(stating)})", grounds)


@check("uk.dpa.s61.ropa-sch8")
def record_of_processing(look: Look) -> Sequence[Point]:
    """Fields of s.61(2), a Schedule 8 condition, and the same condition in the appropriate policy document."""
    ropa, apd = look.current("ropa"), look.current("apd")
    absent = "no record of processing for LFR is on the record"
    named = {line("sch8_condition") for line in apd}
    return (
        any_of(
            ropa,
            holds_all("fields", ROPA_FIELDS),
            yes="the record of processing has the fields of s.61(2)",
            no="the record of processing lacks fields of s.61(2)",
            absent=absent,
        ),
        any_of(
            ropa,
            lambda line: line("sch8_condition") != "none-named",
            yes="it names a Schedule 8 condition",
            no="it names no Schedule 8 condition",
            absent=absent,
        ),
        any_of(
            ropa,
            lambda line: None if not named else named == {line("sch8_condition")},
            yes="the appropriate policy document names the same condition",
            no="the appropriate policy document names another condition",
            beside=apd,
            absent="no appropriate policy document is on the record to compare the condition with",
        ),
        any_of(ropa, has("explanation"), yes="how s.35 is met is explained, by digest", no="", absent=absent),
    )


@check("uk.dpa.s42.apd")
def appropriate_policy_document(look: Look) -> Sequence[Point]:
    """Approved before the opening, six principles, retention, passers-by, reviewed, kept six months more."""
    apd = look.current("apd")
    absent = "no appropriate policy document is on the record"
    months = statutory("apd-kept-months")

    def kept(line: Line) -> bool | None:
        until, last = line("retained_until"), line("last_processing")
        if until is None or last is None:
            return None
        return day(until) >= month_after(day(last), months)

    return (
        before(apd, "approved_at", look.opening(), "the appropriate policy document was approved", OPENING),
        any_of(
            apd,
            holds_all("principles", PRINCIPLES),
            yes="it treats the six principles",
            no="it does not treat all six principles",
            absent=absent,
        ),
        any_of(
            apd,
            says("retention_section", True),
            yes="it treats retention",
            no="it does not treat retention",
            absent=absent,
        ),
        any_of(
            apd,
            holds_all("covers", ("passers-by", "watchlist-subjects")),
            yes="it covers passers-by",
            no="it does not cover both passers-by and people on the watchlist",
            absent=absent,
        ),
        any_of(apd, has("review_log"), yes="reviews of it are dated", no="", absent="no review of it is on the record"),
        any_of(
            apd,
            kept,
            yes="it is kept for six months after processing ends",
            no="it is not kept for six months after processing ends",
            absent="until when it is kept after the last processing is not stated",
        ),
    )


@check("uk.dpa.s64.dpia")
def data_protection_impact_assessment(look: Look) -> Sequence[Point]:
    """The four statutory elements, approved before the opening; use case, engine and list inside its scope."""
    dpia = look.current("dpia")
    opened, proposal = look.lines("opened"), look.current("proposal")
    absent = "no data protection impact assessment is on the record"
    engines = {line("engine_version") for line in opened}
    uses = {line("use_case") for line in proposal}

    def covers(field: str, found: set[str]) -> Any:
        return lambda line: found <= set(line("scope")[field]) if found else None

    points = [
        before(dpia, "approved_at", look.opening(), "the assessment was approved", OPENING, strictly=True),
        any_of(
            dpia,
            holds_all("sections", DPIA_SECTIONS),
            yes="it has the four statutory elements",
            no="it lacks statutory elements",
            absent=absent,
        ),
        any_of(dpia, has("risks"), yes="it lists risks", no="", absent="it lists no risk"),
        any_of(
            dpia,
            covers("use_cases", uses),
            yes="the use case lies inside its scope",
            no="the use case lies outside its scope",
            absent="the use case cannot be held against its scope",
            beside=proposal,
        ),
    ]
    if opened or look.supposed is None:
        points.append(
            any_of(
                dpia,
                covers("engine_versions", engines),
                yes="the engine's version lies inside its scope",
                no="the engine's version lies outside its scope",
                beside=opened,
                absent="the engine's version cannot be held against its scope",
            )
        )
    return points


@check("uk.dpa.s65.consult")
def prior_consultation(look: Look) -> Sequence[Point]:
    """Where the residual risk is high: the Commissioner asked, and answered or six weeks gone, before the opening."""
    dpia, consulted = look.current("dpia"), look.current("ico_consultation")
    if not dpia:
        return (lacking("no impact assessment states the residual risk"),)
    high = [line for line in dpia if _residual(line) == "high"]
    if not high:
        return (Point(True, "no residual risk of the assessment is high, so no consultation is owed", (tuple(dpia),)),)
    opening = look.opening()
    if opening is None:
        return (lacking("the residual risk is high and no opening is on the record to measure from"),)
    weeks = statutory("consultation-weeks")

    def in_time(line: Line) -> bool | None:
        answered = line.time("response_at")
        if answered is not None:
            return answered <= opening.at
        asked = moment(line("submitted_at"))
        return (opening.at - asked).days >= weeks * 7

    return (
        any_of(
            consulted,
            in_time,
            yes="the residual risk is high and the Commissioner was consulted before the opening",
            no="the residual risk is high and the cameras were opened before the Commissioner had answered",
            absent="the residual risk is high and no consultation is on the record",
            beside=(*high, *opening.lines),
        ),
    )


def _residual(line: Line) -> str:
    """The highest of the assessment's own residual risks: its overall word cannot lie below its parts."""
    levels = [line("residual_risk"), *(risk["residual"] for risk in line("risks"))]
    return str(max(levels, key=("low", "medium", "high").index))


@check("uk.dpa.s44.notice")
def privacy_notice(look: Look) -> Sequence[Point]:
    """Public before the opening, with the particulars of s.44."""
    notice = look.current("privacy_notice")
    absent = "no privacy notice for LFR is on the record"
    return (
        before(notice, "published_at", look.opening(), "the privacy notice was published", OPENING),
        any_of(
            notice,
            holds_all("fields", NOTICE_FIELDS),
            yes="it has the particulars of s.44",
            no="it lacks particulars of s.44",
            absent=absent,
        ),
        any_of(notice, has("formats", "url"), yes="its forms and address are given", no="", absent=absent),
    )
