"""It runs offline: the whole demo in a network namespace that has no interface but a downed loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from countersign.cli.main import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.acceptance
def test_the_demo_runs_where_there_is_no_network(tmp_path: Path, need: Callable[[str], None]) -> None:
    without_network = ["unshare", "--net"]
    try:
        probe = subprocess.run([*without_network, "true"], check=False, capture_output=True)
        if probe.returncode:
            without_network = ["unshare", "--map-root-user", "--net"]
            probe = subprocess.run([*without_network, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        need("the command unshare")
    if probe.returncode:
        need("permission to make a network namespace")
    interfaces = subprocess.run([*without_network, "cat", "/proc/net/dev"], check=True, capture_output=True, text=True)
    assert [line.split(":")[0].strip() for line in interfaces.stdout.splitlines()[2:]] == ["lo"]
    demo = subprocess.run(
        [*without_network, sys.executable, str(ROOT / "tools" / "demo.py"), "--out", str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert demo.returncode == 0, demo.stdout + demo.stderr
    for name in ("review.html", "evidence.html", "review.pdf", "review.json"):
        assert (tmp_path / "met" / name).stat().st_size > 10_000
    rehearsed = tmp_path / "rehearsal"
    for name in ("quiet-high-street.bundle", "trust.policy", "report/review.html", "site/index.html", "truth.json"):
        assert (rehearsed / name).stat().st_size > 100, name
    assert "Cosigned by\n  outside-witness" in demo.stdout


@pytest.mark.slow
def test_a_review_opens_no_socket_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert run(["review", "shipped:met", "--out", str(tmp_path), "--format", "html,pdf,json"]) == 0
