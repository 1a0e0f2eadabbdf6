"""What a trained run knows about a data set: its likely wrong labels, its outliers, its prototypes."""

import time
from pathlib import Path
from typing import NamedTuple

from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.judged import Judged, doubts, doubts_several, likeness, likeness_csv
from multicnn.insight.audit.mislabelled import skill
from multicnn.insight.audit.shown import class_table
from multicnn.insight.page import Html
from multicnn.train.run import open_run
from multicnn.train.voice import Voice
from multicnn.verbs.audit_folds import judge
from multicnn.verbs.audit_known import check, look
from multicnn.verbs.audited import Audited
from multicnn.verbs.layers import Tables, read_saved
from multicnn.verbs.modality import Modality
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import load


class After(NamedTuple):
    """Findings, sections of the page by their titles, and files beside it by their names."""

    findings: list[Finding]
    sections: dict[str, Html]
    files: dict[str, str]


NOTHING = After([], {}, {})


def own_data(modality: Modality, run: Path, flags: Tables) -> Tables:
    """The flags with the run's own data, parts and task, where no other data are named.

    Raises UsageError where the run cannot judge such data.
    """
    check(modality, run, flags.get("task", {}).get("name"))
    saved = read_saved(open_run(run).config, modality.name)
    task = {"name": saved["task"]["name"]} if "name" in saved["task"] else {}
    flags = {**flags, "task": {**task, **flags.get("task", {})}}
    if flags.get("data", {}).get("source"):
        return flags
    seed = {"seed": saved["train"].get("seed", 0)}
    data = {k: v for k, v in saved["data"].items() if k not in ("limit", "folds", "fold", "on_bad")}
    return {**flags, "data": {**data, **flags.get("data", {})}, "train": {**seed, **flags.get("train", {})}}


def after(seen: Audited, data: DataSettings, run: Path, folds: int, voice: Voice) -> After:
    """What `--run RUN` finds. folds: in which the run is trained anew for the label errors; 0: in none.

    Raises DataError on a class that the run does not know.
    """
    started = time.process_time()
    known = look(seen, load(open_run(run), seen.modality), voice)
    p, how = judge(known, data, folds, voice)
    right = 100 * skill(p, known.table.truth).right
    voice.say(f"label errors by {how}, right for {right:.0f} % of the {'labels' if known.table.several else 'samples'}")
    names = [str(name) for name in known.table.ids]
    judged = Judged(names, known.table.classes, known.table.truth, p)
    if known.table.several:
        return After(doubts_several(judged, how), {}, {})
    like = likeness(judged, known.features, known.part, known.p)
    show = {name: row for row, name in enumerate(names)}

    def media(name: str) -> Html:
        return seen.modality.media(known.table.items[show[name]], known.trained.reader)

    voice.say(f"the run's view took {time.process_time() - started:.0f} s of a processor")
    found = [*doubts(judged, like, how), *like.findings]
    return After(found, {"classes": class_table(judged, like, media)}, {"fris.csv": likeness_csv(judged, like)})
