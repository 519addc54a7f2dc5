"""What a browser would make of a page of the index, and texts that try to be more than text."""

from __future__ import annotations

import html.parser

from hypothesis import strategies as st


class Reader(html.parser.HTMLParser):
    """What a browser would make of a page: elements with attributes, and the text of each kind of element."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br", "link"}:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data


HOSTILE = st.text(st.sampled_from("<>&\"'/= -!\\\n{}%]scriptalet\u2028"), max_size=40)
