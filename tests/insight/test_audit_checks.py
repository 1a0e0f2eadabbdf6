"""The checks of tables: duplicates, labels, odd sizes, groups and names, fixes; each on a few rows."""

from dataclasses import replace

import numpy as np
import pytest

from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError
from multicnn.insight.audit.duplicates import duplicates, equal_groups
from multicnn.insight.audit.finding import Finding, worst_first
from multicnn.insight.audit.fixes import Fix, applied, fixes_csv, labels_of, proposed, read_fixes
from multicnn.insight.audit.labels import balance, one_slip, spellings, tiny, unused
from multicnn.insight.audit.names import torn_names
from multicnn.insight.audit.odd import odd_numbers
from multicnn.insight.audit.parts import absent, torn_groups
from multicnn.insight.audit.told import findings_csv


def a_table(labels: list[str], names: list[str] | None = None, **columns) -> Table:
    classes, target = number(labels)
    ids = strings(names or [f"{row}.png" for row in range(len(labels))])
    return Table("set", ids, ids, classes, target, **columns)


def parts(text: str) -> np.ndarray:
    """`t` test, `v` val, `.` train."""
    return strings({"t": "test", "v": "val", ".": "train"}[letter] for letter in text)


def found(findings: list[Finding]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {f.check: (f.ids, f.beside) for f in findings}


def test_of_duplicates_that_of_the_test_is_kept_and_else_the_first():
    table = a_table(["a"] * 6)
    first = equal_groups(np.array([1, 2, 1, 3, 3, 1], dtype=np.uint64), np.arange(6))
    assert first.tolist() == [0, 1, 0, 3, 3, 0]
    assert found(duplicates(table, parts("..t..."), first, "exact")) == {
        "exact-duplicates-across": (("0.png", "5.png"), ("2.png", "2.png")),
        "exact-duplicates": (("4.png",), ("3.png",)),
    }


def test_duplicates_of_different_labels_are_for_a_person_to_decide():
    table = a_table(["a", "b", "a", "a"])
    findings = duplicates(table, parts("...t"), np.array([0, 0, 0, 3]), "near")
    assert found(findings) == {"near-duplicate-labels": (("1.png", "2.png"), ("0.png", "0.png"))}
    assert findings[0].fix == "keep"


def test_rows_that_cannot_be_compared_repeat_nothing():
    assert equal_groups(np.zeros(3, dtype=np.uint64), np.array([1])).tolist() == [0, 1, 2]


def test_spellings_of_one_class_become_the_most_frequent_one():
    table = a_table(["Cat"] * 3 + ["cat "] + ["dog"] * 2 + ["c-a-t"])
    assert [(f.check, f.ids, f.label) for f in spellings(table)] == [
        ("label-spelling", ("6.png",), "Cat"),
        ("label-spelling", ("3.png",), "Cat"),
    ]


@pytest.mark.parametrize(
    ("a", "b", "slip"),
    [
        ("airplan", "airplane", True), ("airplnae", "airplane", True), ("airplame", "airplane", True),
        ("aairplane", "airplane", True), ("airplane", "airplane", False), ("plane", "airplane", False),
        ("class 1", "class 2", False), ("flower1", "flower", False),
    ],
)  # fmt: skip
def test_a_slip_is_one_letter(a, b, slip):
    assert one_slip(a, b) is slip


def test_a_rare_name_a_letter_from_a_frequent_one_is_corrected_where_it_is_tiny():
    table = a_table(["airplane"] * 10 + ["airplan"] + ["mouse"] * 10 + ["house"] * 10)
    (only,) = spellings(table)
    assert (only.check, only.ids, only.fix, only.label) == ("label-slip", ("10.png",), "relabel", "airplane")
    (larger,) = spellings(a_table(["airplane"] * 100 + ["airplan"] * 12))
    assert (larger.check, larger.fix, larger.label) == ("label-slip", "keep", "")


def test_tiny_absent_unused_and_uneven_classes():
    table = replace(a_table(["a"] * 100 + ["b"] * 3), classes=("a", "b", "c"))
    (few,) = tiny(table, "classes")
    assert "'b' (3)" in few.says
    assert few.ids == ("100.png", "101.png", "102.png")
    assert "'c'" in unused(table, "classes")[0].says
    assert "'a' has 100 samples, 'b' 3" in balance(table, "classes")[0].says
    (lost,) = absent(table, parts("t" + "." * 102))
    assert (lost.severity, "test has no sample of 'b'" in lost.says) == ("warning", True)
    (untaught,) = absent(table, parts("." * 100 + "ttt"))[:1]
    assert (untaught.severity, "train has no sample of 'b'" in untaught.says) == ("error", True)
    assert balance(a_table(["a", "b"]), "classes") == tiny(a_table(["a", "b"] * 10), "classes") == []


def test_odd_numbers_are_few_and_far():
    ids = [str(row) for row in range(100)]
    usual = np.exp(np.random.default_rng(0).normal(0, 0.3, 100)) * 100
    assert odd_numbers(ids, {"seconds": usual}) == []
    strange = usual.copy()
    strange[[3, 7]] = 5_000, np.nan
    (only,) = odd_numbers(ids, {"seconds": strange})
    assert only.ids == ("3",)
    two_kinds = np.where(np.arange(100) % 2, 100.0, 5_000.0)
    assert odd_numbers(ids, {"seconds": two_kinds}) == []


def test_groups_that_the_test_shares_with_training():
    table = a_table(["a", "b"] * 3, group=strings("xyxyzz"))
    (torn,) = torn_groups(table, parts(".t.vtt"))
    assert torn.ids == ("3.png",)
    assert torn_groups(table, parts("....tt")) == torn_groups(a_table(["a"]), parts("t")) == []


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("{digit}_{who}_{n}.wav", "who"), ("{digit}/{who}-{n}.wav", "who"), ("{digit}/spk{number}_{n}.wav", "number"),
        ("patient {number}/{digit}_{n}.png", "number"), ("{digit}/{clip}-{n}.wav", "clip"),
    ],
)  # fmt: skip
def test_names_that_tell_who_was_recorded(name, group):
    """And the pattern that is proposed groups by it."""
    from multicnn.verbs.sources import group_by_pattern

    people = ["theo", "george", "nicolas", "anna"]
    rows = [
        {"digit": d, "who": people[w], "number": w, "clip": 30_000 + 7 * w, "n": n}
        for d in "01" for w in range(4) for n in range(3)
    ]  # fmt: skip
    table = a_table([row["digit"] for row in rows], [name.format(**row) for row in rows])
    (torn,) = torn_names(table, parts("." * 22 + "tt"))
    assert torn.severity == "warning"
    assert len(torn.ids) == 4
    grouped = group_by_pattern(table, torn.says.split("--group-by '")[1].removesuffix("'"))
    assert grouped.group is not None
    by_pattern, by_name = ([values.index(v) for v in values] for values in (
        [str(g) for g in grouped.group], [row[group] for row in rows]
    ))  # fmt: skip
    assert by_pattern == by_name


