"""Build one wheel or sdist by hand: ``python -m tools.wheel PLAN ARTIFACT_DIRECTORY OUTPUT_DIRECTORY``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.artifact.source import LocalSource
from tools.errors import UserError
from tools.wheel.build import WheelRequest, build_wheel
from tools.wheel.sdist import SdistRequest, build_sdist
from tools.workers.context import make_context


def main() -> int:
    """Write the file that the plan names and ``receipt.json``; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.wheel", description="Build what one plan describes.")
    parser.add_argument("plan", type=Path, help="JSON that the planner wrote")
    parser.add_argument("artifacts", type=Path, help="directory that the artifacts lie in")
    parser.add_argument("output", type=Path, help="directory of this wheel alone; others in it are removed")
    parser.add_argument("--level", type=int, default=5, choices=range(1, 13), metavar="1..12", help="of libdeflate")
    parser.add_argument("--sdist", action="store_true", help="the plan is an sdist's")
    arguments = parser.parse_args()
    plan, directory, receipt = arguments.plan, arguments.output, arguments.output / "receipt.json"
    context = make_context()
    try:
        if arguments.sdist:
            build_sdist(SdistRequest(plan=plan, directory=directory, receipt=receipt), context)
        else:
            artifacts, level = LocalSource(arguments.artifacts), arguments.level
            request = WheelRequest(plan=plan, artifacts=artifacts, directory=directory, receipt=receipt, level=level)
            build_wheel(request, context)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
