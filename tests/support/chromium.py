"""A headless Chromium, driven over its own protocol (Chrome DevTools Protocol) through a pair of pipes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tab:
    """One page of a browser."""

    def __init__(self, send: Any, receive: Any) -> None:
        self._send, self._receive = send, receive
        self._number, self._session, self._loaded = 0, {}, False
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Log.enable")

    def call(self, method: str, **parameters: object) -> Any:
        """Return the result of a protocol command; what the page complains about meanwhile is kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        self._send.write(json.dumps(message).encode() + b"\0")
        self._send.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def go(self, url: str) -> None:
        """Open ``url`` and wait until it is loaded."""
        self.complaints.clear()
        for stop in ("about:blank", url):  # another fragment of the same page would not load anything
            self._loaded = False
            self.call("Page.navigate", url=stop)
            while not self._loaded:
                self._read()

    def run(self, script: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def type(self, selector: str, text: str) -> None:
        """Replace what is in an input by ``text`` as keys would."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse."""
        where = self.run(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({block: 'center'}); const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        mouse = {"x": where[0], "y": where[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **mouse)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **mouse)

    def press(self, key: str, code: int) -> None:
        """Press one key; ``code`` is its Windows virtual key code."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def text(self, selector: str) -> str:
        """Return the text an element shows."""
        return str(self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    def look(self, *, theme: str, width: int, height: int = 900) -> None:
        """Prefer ``light`` or ``dark``, in a window of that size in CSS pixels."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def picture(self, path: Path) -> None:
        """Write a PNG of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _read(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._receive())
        self._loaded |= message.get("method") == "Page.loadEventFired"
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(message["params"]["exceptionDetails"]))
        return message


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """Yield a tab of a fresh browser that keeps its things below ``profile``."""
    command_read, command_write = os.pipe()
    answer_read, answer_write = os.pipe()
    options = ["--headless=new", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses to run as root with it
    script = f'exec "$0" "$@" 3<&{command_read} 4>&{answer_write}'  # the two numbers are fixed by Chromium
    browser = subprocess.Popen(
        ["/bin/bash", "-c", script, str(PROGRAM), *options],
        pass_fds=(command_read, answer_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile)},
    )
    os.close(command_read)
    os.close(answer_write)
    with os.fdopen(command_write, "wb") as send, os.fdopen(answer_read, "rb", buffering=0) as answers:
        try:
            tab = Tab(send, _messages(answers).__next__)
            yield tab
            tab._session = {}
            tab.call("Browser.close")
            browser.wait(30)
        finally:
            browser.kill()
            browser.wait()


def _messages(stream: Any) -> Iterator[bytes]:
    buffer = b""
    while block := stream.read(1 << 16):
        *whole, buffer = (buffer + block).split(b"\0")
        yield from whole
