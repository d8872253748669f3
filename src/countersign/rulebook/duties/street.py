"""Checks of people and street: training, roles, the check before going live, notice, signs and leaflets.

What an observer saw stands beside what the force wrote: where an observer looked, the point rests on the observer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.moments import day, moment
from countersign.rulebook.conditions.points import Point, any_of, before, each_of, holds_all, lacking
from countersign.rulebook.conditions.registry import check

OPENING = "the opening"
TOPICS = ("bias", "error-rates", "automation-bias", "accountability")
ROLES = ("authorising-officer", "commander", "operator", "engagement-officer", "engineer", "recorder")
NO_ROSTER = "no roster is on the record"


@check("uk.training.certified")
def trained(look: Look) -> Sequence[Point]:
    """As many trained as on the roster, lasting past the opening, on a syllabus with the four topics."""
    roster, training, opening = look.current("roster"), look.lines("training"), look.opening()
    syllabi = {line("digest"): set(line("topics")) for line in training}
    return (
        any_of(
            roster,
            lambda line: line("trained") >= sum(role["count"] for role in line("roles")),
            yes="everyone on the roster holds training",
            no="not everyone on the roster holds training",
            absent=NO_ROSTER,
        ),
        any_of(
            roster,
            lambda line: None if opening is None else day(line("training_lasts_until")) >= opening.at.date(),
            yes="lasting past the day",
            no="training had run out on the day",
            absent=NO_ROSTER if not roster else "no opening is on the record",
            beside=opening.lines if opening else (),
        ),
        any_of(
            roster,
            lambda line: None if line("syllabus") not in syllabi else set(TOPICS) <= syllabi[line("syllabus")],
            yes="on bias, error rates, automation bias and accountability",
            beside=training,
            no="the syllabus leaves out bias, error rates, automation bias or accountability",
            absent="the syllabus of the roster is not on the record",
        ),
    )


@check("uk.brief.roles")
def roles(look: Look) -> Sequence[Point]:
    """The roles the policy asks for, each held; operators and engagement officers are not one person."""
    roster, policy = look.current("roster"), look.current("policy")
    asked = {role for line in policy for role in line("roles_required") or ()} or set(ROLES)

    def apart(line: Line) -> bool | None:
        people = [evidence.value for evidence in line.statement.get("sealed.persons[]")]
        if not people:
            return None
        operators = {item["person"] for item in people if "operator" in item["roles"]}
        engagers = {item["person"] for item in people if "engagement-officer" in item["roles"]}
        return bool(operators and engagers) and not (operators == engagers and len(operators) == 1)

    return (
        any_of(
            roster,
            lambda line: asked <= {role["role"] for role in line("roles") if role["count"] > 0},
            beside=policy,
            yes="every role asked for is held",
            no="a role asked for is not held",
            absent=NO_ROSTER,
        ),
        any_of(
            roster,
            apart,
            yes="no one person is both sole operator and sole engagement officer",
            no="one person is both sole operator and sole engagement officer",
            absent=NO_ROSTER if not roster else "who holds which role is not open to this reader",
        ),
    )


@check("uk.brief.precheck")
def precheck(look: Look) -> Sequence[Point]:
    """Before the opening: cameras, clock, threshold as opened, the list's count, and a known person recognised."""
    checked, manifest, opened = look.current("precheck"), look.current("manifest"), look.lines("opened")
    measure = look.figure("clock-offset-maximum")
    most, rule = measure.value, measure.lines
    sizes = {line("size") for line in manifest}
    thresholds = {line("threshold") for line in opened}
    absent = "no check before going live is on the record"
    return (
        before(checked, "checked_at", look.opening(), "the system was checked", OPENING, strictly=True),
        any_of(
            checked,
            lambda line: line("cameras_working") == line("cameras") > 0,
            yes="all cameras worked",
            no="not all cameras worked",
            absent=absent,
        ),
        any_of(
            checked,
            lambda line: abs(line("clock_offset_milliseconds")) <= most,
            yes="the clock was right",
            no=f"the clock was more than {most} milliseconds off",
            absent=absent,
            beside=rule,
        ),
        any_of(
            checked,
            lambda line: line("loaded_count") in sizes if sizes else None,
            beside=manifest,
            yes="as many entries were loaded as the manifest has",
            no="another number of entries was loaded than the manifest has",
            absent=absent if not checked else "no manifest is on the record to count against",
        ),
        any_of(
            checked,
            lambda line: line("threshold") in thresholds if thresholds else None,
            beside=opened,
            yes="the threshold checked is the one opened with",
            no="the threshold checked is not the one opened with",
            absent=absent if not checked else "the threshold opened with is not on the record",
        ),
        any_of(
            checked,
            lambda line: None if line("known_passes") == 0 else 0 < line("known_alerts") <= line("known_passes"),
            yes="a known person was recognised",
            no="no known person was recognised",
            absent=absent if not checked else "no known person passed",
        ),
    )


