"""Duties on the watchlist, by its manifest: counts of entries and the list's digest, never people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from countersign.rulebook.conditions.declare import (
    OPENING,
    Each,
    Paper,
    Part,
    Rule,
    among,
    before,
    check,
    conditions,
    declare,
    has,
    needs,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, hours, moment
from countersign.rulebook.conditions.results import SEALED, Condition, Test, earlier_in_log, lacking, one_by_one

#: A child is under this age (UNCRC art 1; SWP SOP v12).
ADULT = 18
NO_LIST = "no watchlist manifest is on the record"
MANIFEST = Paper("manifest", NO_LIST)


def adds_up(field: str, what: str) -> Rule:
    """That the counts of a breakdown add up to the list's size: each entry has exactly one."""

    def test(line: Line) -> bool | None:
        counts = line(field)
        return None if not counts else sum(item["count"] for item in counts) == line("size")

    yes = f"counts by {what} add up to the list's size"
    no = f"counts by {what} do not add up to the list's size"
    return that(test, yes=yes, no=no, absent=f"no counts by {what} are on the record")


def images(holds: Callable[[dict[str, int], int], bool | None], yes: str, no: str, unsaid: str = NO_LIST) -> Rule:
    """That the counts of images bear something out; ``holds`` takes them and the list's size."""
    return that(lambda line: holds(line("images"), line("size")), yes=yes, no=no, unsaid=unsaid)


def _checked(line: Line, name: str) -> tuple[int, str | None]:
    """How many entries were put to a check, and the moment of the oldest; ``None`` where it is not said of each."""
    counted = [item for item in line("by_check") if item["check"] == name]
    ages = [item.get("oldest") for item in counted]
    done = min((item["done"] for item in counted), default=0)
    return done, None if not ages or None in ages else min(str(age) for age in ages)


@check("uk.wl.category")
def categories(look: Look) -> Sequence[Part]:
    """Every category is one of the policy's with its subject type; every entry has one."""
    policy = look.current("policy")
    known = {(item["id"], item["subject_type"]) for line in policy for item in line("watchlist_categories")}

    def in_policy(line: Line) -> bool | None:
        listed = {(item["category"], item["subject_type"]) for item in line("by_category")}
        return listed <= known if known else None

    return (
        MANIFEST,
        that(
            in_policy,
            yes="every category is one of the policy's",
            no="the list holds a category or subject type that the policy does not have",
            unsaid="no policy with categories is on the record",
            beside=policy,
        ),
        adds_up("by_category", "category"),
    )


declare(
    "uk.wl.bespoke",
    MANIFEST,
    has("list", "built_at", "query", yes="built for this deployment by its own query"),
    that(
        lambda line: (
            None
            if line("carried_over") is None
            else line("digest") != line("before") and not 0 < line("size") <= line("carried_over")
        ),
        yes="it is not the list before",
        no="every entry was carried over from the list before",
        absent="how many entries were carried over is not on the record",
    ),
)


@check("uk.wl.built-within-24h")
def built_lately(look: Look) -> Sequence[Part]:
    """Built and imported no longer before the opening than the policy allows."""
    opening = look.opening()
    if opening is None:
        return [lacking("no opening is on the record to measure the list's age from")]
    allowed = look.figure("list-age-hours")
    span = f"the {allowed.value} hours before the opening ({allowed.source})"

    def fresh(field: str) -> Test:
        def test(line: Line) -> bool | None:
            at = line.time(field)
            return None if at is None else hours(0) <= opening.at - at <= hours(allowed.value)

        return test

    rules = (
        MANIFEST,
        that(
            fresh("built_at"),
            yes=f"the list was built within {allowed.value} hours of the opening ({allowed.source})",
            no=f"the list was not built within {span}",
            beside=allowed.lines,
        ),
        that(
            fresh("imported_at"),
            yes="and imported within them",
            no=f"the list was not imported within {span}",
            absent="when the list was imported is not on the record",
            beside=allowed.lines,
        ),
    )
    opened = (opening.lines,) if opening.lines else ()
    return [replace(condition, grounds=(*condition.grounds, *opened)) for condition in conditions(look, rules)]


