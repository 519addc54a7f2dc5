"""A report as people and as programs read it."""

from __future__ import annotations

import json

from tools.verify.dist import Report, VerifiedWheel
from tools.verify.finding import error, warning
from tools.verify.report import report_json, report_text, verdict

CORE = VerifiedWheel(filename="core.whl", size=1234567, files=12, elf_files=3, glibc="2.34")
DATA = VerifiedWheel(filename="data.whl", size=10, files=1, elf_files=0, glibc="")


def test_a_sound_dist_is_its_wheels_and_a_verdict():
    assert report_text(Report(wheels=(CORE, DATA), findings=())).splitlines() == [
        "core.whl: 1,234,567 bytes, 12 files, 3 of them ELF, needs glibc 2.34",
        "data.whl: 10 bytes, 1 file",
        "2 wheels, 13 files: 0 errors, 0 warnings",
    ]


def test_problems_come_first_by_file():
    findings = (error("core.whl", "elf", "is empty", "a.so"), error("core.whl", "elf", "is empty", "b.so"))
    findings += (warning("data.whl", "python", "is odd", "x"),)

    assert report_text(Report(wheels=(), findings=findings)).splitlines() == [
        "core.whl",
        "  error: elf: is empty: a.so, b.so",
        "data.whl",
        "  warning: python: is odd: x",
        "",
        "0 wheels, 0 files: 2 errors, 1 warning",
    ]


def test_the_json_has_every_finding_where_the_text_has_a_few():
    findings = tuple(error("core.whl", "elf", "is empty", f"{number:03}.so") for number in range(309))
    report = Report(wheels=(CORE,), findings=findings)

    read = json.loads(report_json(report))

    assert (read["errors"], read["warnings"]) == (309, 0)
    assert [row["culprit"] for row in read["findings"]] == [f"{number:03}.so" for number in range(309)]
    assert "and 299 more, which `doit verify --json FILE` lists" in report_text(report)


def test_the_verdict_is_one_sentence():
    assert (
        verdict(Report(wheels=(CORE,), findings=(warning("a", "b", "c"),))) == "1 wheel, 12 files: 0 errors, 1 warning"
    )
