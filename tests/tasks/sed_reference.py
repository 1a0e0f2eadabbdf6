# /// script
# requires-python = "==3.11.*"
# dependencies = ["sed_eval==0.2.1", "sed_scores_eval==0.0.4", "pandas<3", "setuptools<80"]
# ///
"""Writes sed_answers.json: what sed_eval 0.2.1 and sed_scores_eval 0.0.4 say of the cases in sed_cases.py.

    uv run --no-project tests/tasks/sed_reference.py

Both packages ask for a pandas below 3 and cannot be installed beside this one, so their answers are kept. A case of
which a package says nothing (a class without true events for the scores) has null there.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from sed_cases import CASES, Case, case, united

warnings.filterwarnings("ignore")
import dcase_util  # noqa: E402
import sed_eval  # noqa: E402
from sed_scores_eval import intersection_based  # noqa: E402
from sed_scores_eval.base_modules.scores import create_score_dataframe  # noqa: E402

SCENARIOS = {
    "psds1": {"dtc_threshold": 0.7, "gtc_threshold": 0.7, "alpha_st": 1, "max_efpr": 100},
    "psds2": {
        "dtc_threshold": 0.1,
        "gtc_threshold": 0.1,
        "cttc_threshold": 0.3,
        "alpha_ct": 0.5,
        "alpha_st": 1,
        "max_efpr": 100,
    },
    "loose": {"dtc_threshold": 0.3, "gtc_threshold": 0.5, "alpha_st": 0, "max_efpr": 4000},
    "crossed": {
        "dtc_threshold": 0.3,
        "gtc_threshold": 0.3,
        "cttc_threshold": 0.2,
        "alpha_ct": 0.5,
        "alpha_st": 0.5,
        "max_efpr": 6000,
    },
}


def main() -> None:
    answers = [answer(case(seed)) for seed in range(CASES)]
    text = ",\n".join(json.dumps(a) for a in answers)
    Path(__file__).with_name("sed_answers.json").write_text(f"[\n{text}\n]\n")


def answer(one: Case) -> dict:
    names = [f"c{c}" for c in range(one.classes)]
    event = sed_eval.sound_event.EventBasedMetrics(names, t_collar=0.2, percentage_of_length=0.2)
    segment = sed_eval.sound_event.SegmentBasedMetrics(names, time_resolution=1.0)
    scores, truth, seconds = {}, {}, {}
    for number, own in enumerate(one.recordings):
        name = f"f{number}"
        s, edges = np.array(own.scores), np.array(own.edges)
        truth[name] = [(a, b, names[c]) for a, b, c in united(own.events)]
        scores[name], seconds[name] = create_score_dataframe(s, edges, names), float(edges[-1])
        said = [(a, b, names[c]) for c in range(one.classes) for a, b in spans(s[:, c], edges, one.threshold)]
        event.evaluate(listed(truth[name], name), listed(said, name))
        segment.evaluate(listed(truth[name], name), listed(said, name), evaluated_length_seconds=seconds[name])
    errors = [float(segment.overall[key]) for key in "SDI"]
    found = {
        "event_micro": told(event.overall_f_measure()["f_measure"]),
        "event_counts": [[event.class_wise[n][key] for key in ("Ntp", "Nsys", "Nref")] for n in names],
        "event_f1": [told(event.class_wise_f_measure(n)["f_measure"]) for n in names],
        "segment_counts": [[float(segment.class_wise[n][key]) for key in ("Ntp", "Nsys", "Nref")] for n in names],
        "segment_f1": [told(segment.class_wise_f_measure(n)["f_measure"]) for n in names],
        "errors": errors,
        "error_rate": float(segment.overall_error_rate()["error_rate"]) if segment.overall["Nref"] else None,
    }
    full = {c for events in truth.values() for *_, c in events} == {*names}
    for name, scenario in SCENARIOS.items():
        possible = full and (one.classes > 1 or "alpha_ct" not in scenario)
        found[name] = float(intersection_based.psds(scores, truth, seconds, **scenario)[0]) if possible else None
    below = np.nextafter(one.threshold, 0)
    half = (
        intersection_based.fscore(scores, truth, threshold=below, dtc_threshold=0.5, gtc_threshold=0.5)[0]
        if full
        else {}
    )
    return found | {"half": [told(half[n]) if full else None for n in names]}


def spans(scores: np.ndarray, edges: np.ndarray, threshold: float) -> list[tuple[float, float]]:
    on = np.diff(np.concatenate([[0], (scores >= threshold).astype(int), [0]]))
    pairs = zip(np.flatnonzero(on == 1), np.flatnonzero(on == -1), strict=True)
    return [(float(edges[a]), float(edges[b])) for a, b in pairs]


def listed(events: list, name: str):
    rows = [{"event_label": c, "onset": a, "offset": b, "filename": name} for a, b, c in events]
    return dcase_util.containers.MetaDataContainer(rows)


def told(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


if __name__ == "__main__":
    main()
