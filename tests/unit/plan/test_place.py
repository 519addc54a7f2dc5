"""Where each path ends up and in which form."""

from __future__ import annotations

from dataclasses import replace

from tests.support.elf_facts import elf
from tests.support.planner import file, library, link, program, script, with_preference
from tests.support.small_specs import changed, package_spec, small_specs
from tools.plan.spec import Claim, Preference

HIP = {
    "lib/libamdhip64.so": link("libamdhip64.so.7"),
    "lib/libamdhip64.so.7": link("libamdhip64.so.7.0.1"),
    "lib/libamdhip64.so.7.0.1": library("libamdhip64.so.7"),
}


def test_a_library_is_shipped_once_under_its_soname(planner):
    plan = planner({"core-hip_lib_generic": HIP})

    assert plan.files("core") == {".info/version": "copy", "lib/libamdhip64.so.7": "rpath"}


def test_other_names_of_a_library_are_left_out_with_the_reason(planner):
    plan = planner({"core-hip_lib_generic": HIP})

    assert plan.left_out() == {
        "lib/libamdhip64.so": (
            "another name of lib/libamdhip64.so.7, which the loader finds by its SONAME; devel has the link"
        ),
        "lib/libamdhip64.so.7.0.1": ("shipped as lib/libamdhip64.so.7, its SONAME; devel has this name as a link"),
    }


def test_names_that_are_hard_links_count_as_links(planner):
    same = {f"lib/libx.so{end}": library("libx.so.1", "bytes") for end in ("", ".1", ".1.2")}

    plan = planner({"core-hip_lib_generic": same})

    assert plan.files("core") == {".info/version": "copy", "lib/libx.so.1": "rpath"}


def test_a_library_whose_soname_no_name_has_is_shipped_as_it_is(planner):
    plan = planner({"core-hip_lib_generic": {"lib/libodd.so": library("libodd.so.1")}})

    assert plan.files("core")["lib/libodd.so"] == "rpath"


def test_a_name_that_programs_open_is_made_from_the_versioned_file_where_no_artifact_has_the_link(planner):
    tree = {"lib/libprofiler-hub.so.0": library("libprofiler-hub.so.0"), "lib/libother.so.0": library("libother.so.0")}

    plan = planner({"rocprofiler-systems_lib_generic": tree})

    assert plan.files("profiler") == {
        "lib/libprofiler-hub.so": "forwarder",
        "lib/libprofiler-hub.so.0": "rpath",
    }
    assert plan.member("profiler", "lib/libprofiler-hub.so").argument == "libprofiler-hub.so.0"


def test_two_versions_without_a_link_are_a_problem(planner):
    tree = {f"lib/libprofiler-hub.so.{n}": library(f"libprofiler-hub.so.{n}", str(n)) for n in (0, 1)}

    assert planner({"rocprofiler-systems_lib_generic": tree}).error()[1:] == [
        "lib/libprofiler-hub.so: programs open this name, and lib/libprofiler-hub.so.0 and lib/libprofiler-hub.so.1 "
        "are both there; leave one out, or add the link to the artifact"
    ]


NUMA = "libnuma.so.1"


def test_a_library_that_published_programs_need_is_in_lib_too_with_the_search_path_of_that_place(planner):
    plan = planner({"sysdeps_lib_generic": {f"lib/rocm_sysdeps/lib/{NUMA}": library(NUMA, runpath="$ORIGIN")}})

    copy, own = (plan.member("core", f"{folder}/{NUMA}") for folder in ("lib", "lib/rocm_sysdeps/lib"))
    assert (copy.source, copy.argument) == (own.source, "$ORIGIN:$ORIGIN/llvm/lib:$ORIGIN/rocm_sysdeps/lib")
    assert own.argument == "$ORIGIN:$ORIGIN/../../llvm/lib"


def test_a_library_that_an_artifact_has_in_lib_is_not_replaced(planner):
    tree = {f"lib/rocm_sysdeps/lib/{NUMA}": library(NUMA), f"lib/{NUMA}": library(NUMA, "another")}

    assert planner({"sysdeps_lib_generic": tree}).error()[1:] == [
        f"lib/{NUMA}: an artifact has this path, and also_in_lib of packages/core.toml copies "
        f"lib/rocm_sysdeps/lib/{NUMA} to it; take it out there"
    ]


