#!/usr/bin/python3
"""The oracle's own test: oracle_test.py [WORD ...] runs the tests whose names contain one of the words, or all.

This file has the tests of the commands and of the pack maker; those of the rule, of PNG and of
collections' rules are in cases_*.py.
"""
import contextlib
import io
import json
import os
import shutil
import sqlite3
import sys
import traceback

# The tests must not leave compiled files in the source tree.
sys.dont_write_bytecode = True

import numpy

import cases_png
import cases_rule
import cases_rules
import compositing
import make_art
import oracle
import png_decode
import png_write
from case_helpers import Skipped, equal, folder, literal_blend, literal_over, refuses


def run_oracle(*arguments):
    """The exit status and what was printed."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            status = oracle.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
    return status, output.getvalue()


def literal_compose(art, layers, width, height):
    """A whole item pixel by pixel, without trimming, clipping or blocks."""
    canvas = {(x, y): (0, 0, 0, 0) for y in range(height) for x in range(width)}
    for layer in layers:
        path = os.path.join(art, layer.path)
        if os.path.getsize(path) == 0:
            continue
        pixels = png_decode.decode_file(path).tolist()
        for y, row in enumerate(pixels):
            for x, source in enumerate(row):
                spot = (x + layer.x, y + layer.y)
                if spot in canvas:
                    canvas[spot] = literal_over(canvas[spot], tuple(source), layer.opacity, layer.blend)
    flat = [canvas[x, y] for y in range(height) for x in range(width)]
    return numpy.array(flat, numpy.uint8).reshape(height, width, 4)


def render(art, recipes, images, canvas, scale=None):
    """Plays the program under test with the oracle's own code; the id chooses among file types that hold the pixels."""
    os.makedirs(images, exist_ok=True)
    job = oracle.Job(art, images, canvas, scale, compositing.PictureCache())
    for name, layers in oracle.read_recipes(recipes):
        pixels = oracle.expected_image(job, layers, canvas)
        options = {"filters": ((0,), (4,), (1, 2))[name % 3], "pieces": 1 + name % 4}
        if (pixels[..., 3] == 255).all():
            data = png_write.encode(pixels[..., :3], 8, png_decode.RGB, **options)
        else:
            data = png_write.encode_rgba(pixels, **options)
        png_write.write(f"{images}/{name}.png", data)


def test_compose_against_fractions():
    with folder() as art:
        make_art.make(art, "noise")
        job = oracle.Job(art, "", make_art.NOISE_SIZE, None, compositing.PictureCache())
        items = oracle.read_recipes(f"{art}/recipes.jsonl")
        for name, layers in items[:12] + items[12::23]:
            expected = literal_compose(art, layers, *make_art.NOISE_SIZE)
            assert numpy.array_equal(oracle.expected_image(job, layers, make_art.NOISE_SIZE), expected), name


def test_check_finds_what_is_wrong():
    with folder() as art:
        make_art.make(art, "noise", items=30)
        images, recipes = f"{art}/out", f"{art}/recipes.jsonl"
        render(art, recipes, images, make_art.NOISE_SIZE)
        check = ("check", "--art", art, "--recipes", recipes, "--images", images)
        equal(run_oracle(*check), (0, "oracle: 30 items equal, 0 differ\n"))
        equal(run_oracle(*check, "--sample", 7, "--seed", 3), (0, "oracle: 7 items equal, 0 differ\n"))
        pixels = png_decode.decode_file(f"{images}/4.png")
        old = tuple(pixels[9, 5].tolist())
        pixels[9, 5, 1] ^= 1
        pixels[40, 0, 2] ^= 1
        png_write.write(f"{images}/4.png", png_write.encode_rgba(pixels))
        png_write.write(f"{images}/5.png", png_write.encode_rgba(pixels[:-1]))
        png_write.write(f"{images}/6.png", b"")
        os.remove(f"{images}/7.png")
        status, text = run_oracle(*check)
        new = tuple(pixels[9, 5].tolist())
        equal(status, 1)
        assert f"4: first differing pixel 5,9 got {new} expected {old}, 2 pixels differ\n" in text, text
        assert "5: size 61x46, expected 61x47\n" in text and "7: " in text and "missing" in text, text
        assert "6: " in text and text.endswith("oracle: 26 items equal, 4 differ\n"), text


