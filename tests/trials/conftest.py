"""Small trials for the tests: simulated once, as tables and as files."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from countersign.made_up.trials import Design, Group, Trial, simulate
from countersign.trials.counting.evaluate import Evaluation, Question, evaluate
from countersign.trials.scores.enrolment import Enrolment
from countersign.trials.scores.source import in_memory
from countersign.trials.scores.subjects import Subjects, from_table

DESIGN = Design((Group("a", 600), Group("b", 400, nonmate_ratio=3.0, not_acquired=0.05)), watchlist=1000, seed=5)


@pytest.fixture(scope="session")
def trial() -> Trial:
    return simulate(DESIGN)


@pytest.fixture(scope="session")
def people(trial: Trial) -> Subjects:
    return from_table(trial.subjects, ("group",), ("subjects",))


@pytest.fixture(scope="session")
def enrolment(trial: Trial) -> Enrolment:
    return Enrolment.of(trial.enrolment, ("enrolment",))


@pytest.fixture(scope="session")
def evaluation(trial: Trial, people: Subjects, enrolment: Enrolment) -> Evaluation:
    question = Question(by=(("group",),), thresholds=(0.55, 0.6))
    return evaluate(in_memory(trial.searches), people, question, enrolment=enrolment)


@pytest.fixture(scope="session")
def folder(trial: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trial's tables as Parquet files, in several row groups."""
    path = tmp_path_factory.mktemp("trial")
    pq.write_table(trial.searches, path / "searches.parquet", row_group_size=500)
    pq.write_table(trial.subjects, path / "subjects.parquet")
    pq.write_table(trial.enrolment, path / "enrolment.parquet")
    return path