@check("uk.wl.status-current")
def status_current(look: Look) -> Sequence[Part]:
    """Every entry's status checked, the oldest check no older than the policy allows at the opening."""
    opening = look.opening()
    if opening is None:
        return [lacking("no opening is on the record to measure status checks from")]
    allowed = look.figure("status-check-hours")

    def all_checked(line: Line) -> bool | None:
        done, oldest = _checked(line, "status")
        return None if oldest is None else done >= line("size")

    def fresh(line: Line) -> bool | None:
        oldest = _checked(line, "status")[1]
        return None if oldest is None else hours(0) <= opening.at - moment(oldest) <= hours(allowed.value)

    return (
        Paper("manifest", "no check of the status of each entry, with its oldest moment, is on the record"),
        that(all_checked, yes="each entry's status was checked", no="not every entry's status was checked"),
        that(
            fresh,
            yes=f"none longer than {allowed.value} hours before the opening ({allowed.source})",
            no=f"the oldest status check was not made in the {allowed.value} hours before the opening "
            f"({allowed.source})",
            beside=(*allowed.lines, *opening.lines),
        ),
        Each("status_check", "no second check of status is on the record"),
        has("source", yes="a second check of status was made"),
    )


declare(
    "uk.wl.image-lawful",
    MANIFEST,
    images(
        lambda counts, size: counts["with_legal_basis"] >= size,
        "each image has its legal basis recorded",
        "images without a recorded legal basis are on the list",
    ),
    images(
        lambda counts, _: counts["unconvicted_reviewed"] >= counts["unconvicted"],
        "retention was reviewed for each image of an unconvicted person",
        "images of unconvicted people were used without a review of their retention",
    ),
    adds_up("by_source", "source"),
)

EXCLUDED = frozenset({"passport", "driving-licence"})
declare(
    "uk.wl.third-party-images",
    MANIFEST,
    images(
        lambda counts, _: counts["not_police_approved"] >= counts["not_police"],
        "each image from outside police records was approved",
        "images from outside police records were used without approval",
    ),
    that(
        lambda line: not any(item["source"] in EXCLUDED and item["count"] for item in line("by_source")),
        yes="no passport or driving-licence image is counted",
        no="passport or driving-licence images are counted on the list",
    ),
    adds_up("by_source", "source"),
)


declare(
    "uk.wl.image-fit",
    MANIFEST,
    that(
        lambda line: (
            _checked(line, "identity")[0] >= line("size")
            if any(item["check"] == "identity" for item in line("by_check"))
            else None
        ),
        yes="each image was checked to be of the person intended",
        no="not every image was checked to be of the person intended",
        absent="no check of identity is counted on the record",
    ),
    images(
        lambda counts, _: None if counts.get("below_quality") is None else counts["below_quality"] == 0,
        "no image is below the measure of quality",
        "images below the measure of quality are on the list",
        "how many images are below the measure of quality is not on the record",
    ),
    adds_up("by_image_age", "age of image"),
    Paper("image_audit", "no audit of a sample is on the record"),
    that(
        lambda line: None if not line("sample") else line("wrong_person") == 0,
        yes="a sample was looked at and none was of another person",
        no="a sample found images of another person",
    ),
)


def _of_children(band: str) -> bool:
    """Whether nobody in an age band has come of age: by the last number of its name (``13-17``, ``under-16``)."""
    numbers = [int(number) for number in re.findall("[0-9]+", band)]
    if not numbers or "over" in band or "plus" in band:
        return False
    return numbers[-1] < ADULT or band == f"under-{ADULT}"


def _childrens_cases(line: Line) -> list[dict[str, str]]:
    """The entries open to this reader that are marked as a child's."""
    entries = [evidence.value for evidence in line.statement.get("sealed.entries[]")]
    return [entry for entry in entries if entry["child"]]


