"""Texts with their entities marked, as a page for a browser."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

STYLE = (
    "body{font:16px/1.7 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}h2{font-size:1em;color:#666}"
    "p{white-space:pre-wrap;overflow-wrap:anywhere}mark{padding:.1em .2em;border-radius:.2em;background:#d9e8ff}"
    "mark.missed{background:#fff;outline:2px dashed #c00}mark.spurious,mark.type,mark.borders{background:#fbb}"
    "mark.right{background:#c5ecc5}sub{color:#444;font-size:.65em;margin-left:.3em}"
)


class Mark(NamedTuple):
    """A stretch of a text, what is written behind it, and its kind: a word of STYLE, or none."""

    begin: int
    end: int
    label: str
    kind: str = ""


def page(title: str, texts: Iterable[tuple[str, str, Sequence[Mark]]]) -> str:
    """HTML of names and texts."""
    parts = [f"<h2>{escape(name)}</h2>\n<p>{marked(text, marks)}</p>" for name, text, marks in texts]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return "\n".join(
        [f"<!doctype html><html><head>{head}</head><body><h1>{escape(title)}</h1>", *parts, "</body></html>\n"]
    )


def marked(text: str, marks: Sequence[Mark]) -> str:
    """A text with marks in order; one that overlaps the one before it begins where that ends."""
    out, at = [], 0
    for begin, end, label, kind in marks:
        begin = max(begin, at)
        if begin >= end:
            continue
        css = f' class="{kind}"' if kind else ""
        out += [escape(text[at:begin]), f"<mark{css}>{escape(text[begin:end])}<sub>{escape(label)}</sub></mark>"]
        at = end
    return "".join([*out, escape(text[at:])])
