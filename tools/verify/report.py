"""A report as people read it: by file, equal problems together, then what was looked at."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tools.naming import read_name
from tools.platform.tags import SYSTEMS, systems_of
from tools.values import encode_json
from tools.verify.dist import Report, VerifiedWheel
from tools.verify.finding import lines

_ANY = "any system"


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
    """Yield a line for each wheel; where there are some for several systems, by system."""
    groups: dict[str, list[VerifiedWheel]] = {}
    for wheel in report.wheels:
        groups.setdefault(_system(wheel.filename), []).append(wheel)
    if len(groups.keys() - {_ANY}) < 2:
        yield from map(_wheel, report.wheels)
        return
    for system, wheels in sorted(groups.items()):
        yield f"{system}:"
        yield from (f"  {_wheel(wheel)}" for wheel in wheels)


def _system(filename: str) -> str:
    name = read_name(filename)
    systems = sorted(systems_of(name.platforms)) if name else []
    return SYSTEMS[systems[0]] if len(systems) == 1 else _ANY


def _wheel(wheel: VerifiedWheel) -> str:
    needs = f", needs glibc {wheel.glibc}" if wheel.glibc else ""
    elf = f", {wheel.elf_files} of them ELF" if wheel.elf_files else ""
    finds = f", finds {wheel.found} of {wheel.needed} libraries by its own paths" if wheel.needed else ""
    return f"{wheel.filename}: {wheel.size:,} bytes, {_count(wheel.files, 'file')}{elf}{needs}{finds}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
