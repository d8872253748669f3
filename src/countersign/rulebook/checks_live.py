"""Checks of what happened while live, from the public hours and from the alerts that are open to this reader.

An hour's count of alerts is public, each alert is sealed. Where fewer alerts are open than are counted, a duty about
each alert is *not shown*: an alert left closed betters nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from countersign.rulebook.checks_list import NO_LIST
from countersign.rulebook.checks_plan import places
from countersign.rulebook.look import Alert, Line, Look, statutory
from countersign.rulebook.moments import day, moment, month_after
from countersign.rulebook.points import Point, any_of, each_of, has, lacking, says
from countersign.rulebook.registry import check

#: DPA 2018 s.62(1).
SIX_EVENTS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
NO_HOURS = "no hours are on the record"
AlertTest = Callable[[Alert], bool]


def every_alert(look: Look, wrong: AlertTest, yes: str, no: str) -> Point:
    """That no alert is ``wrong``; not shown unless each counted alert is open to this reader."""
    alerts, counted, hours = look.alerts()
    if not hours:
        return lacking(NO_HOURS)
    grounds = tuple((line,) for line in hours)
    found = [alert for alert in alerts if wrong(alert)]
    if found:
        lines = {alert.line.entry: alert.line for alert in found}
        return Point(False, f"{no} ({len(found)} of {counted} alerts)", tuple((line,) for line in lines.values()))
    if len(alerts) != counted:
        return Point(None, f"{len(alerts)} of {counted} alerts are open to this reader", grounds)
    return Point(True, f"{yes} ({counted} alerts)", grounds)


def every_engagement(look: Look, wrong: Callable[[Alert, dict[str, Any]], bool], yes: str, no: str) -> Point:
    """That no engagement after an alert is ``wrong``; as ``every_alert``."""

    def test(alert: Alert) -> bool:
        engagement = alert("engagement")
        return engagement is not None and wrong(alert, engagement)

    return every_alert(look, test, yes, no)


@check("uk.dpa.s62.logs")
def logs(look: Look) -> Sequence[Point]:
    """All six kinds counted, consultations and disclosures with an actor, over the whole time live."""
    kept, opening, closing = look.lines("event_log"), look.opening(), look.closing()
    absent = "no log of processing is on the record"

    def covers(line: Line) -> bool | None:
        if opening is None or closing is None:
            return None
        return moment(line("period_start")) <= opening.at and moment(line("period_end")) >= closing.at

    def named(line: Line) -> bool:
        owed = sum(item["count"] for item in line("events") if item["type"] in ("consultation", "disclosure"))
        return bool(line("with_actor") >= owed)

    return (
        any_of(kept, lambda line: set(SIX_EVENTS) <= {item["type"] for item in line("events")},
               yes="all six kinds of processing are logged", no="kinds of processing are not logged", absent=absent),
        any_of(kept, named, yes="each consultation and disclosure has an actor",
               no="consultations or disclosures are logged without an actor", absent=absent),
        any_of(kept, covers, yes="over the whole time live", no="the log does not cover the whole time live",
               absent=absent if not kept else "opening and close are not both on the record"),
    )  # fmt: skip


@check("uk.dpa.s36.purpose")
def other_purposes(look: Look) -> Sequence[Point]:
    """As many disclosures entered as the system's own log counts; no export without an entry."""
    stated, kept = look.current("disclosures"), look.lines("event_log")
    logged = sum(item["count"] for line in kept for item in line("events") if item["type"] == "disclosure")
    return (
        any_of(stated, lambda line: None if not kept else line("count") >= logged, beside=kept,
               yes="every disclosure the system logged is entered",
               no="the system logged disclosures that are not entered",
               absent="disclosures and the system's log are not both on the record"),
        any_of(stated, lambda line: line("exports") <= line("count"), yes="no export without an entry",
               no="there were more exports than entries", absent="no statement of disclosures is on the record"),
        any_of(kept, has("digest"), yes="the system's log is given by digest", no="",
               absent="no log of processing is on the record"),
    )  # fmt: skip


@check("uk.plan.resourcing")
def staffing(look: Look) -> Sequence[Point]:
    """Enough operators and engagement officers from the opening on, as set down and as the hours count them."""
    staffed, opening = look.lines("staffing"), look.opening()
    operators, rule = look.figure("operators-minimum").value, look.figure("operators-minimum").lines
    engagers = look.figure("engagement-officers-minimum").value
    hours = look.lines("hour")

    def enough(line: Line) -> bool | None:
        found = line("operators_minimum"), line("engagement_officers_minimum")
        return None if None in found else bool(found[0] >= operators and found[1] >= engagers)

    first = min((moment(line("since")) for line in staffed), default=None)
    from_start = None if first is None or opening is None else first <= opening.at
    return (
        each_of(staffed, lambda line: line("operators") >= operators and line("engagement_officers") >= engagers,
                yes="enough officers were set down", no="too few officers were set down for a time", beside=rule,
                absent="no staffing is on the record"),
        Point(from_start, "from the opening on" if from_start else "staffing begins only after the opening"
              if from_start is False else "staffing and opening are not both on the record", (staffed,)),
        each_of(hours, enough, yes="no hour counts fewer", no="an hour counts fewer officers than the least",
        beside=rule,
                absent="not every hour says how many officers there were at the least"),
    )  # fmt: skip


