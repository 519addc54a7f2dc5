"""A terminal as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tools.pictures.sample import Command
from tools.pictures.terminal import terminal_svg

COMMANDS = [Command("doit index", "built   rocm  29.5 kB\n\nwheels: 1 built\n"), Command("doit list", "a < b\n")]


def lines(svg: str) -> list[str]:
    """Return what stands in the terminal, row by row, below its title."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if text.get("clip-path"):
            rows.setdefault(float(text.get("y", 0)), []).append((float(text.get("x", 0)), text.text or ""))
    return ["".join(part for _, part in sorted(row)).replace("\xa0", " ").rstrip() for _, row in sorted(rows.items())]


def test_commands_and_what_they_printed_stand_below_each_other():
    shown = [line for line in lines(terminal_svg(COMMANDS, "title")) if line]

    assert shown == ["$ doit index", "built   rocm  29.5 kB", "wheels: 1 built", "$ doit list", "a < b", "$"]


def test_long_lines_go_on_below():
    svg = terminal_svg([Command("doit", "word " * 30)], "title")

    assert max(map(len, lines(svg))) <= 104
    assert sum(line.count("word") for line in lines(svg)) == 30


def test_equal_runs_give_equal_pictures():
    assert terminal_svg(COMMANDS, "title") == terminal_svg(COMMANDS, "title")
