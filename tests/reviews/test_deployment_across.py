"""A log with two deployments of one place: what differs here, creep, several bundles, a log on PostgreSQL."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.making.logs import private
from tests.making.two_deployments import BEFORE, NOW, TwoDeployments, two_deployments
from tests.record.conftest import postgres

from countersign.any_source import review_source
from countersign.document import Finding, Section, Table
from countersign.errors import CountersignError
from countersign.record.entries.commitment import SealedSet
from countersign.record.entries.entry import Commitment, key_id
from countersign.record.store.sealedstore import SealedStore
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.record.tlog.policy import Policy, PolicyLog
from countersign.reviews.deployment.assemble import DeploymentReview, review_deployment
from countersign.reviews.deployment.cases import read_case
from countersign.reviews.deployment.reading import read_bundles, read_log
from countersign.reviews.deployment.record import DeploymentMissing, RecordsDiffer
from countersign.reviews.model import NextAuthority
from countersign.reviews.options import path_of

__all__ = ["postgres"]
AS_OF = datetime.date(2026, 4, 30)


@pytest.fixture(scope="module")
def review(two: TwoDeployments) -> DeploymentReview:
    found = review_source(two.folder.path, policy=two.policy, deployment=NOW, as_of=AS_OF)
    assert isinstance(found, DeploymentReview)
    return found


def section(review: DeploymentReview, name: str) -> Section:
    [found] = [one for one in review.document.sections if one.id == name]
    return found


def table(review: DeploymentReview, name: str) -> Table:
    tables = [block for one in review.document.sections for block in one.blocks if isinstance(block, Table)]
    [found] = [one for one in tables if one.anchor == name]
    return found


@pytest.mark.slow
def test_texts_used_again_stand_beside_the_earlier_ones_with_the_question(review: DeploymentReview) -> None:
    lines = review.model.alike
    assert len(lines) > 10
    assert any("what differs here?" in one for one in review.model.summary)
    assert not any(one.duty.startswith("eu.") for one in lines)
    assert {one.earlier for one in lines} == {BEFORE}
    assert {one.asks for one in lines} == {"What differs here?"}
    assert {one.share for one in lines} == {1.0}
    assert {one.duty for one in lines} >= {"uk.plan.purpose", "uk.plan.strict-necessity", "uk.auth.reasons"}
    shown = [block for block in section(review, "alike").blocks if isinstance(block, Finding)]
    assert len(shown) == 12
    for block in shown:
        (here, text), (earlier, before) = block.details
        assert here == "Here"
        assert earlier == f"Earlier: {BEFORE}"
        assert text == before != ""
    entries = dict(review.evidence.record.entries)
    assert all(entries[one.entry].draft.subject == NOW for one in lines)
    assert all(entries[one.earlier_entry].draft.subject == BEFORE for one in lines)


def test_the_first_deployment_has_nothing_to_be_compared_with(two: TwoDeployments) -> None:
    review = review_source(two.folder.path, policy=two.policy, deployment=BEFORE, as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    assert review.model.alike == ()
    assert all(one.id != "alike" for one in review.document.sections)


def test_published_files_show_no_text(two: TwoDeployments) -> None:
    """What lies sealed is not in the published files, so nothing of it can be in a report made from them."""
    review = review_source(two.folder.path / "public", policy=two.policy, deployment=NOW, as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    assert review.model.alike == ()
    assert dict(review.evidence.record.opened) == {}


def test_of_another_deployment_only_what_was_written_is_opened(two: TwoDeployments) -> None:
    record = read_log(two.folder.path, two.policy, NOW)
    entries = dict(record.entries)
    labels = {label for index, label in record.opened if entries[index].draft.subject == BEFORE}
    assert labels == {"answers", "reasons"}
    assert "alerts" in {label for index, label in record.opened if entries[index].draft.subject == NOW}
    short = read_log(two.folder.path, two.policy, NOW.partition("/")[2])
    assert short.opened == record.opened


def test_the_sealed_store_is_asked_once_a_commitment_and_builds_no_tree(
    two: TwoDeployments, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    trees: list[int] = []
    contents, tree = SealedStore.contents, SealedSet.__init__

    def asking(store: SealedStore, commitment: Commitment) -> dict[int, bytes]:
        asked.append(commitment.digest)
        return contents(store, commitment)

    def building(sealed: SealedSet, leaves: Sequence[bytes]) -> None:
        trees.append(len(leaves))
        tree(sealed, leaves)

    monkeypatch.setattr(SealedStore, "contents", asking)
    monkeypatch.setattr(SealedSet, "__init__", building)
    record = read_log(two.folder.path, two.policy, None)
    sealed = [commitment for _, entry in record.entries for commitment in entry.draft.sealed.values()]
    assert len(asked) == len(sealed)
    assert sum(commitment.count or 1 for commitment in sealed) > len(sealed)
    assert trees == []
    assert sum(map(len, record.opened.values())) == sum(commitment.count or 1 for commitment in sealed)


def test_since_the_last_time_and_growth(review: DeploymentReview) -> None:
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table(review, "since-last-table").rows}
    assert rows["Threshold"] == ["0.66", "0.64", "differs"]
    assert rows["Engine version"][2] == "the same"
    assert rows["Entries on the list"][2] == "the same"
    assert "22 February 2026" in table(review, "since-last-table").columns[1].label
    assert [row[0].text for row in table(review, "programme").rows] == [BEFORE, NOW]
    [year] = table(review, "growth").rows
    assert [cell.text for cell in year[:5]] == ["2026", "2", "8", "1", "1"]
    assert "2 deployments" in str(section(review, "creep").blocks[0])


@pytest.mark.slow
def test_several_bundles_are_one_record(two: TwoDeployments, review: DeploymentReview, tmp_path: Path) -> None:
    """Entries of the force stand in both bundles; openings of both are kept; each file is named as a source."""
    files = [two.bundle(BEFORE, tmp_path / "before.bundle"), two.bundle(NOW, tmp_path / "now.bundle")]
    both = review_source(files, policy=two.policy, deployment=NOW, as_of=AS_OF)
    assert isinstance(both, DeploymentReview)
    assert [one.file for one in both.model.sources] == ["before.bundle", "now.bundle"]
    assert len({one.sha256 for one in both.model.sources}) == 2
    assert both.model.alike == review.model.alike
    assert "2 bundles: before.bundle and now.bundle" in " ".join(both.model.summary)
    whole = read_bundles(files, two.policy)
    assert len(whole.entries) == len(dict(whole.entries)) == len(review.evidence.record.entries)
    assert str(len(whole.entries)) in whole.trust.proved[0]
    assert not whole.whole
    turned = review_source(files[::-1], policy=two.policy, deployment=NOW, as_of=AS_OF)
    assert turned.model.duties == both.model.duties
    with pytest.raises(DeploymentMissing, match="2026-02-22-a-square, "):
        review_source(files, policy=two.policy)


def test_the_same_entry_laid_open_in_two_bundles_keeps_both(two: TwoDeployments, tmp_path: Path) -> None:
    alerts = two.bundle(NOW, tmp_path / "alerts.bundle", labels=frozenset({"alerts"}))
    written = two.bundle(NOW, tmp_path / "written.bundle")
    labels = {label for _, label in read_bundles([alerts, written], two.policy).opened}
    assert labels == {"alerts", "answers", "reasons"}


@pytest.mark.slow
def test_a_log_on_postgresql_is_reviewed_like_any_other(
    postgres: str, review: DeploymentReview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a log needs its published files and sealed store alone: the same bytes, but for the head's signature."""
    made = two_deployments(tmp_path / "log", store="postgres", environment={"COUNTERSIGN_POSTGRES": postgres})
    monkeypatch.delenv("COUNTERSIGN_POSTGRES", raising=False)
    found = review_source(made.folder.path, policy=made.policy, deployment=NOW, as_of=AS_OF)
    assert isinstance(found, DeploymentReview)
    assert found.json() == review.json()


