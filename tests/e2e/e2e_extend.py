"""`plan --extend`: old items stay to the byte, new ones join them, counts are those of the whole."""

import collections
import itertools
import json
import sys

import art
from harness import (CRITTERS, ORACLE, check_pixels, expect, expect_equal, expect_one_line, metadata_of,
                     traits_of)

# The oracle of rules needs no more than the standard library.
sys.path.insert(0, str(ORACLE))
import rules  # noqa: E402


def plan(bench, out, *words, folder="art", **options):
    return bench.run("plan", folder, "-o", out, *words, **options)


def extend(bench, old, out, count, *words, **options):
    return plan(bench, out, "--extend", old, "-n", count, *words, **options)


def counts(items, layer):
    return dict(collections.Counter(traits_of(item).get(layer, "None") for item in items))


def check_grown(bench, old, new, folder="art"):
    """Old items come first as they were, no two items are alike; returns all of them."""
    before = bench.items(folder, "--plan", old)
    after = bench.items(folder, "--plan", new)
    expect_equal(after[:len(before)], before, "the old items")
    layers = [json.dumps(item["layers"]) for item in after]
    expect_equal(len(set(layers)), len(layers), "items that differ")
    expect_equal([item["id"] for item in after],
                 list(range(before[0]["id"], before[0]["id"] + len(after))), "ids")
    return after


def same_images(bench, old, new, count, folder="art"):
    """The first items' files have the same bytes from both plans."""
    bench.generate(folder, "old", "--plan", old)
    bench.generate(folder, "new", "--plan", new)
    for item in range(1, count + 1):
        first = bench.path(f"old/images/{item}.png").read_bytes()
        expect(first == bench.path(f"new/images/{item}.png").read_bytes(), f"image {item} changed")
        expect_equal(metadata_of(bench.path("new"), item), metadata_of(bench.path("old"), item),
                     f"metadata {item}")


def test_old_items_keep_their_bytes(bench):
    """Of the project's own art, extended twice; the new items are what the oracle composes."""
    bench.path("art").symlink_to(CRITTERS)
    size = ("--size", "64x64", "--resample", "nearest")
    plan(bench, "a.sgp", "-n", 60, "--png", "fast", "--bands", 7, *size)
    extend(bench, "a.sgp", "b.sgp", 100)
    extend(bench, "b.sgp", "c.sgp", 150)
    check_grown(bench, "b.sgp", "c.sgp")
    same_images(bench, "a.sgp", "c.sgp", 60)
    recipes = bench.export_file("all.jsonl", "art", "--plan", "c.sgp")
    check_pixels(CRITTERS, recipes, bench.path("new/images"), "--size", "64x64")


def test_made_art_keeps_its_bytes(bench):
    bench.path("art").symlink_to(bench.painting)
    plan(bench, "a.sgp", "-n", 80, "--start", 1, "--seed", "spring")
    extend(bench, "a.sgp", "b.sgp", 200)
    check_grown(bench, "a.sgp", "b.sgp")
    same_images(bench, "a.sgp", "b.sgp", 80)


def test_counts_are_exact_over_the_whole(bench):
    names = ["Cap#50", "Crown#30", "Fez#19", "Bowl#1"]
    art.make_art(bench.path("art"), {"1 Back": [f"b{index}" for index in range(120)], "2 Hat": names})
    plan(bench, "a.sgp", "-n", 57)
    extend(bench, "a.sgp", "b.sgp", 200)
    expect_equal(counts(check_grown(bench, "a.sgp", "b.sgp"), "Hat"),
                 {"Bowl": 2, "Cap": 100, "Crown": 60, "Fez": 38}, "hats")


