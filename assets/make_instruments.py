"""Cut the built-in set `instruments` from FluidR3_GM.sf2 (MIT; Debian package fluid-soundfont-gm 3.1).

    python assets/make_instruments.py /usr/share/sounds/sf2/FluidR3_GM.sf2 assets/instruments

Every clip is the beginning of one raw recording of the font: no loop, no envelope, no change of pitch. Running it again
gives the same bytes with the same libsndfile and soxr.
"""

import csv
import io
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr

RATE = 16000  # Hz
LONGEST = 0.5  # s, from the onset
SHORTEST = 0.2  # s; shorter recordings of the font are single cycles to be looped
FADE = 160  # samples, 10 ms, where a longer recording is cut off
FILE = 4096  # bytes, at most: one disk block; noisy sounds are kept with fewer bits to fit
CLIPS = 80  # of a class, at most
TEST = 4  # every fourth note of each instrument is for the test
PEAK = 0.9

PRESETS = {
    "bass": ("Fingered Bass", "Picked Bass", "Fretless Bass", "Slap Bass", "Pop Bass"),
    "choir": ("Ahh Choir", "Ohh Voices"),
    "electric piano": ("Electric Piano", "Rhodes EP", "Legend EP 2"),
    "guitar": (
        *("Nylon String Guitar", "Steel String Guitar", "Jazz Guitar", "Clean Guitar"),
        *("Overdrive Guitar", "Distortion Guitar"),
    ),
    "mallets": ("Celesta", "Glockenspiel", "Music Box", "Marimba", "Xylophone"),
    "organ": ("Percussive Organ", "Rock Organ", "Church Organ"),
    "piano": ("Yamaha Grand Piano",),
    "saxophone": ("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax"),
    "strings": ("Violin", "Viola", "Cello", "Contrabass"),
}
DRUMS = re.compile(
    r"(Std |Power |Room )Kick|Orch Bass Drum|Power Bass Drum|Snr|Snare|RmPwr|Piccolo \d-\d|Studio"
    r"|Tom (Hi|Med|Low|Floor)|Splash|Crash|Crsh|Ride|Hi-Hat|Timbale|Tumba|Conga|Closed Slap|Bongo|Taiko"
)
NOT_DRUMS = re.compile(r"Electronic|808")
HIT = re.compile(r"(?<=Snr) \d$|(?<=Snare) \d$|-\d$")  # of one drum, at several strengths
STRANGERS = re.compile(r"Extension|Sine Wave|Bottle Chiff")  # layers that presets borrow from other sounds

