"""Verify a dist by hand: ``python -m tools.verify DIST``. Exit code 0: sound, 1: errors, 2: cannot be verified."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.errors import UserError
from tools.verify.dist import VerifyRequest, verify_dist
from tools.verify.report import report_json, report_text

SPECS = Path(__file__).parents[2] / "packaging_specs"


def main() -> int:
    """Write the report to stdout; return the exit code."""
    arguments = _parser().parse_args()
    request = VerifyRequest(
        dist_dir=arguments.dist,
        specs_dir=arguments.specs,
        build_dir=arguments.build_dir,
        more_libraries=tuple(arguments.system_libraries),
    )
    try:
        report = verify_dist(request)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(report_json(report).decode() if arguments.json else report_text(report))
    return 1 if report.errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description="Verify a finished dist.")
    parser.add_argument("dist", type=Path, help="directory with wheels, sdist and index")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--build-dir", type=Path, help="also compare with the plans and catalogs there")
    parser.add_argument("--specs", type=Path, default=SPECS, help="packaging_specs")
    parser.add_argument(
        "--system-libraries", type=Path, action="append", default=[], help="a further system_libraries.toml"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
