"""Facts beside attested duties: what a signed statement may not be at odds with.

An attested duty needs its signed answers (``statements``); some also have facts that a record can show, and that can
contradict the statement. Those are checked here, and added to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.look import Line, Look, statutory
from countersign.rulebook.moments import day, moment
from countersign.rulebook.points import Point, any_of, before, each_of, has, holds_all, lacking, says
from countersign.rulebook.registry import check

#: Ranks of a chief officer: the equality duty cannot be delegated (Equality Act 2010 s.149; Bridges CA [175]).
CHIEF_OFFICERS = ("assistant-chief-constable", "deputy-chief-constable", "chief-constable")
OPENING = "the opening"


@check("uk.pofa.s33-regard")
def self_assessment(look: Look) -> Sequence[Point]:
    """All twelve principles answered."""
    return (
        any_of(look.current("sccode_self_assessment"),
               lambda line: {item["principle"] for item in line("principles")} >= set(range(1, 13)),
               yes="the self-assessment answers the 12 principles", no="the self-assessment leaves principles out",
               absent="no self-assessment against the Code is on the record"),
    )  # fmt: skip


@check("uk.dpa.lawful-basis")
def lawful_basis(look: Look) -> Sequence[Point]:
    """A power and its source named, published, and no reliance on consent of the public."""
    mandate = look.current("legal_mandate")
    absent = "no legal mandate is on the record"
    return (
        any_of(mandate, has("powers", "sources", "analysis"), yes="powers and sources are named", no="", absent=absent),
        any_of(mandate, lambda line: line("basis") != "consent", yes="it does not rest on consent",
               no="it rests on consent of the public", absent=absent),
        before(mandate, "signed_at", look.opening(), "the mandate was signed", OPENING),
    )  # fmt: skip


@check("uk.dpa.dpo")
def officer_advice(look: Look) -> Sequence[Point]:
    """Advice dated no later than the opening, on the version of the assessment in force."""
    advice, dpia, opening = look.current("dpo_advice"), look.current("dpia"), look.opening()
    versions = {line("version") for line in dpia}
    absent = "no advice of the data protection officer is on the record"
    return (
        any_of(advice, lambda line: None if opening is None else day(line("date")) <= opening.at.date(),
               yes="the advice came before the opening", no="the advice came after the opening", absent=absent),
        any_of(advice, lambda line: line("dpia_version") in versions if versions else None, beside=dpia,
               yes="it is on the assessment's version in force", no="it is on another version of the assessment",
               absent=absent if not advice else "no assessment is on the record to hold the advice against"),
    )  # fmt: skip


@check("uk.dpa.s57.by-design")
def by_design(look: Look) -> Sequence[Point]:
    """What the configuration says: others blurred, no template kept, exports off."""
    config = look.current("system_config")
    absent = "no configuration of the system is on the record"
    return (
        any_of(config, says("blur_nonmatch", True), yes="faces without a match are blurred",
               no="faces without a match are not blurred", absent=absent),
        any_of(config, says("template_store", False), yes="templates are not stored",
               no="templates are stored", absent=absent),
        any_of(config, says("exports_disabled", True), yes="exports are off", no="exports are on", absent=absent),
    )  # fmt: skip


@check("uk.dpa.s66.security")
def security(look: Look) -> Sequence[Point]:
    """What the security test found on isolation, media and supply chain, before the opening."""
    tested, opening = look.current("security_assurance"), look.opening()
    absent = "no security test is on the record"
    return (
        any_of(tested, says("network_isolated", True), yes="the system is isolated", no="the system is not isolated",
               absent=absent),
        any_of(tested, says("media_encrypted", True), yes="transfer media are encrypted",
               no="transfer media are not encrypted", absent=absent),
        any_of(tested, says("supply_chain_assessed", True), yes="the supply chain was assessed",
               no="the supply chain was not assessed", absent=absent),
        any_of(tested, has("access_roles"), yes="access is by role", no="", absent="no access roles are on the record"),
        any_of(tested, lambda line: None if opening is None else day(line("tested_on")) <= opening.at.date(),
               yes="it was tested before the opening", no="it was tested after the opening", absent=absent),
    )  # fmt: skip


@check("uk.psed.eia")
def equality_assessment(look: Look) -> Sequence[Point]:
    """Approved by a chief officer before the opening, race and sex treated, reviewed since."""
    eia = look.current("eia")
    absent = "no equality impact assessment is on the record"
    return (
        before(eia, "approved_at", look.opening(), "the equality assessment was approved", OPENING, strictly=True),
        any_of(eia, says("approver_rank", *CHIEF_OFFICERS), yes="by a chief officer", no="not by a chief officer",
               absent=absent),
        any_of(eia, holds_all("characteristics", ("race", "sex", "age")), yes="it treats race, sex and age",
               no="it leaves out race, sex or age", absent=absent),
        any_of(eia, has("review_log"), yes="it is kept under review", no="", absent="no review of it is on the record"),
    )  # fmt: skip


@check("uk.governance.pcc")
def commissioner_engaged(look: Look) -> Sequence[Point]:
    """At least one dated engagement, with its outcome."""
    return (any_of(look.current("pcc_engagement"), has("date", "subject"), yes="the commissioner was engaged", no="",
                   absent="no engagement with the police and crime commissioner is on the record"),)  # fmt: skip


@check("uk.governance.ethics")
def ethics(look: Look) -> Sequence[Point]:
    """Advice with the force's response, published; and a consultation of communities."""
    return (
        any_of(look.current("ethics_review"), has("advice", "response", "published_url"),
               yes="advice and response are published", no="",
               absent="no published advice of an ethics body with the force's response is on the record"),
        any_of(look.current("consultation"), has("groups", "findings"), yes="communities were consulted", no="",
               absent="no consultation of communities is on the record"),
    )  # fmt: skip


