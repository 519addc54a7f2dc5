from __future__ import annotations

from tools.verify.finding import error, lines, warning


def test_culprits_of_one_problem_are_told_together():
    findings = [error("a.whl", "elf", "is unsound", f"lib{number:02}.so") for number in range(12)]

    assert list(lines(findings)) == [
        (
            "a.whl",
            "error: elf: is unsound: lib00.so, lib01.so, lib02.so, lib03.so, lib04.so, lib05.so, lib06.so, lib07.so, "
            "lib08.so, lib09.so and 2 more",
        )
    ]


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
