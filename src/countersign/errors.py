"""The errors a person may meet, in four families, and the one table of exit codes for the whole program.

Every error has a stable ``code``, an ``exit_code``, a sentence that says what is wrong and where, and a ``next_step``
that says what to do. Packages define their own subclasses beside the rule that raises them; each also inherits the
fitting built-in (``ValueError``, ``OSError`` ...), so that Python callers can catch what they expect.

>>> raise_it = WrongForm("page 2 of record.pdf holds no table", next_step="Give the PDF that the force published.")
>>> raise_it.exit_code, str(raise_it)
(2, 'page 2 of record.pdf holds no table')
"""

from __future__ import annotations

import re
from typing import ClassVar

DONE = 0
EVIDENCE_WRONG = 1
WRONG_FORM = 2
OWN_KEY_ALONE = 3
NOT_ALLOWED = 4
NOT_REACHED = 5
DEFECT = 70
INTERRUPTED = 130

EXIT_CODES: dict[int, str] = {
    DONE: "done, and nothing was found wrong",
    EVIDENCE_WRONG: "the evidence is wrong: a fault, a difference or a broken proof was found, and is named",
    WRONG_FORM: "the input (or the command line) is not in a form this program takes",
    OWN_KEY_ALONE: "all the policy asks, but signed by the log's own key alone: no outside body among the signers",
    NOT_ALLOWED: "the act is not allowed, for the reason given",
    NOT_REACHED: "a file, a service or room on the disk could not be had",
    DEFECT: "a defect in Countersign itself: please report it",
    INTERRUPTED: "interrupted from the keyboard; nothing half-written is left",
}


class CountersignError(Exception):
    """Root of all errors meant for people: a ``message`` with the place, a ``next_step``, and a ``code`` that never
    changes once released and has a section of that name in a page under ``docs/errors/``. A class is declared with
    both; its code is its name (``PolicyNeeded``: policy-needed) unless it says another. A message may quote a file:
    what leaks of it is withheld, by its kind.
    """

    code: ClassVar[str] = "countersign-error"
    exit_code: ClassVar[int] = DEFECT
    next_step: str = "Report this as a defect, with the command you ran."

    def __init_subclass__(cls, *, code: str | None = None, next_step: str | None = None) -> None:
        super().__init_subclass__()
        cls.code = code or re.sub(r"\B(?=[A-Z])", "-", cls.__name__).lower()
        cls.next_step = next_step or cls.next_step

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        from countersign.leaks import redacted  # its patterns cost more than all else at the start

        super().__init__(redacted(message))
        if next_step is not None:
            self.next_step = next_step


class EvidenceWrong(
    CountersignError,
    ValueError,
    next_step="Do not rely on this evidence; ask its supplier for an unaltered copy.",
):
    """The evidence is wrong: it contradicts itself, was altered, or a proof of it fails."""

    exit_code = EVIDENCE_WRONG


class WrongForm(
    CountersignError, ValueError, next_step="Check that this is the file you meant, then see the documented form."
):
    """The input is not in a form this program takes."""

    exit_code = WRONG_FORM


class NotAllowed(CountersignError, PermissionError, next_step="See the rule named; nothing was changed."):
    """The act is not allowed, by a rule that the message names."""

    exit_code = NOT_ALLOWED

    def __str__(self) -> str:
        return str(self.args[0])


class NotReached(
    CountersignError, OSError, next_step="Check the path and the permissions, then run the command again."
):
    """A file, a service or room on the disk could not be had."""

    exit_code = NOT_REACHED

    def __str__(self) -> str:
        return str(self.args[0])
