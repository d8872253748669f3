"""Zones: area by the shoelace formula, no crossing, in integers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countersign.deployments.place import MOST_VERTICES, Point, Zone, ZoneCrosses

POINT = st.tuples(st.integers(-30, 30), st.integers(-30, 30))


@pytest.mark.parametrize(
    ("unit", "points", "area"),
    [
        ("metre", ((0, 0), (20, 0), (20, 10), (0, 10)), "200"),
        ("decimetre", ((0, 0), (200, 0), (200, 100), (0, 100)), "200"),
        ("metre", ((0, 0), (3, 0), (0, 5)), "7.5"),
        # An L of 3 unit squares, by counting them.
        ("metre", ((0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)), "3"),
    ],
)
def test_areas_counted_by_hand(unit: str, points: tuple[Point, ...], area: str) -> None:
    assert Zone(unit, points).square_metres == Decimal(area)
    assert Zone(unit, points[::-1]).square_metres == Decimal(area)


@pytest.mark.parametrize(
    "points",
    [
        ((0, 0), (20, 10), (20, 0), (0, 10)),
        ((0, 0), (10, 0), (10, 10), (5, 0), (0, 10)),
        ((0, 0), (10, 0), (5, 0), (5, 5)),
        ((0, 0), (10, 0), (20, 0)),
        ((0, 0), (10, 0), (0, 0), (5, 5)),
        ((0, 0), (10, 0)),
        tuple((n, n * n) for n in range(MOST_VERTICES + 1)),
    ],
    ids=["bow-tie", "touches-a-side", "turns-back", "no-area", "corner-twice", "two-corners", "too-many"],
)
def test_what_is_no_simple_polygon(points: tuple[Point, ...]) -> None:
    with pytest.raises(ZoneCrosses):
        Zone("metre", points)


def test_sixty_four_corners_are_taken() -> None:
    upper = tuple((n, n * n) for n in range(MOST_VERTICES))
    assert Zone("metre", upper).square_metres > 0


def crosses(points: list[Point]) -> bool:
    """Whether two sides meet elsewhere than at their shared corner, by solving for the crossing in fractions."""
    sides = [(points[n], points[(n + 1) % len(points)]) for n in range(len(points))]
    for one in range(len(sides)):
        for two in range(one + 1, len(sides)):
            (a, b), (c, d) = sides[one], sides[two]
            r, s = (b[0] - a[0], b[1] - a[1]), (d[0] - c[0], d[1] - c[1])
            cross = r[0] * s[1] - r[1] * s[0]
            gap = (c[0] - a[0], c[1] - a[1])
            if cross:
                t = Fraction(gap[0] * s[1] - gap[1] * s[0], cross)
                u = Fraction(gap[0] * r[1] - gap[1] * r[0], cross)
                if 0 <= t <= 1 and 0 <= u <= 1:
                    meets: tuple[object, object] = (a[0] + t * r[0], a[1] + t * r[1])
                    if meets not in ({a, b} & {c, d}):
                        return True
            elif gap[0] * r[1] == gap[1] * r[0]:
                low, high = max(min(a, b), min(c, d)), min(max(a, b), max(c, d))
                if low < high or (low == high and low not in ({a, b} & {c, d})):
                    return True
    return False


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.lists(POINT, min_size=3, max_size=7, unique=True))
def test_a_zone_is_refused_exactly_where_sides_meet(points: list[Point]) -> None:
    if crosses(points):
        with pytest.raises(ZoneCrosses):
            Zone("metre", tuple(points))
    else:
        assert Zone("metre", tuple(points)).square_metres > 0


@settings(max_examples=100, deadline=None)
@given(st.lists(POINT, min_size=3, max_size=6, unique=True), POINT, st.integers(-9, 9), st.integers(-9, 9))
def test_moving_a_zone_moves_what_it_holds(points: list[Point], point: Point, right: int, up: int) -> None:
    assume(not crosses(points))
    zone = Zone("metre", tuple(points))
    moved = Zone("metre", tuple((x + right, y + up) for x, y in points))
    assert zone.square_metres == moved.square_metres
    assert zone.holds(point) == moved.holds((point[0] + right, point[1] + up))
    assert all(zone.holds(corner) for corner in points)


def test_inside_outside_and_on_the_edge() -> None:
    zone = Zone("metre", ((0, 0), (20, 0), (20, 10), (0, 10)))
    assert zone.holds((5, 5))
    assert zone.holds((0, 5))
    assert not zone.holds((-1, 5))
    assert not zone.holds((5, 11))


#: A square with a notch from above, down to the middle.
NOTCHED = Zone("metre", ((0, 0), (30, 0), (30, 30), (20, 30), (20, 10), (10, 10), (10, 30), (0, 30)))


@pytest.mark.parametrize(
    ("points", "inside"),
    [
        (NOTCHED.points, True),
        (((0, 0), (30, 0), (30, 10), (0, 10)), True),
        (((1, 1), (9, 1), (9, 29)), True),
        (((0, 0), (30, 0), (30, 30), (0, 30)), False),
        (((10, 30), (20, 30), (20, 10), (10, 10)), False),
        (((0, 0), (30, 0), (15, 20)), False),
        (((0, 0), (31, 0), (5, 5)), False),
        (((40, 0), (50, 0), (50, 9)), False),
        (((0, 5), (10, 20), (10, 5)), True),
        (((0, 5), (15, 10), (30, 5)), True),
        (((0, 30), (5, 30), (5, 5)), True),
        (((5, 10), (25, 10), (15, 0)), True),
        (((5, 10), (25, 10), (25, 11), (5, 11)), False),
        (((0, 20), (30, 20), (30, 5), (0, 5)), False),
        (((10, 11), (20, 11), (15, 5)), False),
        (((10, 10), (20, 10), (15, 11)), False),
        (((10, 30), (10, 10), (11, 20)), False),
    ],
)
def test_a_zone_lies_in_another_or_not(points: tuple[tuple[int, int], ...], inside: bool) -> None:
    assert Zone("metre", points).lies_in(NOTCHED) is inside
