"""Checks of what happened while live, from the public hours, the system's own log and what was configured."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import day, moment, month_after
from countersign.rulebook.conditions.points import Point, any_of, each_of, has, lacking, says
from countersign.rulebook.conditions.registry import check
from countersign.rulebook.duties.alerts import NO_HOURS, every_alert
from countersign.rulebook.duties.plan import places
from countersign.rulebook.duties.watchlist import NO_LIST

#: DPA 2018 s.62(1).
SIX_EVENTS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")


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
        any_of(
            kept,
            lambda line: set(SIX_EVENTS) <= {item["type"] for item in line("events")},
            yes="all six kinds of processing are logged",
            no="kinds of processing are not logged",
            absent=absent,
        ),
        any_of(
            kept,
            named,
            yes="each consultation and disclosure has an actor",
            no="consultations or disclosures are logged without an actor",
            absent=absent,
        ),
        any_of(
            kept,
            covers,
            yes="over the whole time live",
            no="the log does not cover the whole time live",
            absent=absent if not kept else "opening and close are not both on the record",
        ),
    )


@check("uk.dpa.s36.purpose")
def other_purposes(look: Look) -> Sequence[Point]:
    """As many disclosures entered as the system's own log counts; no export without an entry."""
    stated, kept = look.current("disclosures"), look.lines("event_log")
    logged = sum(item["count"] for line in kept for item in line("events") if item["type"] == "disclosure")
    return (
        any_of(
            stated,
            lambda line: None if not kept else line("count") >= logged,
            beside=kept,
            yes="every disclosure the system logged is entered",
            no="the system logged disclosures that are not entered",
            absent="disclosures and the system's log are not both on the record",
        ),
        any_of(
            stated,
            lambda line: line("exports") <= line("count"),
            yes="no export without an entry",
            no="there were more exports than entries",
            absent="no statement of disclosures is on the record",
        ),
        any_of(
            kept,
            has("digest"),
            yes="the system's log is given by digest",
            no="",
            absent="no log of processing is on the record",
        ),
    )


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
        each_of(
            staffed,
            lambda line: line("operators") >= operators and line("engagement_officers") >= engagers,
            yes="enough officers were set down",
            no="too few officers were set down for a time",
            beside=rule,
            absent="no staffing is on the record",
        ),
        Point(
            from_start,
            "from the opening on"
            if from_start
            else "staffing begins only after the opening"
            if from_start is False
            else "staffing and opening are not both on the record",
            (staffed,),
        ),
        each_of(
            hours,
            enough,
            yes="no hour counts fewer",
            no="an hour counts fewer officers than the least",
            beside=rule,
            absent="not every hour says how many officers there were at the least",
        ),
    )


@check("uk.auth.scope-bound")
def inside_scope(look: Look) -> Sequence[Point]:
    """Every hour and the close within an authorised window, no more cameras, the list of the limits."""
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
    hour_ok = [
        line
        for line in hours
        if not any(start.replace(minute=0, second=0) <= moment(line("hour")) < end for start, end in windows)
    ]
    bounds = within(opening.at) and within(closing.at)
    changed = [line for line in look.lines("change") if line("what") in ("zone", "camera")]
    return (
        Point(
            bounds,
            "opening and close lie within an authorised window"
            if bounds
            else "the cameras were open outside every authorised window",
            (opening.lines, closing.lines),
            lines,
        ),
        Point(
            None if not hours else not hour_ok,
            "every hour lies within one"
            if not hour_ok
            else f"counts of hours outside every authorised window ({len(hour_ok)})",
            tuple((line,) for line in hours),
            lines,
        )
        if hours
        else lacking(NO_HOURS),
        any_of(
            opened,
            lambda line: line("cameras") <= cameras,
            yes="no more cameras than authorised",
            no="more cameras than authorised",
            absent="no opening is on the record",
        ),
        any_of(
            opened,
            lambda line: line("list_digest") in lists if lists else None,
            beside=limits,
            yes="the list is the one in the limits",
            no="another list was loaded than the one in the limits",
            absent="no declared limits are on the record",
        ),
        Point(
            not changed,
            "zone and cameras were not changed" if not changed else "zone or cameras were changed while live",
            (opened,) if not changed else (tuple(changed),),
        ),
    )


@check("uk.live.no-tracking")
def no_tracking(look: Look) -> Sequence[Point]:
    """No tracks across cameras; only authorised connections; what the host itself could reach."""
    config, hosts = look.current("system_config"), look.lines("statement")
    absent = "no configuration of the system is on the record"
    return (
        any_of(
            config,
            says("cross_camera_tracks", False),
            yes="no tracks across cameras are made",
            no="tracks across cameras are made",
            absent=absent,
        ),
        any_of(
            config,
            lambda line: set(line("connections")) <= set(line("authorised_connections")),
            yes="only authorised connections are configured",
            no="connections beyond those authorised are configured",
            absent=absent,
        ),
        each_of(
            hosts,
            lambda line: line("default_routes") == 0,
            yes="the host had no way out of its own network",
            no="the host had a way out of its own network",
            absent="no look at what the host could reach is on the record",
        ),
    )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _went_on(suspended: int, resumed: int) -> str:
    """How often it was suspended and went on, where no cause was left."""
    if not suspended and not resumed:
        return "no suspension is on the record"
    if not resumed:
        return f"suspended {_times(suspended)}, not resumed"
    each = "its cause removed" if resumed == 1 else "each time with its cause removed"
    return f"suspended {_times(suspended)}, resumed {_times(resumed)}, {each}"


@check("uk.live.suspend")
def stop_rule(look: Look) -> Sequence[Point]:
    """A stop rule in the limits before the opening; each suspension resumed with its cause removed."""
    limits, opened = look.lines("limits"), look.lines("opened")
    suspended, resumed = look.lines("suspended"), look.lines("resumed")
    wanted = {"ceiling-exceeded", "staffing-below-minimum", "disorder", "fault"}
    early = [line for line in limits if opened and line.entry < min(other.entry for other in opened)]
    points = [
        any_of(
            early,
            lambda line: wanted <= {rule["when"] for rule in line("stop_rule")},
            yes="stop criteria for false alerts, staffing, disorder and fault were set beforehand",
            no="stop criteria leave out false alerts, staffing, disorder or fault",
            absent="no limits with a stop rule stand in the log before the opening",
        ),
    ]
    bad = [line for line in resumed if not line("cause_removed")]
    grounds = tuple(resumed or suspended or opened)
    points.append(
        Point(
            not bad,
            _went_on(len(suspended), len(resumed))
            if not bad
            else f"it was resumed {_times(len(bad))} with the cause still there",
            (grounds,) if grounds else (),
        )
    )
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
        any_of(
            kept,
            lambda line: line("list_digest") in lists if lists else None,
            beside=manifest,
            yes="the reference database is the list approved",
            no="the reference database logged is another list",
            absent=absent if not kept else NO_LIST,
        ),
        any_of(
            kept,
            lambda line: day(line("kept_until")) >= month_after(day(line("period_end")), months),
            yes=f"kept at least {months} months",
            no=f"kept less than {months} months",
            absent=absent,
        ),
        every_alert(
            look, lambda alert: not alert("adjudications"), "every alert has its verifiers", "alerts have no verifier"
        ),
    )
