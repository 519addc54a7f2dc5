"""What a user pays after ``pip install``: the devel tree that ``rocm-sdk init`` makes, beside the same in a tar."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import msgspec

from tools.bench.finished import finished_wheels
from tools.bench.measure import Usage, measure
from tools.bench.workspace import Workspace
from tools.errors import UserError

BLOCK = 512  # bytes; the unit of st_blocks (stat(2))


class TreeCost(msgspec.Struct, frozen=True, kw_only=True):
    """What making a devel tree costs."""

    usage: Usage
    new: int  # bytes of blocks that were not there before
    whole: int  # bytes of all files of the tree, links followed


def make_tree(workspace: Workspace) -> TreeCost:
    """Install the wheels of one family with uv, offline, and return what ``rocm-sdk init`` costs there.

    :raises UserError: when the wheels cannot be installed.
    """
    environment = _environment(workspace)
    site = next(environment.glob("lib/python*/site-packages"))
    before = _blocks(site)
    usage = _measure(workspace, environment / "bin" / "rocm-sdk", "init")
    return TreeCost(usage=usage, new=_blocks(site) - before, whole=sum(_sizes(_root(environment))))


def unpack_tree(workspace: Workspace) -> TreeCost:
    """Return what unpacking the tree costs that :func:`make_tree` left, links as links.

    :raises UserError: when there is none.
    """
    root, archive, target = _root(workspace.root / "venv"), workspace.root / "tree.tar", workspace.root / "unpacked"
    subprocess.run(("tar", "-cf", archive, "-C", root, "."), check=True)
    rmtree(target, ignore_errors=True)
    target.mkdir()
    usage = _measure(workspace, Path("/bin/tar"), "-xf", str(archive), "-C", str(target))
    return TreeCost(usage=usage, new=_blocks(target), whole=sum(_sizes(root)))


def _environment(workspace: Workspace) -> Path:
    environment = workspace.root / "venv"
    rmtree(environment, ignore_errors=True)
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", environment), check=True)
    workspace.doit("dist")
    family = next(one.plan.family for one in finished_wheels(workspace.build_dir) if one.plan.family != "generic")
    extras = f"rocm[libraries-{family.lower()},devel-{family.lower()}]"
    options = (
        "--no-config",
        "--no-index",
        "--find-links",
        workspace.root / "dist",
        "--cache-dir",
        workspace.root / "uv",
    )
    command = (sys.executable, "-m", "uv", "pip", "install", "--python", environment / "bin" / "python", *options)
    done = subprocess.run((*command, extras), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"{extras} cannot be installed: {done.stderr.strip()}")
    return environment


def _root(environment: Path) -> Path:
    script = environment / "bin" / "rocm-sdk"
    if not script.exists():
        raise UserError("there is no devel tree to unpack; run the scenario init before")
    printed = subprocess.run((script, "path", "--root"), capture_output=True, text=True, check=True)
    return Path(printed.stdout.strip())


def _measure(workspace: Workspace, program: Path, *arguments: str) -> Usage:
    return measure((str(program), *arguments), workspace.root, workspace.root / "installed.log")


def _blocks(directory: Path) -> int:
    """Return the bytes on disk below a directory; the names of one file count once, links are not followed."""
    inodes = {(status.st_dev, status.st_ino): status.st_blocks for status in _walk(directory, follow=False)}
    return BLOCK * sum(inodes.values())


def _sizes(directory: Path) -> Iterator[int]:
    return (status.st_size for status in _walk(directory, follow=True))


def _walk(directory: Path, *, follow: bool) -> Iterator[os.stat_result]:
    for parent, directories, files in os.walk(directory, followlinks=follow):
        for name in files if follow else (*directories, *files):
            yield Path(parent, name).stat(follow_symlinks=follow)
