"""Duties of people and street: briefing, training, roles, the check before going live, notice, signs and leaflets.

What an observer saw stands beside what the force wrote: where an observer looked, the condition rests on the observer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from countersign.deployments.place import inside
from countersign.rulebook.conditions.declare import (
    OPENING,
    Each,
    Entries,
    Paper,
    Part,
    These,
    against,
    among,
    before,
    check,
    conditions,
    declare,
    holds_all,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, Moment, day, moment
from countersign.rulebook.conditions.results import SEALED, Condition, lacking
from countersign.rulebook.duties.alerts import leaflets

#: What a syllabus must teach, and what a briefing must speak about.
SYLLABUS = ("bias", "error-rates", "automation-bias", "accountability")
BRIEFED = (
    "objective",
    "categories",
    "responses",
    "limits-of-an-alert",
    "powers",
    "bias",
    "avoidance",
    "public-information",
)
ROLES = ("authorising-officer", "commander", "operator", "engagement-officer", "engineer", "recorder")
NO_ROSTER = "no roster is on the record"


def _people(line: Line) -> int:
    return sum(role["count"] for role in line("roles"))


@check("uk.training.certified")
def trained(look: Look) -> Sequence[Part]:
    """As many trained as on the roster, lasting past the opening, on a syllabus with the four topics."""
    training = look.lines("training")
    syllabi = {line("digest"): set(line("topics")) for line in training}
    return (
        Paper("roster", NO_ROSTER),
        that(
            lambda line: line("trained") >= _people(line),
            yes="everyone on the roster holds training",
            no="not everyone on the roster holds training",
        ),
        against(
            OPENING,
            lambda line, opening: day(line("training_lasts_until")) >= opening.date(),
            yes="lasting past the day",
            no="training had run out on the day",
            unsaid="no opening is on the record",
            beside=OPENING,
        ),
        that(
            lambda line: None if line("syllabus") not in syllabi else set(SYLLABUS) <= syllabi[line("syllabus")],
            yes="on bias, error rates, automation bias and accountability",
            no="the syllabus leaves out bias, error rates, automation bias or accountability",
            absent="the syllabus of the roster is not on the record",
            beside=training,
        ),
    )


def _two_people(line: Line) -> bool | None:
    """Whether operating and engaging are not left to one person."""
    people = [evidence.value for evidence in line.statement.get("sealed.persons[]")]
    if not people:
        return None
    operators = {item["person"] for item in people if "operator" in item["roles"]}
    engagers = {item["person"] for item in people if "engagement-officer" in item["roles"]}
    return bool(operators and engagers) and not (operators == engagers and len(operators) == 1)


@check("uk.brief.roles")
def roles(look: Look) -> Sequence[Part]:
    """The roles the policy asks for, each held; operators and engagement officers are not one person."""
    policy = look.current("policy")
    asked = {role for line in policy for role in line("roles_required") or ()} or set(ROLES)
    return (
        Paper("roster", NO_ROSTER),
        that(
            lambda line: asked <= {role["role"] for role in line("roles") if role["count"] > 0},
            yes="every role asked for is held",
            no="a role asked for is not held",
            beside=policy,
        ),
        that(
            _two_people,
            yes="no one person is both sole operator and sole engagement officer",
            no="one person is both sole operator and sole engagement officer",
            unsaid=f"who holds which role is {SEALED}",
        ),
    )


@check("uk.brief.content")
def briefing(look: Look) -> Sequence[Part]:
    """Before the opening, all topics, and as many attendees as the roster has people."""
    roster = look.current("roster")
    people = max((_people(line) for line in roster), default=None)
    return (
        Paper("briefing", "no briefing is on the record"),
        before("briefed_at", OPENING, "the briefing was held", strictly=True),
        holds_all("topics", BRIEFED, yes="on all topics", no="topics were left out"),
        that(
            lambda line: None if people is None else line("attendees") >= people,
            yes="with everyone of the roster",
            no="with fewer people than the roster has",
            unsaid="no roster is on the record to count attendees against",
            beside=roster,
        ),
    )


declare(
    "eu.aia.14-4.oversight",
    Paper("oversight", "no oversight is on the record"),
    that(lambda line: line("persons") >= 1, yes="overseers are named", no="nobody oversees"),
    before("stop_tested_at", OPENING, "stopping was tried"),
)


@check("uk.brief.precheck")
def precheck(look: Look) -> Sequence[Part]:
    """Before the opening: cameras, clock, threshold as opened, the list's count, and a known person recognised."""
    most = look.figure("clock-offset-maximum")
    return (
        Paper("precheck", "no check before going live is on the record"),
        before("checked_at", OPENING, "the system was checked", strictly=True),
        that(
            lambda line: line("cameras_working") == line("cameras") > 0,
            yes="all cameras worked",
            no="not all cameras worked",
        ),
        that(
            lambda line: abs(line("clock_offset_milliseconds")) <= most.value,
            yes="the clock was right",
            no=f"the clock was more than {most.value} milliseconds off",
            beside=most.lines,
        ),
        among(
            "loaded_count",
            Paper("manifest"),
            "size",
            yes="as many entries were loaded as the manifest has",
            no="another number of entries was loaded than the manifest has",
            unsaid="no manifest is on the record to count against",
        ),
        among(
            "threshold",
            Entries("opened"),
            "threshold",
            yes="the threshold checked is the one opened with",
            no="the threshold checked is not the one opened with",
            unsaid="the threshold opened with is not on the record",
        ),
        that(
            lambda line: None if line("known_passes") == 0 else 0 < line("known_alerts") <= line("known_passes"),
            yes="a known person was recognised",
            no="no known person was recognised",
            unsaid="no known person passed",
        ),
    )


