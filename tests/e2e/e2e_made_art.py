"""The generated packs: noise (ties of rounding in every blend mode), zoo (every kind of PNG), big
(translucent gradients), each through its collection.json and through its recipes."""

import json

from art import make_art, solid, write
from harness import check_pixels, check_png_files, expect, expect_equal, make_pack, same_pixels


def check_collection(bench, kind):
    """The pack as its collection.json says, all items, and its export read again."""
    art = make_pack(bench.path(kind), kind)
    bench.generate(art, "out")
    recipes = bench.export_file("export.jsonl", art)
    check_pixels(art, recipes, bench.path("out/images"))
    modes = check_png_files(bench.path("out"))
    again = bench.export(art, "--recipes", recipes)
    expect_equal(again, recipes.read_text(encoding="utf-8"), "the second export")
    bench.generate(art, "again", "--recipes", recipes)
    same_pixels(bench.path("out"), bench.path("again"))
    return modes


def place_all(bench, art):
    """The pack's recipes with a place for every picture that is named without one: the program
    takes other sizes than the canvas only with a place, the oracle puts them at 0, 0. Opacities are
    cut to nine decimals; a test of its own is about longer ones."""
    lines = (art / "recipes.jsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    for item in items:
        for index, layer in enumerate(item["layers"]):
            layer = {"path": layer} if isinstance(layer, str) else layer
            if layer["path"].startswith(("Tiny/", "patch/")):
                layer.setdefault("at", [0, 0])
            if 0 < layer.get("opacity", 0) < 1:
                layer["opacity"] = max(round(layer["opacity"], 9), 1e-4)
            item["layers"][index] = layer
    path = bench.path("placed.jsonl")
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def check_recipes(bench, kind):
    """The pack's own recipes: any order, mode, opacity and place."""
    art = make_pack(bench.path(kind), kind)
    recipes = place_all(bench, art)
    bench.generate(art, "out", "--recipes", recipes)
    check_pixels(art, recipes, bench.path("out/images"))
    check_png_files(bench.path("out"))
    first = bench.export_file("first.jsonl", art, "--recipes", recipes)
    check_pixels(art, first, bench.path("out/images"))
    second = bench.export(art, "--recipes", first)
    expect_equal(second, first.read_text(encoding="utf-8"), "the second export")


def test_noise_collection(bench):
    check_collection(bench, "noise")


def test_noise_recipes(bench):
    check_recipes(bench, "noise")


def test_zoo_collection(bench):
    check_collection(bench, "zoo")


def test_zoo_recipes(bench):
    check_recipes(bench, "zoo")


def test_big_collection_has_alpha(bench):
    expect_equal(check_collection(bench, "big"), {"RGBA"}, "modes")


def test_big_recipes(bench):
    check_recipes(bench, "big")


def test_many_decimals_of_opacity_are_read(bench):
    """Other programs print 0.1 + 0.2 with 17 digits, and small numbers with an exponent."""
    art = make_art(bench.path("art"), {"A": ["x", "y"], "B": ["z"]})
    lines = [{"id": number, "layers": ["A/x.png", {"path": "B/z.png", "opacity": opacity}]}
             for number, opacity in enumerate((0.1 + 0.2, 1 / 3, 1e-07, 0.5000000000000001), 1)]
    recipes = bench.path("recipes.jsonl")
    recipes.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    bench.generate(art, "out", "--recipes", recipes)
    check_pixels(art, recipes, bench.path("out/images"))


def test_opaque_collections_are_rgb(bench):
    art = make_art(bench.path("art"), {"1 Back": ["a", "b"], "2 Front": ["c", "d"]})
    bench.generate(art, "out", "-n", "4")
    expect_equal(check_png_files(bench.path("out")), {"RGB"}, "modes")


def test_translucent_collections_are_rgba(bench):
    art = make_art(bench.path("art"), {"1 Back": ["a", "b"], "2 Front": ["c", "d"]})
    write(art / "1 Back" / "glass.png", solid(8, 8, (10, 20, 30, 128)))
    bench.generate(art, "out", "-n", "6")
    expect_equal(check_png_files(bench.path("out")), {"RGBA"}, "modes")


def test_an_opaque_layer_further_up_makes_rgb(bench):
    """What decides is the finished image, not the lowest layer."""
    art = bench.path("art")
    for name, alpha in (("1 Glass", 100), ("2 Wall", 255), ("3 Mist", 40)):
        write(art / name / "a.png", solid(8, 8, (10, 20, 30, alpha)))
        write(art / name / "b.png", solid(8, 8, (60, 20, 30, alpha)))
    bench.generate(art, "out", "-n", "8")
    expect_equal(check_png_files(bench.path("out")), {"RGB"}, "modes")
    check_pixels(art, bench.export_file("x.jsonl", art, "-n", "8"), bench.path("out/images"))


def test_colour_under_alpha_zero_does_not_matter(bench):
    art = bench.path("art")
    write(art / "1 Back" / "empty.png", solid(8, 8, (200, 10, 30, 0)))
    write(art / "2 Front" / "half.png", solid(8, 8, (200, 10, 30, 0)))
    bench.generate(art, "out", "-n", "1")
    check_pixels(art, bench.export_file("x.jsonl", art, "-n", "1"), bench.path("out/images"))
    # Nothing can be seen, so nothing has a colour; a palette would be larger than the picture.
    expect_equal(check_png_files(bench.path("out")), {"LA"}, "modes")