def _child_by_child(look: Look) -> Condition | Sequence[Part]:
    """What the manifest says of children, and the case for each, where it is open to this reader."""
    manifest = look.current("manifest")
    listed = max(line("children") for line in manifest)
    cases = [case for line in manifest for case in _childrens_cases(line)]
    unsaid = tuple(line for line in manifest if len(_childrens_cases(line)) > line("children"))
    if unsaid:
        return Condition(False, "more entries are marked as children's than the manifest counts", (unsaid,))
    if listed == 0:
        return MANIFEST, that(
            lambda line: not any(item["count"] for item in line("by_age_band") if _of_children(item["band"])),
            yes="no child is on the list",
            no="age bands count children that the manifest does not",
        )
    if len(cases) < listed:
        because = f"{listed} children are on the list, and {listed - len(cases)} of their cases are {SEALED}"
        return Condition(None, because, one_by_one(manifest))
    bare = sum(1 for case in cases if not case.get("justification"))
    because = f"each of {len(cases)} children has a recorded reason"
    if bare:
        because = f"{bare} of {len(cases)} children are on the list without a recorded reason"
    return Condition(bare == 0, because, (manifest,))


declare("uk.wl.children", needs(MANIFEST, NO_LIST), MANIFEST, adds_up("by_age_band", "age band"), _child_by_child)

declare(
    "uk.wl.vulnerable-response",
    MANIFEST,
    adds_up("by_response", "response"),
    that(
        lambda line: not any(item["response"] in ("none", "unknown") and item["count"] for item in line("by_response")),
        yes="no entry is without a response",
        no="entries without a response are on the list",
    ),
)


@check("uk.wl.entry-justified")
def entries_justified(look: Look) -> Sequence[Part]:
    """Reviewed before the opening; the statement covers the list's digest and each victim, witness and associate."""
    manifest = look.current("manifest")
    special = {
        line("digest"): sum(
            item["count"] for item in line("by_category") if item["subject_type"] in ("victim", "witness", "associate")
        )
        for line in manifest
    }
    return (
        MANIFEST,
        before("reviewed_at", OPENING, "each image was reviewed"),
        Paper("list_statement", "no signed statement on the list is on the record"),
        among(
            "digest", MANIFEST, "digest", yes="the statement covers this list", no="the statement is about another list"
        ),
        that(
            lambda line: (
                line("specific_justifications") >= special[line("digest")] if line("digest") in special else None
            ),
            yes="each victim, witness and associate has a justification of its own",
            no="victims, witnesses or associates lack a justification of their own",
            absent="justifications cannot be counted against the list",
            beside=manifest,
        ),
    )


@check("uk.wl.ao-approval")
def list_approved(look: Look) -> Sequence[Part]:
    """The digest approved is the digest loaded; every change after it approved, the last one's digest in use."""
    approvals, opened, changes = look.current("approval"), look.lines("opened"), look.lines("list_change")
    if not opened:
        return [lacking("which list was loaded is not on the record")]
    approved = {line("digest") for line in (*approvals, *changes)}
    same = {line("list_digest") for line in opened} <= approved
    because = f"the list loaded is {'' if same else 'not '}the list approved"
    if not approved:
        because = "no approved list is on the record to hold the list loaded against"
    live = tuple(line for line in look.lines("change") if line("what") == "list")
    unapproved = sum(1 for line in live if line("list_digest") not in approved)
    changed = f"{len(live)} changes of the list while live, each approved"
    if unapproved:
        changed = f"{unapproved} changes of the list while live were not approved"
    return (
        Paper("approval", "no approval of a list is on the record"),
        has("digest", yes="the officer approved a list by its digest"),
        Condition(same if approved else None, because, (approvals, opened)),
        Condition(not unapproved, changed, (live or opened,)),
        earlier_in_log(approvals, opened, "the approval", OPENING.name),
    )
