"""A store that machines have in common: what one of them made the others take, and nothing that is no good."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.bucket import bucket_of
from tests.support.doit_process import Doit, Finished, tree_of
from tests.support.servers import Faulty, serving
from tools.plan.model import WheelPlan
from tools.sample.archives import ArchivesRequest, make_archives
from tools.values import read_json

FETCHED = re.compile(r"GET (\S+)\.tar\.zst(?: .*)?")
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ALL_TAKEN = "wheels: 0 built, 9 taken from the store, 0 up to date, 0 failed"


@pytest.fixture(scope="module")
def packed(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the archives of the sample; nobody may change it."""
    folder = tmp_path_factory.mktemp("packed") / "run"
    make_archives(ArchivesRequest(directory=pristine, out=folder, form=".tar.zst"))
    return folder


@dataclass(frozen=True)
class Machines:
    """Machines that have nothing in common but the addresses of artifacts and store."""

    root: Path
    artifacts: str
    store: str
    environment: Mapping[str, str]
    version: Mapping[str, str] = field(default_factory=lambda: {"version": "1.0"})

    def doit(self, name: str, **settings: str) -> Doit:
        """Return doit on a machine of that name."""
        given = {"artifact_dir": self.artifacts, "store": self.store, **self.version, **settings}
        return Doit(directory=self.root / name, settings=given)

    def run(self, name: str, *arguments: str, **settings: str) -> Finished:
        """Return a run that went well."""
        finished = self.doit(name, **settings)(*arguments, environment=self.environment)
        assert (finished.code, finished.err) == (0, ""), finished
        return finished

    def dist(self, name: str) -> dict[str, bytes]:
        """Return the dist of a machine."""
        return tree_of(self.root / name / "dist")


@pytest.fixture
def server(packed: Path, tmp_path: Path) -> Iterator[Faulty]:
    """Serve archives that a test may change."""
    with serving(Path(shutil.copytree(packed, tmp_path / "run"))) as server:
        yield server


@pytest.fixture
def machines(server: Faulty, tmp_path: Path) -> Machines:
    return Machines(tmp_path, server.url, str(tmp_path / "store"), {})


@contextmanager
def bucket(archives: Path, home: Path) -> Iterator[Machines]:
    """Yield machines whose artifacts and store are in one bucket."""
    home.mkdir()
    with bucket_of(archives, home) as environment:
        yield Machines(home, "s3://runs/77-linux", "s3://runs/store", environment | KEYS)


def fetched(server: Faulty) -> list[str]:
    """Return the artifacts whose archives were fetched since the last time this was asked."""
    names = [match[1] for line in server.asked if (match := FETCHED.fullmatch(line))]
    server.asked.clear()
    return sorted(names)


def some_of(directory: Path, number: int) -> Path:
    return sorted(path for path in directory.rglob("*.*") if path.is_file())[number]


def change(name: str, pristine: Path, scratch: Path, server: Faulty) -> None:
    """Serve another archive of an artifact, with a library that is a little longer."""
    artifact = Path(shutil.copytree(pristine / name, scratch / name, symlinks=True))
    library = min(path for path in artifact.rglob("*.so.*") if not path.is_symlink())
    library.write_bytes(library.read_bytes() + b"changed")
    make_archives(ArchivesRequest(directory=scratch, out=server.root, form=".tar.zst"))


def counts(finished: Finished) -> str:
    return finished.last.partition(";")[0]


def test_an_empty_machine_builds_nothing_and_fetches_no_archive(machines, server, expected):
    machines.run("one", "index")
    assert fetched(server)
    finished = machines.run("two", "index")

    assert counts(finished) == ALL_TAKEN
    assert fetched(server) == []
    assert machines.dist("one") == machines.dist("two") == expected

    again = machines.run("two", "index")
    assert counts(again) == "wheels: 0 built, 9 up to date, 0 failed"
    assert "store: " not in again.out, "nothing is taken twice"


def test_a_machine_that_is_not_told_the_version_fetches_nothing_either(machines, server):
    untold = replace(machines, version={})
    untold.run("one", "index")
    fetched(server)

    finished = untold.run("two", "index")

    assert counts(finished) == ALL_TAKEN
    assert fetched(server) == []


def test_a_bucket_holds_artifacts_store_and_index(packed, tmp_path, expected):
    with bucket(packed, tmp_path / "home") as machines:
        first = machines.run("one", "index")
        second = machines.run("two", "index")
        published = machines.run("two", "publish", url="s3://runs/index")

    assert "bytes fetched" in first.out
    assert counts(second) == ALL_TAKEN
    assert "bytes fetched" not in second.out
    assert machines.dist("two") == expected
    copied = re.findall(r"copied    (\S+), within the store", published.out)
    assert sorted(copied) == sorted(name for name in expected if re.fullmatch(r"[^/]*(\.whl|\.tar\.gz)", name))
    assert "9 uploaded (0 bytes)" in published.out


