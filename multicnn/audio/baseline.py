"""The learner to beat: a linear model on the mean spectrum."""

from collections.abc import Callable

import numpy as np
import torch

from multicnn.audio.frontend import Spectra
from multicnn.audio.reader import SoundReader
from multicnn.data.table import Table

NAME = "mean spectrum + logistic regression"


def baseline(
    reader: SoundReader, table: Table, train: np.ndarray, test: np.ndarray, get: Callable[[int], np.ndarray]
) -> tuple[str, np.ndarray]:
    """Logistic regression on mean and deviation over time of 64 mel bands in dB, standardised; scikit-learn's defaults.

    Each sound is heard in full. Several labels: one model each.  -> name, (test, k) probabilities
    """
    from sklearn.preprocessing import StandardScaler

    spectra = Spectra(reader.rate, mels=64, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)
    scaler = StandardScaler()
    x = np.asarray(scaler.fit_transform([summary(spectra, get(row)) for row in train]))
    x_test = np.asarray(scaler.transform([summary(spectra, get(row)) for row in test]))
    if not table.several:
        return NAME, probabilities(x, table.target[train], x_test, len(table.classes))
    truth = table.truth[train]
    columns = [
        probabilities(x[truth[:, k] >= 0], truth[truth[:, k] >= 0, k], x_test, 2)[:, 1] for k in range(truth.shape[1])
    ]
    return NAME, np.stack(columns, axis=1)


def summary(spectra: Spectra, sound: np.ndarray) -> np.ndarray:
    """Mean and deviation of each band.  t -> 2 mels"""
    with torch.inference_mode():
        levels = spectra(torch.from_numpy(np.array(sound))[None])[0]
        return torch.cat([levels.mean(1), levels.std(1, correction=0)]).numpy()


def probabilities(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, k: int) -> np.ndarray:
    """What logistic regression makes of (n, features) matrices; a class absent from `y` has probability 0.  -> n k"""
    from sklearn.linear_model import LogisticRegression

    answer = np.zeros((len(x_test), k))
    present = np.unique(y).astype(int)
    if len(present) == 1:
        answer[:, present] = 1.0
    else:
        answer[:, present] = LogisticRegression(max_iter=1000).fit(x, y).predict_proba(x_test)
    return answer
