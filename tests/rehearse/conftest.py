"""One rehearsal for all everyday tests, and what it did to the world while it was played."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from countersign.cli.main import run

SEED = 3


@dataclass(frozen=True)
class Played:
    """A rehearsal that was played: its folder, its summary, the processes started, the addresses connected to."""

    out: Path
    summary: dict[str, Any]
    processes: list[subprocess.Popen[str]]
    addresses: list[Any]


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The quiet high street, played once."""
    processes: list[subprocess.Popen[str]] = []
    addresses: list[Any] = []
    popen, connect = subprocess.Popen, socket.socket.connect

    class Watched(popen):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            processes.append(self)

    def watched(self: socket.socket, address: Any) -> None:
        addresses.append(address)
        connect(self, address)

    out = tmp_path_factory.mktemp("rehearsal") / "quiet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", Watched)
        patch.setattr(socket.socket, "connect", watched)
        assert run(["rehearse", "quiet-high-street", "--out", str(out), "--seed", str(SEED)]) == 0
    return Played(out, json.loads((out / "rehearsal.json").read_bytes()), processes, addresses)
