"""A scenario: a deployment to be made up, written in TOML, held to itself before anything is drawn from it.

The form is in ``docs/formats/scenarios.md``. A scenario that contradicts itself is refused with the sentence that says
how. Nothing in it is measured: the engine's behaviour may be set from published figures, and stays an assumption.

The laws from which the engine's scores are drawn (``Law``): a comparison of two different people reaches ``t`` with
probability ``FMR(t) = fmr * 10^((point - t) / tenfold)``, at most 1: an exponential tail, set from one published point.
The best of ``N`` such scores has the distribution ``F^N``; ``U^(1/N)`` put into the inverse of ``F`` draws it, and it
reaches ``t`` with probability ``1 - (1 - FMR(t))^N``, about ``N FMR(t)`` (NISTIR 8429, annex B, eq. 32). A listed
person's own score is normal, placed so that the published share reaches the point. Real engines may follow neither.

>>> load("quiet-high-street").groups[0].name
'group-1'
>>> SHIPPED[:2]
('quiet-high-street', 'busy-interchange')
>>> law = Law.published(point=0.60, false_positive=1 / 6000, list_size=10_000, tenfold=0.05)
>>> round(1 / law.any_reaches(0.60, 10_000)), round(1 / law.any_reaches(0.60, 1_000))
(6000, 59995)
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from countersign.door import hold
from countersign.errors import NotReached, WrongForm
from countersign.inputs import toml_of
from countersign.record.entries.forms import fits
from countersign.surroundings import ASSUMED

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """Laws of scores around a published ``point``. ``tenfold``: the rise in score by which false matches fall tenfold.
    ``fmr``: the chance that two different people reach ``point``; ``spread``: the standard deviation of a listed
    person's own score. A ``ratio`` in the methods multiplies the chance of a false match.
    """

    point: float
    fmr: float
    tenfold: float
    spread: float = 0.08

    @classmethod
    def published(
        cls, *, point: float, false_positive: float, list_size: int, tenfold: float, spread: float = 0.08
    ) -> Law:
        """The law under which a share ``false_positive`` of passers-by reaches ``point`` on a list of ``list_size``."""
        return cls(point, -math.expm1(math.log1p(-false_positive) / list_size), tenfold, spread)

    def false_match(self, threshold: float, ratio: float = 1.0) -> float:
        """The chance that one comparison of two different people reaches ``threshold``."""
        return min(1.0, ratio * self.fmr * 10 ** ((self.point - threshold) / self.tenfold))

    def any_reaches(self, threshold: float, entries: int, ratio: float = 1.0) -> float:
        """The chance that the best of ``entries`` comparisons of different people reaches ``threshold``."""
        single = self.false_match(threshold, ratio)
        if single >= 1.0:
            return 1.0 if entries else 0.0
        return -math.expm1(entries * math.log1p(-single))

    def best_of(self, random: np.random.Generator, count: int, entries: int, ratio: float = 1.0) -> Floats:
        """``count`` draws of the best of ``entries`` scores of different people; minus infinity for an empty list."""
        if not entries:
            return np.full(count, -np.inf)
        scale = self.tenfold / math.log(10)
        lowest = self.point + scale * math.log(ratio * self.fmr)
        # -log U is exponential, so 1 - U^(1/N) = -expm1(-exponential / N): exact where the tail is thinnest.
        beyond = -np.expm1(random.standard_exponential(count) / -entries)
        return np.asarray(lowest - scale * np.log(np.maximum(beyond, np.finfo(np.float64).tiny)))

    def own_mean(self, found: float) -> float:
        """The mean of a listed person's own scores of which a share ``found`` reaches the point."""
        from scipy.special import ndtri

        return self.point + self.spread * float(ndtri(found))

    def own(self, random: np.random.Generator, count: int, found: float) -> Floats:
        """``count`` draws of a listed person's own score."""
        return random.normal(self.own_mean(found), self.spread, count)


