"""Counts and scores of events against sed_eval 0.2.1 and sed_scores_eval 0.0.4, whose answers sed_reference.py kept."""

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from multicnn.tasks import found
from multicnn.tasks.psds import PSDS1, PSDS2, Scenario
from multicnn.tasks.spans import NONE, merged
from multicnn.tasks.tracks import TIMES, Track

MADE = runpy.run_path(str(Path(__file__).with_name("sed_cases.py")))
Case = Any
CLOSE = 1e-9
LOOSE = Scenario(dtc=0.3, gtc=0.5, cttc=None, ct=0.0, st=0.0, most=4000.0)
CROSSED = Scenario(dtc=0.3, gtc=0.3, cttc=0.2, ct=0.5, st=0.5, most=6000.0)
SCENARIOS = {"psds1": PSDS1, "psds2": PSDS2, "loose": LOOSE, "crossed": CROSSED}


@pytest.fixture(scope="module")
def answers() -> list[dict]:
    return json.loads(Path(__file__).with_name("sed_answers.json").read_text())


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [MADE["case"](seed) for seed in range(MADE["CASES"])]


def tracks(one: Case) -> list[Track]:
    """The recordings of a case, their events merged by our own code."""
    k, made = one.classes, []
    for row, own in enumerate(one.recordings):
        true = [merged(np.array([e[:2] for e in own.events if e[2] == c]).reshape(-1, 2)) for c in range(k)]
        present = np.array([len(spans) > 0 for spans in true])
        scores, edges = np.array(own.scores).T, np.array(own.edges)
        made.append(Track(np.array([row]), TIMES, scores, edges, scores.max(1), true, present))
    return made


def counted(one: Case) -> found.Counts:
    return found.counted(tracks(one), np.full(one.classes, one.threshold), np.zeros(one.classes))


def test_the_cases_hold_what_is_hard(cases):
    recordings = [r for c in cases for r in c.recordings]
    assert len(cases) >= 300
    assert sum(not r.events for r in recordings) > 100
    assert any(len(r.events) > len(MADE["united"](r.events)) for r in recordings)
    assert any(e[0] == 0 for r in recordings for e in r.events)
    assert any(e[1] == r.edges[-1] for r in recordings for e in r.events)
    assert any(not c.recordings[0].events and len(c.recordings) == 1 for c in cases)


def test_counts_of_events_and_segments_are_sed_evals(cases, answers):
    for one, answer in zip(cases, answers, strict=True):
        counts = counted(one)
        assert counts.events.sum(0).tolist() == answer["event_counts"]
        assert counts.segments.sum(0).tolist() == answer["segment_counts"]
        assert counts.errors.sum(0).tolist() == answer["errors"]


def test_f1_and_error_rate_are_sed_evals(cases, answers):
    for one, answer in zip(cases, answers, strict=True):
        counts = counted(one)
        said = found.measured(counts, np.ones(len(one.recordings)))
        pairs = [(said["f1_event_200ms_micro"], answer["event_micro"])]
        pairs += [(said["error_rate_segment_1s"], answer["error_rate"])]
        pairs += zip(found.f1(counts.events.sum(0)), answer["event_f1"], strict=True)
        pairs += zip(found.f1(counts.segments.sum(0)), answer["segment_f1"], strict=True)
        pairs += zip(found.f1(counts.halves.sum(0)), answer["half"], strict=True)
        assert all(theirs is None or abs(ours - theirs) < CLOSE for ours, theirs in pairs)


@pytest.mark.parametrize("name", SCENARIOS)
def test_detection_scores_are_sed_scores_evals(name, cases, answers):
    compared = 0
    for one, answer in zip(cases, answers, strict=True):
        if answer[name] is not None:
            own = tracks(one)
            changes = found.score_changes(own, [t.scores for t in own], SCENARIOS[name])
            counts = replace(counted(one), changes=(changes, changes))
            ours = found.detection_score(counts, 0, SCENARIOS[name], np.ones(len(own)))
            assert abs(ours - answer[name]) < CLOSE
            compared += 1
    assert compared >= (300 if SCENARIOS[name].cttc is None else 200)  # one class alone crosses none


def test_a_recording_drawn_twice_counts_like_two(cases):
    one = next(c for c in cases if len(c.recordings) > 2 and c.classes > 1)
    twice = one._replace(recordings=[*one.recordings, one.recordings[0]])
    weight = np.ones(len(one.recordings))
    weight[0] = 2
    a = found.measured(counted(one), weight)
    b = found.measured(counted(twice), np.ones(len(twice.recordings)))
    assert a == pytest.approx(b, abs=CLOSE)


def test_perfect_scores_are_1_and_none_is_0():
    edges = np.arange(11) / 2
    span = np.array([[1.0, 3.0]])
    right = ((edges[:-1] >= 1) & (edges[:-1] < 3)).astype(float)
    track = Track(np.array([0]), TIMES, right[None], edges, np.ones(1), [span], np.ones(1, bool))
    perfect = found.measured(found.counted([track], np.full(1, 0.5), np.zeros(1)), np.ones(1))
    assert all(perfect[n] == 1 for n in perfect if n != "error_rate_segment_1s")
    assert perfect["error_rate_segment_1s"] == 0
    silent = replace(track, scores=np.zeros((1, 10)))
    nothing = found.measured(found.counted([silent], np.full(1, 0.5), np.zeros(1)), np.ones(1))
    assert nothing["f1_event_200ms"] == nothing["psds1"] == 0


def test_thresholds_are_those_of_the_best_f1():
    edges = np.arange(11) / 2
    scores = np.full((1, 10), 0.2)
    scores[0, 2:6] = 0.7
    track = Track(np.array([0]), TIMES, scores, edges, np.ones(1), [np.array([[1.0, 3.0]])], np.ones(1, bool))
    left_open = np.full(1, np.nan)
    threshold, seconds = found.best([track], left_open, left_open)
    assert 0.2 < threshold[0] < 0.7
    assert seconds == [0]
    given = found.best([track], np.array([0.6]), np.array([0.4]))
    assert given == (np.array([0.6]), np.array([0.4]))
    assert found.best([replace(track, true=[NONE])], left_open, left_open) == (np.array([0.5]), np.array([0.3]))


def test_medians_are_chosen_where_they_help():
    """A score that flickers is smoothed, one that does not is left."""
    edges = np.arange(41) * 0.1
    flickering = np.full(40, 0.2)
    flickering[10:30] = 0.9
    flickering[[13, 18, 24]] = 0.1
    true = [np.array([[1.0, 3.0]])]
    track = Track(np.array([0]), TIMES, flickering[None], edges, np.ones(1), true, np.ones(1, bool))
    left_open = np.full(1, np.nan)
    threshold, seconds = found.best([track], left_open, left_open)
    assert seconds[0] > 0
    measured = found.measured(found.counted([track], threshold, seconds), np.ones(1))
    assert measured["f1_event_200ms"] == 1
