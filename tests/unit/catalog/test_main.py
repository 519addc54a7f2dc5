from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.catalogs import directory_of
from tools.catalog.model import Catalog
from tools.catalog.scan import CatalogRequest
from tools.values import read_json

MakeArtifact = Callable[..., CatalogRequest]


def _run(*arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.catalog", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_artifact_is_cataloged_by_hand(artifact: MakeArtifact, tmp_path: Path) -> None:
    request = artifact({"a": "1"})

    done = _run(directory_of(request), tmp_path / "out")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert read_json(tmp_path / "out" / "rand_lib_generic.json", Catalog).artifact == "rand_lib_generic"


def test_an_error_is_one_sentence(tmp_path: Path) -> None:
    done = _run(tmp_path, tmp_path / "out")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"{tmp_path}/artifact_manifest.txt: cannot be read (No such file or directory); every artifact has "
        f"this file, with one relative base dir a line\n"
    )
