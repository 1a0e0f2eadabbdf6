"""Commands and settings that do not exist or cannot be: exit code 2, one sentence with the near names."""

import json

import pytest

COMMANDS = {
    "an unknown command": (["trian"], r"no command 'trian' of multicnn; known: image, audio, text"),
    "a near command": (["comapre"], r"no command 'comapre' of multicnn; did you mean compare\?"),
    "an unknown modality": (["video", "train"], r"no command 'video' of multicnn; known: image, audio, text"),
    "an unknown command of a modality": (["image", "predict"], r"no command 'predict' of multicnn image; known: train"),
    "an unknown command of the cache": (
        ["cache", "clean"],
        r"no command 'clean' of multicnn cache; did you mean clear",
    ),
    "nothing to predict": (["predict", "run"], r"Missing argument 'INPUTS\.\.\.'; see `multicnn predict --help`"),
    "one run to compare": (["compare", "run"], r"Missing argument 'SECOND'; see `multicnn compare --help`"),
    "an unknown split": (["evaluate", "run", "--split", "tset"], r"'tset' is not one of 'test', 'val', 'train'; see"),
    "an unknown format": (["predict", "run", "a.png", "--format", "xml"], r"'xml' is not one of 'csv', 'jsonl'; see"),
    "an option of another command": (["resume", "run", "--split", "val"], r"No such option '?--split'?.*; see"),
    "a name that is not in the cache": (
        ["cache", "clear", "abc"],
        r"nothing in the cache begins with 'abc'; it is empty",
    ),
    "a requirement of evaluate that is none": (
        ["evaluate", "run", "--require", "good"],
        r"--require good: write metric",
    ),
}


@pytest.mark.parametrize(("arguments", "says"), COMMANDS.values(), ids=COMMANDS)
def test_commands_that_do_not_exist_are_refused(arguments, says, refuses):
    refuses(*arguments, code=2, says=says)


