"""What a terminal shows, as SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tools.pictures.sample import Command

WIDTH = 104  # columns
_THEME = TerminalTheme((17, 20, 24), (222, 226, 231), [(17, 20, 24)] * 8)  # background, text, and colours not used
# rich's own has fonts from a network in it, which a picture in a page never loads
_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
}}
.{unique_id}-title {{ font: bold 18px system-ui, "DejaVu Sans", sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def terminal_svg(commands: Sequence[Command], title: str) -> str:
    """Return a picture of a terminal in which the commands were run, one after the other."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor", legacy_windows=False)
    for command in commands:
        console.print(Text.assemble(("$ ", "bold #7ee0a4"), (command.typed, "bold")))
        console.print(Text(command.printed.rstrip("\n")))
    console.print(Text("$ ", "bold #7ee0a4"))
    return console.export_svg(title=title, theme=_THEME, code_format=_FORMAT, unique_id="run")
