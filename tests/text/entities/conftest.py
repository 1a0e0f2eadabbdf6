"""What the tests of entities share."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from multicnn.data.table import Table


def spoken(table: Table) -> list[list[tuple[str, str]]]:
    """The entities of each text as (what it holds, type); its tokens must be within the text, in order."""
    found = []
    for text, answer in zip(table.items.tolist(), table.answer.tolist(), strict=True):
        told = json.loads(answer)
        places = [n for begin, end, _ in told["spans"] for n in (begin, end)]
        assert places == sorted(places)
        assert all(0 <= begin < end <= len(text) for begin, end, _ in told["spans"])
        if "tokens" in told:
            bounds = [n for token in told["tokens"] for n in token]
            assert bounds == sorted(bounds)
            begins, ends = ({token[k] for token in told["tokens"]} for k in (0, 1))
            assert all(begin in begins and end in ends for begin, end, _ in told["spans"])
        found.append([(text[b:e], kind) for b, e, kind in told["spans"]])
    occur = [{table.classes[k] for k in row.nonzero()[0]} for row in table.target]
    assert occur == [{kind for _, kind in own} for own in found]
    return found


@pytest.fixture
def entities() -> Callable[[Table], list[list[tuple[str, str]]]]:
    """Checks a table's answers and returns the entities of each text."""
    return spoken


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file below the test's folder, exactly so."""

    def put(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return put
