"""An index of many versions in a bucket: one more, retention, publishers at once, and publishers that are killed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.large_bucket import BUCKET, FOLDER, NOW, PACKAGES, large_bucket, request_for, versions
from tests.support.publishing import PATIENCE, Publishers, Target, Web
from tests.support.wheel_sets import WheelText, make_sdist, make_wheel
from tools.dist.channels import Channel
from tools.dist.gather import DistRequest, gather
from tools.dist.retain import RetainRequest, retain
from tools.dist.simple import JSON_TREES, TREES

ROOT = Path(__file__).parents[2]
COUNT = 1000  # versions of 40 files each
NEEDED = tuple(list(versions(COUNT))[number] for number in (999, 702, 601))  # by wheels of others
NEW = "10.0.0a20261126"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Large:
    """A server with a large index in it."""

    port: int

    @property
    def target(self) -> Target:
        access = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        base = f"http://127.0.0.1:{self.port}/{BUCKET}/{FOLDER}"
        return Target(f"s3://{BUCKET}/{FOLDER}", Web(base), access)

    def ask(self, name: str) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}") as answer:
            return json.load(answer)


@pytest.fixture
def large(monkeypatch) -> Iterator[Large]:
    with large_bucket(COUNT, NEEDED) as port:
        made = Large(port)
        for name, value in made.target.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def receipts_of(directory: Path, version: str, payload: bytes = b"payload") -> tuple[Path, ...]:
    """Write 39 files of a version, gathered beside them, and return their receipts."""
    build = directory / "build" / version
    made = [make_sdist(build, version=version, families=())]
    for distribution, package, family in PACKAGES:
        text = WheelText(distribution=distribution, package=package, family=family, version=version, payload=payload)
        made.append(make_wheel(build, text))
    gather(DistRequest(receipts=tuple(made), dist_dir=build / "dist"))
    return tuple(made)


def check(large: Large) -> dict[str, str]:
    """Check that whatever a page or a lock file names is there, in the bytes it says; return path -> sha256 of it."""
    objects = large.ask("_objects")
    named = {}
    for page in named_pages(large):
        text = (large.target.seen.read(page) or b"").decode()
        for path, digest in links(text, page):
            assert objects.get(path) == digest, (page, path)
            named[path] = digest
    return named


def named_pages(large: Large) -> Iterator[str]:
    """Yield the paths of the pages of every project in every tree, of the flat page and of lock files."""
    yield "index.html"
    yield from (name for name in large.ask("_objects") if re.fullmatch(r"pylock\.[^/]+\.toml", name))
    for tree in (*TREES, *JSON_TREES.values()):
        is_json = tree in JSON_TREES.values()  # in a bucket it answers for folders alone
        root = json.loads(large.target.seen.read(f"{tree}/" if is_json else f"{tree}/index.json") or b"")
        for project in root["projects"]:
            place = f"{tree}/{project['name']}"
            yield from [f"{place}/"] if is_json else [f"{place}/index.html", f"{place}/", f"{place}/index.json"]


def links(text: str, page: str) -> Iterator[tuple[str, str]]:
    """Yield path and sha256 of each file that a page names."""
    if page.endswith(".json") or page.partition("/")[0] in JSON_TREES.values():
        found = [(file["url"], file["hashes"]["sha256"]) for file in json.loads(text)["files"]]
    elif page.endswith(".toml"):
        wheels = [wheel for package in tomllib.loads(text)["packages"] for wheel in package["wheels"]]
        found = [(wheel["url"].removeprefix("https://rocm.example/"), wheel["hashes"]["sha256"]) for wheel in wheels]
    else:
        found = re.findall(r'<a href="([^#"]+)#sha256=([0-9a-f]{64})"', text)
    for url, digest in found:
        yield unquote(url.removeprefix("../../")), digest


def channels() -> tuple[Channel, ...]:
    """Return the channels of the specs."""
    rows = tomllib.loads((ROOT / "packaging_specs/index.toml").read_text())["channel"]
    return tuple(Channel(**{"first_of_week": False, "days": None, **row}) for row in rows)


def ignore(_: str) -> None:
    pass


def test_one_more_is_published_by_few_requests(large, tmp_path):
    publishers = Publishers(large.target)
    large.ask("_requests")
    publishers.publish(receipts_of(tmp_path, NEW), patience=60.0, now=NOW)
    first = large.ask("_requests")
    publishers.publish(receipts_of(tmp_path, NEW), patience=60.0, now=NOW)
    again = large.ask("_requests")
    publishers.close()

    assert sum(first.values()) < 600
    assert sum(again.values()) < 40
    assert len(check(large)) == COUNT * 40 + 39 + len(NEEDED)


def test_retention_removes_what_it_told_and_nothing_that_is_needed(large):
    before, pages = large.ask("_objects"), set(named_pages(large))
    look = request_for(large.target.url)
    told = retain(RetainRequest(look=look, channels=channels()), waiting=ignore)
    large.ask("_requests")

    done = retain(RetainRequest(look=look, channels=channels(), agree=told.digest), waiting=ignore)

    requests = large.ask("_requests")
    after = large.ask("_objects")
    gone = {path + suffix for path in told.files for suffix in ("", ".metadata", ".provenance.json")} & set(before)
    assert done == told
    assert told.files
    assert set(told.kept) == set(NEEDED)
    assert {path for path in set(before) - set(after) if not path.startswith(".publication/")} == gone
    assert requests["POST"] <= 3 + len(gone) // 1000
    assert sum(requests.values()) < 700, "pages, and a sign of life every ten seconds"
    named = check(large)
    assert pages == set(named_pages(large))
    versions_left = set(versions(COUNT)) - set(told.versions)
    assert len(named) == 40 * len(versions_left) + len(NEEDED)
    assert retain(RetainRequest(look=look, channels=channels()), waiting=ignore).files == ()


def test_publishers_at_once_lose_nothing(large, tmp_path):
    several = [Publishers(large.target) for _ in range(3)]
    for number, publishers in enumerate(several):
        publishers.start(receipts_of(tmp_path, f"11.{number}.0"), patience=120.0)

    codes = [publishers.exit_code() for publishers in several]

    for publishers in several:
        publishers.close()
    assert codes == [0, 0, 0]
    assert len(check(large)) == COUNT * 40 + 3 * 39 + len(NEEDED)


def test_kills_leave_it_whole(large, tmp_path):
    moments, publishers = random.Random(COUNT), Publishers(large.target)
    longest, killed = 20.0, 0
    for number in range(60):
        receipts = receipts_of(tmp_path / str(number), NEW, payload=os.urandom(1000))
        publishers.start(receipts, moment=moments.uniform(0.01, longest), patience=PATIENCE * 5)
        code = publishers.exit_code()
        check(large)
        killed += code == -signal.SIGALRM
        if killed == 4:
            break
        if code == 0:
            longest *= 0.8
    publishers.publish(receipts_of(tmp_path / "last", NEW), patience=PATIENCE * 20)
    publishers.close()

    assert killed == 4
    assert len(check(large)) == COUNT * 40 + 39 + len(NEEDED)
