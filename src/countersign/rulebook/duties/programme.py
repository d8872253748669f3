"""Checks of a programme's parties, tests, governance and registrations, which stand before any deployment.

Each function's name says the duty; its docstring what is compared. The sources stand in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.moments import day, moment
from countersign.rulebook.conditions.points import Point, any_of, has, holds_all, lacking, says
from countersign.rulebook.conditions.registry import check

#: DPA 2018 s.59(2)-(7).
CONTRACT_TERMS = (
    "documented-instructions", "confidentiality", "security", "subprocessors", "assistance", "deletion-or-return",
    "audit", "subject-matter-and-duration",
)  # fmt: skip
#: Regulation (EU) 2024/1689 art 27(1)(a)-(f).
FRIA_ELEMENTS = ("processes", "period-and-frequency", "groups", "harms", "oversight", "remedies")


@check("uk.dpa.s58-59.parties")
def parties(look: Look) -> Sequence[Point]:
    """Every joint controller under an arrangement; every processor under a contract with the terms, in date."""
    stated = look.current("controllers")
    if not stated:
        return (lacking("who the controllers and processors are is not on the record"),)
    opening = look.opening()
    if opening is None:
        return (lacking("no opening is on the record on which contracts should be in force"),)
    joint, contracts = look.lines("joint_arrangement"), look.lines("processor_contract")
    controllers = {body for line in stated for body in line("controllers")}
    processors = {body for line in stated for body in line("processors")}
    points = [Point(True, f"{len(controllers)} controllers and {len(processors)} processors are named", (stated,))]
    if len(controllers) > 1:
        covering = [line for line in joint if controllers <= set(line("controllers"))]
        points.append(
            any_of(
                covering,
                lambda line: moment(line("signed_at")) <= opening.at,
                yes="a joint arrangement names them all",
                no="the joint arrangement was signed after the opening",
                absent="no joint arrangement that names all controllers is on the record",
            )
        )
    for processor in sorted(processors):
        theirs = [line for line in contracts if line("processor") == processor]
        points.append(
            any_of(
                theirs[-1:],
                holds_all("terms", CONTRACT_TERMS),
                yes=f"the contract with {processor} has the terms",
                no=f"the contract with {processor} lacks statutory terms",
                absent=f"no contract with {processor} is on the record",
            )
        )
        points.append(
            any_of(
                theirs[-1:],
                lambda line: day(line("expires")) >= opening.at.date(),
                yes="it was in force",
                no=f"the contract with {processor} had run out",
                absent=f"no contract with {processor} is on the record",
            )
        )
        points.append(
            any_of(
                theirs[-1:],
                has("vetted_on"),
                yes="it was vetted",
                no="",
                absent=f"no vetting of {processor} is on the record",
            )
        )
    return points


@check("uk.accuracy.independent-test")
def independent_test(look: Look) -> Sequence[Point]:
    """A test of the very engine version in use, not by its supplier, before the opening, at operational settings."""
    opened, reports = look.lines("opened"), look.lines("test_report")
    if not opened:
        return (lacking("which engine version was in use is not on the record"),)
    versions = {(line("engine"), line("engine_version")) for line in opened}
    fitting = [line for line in reports if (line("engine"), line("engine_version")) in versions]
    if reports and not fitting:
        return (Point(False, "no test on the record is of the engine version in use", (tuple(reports),), opened),)
    opening = look.opening()
    assert opening is not None
    absent = "no independent test of the engine version in use is on the record"
    return (
        Point(True, "the engine version in use is known", (opened,)),
        any_of(
            fitting,
            says("tester_is_supplier", False),
            yes="the engine version in use was tested by another than its supplier",
            no="the engine version in use was tested by its supplier",
            absent=absent,
        ),
        any_of(
            fitting,
            lambda line: day(line("date")) <= opening.at.date(),
            yes="the test is dated before the opening",
            no="the test is dated after the opening",
            absent=absent,
        ),
        any_of(
            fitting,
            says("operational_settings", True),
            yes="at operational settings",
            no="the test was not at operational settings",
            absent=absent,
        ),
        any_of(
            fitting,
            holds_all("characteristics", ("race", "sex")),
            yes="with results by race and sex",
            no="the test has no results by race and sex",
            absent=absent,
        ),
    )


@check("uk.governance.sro")
def senior_owner(look: Look) -> Sequence[Point]:
    """A senior owner in post at the opening, and dated minutes of a board before it."""
    opening = look.opening()
    if opening is None:
        return (lacking("no opening is on the record on which an owner should be in post"),)
    owners, minutes = look.lines("sro"), look.lines("board_minutes")

    def in_post(line: Line) -> bool:
        until = line("until")
        return day(line("since")) <= opening.at.date() and (until is None or day(until) >= opening.at.date())

    posted = tuple(line for line in owners if in_post(line))
    dated = tuple(line for line in minutes if day(line("date")) <= opening.at.date())
    points = []
    if owners and not posted:
        points.append(Point(False, "no senior owner was in post at the opening", (owners,)))
    else:
        points.append(
            any_of(
                posted,
                has("rank"),
                yes="a senior owner was in post at the opening",
                no="",
                absent="no senior owner is on the record",
            )
        )
    points.append(
        any_of(
            dated,
            has("minutes"),
            yes=f"minutes of the board are dated before the opening ({len(dated)})",
            no="",
            absent="no minutes of a board dated before the opening are on the record",
        )
    )
    return points


@check("uk.atrs.record")
def transparency_record(look: Look) -> Sequence[Point]:
    """A public record at an address, brought up to date since the engine last changed."""
    atrs = look.current("atrs")
    opened = look.lines("opened")
    in_use = {line("engine_version") for line in opened}

    def current(line: Line) -> bool | None:
        changed = line.time("last_algorithm_change")
        if changed is None:
            return None
        return (line.time("updated_at") or moment(line("published_at"))) >= changed

    return (
        any_of(
            atrs,
            has("url"),
            yes="a transparency record has an address",
            no="",
            absent="no transparency record is on the record",
        ),
        any_of(
            atrs,
            current,
            yes="it was brought up to date since the engine last changed",
            no="it was not brought up to date since the engine last changed",
            absent="when the engine last changed is not stated beside it",
        ),
        any_of(
            atrs,
            lambda line: None if not in_use or line("engine_version") is None else in_use == {line("engine_version")},
            yes="it speaks of the version in use",
            no="it speaks of another version than the one in use",
            beside=opened,
            absent="which version it speaks of cannot be held against the one in use",
        ),
    )


@check("eu.aia.27.fria")
def fundamental_rights_assessment(look: Look) -> Sequence[Point]:
    """The six elements of article 27, finished before the authority."""
    fria, authority = look.current("fria"), look.lines("authority")
    signed = [line.time("signed_at") for line in authority]
    first = min((at for at in signed if at is not None), default=None)
    return (
        any_of(
            fria,
            lambda line: set(FRIA_ELEMENTS) <= {part["element"] for part in line("elements")},
            yes="it has the six elements",
            no="it lacks elements of article 27",
            absent="no fundamental rights impact assessment is on the record",
        ),
        any_of(
            fria,
            lambda line: None if first is None else day(line("date")) <= first.date(),
            yes="it was finished before use was authorised",
            no="it was finished after use was authorised",
            absent="it cannot be held against an authority",
            beside=authority,
        ),
    )


@check("eu.aia.49.registration")
def registration(look: Look) -> Sequence[Point]:
    """Registered before the opening; later only where urgency is stated."""
    registered, opening = look.current("eu_registration"), look.opening()
    if opening is None:
        return (lacking("no opening is on the record to measure registration from"),)

    def in_time(line: Line) -> bool | None:
        at = line.time("registered_at")
        if at is None or line("registration") is None:
            return None
        return at <= opening.at or line("urgency") is not None

    return (
        any_of(
            registered,
            in_time,
            yes="the system was registered before use, or urgently after it",
            no="the system was registered only after use, without stated urgency",
            beside=opening.lines,
            absent="no registration in the EU database is on the record",
        ),
    )
