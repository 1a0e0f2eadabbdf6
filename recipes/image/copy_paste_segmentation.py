"""Finding things in photographs: made scenes of real cut-outs on real photos, whose masks are exact.

    apt-get install tuxpaint-stamps-default mate-backgrounds
    pip download --no-deps scikit-image && unzip scikit_image-*.whl 'skimage/data/*'
    python recipes/image/copy_paste_segmentation.py skimage/data /usr/share/backgrounds/mate/nature

The cut-outs are tuxpaint's photographs with alpha (GPL-2); the grounds are photographs of scikit-image (BSD), of the
MATE desktop (GPL-2+) and of scikit-learn (BSD). Two classes: background, and whatever was pasted. Stamps and photos are
dealt to train, val and test by name, so that neither a thing nor a ground of a test scene was ever seen; the settings
were chosen on the val scenes.

Measured on 2 cores with AVX512-BF16, no GPU: not yet measured.
"""

import argparse
import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

STAMPS = Path("/usr/share/tuxpaint/stamps")
KINDS = ("animals", "clothes", "food", "hobbies", "household", "plants", "sports", "vehicles")
GROUNDS = (
    "astronaut", "brick", "camera", "chelsea", "china", "coffee", "coins", "flower", "grass", "gravel",
    "hubble_deep_field", "ihc", "moon", "motorcycle_left", "retina", "rocket", "Aqua", "Blinds", "Dune", "FreshFlower",
    "Garden", "GreenMeadow", "LadyBird", "RainDrops", "Storm", "TwoWings", "Wood", "YellowFlower",
)  # fmt: skip
SIDE = 96  # pixels of a scene
LARGEST = 640  # pixels of a photo's longer side
SIZES = (40, 80)  # pixels of a stamp's longer side
SETTINGS = {
    "model": {"name": "unet", "width": 16, "depth": 4, "norm": "batch"},
    "train": {"optimizer": "muon", "lr": 0.02, "weight_decay": 0.02},
}
SHARES = {"train": 0.75, "val": 0.1, "test": 0.15}


