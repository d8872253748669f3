"""``countersign doctor``, ``completion`` and ``man``: what an installation has and lacks; completion; man pages."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import NamedTuple

import click

from countersign import extras
from countersign.cli.terminal.manual import commands_of, man_page
from countersign.cli.terminal.options import FOLDER, option
from countersign.cli.terminal.say import echo, echo_lines, echo_values
from countersign.errors import DONE
from countersign.output import write_all
from countersign.words.lists import counted, listing

#: What an extra is for.
FOR = {
    "dask": "trial evaluate --dask",
    "desk": "desk",
    "fetch": "library fetch",
    "pandas": "data frames in Python",
    "pdf": "review --format pdf, papers",
    "postgres": "a log or a desk on PostgreSQL",
    "trials": "trial",
}
#: A browser that the tests of pages drive; no command needs one.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")

DOCTOR_EXAMPLES = """\b
Examples:
  countersign doctor
  countersign doctor --json
"""
COMPLETION_EXAMPLES = """\b
Examples:
  countersign completion bash > ~/.local/share/bash-completion/completions/countersign
  countersign completion zsh > ~/.zfunc/_countersign      (a folder of your fpath)
  countersign completion fish > ~/.config/fish/completions/countersign.fish
"""
MAN_EXAMPLES = """\b
Examples:
  countersign man --out ~/.local/share/man/man1
  man countersign-record-show
"""


class Part(NamedTuple):
    """A part of the installation: whether it is there, which it is, and what it is for or how to get it."""

    name: str
    there: bool
    which: str
    note: str


def parts() -> list[Part]:
    """All parts, the program first."""
    found = [
        Part(
            "countersign", True, importlib.metadata.version("countersign"), "all commands on published data and bundles"
        ),
        Part("python", True, platform.python_version(), sys.executable),
        Part("sqlite", True, sqlite3.sqlite_version, "logs, the desk"),
    ]
    distributions = importlib.metadata.packages_distributions()
    for extra in sorted(FOR):
        libraries = [library for library, brought_by in extras.EXTRAS.items() if brought_by == extra]
        there = all(map(extras.has, libraries))
        named = [f"{name} {importlib.metadata.version(distributions[name][0])}" for name in libraries if there]
        which = listing(named) or "not installed"
        note = FOR[extra] if there else f'for {FOR[extra]}: pip install "countersign[{extra}]"'
        found.append(Part(f"extra {extra}", there, which, note))
    from countersign.render.text import FOLDER as FONTS

    fonts = sorted(path.stem for path in FONTS.glob("*.?tf"))
    found.append(Part("fonts", bool(fonts), listing(fonts) or "none", "charts and PDF; they come with the program"))
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    found.append(Part("browser", browser is not None, browser or "none found", "tests of pages; no command needs one"))
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    how = "all signs are printed" if utf8 else "some signs are not printed; set PYTHONUTF8=1"
    found.append(Part("terminal", utf8, sys.stdout.encoding or "unknown", how))
    return found


@click.command("doctor", epilog=DOCTOR_EXAMPLES)
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
def doctor(as_json: bool) -> int:
    """What this installation has, what it lacks, and which commands refuse without it.

    It looks at this machine alone and connects to nothing. Exit code 0, whatever is missing.
    """
    found = parts()
    if as_json:
        echo_values({"parts": [part._asdict() for part in found]})
        return DONE
    width = max(len(part.name) for part in found)
    for part in found:
        echo(f"{'  ' if part.there else '- '}{part.name.ljust(width)}  {part.which}; {part.note}")
    return DONE


@click.command("completion", epilog=COMPLETION_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """A script that completes commands and options in SHELL: write it where your shell looks for such scripts."""

    from click.shell_completion import get_completion_class

    from countersign.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    echo_lines(kind(cli, {}, "countersign", "_COUNTERSIGN_COMPLETE").source())
    return DONE


@click.command("man", epilog=MAN_EXAMPLES)
@option("--out", "The folder to write them to; made if it is not there.", FOLDER, required=True, metavar="FOLDER")
def man(out: Path) -> int:
    """Write a man page for each command, made from its help; a page of the same name is replaced."""
    from countersign.cli.main import cli

    version = importlib.metadata.version("countersign")
    found = commands_of(cli, ("countersign",))
    pages = {f"{'-'.join(path)}.1": man_page(path, command, version).encode() for path, command in found}
    write_all(out, pages)
    echo(f"Written: {counted(len(pages), 'page')} in {out}")
    return DONE
