"""Roots over arrays: to the last digits at any size, and only what is not yet found is asked again."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countersign.inference.tails import bracketed


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-300, 300), min_size=1, max_size=20), st.floats(0.2, 5))
def test_finds_every_root_of_a_family(roots: list[float], steepness: float) -> None:
    target = np.array(roots)
    found = bracketed(
        lambda y, of: np.sinh(np.clip((y - target[of]) * steepness, -200, 200)), target - 310.0, target + 290.0
    )
    assert np.all(np.abs(found - target) <= 1e-12 * np.maximum(1, np.abs(target)))


def test_flat_and_steep_functions_are_found_too() -> None:
    low, high = np.array([-50.0, -50.0, 0.0]), np.array([50.0, 70.0, 3.0])
    found = bracketed(lambda y, of: np.choose(of, [np.arctan(y - 1), (y - 2.0) ** 9, np.exp(y) - 5]), low, high)
    assert np.allclose(found, [1.0, 2.0, np.log(5)], rtol=0, atol=[1e-13, 1e-1, 1e-13])


def test_found_elements_are_not_asked_again() -> None:
    asked: list[int] = []

    def function(y: NDArray[np.float64], of: NDArray[np.intp]) -> NDArray[np.float64]:
        asked.append(of.size)
        return np.asarray(y - np.array([0.5, 1.0])[of])  # the first is hit exactly by the first bisection

    assert np.allclose(bracketed(function, np.zeros(2), np.array([1.0, 1.7])), [0.5, 1.0])
    assert asked[-1] == 1


def test_a_bracket_without_a_change_of_sign_gives_its_better_end() -> None:
    assert bracketed(lambda y, of: y + 5.0, np.array([-1.0]), np.array([2.0])).tolist() == [-1.0]


def test_shape_is_kept() -> None:
    assert bracketed(lambda y, of: y - 1.0, np.zeros((2, 3)), np.full((2, 3), 4.0)).shape == (2, 3)
