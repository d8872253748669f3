"""Duties of a programme: mandate, parties, tests, governance and registrations, which stand before any deployment.

Attested duties need their signed answers as well (``signed``); what is declared here may contradict the answers. The
sources are in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from countersign.rulebook.conditions.declare import (
    OPENING,
    SIGNATURE,
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
    holds_all,
    needs,
    says,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, day, moment, statutory
from countersign.rulebook.conditions.results import Condition, lacking

#: Ranks of a chief officer: the equality duty cannot be delegated (Equality Act 2010 s.149; Bridges CA [175]).
CHIEF_OFFICERS = ("assistant-chief-constable", "deputy-chief-constable", "chief-constable")
#: DPA 2018 s.59(2)-(7).
CONTRACT_TERMS = (
    "documented-instructions",
    "confidentiality",
    "security",
    "subprocessors",
    "assistance",
    "deletion-or-return",
    "audit",
    "subject-matter-and-duration",
)
#: Regulation (EU) 2024/1689 art 27(1)(a)-(f).
FRIA_ELEMENTS = ("processes", "period-and-frequency", "groups", "harms", "oversight", "remedies")


declare(
    "uk.pofa.s33-regard",
    Paper("sccode_self_assessment", "no self-assessment against the Code is on the record"),
    that(
        lambda line: {item["principle"] for item in line("principles")} >= set(range(1, 13)),
        yes="the self-assessment answers the 12 principles",
        no="the self-assessment leaves principles out",
    ),
)

declare(
    "uk.dpa.lawful-basis",
    Paper("legal_mandate", "no legal mandate is on the record"),
    has("powers", "sources", "analysis", yes="powers and sources are named"),
    that(
        lambda line: line("basis") != "consent",
        yes="it does not rest on consent",
        no="it rests on consent of the public",
    ),
    before("signed_at", OPENING, "the mandate was signed"),
)

declare(
    "uk.dpa.dpo",
    Paper("dpo_advice", "no advice of the data protection officer is on the record"),
    against(
        OPENING,
        lambda line, opening: day(line("date")) <= opening.date(),
        yes="the advice came before the opening",
        no="the advice came after the opening",
    ),
    among(
        "dpia_version",
        Paper("dpia"),
        "version",
        yes="it is on the assessment's version in force",
        no="it is on another version of the assessment",
        unsaid="no assessment is on the record to hold the advice against",
    ),
)

declare(
    "uk.dpa.s57.by-design",
    Paper("system_config", "no configuration of the system is on the record"),
    says("blur_nonmatch", True, yes="faces without a match are blurred", no="faces without a match are not blurred"),
    says("template_store", False, yes="templates are not stored", no="templates are stored"),
    says("exports_disabled", True, yes="exports are off", no="exports are on"),
)

declare(
    "uk.dpa.s66.security",
    Paper("security_assurance", "no security test is on the record"),
    says("network_isolated", True, yes="the system is isolated", no="the system is not isolated"),
    says("media_encrypted", True, yes="transfer media are encrypted", no="transfer media are not encrypted"),
    says("supply_chain_assessed", True, yes="the supply chain was assessed", no="the supply chain was not assessed"),
    has("access_roles", yes="access is by role", absent="no access roles are on the record"),
    against(
        OPENING,
        lambda line, opening: day(line("tested_on")) <= opening.date(),
        yes="it was tested before the opening",
        no="it was tested after the opening",
    ),
)


@check("uk.dpa.s58-59.parties")
def parties(look: Look) -> Sequence[Part]:
    """Every joint controller under an arrangement; every processor under a contract with the terms, in date."""
    stated, opening = look.current("controllers"), look.opening()
    if not stated:
        return [lacking("who the controllers and processors are is not on the record")]
    if opening is None:
        return [lacking("no opening is on the record on which contracts should be in force")]
    controllers = {body for line in stated for body in line("controllers")}
    processors = {body for line in stated for body in line("processors")}
    named = f"{len(controllers)} controllers and {len(processors)} processors are named"
    parts: list[Part] = [Condition(True, named, (stated,))]
    if len(controllers) > 1:
        covering = [line for line in look.lines("joint_arrangement") if controllers <= set(line("controllers"))]
        parts += [
            These(covering, "no joint arrangement that names all controllers is on the record"),
            that(
                lambda line: moment(line("signed_at")) <= opening.at,
                yes="a joint arrangement names them all",
                no="the joint arrangement was signed after the opening",
            ),
        ]
    for processor in sorted(processors):
        contracts = [line for line in look.lines("processor_contract") if line("processor") == processor]
        contract = f"the contract with {processor}"
        parts += [
            These(contracts[-1:], f"no contract with {processor} is on the record"),
            holds_all("terms", CONTRACT_TERMS, yes=f"{contract} has the terms", no=f"{contract} lacks statutory terms"),
            that(
                lambda line: day(line("expires")) >= opening.at.date(),
                yes="it was in force",
                no=f"{contract} had run out",
            ),
            has("vetted_on", yes="it was vetted", absent=f"no vetting of {processor} is on the record"),
        ]
    return parts


@check("uk.accuracy.independent-test")
def independent_test(look: Look) -> Sequence[Part]:
    """A test of the very engine version in use, not by its supplier, before the opening, at operational settings."""
    opened, reports, opening = look.lines("opened"), look.lines("test_report"), look.opening()
    if not opened or opening is None:
        return [lacking("which engine version was in use is not on the record")]
    versions = {(line("engine"), line("engine_version")) for line in opened}
    fitting = [line for line in reports if (line("engine"), line("engine_version")) in versions]
    if reports and not fitting:
        return [Condition(False, "no test on the record is of the engine version in use", (reports,), opened)]
    return (
        Condition(True, "the engine version in use is known", (opened,)),
        These(fitting, "no independent test of the engine version in use is on the record"),
        says(
            "tester_is_supplier",
            False,
            yes="the engine version in use was tested by another than its supplier",
            no="the engine version in use was tested by its supplier",
        ),
        that(
            lambda line: day(line("date")) <= opening.at.date(),
            yes="the test is dated before the opening",
            no="the test is dated after the opening",
        ),
        says(
            "operational_settings", True, yes="at operational settings", no="the test was not at operational settings"
        ),
        holds_all(
            "characteristics",
            ("race", "sex"),
            yes="with results by race and sex",
            no="the test has no results by race and sex",
        ),
    )


declare(
    "uk.psed.eia",
    Paper("eia", "no equality impact assessment is on the record"),
    before("approved_at", OPENING, "the equality assessment was approved", strictly=True),
    says("approver_rank", *CHIEF_OFFICERS, yes="by a chief officer", no="not by a chief officer"),
    holds_all(
        "characteristics",
        ("race", "sex", "age"),
        yes="it treats race, sex and age",
        no="it leaves out race, sex or age",
    ),
    has("review_log", yes="it is kept under review", absent="no review of it is on the record"),
)


@check("uk.governance.sro")
def senior_owner(look: Look) -> Sequence[Part]:
    """A senior owner in post at the opening, and dated minutes of a board before it."""
    owners, opening = look.lines("sro"), look.opening()
    if opening is None:
        return [lacking("no opening is on the record on which an owner should be in post")]

    def in_post(line: Line) -> bool:
        until = line("until")
        return day(line("since")) <= opening.at.date() and (until is None or day(until) >= opening.at.date())

    posted = [line for line in owners if in_post(line)]
    dated = [line for line in look.lines("board_minutes") if day(line("date")) <= opening.at.date()]
    return (
        These(posted, "no senior owner is on the record"),
        has("rank", yes="a senior owner was in post at the opening")
        if posted or not owners
        else Condition(False, "no senior owner was in post at the opening", (owners,)),
        These(dated, "no minutes of a board dated before the opening are on the record"),
        has("minutes", yes=f"minutes of the board are dated before the opening ({len(dated)})"),
    )


@check("uk.atrs.record")
def transparency_record(look: Look) -> Sequence[Part]:
    """A public record at an address, brought up to date since the engine last changed."""
    opened = look.lines("opened")
    in_use = {line("engine_version") for line in opened}

    def up_to_date(line: Line) -> bool | None:
        changed = line.time("last_algorithm_change")
        return None if changed is None else (line.time("updated_at") or moment(line("published_at"))) >= changed

    return (
        Paper("atrs", "no transparency record is on the record"),
        has("url", yes="a transparency record has an address"),
        that(
            up_to_date,
            yes="it was brought up to date since the engine last changed",
            no="it was not brought up to date since the engine last changed",
            absent="when the engine last changed is not stated beside it",
        ),
        that(
            lambda line: None if not in_use or line("engine_version") is None else in_use == {line("engine_version")},
            yes="it speaks of the version in use",
            no="it speaks of another version than the one in use",
            absent="which version it speaks of cannot be held against the one in use",
            beside=opened,
        ),
    )


declare(
    "uk.governance.pcc",
    Paper("pcc_engagement", "no engagement with the police and crime commissioner is on the record"),
    has("date", "subject", yes="the commissioner was engaged"),
)

declare(
    "uk.governance.ethics",
    Paper("ethics_review", "no published advice of an ethics body with the force's response is on the record"),
    has("advice", "response", "published_url", yes="advice and response are published"),
    Paper("consultation", "no consultation of communities is on the record"),
    has("groups", "findings", yes="communities were consulted"),
)

declare(
    "uk.governance.covenant",
    Entries("ddt_gate", "no deployment stage gate is on the record", lambda line: line("stage") == "deployment"),
    that(
        lambda line: line("decision") != "stop",
        yes="the deployment gate was passed",
        no="the deployment gate said stop",
    ),
    has("documents", yes="with documents", absent="no documents of the gate are on the record"),
)

declare(
    "uk.redress",
    Paper("complaints_route", "no published way to complain is on the record"),
    has("url", "published_at", yes="the way to complain is published"),
)


@check("uk.legal.horizon-bill")
def horizon(look: Look) -> Sequence[Part]:
    """The catalogue's version and a day on which it is looked at again, not past."""
    return (
        Paper("rulepack", "no version of the catalogue is on the record"),
        that(
            lambda line: not look.passed(day(line("next_review_date"))),
            yes="the day of the next review is set",
            no="the day of the next review is past",
        ),
    )


