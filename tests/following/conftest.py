"""A library of made-up forces with nothing in it yet, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.making.libraries import Shelf, made


@pytest.fixture(scope="package")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return made(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def shelf(tmp_path: Path, empty: Shelf) -> Shelf:
    return empty.copied(tmp_path)
