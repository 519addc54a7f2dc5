"""What lies beside the wheels, broken in one place each; and what people and programs get to read."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.broken_dist import CORE, PROFILER, SDIST, Dist, Wheel
from tests.support.places import ROOT

PAGE = "simple/rocm-sdk-core/index.html"
JSON = "simple/rocm-sdk-core/index.json"


def replaced(old: str, new: str, count: int = 1):
    return lambda content: re.sub(old.encode(), new.encode(), content, count=count)


@pytest.mark.parametrize(
    ("file", "change", "problem"),
    [
        pytest.param(
            "index.html",
            replaced(f"({re.escape(CORE)}#sha256=)[0-9a-f]{{4}}", r"\g<1>0000"),
            f"index: has another hash than the file: {CORE}",
            id="hash",
        ),
        pytest.param(
            "index.html",
            replaced(f'<a href="{re.escape(CORE)}.*?</a>', "", 0),
            f"index: does not show a file of the dist: {CORE}",
            id="not shown",
        ),
        pytest.param(
            "index.html",
            replaced("(<a href=[^>]*>[^<]*.whl</a>)", r"\g<1><a href='evil-1.0-py3-none-any.whl'>evil.whl</a>"),
            "index: shows what the dist does not have: evil.whl",
            id="shown",
        ),
        pytest.param(
            PAGE,
            replaced('href="../../rocm', 'href="https://example.org/rocm'),
            f"index: is linked to something else: {CORE}",
            id="link",
        ),
        pytest.param(
            PAGE,
            replaced('data-requires-python="[^"]*"', 'data-requires-python="&gt;=3.14"'),
            f"index: has another data-requires-python than the file: {CORE}",
            id="Python",
        ),
        pytest.param(
            PAGE,
            replaced('data-core-metadata="sha256=....', 'data-core-metadata="sha256=0000'),
            f"index: has another data-core-metadata than the file: {CORE}",
            id="metadata",
        ),
        pytest.param(
            JSON, replaced('"size":', '"size":1'), f"index: has another size than the file: {CORE}", id="size"
        ),
        pytest.param(
            JSON,
            replaced('"sha256":"....', '"sha256":"0000', 0),
            None,
            id="JSON hashes",
        ),
        pytest.param(
            JSON, replaced('"url":"../../', '"url":"../'), f"index: has another url than the file: {CORE}", id="url"
        ),
        pytest.param(
            JSON,
            replaced('"versions":."1.0".', '"versions":["2.0"]'),
            "index: has another name or other versions than the files",
        ),
        pytest.param(JSON, lambda content: content[:-10], None, id="no JSON"),
        pytest.param(
            "simple/index.json", replaced('{"name":"rocm-profiler"},', ""), "index: has other projects than the dist"
        ),
        pytest.param(
            "simple/index.html", replaced('<a href="rocm-profiler/".*', ""), "index: has other projects than the dist"
        ),
        pytest.param(
            f"{CORE}.metadata",
            lambda content: content + b"\n",
            "side files: is not the METADATA of its wheel",
            id="side file",
        ),
    ],
)
def test_a_page_that_says_something_else(dist, file, change, problem):
    dist.edit(file, change)

    problems = dist.problems()

    if problem is None:
        assert problems
        assert all(one.startswith(f"{file}: error: index: ") for one in problems)
    else:
        assert problems == [f"{file}: error: {problem}"]


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("index.html", "index: is missing; run doit index"),
        (PAGE, "index: is missing; run doit index"),
        (JSON, "index: is missing; run doit index"),
        ("simple/index.html", "index: is missing; run doit index"),
        ("simple/index.json", "index: is missing; run doit index"),
        ("SHA256SUMS", "sums: is missing; run doit dist"),
        (f"{CORE}.metadata", "side files: is missing; run doit index"),
    ],
)
def test_a_file_that_is_gone(dist, file, problem):
    dist.file(file).unlink()

    assert dist.problems() == [f"{file}: error: {problem}"]


def test_a_wheel_that_is_gone(dist):
    dist.file(PROFILER).unlink()

    problems = dist.problems()

    assert f"SHA256SUMS: error: sums: names what the dist does not have: {PROFILER}" in problems
    assert f"index.html: error: index: shows what the dist does not have: {PROFILER}" in problems
    assert f"{PROFILER}.metadata: error: side files: belongs to no wheel of the dist" in problems
    assert "simple/rocm-profiler/: error: index: belongs to no project of the dist" in problems


def test_a_wheel_that_nobody_built(dist):
    foreign = "rocm_profiler-0.9-py3-none-linux_x86_64.whl"
    shutil.copy(dist.file(PROFILER), dist.file(foreign))

    assert dist.problems() == [
        f"{foreign}: error: names: must have the metadata directory rocm_profiler-0.9.dist-info and no other; "
        "it has rocm_profiler-1.0.dist-info",
        f"{foreign}: error: sums: is not in SHA256SUMS: no build of ours put it there",
    ]


def test_a_wheel_that_was_replaced(dist):
    dist.change(CORE, lambda wheel: wheel.replace("_rocm_sdk_core/bin/hipcc", b"\n", b"\n\n"), publish=False)

    assert dist.problems() == [
        f"index.html: error: index: has another hash than the file: {CORE}",
        f"{CORE}: error: sums: has another sha256 than SHA256SUMS says",
        f"{CORE}.provenance.json: error: provenance: speaks of another file than the one it lies beside",
        *(
            f"{tree}/rocm-sdk-core/index.{kind}: error: index: has another {what} than the file: {CORE}"
            for tree in ("simple-json", "simple", "whl-next")
            for kind, whats in {"html": ["hash"], "json": ["sha256", "size"]}.items()
            for what in whats
            if (tree, kind) != ("simple-json", "html")
        ),
    ]


@pytest.mark.parametrize("name", ["rocm-99.zip", "rocm_sdk_core-99.tar.bz2", "rocm-99.tgz"])
def test_an_archive_that_pip_would_take_for_a_newer_sdist(dist, name):
    dist.write(name, b"")

    assert dist.problems() == [
        f"{name}: error: sums: is an archive that pip takes for an sdist, and none of ours",
    ]


@pytest.mark.parametrize("name", ["other-1.0-py3-none-any.whl", "other-1.0.tar.gz"])
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("gone")],
    ids=["a FIFO", "a directory", "a link to nothing"],
)
def test_what_has_a_wheel_s_name_and_is_none(dist, name, make):
    make(dist.file(name))

    assert dist.problems() == [f"{name}: error: archive: is no regular file"]


@pytest.mark.parametrize("name", ["index.html", JSON, "SHA256SUMS", f"{CORE}.metadata"])
def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(dist, name):
    dist.file(name).unlink()
    os.mkfifo(dist.file(name))

    [problem] = dist.problems()
    assert problem.startswith(f"{name}: error: ")
    assert problem.endswith((": is missing; run doit index", ": is missing; run doit dist"))


def test_any_other_file_is_named_and_no_error(dist):
    dist.write("README", b"")

    assert dist.problems() == ["README: warning: sums: is none of ours: no build put it there"]


def test_a_side_file_of_the_sdist(dist):
    dist.write(f"{SDIST}.metadata", b"")

    assert dist.problems() == [f"{SDIST}.metadata: error: side files: belongs to no wheel of the dist"]


def test_a_row_of_the_sums_that_is_missing(dist):
    dist.edit("SHA256SUMS", lambda content: b"".join(row for row in content.splitlines(True) if b"_core" not in row))

    assert dist.problems() == [f"{CORE}: error: sums: is not in SHA256SUMS: no build of ours put it there"]


def test_a_row_of_the_sums_that_is_wrong(dist):
    dist.edit("SHA256SUMS", replaced(f"[0-9a-f]{{64}}  {re.escape(CORE)}", f"{'0' * 64}  {CORE}"))

    assert dist.problems() == [f"{CORE}: error: sums: has another sha256 than SHA256SUMS says"]


def test_sums_with_the_line_ends_of_windows(dist):
    dist.edit("SHA256SUMS", lambda content: content.replace(b"\n", b"\r\n"))

    assert f"{CORE}: error: sums: is not in SHA256SUMS: no build of ours put it there" in dist.problems()


def other_interpreter(wheel: Wheel) -> None:
    path = "_rocm_sdk_core/lib/llvm/bin/clang-19"
    wheel.replace(path, b"/lib64/ld-linux-x86-64.so.2", b"/lib65/ld-linux-x86-64.so.2")


def test_a_sound_wheel_that_is_not_the_one_that_was_built(dist):
    """Whoever changes a byte of a program, and makes RECORD, sums and index anew, is found by the receipt."""
    dist.change(CORE, other_interpreter)

    assert dist.problems() == []
    assert dist.problems(source=True) == [
        f"{CORE}: error: source: has another sha256 than its receipt; remove both and build again: "
        "wheel/generic/core/receipt.json",
    ]


def test_a_sound_sdist_that_is_not_the_one_that_was_built(dist):
    dist.edit(SDIST, lambda content: gzip.compress(gzip.decompress(content), compresslevel=1))
    dist.publish()

    assert dist.problems() == []
    assert dist.problems(source=True) == [
        f"{SDIST}: error: source: has another sha256 than its receipt; remove both and build again: "
        "wheel/generic/meta/receipt.json",
    ]


def test_lines_of_sums_that_are_none(dist):
    dist.edit("SHA256SUMS", lambda content: content + b"hello\n")

    assert dist.problems() == ["SHA256SUMS: error: sums: has lines that are no digest and name, or names twice"]


# What one reads


def by_hand(dist: Dist, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.verify", str(dist.directory), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def counted(dist: Dist) -> tuple[str, int]:
    """Return how many wheels and files the last line must tell of, and the files of the profiler."""
    files = {path.name: len(zipfile.ZipFile(path).namelist()) for path in dist.directory.glob("*.whl")}
    return f"{len(files)} wheels, {sum(files.values())} files", files[PROFILER]


def test_the_report_of_a_sound_dist(dist):
    done = by_hand(dist, "--build-dir", str(dist.build_dir))

    assert (done.returncode, done.stderr) == (0, "")
    total, files = counted(dist)
    assert done.stdout.splitlines()[-1] == f"{total}: 0 errors, 0 warnings"
    size = dist.file(PROFILER).stat().st_size
    assert f"{PROFILER}: {size:,} bytes, {files} files, 9 of them ELF, needs glibc 2.34" in done.stdout.splitlines()


def test_the_report_of_a_broken_dist(dist):
    dist.file(f"{CORE}.metadata").unlink()
    dist.change(PROFILER, lambda wheel: wheel.members.pop("_rocm_profiler/bin/rocprof-compute"), publish=False)

    done = by_hand(dist)

    assert done.returncode == 1
    assert done.stdout.splitlines()[:4] == [
        "index.html",
        f"  error: index: has another hash than the file: {PROFILER}",
        f"{PROFILER}",
        "  error: scripts: starts a program that the wheel does not have: rocprof-compute (bin/rocprof-compute)",
    ]
    assert done.stdout.splitlines()[-1] == f"{counted(dist)[0]}: 13 errors, 0 warnings"


def test_the_report_for_programs(dist):
    dist.file(f"{CORE}.metadata").unlink()

    done = by_hand(dist, "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["errors"], report["warnings"]) == (1, 1, 0)
    assert report["findings"] == [
        {
            "file": f"{CORE}.metadata",
            "severity": "error",
            "check": "side files",
            "problem": "is missing; run doit index",
            "culprit": "",
        }
    ]
    assert [wheel["filename"] for wheel in report["wheels"]] == sorted(
        path.name for path in dist.directory.glob("*.whl")
    )


def test_no_dist(dist, tmp_path):
    done = by_hand(Dist(tmp_path / "nowhere", tmp_path))

    assert (done.returncode, done.stderr) == (
        2,
        f"{tmp_path / 'nowhere'}: cannot be read: No such file or directory; run doit dist\n",
    )


def test_a_further_list_of_system_libraries(dist, tmp_path):
    def need(wheel) -> None:
        path = "_rocm_sdk_core/lib/libamdhip64.so.7"
        wheel.replace(path, b"libhsa-runtime64.so.1\0", b"libodd-runtime64.so.1\0")

    dist.change(CORE, need)
    libraries = tmp_path / "libraries.toml"
    libraries.write_text('[[library]]\nname = "libodd-runtime64.so.1"\nreason = "an oddity of this test"\n')

    assert by_hand(dist).returncode == 1
    assert by_hand(dist, "--system-libraries", str(libraries)).returncode == 0


def test_doit_verify(clean_build, dist, tmp_path):
    done = clean_build("verify", "--json", str(tmp_path / "report.json"))

    assert (done.code, done.err) == (0, "")
    assert f"{counted(dist)[0]}: 0 errors, 0 warnings" in done.lines
    assert json.loads((tmp_path / "report.json").read_bytes())["errors"] == 0


def test_paths_of_verify_start_where_the_user_is(clean_build, tmp_path):
    here = {"DOITW_INVOKED_IN": str(tmp_path)}
    options = ("verify", "--json", "report.json", "--system-libraries", "libraries.toml")

    refused = clean_build(*options, environment=here)
    (tmp_path / "libraries.toml").write_text('[[library]]\nname = "libodd.so.1"\nreason = "an oddity of this test"\n')
    done = clean_build(*options, environment=here)

    assert f"{tmp_path / 'libraries.toml'}: cannot be read: No such file or directory" in refused.err
    assert done.code == 0
    assert json.loads((tmp_path / "report.json").read_bytes())["errors"] == 0


def test_a_version_with_an_epoch_and_a_local_part(doit):
    done = replace(doit, settings={**doit.settings, "version": "1!2.0+local.1"})("verify")

    assert (done.code, done.err) == (0, "")