def test_what_old_items_have_too_often_is_taken_from_the_others(bench):
    folders = {"Back": [f"b{index}" for index in range(80)], "Hat": ["Cap", "Crown", "Fez"]}
    layers = [{"name": "Back"}, {"name": "Hat"}]
    weights = {"Hat/Cap": {"weight": 8}, "Hat/Crown": {"weight": 1}, "Hat/Fez": {"weight": 1}}
    art.make_art(bench.path("art"), folders, {"layers": layers, "traits": weights})
    plan(bench, "a.sgp", "-n", 50)
    weights["Hat/Cap"] = {"weight": 0}
    weights["Hat/Crown"] = {"weight": 3}
    art.write_config(bench.path("art"), {"layers": layers, "traits": weights})
    extend(bench, "a.sgp", "b.sgp", 100)
    expect_equal(counts(check_grown(bench, "a.sgp", "b.sgp"), "Hat"), {"Cap": 40, "Crown": 45, "Fez": 15},
                 "hats, of which no new item is a cap")
    weights["Hat/Crown"] = {"count": 5}
    art.write_config(bench.path("art"), {"layers": layers, "traits": weights})
    extend(bench, "a.sgp", "b.sgp", 100)
    expect_equal(counts(bench.items("art", "--plan", "b.sgp"), "Hat"), {"Cap": 40, "Crown": 5, "Fez": 55},
                 "no more crowns")
    for setting, words in (({"count": 4}, ("Hat/Crown", "5 items", '"count" allows 4')),
                           ({"max": 3}, ("Hat/Crown", "5 items", '"max" allows 3')),
                           ({"count": 56}, ("layer Hat", "need 101 items"))):
        weights["Hat/Crown"] = setting
        art.write_config(bench.path("art"), {"layers": layers, "traits": weights})
        expect_one_line(extend(bench, "a.sgp", "b.sgp", 100, code=4), 4, *words)


def test_every_combination_is_reached(bench):
    """24 combinations less those that a rule forbids, in four steps."""
    folders = {"A": ["a", "b", "c"], "B": ["p", "q"], "C": ["w", "x", "y", "z"]}
    forbidden = [{"forbid": ["A/a", "C/w"]}, {"if": "B/q", "then": ["A/a", "A/b"]}]
    config = {"layers": [{"name": layer} for layer in folders], "rules": forbidden}
    art.make_art(bench.path("art"), folders, config)
    judge = rules.Art.from_config(config, folders)
    valid = rules.valid_items(judge, forbidden)
    plan(bench, "0.sgp", "-n", 3)
    steps = [8, 12, len(valid)]
    for step, count in enumerate(steps):
        extend(bench, f"{step}.sgp", f"{step + 1}.sgp", count)
        items = check_grown(bench, f"{step}.sgp", f"{step + 1}.sgp")
        expect_equal(len(items), count, "items")
    got = {tuple(sorted(traits_of(item).items())) for item in items}
    expect_equal(got, {tuple(sorted(item.items())) for item in valid}, "all valid items")
    expect_one_line(extend(bench, "3.sgp", "4.sgp", len(valid) + 1, code=4), 4, "1 new items")


def test_unique_groups_hold_between_old_and_new(bench):
    folders = {"A": list("abcde"), "B": list("pqrst"), "C": list("uvwxyz")}
    config = {"layers": [{"name": layer} for layer in folders], "rules": [{"unique": ["A", "B"]}]}
    art.make_art(bench.path("art"), folders, config)
    plan(bench, "a.sgp", "-n", 11)
    extend(bench, "a.sgp", "b.sgp", 25)
    pairs = {(traits_of(item)["A"], traits_of(item)["B"]) for item in check_grown(bench, "a.sgp", "b.sgp")}
    expect_equal(pairs, set(itertools.product("abcde", "pqrst")), "pairs")
    expect_one_line(extend(bench, "b.sgp", "c.sgp", 26, code=4), 4, "1 new items", "only 0")


