"""Makes static/fonts/vazirmatn-fa.woff2, the only font the pages load, from the package vazirmatn.

    npm pack vazirmatn@33.0.3     (and unpack it)
    python devtools/assets/build_font.py VAZIRMATN_FOLDER

The folder is the one with the package.json in it. The whole variable font is 111 kB; Persian and ASCII in the weights
400 to 700 are 33 kB. The font has no reserved name (OFL 1.1), so that the subset may keep it; OFL.txt goes with it.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).parents[2] / "static" / "fonts"

FEATURES = "ccmp,locl,init,medi,fina,isol,rlig,liga,calt,mark,mkmk,kern,curs,tnum"
# ASCII, the Persian letters, signs and digits, the ZWNJ and the marks of direction, the punctuation of both scripts.
CHARACTERS = (
    "U+0020-007E,U+00A0,U+00AB,U+00B7,U+00BB,U+00D7,U+060C,U+061B,U+061F,U+0621-063A,U+0640-0656,U+0660-066C,U+0670,"
    "U+067E,U+0686,U+0698,U+06A9,U+06AF,U+06C0,U+06CC,U+06D5,U+06F0-06F9,U+200C-200F,U+2010-2015,U+2018-201E,U+2022,"
    "U+2026,U+2039,U+203A,U+2066-2069,U+FDFC"
)


def build(package: Path) -> Path:
    """Writes the subset and its licence; returns the path of the subset."""
    target = FONTS / "vazirmatn-fa.woff2"
    FONTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        two_weights = Path(folder) / "two-weights.ttf"
        # Without recalcTimestamp the same package gives the same bytes again.
        font = TTFont(package / "fonts" / "variable" / "Vazirmatn[wght].ttf", recalcTimestamp=False)
        instancer.instantiateVariableFont(font, {"wght": (400, 700)}, inplace=True)
        font.save(two_weights)
        arguments = ["--flavor=woff2", f"--layout-features={FEATURES}", f"--unicodes={CHARACTERS}"]
        subset.main([str(two_weights), f"--output-file={target}", *arguments])
    shutil.copyfile(package / "OFL.txt", FONTS / "OFL.txt")
    return target


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    font_file = build(Path(sys.argv[1]))
    print(f"{font_file.name}: {font_file.stat().st_size} bytes")