def main() -> None:
    args = arguments()
    start = time.perf_counter()
    counts = {"train": args.scenes, "val": max(10, args.scenes // 10), "test": max(10, args.scenes // 5)}
    stamps, grounds = deal_stamps(args.stamps), find_grounds(args.photos)
    for part, n in counts.items():
        write_scenes(args.out / "scenes" / part, part, n, stamps[part], grounds[part])
    made = time.perf_counter() - start
    from multicnn import image

    cpu = time.process_time()
    start = time.perf_counter()
    run = image.train(
        args.out / "scenes", task="segment", epochs=args.epochs, seed=args.seed, out=args.out / "run", overwrite=True,
        settings=SETTINGS,
    )  # fmt: skip
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    found = run.metrics
    print("| scenes | stamps | IoU of the object | Dice | making, s | training, wall s | processor s |")
    print("|---|---|---|---|---|---|---|")
    dealt = " + ".join(str(len(stamps[part])) for part in SHARES)
    print(
        f"| {args.scenes} | {dealt} | {found['iou_object']:.4f} | {found['dice_object']:.4f} "
        f"| {made:.0f} | {wall:.0f} | {cpu:.0f} |"
    )


def deal_stamps(root: Path) -> dict[str, list[Path]]:
    """Photographs with alpha, those of one name (but for numbers at its end) in one part."""
    files = [f for kind in KINDS for f in sorted((root / kind).rglob("*.png")) if "cartoon" not in str(f)]
    if not files:
        raise SystemExit(f"no stamps in {root}; apt-get install tuxpaint-stamps-default, or name their folder")
    dealt: dict[str, list[Path]] = {part: [] for part in SHARES}
    for file in files:
        name = file.stem.rstrip("0123456789_-").encode()
        place = int.from_bytes(hashlib.blake2b(name, digest_size=4).digest(), "big") / 2**32
        part = "train" if place < SHARES["train"] else "val" if place < SHARES["train"] + SHARES["val"] else "test"
        dealt[part] += [file] if cut_out(file) else []
    return dealt


def cut_out(file: Path) -> bool:
    """Whether its alpha cuts something out."""
    import numpy as np
    from PIL import Image

    with Image.open(file) as picture:
        share = (np.asarray(picture.convert("RGBA"))[..., 3] > 127).mean()
        return bool(0.1 < share < 0.95)


def find_grounds(folders: list[Path]) -> dict[str, list["np.ndarray"]]:
    """The photographs of each part: of every six in order of their names, the first tests, the fourth tunes.  h w 3"""
    import numpy as np
    import sklearn.datasets
    from PIL import Image

    places = [*folders, Path(sklearn.datasets.__file__).parent / "images"]
    found = {f.stem: f for place in places for f in place.glob("*") if f.suffix in (".png", ".jpg")}
    if missing := [name for name in GROUNDS if name not in found]:
        raise SystemExit(f"no photo {missing[0]} in the folders named; see the note at the top for their packages")
    dealt: dict[str, list[np.ndarray]] = {part: [] for part in SHARES}
    for place, name in enumerate(sorted(GROUNDS)):
        part = {0: "test", 3: "val"}.get(place % 6, "train")
        photo = Image.open(found[name]).convert("RGB")
        photo.thumbnail((LARGEST, LARGEST))
        dealt[part].append(np.asarray(photo))
    return dealt


def write_scenes(folder: Path, part: str, n: int, stamps: list[Path], grounds: list["np.ndarray"]) -> None:
    """images/NUMBER.png and masks/NUMBER.png, each a function of part and number."""
    import numpy as np
    from PIL import Image

    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(n):
        rng = np.random.default_rng([list(SHARES).index(part), number])
        picture = ground(rng, grounds)
        mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
        for _ in range(rng.integers(1, 4)):
            paste(rng, picture, mask, stamps[rng.integers(len(stamps))])
        Image.fromarray(picture.round().astype(np.uint8)).save(folder / "images" / f"{number:05}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{number:05}.png")


def ground(rng: "np.random.Generator", photos: list["np.ndarray"]) -> "np.ndarray":
    """A square of a photo, between the scene's size and three times that, mirrored or not.  -> h w 3, float"""
    import numpy as np
    from PIL import Image

    photo = photos[rng.integers(len(photos))]
    side = int(rng.integers(SIDE, min(3 * SIDE, *photo.shape[:2])))
    y, x = (int(rng.integers(0, length - side + 1)) for length in photo.shape[:2])
    part = Image.fromarray(photo[y : y + side, x : x + side]).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(part).astype(float)
    return pixels[:, ::-1].copy() if rng.random() < 0.5 else pixels


def paste(rng: "np.random.Generator", picture: "np.ndarray", mask: "np.ndarray", stamp: Path) -> None:
    """One cut-out, mirrored or not, its middle anywhere in the scene; the object is where its alpha is above half."""
    import numpy as np
    from PIL import Image

    with Image.open(stamp) as opened:
        colours = opened.convert("RGBA")
    scale = rng.integers(*SIZES) / max(colours.size)
    size = [max(4, round(side * scale)) for side in colours.size]
    pixels = np.asarray(colours.resize((size[0], size[1]), Image.Resampling.BILINEAR)).astype(float)
    pixels = pixels[:, ::-1] if rng.random() < 0.5 else pixels
    top, left = (int(rng.integers(0, SIDE)) - length // 2 for length in pixels.shape[:2])
    rows, columns = (slice(max(0, at), min(SIDE, at + n)) for at, n in zip((top, left), pixels.shape[:2], strict=True))
    own = pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    alpha = own[..., 3:] / 255
    picture[rows, columns] += alpha * (own[..., :3] - picture[rows, columns])
    mask[rows, columns][alpha[..., 0] >= 0.5] = 255


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders of the photos, see above")
    parser.add_argument("--stamps", type=Path, default=STAMPS, help="folder of tuxpaint's stamps")
    parser.add_argument("--scenes", type=int, default=1500, help="for training; a tenth for val, a fifth for the test")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/copy-paste"), help="folder of scenes and run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