def test_one_artifact_changed_has_only_those_fetched_that_its_wheels_are_made_of(machines, server, pristine, tmp_path):
    machines.run("one", "index")
    change("rand_lib_gfx94X-dcgpu", pristine, tmp_path / "changed", server)
    fetched(server)

    finished = machines.run("two", "index")

    assert counts(finished) == "wheels: 1 built, 8 taken from the store, 0 up to date, 0 failed"
    plan = read_json(machines.root / "two/build/plan/gfx94X-dcgpu/libraries.json", WheelPlan)
    came = set(fetched(server))
    assert "rand_lib_gfx94X-dcgpu" in came
    assert came <= {one.source.partition("/")[0] for one in plan.members if one.source}, "none for other wheels' sake"


def test_archives_without_a_digest_are_known_within_their_bucket_alone(packed, tmp_path):
    archives = tmp_path / "bare"
    archives.mkdir()
    for archive in packed.glob("*.tar.zst"):
        shutil.copy(archive, archives)
    with bucket(archives, tmp_path / "home") as machines:
        machines.run("one", "index", strict="no")
        second = machines.run("two", "index", strict="no")
        strict = machines.doit("three")("index", environment=machines.environment)
    with serving(archives) as server:
        elsewhere = Machines(tmp_path, server.url, str(tmp_path / "store"), {})
        elsewhere.run("four", "index", strict="no")
        fetched(server)
        elsewhere.run("five", "catalog", strict="no")
        assert len(fetched(server)) > 1, "a web server's word on its files is none about their bytes"

    assert counts(second) == ALL_TAKEN
    assert "bytes fetched" not in second.out
    assert "note: archives without .sha256sum, so no damage could be seen: " in second.out
    assert strict.code == 3
    assert "has no base_lib_generic.tar.zst.sha256sum beside it" in strict.err


def test_directories_have_no_catalogs_there_but_wheels(machines, server, pristine, expected):
    machines.run("one", "index")

    finished = machines.run("two", "index", artifact_dir=str(pristine))

    assert counts(finished) == ALL_TAKEN
    assert machines.dist("two") == expected


def test_a_store_that_comes_later_gets_what_was_built_before(machines, server, expected):
    without = Doit(directory=machines.root / "one", settings={"artifact_dir": server.url, "version": "1.0"})
    assert without("index").code == 0
    shutil.rmtree(without.build / "archives")
    fetched(server)

    machines.run("one", "index")
    assert fetched(server) == ["base_lib_generic"], "what it says was removed, too"
    finished = machines.run("two", "index")

    assert counts(finished) == ALL_TAKEN
    assert fetched(server) == []
    assert machines.dist("two") == expected


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def foreign(file: Path) -> None:
    file.write_bytes(b"<html>404</html>\n")


def another(file: Path) -> None:
    """Put there what belongs elsewhere."""
    others = [path for path in file.parents[1].rglob(f"*{file.suffix}") if path.is_file() and path != file]
    shutil.copy(min(others), file)


@pytest.mark.parametrize("damage", [truncated, flipped, foreign, another])
def test_what_is_no_good_is_named_not_used_and_replaced(machines, damage, expected):
    machines.run("one", "index")
    kinds = ("catalogs", "receipts", "wheels")
    files = [some_of(Path(machines.store, kind), number) for number, kind in enumerate(kinds)]
    before = [file.read_bytes() for file in files]
    for file in files:
        damage(file)
    assert all(file.read_bytes() != content for file, content in zip(files, before, strict=True))

    second = machines.run("two", "index")
    third = machines.run("three", "index")

    notes = [line for line in second.lines if "it was not used, and is made again" in line]
    assert sorted(line.partition(" ")[2].partition(" ")[0] for line in notes) == sorted(map(str, files))
    assert [file.read_bytes() for file in files] == before
    assert machines.dist("two") == machines.dist("three") == expected
    assert counts(third) == ALL_TAKEN
    assert "it was not used" not in third.out


def test_shards_give_the_dist_of_one_machine(machines, server, expected):
    machines.run("first", "plan:generic")
    for family in ("generic", "gfx94X-dcgpu", "gfx120X-all"):
        machines.run(family, f"shard:{family}", **({} if family == "generic" else {"families": family}))
    fetched(server)

    finished = machines.run("last", "index", shards="yes")

    assert counts(finished) == ALL_TAKEN
    assert fetched(server) == []
    assert machines.dist("last") == expected


