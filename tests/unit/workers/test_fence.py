"""Jobs on other machines hold a fence: who closes it knows that they are over, and that none begins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.errors import UserError
from tools.workers.fence import Closed, close_fence, open_fence, within

JOB = """
import sys
from pathlib import Path
from tools.workers.fence import within
with within(Path(sys.argv[1]), sys.argv[2]):
    print("within", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "build" / "elsewhere"


def descriptors():
    return {one.name for one in Path("/proc/self/fd").iterdir() if one.exists()}


def started_job(file, word):
    command = [sys.executable, "-c", JOB, str(file), word]
    job = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert job.stdout.readline() == "within\n"
    return job


def test_jobs_with_the_word_are_let_in_together(file):
    word = open_fence(file)

    with within(file, word), within(file, word):
        pass


def test_jobs_of_an_earlier_run_are_not_let_in(file):
    earlier = open_fence(file)
    open_fence(file)

    with pytest.raises(Closed) as caught, within(file, earlier):
        pass

    assert str(caught.value) == f"{file}: the run that this job belongs to is over"


def test_nobody_is_let_in_once_it_is_closed(file):
    word = open_fence(file)

    assert close_fence(file, 0)
    with pytest.raises(Closed), within(file, word):
        pass


def test_a_job_at_work_keeps_it_open(file):
    with started_job(file, open_fence(file)) as job:
        assert not close_fence(file, 0.1)
        job.kill()

    assert close_fence(file, 10)


def test_one_that_was_never_opened_is_closed(file):
    assert close_fence(file, 0)


def test_a_file_that_cannot_be_opened_is_a_sentence(file):
    with pytest.raises(UserError) as caught, within(file, "word"):
        pass

    assert str(caught.value) == f"{file}: cannot be opened: No such file or directory"


def test_no_descriptor_is_left(file):
    before = descriptors()
    word = open_fence(file)
    with within(file, word):
        pass
    close_fence(file, 0)

    assert descriptors() == before