HEADER = np.dtype([("name", "S20"), ("number", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("unused", "<u4", 3)])
INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
GENERATOR = np.dtype([("kind", "<u2"), ("amount", "<u2")])
SAMPLE = np.dtype(
    [
        *(("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4", 2), ("rate", "<u4")),
        *(("pitch", "u1"), ("cents", "i1"), ("link", "<u2"), ("type", "<u2")),
    ]
)
TYPES = {"phdr": HEADER, "inst": INSTRUMENT, "pbag": BAG, "ibag": BAG, "pgen": GENERATOR, "igen": GENERATOR}
IS_INSTRUMENT, IS_SAMPLE = 41, 53  # generator kinds


class Clip(NamedTuple):
    """One recording of the font: which class, instrument and note, and its place among the samples."""

    label: str
    instrument: str
    source: str
    sample: int


def chunks(data: np.ndarray, start: int, end: int) -> dict[str, np.ndarray]:
    """The leaves of a RIFF file by their four letters."""
    leaves = {}
    while start < end:
        tag, size = bytes(data[start : start + 4]), int(data[start + 4 : start + 8].view("<u4")[0])
        if tag in (b"RIFF", b"LIST"):
            leaves |= chunks(data, start + 12, start + 8 + size)
        else:
            leaves[tag.decode()] = data[start + 8 : start + 8 + size]
        start += 8 + size + size % 2
    return leaves


def read(path: Path) -> dict[str, np.ndarray]:
    """The tables of a SoundFont 2 file, and `smpl`: all its sound, int16."""
    data = np.memmap(path, np.uint8, "r")
    leaves = chunks(data, 0, len(data))
    tables = {tag: leaves[tag].view(dtype) for tag, dtype in (TYPES | {"shdr": SAMPLE}).items()}
    return tables | {"smpl": leaves["smpl"].view("<i2")}


def points(font: dict[str, np.ndarray], level: str, row: int, kind: int) -> list[int]:
    """What the generators of one kind in preset or instrument `row` point to."""
    owners, bags, generators = {
        "preset": (font["phdr"], font["pbag"], font["pgen"]),
        "instrument": (font["inst"], font["ibag"], font["igen"]),
    }[level]
    first, last = bags["generator"][owners["bag"][row]], bags["generator"][owners["bag"][row + 1]]
    part = generators[first:last]
    return part["amount"][part["kind"] == kind].tolist()


def clips_of(font: dict[str, np.ndarray]) -> list[Clip]:
    """Every recording of the chosen presets and of the drum kits, once."""
    names = [n.decode("latin1") for n in font["phdr"]["name"]]
    found = []
    for label, presets in PRESETS.items():
        for preset in presets:
            inside = points(font, "preset", names.index(preset), IS_INSTRUMENT)
            samples = {s for i in inside for s in points(font, "instrument", i, IS_SAMPLE)}
            found += [Clip(label, preset, font["shdr"]["name"][s].decode("latin1"), s) for s in sorted(samples)]
    for s, name in enumerate(n.decode("latin1") for n in font["shdr"]["name"]):
        if DRUMS.search(name) and not NOT_DRUMS.search(name):
            found.append(Clip("drums", "Drum Kit", name, s))
    return [c for c in found if not STRANGERS.match(c.source)]


def channel(source: str) -> str:
    """`L`, `R`, or `M` for a recording with one channel, as the end of the font's name tells."""
    mark = re.search(r"\(([LR])\)?$|\d\s?([LR])$", source)
    return (mark[1] or mark[2]) if mark else "M"


def note(clip: Clip) -> str:
    """What the channels, and the hits of one drum (`Snr 1-1`, `Snr 1-2`), have in common."""
    name = clip.source if channel(clip.source) == "M" else re.sub(r"\s*\(?[LR]\)?$", "", clip.source)
    return HIT.sub("", name) if clip.label == "drums" else name


def group(clip: Clip) -> str:
    return f"{clip.instrument}: {note(clip)}"


def cut(font: dict[str, np.ndarray], sample: int) -> np.ndarray:
    """One recording from its onset, at RATE, its peak at PEAK.  -> t, float32"""
    entry = font["shdr"][sample]
    sound = font["smpl"][entry["start"] : entry["end"]].astype(np.float32) / 32768
    sound = soxr.resample(sound, int(entry["rate"]), RATE, quality="HQ")
    loud = np.abs(sound) > 0.003 * np.abs(sound).max()  # 50 dB below the peak
    sound = sound[max(0, int(loud.argmax()) - 80) :]  # 5 ms before it
    length = int(LONGEST * RATE)
    if len(sound) > length:
        sound = sound[:length].copy()
        sound[-FADE:] *= np.linspace(1, 0, FADE, dtype=np.float32)
    return sound * (PEAK / np.abs(sound).max())


def encode(sound: np.ndarray) -> bytes:
    """FLAC of 16 bits a sample, the lowest of them zero, as many as needed to stay within FILE bytes."""
    for kept in range(12, 3, -1):
        step = 2 ** (16 - kept)
        buffer = io.BytesIO()
        whole = (np.round(sound * 32768 / step) * step).astype(np.int16)
        soundfile.write(buffer, whole, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)
        if len(buffer.getvalue()) <= FILE:
            return buffer.getvalue()
    raise ValueError(f"no clip fits into {FILE} bytes")


def chosen(font: dict[str, np.ndarray]) -> list[Clip]:
    """At most CLIPS of a class, spread over its instruments: first one channel of each note, then the others."""
    lengths = (font["shdr"]["end"].astype(np.int64) - font["shdr"]["start"]) / np.maximum(font["shdr"]["rate"], 1)
    rng = np.random.default_rng(0)
    kept = []
    for label in (*PRESETS, "drums"):
        clips = [c for c in clips_of(font) if c.label == label and lengths[c.sample] >= SHORTEST]
        order = rng.permutation(len(clips))
        clips = sorted((clips[i] for i in order), key=lambda c: channel(c.source) == "R")  # a stable sort
        kept += sorted(clips[:CLIPS], key=lambda c: (c.label, c.instrument, c.sample))
    return kept


def held_out(clips: list[Clip]) -> set[str]:
    """The groups of the test: every TEST-th of each instrument, in random order."""
    rng = np.random.default_rng(2026)  # another deal than the one on which classes and defaults were tried
    out: set[str] = set()
    for instrument in sorted({c.instrument for c in clips}):
        groups = sorted({group(c) for c in clips if c.instrument == instrument})
        out |= {groups[i] for i in rng.permutation(len(groups))[TEST // 2 :: TEST]}
    return out


def place(clip: Clip) -> str:
    """The clip's file: its class, its number in the font, the font's name for it."""
    words = re.sub(r"[^a-z0-9]+", "-", clip.source.lower().replace("#", "s")).strip("-")
    return f"{clip.label.replace(' ', '-')}/{clip.sample:04d}-{words}.flac"


def main(source: Path, target: Path) -> None:
    font = read(source)
    clips = chosen(font)
    test = held_out(clips)
    rows = []
    for clip in clips:
        (target / place(clip)).parent.mkdir(parents=True, exist_ok=True)
        (target / place(clip)).write_bytes(encode(cut(font, clip.sample)))
        part = "test" if group(clip) in test else "train"
        rows.append((place(clip), clip.label, part, group(clip), clip.source))
    with (target / "table.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("path", "label", "split", "group", "source"), *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
