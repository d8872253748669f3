"""Facts beside attested duties of a deployment: what a signed statement may not be at odds with.

An attested duty needs its signed answers (``statements``); some also have facts that a record can show, and that can
contradict the statement. Those are checked here, and added to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.moments import moment
from countersign.rulebook.conditions.points import Point, any_of, before, each_of, has, holds_all, lacking
from countersign.rulebook.conditions.registry import check

#: Ranks of a chief officer: the equality duty cannot be delegated (Equality Act 2010 s.149; Bridges CA [175]).
CHIEF_OFFICERS = ("assistant-chief-constable", "deputy-chief-constable", "chief-constable")
OPENING = "the opening"


@check("uk.plan.purpose")
def purpose(look: Look) -> Sequence[Point]:
    """Objective, aim and intelligence case."""
    return (
        any_of(
            look.current("proposal"),
            has("objective", "legitimate_aim", "intelligence_case"),
            yes="objective, aim and intelligence case are stated",
            no="",
            absent="no proposal is on the record",
        ),
    )


@check("uk.plan.strict-necessity")
def strict_necessity(look: Look) -> Sequence[Point]:
    """Evidence that it works at all, by digest."""
    return (
        any_of(
            look.current("assessment"),
            has("effectiveness_evidence"),
            yes="evidence of effect is cited",
            no="",
            absent="no evidence of effect is cited in an assessment",
        ),
    )


@check("uk.plan.alternatives")
def alternatives(look: Look) -> Sequence[Point]:
    """At least one less intrusive means, each with its reason."""
    return (
        any_of(
            look.current("assessment"),
            lambda line: len(line("alternatives")) >= 1,
            yes="less intrusive means are weighed",
            no="no less intrusive means was weighed",
            absent="no assessment is on the record",
        ),
    )


@check("uk.plan.proportionality")
def proportionality(look: Look) -> Sequence[Point]:
    """Faces expected, the rights weighed and safeguards named."""
    assessment = look.current("assessment")
    absent = "no assessment is on the record"
    return (
        any_of(
            assessment,
            holds_all("rights", ("article-8",)),
            yes="article 8 is weighed",
            no="article 8 is not weighed",
            absent=absent,
        ),
        any_of(
            assessment,
            has("expected_faces", "safeguards"),
            yes="expected faces and safeguards are named",
            no="",
            absent=absent,
        ),
    )


@check("uk.plan.expression-assembly")
def expression_and_assembly(look: Look) -> Sequence[Point]:
    """Protest looked for; if near, assessed and taken on by a chief officer."""
    looked = look.current("protest_check")
    absent = "no check for protest nearby is on the record"
    return (
        any_of(
            looked,
            lambda line: (
                True
                if not line("nearby")
                else (
                    None
                    if line("assessment") is None or line("approver_rank") is None
                    else line("approver_rank") in CHIEF_OFFICERS
                )
            ),
            yes="protest was looked for, and taken on by a chief officer if near",
            no="protest was near and no chief officer took it on",
            absent=absent if not looked else "protest was near and no assessment with its approver is on the record",
        ),
        any_of(
            look.current("assessment"),
            holds_all("rights", ("article-10", "article-11")),
            yes="articles 10 and 11 are weighed",
            no="articles 10 and 11 are not weighed",
            absent="no assessment is on the record",
        ),
    )


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
        any_of(
            located,
            lambda line: line("criterion") in known if known else None,
            beside=policy,
            yes="the place stands on a criterion of the policy",
            no="the place stands on no criterion of the policy",
            absent=absent if not located else "no policy is on the record to find the criterion in",
        ),
        any_of(located, has("evidence", "evidence_date"), yes="its evidence is cited and dated", no="", absent=absent),
        any_of(
            located,
            within,
            yes="it keeps to the policy's numbers",
            no="it lies outside the policy's hotspot numbers",
            absent=absent if not located else "the policy sets no numbers for a hotspot",
            beside=policy,
        ),
    )


@check("uk.plan.sensitive-places")
def sensitive_places(look: Look) -> Sequence[Point]:
    """Looked for; each found has its mitigation, where opened to this reader."""
    checked = look.current("site_check")

    def mitigated(line: Line) -> bool | None:
        sites = line.statement.get("sealed.sites[].mitigation") if line("found") else ()
        return True if len(sites) >= line("found") else None

    return (
        any_of(
            checked,
            mitigated,
            yes="sensitive places were looked for, each found has its mitigation",
            no="",
            absent="no check for sensitive places, with a mitigation for each, is open to this reader",
        ),
    )


@check("eu.aia.5-2.elements")
def harms_weighed(look: Look) -> Sequence[Point]:
    """Harm without use and consequences of use, each scored."""
    return (
        any_of(
            look.current("assessment"),
            has("harm_if_not_used", "consequences_for_rights"),
            yes="harm without use and consequences of use are scored",
            no="",
            absent="no assessment scores harm without use and consequences of use",
        ),
    )


@check("uk.wl.entry-justified")
def entries_justified(look: Look) -> Sequence[Point]:
    """Reviewed before the opening; the statement covers the list's digest and each victim, witness and associate."""
    manifest, statement = look.current("manifest"), look.current("list_statement")
    special = {
        line("digest"): sum(
            item["count"] for item in line("by_category") if item["subject_type"] in ("victim", "witness", "associate")
        )
        for line in manifest
    }
    return (
        before(manifest, "reviewed_at", look.opening(), "each image was reviewed", OPENING),
        any_of(
            statement,
            lambda line: line("digest") in special if special else None,
            beside=manifest,
            yes="the statement covers this list",
            no="the statement is about another list",
            absent="no signed statement on the list is on the record",
        ),
        any_of(
            statement,
            lambda line: (
                line("specific_justifications") >= special[line("digest")] if line("digest") in special else None
            ),
            beside=manifest,
            yes="each victim, witness and associate has a justification of its own",
            no="victims, witnesses or associates lack a justification of their own",
            absent="justifications cannot be counted against the list",
        ),
    )