SHIPPED = (
    "quiet-high-street",
    "busy-interchange",
    "biased-engine",
    "misconfigured-threshold",
    "list-left-loaded",
    "corners-cut",
    "events-lost",
)
#: What stands on everything that comes of a scenario.
STAMP = ASSUMED
#: For what a deployment is stopped for a while, as ``live.suspended`` has it.
SUSPENSIONS = ("staffing-below-minimum", "disorder", "fault", "order-of-commander", "weather")
LARGEST_CROWD = 100_000_000
LONGEST_HOURS = 24
LARGEST_LIST = 1_000_000
MOST_CAMERAS = 32
LARGEST_FILE = 1 << 18
#: How far the shares of the groups may miss 1.
SHARES_TOLERANCE = 1e-6


class ScenarioWrong(
    WrongForm, next_step="Correct the scenario at that place; its form is described in docs/formats/scenarios.md."
):
    """A scenario is not of its form, or contradicts itself."""


class ScenarioMissing(NotReached, next_step="Give the name of a shipped scenario or the path of a TOML file."):
    """There is no scenario of this name, and no file either."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a scenario: unknown keys are refused."""


class Group(_Part, frozen=True):
    """Part of the crowd. ``nonmate_ratio`` multiplies the chance of a false match for its people; ``found`` is the
    share of its listed people found at the published point (the engine's, if not given).
    """

    name: str
    share: float
    nonmate_ratio: float = 1.0
    found: float | None = None
    capture_failure: float = 0.0


class List(_Part, frozen=True):
    """The watchlist: its size, its make-up by group (as the crowd, if not given), how many on it are expected to pass.
    ``across``: the chance of a false match with an entry of another group, over that within a group.
    """

    size: int
    listed_passing: float = 0.0
    shares: dict[str, float] = {}
    across: float = 1.0


class Engine(_Part, frozen=True):
    """The engine, by a published point: at ``point``, ``found`` of those listed, and one false alert in
    ``false_alert_one_in`` faces on a list of ``at_list_size``. ``declared``: the threshold promised; ``threshold``: the
    one in use.
    """

    declared: str = "0.64"
    threshold: str = "0.64"
    point: float = 0.60
    found: float = 0.89
    false_alert_one_in: float = 6000.0
    at_list_size: int = 10_000
    tenfold: float = 0.05
    spread: float = 0.08
    name: str = "engine-1"
    version: str = "1.0"


class Conduct(_Part, frozen=True):
    """How people act: who is there, how long they look, whom they wave through, and which corners they cut. A stop:
    ``suspended_minutes`` long, so many minutes after the start, for a reason; anyone who would have passed in it passes
    after it.
    """

    operators: int = 2
    officers: int = 4
    look_seconds: float = 12.0
    rejects_false: float = 0.5
    second_left_out: float = 0.0
    hurried: float = 0.0
    unresolved: float = 0.0
    suspended_after_minutes: int = 0
    suspended_minutes: int = 0
    suspended_for: str = "disorder"


class Faults(_Part, frozen=True):
    """What goes wrong on the way: shares of events lost and doubled, clocks ahead, a list left loaded after the end.
    ``silent_camera``, if there is one, sends nothing more from ``silent_after_minutes`` after the start on.
    """

    lost: float = 0.0
    doubled: float = 0.0
    clock_ahead_seconds: int = 0
    minutes_after_end: int = 0
    silent_camera: str = ""
    silent_after_minutes: int = 0


class Scenario(_Part, frozen=True):
    """A whole deployment to be made up. Raises ``ScenarioWrong`` when read from one that contradicts itself."""

    title: str
    deployment: str
    start: str
    crowd_by_hour: tuple[float, ...]
    groups: tuple[Group, ...]
    list: List
    engine: Engine = Engine()
    conduct: Conduct = Conduct()
    faults: Faults = Faults()
    cameras: tuple[str, ...] = ("camera-1", "camera-2")

    @property
    def law(self) -> Law:
        """The laws of the engine's scores."""
        engine = self.engine
        return Law.published(
            point=engine.point,
            false_positive=1 / engine.false_alert_one_in,
            list_size=engine.at_list_size,
            tenfold=engine.tenfold,
            spread=engine.spread,
        )

    def found(self, group: Group) -> float:
        """The share of a group's listed people whose own score reaches the published point."""
        return self.engine.found if group.found is None else group.found

    def entries_like(self, group: Group, size: int | None = None) -> int:
        """How many entries of a list of ``size`` (its own, if not given) are of this group."""
        shares = self.list.shares or {each.name: each.share for each in self.groups}
        return round((self.list.size if size is None else size) * shares.get(group.name, 0.0))

    def false_alert_chance(self, group: Group, threshold: float, size: int | None = None) -> float:
        """The closed form: the chance that someone of this group, not listed and captured, raises a false alert. One
        minus the product over the groups of the list of ``(1 - FMR)^N``.
        """
        whole = self.list.size if size is None else size
        like = self.entries_like(group, whole)
        within = self.law.any_reaches(threshold, like, group.nonmate_ratio)
        across = self.law.any_reaches(threshold, whole - like, group.nonmate_ratio * self.list.across)
        return 1 - (1 - within) * (1 - across)


