"""``sample``: the embedded sample, compiled with the machine's C compiler; used without an artifact_dir."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.analysis.project import Project, sample_directory, sample_of
from rules.task import Task, step
from tools.sample import embedded

SAMPLE = "sample"  # the task's name


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """Which sample, and where."""

    directory: Path
    layout: str
    system: str


def sample_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that makes the embedded sample; none where the artifacts are the user's."""
    if not project.is_sample:
        return
    system = project.specs.system
    directory = sample_directory(project.settings, project.specs)
    names = sample_of(system).ARTIFACTS[project.specs.layout]
    sources = {Path(str(module.__file__)).parent for module in (embedded, sample_of(system))}
    yield step(
        SAMPLE,
        None,
        "the artifacts of the embedded sample",
        engine=project.engine,
        job=lambda: (make_sample, SampleRequest(directory=directory, layout=project.specs.layout, system=system)),
        inputs=sorted(file for place in sources for file in place.rglob("*") if _is_source(file)),
        outputs=[directory / name / "artifact_manifest.txt" for name in names],
        key={},
    )


def make_sample(request: SampleRequest, context: object = None) -> None:
    """Compile the sample, with the machine's C compiler or one for Windows."""
    sample_of(request.system).make_sample(request.directory, request.layout)


def _is_source(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts
