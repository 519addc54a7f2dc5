"""Only tools/artifact knows where the members of an artifact are: told by the text of the modules, and by a build."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import TypeVar

import pytest

from rules.loading.release import read_release
from tests.support.places import ROOT
from tests.support.project import Project
from tools.artifact.base import BASE, MANIFEST, VERSION
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.catalog.signatures import changes, is_current
from tools.plan.model import Member
from tools.wheel.sizes import Sizes

TOOLS = ROOT / "tools"
ARTIFACT = TOOLS / "artifact"
SAMPLE = TOOLS / "sample"  # makes artifacts
SOURCE = TOOLS / "source"  # fetches archives
OTHERS = sorted(
    file
    for file in [*TOOLS.rglob("*.py"), *(ROOT / "rules").rglob("*.py")]
    if not any(file.is_relative_to(room) for room in (ARTIFACT, SAMPLE, SOURCE))
)
# Of tools.artifact: what others may know, and what leads to places.
SEAM = {
    "base": {"BASE", "LARGEST", "MANIFEST", "TEXTS", "VERSION"},
    "copying": {"copy_span", "link_span"},
    "model": {"Artifact", "Found", "Identity", "Scan"},
    "names": {"unfit"},
    "once": {"alone_with"},
    "source": {"ArtifactSource", "LocalSource", "Spans"},
    "span": {
        "Span",
        "as_file",
        "check_scanned",
        "copy",
        "not_as_recorded",
        "open_scanned",
        "open_span",
        "read_into",
        "read_scanned",
        "read_small",
        "read_up_to",
        "read_whole",
    },
}
FILES = {
    "stage/small": b"small",
    "stage/large": b"".join(b"%d " % (n * n) for n in range(40_000)),
    "stage/libz.so": Path("/usr/lib/x86_64-linux-gnu/libz.so.1").read_bytes(),
    f"stage/{VERSION}": b"1.0\n",
    f"stage/{MANIFEST}": b"{}",
}
Result = TypeVar("Result")


def offences(source: str) -> Iterator[str]:
    """Yield what a module does that leads around the seam: imports, and uses of a span's or a source's place."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("tools.artifact"):
                allowed = SEAM.get(module.removeprefix("tools.artifact").removeprefix("."), set())
                yield from (f"{module}.{one.name}" for one in node.names if one.name not in allowed)
            case ast.Import():
                yield from (one.name for one in node.names if one.name.startswith("tools.artifact"))
            case ast.Attribute(
                value=ast.Name(id=("span" | "artifacts" | "source") as name), attr=("file" | "directory")
            ):
                yield f"{name}.{node.attr}"
            case ast.Attribute(attr="artifact_dir", value=ast.Name(id="request" | "project")):
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="Span")):
                yield "Span(...)"


@pytest.mark.parametrize("file", OTHERS, ids=str)
def test_no_module_goes_around_the_seam(file: Path) -> None:
    assert list(offences(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "from tools.artifact.walk import walk",
        "from tools.artifact.directory import DirectoryArtifact",
        "from tools.artifact import walk",
        "import tools.artifact.walk as w",
        "def f(span):\n    return open(span.file)",
        "def f(request):\n    return open(request.artifact_dir / 'x')",
        "def f(artifacts):\n    return artifacts.directory / 'x'",
        "Span('file', 0, 1, 1, 'file')",
    ],
)
def test_every_way_around_is_found(source: str) -> None:
    assert len(list(offences(source))) == 1


def in_a_process(function: Callable[[Path], Result], directory: Path) -> Result:
    """Return what the function gives in a process of its own, since nobody can take an audit hook away again."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, directory).result()


class Watch:
    """Who opens, lists or copies what lies below a directory, as Python's audit events tell: (module, path)."""

    def __init__(self, directory: Path) -> None:
        self._root, self.seen = f"{directory}/", set[tuple[str, str]]()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.scandir", "os.listdir", "shutil.copyfile"):
            path = arguments[0]
            if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._root):
                self.seen.add((_caller(), os.fspath(path).removeprefix(self._root)))


def _caller() -> str:
    """Return the innermost module of ours."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(("tools.", "rules.")):
            return name
        frame = frame.f_back
    return "?"


def cataloged_and_built(directory: Path) -> set[tuple[str, str]]:
    """Do all that is done with an artifact: texts, small and large files, an edit, a member that is cut."""
    project, members = project_in(directory)
    watch = Watch(project.artifacts.directory)
    request = CatalogRequest(
        artifacts=project.artifacts,
        artifact=BASE,
        catalog=directory / "catalog.json",
        signatures=directory / "catalog.signatures",
    )
    catalog_artifact(request, project.context)
    assert is_current(project.artifacts.open(BASE), request.signatures)
    assert changes(project.artifacts.open(BASE), request.signatures) == ()
    assert read_release(project.artifacts, None).version == "1.0.dev0"
    project.sizes = Sizes(probe=50_000, whole=100_000, piece=30_000, batch=20_000, block=10_000)
    project.forget()  # else small files need not be opened again
    project.build(*members)
    return watch.seen


def test_whatever_is_done_with_an_artifact_it_is_opened_in_one_place(tmp_path: Path) -> None:
    seen = in_a_process(cataloged_and_built, tmp_path)

    assert {module.rpartition(".")[0] for module, _ in seen} == {"tools.artifact"}
    assert {path for _, path in seen} >= {f"{BASE}/{path}" for path in ("artifact_manifest.txt", *FILES)}


def opened_by_itself(directory: Path) -> set[tuple[str, str]]:
    """Open a member by its path."""
    project, _ = project_in(directory)
    watch = Watch(project.artifacts.directory)
    (project.root / "stage/small").read_bytes()
    return watch.seen


def test_a_member_that_is_opened_elsewhere_would_be_seen(tmp_path: Path) -> None:
    assert in_a_process(opened_by_itself, tmp_path) == {("?", f"{BASE}/stage/small")}


def project_in(directory: Path) -> tuple[Project, list[Member]]:
    """Return a project with a base artifact, and a member for each way to read one."""
    project = Project(directory)
    project.root = project.artifacts.directory / BASE
    for path, content in FILES.items():
        project.source(path, content)
    (project.root / "artifact_manifest.txt").write_text("stage\n")
    small, large, library = list(FILES)[:3]
    return project, [
        project.source(small, FILES[small]),
        project.source(large, FILES[large]),
        project.source(library, FILES[library], kind="rpath", argument="$ORIGIN/x"),
    ]
