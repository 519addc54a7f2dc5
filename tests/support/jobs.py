"""What workers are given to do in tests: functions of a module, so that they pickle by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rules.engines.engine import Load
from tools.errors import UserError
from tools.workers.context import Context

LARGE = Load(seconds=60.0)


def pid_of(request: object, context: Context) -> int:
    return os.getpid()


def count(request: int, context: Context) -> None:
    context.progress.add(bytes_read=request)


def refuse(request: str, context: Context) -> None:
    raise UserError(request)


def crash(request: str, context: Context) -> None:
    raise KeyError(request)


def die(request: int, context: Context) -> None:
    os.kill(os.getpid(), request)


def write_for_ever(request: Path, context: Context) -> None:
    with request.open("ab", buffering=0) as file:
        while True:
            file.write(b"x")
            time.sleep(0.01)
