"""Pages for a browser: one HTML file with all that it shows, which opens from disk and asks no network."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from multicnn.insight.style import STYLE

# nothing but what the file itself brings is ever loaded, whatever stands in it
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
START = (  # of each page, by which it is known as ours
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
)
UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # controls, which HTML does not allow
DIGITS = 4  # of a number in a table
PNG = b"\x89PNG"


class Html(str):
    """Text that is HTML already; any other `str` is escaped before it gets into a page."""

    __slots__ = ()


def text(value: str) -> Html:
    """Escaped; what no page can hold (control characters, halves of letters) becomes a question mark."""
    return Html(escape(UNSHOWN.sub("?", value.encode("utf-8", "replace").decode("utf-8"))))


def html(value: str | float) -> Html:
    """HTML as it is, a text escaped, a number short."""
    if isinstance(value, Html):
        return value
    return text(value) if isinstance(value, str) else number(value)


def number(value: float) -> Html:
    """A whole number with commas, others with four digits."""
    if isinstance(value, int):
        return Html(f"{value:,}")
    large = abs(value) >= 10**DIGITS
    return Html(f"{value:,.0f}" if large else f"{value:.{DIGITS}g}" if abs(value) >= 10 else f"{value:.{DIGITS}f}")


def span(low: float, high: float) -> Html:
    """`0.9100 to 0.9500`, in one line."""
    return Html(f'<span class="whole">{number(low)} to {number(high)}</span>')


def join(parts: Iterable[str | float]) -> Html:
    """One after the other."""
    return Html("\n".join(map(html, parts)))


def tag(name: str, *parts: str | float, kind: str = "") -> Html:
    """An element of a class; parts that are no HTML are escaped."""
    start = f'{name} class="{text(kind)}"' if kind else name
    return Html(f"<{start}>{''.join(map(html, parts))}</{name}>")


def paragraph(*parts: str | float, kind: str = "") -> Html:
    """Parts in one line of thought. kind: "note" for small print, "good" or "bad" for a verdict."""
    return tag("p", *parts, kind=kind)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> Html:
    """Numbers to the right; a wide table scrolls within the page."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in columns)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return Html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>')


def _cell(value: str | float) -> str:
    return f"<td>{html(value)}</td>" if isinstance(value, str) else f'<td class="n">{number(value)}</td>'


def facts(pairs: Iterable[tuple[str, str | float]]) -> Html:
    """Names and what they stand for, in two columns."""
    lines = "\n".join(f"<dt>{text(name)}</dt><dd>{html(value)}</dd>" for name, value in pairs)
    return Html(f"<dl>{lines}</dl>")


def picture(data: bytes, alt: str) -> Html:
    """A PNG or JPEG, with what stands for it where it cannot be seen."""
    kind = "png" if data.startswith(PNG) else "jpeg"
    return Html(f'<img src="data:image/{kind};base64,{b64encode(data).decode()}" alt="{text(alt)}">')


def sound(data: bytes, kind: str) -> Html:
    """A player. kind: of the file, "mpeg", "ogg" or "wav"."""
    return Html(
        f'<audio controls preload="metadata" src="data:audio/{text(kind)};base64,{b64encode(data).decode()}"></audio>'
    )


def passage(value: str) -> Html:
    """A sample that is a text, in its own direction and lines."""
    return Html(f'<p class="passage" dir="auto">{html(value)}</p>')


def code(value: str) -> Html:
    """Something to type, or a file's content."""
    return Html(f"<pre><code>{text(value)}</code></pre>")


def card(media: Html, *lines: str) -> Html:
    """A sample with what is said of it."""
    return Html(f'<figure class="card">{media}<figcaption>{"<br>".join(map(html, lines))}</figcaption></figure>')


def gallery(cards: Iterable[Html]) -> Html:
    """Cards beside each other, as many as there is room for."""
    return Html(f'<div class="gallery">{join(cards)}</div>')


def slug(title: str) -> str:
    """The name of a section in an address."""
    return re.sub(r"\W+", "-", title.lower()).strip("-") or "section"


def section(title: str, *parts: Html) -> Html:
    """A part of a page, which a link of `contents` leads to."""
    return Html(f'<section id="{text(slug(title))}"><h2>{text(title)}</h2>\n{join(parts)}</section>')


def contents(titles: Iterable[str]) -> Html:
    """Links to sections of the same page."""
    links = " ".join(f'<a href="#{text(slug(title))}">{text(title)}</a>' for title in titles)
    return Html(f"<nav>{links}</nav>")


def is_page(path: Path) -> bool:
    """Whether a file is one that `page` made."""
    if not path.is_file():
        return False
    with open(path, "rb") as f:
        return f.read(len(START)) == START.encode()


def page(title: str, sections: Sequence[Html]) -> str:
    """A file that needs no other."""
    return (
        f"{START}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{text(title)}</title>\n<style>{STYLE}</style></head>\n'
        f"<body><main><h1>{text(title)}</h1>\n{join(sections)}</main></body></html>\n"
    )
