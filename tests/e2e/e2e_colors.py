"""The colour type of files follows from the art: grey, palettes of every depth, RGB, with alpha."""

import json
import random
import shutil

import art
from harness import (check_pixels, check_png_files, expect, expect_equal, images_of, need_oracle,
                     need_pack, same_trees)

NEAREST = ("--size", "320x320", "--resample", "nearest")


def put_pictures(folder, colours, size=(64, 48), share=0.5, grey=False):
    """Two layers of three pictures, of so many colours together; the lower layer is opaque."""
    source = random.Random(colours)
    for number in range(6):
        mine = range(number, colours, 6) or range(1)
        rows = []
        for _ in range(size[1]):
            row = bytearray()
            for _ in range(size[0]):
                value = source.choice(mine)
                pixel = (value,) * 3 if grey else (value * 5 % 256, value // 4, 255 - value % 200)
                seen = number < 3 or source.random() < share
                row += bytes((*pixel, 255)) if seen else bytes(4)
            rows.append(row)
        name = ("1 Back", "2 Front")[number // 3]
        art.write(folder / name / f"p{number}.png", art.png_of_rows(size[0], rows))
    return folder


def check(bench, folder, modes, *words):
    """Generates all combinations; returns bit depth and colour type of the first file."""
    bench.generate(folder, "out", "-n", "9", *words)
    expect_equal(check_png_files(bench.path("out")), modes, "modes")
    recipes = bench.export_file("x.jsonl", folder, "-n", "9", *words)
    check_pixels(folder, recipes, bench.path("out/images"))
    header = images_of(bench.path("out"))[0].read_bytes()
    # A file on its own, whose palette is as long as it is in the run.
    bench.run("render", folder, "-n", "9", *words, "--id", "5", "-o", "5.png")
    expect_equal(bench.path("5.png").read_bytes(), bench.path("out/images/5.png").read_bytes(),
                 "item 5")
    shutil.rmtree(bench.path("out"))
    return header[24], header[25]


def test_palettes_have_the_fewest_bits(bench):
    for colours, bits in ((2, 1), (4, 2), (16, 4), (17, 8), (250, 8)):
        for width in (64, 61):
            folder = put_pictures(bench.path(f"art{colours}-{width}"), colours, (width, 48))
            for level in ("fast", "balanced", "small"):
                found = check(bench, folder, {"P"}, "--png", level, "--bands", "20")
                expect_equal(found, (bits, 3), f"{colours} colours: depth and type")


def test_too_many_colours_are_rgb(bench):
    check(bench, put_pictures(bench.path("art"), 300), {"RGB"})


def test_one_translucent_pixel_is_no_palette(bench):
    folder = put_pictures(bench.path("art"), 20)
    check(bench, folder, {"P"})
    rows = [bytearray(4 * 64) for _ in range(48)]
    rows[30][100:104] = bytes((9, 8, 7, 254))
    art.write(folder / "2 Front" / "p3.png", art.png_of_rows(64, rows))
    check(bench, folder, {"RGB"})


def test_grey_art_is_grey(bench):
    folder = put_pictures(bench.path("art"), 200, grey=True)
    for level in ("fast", "balanced", "small"):
        check(bench, folder, {"L"}, "--png", level)
    rows = [bytes(value for column in range(64) for value in (row, row, row, 4 * column))
            for row in range(48)]
    art.write(folder / "2 Front" / "p3.png", art.png_of_rows(64, rows))
    check(bench, folder, {"L"})
    for number in range(3):
        art.write(folder / "1 Back" / f"p{number}.png", art.png_of_rows(64, rows))
    for level in ("fast", "balanced", "small"):
        check(bench, folder, {"LA"}, "--png", level)


def test_blend_modes_keep_grey_but_no_palette(bench):
    for grey, mode in ((True, "L"), (False, "RGB")):
        folder = put_pictures(bench.path(mode), 30, grey=grey)
        for blend in ("multiply", "soft-light"):
            layers = [{"name": "Back", "folder": "1 Back"},
                      {"name": "Front", "folder": "2 Front", "blend": blend}]
            art.write_config(folder, {"layers": layers})
            check(bench, folder, {mode})


def test_the_colour_type_is_said(bench):
    for colours, grey, text, name in ((20, False, "palette of 20 colours", "palette"),
                                      (200, True, "grey", "grey"), (300, False, "rgb", "rgb")):
        folder = put_pictures(bench.path(name), colours, grey=grey)
        outcome = bench.run("plan", folder, "-n", "9", "--explain")
        expect(f"pixels, {text}\n" in outcome.stdout, outcome.stdout[:200])
        document = json.loads(bench.run("plan", folder, "-n", "9", "--explain", "--json").stdout)
        expect_equal(document["color"], name, "color")
        expect_equal(document["palette_colors"], 20 if name == "palette" else 0, "palette_colors")


def test_enlarged_packs_have_palettes(bench):
    for name, side, bits in (("nouns/v0", 32, 8), ("noundry/traits", 32, 8),
                             ("punks/hair", 24, 4)):
        pack = need_pack(name)
        words = ("-n", "20", *NEAREST)
        bench.generate(pack, "out", *words)
        expect_equal(check_png_files(bench.path("out")), {"P"}, f"modes of {name}")
        expect_equal(images_of(bench.path("out"))[0].read_bytes()[24], bits, f"bits of {name}")
        recipes = bench.export_file("x.jsonl", pack, *words)
        check_pixels(pack, recipes, bench.path("out/images"), "--canvas", f"{side}x{side}",
                     "--size", "320x320")
        shutil.rmtree(bench.path("out"))


def test_threads_and_kernels_change_no_byte_of_palettes(bench):
    need_oracle()
    pack = need_pack("nouns/v0")
    for level in ("fast", "balanced"):
        words = ("-n", "40", *NEAREST, "--png", level, "--bands", "64")
        bench.generate(pack, f"plain-{level}", *words)
        for number, variant in enumerate((("-j1", "--no-reuse"), ("--cpu-kernel", "scalar"))):
            bench.generate(pack, f"{level}{number}", *words, *variant)
            same_trees(bench.path(f"plain-{level}"), bench.path(f"{level}{number}"))
