"""Catalog one artifact by hand: ``python -m tools.catalog ARTIFACT_DIRECTORY OUTPUT_DIRECTORY``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.artifact.source import LocalSource
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.errors import UserError
from tools.workers.context import make_context


def main() -> int:
    """Write ``<artifact>.json`` and ``<artifact>.signatures``; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.catalog", description="Catalog one ROCm artifact.")
    parser.add_argument("artifact", type=Path, help="directory with an artifact_manifest.txt")
    parser.add_argument("output", type=Path, help="directory to write the catalog and its signatures into")
    arguments = parser.parse_args()
    artifact = arguments.artifact.resolve()
    name = artifact.name
    request = CatalogRequest(
        artifacts=LocalSource(artifact.parent),
        artifact=name,
        catalog=arguments.output / f"{name}.json",
        signatures=arguments.output / f"{name}.signatures",
    )
    try:
        catalog_artifact(request, make_context())
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
