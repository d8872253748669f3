"""Write the result of every duty over every case of the rulebook's tests, or say which differ from an earlier list.

Run it before and after a change of the rulebook that should change no result:

    python tools/duty_results.py before.txt
    python tools/duty_results.py --against before.txt

A line is ``DUTY CASE OUTCOME ENTRIES SUPPLIERS: SENTENCE [questions left open]``. Each case is a made-up record
(``tests/rulebook/good.py``) with a change: those of ``tests/rulebook/cases.py``, every kind of entry left out, every
field left out or altered, as told by the force, by an observer and by an outside body. Each is asked of the duties
that read what was changed. With ``--against`` the exit code is 1 if a line differs.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.rulebook.cases import CASES, CONTRADICTED, add, cut, put  # noqa: E402
from tests.rulebook.good import AS_AT, NONE_OF, Change, Facts, Sealed, facts, view  # noqa: E402
from tests.rulebook.test_attested import attested  # noqa: E402

from countersign.deployments.view import View  # noqa: E402
from countersign.errors import CountersignError  # noqa: E402
from countersign.rulebook.catalogue import DUTIES  # noqa: E402
from countersign.rulebook.duties import answer  # noqa: E402

AT = datetime.datetime.fromisoformat(AS_AT)
#: Who says it, and in which role.
SAID_BY: dict[str, dict[str, Any]] = {
    "force": {},
    "reviewer": {"supplied_by": "outside", "role": "reviewer"},
    "compiler": {"supplied_by": "outside", "role": "compiler"},
    "public": {"only_public": True},
}  # fmt: skip
MOMENTS = ("2026-02-15T09:00:00Z", "2026-03-01T09:59:59Z", "2026-03-01T10:00:00Z", "2026-03-02T14:00:01Z")


def altered(value: Any) -> Iterator[Any]:
    """Other values a field might hold in place of this one."""
    match value:
        case bool():
            yield not value
        case int():
            yield from (0, value + 1, value + 1000)
        case list():
            yield from ([], value[:1], value[1:])
        case str() if value[:3] == "202" and value.endswith("Z") and len(value) == len(MOMENTS[0]):
            yield from MOMENTS
        case str() if value[:3] == "202" and len(value) == len("2026-03-01"):
            yield from (moment[:10] for moment in MOMENTS)
        case str() if value.replace(".", "", 1).isdigit():
            yield from ("0", "1000")
        case str():
            yield "another"
        case Mapping():
            for name, part in value.items():
                yield {other: held for other, held in value.items() if other != name}
                yield from ({**value, name: changed} for changed in altered(part))


def twice(noun: str, **values: Any) -> Change:
    """A second account of the first statement of a noun, an observer's, that says otherwise."""

    def change(stated: Facts, _: Sealed) -> None:
        if stated[noun]:
            stated[noun].append({**stated[noun][0], **values, "_by": "observer", "_role": "observer"})

    return change


def changes() -> Iterator[tuple[str, str, tuple[Change, ...], dict[str, Any]]]:
    """Each case: its name, the duty or noun it is about (empty: all), its changes and what ``view`` is told besides."""
    for identifier, case in CASES.items():
        yield f"{identifier}/wrong", "", (case.wrong,), {}
        yield f"{identifier}/gone", "", (), {"without": case.gone.split()}
        for number, (change, _) in enumerate(case.edge):
            yield f"{identifier}/edge-{number}", "", (change,), {}
    for identifier, change in CONTRADICTED.items():
        yield f"{identifier}/contradicted", "", (attested(identifier), change), {}
    for identifier in DUTIES:
        yield f"{identifier}/attested", identifier, (attested(identifier),), {}
    yield "unchanged", "", (), {}
    yield "all kinds", "", tuple(add(noun) for noun in sorted(NONE_OF)), {}
    stated = facts()
    for noun in stated:
        yield f"{noun}/none", noun, (), {"without": [noun]}
        yield f"{noun}/one more", noun, (add(noun),), {}
        fields = stated[noun][0] if stated[noun] else {}
        for field, value in fields.items():
            yield f"{noun}.{field}/none", noun, (cut(noun, field),), {}
            for number, other in enumerate(altered(value)):
                yield f"{noun}.{field}/{number}", noun, (put(noun, **{field: other}),), {}
                yield f"{noun}.{field}/{number} by an observer", noun, (twice(noun, **{field: other}),), {}


def lines(identifier: str, name: str, shown: View, supposed: datetime.datetime | None = None) -> str:
    """The line of one duty over one case."""
    try:
        result = answer(DUTIES[identifier], shown, as_at=AT, supposed=supposed)
    except (CountersignError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        # A changed record need not be of the schemas' form: then the way it fails is compared.
        return f"{identifier} {name} {type(error).__name__}"
    return (
        f"{identifier} {name} {result.outcome} {list(result.entries)} {list(result.supplied_by)}: "
        f"{result.because} {list(result.asked)}"
    )


def results() -> Iterator[str]:
    """Every line."""
    readers: dict[str, list[str]] = {}
    for duty in DUTIES.values():
        for noun in {path.partition(".")[0] for path in duty.evidence}:
            readers.setdefault(noun, []).append(duty.id)
    for name, about, changed, options in changes():
        asked = [about] if about in DUTIES else readers.get(about, []) if about else list(DUTIES)
        told = SAID_BY if not about or name.endswith(("none", "attested")) else {"force": {}}
        for by, said in told.items():
            shown = view(*changed, **options, **said)
            for identifier in asked:
                yield lines(identifier, f"{name} by {by}", shown)
    for noun in ("opened", "opened hour cancellation", "manifest", "authority", "signage notice"):
        shown = view(without=["opened", *noun.split()])
        for identifier in DUTIES:
            for supposed in MOMENTS:
                at = datetime.datetime.fromisoformat(supposed)
                yield lines(identifier, f"supposed {supposed} without {noun}", shown, at)


def main() -> int:
    """Write the list, or compare with one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", nargs="?", type=Path, help="the file to write")
    parser.add_argument("--against", type=Path, help="an earlier list to compare with")
    options = parser.parse_args()
    found = list(results())
    if options.output is not None:
        options.output.write_text("\n".join(found) + "\n", encoding="utf-8")
    print(f"{len(found)} results, SHA-256 {hashlib.sha256(chr(10).join(found).encode()).hexdigest()}")
    if options.against is None:
        return 0
    earlier = options.against.read_text(encoding="utf-8").splitlines()
    differing = sorted(set(found).symmetric_difference(earlier))
    for line in differing[:40]:
        print("now   " if line in set(found) else "before", line)
    print(f"{len(differing)} lines differ" if differing else "the same")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
