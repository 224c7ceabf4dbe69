"""Cuts the fonts of the certificate from Noto; run by hand, its results are kept in this folder.

On Debian: ``apt-get install fonts-noto-cjk fonts-noto-cjk-extra fonts-noto-core unicode-data``, then
``.venv/bin/python certificates/fonts/cut_fonts.py``. It takes some minutes and writes

- ``AcademySerif-{Regular,Bold}.otf``: the 8,105 characters of 通用规范汉字表 (property kTGH of Unihan) and all of
  GB 2312, Latin and punctuation included;
- ``AcademySerifRare-Bold.otf``: every other Chinese character that Noto Serif CJK SC has. One weight is enough: rare
  characters stand in names, and the name is bold;
- ``AcademySerifLatin-{Regular,Bold}.ttf``: Latin with every diacritic, Greek and Cyrillic, from Noto Serif;
- ``coverage.json``: which code points each of the three families has, as ranges.
"""

import argparse
import bz2
import json
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parent
# Kept: kerning for Latin, and proportional quotes, which English needs where Chinese has full-width ones.
FEATURES = ["kern", "pwid"]
# Tables for vertical text and for machines' hints: nothing on a printed page reads them.
DROPPED = ["BASE", "DSIG", "GDEF", "VORG", "vhea", "vmtx", "STAT", "meta"]
COPYRIGHT_NAMES = [0, 7, 13, 14]


def main() -> None:
    """Cuts every font and writes the coverage."""
    arguments = _arguments()
    table = general_standard_characters(arguments.unihan)
    common = (
        table | gb2312() | _ranges((0x20, 0x7F), (0xA0, 0x180), (0x2000, 0x2070), (0x3000, 0x3040), (0xFF00, 0xFFF0))
    )
    coverage: dict[str, set[int]] = {}

    for weight in ("Regular", "Bold"):
        font = simplified_chinese(arguments.cjk / f"NotoSerifCJK-{weight}.ttc")
        wanted = common & set(font.getBestCmap())
        if lacking := table - wanted:
            raise SystemExit(
                f"The font lacks {len(lacking)} characters of the table: {''.join(map(chr, sorted(lacking)))}"
            )
        coverage["serif"] = write_cut(font, wanted, "Academy Serif", weight, HERE / f"AcademySerif-{weight}.otf")

    font = simplified_chinese(arguments.cjk / "NotoSerifCJK-Bold.ttc")
    rare = {point for point in font.getBestCmap() if is_chinese(point)} - coverage["serif"]
    coverage["rare"] = write_cut(font, rare, "Academy Serif Rare", "Bold", HERE / "AcademySerifRare-Bold.otf")

    letters = _ranges(
        (0x20, 0x7F), (0xA0, 0x530), (0x1E00, 0x2070), (0x20A0, 0x20C0), (0x2C60, 0x2C80), (0xA720, 0xA800)
    )
    for weight in ("Regular", "Bold"):
        font = TTFont(arguments.latin / f"NotoSerif-{weight}.ttf")
        wanted = letters & set(font.getBestCmap())
        coverage["latin"] = write_cut(
            font,
            wanted,
            "Academy Serif Latin",
            weight,
            HERE / f"AcademySerifLatin-{weight}.ttf",
            ["kern", "mark", "mkmk", "ccmp"],
        )

    ranges = {family: " ".join(as_ranges(points)) for family, points in coverage.items()}
    (HERE / "coverage.json").write_text(json.dumps(ranges, indent=1) + "\n", encoding="ascii")
    for path in sorted(HERE.glob("Academy*")):
        print(f"{path.stat().st_size:>10,}  {path.name}")
    print({family: len(points) for family, points in coverage.items()})


def general_standard_characters(unihan: Path) -> set[int]:
    """The 8,105 characters of 通用规范汉字表, as Unihan lists them."""
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        found = {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}
    if len(found) != 8105:
        raise SystemExit(f"Unihan lists {len(found)} characters with kTGH; 8,105 were expected.")
    return found


def gb2312() -> set[int]:
    """Every character of GB 2312, symbols included."""
    cells = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(character) for code in cells if (character := code.decode("gb2312", "ignore"))}


def is_chinese(point: int) -> bool:
    """Whether a code point is a Chinese character of any block."""
    return 0x3400 <= point < 0xA000 or 0xF900 <= point < 0xFB00 or point >= 0x20000


def simplified_chinese(path: Path) -> TTFont:
    """The mainland face of a collection: its default glyphs have the mainland's forms."""
    for font in TTCollection(path, lazy=True).fonts:
        if font["name"].getDebugName(1).startswith("Noto Serif CJK SC"):
            return font
    raise SystemExit(f"{path} has no face for Simplified Chinese.")


def write_cut(
    font: TTFont, points: set[int], family: str, weight: str, path: Path, features: list[str] | None = None
) -> set[int]:
    """Writes ``font`` cut to ``points``, under the name ``family``. Returns the points it has."""
    options = subset.Options(
        hinting=False,
        notdef_outline=True,
        layout_features=features or FEATURES,
        name_IDs=COPYRIGHT_NAMES,
        glyph_names=False,
    )
    options.drop_tables += DROPPED
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    postscript = f"{family.replace(' ', '')}-{weight}"
    for identifier, value in ((1, family), (2, weight), (3, postscript), (4, f"{family} {weight}"), (6, postscript)):
        font["name"].setName(value, identifier, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames[0] = postscript
    # The date of the cut would make two runs differ.
    font.recalcTimestamp = False
    font.flavor = None
    font.save(path)
    return set(TTFont(path).getBestCmap())


def as_ranges(points: Iterable[int]) -> list[str]:
    """``[0x41, 0x42, 0x44]`` -> ``["41-42", "44"]``."""
    found: list[list[int]] = []
    for point in sorted(points):
        if found and point == found[-1][1] + 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return [f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in found]


def _ranges(*bounds: tuple[int, int]) -> set[int]:
    return {point for first, end in bounds for point in range(first, end)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cjk", type=Path, default=Path("/usr/share/fonts/opentype/noto"))
    parser.add_argument("--latin", type=Path, default=Path("/usr/share/fonts/truetype/noto"))
    parser.add_argument(
        "--unihan",
        type=Path,
        default=Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2"),
        help="of Unicode's database",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