def test_check_of_zoo_and_sizes():
    with folder() as art:
        make_art.make(art, "zoo")
        recipes, (width, height) = f"{art}/recipes.jsonl", make_art.ZOO_SIZE
        render(art, recipes, f"{art}/out", (width, height))
        render(art, recipes, f"{art}/small", (16, 50), ((16, width), (50, height)))
        check = ("check", "--art", art, "--recipes", recipes, "--images")
        for extra in ((f"{art}/out",), (f"{art}/small", "--size", "16x50", "--resample", "nearest")):
            status, text = run_oracle(*check, *extra)
            assert status == 0 and " 0 differ" in text, text
        equal(run_oracle(*check, f"{art}/out", "--size", "16x50")[0], 1)
        equal(run_oracle(*check, f"{art}/out", "--size", "16")[0], 2)
        equal(run_oracle(*check, f"{art}/out", "--size", "8x8", "--resample", "lanczos")[0], 2)


def test_recipes_are_read_strictly():
    with folder() as art:
        png_write.write(f"{art}/a.png", png_write.encode_rgba(numpy.zeros((2, 3, 4))))
        for text in ('{"id":1}', "[1]", '{"id":1,"layers":[{"path":"a.png","z":1}]}', '{"id":1,"layers":[7]}', "x",
                     '{"id":1,"layers":[{"path":"a.png","opacity":NaN}]}',
                     '{"id":1,"layers":[{"path":"a.png","opacity":1.1}]}',
                     '{"id":1,"layers":[{"path":"a.png","blend":"plus-darker"}]}',
                     '{"id":1,"layers":[{"path":"a.png","at":[1.0,2]}]}',
                     '{"id":1,"layers":["a.png"]}\n{"id":1,"layers":["a.png"]}', "", '{"id":1,"layers":["missing.png"]}'):
            with open(f"{art}/r.jsonl", "w", encoding="utf-8") as stream:
                stream.write(text)
            equal(run_oracle("check", "--art", art, "--recipes", f"{art}/r.jsonl", "--images", art)[0], 2, text)


def test_canvas_is_the_commonest_size():
    with folder() as art:
        for name, (width, height) in {"a": (4, 2), "b": (4, 2), "c": (3, 3), "d": (3, 3), "e": (9, 9)}.items():
            png_write.write(f"{art}/{name}.png", png_write.encode_rgba(numpy.zeros((height, width, 4))))
        png_write.write(f"{art}/none.png", b"")
        layer = {name: oracle.parse_layer(f"{name}.png") for name in ("a", "b", "c", "d", "e", "none")}
        for names, expected in (("ae", (9, 9)), ("abe", (4, 2)), ("abcd", (3, 3)), ("eeea", (9, 9)), ("aeeeeb", (4, 2))):
            items = [(index, [layer[name], layer["none"]]) for index, name in enumerate(names)]
            equal(oracle.commonest_size(art, items), expected, names)
        refuses(oracle.InputError, oracle.commonest_size, art, [(1, [layer["none"]])])


def test_tables_command():
    with folder() as place:
        equal(run_oracle("tables", f"{place}/t")[0], 0)
        equal(sorted(os.listdir(f"{place}/t")), sorted(f"{mode}.bin" for mode in compositing.SEPARABLE_MODES))
        for mode in compositing.SEPARABLE_MODES:
            with open(f"{place}/t/{mode}.bin", "rb") as stream:
                data = stream.read()
            equal((len(data), data[200 * 256 + 30]), (65536, literal_blend(mode, 200, 30)), mode)


def write_output(root, order):
    """A small output folder whose manifest gets its rows in the given order."""
    os.makedirs(f"{root}/images/00", exist_ok=True)
    for number in range(3):
        pixels = numpy.full((2, 2, 4), 50 * number, numpy.uint8)
        png_write.write(f"{root}/images/00/{number}.png", png_write.encode_rgba(pixels))
    database = sqlite3.connect(f"{root}/manifest.db")
    database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, digest BLOB, size)")
    database.execute("CREATE TABLE facts (name, value)")
    for number in order:
        database.execute("INSERT INTO items VALUES (?, ?, ?)", (number, bytes([number, 255]), number))
        database.execute("INSERT INTO facts VALUES (?, ?)", (f"fact {number}", None if number else "x"))
    database.commit()
    database.close()


