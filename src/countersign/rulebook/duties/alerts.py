"""Checks of each alert, as sealed in its hour and open to this reader: who decided, why, and what became of the person.

An hour's count of alerts is public, each alert is sealed. Where fewer alerts are open than are counted, a duty about
each alert is *not shown*: an alert left closed betters nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from countersign.rulebook.conditions.look import Alert, Look
from countersign.rulebook.conditions.points import Point, any_of, each_of, has, lacking
from countersign.rulebook.conditions.registry import check

NO_HOURS = "no hours are on the record"
AlertTest = Callable[[Alert], bool]


def every_alert(look: Look, wrong: AlertTest, yes: str, no: str) -> Point:
    """That no alert is ``wrong``; not shown unless each counted alert is open to this reader."""
    alerts, counted, hours = look.alerts()
    if not hours:
        return lacking(NO_HOURS)
    found = [alert for alert in alerts if wrong(alert)]
    if found:
        lines = {alert.line.entry: alert.line for alert in found}
        return Point(False, f"{no} ({len(found)} of {counted} alerts)", tuple((line,) for line in lines.values()))
    grounds = tuple([(line,) for line in hours])
    if len(alerts) != counted:
        return Point(None, f"{len(alerts)} of {counted} alerts are open to this reader", grounds)
    return Point(True, f"{yes} ({counted} alerts)", grounds)


def every_engagement(look: Look, wrong: Callable[[Alert, dict[str, Any]], bool], yes: str, no: str) -> Point:
    """That no engagement after an alert is ``wrong``; as ``every_alert``."""

    def test(alert: Alert) -> bool:
        engagement = alert("engagement")
        return engagement is not None and wrong(alert, engagement)

    return every_alert(look, test, yes, no)


@check("uk.open.avoidance-not-suspicion")
def avoidance(look: Look) -> Sequence[Point]:
    """A way round; and no engagement for avoidance without grounds of its own."""
    route = look.current("route")
    return (
        any_of(
            route,
            has("map", "extra_distance_metres"),
            yes="a way round is mapped",
            no="",
            absent="no way round is on the record",
        ),
        every_engagement(
            look,
            lambda _, engagement: engagement["reason"] == "avoidance" and not engagement.get("independent_grounds"),
            "nobody was engaged for avoiding the cameras without other grounds",
            "people were engaged for avoiding the cameras, without other grounds",
        ),
    )


def _engaged_by(alert: Alert, engagement: dict[str, Any]) -> list[dict[str, Any]]:
    """The decisions to engage that came before the engagement began."""
    start = engagement["started_at"]
    return [item for item in alert("adjudications") if item["decision"] == "engage" and item["decided_at"] < start]


@check("uk.live.human-decision")
def human_decision(look: Look) -> Sequence[Point]:
    """Before each engagement, a person's decision to engage."""
    return (
        every_engagement(
            look,
            lambda alert, engagement: not _engaged_by(alert, engagement),
            "before every engagement a person decided to engage",
            "people were engaged without a person's decision before it",
        ),
    )


@check("uk.live.two-stage")
def two_stage(look: Look) -> Sequence[Point]:
    """Before each engagement two different people decided, one as operator, one as engagement officer."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        decided = [item for item in alert("adjudications") if item["decided_at"] <= engagement["started_at"]]
        operators = {item["person"] for item in decided if item["role"] == "operator"}
        engagers = {item["person"] for item in decided if item["role"] == "engagement-officer"}
        return not any(one != other for one in operators for other in engagers)

    return (
        every_engagement(
            look,
            wrong,
            "before every engagement operator and engagement officer each decided",
            "people were engaged without the views of two different officers",
        ),
    )


@check("eu.aia.14-5.two-person")
def two_person(look: Look) -> Sequence[Point]:
    """Before each engagement two people decided to engage, neither having seen the other's decision first."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        agreed = _engaged_by(alert, engagement)
        return len({item["person"] for item in agreed if not item["seen_other"]}) < 2

    return (
        every_engagement(
            look,
            wrong,
            "before every engagement two people verified separately",
            "people were engaged without two separate verifications",
        ),
    )


@check("uk.live.adjudication-reasons")
def adjudication_reasons(look: Look) -> Sequence[Point]:
    """Each alert adjudicated, each decision with the three kinds of factor."""
    factors = ("subject_factors", "system_factors", "environment_factors")
    return (
        every_alert(
            look,
            lambda alert: (
                not alert("adjudications") or not all(item[name] for item in alert("adjudications") for name in factors)
            ),
            "every decision names subject, system and environment factors",
            "alerts have no decision, or one without its factors",
        ),
    )


@check("uk.live.false-alert-care")
def false_alert_care(look: Look) -> Sequence[Point]:
    """Everyone engaged after a false alert was released, told why, and given the way to complain."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        if alert("outcome") not in ("false", "confirmed-false"):
            return False
        return not (
            engagement.get("released_at")
            and engagement.get("explanation_given")
            and engagement.get("complaint_information")
        )

    return (
        every_engagement(
            look,
            wrong,
            "everyone wrongly flagged and engaged was released, told why and how to complain",
            "people wrongly flagged were not released with an explanation and the way to complain",
        ),
    )


@check("uk.live.alert-log")
def alert_log(look: Look) -> Sequence[Point]:
    """Each alert complete and at or over its threshold; the count agrees with the system's own counter."""
    hours = look.lines("hour")
    return (
        every_alert(
            look,
            lambda alert: Decimal(alert("score")) < Decimal(alert("threshold")),
            "every alert has time, score, threshold, entry and outcome",
            "alerts are scored below their threshold",
        ),
        each_of(
            hours,
            lambda line: None if line("system_alerts") is None else line("system_alerts") == line("alerts"),
            yes="the counts agree with the system's counter",
            no="the counts differ from the system's counter",
            absent="the system's own counter is not on the record for every hour" if hours else NO_HOURS,
        ),
    )


@check("uk.live.demographics")
def demographics(look: Look) -> Sequence[Point]:
    """The share of alerts with perceived ethnicity, sex and age band, against the policy's least."""
    alerts, counted, hours = look.alerts()
    measure = look.figure("demographics-minimum")
    least, source, rule = measure.value, measure.source, measure.lines
    if not hours or len(alerts) < counted:
        return (lacking(f"{len(alerts)} of {counted} alerts are open to this reader" if hours else NO_HOURS),)
    recorded = sum(1 for alert in alerts if alert("demographics"))
    holds = recorded >= least * counted
    return (
        Point(
            holds,
            f"{recorded} of {counted} alerts have ethnicity, sex and age band recorded; asked for: "
            f"{least * 100:.0f}% ({source})",
            tuple((line,) for line in hours),
            rule,
        ),
    )
