"""Draws `docs/picture.svg`: what two commands print on a terminal, with their colours; `--check` compares instead.

Rules: the text is what the commands print, unchanged, wrapped where a terminal of this width would wrap it; colours
follow the reader's choice of light or dark; the plain text is the picture's description, for those who do not see it.
"""

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import transcripts

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "picture.svg"
COMMANDS = (
    "interlock plan show examples/guide/changed.json --only replace,checks",
    "interlock check examples/check/web.json",
)
COLUMNS, CELL, LINE, MARGIN = 144, 7.8, 19, 20
_CODE = re.compile(r"\x1b\[(\d*)m")
_STYLE = """\
.t { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
.b { fill: #f6f8fa; stroke: #d1d9e0 }
.c1 { font-weight: 600 } .c2 { fill: #59636e } .c31 { fill: #c21c2c } .c32 { fill: #116329 } .c33 { fill: #7d4e00 }
.c36 { fill: #0a5c8a } .p { fill: #59636e }
@media (prefers-color-scheme: dark) {
.t { fill: #e6edf3 } .b { fill: #0d1117; stroke: #3d444d }
.c2, .p { fill: #9198a1 } .c31 { fill: #ff7b72 } .c32 { fill: #3fb950 } .c33 { fill: #d29922 } .c36 { fill: #79c0ff }
}"""


def render() -> str:
    """The picture as SVG."""
    lines = list(_screen())
    height = 2 * MARGIN + LINE * len(lines)
    width = round(2 * MARGIN + CELL * COLUMNS)
    text = "\n".join(_CODE.sub("", line) for line in lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="a b">',
        '<title id="a">Interlock on a terminal: a plan is shown, another is judged</title>',
        f'<desc id="b">{escape(text)}</desc>',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="b" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
    ]
    parts += [_line(line, MARGIN + LINE * number - 5) for number, line in enumerate(lines, 1) if line]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _screen() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        transcripts.replayed("", folder)
        for number, command in enumerate(COMMANDS):
            if number:
                yield ""
            yield f"$ {command}"
            for line in transcripts.run(f"FORCE_COLOR=1 {command}", folder).splitlines():
                yield from _wrapped(line)


def _wrapped(line: str) -> Iterator[str]:
    part, cells = "", 0
    for piece in re.split(r"(\x1b\[\d*m)", line):
        for mark in [piece] if _CODE.fullmatch(piece) else piece:
            if not _CODE.fullmatch(mark):
                if cells == COLUMNS:
                    yield part
                    part, cells = "", 0
                cells += 1
            part += mark
    yield part


def _line(line: str, y: int) -> str:
    plain = _CODE.sub("", line)
    # The length is set, so that columns stand below each other in whichever font there is.
    head = f'<text class="t" x="{MARGIN}" y="{y}" textLength="{CELL * len(plain):.1f}" xml:space="preserve">'
    if line.startswith("$ "):
        return f'{head}<tspan class="p">$</tspan> <tspan class="c1">{escape(line[2:])}</tspan></text>'
    parts, style = [], ""
    for piece in re.split(r"(\x1b\[\d*m)", line):
        code = _CODE.fullmatch(piece)
        if code:
            style = code[1] if code[1] not in {"", "0"} else ""
        elif piece:
            parts.append(f'<tspan class="c{style}">{escape(piece)}</tspan>' if style else escape(piece))
    return f"{head}{''.join(parts)}</text>"


def main(words: Sequence[str]) -> int:
    """Write the picture, or with ``--check`` say whether it is stale; 1 when it is."""
    text = render()
    if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in words:
        print("docs/picture.svg is stale: run `python tools/picture.py`")
        return 1
    PICTURE.write_text(text, encoding="utf-8")
    print("wrote docs/picture.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
