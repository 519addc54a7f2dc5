"""Specs with anything in them: they load, or one sentence names the file."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.loading.specs import load_specs
from tests.support.places import SPECS
from tools.errors import UserError
from tools.plan.spec import Specs

FILES = sorted(path.relative_to(SPECS).as_posix() for path in SPECS.rglob("*.toml") if "runtime" not in path.parts)
READ = [name for name in FILES if name != "system_libraries.toml"]  # that one is verification's
HOSTILE = [
    "",
    "..",
    "../x",
    "/",
    "a\nb",
    "<script>",
    "'\";import os#",
    "%s{0}",
    "a,b",
    "\0",
    "é" * 200,
    "[",
    "\\",
    "**/",
]

values = (
    st.sampled_from(HOSTILE)
    | st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
)
values |= st.lists(values, max_size=3) | st.dictionaries(
    st.sampled_from([*HOSTILE, "name", "path"]), values, max_size=2
)


def toml(value: Any) -> str:
    """Return a value as TOML on one line; JSON's strings are TOML's."""
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return quoted(value)
        case _:
            return json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every key and item below a table."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, below in inner for place in ((*path, key), *places(below, (*path, key)))]


def put(table: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = value


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("specs") / "specs"
    return Path(shutil.copytree(SPECS, directory, ignore=shutil.ignore_patterns("runtime", "templates")))


def load(specs: Path, name: str, text: str) -> None:
    """Load the specs with another text in one file; put the right one back."""
    file = specs / name
    right = file.read_text()
    file.write_text(text, encoding="utf-8")
    try:
        told = [answer(specs, layout) for layout in ("per-family", "kpack-split")]
    finally:
        file.write_text(right)
    assert all(one == "" or (one.startswith(str(specs)) and len(one) < 5000) for one in told), told


def answer(specs: Path, layout: str) -> str:
    try:
        assert isinstance(load_specs(specs, layout), Specs)
    except UserError as error:
        return str(error)
    return ""


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_in_any_place(specs, data):
    name = data.draw(st.sampled_from(READ))
    table = tomllib.loads((SPECS / name).read_text())
    found = places(table)
    place = data.draw(st.sampled_from(found)) if found else (data.draw(st.sampled_from(HOSTILE)),)
    put(table, place, data.draw(values))

    load(specs, name, "".join(f"{quoted(key)} = {toml(value)}\n" for key, value in table.items()))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(READ), key=st.sampled_from(HOSTILE), value=values)
def test_any_further_key(specs, name, key, value):
    load(specs, name, f"{quoted(key)} = {toml(value)}\n" + (SPECS / name).read_text())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(READ), position=st.integers(0, 3000), text=st.text(max_size=5).filter(str.isprintable))
def test_any_text_in_between(specs, name, position, text):
    right = (SPECS / name).read_text()
    position %= len(right) + 1

    load(specs, name, right[:position] + text + right[position:])
