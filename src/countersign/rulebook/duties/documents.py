"""Duties on a programme's documents: policy, record of processing, policy document, impact assessment, privacy notice.

A document is taken in its latest version, by each supplier's account. The sources are in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.declare import (
    OPENING,
    EachOfThese,
    Paper,
    Part,
    before,
    check,
    declare,
    has,
    holds_all,
    says,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, day, moment, month_after, statutory
from countersign.rulebook.conditions.results import Condition, Test, lacking, one_by_one

#: DPA 2018 s.35(5)(c), s.42: the six data protection principles of Part 3.
PRINCIPLES = ("lawfulness", "purpose-limitation", "minimisation", "accuracy", "storage-limitation", "security")
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


declare(
    "uk.policy.published-before",
    Paper("policy"),
    before("published_at", OPENING, "the policy was published"),
    has(
        "published_url",
        "archived_digest",
        yes="its address and the digest of a kept copy are given",
        absent="no address with the digest of a kept copy of the policy is on the record",
    ),
)


@check("uk.policy.controlled-documents")
def controlled_documents(look: Look) -> Sequence[Part]:
    """Review dates against the opening, change logs, staff told; retention periods the same in every document."""
    documents, opening = latest_by(look.lines("document"), "type"), look.opening()
    if opening is None:
        return [lacking("no opening is on the record against which review dates could be held")]

    def in_date(line: Line) -> bool | None:
        due = line("next_review_date")
        return None if due is None else day(due) >= opening.at.date()

    return (
        EachOfThese(documents),
        that(
            in_date,
            yes=f"every document was within its review date ({len(documents)})",
            no="a document was past its review date at the opening",
            absent="no set of documents, each with its review date, is on the record",
            beside=opening.lines,
        ),
        has(
            "change_log",
            "staff_told_at",
            yes="each has a change log and a day staff were told",
            absent="not every document has a change log and a day on which staff were told",
        ),
        _one_retention((*documents, *look.current("policy"))),
    )


def latest_by(lines: Sequence[Line], field: str, made: str = "") -> tuple[Line, ...]:
    """The last line for each value of a field, by the time in ``made``, else by the time of the entry."""
    last: dict[str, Line] = {}
    for line in sorted(lines, key=lambda line: (moment(line(made)) if made else moment(line.statement.at), line.entry)):
        last[line(field)] = line
    return tuple(last.values())


def _one_retention(papers: Sequence[Line]) -> Condition:
    periods: dict[str, set[int]] = {}
    stating = [line for line in papers if line("retention_schedule")]
    for line in stating:
        for rule in line("retention_schedule"):
            periods.setdefault(rule["class"], set()).add(rule["hours"])
    if len(stating) < 2:
        return lacking("fewer than two documents state a retention schedule, so none can be compared")
    differing = sorted(name for name, hours in periods.items() if len(hours) > 1)
    same = f"the documents that state retention periods state the same ({len(stating)})"
    because = f"documents state different retention periods for {', '.join(differing)}" if differing else same
    return Condition(not differing, because, one_by_one(stating))


@check("uk.dpa.s61.ropa-sch8")
def record_of_processing(look: Look) -> Sequence[Part]:
    """Fields of s.61(2), a Schedule 8 condition, and the same condition in the appropriate policy document."""
    apd = look.current("apd")
    named = {line("sch8_condition") for line in apd}
    return (
        Paper("ropa", "no record of processing for LFR is on the record"),
        holds_all(
            "fields",
            ROPA_FIELDS,
            yes="the record of processing has the fields of s.61(2)",
            no="the record of processing lacks fields of s.61(2)",
        ),
        that(
            lambda line: line("sch8_condition") != "none-named",
            yes="it names a Schedule 8 condition",
            no="it names no Schedule 8 condition",
        ),
        that(
            lambda line: None if not named else named == {line("sch8_condition")},
            yes="the appropriate policy document names the same condition",
            no="the appropriate policy document names another condition",
            absent="no appropriate policy document is on the record to compare the condition with",
            beside=apd,
        ),
        has("explanation", yes="how s.35 is met is explained, by digest"),
    )


def _kept(line: Line) -> bool | None:
    until, last = line("retained_until"), line("last_processing")
    if until is None or last is None:
        return None
    return day(until) >= month_after(day(last), statutory("apd-kept-months"))


declare(
    "uk.dpa.s42.apd",
    Paper("apd", "no appropriate policy document is on the record"),
    before("approved_at", OPENING, "the appropriate policy document was approved"),
    holds_all("principles", PRINCIPLES, yes="it treats the six principles", no="it does not treat all six principles"),
    says("retention_section", True, yes="it treats retention", no="it does not treat retention"),
    holds_all(
        "covers",
        ("passers-by", "watchlist-subjects"),
        yes="it covers passers-by",
        no="it does not cover both passers-by and people on the watchlist",
    ),
    has("review_log", yes="reviews of it are dated", absent="no review of it is on the record"),
    that(
        _kept,
        yes="it is kept for six months after processing ends",
        no="it is not kept for six months after processing ends",
        absent="until when it is kept after the last processing is not stated",
    ),
)


@check("uk.dpa.s64.dpia")
def data_protection_impact_assessment(look: Look) -> Sequence[Part]:
    """The four statutory elements, approved before the opening; use case, engine and list inside its scope."""
    opened, proposal = look.lines("opened"), look.current("proposal")
    engines = {line("engine_version") for line in opened}
    uses = {line("use_case") for line in proposal}

    def covers(field: str, known: set[str]) -> Test:
        return lambda line: known <= set(line("scope")[field]) if known else None

    yes = "the engine's version lies inside its scope"
    no = "the engine's version lies outside its scope"
    absent = "the engine's version cannot be held against its scope"
    engine = that(covers("engine_versions", engines), yes=yes, no=no, absent=absent, beside=opened)
    return (
        Paper("dpia", "no data protection impact assessment is on the record"),
        before("approved_at", OPENING, "the assessment was approved", strictly=True),
        holds_all(
            "sections", DPIA_SECTIONS, yes="it has the four statutory elements", no="it lacks statutory elements"
        ),
        has("risks", yes="it lists risks", absent="it lists no risk"),
        that(
            covers("use_cases", uses),
            yes="the use case lies inside its scope",
            no="the use case lies outside its scope",
            absent="the use case cannot be held against its scope",
            beside=proposal,
        ),
        *([engine] if opened or look.supposed is None else []),
    )


@check("uk.dpa.s65.consult")
def prior_consultation(look: Look) -> Sequence[Part]:
    """Where the residual risk is high: the Commissioner asked, and answered or six weeks gone, before the opening."""
    dpia = look.current("dpia")
    if not dpia:
        return [lacking("no impact assessment states the residual risk")]
    # The assessment's overall word on the residual risk cannot lie below its parts.
    high = [line for line in dpia if "high" in (line("residual_risk"), *(risk["residual"] for risk in line("risks")))]
    if not high:
        return [Condition(True, "no residual risk of the assessment is high, so no consultation is owed", (dpia,))]
    opening = look.opening()
    if opening is None:
        return [lacking("the residual risk is high and no opening is on the record to measure from")]

    def in_time(line: Line) -> bool | None:
        answered = line.time("response_at")
        if answered is not None:
            return answered <= opening.at
        return (opening.at - moment(line("submitted_at"))).days >= statutory("consultation-weeks") * 7

    return (
        Paper("ico_consultation", "the residual risk is high and no consultation is on the record"),
        that(
            in_time,
            yes="the residual risk is high and the Commissioner was consulted before the opening",
            no="the residual risk is high and the cameras were opened before the Commissioner had answered",
            beside=(*high, *opening.lines),
        ),
    )


declare(
    "uk.dpa.s44.notice",
    Paper("privacy_notice", "no privacy notice for LFR is on the record"),
    before("published_at", OPENING, "the privacy notice was published"),
    holds_all("fields", NOTICE_FIELDS, yes="it has the particulars of s.44", no="it lacks particulars of s.44"),
    has("formats", "url", yes="its forms and address are given"),
)
