"""What is measured: the builds people run, and what they are compared with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import msgspec

from tools.bench.clusters import cluster_cost, served
from tools.bench.finished import distinct_sources, finished_wheels, small_library, usual_header
from tools.bench.floor import Contents
from tools.bench.installed import TreeCost, make_tree, unpack_tree
from tools.bench.machines import Machines, one_after_another, side_by_side, stored_bytes
from tools.bench.measure import Usage, measure
from tools.bench.workspace import Workspace, append, touch_everything
from tools.errors import UserError
from tools.values import write_json
from tools.workers.pool import cores

LEVEL = 5  # libdeflate's, the default of doit's compression_level

_WORK = re.compile(
    r"^(\d+) members compressed, (\d+) bytes read for them; (\d+) members reused(?:; (?:in|on) .+)?$", re.MULTILINE
)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario, run once."""

    usage: Usage
    compressed: int = 0  # members
    payload: int = 0  # bytes of artifacts that were compressed
    reused: int = 0  # members
    size: int = 0  # bytes of the wheels or the archive
    subject: str = ""  # what was changed
    subject_size: int = 0  # bytes of it


Scenario = Callable[[Workspace, int], Result]  # the number is that of the repetition


def list_tasks(workspace: Workspace, number: int) -> Result:
    """``doit list``."""
    return _built(workspace.doit("list"))


def one_family_added(workspace: Workspace, number: int) -> Result:
    """A build of every family after one of all but the last.

    :raises UserError: when all artifacts are generic.
    """
    families = sorted({path.name.split("_")[2] for path in workspace.artifacts.iterdir()} - {"generic"})
    if not families:
        raise UserError("there is no artifact of a family that could be added; choose other scenarios with --only")
    workspace.forget()
    workspace.doit(*([f"families={','.join(families[:-1])}", "build"] if families[:-1] else ["build:generic"]))
    return msgspec.structs.replace(_built(workspace.doit("build")), subject=families[-1])


def cold(workspace: Workspace, number: int) -> Result:
    """A build from nothing; the files are in the page cache."""
    workspace.forget()
    return msgspec.structs.replace(_built(workspace.doit("build")), size=_size(workspace))


def no_op(workspace: Workspace, number: int) -> Result:
    """A build when nothing changed."""
    return _built(workspace.doit("build"))


def touched(workspace: Workspace, number: int) -> Result:
    """A build after every file got a new time stamp."""
    touch_everything(workspace.artifacts)
    return _built(workspace.doit("build"))


def library_changed(workspace: Workspace, number: int) -> Result:
    """A build after a change of one library of about 1 MB."""
    library = small_library(finished_wheels(workspace.build_dir))
    return _changed(workspace, library.source, number)


def header_changed(workspace: Workspace, number: int) -> Result:
    """A build after a change of one header."""
    return _changed(workspace, usual_header(finished_wheels(workspace.build_dir)).source, number)


def new_version(workspace: Workspace, number: int) -> Result:
    """A build of the same artifacts under another version."""
    return _built(workspace.doit(f"version=99.0.{number}", "build"))


def floor(workspace: Workspace, number: int) -> Result:
    """The same distinct contents read, hashed and compressed, and nothing else."""
    sources = distinct_sources(finished_wheels(workspace.build_dir)).values()
    files = tuple((f"{workspace.artifacts}/{member.source}", member.size) for member in sources)
    todo = workspace.root / "contents.json"
    write_json(todo, Contents(files=files, level=LEVEL, threads=cores()))
    usage = workspace.module("floor", str(todo))
    return Result(usage=usage, compressed=len(files), payload=sum(size for _, size in files), size=int(usage.output))


def setuptools(workspace: Workspace, number: int) -> Result:
    """The same wheels by a staging copy and setuptools' bdist_wheel. The copy is left for :func:`zipped`."""
    staging, wheels = _staging(workspace), workspace.root / "wheels"
    for directory in (staging, wheels):
        rmtree(directory, ignore_errors=True)
    staging.mkdir()
    usage = workspace.module("staging", str(workspace.artifacts), str(workspace.build_dir), str(staging), str(wheels))
    return Result(usage=usage, size=sum(wheel.stat().st_size for wheel in wheels.iterdir()))


