"""Promises of CSV and TSV files as people and programs write them."""

import csv
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from multicnn.data.layouts.tabular import read_sheet
from multicnn.errors import DataError

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.tuples(CELL, st.sampled_from("abc")), min_size=1, max_size=8)
ANY_FOLDER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@ANY_FOLDER
@given(rows=ROWS, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back(tmp_path: Path, rows: list, delimiter: str, end: str) -> None:
    path = tmp_path / "t.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "label"), *rows])
    sheet = read_sheet(path)
    assert sheet.names == ("text", "label")
    assert list(zip(*sheet.columns, strict=True)) == rows


@ANY_FOLDER
@given(rows=ROWS)
def test_a_row_is_numbered_by_the_line_it_starts_on(tmp_path: Path, rows: list) -> None:
    path = tmp_path / "t.csv"
    starts, line = [], 2
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(("text", "label"))
        for text, label in rows:
            text = text.replace("\r", "")
            writer.writerow((text, label))
            starts.append(line)
            line += 1 + text.count("\n")
    assert read_sheet(path).lines == starts


@pytest.mark.parametrize("suffix", [".tsv", ".csv"])
def test_a_quote_within_a_cell_between_tabs_is_a_plain_character(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"t{suffix}", 'text\tlabel\n"Hi" he said\ta\n5" nails "\tb\n"quoted ""so"""\tb\n')
    assert read_sheet(path).column("text") == ['"Hi" he said', '5" nails "', 'quoted "so"']


@pytest.mark.parametrize("cell", ["one\ttwo", "one\ntwo", 'one\n\ntwo "three"\n'])
def test_a_quoted_cell_between_tabs_may_hold_a_tab_or_line_ends(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    path = write(tmp_path / "t.tsv", f'text\tlabel\n"{quoted}"\ta\nfour\tb\n')
    assert read_sheet(path).column("text") == [cell, "four"]


def test_commas_between_tabs_and_semicolons_are_plain_characters(tmp_path: Path) -> None:
    for mark in "\t;":
        path = write(tmp_path / "t.csv", f"text{mark}label\none, two, three{mark}a\nfour, five, six{mark}b\n")
        assert read_sheet(path).column("text") == ["one, two, three", "four, five, six"]


def test_a_bar_between_labels_is_no_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "path,labels\n1.jpg,a|b|c\n2.jpg,b|c|d\n")
    assert read_sheet(path).names == ("path", "labels")


def test_a_mark_at_the_start_and_spaces_in_the_header_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"\xef\xbb\xbf text , label \nhello,a\n")
    assert read_sheet(path).names == ("text", "label")


def test_blank_rows_and_empty_columns_at_the_right_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "text,label,,\nhello,a,,\n\n,,,\nbye,b,,\n")
    sheet = read_sheet(path)
    assert (sheet.names, sheet.lines) == (("text", "label"), [2, 5])


def test_the_limit_of_the_csv_module_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    read_sheet(write(tmp_path / "good.csv", f"text,label\n{'x' * (before + 1)},a\n"))
    with pytest.raises(DataError):
        read_sheet(write(tmp_path / "bad.csv", "text,label\na\n"))
    assert csv.field_size_limit() == before


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "the table is empty; give it a header and one sample a row"),
    "header only": ("text,label\n", "no sample in the table; add one a row below the header"),
    "one column": ("words\nhello\n", "one column only, 'words'; give a header and a delimiter, as in text,label"),
    "short row": ("text,label\nhello,a\nbye\n", "row 3 has 1 cells, the header has 2; put a cell that holds"),
    "long row": ("text,label\nhello, you,a\n", "row 2 has 3 cells, the header has 2"),
    "twice": ("text,label,label\nhello,a,b\n", "two columns are named 'label'; rename one of them"),
    "NUL": ("text,label\nhello,a\nb\0ye,b\n", "row 3 has a NUL character; the file is damaged"),
    "open quote": ('text,label\nhello,a\n"bye,b\nmore,a\n', "row 3 opens a quote that is never closed"),
    "open quote at the end": ('text,label\nhello,a\nbye,"b\n', "row 3 opens a quote that is never closed"),
    "long line": (f"text,label\nhello,a\n{'x' * 2000},b\n", "row 3 has a cell of more than 1,000 characters"),
    "long cell": ('text,label\nhello,a\n"' + "x\n" * 1000 + '",b\n', "row 3 has a cell of more than 1,000 characters"),
    "long cell in the first lines": (b'text,label\n"' + b"x" * 2000, "row 2 has a cell of more than 1,000 characters"),
    "long cell between semicolons": (b'text;label\n"' + b"x\n" * 1000, "row 2 has a cell of more than 1,000 char"),
    "utf-16 without a mark": ("text,label\nhello,a\n".encode("utf-16-le"), "row 1 has a NUL character"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_broken_table_is_refused_by_row(tmp_path: Path, case: str) -> None:
    content, sentence = BAD[case]
    with pytest.raises(DataError, match=f"t.csv: {sentence}"):
        read_sheet(write(tmp_path / "t.csv", content), max_cell=1000)


@pytest.mark.parametrize("newline", ["", "\n"])
def test_an_endless_cell_is_refused_before_it_fills_the_memory(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "t.csv"
    with open(path, "w") as file:
        file.write('text,label\n"')
        file.writelines(["lorem ipsum" * 1000 + newline] * 5000)  # 55 MB
    tracemalloc.start()
    with pytest.raises(DataError, match="row 2 has a cell of more than 1,000,000 characters"):
        read_sheet(path, max_cell=1_000_000)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()
