"""One record from a bundle, a log's files and a case gives one review; what was done before is told beside it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from tests.making.logs import private, trusting

from countersign.any_source import review_source
from countersign.cli.main import run
from countersign.deployments.kinds import KINDS, SCHEMAS
from countersign.deployments.outside.reader import Body, Reader
from countersign.deployments.outside.reader import Kind as BodyKind
from countersign.document import Table
from countersign.errors import EvidenceWrong
from countersign.record.entries.entry import Entry
from countersign.record.keeping.log import Log
from countersign.record.keeping.logfolder import LogConfig, LogFolder
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sequencer import SqliteSequencer, Waiting
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.record.tlog.policy import Policy
from countersign.reviews.deployment.assemble import DeploymentReview, review_case, review_deployment
from countersign.reviews.deployment.cases import BuiltCase, read_case
from countersign.reviews.deployment.figures import scaled
from countersign.reviews.deployment.record import ALONE, UNCHECKED, DeploymentMissing, PolicyNeeded
from countersign.reviews.options import path_of

SUBJECT = "invented-force/2026-03-01-a-square"
AS_OF = datetime.date(2026, 4, 30)


@pytest.fixture(scope="module")
def built() -> BuiltCase:
    return read_case(path_of("shipped:invented-well"))


@pytest.fixture(scope="module")
def bundle(built: BuiltCase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "trust.policy").write_bytes(built.policy.render())
    (folder / "d-1.bundle").write_bytes(built.bundle.render())
    return folder / "d-1.bundle"


@pytest.fixture(scope="module")
def published(built: BuiltCase, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Policy]:
    """The case's entries in a log of their own, as its public files."""
    folder = tmp_path_factory.mktemp("log")
    key = NoteSigner(built.record.trust.origin, private("log"))
    sequencer = SqliteSequencer.create(folder / "entries.db")
    log = Log(sequencer, TileDirectory(folder / "public"), SecondPlace.create(folder / "second"), SCHEMAS, key)
    for one in built.bundle.entries:
        log.append_signed(Entry.parse(one.data))
    log.publish()
    sequencer.close()
    return folder / "public", trusting(key)


