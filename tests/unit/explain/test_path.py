from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.contracts import plan_of
from tools.catalog.model import Catalog, Entry
from tools.errors import UserError
from tools.explain.path import ExplainRequest, explain, unused_names
from tools.plan.model import FamilyReport, LeftOut, Member, WheelPlan
from tools.values import encode_json, write_json

TABLE = {
    "root": "_devel",
    "links": [
        ["lib/libhip.so", "symlink", "_devel", "lib/libhip.so.7"],
        ["lib/libhip.so.7", "symlink", "_core", "lib/libhip.so.7"],
        ["bin/hipcc", "real", "_core", "bin/hipcc"],
    ],
}


def member(path: str, kind: str, source: str = "", argument: str = "") -> Member:
    return Member(path=path, kind=kind, mode=0o644, source=source, size=1234 if source else 0, argument=argument)


def plan(package: str, family: str, *members: Member) -> WheelPlan:
    return plan_of(*members, package=package, family=family, distribution=f"rocm-sdk-{package}")


@pytest.fixture
def ask(tmp_path: Path):
    core = plan(
        "core",
        "generic",
        member("_core/bin/amdclang", "stub", argument="../lib/llvm/bin/clang"),
        member("_core/bin/hipcc", "copy", "hip_run_generic/hip/stage/bin/hipcc"),
        member("_core/lib/libhip.so.7", "rpath", "hip_lib_generic/hip/stage/lib/libhip.so.7.0", "$ORIGIN"),
        member("_core/lib/libold.so.1", "rpath", "old_lib_generic/old/stage/lib/libold.so.1"),
        member("_core/lib/libsmi.so", "forwarder", argument="libsmi.so.26"),
        member("x/METADATA", "text", argument="é"),
    )
    devel = plan(
        "devel", "gfx94X-dcgpu", member("_devel/devel.links.json", "text", argument=encode_json(TABLE).decode())
    )
    report = FamilyReport(
        family="generic",
        left_out=(
            LeftOut(artifact="hip_lib_generic", path="lib/libhip.so", reason="another name"),
            LeftOut(artifact="odd_test_generic", path="", reason="tests"),
        ),
        notes=(),
        unused=("core: the include pattern 'x' matches no file",),
    )
    write_json(tmp_path / "core.json", core)
    write_json(tmp_path / "devel.json", devel)
    write_json(tmp_path / "report.json", report)
    for artifact in ("odd_test_generic", "new_lib_generic"):
        entries = (Entry(path=f"lib/lib{artifact[:3]}.so.1", base=0, kind="file"),)
        write_json(tmp_path / artifact, Catalog(artifact=artifact, base_dirs=("new/stage",), entries=entries))

    def answer(path: str, *, plans: Sequence[str] = ("core.json", "devel.json")) -> list[str]:
        return explain(
            ExplainRequest(
                path=path,
                plans=tuple(tmp_path / name for name in plans),
                reports=(tmp_path / "report.json",),
                catalogs=tuple(tmp_path / name for name in ("odd_test_generic", "new_lib_generic", "none_lib_generic")),
            )
        )

    return answer


HIP = [
    "_core/lib/libhip.so.7",
    "  generic: in rocm-sdk-core",
    "    from hip_lib_generic/hip/stage/lib/libhip.so.7.0, 1,234 bytes, RPATH set to $ORIGIN",
]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        pytest.param("_core/lib/libhip.so.7", HIP, id="path in the wheel"),
        pytest.param("lib/libhip.so.7.0", HIP, id="end of the source"),
        pytest.param("hip_lib_generic/hip/stage/lib/libhip.so.7.0", HIP, id="source"),
        pytest.param("libhip.so.7.?", HIP, id="pattern"),
        pytest.param(
            "libold.so.1",
            [
                "_core/lib/libold.so.1",
                "  generic: in rocm-sdk-core",
                "    from old_lib_generic/old/stage/lib/libold.so.1, 1,234 bytes, RPATH removed",
            ],
            id="RPATH removed",
        ),
        pytest.param(
            "amdclang",
            [
                "_core/bin/amdclang",
                "  generic: in rocm-sdk-core",
                "    generated, a program that runs _core/lib/llvm/bin/clang",
            ],
            id="stub",
        ),
        pytest.param(
            "libsmi.so",
            ["_core/lib/libsmi.so", "  generic: in rocm-sdk-core", "    generated, a library that loads libsmi.so.26"],
            id="forwarder",
        ),
        pytest.param(
            "METADATA", ["x/METADATA", "  generic: in rocm-sdk-core", "    generated, 2 bytes"], id="generated text"
        ),
        pytest.param(
            "bin/hipcc",
            [
                "_core/bin/hipcc",
                "  generic: in rocm-sdk-core",
                "    from hip_run_generic/hip/stage/bin/hipcc, 1,234 bytes, as it is",
                "_devel/bin/hipcc",
                "  gfx94X-dcgpu: made by rocm-sdk init for rocm-sdk-devel, a hard link or a copy of its own: "
                "_core/bin/hipcc",
            ],
            id="in two places",
        ),
        pytest.param(
            "lib/libhip.so",
            [
                "_devel/lib/libhip.so",
                "  gfx94X-dcgpu: made by rocm-sdk init for rocm-sdk-devel, a symbolic link: _devel/lib/libhip.so.7",
                "lib/libhip.so",
                "  generic: left out of hip_lib_generic: another name",
            ],
            id="left out",
        ),
    ],
)
def test_what_became_of_a_path(ask, path, lines):
    assert ask(path) == lines


