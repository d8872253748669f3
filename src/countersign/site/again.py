"""What of a site written before still stands, so that writing it again costs what has changed and not what there is.

A deployment's files are drawn as at a day and under a head of the log. They stand for as long as all that they were
drawn from is the same (``keys``) and no day has come on which time alone changes what they say (``stands_until``); they
then go on saying as at which day and under which head they were drawn. The site's list of files (``site.json``) holds
this of each deployment with the SHA-256 of each of its files, so that a file which is not as it was written is drawn
again. What is new is always drawn as at the moment of writing.

>>> Drawn("k", "2026-03-02", "2026-04-01", "h", {}).stands("k", "2026-03-31")
True
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import msgspec

import countersign
from countersign.deployments.fold import late_for, late_in
from countersign.deployments.lifecycle import Phase
from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import force_of
from countersign.record.entries.retention import MOVING
from countersign.reviews.deployment.assemble import DeploymentReview
from countersign.reviews.deployment.record import DeploymentRecord, Trust, Use
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.conditions.look import day, moment, moment_of
from countersign.site.facts import PublicDeployment, SiteFacts

_ONE_DAY = datetime.timedelta(days=1)
_NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)
#: Facts that name where a deployment is.
_PLACED = ("open.notice", "live.opened", "publish.results")


class Head(msgspec.Struct, frozen=True):
    """A head of the log under which files were drawn, and the SHA-256 of its bytes."""

    trust: Trust
    sha256: str


class Drawn(msgspec.Struct, frozen=True):
    """How a deployment's files were drawn: from what (``key``), as at which day, until which day they stand, under the
    head with which SHA-256, and the SHA-256 of each file by name."""

    key: str
    as_of: str
    until: str
    head: str
    files: dict[str, str]

    def stands(self, key: str, today: str) -> bool:
        """Whether the files still say on a day what would be drawn from this."""
        return self.key == key and (self.as_of == today or self.as_of < today < self.until)


def stands_until(review: DeploymentReview) -> str:
    """The first day on which time alone could change what a review says; the day after its own where a gate is not
    passed or the system is on, since much then turns on the moment.
    """
    evidence, now = review.evidence, review.evidence.moment
    if any(line.entry is None for line in review.model.gates) or evidence.deployment.phase in _RUNNING:
        return str(now.date() + _ONE_DAY)
    dues = [*evidence.dues, *_set_by_law(), *(late.due for late in evidence.retention.overdue(_NEVER))]
    for noun, field in (("override", "expires_at"), ("moratorium", "starts_at"), ("moratorium", "ends_at"),
                        ("moratorium_lifted", "lifted_at")):  # fmt: skip
        dues += [moment(at) for each in evidence.view.statements(noun) if (at := each.one(field)) is not None]
    dues += [moment(entry.draft.at) for _, entry in evidence.record.about(evidence.subject)]
    dues += [moment_of(day(each.one("answer_due"))) for each in evidence.view.statements("finding")]
    dues += [moment(late.since) for late in late_for(evidence.programme, "9999") if late not in evidence.late]
    return str(min((due for due in dues if due >= now), default=_NEVER).date())


_RUNNING = frozenset({Phase.LIVE, Phase.SUSPENDED})


def _set_by_law() -> Iterator[datetime.datetime]:
    """The days on which a duty begins or ceases to count."""
    for duty in DUTIES.values():
        yield from (moment_of(at) for at in (duty.in_force_from, duty.in_force_until) if at is not None)


def keys(facts: SiteFacts, record: DeploymentRecord, when: str, profile: str) -> dict[str, str]:
    """By short code, a digest of all that a deployment's files are drawn from but the head and the moment: the program,
    the law, whose signature the head bears, the entries, the states they come to, and earlier deployments.
    """
    programmes = {each.force: record.programme(each.force, when) for each in facts.programmes}
    late = {force: late_for(programme, when) for force, programme in programmes.items()}
    common = _digest(made_by(), profile, record.trust.first, record.trust.signed_by, sorted(record.outside_keys),
                     [name for name, _ in record.trust.cosigned_by], record.repeated, _moved_elsewhere(record),
                     sorted(_digest(schema.text) for schema in record.schemas.known.values()))  # fmt: skip
    shared = {
        force: _digest(common, _entries(record, force), late[force],
                       msgspec.structs.replace(programme, deployments={}, findings={}, last=-1).render())
        for force, programme in programmes.items()
    }  # fmt: skip
    earlier = {force: _earlier(record, facts, force, when) for force in programmes}
    found = {}
    for each in facts.deployments:
        programme = programmes[force_of(each.subject)]
        state = programme.deployment(each.subject)
        findings = [row for row in programme.findings.items() if row[1].subject in (each.subject, programme.force)]
        found[each.code] = _digest(
            shared[programme.force], _entries(record, each.subject), earlier[programme.force][each.subject],
            msgspec.json.encode([each.state, state, findings], order="deterministic"), each.coming, each.late,
            late_in(programme, state, when), sorted(path for path in facts.papers if path.startswith(each.code)),
        )  # fmt: skip
    return found


def _earlier(record: DeploymentRecord, facts: SiteFacts, force: str, when: str) -> dict[str, str]:
    """By deployment, a digest of the uses up to it, and of the entries of the last one at its place."""
    places = {each.subject: _places(each) for each in facts.deployments}
    counted, found, last = sha256(), dict[str, str](), dict[str, str]()
    uses = record.uses(force, when)
    for _, at_once in groupby(uses, key=lambda use: use.opened):
        group: list[Use] = [*at_once]
        before = last.copy()
        for use in group:
            counted.update(repr(use).encode())
            there = [(place, before[place]) for place in sorted(places.get(use.subject, ())) if place in before]
            found[use.subject] = _digest(counted.hexdigest(), [(place, _entries(record, at)) for place, at in there])
            last[use.place] = use.subject
    whole = counted.hexdigest()
    for use in uses:
        if not use.opened:
            found[use.subject] = _digest(whole, found[use.subject])
    return {subject: found.get(subject, whole) for subject in places}


def _places(deployment: PublicDeployment) -> set[str]:
    said = [entry.draft.facts.get("place") for _, entry in deployment.entries if entry.draft.kind in _PLACED]
    return {str(place.get("place") if isinstance(place, Mapping) else place) for place in said}


def _moved_elsewhere(record: DeploymentRecord) -> list[str]:
    """Entries that move sealed values of another subject than their own."""
    about = {index: entry.draft.subject for index, entry in record.entries}
    return [
        _digest(entry.render())
        for index, entry in record.entries
        if entry.draft.kind in MOVING and _touched(entry, about) - {entry.draft.subject}
    ]


def _touched(entry: Entry, about: Mapping[int, str]) -> set[str | None]:
    items = entry.draft.facts.get("items", ())
    named = [item.get("entry") for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return {about.get(index) for index in (*named, entry.draft.facts.get("hold")) if isinstance(index, int)}


def _entries(record: DeploymentRecord, subject: str) -> str:
    whole = sha256()
    for index, entry in record.by_subject.get(subject, ()):
        whole.update(b"%d:" % index + sha256(entry.render()).digest())
    return whole.hexdigest()


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()


@cache
def made_by() -> str:
    """A digest of the program itself, with its rulebook, words and templates, and of what it draws with."""
    home = Path(countersign.__file__).parent
    files = (path for path in sorted(home.rglob("*")) if path.suffix in _SOURCES and path.is_file())
    drawn_with = [platform.python_version(), *(version(name) for name in ("countersign", "jinja2", "markupsafe"))]
    return _digest(drawn_with, [(str(path.relative_to(home)), sha256(path.read_bytes()).digest()) for path in files])


_SOURCES = frozenset({".py", ".toml", ".json", ".html", ".css", ".csv", ".txt", ".typ"})


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of files in a folder by name."""
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}


def laid(before: Path, after: Path, files: Mapping[str, str]) -> bool:
    """Lay files into a folder, each under a second name of the same file or as a copy, if all are as they were written;
    else leave none of them there.
    """
    after.mkdir(parents=True, exist_ok=True)
    try:
        for name in files:
            if "/" in name or (before / name).is_symlink():
                raise OSError(f"{name} is no file of a deployment")
            _lay(before / name, after / name)
        whole = digests(after, files) == files
    except OSError:
        whole = False
    if not whole:
        for name in files:
            (after / Path(name).name).unlink(missing_ok=True)
    return whole


def _lay(old: Path, new: Path) -> None:
    try:
        new.hardlink_to(old)
    except OSError:
        new.write_bytes(old.read_bytes())
