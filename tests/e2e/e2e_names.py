"""Names as people give them: blanks, quotes, other alphabets, long ones, and what systems leave."""

import json
import os
import shutil

import art
from harness import (all_metadata, check_pixels, check_png_files, expect, expect_equal, images_of,
                     make_pack, metadata_of, traits_of)

ODD = ["with space", "it's", 'say "hi"', "комета", "日本語", "😀👍🏽", "a,b;c", "100%", 
       "tab\there", "(paren) [brack] {brace}", "$HOME `x`", "&amp; <b>", "dot.in.name", "-dash",
       "~tilde", "e\u0301 combining", "\u202eright to left", "null", "true", "0"]


def check_names(bench, layers, count):
    """All pictures come out, under their names, and the export can be read again."""
    folder = bench.path("art")
    art.make_art(folder, layers)
    bench.generate("art", "out", "-n", str(count))
    recipes = bench.export_file("recipes.jsonl", "art", "-n", str(count))
    check_pixels(folder, recipes, bench.path("out/images"))
    again = bench.export("art", "--recipes", recipes)
    expect_equal(again, recipes.read_text(encoding="utf-8"), "the second export")
    return [traits_of(document) for document in all_metadata(bench.path("out"))]


def test_odd_trait_names(bench):
    traits = check_names(bench, {"1 Back": ["x"], "2 Odd": ODD}, len(ODD))
    expect_equal(sorted(entry["Odd"] for entry in traits), sorted(ODD), "values")


def test_backslashes(bench):
    """Files may have them on this system: read everywhere, or refused everywhere."""
    art.make_art(bench.path("art"), {"1 A": ["x"], "2 B": ["back\\slash"]})
    outcome = bench.generate("art", "out", "-n", "1", code=None)
    if outcome.code == 0:
        check_names(bench, {}, 1)


def test_odd_layer_names(bench):
    # A number and a dash are a prefix together.
    names = [name for name in ODD if "," not in name and name != "-dash"]
    layers = {f"{number:02} {name}": ["x", "y"] for number, name in enumerate(names, 1)}
    traits = check_names(bench, layers, 8)
    expect_equal(sorted(traits[0]), sorted(names), "trait types")


def test_control_characters_stay_out_of_messages(bench):
    """A name must not be able to write to the user's terminal."""
    names = ["bell\a", "escape\x1b[31mred", "two\nlines"]
    art.make_art(bench.path("art"), {"1 A": ["x"], "2 B": names})
    outcome = bench.run("generate", "art", "-n", "3", "-o", "out", "-v", "--no-color")
    for text in (outcome.stdout, outcome.stderr):
        expect("\x1b" not in text and "\a" not in text, f"control characters: {text!r:.300}")
    outcome = bench.run("inspect", "art", "--no-color")
    expect("\x1b" not in outcome.stdout + outcome.stderr, "control characters from inspect")
    values = {traits_of(document)["B"] for document in all_metadata(bench.path("out"))}
    expect_equal(values, set(names), "values")


def test_control_characters_stay_out_of_errors(bench):
    art.make_art(bench.path("art"), {"1 A": ["x"]})
    art.write(bench.path("art/1 A/evil\x1b[2J\nserigraph: done.png"), b"no picture")
    outcome = bench.run("generate", "art", "-n", "1", "-o", "out", "--no-color", code=3)
    expect("\x1b" not in outcome.stderr, f"control characters: {outcome.stderr!r}")
    expect_equal(outcome.stderr.count("\n"), 1, f"lines of {outcome.stderr!r}")


def test_long_names(bench):
    names = [letter * 200 for letter in "abc"]
    traits = check_names(bench, {"1 " + "L" * 198: ["x", "y"], "2 " + "M" * 100: names}, 6)
    expect_equal(sorted({entry["M" * 100] for entry in traits}), names, "values")
    expect("L" * 198 in traits[0], "the long layer is not there")


def test_long_paths(bench):
    deep = bench.path("art")
    for letter in "abcdefghi":
        deep = deep / (letter * 100)
    art.make_art(deep, {"1 A": ["x", "y" * 200]})
    bench.generate(deep, "out", "-n", "2")
    bench.generate("art", deep / "out", "-n", "2", code=None)


