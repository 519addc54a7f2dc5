"""``doit report``: reads what there is, writes the page, and says what matters of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools.files import write_bytes
from tools.report.echarts import read_echarts
from tools.report.gantt import read_gantt
from tools.report.growth import Growth, compare
from tools.report.page import Report, report_page, signed_size
from tools.report.read import read_build, read_dist
from tools.text import size_text

PAGE = "report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What the page is about and where it goes."""

    build: Path  # of this project: gets the page, has the trace
    receipts: tuple[Path, ...] = ()  # of the build; without them ``of`` counts
    of: str = ""  # a dist: a directory or a URL
    against: str = ""  # another one
    budget: int | None = None  # bytes that all wheels may have grown by since then


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    lines: tuple[str, ...]  # for the user
    problem: str  # when the budget is exceeded; else ""


def write_report(request: ReportRequest) -> Written:
    """Write the page.

    :raises UserError: when a dist cannot be read, or ECharts is not installed.
    """
    echarts = read_echarts()
    wheels = read_dist(request.of) if request.of else read_build(request.receipts)
    growth = None
    if request.against:
        growth = compare(read_dist(request.against), wheels, against=request.against, budget=request.budget)
    version = Counter(wheel.version for wheel in wheels).most_common(1)[0][0]  # carried wheels have others
    gantt = None if request.of else read_gantt(request.build)
    page = report_page(Report(title=f"ROCm wheels {version}", wheels=wheels, growth=growth, gantt=gantt), echarts)
    write_bytes(request.build / PAGE, page)
    total = sum(wheel.size for wheel in wheels)
    files = sum(len(wheel.files) for wheel in wheels)
    what = "wheel or sdist" if len(wheels) == 1 else "wheels and sdists"
    lines = [f"{request.build / PAGE}: {files:,} files in {len(wheels)} {what}, {size_text(total)}"]
    lines += [growth_line(growth)] if growth else []
    return Written(lines=tuple(lines), problem=budget_problem(growth) if growth else "")


def growth_line(growth: Growth) -> str:
    """Say what grew most."""
    first = next(iter(growth.wheels), None)
    most = f"; most: {first.name} {signed_size(first.grown)}" if first and first.grown > 0 else ""
    return f"against {growth.against}: {signed_size(growth.grown)}{most}"


def budget_problem(growth: Growth) -> str:
    """Say by how much the budget is exceeded; "" when it is not."""
    if not growth.is_over or growth.budget is None:
        return ""
    over = size_text(growth.grown - growth.budget)
    return (
        f"budget: the wheels grew by {size_text(growth.grown)} against {growth.against}, {over} more than the "
        f"{size_text(growth.budget)} allowed; the page shows which did"
    )
