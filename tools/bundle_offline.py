"""All that an installation without a network needs, in one folder: ``python -m tools.bundle_offline --out offline``.

It holds the wheels of ``requirements/run.lock`` for this machine's Python and system, the wheel of Countersign, the
lock, an SBOM (CycloneDX 1.6) and a list of licences, both read off an environment that was installed from these wheels
alone, and ``SHA256SUMS``. ``sh install.sh DIR`` installs it into a new environment; nothing is fetched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
INSTALL = """#!/bin/sh
# Installs Countersign into the new environment DIR, from this folder alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3.11}
"$python" -m venv "${1:?name the folder of the environment}"
pip="$1/bin/python -m pip install -q --disable-pip-version-check --no-index --find-links $here/wheels"
$pip --require-hashes -r "$here/run.lock"
$pip --no-deps "$here"/wheels/countersign-*.whl
echo "Installed: $1/bin/countersign"
"""
#: What is shipped in the package itself and was made by others: name, licence, where its text stands.
WITHIN = (
    ("Inter (typeface)", "OFL-1.1", "countersign/render/fonts/LICENSE-Inter.txt"),
    ("govuk-frontend", "MIT", "countersign/desk/static/desk/govuk-frontend.LICENCE.txt"),
)
#: Parts whose metadata state no licence, and what their own files say.
STATED_ELSEWHERE = {"pypdfium2": "Apache-2.0 OR BSD-3-Clause; PDFium: BSD-3-Clause, and those of its parts"}


def ran(*words: str | Path, **more: Any) -> None:
    subprocess.run([str(word) for word in words], check=True, **more)


def wheels(folder: Path) -> None:
    """The wheels of the lock, held to its hashes, and our own."""
    pip = [sys.executable, "-m", "pip"]
    lock = ROOT / "requirements" / "run.lock"
    ran(*pip, "download", "-q", "--require-hashes", "--only-binary", ":all:", "-r", lock, "-d", folder)
    ran(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT)


def described(out: Path) -> None:
    """Install it, and write what was installed as an SBOM and as a list of licences."""
    with tempfile.TemporaryDirectory() as made:
        environment = Path(made) / "environment"
        ran("sh", out / "install.sh", environment, env={**os.environ, "PYTHON": sys.executable})
        words: list[str | Path] = [
            "environment",
            environment / "bin" / "python",
            "--pyproject",
            ROOT / "pyproject.toml",
        ]
        words += ["--output-reproducible", "--spec-version", "1.6", "-o", out / "sbom.cdx.json"]
        ran(Path(sys.executable).with_name("cyclonedx-py"), *words)
    found = json.loads((out / "sbom.cdx.json").read_text(encoding="utf-8"))
    rows = [(part["name"], part.get("version", ""), licence_of(part)) for part in found["components"]]
    lines = ["# Licences of all that is installed", "", "| part | version | licence |", "| --- | --- | --- |"]
    lines += [f"| {name} | {version} | {licence} |" for name, version, licence in sorted(rows)]
    lines += [f"| {name} | in the package | {licence}: `{text}` |" for name, licence, text in WITHIN]
    (out / "LICENCES.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def licence_of(part: dict[str, Any]) -> str:
    """The licences that a component states, or "not stated"."""
    stated = [each.get("expression") or each["license"].get("id") or each["license"]["name"]
              for each in part.get("licenses", ())]  # fmt: skip
    return "; ".join(dict.fromkeys(stated)) or STATED_ELSEWHERE.get(part["name"], "not stated")


def main() -> None:
    """Write the folder, whole or not at all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=ROOT / "offline")
    out: Path = parser.parse_args().out
    building = out.with_name(f".{out.name}.making")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        print("Fetching the wheels that requirements/run.lock names", flush=True)
        wheels(building / "wheels")
        shutil.copy(ROOT / "requirements" / "run.lock", building)
        (building / "install.sh").write_text(INSTALL, encoding="utf-8")
        print("Installing them, to list what is in them", flush=True)
        described(building)
        sums = [
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(building)}"
            for path in sorted(building.rglob("*"))
            if path.is_file()
        ]
        (building / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        building.rename(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"Written: {out} ({size / 1e6:,.0f} MB). On a machine without a network: sh install.sh DIR")


if __name__ == "__main__":
    main()
