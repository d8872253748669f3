"""The place of a deployment: its zone, its windows, and what the policy and the proposal allow of them.

A zone has at most 64 corners in whole metres or decimetres on a local grid and does not cross itself. Its area is half
the absolute sum of cross products (the shoelace formula); crossings are tested with integers, so nothing is rounded.
The grid lies in a file named by its digest, so that a zone says nothing about where on Earth it is.

>>> square = Zone("metre", ((0, 0), (20, 0), (20, 10), (0, 10)))
>>> square.square_metres
Decimal('200')
>>> Zone("metre", ((0, 0), (20, 10), (20, 0), (0, 10)))
Traceback (most recent call last):
    ...
countersign.deployments.place.ZoneCrosses: the zone crosses itself: side 1 meets side 3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from countersign.deployments.clock import moment
from countersign.deployments.refusals import OutsideProposal, OutsideWindow, WindowsOverlap
from countersign.deployments.state import Deployment, Programme, Span
from countersign.errors import NotAllowed, WrongForm

MOST_VERTICES = 64
_PER_METRE = {"metre": 1, "decimetre": 10}
Point = tuple[int, int]
Facts = Mapping[str, Any]


class ZoneCrosses(
    WrongForm, code="zone-crosses-itself", next_step="Give the corners in order around the zone, each once."
):
    """A zone is not a simple polygon: it crosses or touches itself, repeats a corner, or has no area."""


class ZoneTooLarge(NotAllowed, next_step="Draw a smaller zone; the clause named says how large it may be."):
    """A zone is larger than the force's own policy allows."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A simple polygon. Raises ``ZoneCrosses`` when built from anything else."""

    unit: str
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if self.unit not in _PER_METRE or not 3 <= len(self.points) <= MOST_VERTICES:
            raise ZoneCrosses(
                f"a zone has 3 to {MOST_VERTICES} corners in metres or decimetres, not {len(self.points)}"
            )
        if len(set(self.points)) != len(self.points):
            raise ZoneCrosses("the zone has the same corner twice")
        sides = list(zip(self.points, self.points[1:] + self.points[:1], strict=True))
        for (one, first), (two, second) in combinations(enumerate(sides, 1), 2):
            if _clash(first, second):
                raise ZoneCrosses(f"the zone crosses itself: side {one} meets side {two}")

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Zone:
        """The zone of an entry's facts. Raises ``ZoneCrosses``."""
        return cls(str(facts["unit"]), tuple((point["x"], point["y"]) for point in facts["points"]))

    @property
    def square_metres(self) -> Decimal:
        """The area, exact."""
        pairs = zip(self.points, self.points[1:] + self.points[:1], strict=True)
        doubled = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs))
        return Decimal(doubled) / (2 * _PER_METRE[self.unit] ** 2)

    def holds(self, point: Point) -> bool:
        """Whether a point of the same grid and unit lies in the zone or on its edge."""
        return inside(point, self.points)

    def lies_in(self, other: Zone) -> bool:
        """Whether all of this zone lies in another of the same grid and unit, edges and corners included.

        No corner of this one lies outside, no sides cross, and no corner of the other lies strictly inside this one;
        of a side that touches corners of the other, the middle between each two touches lies in it too.
        """
        own = list(zip(self.points, self.points[1:] + self.points[:1], strict=True))
        theirs = list(zip(other.points, other.points[1:] + other.points[:1], strict=True))
        if not all(other.holds(point) for point in self.points):
            return False
        if any(_cross(one, two) for one in own for two in theirs):
            return False
        for start, end in own:
            touched = {start, end} | {point for point in other.points if _turn(start, end, point) == 0}
            along = sorted(point for point in touched if _within(start, end, point))
            # Doubled, so that the middle of two whole points is whole.
            grown = Zone(other.unit, tuple((2 * x, 2 * y) for x, y in other.points))
            if not all(grown.holds((a[0] + b[0], a[1] + b[1])) for a, b in pairwise(along)):
                return False
        return True


def area_words(zone: Mapping[str, Any]) -> str:
    """The area of an entry's zone in words; of one that is no zone, why.

    >>> corner = [{"x": x, "y": y} for x, y in ((0, 0), (100, 0), (100, 50), (0, 50))]
    >>> area_words({"unit": "decimetre", "points": corner})
    '50 square metres'
    """
    try:
        return f"{Zone.of(zone).square_metres:,} square metres"
    except ZoneCrosses as error:
        return f"no area: {error}"


def inside(point: Point, corners: Sequence[Point]) -> bool:
    """Whether a point lies in a polygon or on its edge: by crossings of a ray, in whole numbers."""
    odd = False
    for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
        turn = _turn(start, end, point)
        if turn == 0 and _within(start, end, point):
            return True
        if (start[1] > point[1]) != (end[1] > point[1]) and (turn > 0) == (end[1] > start[1]):
            odd = not odd
    return odd


