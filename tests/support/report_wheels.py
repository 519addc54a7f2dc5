"""Wheels of a few bytes, as a report sees them."""

from __future__ import annotations

from tools.report.model import File, Wheel


def make_wheel(project: str, *files: tuple[str, int] | File, version: str = "1", platform: str = "any") -> Wheel:
    """Return a wheel whose files, of a path and a size, compress to half."""
    made = [file if isinstance(file, File) else File(*file, file[1] // 2, f"{project} {file}") for file in files]
    return Wheel(
        name=project,
        version=version,
        filename=f"{project}-{version}-py3-none-{platform}.whl",
        size=sum(file.packed for file in made) + 10,
        files=tuple(sorted(made)),
    )