@check("uk.governance.covenant")
def stage_gates(look: Look) -> Sequence[Point]:
    """A gate for deployment, with documents, that did not say stop."""
    gates = tuple(line for line in look.lines("ddt_gate") if line("stage") == "deployment")
    return (
        any_of(gates, lambda line: line("decision") != "stop", yes="the deployment gate was passed",
               no="the deployment gate said stop", absent="no deployment stage gate is on the record"),
        any_of(gates, has("documents"), yes="with documents", no="",
        absent="no documents of the gate are on the record"),
    )  # fmt: skip


@check("uk.redress")
def redress(look: Look) -> Sequence[Point]:
    """A published way to complain."""
    return (any_of(look.current("complaints_route"), has("url", "published_at"), yes="the way to complain is published",
                   no="", absent="no published way to complain is on the record"),)  # fmt: skip


@check("uk.legal.horizon-bill")
def horizon(look: Look) -> Sequence[Point]:
    """The catalogue's version and a day on which it is looked at again, not past."""
    return (any_of(look.current("rulepack"), lambda line: day(line("next_review_date")) >= look.as_at.date(),
                   yes="the day of the next review is set", no="the day of the next review is past",
                   absent="no version of the catalogue is on the record"),)  # fmt: skip


@check("uk.scot.code")
def scottish_code(look: Look) -> Sequence[Point]:
    """A published code, scrutinised by the Authority, on which the Commissioner did not say no."""
    code = look.current("scot_code")
    absent = "no LFR code of practice for Scotland is on the record"
    return (
        any_of(code, has("published_url", "spa_scrutiny_minute", "commissioner_paper"),
               yes="a code is published and scrutinised", no="", absent=absent),
        any_of(code, lambda line: None if line("commissioner_view") in (None, "none-given")
               else line("commissioner_view") == "complies", yes="the Commissioner's view is given",
               no="the Commissioner's view is against it", absent="no view of the Commissioner is on the record"),
    )  # fmt: skip


@check("uk.ni.s75")
def screening(look: Look) -> Sequence[Point]:
    """A screening and a minute of the Policing Board."""
    return (
        any_of(look.current("equality_screening"), has("digest"), yes="a section 75 screening is dated", no="",
               absent="no section 75 screening is on the record"),
        any_of(look.current("policing_board_minute"), has("minute"), yes="a minute of the Policing Board is given",
               no="", absent="no minute of the Policing Board is on the record"),
    )  # fmt: skip


@check("eu.aia.5-5.national-law")
def national_law(look: Look) -> Sequence[Point]:
    """Cited, with objectives, notified within 30 days of adoption."""
    law = look.current("national_law")
    absent = "no national law permitting the use is on the record"
    days = statutory("eu-notified-days")

    return (
        any_of(law, has("citation", "objectives"), yes="a national law is cited", no="", absent=absent),
        any_of(law, lambda line: None if line("notified_on") is None
               else (day(line("notified_on")) - day(line("adopted_on"))).days <= days,
               yes="it was notified within 30 days", no="it was notified later than 30 days after adoption",
               absent="no notification to the Commission is on the record"),
    )  # fmt: skip


@check("eu.aia.5-1.related-bans")
def related_bans(look: Look) -> Sequence[Point]:
    """No scraped source, no inference of attributes, and the supplier's declaration."""
    sources, config = look.current("image_sources"), look.current("system_config")
    absent = "no inventory of image sources is on the record"
    return (
        any_of(sources, lambda line: not any(item["scraped"] for item in line("sources")), yes="no source was scraped",
               no="a source was scraped", absent=absent),
        any_of(sources, has("supplier_declaration"), yes="the supplier has declared its sources", no="",
               absent="no declaration of the supplier is on the record"),
        any_of(config, lambda line: set(line("attribute_inference")) <= {"none"}, yes="no attribute is inferred",
               no="attributes are inferred from faces", absent="no configuration of the system is on the record"),
    )  # fmt: skip


