"""Pickles of arrays are read, pickles that run something are not."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from multicnn.errors import DataError
from multicnn.zoo.unpickle import read_arrays

ARRAYS = {
    "float": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big endian": np.arange(5, dtype=">i2"),
    "bytes": np.arange(256, dtype=np.uint8),
    "truth": np.array([True, False]),
    "empty": np.empty((0, 3), np.float16),
    "complex": np.array([1 + 2j]),
}


def written(path: Path, value: object, protocol: int) -> Path:
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_of_every_protocol_come_back_as_numpy_reads_them(tmp_path, protocol):
    held = {"arrays": ARRAYS, "pairs": [(ARRAYS["float"], ARRAYS["bytes"])], "n": 3, "name": "юg", "none": None}
    found = read_arrays(written(tmp_path / "a.pkl", held, protocol))
    assert (found["n"], found["name"], found["none"]) == (3, "юg", None)
    np.testing.assert_array_equal(found["pairs"][0][1], ARRAYS["bytes"], strict=True)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found["arrays"][name], array, strict=True)


class Evil:
    """What unpickling runs: `touch`, by a name that the test chooses."""

    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("call", "name"), [(os.system, r"(posix|nt)\.system"), (eval, r"(builtins|__builtin__)\.eval")]
)
def test_a_malicious_pickle_is_refused_by_name_and_runs_nothing(tmp_path, protocol, call, name):
    mark = tmp_path / "ran"
    argument = f"touch {mark}" if call is os.system else f"__import__('pathlib').Path({str(mark)!r}).touch()"
    held = {"conv1": ARRAYS["float"], "conv2": Evil(call, argument)}
    path = written(tmp_path / "evil.pkl", held, protocol)
    with pytest.raises(
        DataError, match=rf"evil\.pkl: this pickle asks to run {name}, .* was not read; save .*safetensors"
    ):
        read_arrays(path)
    assert not mark.exists()
    pickle.loads(path.read_bytes())  # the attack is real: the ordinary reader falls for it
    assert mark.exists()


@pytest.mark.parametrize("attack", [b"cnumpy\nload\n.", b"cos\nsystem\n.", b"cnumpy.core.multiarray\nfromfile\n."])
def test_no_other_name_is_admitted_not_even_of_numpy(tmp_path, attack):
    (tmp_path / "a.pkl").write_bytes(attack)
    with pytest.raises(DataError, match="asks to run"):
        read_arrays(tmp_path / "a.pkl")


@pytest.mark.parametrize(
    "array", [np.array([{}, []], object), np.array(["a"]), np.zeros(2, [("x", "f4"), ("y", "i4")])], ids=str
)
def test_arrays_of_anything_but_numbers_are_refused(tmp_path, array):
    with pytest.raises(DataError, match=r"no readable pickle of arrays"):
        read_arrays(written(tmp_path / "a.pkl", array, 4))


def test_a_damaged_pickle_is_a_sentence_wherever_it_is_cut(tmp_path):
    whole = pickle.dumps(ARRAYS, 3)
    for end in range(0, len(whole), 97):
        (tmp_path / "cut.pkl").write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"cut\.pkl: no readable pickle of arrays"):
            read_arrays(tmp_path / "cut.pkl")


def test_a_pickle_that_holds_itself_is_refused(tmp_path):
    loop: list = []
    loop.append(loop)
    with pytest.raises(DataError, match="no readable pickle"):
        read_arrays(written(tmp_path / "loop.pkl", loop, 4))
