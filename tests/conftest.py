"""What all tests share: where outside services and the shared facts may be found, and how their absence is told."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

#: What earlier versions wrote is read by tests, and holds none.
collect_ignore = ["fixtures"]
#: The folder of facts, vectors and published files handed to the makers; newcomers do not have it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


def absent(what: str) -> None:
    """Skip for want of a service, or fail where services are required. Says what is missing."""
    if os.environ.get("COUNTERSIGN_REQUIRE_SERVICES") == "1":
        pytest.fail(f"COUNTERSIGN_REQUIRE_SERVICES=1, but {what} is not here")
    pytest.skip(f"needs {what}")


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
