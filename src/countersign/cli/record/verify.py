"""``countersign verify``: one command for bundles, proofs and checkpoints, offline, under a policy file.

What was proved and what was not is part of the answer: that nothing was altered since it was signed says nothing about
whether it is true. Where no outside body has cosigned, that is the first line, and the exit code is another one.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, option, policy_option, read_policy
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.errors import OWN_KEY_ALONE
from countersign.inputs import LARGE_BYTES, read_input
from countersign.output import write_whole
from countersign.results.verified import verify_bytes


def _write_page(context: click.Context, _: click.Parameter, out: Path | None) -> None:
    """Write the page and end, whatever else is asked."""
    if out is not None:
        from countersign.site.verifier.page import page

        echo(f"Written: {write_whole(out, page())}")
        context.exit()


@click.command(name="verify")
@click.argument("file", type=FILE)
@policy_option
@option(
    "--page",
    "Write the page that does the same in a browser, offline, and check nothing.",
    FILE,
    metavar="OUT",
    is_eager=True,
    expose_value=False,
    callback=_write_page,
)
@option("--entry entry_file", "For a proof that does not hold its entry: the entry's bytes.", FILE)
@option("--json as_json", "The answer as JSON; a refusal too, on standard error.", is_flag=True)
def command(file: Path, policy_file: Path, entry_file: Path | None, as_json: bool) -> int:
    """Check a bundle, a proof or a checkpoint, offline, and say what was proved and what was not.

    \b
    Exit code 0: all the policy asks, and an outside body is among the signers.
              3: all the policy asks, but the log's own key stands alone.
              1: the evidence is wrong; what and where is said.
              2: not in a form that is taken.

    \b
    Examples:
      countersign verify d-1.bundle --policy trust.policy
      countersign verify entry-7.proof --policy trust.policy --json
      countersign verify --page verify.html
    """
    policy = read_policy(policy_file)
    data = read_input(file, LARGE_BYTES)
    entry = None if entry_file is None else read_input(entry_file)
    with progress_shown() as progress:
        answer = verify_bytes(data, policy, entry, progress)
    code = OWN_KEY_ALONE if answer.alone else 0
    if as_json:
        echo_json(json.dumps(answer.value() | {"file": str(file), "exit": code}, indent=1))
    else:
        for line in answer.lines():
            echo(line)
    return code
