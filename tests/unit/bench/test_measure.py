"""What a command costs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.bench.measure import Usage, measure
from tools.errors import UserError

MIB = 1 << 20


def python(code: str, directory: Path) -> Usage:
    return measure([sys.executable, "-c", code], directory, directory / "log")


def test_output_is_what_it_printed_on_both_streams(tmp_path):
    usage = python("import sys; print('out', flush=True); print('error', file=sys.stderr)", tmp_path)

    assert usage.output == "out\nerror\n"


def test_waiting_is_wall_time_and_no_cpu_time(tmp_path):
    usage = python("import time; time.sleep(0.5)", tmp_path)

    assert usage.wall >= 0.5
    assert usage.cpu < usage.wall


def test_bytes_read_and_written(tmp_path):
    (tmp_path / "input").write_bytes(bytes(3 * MIB))

    usage = python("open('output', 'wb').write(open('input', 'rb').read() * 2)", tmp_path)

    assert 3 * MIB <= usage.read < 6 * MIB
    assert 6 * MIB <= usage.written < 7 * MIB


def test_what_its_children_do_counts(tmp_path):
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'open(\"x\", \"wb\").write(bytes(5 << 20))'])"

    assert python(code, tmp_path).written >= 5 * MIB


def test_private_memory_is_what_was_filled_at_the_worst_moment(tmp_path):
    usage = python("import time; x = b'1' * (100 << 20); time.sleep(0.3); del x; time.sleep(0.1)", tmp_path)

    assert 100 * MIB <= usage.peak_private < 150 * MIB


def test_private_memory_of_children_counts(tmp_path):
    inner = "import time; x = b'1' * (100 << 20); time.sleep(0.5)"
    usage = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])", tmp_path)

    assert usage.peak_private >= 100 * MIB


def test_a_failure_is_told_with_what_it_printed(tmp_path):
    with pytest.raises(UserError) as caught:
        measure(["sh", "-c", "echo no; exit 3"], tmp_path, tmp_path / "log")

    assert str(caught.value) == "sh -c echo no; exit 3: ended with exit code 3:\nno"