def test_missing_shards_are_named(machines, server):
    machines.run("one", "shard:generic", families="gfx94X-dcgpu")
    finished = machines.doit("two", shards="yes")("index")

    assert finished.code == 1
    missing = sorted(path.name[: -len(".tar.zst")] for path in server.root.glob("*_gfx120X-all.tar.zst"))
    assert all(name in finished.err for name in missing[:3])
    assert finished.err.startswith(f"failed  shards:catalogs: shards: {machines.store} has no catalogs of ")
    again = (
        "run `doit shard:gfx120X-all`, `doit shard:gfx94X-dcgpu` with this store, this version and these artifacts, or "
        "go on with shards=no\n"
    )
    assert finished.err.endswith(f"; {again}")

    machines.run("one", "catalog")
    finished = machines.doit("two", shards="yes")("index")
    assert finished.err == (
        f"failed  shards:wheels: shards: {machines.store} lacks wheels\n"
        "  built by no shard: rocm-sdk-devel-gfx120X-all 1.0, rocm-sdk-devel-gfx94X-dcgpu 1.0, "
        "rocm-sdk-libraries-gfx120X-all 1.0, rocm-sdk-libraries-gfx94X-dcgpu 1.0\n"
        f"{again}"
    )


def test_mixed_shards_are_named(machines, server, pristine, tmp_path):
    machines.run("one", "shard:generic")
    machines.run("two", "shard:gfx94X-dcgpu", version="0.9")
    machines.run("three", "shard:gfx120X-all")
    name = "blas_lib_gfx120X-all"
    change(name, pristine, tmp_path / "changed", server)
    machines.run("four", "catalog")

    finished = machines.doit("five", shards="yes")("index")

    assert finished.err == (
        f"failed  shards:wheels: shards: {machines.store} lacks wheels\n"
        "  there in version 0.9 alone, or for another platform: rocm-sdk-devel-gfx94X-dcgpu 1.0, "
        "rocm-sdk-libraries-gfx94X-dcgpu 1.0\n"
        f"  there of another {name}: rocm-sdk-libraries-gfx120X-all 1.0\n"
        "run `doit shard:gfx120X-all`, `doit shard:gfx94X-dcgpu` with this store, this version and these artifacts, or "
        "go on with shards=no\n"
    )


def test_old_nightlies_leave_the_store(machines):
    for number in (1, 2, 3):
        machines.run("one", "build", version=f"1.0a{number}")
    before = tree_of(Path(machines.store))
    told = machines.run("any", "store-prune", keep="1", dry_run="yes", artifact_dir="/none")
    assert tree_of(Path(machines.store)) == before

    pruned = machines.run("any", "store-prune", keep="1", artifact_dir="/none")

    assert told.out.replace("would be ", "") == pruned.out
    assert pruned.lines[0] == "versions: 1.0a1, 1.0a2"
    left = {path.name for path in Path(machines.store, "wheels").rglob("*.whl")}
    assert {re.search(r"-(1\.0a\d)-", name)[1] for name in left if "bootstrap" not in name} == {"1.0a3"}
    assert len(list(Path(machines.store, "receipts").iterdir())) == 9
    finished = machines.run("two", "build", version="1.0a3")
    assert counts(finished) == ALL_TAKEN


REFUSALS: dict[str, tuple[Mapping[str, str], str]] = {
    "a kind that is not known": ({"store": "xy://z"}, "store: 'xy://z' cannot be a store: Protocol not known: xy"),
    "among artifacts": (
        {"store": "{artifacts}/store"},
        "store: {artifacts}/store lies in artifact_dir, which is never written to; name a place elsewhere",
    ),
    "shards without it": ({"shards": "yes"}, "shards: needs store=..., where the shards put their wheels"),
}


@pytest.mark.parametrize("settings", REFUSALS.values(), ids=REFUSALS)
def test_what_makes_no_sense_is_refused(doit, artifacts, settings: tuple[Mapping[str, str], str]):
    given, message = settings
    words = [f"{name}={value.format(artifacts=artifacts)}" for name, value in given.items()]

    finished = doit("index", *words)

    assert message.format(artifacts=artifacts) in finished.err


def test_a_bucket_that_is_not_there_is_told(packed, tmp_path):
    with bucket(packed, tmp_path / "home") as machines:
        finished = machines.doit("one", store="s3://none/store")("catalog", environment=machines.environment)

    assert finished.code != 0
    assert "s3://none/store/catalogs/" in finished.err
    assert "cannot be stored: " in finished.err