@check("uk.auth.reasons")
def own_reasons(look: Look) -> Sequence[Point]:
    """A decision by an officer, whose reasons are read where they are open to this reader (``statements``)."""
    return (
        any_of(
            look.current("authority"),
            has("decision"),
            yes="an authority is on the record",
            no="",
            absent="no authority is on the record",
        ),
    )


@check("uk.brief.content")
def briefing(look: Look) -> Sequence[Point]:
    """Before the opening, all topics, and as many attendees as the roster has people."""
    briefed, roster = look.current("briefing"), look.current("roster")
    topics = (
        "objective",
        "categories",
        "responses",
        "limits-of-an-alert",
        "powers",
        "bias",
        "avoidance",
        "public-information",
    )
    people = max((sum(role["count"] for role in line("roles")) for line in roster), default=None)
    absent = "no briefing is on the record"
    return (
        before(briefed, "briefed_at", look.opening(), "the briefing was held", OPENING, strictly=True),
        any_of(briefed, holds_all("topics", topics), yes="on all topics", no="topics were left out", absent=absent),
        any_of(
            briefed,
            lambda line: None if people is None else line("attendees") >= people,
            beside=roster,
            yes="with everyone of the roster",
            no="with fewer people than the roster has",
            absent=absent if not briefed else "no roster is on the record to count attendees against",
        ),
    )


@check("eu.aia.14-4.oversight")
def overseers(look: Look) -> Sequence[Point]:
    """Overseers trained, and stopping tried before the opening."""
    overseen = look.current("oversight")
    return (
        any_of(
            overseen,
            lambda line: line("persons") >= 1,
            yes="overseers are named",
            no="nobody oversees",
            absent="no oversight is on the record",
        ),
        before(overseen, "stop_tested_at", look.opening(), "stopping was tried", OPENING),
    )


@check("uk.live.identity-and-powers")
def identity_and_powers(look: Look) -> Sequence[Point]:
    """No power before identity was looked into; each arrest names its power and, by the form, its grounds."""
    alerts, counted, hours = look.alerts()
    if not hours or len(alerts) < counted:
        return (lacking(f"{len(alerts)} of {counted} alerts are open to this reader"),)
    engaged = [alert for alert in alerts if alert("engagement")]
    wrong = [
        alert
        for alert in engaged
        if alert("engagement")["identity_method"] == "none" and alert("engagement").get("power") is not None
    ]
    if wrong:
        return (
            Point(
                False,
                f"in {len(wrong)} engagements a power was used before identity was looked into",
                tuple((alert.line,) for alert in wrong),
            ),
        )
    bare = [
        alert
        for alert in engaged
        if alert("engagement")["result_action"] == "arrest" and alert("engagement").get("power") is None
    ]
    if bare:
        return (
            Point(
                None,
                f"{len(bare)} engagements ended in arrest and the record names no power for it",
                tuple((alert.line,) for alert in bare),
            ),
        )
    looked = sum(alert("engagement")["identity_method"] != "none" for alert in engaged)
    told = f"in {looked} of {len(engaged)} engagements identity was looked into by ordinary means"
    rest = "; in the rest no power was used" if looked < len(engaged) else ""
    return (each_of(hours, has("hour"), no="", absent="", yes=f"{told}{rest}"),)


@check("uk.review.post-deployment")
def deployment_reviewed(look: Look) -> Sequence[Point]:
    """A review after the close."""
    reviews, closing = look.current("deployment_review"), look.closing()
    return (
        any_of(
            reviews,
            lambda line: None if closing is None else moment(line("made_at")) >= closing.at,
            yes="the deployment was reviewed after its close",
            no="the review was made before the close",
            absent="no review of the deployment after its close is on the record",
        ),
    )


@check("uk.review.pause-on-bias")
def decision_on_bias(look: Look) -> Sequence[Point]:
    """A decision with its rank; going on or pausing names what must change."""
    return (
        any_of(
            look.current("bias_decision"),
            lambda line: (
                True if line("decision") == "continue" else (None if line("resume_conditions") is None else True)
            ),
            yes="a decision to pause, restrict or go on is recorded",
            no="",
            absent="no decision with its conditions is on the record",
        ),
    )