def test_a_library_with_a_short_name_is_never_copied(planner):
    specs = changed(small_specs(), "core", also_in_lib=("lib/rocm_sysdeps/lib/liblzma.so.*",))
    name = "lib/rocm_sysdeps/lib/liblzma.so.5"

    plan = planner({"sysdeps_lib_generic": {name: library("liblzma.so.5")}}, specs=specs)

    assert plan.error()[1:] == [
        f"{name}: also_in_lib of packages/core.toml copies it, but it has the short name lzma: opened "
        "by two paths it would be loaded twice; take it out there"
    ]


def test_an_alias_in_another_directory_is_not_shipped(planner):
    plan = planner({"core-hip_lib_generic": HIP | {"lib/compat/libhip.so": link("../libamdhip64.so.7")}})

    assert "lib/compat/libhip.so" not in plan.files("core")


def test_a_soname_in_another_directory_is_a_copy(planner):
    plan = planner({"core-hip_lib_generic": HIP | {"lib/compat/libamdhip64.so.7": link("../libamdhip64.so.7")}})

    assert plan.files("core")["lib/compat/libamdhip64.so.7"] == "rpath"


def test_a_listed_unversioned_name_becomes_a_forwarder(planner):
    smi = {
        "lib/libamd_smi.so": link("libamd_smi.so.26"),
        "lib/libamd_smi.so.26": library("libamd_smi.so.26"),
    }

    member = planner({"core-amdsmi_lib_generic": smi}).member("core", "lib/libamd_smi.so")

    assert (member.kind, member.argument) == ("forwarder", "libamd_smi.so.26")


def test_a_link_to_a_program_becomes_a_stub(planner):
    llvm = {"lib/llvm/bin/clang-19": program()}
    base = {"bin/amdclang": link("../lib/llvm/bin/clang-19")}

    member = planner({"amd-llvm_run_generic": llvm, "base_run_generic": base}).member("core", "bin/amdclang")

    assert (member.kind, member.argument, member.mode) == ("stub", "../lib/llvm/bin/clang-19", 0o755)


def test_a_link_to_a_script_becomes_a_stub(planner):
    smi = {"libexec/rocm_smi/rocm_smi.py": script(), "bin/rocm-smi": link("../libexec/rocm_smi/rocm_smi.py")}

    member = planner({"core-amdsmi_run_generic": smi}).member("core", "bin/rocm-smi")

    assert (member.kind, member.argument) == ("stub", "../libexec/rocm_smi/rocm_smi.py")


def test_a_link_to_a_program_that_no_runtime_package_has_is_left_out(planner):
    plan = planner(
        {
            "amd-llvm_dev_generic": {"lib/llvm/bin/tool": program()},
            "base_run_generic": {"bin/amdclang": link("../lib/llvm/bin/tool")},
        }
    )

    assert plan.left_out()["bin/amdclang"] == "a link to the program lib/llvm/bin/tool, not in a runtime package"


def test_a_link_to_data_is_a_copy(planner):
    plan = planner({"core-hip_lib_generic": {"share/a.txt": file("text"), "share/b.txt": link("a.txt")}})

    assert plan.files("core")["share/b.txt"] == "copy"


def test_a_dangling_link_is_left_out(planner):
    plan = planner({"core-hip_lib_generic": {"lib/gone.so": link("nowhere.so.1")}})

    assert plan.left_out() == {"lib/gone.so": "dangling: a link to nowhere.so.1, and nothing is at lib/nowhere.so.1"}


def test_a_directory_link_is_left_out_of_runtime_wheels(planner):
    plan = planner({"core-hip_lib_generic": HIP | {"lib64": link("lib")}})

    assert plan.left_out()["lib64"] == "a link to the directory lib; wheels hold no links"


def test_a_link_to_the_whole_tree_is_left_out_of_devel_too(planner):
    plan = planner({"core-hip_lib_generic": HIP, "core-hip_dev_generic": {"include/up": link("..")}})

    assert plan.left_out()["include/up"] == ("a link to .., which is the whole tree: whoever walks it would never end")
    assert "include/up" not in {row.path for row in plan.plan().tree.rows}


def test_a_loop_of_links_is_left_out(planner):
    plan = planner({"core-hip_lib_generic": {"a": link("b"), "b": link("a")}})

    assert plan.left_out()["a"] == "a link to b, which is part of a loop"


def test_links_that_leave_the_tree_are_all_named(planner):
    plan = planner({"core-hip_lib_generic": {"etc": link("../../etc/passwd"), "abs": link("/usr/lib/libc.so.6")}})

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "core-hip_lib_generic: abs: the link to '/usr/lib/libc.so.6' is absolute; links must be relative and "
        "stay inside",
        "core-hip_lib_generic: etc: the link to '../../etc/passwd' leads out of the merged tree; links must "
        "be relative "
        "and stay inside",
    ]