@check("uk.plan.purpose")
def purpose(look: Look) -> Sequence[Point]:
    """Objective, aim and intelligence case, entered before the authority."""
    return (any_of(look.current("proposal"), has("objective", "legitimate_aim", "intelligence_case"),
                   yes="objective, aim and intelligence case are stated", no="",
                   absent="no proposal is on the record"),)  # fmt: skip


@check("uk.plan.strict-necessity")
def strict_necessity(look: Look) -> Sequence[Point]:
    """Evidence that it works at all, by digest."""
    return (any_of(look.current("assessment"), has("effectiveness_evidence"), yes="evidence of effect is cited", no="",
                   absent="no evidence of effect is cited in an assessment"),)  # fmt: skip


@check("uk.plan.alternatives")
def alternatives(look: Look) -> Sequence[Point]:
    """At least one less intrusive means, each with its reason."""
    return (any_of(look.current("assessment"), lambda line: len(line("alternatives")) >= 1,
                   yes="less intrusive means are weighed", no="no less intrusive means was weighed",
                   absent="no assessment is on the record"),)  # fmt: skip


@check("uk.plan.proportionality")
def proportionality(look: Look) -> Sequence[Point]:
    """Faces expected, the rights weighed and safeguards named."""
    assessment = look.current("assessment")
    absent = "no assessment is on the record"
    return (
        any_of(assessment, holds_all("rights", ("article-8",)), yes="article 8 is weighed",
               no="article 8 is not weighed", absent=absent),
        any_of(assessment, has("expected_faces", "safeguards"), yes="expected faces and safeguards are named", no="",
               absent=absent),
    )  # fmt: skip


@check("uk.plan.expression-assembly")
def expression_and_assembly(look: Look) -> Sequence[Point]:
    """Protest looked for; if near, assessed and taken on by a chief officer."""
    looked = look.current("protest_check")
    absent = "no check for protest nearby is on the record"
    return (
        any_of(looked, lambda line: True if not line("nearby")
               else (None if line("assessment") is None or line("approver_rank") is None
                     else line("approver_rank") in CHIEF_OFFICERS),
               yes="protest was looked for, and taken on by a chief officer if near",
               no="protest was near and no chief officer took it on",
               absent=absent if not looked
               else "protest was near and no assessment with its approver is on the record"),
        any_of(look.current("assessment"), holds_all("rights", ("article-10", "article-11")),
               yes="articles 10 and 11 are weighed", no="articles 10 and 11 are not weighed",
               absent="no assessment is on the record"),
    )  # fmt: skip


@check("uk.plan.where-nexus")
def where(look: Look) -> Sequence[Point]:
    """The criterion is one of the policy's, evidence is dated, and a hotspot is inside the policy's numbers."""
    located, policy = look.current("location"), look.current("policy")
    known = {item["id"] for line in policy for item in line("location_criteria")}
    numbers = {item["name"]: float(item["value"]) for line in policy for item in line("parameters")}
    absent = "no location with its criterion is on the record"

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
        any_of(located, lambda line: line("criterion") in known if known else None, beside=policy,
               yes="the place stands on a criterion of the policy", no="the place stands on no criterion of the policy",
               absent=absent if not located else "no policy is on the record to find the criterion in"),
        any_of(located, has("evidence", "evidence_date"), yes="its evidence is cited and dated", no="", absent=absent),
        any_of(located, within, yes="it keeps to the policy's numbers",
        no="it lies outside the policy's hotspot numbers",
               absent=absent if not located else "the policy sets no numbers for a hotspot", beside=policy),
    )  # fmt: skip


@check("uk.plan.sensitive-places")
def sensitive_places(look: Look) -> Sequence[Point]:
    """Looked for before the authority; each found has its mitigation, where opened to this reader."""
    checked = look.current("site_check")

    def mitigated(line: Line) -> bool | None:
        sites = line.statement.get("sealed.sites[].mitigation") if line("found") else ()
        return True if len(sites) >= line("found") else None

    return (any_of(checked, mitigated, yes="sensitive places were looked for, each found has its mitigation", no="",
                   absent="no check for sensitive places, with a mitigation for each, is open to this reader"),
                   )  # fmt: skip


@check("eu.aia.5-2.elements")
def harms_weighed(look: Look) -> Sequence[Point]:
    """Harm without use and consequences of use, each scored."""
    return (any_of(look.current("assessment"), has("harm_if_not_used", "consequences_for_rights"),
                   yes="harm without use and consequences of use are scored", no="",
                   absent="no assessment scores harm without use and consequences of use"),)  # fmt: skip


