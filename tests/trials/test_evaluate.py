"""The evaluation as a whole: thresholds found exactly, sizes and sites in one pass, halves, answers, and the report."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from countersign.made_up.trials import Trial
from countersign.trials.counting.evaluate import Evaluation, Question, QuestionWrong, evaluate, threshold_at
from countersign.trials.counting.passes import count
from countersign.trials.metrics.comparisons import MakeUpWrong, PairTask, expected_fpir, make_up_of
from countersign.trials.metrics.differentials import differentials
from countersign.trials.metrics.rates import by_subject, causing, clustered, concentration, curve, figures, tail
from countersign.trials.metrics.threshold import SplitMissing, by_group_scores, holding, needed, one_search_each, split
from countersign.trials.model import to_json, values
from countersign.trials.plan import PlanWrong, RightsNotAssessed, plan_of, read_answers
from countersign.trials.report.assemble import Stated, answers, results_of
from countersign.trials.report.build import trial_report
from countersign.trials.scores.enrolment import CandidatesWrong, Enrolment, reduce_lists
from countersign.trials.scores.source import in_memory
from countersign.trials.scores.subjects import Subjects, from_table
from countersign.trials.scores.survey import subjects_of_searches


def nonmated(trial: Trial) -> np.ndarray:
    frame = trial.searches.to_pandas()
    return np.sort(frame[~frame.mated & frame.acquired].best_nonmate_score.to_numpy(np.float32))[::-1]


@pytest.mark.parametrize("fpir", [0.001, 0.01, 0.2])
def test_the_threshold_for_an_fpir_is_exact(fpir: float, trial: Trial, people: Subjects) -> None:
    found = evaluate(in_memory(trial.searches), people, Question(at_fpir=(fpir,)))
    (_, _, threshold) = found.chosen[0]
    scores = nonmated(trial)
    allowed = int(fpir * len(scores))
    assert np.count_nonzero(scores >= np.float32(threshold)) <= allowed
    below = scores[scores < np.float32(threshold)][0]
    assert np.count_nonzero(scores >= below) > allowed
    assert found.counts.false_positives.sum() == np.count_nonzero(scores >= np.float32(threshold))


def test_the_threshold_with_ties_and_strictly_above() -> None:
    table = pa.table(
        {"subject_id": range(1, 11), "mated": [False] * 10, "best_nonmate_score": [0.9, 0.8, 0.8, *([0.1] * 7)]}
    )
    people = subjects_of_searches(in_memory(table), (), "official")
    for operator, expected in ((">=", 0.9), (">", np.nextafter(0.9, 0))):
        found = evaluate(in_memory(table), people, Question(at_fpir=(0.2,), operator=operator))  # type: ignore[arg-type]
        assert found.chosen[0][2] == pytest.approx(expected, abs=1e-15)
        assert found.counts.false_positives.sum() == 1
        with pytest.raises(QuestionWrong, match=r"too few for an FPIR of 0\.2"):
            threshold_at(found.counts, 0, 0.2)


def test_all_sizes_and_sites_in_one_pass_are_those_of_separate_passes(trial: Trial, people: Subjects) -> None:
    length = trial.searches.num_rows
    size = pa.array(np.where(np.arange(length) % 3, 1000, 100), pa.int32())
    table = trial.searches.set_column(trial.searches.schema.get_field_index("N"), "N", size)
    table = table.append_column("site", pa.array([("north", "south")[i % 2] for i in range(length)]))
    both = evaluate(in_memory(table), people, Question(by=(("group",),), thresholds=(0.5,), site_column="site"))
    assert both.scheme.sizes == (100, 1000)
    assert both.scheme.sites == ("north", "south")
    for number, site in ((100, "north"), (1000, "south")):
        mask = pa.compute.and_(pa.compute.equal(table["N"], number), pa.compute.equal(table["site"], site))
        alone = evaluate(in_memory(table.filter(mask)), people, Question(by=(("group",),), thresholds=(0.5,)))
        for measure in ("fpir", "gfpir", "fnir", "gfnir", "tpir", "fta"):
            ours = by_subject(both, measure, number, site, 0, 0)
            theirs = by_subject(alone, measure, number, None, 0, 0)
            assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))
    only = evaluate(in_memory(table), people, Question(thresholds=(0.5,), sizes=(100,)))
    assert only.tally.not_asked == int((np.asarray(size) == 1000).sum())


def test_failures_to_acquire_hurt_tpir_and_not_fpir(evaluation: Evaluation) -> None:
    found = {(each.measure, each.group, each.threshold): each.rate for each in figures(evaluation)}
    conditional, whole = found["fnir", ("b",), 0.6], found["gfnir", ("b",), 0.6]
    tpir, fta = found["tpir", ("b",), 0.6], found["fta", ("b",), None]
    assert conditional is not None
    assert whole is not None
    assert tpir is not None
    assert fta is not None
    lost = whole.trials - conditional.trials
    assert whole.events == conditional.events + lost
    assert tpir.events == whole.trials - whole.events
    share = lost / whole.trials
    assert whole.estimate == pytest.approx(share + (1 - share) * conditional.estimate)  # GFNIR = FTA + (1 - FTA) FNIR
    fpir, gfpir = found["fpir", ("b",), 0.6], found["gfpir", ("b",), 0.6]
    assert fpir is not None
    assert gfpir is not None
    assert fpir.events == gfpir.events
    assert fpir.trials < gfpir.trials


def test_marginals_add_up_to_crossings(trial: Trial) -> None:
    subjects = trial.subjects.append_column(
        "sex", pa.array([("f", "m")[i % 2] for i in range(trial.subjects.num_rows)])
    )
    subjects = subjects.append_column("sex_obtained", pa.array(["official"] * subjects.num_rows))
    people = from_table(subjects, ("group", "sex"), ())
    question = Question(by=(("group",), ("sex",), ("group", "sex")), thresholds=(0.5,))
    found = evaluate(in_memory(trial.searches), people, question)
    events = {
        (each.grouping, each.group): each.rate.events
        for each in figures(found)
        if each.measure == "fpir" and each.rate is not None
    }
    assert events["group", ("a",)] == events["group*sex", ("a", "f")] + events["group*sex", ("a", "m")]
    assert events["all", ()] == events["sex", ("f",)] + events["sex", ("m",)]
    for grouping in found.groupings:
        assert curve(found, 1000, grouping).nonmated.sum() == found.counts.completed[:, 0].sum()


def test_curves_fall_and_the_tail_is_exact(evaluation: Evaluation, trial: Trial) -> None:
    whole = curve(evaluation, 1000, evaluation.groupings[0])
    assert (np.diff(whole.false_positives) <= 0).all()
    assert (np.diff(whole.misses) >= 0).all()
    steps = tail(evaluation, 1000, evaluation.groupings[0])[0]
    scores = nonmated(trial)
    for score, above in zip(steps.scores, steps.above, strict=True):
        assert above == np.count_nonzero(scores >= score)
    assert steps.scores.min() >= 0.55


def test_without_errors_the_interval_counts_subjects() -> None:
    rate = clustered(np.zeros(40, np.int64), np.full(40, 25))
    assert rate is not None
    assert rate.exact.high == pytest.approx(1 - 0.025 ** (1 / 1000))
    assert rate.widest.high == pytest.approx(1 - 0.025 ** (1 / 40))
    assert clustered(np.zeros(3, np.int64), np.zeros(3, np.int64)) is None


def test_group_relabelling_swaps_contrasts_and_nothing_else(
    trial: Trial, people: Subjects, evaluation: Evaluation
) -> None:
    other = {"a": "zz", "b": "aa"}
    renamed = trial.subjects.set_column(1, "group", pa.array([other[g] for g in trial.subjects["group"].to_pylist()]))
    found = evaluate(
        in_memory(trial.searches),
        from_table(renamed, ("group",), ()),
        Question(by=(("group",),), thresholds=(0.55, 0.6)),
    )
    ours = {(d.measure, d.threshold): d for d in differentials(evaluation)}
    for theirs in differentials(found):
        mine = ours[theirs.measure, theirs.threshold]
        named = {contrast.group: contrast for contrast in theirs.contrasts}
        for contrast in mine.contrasts:
            twin = named[other[contrast.group]]
            assert (contrast.events, contrast.ratio, contrast.p, contrast.widest) == (
                twin.events, twin.ratio, twin.p, twin.widest,
            )  # fmt: skip


def test_the_planted_difference_shows_and_its_interval_holds_three(evaluation: Evaluation) -> None:
    found = next(d for d in differentials(evaluation) if d.measure == "fpir" and d.threshold == 0.55)
    contrast = next(each for each in found.contrasts if each.group == "b")
    assert contrast.ratio is not None
    assert 2.0 in contrast.widest or 3.0 in contrast.widest
    assert contrast.p_holm < 0.05
    assert contrast.widest.low <= contrast.exact.low
    assert contrast.widest.high >= contrast.exact.high


def test_entries_add_up_to_the_false_positives(evaluation: Evaluation) -> None:
    for place in range(2):
        by_entry = evaluation.counts.entries[:, place].sum(axis=0)
        assert by_entry.sum() == evaluation.counts.false_positives[:, place].sum()
        spread = concentration(by_entry)
        found = causing(evaluation, 1000, place, evaluation.base)
        assert found[0].false_positives == spread.largest
        assert spread.half <= spread.causing


def test_the_report_holds_the_minimum_record_and_no_nought(evaluation: Evaluation) -> None:
    content = json.loads(to_json(trial_report(results_of(evaluation, Stated(engine="E")))))
    record = content["record"]
    for name in (
        "engine", "decision_rule", "thresholds", "threshold_origin", "ranks", "trial_unit", "watchlists", "groups",
        "labels_obtained", "interval_level", "clustering", "multiplicity", "rows", "list_length",
    ):  # fmt: skip
        assert name in record
    assert record["watchlists"][0]["composition"]["a"] > 0
    assert record["rows"]["read"] == 5000
    for figure in content["figures"]:
        assert figure["estimate"] is None or figure["events"] > 0
        assert not figure["in_words"].startswith("0 (")
        assert "interval" in figure


def test_counts_of_no_mated_search_say_so(trial: Trial, people: Subjects) -> None:
    only = trial.searches.filter(pa.compute.invert(trial.searches["mated"]))
    found = evaluate(in_memory(only), people, Question(thresholds=(0.6,)))
    content = values(trial_report(results_of(found, Stated())))
    fnir = next(each for each in content["figures"] if each["measure"] == "fnir")
    assert fnir["in_words"] == "no trial of the kind"


def test_candidate_lists_reduce_to_the_search_table_they_came_from() -> None:
    random = np.random.default_rng(2)
    probes = pa.table(
        {
            "search_id": np.arange(50),
            "subject_id": np.arange(50) % 10 + 1,
            "mated": np.arange(50) % 10 < 4,
            "N": [20] * 50,
        }
    )
    enrolment = Enrolment.of(
        pa.table({"reference_id": np.arange(100, 120), "subject_id": [1, 2, 3, 4, *range(50, 66)]}), ("e",)
    )
    score = np.round(random.random((50, 20)), 2)
    kept = score >= 0.3
    search, reference = np.nonzero(kept)
    lists = pa.table({"search_id": search, "reference_id": reference + 100, "score": score[kept]})
    reduced = reduce_lists(in_memory(probes), in_memory(lists), enrolment)
    owner = np.array([1, 2, 3, 4, *range(50, 66)])
    for row in reduced.searches.to_pylist():
        scores, mine = score[row["search_id"]], owner == row["subject_id"]
        others = scores[~mine & (scores >= 0.3)]
        assert row["best_nonmate_score"] == (others.max() if len(others) else None)
        own = scores[mine & (scores >= 0.3)]
        assert row["mate_score"] == (own[0] if len(own) else None)
        assert row["mate_rank"] == (1 + np.count_nonzero(others >= own[0]) if len(own) else None)
        assert reduced.selected(0.7)[row["search_id"]] == np.count_nonzero(others >= 0.7)
    people = from_table(
        pa.table({"subject_id": range(1, 11), "g": ["x", "y"] * 5, "g_obtained": ["official"] * 10}), ("g",), ()
    )
    found = evaluate(
        in_memory(reduced.searches), people, Question(by=(("g",),), thresholds=(0.7,)), enrolment=enrolment
    )
    selectivity = trial_report(results_of(found, Stated(), reduced=reduced)).selectivity
    fpir = next(f for f in figures(found) if f.measure == "fpir" and not f.group)
    assert fpir.rate is not None
    assert (selectivity[0].selectivity or 0) >= fpir.rate.estimate
    bad = lists.set_column(1, "reference_id", pa.array([7] * lists.num_rows))
    with pytest.raises(CandidatesWrong, match="column reference_id, row 1: a reference that the enrolment table"):
        reduce_lists(in_memory(probes), in_memory(bad), enrolment)
    ranked = lists.append_column("rank", pa.array(np.arange(lists.num_rows) + 1))
    with pytest.raises(CandidatesWrong, match="ranked before it"):
        reduce_lists(in_memory(probes), in_memory(ranked), enrolment)


def test_comparisons_against_plain_counts_and_any_split() -> None:
    random = np.random.default_rng(3)
    score = np.round(random.random((30, 30)), 2)
    probe, reference = (axis.ravel() + 1 for axis in np.meshgrid(np.arange(30), np.arange(30), indexing="ij"))
    table = pa.table({"probe_subject_id": probe, "reference_subject_id": reference, "score": score.ravel()})
    people = from_table(
        pa.table({"subject_id": range(1, 31), "g": ["x", "y", "z"] * 10, "g_obtained": ["official"] * 30}), ("g",), ()
    )
    task = PairTask(people, people.grouping(("g",)), (0.5, 0.9), 0.0, 1.0)
    tally = count(in_memory(table), task)
    code = np.arange(30) % 3
    apart = ~np.eye(30, dtype=bool)
    for g in range(3):
        for h in range(3):
            cell = apart & (code[:, None] == g) & (code[None, :] == h)
            rate = tally.counts.false_match(1, g, h)
            assert rate is not None
            assert (rate.events, rate.trials) == (int((score >= 0.9)[cell].sum()), int(cell.sum()))
    whole = tally.counts.false_match(0)
    genuine = tally.counts.false_non_match(0)
    assert whole is not None
    assert genuine is not None
    assert whole.events == int((score >= 0.5)[apart].sum())
    assert genuine.events == int((np.diag(score) < 0.5).sum())
    assert whole.clustered is not None
    split_up = count(in_memory(table, rows_a_piece=77), task)
    assert split_up.counts.to_bytes() == tally.counts.to_bytes()
    assert task.pack(task.unpack(task.pack(tally))) == task.pack(tally)
    bad = table.set_column(2, "score", pa.array([float("nan"), *score.ravel()[1:]]))
    assert count(in_memory(bad, "c.parquet"), task).faults.sentences() == [
        "c.parquet: column score, row 1: a score is NaN or infinite (in 1 row)"
    ]


def test_composition_is_the_binomial_model() -> None:
    found = expected_fpir(np.array([[20, 2], [1, 30]]), np.full((2, 2), 10_000_000), np.array([1000, 0]))
    assert found[0].estimate == pytest.approx(1 - (1 - 2e-6) ** 1000)
    assert found[1].estimate == pytest.approx(1 - (1 - 1e-7) ** 1000)
    assert all(each.low < (each.estimate or 0) < each.high for each in found)
    none = expected_fpir(np.zeros((1, 1)), np.full((1, 1), 1000), np.array([10]))[0]
    assert none.estimate is None
    assert none.low == 0
    assert none.high > 0.03
    with pytest.raises(MakeUpWrong, match="never compared"):
        expected_fpir(np.zeros((1, 2)), np.array([[10, 0]]), np.array([1, 1]))


def test_a_split_is_by_subject_and_reported_on_the_other_half(trial: Trial, people: Subjects) -> None:
    finding = split(people, 0.5, 9)
    assert 400 < finding.sum() < 600
    scores = one_search_each(in_memory(trial.searches), people, finding, 1000, 9)
    assert np.isnan(scores[~finding]).all()
    again = one_search_each(in_memory(trial.searches, rows_a_piece=300), people, finding, 1000, 9)
    assert ((scores == again) | (np.isnan(scores) & np.isnan(again))).all()
    evidence = holding(np.linspace(0.4, 0.8, 41), by_group_scores(scores, people.grouping(("group",))), 0.02)
    assert evidence.holds_in_every_group_at
    assert list(evidence.holds_in_every_group_at) == sorted(evidence.holds_in_every_group_at)
    report = evaluate(
        in_memory(trial.searches), people, Question(thresholds=evidence.holds_in_every_group_at[:1]), only=~finding
    )
    assert report.counts.completed[:, :, finding].sum() == 0
    assert report.tally.not_asked + report.counts.completed.sum() + report.counts.not_acquired.sum() == 5000
    for share in (0.0, 1.0, 0.99):
        with pytest.raises(SplitMissing):
            split(people, share, 1)


def test_what_is_wanting_would_be_enough() -> None:
    from scipy.stats import binom

    for x, n, ceiling in ((0, 100, 0.01), (3, 900, 0.01), (9, 1000, 0.01), (40, 9000, 0.005)):
        more = needed(x, n, ceiling, 0.95)
        assert more is not None
        assert binom.cdf(np.ceil(more * x / n), more, ceiling) <= 0.0501
    assert needed(10, 1000, 0.01, 0.95) is None
    evidence = holding(np.array([0.5, 0.6]), {"a": np.full(50, 0.1)}, 0.001)
    assert evidence.holds_in_every_group_at == ()
    assert evidence.wanting[0].subjects_needed == 2995


PLAN = {
    "trial": {
        "title": "T", "kind": "street", "start": datetime.date(2026, 3, 1), "end": datetime.date(2026, 3, 29),
        "stopping_rule": "two wrong stops", "trial_unit": "one pass",
    },
    "rights_assessment": {"done": datetime.date(2026, 1, 2), "document": "assessment 3"},
    "assumptions": {"share": {"group": {"a": 0.6, "b": 0.4}}},
    "question": [
        {"id": "c", "text": "ceiling?", "technical": True, "asks": "ceiling", "measure": "fpir", "threshold": 0.6,
         "by": "group", "ceiling": 0.2},
        {"id": "d", "text": "difference?", "technical": True, "asks": "difference", "measure": "fpir",
         "threshold": 0.55, "by": "group", "ratio": 2.0},
        {"id": "r", "text": "rate?", "technical": True, "asks": "rate", "measure": "fnir", "threshold": 0.77},
        {"id": "n", "text": "notice?", "technical": False, "asks": "other", "needs": "interviews"},
    ],
}  # fmt: skip


def test_each_question_is_answered_or_said_not_to_be(evaluation: Evaluation) -> None:
    plan = plan_of(PLAN, "plan.toml")
    shown, differences = list(figures(evaluation)), list(differentials(evaluation))
    found = {each.id: each for each in answers(plan, shown, differences, {})}
    assert found["c"].answered
    assert found["c"].answer.startswith("at or under 0.2 in every group; a: ")
    assert found["d"].answered
    assert "rates differ for" in found["d"].answer
    assert not found["r"].answered
    assert found["r"].answer == "not answered: this was not counted"
    assert not found["n"].answered
    assert "interviews" in found["n"].answer
    given = answers(plan, shown, differences, {"n": ("212 of 300 had seen no sign", ("report, table 2",))})
    assert given[-1].answered
    assert given[-1].evidence == ("report, table 2",)


@pytest.mark.parametrize(
    ("part", "name", "value", "error", "words"),
    [
        ("trial", "end", datetime.date(2026, 2, 1), PlanWrong, "it ends on 2026-02-01"),
        ("trial", "stopping_rule", "", PlanWrong, "stopping_rule is missing"),
        ("trial", "kind", "lab", PlanWrong, "kind is street or engine"),
        ("rights_assessment", "done", datetime.date(2026, 3, 1), RightsNotAssessed, "not before the start"),
        ("rights_assessment", "document", None, PlanWrong, "document is missing"),
    ],
)
def test_a_plan_must_state_it_all(part: str, name: str, value: object, error: type[Exception], words: str) -> None:
    content = {**PLAN, part: {**PLAN[part], name: value}}  # type: ignore[dict-item]
    with pytest.raises(error, match=words):
        plan_of(content, "plan.toml")


MOMENT = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("trial", {"end": MOMENT}, "end is missing"), ("trial", {"start": MOMENT}, "start is missing"),
        ("trial", {"title": True}, "title is missing"), ("rights_assessment", {"done": MOMENT}, "done is missing"),
        ("assumptions", [], "assumptions is missing"), ("assumptions", {"share": []}, "share is missing"),
        ("assumptions", {"share": {"sex": {"a": {}}}}, "share of sex: a is missing"),
        ("assumptions", {"share": {"sex": {"a": True}}}, "share of sex: a is missing"),
        ("assumptions", {"share": {"sex": {"a": 1}}}, "shares lie between 0 and 1"),
        ("assumptions", {"share": {"sex": {"a": 0}}}, "shares lie between 0 and 1"),
        ("assumptions", {"design_effect": "1"}, "design_effect is missing"),
        ("assumptions", {"design_effect": math.nan}, "design_effect is missing"),
        ("assumptions", {"design_effect": math.inf}, "design_effect is missing"),
        ("assumptions", {"design_effect": 10**400}, "design_effect is missing"),
        ("assumptions", {"design_effect": 0.99}, "a design effect is at least 1"), ("engine", 5, "engine is missing"),
        ("question", {"N": "-0.0"}, "N is missing"), ("question", {"N": 0}, "at least 1"),
        ("question", {"N": True}, "N is missing"), ("question", {"N": 10.5}, "N is missing"),
        ("question", {"threshold": math.nan}, "threshold is missing"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_in_a_plan_is_refused_by_its_place(part: str, value: Any, words: str) -> None:
    content: dict[str, Any] = {**PLAN}
    if part == "question":
        content["question"] = [{**content["question"][0], **value}, *content["question"][1:]]
    else:
        held = content.get(part, {})
        content[part] = {**held, **value} if isinstance(value, dict) else value
    with pytest.raises(PlanWrong, match=words):
        plan_of(content, "plan.toml")


def test_a_street_trial_asks_questions_of_both_kinds() -> None:
    with pytest.raises(PlanWrong, match="both kinds"):
        plan_of({**PLAN, "question": PLAN["question"][:3]}, "plan.toml")  # type: ignore[index]
    with pytest.raises(RightsNotAssessed):
        plan_of({key: value for key, value in PLAN.items() if key != "rights_assessment"}, "plan.toml")


def test_answers_name_their_evidence(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('[[answer]]\nid = "n"\ntext = "yes"\nevidence = []\n')
    with pytest.raises(PlanWrong, match="evidence names at least one document"):
        read_answers(path)


@pytest.mark.parametrize("text", ["a", "a=", "=5", "a=1.5", "a=-1", "a=5,b", "a=5,,b=2", "a==5", ""])
def test_a_make_up_that_cannot_be_read_is_refused(text: str, evaluation: Evaluation) -> None:
    with pytest.raises(MakeUpWrong):
        make_up_of(text, evaluation.groupings[1])


def test_an_fpir_whose_product_with_the_searches_falls_short_in_floats_is_counted_exactly() -> None:
    """0.29 x 100 is 28.999999999999996 in floats; 29 false positives are allowed."""
    table = pa.table({"subject_id": range(100), "mated": [False] * 100, "best_nonmate_score": np.linspace(0, 1, 100)})
    people = subjects_of_searches(in_memory(table), (), "official")
    found = evaluate(in_memory(table), people, Question(at_fpir=(0.29,)))
    assert found.counts.false_positives.sum() == 29
