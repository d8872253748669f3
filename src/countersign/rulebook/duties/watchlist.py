"""Checks of the watchlist, on its manifest: counts of entries and the list's digest, never people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.moments import hours, moment
from countersign.rulebook.conditions.points import Point, Test, any_of, each_of, earlier_in_log, has, lacking
from countersign.rulebook.conditions.registry import check

#: A child is under this age (UNCRC art 1; SWP SOP v12).
ADULT = 18
NO_LIST = "no watchlist manifest is on the record"


def _adds_up(field: str) -> Test:
    """That the counts of a breakdown add up to the list's size, none negative: each entry has exactly one."""

    def test(line: Line) -> bool | None:
        counts = line(field)
        return None if not counts else sum(item["count"] for item in counts) == line("size")

    return test


def _whole(look: Look, field: str, what: str) -> Point:
    return any_of(
        look.current("manifest"),
        _adds_up(field),
        yes=f"counts by {what} add up to the list's size",
        no=f"counts by {what} do not add up to the list's size",
        absent=f"no counts by {what} are on the record",
    )


def _images(look: Look, holds: Callable[[dict[str, int], int], bool | None], yes: str, no: str, absent: str) -> Point:
    return any_of(
        look.current("manifest"),
        lambda line: holds(line("images"), line("size")),
        yes=yes,
        no=no,
        absent=NO_LIST if not look.current("manifest") else absent,
    )


def _oldest(line: Line, names: frozenset[str]) -> tuple[int, str | None]:
    found = [item for item in line("by_check") if item["check"] in names]
    ages = [item.get("oldest") for item in found]
    done = min((item["done"] for item in found), default=0)
    return done, None if not ages or None in ages else min(str(age) for age in ages)


@check("uk.wl.category")
def category(look: Look) -> Sequence[Point]:
    """Every category is one of the policy's with its subject type; every entry has one."""
    policy = look.current("policy")
    known = {(item["id"], item["subject_type"]) for line in policy for item in line("watchlist_categories")}

    def in_policy(line: Line) -> bool | None:
        found = {(item["category"], item["subject_type"]) for item in line("by_category")}
        return found <= known if known else None

    return (
        any_of(
            look.current("manifest"),
            in_policy,
            yes="every category is one of the policy's",
            no="the list holds a category or subject type that the policy does not have",
            beside=policy,
            absent=NO_LIST if not look.current("manifest") else "no policy with categories is on the record",
        ),
        _whole(look, "by_category", "category"),
    )


@check("uk.wl.bespoke")
def bespoke(look: Look) -> Sequence[Point]:
    """Its own list and query; not all of it carried over, nor the digest of the list before."""
    return (
        any_of(
            look.current("manifest"),
            has("list", "built_at", "query"),
            yes="built for this deployment by its own query",
            no="",
            absent=NO_LIST,
        ),
        any_of(
            look.current("manifest"),
            lambda line: (
                None
                if line("carried_over") is None
                else line("digest") != line("before") and (line("size") == 0 or line("carried_over") < line("size"))
            ),
            yes="it is not the list before",
            no="every entry was carried over from the list before",
            absent="how many entries were carried over is not on the record",
        ),
    )


@check("uk.wl.built-within-24h")
def built_lately(look: Look) -> Sequence[Point]:
    """Built and imported no longer before the opening than the policy allows."""
    manifest, opening = look.current("manifest"), look.opening()
    if opening is None:
        return (lacking("no opening is on the record to measure the list's age from"),)
    measure = look.figure("list-age-hours")
    allowed, source, rule = measure.value, measure.source, measure.lines

    def fresh(field: str) -> Test:
        def test(line: Line) -> bool | None:
            at = line.time(field)
            return None if at is None else hours(0) <= opening.at - at <= hours(allowed)

        return test

    return tuple(
        Point(
            point.holds,
            point.because,
            (*point.grounds, opening.lines) if opening.lines else point.grounds,
            point.beside,
        )
        for point in (
            any_of(
                manifest,
                fresh("built_at"),
                yes=f"the list was built within {allowed} hours of the opening ({source})",
                no=f"the list was not built within the {allowed} hours before the opening ({source})",
                absent=NO_LIST,
                beside=rule,
            ),
            any_of(
                manifest,
                fresh("imported_at"),
                yes="and imported within them",
                no=f"the list was not imported within the {allowed} hours before the opening ({source})",
                beside=rule,
                absent="when the list was imported is not on the record",
            ),
        )
    )


