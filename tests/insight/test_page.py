"""Pages: what stands in them is what was given, and nothing that was given becomes HTML by itself."""

from base64 import b64decode
from html.parser import HTMLParser

import numpy as np
import pytest

from multicnn.insight import page
from multicnn.insight.chart import Line, Range, chart, ticks
from multicnn.insight.page import Html

NASTY = "<script>alert('x')</script> & \"привет\" 🎵 \x00\x1b \ud800"


class Seen(HTMLParser):
    """The tags, attributes and text of a page; tags must close in the order they open."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_whatever_is_given_stands_there_as_text() -> None:
    source = page.page(
        NASTY,
        [
            page.section(
                NASTY,
                page.table([NASTY], [[NASTY], [1.5]]),
                page.paragraph(NASTY, page.tag("strong", NASTY), kind="note"),
                page.facts([(NASTY, NASTY)]),
                page.passage(NASTY),
                page.code(NASTY),
                page.gallery([page.card(page.picture(b"\x89PNG", NASTY), NASTY)]),
                chart([Line(NASTY, np.arange(3.0), np.arange(3.0))] * 2, across=NASTY, up=NASTY),
            ),
            page.contents([NASTY]),
        ],
    )
    source.encode("utf-8")
    seen = Seen(source)
    assert "script" not in [tag for tag, _ in seen.tags]
    shown = "<script>alert('x')</script> & \"привет\" 🎵 ?? ?"
    assert "".join(seen.words).count(shown) >= 14
    assert next(a["alt"] for tag, a in seen.tags if tag == "img") == shown


def test_html_is_not_escaped_again_and_numbers_are_short() -> None:
    seen = Seen(page.table(["a"], [[Html("<b>1</b>")], [1234567], [0.123456], [12.3456], [98765.4], [-0.5]]))
    assert [tag for tag, _ in seen.tags].count("b") == 1
    assert [w for w in seen.words if w.strip()] == ["a", "1", "1,234,567", "0.1235", "12.35", "98,765", "-0.5000"]


def test_links_lead_to_their_sections() -> None:
    titles = ["What it is", "Метрики: F1", "***"]
    seen = Seen(page.page("t", [page.contents(titles), *(page.section(t) for t in titles)]))
    links = [a["href"] for tag, a in seen.tags if tag == "a"]
    assert links == [f"#{a['id']}" for tag, a in seen.tags if tag == "section"]
    assert len(set(links)) == 3


def test_media_travel_in_the_page_and_nothing_else_may_be_loaded() -> None:
    png, jpeg = b"\x89PNG\r\n...", b"\xff\xd8\xff..."
    seen = Seen(page.page("t", [page.picture(png, "p"), page.picture(jpeg, "j"), page.sound(b"ID3", "mpeg")]))
    sources = [a["src"] or "" for tag, a in seen.tags if tag in ("img", "audio")]
    assert [s.partition(";base64,")[0] for s in sources] == ["data:image/png", "data:image/jpeg", "data:audio/mpeg"]
    assert [b64decode(s.partition(";base64,")[2]) for s in sources] == [png, jpeg, b"ID3"]
    policy = next(a["content"] for tag, a in seen.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def points(source: str, kind: str = "line") -> list[list[tuple[float, float]]]:
    found = [a for tag, a in Seen(source).tags if tag == "polyline" and a["class"] == kind]
    return [[tuple(map(float, p.split(","))) for p in (a["points"] or "").split()] for a in found]  # pyright: ignore


def test_a_line_goes_where_its_numbers_are() -> None:
    x, y = np.array([0.0, 5, 10]), np.array([0.0, 1, 4])
    ((first, middle, last),) = points(chart([Line("a", x, y)], size=(458, 242)))
    assert first == (46.0, 208.0)  # left and bottom of the plane
    assert middle == (246.0, 158.0)
    assert last == (446.0, 8.0)


def test_what_is_not_known_breaks_a_line_and_a_point_alone_is_a_dot() -> None:
    y = np.array([1.0, 2, np.nan, 3, np.nan, 4, 5, np.inf])
    source = chart([Line("a", np.arange(8.0), y)])
    assert [len(line) for line in points(source)] == [2, 2]
    assert sum(tag == "circle" for tag, _ in Seen(source).tags) == 1


def test_a_long_line_keeps_its_peaks() -> None:
    y = np.zeros(100_000)
    y[54_321] = 7.0
    (line,) = points(chart([Line("a", np.arange(100_000.0), y)], size=(458, 242)))
    assert len(line) <= 400
    assert min(b for _, b in line) == 8.0


@pytest.mark.parametrize("y", [[], [3.0], [2.0, 2.0], [np.nan, np.nan], [0.0, 0.0], [-1e-9, 1e9]])
def test_any_numbers_make_a_chart(y: list[float]) -> None:
    source = chart([Line("a", np.arange(float(len(y))), np.array(y))], diagonal=True, dots=True)
    assert "nan" not in source
    assert "inf" not in source


def test_ticks_are_round() -> None:
    assert ticks(Range(0, 1), 4) == [0, 0.5, 1]
    assert ticks(Range(0.013, 0.09), 5) == [0.02, 0.04, 0.06, 0.08]
    assert ticks(Range(-3, 41), 6) == [0, 10, 20, 30, 40]