def test_a_moratorium_of_an_outside_key_and_a_finding_stand_against_the_next_authority(
    review: DeploymentReview,
) -> None:
    """Made of entries of the record by hand: the signature of neither is looked at again."""
    record = review.evidence.record
    model = next(one[1] for one in record.entries if one[1].draft.subject == NOW)
    laid = replace(
        model,
        draft=replace(
            model.draft, kind="programme.moratorium", subject=NOW.partition("/")[0], at="2026-03-15T09:00:00Z",
            role="moratorium-authority", supplied_by="outside",
            facts={"starts_at": "2026-03-15T09:00:00Z", "reason": "review", "body": "A commissioner"}, sealed={},
        ),
    )  # fmt: skip
    finding = replace(
        model,
        draft=replace(
            model.draft, kind="review.finding", at="2026-03-20T09:00:00Z", role="reviewer", supplied_by="outside",
            facts={"finding": "f-1", "duty": "uk.auth.rank", "answer_due": "2026-04-20"}, sealed={},
        ),
    )  # fmt: skip
    size = record.trust.size
    entries = (*record.entries, (size, laid), (size + 1, finding))
    with_key = replace(record, entries=entries, outside_keys=frozenset({model.key}))
    found = review_deployment(with_key, NOW, as_of=AS_OF)
    told = str(section(found, "gates").blocks)
    assert f"The moratorium of entry {size} stops authority." in told
    assert "The finding f-1 has not been answered, and its day has passed." in told
    assert table(found, "moratoria").rows[0][3].text == "stops authority"
    assert found.model.next_authority == NextAuthority(("f-1",), (size,))
    assert "Outstanding before the force's next authority: 1 finding without an answer and 1 moratorium." in (
        found.model.summary
    )
    unknown = review_deployment(replace(record, entries=entries), NOW, as_of=AS_OF)
    assert "not an outside key" in table(unknown, "moratoria").rows[0][3].text
    assert "The moratorium of entry" not in str(section(unknown, "gates").blocks)


