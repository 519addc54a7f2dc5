"""The four contracts between the steps: the example in each docstring is a row that the step would read."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest

from tools.catalog.model import Entry
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt, WrittenMember


def example(contract: Any) -> bytes:
    """Return the example: the lines behind the empty one that begin with a bracket."""
    text = inspect.getdoc(contract) or ""
    return text[min(at for at in (text.find("\n["), text.find("\n{")) if at >= 0) :].encode()


@pytest.mark.parametrize("contract", [Entry, Member, WheelPlan, WrittenMember, Receipt])
def test_the_example_of_a_contract_has_every_field(contract):
    value = msgspec.json.decode(example(contract), type=contract)

    rows = msgspec.json.decode(example(contract))
    assert len(rows) == len(contract.__struct_fields__)
    assert msgspec.json.decode(msgspec.json.encode(value)) == rows