declare(
    "uk.scot.code",
    Paper("scot_code", "no LFR code of practice for Scotland is on the record"),
    has("published_url", "spa_scrutiny_minute", "commissioner_paper", yes="a code is published and scrutinised"),
    that(
        lambda line: (
            None if line("commissioner_view") in (None, "none-given") else line("commissioner_view") == "complies"
        ),
        yes="the Commissioner's view is given",
        no="the Commissioner's view is against it",
        absent="no view of the Commissioner is on the record",
    ),
)

declare(
    "uk.ni.s75",
    Paper("equality_screening", "no section 75 screening is on the record"),
    has("digest", yes="a section 75 screening is dated"),
    Paper("policing_board_minute", "no minute of the Policing Board is on the record"),
    has("minute", yes="a minute of the Policing Board is given"),
)


def _notified_in_time(line: Line) -> bool | None:
    if line("notified_on") is None:
        return None
    return (day(line("notified_on")) - day(line("adopted_on"))).days <= statutory("eu-notified-days")


declare(
    "eu.aia.5-5.national-law",
    Paper("national_law", "no national law permitting the use is on the record"),
    has("citation", "objectives", yes="a national law is cited"),
    that(
        _notified_in_time,
        yes="it was notified within 30 days",
        no="it was notified later than 30 days after adoption",
        absent="no notification to the Commission is on the record",
    ),
)

