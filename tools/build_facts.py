"""The facts of the build as a Python module of the sdist: import systems carry modules, and no other files."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from tools.values import encode_json

MODULE = "rocm_sdk/_build_facts.py"  # in the sdist


def facts_text(facts: Mapping[str, object]) -> str:
    """Return a module that holds ``facts`` as plain data.

    What names hold stays inside literals, which ``ascii`` writes.
    """
    plain = json.loads(encode_json(facts))
    rows = "".join(f"    {key!a}: {plain[key]!a},\n" for key in sorted(plain))
    return f'"""What the build decided; written by it."""\n\nFACTS = {{\n{rows}}}\n'


def read_facts(text: str | bytes) -> Any:
    """Return what the module assigns to FACTS, which may be plain data only; nothing is run.

    :raises ValueError: when there is no such assignment, or more than plain data.
    :raises SyntaxError: when it is no Python.
    """
    for node in ast.parse(text).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="FACTS")], value=value):
                return ast.literal_eval(value)
    raise ValueError("it assigns nothing to FACTS")
