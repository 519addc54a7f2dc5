"""Errors that a user can act on go from process to process whole."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import rules
import tools
from rules.engines.cluster import Undone
from rules.engines.engine import Consequence
from rules.engines.worker_processes import WorkerLost
from rules.loading.spec_table import SpecError
from tools.errors import InputChanged, UserError
from tools.workers.fence import Closed
from tools.workers.remote_job import Unfit

EXAMPLES = [  # one of each class
    UserError("dist: cannot be written"),
    InputChanged("a/b: was changed while the build ran"),
    WorkerLost("its worker process ended"),
    Undone("worker tcp://a: memory ran out"),
    Consequence("not begun, since the scheduler is gone"),
    Unfit("holds another edition"),
    Closed("not done by a worker of engine=dask"),
    SpecError("is missing", file=Path("core.toml"), key="claims[0].artifacts"),
]


def subclasses(of: type[UserError]) -> Iterator[type[UserError]]:
    yield of
    for below in of.__subclasses__():
        yield from subclasses(below)


def test_there_is_an_example_of_every_class():
    for package in (rules, tools):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)

    assert {type(example) for example in EXAMPLES} == {*subclasses(UserError)}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_pickled_whole(error):
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
