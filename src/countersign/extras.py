"""What is installed only for those who ask for it: which extra of the package brings which library.

>>> str(missing(ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow.csv")))
'this needs pyarrow, which is not installed'
>>> missing(ModuleNotFoundError("No module named 'countersgin'", name="countersgin")) is None
True
"""

from __future__ import annotations

from importlib.util import find_spec

from countersign.errors import NotReached

#: The library, and the extra that brings it.
EXTRAS = {
    "allauth": "desk",
    "argon2": "desk",
    "csp": "desk",
    "dask": "dask",
    "django": "desk",
    "govuk_frontend_jinja": "desk",
    "pandas": "pandas",
    "psycopg": "postgres",
    "pyarrow": "trials",
    "typst": "pdf",
    "urllib3": "fetch",
    "uvicorn": "desk",
    "warcio": "fetch",
    "whitenoise": "desk",
}


class ExtraMissing(NotReached, next_step="Install the extra that brings it (docs/python.md lists them)."):
    """A command or function needs a library that is not installed; an extra of the package brings it."""


def missing(error: ModuleNotFoundError) -> ExtraMissing | None:
    """The refusal for a library that an extra brings; ``None`` for any other module."""
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return None
    how = f'Install it with: pip install "countersign[{EXTRAS[library]}]".'
    return ExtraMissing(f"this needs {library}, which is not installed", next_step=how)


def need(library: str) -> None:
    """Raises ``ExtraMissing`` if a library of ``EXTRAS`` is not installed, before any work is done."""
    if not has(library):
        refusal = missing(ModuleNotFoundError(name=library))
        assert refusal is not None
        raise refusal


def has(library: str) -> bool:
    """Whether a library is installed; it is not imported."""
    return find_spec(library) is not None
