"""Words with their times as files that players and phoneticians' programs read: SubRip, WebVTT, Praat's TextGrid."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from multicnn.train.run import write_text

LINE = 42  # characters of a subtitle
APART = 1.0  # s of silence that end a subtitle


def write_subtitles(folder: Path, name: str, words: Sequence[Any]) -> None:
    """NAME.srt, NAME.vtt and NAME.TextGrid below `folder`; a name's folders become part of its file's name."""
    stem = file_stem(name)
    lines = captions(words)
    for suffix, text in (("srt", srt(lines)), ("vtt", vtt(lines)), ("TextGrid", textgrid(words))):
        write_text(folder / f"{stem}.{suffix}", text)


def file_stem(name: str) -> str:
    """A file's name without its ending, marked where letters had to go so that no two names become one."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(name).with_suffix("").as_posix()).strip("-.")
    mark = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=3).hexdigest()
    return f"{plain[-80:]}-{mark}"


def captions(words: Sequence[Any]) -> list[tuple[float, float, str]]:
    """Start, end and text of each subtitle: as many words as a line holds, none of them after a long silence."""
    found: list[tuple[float, float, str]] = []
    for w in words:
        if found and len(found[-1][2]) + 1 + len(w.word) <= LINE and w.start - found[-1][1] < APART:
            found[-1] = (found[-1][0], w.end, f"{found[-1][2]} {w.word}")
        else:
            found.append((w.start, w.end, w.word))
    return found


def srt(lines: Sequence[tuple[float, float, str]]) -> str:
    """As SubRip writes them."""
    return "".join(f"{n}\n{clock(a, ',')} --> {clock(b, ',')}\n{text}\n\n" for n, (a, b, text) in enumerate(lines, 1))


def vtt(lines: Sequence[tuple[float, float, str]]) -> str:
    """As WebVTT writes them."""
    marked = [(a, b, text.replace("&", "&amp;").replace("<", "&lt;")) for a, b, text in lines]
    return "WEBVTT\n\n" + "".join(f"{clock(a, '.')} --> {clock(b, '.')}\n{text}\n\n" for a, b, text in marked)


def clock(seconds: float, point: str) -> str:
    """`00:01:02,345`."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def textgrid(words: Sequence[Any]) -> str:
    """One tier of intervals, empty ones between the words."""
    cuts: list[tuple[float, float, str]] = []
    at = 0.0
    for w in words:
        start, end = max(at, w.start), max(at, w.end)
        if start > at:
            cuts.append((at, start, ""))
        if end > start:
            cuts.append((start, end, w.word))
            at = end
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", f"{at:.3f}", "<exists>", "1"]
    tier = ['"IntervalTier"', '"words"', "0", f"{at:.3f}", str(len(cuts))]
    rows = [line for a, b, text in cuts for line in (f"{a:.3f}", f"{b:.3f}", '"' + text.replace('"', '""') + '"')]
    return "\n".join([*head, *tier, *rows]) + "\n"
