"""Files that join the steps, damaged: a sentence, whatever the damage."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.contracts import plan_of, text
from tools.errors import UserError
from tools.plan.model import WheelPlan
from tools.values import encode_json, read_json, read_toml
from tools.workers.reuse import Reuse

PLAN = plan_of(text("a", "x"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'"core"', b'"\xff"', "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b'"core"', b"1", "Expected `str`, got `int` - at `$.package`"),
        (b'"core"', b"", "JSON is malformed: invalid character (byte 11)"),
        (b'"text"', b'"exec"', "Invalid enum value 'exec' - at `$.members[0][1]`"),
    ],
)
def test_a_damaged_plan_is_a_sentence(tmp_path, old, new, problem):
    file = tmp_path / "core.json"
    file.write_bytes(encode_json(PLAN).replace(old, new))

    with pytest.raises(UserError) as caught:
        read_json(file, WheelPlan)

    assert str(caught.value) == f"{file}: is damaged ({problem}); remove it and run again"


def test_json_nested_beyond_the_stack_is_a_sentence(tmp_path):
    file = tmp_path / "x.json"
    file.write_bytes(b'{"unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"}")

    with pytest.raises(UserError) as caught:
        read_json(file, WheelPlan)

    assert str(caught.value) == f"{file}: is damaged (it is nested too deeply); remove it and run again"


def test_toml_nested_beyond_the_stack_is_a_sentence(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(f"x = {'[' * 5000}{']' * 5000}")

    with pytest.raises(UserError) as caught:
        read_toml(file, dict[str, int])

    assert str(caught.value) == f"{file}: is not TOML: it is nested too deeply"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 300), new=st.binary(min_size=1, max_size=3))
@example(position=12, new=b"\xff")
def test_any_damage_is_a_sentence_or_another_plan(tmp_path, position, new):
    content = encode_json(PLAN)
    position %= len(content)
    file = tmp_path / "core.json"
    file.write_bytes(content[:position] + new + content[position + len(new) :])

    try:
        plan = read_json(file, WheelPlan)
    except UserError:
        return
    assert isinstance(plan, WheelPlan)


@pytest.mark.parametrize("content", [b"\xff", b'{"filename": "a\\u0000b"}', b'{"package":"\xff"}', b"{}", b""])
def test_a_damaged_receipt_teaches_nothing(tmp_path, content):
    file = tmp_path / "receipt.json"
    file.write_bytes(content)

    reuse = Reuse(limit=1000)
    reuse.add_receipt(file)

    assert reuse._known == {}
