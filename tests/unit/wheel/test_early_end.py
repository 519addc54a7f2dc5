"""The ways a build ends early: nothing is left, and nobody waits."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.project import Project, names
from tests.support.waiting import wait_until
from tools.errors import InputChanged


def test_all_memory_is_given_back(project: Project) -> None:
    project.forget(memory=1 << 20)
    budget = project.context.budget
    good, bad = project.source("good", b"good" * 9999), project.source("bad", b"bad" * 99_999)

    project.build(good, bad)
    assert budget.try_take(1 << 20)
    budget.give(1 << 20)

    (project.root / "bad").unlink()
    project.receipt().unlink()
    project.forget(memory=1 << 20)
    budget = project.context.budget
    with pytest.raises(InputChanged, match="is not the file that its catalog recorded"):
        project.build(good, bad, project.source("new", b"new" * 9999))
    wait_until(lambda: budget.try_take(1 << 20))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_an_interrupted_process_ends_soon_and_leaves_no_wheel(project: Project, number: signal.Signals) -> None:
    """64 large members at the slowest level: a minute of work, interrupted at once."""
    content = b"".join(b"%d " % (n * n) for n in range(400_000))
    plan = project.plan(*(project.source(f"{n}", b"%d" % n + content) for n in range(64)))
    request = project.request(plan, level=12)
    code = "import sys; from tools.wheel.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, plan, project.root.parent, request.directory, "--level", "12"],
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: request.directory.is_dir() and names(request.directory))

    process.send_signal(number)

    process.wait(20)
    left = names(request.directory)
    assert left == [] if number == signal.SIGINT else all(name.endswith(".part") for name in left)