def load(name: str) -> Scenario:
    """The shipped scenario of this name, or that of a file. Raises ``ScenarioMissing`` or ``ScenarioWrong``."""
    if name in SHIPPED:
        file = resources.files("countersign").joinpath("data", "scenarios", f"{name}.toml")
        return parse(file.read_bytes(), name)
    path = Path(name)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ScenarioWrong(f"{name}: is larger than {LARGEST_FILE:,} bytes, which no scenario is")
        return parse(path.read_bytes(), name)
    except OSError as error:
        known = ", ".join(SHIPPED)
        raise ScenarioMissing(f"{name}: {error.strerror or error}; the shipped scenarios are {known}") from None


def parse(data: bytes, place: str) -> Scenario:
    """The scenario of a TOML file, held to itself. Raises ``ScenarioWrong``."""
    try:
        raw = hold("scenario", toml_of(data, place, ScenarioWrong), place)
        scenario = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioWrong(f"{place}: {error}") from None
    for holds, sentence in _rules(scenario):
        if not holds:
            raise ScenarioWrong(f"{place}: {sentence}")
    return scenario


def start_of(scenario: Scenario) -> datetime.datetime:
    """The start of the window."""
    return datetime.datetime.fromisoformat(scenario.start)


Rules = list[tuple[bool, str]]


def _rules(scenario: Scenario) -> Rules:
    """What must hold, each with the sentence said where it does not, in the order of the file."""
    return [*_crowd_rules(scenario), *_list_rules(scenario), *_engine_rules(scenario), *_conduct_rules(scenario)]


def _shares(scenario: Scenario) -> dict[str, float]:
    conduct, faults = scenario.conduct, scenario.faults
    return {
        "conduct.rejects_false": conduct.rejects_false,
        "conduct.second_left_out": conduct.second_left_out,
        "conduct.hurried": conduct.hurried,
        "conduct.unresolved": conduct.unresolved,
        "faults.lost": faults.lost,
        "faults.doubled": faults.doubled,
        "list.across": scenario.list.across,
        **{f"the capture_failure of {group.name}": group.capture_failure for group in scenario.groups},
        **{f"the share of {group.name}": group.share for group in scenario.groups},
        **{f"list.shares.{name}": share for name, share in scenario.list.shares.items()},
    }


def _crowd_rules(scenario: Scenario) -> Rules:
    groups, names = scenario.groups, [group.name for group in scenario.groups]
    total, crowd = sum(group.share for group in groups), sum(scenario.crowd_by_hour)
    hour = fits("time", scenario.start) and scenario.start.endswith(":00:00Z")
    return [
        (fits("subject", scenario.deployment) and "/" in scenario.deployment, "deployment is not force/deployment"),
        (hour, f"start is a full hour such as 2026-03-07T10:00:00Z, not {scenario.start}"),
        (1 <= len(scenario.crowd_by_hour) <= LONGEST_HOURS, f"crowd_by_hour has 1 to {LONGEST_HOURS} hours"),
        (all(0 <= flow <= 1e6 for flow in scenario.crowd_by_hour), "an hour's crowd is from 0 to 1,000,000 people"),
        (0 < crowd <= LARGEST_CROWD, "nobody is expected to pass, so there is nothing to make up"),
        (bool(groups), "there is no group"),
        (len(set(names)) == len(names), "two groups have one name"),
        (all(fits("token", name) for name in names), "a group's name is a short token such as group-1"),
        *((0 <= share <= 1, f"{what} is {share:g}, not from 0 to 1") for what, share in _shares(scenario).items()),
        (abs(total - 1) <= SHARES_TOLERANCE, f"the shares of the groups add up to {total:g}, not 1"),
        (all(0 < group.nonmate_ratio <= 1000 for group in groups), "a nonmate_ratio is above 0 and at most 1,000"),
        (all(0 < scenario.found(group) < 1 for group in groups), "found is a share between 0 and 1"),
    ]


