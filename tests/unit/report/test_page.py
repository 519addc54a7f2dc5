"""The page, as text."""

from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

from tests.support.report_wheels import make_wheel
from tools.errors import UserError
from tools.report import echarts
from tools.report.gantt import longest, read_gantt
from tools.report.growth import compare
from tools.report.page import Report, report_page
from tools.trace.model import Lanes, Run
from tools.trace.store import write_trace
from tools.workers.activities import Activity

HOSTILE = "</script><script>alert(1)</script>"
WHEELS = (
    make_wheel("core", ("lib/a.so", 1000), (f"lib/{HOSTILE}", 10), ("top", 6)),
    make_wheel("rocm", ("x.tar.gz", 9)),
)


def page_of(**changes: object) -> str:
    report = Report(**{"title": "T", "wheels": WHEELS, "growth": None, "gantt": None} | changes)
    return report_page(report, "/* the library </script> */").decode()


def data_of(page: str) -> dict[str, object]:
    return json.loads(gzip.decompress(base64.b64decode(re.search(r'id="data">(.*)</script>', page)[1])))


def test_the_page_loads_nothing():
    page = page_of()

    assert re.findall(r"""(?:src|href)\s*=|@import|url\(|fetch\(|XMLHttpRequest""", page) == []
    assert "default-src 'none'" in page


def test_nothing_in_it_ends_a_script():
    page = page_of()

    assert page.count("<script") == page.count("</script") == 3
    assert "alert(1)</script>" not in page


def test_every_file_is_in_the_data_with_its_folder_once():
    [core, _] = data_of(page_of())["wheels"]

    assert core["names"].split("\0") == ["top", "a.so", "script>"]
    assert core["folders"] == ["", "lib", "lib/</script><script>alert(1)<"]
    assert (core["counts"], core["sizes"], core["packed"]) == ([1, 1, 1], [6, 1000, 10], [3, 500, 5])


def test_equal_reports_are_equal_bytes():
    assert page_of() == page_of()


def test_growth_and_budget_are_told_in_words():
    old = (make_wheel("core", ("lib/a.so", 600), ("top", 6)), WHEELS[1])

    page = page_of(growth=compare(old, WHEELS, against="OLD", budget=100))

    assert "+205 bytes of 100 bytes allowed" in page
    assert '<span class="over">105 bytes over the budget</span>' in page


def test_the_licence_of_echarts_is_in_the_page():
    page = page_of()

    assert "Apache License" in page
    assert "Copyright 2017-2025 The Apache Software Foundation" in page
    assert "Copyright 2010-2016 Mike Bostock" in page


def test_a_run_is_read_from_its_trace(tmp_path):
    lanes = Lanes(activities=[Activity("pool 1", "hash", 2_000_000, 4_000_000, 0)])
    tasks = [Activity("", "catalog:a", 1_000_000, 5_000_000, 0), Activity("", "index", 5_000_000, 6_000_000, 0)]
    write_trace(tmp_path, Run(began=0, command=("index",), cpu=0.5, tasks=tasks, processes={"worker 1": lanes}))

    gantt = read_gantt(tmp_path)

    assert gantt == {
        "lanes": ["task 1", "worker 1, pool 1"],
        "activities": [
            [0, 1.0, 4.0, "catalog:a", "task"],
            [1, 2.0, 2.0, "hash", "pool"],
            [0, 5.0, 1.0, "index", "task"],
        ],
        "command": "index",
        "cpu": 0.5,
    }
    assert longest(gantt, 1) == [("catalog:a", 0.001, 0.004)]
    assert "How the last run went" in page_of(gantt=gantt)


def test_without_a_trace_there_is_no_run(tmp_path):
    assert read_gantt(tmp_path) is None
    assert "How the last run went" not in page_of()


def test_without_the_extra_a_sentence_says_what_to_run(monkeypatch):
    monkeypatch.setattr(echarts, "_PACKAGE", "no-such-package")

    with pytest.raises(UserError) as caught:
        echarts.read_echarts()

    assert re.fullmatch(
        r"`report` needs Apache ECharts 6\.0\.0, which is not installed; run: \S+ -m pip (--python \S+ )?install "
        r"--no-deps --require-hashes --requirement /\S+/requirements-report\.lock",
        str(caught.value),
    )