@check("uk.auth.scope-bound")
def inside_scope(look: Look) -> Sequence[Point]:
    """Every hour and the close within an authorised window; no more cameras; the list loaded is the one in the
    limits.
    """
    lines, found = places(look)
    hours, opened, limits = look.lines("hour"), look.lines("opened"), look.lines("limits")
    closing, opening = look.closing(), look.opening()
    if not found:
        return (lacking("the authorised place and window are not open to this reader"),)
    windows = [(moment(window["start"]), moment(window["end"])) for place in found for window in place["windows"]]  # type: ignore[attr-defined]
    cameras = max(len(place["cameras"]) for place in found)  # type: ignore[arg-type]
    lists = {line("list_digest") for line in limits} | {line("digest") for line in look.lines("list_change")}

    def within(at: object) -> bool:
        return any(start <= at <= end for start, end in windows)  # type: ignore[operator]

    if opening is None or closing is None:
        return (lacking("opening and close are not both on the record"),)
    hour_ok = [line for line in hours if not any(
        start.replace(minute=0, second=0) <= moment(line("hour")) < end for start, end in windows)]  # fmt: skip
    bounds = within(opening.at) and within(closing.at)
    changed = [line for line in look.lines("change") if line("what") in ("zone", "camera")]
    return (
        Point(bounds, "opening and close lie within an authorised window" if bounds
              else "the cameras were open outside every authorised window", (opening.lines, closing.lines), lines),
        Point(None if not hours else not hour_ok, "every hour lies within one" if not hour_ok
              else f"{len(hour_ok)} hours lie outside every authorised window", tuple((line,) for line in hours), lines)
        if hours else lacking(NO_HOURS),
        any_of(opened, lambda line: line("cameras") <= cameras, yes="no more cameras than authorised",
               no="more cameras than authorised", absent="no opening is on the record"),
        any_of(opened, lambda line: line("list_digest") in lists if lists else None, beside=limits,
               yes="the list is the one in the limits", no="another list was loaded than the one in the limits",
               absent="no declared limits are on the record"),
        Point(not changed, "zone and cameras were not changed" if not changed
              else "zone or cameras were changed while live", (opened,) if not changed else (tuple(changed),)),
    )  # fmt: skip


@check("uk.open.avoidance-not-suspicion")
def avoidance(look: Look) -> Sequence[Point]:
    """A way round; and no engagement for avoidance without grounds of its own."""
    route = look.current("route")
    return (
        any_of(route, has("map", "extra_distance_metres"), yes="a way round is mapped", no="",
               absent="no way round is on the record"),
        every_engagement(
            look, lambda _, engagement: engagement["reason"] == "avoidance"
            and not engagement.get("independent_grounds"),
            "nobody was engaged for avoiding the cameras without other grounds",
            "people were engaged for avoiding the cameras, without other grounds"),
    )  # fmt: skip


def _engaged_by(alert: Alert, engagement: dict[str, Any]) -> list[dict[str, Any]]:
    """The decisions to engage that came before the engagement began."""
    start = engagement["started_at"]
    return [item for item in alert("adjudications") if item["decision"] == "engage" and item["decided_at"] < start]


@check("uk.live.human-decision")
def human_decision(look: Look) -> Sequence[Point]:
    """Before each engagement, a person's decision to engage."""
    return (
        every_engagement(look, lambda alert, engagement: not _engaged_by(alert, engagement),
                         "before every engagement a person decided to engage",
                         "people were engaged without a person's decision before it"),
    )  # fmt: skip


@check("uk.live.two-stage")
def two_stage(look: Look) -> Sequence[Point]:
    """Before each engagement two different people decided, one as operator, one as engagement officer."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        decided = [item for item in alert("adjudications") if item["decided_at"] <= engagement["started_at"]]
        operators = {item["person"] for item in decided if item["role"] == "operator"}
        engagers = {item["person"] for item in decided if item["role"] == "engagement-officer"}
        return not any(one != other for one in operators for other in engagers)

    return (
        every_engagement(look, wrong, "before every engagement operator and engagement officer each decided",
                         "people were engaged without the views of two different officers"),
    )  # fmt: skip


@check("eu.aia.14-5.two-person")
def two_person(look: Look) -> Sequence[Point]:
    """Before each engagement two people decided to engage, neither having seen the other's decision first."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        agreed = _engaged_by(alert, engagement)
        return len({item["person"] for item in agreed if not item["seen_other"]}) < 2

    return (
        every_engagement(look, wrong, "before every engagement two people verified separately",
                         "people were engaged without two separate verifications"),
    )  # fmt: skip


