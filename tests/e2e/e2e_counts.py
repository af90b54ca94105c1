"""Counts, weights, optional shares, and what collection.json sets: exact in the summary and in the
metadata files."""

import collections
import itertools
import json
import shutil

import art
from harness import (CRITTERS, all_metadata, check_pixels, expect, expect_equal, expect_one_line,
                     images_of, traits_of)

LAYERS = [{"name": "Back", "folder": "1 Back"}, {"name": "Hat", "folder": "2 Hat"}]


def planned(summary, layer):
    """{trait: how many items} of a layer of the summary."""
    for entry in summary["layers"]:
        if entry["name"] == layer:
            return {trait["name"]: trait["planned"] for trait in entry["traits"]}
    raise AssertionError(f"no layer {layer}")


def counted(out, layer):
    """The same from the metadata files; items without the layer count as None."""
    values = (traits_of(document).get(layer, "None") for document in all_metadata(out))
    return dict(collections.Counter(values))


def check_counts(bench, layer, expected, *words):
    """The summary, the metadata files and the exported plan agree with what is expected."""
    summary = bench.summary("art", "out", *words)
    expect_equal(planned(summary, layer), expected, f"{layer} in the summary")
    used = {name: count for name, count in expected.items() if count}
    expect_equal(counted(bench.path("out"), layer), used, f"{layer} in the metadata")
    items = [json.loads(line) for line in bench.export("art", *words).splitlines()]
    values = collections.Counter(traits_of(item).get(layer, "None") for item in items)
    expect_equal(dict(values), used, f"{layer} in the export")


def wide_art(bench, names, config=None):
    """A layer with names of choice over one with enough traits to keep items apart."""
    return art.make_art(bench.path("art"),
                        {"1 Back": [f"b{index}" for index in range(60)], "2 Hat": names}, config)


def test_weights_come_out_by_largest_remainder(bench):
    wide_art(bench, ["Cap#50", "Crown#30", "Fez#19", "Bowl#1"])
    check_counts(bench, "Hat", {"Bowl": 1, "Cap": 50, "Crown": 30, "Fez": 19}, "-n", "100")


def test_weights_below_one(bench):
    wide_art(bench, ["Cap#0.2", "Crown#0.3", "Fez#0.5"])
    check_counts(bench, "Hat", {"Cap": 20, "Crown": 30, "Fez": 50}, "-n", "100")


def test_weights_of_zero_are_never_drawn(bench):
    wide_art(bench, ["Cap#1", "Crown#0", "Fez#1"])
    check_counts(bench, "Hat", {"Cap": 25, "Crown": 0, "Fez": 25}, "-n", "50")


def test_names_without_weights_are_equal_choices(bench):
    wide_art(bench, ["Cap", "Crown", "Fez"])
    check_counts(bench, "Hat", {"Cap": 20, "Crown": 20, "Fez": 20}, "-n", "60")


def test_a_share_that_is_no_whole_number_is_rounded(bench):
    """100 items in thirds: the counts add up and each is within one of its share."""
    wide_art(bench, ["Cap", "Crown", "Fez"])
    summary = bench.summary("art", "out", "-n", "100")
    counts = planned(summary, "Hat")
    expect_equal(sum(counts.values()), 100, "the sum")
    expect(all(33 <= count <= 34 for count in counts.values()), f"counts {counts}")


def test_fixed_counts_are_exact(bench):
    config = {"layers": LAYERS, "traits": {"Hat/Crown": {"count": 7}, "Hat/Fez": {"count": 0},
                                           "Back/b3": {"count": 2}}}
    art.make_art(bench.path("art"), {"1 Back": [f"b{index}" for index in range(100)],
                                     "2 Hat": ["Cap#1", "Crown#90", "Fez#9"]}, config)
    check_counts(bench, "Hat", {"Cap": 93, "Crown": 7, "Fez": 0}, "-n", "100")
    expect_equal(counted(bench.path("out"), "Back")["b3"], 2, "b3")


def test_optional_shares_are_exact(bench):
    config = {"layers": [LAYERS[0], {**LAYERS[1], "optional": 0.3}]}
    wide_art(bench, ["Cap", "Crown"], config)
    check_counts(bench, "Hat", {"Cap": 35, "Crown": 35, "None": 30}, "-n", "100")


def test_none_files_give_no_attribute_and_no_picture(bench):
    wide_art(bench, ["Cap#40"])
    art.write(bench.path("art/2 Hat/NONE#60.png"), b"")
    check_counts(bench, "Hat", {"Cap": 40, "None": 60}, "-n", "100")
    for line in bench.export("art", "-n", "100").splitlines():
        item = json.loads(line)
        expect_equal(len(item["layers"]), len(item["attributes"]), "layers for attributes")


def test_optional_and_none_together_are_refused(bench):
    wide_art(bench, ["Cap#40"], {"layers": [LAYERS[0], {**LAYERS[1], "optional": 0.3}]})
    art.write(bench.path("art/2 Hat/NONE#60.png"), b"")
    bench.refuse(3, "art", "-n", "10", named=("Hat",))


