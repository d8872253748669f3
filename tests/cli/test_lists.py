"""Findings on a terminal and in a pipe: cut with a note, wrapped only where there is a terminal."""

from __future__ import annotations

import sys

import click
import pytest

from countersign.cli.terminal.say import SHOWN, show
from countersign.results.answers import Answer, Group


def said_of(*groups: Group) -> Answer:
    return Answer("A title", (), "A sentence.", groups)


def test_a_long_list_is_cut_with_a_note_unless_all_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    group = Group("Title", "what it means", [(str(number), f"item {number}") for number in range(1, 21)])
    show(said_of(group, Group("Empty", "", [])), everything=False)
    said = capsys.readouterr().out
    assert "Title (20): what it means" in said
    assert said.count("item") == SHOWN
    assert "… 15 more; --all shows them" in said
    assert "Empty" not in said
    show(said_of(group), everything=True)
    assert capsys.readouterr().out.count("item") == 20


def test_one_more_than_shown_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    show(said_of(Group("Title", "", [("-", "item")] * (SHOWN + 1))), everything=False)
    assert "more" not in capsys.readouterr().out


def test_on_a_terminal_long_text_is_wrapped_and_hangs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    show(said_of(Group("Title", "", [("1", "word " * 30 + "[bold]not markup[/bold]")])), everything=True)
    lines = click.unstyle(capsys.readouterr().out).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert "[bold]not markup[/bold]" in " ".join(line.strip() for line in lines)
    assert len(lines) > 3