@check("uk.live.adjudication-reasons")
def adjudication_reasons(look: Look) -> Sequence[Point]:
    """Each alert adjudicated, each decision with the three kinds of factor."""
    factors = ("subject_factors", "system_factors", "environment_factors")
    return (
        every_alert(look, lambda alert: not alert("adjudications")
                    or not all(item[name] for item in alert("adjudications") for name in factors),
                    "every decision names subject, system and environment factors",
                    "alerts have no decision, or one without its factors"),
    )  # fmt: skip


@check("uk.live.false-alert-care")
def false_alert_care(look: Look) -> Sequence[Point]:
    """Everyone engaged after a false alert was released, told why, and given the way to complain."""

    def wrong(alert: Alert, engagement: dict[str, Any]) -> bool:
        if alert("outcome") not in ("false", "confirmed-false"):
            return False
        return not (engagement.get("released_at") and engagement.get("explanation_given")
                    and engagement.get("complaint_information"))  # fmt: skip

    return (
        every_engagement(look, wrong, "everyone wrongly flagged and engaged was released, told why and how to complain",
                         "people wrongly flagged were not released with an explanation and the way to complain"),
    )  # fmt: skip


@check("uk.live.alert-log")
def alert_log(look: Look) -> Sequence[Point]:
    """Each alert complete and at or over its threshold; the count agrees with the system's own counter."""
    hours = look.lines("hour")
    return (
        every_alert(look, lambda alert: Decimal(alert("score")) < Decimal(alert("threshold")),
                    "every alert has time, score, threshold, entry and outcome",
                    "alerts are scored below their threshold"),
        each_of(hours, lambda line: None if line("system_alerts") is None else line("system_alerts") == line("alerts"),
                yes="the counts agree with the system's counter", no="the counts differ from the system's counter",
                absent="the system's own counter is not on the record for every hour" if hours else NO_HOURS),
    )  # fmt: skip


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
        Point(holds, f"{recorded} of {counted} alerts have ethnicity, sex and age band recorded; asked for: "
              f"{least * 100:.0f}% ({source})", tuple((line,) for line in hours), rule),
    )  # fmt: skip


@check("uk.live.no-tracking")
def no_tracking(look: Look) -> Sequence[Point]:
    """No tracks across cameras; only authorised connections; what the host itself could reach."""
    config, hosts = look.current("system_config"), look.lines("statement")
    absent = "no configuration of the system is on the record"
    return (
        any_of(config, says("cross_camera_tracks", False), yes="no tracks across cameras are made",
               no="tracks across cameras are made", absent=absent),
        any_of(config, lambda line: set(line("connections")) <= set(line("authorised_connections")),
               yes="only authorised connections are configured",
               no="connections beyond those authorised are configured",
               absent=absent),
        each_of(hosts, lambda line: line("default_routes") == 0, yes="the host had no way out of its own network",
                no="the host had a way out of its own network",
                absent="no look at what the host could reach is on the record"),
    )  # fmt: skip


@check("uk.live.suspend")
def stop_rule(look: Look) -> Sequence[Point]:
    """A stop rule in the declared limits before the opening; each suspension resumed on an authority with its cause
    gone.
    """
    limits, opened = look.lines("limits"), look.lines("opened")
    suspended, resumed = look.lines("suspended"), look.lines("resumed")
    wanted = {"ceiling-exceeded", "staffing-below-minimum", "disorder", "fault"}
    early = [line for line in limits if opened and line.entry < min(other.entry for other in opened)]
    points = [
        any_of(early, lambda line: wanted <= {rule["when"] for rule in line("stop_rule")},
               yes="stop criteria for false alerts, staffing, disorder and fault were set beforehand",
               no="stop criteria leave out false alerts, staffing, disorder or fault",
               absent="no limits with a stop rule stand in the log before the opening"),
    ]  # fmt: skip
    bad = [line for line in resumed if not line("cause_removed")]
    grounds = tuple(resumed or suspended or opened)
    points.append(
        Point(not bad, f"{len(suspended)} suspensions, {len(resumed)} resumed, each with its cause removed" if not bad
              else f"{len(bad)} times it was resumed with the cause still there", (grounds,) if grounds else ())
    )  # fmt: skip
    return points


@check("eu.aia.12-3.logs")
def eu_logs(look: Look) -> Sequence[Point]:
    """Periods of use, the reference database and the verifiers logged, and kept six months."""
    kept, manifest = look.lines("event_log"), look.current("manifest")
    months = statutory("eu-log-months")
    lists = {line("digest") for line in manifest}
    absent = "no log of processing is on the record"
    return (
        any_of(kept, has("period_start", "period_end"), yes="the period of use is logged", no="", absent=absent),
        any_of(kept, lambda line: line("list_digest") in lists if lists else None, beside=manifest,
               yes="the reference database is the list approved", no="the reference database logged is another list",
               absent=absent if not kept else NO_LIST),
        any_of(kept, lambda line: day(line("kept_until")) >= month_after(day(line("period_end")), months),
               yes=f"kept at least {months} months", no=f"kept less than {months} months", absent=absent),
        every_alert(look, lambda alert: not alert("adjudications"), "every alert has its verifiers",
                    "alerts have no verifier"),
    )  # fmt: skip