def _cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two sides cross, each with an end on either side of the other."""
    (a, b), (c, d) = first, second
    one, two = _turn(a, b, c), _turn(a, b, d)
    three, four = _turn(c, d, a), _turn(c, d, b)
    return (one > 0 > two or one < 0 < two) and (three > 0 > four or three < 0 < four)


def _turn(one: Point, two: Point, three: Point) -> int:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def _within(one: Point, two: Point, point: Point) -> bool:
    return min(one[0], two[0]) <= point[0] <= max(one[0], two[0]) and (
        min(one[1], two[1]) <= point[1] <= max(one[1], two[1])
    )


def _clash(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two sides share a point that is not the one corner where neighbours meet."""
    (a, b), (c, d) = first, second
    shared = {a, b} & {c, d}
    if shared:
        [corner] = shared
        other, far = (b if a == corner else a), (d if c == corner else c)
        return _turn(corner, other, far) == 0 and (_within(corner, other, far) or _within(corner, far, other))
    turns = [_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)]
    if (turns[0] > 0) != (turns[1] > 0) and (turns[2] > 0) != (turns[3] > 0) and 0 not in turns:
        return True
    return any(
        turn == 0 and _within(*side, point)
        for turn, side, point in zip(turns, (first, first, second, second), (c, d, a, b), strict=True)
    )


def spans(windows: Sequence[Facts], kind: str) -> tuple[Span, ...]:
    """The windows of an entry, in order. Raises ``OutsideWindow`` or ``WindowsOverlap``."""
    ordered = tuple(sorted((Span(one["start"], one["end"]) for one in windows), key=lambda span: span.start))
    for span in ordered:
        if span.end <= span.start:
            raise OutsideWindow(f"{kind}: a window ends at {span.end}, not after it starts ({span.start})")
    for span, following in pairwise(ordered):
        if following.start < span.end:
            raise WindowsOverlap(f"{kind}: the windows from {span.start} and from {following.start} overlap")
    return ordered


def check_place(programme: Programme, deployment: Deployment, facts: Facts, kind: str) -> tuple[Span, ...]:
    """Hold place and windows, public or about to be sealed, to their form and the policy; the windows. Raises
    ``ZoneCrosses``, ``ZoneTooLarge``, ``OutsideWindow`` or ``WindowsOverlap``.
    """
    windows = spans(facts["windows"], kind)
    try:
        zone = Zone.of(facts["zone"])
    except ZoneCrosses as error:
        raise ZoneCrosses(f"{kind}: {error}") from None
    policy = programme.policy_of(deployment)
    parameters = policy.parameters if policy else {}
    largest, longest = parameters.get("zone-area-maximum"), parameters.get("window-maximum-hours")
    if largest is not None and zone.square_metres > largest.number:
        raise ZoneTooLarge(
            f"{kind}: the zone has {zone.square_metres} m², more than {largest.value} ({largest.clause})"
        )
    for window in windows:
        hours = (moment(window.end) - moment(window.start)).total_seconds() / 3600
        if longest is not None and hours > longest.number:
            raise OutsideWindow(f"{kind}: a window of {hours:g} hours, more than {longest.value} ({longest.clause})")
    return windows


def check_within(place: Facts, proposed: Facts, kind: str, *, longer: bool = False) -> None:
    """Hold an authorised place to the one proposed: its windows, zone, cameras and unit the same, or less.

    An authority may narrow what was asked and assessed; what is wider was never weighed. ``longer``: its windows
    are not held to those proposed, for an extension. Raises ``OutsideProposal``.
    """
    wider = "; the authority may narrow what was proposed, not widen it"
    for name in ("name", "area", "unit"):
        if place[name] != proposed[name]:
            raise OutsideProposal(f"{kind}: another {name} than was proposed{wider}")
    asked = () if longer else spans(proposed["windows"], kind)
    given = () if longer else spans(place["windows"], kind)
    if not all(any(two.start <= one.start and one.end <= two.end for two in asked) for one in given):
        raise OutsideProposal(f"{kind}: a window lies outside those proposed{wider}")
    if any(one not in proposed["cameras"] for one in place["cameras"]):
        raise OutsideProposal(f"{kind}: a camera that was not proposed so{wider}")
    if place["zone"] != proposed["zone"]:
        same_grid = all(place["zone"][name] == proposed["zone"][name] for name in ("unit", "grid"))
        if not same_grid or not Zone.of(place["zone"]).lies_in(Zone.of(proposed["zone"])):
            raise OutsideProposal(f"{kind}: the zone does not lie within the one proposed{wider}")
