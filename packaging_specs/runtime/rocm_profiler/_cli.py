"""Console scripts of this package; a copy of the folder works as it is under any other name."""

from __future__ import annotations

from rocm_sdk_core import _cli

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def __getattr__(function: str) -> Callable[[], NoReturn]:
    return _cli.tool(__name__, function)