def test_old_items_that_break_a_new_rule_stay(bench):
    folders = {"A": list("abcd"), "B": list("pqrs"), "C": list("wxyz")}
    layers = [{"name": layer} for layer in folders]
    art.make_art(bench.path("art"), folders, {"layers": layers})
    plan(bench, "a.sgp", "-n", 32)
    art.write_config(bench.path("art"), {"layers": layers, "rules": [{"forbid": ["A/a", "B/*"]}]})
    outcome = extend(bench, "a.sgp", "b.sgp", 40)
    expect("break rules of today 8 times, rule 1 " in outcome.stderr, outcome.stderr)
    items = check_grown(bench, "a.sgp", "b.sgp")
    expect_equal(counts(items[32:], "A").get("a", 0), 0, "new items with A/a")


def test_new_traits_and_optional_layers_join(bench):
    folders = {"Back": list("abcdefgh"), "Hat": ["Cap", "Fez"]}
    art.make_art(bench.path("art"), folders, {"layers": [{"name": "Back"}, {"name": "Hat"}]})
    plan(bench, "a.sgp", "-n", 12)
    art.write(bench.path("art/Hat/Crown.png"), art.dot(8, 8, 41))
    art.write(bench.path("art/Eyes/Open.png"), art.dot(8, 8, 42))
    layers = [{"name": "Back"}, {"name": "Eyes", "optional": 0.5}, {"name": "Hat"}]
    art.write_config(bench.path("art"), {"layers": layers})
    extend(bench, "a.sgp", "b.sgp", 36)
    items = bench.items("art", "--plan", "b.sgp")
    expect_equal(counts(items, "Hat"), {"Cap": 12, "Fez": 12, "Crown": 12}, "hats")
    expect_equal(counts(items, "Eyes"), {"None": 18, "Open": 18}, "eyes")
    expect_equal(counts(items[:12], "Eyes"), {"None": 12}, "old items' eyes")
    same_images(bench, "a.sgp", "b.sgp", 12)
    layers[1] = {"name": "Eyes"}
    art.write_config(bench.path("art"), {"layers": layers})
    expect_one_line(extend(bench, "a.sgp", "c.sgp", 36, code=3), 3, "layer Eyes", '"optional"')


def test_recipes_keep_ids_orders_and_attributes(bench):
    """A plan of given recipes; what follows from traits is told of new items only."""
    folders = {"Back": list("abcd"), "Hat": ["Cap", "Fez", "Bowl"]}
    art.make_art(bench.path("art"), folders, {"layers": [{"name": "Back"}, {"name": "Hat", "optional": 0.2}]})
    given = [{"id": 4, "layers": ["Back/a.png", "Hat/Cap.png"], "attributes": [{"value": "first"}]},
             {"id": 9, "layers": ["Hat/Fez.png", "Back/b.png"], "attributes": []},
             {"id": 12, "layers": ["Back/c.png"], "attributes": [{"trait_type": "Hat", "value": "Cap"}]}]
    art.write(bench.path("given.jsonl"), "\n".join(map(json.dumps, given)).encode())
    plan(bench, "a.sgp", "--recipes", "given.jsonl")
    extend(bench, "a.sgp", "b.sgp", 10)
    items = bench.items("art", "--plan", "b.sgp")
    expect_equal(items[:3], bench.items("art", "--plan", "a.sgp"), "the old items")
    expect_equal([item["id"] for item in items], [4, 9, 12, *range(13, 20)], "ids")
    for item in items[3:]:
        worn = [path.removesuffix(".png").split("/") for path in item["layers"]]
        expect_equal(list(traits_of(item).items()), [tuple(pair) for pair in worn], f"item {item['id']}")
    recipes = bench.export_file("all.jsonl", "art", "--plan", "b.sgp")
    bench.generate("art", "out", "--plan", "b.sgp")
    check_pixels(bench.path("art"), recipes, bench.path("out/images"))


