"""`inspect --sheets`: the pages hold every visible pixel once, in rectangles, and nothing else."""

import json
import re

import art
from harness import expect, expect_equal, need_oracle

WIDTH, HEIGHT = 200, 150
LAYERS = ("0 Ground", "1 Disc", "2 Diagonal", "3 Dots")
LINE = re.compile(r"^(\d+) sprites? in (\d+) pieces? on (\d+) pages? of (\d+)x\4, (\d+) % full: ",
                  re.MULTILINE)


def shapes(x, y):
    """Which pictures show a pixel: a ground, a disc, a diagonal, two dots far apart."""
    return (True, (x - 100) ** 2 + (y - 75) ** 2 < 60 ** 2, abs(x - y) < 9,
            (x, y) in ((0, 149), (199, 0)))


def put_pictures(folder):
    """Pictures whose every visible pixel has a colour that tells where it is from."""
    expected = {}
    for number, layer in enumerate(LAYERS):
        rows = []
        for y in range(HEIGHT):
            row = bytearray()
            for x in range(WIDTH):
                alpha = 255 if number != 1 else 1 + (x + y) % 255
                pixel = (x, y, number, alpha) if shapes(x, y)[number] else (0, 0, 0, 0)
                row += bytes(pixel)
                if alpha and any(pixel):
                    expected[pixel[:3]] = alpha
            rows.append(row)
        art.write(folder / layer / "one.png", art.png_of_rows(WIDTH, rows))
    # A copy shares its pixels.
    art.write(folder / layer / "two.png", (folder / layer / "one.png").read_bytes())
    return expected


def pages_of(folder):
    """The visible pixels of all pages as (colour, alpha, page, x, y)."""
    from PIL import Image  # Not everywhere; the other tests do without.
    for page, path in enumerate(sorted(folder.iterdir())):
        expect_equal(path.name, f"sheet-{page + 1:04}.png", "name of a page")
        with Image.open(path) as image:
            expect_equal((image.mode, image.width), ("RGBA", image.height), "form of a page")
            data = image.tobytes()
            for at in range(0, len(data), 4):
                if data[at + 3]:
                    yield (tuple(data[at:at + 3]), data[at + 3], page,
                           at // 4 % image.width, at // 4 // image.width)
                else:
                    expect_equal(data[at:at + 3], b"\0\0\0", "colour of an empty pixel")


def test_every_visible_pixel_is_on_a_page_once(bench):
    need_oracle()
    expected = put_pictures(bench.path("art"))
    outcome = bench.run("inspect", "art", "--sheets", "deep/sheets")
    line = LINE.search(outcome.stderr)
    expect(line, f"no line about sheets: {outcome.stderr!r}")
    found, moves = {}, {}
    for colour, alpha, page, x, y in pages_of(bench.path("deep/sheets")):
        expect(colour not in found, f"{colour} is there twice")
        found[colour] = alpha
        # Within a tile row a picture has one piece, so all of its pixels move alike.
        move = (page, x - colour[0], y - colour[1])
        expect_equal(moves.setdefault((colour[2], colour[1] // 16), move), move, "a pixel's move")
    expect_equal(found == expected, True, "the pixels of all pages")
    pieces = {(number, move) for (number, _), move in moves.items()}
    expect_equal(line.groups()[:3], ("4", str(len(pieces)), "1"), "sprites, pieces, pages")


def test_sheets_are_told_in_json_and_replaced(bench):
    put_pictures(bench.path("art"))
    told = json.loads(bench.run("inspect", "art", "--sheets", "sheets", "--json").stdout)
    expect_equal(sorted(told["sheets"]), ["pages", "percent_full", "pieces", "side", "sprites"],
                 "what is told")
    expect("canvas" in told, "the description is gone")
    expect_equal(told["sheets"]["side"], 512, "side")
    first = bench.path("sheets/sheet-0001.png")
    data = first.read_bytes()
    first.write_bytes(b"old")
    bench.run("inspect", "art", "--sheets", "sheets", "-q", "-j", "1")
    expect_equal(first.read_bytes() == data, True, "the page written again")
    expect_equal([path.name for path in bench.path("sheets").iterdir()], [first.name], "names")


def test_a_damaged_picture_leaves_no_pages(bench):
    put_pictures(bench.path("art"))
    path = bench.path("art/2 Diagonal/one.png")
    path.write_bytes(path.read_bytes()[:200])
    outcome = bench.run("inspect", "art", "--sheets", "sheets", "--json", code=3)
    expect("2 Diagonal/one.png" in outcome.stdout, "the picture is not named")
    expect("canvas" in json.loads(outcome.stdout)["result"], "the description is gone")
    expect(not bench.path("sheets").exists(), "a folder was made")
