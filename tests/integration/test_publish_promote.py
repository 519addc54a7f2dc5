"""``doit promote`` and ``doit publish`` on the embedded sample, in processes of their own."""

from __future__ import annotations

import shutil
import signal
import zipfile
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.foreign import make_foreign

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("layout", ["per-family", "kpack-split"])
def test_a_promoted_dist_is_that_of_a_direct_build_without_artifacts(tmp_path, layout):
    candidate = Doit(directory=tmp_path / "candidate", settings={"layout": layout})
    direct = Doit(directory=tmp_path / "direct", settings={"layout": layout})
    candidate("index", "version=10.1.0rc1")
    direct("index", "version=10.1.0")
    for gone in ("sample", "catalog"):
        shutil.rmtree(candidate.build / gone)

    promoted = candidate("promote", "from=10.1.0rc1", "to=10.1.0")

    assert promoted.code == 0, promoted.out + promoted.err
    assert tree_of(candidate.dist) == tree_of(direct.dist)
    assert not [path for path, content in tree_of(direct.dist).items() if b"10.1.0rc1" in content or "rc1" in path]


@pytest.mark.parametrize(
    ("layout", "kept", "dropped"),
    [
        ("per-family", "gfx94X-dcgpu", "rocm_sdk_libraries_gfx120x_all"),
        ("kpack-split", "gfx942,gfx1201", "rocm_sdk_device_gfx950"),
    ],
)
def test_a_trimmed_release_is_that_of_a_direct_build_of_these_targets(tmp_path, layout, kept, dropped):
    candidate = Doit(directory=tmp_path / "candidate", settings={"layout": layout})
    direct = Doit(directory=tmp_path / "direct", settings={"layout": layout})
    candidate("index", "version=1.0rc1")
    direct("index", "version=1.0", f"families={kept}")

    promoted = candidate("promote", "from=1.0rc1", "to=1.0", f"targets={kept}")

    assert promoted.code == 0, promoted.out + promoted.err
    assert f"dropped  {dropped}-1.0rc1-py3-none-linux_x86_64.whl" in promoted.lines
    assert tree_of(candidate.dist) == tree_of(direct.dist)
    assert candidate("verify", "version=1.0", f"families={kept}").code == 0


def test_a_target_that_nobody_knows_is_refused(tmp_path):
    candidate = Doit(directory=tmp_path)
    candidate("index", "version=1.0rc1")

    promoted = candidate("promote", "from=1.0rc1", "to=1.0", "targets=gfx94Y")

    assert promoted.code == 1
    assert "targets: no target and no family of targets.toml: gfx94Y" in promoted.out + promoted.err


def others(directory: Path, pinned: str, version: str) -> Path:
    return make_foreign(directory, "torchlike", version, {"torchlike/_C.txt": b"x" * 1000}, requires=(pinned,))


def test_wheels_of_others_that_pin_the_candidate_are_rewritten_when_asked(tmp_path):
    wheel = others(tmp_path / "theirs", "rocm[devel]==1.0rc1", "2.9.0+rocm1.0rc1")
    candidate = Doit(directory=tmp_path, settings={"also": str(wheel)})
    built = candidate("index", "version=1.0rc1")
    assert built.code == 0, built.out + built.err

    refused = candidate("promote", "from=1.0rc1", "to=1.0")
    promoted = candidate("promote", "from=1.0rc1", "to=1.0", "restamp=yes")

    assert refused.code == 1
    assert (
        f"{wheel.name}: requires 1.0rc1, which the release is not; restamp=yes changes its pins and its version, or "
        "leave it out of also=..."
    ) in refused.out + refused.err
    assert promoted.code == 0, promoted.out + promoted.err
    name = "torchlike-2.9.0+rocm1.0-py3-none-manylinux_2_27_x86_64.whl"
    metadata = (candidate.dist / f"{name}.metadata").read_text()
    assert "Version: 2.9.0+rocm1.0\n" in metadata
    assert "Requires-Dist: rocm[devel]==1.0\n" in metadata
    assert not (candidate.dist / wheel.name).exists()
    assert zipfile.ZipFile(candidate.dist / name).read("torchlike/_C.txt") == b"x" * 1000


