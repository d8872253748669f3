"""A duty explained: its sources, what would satisfy it, what would leave it open, and a request for the evidence.

>>> from countersign.rulebook.catalogue import duty
>>> dict(explanation(duty("uk.auth.rank"), day="2026-09-01").parts())["Dates"]
('in force from: unknown',)
"""

from __future__ import annotations

import msgspec

from countersign.rulebook.catalogue import Duty
from countersign.rulebook.letters import profile_for, request_for_information, wanted_for
from countersign.words.names import role_name

HOW = {
    "machine": "Decided from the record by a check that reads the paths below and nothing else.",
    "attested": "Needs a signed statement of the role named, with an answer to each question that says something.",
    "judged": "Needs the judgement of an independent reviewer; until then it is not shown.",
}
WHAT_FOR = (
    "met: borne out by an observer, an engine's own log, an outside body, or arithmetic anyone can repeat",
    "stated: borne out by the force's word alone, whatever it says",
    "not met: contradicted by the evidence",
    "not shown: evidence is missing or sealed from this reader, or cannot decide it",
)


#: The catalogue's codes of where a duty counts, in words.
WHERE = {
    "UK": "the United Kingdom",
    "UK-EW": "England and Wales",
    "UK-S": "Scotland",
    "UK-NI": "Northern Ireland",
    "EU": "the European Union",
    "CoE": "the Council of Europe (guides everywhere)",
    "INT": "guides everywhere",
}


def where(code: str) -> str:
    """What a code of the catalogue means; the code itself where it is none of these.

    >>> where("UK-EW")
    'England and Wales'
    """
    return WHERE.get(code, code)


class Explanation(msgspec.Struct, frozen=True):
    """A duty with what would satisfy it and the text of a request for the evidence."""

    duty: Duty
    how: str
    outcomes: tuple[str, ...]
    request: str

    def parts(self) -> list[tuple[str, tuple[str, ...]]]:
        """Headings with their lines, as people read them."""
        duty = self.duty
        parts: list[tuple[str, tuple[str, ...]]] = [
            ("Sources", (duty.sources,)),
            ("Where it counts", (", ".join(where(code) for code in duty.jurisdictions),)),
            ("Dates", (duty.in_force,)),
            (
                "What kind of duty",
                (f"{duty.layer}; {duty.severity}; of the {duty.scope}; phase: {duty.phase}", self.how),
            ),
        ]
        if duty.questions:
            asked = tuple(question.text for question in duty.questions)
            parts.append((f"Questions to the {role_name(duty.role)}", asked))
        if duty.question:
            parts.append(("Question to the reviewer", (duty.question, f"bound to: {', '.join(duty.binds)}")))
        parts.append(("What would show it", (wanted_for(duty).what,)))
        parts.append(("Read from the record", duty.evidence))
        parts.append(("Outcomes", self.outcomes))
        return parts


def explanation(duty: Duty, *, day: str) -> Explanation:
    """A duty explained for people; ``day`` dates the request."""
    about = "[the deployments you ask about]"
    request = request_for_information([wanted_for(duty)], about=about, day=day, profile=profile_for(duty))
    return Explanation(duty, HOW[duty.kind], WHAT_FOR, request)
