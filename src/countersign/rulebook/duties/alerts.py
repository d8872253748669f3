"""Duties on each alert, as sealed in its hour and open to this reader: who decided, why, and what became of the person.

An hour's count of alerts is public, each alert is sealed. Where fewer alerts are open than are counted, a duty about
each alert is *not shown*: an alert left closed betters nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from countersign.deployments.judgements import fault_in, left_out_of
from countersign.rulebook.conditions.declare import Each, Paper, Part, check, declare, has, that
from countersign.rulebook.conditions.look import Alert, Look
from countersign.rulebook.conditions.results import SEALED, Condition, lacking, one_by_one
from countersign.words.lists import counted as counted_words

NO_HOURS = "no hours are on the record"
#: The receipt's code for engagements that two people did not decide on first.
WITHOUT_TWO = "engaged-without-two"
Engagement = dict[str, Any]


def every_alert(wrong: Callable[[Alert], bool], yes: str, no: str, stating: str = "") -> Callable[[Look], Condition]:
    """That no alert, or none ``stating`` a part, is ``wrong``; not shown unless each counted alert is open to this
    reader.
    """

    def condition(look: Look) -> Condition:
        alerts, opened, counted, hours = look.alerts(stating)
        if not hours:
            return lacking(NO_HOURS)
        against = [alert.line for alert in alerts if wrong(alert)]
        if against:
            lines = {line.entry: line for line in against}
            return Condition(False, f"{no} ({len(against)} of {counted} alerts)", one_by_one([*lines.values()]))
        if opened != counted:
            return unopened(look)
        return Condition(True, f"{yes} ({counted} alerts)", one_by_one(hours))

    return condition


def every_engagement(wrong: Callable[[Alert, Engagement], bool], yes: str, no: str) -> Callable[[Look], Condition]:
    """That no engagement after an alert is ``wrong``; as ``every_alert``."""

    return every_alert(lambda alert: wrong(alert, alert("engagement")), yes, no, "engagement")


def unopened(look: Look) -> Condition:
    """The condition where there are no hours, or alerts are closed to this reader."""
    _, opened, counted, hours = look.alerts()
    because = f"{counted - opened} of {counted} alerts are {SEALED}" if hours else NO_HOURS
    return Condition(None, because, one_by_one(hours))


declare(
    "uk.open.avoidance-not-suspicion",
    Paper("route", "no way round is on the record"),
    has("map", "extra_distance_metres", yes="a way round is mapped"),
    every_engagement(
        lambda _, engagement: engagement["reason"] == "avoidance" and not engagement.get("independent_grounds"),
        "nobody was engaged for avoiding the cameras without other grounds",
        "people were engaged for avoiding the cameras, without other grounds",
    ),
)


def _decided_to_engage(alert: Alert, engagement: Engagement) -> list[Engagement]:
    """The decisions to engage that came before the engagement began."""
    start = engagement["started_at"]
    return [item for item in alert("adjudications") if item["decision"] == "engage" and item["decided_at"] < start]


declare(
    "uk.live.human-decision",
    every_engagement(
        lambda alert, engagement: not _decided_to_engage(alert, engagement),
        "before every engagement a person decided to engage",
        "people were engaged without a person's decision before it",
    ),
)


def _one_officer(alert: Alert, engagement: Engagement) -> bool:
    """Whether no two different people decided before the engagement, as operator and as engagement officer."""
    decided = [item for item in alert("adjudications") if item["decided_at"] <= engagement["started_at"]]
    operators = {item["person"] for item in decided if item["role"] == "operator"}
    engagers = {item["person"] for item in decided if item["role"] == "engagement-officer"}
    return not any(operator != engager for operator in operators for engager in engagers)


def two_decided(wrong: Callable[[Alert, Engagement], bool], yes: str, no: str) -> Callable[[Look], Condition]:
    """As ``every_engagement``; what the engine's events showed when they were taken in contradicts it as well, and so
    do the officers' judgements. The receipt and the hours of judgements count that where everybody can read it.
    """
    by_alert = every_engagement(wrong, yes, no)

    def condition(look: Look) -> Condition:
        decided, receipts = by_alert(look), look.lines("receipt")[-1:]
        without = sum(kind["count"] for line in receipts for kind in line("found") if kind["code"] == WITHOUT_TWO)
        if decided.holds is False:
            return decided
        if without:
            counted = look.alerts().counted
            return Condition(False, f"{no} ({without} of {counted} alerts, by the engine's own events)", (receipts,))
        judged = one_by_one(look.lines("judgements"))
        beside = replace(decided, grounds=(*decided.grounds, *judged)) if decided.sealed else decided
        return against_judgements(look, no) or beside

    return condition


def against_judgements(look: Look, no: str) -> Condition | None:
    """What the officers' judgements say against two having decided: an engagement without both, one that has no
    judgement, or lines under seal that are not as they were signed. ``None`` where nothing does."""
    judged = look.lines("judgements")
    engaged = sum(line("engagements") for line in judged)
    if without := sum(line("engaged_without_two") for line in judged):
        because = f"{no} ({without} of {counted_words(engaged, 'engagement')}, by the officers' judgements)"
        return Condition(False, because, one_by_one(judged))
    if altered := [line for line in judged if fault_in(line.statement) is not None]:
        return Condition(False, "judgements on alerts are not as officers signed them", one_by_one(altered))
    if why := left_out_of([line.statement for line in judged]):
        return Condition(False, f"judgements on alerts are not whole: {why}", one_by_one(judged))
    alerts, opened, counted, hours = look.alerts("engagement")
    missing = len(alerts) - engaged
    if judged and opened == counted and missing > 0:
        because = f"{no} ({counted_words(missing, 'engagement')} without any judgement on the record)"
        return Condition(False, because, one_by_one((*hours, *judged)))
    return None


declare(
    "uk.live.two-stage",
    two_decided(
        _one_officer,
        "before every engagement operator and engagement officer each decided",
        "people were engaged without the views of two different officers",
    ),
)

declare(
    "eu.aia.14-5.two-person",
    two_decided(
        lambda alert, engagement: (
            len({item["person"] for item in _decided_to_engage(alert, engagement) if not item["seen_other"]}) < 2
        ),
        "before every engagement two people verified separately",
        "people were engaged without two separate verifications",
    ),
)


def _reasoned(decision: dict[str, Any]) -> bool:
    return bool(decision["subject_factors"] and decision["system_factors"] and decision["environment_factors"])


declare(
    "uk.live.adjudication-reasons",
    every_alert(
        lambda alert: not (decisions := alert("adjudications")) or not all(map(_reasoned, decisions)),
        "every decision names subject, system and environment factors",
        "alerts have no decision, or one without its factors",
    ),
)

CARE = ("released_at", "explanation_given", "complaint_information")
declare(
    "uk.live.false-alert-care",
    every_engagement(
        lambda alert, engagement: (
            alert("outcome") in ("false", "confirmed-false") and not all(engagement.get(name) for name in CARE)
        ),
        "everyone wrongly flagged and engaged was released, told why and how to complain",
        "people wrongly flagged were not released with an explanation and the way to complain",
    ),
)


declare(
    "uk.live.alert-log",
    every_alert(
        lambda alert: Decimal(alert("score")) < Decimal(alert("threshold")),
        "every alert has time, score, threshold, entry and outcome",
        "alerts are scored below their threshold",
    ),
    Each("hour", NO_HOURS),
    that(
        lambda line: None if line("system_alerts") is None else line("system_alerts") == line("alerts"),
        yes="the counts agree with the system's counter",
        no="the counts differ from the system's counter",
        unsaid="the system's own counter is not on the record for every hour",
    ),
)


@check("uk.live.demographics")
def demographics(look: Look) -> Sequence[Part]:
    """The share of alerts with perceived ethnicity, sex and age band, against the policy's least."""
    alerts, opened, counted, hours = look.alerts("demographics")
    least = look.figure("demographics-minimum")
    if not hours or opened < counted:
        return [unopened(look)]
    recorded = len(alerts)
    because = (
        f"{recorded} of {counted} alerts have ethnicity, sex and age band recorded; asked for: "
        f"{least.value * 100:.0f}% ({least.source})"
    )
    return [Condition(recorded >= least.value * counted, because, one_by_one(hours), least.lines)]


