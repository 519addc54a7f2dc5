from __future__ import annotations

import http.client

import pytest

from tests.support.http_servers import running
from tools.dist.serve import ServeRequest, make_server, negotiate, parse_range
from tools.dist.simple import HTML_TYPE, JSON_TYPE
from tools.errors import UserError

HTML = "text/html; charset=utf-8"
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


@pytest.fixture
def dist(tmp_path):
    for name, content in {
        "index.html": "flat",
        "rocm-10.1.0+x.tar.gz": "0123456789",
        "empty": "",
        "simple/index.html": "html",
        "simple/index.json": "json",
        "simple/rocm/index.html": "rocm html",
        "simple/rocm/index.json": "rocm json",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def ask(dist):
    server = make_server(ServeRequest(dist_dir=dist, port=0))
    with running(server):
        connection = http.client.HTTPConnection(*server.server_address[:2])

        def ask(path, *, method="GET", **headers):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

        yield ask
        connection.close()


def test_the_flat_page_is_html(ask):
    status, headers, text = ask("/")

    assert (status, headers["Content-Type"], text) == (200, HTML, "flat")


@pytest.mark.parametrize(
    ("accept", "content_type", "text"),
    [(PIP, JSON_TYPE, "rocm json"), (HTML_TYPE, HTML_TYPE, "rocm html"), ("*/*", HTML, "rocm html")],
)
def test_simple_answers_as_asked(ask, accept, content_type, text):
    status, headers, body = ask("/simple/rocm/", Accept=accept)

    assert (status, headers["Content-Type"], headers["Vary"], body) == (200, content_type, "Accept", text)


def test_a_range_is_sent_alone(ask):
    status, headers, text = ask("/rocm-10.1.0%2Bx.tar.gz", Range="bytes=-4")

    assert (status, headers["Content-Range"], text) == (206, "bytes 6-9/10", "6789")


def test_a_range_beyond_the_end_is_refused(ask):
    status, headers, text = ask("/rocm-10.1.0+x.tar.gz", Range="bytes=10-")

    assert (status, headers["Content-Range"], text) == (416, "bytes */10", "")


def test_head_tells_the_size_and_sends_nothing(ask):
    status, headers, text = ask("/rocm-10.1.0+x.tar.gz", method="HEAD")

    assert (status, headers["Content-Length"], headers["Accept-Ranges"], text) == (200, "10", "bytes", "")


def test_a_folder_without_its_slash_is_redirected(ask):
    status, headers, _ = ask("/simple/rocm")

    assert (status, headers["Location"]) == (301, "/simple/rocm/")


@pytest.mark.parametrize("path", ["/nothing", "/simple/nothing/", "/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"])
def test_there_is_nothing_else(ask, path):
    assert ask(path)[0] == 404


def test_an_empty_file_is_served(ask):
    assert ask("/empty")[::2] == (200, "")


def test_a_directory_without_an_index_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        make_server(ServeRequest(dist_dir=tmp_path))

    assert str(caught.value) == f"{tmp_path}: has no index.html; run doit index"


def test_a_port_that_is_taken_is_refused(dist):
    with make_server(ServeRequest(dist_dir=dist, port=0)) as server:
        port = server.server_address[1]
        with pytest.raises(UserError) as caught:
            make_server(ServeRequest(dist_dir=dist, port=port))

    assert str(caught.value) == (
        f"port: 127.0.0.1:{port} cannot be served at: Address already in use; port=0 takes any free one"
    )


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", HTML),
        (PIP, JSON_TYPE),
        ("text/html, application/vnd.pypi.simple.v1+json; q=0.5", HTML),
        ("application/vnd.pypi.simple.latest+json", JSON_TYPE),
        ("application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01", HTML_TYPE),
        ("application/vnd.pypi.simple.v1+json;q=0, */*;q=0.1", HTML),
        ("application/json", HTML),
        (";;;q=,,", HTML),
    ],
)
def test_the_best_offer_is_chosen(accept, content_type):
    assert negotiate(accept) == content_type


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", (0, 10)),
        ("bytes=0-", (0, 10)),
        ("bytes=2-5", (2, 6)),
        ("bytes=9-99", (9, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=-0", None),
        ("bytes=10-11", None),
        ("bytes=5-2", (0, 10)),
        ("bytes=0-1,3-4", (0, 10)),
        ("lines=1-2", (0, 10)),
        ("bytes=-", (0, 10)),
    ],
)
def test_a_range_is_read(header, wanted):
    assert parse_range(header, 10) == wanted
