"""``sample``: the embedded sample, compiled with the machine's C compiler; used without an artifact_dir."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.analysis.project import Project
from rules.task import Task, step
from tools.sample import embedded

SAMPLE = "sample"  # the task's name


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """Which sample, and where."""

    directory: Path
    layout: str


def sample_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that makes the embedded sample; none where the artifacts are the user's."""
    if not project.is_sample:
        return
    directory, names = project.source.directory, embedded.ARTIFACTS[project.specs.layout]
    sources = Path(embedded.__file__).parent
    yield step(
        SAMPLE,
        None,
        "the artifacts of the embedded sample",
        engine=project.engine,
        job=lambda: (make_sample, SampleRequest(directory=directory, layout=project.specs.layout)),
        inputs=sorted(file for file in sources.rglob("*") if file.is_file() and "__pycache__" not in file.parts),
        outputs=[directory / name / "artifact_manifest.txt" for name in names],
        key={},
    )


def make_sample(request: SampleRequest, context: object = None) -> None:
    """Compile the sample, with the machine's C compiler."""
    embedded.make_sample(request.directory, request.layout)
