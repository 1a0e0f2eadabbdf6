"""Promises of parts found by name: near names are offered, settings are checked before anything is built."""

import pytest

from multicnn.errors import UsageError
from multicnn.names import check, find, hint, schema

MODELS = {"resnet18": 18, "resnet34": 34, "textcnn": 3, "lenet": 5}


def build(rank: int, c_in: int, *, width: int = 64, drop: float = 0.0) -> None: ...


def build_plain(rank: int) -> None: ...


def test_a_part_is_found_by_its_name() -> None:
    assert find("model", MODELS, "textcnn") == 3


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet19", r"no model named 'resnet19'; did you mean resnet18 or resnet34 or lenet\?"),
        ("lennet", r"no model named 'lennet'; did you mean lenet\?"),
        ("qqq", "no model named 'qqq'; known: resnet18, resnet34, textcnn, lenet"),
    ],
)
def test_a_wrong_name_is_answered_with_near_ones_or_all(name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        find("model", MODELS, name)


def test_the_settings_are_the_keyword_only_parameters() -> None:
    assert schema(build) == {"width": 64, "drop": 0.0}
    assert schema(build_plain) == {}


def test_known_settings_pass() -> None:
    check("resnet18", build, {"width": 3, "drop": 1})
    check("resnet18", build, {})


@pytest.mark.parametrize(
    ("part", "key", "sentence"),
    [
        (build, "widht", r"no setting of resnet18 named 'widht'; did you mean width\?"),
        (build, "rank", "no setting of resnet18 named 'rank'; known: width, drop"),
        (build_plain, "width", "no setting of resnet18 named 'width'; it takes none"),
    ],
)
def test_an_unknown_setting_is_refused_with_near_ones(part, key: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        check("resnet18", part, {key: 1})


def test_a_hint_offers_at_most_three() -> None:
    assert hint("net", ["net1", "net2", "net3", "net4"]).count(" or ") == 2
