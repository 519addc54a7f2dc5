"""The same artifacts give the same bytes, whoever builds them, wherever, in whatever order the disk lists them.

Workers, engines, time zone, umask and families built alone: test_doit_build.py.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from dataclasses import replace

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.places import ROOT
from tools.sample.embedded import FAMILIES

NOBODY = 65534  # uid and gid that owns nothing (Linux: overflowuid)

SHUFFLE = """
import os, random
chance, scandir, listdir = random.Random({seed}), os.scandir, os.listdir

class Shuffled:
    def __init__(self, entries):
        with entries:
            self.entries = list(entries)
        chance.shuffle(self.entries)
        self.position = iter(self.entries)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        return None
    def __iter__(self):
        return self
    def __next__(self):
        return next(self.position)
    def close(self):
        pass

def shuffled_names(path="."):
    names = listdir(path)
    chance.shuffle(names)
    return names

os.scandir = lambda path=".": Shuffled(scandir(path))
os.listdir = shuffled_names
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_in_which_the_disk_lists_files_does_not_matter(doit, expected, tmp_path, seed):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(SHUFFLE.format(seed=seed))

    finished = doit("index", environment={"PYTHONPATH": f"{tmp_path / 'site'}", "PYTHONHASHSEED": str(seed)})

    assert (finished.code, finished.err) == (0, "")
    assert tree_of(doit.dist) == expected


def test_artifacts_copied_in_another_order_with_other_times_give_the_same(doit, pristine, expected, tmp_path):
    names = [path.name for path in pristine.iterdir()]
    random.Random(3).shuffle(names)
    for name in names:
        shutil.copytree(pristine / name, tmp_path / "copy" / name, symlinks=True, copy_function=shutil.copy)
    for path in (tmp_path / "copy").rglob("*"):
        os.utime(path, (0, 0), follow_symlinks=False)
    other = replace(doit, settings={**doit.settings, "artifact_dir": str(tmp_path / "copy")})

    assert other("index").code == 0
    assert tree_of(other.dist) == expected


def test_another_directory_gives_the_same(doit, pristine, expected, tmp_path):
    place = tmp_path / "with spaces, ünïcödé" / ("long" * 30)
    shutil.copytree(pristine, place / "artifacts", symlinks=True)
    other = Doit(directory=place, settings={**doit.settings, "artifact_dir": str(place / "artifacts")})

    assert other("index").code == 0
    assert tree_of(other.dist) == expected


def test_sources_in_another_directory_give_the_same(doit, expected, tmp_path):
    source = tmp_path / "elsewhere"
    for name in ("rules", "tools", "packaging_specs"):
        shutil.copytree(ROOT / name, source / name)
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, source / name)
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        doit.command("index"), cwd=source, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert tree_of(doit.dist) == expected


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="becomes another user: needs root")
def test_another_user_gives_the_same(doit, expected, tmp_path):
    """The user owns the output alone; the capability lets it read a Python that may lie in root's home."""
    place = tmp_path / "other"
    place.mkdir()
    shutil.chown(place, NOBODY, NOBODY)
    other = replace(doit, directory=place)
    become = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    environment = {**os.environ, "HOME": "/nonexistent", "USER": "nobody", "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        ["setpriv", *become, *read, *other.command("index")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert {path.stat().st_uid for path in other.dist.rglob("*")} == {NOBODY}
    assert tree_of(other.dist) == expected


def test_artifacts_that_nobody_may_write_give_the_same(doit, artifacts, pristine, expected):
    """Read-only modes of directories; of files the executable bit alone counts."""
    for path in sorted(artifacts.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)

    finished = doit("index")

    for path in artifacts.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    assert finished.code == 0
    assert tree_of(doit.dist) == expected


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_alone_among_the_artifacts_has_the_bytes_of_both(doit, artifacts, expected, family):
    for other in set(FAMILIES) - {family}:
        for path in artifacts.glob(f"*_{other}"):
            shutil.rmtree(path)

    assert doit("index").code == 0

    wheels = {path.name: path.read_bytes() for path in doit.dist.glob("*.whl")}
    assert wheels == {name: expected[name] for name in wheels}
    assert len([name for name in wheels if "gfx" in name]) == 2