def _list_rules(scenario: Scenario) -> Rules:
    listing, names = scenario.list, [group.name for group in scenario.groups]
    crowd, listed = sum(scenario.crowd_by_hour), sum(scenario.list.shares.values())
    return [
        (0 <= listing.size <= LARGEST_LIST, f"a list has from 0 to {LARGEST_LIST:,} entries"),
        (
            0 <= listing.listed_passing <= listing.size,
            f"{listing.listed_passing:g} listed people are expected to pass, and the list has {listing.size:,} entries",
        ),
        (listing.listed_passing <= crowd, "more listed people are expected to pass than people"),
        (set(listing.shares) <= set(names), "list.shares names a group that is not in the crowd"),
        (
            not listing.shares or abs(listed - 1) <= SHARES_TOLERANCE,
            f"the shares of the list add up to {listed:g}, not 1",
        ),
    ]


def _engine_rules(scenario: Scenario) -> Rules:
    engine = scenario.engine
    return [
        (
            all(fits("decimal", at) and 0 < float(at) < 1 for at in (engine.declared, engine.threshold)),
            'a threshold is a decimal in quotation marks between 0 and 1, such as "0.64"',
        ),
        (
            0 < engine.point < 1 and engine.tenfold > 0 and engine.spread > 0,
            "the published point or a spread is not above 0",
        ),
        (engine.false_alert_one_in > 1, "false_alert_one_in is above 1, at_list_size above 0"),
        (engine.at_list_size > 0, "the published rate is of a list with at least one entry: at_list_size is above 0"),
        (fits("token", engine.name) and fits("reference", engine.version), "the engine's name is a token"),
    ]


def _conduct_rules(scenario: Scenario) -> Rules:
    conduct, faults = scenario.conduct, scenario.faults
    return [
        (0 < len(scenario.cameras) <= MOST_CAMERAS, f"there are 1 to {MOST_CAMERAS} cameras"),
        (len(set(scenario.cameras)) == len(scenario.cameras), "two cameras have one name"),
        (all(fits("token", camera) for camera in scenario.cameras), "a camera's name is a token such as camera-1"),
        (0 < conduct.operators < 1000, "nobody operates the system: conduct.operators is from 1 to 999"),
        (0 <= conduct.officers < 1000, "conduct.officers is from 0 to 999"),
        (
            conduct.officers > 0 or conduct.second_left_out == 1,
            "there is no engagement officer, and yet alerts are to be verified by one: set second_left_out = 1",
        ),
        (
            0 <= conduct.suspended_minutes <= 30
            and 0 <= conduct.suspended_after_minutes < 60 * len(scenario.crowd_by_hour)
            and conduct.suspended_after_minutes % 60 + 2 * conduct.suspended_minutes <= 60,
            "a stop of suspended_minutes, and as long again, lie within one hour of the window",
        ),
        (conduct.suspended_for in SUSPENSIONS, f"suspended_for is one of {', '.join(SUSPENSIONS)}"),
        (1 < conduct.look_seconds <= 3600, "look_seconds is above 1 and at most 3,600"),
        (-86400 <= faults.clock_ahead_seconds <= 86400, "a clock is ahead by at most a day"),
        (0 <= faults.minutes_after_end <= 600, "minutes_after_end is from 0 to 600"),
        (
            faults.silent_camera in ("", *scenario.cameras),
            f"the silent_camera {faults.silent_camera} is none of the cameras",
        ),
        (0 <= faults.silent_after_minutes <= 1440, "silent_after_minutes is from 0 to 1,440"),
    ]