SETTINGS = {
    "unknown option": ("--epoch-count 3", r"No such option '?--epoch-count'?.*; see `multicnn image train --help`"),
    "near option": ("--epoch 3", r"No such option '?--epoch'?.*[Dd]id you mean.*--epochs.*; see"),
    "option of another modality": ("--sample-rate 8000", r"No such option '?--sample-rate'?"),
    "option without its value": ("--epochs", r"Option '--epochs' requires an argument; see"),
    "two sets": ("--data other", r"two data sets are named, .*pictures and other; name one"),
    "third word": ("other", r"Got unexpected extra argument \(other\); see"),
    "unknown model": ("--model resnet19", r"no model named 'resnet19'; did you mean resnet18"),
    "unknown front-end": ("--frontend logmel", r"no front-end named 'logmel'; .*pixels"),
    "unknown task": ("--task segmnt", r"no task named 'segmnt'; did you mean segment"),
    "unknown augmentation": ("--augment flip,rotat", r"no augmentation named 'rotat'; "),
    "unknown optimizer": ("--optimizer adan", r"no optimizer named 'adan'; did you mean adamw"),
    "unknown precision": ("--precision fp8", r"no precision named 'fp8'; known: auto, fp32"),
    "unknown sampler": ("--sampler balance", r"no sampler named 'balance'; did you mean balanced"),
    "unknown device": ("--device gpu", r"no device named 'gpu'; did you mean|no device named 'gpu'; known: auto, cpu"),
    "device that is not here": ("--device cuda:99", r"--device cuda:99: .*"),
    "unknown policy": ("--on-bad ignore", r"no policy for unreadable files named 'ignore'; known: error, skip"),
    "no epochs": ("--epochs 0", r"train\.epochs is 0; it must be at least 1"),
    "half an epoch": ("--epochs 1.5", r"--epochs 1\.5: give a whole number"),
    "epochs without end": ("--epochs inf", r"--epochs inf: give a whole number"),
    "epochs that are no number": ("--epochs nan", r"--epochs nan: give a whole number"),
    "epochs in words": ("--epochs many", r"--epochs many: give a whole number"),
    "batches of nothing": ("--batch-size 0", r"train\.batch_size is 0; it must be at least 1"),
    "rate of zero": ("--lr 0", r"train\.lr is 0\.0; it must be above 0"),
    "rate that is no number": ("--lr nan", r"train\.lr is nan; it must be a finite number"),
    "rate without end": ("--lr inf", r"train\.lr is inf; it must be a finite number"),
    "rate in words": ("--lr fast", r"--lr fast: give a number"),
    "decay below zero": ("--weight-decay -1", r"train\.weight_decay is -1\.0; it must be at least 0"),
    "patience below zero": ("--patience -1", r"train\.patience is -1; it must be at least 0"),
    "threads below zero": ("--workers -1", r"train\.workers is -1; it must be at least 0"),
    "seed below zero": ("--seed -1", r"train\.seed is -1; it must be at least 0"),
    "seed beyond 32 bits": ("--seed 4294967296", r"train\.seed is 4294967296; it must be below 2\*\*32"),
    "time in words": ("--time nonsense", r"--time nonsense: give seconds, or 90s, 30m, 2h"),
    "time below zero": ("--time -5", r"train\.time is -5\.0; it must be at least 0"),
    "time of no unit": ("--time 5d", r"--time 5d: give seconds, or 90s, 30m, 2h"),
    "share above one": ("--val 1.5", r"--val 1\.5: a share of the samples is at least 0 and below 1"),
    "share below zero": ("--test -0.1", r"--test -0\.1: a share of the samples is at least 0 and below 1"),
    "share that is no number": ("--val nan", r"--val nan: a share of the samples is at least 0 and below 1"),
    "shares of all": ("--val 0.5 --test 0.5", r"--val 0\.5 and --test 0\.5 leave nothing to train on"),
    "limit below the classes": ("--limit 1", r"--limit 1: fewer samples than the 2 classes; take 2 at least"),
    "limit below zero": ("--limit -3", r"--limit is -3, --folds is 0; neither may be below 0"),
    "no size": ("--image-size 0", r"--image-size 0: give a side in pixels, HEIGHTxWIDTH"),
    "size below zero": ("--image-size -8", r"--image-size -8: give a side in pixels, HEIGHTxWIDTH"),
    "size of three sides": ("--image-size 8x8x8", r"image_size of reader of a picture is \[8, 8, 8\]; it must be"),
    "size in words": ("--image-size big", r"--image-size big: give a side in pixels, HEIGHTxWIDTH"),
    "size of one side in a list": ("--set reader.image_size=[8]", r"image_size of reader of a picture is \[8\]"),
    "seven channels": ("--channels 7", r"channels is 7; pictures are read as 1 \(grey\), 3"),
    "weights that are no file": ("--class-weights heavy", r"--class-weights heavy: no such file; give none, balanced"),
    "pattern that matches nothing": (r"--group-by (subject\d+)", r"it does not match .*\.png \(24 of 24 samples\)"),
    "pattern that is none": ("--group-by (a", r"--group-by \(a: no valid pattern"),
    "column to group a folder": ("--group-by subject", r"--group-by subject: a folder has no columns; give"),
    "column of a folder": ("--label-column kind", r"--label-column names a column, but .* is a folder; give a table"),
    "one fold": ("--folds 1", r"--folds needs at least 2"),
    "half a fold": ("--folds 2.5", r"'2\.5' is not a valid integer; see"),
    "folds with a requirement": ("--folds 2 --require accuracy>=0.5", r"--folds .*goes without --require"),
    "folds with a share for the test": ("--folds 2 --test 0.3", r"--folds: each fold is the test part once; leave"),
    "requirement without a number": ("--require accuracy>=high", r"--require accuracy>=high: write metric>=value"),
    "requirement of an unknown metric": ("--require acuracy>=0.5", r"--require acuracy: no such metric; did you mean"),
    "setting without a table": ("--set epochs=3", r"--set epochs=3: write table\.key=value, with a table of preset,"),
    "setting without a value": ("--set train.epochs", r"--set train\.epochs: write table\.key=value"),
    "setting of an unknown table": ("--set trian.epochs=3", r"--set trian\.epochs=3: write table\.key=value"),
    "setting that does not exist": ("--set train.epoch=3", r"no setting of train named 'epoch'; did you mean epochs"),
    "setting of another type": ("--set train.epochs=many", r"epochs of train is 'many'; it must be of type int"),
    "setting too deep": ("--set train.epochs.more=3", r"epochs of train is \{'more': 3\}; it must be of type int"),
    "setting of a model": ("--set model.widht=3", r"no setting of model 'cnn1' named 'widht'; "),
    "setting of an augmentation": ("--set augment.flip.odds=3", r"no setting of augmentation 'flip' named 'odds'; "),
    "augmentation as a number": ("--set augment.flip=3", r"augment\.flip is no table; write --set augment\.NAME\.key"),
    "size of words": ('--set reader.image_size=["a","b"]', r"image_size of reader is \['a', 'b'\]; it must be of type"),
    "both a value and a table": ("--set model.a=1 --set model.a.b=2", r"--set model\.a\.b=2: a is set to 1 before"),
    "smoothing beyond one": ("--set task.smoothing=2", r"task\.smoothing is 2; it must be at least 0 and below 1"),
    "drop of two": ("--set task.drop=2", r"drop.* 2.*; "),
    "clip below zero": ("--set train.clip=-1", r"train\.clip is -1; it must be at least 0"),
    "fold that does not exist": ("--set data.folds=3 --set data.fold=7", r"data\.fold is 7; the folds are 1 to 3"),
    "config that is not there": ("--config no.toml", r"--config no\.toml: .*; give the config\.toml of a run"),
    "config that is a folder": ("--config pictures", r"--config pictures: .*; give the config\.toml of a run"),
    "config that is no TOML": ("--config bad.toml", r"--config bad\.toml: .*; give the config\.toml of a run"),
    "config of another modality": ("--config audio.toml", r"it is of a run of audio; say `multicnn audio train"),
    "config with an unknown table": ("--config odd.toml", r"no table of settings named 'trian'; did you mean train"),
    "config with a value for a table": ("--config flat.toml", r"--config flat\.toml: train is no table; write"),
    "out that is a file": ("--out bad.toml", r"--out bad\.toml: it exists and is no run|--out bad\.toml: it exists"),
    "out that holds something": ("--out mine", r"--out mine: it exists and is not empty; choose another"),
    "out within the data": ("--out pictures/run", r"run folder pictures/run: it lies within the data .*; name one"),
    "overwriting what is no run": ("--out mine --overwrite", r"--overwrite leaves it alone; choose another folder"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "says"), SETTINGS.values(), ids=SETTINGS)
