"""The smallest and the largest that is promised."""

import json
import shutil

import art
from harness import (CRITTERS, check_pixels, check_png_files, expect, expect_equal, images_of,
                     traits_of)


def check_all(bench, count, *words):
    bench.generate("art", "out", "-n", str(count), *words)
    recipes = bench.export_file("recipes.jsonl", "art", "-n", str(count), *words)
    check_pixels(bench.path("art"), recipes, bench.path("out/images"))
    check_png_files(bench.path("out"))
    expect_equal(len(images_of(bench.path("out"))), count, "images")


def test_one_pixel(bench):
    art.make_art(bench.path("art"), {"1 A": ["x", "y"], "2 B": ["z", "w"]}, size=(1, 1))
    check_all(bench, 4)


def test_one_trait_one_item(bench):
    art.make_art(bench.path("art"), {"A": ["only"]})
    check_all(bench, 1)
    bench.refuse(4, "art", "-n", "2", named=("1",))


def test_the_widest_and_the_tallest_canvas(bench):
    for size in ((32767, 1), (1, 32767)):
        folder = bench.path("art")
        art.write(folder / "1 A/x.png", art.noise(*size, 1))
        art.write(folder / "1 A/y.png", art.solid(*size, (1, 2, 3, 255)))
        art.write(folder / "2 B/z.png", art.noise(*size, 2))
        check_all(bench, 2)
        shutil.rmtree(bench.path("out"))


def test_the_thinnest_bands(bench):
    for size in ((300, 70), (1, 2000)):
        folder = bench.path("art")
        art.write(folder / "1 A/x.png", art.noise(*size, 1))
        art.write(folder / "2 B/z.png", art.noise(*size, 2))
        check_all(bench, 1, "--bands", "1")
        shutil.rmtree(bench.path("out"))


def test_three_hundred_layers(bench):
    art.make_art(bench.path("art"), {f"{number:03} L{number}": ["x"] for number in range(300)},
                 size=(20, 20))
    check_all(bench, 1)
    item = json.loads(bench.export("art", "-n", "1"))
    expect_equal([path[:3] for path in item["layers"]], [f"{n:03}" for n in range(300)], "order")
    expect_equal(len(traits_of(item)), 300, "attributes")


def test_three_thousand_traits(bench):
    folder = bench.path("art")
    for number in range(3000):
        art.write(folder / f"2 B/t{number}.png", art.dot(64, 64, number))
    art.write(folder / "1 A/x.png", art.solid(64, 64, (9, 9, 9)))
    outcome = bench.generate("art", "null:", "-n", "3000")
    expect(outcome.seconds < 10, f"{outcome.seconds:.1f} s")
    values = {traits_of(item)["B"] for item in bench.items("art", "-n", "3000")}
    expect_equal(len(values), 3000, "values")
    bench.generate("art", "out", "-n", "3000", "--sample", "50")
    recipes = bench.path("recipes.jsonl")
    made = {path.stem for path in images_of(bench.path("out"))}
    chosen = [item for item in bench.items("art", "-n", "3000") if str(item["id"]) in made]
    recipes.write_text("".join(json.dumps(item) + "\n" for item in chosen), encoding="utf-8")
    check_pixels(folder, recipes, bench.path("out/images"))


def random_terms(chance, layers, traits, count):
    """Traits of so many different layers."""
    return [f"L{layer}/T{chance.randrange(traits)}" for layer in chance.sample(range(layers), count)]


def hostile_rules(chance, layers, traits):
    """Rules by the thousand, each kind hard in its own way."""
    def terms(count):
        return random_terms(chance, layers, traits, count)
    yield [{"forbid": terms(2)} for _ in range(10000)]
    yield [{"forbid": terms(3)} for _ in range(10000)]
    yield [{"at_most": 2, "of": terms(5)} for _ in range(10000)]
    yield [{"if": words[0], "then": words[1:]} for words in (terms(4) for _ in range(5000))]
    yield [{"at_most": 2, "of": terms(10) + terms(10)} for _ in range(100)]
    yield [{"only_with": {f"L{layer}/T{trait}": [f"L{(layer + 1) % layers}/T{(trait + 1) % traits}"]}}
           for layer in range(layers) for trait in range(traits)]


def expect_planned_or_refused(bench, config, count):
    """A plan or one line that says why not; within a bound of time that is generous to slow machines."""
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    outcome = bench.run("plan", "art", "-n", str(count), "-o", "hostile.sgp", "-q", code=None)
    expect(outcome.code in (0, 4), f"{outcome.code}: {outcome.stderr[:300]}")
    expect(outcome.seconds < 60, f"{outcome.seconds:.1f} s")


