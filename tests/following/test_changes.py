"""What changed is found, all of it and nothing else; forces are set side by side, and no figure is of two."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter

import pytest
from tests.making.libraries import HEAD, Shelf, rows

from countersign.document import Table
from countersign.following.changes import changes, stands
from countersign.following.sides import page_of, sides, table_of
from countersign.releases.standing import standing
from countersign.releases.table import NOT_PUBLISHED

FIRST = ("2026-01-05,High Street,1000,5,1,1,2", "2026-01-12,Station,1200,6,0,0,1", "2026-01-19,Park,800,2,0,0,0")


def test_a_release_is_set_beside_the_one_before(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.add("force-a", rows(*FIRST), "2026-02-01")
    capsys.readouterr()
    late, new = "2026-01-07,Market,700,1,0,0,0", "2026-02-02,Park,1,0,0,0,0"
    assert shelf.add("force-a", rows("2026-01-05,High Street,1000,5,1,3,2", late, FIRST[2], new), "2026-03-01") == 0
    said = capsys.readouterr().out
    assert (
        "published on 1 March 2026: 1 value altered in 1 row, 1 row gone, 1 row came late and 1 row new since "
        "1 February 2026." in said
    )
    assert "false alerts 1 → 3" in said
    assert shelf.run("changes", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [label for label, _ in found[0]["items"]] == ["altered", "gone", "came late"]
    assert shelf.run("changes", "--since", "2026-03-02") == 0


def test_what_our_map_reads_otherwise_is_no_change_of_the_force(shelf: Shelf) -> None:
    layout = shelf.home / "theirs.toml"
    layout.write_text('[columns]\ndate = "When"\nplace = "Where"\nalerts = "Hits"\nfalse_alerts = "Doubts"\n')
    text = "When,Where,Hits,Doubts\n2026-01-05,A,3,1\n2026-01-08,B,4,2\n"
    assert shelf.add("force-a", text, "2026-02-01", "--map", str(layout)) == 0
    changed = layout.read_text().replace("false_alerts", "true_alerts_unconfirmed")
    (shelf.folder / "maps" / "force-a" / "theirs.toml").write_text(changed)
    assert shelf.run("read") == 0
    ours, first = changes(shelf.library)
    assert (ours.kind, first.kind) == ("ours", "force")
    assert "read otherwise by another map" in ours.title
    assert "the force changed nothing" in ours.title
    assert not any(change.revised for change in (ours, first))


def test_a_claim_that_turns_is_a_change(shelf: Shelf) -> None:
    claims = shelf.folder / "claims"
    claims.mkdir()
    (claims / "force-a.toml").write_text(
        '[[claim]]\nid = "few"\nsaid_by = "Force A"\nwhere = "its page"\nstatement = "no more than two false alerts"\n'
        'quantity = "false_alerts"\nrelation = "at_most"\nvalue = 2\n'
    )
    shelf.add("force-a", rows(*FIRST), "2026-02-01")
    shelf.add("force-a", rows(*FIRST, "2026-02-02,Park,900,9,0,4,0"), "2026-03-01")
    turned = [change.title for change in changes(shelf.library) if change.kind == "claim"]
    assert len(turned) == 1
    assert "“no more than two false alerts” now does not hold; before, it holds" in turned[0]


PRIMES = [n for n in range(1009, 9000) if all(n % d for d in range(2, int(n**0.5) + 1))]


def _planted(shelf: Shelf) -> tuple[list[list[int]], set[str]]:
    """Three forces with counts whose sums and means over forces are like no other figure; those sums and means."""
    chance = random.Random(5)
    numbers = iter(chance.sample(PRIMES, 200))
    counts: list[list[int]] = []
    for force in "abc":
        faces, alerts, arrests = (next(numbers) * factor for factor in (97, 1, 1))
        counts.append([faces, alerts, arrests])
        line = f"2025-0{'abc'.index(force) + 3}-05,Place {force},{faces},{alerts},0,{alerts // 7},{arrests}"
        assert shelf.add(f"force-{force}", rows(line), "2026-02-01") == 0
    forbidden: set[str] = set()
    for size in (2, 3):
        for some in itertools.combinations(counts, size):
            for column in zip(*some, strict=True):
                for number in (sum(column), sum(column) / size, round(sum(column) / size)):
                    forbidden |= {f"{number:,}", f"{number}", f"{number:,.1f}"}
    return counts, forbidden


def test_no_figure_is_of_two_forces(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    counts, forbidden = _planted(shelf)
    capsys.readouterr()
    for words in (
        "table",
        "table --json",
        f"table --csv {shelf.home}/t.csv --html {shelf.home}/t.html",
        "status",
        "changes --all",
    ):
        assert shelf.run(*words.split()) == 0
    said = capsys.readouterr().out + (shelf.home / "t.csv").read_text() + (shelf.home / "t.html").read_text()
    assert all(f"{number:,}" in said for line in counts for number in line)
    assert not {number for number in forbidden if number in said}


def test_what_was_not_published_is_an_empty_box_and_what_forbids_comparing_is_said(shelf: Shelf) -> None:
    shelf.add("force-a", rows(*FIRST), "2026-02-01")
    shelf.add("force-b", "date,place,alerts,false_alerts\n2026-01-05,A,3,1\n2026-01-06,B,3,\n", "2026-02-01")
    found = sides(shelf.library)
    table = table_of(found)
    labels = [column.label for column in table.columns]
    ours, theirs = ({label: cell.text for label, cell in zip(labels, row, strict=True)} for row in table.rows)
    assert (ours["Alerts"], ours["False alerts if every unconfirmed one was false"], theirs["Arrests"]) == (
        "13", "2", NOT_PUBLISHED,
    )  # fmt: skip
    assert theirs["False alerts"] == "1 (in 1 of 2 rows)"
    assert ours["False alerts per face"].startswith("1 of 3,000: 1 in 3,000 (1 in ")
    assert "; if every unconfirmed alert was false, 1 in 1,500" in ours["False alerts per face"]
    page = page_of(shelf.library, found)
    assert "Force B: How many alerts stayed unconfirmed is not printed" in repr(page.sections[0])
    tables = [block for block in page.sections[1].blocks if isinstance(block, Table)]
    shown = {table.caption: [cell.text for row in table.rows for cell in row] for table in tables}
    assert shown["Arrests"] == ["Force A", "3", "Force B", "☐"]
    most = "False alerts, and at most how many if every unconfirmed alert was false"
    assert shown[most] == ["Force A", "1; 2 at most", "Force B", "1 (in 1 of 2 rows), no upper end"]
    assert sides(shelf.library) == found


@pytest.mark.slow
def test_twenty_releases_of_three_forces_with_planted_revisions_all_found_and_nothing_else(shelf: Shelf) -> None:
    chance = random.Random(20261201)
    planted: Counter[tuple[str, str]] = Counter()
    lists: dict[str, dict[str, list[int]]] = {"a": {}, "b": {}, "c": {}}
    for number in range(20):
        force, month = "abc"[number % 3], number + 1
        day = f"{2024 + (month - 1) // 12}-{(month - 1) % 12 + 1:02}"
        lines = lists[force]
        if len(lines) > 6:
            keys = sorted(lines)[1:-1]
            revised, gone = chance.sample(keys, 2)
            lines[revised][chance.choice([0, 1, 4])] += chance.randint(1, 9)
            planted[force, "altered"] += 1
            if chance.random() < 0.6:
                del lines[gone]
                planted[force, "gone"] += 1
            if chance.random() < 0.5:
                lines[f"{sorted(lines)[2][:8]}28,Late {number}"] = [chance.randint(500, 5000), 9, 0, 1, 2]
                planted[force, "came late"] += 1
        for at in range(3):
            lines[f"{day}-{3 + 8 * at:02},Place {number}-{at}"] = [
                chance.randint(500, 5000), chance.randint(5, 40), chance.randint(0, 3), chance.randint(0, 4),
                chance.randint(0, 9),
            ]  # fmt: skip
        text = HEAD + "".join(f"{key},{','.join(map(str, values))}\n" for key, values in sorted(lines.items()))
        assert shelf.add(f"force-{force}", text, f"{day}-28") == 0
    found = Counter((change.force[-1], label) for change in changes(shelf.library) for label, _ in change.items)
    assert sum(planted.values()) > 20
    assert found == planted
    assert not [change for change in changes(shelf.library) if change.kind != "force"]
    library = shelf.library
    for force in library.state.followed:
        releases = library.state.of(force)
        all_read = {each.digest: reading for each in releases if (reading := library.reading(each)) is not None}
        whole = standing(releases, all_read)
        assert [held.row.place for held in stands(library, releases).rows] == [held.row.place for held in whole.rows]
        assert len(all_read) > 5
