"""Facts beside judged duties: the threshold floor against the policy's, and against a test that could have seen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.points import Point, any_of, each_of, lacking
from countersign.rulebook.conditions.registry import check


@check("uk.accuracy.threshold-floor")
def threshold_floor(look: Look) -> Sequence[Point]:
    """Every threshold at or over the policy's floor; a test at that threshold and list size, with its reach."""
    opened, policy, manifest = look.lines("opened"), look.current("policy"), look.current("manifest")
    if not opened:
        return (lacking("the threshold while live is not on the record"),)
    floors = {item["engine_version"]: Decimal(item["minimum"]) for line in policy for item in line("thresholds")}
    versions = {line("engine_version") for line in opened}
    changes = [line for line in look.lines("change") if line("what") == "threshold" and line("threshold") is not None]

    def over(line: Line) -> bool | None:
        known = [floors[version] for version in versions if version in floors]
        return None if len(known) < len(versions) else Decimal(line("threshold")) >= max(known)

    lowest = min(Decimal(line("threshold")) for line in (*opened, *changes))
    size = max((line("size") for line in manifest), default=None)
    tests = [line for line in look.lines("test_report") if line("engine_version") in versions]
    fitting = [
        line
        for line in tests
        if Decimal(line("threshold")) <= lowest and size is not None and line("list_size") >= size
    ]
    points = [
        each_of(
            (*opened, *changes),
            over,
            yes=f"the threshold was never under the policy's floor ({lowest})",
            beside=policy,
            no="the threshold was under the policy's floor",
            absent="the policy sets no floor for this engine version",
        ),
    ]
    if not fitting:
        wanted = f"no test of this engine version at or under {lowest}, at a list of {size or '?'} entries or more"
        return (*points, lacking(f"{wanted}, is on the record"))
    best = max(fitting, key=lambda line: (Decimal(line("threshold")), line.entry))
    told = (
        f"tested at {best('threshold')} with {best('list_size'):,} entries: {best('false_positives')} false positives "
        f"in {best('probes'):,} probes; the smallest difference it could have seen: "
        f"{best('smallest_difference') or 'not stated'}"
    )
    points.append(
        any_of(
            (best,), lambda line: None if line("smallest_difference") is None else True, yes=told, no="", absent=told
        )
    )
    return points
