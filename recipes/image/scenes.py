"""Made scenes of real cut-outs on real photographs, with exact masks and boxes: what two other recipes learn from.

    apt-get install tuxpaint-stamps-default tuxpaint-data mate-backgrounds lomiri-wallpapers-16.04 \\
        plasma-workspace-wallpapers
    pip install --no-deps --target pkg scikit-image miniworld
    python recipes/image/scenes.py /usr/share pkg

The cut-outs are tuxpaint's photographs with alpha (GPL-2), of four classes, without drawings and what one sees
through. The grounds are photographs without a thing that could be asked for: of tuxpaint (GPL-2+), MATE (GPL-2+),
Lomiri (CC BY 4.0 and BY-SA), KDE (GPL-2+), scikit-image, scikit-learn (BSD) and miniworld (Apache-2.0). Both are
dealt to train, val and test by the first word of their names, so that neither a thing nor a ground of a test scene
was ever seen, nor their like. This script deals and makes, and draws a sheet of each part.

Measured on one of 2 busy cores: 174 + 43 + 53 cut-outs, 38 + 13 + 10 grounds, 560 scenes of 128 pixels a second.
"""

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

PARTS = ("train", "val", "test")
CLASSES = {
    "animal": ("animals",),
    "food": ("food",),
    "plant": ("plants",),
    "thing": ("household", "hobbies", "sports", "vehicles"),
}
DRAWN = ("hedgehog", "pizza", "echidna", "sedan_police")
GROUNDS = {
    "tuxpaint/templates": "burnt_bark cliff corn_maze mossy_bark mudstone ocean_splash ocean_waves "
    "redwoods_above rocks sun_behind_clouds sun_behind_leaves trees_above trees_at_dusk",
    "backgrounds/mate/nature": "Blinds Dune GreenMeadow RainDrops Storm Wood",
    "share/backgrounds": "Bridge_by_Sander_Klootwijk Dragonfly_by_Bolly aitzgorri_by_Aitzol_Berasategi "
    "life_by_Aitzol_Berasategi picosdeeuropa_by_Aitzol_Berasategi sunset_by_Aitzol_Berasategi",
    "skimage/data": "brick grass gravel hubble_deep_field ihc",
    "sklearn/datasets/images": "china",
    "miniworld/textures": "airduct_grate_1 asphalt_1 brick_wall_1 cardboard_1 ceiling_tiles_1 cinder_blocks_1 "
    "concrete_1 concrete_tiles_1 door_garage_red drywall_1 floor_tiles_bw_1 floor_tiles_white grass_2 marble_1 "
    "marble_2 metal_grill_1 metal_grill_2 picket_fence_1 rock_1 stucco_1 water_1 wood_1 wood_2 wood_planks_1",
}
WALLPAPERS = "BytheWater DarkestHour Grey OneStandsOut Path summer_1am"
LARGEST = 640  # pixels of a photo's longer side
STORED = 256  # pixels of a cut-out's longer side
SOFT = 0.3  # of a cut-out's pixels that may be neither clear nor solid
SIZES = 0.35, 0.8  # longer side of a cut-out as share of the scene's side
TURN = 15  # degrees, either way
HIDDEN = 0.3  # of a cut-out's pixels that may lie on earlier ones
TRIES = 20  # places looked at for that, after which any will do
SHOWN = 0.3  # of a cut-out's pixels that the scene and later cut-outs must leave, for it to have a box


@dataclass(frozen=True)
class Stamp:
    """A cut-out and its class."""

    label: str
    picture: "Image"


