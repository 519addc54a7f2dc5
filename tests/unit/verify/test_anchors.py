"""The links of a page, as an installer follows them."""

from __future__ import annotations

import pytest

from tools.verify.anchors import BASE, anchors, joined

PAGE = "simple/rocm/index.html"


def test_a_link_is_followed_from_its_page():
    [link] = anchors(PAGE, b'<a href="../../rocm-1.0.tar.gz#sha256=ab" data-requires-python="&gt;=3.10"> rocm-1.0 </a>')

    assert (link.url, link.text) == (f"{BASE}rocm-1.0.tar.gz", "rocm-1.0")
    assert link.attributes["hash"] == "sha256=ab"
    assert link.attributes["data-requires-python"] == ">=3.10"


def test_text_outside_of_links_belongs_to_none():
    found = list(anchors(PAGE, b'before <a href="a">one</a> between <a href="b">two</a> behind'))

    assert [link.text for link in found] == ["one", "two"]


def test_a_link_without_a_target_leads_to_its_page():
    [link] = anchors(PAGE, b"<a>nowhere</a>")

    assert link.url == f"{BASE}{PAGE}"


@pytest.mark.parametrize(
    ("href", "url", "fragment"),
    [
        ("a%20b.whl#sha256=1", f"{BASE}simple/rocm/a%20b.whl", "sha256=1"),
        ("https://example.org/x", "https://example.org/x", ""),
        ("http://[broken", "http://[broken", ""),
    ],
)
def test_where_a_link_leads(href, url, fragment):
    assert joined(PAGE, href) == (url, fragment)
