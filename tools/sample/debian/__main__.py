"""python -m tools.sample.debian DIRECTORY: artifacts of Debian 12's own ROCm packages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.errors import UserError
from tools.sample.debian import DebianRequest, make_artifacts


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the artifacts the command line asks for; return the exit code."""
    options = _parser().parse_args(arguments)
    request = DebianRequest(
        directory=options.directory,
        cache=options.cache,
        bulk=options.bulk,
        large=options.large,
        layout=options.layout,
    )
    try:
        report = make_artifacts(request)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{options.directory}: {report.artifacts} artifacts, {report.files:,} files ({report.elf} ELF),"
        f" {report.links:,} links, {report.size / 1e9:.2f} GB"
    )
    return 0


def default_cache() -> Path:
    """Return where downloaded packages are kept (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rules_rocm_wheels" / "debian"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.sample.debian", description=__doc__)
    parser.add_argument("directory", type=Path, help="made, or replaced if all that it holds are artifacts")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="keeps the packages (%(default)s)")
    parser.add_argument("--large", action="store_true", help="with rocSPARSE, 1.3 GB a family, and LLVM's headers")
    parser.add_argument(
        "--no-bulk", dest="bulk", action="store_false", help="without the 17,000 headers of Boost and others"
    )
    parser.add_argument("--layout", choices=("per-family", "kpack-split"), default="per-family")
    return parser


if __name__ == "__main__":
    sys.exit(main())
