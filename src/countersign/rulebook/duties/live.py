"""Duties while live, from the public hours, the system's own log and what was configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from countersign.deployments.kinds import COMPILER
from countersign.rulebook.conditions.declare import (
    Each,
    Entries,
    Paper,
    Part,
    These,
    among,
    check,
    declare,
    has,
    says,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, day, moment, month_after, statutory
from countersign.rulebook.conditions.results import SEALED, Condition, lacking, one_by_one
from countersign.rulebook.duties.alerts import NO_HOURS, every_alert
from countersign.rulebook.duties.authority import NO_AUTHORITY
from countersign.rulebook.duties.plan import places
from countersign.rulebook.duties.watchlist import NO_LIST

#: DPA 2018 s.62(1).
SIX_EVENTS = ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")
NO_LOG = "no log of processing is on the record"
STOP_CRITERIA = frozenset({"ceiling-exceeded", "staffing-below-minimum", "disorder", "fault"})


def _named(line: Line) -> bool:
    """Whether as many actors are named as consultations and disclosures are counted."""
    owed = sum(item["count"] for item in line("events") if item["type"] in ("consultation", "disclosure"))
    return bool(line("with_actor") >= owed)


@check("uk.dpa.s62.logs")
def logs(look: Look) -> Sequence[Part]:
    """All six kinds counted, consultations and disclosures with an actor, over the whole time live."""
    opening, closing = look.opening(), look.closing()

    def covers(line: Line) -> bool | None:
        if opening is None or closing is None:
            return None
        return moment(line("period_start")) <= opening.at and moment(line("period_end")) >= closing.at

    return (
        Entries("event_log", NO_LOG),
        that(
            lambda line: set(SIX_EVENTS) <= {item["type"] for item in line("events")},
            yes="all six kinds of processing are logged",
            no="kinds of processing are not logged",
        ),
        that(
            _named,
            yes="each consultation and disclosure has an actor",
            no="consultations or disclosures are logged without an actor",
        ),
        that(
            covers,
            yes="over the whole time live",
            no="the log does not cover the whole time live",
            unsaid="opening and close are not both on the record",
        ),
    )


@check("uk.dpa.s36.purpose")
def other_purposes(look: Look) -> Sequence[Part]:
    """As many disclosures entered as the system's own log counts; no export without an entry."""
    kept = look.lines("event_log")
    logged = sum(item["count"] for line in kept for item in line("events") if item["type"] == "disclosure")
    return (
        Paper("disclosures", "no statement of disclosures is on the record"),
        that(
            lambda line: None if not kept else line("count") >= logged,
            yes="every disclosure the system logged is entered",
            no="the system logged disclosures that are not entered",
            absent="disclosures and the system's log are not both on the record",
            beside=kept,
        ),
        that(
            lambda line: line("exports") <= line("count"),
            yes="no export without an entry",
            no="there were more exports than entries",
        ),
        These(kept, NO_LOG),
        has("digest", yes="the system's log is given by digest"),
    )


@check("uk.plan.resourcing")
def staffing(look: Look) -> Sequence[Part]:
    """Enough operators and engagement officers from the opening on, as set down and as the hours count them."""
    staffed, opening = look.lines("staffing"), look.opening()
    rule = look.figure("operators-minimum")
    operators, engagers = rule.value, look.figure("engagement-officers-minimum").value
    first = min((moment(line("since")) for line in staffed), default=None)
    from_start = Condition(None, "staffing and opening are not both on the record", (staffed,))
    if first is not None and opening is not None:
        early = first <= opening.at
        because = "from the opening on" if early else "staffing begins only after the opening"
        from_start = Condition(early, because, (staffed,))

    def enough(line: Line) -> bool | None:
        least = line("operators_minimum"), line("engagement_officers_minimum")
        return None if None in least else bool(least[0] >= operators and least[1] >= engagers)

    return (
        Each("staffing", "no staffing is on the record"),
        that(
            lambda line: line("operators") >= operators and line("engagement_officers") >= engagers,
            yes="enough officers were set down",
            no="too few officers were set down for a time",
            beside=rule.lines,
        ),
        from_start,
        Each("hour", "not every hour says how many officers there were at the least"),
        that(enough, yes="no hour counts fewer", no="an hour counts fewer officers than the least", beside=rule.lines),
    )