def test_weights_in_the_file_replace_those_of_names(bench):
    config = {"layers": LAYERS,
              "traits": {"Hat/Crown": {"weight": 0.5}, "Hat/C*p": {"weight": 1.5}}}
    wide_art(bench, ["Cap#100", "Crown#1"], config)
    check_counts(bench, "Hat", {"Cap": 45, "Crown": 15}, "-n", "60")


def test_all_combinations_can_be_made(bench):
    art.small_art(bench.path("art"))
    bench.generate("art", "out", "-n", "9")
    recipes = [tuple(sorted(traits_of(document).items()))
               for document in all_metadata(bench.path("out"))]
    expect_equal(len(set(recipes)), 9, "different items")
    expect_equal(len({path.read_bytes() for path in images_of(bench.path("out"))}), 9,
                 "different images")


def test_all_combinations_of_more_layers(bench):
    """120 of 120: every swap that is left has to be found."""
    art.make_art(bench.path("art"), {"1 A": list("abcde"), "2 B": list("fghi"), "3 C": list("jkl"),
                                     "4 D": list("mn")})
    for seed in ("one", "two", "three"):
        lines = bench.export("art", "-n", "120", "--seed", seed).splitlines()
        layers = {tuple(json.loads(line)["layers"]) for line in lines}
        expect_equal(len(layers), 120, f"different items with seed {seed}")


def test_nearly_all_combinations_are_distinct(bench):
    art.make_art(bench.path("art"), {"1 A": list("abcdefghij"), "2 B": list("klmnopqrst"),
                                     "3 C": list("uvwxyz")})
    for count in (1, 2, 599, 600):
        lines = bench.export("art", "-n", str(count)).splitlines()
        expect_equal(len({tuple(json.loads(line)["layers"]) for line in lines}), count, "items")


def test_counts_are_exact_whenever_they_can_be(bench):
    """That 30,000 items of this art can differ and have exactly the counts asked for was found by
    solving for the shares of all 493,920 combinations: none needs more than 0.985 of an item."""
    document = json.loads(bench.run("plan", CRITTERS, "-n", "30000", "--json").stdout)
    document = document.get("result", document)
    wrong = {f"{layer['name']}/{trait['name']}": trait["planned"] - trait["asked"]
             for layer in document["layers"] for trait in layer["traits"]
             if trait["planned"] != trait["asked"]}
    expect_equal(wrong, {}, "counts that differ")


def test_counts_that_a_set_of_items_has_are_found(bench):
    """Counts taken from a random set of different items can be met, by that set."""
    source = bench.random()
    for _ in range(60):
        sizes = [source.randint(2, 4) for _ in range(source.randint(2, 4))]
        combinations = list(itertools.product(*map(range, sizes)))
        chosen = source.sample(combinations, source.randint(1, len(combinations)))
        counts = {f"L{layer}/t{trait}": sum(item[layer] == trait for item in chosen)
                  for layer, size in enumerate(sizes) for trait in range(size)}
        layers = {f"{layer} L{layer}": [f"t{trait}" for trait in range(size)]
                  for layer, size in enumerate(sizes)}
        config = {"layers": [{"name": name.split()[1], "folder": name} for name in layers],
                  "traits": {name: {"count": count} for name, count in counts.items()}}
        shutil.rmtree(bench.path("art"), ignore_errors=True)
        art.make_art(bench.path("art"), layers, config, size=(1, 1))
        items = bench.items("art", "-n", str(len(chosen)))
        expect_equal(len({tuple(item["layers"]) for item in items}), len(chosen), "items")
        got = collections.Counter(f"{kind}/{value}" for item in items
                                  for kind, value in traits_of(item).items())
        expect_equal({name: got[name] for name in counts}, counts, "counts")


def test_more_items_than_combinations_are_refused(bench):
    art.small_art(bench.path("art"))
    for count in ("10", "1000000"):
        bench.refuse(4, "art", "-n", count, named=("9",))
        outcome = bench.run("plan", "art", "-n", count, code=None)
        expect_one_line(outcome, 4, "9")


def test_fixed_counts_that_cannot_be_met_are_refused(bench):
    for traits in ({"Hat/Crown": {"count": 6}},
                   {"Hat/Crown": {"count": 3}, "Hat/Cap": {"count": 3}},
                   {"Hat/*": {"count": 1}}, {"Back/Red": {"count": 4}}):
        art.small_art(bench.path("art"), {"layers": LAYERS, "traits": traits})
        bench.refuse(4, "art", "-n", "5")


def test_layers_that_need_not_differ_do_not_count(bench):
    config = {"layers": [LAYERS[0], {**LAYERS[1], "distinct": False}]}
    art.small_art(bench.path("art"), config)
    bench.refuse(4, "art", "-n", "4", named=("3",))
    lines = bench.export("art", "-n", "3").splitlines()
    backs = {traits_of(json.loads(line))["Back"] for line in lines}
    expect_equal(len(backs), 3, "different backs")