def test_keys_of_others_in_the_policy_are_outside_keys(two: TwoDeployments, tmp_path: Path) -> None:
    key = NoteSigner("log.example/a-commissioner", private("commissioner")).key
    policy = Policy((*two.policy.logs, PolicyLog(key)), (), (), two.policy.quorum)
    assert read_log(two.folder.path, policy, NOW).outside_keys == {key_id(key.public_key)}
    assert read_log(two.folder.path, None, NOW).outside_keys == frozenset()
    assert read_bundles([two.bundle(NOW, tmp_path / "n.bundle")], two.policy).outside_keys == frozenset()


@pytest.mark.slow
def test_of_several_bundles_a_broken_one_is_named(two: TwoDeployments, tmp_path: Path) -> None:
    whole = two.bundle(NOW, tmp_path / "whole.bundle")
    (tmp_path / "cut.bundle").write_bytes(whole.read_bytes()[:5000])
    (tmp_path / "changed.bundle").write_bytes(whole.read_bytes().replace(b"0.64", b"0.94", 1))
    for name in ("cut", "changed", "gone"):
        with pytest.raises(CountersignError, match=rf"{name}\.bundle: "):
            read_bundles([whole, tmp_path / f"{name}.bundle"], two.policy)
    assert read_bundles([whole, whole], two.policy).beside == ()


def test_a_folder_is_the_one_log_of_a_review(two: TwoDeployments, tmp_path: Path) -> None:
    bundle = two.bundle(NOW, tmp_path / "n.bundle")
    for several in ([two.folder.path, bundle], [bundle, two.folder.path]):
        with pytest.raises(RecordsDiffer, match="the one source of that log"):
            review_source(several, policy=two.policy)


def test_bundles_under_different_checkpoints_are_refused(two: TwoDeployments, tmp_path: Path) -> None:
    """The shipped case's own bundle is of another log under another checkpoint."""
    built = read_case(path_of("shipped:invented-well"))
    (tmp_path / "case.bundle").write_bytes(built.bundle.render())
    policy = Policy((*two.policy.logs, *built.policy.logs), (), (), two.policy.quorum)
    with pytest.raises(RecordsDiffer, match=r"case\.bundle"):
        read_bundles([two.bundle(NOW, tmp_path / "n.bundle"), tmp_path / "case.bundle"], policy)


def test_authority_in_the_face_of_a_moratorium_says_so(review: DeploymentReview) -> None:
    """A moratorium before the authority, by a key the reader's policy names as outside; entered by hand."""
    record = review.evidence.record
    place, model = next(one for one in record.entries if one[1].draft.kind == "plan.protest-check")
    laid = replace(
        model,
        draft=replace(
            model.draft, kind="programme.moratorium", subject=NOW.partition("/")[0], at="2026-02-10T09:00:00Z",
            role="moratorium-authority", supplied_by="outside", sealed={},
            facts={"starts_at": "2026-02-10T09:00:00Z", "reason": "review", "body": "A commissioner"},
        ),
    )  # fmt: skip
    entries = tuple((index, laid if index == place else entry) for index, entry in record.entries)
    found = review_deployment(replace(record, entries=entries, outside_keys=frozenset({model.key})), NOW, as_of=AS_OF)
    gate = next(one for one in found.model.gates if one.gate == "authorise")
    assert (gate.state, gate.moratoria) == ("passed with something outstanding and no override", (place,))
    [told] = [one for one in found.model.summary if one.startswith("Gates passed")]
    assert "authorise (1 moratorium)" in told
