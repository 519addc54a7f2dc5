"""Pages from the templates in packaging_specs/templates; whatever is put in them stays text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parents[2] / "packaging_specs" / "templates"


def render(template: str, **values: object) -> bytes:
    """Return the page as UTF-8; values are escaped for HTML, a missing one is an error."""
    return _environment().get_template(template).render(**values).encode()


def read_template(name: str) -> str:
    """Return the text of a file beside the templates, the page's style for instance."""
    return (TEMPLATES / name).read_text("utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
