"""Declarations of settings, and what is made from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rules.loading import setting_values
from rules.loading.setting import help_text, readme_rows, setting, settings_of
from rules.loading.settings import SETTINGS
from tests.support.places import ROOT

PAGE = ROOT / "docs" / "settings.md"


@dataclass(frozen=True, kw_only=True)
class Two:
    """A field under another name, and one whose default depends on the root."""

    asked: bool = setting(setting_values.flag, False, "`yes`: ask", name="is")
    place: Path = setting(setting_values.path, lambda root: root / "here", "where", unset="`here`")


def test_a_setting_has_its_own_name_and_the_fields_value():
    field, declared = settings_of(Two)["is"]

    assert (field, declared.default_for(Path("/r")), declared.parse("on", Path())) == ("asked", False, True)


def test_a_default_may_depend_on_the_root():
    assert settings_of(Two)["place"][1].default_for(Path("/r")) == Path("/r/here")


def test_help_is_without_markdown():
    assert [help_text(declared) for _, declared in settings_of(Two).values()] == [
        "yes: ask; unset: no",
        "where; unset: here",
    ]


def test_docs_have_the_table_of_the_declarations():
    text = PAGE.read_text(encoding="utf-8")
    begin = text.index("| setting |")

    assert text[begin : text.index("\n\n", begin)].splitlines() == list(readme_rows(SETTINGS))
