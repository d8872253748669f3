"""``countersign policy``: make and check the file that says which logs and witnesses are trusted."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, option, read_policy
from countersign.cli.terminal.say import echo
from countersign.output import write_whole
from countersign.record.tlog.encoding import VerifierKey
from countersign.record.tlog.policy import NO_QUORUM, Group, Policy, PolicyLog, PolicyMalformed, PolicyWitness


@click.group(name="policy")
def command() -> None:
    """Which logs and witnesses are trusted, and which of them together are enough (C2SP tlog-policy).

    \b
    Example:
      countersign policy new --log "$(cat log.vkey)" --witness university "$(cat w1.vkey)" --out trust.policy
      countersign policy check trust.policy
    """


@command.command()
@option("--log logs", "A log's key: name+id+base64.", multiple=True, required=True, metavar="KEY")
@option(
    "--witness witnesses",
    "A witness: a name of your choice, and its key. May be given several times.",
    multiple=True,
    nargs=2,
    metavar="NAME KEY",
)
@option("--threshold", "How many of the witnesses must have cosigned; all by default.", click.IntRange(min=1))
@option("--out", "Where to write the policy.", FILE, required=True)
def new(logs: tuple[str, ...], witnesses: tuple[tuple[str, str], ...], threshold: int | None, out: Path) -> None:
    """Write a policy: the logs taken, and how many of the witnesses must have cosigned.

    Without a witness no outside body is asked for, and what is verified under the policy rests on the log's own key.

    \b
    Example:
      countersign policy new --log "$(cat log.vkey)" --witness university "$(cat w1.vkey)" \\
          --witness regulator "$(cat w2.vkey)" --threshold 1 --out trust.policy
    """
    named = tuple(PolicyWitness(name, VerifierKey.parse(key)) for name, key in witnesses)
    if threshold is not None and not named:
        raise PolicyMalformed(f"{threshold} of no witnesses cannot have cosigned: give --witness NAME KEY")
    groups: tuple[Group, ...] = ()
    if named:
        groups = (Group("witnesses", threshold or len(named), tuple(witness.name for witness in named)),)
    quorum = groups[0].name if groups else NO_QUORUM
    policy = Policy(tuple(PolicyLog(VerifierKey.parse(key)) for key in logs), named, groups, quorum)
    write_whole(out, policy.render())
    _describe(policy)


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def check(file: Path) -> None:
    """Say what a policy asks for; exit code 2, with the line, if it is not in the form.

    \b
    Example:
      countersign policy check trust.policy
    """
    _describe(read_policy(file))


def _describe(policy: Policy) -> None:
    for log in policy.logs:
        echo(f"log      {log.key.name} (key id {log.key.key_id.hex()})")
    for witness in policy.witnesses:
        echo(f"witness  {witness.name}: {witness.key.name} (key id {witness.key.key_id.hex()})")
    for group in policy.groups:
        echo(f"group    {group.name}: {group.threshold} of {', '.join(group.members)}")
    if not policy.logs:
        echo("No log is named: no checkpoint can be verified under this policy.")
    if policy.quorum == NO_QUORUM:
        echo("quorum   none: no outside body is asked for; what is verified rests on the log's own key alone.")
    else:
        echo(f"quorum   {policy.quorum}")


@command.command()
@option(
    "--outside bodies",
    "A body outside: its name, its kind, its key (as `countersign key new` printed it), the roles it signs in and "
    "the forces it is about, each with commas between. May be given several times.",
    multiple=True,
    nargs=5,
    metavar="BODY KIND KEY ROLES FORCES",
)
@option(
    "--log logs",
    "A log that a body outside keeps itself: the body's name, its kind, the forces it is about, with commas between, "
    "and a policy file for that log alone (`countersign policy new`). May be given several times.",
    multiple=True,
    nargs=4,
    metavar="BODY KIND FORCES POLICY",
)
@option("--out", "Where to write the reader's file.", click.Path(path_type=Path, dir_okay=False), required=True)
def reader(
    bodies: tuple[tuple[str, str, str, str, str], ...], logs: tuple[tuple[str, str, str, str], ...], out: Path
) -> None:
    """Write a reader's file: who is outside a force, by your own word and not by that of the force's registrar.

    Take each key from the body itself. What a record says comes from outside counts as such only under these keys, and
    what stands in these logs. KIND is observer, engine, panel, reviewer, evaluator, regulator, court or press.

    \b
    Examples:
      countersign policy reader --outside "Borough ethics panel" panel "$(cat panel.vkey)" ethics-body force-a \\
          --out reader.toml
      countersign review d-1.bundle --policy trust.policy --reader reader.toml
      countersign policy new --log "$(cat watchers/log.vkey)" --out watchers.policy
      countersign policy reader --log "Street watchers" observer force-a watchers.policy --out reader.toml
      countersign review d-1.bundle watchers/public --policy trust.policy --reader reader.toml
    """
    from countersign.deployments.outside.reader import parse_reader, render

    if not bodies and not logs:
        raise click.UsageError("Give --outside or --log: a reader's file names someone.")
    kept = [(body, kind, forces.split(","), read_policy(Path(file))) for body, kind, forces, file in logs]
    text = render(
        ((name, kind, key, roles.split(","), forces.split(",")) for name, kind, key, roles, forces in bodies),
        ((body, kind, forces, policy.render().decode()) for body, kind, forces, policy in kept),
    )
    parse_reader(text.encode(), str(out))
    write_whole(out, text.encode())
    echo(f"Written: {out}")