@check("uk.auth.scope-bound")
def inside_scope(look: Look) -> Sequence[Part]:
    """Every hour and the close within an authorised window, no more cameras, the list of the limits."""
    lines, stated = places(look)
    hours, limits, closing, opening = look.lines("hour"), look.lines("limits"), look.closing(), look.opening()
    if not stated:
        because = f"the authorised place and window are {SEALED}"
        return [Condition(None, because, one_by_one(look.lines("authority")))]
    if opening is None or closing is None:
        return [lacking("opening and close are not both on the record")]
    windows = [(moment(window["start"]), moment(window["end"])) for place in stated for window in place["windows"]]
    cameras = max(len(place["cameras"]) for place in stated)
    lists = {line("list_digest") for line in limits} | {line("digest") for line in look.lines("list_change")}

    def within(at: datetime) -> bool:
        return any(start <= at <= end for start, end in windows)

    def in_a_window(line: Line) -> bool:
        hour = moment(line("hour"))
        return any(start.replace(minute=0, second=0) <= hour < end for start, end in windows)

    bounds = within(opening.at) and within(closing.at)
    stray = sum(1 for line in hours if not in_a_window(line))
    changed = tuple(line for line in look.lines("change") if line("what") in ("zone", "camera"))
    opened = look.lines("opened")
    return (
        Condition(
            bounds,
            "opening and close lie within an authorised window"
            if bounds
            else "the cameras were open outside every authorised window",
            (opening.lines, closing.lines),
            lines,
        ),
        Condition(
            not stray,
            f"counts of hours outside every authorised window ({stray})" if stray else "every hour lies within one",
            one_by_one(hours),
            lines,
        )
        if hours
        else lacking(NO_HOURS),
        These(opened, "no opening is on the record"),
        that(
            lambda line: line("cameras") <= cameras,
            yes="no more cameras than authorised",
            no="more cameras than authorised",
        ),
        that(
            lambda line: line("list_digest") in lists if lists else None,
            yes="the list is the one in the limits",
            no="another list was loaded than the one in the limits",
            absent="no declared limits are on the record",
            beside=limits,
        ),
        Condition(False, "zone or cameras were changed while live", (changed,))
        if changed
        else Condition(True, "zone and cameras were not changed", (opened,)),
        *_unnamed(look),
    )


def _unnamed(look: Look) -> Iterator[Condition]:
    """The authorities that name no place, cameras and windows under seal: nothing says what they allow."""
    given = [line for line in look.lines("authority") if line("decision") != "refused"]
    unnamed = [line for line in given if line.statement.role != COMPILER and "place" not in line.statement.sealed]
    if unnamed or not given:
        absent = "an authority names no place, cameras and windows" if given else NO_AUTHORITY
        yield Condition(None, absent, (tuple(unnamed),))


declare(
    "uk.live.no-tracking",
    Paper("system_config", "no configuration of the system is on the record"),
    says("cross_camera_tracks", False, yes="no tracks across cameras are made", no="tracks across cameras are made"),
    that(
        lambda line: set(line("connections")) <= set(line("authorised_connections")),
        yes="only authorised connections are configured",
        no="connections beyond those authorised are configured",
    ),
    Each("statement", "no look at what the host could reach is on the record"),
    that(
        lambda line: line("default_routes") == 0,
        yes="the host had no way out of its own network",
        no="the host had a way out of its own network",
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
def stop_rule(look: Look) -> Sequence[Part]:
    """A stop rule in the limits before the opening; each suspension resumed with its cause removed."""
    opened, suspended, resumed = look.lines("opened"), look.lines("suspended"), look.lines("resumed")
    first = min((line.entry for line in opened), default=0)
    bad = sum(1 for line in resumed if not line("cause_removed"))
    because = _went_on(len(suspended), len(resumed))
    if bad:
        because = f"it was resumed {_times(bad)} with the cause still there"
    grounds = resumed or suspended or opened
    return (
        Entries(
            "limits", "no limits with a stop rule stand in the log before the opening", lambda line: line.entry < first
        ),
        that(
            lambda line: {rule["when"] for rule in line("stop_rule")} >= STOP_CRITERIA,
            yes="stop criteria for false alerts, staffing, disorder and fault were set beforehand",
            no="stop criteria leave out false alerts, staffing, disorder or fault",
        ),
        Condition(not bad, because, (grounds,) if grounds else ()),
    )


EU_LOG_MONTHS = statutory("eu-log-months")
declare(
    "eu.aia.12-3.logs",
    Entries("event_log", NO_LOG),
    has("period_start", "period_end", yes="the period of use is logged"),
    among(
        "list_digest",
        Paper("manifest"),
        "digest",
        yes="the reference database is the list approved",
        no="the reference database logged is another list",
        unsaid=NO_LIST,
    ),
    that(
        lambda line: day(line("kept_until")) >= month_after(day(line("period_end")), EU_LOG_MONTHS),
        yes=f"kept at least {EU_LOG_MONTHS} months",
        no=f"kept less than {EU_LOG_MONTHS} months",
    ),
    every_alert(lambda alert: not alert("adjudications"), "every alert has its verifiers", "alerts have no verifier"),
)
