"""Facts beside attested duties of a programme: what a signed statement may not be at odds with.

An attested duty needs its signed answers (``statements``); some also have facts that a record can show, and that can
contradict the statement. Those are checked here, and added to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.look import Look, statutory
from countersign.rulebook.conditions.moments import day
from countersign.rulebook.conditions.points import Point, any_of, before, has, holds_all, says
from countersign.rulebook.conditions.registry import check

#: Ranks of a chief officer: the equality duty cannot be delegated (Equality Act 2010 s.149; Bridges CA [175]).
CHIEF_OFFICERS = ("assistant-chief-constable", "deputy-chief-constable", "chief-constable")
OPENING = "the opening"


@check("uk.pofa.s33-regard")
def self_assessment(look: Look) -> Sequence[Point]:
    """All twelve principles answered."""
    return (
        any_of(
            look.current("sccode_self_assessment"),
            lambda line: {item["principle"] for item in line("principles")} >= set(range(1, 13)),
            yes="the self-assessment answers the 12 principles",
            no="the self-assessment leaves principles out",
            absent="no self-assessment against the Code is on the record",
        ),
    )


@check("uk.dpa.lawful-basis")
def lawful_basis(look: Look) -> Sequence[Point]:
    """A power and its source named, published, and no reliance on consent of the public."""
    mandate = look.current("legal_mandate")
    absent = "no legal mandate is on the record"
    return (
        any_of(mandate, has("powers", "sources", "analysis"), yes="powers and sources are named", no="", absent=absent),
        any_of(
            mandate,
            lambda line: line("basis") != "consent",
            yes="it does not rest on consent",
            no="it rests on consent of the public",
            absent=absent,
        ),
        before(mandate, "signed_at", look.opening(), "the mandate was signed", OPENING),
    )


@check("uk.dpa.dpo")
def officer_advice(look: Look) -> Sequence[Point]:
    """Advice dated no later than the opening, on the version of the assessment in force."""
    advice, dpia, opening = look.current("dpo_advice"), look.current("dpia"), look.opening()
    versions = {line("version") for line in dpia}
    absent = "no advice of the data protection officer is on the record"
    return (
        any_of(
            advice,
            lambda line: None if opening is None else day(line("date")) <= opening.at.date(),
            yes="the advice came before the opening",
            no="the advice came after the opening",
            absent=absent,
        ),
        any_of(
            advice,
            lambda line: line("dpia_version") in versions if versions else None,
            beside=dpia,
            yes="it is on the assessment's version in force",
            no="it is on another version of the assessment",
            absent=absent if not advice else "no assessment is on the record to hold the advice against",
        ),
    )


@check("uk.dpa.s57.by-design")
def by_design(look: Look) -> Sequence[Point]:
    """What the configuration says: others blurred, no template kept, exports off."""
    config = look.current("system_config")
    absent = "no configuration of the system is on the record"
    return (
        any_of(
            config,
            says("blur_nonmatch", True),
            yes="faces without a match are blurred",
            no="faces without a match are not blurred",
            absent=absent,
        ),
        any_of(
            config,
            says("template_store", False),
            yes="templates are not stored",
            no="templates are stored",
            absent=absent,
        ),
        any_of(config, says("exports_disabled", True), yes="exports are off", no="exports are on", absent=absent),
    )


@check("uk.dpa.s66.security")
def security(look: Look) -> Sequence[Point]:
    """What the security test found on isolation, media and supply chain, before the opening."""
    tested, opening = look.current("security_assurance"), look.opening()
    absent = "no security test is on the record"
    return (
        any_of(
            tested,
            says("network_isolated", True),
            yes="the system is isolated",
            no="the system is not isolated",
            absent=absent,
        ),
        any_of(
            tested,
            says("media_encrypted", True),
            yes="transfer media are encrypted",
            no="transfer media are not encrypted",
            absent=absent,
        ),
        any_of(
            tested,
            says("supply_chain_assessed", True),
            yes="the supply chain was assessed",
            no="the supply chain was not assessed",
            absent=absent,
        ),
        any_of(tested, has("access_roles"), yes="access is by role", no="", absent="no access roles are on the record"),
        any_of(
            tested,
            lambda line: None if opening is None else day(line("tested_on")) <= opening.at.date(),
            yes="it was tested before the opening",
            no="it was tested after the opening",
            absent=absent,
        ),
    )


@check("uk.psed.eia")
def equality_assessment(look: Look) -> Sequence[Point]:
    """Approved by a chief officer before the opening, race and sex treated, reviewed since."""
    eia = look.current("eia")
    absent = "no equality impact assessment is on the record"
    return (
        before(eia, "approved_at", look.opening(), "the equality assessment was approved", OPENING, strictly=True),
        any_of(
            eia,
            says("approver_rank", *CHIEF_OFFICERS),
            yes="by a chief officer",
            no="not by a chief officer",
            absent=absent,
        ),
        any_of(
            eia,
            holds_all("characteristics", ("race", "sex", "age")),
            yes="it treats race, sex and age",
            no="it leaves out race, sex or age",
            absent=absent,
        ),
        any_of(eia, has("review_log"), yes="it is kept under review", no="", absent="no review of it is on the record"),
    )


@check("uk.governance.pcc")
def commissioner_engaged(look: Look) -> Sequence[Point]:
    """At least one dated engagement, with its outcome."""
    return (
        any_of(
            look.current("pcc_engagement"),
            has("date", "subject"),
            yes="the commissioner was engaged",
            no="",
            absent="no engagement with the police and crime commissioner is on the record",
        ),
    )


@check("uk.governance.ethics")
def ethics(look: Look) -> Sequence[Point]:
    """Advice with the force's response, published; and a consultation of communities."""
    return (
        any_of(
            look.current("ethics_review"),
            has("advice", "response", "published_url"),
            yes="advice and response are published",
            no="",
            absent="no published advice of an ethics body with the force's response is on the record",
        ),
        any_of(
            look.current("consultation"),
            has("groups", "findings"),
            yes="communities were consulted",
            no="",
            absent="no consultation of communities is on the record",
        ),
    )


