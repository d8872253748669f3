"""``countersign open``: a page on this machine for people without a terminal; a file in, the report out."""

from __future__ import annotations

import click

EXAMPLES = """\b
Examples:
  countersign open
  countersign open --port 8437 --no-browser
"""


@click.command("open", epilog=EXAMPLES)
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Where to listen on 127.0.0.1; a free port if "
              "left out.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address only, and open no browser.")
def command(port: int, no_browser: bool) -> None:
    """Serve one page on this machine: give a force's PDF or spreadsheet, or a bundle, and get the report.

    Only this machine can reach the page, and the page reaches nothing. The file lies in a private folder while it is
    read, and nowhere after; the report is held in memory for half an hour. It ends with Ctrl-C, or after an hour
    without a request.
    """
    from countersign.desk.serve import serve

    def opened(address: str) -> None:
        click.echo(f"The page is at {address}")
        click.echo("Only this machine can reach it, and nothing given to it is kept. Ctrl-C ends it.")
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    why = serve(port, opened)
    click.echo(f"Ended: {why}. Nothing is left of what was given.")
