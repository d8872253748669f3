"""Pages from templates: escaping on, a name that is not given is an error, and lines of control leave no blank lines.

Jinja2 is imported at the first page, not before: most commands draw none.

>>> template(Path(__file__).parent / "templates", "report.html").name
'report.html'
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=16)
def template(folder: Path, name: str, *functions: Callable[..., Any]) -> Template:
    """A template of a folder; ``functions`` are those it may call, by their names."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update({function.__name__: function for function in functions})
    return environment.get_template(name)
