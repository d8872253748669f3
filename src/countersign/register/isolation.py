"""What one host could reach, read from its own tables: interfaces, default routes, name servers; nothing is opened.

The texts are those of Linux: ``/proc/net/dev`` and ``/sys/class/net`` for interfaces, ``/proc/net/route`` and
``/proc/net/ipv6_route`` for routes, ``resolv.conf`` for name servers. They come in as arguments. The statement holds
kinds and counts, no address and no name of an interface, and speaks of this host at this moment alone: it shows
neither what else stands in the van nor what was plugged in later.

>>> count_default_routes("Iface Destination Gateway Flags\\neth0\\t00000000\\t0102A8C0\\t0003\\n", "")
1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

_KINDS = (
    {"lo": "loopback", "wl": "wireless"}
    | dict.fromkeys(("eth", "en"), "ethernet")
    | dict.fromkeys(("ww", "ppp", "rmnet", "usb"), "cellular")
    | dict.fromkeys(("br", "docker", "veth", "virbr"), "bridge")
    | dict.fromkeys(("tun", "tap", "wg", "sit", "ipsec"), "tunnel")
)
_LOOPBACK6, _REJECT6, _UP, _GATEWAY_NONE = "lo", 0x200, 0x1, "0" * 32


class Interface(NamedTuple):
    """An interface of this host: its name (which is not stated), whether it is up, and how many addresses it has."""

    name: str
    up: bool
    addresses: int


class Host(NamedTuple):
    """What was read of a host."""

    interfaces: tuple[Interface, ...]
    default_routes: int
    name_servers: int


def kind_of(name: str) -> str:
    """The kind of an interface by its name, as Linux gives names.

    >>> kind_of("wlp3s0"), kind_of("lo"), kind_of("xyz")
    ('wireless', 'loopback', 'other')
    """
    found = [prefix for prefix in _KINDS if name.startswith(prefix) and (prefix != "lo" or name == "lo")]
    return _KINDS[max(found, key=len)] if found else "other"


def count_default_routes(route: str, route6: str) -> int:
    """Default routes in the texts of ``/proc/net/route`` and ``/proc/net/ipv6_route`` that lead somewhere."""
    count = 0
    for line in route.splitlines()[1:]:
        cells = line.split()
        if len(cells) >= 4 and cells[1] == "00000000" and int(cells[3], 16) & _UP:
            count += 1
    for line in route6.splitlines():
        cells = line.split()
        if len(cells) >= 10 and cells[0] == _GATEWAY_NONE and cells[1] == "00" and cells[9] != _LOOPBACK6:
            count += 0 if int(cells[8], 16) & _REJECT6 else 1
    return count


def count_name_servers(resolv: str) -> int:
    """Name servers in the text of ``resolv.conf`` that are not this host itself."""
    lines = [line.split() for line in resolv.splitlines() if line.startswith("nameserver")]
    servers = [words[1] for words in lines if len(words) > 1]
    return sum(not server.startswith("127.") and server != "::1" for server in servers)


def statement(host: Host, name: str, checked_at: str) -> dict[str, Any]:
    """The facts of ``isolation.statement`` on the host called ``name`` (a token)."""
    kinds = Counter((kind_of(name), up, addresses) for name, up, addresses in host.interfaces)
    seen = sorted(tuple(interface) for interface in host.interfaces)
    return {
        "host": name,
        "checked_at": checked_at,
        "interfaces": [
            {"kind": kind, "up": up, "addresses": addresses, "count": count}
            for (kind, up, addresses), count in sorted(kinds.items())
        ],
        "default_routes": host.default_routes,
        "name_servers": host.name_servers,
        "configuration": sha256(repr((seen, host.default_routes, host.name_servers)).encode()).hexdigest(),
    }


def sentences(host: Host) -> Iterable[str]:
    """What was read, for people."""
    up = [interface for interface in host.interfaces if interface.up and kind_of(interface.name) != "loopback"]
    kinds = ", ".join(sorted({kind_of(interface.name) for interface in up})) or "none"
    addresses = sum(interface.addresses for interface in up)
    yield f"Interfaces up besides loopback: {len(up)} ({kinds}); addresses on them: {addresses}."
    yield f"Default routes: {host.default_routes}; name servers besides this host: {host.name_servers}."
    yield "Nothing was connected to. This speaks of this host at this moment alone, not of what stands beside it."