@check("uk.governance.covenant")
def stage_gates(look: Look) -> Sequence[Point]:
    """A gate for deployment, with documents, that did not say stop."""
    gates = tuple(line for line in look.lines("ddt_gate") if line("stage") == "deployment")
    return (
        any_of(
            gates,
            lambda line: line("decision") != "stop",
            yes="the deployment gate was passed",
            no="the deployment gate said stop",
            absent="no deployment stage gate is on the record",
        ),
        any_of(
            gates, has("documents"), yes="with documents", no="", absent="no documents of the gate are on the record"
        ),
    )


@check("uk.redress")
def redress(look: Look) -> Sequence[Point]:
    """A published way to complain."""
    return (
        any_of(
            look.current("complaints_route"),
            has("url", "published_at"),
            yes="the way to complain is published",
            no="",
            absent="no published way to complain is on the record",
        ),
    )


@check("uk.legal.horizon-bill")
def horizon(look: Look) -> Sequence[Point]:
    """The catalogue's version and a day on which it is looked at again, not past."""
    return (
        any_of(
            look.current("rulepack"),
            lambda line: day(line("next_review_date")) >= look.as_at.date(),
            yes="the day of the next review is set",
            no="the day of the next review is past",
            absent="no version of the catalogue is on the record",
        ),
    )


@check("uk.scot.code")
def scottish_code(look: Look) -> Sequence[Point]:
    """A published code, scrutinised by the Authority, on which the Commissioner did not say no."""
    code = look.current("scot_code")
    absent = "no LFR code of practice for Scotland is on the record"
    return (
        any_of(
            code,
            has("published_url", "spa_scrutiny_minute", "commissioner_paper"),
            yes="a code is published and scrutinised",
            no="",
            absent=absent,
        ),
        any_of(
            code,
            lambda line: (
                None if line("commissioner_view") in (None, "none-given") else line("commissioner_view") == "complies"
            ),
            yes="the Commissioner's view is given",
            no="the Commissioner's view is against it",
            absent="no view of the Commissioner is on the record",
        ),
    )


@check("uk.ni.s75")
def screening(look: Look) -> Sequence[Point]:
    """A screening and a minute of the Policing Board."""
    return (
        any_of(
            look.current("equality_screening"),
            has("digest"),
            yes="a section 75 screening is dated",
            no="",
            absent="no section 75 screening is on the record",
        ),
        any_of(
            look.current("policing_board_minute"),
            has("minute"),
            yes="a minute of the Policing Board is given",
            no="",
            absent="no minute of the Policing Board is on the record",
        ),
    )


@check("eu.aia.5-5.national-law")
def national_law(look: Look) -> Sequence[Point]:
    """Cited, with objectives, notified within 30 days of adoption."""
    law = look.current("national_law")
    absent = "no national law permitting the use is on the record"
    days = statutory("eu-notified-days")

    return (
        any_of(law, has("citation", "objectives"), yes="a national law is cited", no="", absent=absent),
        any_of(
            law,
            lambda line: (
                None
                if line("notified_on") is None
                else (day(line("notified_on")) - day(line("adopted_on"))).days <= days
            ),
            yes="it was notified within 30 days",
            no="it was notified later than 30 days after adoption",
            absent="no notification to the Commission is on the record",
        ),
    )


@check("eu.aia.5-1.related-bans")
def related_bans(look: Look) -> Sequence[Point]:
    """No scraped source, no inference of attributes, and the supplier's declaration."""
    sources, config = look.current("image_sources"), look.current("system_config")
    absent = "no inventory of image sources is on the record"
    return (
        any_of(
            sources,
            lambda line: not any(item["scraped"] for item in line("sources")),
            yes="no source was scraped",
            no="a source was scraped",
            absent=absent,
        ),
        any_of(
            sources,
            has("supplier_declaration"),
            yes="the supplier has declared its sources",
            no="",
            absent="no declaration of the supplier is on the record",
        ),
        any_of(
            config,
            lambda line: set(line("attribute_inference")) <= {"none"},
            yes="no attribute is inferred",
            no="attributes are inferred from faces",
            absent="no configuration of the system is on the record",
        ),
    )