NEW = ["lib/libnew.so.1", "  in new_lib_generic, and no plan of it is there; run `doit plan` to see why"]


@pytest.mark.parametrize(
    "path", ["lib/libnew.so.1", "libnew.so.1", "new_lib_generic/new/stage/lib/libnew.so.1", "*ew.so*"]
)
@pytest.mark.parametrize("plans", [("core.json", "devel.json"), ("core.json", "failed.json")])
def test_a_path_that_no_plan_names_is_found_in_its_artifact(ask, path, plans):
    assert ask(path, plans=plans) == NEW


def test_what_plans_know_is_told_while_another_plan_is_missing(ask, tmp_path):
    assert ask("lib/libhip.so.7.0", plans=("core.json", "failed.json")) == [
        *HIP,
        f"{tmp_path / 'failed.json'}: not there yet; run `doit plan` for the rest",
    ]


def test_a_path_of_an_artifact_that_nobody_ships_comes_with_the_reason(ask):
    assert ask("libodd.so.1") == ["lib/libodd.so.1", "  generic: left out of odd_test_generic: tests"]


def test_the_wheel_comes_before_devel_links_to_it(tmp_path):
    table = {"root": "_a", "links": [["lib/libhip.so.7", "symlink", "_core", "lib/libhip.so.7"]]}
    text = encode_json(table).decode()
    write_json(tmp_path / "a.json", plan("a", "generic", member("_a/a.links.json", "text", argument=text)))
    write_json(tmp_path / "core.json", plan("core", "generic", member("_core/lib/libhip.so.7", "copy", "hip/x/y")))

    lines = explain(ExplainRequest(path="libhip.so.7", plans=(tmp_path / "a.json", tmp_path / "core.json"), reports=()))

    assert [line for line in lines if not line.startswith(" ")] == ["_core/lib/libhip.so.7", "_a/lib/libhip.so.7"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("lib/libhpi.so.7", "did you mean 'libhip.so.7'?"),
        ("nothing/like/it/anywhere", "a part of a path may be given as a pattern, such as '*.so*'"),
    ],
)
def test_an_unknown_path_gets_a_hint(ask, path, hint):
    with pytest.raises(UserError) as caught:
        ask(path)

    assert str(caught.value) == (
        f"no artifact and no wheel has the path {path!r}; {hint}; `doit catalog` looks into none_lib_generic, too"
    )


def test_many_paths_are_counted(tmp_path):
    members = [member(f"_core/include/{number:03}.h", "copy", "a/b/c") for number in range(25)]
    write_json(tmp_path / "core.json", plan("core", "generic", *members))

    lines = explain(ExplainRequest(path="*.h", plans=(tmp_path / "core.json",), reports=()))

    assert len(lines) == 20 * 3 + 1
    assert lines[-1] == "and 5 more paths"


def test_what_the_specs_name_in_vain_is_listed(ask, tmp_path):
    reports = [tmp_path / "report.json", tmp_path / "report.json", tmp_path / "none.json"]

    assert unused_names(reports) == ["core: the include pattern 'x' matches no file"]
    assert unused_names(reports[2:]) == ["artifacts have all that the specs name, as far as they are planned"]


def test_nothing_is_planned_yet(tmp_path):
    with pytest.raises(UserError) as caught:
        explain(ExplainRequest(path="x", plans=(tmp_path / "core.json",), reports=()))

    assert str(caught.value) == f"{tmp_path / 'core.json'}: not there yet; run doit plan"
