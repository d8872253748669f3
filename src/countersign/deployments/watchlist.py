"""The watchlist's manifest from a list's file: counts in public, each entry sealed, no person anywhere.

The file (CSV, one row an entry) says of each entry only category, kind of subject, bands, checks, flags and response. A
file with another column is refused whole by that column, and one with what marks a person by its cell's place; nothing
of it is kept or shown. Totals are public because the authority answers for them. The list's digest is that of the list
as the engine loads it: this file's own could be guessed from the totals where the list is short.

>>> table = read_list("category,subject_type,name\\nwanted,wanted,A B\\n")
Traceback (most recent call last):
    ...
countersign.deployments.watchlist.ListColumnsForbidden: line 1: column 3 (a name?) is not one a manifest may see
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from countersign.deployments.clock import LocalTimeWrong, utc_of
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.refusals import NotTheSame
from countersign.errors import CountersignError, WrongForm
from countersign.record.entries.canonical import Value

KIND = "authorise.manifest"
LABEL = "entries"
MOST_ENTRIES = 1_000_000
#: A column of categories or bands with more values than this would single entries out.
MOST_VALUES = 24
_BANDED = ("category", "subject_type", "seriousness", "source", "image_age", "age_band", "response")
NEEDED = (*_BANDED[:-1], "child", "vulnerable", _BANDED[-1])
OPTIONAL = (
    "legal_basis",
    "quality",
    "status_source",
    "urgency",
    "conviction",
    "retention_reviewed",
    "reason_code",
    "justification",
    "source_approved",
    "carried_over",
)
#: Totals by category and band, and all totals that entries sealed with them must come to.
TOTALS = ("by_category", "by_seriousness", "by_source", "by_image_age", "by_response", "by_age_band")
_COUNTED = ("size", *TOTALS, "children", "vulnerable")
#: A column ``check_status`` holds the time of the check named ``status``.
CHECK = "check_"
_TRUE, _FALSE = "yes", "no"
_FLAGS = frozenset({"child", "vulnerable", "retention_reviewed", "source_approved", "carried_over"})
#: Words by which a forbidden column gives itself away; the message can then say which it was.
_TELLING = {
    "an image": ("image", "photo", "picture", "face"),
    "a template": ("template",),
    "an embedding": ("embedding", "vector"),
    "a name": ("name", "surname", "forename", "alias"),
    "a date of birth": ("dob", "birth", "born"),
    "a reference number": ("reference", "nominal", "pnc", "custody_number", "id"),
    "an address": ("address",),
}


class ListColumnsForbidden(
    WrongForm,
    code="watchlist-columns-forbidden",
    next_step="Take the column out at the source and export again; nothing of the file was kept.",
):
    """A list's file has a column that a manifest must not see."""


class ListMalformed(
    WrongForm,
    code="watchlist-malformed",
    next_step="Correct the row and column named (docs/formats/deployment-watchlist.md); nothing of it was kept.",
):
    """A row of a list's file is not of its form."""


class Listing(NamedTuple):
    """A list as read: its entries, each of the form that is sealed, and how many were on the list before (if said)."""

    entries: tuple[dict[str, Any], ...]
    carried_over: int | None = None


