"""A real PostgreSQL server for the tests of the record, of their own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def _run(command: list[str], **environment: str) -> None:
    as_postgres: dict[str, object] = {}
    if os.geteuid() == 0:
        as_postgres = {"user": pwd.getpwnam("postgres").pw_uid, "group": pwd.getpwnam("postgres").pw_gid}
    result = subprocess.run(
        command, capture_output=True, text=True, cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", **environment},
        check=False, **as_postgres,  # type: ignore[call-overload]
    )  # fmt: skip
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"


@pytest.fixture(scope="session")
def postgres(need: Callable[[str], None]) -> Iterator[str]:
    """The conninfo of a server made for this session (one for each worker)."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        need("a PostgreSQL server (the package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="countersign-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, bin_folder = folder / "data", binaries[-1].parent
        _run(
            [
                str(bin_folder / "initdb"),
                "-D",
                str(data),
                "-U",
                "countersign",
                "--auth=trust",
                "-E",
                "UTF8",
                "--no-sync",
            ]
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=60"
        control = [str(bin_folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        _run([*control, "-o", options, "start"])
        try:
            yield f"host={folder} user=countersign dbname=postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
