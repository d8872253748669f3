"""Tables of outcomes that the reports on records and on published rows share: what each says, how many by phase.

>>> sorted(MEANING)
['met', 'not met', 'not shown', 'stated']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from countersign.document import Cell, Column, Table
from countersign.rulebook.catalogue import DUTIES, PHASES
from countersign.rulebook.conditions.results import OUTCOMES, Result
from countersign.words.wording import capital, count

#: What each outcome says, wherever the words stand.
MEANING = {
    "met": "borne out by someone other than the force, or by arithmetic anyone can repeat",
    "stated": "the force's word alone, whatever it says",
    "not met": "contradicted by the evidence",
    "not shown": "the evidence for it is not here; silence is never counted in anyone's favour",
}


def by_phase(results: Sequence[Result], *, linked: bool = True) -> Table:
    """How many duties of each phase have each outcome; ``linked`` to the phases' own headings."""
    found = Counter((DUTIES[one.duty].phase, one.outcome) for one in results)
    columns = (Column("phase", "Phase"), *(Column(one.replace(" ", "-"), capital(one), "end") for one in OUTCOMES))
    cells = [
        (
            Cell(capital(phase), link=f"#duties-{phase}" if linked else None),
            *(Cell(count(found[phase, one]), found[phase, one]) for one in OUTCOMES),
        )
        for phase in PHASES
        if any(found[phase, one] for one in OUTCOMES)
    ]
    return Table("duties-phases", "Outcomes by phase", columns, tuple(cells))