def read_list(text: str, renamed: Callable[[list[list[str]]], list[list[str]]] | None = None) -> Listing:
    """The entries of a list's file; ``renamed`` gives its rows, header first, under the names of a manifest. Raises
    ``ListColumnsForbidden`` or ``ListMalformed``; quotes no cell."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ListMalformed(f"not a CSV file: {error}") from None
    if not rows or len(rows) < 2:
        raise ListMalformed("the list has no header or no entry")
    rows = rows if renamed is None else renamed(rows)
    header = rows[0]
    _check_header(header)
    if len(rows) - 1 > MOST_ENTRIES:
        raise ListMalformed(f"the list has more than {MOST_ENTRIES:,} entries")
    entries = tuple(_entry(header, cells, line) for line, cells in enumerate(rows[1:], 2))
    # Whether an entry was on the list before is counted, and not kept with it: two lists could be joined by it.
    carried = [one.pop("carried_over", False) for one in entries]
    _check_values(header, entries)
    return Listing(entries, sum(carried) if "carried_over" in header else None)


def manifest_facts(
    listing: Listing, given: Mapping[str, Value], quality_minimum: Decimal | None = None
) -> dict[str, Any]:
    """The public facts of ``authorise.manifest``: the totals of a list, and what is ``given`` besides.

    ``given`` are ``list``, ``digest``, ``built_at``, ``expires_at``, ``query`` and the optional fields that no total
    gives. ``quality_minimum``: the policy's least quality of an image; where it sets one and the list states each
    image's, those below are counted. The result is held to its schema when it is entered.
    """
    entries = listing.entries
    categories = Counter((one["category"], one["subject_type"]) for one in entries)
    below = {} if quality_minimum is None else _below(entries, quality_minimum)
    carried = {} if listing.carried_over is None else {"carried_over": listing.carried_over}
    return {
        **given,
        **carried,
        "size": len(entries),
        "by_category": [
            {"category": category, "subject_type": subject, "count": count}
            for (category, subject), count in sorted(categories.items())
        ],
        "by_seriousness": _totals(entries, "seriousness", "band"),
        "by_source": _totals(entries, "source", "source"),
        "by_image_age": _totals(entries, "image_age", "band"),
        "by_response": _totals(entries, "response", "response"),
        "by_age_band": _totals(entries, "age_band", "band"),
        "by_check": _checks(entries),
        "children": _count(entries, lambda one: one["child"]),
        "vulnerable": _count(entries, lambda one: one["vulnerable"]),
        "images": {
            "with_legal_basis": _count(entries, lambda one: "legal_basis" in one),
            "not_police": _count(entries, lambda one: "source_approved" in one),
            "not_police_approved": _count(entries, lambda one: one.get("source_approved", False)),
            "unconvicted": _count(entries, lambda one: one.get("conviction") == "unconvicted"),
            "unconvicted_reviewed": _count(
                entries, lambda one: one.get("conviction") == "unconvicted" and one.get("retention_reviewed", False)
            ),
            **below,
        },
    }


def check_totals(facts: Mapping[str, Any], entries: Sequence[dict[str, Any]]) -> None:
    """Hold the totals made public to the entries sealed with them. Raises ``NotTheSame``."""
    counted = manifest_facts(Listing(tuple(entries)), {})
    for name in _COUNTED:
        if facts[name] != counted[name] and _sorted(facts[name]) != _sorted(counted[name]):
            raise NotTheSame(f"{KIND}: {name} is not what the {len(entries)} entries sealed come to")


def _sorted(total: Any) -> Any:
    return sorted(total, key=str) if isinstance(total, list) else total


def _check_header(header: Sequence[str]) -> None:
    for number, name in enumerate(header, 1):
        known = name in NEEDED or name in OPTIONAL or (name.startswith(CHECK) and name[len(CHECK) :].isalpha())
        if known:
            continue
        words = {name.lower(), *name.lower().replace(" ", "_").split("_")}
        what = next((meaning for meaning, marks in _TELLING.items() if words & set(marks)), None)
        looks = f" ({what}?)" if what else ""
        raise ListColumnsForbidden(f"line 1: column {number}{looks} is not one a manifest may see")
    if len(set(header)) != len(header):
        raise ListMalformed("line 1: a column stands twice")
    if missing := [name for name in NEEDED if name not in header]:
        raise ListMalformed(f"line 1: {', '.join(missing)} is missing")


def _check_values(header: Sequence[str], entries: Sequence[Mapping[str, Any]]) -> None:
    for number, name in enumerate(header, 1):
        if name in _BANDED and (kinds := len({one[name] for one in entries})) > MOST_VALUES:
            raise ListMalformed(f"column {number} ({name}) has {kinds} different values, not {MOST_VALUES} at most")


def _entry(header: Sequence[str], cells: Sequence[str], line: int) -> dict[str, Any]:
    if len(cells) != len(header):
        raise ListMalformed(f"line {line}: {len(cells)} cells, {len(header)} columns")
    entry: dict[str, Any] = {"checks": []}
    for number, (name, cell) in enumerate(zip(header, cells, strict=True), 1):
        if name.startswith(CHECK):
            if cell:
                entry["checks"].append({"check": name[len(CHECK) :], "at": _moment(cell, line, number, name)})
        elif name in _FLAGS:
            if cell not in (_TRUE, _FALSE, ""):
                raise ListMalformed(f"line {line}, column {number} ({name}): is yes or no")
            if cell or name in NEEDED:
                entry[name] = cell == _TRUE
        elif cell or name in NEEDED:
            entry[name] = cell
    kept = {name: value for name, value in entry.items() if name != "carried_over"}
    try:
        SCHEMAS.latest(KIND).sealed[LABEL].check(kept, f"line {line}")
    except CountersignError as error:
        raise ListMalformed(_without_cell(error, header, line)) from None
    return entry


def _moment(cell: str, line: int, number: int, name: str) -> str:
    try:
        return utc_of(cell)
    except LocalTimeWrong:
        where = f"line {line}, column {number} ({name})"
        raise ListMalformed(f"{where}: its clock time came twice or never in its zone, or its zone is none") from None


def _without_cell(error: CountersignError, header: Sequence[str], line: int) -> str:
    """Which cell is wrong, without saying what stands in it."""
    text = str(error)
    for number, name in enumerate(header, 1):
        field = "checks" if name.startswith(CHECK) else name
        if text.startswith((f"line {line}.{field}:", f"line {line}.{field}[")):
            return f"line {line}, column {number} ({name}): is not of its form"
    return f"line {line}: is not of its form"


def _totals(entries: Sequence[Mapping[str, Any]], name: str, key: str) -> list[dict[str, Any]]:
    counts = Counter(one[name] for one in entries)
    return [{key: value, "count": count} for value, count in sorted(counts.items())]


def _checks(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    times: dict[str, list[str]] = {}
    for entry in entries:
        for check in entry["checks"]:
            times.setdefault(check["check"], []).append(check["at"])
    return [{"check": name, "done": len(found), "oldest": min(found)} for name, found in sorted(times.items())]


def _below(entries: Sequence[Mapping[str, Any]], minimum: Decimal) -> dict[str, int]:
    if not all("quality" in one for one in entries):
        return {}
    return {"below_quality": _count(entries, lambda one: Decimal(one["quality"]) < minimum)}


def _count(entries: Sequence[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]) -> int:
    return sum(1 for one in entries if holds(one))
