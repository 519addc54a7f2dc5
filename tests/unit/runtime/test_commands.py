"""``rocm-sdk``: what each command prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, ROOT, listing
from tests.support.small_rocm import FAMILY, SOURCE

OTHER = "gfx120X-all"
LIBRARIES = "_rocm_sdk_libraries_gfx94X_dcgpu"


def rocm_sdk(site: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return small_rocm.run_python(site, "-m", "rocm_sdk", *arguments, **variables)


@pytest.mark.parametrize(("option", "below"), [("--root", ""), ("--bin", "/bin"), ("--cmake", "/lib/cmake")])
def test_path_makes_the_devel_tree_and_prints_where_it_is(site: Path, option: str, below: str) -> None:
    done = rocm_sdk(site, "path", option)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{site}/{ROOT}{below}\n", "")
    assert listing(site) == COMPLETE


@pytest.mark.parametrize("option", ["--root", "--bin", "--cmake"])
def test_path_without_devel_is_an_error_so_that_a_build_does_not_go_on(site: Path, option: str) -> None:
    shutil.rmtree(site / ROOT)

    done = rocm_sdk(site, "path", option)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"rocm-sdk: error: devel is not installed, so there is no tree with CMake files ({site}/_rocm_sdk_core/bin has "
        f"the programs that there are); install it with: {small_rocm.pip(site)} 'rocm[devel-gfx120x-all]==10.1.0' or "
        f"{small_rocm.pip(site)} 'rocm[devel-gfx94x-dcgpu]==10.1.0'{SOURCE}\n"
    )


def test_targets_without_gpu_code_are_those_of_the_build_and_nothing_else_on_a_pipe(site: Path) -> None:
    for directory in site.glob("_rocm_sdk_*_gfx94X_dcgpu"):
        shutil.rmtree(directory)

    done = rocm_sdk(site, "targets")

    assert (done.returncode, done.stdout, done.stderr) == (0, "gfx1200;gfx1201;gfx942\n", "")


def test_path_as_json_has_all_of_them(site: Path) -> None:
    root = f"{site}/{ROOT}"

    assert json.loads(rocm_sdk(site, "path", "--json").stdout) == {
        "root": root,
        "bin": f"{root}/bin",
        "cmake": f"{root}/lib/cmake",
        "devel": True,
    }


def test_path_needs_to_know_which_of_two_families(site: Path) -> None:
    for wheel in (small_rocm.libraries(OTHER), small_rocm.devel(OTHER)):
        wheel.unpack(site)

    unclear = rocm_sdk(site, "path", "--root")

    assert (unclear.returncode, unclear.stdout) == (1, "")
    assert unclear.stderr == (
        "rocm-sdk: error: rocm-sdk-devel is installed for 2 families (gfx120X-all, gfx94X-dcgpu), and no AMD GPU was "
        "found; set ROCM_SDK_TARGET_FAMILY to one of them\n"
    )
    for family in (FAMILY, OTHER):
        clear = rocm_sdk(site, "path", "--root", ROCM_SDK_TARGET_FAMILY=family)
        assert clear.stdout == f"{site}/{small_rocm.devel_root(family)}\n"


def test_init_makes_the_trees_of_all_families_installed(site: Path) -> None:
    for wheel in (small_rocm.libraries(OTHER), small_rocm.devel(OTHER)):
        wheel.unpack(site)

    done = rocm_sdk(site, "init")

    assert done.stdout == "".join(
        f"{site}/{small_rocm.devel_root(family)}: 10 links, 10 made, 0 removed\n" for family in (OTHER, FAMILY)
    )
    assert listing(site) == COMPLETE


def test_init_can_be_quiet(site: Path) -> None:
    done = rocm_sdk(site, "init", "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_init_without_devel_names_the_extra(site: Path) -> None:
    small_rocm.remove(site, ROOT)

    done = rocm_sdk(site, "init")

    assert done.returncode == 1
    assert done.stderr == (
        "rocm-sdk: error: devel is not installed; install it with: "
        f"{small_rocm.pip(site)} 'rocm[devel-gfx120x-all]==10.1.0' or "
        f"{small_rocm.pip(site)} 'rocm[devel-gfx94x-dcgpu]==10.1.0'{SOURCE}\n"
    )


def test_a_package_whose_directory_is_gone_is_installed_again(site: Path) -> None:
    shutil.rmtree(site / ROOT)
    sentence = (
        f"{site} lists rocm-sdk-devel-gfx94X-dcgpu 10.1.0 as installed, but the files are gone; "
        f"{again(site, 'rocm-sdk-devel-gfx94X-dcgpu')}"
    )

    assert rocm_sdk(site, "init").stderr == f"rocm-sdk: error: {sentence}\n"


def test_a_person_who_waits_sees_a_bar(site: Path) -> None:
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "rocm_sdk", "init"]
    environment = small_rocm.environment(site)
    done = subprocess.run(command, stderr=writer, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    os.close(writer)
    shown = os.read(reader, 1 << 16).decode()
    os.close(reader)

    assert f"\rrocm-sdk: making {site}/{ROOT} [{'#' * 30}] 100 %" in shown
    assert shown.endswith("\r\x1b[K")
    assert done.stdout == f"{site}/{ROOT}: 10 links, 10 made, 0 removed\n"


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["version"], "10.1.0\n"),
        (["version", "--json"], '{\n  "version": "10.1.0"\n}\n'),
        (["targets"], "gfx942\n"),
    ],
    ids=" ".join,
)
def test_facts_of_the_build_are_printed(site: Path, arguments: list[str], output: str) -> None:
    assert rocm_sdk(site, *arguments).stdout == output


def test_targets_are_those_of_all_families_installed(site: Path) -> None:
    small_rocm.libraries(OTHER).unpack(site)

    assert rocm_sdk(site, "targets").stdout == "gfx1200;gfx1201;gfx942\n"


def test_targets_as_json_are_those_of_the_build_with_product_and_families(site: Path) -> None:
    assert sorted(json.loads(rocm_sdk(site, "targets", "--json").stdout)) == ["gfx1200", "gfx1201", "gfx942"]
    assert json.loads(rocm_sdk(site, "targets", "--json").stdout)["gfx942"] == {
        "product": "MI300X",
        "families": ["gfx94X-dcgpu"],
    }


def test_the_version_needs_no_core(site: Path) -> None:
    shutil.rmtree(site / "rocm_sdk_core")

    assert rocm_sdk(site, "version").stdout == "10.1.0\n"
    assert rocm_sdk(site, "path", "--root").stderr == (
        f"rocm-sdk: error: rocm-sdk-core is not installed; install it with: pip install rocm-sdk-core==10.1.0{SOURCE}\n"
    )


def test_check_of_a_made_installation_finds_nothing(site: Path) -> None:
    rocm_sdk(site, "init")

    done = rocm_sdk(site, "check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" files and 10 links checked: all right\n")


def test_check_before_the_devel_tree_is_made_finds_nothing_and_says_so(site: Path) -> None:
    done = rocm_sdk(site, "check")

    assert (done.returncode, done.stderr) == (0, "")
    note, state = done.stdout.splitlines()
    assert note == ("rocm-sdk-devel-gfx94X-dcgpu: its tree is not made yet; 'rocm-sdk init' or the first use makes it")
    assert state.endswith(" files and 0 links checked: all right")
    assert json.loads(rocm_sdk(site, "check", "--json").stdout)["notes"] == [note]


def test_check_names_what_will_be_in_the_way_of_a_tree_that_is_not_made_yet(site: Path) -> None:
    (site / ROOT / "lib64").mkdir()

    assert rocm_sdk(site, "check").stderr == (
        f"rocm-sdk-devel-gfx94X-dcgpu: {ROOT}/lib64: not a link of rocm-sdk; run 'rocm-sdk init'\n"
    )


def test_check_names_what_was_changed_lost_and_not_linked(site: Path) -> None:
    rocm_sdk(site, "init")
    core = site / "_rocm_sdk_core"
    (core / "share/hip/a.txt").write_text("b\n")
    (core / "share/hip/b.txt").write_text("longer\n")
    (core / "include/hip/hip_runtime.h").unlink()
    (core / "include/hip/hip_runtime.h").symlink_to("nowhere")
    (site / ROOT / "include/hipblas/hipblas.h").unlink()

    done = rocm_sdk(site, "check", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"] == [
        f"rocm-sdk-core: {core}/include/hip/hip_runtime.h: no such file or directory",
        f"rocm-sdk-core: {core}/share/hip/a.txt: was changed after it was installed",
        f"rocm-sdk-core: {core}/share/hip/b.txt: has another size than when it was installed",
        f"rocm-sdk-devel-gfx94X-dcgpu: {site}/{ROOT}/include/hipblas/hipblas.h: no such file or directory",
    ]
    assert json.loads(done.stdout)["remedy"] == (
        f"reinstall with: pip install --ignore-installed --no-deps --target {site} --upgrade rocm-sdk-core==10.1.0 "
        f"rocm-sdk-devel-gfx94X-dcgpu==10.1.0{SOURCE}, then run 'rocm-sdk init'"
    )


def test_check_names_links_that_are_missing(site: Path) -> None:
    rocm_sdk(site, "init")
    (site / ROOT / "lib64").unlink()

    done = rocm_sdk(site, "check")

    assert done.stderr == f"rocm-sdk-devel-gfx94X-dcgpu: {ROOT}/lib64: missing; run 'rocm-sdk init'\n"
    assert done.stdout.endswith(" files and 10 links checked: 1 problem\n")


def test_check_says_once_what_brings_files_and_links_back(site: Path) -> None:
    rocm_sdk(site, "init")
    (site / ROOT / "include/hipblas/hipblas.h").unlink()
    (site / ROOT / "lib64").unlink()
    (site / "_rocm_sdk_core/share/hip/a.txt").write_text("b\n")

    done = rocm_sdk(site, "check")

    assert done.stderr == (
        f"rocm-sdk-core: {site}/_rocm_sdk_core/share/hip/a.txt: was changed after it was installed\n"
        f"rocm-sdk-devel-gfx94X-dcgpu: {site}/{ROOT}/include/hipblas/hipblas.h: no such file or directory\n"
        f"rocm-sdk-devel-gfx94X-dcgpu: {ROOT}/lib64: missing\n"
        f"reinstall with: pip install --ignore-installed --no-deps --target {site} --upgrade rocm-sdk-core==10.1.0 "
        f"rocm-sdk-devel-gfx94X-dcgpu==10.1.0{SOURCE}, then run 'rocm-sdk init'\n"
    )
    assert done.stdout.endswith(" files and 10 links checked: 3 problems\n")


def doctor(site: Path, **variables: str) -> dict[str, dict[str, str]]:
    return json.loads(rocm_sdk(site, "doctor", "--json", **variables).stdout)


def test_doctor_tells_what_a_bug_report_needs(site: Path) -> None:
    report = doctor(site, ROCM_SDK_TARGET_FAMILY=FAMILY, LD_LIBRARY_PATH="/opt")

    assert report["python"]["executable"] == sys.executable
    assert report["rocm"] == {"version": "10.1.0", "layout": "per-family", "built for": "gfx120X-all, gfx94X-dcgpu"}
    names = ("rocm-sdk-core", "rocm-sdk-devel-gfx94X-dcgpu", "rocm-sdk-libraries-gfx94X-dcgpu")
    assert report["packages"] == dict.fromkeys(names, f"10.1.0 in {site}")
    assert report["family"] == {
        "installed": FAMILY,
        "chosen": FAMILY,
        "because": "ROCM_SDK_TARGET_FAMILY is gfx94X-dcgpu",
    }
    assert report["gpus"]["found"] == "none"
    assert report["devel"] == {ROOT: "not made, or outdated: run 'rocm-sdk init'; the first use of a tool does it too"}
    assert report["environment"]["LD_LIBRARY_PATH"] == "/opt"
    assert report["problems"] == []


@pytest.mark.parametrize("nothing", [{}, []])
def test_doctor_leaves_no_heading_bare(
    sources: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str], nothing: object
) -> None:
    sources("rocm_sdk._doctor")._print_section("environment", nothing)

    assert capsys.readouterr().out == "environment:\n  none\n"


def test_doctor_sees_a_made_tree(site: Path) -> None:
    rocm_sdk(site, "init")

    assert doctor(site)["devel"] == {ROOT: "complete"}


def test_doctor_reports_a_gpu_of_another_family_with_the_extra_for_it(site: Path) -> None:
    assert doctor(site, ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx1201,gfx942,gfx1100")["problems"] == [
        "the GPU gfx1201 has no code here: gfx94X-dcgpu is installed; install it with: "
        f"{small_rocm.pip(site)} 'rocm[libraries-gfx120x-all]==10.1.0'{SOURCE}",
        "the GPU gfx1100 has no code here: gfx94X-dcgpu is installed; this build is for gfx120X-all, gfx94X-dcgpu",
    ]


def test_doctor_names_mixed_versions(site: Path) -> None:
    small_rocm.libraries(FAMILY, version="10.2.0").unpack(site)

    assert doctor(site)["problems"] == [
        f"{site} mixes versions of ROCm: rocm-sdk-core 10.1.0, rocm-sdk-devel-gfx94X-dcgpu 10.1.0, "
        f"rocm-sdk-libraries-gfx94X-dcgpu 10.2.0; install one version of all of them, such as: {small_rocm.pip(site)} "
        "rocm-sdk-core==10.1.0 rocm-sdk-devel-gfx94X-dcgpu==10.1.0 rocm-sdk-libraries-gfx94X-dcgpu==10.1.0 rocm==10.1.0"
        f"{SOURCE}",
    ]


def test_doctor_says_what_to_do_when_no_family_was_chosen_at_install_time(site: Path) -> None:
    small_rocm.remove(site, ROOT)
    small_rocm.remove(site, LIBRARIES)

    done = rocm_sdk(site, "doctor")

    assert done.returncode == 1
    assert done.stdout.endswith(
        f"problems:\n  no GPU code is installed; install it with: "
        f"{small_rocm.pip(site)} 'rocm[libraries-gfx120x-all]==10.1.0' or "
        f"{small_rocm.pip(site)} 'rocm[libraries-gfx94x-dcgpu]==10.1.0'{SOURCE}\n"
    )


def again(site: Path, requirement: str) -> str:
    return (
        f"reinstall with: pip install --ignore-installed --no-deps --target {site} --upgrade {requirement}==10.1.0"
        f"{SOURCE}"
    )


def test_doctor_names_files_that_are_gone_or_cut_and_what_brings_them_back(site: Path) -> None:
    hip, text = site / "_rocm_sdk_core/lib/libamdhip64.so.7", site / "_rocm_sdk_core/share/hip/a.txt"
    hip.write_bytes(b"cut")
    text.unlink()

    done = rocm_sdk(site, "doctor")

    assert done.returncode == 1
    assert done.stdout.endswith(
        f"problems:\n  {hip}: has another size than when it was installed, {text}: no such file or directory; "
        f"{again(site, 'rocm-sdk-core')}\n"
    )


def test_doctor_names_the_program_of_a_devel_tree_that_a_reinstallation_leaves_damaged(site: Path) -> None:
    rocm_sdk(site, "init")
    program = site / "_rocm_sdk_core/bin/rocminfo"
    content = program.read_bytes()
    program.write_bytes(b"cut")

    [problem] = doctor(site)["problems"]
    program.unlink()
    program.write_bytes(content)
    [then] = doctor(site)["problems"]

    assert problem == (
        f"{program}: has another size than when it was installed; {again(site, 'rocm-sdk-core')}, then remove "
        f"{site}/{ROOT}/bin/rocminfo and run 'rocm-sdk init'"
    )
    assert then == f"{site}/{ROOT}: links are gone or outdated: bin/rocminfo; run 'rocm-sdk init'"


def test_doctor_names_links_that_are_gone_from_a_tree_that_was_made(site: Path) -> None:
    rocm_sdk(site, "init")
    (site / ROOT / "lib64").unlink()

    assert doctor(site)["problems"] == [f"{site}/{ROOT}: links are gone or outdated: lib64; run 'rocm-sdk init'"]


@pytest.mark.parametrize("content", [b"a,sha256=x,many\n", b"\xff,sha256=x,1\n"])
def test_doctor_names_a_record_that_is_damaged(site: Path, content: bytes) -> None:
    record = site / "rocm_sdk_core-10.1.0.dist-info/RECORD"
    record.write_bytes(content)

    assert [problem for problem in doctor(site)["problems"] if "RECORD" in problem] == [
        f"{record}: is damaged; {again(site, 'rocm-sdk-core')}"
    ]


def test_doctor_names_a_package_whose_directory_is_gone(site: Path) -> None:
    shutil.rmtree(site / LIBRARIES)

    assert doctor(site)["problems"] == [
        f"{site} lists rocm-sdk-libraries-gfx94X-dcgpu 10.1.0 as installed, but the files are gone; "
        f"{again(site, 'rocm-sdk-libraries-gfx94X-dcgpu')}"
    ]


def test_doctor_takes_all_packages_that_are_gone_for_one_problem(site: Path) -> None:
    shutil.rmtree(site / LIBRARIES)
    shutil.rmtree(site / ROOT)

    [problem] = doctor(site)["problems"]

    assert problem.startswith(
        f"{site} lists rocm-sdk-devel-gfx94X-dcgpu 10.1.0, rocm-sdk-libraries-gfx94X-dcgpu 10.1.0 as installed, "
    )


def test_doctor_names_packages_in_two_places(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.move(site / "_rocm_sdk_libraries_gfx94X_dcgpu", other / "_rocm_sdk_libraries_gfx94X_dcgpu")

    report = doctor(site, PYTHONPATH=f"{site}{os.pathsep}{other}")

    [problem] = report["problems"]
    assert problem.startswith(
        "the ROCm packages are in several places, but their files look for each other in one: "
        f"{other} (rocm-sdk-libraries-gfx94X-dcgpu), {site} (rocm-sdk-core, rocm-sdk-devel-gfx94X-dcgpu); put copies "
        f"side by side, first on the path: mkdir rocm-side-by-side && cp -rL {site}/_rocm_sdk_core "
    )


def list_of_files(site: Path) -> list[str]:
    """The files that RECORDs give a digest."""
    return [
        row
        for record in site.glob("rocm_sdk_*.dist-info/RECORD")
        for row in record.read_text().splitlines()
        if "sha256=" in row
    ]


def self_test(site: Path, **variables: str) -> dict[str, list[str]]:
    done = rocm_sdk(site, "test", "--json", **variables)
    results = {result["name"]: [result["state"], result["detail"]] for result in json.loads(done.stdout)}
    assert done.returncode == int("failed" in {state for state, _ in results.values()})
    return results


def test_the_self_test_works_without_a_gpu(real_site: Path) -> None:
    assert self_test(real_site) == {
        "installation": ["ok", "3 packages of version 10.1.0, side by side"],
        "files": ["ok", f"{len(list_of_files(real_site))} files are there, of the size that the wheels brought"],
        "libraries": ["ok", "2 load; not in this build, or not installed: amd_smi, rocdxg"],
        "devel": ["ok", "gfx94X-dcgpu: 10 links"],
        "tools": ["ok", "3 tools can start"],
        "compiler": ["skipped", "this build has no clang"],
        "cmake": ["skipped", "this build has no CMake package of HIP"],
        "gpu": ["skipped", "no GPU"],
    }


@pytest.mark.parametrize(
    ("size", "wrong"),
    [(10, "OSError: {library}: file too short"), (1000, "loading it ended with signal 7")],
    ids=["refused", "crashes"],
)
def test_the_self_test_fails_for_a_library_that_does_not_load(real_site: Path, size: int, wrong: str) -> None:
    library = real_site / "_rocm_sdk_core/lib/libamdhip64.so.7"
    library.write_bytes(library.read_bytes()[:size])

    state, detail = self_test(real_site)["libraries"]

    assert state == "failed"
    assert detail.startswith(f"amdhip64: {wrong.format(library=library)}; hipblas: ")


def test_the_self_test_fails_for_a_tool_that_is_not_executable(real_site: Path) -> None:
    (real_site / "_rocm_sdk_core/bin/rocminfo").chmod(0o644)

    program = real_site / "_rocm_sdk_core/bin/rocminfo"
    assert self_test(real_site)["tools"] == ["failed", f"rocminfo: {program} is not there or not executable"]


def test_the_self_test_fails_when_the_compiler_does(real_site: Path) -> None:
    (real_site / "_rocm_sdk_core/bin/hipcc").write_text("#!/bin/sh\necho no headers >&2\nexit 3\n")
    clang = real_site / ROOT / "lib/llvm/bin/clang"
    clang.parent.mkdir(parents=True)
    clang.write_text("#!/bin/sh\necho gfx942\n")
    clang.chmod(0o755)

    assert self_test(real_site)["compiler"] == [
        "failed",
        f"{real_site}/{ROOT}/bin/hipcc ended with 3: no headers",
    ]


def test_the_self_test_asks_the_runtime_about_a_gpu(real_site: Path) -> None:
    program = real_site / "_rocm_sdk_core/bin/rocminfo"
    program.write_text("#!/bin/sh\necho Name: gfx942\n")

    assert self_test(real_site, ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx942")["gpu"] == ["ok", "the runtime sees gfx942"]
    assert self_test(real_site, ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx1201")["gpu"] == [
        "failed",
        "the runtime does not see gfx1201",
    ]


def test_results_are_lines_for_people(real_site: Path) -> None:
    lines = rocm_sdk(real_site, "test").stdout.splitlines()

    assert lines[0] == "ok:       installation: 3 packages of version 10.1.0, side by side"
    assert lines[-1] == "skipped:  gpu: no GPU"


def test_an_unknown_command_is_refused(site: Path) -> None:
    assert rocm_sdk(site, "frobnicate").returncode == 2
