from __future__ import annotations

import uuid

import pytest

from tests.support.published_index import check
from tests.support.wheel_sets import make_core_and_sdist, make_sdist
from tools.dist import publish as publish_module
from tools.dist import turn as turn_module
from tools.dist.gather import DistRequest, gather
from tools.dist.publish import PublishRequest, publish
from tools.dist.simple import Status, Statuses
from tools.errors import UserError
from tools.store.objects import open_objects

NOW = "2026-09-01T04:05:06Z"
CORE = "rocm_sdk_core-{}-py3-none-any.whl"


@pytest.fixture
def url():
    return f"memory://{uuid.uuid4()}"


def request(tmp_path, url, version="10.1.0", payload=b"payload", **options) -> PublishRequest:
    build = tmp_path / f"build-{version}"
    receipts = make_core_and_sdist(build, version, payload=payload)
    return PublishRequest(receipts=receipts, dist_dir=build / "dist", url=url, **{"now": NOW, **options})


def test_a_dist_is_published_with_its_index(tmp_path, url):
    done = publish(request(tmp_path, url))

    assert done.uploaded == ("rocm-10.1.0.tar.gz", CORE.format("10.1.0"))
    assert done.listed == 2
    assert sorted(check(open_objects(url))) == ["rocm-10.1.0.tar.gz", CORE.format("10.1.0")]
    sums = open_objects(url).read("SHA256SUMS").decode()
    assert [line.split()[1] for line in sums.splitlines()] == ["rocm-10.1.0.tar.gz", CORE.format("10.1.0")]


def test_versions_stand_side_by_side(tmp_path, url):
    publish(request(tmp_path, url, "10.1.0"))
    publish(request(tmp_path, url, "10.2.0"))

    assert sorted(check(open_objects(url))) == [
        "rocm-10.1.0.tar.gz",
        "rocm-10.2.0.tar.gz",
        CORE.format("10.1.0"),
        CORE.format("10.2.0"),
    ]


def test_publishing_again_uploads_nothing_and_keeps_the_first_upload_time(tmp_path, url):
    publish(request(tmp_path, url))
    before = open_objects(url).read("simple/rocm/index.json")

    done = publish(request(tmp_path, url, now="2027-01-01T00:00:00Z"))

    assert (done.uploaded, done.size) == ((), 0)
    assert open_objects(url).read("simple/rocm/index.json") == before


def test_other_bytes_replace_those_under_the_same_name(tmp_path, url):
    publish(request(tmp_path, url))

    done = publish(request(tmp_path, url, payload=b"other"))

    assert done.uploaded == done.replaced == (CORE.format("10.1.0"),)
    check(open_objects(url))


def test_old_nightlies_are_removed_with_side_files_and_pages(tmp_path, url):
    for day in (1, 2, 3):
        done = publish(request(tmp_path, url, f"10.1.0a2026010{day}", keep=2))

    store = open_objects(url)
    assert done.removed == ("rocm-10.1.0a20260101.tar.gz", CORE.format("10.1.0a20260101"))
    assert [store.read(name) for name in (*done.removed, f"{done.removed[1]}.metadata")] == [None] * 3
    assert len(check(store)) == 4


def test_the_page_of_a_project_that_is_gone_leaves(tmp_path, url):
    publish(request(tmp_path, url, "10.1.0a1"))
    only_sdist = make_sdist(tmp_path / "b", version="10.1.0a2")
    gather(DistRequest(receipts=(only_sdist,), dist_dir=tmp_path / "b" / "dist"))

    publish(PublishRequest(receipts=(only_sdist,), dist_dir=tmp_path / "b" / "dist", url=url, now=NOW, keep=1))

    store = open_objects(url)
    assert list(check(store)) == ["rocm-10.1.0a2.tar.gz"]
    assert store.read("simple/rocm-sdk-core/index.html") is None
    assert b"rocm-sdk-core" not in store.read("simple/index.html")


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tmp_path, url):
    done = publish(request(tmp_path, url, dry_run=True))

    assert done.uploaded == ("rocm-10.1.0.tar.gz", CORE.format("10.1.0"))
    assert open_objects(url).read("index.html") is None
    assert open_objects(url).read(".publication/00000001.txt") is None


