from __future__ import annotations

import pytest

from tools.dist.yanked import read_yanked
from tools.errors import UserError


def test_each_file_has_a_reason_or_a_truth_value(tmp_path):
    file = tmp_path / "yanked.toml"
    file.write_text('"a-1.0.tar.gz" = "wrong kernels"\n"b-1.0.tar.gz" = true\n"c-1.0.tar.gz" = false\n')

    assert read_yanked(file) == {"a-1.0.tar.gz": "wrong kernels", "b-1.0.tar.gz": True, "c-1.0.tar.gz": False}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a-1.0.tar.gz = 1", 'must say "FILE NAME" = a reason, true or false; it does not for a-1'),
        ('"b" = 1', 'must say "FILE NAME" = a reason, true or false; it does not for b'),
        ("=", "is not TOML: Invalid statement (at line 1, column 1)"),
        (f"x = {'[' * 5000}{']' * 5000}", "is not TOML: it is nested too deeply"),
        (None, "cannot be read: No such file or directory"),
    ],
    ids=["dots without quotes", "number", "not TOML", "nested", "missing"],
)
def test_anything_else_is_refused(tmp_path, text, problem):
    file = tmp_path / "yanked.toml"
    if text is not None:
        file.write_text(text)

    with pytest.raises(UserError) as caught:
        read_yanked(file)

    assert str(caught.value) == f"{file}: {problem}"