@check("uk.wl.status-current")
def status_current(look: Look) -> Sequence[Point]:
    """Every entry's status checked, the oldest check no older than the policy allows at the opening."""
    manifest, opening = look.current("manifest"), look.opening()
    if opening is None:
        return (lacking("no opening is on the record to measure status checks from"),)
    measure = look.figure("status-check-hours")
    allowed, source, rule = measure.value, measure.source, measure.lines
    names = frozenset({"status"})

    def all_checked(line: Line) -> bool | None:
        done, oldest = _oldest(line, names)
        return None if oldest is None else done >= line("size")

    def fresh(line: Line) -> bool | None:
        _, oldest = _oldest(line, names)
        return None if oldest is None else hours(0) <= opening.at - moment(oldest) <= hours(allowed)

    absent = "no check of the status of each entry, with its oldest moment, is on the record"
    return (
        any_of(
            manifest,
            all_checked,
            yes="each entry's status was checked",
            no="not every entry's status was checked",
            absent=absent,
        ),
        any_of(
            manifest,
            fresh,
            yes=f"none longer than {allowed} hours before the opening ({source})",
            absent=absent,
            no=f"the oldest status check was not made in the {allowed} hours before the opening ({source})",
            beside=(*rule, *opening.lines),
        ),
        each_of(
            look.lines("status_check"),
            has("source"),
            yes="a second check of status was made",
            no="",
            absent="no second check of status is on the record",
        ),
    )


@check("uk.wl.image-lawful")
def images_lawful(look: Look) -> Sequence[Point]:
    """A legal basis for each image; retention reviewed for each unconvicted person's."""
    return (
        _images(
            look,
            lambda images, size: images["with_legal_basis"] >= size,
            "each image has its legal basis recorded",
            "images without a recorded legal basis are on the list",
            NO_LIST,
        ),
        _images(
            look,
            lambda images, _: images["unconvicted_reviewed"] >= images["unconvicted"],
            "retention was reviewed for each image of an unconvicted person",
            "images of unconvicted people were used without a review of their retention",
            NO_LIST,
        ),
        _whole(look, "by_source", "source"),
    )


@check("uk.wl.third-party-images")
def images_of_others(look: Look) -> Sequence[Point]:
    """Each image from outside police records approved; none from passports or driving licences."""
    excluded = {"passport", "driving-licence"}
    return (
        _images(
            look,
            lambda images, _: images["not_police_approved"] >= images["not_police"],
            "each image from outside police records was approved",
            "images from outside police records were used without approval",
            NO_LIST,
        ),
        any_of(
            look.current("manifest"),
            lambda line: not any(item["source"] in excluded and item["count"] for item in line("by_source")),
            yes="no passport or driving-licence image is counted",
            absent=NO_LIST,
            no="passport or driving-licence images are counted on the list",
        ),
        _whole(look, "by_source", "source"),
    )


@check("uk.wl.image-fit")
def images_fit(look: Look) -> Sequence[Point]:
    """Identity of each image checked, age banded, quality measured; a sample drawn and looked at."""
    names = frozenset({"identity"})

    def identified(line: Line) -> bool | None:
        done = _oldest(line, names)[0]
        return None if not any(item["check"] in names for item in line("by_check")) else done >= line("size")

    return (
        any_of(
            look.current("manifest"),
            identified,
            yes="each image was checked to be of the person intended",
            no="not every image was checked to be of the person intended",
            absent="no check of identity is counted on the record",
        ),
        _images(
            look,
            lambda images, _: None if images.get("below_quality") is None else images["below_quality"] == 0,
            "no image is below the measure of quality",
            "images below the measure of quality are on the list",
            "how many images are below the measure of quality is not on the record",
        ),
        _whole(look, "by_image_age", "age of image"),
        any_of(
            look.current("image_audit"),
            lambda line: None if not line("sample") else line("wrong_person") == 0,
            yes="a sample was looked at and none was of another person",
            no="a sample found images of another person",
            absent="no audit of a sample is on the record",
        ),
    )