def test_endings_in_any_case(bench):
    art.make_art(bench.path("art"), {"1 A": ["x"]})
    for number, ending in enumerate(("PNG", "Png", "pNg")):
        art.write(bench.path(f"art/1 A/n{number}#2.{ending}"), art.solid(8, 8, (number, 9, 9)))
    os.rename(bench.path("art/1 A/x.png"), bench.path("art/1 A/x#1.png"))
    bench.generate("art", "out", "-n", "4")
    values = {traits_of(document)["A"] for document in all_metadata(bench.path("out"))}
    expect_equal(values, {"x", "n0", "n1", "n2"}, "values")


def test_what_systems_leave_is_passed_over(bench):
    for name in (".DS_Store", "1 A/.DS_Store", "1 A/._x.png", "1 A/Thumbs.db", "1 A/desktop.ini",
                 "README.md", "1 A/.gitkeep", ".git/config", "__MACOSX/1 A/._x.png"):
        art.write(bench.path("art") / name, b"\0\5\x16\7" * 20)
    art.make_art(bench.path("art"), {"1 A": ["x", "y"], "2 B": ["z"]})
    outcome = bench.generate("art", "out", "-n", "2", code=None)
    # A folder full of resource forks may be refused as a layer without pictures, by name.
    if outcome.code:
        expect("__MACOSX" in outcome.stderr, f"exit {outcome.code}: {outcome.stderr!r}")
        os.remove(bench.path("art/__MACOSX/1 A/._x.png"))
        os.removedirs(bench.path("art/__MACOSX/1 A"))
        bench.generate("art", "out", "-n", "2")
    expect_equal({tuple(sorted(traits_of(entry))) for entry in all_metadata(bench.path("out"))},
                 {("A", "B")}, "trait types")


def test_blanks_around_weights(bench):
    art.make_art(bench.path("art"), {"1 A": [f"b{n}" for n in range(40)],
                                     "2 B": ["one #3", "two# 1", " three #1 "]})
    bench.generate("art", "out", "-n", "50")
    values = [traits_of(document)["B"] for document in all_metadata(bench.path("out"))]
    expect_equal({name: values.count(name) for name in set(values)},
                 {"one": 30, "two": 10, "three": 10}, "values")


def test_natural_order_of_names(bench):
    art.make_art(bench.path("art"), {"1 A": ["n10", "n9", "n2", "N1", "n1"]})
    summary = bench.summary("art", "null:", "-n", "5")
    names = [trait["name"] for trait in summary["layers"][0]["traits"]]
    expect_equal([name for name in names if name != "N1"], ["n1", "n2", "n9", "n10"], "order")


def test_names_that_would_be_one_trait(bench):
    """Nobody could tell their items apart."""
    for names in (("x.png", "x.PNG"), ("x#1.png", "x#2.png"), ("x#1.png", "x #1.png")):
        for name in names:
            art.write(bench.path("art/1 A") / name, art.solid(8, 8, (1, 2, 3)))
        bench.refuse(3, "art", "-n", "1", named=names)
        shutil.rmtree(bench.path("art"))


def test_json_of_odd_names_is_plain_json(bench):
    art.make_art(bench.path("art"), {"1 A": ODD + ["\x7f del", "\x01 one"]})
    art.write_config(bench.path("art"), {"name": "\u2028 \"é\" \\ \t", "description": "\x02"})
    bench.generate("art", "out", "-n", str(len(ODD) + 2))
    document = metadata_of(bench.path("out"), 1)
    expect_equal((document["name"], document["description"]),
                 ("\u2028 \"é\" \\ \t #1", "\x02"), "name and description")
    bench.run("verify", "out")
    json.loads(bench.run("inspect", "art", "--json").stdout)
    expect_equal(len(images_of(bench.path("out"))), len(ODD) + 2, "images")


def test_nothing_named_none_is_a_trait_by_chance(bench):
    """Only NONE is the absent trait; Nonesuch and none-shall-pass are pictures."""
    art.make_art(bench.path("art"), {"1 A": ["x"], "2 B": ["Nonesuch", "none-shall-pass"]})
    bench.generate("art", "out", "-n", "2")
    values = {traits_of(document).get("B") for document in all_metadata(bench.path("out"))}
    expect_equal(values, {"Nonesuch", "none-shall-pass"}, "values")
    check_png_files(bench.path("out"))


def test_the_generated_pack_has_what_its_names_say(bench):
    pack = make_pack(bench.path("zoo"), "zoo")
    bench.generate(pack, "out")
    expect(images_of(bench.path("out")), "no images")
