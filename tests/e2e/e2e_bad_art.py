"""Art folders and collection.json files that cannot be used: exit 3, one line, no output folder."""

import json
import os
import shutil

import art
from harness import expect, expect_one_line


def fresh_art(bench, config=None):
    shutil.rmtree(bench.path("art"), ignore_errors=True)
    return art.small_art(bench.path("art"), config)


def test_missing_folders_are_named(bench):
    bench.refuse(3, "nowhere", "-n", "3", named=("nowhere",))
    bench.refuse(3, "nowhere/collection.json", "-n", "3", named=("nowhere",))


def test_empty_folders_are_named(bench):
    os.makedirs(bench.path("void"))
    bench.refuse(3, "void", "-n", "3", named=("void",))
    art.write(bench.path("void/notes.txt"), b"x")
    bench.refuse(3, "void", "-n", "3", named=("void",))


def test_empty_layer_folders_are_named(bench):
    fresh_art(bench)
    os.makedirs(bench.path("art/3 Nothing"))
    bench.refuse(3, "art", "-n", "3", named=("3 Nothing",))
    art.write(bench.path("art/3 Nothing/.DS_Store"), b"x")
    bench.refuse(3, "art", "-n", "3", named=("3 Nothing",))


def test_files_as_art_are_refused(bench):
    fresh_art(bench)
    bench.refuse(3, "art/1 Back/Red.png", "-n", "3", named=("Red.png",))
    os.mkfifo(bench.path("pipe"))
    bench.refuse(3, "pipe", "-n", "3", named=("pipe",), timeout=10)


def test_weights_in_names_are_checked(bench):
    for name in ("Bad#-5", "Bad#abc", "Bad#1e3", "Bad#1,5", "Bad#nan", "Bad#inf", "Bad#0x10",
                 "Bad#5#6", "Bad#99999999999999999999", "Bad#+5", "Bad#1.5.2", "Bad#"):
        fresh_art(bench)
        art.write(bench.path(f"art/2 Hat/{name}.png"), art.noise(8, 8, 1))
        bench.refuse(3, "art", "-n", "3", named=(name,))


def test_only_zero_weights_are_refused(bench):
    art.make_art(bench.path("art"), {"1 A": ["x#0", "y#0"], "2 B": ["z", "w"]})
    bench.refuse(3, "art", "-n", "2", named=("A",))


def test_unknown_keys_name_the_nearest(bench):
    hat = {"name": "Hat", "folder": "2 Hat"}
    wrong = {"optinal": ({"layers": [{**hat, "optinal": 0.3}]}, "optional"),
             "layer": ({"layer": []}, "layers"), "cuont": ({"cuont": 5}, "count"),
             "widht": ({"canvas": {"widht": 8, "height": 8}}, "width"),
             "wieght": ({"traits": {"Hat/Cap": {"wieght": 2}}}, "weight"),
             "blnd": ({"layers": [{**hat, "blnd": "multiply"}]}, "blend")}
    for key, (config, nearest) in wrong.items():
        fresh_art(bench, config)
        bench.refuse(3, "art", "-n", "3", named=("collection.json", key, nearest))


def test_names_in_the_file_must_exist(bench):
    layers = [{"name": "Back", "folder": "1 Back"}, {"name": "Hat", "folder": "2 Hat"}]
    for config, words in (({"layers": [*layers, {"name": "Shoes"}]}, ("Shoes",)),
                          ({"layers": layers, "traits": {"Hat/Crwon": {"count": 1}}},
                           ("Crwon", "Crown")),
                          ({"layers": layers, "traits": {"Hta/Crown": {"count": 1}}}, ("Hta",)),
                          ({"layers": [{**layers[0], "folder": "../1 Back"}]}, ("..",)),
                          ({"layers": [{**layers[0], "folder": "/etc"}]}, ("folder",)),
                          ({"layers": [{**layers[0], "folder": "2 Hat/Cap.png"}]}, ("Cap.png",))):
        fresh_art(bench, config)
        bench.refuse(3, "art", "-n", "3", named=("collection.json", *words))
    fresh_art(bench, {"layers": [layers[0], layers[0]]})
    bench.refuse(3, "art", "-n", "3", named=("Back",))


def test_values_are_checked(bench):
    hat = {"name": "Hat", "folder": "2 Hat"}
    configs = [{"layers": [{**hat, key: value}]} for key, value in
               (("optional", 1), ("optional", -0.1), ("optional", "0.3"), ("opacity", 1.5),
                ("opacity", -1), ("blend", "multipl"), ("at", [1]), ("at", [1, 2, 3]),
                ("at", [0.5, 1]), ("at", [99999, 0]), ("z", 1.5), ("z", 10 ** 12), ("name", ""),
                ("name", 5), ("distinct", "no"), ("trait_type", ""))]
    configs += [{"traits": {"Hat/Cap": value}, "layers": [hat]} for value in
                ({"count": -1}, {"count": 1.5}, {"weight": -1}, {"weight": "5"},
                 {"weight": 1, "count": 1}, {"count": 10 ** 30}, 5, [])]
    configs += [{"count": 0}, {"count": -1}, {"count": 1.5}, {"count": "5"}, {"start": -1},
                {"seed": 1.5}, {"canvas": {"width": 0, "height": 8}}, {"canvas": {"width": 8}},
                {"layers": []}, {"layers": {}}, {"name": ""}, [], 5, "text", None]
    for config in configs:
        fresh_art(bench)
        art.write_config(bench.path("art"), json.dumps(config))
        try:
            bench.refuse(3, "art", "-n", "3", named=("collection.json",))
        except Exception as error:
            raise type(error)(f"{config}: {error}") from None


