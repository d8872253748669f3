"""What a desk writes to standard error: one line for a failure, and nothing of what a request brought.

A line has the moment, where it comes from, a reference that the page shows too, the status, the method, the page by its
name, the class of the error and where it was raised. No address, host, name, body or query stands in it: of others'
messages the words are left out, but for those in which uvicorn says why it cannot start.
"""

from __future__ import annotations

import logging
import secrets
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from django.http import HttpRequest

from countersign.surroundings import current

OWN, SERVER = "countersign.desk", "uvicorn"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Bare(logging.Formatter):
    """A line that holds nothing of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        parts = [current().time_text(), record.levelname, record.name]
        if record.name == OWN:
            parts.append(record.getMessage())
        elif record.name.startswith(SERVER):
            parts.append(record.msg.strip() if isinstance(record.msg, str) else getattr(record.msg, "strerror", ""))
        if record.exc_info and record.exc_info[1] is not None:
            parts.append(f"{type(record.exc_info[1]).__name__} at {_place(record.exc_info[2])}")
        return " ".join(filter(None, parts))


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def logging_settings() -> dict[str, Any]:
    """Django's setting: one handler; Django's own loggers, which write paths, are silent."""
    handlers = {
        "stderr": {"class": "logging.StreamHandler", "formatter": "bare"},
        # A logger without any handler would write to standard error by itself.
        "none": {"class": "logging.NullHandler"},
    }
    one = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": True,
        "formatters": {"bare": {"()": Bare}},
        "handlers": handlers,
        "loggers": {OWN: one, SERVER: one, "django": {"handlers": ["none"], "propagate": False}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }


def note_failure(request: HttpRequest, status: int) -> str:
    """Write the line of a request that failed with the error being handled; its reference."""
    reference, match = secrets.token_hex(4), request.resolver_match
    method = request.method if request.method in METHODS else "another method"
    page = (match and match.url_name) or "no page"
    logging.getLogger(OWN).error("%s %d %s %s", reference, status, method, page, exc_info=sys.exc_info())
    return reference