@dataclass(frozen=True)
class Scene:
    """pixels: h w 3.  owners: number of the stamp that each pixel shows, from 1, or 0.  h w

    labels: of the stamps.  areas: pixels of each, were nothing hidden.
    """

    pixels: "np.ndarray"
    owners: "np.ndarray"
    labels: list[str]
    areas: list[int]

    def boxes(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Label, left, top, right and bottom of what shows of each stamp, but for those nearly hidden."""
        import numpy as np

        for number, (label, area) in enumerate(zip(self.labels, self.areas, strict=True), 1):
            rows, columns = np.nonzero(self.owners == number)
            if len(rows) > SHOWN * area:
                yield label, int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def dealt(names: Sequence[str]) -> list[str]:
    """The part of each name, by its first word: kin and numbered takes stay together.

    Of every six words, in order of the first names that have them, the first tests, the fourth tunes.
    """
    words = [re.split(r"[^a-z]", name.casefold())[0] for name in names]
    place = {word: i for i, word in enumerate(dict.fromkeys(words))}
    return [{0: "test", 3: "val"}.get(place[word] % 6, "train") for word in words]


def find_stamps(folders: Sequence[Path]) -> dict[str, list[Stamp]]:
    """The cut-outs of each part."""
    roots = [f / "tuxpaint/stamps" for f in folders if (f / "tuxpaint/stamps").is_dir()]
    if not roots:
        raise SystemExit("no tuxpaint/stamps in the folders; apt-get install tuxpaint-stamps-default, name /usr/share")
    found: dict[str, list[Stamp]] = {part: [] for part in PARTS}
    for label, kinds in CLASSES.items():
        files = [f for kind in kinds for f in (roots[0] / kind).rglob("*.png") if photographed(f)]
        pictures = {f.stem: picture for f in sorted(files) if (picture := cut_out(f))}
        for part, picture in zip(dealt(list(pictures)), pictures.values(), strict=True):
            found[part].append(Stamp(label, picture))
    return found


def photographed(file: Path) -> bool:
    """Whether it is a photograph, and not the mirror image of another."""
    return "cartoon" not in str(file) and file.stem not in DRAWN and not file.stem.endswith("_mirror")


def cut_out(file: Path) -> "Image | None":
    """What its alpha leaves, without the clear rim; None where that is a rectangle, next to nothing, or see-through."""
    import numpy as np
    from PIL import Image

    with Image.open(file) as opened:
        picture = opened.convert("RGBA")
    picture.thumbnail((STORED, STORED))
    alpha = np.asarray(picture)[..., 3]
    soft = ((alpha > 25) & (alpha < 230)).sum() / max(1, (alpha > 25).sum())
    if not 0.1 < (alpha > 127).mean() < 0.95 or soft > SOFT:
        return None
    return picture.crop(Image.fromarray(alpha > 25).getbbox())


def find_grounds(folders: Sequence[Path]) -> dict[str, list["np.ndarray"]]:
    """The photographs of each part.  h w 3"""
    import numpy as np
    import sklearn.datasets
    from PIL import Image

    places = [*folders, Path(sklearn.datasets.__file__).parent / "images"]
    files = [f for place in places for f in place.rglob("*") if f.suffix in (".jpg", ".png")]
    found: dict[str, list[np.ndarray]] = {part: [] for part in PARTS}
    names, paths = zip(*wanted(), strict=True)
    for part, path in zip(dealt(names), paths, strict=True):
        file = next((f for f in files if f.with_suffix("").as_posix().endswith(f"/{path}")), None)
        if file is None:
            raise SystemExit(f"no photo {path} in the folders named; see the note at the top for their packages")
        with Image.open(file) as opened:
            opened.draft("RGB", (LARGEST, LARGEST))
            photo = opened.convert("RGB")
        photo.thumbnail((LARGEST, LARGEST))
        found[part].append(np.asarray(photo))
    return found


def wanted() -> Iterator[tuple[str, str]]:
    """Name of each ground, and the end of its path without suffix."""
    for place, names in GROUNDS.items():
        yield from ((name, f"{place}/{name}") for name in names.split())
    yield from ((name, f"wallpapers/{name}/contents/images/2560x1600") for name in WALLPAPERS.split())


def make(rng: "np.random.Generator", stamps: Sequence[Stamp], grounds: Sequence["np.ndarray"], side: int) -> Scene:
    """One to three cut-outs on a square of a photo, later ones over earlier; each class as often as any other."""
    import numpy as np

    pixels, owners = ground(rng, grounds, side), np.zeros((side, side), dtype=np.uint8)
    labels = [str(rng.choice(list(CLASSES))) for _ in range(rng.integers(1, 4))]
    areas: list[int] = []
    for number, label in enumerate(labels, 1):
        own = [s for s in stamps if s.label == label]
        areas.append(paste(rng, pixels, owners, own[int(rng.integers(len(own)))].picture, number))
    return Scene(pixels.round().astype(np.uint8), owners, labels, areas)


def ground(rng: "np.random.Generator", photos: Sequence["np.ndarray"], side: int) -> "np.ndarray":
    """A square of a photo, up to three times the scene's side, mirrored or not.  -> h w 3, float"""
    import numpy as np
    from PIL import Image

    photo = photos[int(rng.integers(len(photos)))]
    cut = int(rng.integers(min(side, *photo.shape[:2]), min(3 * side, *photo.shape[:2]) + 1))
    y, x = (int(rng.integers(0, length - cut + 1)) for length in photo.shape[:2])
    part = Image.fromarray(photo[y : y + cut, x : x + cut]).resize((side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(part).astype(float)
    return pixels[:, ::-1].copy() if rng.random() < 0.5 else pixels


def paste(rng: "np.random.Generator", pixels: "np.ndarray", owners: "np.ndarray", stamp: "Image", number: int) -> int:
    """A cut-out, scaled, turned, mirrored or not, most of it inside; returns its pixels, those of alpha above half."""
    import numpy as np
    from PIL import Image

    side = len(owners)
    scale = rng.uniform(*SIZES) * side / max(stamp.size)
    small = stamp.resize([max(4, round(n * scale)) for n in stamp.size], Image.Resampling.BILINEAR)
    own = np.asarray(small.rotate(rng.uniform(-TURN, TURN), Image.Resampling.BILINEAR, expand=True)).astype(float)
    own = own[:, ::-1] if rng.random() < 0.5 else own
    top, left, rows, columns = free_place(rng, owners, own.shape)
    seen = own[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    alpha = seen[..., 3:] / 255
    pixels[rows, columns] += alpha * (seen[..., :3] - pixels[rows, columns])
    owners[rows, columns][alpha[..., 0] >= 0.5] = number
    return int((own[..., 3] >= 127.5).sum())


def free_place(rng: "np.random.Generator", owners: "np.ndarray", size: Sequence[int]) -> tuple[int, int, slice, slice]:
    """Top and left of something, its middle inside, and the scene's rows and columns that it reaches.

    It hides little of what is there already, unless no such place is found soon.
    """
    side, tries = len(owners), 0
    while True:
        tries += 1
        top, left = (int(rng.uniform(0.15, 0.85) * side) - length // 2 for length in size[:2])
        rows, columns = (slice(max(0, at), min(side, at + n)) for at, n in zip((top, left), size[:2], strict=True))
        if tries == TRIES or (owners[rows, columns] > 0).mean() < HIDDEN:
            return top, left, rows, columns


def scenes(seed: int, n: int, stamps: Sequence[Stamp], grounds: Sequence["np.ndarray"], side: int) -> Iterator[Scene]:
    """n of them, each a function of the seed and its place."""
    import numpy as np

    return (make(np.random.default_rng([seed, place]), stamps, grounds, side) for place in range(n))


def main() -> None:
    args = arguments()
    from PIL import Image, ImageDraw

    stamps, grounds = find_stamps(args.folders), find_grounds(args.folders)
    args.out.mkdir(parents=True, exist_ok=True)
    print("| part | cut-outs | grounds | scenes a second |\n|---|---|---|---|")
    for seed, part in enumerate(PARTS):
        sheet = Image.new("RGB", (8 * args.side, 4 * args.side))
        start = time.process_time()
        made = list(scenes(seed, 32, stamps[part], grounds[part], args.side))
        rate = len(made) / (time.process_time() - start)
        for place, scene in enumerate(made):
            picture = Image.fromarray(scene.pixels)
            for _, *box in scene.boxes():
                ImageDraw.Draw(picture).rectangle(box, outline="red")
            sheet.paste(picture, (place % 8 * args.side, place // 8 * args.side))
        sheet.save(args.out / f"{part}.png")
        counts = ", ".join(f"{sum(s.label == c for s in stamps[part])} {c}" for c in CLASSES)
        print(f"| {part} | {counts} | {len(grounds[part])} | {rate:.0f} |")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="where the packages' files are, see above")
    parser.add_argument("--side", type=int, default=128, help="pixels of a scene")
    parser.add_argument("--out", type=Path, default=Path("runs/scenes"), help="folder of the sheets")
    return parser.parse_args()


if __name__ == "__main__":
    main()
