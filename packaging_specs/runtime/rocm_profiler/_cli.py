"""Console scripts of this package; a copy of the folder works as it is under any other name."""

from __future__ import annotations

from rocm_sdk_core import _cli

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the tool of this package that ``sys.argv[0]`` names."""
    _cli.run(__name__.partition(".")[0])
