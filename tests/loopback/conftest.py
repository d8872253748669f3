"""Doors on free ports of this machine, with a folder for temporary files of their own."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.client import Client

from countersign.loopback.door import Door
from countersign.loopback.pages import Shelf
from countersign.loopback.readings import House, Readings


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, empty, for this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def opened(temporary: Path) -> Iterator[Any]:
    """Opens doors; closes them, with nothing left of them on disk."""
    running: list[tuple[Door, Readings, threading.Thread]] = []

    def open_(*, seconds: float = 60.0, hold: float = 60.0, shelf: Shelf | None = None, **given: float) -> Client:
        readings = Readings(House.build(), seconds=seconds, hold=hold)
        door = Door(readings, 0, shelf=shelf, **given)
        thread = threading.Thread(target=door.serve_forever, args=(0.02,))
        thread.start()
        running.append((door, readings, thread))
        return Client(door)

    yield open_
    for door, readings, thread in running:
        door.shutdown()
        thread.join()
        door.server_close()
        readings.stop()
    assert list(temporary.iterdir()) == []
