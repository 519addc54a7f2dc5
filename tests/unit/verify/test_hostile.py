"""Whatever the files of a dist hold, verification answers with findings: it never fails itself."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tools.build_facts import MODULE as FACTS_MODULE
from tools.verify.finding import error, lines
from tools.verify.identity import Wheel, identify
from tools.verify.index import Listed, check_index, check_sums
from tools.verify.installed import Installed, check_tree
from tools.verify.record import check_record
from tools.verify.requirements import Requirements
from tools.verify.review import review
from tools.verify.sbom import check_sbom
from tools.verify.scripts import check_scripts
from tools.verify.sdist import read_sdist
from tools.verify.wheel import Content, WheelContents

INFO = "demo-1.0.dist-info"
TREES = ("simple", "whl-next", "simple-json")
TEXTS = {
    f"{INFO}/METADATA": b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nRequires-Dist: other==1.0\n",
    f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n",
    f"{INFO}/RECORD": f"{INFO}/RECORD,,\n".encode(),
    f"{INFO}/entry_points.txt": b"[console_scripts]\ndemo = demo._cli:main\n",
    f"{INFO}/sboms/demo.json": b'{"bomFormat":"CycloneDX","metadata":{"component":{"name":"demo","version":"1.0"}}}',
    "demo/_cli.py": b"def main(): pass\n",
    "_demo/demo.package.json": json.dumps(
        {
            "package": "libraries",
            "family": "gfx942",
            "distribution": "demo",
            "version": "1.0",
            "platform_package": "_demo",
            "scripts": {"demo": {"path": "bin/demo", "devel": False}},
        }
    ).encode(),
    "_demo/demo.links.json": b'{"root":"_root","links":[["a","symlink","_demo","b"],["b","symlink","_root","a"]]}',
}


def wheel_of(texts: dict[str, bytes]) -> WheelContents:
    files = {path: Content(len(text), hashlib.sha256(text).hexdigest(), 0o100644) for path, text in texts.items()}
    return WheelContents(filename="demo-1.0-py3-none-linux_x86_64.whl", size=1, sha256="", files=files, texts=texts)


def examine(texts: dict[str, bytes]) -> list[str]:
    """Return all that the checks of one wheel and of a set of it say."""
    contents = wheel_of(texts)
    identity, findings = identify(contents)
    if identity is not None:
        wheel = Wheel(contents, identity)
        installed = Installed([wheel])
        findings += [*check_record(contents, identity.dist_info), *installed.findings, *installed.check_links()]
        findings += [*check_tree(installed.wheels, installed.files), *check_scripts(installed, wheel)]
        findings += [
            *review(wheel, {"gfx942": ()}, {}),
            *check_sbom(wheel),
            *Requirements([wheel], [], {"demo"}).check(),
        ]
    return [line for _, line in lines(findings)]


def assert_sentences(lines: Iterable[str]) -> None:
    """Each says how bad it is, which promise is broken, and how."""
    for line in lines:
        severity, check, problem = line.split(": ", 2)
        assert severity in ("error", "warning")
        assert check.replace(" ", "").isalpha()
        assert problem


def test_what_is_wrong_with_the_demo():
    assert examine(TEXTS) == [
        "error: links: leads to nothing in the wheels that it requires: _root/a -> _demo/b, _root/b -> _root/a",
        "error: record: RECORD does not list it: _demo/demo.links.json, _demo/demo.package.json, "
        "demo-1.0.dist-info/METADATA, demo-1.0.dist-info/WHEEL, demo-1.0.dist-info/entry_points.txt, "
        "demo-1.0.dist-info/sboms/demo.json, demo/_cli.py",
        "error: requirements: is not met: the dist has no such distribution: other==1.0",
        "error: scripts: starts a program that the wheel does not have: demo (bin/demo)",
    ]


@given(path=st.sampled_from(sorted(TEXTS)), noise=st.binary(max_size=100))
def test_a_file_of_noise(path, noise):
    assert examine({**TEXTS, path: noise})


@given(
    path=st.sampled_from(sorted(TEXTS)), position=st.integers(0, 200), old=st.integers(0, 9), new=st.binary(max_size=9)
)
def test_a_file_with_a_few_other_bytes(path, position, old, new):
    text = TEXTS[path]

    assert_sentences(examine({**TEXTS, path: text[:position] + new + text[position + old :]}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(name=st.sampled_from(["package", "links"]), value=json_values)
def test_json_of_another_shape(name, value):
    assert examine({**TEXTS, f"_demo/demo.{name}.json": json.dumps(value).encode()})


paths = st.text(st.sampled_from("ab./\\\0\n:é"), max_size=12)
rows = st.tuples(
    paths, st.sampled_from(["symlink", "real", "other"]), st.sampled_from(["_demo", "_root", "..", "/"]), paths
)


@given(st.lists(rows, max_size=8))
def test_any_link_table(table):
    text = json.dumps({"root": "_root", "links": table}).encode()

    told = "\n".join(examine({**TEXTS, "_demo/demo.links.json": text}))

    for path, _, _, _ in table:
        if path.startswith(("/", "../")) or "\0" in path or "//" in path:
            assert "leads out of its place" in told


DEMO = Listed("demo-1.0+l-py3-none-any.whl", "demo", "1.0+l", 1, "0" * 64, ">=3.10", b"Name: demo\n")


def pages(dist: Path) -> dict[str, bytes]:
    url, digest = "demo-1.0%2Bl-py3-none-any.whl", hashlib.sha256(b"Name: demo\n").hexdigest()
    anchor = (
        f'<a href="{{}}{url}#sha256={"0" * 64}" data-requires-python="&gt;=3.10" data-core-metadata="sha256={digest}">'
        f"{DEMO.filename}</a>"
    )
    row = {
        "filename": DEMO.filename,
        "url": f"../../{url}",
        "hashes": {"sha256": "0" * 64},
        "size": 1,
        "requires-python": ">=3.10",
        "core-metadata": {"sha256": digest},
    }
    project = {"name": "demo", "versions": ["1.0+l"], "files": [row]}
    return {
        "SHA256SUMS": f"{'0' * 64}  {DEMO.filename}\n".encode(),
        f"{DEMO.filename}.metadata": b"Name: demo\n",
        "index.html": anchor.format("").encode(),
        **{f"{tree}/index.html": b'<a href="demo/">demo</a>' for tree in ("simple", "whl-next")},
        **{f"{tree}/index.json": b'{"projects":[{"name":"demo"}]}' for tree in TREES},
        **{f"{tree}/demo/index.html": anchor.format("../../").encode() for tree in ("simple", "whl-next")},
        **{f"{tree}/demo/index.json": json.dumps(project).encode() for tree in TREES},
    }


def check(dist: Path, texts: dict[str, bytes]) -> list[str]:
    for name, text in texts.items():
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_bytes(text)
    found = [*check_sums(dist, {DEMO.filename: DEMO.sha256}), *check_index(dist, [DEMO])]
    return [f"{file}: {line}" for file, line in lines(found)]


def test_a_sound_index(tmp_path):
    assert check(tmp_path, pages(tmp_path)) == []


TARGET = {"file": DEMO.filename, "version": DEMO.version, "size": DEMO.size, "sha256": DEMO.sha256}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"size": 2}, [f"has another version, size or sha256 than the file: {DEMO.filename}"]),
        ({"sha256": "1" * 64}, [f"has another version, size or sha256 than the file: {DEMO.filename}"]),
        ({"file": "none.whl"}, ["names what the dist does not have: none.whl (gfx942)"]),
        ({"size": "2"}, ["cannot be read: Expected `int`, got `str` - at `$.targets[...].size`"]),
    ],
)
def test_the_file_that_leads_from_a_gpu_to_its_wheel(tmp_path, change, problems):
    text = json.dumps({"targets": {"gfx942": {**TARGET, **change}}}).encode()

    told = check(tmp_path, {**pages(tmp_path), "targets.json": text})

    assert told == [f"targets.json: error: index: {problem}" for problem in problems]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(pages(Path()))),
    position=st.integers(0, 300),
    old=st.integers(0, 9),
    new=st.binary(min_size=1, max_size=9),
)
@example(name="index.html", position=9, old=0, new=b"http://[")
def test_a_page_with_a_few_other_bytes(tmp_path, name, position, old, new):
    texts = pages(tmp_path)
    texts[name] = texts[name][:position] + new + texts[name][position + old :]

    told = check(tmp_path, texts)

    assert_sentences(line.partition(": ")[2] for line in told)
    assert told == [] or texts != pages(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["index.html", "simple/index.html"]), noise=st.binary(max_size=60) | st.text().map(str.encode)
)
def test_a_page_of_noise(tmp_path, name, noise):
    assert check(tmp_path, {**pages(tmp_path), name: noise})


def sdist(files: dict[str, bytes]) -> bytes:
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w") as archive:
        for path, content in files.items():
            row = tarfile.TarInfo(f"rocm-1.0/{path}")
            row.size = len(content)
            archive.addfile(row, io.BytesIO(content))
    return gzip.compress(result.getvalue(), mtime=0)


FACTS = {
    "version": "1.0",
    "families": ["gfx942"],
    "packages": {"core": {"distribution": "rocm-sdk-core"}},
    "requires": ["rocm-sdk-core==1.0"],
    "extras": {},
    "chosen_extras": {},
}
PYPROJECT = {"pyproject.toml": b""}
PKG_INFO = b"Metadata-Version: 2.4\nName: rocm\nVersion: 1.0\n"


def read(tmp_path: Path, content: bytes) -> list[str]:
    file = tmp_path / "rocm-1.0.tar.gz"
    file.write_bytes(content)
    found = read_sdist(file)
    assert found is not None
    return [line for _, line in lines(found.findings)]


def test_a_sound_sdist(tmp_path):
    assert read(tmp_path, sdist({**PYPROJECT, "PKG-INFO": PKG_INFO, FACTS_MODULE: f"FACTS = {FACTS!r}".encode()})) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../evil", "archive: has a name that leads out of the place it is unpacked to: rocm-1.0/../evil"),
        ("a//b", "archive: has a name that no file can have: rocm-1.0/a//b"),
    ],
)
def test_an_sdist_with_a_name_that_escapes(tmp_path, name, problem):
    assert read(tmp_path, sdist({**PYPROJECT, "PKG-INFO": PKG_INFO, name: b""})) == [f"error: {problem}"]


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"version": "1.1"}, "is of version 1.1"),
        ({"requires": ["rocm sdk"]}, None),
        ({"extras": {"devel": "x"}}, "cannot be read: Expected `array`, got `str` - at `$.extras[...]`"),
    ],
)
def test_an_sdist_with_wrong_facts(tmp_path, facts, problem):
    text = f"FACTS = { ({**FACTS, **facts})!r}".encode()

    [line] = read(tmp_path, sdist({**PYPROJECT, "PKG-INFO": PKG_INFO, FACTS_MODULE: text}))

    assert line.startswith("error: facts: rocm_sdk/_build_facts.py ")
    assert problem is None or line.endswith(problem)


def test_an_sdist_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    content = gzip.compress(bytes(64 << 20 | 1), compresslevel=9)

    assert "error: archive: cannot be unpacked: it is larger than 67108864 bytes" in read(tmp_path, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 2000), new=st.binary(min_size=1, max_size=4))
def test_a_damaged_sdist(tmp_path, position, new):
    sound = sdist({**PYPROJECT, "PKG-INFO": PKG_INFO, FACTS_MODULE: f"FACTS = {FACTS!r}".encode()})
    position %= len(sound)
    content = sound[:position] + new + sound[position + len(new) :]

    told = read(tmp_path, content)

    assert_sentences(told)
    assert told == [] or content != sound


def test_findings_of_any_text_are_lines():
    assert list(lines([error("a\nb", "c", "d", "e\nf")]))
