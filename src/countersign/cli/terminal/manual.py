"""A man page (roff) for each command, made from the command's own help: what `--help` shows is what `man` shows."""

from __future__ import annotations

from collections.abc import Iterator

import click

from countersign.errors import EXIT_CODES


def commands_of(root: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Path and command of a group, of every group below it and of every command, in the order of the overview."""
    yield path, root
    context = click.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_of(command, (*path, name))
        else:
            yield (*path, name), command


def man_page(path: tuple[str, ...], command: click.Command, version: str) -> str:
    """The page of section 1 for the command at ``path``, as roff that groff and mandoc take without a warning."""
    context = click.Context(command, info_name=" ".join(path))
    name = "-".join(path)
    lines = [f'.TH {_plain(name.upper())} 1 "" "{_plain(f"countersign {version}")}" "Countersign"', ".ad l", ".nh"]
    lines += [".SH NAME", f"{_plain(name)} \\- {_plain(command.get_short_help_str(200))}"]
    usage = " ".join(command.collect_usage_pieces(context))
    lines += [".SH SYNOPSIS", f".B {_plain(' '.join(path))}", _plain(usage)]
    lines += [".SH DESCRIPTION", *_text(command.help or ""), *_text(command.epilog or "")]
    lines += [".SH OPTIONS"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            lines += _item(*record)
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS"]
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            lines += _item("-".join((*path, below)), found.get_short_help_str(200))
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES.items():
        lines += _item(str(code), meaning)
    if len(path) > 1:
        lines += [".SH SEE ALSO", f".BR {_plain('-'.join(path[:-1]))} (1)"]
    return "\n".join(lines) + "\n"


def _item(term: str, meaning: str) -> list[str]:
    return [".TP", f".B {_plain(term)}", _plain(" ".join(meaning.split()))]


def _text(text: str) -> list[str]:
    """Paragraphs; one that click is told to leave as it is (``\\b``) keeps its lines."""
    lines: list[str] = []
    for paragraph in filter(None, (each.strip("\n") for each in text.split("\n\n"))):
        kept = paragraph.lstrip().startswith("\b")
        rows = [row for row in paragraph.replace("\b", "").split("\n") if row.strip()]
        if kept:
            lines += [".PP", ".nf", *map(_plain, rows), ".fi"]
        else:
            lines += [".PP", _plain(" ".join(row.strip() for row in rows))]
    return lines


def _plain(text: str) -> str:
    r"""Text that roff takes as text, never as a request.

    >>> _plain(".so /etc/passwd --out \\n")
    '\\&.so /etc/passwd \\-\\-out \\en'
    """
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("|", "|\\:")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
