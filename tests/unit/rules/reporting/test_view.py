"""A live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import re
import threading

import pytest

from rules.reporting.view import LiveView, PlainView, make_view


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def colours(text: str) -> list[str]:
    return re.findall(r"\x1b\[[0-9;]*m", text)


def visible(text: str) -> list[str]:
    return [line for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text).split("\n") if line]


def test_a_terminal_gets_a_live_view(terminal):
    assert isinstance(make_view(terminal, list), LiveView)


def test_a_pipe_gets_plain_lines():
    assert isinstance(make_view(io.StringIO(), list), PlainView)


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(terminal, monkeypatch, term):
    monkeypatch.setenv("TERM", term) if term else monkeypatch.delenv("TERM")

    assert isinstance(make_view(terminal, list), PlainView)


def test_plain_lines_are_what_was_said(capsys):
    out = io.StringIO()
    view = make_view(out, lambda: ["never shown"])
    view.begin()
    view.line("one [bold]line[/bold]")
    view.error("two")
    view.close()

    assert out.getvalue() == "one [bold]line[/bold]\n"
    assert capsys.readouterr().err == "two\n"


def test_the_live_view_draws_the_status_and_takes_it_away(terminal):
    view = make_view(terminal, lambda: ["wheels 1/2", "  a"])
    view.begin()
    view.close()

    assert visible(terminal.getvalue())[-2:] == ["wheels 1/2", "  a"]
    assert terminal.getvalue().endswith("\x1b[2K")


def test_lines_last_and_are_neither_wrapped_nor_styled(terminal):
    view = make_view(terminal, list)
    text = "built   [bold]generic[/bold] " + "x" * 60 + " :smile: 1.0 kB"
    view.line(text)

    assert terminal.getvalue() == f"{text}\n"


def test_no_color_is_honoured(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    view = make_view(terminal, lambda: ["wheels 1/2"])
    view.begin()
    view.close()

    assert colours(terminal.getvalue()) == []


def test_colours_are_there_otherwise(terminal):
    view = make_view(terminal, lambda: ["wheels 1/2"])
    view.begin()
    view.close()

    assert colours(terminal.getvalue()) != []


def test_an_error_goes_to_stderr_and_the_drawing_goes_on(terminal, capsys):
    view = make_view(terminal, lambda: ["wheels 1/2"])
    view.begin()
    view.error("failed")
    view.close()

    assert capsys.readouterr().err == "failed\n"
    assert "failed" not in terminal.getvalue()
    assert visible(terminal.getvalue()).count("wheels 1/2") >= 2


def test_a_closed_view_stays_closed(terminal):
    view = make_view(terminal, lambda: ["wheels 1/2"])
    view.close()
    view.begin()
    view.line("table")

    assert terminal.getvalue() == "table\n"


def test_a_log_gets_news_from_time_to_time():
    out, told, lines = io.StringIO(), threading.Event(), ["3 MB fetched"]

    def news() -> list[str]:
        if not lines:
            told.set()
        return [lines.pop()] if lines else []

    view = make_view(out, list, news, period=0.01)
    view.begin()
    view.begin()
    assert told.wait(10)
    view.close()

    assert out.getvalue() == "3 MB fetched\n"
