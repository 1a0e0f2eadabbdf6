"""A browser without network, that opens a page from disk and says what it met: Chromium by its debugging pipe."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
         "--autoplay-policy=no-user-gesture-required", "--host-resolver-rules=MAP * ~NOTFOUND",
         "--remote-debugging-pipe")  # fmt: skip
PATIENCE = 60.0  # seconds
CHECK = """(async () => {
  const images = [...document.querySelectorAll('img')].map(i => i.complete && i.naturalWidth > 0);
  const drawn = await Promise.all([...document.querySelectorAll('svg image')].map(i => new Promise(done => {
    const probe = new Image(); probe.onload = () => done(probe.naturalWidth > 0); probe.onerror = () => done(false);
    probe.src = i.getAttribute('href'); })));
  const sounds = await Promise.all([...document.querySelectorAll('audio')].map(a => new Promise(async done => {
    a.onerror = () => done(0); setTimeout(() => done(a.currentTime), 20000);
    a.ontimeupdate = () => { if (a.currentTime > 0) { done(a.duration); a.pause(); } };
    a.onended = () => done(a.duration);
    try { await a.play(); } catch (error) { done(0); } })));
  return JSON.stringify({images: [...images, ...drawn], sounds, words: document.body.innerText,
    sections: [...document.querySelectorAll('section h2')].map(h => h.innerText),
    links: [...document.querySelectorAll('nav a')].map(a => !!document.querySelector(a.getAttribute('href'))),
    spill: document.documentElement.scrollWidth - document.documentElement.clientWidth});
})()"""


@dataclass
class Met:
    """What a page made the browser do. asked: addresses, without the page's own and those it holds itself.

    spill: pixels by which it is wider than the window.
    """

    sections: list[str]
    images: list[bool]
    sounds: list[float]
    words: str
    links: list[bool]
    spill: int
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def program() -> str | None:
    """Where a browser is, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One that runs, spoken to through pipes."""

    def __init__(self, read: int, write: int):
        self.read, self.write, self.last = read, write, 0
        self.rest, self.events = b"", []

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The answer to a command; what happens meanwhile is kept in `events`."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        os.write(self.write, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            heard = self.hear()
            if heard.get("id") == self.last:
                assert "error" not in heard, heard
                return heard["result"]

    def hear(self) -> dict[str, Any]:
        """The next message."""
        while b"\0" not in self.rest:
            part = os.read(self.read, 1 << 20)
            assert part, "the browser has gone"
            self.rest += part
        first, _, self.rest = self.rest.partition(b"\0")
        heard = json.loads(first)
        if "method" in heard:
            self.events.append(heard)
        return heard

    def open(self, page: Path, *, width: int = 1000, height: int = 800, dark: bool = False) -> str:
        """A page in a window of its own; returns the window's name."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable", session)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", session, features=[scheme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", session, **size)
        self.events.clear()
        self.call("Page.navigate", session, url=page.absolute().as_uri())
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            self.hear()
        return session

    def look(self, page: Path, **window: Any) -> Met:
        """Open a page, see all its pictures, play all its sounds."""
        session = self.open(page, **window)
        found = self.call("Runtime.evaluate", session, expression=CHECK, awaitPromise=True, returnByValue=True)
        met = Met(**json.loads(found["result"]["value"]))
        for event in self.events:
            method, params = event["method"], event["params"]
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                met.errors.append(json.dumps(params))
            if method == "Network.requestWillBeSent":
                met.asked.append(params["request"]["url"])
        met.asked = [url for url in met.asked if not url.startswith("data:") and url != page.absolute().as_uri()]
        return met

    def shot(self, page: Path, out: Path, **window: Any) -> None:
        """A PNG of the window's size."""
        session = self.open(page, **window)
        out.write_bytes(b64decode(self.call("Page.captureScreenshot", session, format="png")["data"]))


@contextmanager
def browser(home: Path) -> Iterator[Browser]:
    """A browser whose own files lie in `home`."""
    name = program()
    assert name
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    kept = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (theirs_in, theirs_out)]
    start = f"import os, sys; os.dup2({kept[0]}, 3); os.dup2({kept[1]}, 4); os.execv(sys.argv[1], sys.argv[1:])"
    arguments = [sys.executable, "-c", start, name, *FLAGS, f"--user-data-dir={home}", "about:blank"]
    process = subprocess.Popen(arguments, pass_fds=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for fd in (theirs_in, theirs_out, *kept):
        os.close(fd)
    try:
        yield Browser(ours_in, ours_out)
    finally:
        process.kill()
        process.wait(PATIENCE)
        for fd in (ours_in, ours_out):
            os.close(fd)


if __name__ == "__main__":  # look at pages: python tests/browser.py PAGE...
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, browser(Path(folder)) as opened:
        for argument in sys.argv[1:]:
            seen = opened.look(Path(argument))
            print(argument, Path(argument).stat().st_size, "bytes;", len(seen.images), "pictures,", len(seen.sounds),
                  "sounds;", ", ".join(seen.sections), "|", seen.errors, seen.asked, seen.spill)  # fmt: skip
            assert all(seen.images), seen.images
            assert all(s > 0 for s in seen.sounds), seen.sounds
