"""``countersign isolation check``: what this host could reach, read from its own tables; it connects to nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, FOLDER, option
from countersign.cli.terminal.say import echo, echo_json
from countersign.errors import NotReached
from countersign.output import write_whole
from countersign.register.isolation import (
    Host,
    Interface,
    count_default_routes,
    count_name_servers,
    sentences,
    statement,
)
from countersign.surroundings import current


class HostTablesMissing(
    NotReached, next_step="Run it on the Linux host itself, not in a sandbox without /proc and /sys."
):
    """This host's network tables cannot be read where Linux keeps them."""


@click.group(name="isolation")
def command() -> None:
    """What this host could reach: interfaces, default routes, name servers. It connects to nothing.

    It speaks of this host at this moment alone: not of what stands beside it, nor of what is plugged in later.

    \b
    Example:
      countersign isolation check --host gateway --paper isolation.json
      countersign deployment enter force-a isolation.statement isolation.json --deployment d-1 --key engineer.key
    """


@command.command()
@option("--host name", "What to call this host, as a short token: gateway, engine-1.", required=True)
@option("--paper", "Write the facts of an isolation.statement here (JSON), for `deployment enter`.", FILE)
@option("--json as_json", "Print the facts in JSON, for a program.", is_flag=True)
@option("--proc", kind=FOLDER, default="/proc/net", hidden=True)
@option("--sys sysfs", kind=FOLDER, default="/sys/class/net", hidden=True)
@option("--resolv", kind=FILE, default="/etc/resolv.conf", hidden=True)
def check(name: str, paper: Path | None, as_json: bool, proc: Path, sysfs: Path, resolv: Path) -> None:
    """Read the host's tables and say what they hold; opens no connection.

    \b
    Example:
      countersign isolation check --host gateway
    """
    host = read_host(proc, sysfs, resolv)
    facts = statement(host, name, current().time_text())
    if paper is not None:
        write_whole(paper, f"{json.dumps(facts, indent=1)}\n".encode())
    if as_json:
        echo_json(json.dumps(facts))
        return
    for line in sentences(host):
        echo(line)


def read_host(proc: Path, sysfs: Path, resolv: Path) -> Host:
    """What the tables of a host say. Raises ``HostTablesMissing``."""
    try:
        names = [line.split(":")[0].strip() for line in (proc / "dev").read_text().splitlines()[2:]]
        addresses = _addresses(proc)
        interfaces = tuple(
            Interface(name, _is_up(sysfs / name / "operstate", name), addresses.get(name, 0)) for name in names
        )
        routes = count_default_routes((proc / "route").read_text(), _optional(proc / "ipv6_route"))
    except (OSError, ValueError, IndexError) as error:
        raise HostTablesMissing(f"the network tables of this host cannot be read: {error}") from None
    return Host(interfaces, routes, count_name_servers(_optional(resolv)))


def _addresses(proc: Path) -> dict[str, int]:
    """Addresses by interface: those of IPv6 from their table, and networks of IPv4 from the routes."""
    counts: dict[str, int] = {}
    for line in _optional(proc / "if_inet6").splitlines():
        name = line.split()[-1]
        counts[name] = counts.get(name, 0) + 1
    for line in (proc / "route").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[1] != "00000000":
            counts[cells[0]] = counts.get(cells[0], 0) + 1
    return counts


def _is_up(file: Path, name: str) -> bool:
    state = _optional(file).strip()
    return state == "up" or (state == "unknown" and name != "lo") or name == "lo"


def _optional(file: Path) -> str:
    return file.read_text() if file.exists() else ""
