"""How signals end a run."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from rules.doit_support.lock import build_lock, let_go
from rules.doit_support.run import _ended_by_signals, _rare_collections, _without_sigpipe
from tests.support.places import ROOT
from tools.errors import UserError

LOST = """
import os, signal, threading
from rules.doit_support.run import _ended_by_signals
with _ended_by_signals(way_out=1):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        pass
    threading.Event().wait()
"""
IN_A_DESTRUCTOR = """
import os, signal, threading
from rules.doit_support.run import _ended_by_signals
class Gone:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(10))
with _ended_by_signals(way_out=50):
    Gone()
    threading.Event().wait()
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)}
    hook = sys.unraisablehook
    yield
    signal.alarm(0)
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt(number: int, ended: type[BaseException], **limits: float) -> None:
    with pytest.raises(ended), _ended_by_signals(**limits):
        os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "ended"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_second_signal_does_not_disturb_what_the_first_one_began(number, ended):
    interrupt(number, ended)
    done = []

    for later in SIGNALS:
        os.kill(os.getpid(), later)
        done.append(later)  # not reached if the signal raised

    assert done == [*SIGNALS]


def test_a_signal_whose_exception_got_lost_ends_the_process_a_little_later():
    done = subprocess.run([sys.executable, "-c", LOST], cwd=ROOT, capture_output=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (130, b"")


def test_a_signal_in_a_destructor_ends_the_process_without_a_traceback():
    done = subprocess.run(
        [sys.executable, "-c", IN_A_DESTRUCTOR], cwd=ROOT, capture_output=True, check=False, timeout=40
    )

    assert (done.returncode, done.stderr) == (143, b"")


def test_ctrl_c_is_a_good_end_for_what_has_let_go_of_the_lock(tmp_path):
    with pytest.raises(SystemExit) as ended, build_lock(tmp_path, wait=False), _ended_by_signals():  # noqa: PT012
        let_go()
        os.kill(os.getpid(), signal.SIGINT)

    assert ended.value.code == 0


def test_ctrl_c_interrupts_what_holds_the_lock(tmp_path):
    with build_lock(tmp_path, wait=False):
        interrupt(signal.SIGINT, KeyboardInterrupt)


def test_a_signal_that_comes_when_ending_takes_too_long_ends_the_process(monkeypatch):
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    interrupt(signal.SIGTERM, SystemExit, patience=0.0)

    os.kill(os.getpid(), signal.SIGINT)

    assert codes == [130]


def test_a_run_that_was_not_interrupted_leaves_the_signals_as_they_were():
    before = [signal.getsignal(number) for number in SIGNALS]
    with _ended_by_signals():
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("problem", [KeyError, UserError, SystemExit])
def test_a_run_that_fails_leaves_the_signals_as_they_were(problem):
    before = [signal.getsignal(number) for number in SIGNALS]

    with pytest.raises(problem), _ended_by_signals():
        raise problem

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_run_that_fails_leaves_sigpipe_as_it_was():
    before = signal.getsignal(signal.SIGPIPE)

    with pytest.raises(UserError), _without_sigpipe():
        raise UserError

    assert signal.getsignal(signal.SIGPIPE) == before


def test_a_run_that_fails_leaves_the_garbage_collector_as_it_was_but_for_what_is_there():
    before, made = gc.get_threshold(), [[]]

    with pytest.raises(UserError), _rare_collections():
        raise UserError

    assert gc.get_threshold() == before
    assert not [found for found in gc.get_objects() if found is made], "looked at when the process ends"
    gc.unfreeze()
