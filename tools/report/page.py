"""The report as one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tools import pages
from tools.report.doubles import find_doubles
from tools.report.gantt import longest
from tools.report.growth import Growth
from tools.report.kinds import KINDS, group_of
from tools.report.model import Wheel
from tools.report.pack import pack
from tools.text import size_text

TEMPLATES = Path(__file__).parent / "templates"
ROWS = 50  # of a table: what is more is in the treemap or in `doit diff`


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the page tells."""

    title: str
    wheels: Sequence[Wheel]
    growth: Growth | None
    gantt: Mapping[str, Any] | None  # tools.report.gantt


def report_page(report: Report, echarts: str) -> bytes:
    """Return the page as UTF-8; ``echarts`` is the library that draws."""
    scripts = [_script(echarts), _script(_text("report.js"))]
    doubles = find_doubles(report.wheels)
    page = pages.render(
        TEMPLATES / "report.html.j2",
        report=report,
        growth=report.growth,
        rows=ROWS,
        total=sum(wheel.size for wheel in report.wheels),
        installed=sum(wheel.installed for wheel in report.wheels),
        count=sum(len(wheel.files) for wheel in report.wheels),
        kinds=_kinds(report.wheels),
        doubles=doubles[:ROWS],
        doubles_count=len(doubles),
        spare=sum(one.spare for one in doubles),
        largest=_largest(report.wheels),
        longest=longest(dict(report.gantt), 20) if report.gantt else [],
        data=Markup(pack(report.wheels, report.gantt)),  # base64
        style=Markup(_text("report.css")),
        scripts=[Markup(script) for script in scripts],
        hashes=[_csp_hash(script) for script in scripts],
        license=_text("echarts-license.txt"),
        size=size_text,
        grown=signed_size,
    )
    return page.encode()


def signed_size(count: int) -> str:
    """Return a growth in bytes for people: "+1.5 MB"."""
    return f"{'-' if count < 0 else '+' if count else ''}{size_text(abs(count))}"


def _kinds(wheels: Sequence[Wheel]) -> list[tuple[str, int, int, int]]:
    """Return each kind, device code by target, with files, bytes as installed and compressed."""
    sums: dict[tuple[int, str], list[int]] = {}
    for wheel in wheels:
        for file in wheel.files:
            group = group_of(file.path)
            row = sums.setdefault((KINDS.index(group.kind), group.target), [0, 0, 0])
            row[0] += 1
            row[1] += file.size
            row[2] += file.packed
    return [
        (f"{KINDS[kind]} {target}".rstrip(), files, size, packed)
        for (kind, target), (files, size, packed) in sorted(sums.items())
    ]


def _largest(wheels: Sequence[Wheel]) -> list[tuple[str, str, int, int]]:
    files = [(file.packed, file.size, wheel.name, file.path) for wheel in wheels for file in wheel.files]
    files.sort(key=lambda file: (-file[0], file[2:]))
    return [(wheel, path, size, packed) for packed, size, wheel, path in files[:ROWS]]


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


def _script(text: str) -> str:
    """Return a script in which nothing ends the element it stands in."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _csp_hash(text: str) -> str:
    """Return the source expression that allows one inline script (CSP 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
