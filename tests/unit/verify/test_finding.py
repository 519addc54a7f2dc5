from __future__ import annotations

from tools.verify.finding import error, lines, warning


def test_culprits_of_one_problem_are_told_together():
    findings = [error("a.whl", "elf", "is unsound", f"lib{number:02}.so") for number in range(12)]

    assert list(lines(findings)) == [
        (
            "a.whl",
            "error: elf: is unsound: lib00.so, lib01.so, lib02.so, lib03.so, lib04.so, lib05.so, lib06.so, lib07.so, "
            "lib08.so, lib09.so and 2 more, which `doit verify --json FILE` lists",
        )
    ]


def test_long_names_are_few():
    """Names of kernels have a hundred letters and more, and a wheel has thousands of them."""
    name = "lib/rocblas/library/TensileLibrary_Type_HH_Contraction_l_Ailk_Bjlk_Cijk_Dijk_fallback_gfx90a_"
    findings = [warning("a.whl", "targets", "is of another GPU", f"{name}{number:03}.hsaco") for number in range(309)]

    [(_, line)] = lines(findings)

    named = f"{name}000.hsaco, {name}001.hsaco"
    assert line == f"warning: targets: is of another GPU: {named} and 307 more, which `doit verify --json FILE` lists"


def test_one_name_is_told_however_long_it_is():
    [(_, line)] = lines([warning("a.whl", "targets", "is odd", "x" * 500)])

    assert line == f"warning: targets: is odd: {'x' * 500}"


def test_order_of_finding_is_not_order_of_telling():
    findings = [
        warning("b.whl", "python", "is for one Python", "x"),
        error("b.whl", "record", "has no RECORD"),
        error("a.whl", "elf", "is unsound", "z"),
        error("a.whl", "elf", "is unsound", "y"),
        error("a.whl", "elf", "is unsound", "y"),
    ]

    told = [
        ("a.whl", "error: elf: is unsound: y, z"),
        ("b.whl", "error: record: has no RECORD"),
        ("b.whl", "warning: python: is for one Python: x"),
    ]
    assert list(lines(findings)) == told
    assert list(lines(reversed(findings))) == told