def test_the_rpath_leads_to_the_packages_of_the_spec(planner):
    blas = {"lib/librocblas.so.5": library("librocblas.so.5", runpath="$ORIGIN:/build/blas/lib")}

    member = planner({"blas_lib_gfx94X-dcgpu": blas}).member("libraries", "lib/librocblas.so.5", "gfx94X-dcgpu")

    assert member.argument == ("$ORIGIN:$ORIGIN/../../_rocm_sdk_core/lib:$ORIGIN/../../_rocm_sdk_core/lib/llvm/lib")


def test_files_for_other_machines_and_static_programs_are_data(planner):
    files = {
        "lib/i386.so": file("1", elf=elf(machine=3, bits=32)),
        "lib/kernels.co": file("2", elf=elf(machine=224)),
        "lib/object.o": file("3", elf=elf(type=1, dynamic=False)),
        "bin/hipcc.bin": file("4", mode=0o755, elf=elf(pie=True)),
    }

    plan = planner({"core-hip_lib_generic": files})

    assert set(plan.files("core").values()) == {"copy"}


def test_equal_files_of_two_artifacts_are_one(planner):
    plan = planner({"base_run_generic": {"share/x": file("same")}, "core-hip_run_generic": {"share/x": file("same")}})

    assert plan.left_out() == {"share/x": "the same file as in base_run_generic"}


def test_different_files_under_one_path_are_refused(planner):
    plan = planner({"base_run_generic": {"share/x": file("one")}, "core-hip_run_generic": {"share/x": file("two")}})

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "share/x: base_run_generic and core-hip_run_generic ship different files under this path; leave one "
        "out, or say "
        "in overlaps.toml which one wins",
    ]


def test_a_preference_decides_between_different_files(planner):
    plan = planner({"base_run_generic": {"share/x": file("one")}, "core-hip_run_generic": {"share/x": file("two")}})
    plan.specs = with_preference(plan.specs, Preference(path="share/*", artifact="core-hip", reason="newer"))

    assert plan.member("core", "share/x").source == "core-hip_run_generic/stage/share/x"


def test_a_file_against_a_directory_is_refused(planner):
    plan = planner({"base_run_generic": {"share/x": file()}, "core-hip_run_generic": {"share/x/y": file()}})

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "share/x: a file in base_run_generic and a directory in core-hip_run_generic; leave one of them out",
    ]


def test_cmake_files_of_runtime_components_go_to_devel(planner):
    plan = planner({"core-hip_dev_generic": {"include/hip/hip.h": file(), "lib/cmake/hip/hip-config.cmake": file()}})

    assert plan.files("core").keys() == {".info/version", "include/hip/hip.h"}
    assert plan.files("devel").keys() == {"lib/cmake/hip/hip-config.cmake"}


def test_byte_code_is_left_out(planner):
    plan = planner({"core-hip_lib_generic": {"lib/a/__pycache__/x.cpython-311.pyc": file()}})

    assert plan.left_out() == {"lib/a/__pycache__/x.cpython-311.pyc": "Python byte code"}


def test_files_that_a_package_does_not_list_are_left_out_with_the_reason(planner):
    plan = planner({"rocprofiler-systems_lib_generic": {"lib/librocprof-sys.so.1": file(), "lib/other.so": file()}})

    assert plan.left_out() == {"lib/other.so": "not among the files that profiler takes"}


def test_an_unclaimed_artifact_is_refused(planner):
    plan = planner({"newlib_lib_generic": {"lib/x": file()}})

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "newlib_lib_generic: no package claims it and ignored.toml does not name it; add it to one of them",
    ]


def test_an_artifact_of_a_package_that_the_layout_does_not_list_is_refused(planner):
    video = package_spec("video", claims=(Claim(artifacts=("newlib",), components=("lib",)),))
    artifacts = {"newlib_lib_generic": {"lib/x": file()}, "newlib_dev_generic": {"include/x.h": file()}}

    plan = planner(artifacts, specs=replace(small_specs(), unlisted=(video,)))

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "newlib_dev_generic: no package claims it and ignored.toml does not name it; add it to one of them",
        "newlib_lib_generic: is claimed in packages/video.toml alone, which layouts/per-family.toml does not list; add "
        "a line there, or name the artifact in ignored.toml",
    ]


