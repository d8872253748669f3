"""Options and arguments that several commands on a log share."""

from __future__ import annotations

from pathlib import Path

import click

where_argument = click.argument("where", metavar="LOG|PUBLISHED")
schemas_option = click.option(
    "--schema", "schema_folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="For published files: a folder with schema files beside the record's own.",
)  # fmt: skip