@check("uk.open.advance-notice")
def advance_notice(look: Look) -> Sequence[Point]:
    """A notice before the opening; or an exemption for a critical threat, with its reasons sealed."""
    notice, exempt, opening = look.lines("notice"), look.lines("notice_exemption"), look.opening()
    if opening is None:
        return (lacking("no opening is on the record to measure notice from"),)
    if notice:
        first = min(notice, key=lambda line: moment(line("published_at")))
        told = before((first,), "published_at", opening, "the public was told", OPENING, strictly=True)
        # A notice that came too late takes nothing from an exemption approved in time.
        if told.holds or not any(moment(line("approved_at")) < opening.at for line in exempt):
            return (told,)
    return (
        any_of(
            exempt,
            lambda line: moment(line("approved_at")) < opening.at,
            beside=opening.lines,
            yes="a critical threat was recorded instead of a notice",
            no="the exemption was approved only after the opening",
            absent="neither a notice nor an exemption is on the record",
        ),
    )


def _inside(point: tuple[int, int], corners: Sequence[tuple[int, int]]) -> bool:
    """Whether a point lies in a polygon or on its edge: by crossings of a ray, in whole numbers."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if cross == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and (cross > 0) == (y2 > y1):
            inside = not inside
    return inside


@check("uk.open.signage")
def signage(look: Look) -> Sequence[Point]:
    """A sign on every approach, outside the zone, placed before the opening; and what an observer found."""
    signs, notice, opening = look.current("signage"), look.lines("notice"), look.opening()
    seen = look.lines("observer_signs")
    if opening is None:
        return (lacking("no opening is on the record to measure signs from"),)
    zones = [[(corner["x"], corner["y"]) for corner in line("zone")["points"]] for line in notice]
    absent = "no signs are on the record"
    stated = [
        any_of(
            signs,
            lambda line: set(line("approaches")) <= {sign["approach"] for sign in line("signs")},
            yes="every approach has a sign",
            no="an approach has no sign",
            absent=absent,
        ),
        any_of(
            signs,
            lambda line: all(moment(sign["placed_at"]) < opening.at for sign in line("signs")),
            yes="placed before the opening",
            no="a sign was placed only after the opening",
            absent=absent,
        ),
        any_of(
            signs,
            lambda line: (
                None
                if not zones
                else not any(_inside((sign["x"], sign["y"]), zone) for sign in line("signs") for zone in zones)
            ),
            beside=notice,
            yes="outside the zone",
            no="a sign stands inside the zone",
            absent=absent if not signs else "no zone is on the record to place signs against",
        ),
    ]
    if not seen:
        return stated
    observed = any_of(
        seen,
        lambda line: line("signs") > 0 and line("approaches_without") == 0 and line("legible"),
        yes="an observer found a legible sign on every approach",
        absent="",
        no="an observer found an approach without a legible sign",
    )
    # Who came after the opening cannot bear out that the signs stood there before it.
    early = tuple(line for line in seen if moment(line("seen_at")) <= opening.at)
    return (*(_borne_out(point, by) for point, by in zip(stated, (seen, early, seen), strict=True)), observed)


def _borne_out(point: Point, seen: tuple[Line, ...]) -> Point:
    return replace(point, grounds=tuple((*group, *seen) for group in point.grounds)) if point.holds else point


@check("uk.open.street-information")
def street_information(look: Look) -> Sequence[Point]:
    """Someone there to explain, a leaflet with the route of complaint, and one given in each engagement."""
    staffing, leaflet = look.lines("staffing"), look.current("leaflet")
    alerts, counted, hours = look.alerts()
    points = [
        each_of(
            staffing,
            lambda line: line("explaining") >= 1,
            yes="staff were there to explain",
            no="for a time nobody was there to explain",
            absent="no staffing is on the record",
        ),
        any_of(
            leaflet,
            holds_all("holds", ("what-lfr-is", "why-stopped", "complaint-route")),
            yes="the leaflet says what, why and how to complain",
            no="the leaflet leaves out what, why or how to complain",
            absent="no leaflet is on the record",
        ),
    ]
    if not hours or len(alerts) < counted:
        points.append(lacking(f"{len(alerts)} of {counted} alerts are open to this reader"))
        return points
    engaged = [alert for alert in alerts if alert("engagement")]
    without = sum(1 for alert in engaged if not alert("engagement")["leaflet"])
    points.append(
        Point(
            without == 0,
            f"{without} of {len(engaged)} people engaged were given no leaflet"
            if without
            else f"each of {len(engaged)} people engaged was given a leaflet",
            tuple((line,) for line in hours),
        )
    )
    return points