@pytest.mark.parametrize(
    "name",
    ["img_{n:04}.png", "{digit}/{n}.png", "{digit}/photo_{n}.jpg", "{digit}_{n}_left.png", "cat_{digit}_{n}.png"],
)
def test_names_that_tell_nobody(name):
    labels = [str(row % 3) for row in range(30)]
    table = a_table(labels, [name.format(digit=labels[n], n=n) for n in range(30)])
    assert torn_names(table, parts("." * 20 + "t" * 10)) == []


def test_each_sample_is_given_one_fix_by_the_worst_finding():
    findings = worst_first([
        Finding("slip", "warning", ("a", "b"), "", "relabel", "cat"), Finding("sizes", "note", ("c",), ""),
        Finding("twice", "error", ("b",), "", "drop", beside=("z",)),
    ])  # fmt: skip
    assert proposed(findings) == [Fix("b", "drop", "", "twice: like z"), Fix("a", "relabel", "cat", "slip")]
    assert [line.split(",")[:5] for line in findings_csv(findings).splitlines()][1:] == [
        ["1", "twice", "error", "b", "z"], ["2", "slip", "warning", "a", ""], ["2", "slip", "warning", "b", ""],
        ["3", "sizes", "note", "c", ""],
    ]  # fmt: skip


def test_fixes_are_read_as_they_were_written_and_change_the_table(tmp_path):
    fixes = [Fix('a,"1".png', "drop", "", "twice"), Fix("b.png", "relabel", "новый", ""), Fix("c.png", "keep", "x", "")]
    (tmp_path / "fixes.csv").write_text(fixes_csv(fixes), encoding="utf-8")
    read = read_fixes(tmp_path / "fixes.csv")
    assert read == fixes
    new = applied(a_table(["cat", "dog", "cat", "cow"], ['a,"1".png', "b.png", "c.png", "d.png"]), read)
    assert [(str(i), *names) for i, names in zip(new.ids, labels_of(new), strict=True)] == [
        ("b.png", "новый"), ("c.png", "cat"), ("d.png", "cow")
    ]  # fmt: skip
    assert new.classes == ("cat", "cow", "новый")


def test_several_labels_are_relabelled_together():
    table = replace(a_table(["a", "b"]), target=np.array([[True, True], [False, True]]))
    new = applied(table, [Fix("1.png", "relabel", "b|c", "")])
    assert labels_of(new) == [["a", "b"], ["b", "c"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,action\n0.png,drpo\n", "no action 'drpo'; did you mean drop"),
        ("id,action,label\n0.png,relabel,\n", "relabel needs a label"),
        ("id,what\n0.png,drop\n", "no column 'action'"),
        ("id,action\n9.png,drop\n", "'9.png', which set does not hold"),
        ("id,action\n0.png,drop\n1.png,drop\n", "drop all 2 samples"),
    ],
)
def test_fixes_that_cannot_be_made_are_named(tmp_path, text, says):
    (tmp_path / "fixes.csv").write_text(text)
    with pytest.raises(DataError, match=says.replace("|", r"\|")):
        applied(a_table(["a", "b"]), read_fixes(tmp_path / "fixes.csv"))
    with pytest.raises(DataError, match="no such file"):
        read_fixes(tmp_path / "others.csv")