@check("uk.wl.entry-justified")
def entries_justified(look: Look) -> Sequence[Point]:
    """Reviewed before the opening; the statement covers the list's digest and each victim, witness and associate."""
    manifest, statement = look.current("manifest"), look.current("list_statement")
    special = {line("digest"): sum(item["count"] for item in line("by_category")
                                   if item["subject_type"] in ("victim", "witness", "associate"))
               for line in manifest}  # fmt: skip
    return (
        before(manifest, "reviewed_at", look.opening(), "each image was reviewed", OPENING),
        any_of(statement, lambda line: line("digest") in special if special else None, beside=manifest,
               yes="the statement covers this list", no="the statement is about another list",
               absent="no signed statement on the list is on the record"),
        any_of(statement, lambda line: line("specific_justifications") >= special[line("digest")]
               if line("digest") in special else None, beside=manifest,
               yes="each victim, witness and associate has a justification of its own",
               no="victims, witnesses or associates lack a justification of their own",
               absent="justifications cannot be counted against the list"),
    )  # fmt: skip


@check("uk.auth.reasons")
def own_reasons(look: Look) -> Sequence[Point]:
    """A decision by an officer, whose reasons are read where they are open to this reader (``statements``)."""
    return (any_of(look.current("authority"), has("decision"), yes="an authority is on the record", no="",
                   absent="no authority is on the record"),)  # fmt: skip


@check("uk.brief.content")
def briefing(look: Look) -> Sequence[Point]:
    """Before the opening, all topics, and as many attendees as the roster has people."""
    briefed, roster = look.current("briefing"), look.current("roster")
    topics = ("objective", "categories", "responses", "limits-of-an-alert", "powers", "bias", "avoidance",
              "public-information")  # fmt: skip
    people = max((sum(role["count"] for role in line("roles")) for line in roster), default=None)
    absent = "no briefing is on the record"
    return (
        before(briefed, "briefed_at", look.opening(), "the briefing was held", OPENING, strictly=True),
        any_of(briefed, holds_all("topics", topics), yes="on all topics", no="topics were left out", absent=absent),
        any_of(briefed, lambda line: None if people is None else line("attendees") >= people, beside=roster,
               yes="with everyone of the roster", no="with fewer people than the roster has",
               absent=absent if not briefed else "no roster is on the record to count attendees against"),
    )  # fmt: skip


@check("eu.aia.14-4.oversight")
def overseers(look: Look) -> Sequence[Point]:
    """Overseers trained, and stopping tried before the opening."""
    overseen = look.current("oversight")
    return (
        any_of(overseen, lambda line: line("persons") >= 1, yes="overseers are named", no="nobody oversees",
               absent="no oversight is on the record"),
        before(overseen, "stop_tested_at", look.opening(), "stopping was tried", OPENING),
    )  # fmt: skip


@check("uk.live.identity-and-powers")
def identity_and_powers(look: Look) -> Sequence[Point]:
    """Each engagement confirms identity by ordinary means; each use of force of law names power and grounds."""
    alerts, counted, hours = look.alerts()
    if not hours or len(alerts) < counted:
        return (lacking(f"{len(alerts)} of {counted} alerts are open to this reader"),)
    engaged = [alert for alert in alerts if alert("engagement")]
    wrong = [alert for alert in engaged if alert("engagement")["identity_method"] == "none"
             and alert("engagement").get("power") is not None]  # fmt: skip
    if wrong:
        return (Point(False, f"in {len(wrong)} engagements a power was used before identity was looked into",
                      tuple((alert.line,) for alert in wrong)),)  # fmt: skip
    return (each_of(hours, has("hour"), no="", absent="",
                    yes=f"in {len(engaged)} engagements identity was looked into by ordinary means"),)  # fmt: skip


@check("uk.review.post-deployment")
def deployment_reviewed(look: Look) -> Sequence[Point]:
    """A review after the close."""
    reviews, closing = look.current("deployment_review"), look.closing()
    return (any_of(reviews, lambda line: None if closing is None else moment(line("made_at")) >= closing.at,
                   yes="the deployment was reviewed after its close", no="the review was made before the close",
                   absent="no review of the deployment after its close is on the record"),)  # fmt: skip


@check("uk.review.pause-on-bias")
def decision_on_bias(look: Look) -> Sequence[Point]:
    """A decision with its rank; going on or pausing names what must change."""
    return (any_of(look.current("bias_decision"), lambda line: True if line("decision") == "continue"
                   else (None if line("resume_conditions") is None else True),
                   yes="a decision to pause, restrict or go on is recorded", no="",
                   absent="no decision with its conditions is on the record"),)  # fmt: skip
