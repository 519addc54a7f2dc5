"""The long descriptions of distributions, from Jinja2 templates of Markdown."""

from __future__ import annotations


def render_description(template: str, **values: object) -> str:
    """Return the text of ``template`` with ``values``; a name that the template uses and nobody gives is a bug.

    No version is among them: a release candidate that is promoted changes fields, and this text is none.
    """
    import jinja2  # 0.1 s that `doit list` must not pay

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    return environment.from_string(template).render(**values)