@check("uk.open.advance-notice")
def advance_notice(look: Look) -> Sequence[Part]:
    """A notice before the opening; or an exemption for a critical threat, with its reasons sealed."""
    notice, exempt, opening = look.lines("notice"), look.lines("notice_exemption"), look.opening()
    if opening is None:
        return [lacking("no opening is on the record to measure notice from")]
    if notice:
        place = min((line.entry for line in opening.lines), default=None)
        entered = [line for line in notice if place is None or line.entry < place or line.independent]
        first = min(entered or notice, key=lambda line: moment(line("published_at")))
        in_time = before("published_at", OPENING, "the public was told", strictly=True)
        [told] = conditions(look, [These([first]), in_time])
        # A notice that came too late takes nothing from an exemption approved in time.
        if told.holds or not any(moment(line("approved_at")) < opening.at for line in exempt):
            return [told]
    return (
        These(exempt, "neither a notice nor an exemption is on the record"),
        that(
            lambda line: moment(line("approved_at")) < opening.at,
            yes="a critical threat was recorded instead of a notice",
            no="the exemption was approved only after the opening",
            beside=opening.lines,
        ),
    )


#: What an observer in the street says of signs where none stood before the zone.
_NONE_BEFORE = ("none", "inside-the-zone-only")


@check("uk.open.signage")
def signage(look: Look) -> Sequence[Part]:
    """A sign on every approach, outside the zone, placed before the opening; and what an observer found."""
    seen, opening = look.lines("observer_signs"), look.opening()
    if opening is None:
        return [lacking("no opening is on the record to measure signs from")]
    stated = conditions(look, _signs_stated(look, opening))
    if without := [line for line in look.lines("observer_sighting") if line("signs") in _NONE_BEFORE]:
        return (*stated, Condition(False, "an observer saw no sign before the zone", (tuple(without),)))
    if not seen:
        return stated
    # An observer who came after the opening cannot bear out that the signs stood there before it.
    early = tuple(line for line in seen if moment(line("seen_at")) <= opening.at)
    return (
        *(
            replace(condition, grounds=tuple((*group, *by) for group in condition.grounds))
            if condition.holds
            else condition
            for condition, by in zip(stated, (seen, early, seen), strict=True)
        ),
        These(seen),
        that(
            lambda line: line("signs") > 0 and line("approaches_without") == 0 and line("legible"),
            yes="an observer found a legible sign on every approach",
            no="an observer found an approach without a legible sign",
        ),
    )


def _signs_stated(look: Look, opening: Moment) -> Sequence[Part]:
    """What the force wrote of its signs: on every approach, before the opening, outside the zone."""
    notice = look.lines("notice")
    zones = [[(corner["x"], corner["y"]) for corner in line("zone")["points"]] for line in notice]

    def outside(line: Line) -> bool | None:
        places = [(sign["x"], sign["y"]) for sign in line("signs")]
        return not any(inside(place, zone) for place in places for zone in zones) if zones else None

    return (
        Paper("signage", "no signs are on the record"),
        that(
            lambda line: set(line("approaches")) <= {sign["approach"] for sign in line("signs")},
            yes="every approach has a sign",
            no="an approach has no sign",
        ),
        that(
            lambda line: all(moment(sign["placed_at"]) < opening.at for sign in line("signs")),
            yes="placed before the opening",
            no="a sign was placed only after the opening",
        ),
        that(
            outside,
            yes="outside the zone",
            no="a sign stands inside the zone",
            unsaid="no zone is on the record to place signs against",
            beside=notice,
        ),
    )


declare(
    "uk.open.street-information",
    Each("staffing", "no staffing is on the record"),
    that(
        lambda line: line("explaining") >= 1,
        yes="staff were there to explain",
        no="for a time nobody was there to explain",
    ),
    Paper("leaflet", "no leaflet is on the record"),
    holds_all(
        "holds",
        ("what-lfr-is", "why-stopped", "complaint-route"),
        yes="the leaflet says what, why and how to complain",
        no="the leaflet leaves out what, why or how to complain",
    ),
    leaflets,
)
