"""Artifacts as directories, as archives and from URLs: equal bytes, nothing built anew, nothing fetched in vain."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.artifacts import pack_in_each_form
from tests.support.bucket import bucket_of
from tests.support.doit_process import Doit, tree_of
from tests.support.servers import Faulty, serving
from tools.artifact.form import FORMS
from tools.sample.embedded import make_sample

BASE = "base_lib_generic"  # fetched while the tasks are worked out
KINDS = [*FORMS, "mixed", "file", "http", "s3"]
FETCHED = re.compile(r"GET (\S+)\.tar\.zst(?: .*)?")


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, bytes]]:
    """Return the sample in the kpack-split layout, as directories and in each form, and the dist that it gives."""
    root = tmp_path_factory.mktemp("kpack-split")
    make_sample(root / "artifacts", "kpack-split")
    built = Doit(directory=root, settings={"artifact_dir": str(root / "artifacts"), "version": "1.0"})
    assert built("index").code == 0
    return root / "artifacts", pack_in_each_form(root / "artifacts", root / "packed"), tree_of(built.dist)


@dataclass(frozen=True)
class Place:
    """Where artifacts are, and what a run needs to get there."""

    address: str
    environment: Mapping[str, str]


@contextmanager
def place_of(kind: str, packed: Path, pristine: Path, scratch: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        if kind in FORMS:
            yield Place(str(packed / kind), {})
        elif kind == "mixed":
            yield Place(str(mixed(packed, pristine, scratch / "mixed")), {})
        elif kind == "file":
            yield Place((packed / ".tar.zst").as_uri(), {})
        elif kind == "http":
            yield Place(stack.enter_context(serving(packed / ".tar.zst")).url, {})
        else:
            (scratch / "home").mkdir()
            environment = stack.enter_context(bucket_of(packed / ".tar.zst", scratch / "home"))
            yield Place("s3://runs/77-linux", environment)


def mixed(packed: Path, pristine: Path, folder: Path) -> Path:
    """Make a folder of directories and archives of every form, in turn."""
    folder.mkdir()
    forms = ["", *FORMS]
    for number, artifact in enumerate(sorted(pristine.iterdir())):
        form = forms[number % len(forms)]
        (folder / f"{artifact.name}{form}").symlink_to(packed / form / f"{artifact.name}{form}" if form else artifact)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_artifacts_give_the_same_dist_wherever_they_are(doit, expected, packed, tmp_path, kind):
    check_that_place_changes_nothing(doit, kind, packed, expected, tmp_path)


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS])
def test_the_same_holds_for_device_wheels_of_their_own(split, tmp_path, kind):
    artifacts, packed, expected = split
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(artifacts), "version": "1.0"})

    check_that_place_changes_nothing(doit, kind, packed, expected, tmp_path)


def check_that_place_changes_nothing(doit: Doit, kind: str, packed: Path, expected: dict[str, bytes], scratch: Path):
    """Build from a place of this kind, again, and then from the directories that ``doit`` names."""
    unchanged = "wheels: 0 built, 9 up to date, 0 failed"
    with place_of(kind, packed, Path(doit.settings["artifact_dir"]), scratch) as place:
        finished = doit.of(place.address)("index", environment=place.environment)

        assert (finished.code, finished.err) == (0, "")
        assert tree_of(doit.dist) == expected

        again = doit.of(place.address)("index", environment=place.environment)
        assert again.last.startswith(f"{unchanged}; other steps: "), again.out
        assert "done" not in again.last

    switched = doit("index")

    assert switched.last.startswith(unchanged), switched.out
    assert tree_of(doit.dist) == expected


def fetched(server: Faulty) -> list[str]:
    """Return the artifacts whose archives were fetched since the last time this was asked."""
    names = [match[1] for line in server.asked if (match := FETCHED.fullmatch(line))]
    server.asked.clear()
    return sorted(names)


@pytest.fixture
def server(packed: Path, tmp_path: Path) -> Iterator[Faulty]:
    """Serve archives that a test may change."""
    folder = Path(shutil.copytree(packed / ".tar.zst", tmp_path / "run"))
    with serving(folder) as server:
        yield server


def test_one_family_is_fetched_without_what_nobody_packages(doit, server):
    for name in ("core-hiptests_test_generic", "fmt_dev_generic"):
        shutil.copy(server.root / "base_lib_generic.tar.zst", server.root / f"{name}.tar.zst")
    there = {path.name.removesuffix(".tar.zst") for path in server.root.glob("*.tar.zst")}

    finished = doit.of(server.url, families="gfx94X-dcgpu")("index")

    assert (finished.code, finished.err) == (0, "")
    names = fetched(server)
    assert len(names) == len(set(names)), "fetched once"
    other_family = {name for name in there if name.endswith("gfx120X-all")}
    assert there - set(names) == {"core-hiptests_test_generic", "fmt_dev_generic", *other_family}
    sizes = sum((server.root / f"{name}.tar.zst").stat().st_size for name in names if name != BASE)
    assert f"{sizes:,} bytes fetched" in finished.lines


def test_what_is_there_is_not_fetched_again_nor_what_is_not_needed(doit, server):
    remote = doit.of(server.url)
    assert remote("index").code == 0
    assert fetched(server)

    shutil.rmtree(doit.build / "archives")
    finished = remote("index")

    assert finished.last.startswith("wheels: 0 built, 9 up to date")
    assert fetched(server) == ["base_lib_generic"], "what it says was removed, too"

    assert remote("index").last.startswith("wheels: 0 built, 9 up to date")
    assert fetched(server) == []


def test_an_archive_that_changed_at_the_source_is_noticed(doit, server):
    remote = doit.of(server.url)
    assert remote("index").code == 0
    fetched(server)

    os.utime(server.root / "rand_lib_gfx94X-dcgpu.tar.zst", (1, 1))
    finished = remote("index")

    assert fetched(server) == ["rand_lib_gfx94X-dcgpu"]
    assert finished.last == "wheels: 0 built, 9 up to date, 0 failed; other steps: 1 done, 61 up to date"


def test_questions_need_no_network_after_the_first_time(doit, packed, tmp_path):
    folder = Path(shutil.copytree(packed / ".tar.zst", tmp_path / "run"))
    with serving(folder) as server:
        remote = doit.of(server.url)
        assert remote("index").code == 0
        listed = remote("list", "--all")

    assert remote("list", "--all") == listed
    assert remote("why", "index").out == "index is up to date\n"
    assert remote("explain", "lib/librocblas.so.5").code == 0
    assert remote("help", "index").err == ""


def test_a_version_and_a_layout_spare_what_loading_fetches(doit, server):
    remote = doit.of(server.url, version="1.0", layout="per-family")

    assert remote("list").code == 0

    assert fetched(server) == []


def test_fetching_early_is_all_the_fetching(doit, server, expected):
    remote = doit.of(server.url)
    finished = remote("fetch")
    assert (finished.code, finished.err) == (0, "")
    early = fetched(server)
    assert remote("fetch").last.startswith("steps: 0 done")

    assert remote("index").code == 0

    assert early
    assert fetched(server) == []
    assert tree_of(doit.dist) == expected


def test_promote_needs_no_artifacts(doit, tmp_path):
    assert doit("index").code == 0

    finished = doit.of(str(tmp_path / "none"))("promote", "from=1.0", "to=1.1")

    assert (finished.code, finished.err) == (0, "")
    assert f"{doit.dist}: 9 files, 1.0 is now 1.1" in finished.lines