def test_orders_of_rules_join_old_orders(bench):
    folders = {"A": list("ab"), "B": list("pq"), "C": list("xyz")}
    layers = [{"name": layer} for layer in folders]
    art.make_art(bench.path("art"), folders, {"layers": layers})
    plan(bench, "a.sgp", "-n", 6)
    order = [{"if": "A/a", "order": ["C", "below", "B"]}]
    art.write_config(bench.path("art"), {"layers": layers, "rules": order})
    extend(bench, "a.sgp", "b.sgp", 12)
    for index, item in enumerate(check_grown(bench, "a.sgp", "b.sgp")):
        stack = [path[0] for path in item["layers"]]
        moved = index >= 6 and traits_of(item)["A"] == "a"
        expect_equal(stack, list("ACB" if moved else "ABC"), f"item {index}")


def test_art_that_changed_is_refused(bench):
    folders = {"Back": list("abcdef"), "Hat": ["Cap", "Fez", "Bowl"]}
    config = {"layers": [{"name": "Back"}, {"name": "Hat"}]}
    art.make_art(bench.path("art"), folders, config)
    plan(bench, "a.sgp", "-n", 12)
    cap = bench.path("art/Hat/Cap.png")
    kept = cap.read_bytes()
    cap.write_bytes(art.dot(8, 8, 63))
    expect_one_line(extend(bench, "a.sgp", "b.sgp", 15, code=3), 3, "Hat/Cap", "looks different", "old picture")
    cap.unlink()
    expect_one_line(extend(bench, "a.sgp", "b.sgp", 15, code=3), 3, "Hat/Cap", "4 items", "put it back")
    cap.write_bytes(kept)
    config["traits"] = {"Hat/Cap": {"z": 3}}
    art.write_config(bench.path("art"), config)
    expect_one_line(extend(bench, "a.sgp", "b.sgp", 15, code=3), 3, "Hat/Cap", "put them back")
    config = {"layers": [{"name": "Back"}, {"name": "Head", "folder": "Hat"}]}
    art.write_config(bench.path("art"), config)
    expect_one_line(extend(bench, "a.sgp", "b.sgp", 15, code=3), 3, "layer Hat", "put it back")
    art.write_config(bench.path("art"), {"layers": config["layers"], "canvas": {"width": 9, "height": 9}})
    outcome = extend(bench, "a.sgp", "b.sgp", 15, code=None)
    expect_one_line(outcome, 3)
    expect(not bench.path("b.sgp").exists(), "a plan was written")