def zipped(workspace: Workspace, number: int) -> Result:
    """The staging copy packed by ``zip -6``."""
    if not _staging(workspace).exists():
        setuptools(workspace, number)
    archive = workspace.root / "all.zip"
    archive.unlink(missing_ok=True)
    command = ("zip", "-6", "-q", "-r", "-D", str(archive), ".")
    usage = measure(command, _staging(workspace), workspace.root / "zip.log")
    return Result(usage=usage, size=archive.stat().st_size)


def devel_tree(workspace: Workspace, number: int) -> Result:
    """``rocm-sdk init`` where the wheels of one family were installed; the size is that of new blocks."""
    return _tree(make_tree(workspace))


def devel_tree_unpacked(workspace: Workspace, number: int) -> Result:
    """The tree that ``rocm-sdk init`` made, unpacked from a tar."""
    return _tree(unpack_tree(workspace))


def store_filled(workspace: Workspace, number: int) -> Result:
    """A build from nothing, of archives, whose results all go into an empty store."""
    machines = Machines(workspace=workspace)
    machines.forget()
    return _stored(machines.fresh("first", "build"))


def store_full(workspace: Workspace, number: int) -> Result:
    """The same on another machine, where the store has everything."""
    machines = Machines(workspace=workspace)
    if not machines.store.exists():
        store_filled(workspace, number)
    return _stored(machines.fresh("second", "build"))


def shards(workspace: Workspace, number: int) -> Result:
    """A machine for each family between the one that plans and the one that has every wheel in the end."""
    machines = Machines(workspace=workspace)
    machines.forget()
    first = machines.fresh("first", "plan:generic")
    families = machines.families()
    parts = [machines.fresh(family, f"families={family}", f"shard:{family}") for family in families]
    parts.append(machines.fresh("generic", "shard:generic"))
    last = machines.fresh("last", "shards=yes", "build")
    return _stored(one_after_another([first, side_by_side(parts), last]))


def on_a_cluster(workspace: Workspace, number: int) -> Result:
    """A build from nothing by a worker of Dask, through files that both see."""
    workspace.forget()
    return msgspec.structs.replace(_built(cluster_cost(workspace, "build")), size=_size(workspace))


def on_a_cluster_with_a_store(workspace: Workspace, number: int) -> Result:
    """The same with nothing shared but archives at a URL and an empty store."""
    machines = Machines(workspace=workspace)
    machines.forget()
    workspace.forget()
    with served(machines.archives(), workspace.root / "http.log") as url:
        return _stored(cluster_cost(workspace, f"artifact_dir={url}", f"store={machines.store}", "build"))


# In the order in which they run: each finds the build that the one before it left.
SCENARIOS: dict[str, Scenario] = {
    "list": list_tasks,
    "family": one_family_added,
    "cold": cold,
    "floor": floor,
    "setuptools": setuptools,
    "zip": zipped,
    "no-op": no_op,
    "touch": touched,
    "library": library_changed,
    "header": header_changed,
    "version": new_version,
    "init": devel_tree,
    "untar": devel_tree_unpacked,
    "store": store_filled,
    "stored": store_full,
    "shards": shards,
    "cluster": on_a_cluster,
    "cluster-store": on_a_cluster_with_a_store,
}


def _changed(workspace: Workspace, source: str, number: int) -> Result:
    path = workspace.artifacts / source
    append(path, f"changed in repetition {number}")
    result = _built(workspace.doit("build"))
    return msgspec.structs.replace(result, subject=source, subject_size=path.stat().st_size)


def _stored(usage: Usage) -> Result:
    return msgspec.structs.replace(_built(usage), subject="the store", subject_size=stored_bytes(usage))


def _tree(tree: TreeCost) -> Result:
    return Result(usage=tree.usage, size=tree.new, subject="the devel tree", subject_size=tree.whole)


def _built(usage: Usage) -> Result:
    found = _WORK.search(usage.output)
    compressed, payload, reused = map(int, found.groups()) if found else (0, 0, 0)
    return Result(usage=usage, compressed=compressed, payload=payload, reused=reused)


def _staging(workspace: Workspace) -> Path:
    return workspace.root / "staging"


def _size(workspace: Workspace) -> int:
    return sum(finished.receipt.size for finished in finished_wheels(workspace.build_dir))
