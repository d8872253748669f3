"""Judged duties: the question an independent reviewer answers, and how long the answer stands.

A judgement names the digests of the documents it was made on. It carries over to later deployments until one of the
digests it is bound to changes; then the duty is *not shown* again and the question is open. Where the reviewer is not
independent of the operational team, or a compiler copied the judgement in, it is only *stated*. Two reviewers who
differ: the duty is *not met* until it is settled.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.points import Point
from countersign.rulebook.conditions.registry import CHECKS


def bound_digests(look: Look, duty: Duty) -> tuple[frozenset[str], tuple[Line, ...]]:
    """The digests a judgement of this duty must name, from the latest versions on the record, and their lines."""
    digests: set[str] = set()
    lines: list[Line] = []
    for path in duty.binds:
        noun, _, field = path.partition(".")
        for line in look.current(noun):
            if (found := line(field)) is not None:
                digests.add(found)
                lines.append(line)
    return frozenset(digests), tuple(lines)


def judged_points(look: Look, duty: Duty) -> tuple[list[Point], tuple[str, ...]]:
    """The points of a judged duty, and the question if it is still open."""
    digests, lines = bound_digests(look, duty)
    asked = (duty.question,)
    nouns = ", ".join(sorted({path.partition(".")[0].replace("_", " ") for path in duty.binds}))
    against = [line for line in look.lines("judgement") if line("duty") == duty.id and line("result") == "not-met"]
    if not digests and against:
        # A reviewer (or a court) said so; that the papers it was judged on are kept back cannot better it.
        return [_verdict(line) for line in against], ()
    if not digests:
        return [Point(None, f"what a reviewer would judge ({nouns}) is not on the record")], asked
    latest: dict[str, Line] = {}
    for line in sorted(look.lines("judgement"), key=lambda line: (line.statement.at, line.entry)):
        if line("duty") == duty.id:
            latest[line.statement.key] = line
    standing = [line for line in latest.values() if digests <= set(line("documents"))]
    if not standing:
        if latest:
            return [Point(None, f"the {nouns} changed since it was judged, so it has to be judged again",
                          (tuple(latest.values()),))], asked  # fmt: skip
        return [Point(None, f"no independent reviewer has judged it: {duty.question}", (lines,))], asked
    return [_verdict(line) for line in standing], ()


def _verdict(line: Line) -> Point:
    apart = "operational-team" in line("independent_of")
    if line("result") == "not-met":
        return Point(False, "a reviewer judged it not met", ((line,),))
    said = "a reviewer judged it met" if apart else "a reviewer from the operational team judged it met"
    return Point(True, said, ((line,),) if apart else (), (line,))


def points_of(look: Look, duty: Duty) -> tuple[Sequence[Point], tuple[str, ...]]:
    """The judgement's points, and those of the facts that a judged duty can be held to besides."""
    points, asked = judged_points(look, duty)
    beside = CHECKS.get(duty.id)
    return [*points, *(beside(look) if beside is not None else ())], asked