def test_no_plan_and_no_growth_are_told(bench):
    art.small_art(bench.path("art"))
    plan(bench, "a.sgp", "-n", 5)
    for count in (1, 5):
        expect_one_line(extend(bench, "a.sgp", "b.sgp", count, code=2), 2, "a.sgp has 5 items already")
    expect_one_line(extend(bench, "none.sgp", "b.sgp", 9, code=3), 3, "none.sgp")
    bench.path("other.sgp").write_bytes(b"no plan at all" * 40)
    expect_one_line(extend(bench, "other.sgp", "b.sgp", 9, code=3), 3, "not a plan file")
    data = bytearray(bench.path("a.sgp").read_bytes())
    data[len(data) // 2] ^= 1
    bench.path("bad.sgp").write_bytes(data)
    expect_one_line(extend(bench, "bad.sgp", "b.sgp", 9, code=3), 3, "bad.sgp", "damaged")
    expect_one_line(plan(bench, "b.sgp", "--extend", "a.sgp", code=2), 2, "--count N")


def test_choices_that_do_not_hold_are_made_anew_and_told(bench):
    grey = [bytes((40 * level, 40 * level, 40 * level)) for level in range(6)]
    for level, colour in enumerate(grey):
        art.write(bench.path(f"art/Back/g{level}.png"), art.solid(16, 16, colour))
    art.write(bench.path("art/Hat/Cap#1.png"), art.solid(16, 16, bytes((9, 9, 9, 70))))
    art.write(bench.path("art/Hat/NONE#1.png"), b"")
    plan(bench, "a.sgp", "-n", 6)
    expect("anew" not in extend(bench, "a.sgp", "b.sgp", 9).stderr, "a warning without a reason")
    same_images(bench, "a.sgp", "b.sgp", 6)
    art.write(bench.path("art/Back/red.png"), art.solid(16, 16, bytes((250, 0, 0))))
    outcome = extend(bench, "a.sgp", "c.sgp", 14)
    expect("chosen anew" in outcome.stderr and "grey" in outcome.stderr, outcome.stderr)
    recipes = bench.export_file("all.jsonl", "art", "--plan", "c.sgp")
    bench.generate("art", "out", "--plan", "c.sgp")
    check_pixels(bench.path("art"), recipes, bench.path("out/images"))


def test_one_seed_one_extension(bench):
    bench.path("art").symlink_to(bench.painting)
    plan(bench, "a.sgp", "-n", 40)
    for out, words in (("b.sgp", ("-j", 1)), ("c.sgp", ("-j", 4)), ("d.sgp", ("--seed", "other"))):
        extend(bench, "a.sgp", out, 90, *words)
    first = bench.path("b.sgp").read_bytes()
    expect(first == bench.path("c.sgp").read_bytes(), "the same extension came out differently")
    expect(first != bench.path("d.sgp").read_bytes(), "another seed gave the same extension")


def grouped_config(lions, tigers, items):
    """Two groups of which one lacks a layer, and one-of-one items at their ids."""
    return {"name": "Grouped", "layers": [{"name": name} for name in ("Back", "Body", "Eyes", "Hat")],
            "groups": [{"name": "Lion", "count": lions, "layers": ["Back", "Body", "Hat"]},
                       {"name": "Tiger", "count": tigers, "layers": ["Back", "Eyes", "Body", "Hat"]}],
            "items": [{"id": number, "name": f"One {number}", "image": "ones/gold.png",
                       "attributes": {"Kind": "Gold"}} for number in items],
            "rules": [{"unique": ["Body", "Eyes", "Hat"]}]}


def test_groups_and_one_of_ones_grow(bench):
    folder = art.make_art(bench.path("art"), {
        "Back": ["Red", "Green", "Blue"], "Body": ["Cat", "Dog", "Owl", "Pig"],
        "Eyes": ["A", "B", "C", "D"], "Hat": ["Cap", "Crown", "Fez"]})
    art.write(folder / "ones" / "gold.png", art.solid(8, 8, (255, 200, 0, 255)))
    config = folder / "collection.json"
    config.write_text(json.dumps(grouped_config(20, 30, [3])), encoding="utf-8")
    bench.generate(folder, "old")
    old = bench.path("old") / "plan.sgp"
    config.write_text(json.dumps(grouped_config(28, 40, [3, 50])), encoding="utf-8")
    expect_one_line(bench.run("plan", folder, "--extend", old, "-n", "70", "-o", "new.sgp", code=None),
                    3, "One 50", "from 52 to 70")
    config.write_text(json.dumps(grouped_config(28, 40, [3, 60])), encoding="utf-8")
    bench.run("plan", folder, "--extend", old, "-n", "70", "-o", "new.sgp")
    bench.generate(folder, "new", "--plan", "new.sgp")
    for number in range(1, 52):
        for path in (f"images/{number}.png", f"metadata/{number}.json"):
            expect_equal((bench.path("new") / path).read_bytes(),
                         (bench.path("old") / path).read_bytes(), path)
    rows = [line.split(",") for line in
            bench.export(folder, "--plan", "new.sgp", form="csv").splitlines()[1:]]
    groups = collections.Counter(row[5] for row in rows)
    expect_equal(groups, {"Lion": 28, "Tiger": 40, "One 3": 1, "One 60": 1}, "groups")
    expect_equal([row[0] for row in rows if row[5].startswith("One")], ["3", "60"], "ids")
    expect(all((row[3] == "None") == (row[5] != "Tiger") for row in rows), "eyes beside a stack")
    tigers = [tuple(row[2:5]) for row in rows if row[5] == "Tiger"]
    expect_equal(len(set(tigers)), 40, "different bodies, eyes and hats")
    expect_equal(traits_of(metadata_of(bench.path("new"), 60)), {"Kind": "Gold"}, "attributes")
