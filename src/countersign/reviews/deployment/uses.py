"""Each use of live facial recognition that a record tells of, as its entries state it, in order and by rule or not.

The folded state passes over an entry that broke order or rules. Counting use by it would hide the uses that most need
to be seen, so what is counted here are statements: the first opening, the place as noticed, the list, the hours.

>>> Use("force-a/d-1").opened
''
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from countersign.record.entries.entry import Entry


class Use(NamedTuple):
    """One deployment as stated; what nobody stated is empty, ``None`` or nothing. ``opened`` is a time of an entry."""

    subject: str
    opened: str = ""
    place: str = ""
    use_case: str = ""
    list_size: int | None = None
    list_entry: int | None = None
    hours: tuple[tuple[str, int, int], ...] = ()
    overrides: int = 0

    @property
    def faces(self) -> int:
        """Faces stated for all hours."""
        return sum(faces for _, faces, _ in self.hours)

    @property
    def alerts(self) -> int:
        """Alerts stated for all hours."""
        return sum(alerts for _, _, alerts in self.hours)


def uses(by_subject: Mapping[str, Iterable[tuple[int, Entry]]], force: str, when: str) -> tuple[Use, ...]:
    """The deployments of a force with an entry that speaks for no later than ``when``; by opening, unopened last."""
    found = []
    for subject, entries in by_subject.items():
        if not subject.startswith(f"{force}/"):
            continue
        use, any_entry = Use(subject), False
        for index, entry in entries:
            draft = entry.draft
            if draft.at <= when:
                any_entry = True
                change = _CHANGES.get(draft.kind)
                use = use if change is None else change(use, index, draft.facts)
        if any_entry:
            found.append(use)
    return tuple(sorted(found, key=lambda one: (one.opened or "~", one.subject)))


Facts = Mapping[str, Any]


def _opened(use: Use, _: int, facts: Facts) -> Use:
    at = str(facts["opened_at"])
    place = use.place or str(facts.get("place", {}).get("place", ""))
    return use._replace(opened=min(use.opened or at, at), place=place)


def _listed(use: Use, index: int, facts: Facts) -> Use:
    return use._replace(list_size=int(facts["size"]), list_entry=index)


def _hour(use: Use, _: int, facts: Facts) -> Use:
    others = [one for one in use.hours if one[0] != facts["hour"]]
    return use._replace(hours=(*others, (str(facts["hour"]), int(facts["faces"]), int(facts["alerts"]))))


def _results(use: Use, _: int, facts: Facts) -> Use:
    return use._replace(place=use.place or str(facts.get("place", "")))


_CHANGES: Mapping[str, Callable[[Use, int, Facts], Use]] = {
    "plan.proposal": lambda use, _, facts: use._replace(use_case=str(facts.get("use_case", ""))),
    "open.notice": lambda use, _, facts: use._replace(place=str(facts["place"])),
    "authorise.manifest": _listed,
    "authorise.override": lambda use, _, __: use._replace(overrides=use.overrides + 1),
    "live.opened": _opened,
    "live.hour": _hour,
    "publish.results": _results,
}