def test_an_unclaimed_artifact_is_a_note_when_not_strict(planner):
    plan = planner({"newlib_lib_generic": {"lib/x": file()}}, strict=False)

    assert plan.plan().report.notes[-1] == (
        "newlib_lib_generic: no package claims it and ignored.toml does not name it; add it to one of them"
    )


EMPTY = "core-runtime_lib_generic: no file in it, though it is claimed; build it again, or leave it out"


def test_a_claimed_artifact_without_a_file_is_refused(planner):
    plan = planner({"core-hip_lib_generic": HIP, "core-runtime_lib_generic": {}})

    assert plan.error() == ["the artifacts of generic cannot be packaged:", EMPTY]


def test_a_claimed_artifact_without_a_file_is_a_note_when_not_strict(planner):
    plan = planner({"core-hip_lib_generic": HIP, "core-runtime_lib_generic": {}}, strict=False)

    assert plan.plan().report.notes[-1] == EMPTY


def test_a_package_without_a_file_is_refused(planner):
    plan = planner({"blas_lib_gfx94X-dcgpu": {}})

    assert plan.error("gfx94X-dcgpu") == [
        "the artifacts of gfx94X-dcgpu cannot be packaged:",
        "blas_lib_gfx94X-dcgpu: no file in it, though it is claimed; build it again, or leave it out",
        "rocm-sdk-libraries-gfx94X-dcgpu: none of its artifacts gives it a file (blas_lib_gfx94X-dcgpu); "
        "check the claims, "
        "or leave the artifacts out",
    ]


def test_a_program_nobody_decided_about_is_refused(planner):
    plan = planner({"core-hip_run_generic": {"bin/newtool": program()}})

    assert plan.error() == [
        "the artifacts of generic cannot be packaged:",
        "bin/newtool: a program of core that is neither a console script nor listed in not_exposed; add it to "
        "[scripts] or not_exposed of packages/core.toml",
    ]


def test_a_pattern_that_matches_nothing_is_reported(planner):
    plan = planner({"rocprofiler-systems_lib_generic": {"lib/librocprof-sys.so.1": file()}})

    report = plan.plan().report
    assert "profiler: the include pattern 'bin/rocprof-*' matches no file" in report.unused
    assert report.notes == ()


def test_patterns_of_every_key_that_match_nothing_are_reported(planner):
    specs = changed(
        small_specs(),
        "core",
        claims=(Claim(artifacts=("core-hip", "base"), components=("lib", "run"), exclude=("lib/gone*", "lib/x.so")),),
        forwarders=("lib/libamdhip64.so", "lib/libmisspelt.so", "**/*.so.99"),
        also_in_lib=("lib/gone.so.*",),
        not_exposed=("bin/hipvars.pm", "bin/hip*.pl", "bin/tool"),
    )
    tree = {**HIP, "lib/x.so": file(), "bin/hipvars.pm": script(), "bin/tool": program()}

    plan = planner({"core-hip_run_generic": tree}, specs=specs)

    assert [sentence for sentence in plan.plan().report.unused if "pattern" in sentence] == [
        "core: the exclude pattern 'lib/gone*' matches no file",
        "core: the forwarders pattern 'lib/libmisspelt.so' matches no file",
        "core: the also_in_lib pattern 'lib/gone.so.*' matches no file",
        "core: the not_exposed pattern 'bin/hip*.pl' matches no file",
    ]


def test_a_code_object_for_the_gpu_keeps_its_name(planner):
    kernels = {
        "lib/k/kernels.co": file("k", elf=elf(machine=224, soname="kernels.so")),
        "lib/k/kernels.so": link("kernels.co"),
    }

    plan = planner({"core-hip_lib_generic": kernels})

    assert (plan.files("core")["lib/k/kernels.co"], plan.files("core")["lib/k/kernels.so"]) == ("copy", "copy")


def test_the_sdks_own_directory_is_reserved(planner):
    plan = planner({"core-hip_lib_generic": {".rocm-sdk/stamp": file()}})

    assert plan.error()[1] == "core-hip_lib_generic: .rocm-sdk/stamp: .rocm-sdk is where rocm-sdk keeps its state"


def test_a_claimed_artifact_that_gives_no_file_is_refused(planner):
    plan = planner({"rocprofiler-systems_lib_generic": {"lib/other.so": file()}})

    assert plan.error()[2] == (
        "rocprofiler-systems_lib_generic: profiler claims it and takes none of its files; widen include in "
        "packages/*.toml, or list it in ignored.toml"
    )