@pytest.mark.slow
def test_a_bundle_gives_the_duties_of_the_case_and_says_first_that_nobody_else_signed(
    built: BuiltCase, bundle: Path
) -> None:
    review = review_source(bundle, policy=built.policy, reader=outsiders(built), as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    assert review.model.summary[0] == ALONE
    assert review.model.duties == review_case(built).model.duties
    assert ALONE in str(review.document.sections[0].blocks[0])


def outsiders(built: BuiltCase) -> Reader:
    """A reader's file that bears out what every entry of the case says of its own supplier."""
    kinds: dict[str, BodyKind] = {"engine": "engine", "observer": "observer", "outside": "court"}
    force = frozenset({built.case.force})
    drafts = {(entry.key, entry.draft.role, entry.draft.supplied_by) for _, entry in built.record.entries}
    return Reader(
        tuple(
            Body(f"body {number}", kinds[supplier], key, frozenset({role}), force)
            for number, (key, role, supplier) in enumerate(sorted(drafts))
            if supplier in kinds
        )
    )


def test_without_a_readers_file_nothing_is_met_that_rests_on_an_outsiders_word(built: BuiltCase, bundle: Path) -> None:
    review = review_source(bundle, policy=built.policy, as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    assert review.model.summary[1].startswith("No reader's file was given, so nobody is outside: ")
    before = {duty.id: duty.state for duty in review_case(built).model.duties}
    turned = {duty.id for duty in review.model.duties if duty.state != before[duty.id]}
    assert turned
    assert {(before[duty.id], duty.state) for duty in review.model.duties if duty.id in turned} == {("met", "stated")}
    assert {supplier for duty in review.model.duties for supplier in duty.supplied_by} == {"force"}


@pytest.mark.slow
def test_published_files_hold_no_sealed_value_and_no_finding_is_better_for_it(
    built: BuiltCase, published: tuple[Path, Policy]
) -> None:
    folder, policy = published
    review = review_source(folder, policy=policy, as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    order = {"not met": 0, "not shown": 0, "stated": 1, "met": 2}
    whole = {duty.id: duty.state for duty in review_case(built).model.duties}
    assert all(order[duty.state] <= order[whole[duty.id]] for duty in review.model.duties)
    assert review.evidence.alerts == ()
    assert review.evidence.record.whole
    unchecked = review_source(folder, as_of=AS_OF)
    assert unchecked.model.summary[0] == UNCHECKED
    assert unchecked.model.duties == review.model.duties


@pytest.mark.slow
def test_repeated_entries_change_nothing_and_the_first_page_says_so(
    built: BuiltCase, published: tuple[Path, Policy], tmp_path: Path
) -> None:
    public, policy = published
    key = NoteSigner(built.record.trust.origin, private("log"))
    sequencer = SqliteSequencer.create(tmp_path / "entries.db")
    log = Log(sequencer, TileDirectory(tmp_path / "public"), SecondPlace.create(tmp_path / "second"), SCHEMAS, key)
    entries = [entry.data for entry in built.bundle.entries]
    with sequencer.appending() as appending:
        appending.add([Waiting(data, False) for data in [*entries, *entries]])
    log.publish()
    sequencer.close()
    once = review_source(public, policy=policy, reader=outsiders(built), as_of=AS_OF)
    twice = review_source(tmp_path / "public", policy=policy, reader=outsiders(built), as_of=AS_OF)
    assert isinstance(once, DeploymentReview)
    assert isinstance(twice, DeploymentReview)
    assert twice.model.duties == once.model.duties
    said = [line for line in twice.model.summary if line.startswith("The log holds the same entry more than once")]
    assert said == [line for line in twice.model.summary if line not in once.model.summary]
    assert len(said) == 1


def test_a_folder_opens_what_its_sealed_store_still_holds(built: BuiltCase, tmp_path: Path) -> None:
    """Single values are put into the store of a log's folder; those erased (here: never put in) stay sealed."""
    origin = built.record.trust.origin
    key = NoteSigner(origin, private("log"))
    folder = LogFolder.create(tmp_path / "log", LogConfig(origin, "invented-force", "sqlite"))
    (folder.path / "schemas").mkdir()
    for number, schema in enumerate(KINDS):
        (folder.path / "schemas" / f"{number}.json").write_bytes(schema.text)
    log = folder.log(key)
    for one in built.bundle.entries:
        log.append_signed(Entry.parse(one.data))
    log.publish()
    log.sequencer.close()
    store = folder.sealed()
    kept = [value for value in built.bundle.openings if not value.proof and value.label == "answers"]
    for value in kept:
        store.seal(value.label, "papers", value.version, value.content, value.opening)
    store.close()
    review = review_source(tmp_path / "log", policy=trusting(key), as_of=AS_OF)
    assert isinstance(review, DeploymentReview)
    assert len(review.evidence.record.opened) == len(kept) > 20
    assert review.evidence.alerts == ()
    assert "stated" in {duty.state for duty in review.model.duties if duty.kind == "attested"}


def test_a_bundle_needs_a_policy_and_one_byte_altered_is_refused(
    built: BuiltCase, bundle: Path, tmp_path: Path
) -> None:
    with pytest.raises(PolicyNeeded):
        review_source(bundle)
    data = bundle.read_bytes()
    altered = tmp_path / "altered.bundle"
    assert b"0.64" in data
    altered.write_bytes(data.replace(b"0.64", b"0.94", 1))
    with pytest.raises(EvidenceWrong):
        review_source(altered, policy=built.policy)


def test_another_deployment_is_asked_for_by_name(built: BuiltCase, bundle: Path) -> None:
    with pytest.raises(DeploymentMissing, match="2026-03-01-a-square"):
        review_source(bundle, policy=built.policy, deployment="d-9")


@pytest.mark.slow
def test_the_command_writes_all_three_and_says_what_was_found(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    policy = str(bundle.parent / "trust.policy")
    assert run(["review", str(bundle), "--policy", policy, "--as-of", "2026-04-30", "--out", str(out)]) == 0
    assert sorted(one.name for one in out.iterdir()) == ["evidence.html", "review.html", "review.json", "review.pdf"]
    told = capsys.readouterr().out
    assert "1. Invented Force scanned faces at " in told
    assert "on the force's word alone." in told
    assert run(["review", str(bundle), "--out", str(out)]) == 4
    assert "--policy" in capsys.readouterr().err


def test_what_changed_since_the_last_time_here_and_every_deployment_in_order(built: BuiltCase) -> None:
    """An earlier deployment at the same place, with another threshold: made of the same entries, a week before."""
    record = built.record
    size = record.trust.size
    earlier = []
    for number, (_, entry) in enumerate(one for one in record.entries if one[1].draft.subject == SUBJECT):
        draft = entry.draft
        if draft.kind not in ("open.notice", "live.opened", "plan.proposal"):
            continue
        changed = {"opened_at": "2026-02-22T10:00:00Z", "threshold": "0.60"} if draft.kind == "live.opened" else {}
        moved = replace(
            draft, subject="invented-force/2026-02-22-before", at=f"2026-02-2{min(number, 2)}T10:00:00Z",
            role="compiler", facts={**draft.facts, **changed},
        )  # fmt: skip
        earlier.append((size + number, replace(entry, draft=moved)))
    both = replace(record, entries=(*record.entries, *earlier), whole=True)
    review = review_deployment(both, SUBJECT, as_of=AS_OF)
    sections = {section.id: section for section in review.document.sections}
    [table] = sections["since-last"].blocks
    assert isinstance(table, Table)
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["Threshold"] == ["0.60", "0.64", "differs"]
    assert rows["Engine version"][2] == "the same"
    programme = sections["creep"].blocks[-1]
    assert isinstance(programme, Table)
    assert [row[0].text for row in programme.rows] == ["invented-force/2026-02-22-before", SUBJECT]
    assert [row[3].text for row in programme.rows] == ["0", "1"]


def test_a_tested_rate_is_scaled_to_the_list_as_if_entries_were_independent() -> None:
    """0.017% at 10,000 entries is 1 in 60,000 at 1,000 (NPL 2023, as the facts give it)."""
    assert 1 / scaled(0.00017, 10_000, 1_000) == pytest.approx(58_800, rel=0.01)
    assert scaled(0.0, 1000, 5000) == 0.0
    assert scaled(0.001, 1000, 1000) == pytest.approx(0.001)
