"""Pages from templates: escaping on, a missing name is an error, control lines leave no blank lines.

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
    # Imported at the first page: most commands draw none.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    lines: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, **lines)
    environment.globals.update({function.__name__: function for function in functions})
    return environment.get_template(name)
