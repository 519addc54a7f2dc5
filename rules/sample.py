"""``sample``: the embedded sample, compiled with the machine's C compiler; used without an artifact_dir."""

from __future__ import annotations

from collections.abc import Iterator

from rules.project import Project
from rules.task import Task, step

SAMPLE = "sample"  # the task's name


def sample_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that makes the embedded sample; none where the artifacts are the user's."""
    if not project.is_sample:
        return
    from tools.sample.embedded import ARTIFACTS, VERSION, make_sample

    names = ARTIFACTS[project.specs.layout]
    yield step(
        SAMPLE,
        None,
        "the artifacts of the embedded sample",
        engine=project.engine,
        function=make_sample,
        request=project.artifact_dir,
        outputs=[project.artifact_dir / name / "artifact_manifest.txt" for name in names],
        key={"version": VERSION, "artifacts": sorted(names)},
    )
