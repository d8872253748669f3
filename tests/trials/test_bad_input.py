"""Bad input: each kind named with file, column, row and count; set aside only when asked, and then counted."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pyarrow.parquet as pq
import pytest

from countersign.made_up.trials import Trial
from countersign.trials.counting.counts import ThresholdOutOfRange
from countersign.trials.counting.evaluate import Evaluation, Question, QuestionWrong, evaluate
from countersign.trials.metrics.rates import figures
from countersign.trials.scores import maps
from countersign.trials.scores.enrolment import Enrolment, ReferenceTwice
from countersign.trials.scores.maps import open_scores, parse_map
from countersign.trials.scores.source import in_memory, open_table
from countersign.trials.scores.subjects import (
    GroupsOutnumberSubjects,
    SubjectInTwoGroups,
    Subjects,
    attributes_of,
    from_table,
    subjects_table,
)
from countersign.trials.scores.survey import ScoresMissing, subjects_of_searches
from countersign.trials.scores.tables import (
    ColumnMissing,
    ColumnWrong,
    RowsFaulty,
    TableEmpty,
    TableHoldsTemplates,
    TableNotReached,
    TableTooLarge,
    TableUnreadable,
)

QUESTION = Question(by=(("group",),), thresholds=(0.6,))


def changed(table: pa.Table, column: str, rows: list[int], value: object) -> pa.Table:
    """The table with a value put into some rows (from 0) of a column."""
    values = table[column].to_pylist()
    for row in rows:
        values[row] = value
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type, from_pandas=False))


def first(table: pa.Table, test: Callable[[dict[str, Any]], bool]) -> int:
    return next(place for place, row in enumerate(table.slice(0, 2000).to_pylist()) if test(row))


def run(table: pa.Table, people: Subjects, enrolment: Enrolment | None, **more: Any) -> Evaluation:
    return evaluate(in_memory(table, "searches.parquet"), people, QUESTION, enrolment=enrolment, **more)


def plain(row: dict[str, Any]) -> bool:
    return bool(not row["mated"] and row["acquired"])


FAULTS: list[tuple[str, Callable[[dict[str, Any]], bool], object, str]] = [
    ("best_nonmate_score", plain, float("nan"), "column best_nonmate_score, row {}: a score is NaN or infinite"),
    ("best_nonmate_score", plain, float("inf"), "column best_nonmate_score, row {}: a score is NaN or infinite"),
    ("subject_id", plain, None, "column subject_id, row {}: a probe without the identity of its subject"),
    ("subject_id", plain, 999_999, "column subject_id, row {}: a subject that the subjects table does not have"),
    ("mated", plain, None, "column mated, row {}: it is not said whether the search is mated"),
    ("mated", plain, True, "column mated, row {}: a mated search whose mate is not enrolled"),
    ("mate_score", plain, 0.5, "column mate_score, row {}: a mate score or rank of a non-mated search"),
    ("acquired", plain, False, "column acquired, row {}: a score of a search that was not acquired"),
    ("N", plain, 0, "column N, row {}: no watchlist size, or one under 1"),
    ("N", plain, None, "column N, row {}: no watchlist size, or one under 1"),
    ("best_nonmate_reference", plain, 10**6, "column best_nonmate_reference, row {}: a reference that the enrolment"),
    (
        "mate_rank",
        lambda row: bool(row["mated"] and row["acquired"]),
        0,
        "column mate_rank, row {}: a mate rank under 1",
    ),
]


@pytest.mark.parametrize(("column", "which", "value", "words"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS])
def test_a_faulty_row_is_named_and_can_be_set_aside(
    column: str, which: Callable[[dict[str, Any]], bool], value: object, words: str,
    trial: Trial, people: Subjects, enrolment: Enrolment,
) -> None:  # fmt: skip
    place = first(trial.searches, which)
    table = changed(trial.searches, column, [place], value)
    with pytest.raises(RowsFaulty) as caught:
        run(table, people, enrolment)
    assert "searches.parquet: " + words.format(f"{place + 1:,}") in str(caught.value)
    assert "(in 1 row)" in str(caught.value)
    found = run(table, people, enrolment, set_aside=True)
    counted = int(found.counts.completed.sum() + found.counts.not_acquired.sum())
    assert found.tally.faults.total == 1
    assert counted == table.num_rows - 1 == found.tally.rows - 1


def test_a_watchlist_of_one_is_a_size_and_no_fault(trial: Trial, people: Subjects, enrolment: Enrolment) -> None:
    place = first(trial.searches, plain)
    found = run(changed(trial.searches, "N", [place], 1), people, enrolment)
    assert found.tally.faults.total == 0
    assert int(found.counts.completed.sum() + found.counts.not_acquired.sum()) == trial.searches.num_rows


def test_a_mate_rank_among_non_mated_searches_alone_is_a_fault(trial: Trial, people: Subjects) -> None:
    alone = trial.searches.filter(
        pa.compute.and_(pa.compute.invert(trial.searches["mated"]), trial.searches["acquired"])
    )
    assert run(alone, people, None).tally.faults.total == 0
    with pytest.raises(RowsFaulty, match="row 1: a mate score or rank of a non-mated search"):
        run(changed(alone, "mate_rank", [0], 1), people, None)


def test_a_non_mated_search_of_someone_on_the_list(trial: Trial, people: Subjects, enrolment: Enrolment) -> None:
    place = first(trial.searches, lambda row: row["mated"] and not row["acquired"])
    with pytest.raises(RowsFaulty, match=rf"row {place + 1}: a non-mated search of a subject who is on the watchlist"):
        run(changed(trial.searches, "mated", [place], False), people, enrolment)


def test_several_kinds_are_all_told(trial: Trial, people: Subjects) -> None:
    table = changed(changed(trial.searches, "mated", [3, 4, 9], None), "best_nonmate_score", [20, 21], float("nan"))
    with pytest.raises(RowsFaulty, match=r"mated, row 4: .*in 3 rows.*best_nonmate_score, row 21: .*in 2 rows"):
        run(table, people, None)


def test_a_subject_without_a_label_is_set_aside(trial: Trial, enrolment: Enrolment) -> None:
    people = from_table(changed(trial.subjects, "group", [10], None), ("group",), ("subjects.csv",))
    with pytest.raises(RowsFaulty, match="a subject without a group label"):
        run(trial.searches, people, enrolment)
    found = run(trial.searches, people, enrolment, set_aside=True)
    assert found.tally.faults.total == int(np.sum(trial.searches["subject_id"].to_numpy() == 11))


def test_a_subject_in_two_groups(trial: Trial) -> None:
    twice = pa.concat_tables([trial.subjects, changed(trial.subjects.slice(4, 1), "group", [0], "b")])
    with pytest.raises(SubjectInTwoGroups, match=r"column subject_id: one subject is in rows 5 and 1,001 \(1 rows"):
        from_table(twice, ("group",), ("subjects.csv",))
    labelled = pa.table({"subject_id": [1, 2, 1, 2], "group": ["a", "b", "b", "b"]})
    with pytest.raises(SubjectInTwoGroups, match=r"subject 1 is labelled .* \(1 subjects are in two groups\)"):
        subjects_of_searches(in_memory(labelled, "s.parquet"), ("group",), "official")


def test_more_groups_than_subjects(trial: Trial) -> None:
    each = trial.subjects.set_column(1, "group", pa.array([str(i) for i in range(trial.subjects.num_rows)]))
    with pytest.raises(GroupsOutnumberSubjects, match=r"subjects.csv: column group: 1,000 groups of 1,000"):
        from_table(each, ("group",), ("subjects.csv",)).grouping(("group",))


def test_a_group_of_one_subject_has_no_interval_worth_the_name(trial: Trial, enrolment: Enrolment) -> None:
    alone = trial.searches["subject_id"][first(trial.searches, plain)].as_py()
    people = from_table(changed(trial.subjects, "group", [alone - 1], "z"), ("group",), ())
    mine = [each for each in figures(run(trial.searches, people, enrolment)) if each.group == ("z",) and each.rate]
    for figure in mine:
        assert figure.rate is not None
        assert figure.rate.clustered is not None
        assert (figure.rate.widest.low, figure.rate.widest.high) == (0.0, 1.0)
        assert "one subject" in figure.rate.widest.method
    assert mine


@pytest.mark.parametrize("threshold", [64.0, -5.0])
def test_a_threshold_on_another_scale(threshold: float, trial: Trial, people: Subjects) -> None:
    with pytest.raises(ThresholdOutOfRange, match="far outside the scores"):
        evaluate(in_memory(trial.searches), people, Question(thresholds=(threshold,)))
    with pytest.raises(ThresholdOutOfRange):
        Question(thresholds=(float("nan"),))


def test_an_fpir_that_cannot_be_resolved(trial: Trial, people: Subjects) -> None:
    with pytest.raises(QuestionWrong, match=r"1e-06 cannot be resolved by 3,\d{3} non-mated searches"):
        evaluate(in_memory(trial.searches), people, Question(at_fpir=(1e-6,)))


def test_a_size_that_is_not_there(trial: Trial, people: Subjects) -> None:
    with pytest.raises(QuestionWrong, match="no search against a watchlist of 77; there are: 1000"):
        evaluate(in_memory(trial.searches), people, Question(thresholds=(0.6,), sizes=(77,)))


def test_no_score_at_all(people: Subjects) -> None:
    table = pa.table({"subject_id": [1], "mated": [False], "best_nonmate_score": pa.array([None], pa.float32())})
    with pytest.raises(ScoresMissing):
        evaluate(in_memory(table), people, QUESTION)


def test_a_column_missing(trial: Trial, people: Subjects) -> None:
    with pytest.raises(ColumnMissing, match="no column mated; it has search_id"):
        run(trial.searches.drop_columns(["mated"]), people, None)
    with pytest.raises(ColumnMissing, match="mate_rank, which ranks above 1 need"):
        evaluate(
            in_memory(trial.searches.drop_columns(["mate_rank"])), people, Question(thresholds=(0.6,), ranks=(1, 5))
        )


def test_a_column_of_strings(trial: Trial, people: Subjects) -> None:
    place = trial.searches.schema.get_field_index("best_nonmate_score")
    words = pa.array(["high"] * trial.searches.num_rows)
    with pytest.raises(ColumnWrong, match=r"column best_nonmate_score holds string in 5,000 rows, not scores"):
        run(trial.searches.set_column(place, "best_nonmate_score", words), people, None)


def test_a_word_among_the_scores_of_a_csv(tmp_path: Path, people: Subjects) -> None:
    (tmp_path / "s.csv").write_text("subject_id,mated,best_nonmate_score\n1,false,0.2\n2,false,high\n")
    with pytest.raises(ColumnWrong, match=r"s\.csv: In CSV column #2: .*invalid value 'high'"):
        evaluate(open_table([tmp_path / "s.csv"]), people, QUESTION)


def test_files_that_are_not_there_empty_or_cut_short(tmp_path: Path, trial: Trial) -> None:
    with pytest.raises(TableNotReached, match=r"none\.parquet: could not be read: no such file") as told:
        open_table([tmp_path / "none.parquet"])
    assert told.value.exit_code == 5
    (tmp_path / "scores.xlsx").write_bytes(b"PK")
    with pytest.raises(TableUnreadable, match="not a table this program reads") as told_form:
        open_table([tmp_path / "scores.xlsx"])
    assert told_form.value.exit_code == 2
    (tmp_path / "empty.parquet").write_bytes(b"")
    with pytest.raises(TableEmpty, match=r"empty\.parquet: the file is empty"):
        open_table([tmp_path / "empty.parquet"])
    pq.write_table(trial.searches.slice(0, 0), tmp_path / "norows.parquet")
    with pytest.raises(TableEmpty, match=r"norows\.parquet: no rows"):
        open_table([tmp_path / "norows.parquet"])
    (tmp_path / "head.csv").write_text("subject_id,mated,best_nonmate_score\n")
    with pytest.raises(TableEmpty):
        open_table([tmp_path / "head.csv"])
    pq.write_table(trial.searches, tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableUnreadable, match=r"cut\.parquet: could not be read"):
        open_table([tmp_path / "cut.parquet"])


def test_damage_in_the_middle_of_a_file_is_placed(tmp_path: Path, trial: Trial, people: Subjects) -> None:
    pq.write_table(trial.searches, tmp_path / "t.parquet", row_group_size=1000, compression="zstd")
    content = bytearray((tmp_path / "t.parquet").read_bytes())
    column = pq.ParquetFile(tmp_path / "t.parquet").metadata.row_group(2).column(3)
    start = column.dictionary_page_offset or column.data_page_offset
    content[start + 20 : start + 400] = bytes(380)
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(TableUnreadable, match=r"t\.parquet: could not be read from row [\d,]+ on"):
        evaluate(open_table([tmp_path / "t.parquet"]), people, QUESTION)


def test_templates_are_refused_before_a_row_is_read(tmp_path: Path, trial: Trial) -> None:
    lists = pa.array([[0.1, 0.2]] * 3, pa.list_(pa.float32()))
    for column in (lists, pa.array([b"x"] * 3), pa.array([b"xy"] * 3, pa.binary(2))):
        table = pa.table({"subject_id": [1, 2, 3], "picture": column})
        with pytest.raises(TableHoldsTemplates, match="column picture holds lists or bytes"):
            in_memory(table)
        pq.write_table(table, tmp_path / "t.parquet")
        with pytest.raises(TableHoldsTemplates):
            open_table([tmp_path / "t.parquet"])


def test_later_files_must_have_the_same_columns(tmp_path: Path, trial: Trial) -> None:
    pq.write_table(trial.searches, tmp_path / "1.parquet")
    pq.write_table(trial.searches.drop_columns(["N"]), tmp_path / "2.parquet")
    with pytest.raises(ColumnMissing, match=r"2\.parquet: no column N, which .*1\.parquet has"):
        open_table([tmp_path / "1.parquet", tmp_path / "2.parquet"])


def test_how_labels_were_obtained_must_be_said(trial: Trial) -> None:
    with pytest.raises(ColumnMissing, match="group_obtained"):
        subjects_table(in_memory(trial.subjects.drop_columns(["group_obtained"])), ("group",))
    with pytest.raises(ColumnWrong, match=r"column group_obtained, row 3: 'guessed' is none of self-declared"):
        from_table(changed(trial.subjects, "group_obtained", [2], "guessed"), ("group",), ("s",))


def test_a_reference_listed_twice(trial: Trial) -> None:
    with pytest.raises(ReferenceTwice, match=r"e\.csv: column reference_id, row 1"):
        Enrolment.of(pa.concat_tables([trial.enrolment, trial.enrolment.slice(0, 1)]), ("e.csv",))


def test_a_mate_score_without_its_rank_counts_by_the_scores_however_the_rows_are_cut() -> None:
    """Rank 1 is to score above every non-mate; a row whose rank is not stated is never a hit by its missing rank."""
    table = pa.table(
        {
            "subject_id": [1, 2, 3, 4],
            "mated": [True] * 4,
            "best_nonmate_score": [0.7, 0.7, 0.3, 0.9],
            "mate_score": [0.8, 0.65, 0.8, 0.8],
            "mate_rank": pa.array([None, None, 1, 2], pa.int64()),
        }
    )
    people = subjects_of_searches(in_memory(table), (), "official")
    for rows_a_piece in (1, 2, 4):
        found = evaluate(in_memory(table, rows_a_piece=rows_a_piece), people, Question(thresholds=(0.5,)))
        assert found.counts.hits.ravel().tolist() == [1, 0, 1, 0]
        with pytest.raises(RowsFaulty, match=r"mate_rank, row 1: a mate score without its rank, .* \(in [12] rows?\)"):
            evaluate(in_memory(table, rows_a_piece=rows_a_piece), people, Question(thresholds=(0.5,), ranks=(1, 2)))


def test_a_subjects_table_that_does_not_say_how_labels_were_obtained(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("subject_id,ethnicity\n1,a\n2,b\n")
    with pytest.raises(ColumnMissing, match="no column ethnicity_obtained beside ethnicity"):
        attributes_of(open_table([tmp_path / "s.csv"]))
    (tmp_path / "t.csv").write_text(
        "subject_id,ethnicity,ethnicity_obtained,sex,sex_obtained,note\n1,a,official,f,official,x\n"
    )
    assert attributes_of(open_table([tmp_path / "t.csv"])) == ("ethnicity", "sex")


def _same_rows(rows: int) -> pa.Table:
    return pa.table(
        {
            "subject_id": pa.array(np.zeros(rows, np.int8)),
            "mated": pa.array(np.zeros(rows, bool)),
            "best_nonmate_score": pa.array(np.zeros(rows, np.float32)),
        }
    )


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_more_rows_than_scores_can_be_packed_into_are_refused_unread(form: str, tmp_path: Path) -> None:
    file = tmp_path / "a.table"
    if form == "parquet":
        pa.parquet.write_table(_same_rows(2_000_000), file, row_group_size=2_000_000)
    else:
        table = _same_rows(2_000_000)
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(str(file), table.schema, options=options) as writer:
            writer.write_table(table)
    assert file.stat().st_size < 50_000
    made = parse_map('[columns]\nsubject = "subject_id"\nscore = "best_nonmate_score"\nmated = "mated"\n', "m")
    with pytest.raises(TableTooLarge, match="2,000,000 rows in"):
        open_table([file])
    with pytest.raises(TableTooLarge, match="2,000,000 rows in"):
        open_scores([file], [made])


def test_a_table_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(f"c{at}" for at in range(1_001)) + "\n" + "1," * 1_000 + "1\n")
    with pytest.raises(TableTooLarge, match="1,001 columns"):
        open_table([tmp_path / "a.csv"])


def test_a_score_file_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "MOST_UNPACKED", 100)
    made = parse_map('[columns]\nsubject = "a"\nreference = "b"\nscore = "s"\n', "m")
    rows = b"a,b,s\n" + b"x,y,0.1\n" * 20
    for content in (rows, gzip.compress(rows)):
        (tmp_path / "a.csv").write_bytes(content)
        with pytest.raises(TableTooLarge):
            open_scores([tmp_path / "a.csv"], [made])
    monkeypatch.setattr(maps, "MOST_UNPACKED", 10_000)
    monkeypatch.setattr(maps, "MOST_ROWS", 10)
    with pytest.raises(TableTooLarge, match="21 rows, more than the 10"):
        open_scores([tmp_path / "a.csv"], [made])