def test_progress_adds_up(tmp_path, url):
    sent = []

    done = publish(request(tmp_path, url), sent=sent.append)

    assert sum(sent) == done.size


def test_a_file_that_was_changed_by_hand_is_not_uploaded(tmp_path, url):
    asked = request(tmp_path, url)
    file = asked.dist_dir / CORE.format("10.1.0")
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:-1] + b"x")

    with pytest.raises(UserError) as caught:
        publish(asked)

    assert str(caught.value) == f"{file}: is not what was built; remove it and run doit dist"
    assert open_objects(url).read("index.html") is None


class Killed(BaseException):
    """As a signal would end it: nothing that publish does may catch it."""


def mortal(monkeypatch, moment: int) -> None:
    """Let the store die before its ``moment``-th change, and do nothing ever after."""
    steps = iter(range(1, 10_000))
    dead = []

    def dying(store):
        class Dying:
            url, read, at_once = store.url, store.read, store.at_once

        def wrap(name):
            def change(*arguments):
                if dead or next(steps) == moment:
                    dead.append(True)
                    raise Killed
                return getattr(store, name)(*arguments)

            return staticmethod(change)

        for name in ("create", "write", "upload", "remove"):
            setattr(Dying, name, wrap(name))
        return Dying()

    monkeypatch.setattr(publish_module, "open_objects", lambda url: dying(open_objects(url)))


def test_killed_before_any_change_the_index_holds_and_the_next_run_completes_it(tmp_path, url, monkeypatch):
    """Of two versions one is replaced and one pruned: every single write of that is a moment to die in."""
    now = [0.0]
    monkeypatch.setattr(turn_module, "_clock", lambda: now[0])
    monkeypatch.setattr(turn_module, "_sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    killed, old = 0, b"old"
    while True:
        for version in ("10.1.0a1", "10.1.0a2"):
            publish(request(tmp_path, url, version, payload=old))
        assert len(check(open_objects(url))) == 4

        new = b"payload %d" % killed
        with monkeypatch.context() as patched:
            mortal(patched, killed + 1)
            try:
                publish(request(tmp_path, url, "10.1.0a2", payload=new, keep=1))
                break
            except Killed:
                killed += 1
        check(open_objects(url))

        for payload in (old, new):  # whoever comes next may want what was there, or what was on its way
            publish(request(tmp_path, url, "10.1.0a2", payload=payload, keep=1))
            assert sorted(check(open_objects(url))) == ["rocm-10.1.0a2.tar.gz", CORE.format("10.1.0a2")]
    assert killed > 30


def test_an_archived_project_takes_no_uploads(tmp_path, url):
    statuses = Statuses(named={"rocm-sdk-core": Status("archived", "moved")})

    with pytest.raises(UserError) as caught:
        publish(request(tmp_path, url, statuses=statuses))

    assert str(caught.value) == (
        "archived projects take no uploads: rocm-sdk-core; see [status] of packaging_specs/index.toml"
    )
    assert open_objects(url).read("index.html") is None


def test_statements_and_what_signs_them_are_published(tmp_path, url):
    asked = request(tmp_path, url, sign="sh -c 'echo signed > \"$0.sig\"' {}")
    statement = asked.dist_dir / f"{CORE.format('10.1.0')}.provenance.json"
    statement.write_bytes(b"{}\n")

    publish(asked)

    store = open_objects(url)
    assert store.read(statement.name) == b"{}\n"
    assert store.read(f"{statement.name}.sig") == b"signed\n"
    assert sorted(asked.dist_dir.glob("*.sig")) == []


def test_a_command_that_fails_to_sign_stops_the_publication(tmp_path, url):
    asked = request(tmp_path, url, sign="false")
    name = f"{CORE.format('10.1.0')}.provenance.json"
    (asked.dist_dir / name).write_bytes(b"{}\n")

    with pytest.raises(UserError) as caught:
        publish(asked)

    assert str(caught.value) == f"sign: 'false' ended with 1 for {name}: "
    assert open_objects(url).read("index.html") is None


def test_the_address_that_people_read_is_said_once(tmp_path, url):
    publish(request(tmp_path, url, public_url="https://rocm.example/"))
    publish(request(tmp_path, url, "10.2.0"))

    assert b"--find-links https://rocm.example/ " in (open_objects(url).read("index.html") or b"")