def test_trees_command():
    with folder() as place:
        one, other = f"{place}/one", f"{place}/other"
        write_output(one, (0, 1, 2))
        write_output(other, (2, 0, 1))
        png_write.write(f"{other}/manifest.db-wal", b"")
        equal(run_oracle("trees", one, other), (0, "oracle: the trees are equal, 4 files\n"))
        png_write.write(f"{other}/extra", b"")
        png_write.write(f"{other}/images/00/1.png", b"other")
        with sqlite3.connect(f"{other}/manifest.db") as database:
            database.execute("UPDATE items SET size = '1' WHERE id = 1")
            database.execute("CREATE TABLE more (a)")
        database.close()
        status, text = run_oracle("trees", one, other)
        equal((status, len(text.splitlines())), (1, 6), text)
        for words in ("extra: only in", "1.png: the bytes differ", "table more is only in the second",
                      "only in the first: (1, b'\\x01\\xff', 1)", "only in the second: (1, b'\\x01\\xff', '1')"):
            assert words in text, (words, text)
        ignored = ("--ignore", "manifest.db", "--ignore", "images/*", "--ignore", "extra")
        equal(run_oracle("trees", one, other, *ignored)[0], 0)
        equal(run_oracle("trees", one, f"{place}/nowhere")[0], 2)


def test_pixels_command():
    with folder() as place:
        one, other = f"{place}/one", f"{place}/other"
        write_output(one, (0,))
        write_output(other, (0,))
        # Equal pixels in another file type are equal.
        png_write.write(f"{other}/images/00/0.png", png_write.encode(
            numpy.zeros((2, 2, 1)), 1, png_decode.PALETTE, palette=[(0, 0, 0)], transparency=b"\0"))
        equal(run_oracle("pixels", one, other), (0, "oracle: 3 images equal, 0 differ\n"))
        png_write.write(f"{other}/images/00/1.png", png_write.encode_rgba(numpy.full((2, 2, 4), 51)))
        os.remove(f"{other}/images/00/2.png")
        status, text = run_oracle("pixels", one, other)
        equal(status, 1)
        assert "1.png: first differing pixel 0,0 got (50, 50, 50, 50) expected (51, 51, 51, 51), 4 pixels" in text, text
        assert "2.png: only in" in text and text.endswith("oracle: 1 images equal, 2 differ\n"), text
        shutil.rmtree(f"{one}/images/00")
        shutil.rmtree(f"{other}/images/00")
        equal(run_oracle("pixels", one, other)[0], 2)


def test_packs_are_deterministic():
    with folder() as place:
        for kind in make_art.KINDS:
            for copy in "ab":
                make_art.main([f"{place}/{kind}-{copy}", kind, "--seed", "9", "--items", "4"])
            equal(oracle.compare_trees(f"{place}/{kind}-a", f"{place}/{kind}-b"), [], kind)
            with open(f"{place}/{kind}-a/collection.json", encoding="utf-8") as stream:
                document = json.load(stream)
            for layer in document["layers"]:
                assert os.path.isdir(f"{place}/{kind}-a/{layer.get('folder', layer['name'])}"), layer


def test_noise_pack_lies_near_ties():
    generator = numpy.random.default_rng(8)
    # The others keep a colour as it is, so no sum is rounded.
    mixing = ("source-atop", "destination-over", "destination-atop", "xor", "lighter")
    for mode in compositing.MODES + mixing:
        pairs = make_art.tie_pair(generator, 61, 47, mode).reshape(2, -1, 4).astype(numpy.int64)
        near = numpy.mean(make_art.tie_distance(pairs, mode) < 0.02)
        assert near > (0.3 if mode in compositing.NON_SEPARABLE_MODES else 0.4), (mode, near)


def main(words):
    """Runs the tests in the order they stand here."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    tests = {**vars(cases_rule), **vars(cases_png), **vars(cases_rules), **globals()}
    for name, test in tests.items():
        if not name.startswith("test_") or (words and not any(word in name for word in words)):
            continue
        try:
            test()
            result = "passed"
        except Skipped as reason:
            result = "skipped"
            print(f"    {reason}")
        except Exception:
            result = "failed"
            traceback.print_exc(file=sys.stdout)
        counts[result] += 1
        print(f"{result} {name}", flush=True)
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
