"""What figures were measured on."""

from __future__ import annotations

import os

import pytest

from tools.bench.machine import _processor, this_machine


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Processor\nmodel name\t: other\n", "Intel Xeon Processor"),
        ("processor\t: 0\nCPU part\t: 0xd0c\n", os.uname().machine),
    ],
)
def test_the_name_of_the_processor_has_no_trademarks(cpuinfo, name):
    assert _processor(cpuinfo) == name


def test_a_machine_is_told_in_one_line():
    machine = this_machine()

    assert str(machine).startswith(f"{machine.processor}, {len(os.sched_getaffinity(0))} cores, ")
