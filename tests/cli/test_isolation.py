"""What a host could reach, from tables laid out as Linux does; and that nothing is connected to."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.deployments.kinds import SCHEMAS

DEV = "Inter-|   Receive\n face |bytes\n    lo: 1 2\n  eth0: 3 4\n wlan0: 0 0\n"
ROUTE = "Iface Destination Gateway Flags\neth0 00000000 0102A8C0 0003\neth0 0002A8C0 00000000 0001\n"
ROUTE6 = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 1 0 00000200 lo\n"


@pytest.fixture
def host(tmp_path: Path) -> list[str]:
    proc, sysfs = tmp_path / "proc", tmp_path / "sys"
    proc.mkdir()
    for name, state in (("lo", "unknown"), ("eth0", "up"), ("wlan0", "down")):
        (sysfs / name).mkdir(parents=True)
        (sysfs / name / "operstate").write_text(f"{state}\n")
    (proc / "dev").write_text(DEV)
    (proc / "route").write_text(ROUTE)
    (proc / "ipv6_route").write_text(ROUTE6)
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch example\n")
    return ["--proc", str(proc), "--sys", str(sysfs), "--resolv", str(tmp_path / "resolv.conf")]


def test_the_statement_fits_its_schema_and_holds_no_address(
    host: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    paper = tmp_path / "isolation.json"
    assert run(["isolation", "check", "--host", "gateway", "--json", "--paper", str(paper), *host]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert json.loads(paper.read_text()) == facts
    SCHEMAS.latest("isolation.statement").check(facts)
    assert (facts["default_routes"], facts["name_servers"]) == (1, 1)
    assert [(one["kind"], one["up"]) for one in facts["interfaces"]] == [
        ("ethernet", True), ("loopback", True), ("wireless", False),
    ]  # fmt: skip
    assert "192.0.2" not in paper.read_text()
    assert "eth0" not in paper.read_text()


def test_it_says_that_it_speaks_of_this_host_alone(host: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "check", "--host", "gateway", *host]) == 0
    said = capsys.readouterr().out
    assert "Interfaces up besides loopback: 1 (ethernet)" in said
    assert "this host at this moment alone" in said


def test_a_host_without_tables_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "check", "--host", "g", "--proc", str(tmp_path)]) == 5
    assert "[host-tables-missing]" in capsys.readouterr().err
