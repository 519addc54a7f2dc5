"""HTML pages from templates; whatever is put in them stays text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render(file: Path, **values: object) -> str:
    """Return the page of a template; values are escaped for HTML, a missing one is an error."""
    return _environment(file.parent).get_template(file.name).render(**values)


@cache
def _environment(directory: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(directory),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
