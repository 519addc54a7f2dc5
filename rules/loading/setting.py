"""One declaration for each setting: parser, default, sentence. Help and the table of docs/settings.md come from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rules.loading.setting_values import Parse

_KEY = "setting"  # in a field's metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known of a setting beside its value."""

    name: str
    parse: Parse
    default: object  # the value, or what gives it for the project's root
    text: str  # what it says, as Markdown
    unset: str  # what holds where nobody sets it, as Markdown

    def default_for(self, root: Path) -> object:
        """Return the value that it has where nobody sets it."""
        return self.default(root) if callable(self.default) else self.default


def setting(parse: Parse, default: object, text: str, *, unset: str = "", name: str = "") -> Any:
    """Return a dataclass field that declares a setting.

    ``unset`` says in words what a default means that is no plain value; ``name`` is the setting's where the field
    cannot have it, since it is a word of Python.
    """
    declared = {"parse": parse, "default": default, "text": text, "unset": unset or _as_written(default), "name": name}
    return field(metadata={_KEY: declared})


def settings_of(cls: Any) -> Mapping[str, tuple[str, Setting]]:
    """Return name -> (field, setting) of every field of a dataclass, in their order."""
    declared = ((one.name, one.metadata[_KEY]) for one in fields(cls))
    return {row["name"] or name: (name, Setting(**row | {"name": row["name"] or name})) for name, row in declared}


def readme_rows(settings: Mapping[str, tuple[str, Setting]]) -> Iterator[str]:
    """Yield the lines of the table in docs/settings.md."""
    yield "| setting | what it says | default |"
    yield "|---|---|---|"
    for name, (_, one) in settings.items():
        yield f"| `{name}` | {one.text} | {one.unset} |"


def help_text(one: Setting) -> str:
    """Return what `doit help` says of a setting: the text without Markdown."""
    return f"{one.text}; unset: {one.unset}".replace("`", "")


def _as_written(value: object) -> str:
    """Return a default as a user would write it."""
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    return f"`{value}`" if isinstance(value, str) else str(value)