declare(
    "eu.aia.5-1.related-bans",
    Paper("image_sources", "no inventory of image sources is on the record"),
    that(
        lambda line: not any(item["scraped"] for item in line("sources")),
        yes="no source was scraped",
        no="a source was scraped",
    ),
    has(
        "supplier_declaration",
        yes="the supplier has declared its sources",
        absent="no declaration of the supplier is on the record",
    ),
    Paper("system_config", "no configuration of the system is on the record"),
    that(
        lambda line: set(line("attribute_inference")) <= {"none"},
        yes="no attribute is inferred",
        no="attributes are inferred from faces",
    ),
)

declare(
    "eu.aia.27.fria",
    Paper("fria"),
    that(
        lambda line: set(FRIA_ELEMENTS) <= {part["element"] for part in line("elements")},
        yes="it has the six elements",
        no="it lacks elements of article 27",
        absent="no fundamental rights impact assessment is on the record",
    ),
    against(
        SIGNATURE,
        lambda line, signed: day(line("date")) <= signed.date(),
        yes="it was finished before use was authorised",
        no="it was finished after use was authorised",
        absent="it cannot be held against an authority",
        beside=SIGNATURE,
    ),
)


def _registered_in_time(line: Line, opening: datetime) -> bool | None:
    at = line.time("registered_at")
    if at is None or line("registration") is None:
        return None
    return at <= opening or line("urgency") is not None


declare(
    "eu.aia.49.registration",
    needs(OPENING, "no opening is on the record to measure registration from"),
    Paper("eu_registration", "no registration in the EU database is on the record"),
    against(
        OPENING,
        _registered_in_time,
        yes="the system was registered before use, or urgently after it",
        no="the system was registered only after use, without stated urgency",
        beside=OPENING,
    ),
)
