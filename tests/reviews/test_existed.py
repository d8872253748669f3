"""When entries existed rests on heads that an outside body has cosigned, never on the times that entries give."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from tests.making.logs import private

from countersign.any_source import review_source
from countersign.deployments.kinds import KINDS
from countersign.record.entries.entry import Entry
from countersign.record.keeping.logfolder import LogConfig, LogFolder
from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSigner, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.policy import NO_QUORUM, Policy, PolicyLog, PolicyWitness
from countersign.reviews.deployment.assemble import DeploymentReview, review_case, review_deployment
from countersign.reviews.deployment.cases import BuiltCase, read_case
from countersign.reviews.deployment.record import Trust
from countersign.reviews.options import path_of

AS_OF = datetime.date(2026, 4, 30)
WITNESS = Cosigner("overseer.example/witness", private("overseer"))
#: Of the case: the opening stands at place 138, at 10:00 on 1 March 2026.
OPENED = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def built() -> BuiltCase:
    return read_case(path_of("shipped:invented-well"))


def _seconds(hours: float) -> int:
    return int((OPENED + datetime.timedelta(hours=hours)).timestamp())


def test_an_entry_was_there_by_the_first_cosigned_head_that_holds_it() -> None:
    trust = Trust(
        "log.example/a", 9, bytes(32), "", (), (), (), (), ((3, "2026-03-01T09:00:00Z"), (9, "2026-03-02T09:00:00Z"))
    )
    times = [trust.existed_by(place) for place in (0, 2, 3, 8, 9)]
    assert times == [*["2026-03-01T09:00:00Z"] * 2, *["2026-03-02T09:00:00Z"] * 2, None]
    # A later cosignature of a smaller head bears out no earlier time.
    assert replace(trust, heads=((9, "2026-03-01T08:00:00Z"), *trust.heads)).existed_by(1) == "2026-03-01T08:00:00Z"


@pytest.mark.slow
def test_what_stands_before_the_opening_is_borne_out_only_by_a_head_cosigned_by_then(built: BuiltCase) -> None:
    before = next(place for place, entry in built.record.entries if entry.draft.kind == "live.opened")
    about = sum(place < before for place, _ in built.record.about(built.subject))
    some = sum(place < before - 9 for place, _ in built.record.about(built.subject))

    def said(*heads: tuple[int, str]) -> list[str]:
        record = replace(built.record, trust=replace(built.record.trust, heads=heads))
        lines = review_deployment(record, built.subject, as_of=AS_OF).model.summary
        return [line for line in lines if "before the opening, " in line or "before the opening; " in line]

    stand = f"{about} entries stand before the opening"
    assert said() == []
    assert said((before, "2026-03-01T10:00:00Z")) == [
        f"{stand}, and an outside body had cosigned a head with all of them by then."
    ]
    late = "When the others were made is the force's own word."
    assert said((before, "2026-03-01T10:00:01Z")) == [
        f"{stand}; an outside body had cosigned no head with any of them by then. {late}"
    ]
    assert said((before - 9, "2026-03-01T09:00:00Z"), (164, "2026-04-01T09:00:00Z")) == [
        f"{stand}; an outside body had cosigned a head with {some} of them by then. {late}"
    ]


@pytest.mark.slow
def test_a_folder_gives_its_earlier_cosigned_heads_and_no_head_of_another_history(
    built: BuiltCase, tmp_path: Path
) -> None:
    key = NoteSigner(built.record.trust.origin, private("log"))
    folder = LogFolder.create(tmp_path / "log", LogConfig(key.key.name, "invented-force", "sqlite"))
    (folder.path / "schemas").mkdir()
    for number, schema in enumerate(KINDS):
        (folder.path / "schemas" / f"{number}.json").write_bytes(schema.text)
    log = folder.log(key)
    heads = []
    for number, entry in enumerate(built.bundle.entries, 1):
        log.append_signed(Entry.parse(entry.data))
        if number in (100, 164):
            log.publish()
            head = log.head()
            assert head is not None
            heads.append(head)
    log.sequencer.close()

    def keep(signed: SignedCheckpoint, hours: float | None) -> None:
        lines = [] if hours is None else [WITNESS.cosign(signed.checkpoint, _seconds(hours))]
        folder.keep_checkpoint(SignedCheckpoint.parse(signed.note.adding(*lines).render()))

    policy = Policy((PolicyLog(key.key),), (PolicyWitness("overseer", WITNESS.key),), (), NO_QUORUM)

    def read() -> tuple[tuple[int, str], ...]:
        review = review_source(folder.path, policy=policy, as_of=AS_OF)
        assert isinstance(review, DeploymentReview)
        return review.evidence.record.trust.heads

    keep(heads[0], None)
    assert read() == ()
    keep(heads[0], -2)
    assert read() == ((100, "2026-03-01T08:00:00Z"),)
    keep(sign_checkpoint(Checkpoint(key.key.name, 50, bytes(32)), key), -9)
    keep(sign_checkpoint(Checkpoint(key.key.name, 200, bytes(32)), key), -9)
    assert read() == ((100, "2026-03-01T08:00:00Z"),)


def test_that_times_are_not_proved_is_said(built: BuiltCase) -> None:
    said = "when entries were made, but that they were there when a head was cosigned"
    assert said in review_case(built).evidence.record.trust.not_proved