def _of_children(band: str) -> bool:
    """Whether nobody in an age band has come of age: by the last number of its name (``13-17``, ``under-16``)."""
    numbers = [int(number) for number in re.findall("[0-9]+", band)]
    if not numbers or "over" in band or "plus" in band:
        return False
    return numbers[-1] < ADULT or band == f"under-{ADULT}"


def _marked(line: Line) -> int:
    """How many entries open to this reader are marked as a child's."""
    return sum(1 for evidence in line.statement.get("sealed.entries[]") if evidence.value["child"])


@check("uk.wl.children")
def children(look: Look) -> Sequence[Point]:
    """Counts by age band; where children are listed, a case for each, open to this reader."""
    manifest = look.current("manifest")
    if not manifest:
        return (lacking(NO_LIST),)
    young = max(line("children") for line in manifest)
    bands = _whole(look, "by_age_band", "age band")
    cases = [
        evidence.value
        for line in manifest
        for evidence in line.statement.get("sealed.entries[]")
        if evidence.value["child"]
    ]
    unsaid = [line for line in manifest if _marked(line) > line("children")]
    if unsaid:
        told = "more entries are marked as children's than the manifest counts"
        return (bands, Point(False, told, (tuple(unsaid),)))
    if young == 0:
        agreed = any_of(
            manifest,
            lambda line: not any(item["count"] for item in line("by_age_band") if _of_children(item["band"])),
            yes="no child is on the list",
            no="age bands count children that the manifest does not",
            absent=NO_LIST,
        )
        return (bands, agreed)
    if len(cases) < young:
        return (
            bands,
            lacking(f"{young} children are on the list and {len(cases)} of their cases are open to this reader"),
        )
    bare = sum(1 for case in cases if not case.get("justification"))
    return (
        bands,
        Point(
            bare == 0,
            f"{bare} of {len(cases)} children are on the list without a recorded reason"
            if bare
            else f"each of {len(cases)} children has a recorded reason",
            (manifest,),
        ),
    )


@check("uk.wl.vulnerable-response")
def response(look: Look) -> Sequence[Point]:
    """A predefined response for each entry."""
    return (
        _whole(look, "by_response", "response"),
        any_of(
            look.current("manifest"),
            lambda line: (
                not any(item["response"] in ("none", "unknown") and item["count"] for item in line("by_response"))
            ),
            yes="no entry is without a response",
            no="entries without a response are on the list",
            absent=NO_LIST,
        ),
    )


@check("uk.wl.ao-approval")
def list_approved(look: Look) -> Sequence[Point]:
    """The digest approved is the digest loaded; every change after it approved, the last one's digest in use."""
    approvals, opened, changes = look.current("approval"), look.lines("opened"), look.lines("list_change")
    if not opened:
        return (lacking("which list was loaded is not on the record"),)
    loaded = {line("list_digest") for line in opened}
    approved = {line("digest") for line in approvals} | {line("digest") for line in changes}
    points = [
        any_of(
            approvals,
            has("digest"),
            yes="the officer approved a list by its digest",
            no="",
            absent="no approval of a list is on the record",
        ),
        Point(
            None if not approved else loaded <= approved,
            "the list loaded is the list approved"
            if loaded <= approved
            else "the list loaded is not the list approved"
            if approved
            else "no approved list is on the record to hold the list loaded against",
            (approvals, opened),
        ),
    ]
    live = [line for line in look.lines("change") if line("what") == "list"]
    unapproved = [line for line in live if line("list_digest") not in approved]
    points.append(
        Point(
            not unapproved,
            f"{len(live)} changes of the list while live, each approved"
            if not unapproved
            else f"{len(unapproved)} changes of the list while live were not approved",
            (opened,) if not live else (tuple(live),),
        )
    )
    points.append(earlier_in_log(approvals, opened, "the approval", "the opening"))
    return points
