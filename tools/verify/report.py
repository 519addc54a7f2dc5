"""A report as people read it: by file, equal problems together, then what was looked at."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tools.files import encode_json
from tools.verify.dist import Report
from tools.verify.finding import lines


def report_text(report: Report) -> str:
    """Return the lines of the report, the last of which says it all."""
    return "".join(f"{line}\n" for line in (*_problems(report), *_wheels(report), verdict(report)))


def report_json(report: Report) -> bytes:
    """Return the report for programs, canonical JSON."""
    warnings = len(report.findings) - report.errors
    return encode_json({"errors": report.errors, "warnings": warnings, **msgspec.structs.asdict(report)})


def verdict(report: Report) -> str:
    """Return one sentence: how many wheels, how many problems."""
    wheels, files = len(report.wheels), sum(wheel.files for wheel in report.wheels)
    warnings = len(report.findings) - report.errors
    looked_at = f"{_count(wheels, 'wheel')}, {_count(files, 'file')}"
    return f"{looked_at}: {_count(report.errors, 'error')}, {_count(warnings, 'warning')}"


def _problems(report: Report) -> Iterator[str]:
    current = ""
    for file, sentence in lines(report.findings):
        if file != current:
            yield file
            current = file
        yield f"  {sentence}"
    if current:
        yield ""


def _wheels(report: Report) -> Iterator[str]:
    for wheel in report.wheels:
        needs = f", needs glibc {wheel.glibc}" if wheel.glibc else ""
        elf = f", {wheel.elf_files} of them ELF" if wheel.elf_files else ""
        finds = f", finds {wheel.found} of {wheel.needed} libraries by its own paths" if wheel.needed else ""
        yield f"{wheel.filename}: {wheel.size:,} bytes, {_count(wheel.files, 'file')}{elf}{needs}{finds}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
