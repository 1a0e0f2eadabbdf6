"""The command `report`: what it says, what it writes, what it refuses."""

import json
import shutil
from pathlib import Path


def test_it_says_where_the_page_is(text_run, command, tmp_path):
    answer = command("report", text_run, "--slice", "label", "--out", tmp_path / "page.html")
    assert (answer.code, answer.errors) == (0, [])
    assert answer.out == f"report: {tmp_path / 'page.html'}\n"
    assert command("report", text_run, "--out", tmp_path / "page.html", "--overwrite").code == 0
    found = json.loads(command("report", text_run, "--json").out)
    assert found["report"] == str(text_run / "report.html")
    assert found["bytes"] == (text_run / "report.html").stat().st_size


def test_what_it_cannot_do_is_refused_in_a_line(text_run, refuses, tmp_path):
    (tmp_path / "mine.html").write_text("mine")
    (tmp_path / "table.csv").write_text("text,label\n")
    out = ("--out", tmp_path / "page.html")
    refuses("report", text_run, "--slice", "lable", *out, code=2, says="no column .* 'lable'; did you mean label")
    refuses("report", text_run, "--out", tmp_path / "mine.html", "--overwrite", code=2, says="no page that multicnn")
    for more in ([], ["--overwrite"]):
        refuses("report", text_run, "--out", "table.csv", *more, code=2, says="a report is a page; name a file")
    (tmp_path / "page.html").write_bytes((text_run / "report.html").read_bytes())
    refuses("report", text_run, *out, code=2, says="exists; add --overwrite")
    (tmp_path / "page.html").unlink()
    refuses("report", text_run, *out, "--device", "cdua", code=2, says="no device named 'cdua'; did you mean cuda")
    refuses("report", tmp_path / "mine.html", code=2, says="mine.html is a file; name a run folder")
    refuses("report", text_run, "--out", tmp_path, code=2, says="it is a folder; name a file")
    refuses("report", tmp_path / "nothing", code=2, says="no run at")
    refuses("report", text_run, "--out", tmp_path / "mine.html" / "page.html", code=3, says="cannot write")
    refuses("report", text_run, "--slices", "label", code=2, says="No such option")


def test_a_damaged_run_is_refused(text_run, refuses, tmp_path):
    run = Path(shutil.copytree(text_run, tmp_path / "run"))
    for name, content in (("data.json", "{}"), ("env.json", ""), ("splits.csv", "a,b\n1,2\n"), ("metrics.jsonl", "{")):
        before = (run / name).read_bytes()
        (run / name).write_text(content)
        refuses("report", run, code=3, says="the run folder is damaged, train it anew")
        (run / name).write_bytes(before)
    (run / "evaluation" / "predictions_test.csv").write_text("id,label\n1,2\n")
    refuses("report", run, code=3, says=r"predictions_test\.csv: .*damaged")
