"""Duties with their outcome, and the three tests of the Convention that they bear on.

Outcomes are counted and never added up into one. *Stated* is the force's word alone; *not shown* is silence. The tests,
for articles 8, 10, 11 and 14: in accordance with the law; a legitimate aim; necessary in a democratic society. Which
duties bear on which question is data of the rulebook (``three_tests.toml``). The record answers none of the questions:
beside each stand the duties with their outcome, and what is still to come, from whom.

>>> anchor_of("uk.auth.rank")
'duty-uk-auth-rank'
>>> articles_words(("8", "10", "11")), articles_words(("14",))
('articles 8, 10 and 11', 'article 14')
>>> lines = three_tests(())
>>> sorted({line.article for line in lines}, key=int), sorted({line.test for line in lines})
(['8', '10', '11', '14'], ['in accordance with the law', 'legitimate aim', 'necessary in a democratic society'])
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources

import msgspec

from countersign.document import Block, Finding, Heading, Paragraph, Section, Table
from countersign.grids import Grid, GridColumn, column, number
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.duties import WORST_FIRST, by_phase, meanings, outcome_words
from countersign.reviews.model import NotShown, TestQuestion
from countersign.rulebook.catalogue import PHASES
from countersign.rulebook.conditions.results import OUTCOMES, Outcome, Result, tally
from countersign.rulebook.letters import wanted_for
from countersign.words.dates import dated
from countersign.words.lists import be, capital, counted, listing, noun
from countersign.words.names import profile_name, role_name, suppliers, token
from countersign.words.numbers import count, small


class TestLine(msgspec.Struct, frozen=True):
    """A question under one test of one article: the results that bear on it, the duties not answered, the entries."""

    __test__ = False

    article: str
    test: str
    question: str
    bearing: tuple[Result, ...]
    unanswered: tuple[str, ...]
    entries: tuple[int, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many of the duties that bear on it have each outcome."""
        return tally(self.bearing)


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of ``three_tests.toml``."""

    articles: tuple[str, ...]
    test: str
    question: str
    duties: tuple[str, ...]


def _read() -> tuple[_Line, ...]:
    text = resources.files("countersign.rulebook").joinpath("data", "three_tests.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["line"], tuple[_Line, ...])


LINES: tuple[_Line, ...] = _read()


def three_tests(results: Iterable[Result]) -> tuple[TestLine, ...]:
    """Every question by article and test, with the results given that bear on it, and their entries."""
    known = {result.duty.id: result for result in results}
    found = []
    for article in ("8", "10", "11", "14"):
        for line in LINES:
            if article not in line.articles:
                continue
            bearing = tuple(known[duty] for duty in line.duties if duty in known)
            unanswered = tuple(duty for duty in line.duties if duty not in known)
            entries = tuple(sorted({entry for result in bearing for entry in result.entries}))
            found.append(TestLine(article, line.test, line.question, bearing, unanswered, entries))
    return tuple(found)


#: Duties of one outcome on the first page.
ON_FIRST_PAGE = 8
#: Those that must be kept stand before those that should be.
SEVERITIES = ("mandatory", "expected", "good-practice")


def anchor_of(duty: str) -> str:
    """The place of a duty in the report."""
    return f"duty-{duty.replace('.', '-')}"


def severity_words(code: str) -> str:
    """A severity in words.

    >>> severity_words("good-practice")
    'good practice'
    """
    return token(code)


def duties_section(evidence: DeploymentEvidence) -> Section:
    """The section: counts by phase, then a finding for each duty, worst outcome first within its phase."""
    results = evidence.results
    silent = tally(results)["not shown"]
    said = (
        f"{count(len(results))} duties count here, those of {profile_name(evidence.profile)}, as at "
        f"{dated(evidence.as_at[:10])}. Their outcomes are counted and never added up."
    )
    blocks: list[Block] = [Paragraph(said), meanings(results), by_phase(results)]
    if silent:
        asking = counted(silent, "duty is", "duties are")
        blocks.append(
            Paragraph(
                f"{capital(asking)} not shown. Open a duty to see what evidence would settle it. “countersign ask "
                "review.json” writes one letter that asks the force for all of it."
            )
        )
    for phase in PHASES:
        of_phase = [result for result in results if result.duty.phase == phase]
        if of_phase:
            blocks.append(Heading(f"{capital(phase)}: {outcome_words(of_phase)}", f"duties-{phase}"))
            of_phase.sort(key=lambda result: WORST_FIRST.index(result.outcome))
            blocks += [finding(result, evidence) for result in of_phase]
    return Section("duties", f"Duties: {outcome_words(results)}", tuple(blocks))


def against(evidence: DeploymentEvidence) -> Iterator[Block]:
    """For the first page: the duties that the evidence contradicts, and what it does not show, mandatory first."""
    severity = column("severity", "Severity", _severity)
    contradicted, silent = of_outcome(evidence, "not met"), of_outcome(evidence, "not shown")

    def shown(result: Result) -> str:
        because, papers = capital(result.because), _papers(result, evidence)
        return because if evidence.invented or not papers else f"{because} ({'; '.join(papers)})"

    if contradicted:
        because = column("because", "What the record shows", shown, rows=lambda result: rows(result.places))
        grid = Grid[Result](_named("Duty not met"), severity, because)
        first, note = contradicted[:ON_FIRST_PAGE], _more(contradicted)
        yield grid.table("against", "Contradicted by the evidence", first, note=note)
    if silent:
        shows: GridColumn[Result] = column("shows", "What would show it", lambda result: wanted_for(result.duty).what)
        grid = Grid[Result](_named("Duty not shown"), severity, shows)
        yield grid.table("silent", "Not shown by the record", silent[:ON_FIRST_PAGE], note=_more(silent))


def _severity(result: Result) -> str:
    return severity_words(result.duty.severity)


def _named(label: str) -> GridColumn[Result]:
    def place(result: Result) -> str:
        return f"#{anchor_of(result.duty.id)}"

    return column("duty", label, lambda result: result.duty.requirement, link=place)


def of_outcome(evidence: DeploymentEvidence, outcome: str) -> list[Result]:
    """The results of one outcome, those of mandatory duties first."""
    results = [result for result in evidence.results if result.outcome == outcome]
    return sorted(results, key=lambda result: SEVERITIES.index(result.duty.severity))


def _more(results: Sequence[Result]) -> str:
    left = len(results) - ON_FIRST_PAGE
    return f"{capital(small(left))} more {be(left)} among the duties below." if left > 0 else ""


def _papers(result: Result, evidence: DeploymentEvidence) -> list[str]:
    return sorted({evidence.sources[entry] for entry in result.entries if entry in evidence.sources})


def finding(result: Result, evidence: DeploymentEvidence) -> Finding:
    """One duty as a block: what it asks, its outcome and why, who supplied the evidence, what it leaves open."""
    duty = result.duty
    details = [
        ("Duty", duty.id),
        ("Sources", duty.sources),
        ("Layer and severity", f"{duty.layer}; {severity_words(duty.severity)}"),
        *([("Dates", duty.in_force)] if duty.in_force_from or duty.in_force_until else []),
        ("Evidence from", suppliers(result.supplied_by)),
    ]
    if stands_in := evidence.from_sources(result.entries):
        details.append(("Stands in", stands_in))
    if papers := _papers(result, evidence):
        details.append(("Papers", "; ".join(papers)))
    if result.outcome == "not shown":
        details += [("What would show it", wanted_for(duty).what), ("Read from", ", ".join(duty.evidence))]
    details += [("Question left open", question) for question in result.asked]
    anchor, because, stands_on = anchor_of(duty.id), capital(result.because), rows(result.places)
    return Finding(anchor, result.outcome, duty.requirement, because, tuple(details), stands_on, fold=True)


def not_shown_of(results: Sequence[Result]) -> tuple[NotShown, ...]:
    """The duties not shown, as lines of what is not shown."""
    return tuple(
        NotShown(result.duty.requirement, result.duty.id, capital(result.because))
        for result in results
        if result.outcome == "not shown"
    )


def questions(results: Sequence[Result]) -> tuple[TestQuestion, ...]:
    """Every question once, with the articles it is asked under, as ``review.json`` holds it."""
    lines_of: dict[tuple[str, str], list[TestLine]] = {}
    for line in three_tests(results):
        lines_of.setdefault((line.test, line.question), []).append(line)
    order = list(dict.fromkeys(test for test, _ in lines_of))
    asked = []
    for (test, question), lines in sorted(lines_of.items(), key=lambda item: order.index(item[0][0])):
        articles, first = tuple(line.article for line in lines), lines[0]
        counts: dict[str, int] = {outcome: first.counts[outcome] for outcome in OUTCOMES}
        bearing = tuple(result.duty.id for result in first.bearing)
        asked.append(TestQuestion(test, articles, question, counts, bearing, first.unanswered, first.entries))
    return tuple(asked)


def articles_words(articles: Sequence[str]) -> str:
    """Articles in a sentence."""
    return f"{noun(len(articles), 'article')} {listing(list(articles))}"


def convention_section(results: Sequence[Result]) -> Section:
    """All questions in one table, then each with the duties that bear on it."""
    asked = questions(results)
    known = {result.duty.id: result for result in results}
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
    for place, question in enumerate(asked, 1):
        if question.test != test:
            test = question.test
            blocks.append(Heading(capital(test), f"test-{test.replace(' ', '-')}"))
        bearing = [known[duty] for duty in question.duties]
        title = f"{question.question} ({articles_words(question.articles)}): {outcome_words(bearing)}"
        blocks += [Heading(title, f"test-question-{place}", 4), _bearing(place, title, question, bearing)]
    against = sum(question.outcomes["not met"] > 0 for question in asked)
    found = f"duties not met bear on {count(against) if against else 'none'} of {counted(len(asked), 'question')}"
    return Section("three-tests", f"The three tests of the Convention: {found}", tuple(blocks))


def _overview(asked: Sequence[TestQuestion]) -> Table:
    def outcome_column(outcome: Outcome) -> GridColumn[tuple[int, TestQuestion]]:
        return number(outcome.replace(" ", "-"), capital(outcome), lambda row: row[1].outcomes[outcome])

    grid = Grid[tuple[int, TestQuestion]](
        column("question", "Question", lambda row: row[1].question, link=lambda row: f"#test-question-{row[0]}"),
        column("test", "Test", lambda row: capital(row[1].test)),
        column("articles", "Articles", lambda row: listing(list(row[1].articles))),
        *map(outcome_column, OUTCOMES),
    )
    caption = "Outcomes of the duties that bear on each question"
    note = "A duty may bear on several questions and is counted under each; no row is a score."
    return grid.table("three-tests-overview", caption, enumerate(asked, 1), note=note)


_BEARING = Grid[Result](
    _named("Duty that bears on it"),
    column("outcome", "Outcome", lambda result: capital(result.outcome), rows=lambda result: rows(result.places)),
    column("open", "Still to come, and from whom", lambda result: _open(result)),
)


def _bearing(place: int, title: str, asked: TestQuestion, bearing: Sequence[Result]) -> Table:
    left_out = f"Under this profile these do not count: {', '.join(asked.not_counted)}." if asked.not_counted else ""
    return _BEARING.table(f"test-{place}", title, bearing, note=left_out)


def _open(result: Result) -> str:
    """What is missing and who could supply it; a dash where nothing is."""
    duty = result.duty
    if duty.kind == "judged" and result.outcome in ("not shown", "stated"):
        return f"from an independent reviewer: {duty.question}"
    if result.asked:
        return f"from the {role_name(duty.role) or 'force'}: {' '.join(result.asked)}"
    if result.outcome == "not shown":
        return f"from the force: {wanted_for(duty).what}"
    if result.outcome == "stated":
        return "from outside the force: evidence that bears it out"
    if result.outcome == "not met":
        return "from the force: its answer to the finding"
    return "-"


def convention_sentence(asked: Sequence[TestQuestion]) -> str:
    """One sentence for the first page: on how many questions duties bear that are not met, and not shown."""
    against, silent = (sum(line.outcomes[outcome] > 0 for line in asked) for outcome in ("not met", "not shown"))
    return (
        f"Of {counted(len(asked), 'question')} under the three tests of the Convention, duties not met bear on "
        f"{count(against) if against else 'none'} and duties not shown on {count(silent) if silent else 'none'}."
    )
