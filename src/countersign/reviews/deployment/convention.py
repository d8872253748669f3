"""The three tests of the Convention over one deployment: each question with what the record shows that bears on it.

In accordance with the law; a legitimate aim; necessary in a democratic society: for articles 8, 10 and 11, and what
article 14 adds. Which duties bear on which question is data of the rulebook (``three_tests.toml``). The record answers
none of the questions. Beside each stand the duties with their outcome and entries, and what is still to be put on the
record, by whom: the force where evidence is missing, the reviewer where a judgement is.

>>> articles_told(("8", "10", "11")), articles_told(("14",))
('articles 8, 10 and 11', 'article 14')
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.document import Block, Cell, Column, Heading, Paragraph, Section, Table
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import rows
from countersign.reviews.model import TestQuestion
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.conditions.results import OUTCOMES, Result
from countersign.rulebook.letters import wanted_for
from countersign.rulebook.three_tests import TestLine, three_tests
from countersign.words.phrases import counted, listing
from countersign.words.record import role_told
from countersign.words.wording import capital, count


def questions(results: Sequence[Result]) -> tuple[TestQuestion, ...]:
    """Every question once, with the articles it is asked under, as ``review.json`` holds it."""
    found: dict[tuple[str, str], list[TestLine]] = {}
    for line in three_tests(results):
        found.setdefault((line.test, line.question), []).append(line)
    order = list(dict.fromkeys(test for test, _ in found))
    return tuple(
        TestQuestion(
            test,
            tuple(line.article for line in lines),
            question,
            {outcome: lines[0].counts[outcome] for outcome in OUTCOMES},
            tuple(result.duty for result in lines[0].bearing),
            lines[0].unanswered,
            lines[0].entries,
        )
        for (test, question), lines in sorted(found.items(), key=lambda one: order.index(one[0][0]))
    )


def articles_told(articles: Sequence[str]) -> str:
    """Articles in a sentence."""
    return f"{'article' if len(articles) == 1 else 'articles'} {listing(list(articles))}"


def convention_section(results: Sequence[Result]) -> Section:
    """All questions in one table, then each with the duties that bear on it."""
    asked = questions(results)
    known = {result.duty: result for result in results}
    blocks: list[Block] = [
        Paragraph(
            "Interference with private life (article 8), expression (10) or assembly (11) must be in accordance with "
            "the law, pursue a legitimate aim and be necessary in a democratic society; article 14 asks the same of "
            "any difference in treatment. The record answers none of these questions: they are for a reviewer, the "
            "force and in the end a court. It shows what there is to argue from."
        ),
        _overview(asked),
    ]
    test = ""
    for number, one in enumerate(asked, 1):
        if one.test != test:
            test = one.test
            blocks.append(Heading(capital(test), f"test-{test.replace(' ', '-')}"))
        title = f"{one.question} ({articles_told(one.articles)})"
        blocks += [Heading(title, _anchor(number), 4), _bearing(number, title, one, known)]
    return Section("three-tests", "The three tests of the Convention", tuple(blocks))


def _anchor(number: int) -> str:
    return f"test-question-{number}"


def _overview(asked: Sequence[TestQuestion]) -> Table:
    columns = (
        Column("question", "Question"),
        Column("test", "Test", narrow=True),
        Column("articles", "Articles", narrow=True),
        *(Column(one.replace(" ", "-"), capital(one), "end") for one in OUTCOMES),
    )
    cells = tuple(
        (
            Cell(one.question, link=f"#{_anchor(number)}"),
            Cell(capital(one.test)),
            Cell(listing(list(one.articles))),
            *(Cell(count(one.outcomes[outcome]), one.outcomes[outcome]) for outcome in OUTCOMES),
        )
        for number, one in enumerate(asked, 1)
    )
    return Table(
        "three-tests-overview",
        "Outcomes of the duties that bear on each question",
        columns,
        cells,
        note="A duty may bear on several questions and is counted under each; no row is a score.",
    )


def _bearing(number: int, title: str, one: TestQuestion, known: dict[str, Result]) -> Table:
    columns = (
        Column("duty", "Duty that bears on it"),
        Column("because", "What the record shows"),
        Column("open", "Still to come, and from whom", narrow=True),
    )
    cells = tuple(
        (
            Cell(DUTIES[duty].requirement, link=f"#{anchor_of(duty)}"),
            Cell(f"{capital(known[duty].outcome)}: {known[duty].because}", rows=rows(known[duty].entries)),
            Cell(_open(known[duty])),
        )
        for duty in one.duties
    )
    left_out = f"Under this profile these do not count: {', '.join(one.not_counted)}." if one.not_counted else ""
    return Table(f"test-{number}", title, columns, cells, note=left_out)


def _open(result: Result) -> str:
    """What is missing and who could supply it; a dash where nothing is."""
    duty = DUTIES[result.duty]
    if duty.kind == "judged" and result.outcome in ("not shown", "stated"):
        return f"from an independent reviewer: {duty.question}"
    if result.asked:
        return f"from the {role_told(duty.role) or 'force'}: {' '.join(result.asked)}"
    if result.outcome == "not shown":
        return f"from the force: {wanted_for(duty).what}"
    if result.outcome == "stated":
        return "from outside the force: evidence that bears it out"
    if result.outcome == "not met":
        return "from the force: its answer to the finding"
    return "-"


def told(asked: Sequence[TestQuestion]) -> str:
    """One sentence for the first page: on how many questions duties bear that are not met, and not shown."""
    against, silent = (sum(one.outcomes[outcome] > 0 for one in asked) for outcome in ("not met", "not shown"))
    return (
        f"Of {counted(len(asked), 'question')} under the three tests of the Convention, duties not met bear on "
        f"{count(against) if against else 'none'} and duties not shown on {count(silent) if silent else 'none'}."
    )
