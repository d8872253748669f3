"""What all tests share: where outside services and the shared facts may be found, and how their absence is told."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import click
import pytest

from countersign.cli.main import run
from countersign.cli.terminal import say
from countersign.record.keeping import keyfile
from countersign.words.hidden import in_json

#: What earlier versions wrote is read by tests, and holds none.
collect_ignore = ["fixtures"]
#: The folder of facts, vectors and published files handed to the makers; newcomers do not have it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


@dataclass(frozen=True)
class Played:
    """A rehearsal that was played: its folder, its summary, the processes started, the addresses connected to."""

    SEED: ClassVar[int] = 3
    out: Path
    summary: dict[str, Any]
    processes: list[subprocess.Popen[str]]
    addresses: list[Any]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that needs a rehearsal played is an acceptance test."""
    for item in items:
        if "quiet" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.acceptance)


def absent(what: str) -> None:
    """Skip for want of a service, or fail where services are required. Says what is missing."""
    if os.environ.get("COUNTERSIGN_REQUIRE_SERVICES") == "1":
        pytest.fail(f"COUNTERSIGN_REQUIRE_SERVICES=1, but {what} is not here")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session", autouse=True)
def cheap_keys() -> Iterator[None]:
    """Key files made by the tests' own process open at once; those of programs that they start have the full cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyfile, "COST", 10)
        yield


@pytest.fixture(scope="session", autouse=True)
def declared_values() -> Iterator[None]:
    """Values that a command writes as JSON, in whatever test, are held to what ``tools/values_schema.py`` declares."""

    def held_to_it(text: str) -> str:
        context = click.get_current_context(silent=True)
        if context is not None:
            from tools.values_schema import VALUES, held

            command = context.command_path.partition(" ")[2]
            if command in VALUES:
                held(command, text)
        return in_json(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(say, "in_json", held_to_it)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The makers' shared folder; a test that needs it is skipped elsewhere (never required)."""
    if not SHARED.is_dir():
        pytest.skip("needs the makers' shared folder beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def need() -> Callable[[str], None]:
    """Call it with what is missing: skips with that reason, or fails where services are required."""
    return absent


@pytest.fixture(scope="session")
def browser(need: Callable[[str], None]) -> Iterator[Any]:
    """One browser for all tests of pages."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        need("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        need("playwright")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=switches)
        yield running
        running.close()


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
        assert run(["rehearse", "quiet-high-street", "--out", str(out), "--seed", str(Played.SEED)]) == 0
    return Played(out, json.loads((out / "rehearsal.json").read_bytes()), processes, addresses)


@pytest.fixture(autouse=True)
def no_outward_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach beyond this machine: a connection to any other address fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if host != "localhost" and host != "::1" and not host.startswith("127."):
                raise AssertionError(f"an outward connection to {host} was attempted")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