def test_settings_that_cannot_be_are_refused(options, says, pictures, quick, refuses):
    root = pictures.parent
    (root / "bad.toml").write_text("[train\nepochs = 3")
    (root / "audio.toml").write_text('modality = "audio"\n[train]\nepochs = 3')
    (root / "odd.toml").write_text("[trian]\nepochs = 3")
    (root / "flat.toml").write_text("train = 3")
    (root / "mine").mkdir()
    (root / "mine" / "thesis.txt").write_text("years of work")
    refuses("image", "train", pictures, *quick, "--out", root / "run", *options.split(), code=2, says=says)


def test_the_default_run_folder_never_lies_within_the_data(pictures, quick, refuses, monkeypatch):
    """`runs` would be a class of the next training."""
    monkeypatch.chdir(pictures)
    for options in ((), ("--folds", "2")):
        refuses("image", "train", ".", *quick, *options, code=2, says=r"run folder runs: it lies within the data \.,")


SOUNDS = {
    "no rate": ("--sample-rate 0", r"sample rate is 0 Hz; it must be from 100"),
    "rate in words": ("--rate high", r"--sample-rate high: give a whole number"),
    "no length": ("--seconds 0", r"seconds is 0\.0; a window must hold a sample"),
    "length without end": ("--seconds inf", r"seconds is inf; a window"),
    "length that is no number": ("--seconds nan", r"seconds is nan; a window"),
    "option of pictures": ("--image-size 8", r"No such option '?--image-size'?"),
    "no mel bands": ("--set frontend.bands=0", r"bands.*; "),
}


@pytest.mark.parametrize(("options", "says"), SOUNDS.values(), ids=SOUNDS)
def test_settings_of_sounds_that_cannot_be_are_refused(options, says, sounds, quick, refuses):
    refuses("audio", "train", sounds, *quick, "--out", "run", *options.split(), code=2, says=says)