def test_the_file_decides_count_start_seed_and_names(bench):
    config = {"name": "My \"Art\"", "description": "Two\nlines", "count": 4, "start": 100,
              "seed": "abc", "layers": [LAYERS[0], {**LAYERS[1], "trait_type": "Headwear"}]}
    art.small_art(bench.path("art"), config)
    bench.generate("art", "out")
    documents = all_metadata(bench.path("out"))
    expect_equal([entry["edition"] for entry in documents], [100, 101, 102, 103], "editions")
    expect_equal(documents[0]["name"], 'My "Art" #100', "name")
    expect_equal(documents[0]["description"], "Two\nlines", "description")
    expect_equal(set(traits_of(documents[0])), {"Back", "Headwear"}, "trait types")
    expect(bench.export("art") == bench.export("art", "--seed", "abc"), "the seed is not abc")
    expect_equal(len(bench.export("art", "-n", "2").splitlines()), 2, "items with -n 2")


def check_layer_setting(bench, config, expected):
    """A setting of the file shows in the export, and the pixels are the oracle's."""
    art.small_art(bench.path("art"), config)
    bench.generate("art", "out", "-n", "9")
    recipes = bench.export_file("recipes.jsonl", "art", "-n", "9")
    entries = [entry for line in recipes.read_text().splitlines()
               for entry in json.loads(line)["layers"]
               if "2 Hat" in (entry if isinstance(entry, str) else entry["path"])]
    for entry in entries:
        for key, value in expected.items():
            expect_equal(entry[key], value, key)
    check_pixels(bench.path("art"), recipes, bench.path("out/images"))


def test_blend_opacity_and_place_of_layers(bench):
    hat = {**LAYERS[1], "blend": "multiply", "opacity": 0.4, "at": [3, -2]}
    check_layer_setting(bench, {"layers": [LAYERS[0], hat]},
                        {"blend": "multiply", "opacity": 0.4, "at": [3, -2]})


def test_settings_of_traits_and_layers_multiply(bench):
    hat = {**LAYERS[1], "opacity": 0.8}
    traits = {"Hat/*": {"opacity": 0.5, "blend": "screen"}}
    check_layer_setting(bench, {"layers": [LAYERS[0], hat], "traits": traits},
                        {"blend": "screen", "opacity": 0.4})


def test_z_changes_the_draw_order_only(bench):
    config = {"layers": [{**LAYERS[0], "z": 5}, LAYERS[1]]}
    art.small_art(bench.path("art"), config)
    bench.generate("art", "out", "-n", "9")
    recipes = bench.export_file("recipes.jsonl", "art", "-n", "9")
    for line in recipes.read_text().splitlines():
        item = json.loads(line)
        expect("2 Hat" in item["layers"][0] and "1 Back" in item["layers"][1], f"order {item}")
        expect_equal([entry["trait_type"] for entry in item["attributes"]], ["Back", "Hat"],
                     "attributes")
    check_pixels(bench.path("art"), recipes, bench.path("out/images"))


def test_the_order_in_the_file_is_the_draw_order(bench):
    art.small_art(bench.path("art"), {"layers": [LAYERS[1], LAYERS[0]]})
    item = json.loads(bench.export("art", "-n", "1"))
    expect("2 Hat" in item["layers"][0] and "1 Back" in item["layers"][1], f"order {item}")


def test_the_order_of_options_is_the_draw_order(bench):
    art.small_art(bench.path("art"))
    for words in ("Hat,Back", "2 Hat,1 Back"):
        item = json.loads(bench.export("art", "-n", "1", "--layers", words))
        expect("2 Hat" in item["layers"][0] and "1 Back" in item["layers"][1], f"order {item}")
    item = json.loads(bench.export("art", "-n", "1", "--layers", "Hat"))
    expect_equal(len(item["layers"]), 1, "layers")


def test_numeric_prefixes_are_natural_order(bench):
    names = [f"{number} L{number}" for number in (10, 2, 1, 9, 11)]
    art.make_art(bench.path("art"), {name: ["x", "y"] for name in sorted(names)})
    item = json.loads(bench.export("art", "-n", "1"))
    expect_equal([path.split()[0] for path in item["layers"]], ["1", "2", "9", "10", "11"], "order")


def test_placed_canvas_of_the_file(bench):
    config = {"canvas": {"width": 20, "height": 12},
              "layers": [{**LAYERS[0], "at": [0, 0]}, {**LAYERS[1], "at": [15, 9]}]}
    art.small_art(bench.path("art"), config)
    bench.generate("art", "out", "-n", "9")
    recipes = bench.export_file("recipes.jsonl", "art", "-n", "9")
    check_pixels(bench.path("art"), recipes, bench.path("out/images"), "--canvas", "20x12")