def test_thousands_of_rules_are_planned_or_refused_in_time(bench):
    chance = bench.random()
    art.make_art(bench.path("art"), {f"L{layer}": [f"T{trait}" for trait in range(25)]
                                     for layer in range(10)}, size=(1, 1))
    for rules in hostile_rules(chance, 10, 25):
        expect_planned_or_refused(bench, {"rules": rules}, 1000)


def test_a_thousand_layers_under_rules_are_planned_or_refused_in_time(bench):
    chance = bench.random()
    art.make_art(bench.path("art"), {f"L{layer}": ["T0", "T1"] for layer in range(1000)},
                 size=(1, 1))
    for rules in ([{"forbid": random_terms(chance, 1000, 2, 2)} for _ in range(500)],
                  [{"forbid": random_terms(chance, 1000, 2, 20)} for _ in range(2000)],
                  [{"at_most": 450, "of": [f"L{layer}/T0" for layer in range(1000)]}]):
        layers = [{"name": f"L{layer}"} for layer in range(1000)]
        expect_planned_or_refused(bench, {"layers": layers, "rules": rules}, 100)


def test_one_hundred_thousand_items(bench):
    layers = {f"{number} L{number}": [f"t{index}" for index in range(20)] for number in range(5)}
    art.make_art(bench.path("art"), layers, size=(8, 8))
    outcome, peak_bytes = bench.measure("generate", "art", "-n", "100000", "-o", "null:", "-q")
    expect(outcome.seconds < 10, f"{outcome.seconds:.1f} s")
    expect(peak_bytes < 200_000_000, f"{peak_bytes / 1e6:.0f} MB")
    lines = bench.export("art", "-n", "100000").splitlines()
    expect_equal(len({line[line.index('"layers"'):] for line in lines}), 100000, "items")


def test_planning_a_dense_collection_is_quick(bench):
    """A fifth of all 493,920 combinations, with uneven weights: many drawn items are alike."""
    outcome = bench.run("plan", CRITTERS, "-n", "100000", "-o", "f.sgp")
    expect(outcome.seconds < 8, f"{outcome.seconds:.1f} s to plan 100,000 items")


def test_large_ids(bench):
    art.make_art(bench.path("art"), {"1 A": ["x", "y"], "2 B": ["z", "w"]})
    bench.generate("art", "out", "-n", "4", "--start", "999999999")
    names = [path.name for path in images_of(bench.path("out"))]
    expect_equal(names, ["999999999.png", "1000000000.png", "1000000001.png", "1000000002.png"],
                 "names")
    bench.run("verify", "out")


def test_many_parts_of_one_trait(bench):
    """A folder whose files are all parts of one trait."""
    folder = bench.path("art")
    for number in range(40):
        art.write(folder / f"1 A/Whole#1/p{number}.png", art.dot(16, 16, number))
    art.write(folder / "1 A/Single#1.png", art.solid(16, 16, (5, 6, 7)))
    bench.generate("art", "out", "-n", "2")
    recipes = bench.export_file("recipes.jsonl", "art", "-n", "2")
    check_pixels(folder, recipes, bench.path("out/images"))
    counts = sorted(len(json.loads(line)["layers"]) for line in recipes.read_text().splitlines())
    expect_equal(counts, [1, 40], "parts")


def test_the_smallest_memory(bench):
    """Less than the program itself takes: an answer or the work done, never a crash."""
    art.small_art(bench.path("art"))
    for size in ("1M", "10M", "60M"):
        outcome = bench.generate("art", "null:", "-n", "9", "--memory", size, code=None)
        expect(outcome.code in (0, 2, 75), f"--memory {size}: exit {outcome.code}")


def test_address_space_that_runs_out(bench):
    """Out of memory is one line and exit 75, at whatever allocation it happens."""
    art.small_art(bench.path("art"))
    codes = set()
    for megabytes in range(10, 200, 10):
        limited = ("sh", "-c", f'ulimit -v {megabytes << 10}; exec "$@"', "sh")
        outcome = bench.run("generate", "art", "-n", "9", "-o", "null:", "-q", "-j1", code=None,
                            before=limited)
        codes.add(outcome.code)
        # Below some limit the dynamic linker itself gives up, with 127.
        expect(outcome.code in (0, 75, 127), f"{megabytes} MB: exit {outcome.code}: "
               f"{outcome.stderr[-200:]!r}")
    expect(0 in codes, f"no limit was enough: {codes}")