TEXTS = {
    "no words": ("--max-words 0", r"max_words is 0; it must be at least 1"),
    "occurrences below zero": ("--min-count -1", r"min_count is -1; it must be at least 1"),
    "no vocabulary": ("--set reader.max_vocabulary=0", r"max_vocabulary is 0; it must be at least 1"),
    "unknown column": ("--text-column body", r"--text-column: no column named 'body'; columns found: 'text', 'label'"),
    "near column": ("--label-column lable", r"--label-column: no column named 'lable'; did you mean 'label'\?"),
    "unknown column of parts": ("--split-column part", r"--split-column: no column named 'part'"),
    "unknown column of groups": ("--group-by author", r"--group-by: no column named 'author'"),
    "text column for the labels": ("--label-column text", r"--label-column: column 'text' is already taken"),
}


@pytest.mark.parametrize(("options", "says"), TEXTS.values(), ids=TEXTS)
def test_settings_of_texts_that_cannot_be_are_refused(options, says, texts, quick, refuses):
    refuses("text", "train", texts, *quick, "--out", "run", *options.split(), code=2, says=says)


NAMED = {
    "label column": "--label-column kind",
    "path column": "--path-column file",
    "split column": "--split-column part",
    "group column": "--group-by writer",
}


@pytest.mark.parametrize("options", NAMED.values(), ids=NAMED)
def test_columns_of_a_built_in_set_are_refused_not_ignored(options, quick, refuses):
    says = rf"{options.split()[0]} .*names a column.*digits"
    refuses("image", "train", "digits", *quick, "--out", "run", *options.split(), code=2, says=says)


WEIGHTS = {
    "no JSON": ("{", r"weights\.json: not a JSON object of class name: weight"),
    "a list": ("[1, 2]", r"weights\.json: not a JSON object of class name: weight"),
    "an unknown class": ('{"0": 1, "1": 1, "7": 1}', r"weights\.json: no class '7'; known: 0, 1"),
    "a class missing": ('{"0": 1}', r"weights\.json: no weight for class '1'; give every class a weight"),
    "a weight of zero": ('{"0": 1, "1": 0}', r"weights\.json: a weight is not above 0; give"),
    "a weight that is no number": ('{"0": 1, "1": NaN}', r"weights\.json: a weight is not above 0; give"),
    "a weight in words": ('{"0": 1, "1": "much"}', r"weights\.json: not a JSON object of class name: weight"),
}


@pytest.mark.parametrize(("content", "says"), WEIGHTS.values(), ids=WEIGHTS)
def test_class_weights_that_are_none_are_refused(content, says, pictures, quick, refuses):
    (pictures.parent / "weights.json").write_text(content)
    refuses("image", "train", pictures, *quick, "--out", "run", "--class-weights", "weights.json", code=2, says=says)


@pytest.mark.parametrize("size", ["nonsense", "-1", "5 apples"])
def test_a_cache_size_that_is_none_is_refused(size, pictures, quick, refuses, monkeypatch):
    monkeypatch.setenv("MULTICNN_CACHE_SIZE", size)
    says = r"MULTICNN_CACHE_SIZE is '.*', which is no size; write for example 20GB"
    refuses("image", "train", pictures, *quick, "--out", "run", code=2, says=says)
    refuses("cache", "list", code=2, says=says)


def test_memory_that_does_not_suffice_is_said_in_a_sentence(pictures, quick, refuses):
    says = r"not enough memory \(.*931\. GiB.*\); make the samples smaller"
    refuses("image", "train", pictures, *quick, "--out", "run", "--image-size", 1_000_000, code=3, says=says)


def test_a_requirement_is_checked_before_hours_of_training(pictures, command, tmp_path):
    """A metric that does not exist must not be found out at the end."""
    answer = command("image", "train", pictures, "--epochs", 100_000, "--require", "f1>=0.5", "--out", tmp_path / "run")
    assert answer.code == 2
    assert "no such metric; known: accuracy, f1_macro" in answer.err


def test_json_is_valid_where_a_metric_is_no_number(pictures, works, quick, tmp_path):
    """A run without val and test has no metrics; null, not NaN, says so."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    options = ("--val", "0", "--test", "0", "--json", "--out", tmp_path / "run")
    found = json.loads(works("image", "train", pictures, *quick, *options).out, parse_constant=refuse)
    assert found["metrics"] == {}
    assert found["loss"] is None