def test_malformed_json_names_line_and_column(bench):
    texts = {'{"name": "x",\n  "count": 5\n  "seed": "y"\n}': 3, '{\n"name": "x",\n}': 3,
             '{"name": "x"': 1, "": 1, '{"name": "x"} trailing': 1, "{'name': 'x'}": 1,
             '{\n\n"count": 5, "count": 6}': 3, '{"count": NaN}': 1, '{"name": "\\ud800"}': 1,
             "[" * 5000: 1, '\n{"count": 1e999}': 2}
    for text, line in texts.items():
        fresh_art(bench)
        art.write_config(bench.path("art"), text)
        try:
            bench.refuse(3, "art", "-n", "3", named=(f"collection.json:{line}:",))
        except Exception as error:
            raise type(error)(f"{text[:40]!r}: {error}") from None


def test_json_that_is_not_utf8_is_refused(bench):
    fresh_art(bench)
    art.write(bench.path("art/collection.json"), b'{"name": "caf\xe9"}')
    bench.refuse(3, "art", "-n", "3", named=("collection.json",))
    art.write(bench.path("art/collection.json"), b'{"name": "a\\u0000b"}')
    bench.refuse(3, "art", "-n", "3", named=("collection.json",))


def test_a_file_that_cannot_be_read_is_not_passed_over(bench):
    """Going on without it would make a collection that the user did not ask for."""
    makers = {"pipe": os.mkfifo, "folder": os.mkdir,
              "broken link": lambda path: os.symlink("gone.json", path)}
    for what, make in makers.items():
        fresh_art(bench)
        make(bench.path("art/collection.json"))
        try:
            bench.refuse(3, "art", "-n", "3", named=("collection.json",), timeout=10)
        except Exception as error:
            raise type(error)(f"{what}: {error}") from None


def test_groups_and_items_that_cannot_be_are_refused(bench):
    """Leaving them out silently would make a collection that the user did not ask for."""
    one = {"image": "ones/gold.png"}
    for config, named in (({"groups": [{"name": "x", "layers": []}]}, "groups[0]"),
                          ({"groups": [{"name": "x", "layers": ["Nowhere"]}]}, "Nowhere"),
                          ({"items": [{"id": 1}]}, "items[0]"),
                          ({"items": [one]}, "ones/gold.png"),
                          ({"items": [{"image": "../gold.png"}]}, "items[0]")):
        fresh_art(bench, config)
        outcome = bench.run("generate", "art", "-n", "3", "-o", "refused", code=None)
        expect_one_line(outcome, 3, named)
        expect(not bench.path("refused").exists(), "an output folder was left")


def test_damaged_plans_are_refused(bench):
    fresh_art(bench)
    bench.run("plan", "art", "-n", "9", "-o", "good.sgp")
    data = bench.path("good.sgp").read_bytes()
    pieces = [b"", data[:10], data[:len(data) // 2], data[:-1], b"x" + data[1:],
              bytes(1000), data.replace(b"Hat", b"Hut")]
    step = max(1, len(data) // 60)
    for position in range(0, len(data), step):
        pieces.append(data[:position] + bytes([data[position] ^ 0x41]) + data[position + 1:])
    for piece in pieces:
        bench.path("bad.sgp").write_bytes(piece)
        outcome = bench.run("generate", "art", "--plan", "bad.sgp", "-o", "refused", code=None)
        expect_one_line(outcome, 3, "bad.sgp")
        expect(not bench.path("refused").exists(), f"an output folder was left: {outcome.stderr}")


def test_a_damaged_plan_leaves_nothing_that_stays_damaged(bench):
    """The header's digest names the plan, so a good plan goes on in the folder of a damaged one."""
    fresh_art(bench)
    bench.run("plan", "art", "-n", "9", "-o", "good.sgp")
    data = bench.path("good.sgp").read_bytes()
    first_item = 8 + 4 + 4 + 8 + 8 + 7 * 24 + 8
    bench.path("bad.sgp").write_bytes(data[:first_item] + bytes([data[first_item] ^ 0x41]) +
                                      data[first_item + 1:])
    bench.run("generate", "art", "--plan", "bad.sgp", "-o", "out", "-q", code=3)
    bench.run("generate", "art", "--plan", "good.sgp", "-o", "out", "-q")
    expect(bench.path("out/plan.sgp").read_bytes() == data, "the damaged plan is still there")


def test_bytes_behind_a_plan_are_refused_or_left_out(bench):
    """plan.sgp in the output is decided by the plan alone."""
    fresh_art(bench)
    bench.run("plan", "art", "-n", "9", "-o", "good.sgp")
    data = bench.path("good.sgp").read_bytes()
    bench.path("long.sgp").write_bytes(data + b"x")
    outcome = bench.run("generate", "art", "--plan", "long.sgp", "-o", "out", "-q", code=None)
    expect(outcome.code in (0, 3), f"exit {outcome.code}")
    if outcome.code == 0:
        expect(bench.path("out/plan.sgp").read_bytes() == data, "the copy has the extra byte")


def test_a_plan_with_other_art_is_refused(bench):
    fresh_art(bench)
    bench.run("plan", "art", "-n", "9", "-o", "f.sgp")
    shutil.copyfile(bench.path("art/2 Hat/Fez.png"), bench.path("art/2 Hat/Cap.png"))
    outcome = bench.run("generate", "art", "--plan", "f.sgp", "-o", "refused", code=None)
    expect(outcome.code in (2, 3), f"exit {outcome.code}: {outcome.stderr!r}")
    expect_one_line(outcome, outcome.code, "Cap.png")
