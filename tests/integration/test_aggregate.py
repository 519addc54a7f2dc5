"""``doit aggregate``: from published indexes to the page over them, and what is said where that is not possible."""

from __future__ import annotations

import pytest

from tests.support.doit_process import Doit


def test_a_page_over_two_channels_and_again_when_one_has_more(sample_dist, pristine, tmp_path):
    site = tmp_path / "site"
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine)})
    for channel, version in (("stable", "1.0"), ("nightly", "1.1a1")):
        done = doit("publish", f"version={version}", f"url={site}/{channel}")
        assert done.code == 0, done.out + done.err
    (tmp_path / "none").mkdir()
    elsewhere = Doit(directory=tmp_path / "none", settings={"artifact_dir": "/nowhere"})  # it needs no artifacts
    channels = f"indexes={site}/stable,unstable={site}/nightly"

    first = elsewhere("aggregate", channels, f"url={site}")
    again = elsewhere("aggregate", channels, f"url={site}")

    files = len([path for path in (site / "stable").iterdir() if path.name.endswith((".whl", ".tar.gz"))])
    counts = [line for line in first.lines if line.endswith("listed")]
    assert first.code == again.code == 0, first.out + first.err + again.out + again.err
    assert counts[0].startswith("stable: ")
    assert counts[1].startswith("unstable: ")
    assert int(counts[0].split()[1]) >= files
    assert f"{site}/index.html: written" in first.lines
    assert f"{site}/index.html: nothing to change" in again.lines
    page = (site / "index.html").read_text()
    assert '<a href="nightly/index.html">unstable</a>' in page
    assert "1.1a1" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "indexes: is not set; `aggregate` needs indexes=ADDRESS,ADDRESS of published indexes"),
        (
            ("indexes=/srv/a",),
            "url: is not set; `aggregate` needs url=DIRECTORY or url=s3://BUCKET/FOLDER for its page",
        ),
        (
            ("indexes=/srv/a,/srv/b/a", "url=/tmp"),
            "command line: indexes: '/srv/a,/srv/b/a' must be paths or URLs separated by commas, each with a name of "
            "its own: stable=https://example.org/a",
        ),
    ],
)
def test_what_is_missing_is_said_before_anything_begins(tmp_path, words, message):
    done = Doit(directory=tmp_path, settings={})("aggregate", *words)

    assert (done.code, done.out, done.err) == (3, "", f"ERROR: {message}\n")


def test_retain_needs_no_artifacts_either(pristine, tmp_path):
    out = tmp_path / "out"
    published = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine)})(
        "publish", "version=1.0", f"url={out}"
    )
    (tmp_path / "none").mkdir()

    done = Doit(directory=tmp_path / "none", settings={"artifact_dir": "/nowhere"})("retain", f"url={out}")

    assert (published.code, done.code, done.err) == (0, 0, "")
    assert f"{out}: 0 would be removed (0 bytes)" in done.lines