def test_a_wheel_that_could_only_be_rewritten_under_its_own_name_is_refused(tmp_path):
    wheel = others(tmp_path / "theirs", "rocm==1.0rc1", "2.9.0")
    candidate = Doit(directory=tmp_path, settings={"also": str(wheel)})
    candidate("index", "version=1.0rc1")

    promoted = candidate("promote", "from=1.0rc1", "to=1.0", "restamp=yes")

    assert promoted.code == 1
    assert (
        f"restamp: {wheel.name} pins 1.0rc1, and its version does not say so (as in 1.0+rocm1.0rc1): with other pins "
        "it would be another file of the same name; build it again"
    ) in promoted.out + promoted.err


def test_only_metadata_is_compressed_again(tmp_path):
    candidate = Doit(directory=tmp_path)
    candidate("index", "version=10.1.0rc1")

    promoted = candidate("promote", "from=10.1.0rc1", "to=10.1.0")

    assert ", 0 bytes read for them" in promoted.out + promoted.err


def test_a_version_that_the_dist_does_not_hold_is_refused(tmp_path):
    candidate = Doit(directory=tmp_path)
    candidate("index", "version=10.1.0rc1")

    promoted = candidate("promote", "from=10.1.0rc2", "to=10.1.0")

    assert promoted.code == 1
    assert f"{candidate.dist}: holds 0.3.0, 10.1.0rc1, not 10.1.0rc2" in promoted.out + promoted.err


def test_a_promoted_dist_stays_until_another_version_is_named(tmp_path):
    doit = Doit(directory=tmp_path)
    doit("index", "version=10.1.0rc1")
    promoted = doit("promote", "from=10.1.0rc1", "to=10.1.0")
    before = tree_of(doit.dist)

    refused = doit("verify")
    published = doit("promote", "from=10.1.0rc1", "to=10.1.0", f"url={tmp_path / 'out'}")

    here = f"doit build_dir={doit.build} dist_dir={doit.dist}"
    publish = f"{here} publish version=10.1.0 url=DIRECTORY_OR_URL"
    assert promoted.lines[-2] == f"next: {here} verify version=10.1.0; {publish}"
    assert (refused.code, refused.out) == (3, "")
    assert refused.err == (
        f"ERROR: version: {doit.dist} holds 10.1.0, which 10.1.0.dev0 would replace; go on with version=10.1.0, or "
        "say version=10.1.0.dev0 if that is meant\n"
    )
    assert published.code == 0, published.out + published.err
    assert published.lines[-2] == f"next: {here} verify version=10.1.0"
    assert (tmp_path / "out" / "rocm-10.1.0.tar.gz").is_file()
    assert tree_of(doit.dist) == before
    assert doit("verify", "version=10.1.0").code == 0
    assert tree_of(doit.dist) == before


def test_a_wheel_that_was_changed_is_not_promoted(tmp_path):
    candidate = Doit(directory=tmp_path)
    candidate("index", "version=10.1.0rc1")
    wheel = next((candidate.build / "wheel").glob("generic/core/*.whl"))
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 1
    wheel.unlink()
    wheel.write_bytes(content)

    promoted = candidate("promote", "from=10.1.0rc1", "to=10.1.0")

    assert promoted.code == 1
    assert f"{wheel}: is not what was built; build 10.1.0rc1 again" in promoted.out + promoted.err


def test_ctrl_c_ends_serve_well(tmp_path):
    process = Doit(directory=tmp_path).start("serve", "port=0")
    assert process.stdout is not None
    while not process.stdout.readline().startswith("serving "):
        assert process.poll() is None

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1].startswith("wheels: 9 built, 0 up to date, 0 failed; other steps: ")
    assert "interrupted" not in out


def test_a_dist_is_verified_published_and_published_again(tmp_path):
    doit = Doit(directory=tmp_path, settings={"version": "10.1.0"})
    out = tmp_path / "out"

    dry = doit("publish", f"url={out}", "dry_run=yes")
    assert not out.exists()
    first = doit("publish", f"url={out}")
    again = doit("publish", f"url={out}")

    assert [dry.code, first.code, again.code] == [0, 0, 0], first.out + first.err
    published = {path for path in tree_of(out) if "/" not in path}
    assert published == {path for path in tree_of(doit.dist) if "/" not in path}
    assert f"{out}: 0 uploaded (0 bytes), 0 removed, 9 listed" in again.out.splitlines()