@check("uk.live.identity-and-powers")
def identity_and_powers(look: Look) -> Sequence[Part]:
    """No power before identity was looked into; each arrest names its power and, by the form, its grounds."""
    alerts, opened, counted, hours = look.alerts("engagement")
    if not hours or opened < counted:
        return [unopened(look)]
    engaged = [(alert.line, alert("engagement")) for alert in alerts]
    wrong = [
        line
        for line, engagement in engaged
        if engagement["identity_method"] == "none" and engagement.get("power") is not None
    ]
    if wrong:
        because = f"in {len(wrong)} engagements a power was used before identity was looked into"
        return [Condition(False, because, one_by_one(wrong))]
    bare = [
        line
        for line, engagement in engaged
        if engagement["result_action"] == "arrest" and engagement.get("power") is None
    ]
    if bare:
        because = f"{len(bare)} engagements ended in arrest and the record names no power for it"
        return [Condition(None, because, one_by_one(bare))]
    looked = sum(engagement["identity_method"] != "none" for _, engagement in engaged)
    because = f"in {looked} of {len(engaged)} engagements identity was looked into by ordinary means"
    rest = "; in the rest no power was used" if looked < len(engaged) else ""
    return [Condition(True, f"{because}{rest}", one_by_one(hours))]


def leaflets(look: Look) -> Condition:
    """That everyone engaged was given a leaflet."""
    alerts, opened, counted, hours = look.alerts("engagement")
    if not hours or opened < counted:
        return unopened(look)
    engagements = [alert("engagement") for alert in alerts]
    without = sum(1 for engagement in engagements if not engagement["leaflet"])
    because = f"each of {len(engagements)} people engaged was given a leaflet"
    if without:
        because = f"{without} of {len(engagements)} people engaged were given no leaflet"
    return Condition(without == 0, because, one_by_one(hours))
