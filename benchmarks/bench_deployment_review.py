"""The review of one deployment, whole process: a bundle with 10,000 alerts laid open, verified and reviewed as JSON.

The bundle is the shipped case done well with its hours filled: 12 hours of 834 alerts each, two decisions an alert.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.harness import Report, loads, median_seconds, process
from countersign.reviews.deployment.cases import BuiltCase, Case, CaseEntry, build, parse_case
from countersign.reviews.options import path_of

HOURS, ALERTS = 12, 834
COMMAND = (sys.executable, "-m", "countersign")


def run(report: Report) -> None:
    """Time `countersign review` on the bundle, which verifies it first, and on a case from papers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = many_alerts()
        bundle, policy = folder / "d-1.bundle", folder / "trust.policy"
        bundle.write_bytes(built.bundle.render())
        policy.write_bytes(built.policy.render())
        trusting = ["--policy", str(policy)]
        size = bundle.stat().st_size / 1e6
        lines, contents = bundle.read_bytes().splitlines(), [one.content for one in built.bundle.openings]
        plain = median_seconds(loads([*lines, *contents]), runs=3)
        out = [*trusting, "--format", "json", "--out", str(folder / "out")]
        seconds, megabytes = process([*COMMAND, "review", str(bundle), *out], runs=3)
        report.ratio(
            f"verify and review a bundle of {size:.0f} MB, 10,008 alerts, JSON", seconds, plain,
            "json.loads of its lines and of the contents opened in them", at_most=12, peer=f"peak {megabytes:.0f} MB",
        )  # fmt: skip
        out = ["--format", "json", "--out", str(folder / "out")]
        seconds, _ = process([*COMMAND, "review", "shipped:bridges-2017-12-21", *out], runs=3)
        report.figure("review of a case from papers, JSON", seconds, "s")


def many_alerts() -> BuiltCase:
    """The case done well with its hours filled."""
    data = path_of("shipped:invented-well").read_bytes()
    case = parse_case(data)
    hours = [one for one in case.entry if one.kind == "live.hour"]
    alert = hours[0].sealed["alerts"][0]
    others = [one for one in case.entry if one.kind != "live.hour"]
    place = next(number for number, one in enumerate(others) if one.kind == "close.cancellation")
    made = [_hour(hours[0], alert, number) for number in range(HOURS)]
    full: Case = msgspec.structs.replace(case, entry=[*others[:place], *made, *others[place:]])
    return build(full, "d-1", data)


def _hour(one: CaseEntry, alert: dict[str, object], number: int) -> CaseEntry:
    stamp = f"2026-03-01T{number + 6:02d}Z"
    facts = {**one.facts, "hour": stamp, "alerts": ALERTS}
    alerts = []
    for ordinal in range(ALERTS):
        changed = copy.deepcopy(alert)
        changed["ordinal"] = ordinal
        alerts.append(changed)
    return msgspec.structs.replace(one, facts=facts, sealed={"alerts": alerts}, name=f"hour-{number + 1}")


if __name__ == "__main__":
    run(Report())
