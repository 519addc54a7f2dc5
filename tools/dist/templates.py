"""The pages of an index, from the templates in packaging_specs/templates."""

from __future__ import annotations

from pathlib import Path

from tools import pages

TEMPLATES = Path(__file__).parents[2] / "packaging_specs" / "templates"


def render(template: str, **values: object) -> bytes:
    """Return the page as UTF-8; values are escaped for HTML, a missing one is an error."""
    return pages.render(TEMPLATES / template, **values).encode()


def read_template(name: str) -> str:
    """Return the text of a file beside the templates, the page's style for instance."""
    return (TEMPLATES / name).read_text("utf-8")
