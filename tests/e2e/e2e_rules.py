"""Rules of collection.json: what `inspect` says of them, held against the oracle's words item by item."""

import csv
import io
import json
import random
import shutil
import sys

import art
from harness import (CRITTERS, ORACLE, check_pixels, expect, expect_equal, expect_one_line, metadata_of,
                     need_oracle)

# The oracle of rules needs no more than the standard library.
sys.path.insert(0, str(ORACLE))
import rules  # noqa: E402

FOLDERS = {"A": ["a1", "a2", "b3"], "B": ["x", "y"], "C": ["c1", "c2", "d3", "d4"], "D": ["only"]}
TAGS = ["red", "old", "new"]


def random_traits(chance):
    """Names of traits, patterns and absent ones, of two layers at least."""
    layers = chance.sample(list(FOLDERS), chance.randint(2, 4))
    words = []
    for layer in layers:
        known = [*FOLDERS[layer], FOLDERS[layer][0][0] + "*", "*"] + ["None"] * (layer in "BC")
        words += [f"{layer}/{name}" for name in chance.sample(known, chance.randint(1, 2))]
    chance.shuffle(words)
    return words


def random_rule(chance):
    words = random_traits(chance)
    layers = chance.sample(list(FOLDERS), chance.randint(2, 4))
    first = words[0].split("/")[0]
    others = [word for word in words if not word.startswith(first + "/")]
    return chance.choice([
        {"forbid": words}, {"if": words[0], "then": others}, {"only_with": {words[0]: others}},
        {"if": [word for word in words if word.startswith(first + "/")], "then": others[0]},
        {"same_tag": layers}, {"different_tag": layers}, {"unique": layers},
        {"at_most": chance.randint(0, 2), "of": words}, {"at_least": chance.randint(0, 2), "of": words},
        {"exactly": chance.randint(0, 2), "of": words}, {"at_least": 1, "at_most": 2, "of": words},
        {"order": [layers[0], "below", layers[1]], "if": words}])


def random_config(chance):
    settings = {f"{layer}/{trait}": {"tags": chance.sample(TAGS, chance.randint(0, 2))}
                for layer, traits in FOLDERS.items() for trait in traits if chance.random() < 0.7}
    settings["B/None"] = {"weight": 1, "tags": chance.sample(TAGS, chance.randint(0, 1))}
    settings["A/a*"] = {"tags": ["wild"]}
    layers = [{"name": layer, **({"optional": 0.2} if layer == "C" else {})} for layer in FOLDERS]
    return {"layers": layers, "traits": settings,
            "rules": [random_rule(chance) for _ in range(chance.randint(1, 3))]}


def holds(literals, item):
    return [item[literal["layer"]] in literal["traits"] for literal in literals]


def understood(report, item):
    """Whether an item keeps the rules as `inspect --json` lists them."""
    for rule in report["rules"]:
        if rule["kind"] == "traits" and (not rule["if"] or any(holds(rule["if"], item))) and \
                not rule["at_least"] <= sum(holds(rule["of"], item)) <= rule["at_most"]:
            return False
    return True


def check_config(bench, config):
    """The report's rules allow what the oracle allows; returns how many items, or None for a refusal."""
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    outcome = bench.run("inspect", "art", "--json", code=None)
    judge = rules.Art.from_config(config, FOLDERS)
    if outcome.code == 3:
        lines = outcome.stderr.splitlines()
        expect("rules[" in lines[-1] and "collection.json:1:" in lines[-1], outcome.stderr[:300])
        return None
    expect_equal(outcome.code, 0, outcome.stderr[:300])
    report = json.loads(outcome.stdout)
    for layer in report["layers"]:
        expect_equal({trait["name"] for trait in layer["traits"]}, set(judge.layers[layer["name"]]), "traits")
    allowed = rules.valid_items(judge, config["rules"])
    for item in judge.every_item():
        expect_equal(understood(report, item), item in allowed, f"{config['rules']} {item}")
    return len(allowed)


def test_random_rules_mean_what_they_say(bench):
    chance = bench.random()
    art.make_art(bench.path("art"), FOLDERS)
    answers = []
    for _ in range(150):
        config = random_config(chance)
        answers.append(check_config(bench, config))
        random.Random(1).shuffle(config["rules"])
        expect_equal(check_config(bench, config), answers[-1], "the order of rules mattered")
    read = [answer for answer in answers if answer is not None]
    expect(len(read) > 50 and any(0 < answer < 120 for answer in read), f"too few were read: {answers}")


def test_rules_that_no_item_can_keep_are_refused(bench):
    art.make_art(bench.path("art"), FOLDERS)
    for rule in ({"forbid": ["A/*", "D/only"]}, {"at_least": 2, "of": ["A/None", "B/x"]},
                 {"exactly": 0, "of": ["A/*"]}):
        config = {"rules": [rule]}
        art.write(bench.path("art/collection.json"), json.dumps(config).encode())
        expect_one_line(bench.run("inspect", "art", code=None), 3, "collection.json:1:12: rules[0]")
        expect_equal(rules.valid_items(rules.Art.from_config(config, FOLDERS), [rule]), [], "the oracle")


def drawn_order(config, moves):
    """The layers bottom first, after each rule has moved one right above or below another."""
    order = [layer["name"] for layer in config["layers"]]
    for moved, side, other in moves:
        order.remove(moved)
        order.insert(order.index(other) + (side == "above"), moved)
    return order


def check_plan(bench, config, count):
    """A plan keeps all rules by the oracle's words, or the oracle finds none either; returns the exit code."""
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    judge = rules.Art.from_config(config, FOLDERS)
    outcome = bench.run("plan", "art", "-n", count, "--export", "jsonl", code=None)
    groups = [tuple(judge.layers), *rules.unique_groups(config["rules"])]
    if outcome.code == 4:
        expect_one_line(outcome, 4)
        expect_equal(rules.feasible(judge, config["rules"], count, {}, tuple(judge.layers)), None,
                     f"the oracle plans {count} of {config['rules']}")
    if outcome.code:
        return outcome.code
    allowed = rules.valid_items(judge, config["rules"])
    items = []
    for line in outcome.stdout.splitlines():
        recipe = json.loads(line)
        named = {entry["trait_type"]: entry["value"] for entry in recipe["attributes"]}
        item = {layer: named.get(layer, "None") for layer in judge.layers}
        expect(item in allowed, f"{item} breaks {config['rules']}")
        order = drawn_order(config, rules.active_orders(judge, config["rules"], item))
        expect_equal([path.split("/")[0] for path in recipe["layers"]],
                     [layer for layer in order if item[layer] != "None"], f"order of {item}")
        items.append(item)
    expect_equal(len(items), count, "items")
    for group in groups:
        keys = {tuple(item[layer] for layer in group) for item in items}
        expect_equal(len(keys), count, f"items that differ in {group}, with {config['rules']}")
    return 0


def test_random_plans_keep_their_rules(bench):
    chance = bench.random()
    art.make_art(bench.path("art"), FOLDERS)
    codes = [check_plan(bench, random_config(chance), chance.randint(1, 5)) for _ in range(120)]
    expect(codes.count(0) > 30, f"too few were planned: {codes}")


def test_a_collection_under_rules_is_made(bench):
    """Counts to the unit, a rule that changes the draw order, and items drawn by it."""
    art.make_art(bench.path("art"), FOLDERS)
    config = {"count": 8, "layers": [{"name": layer} for layer in FOLDERS],
              "traits": {"A/a1": {"count": 2}, "B/x": {"count": 5}, "C/c1": {"max": 1}},
              "rules": [{"forbid": ["A/a1", "B/y"]},
                        {"if": "A/a1", "order": ["A", "above", "C"]}]}
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    bench.run("generate", "art", "-o", "out")
    bench.run("verify", "out")
    told = bench.run("plan", "art", "--explain").stdout
    expect("capacity: " in told, "no capacity")
    expect("rules: how many of 8 items" in told, "no use of rules")
    report = json.loads(bench.run("plan", "art", "--json").stdout)
    expect_equal([(rule["rule"], rule["kind"], rule["text"]) for rule in report["rules"]["list"]],
                 [(1, "traits", json.dumps(config["rules"][0])),
                  (2, "order", json.dumps(config["rules"][1]))], "the rules told")
    expect_equal(report["rules"]["list"][1]["applies"], 2, "items that the order is about")
    rows = [json.loads(line) for line in
            bench.run("plan", "art", "--export", "jsonl").stdout.splitlines()]
    paths = [path for row in rows for path in row["layers"]]
    counts = {name: sum(path.startswith(name) for path in paths) for name in ("A/a1", "B/x", "C/c1")}
    expect_equal((counts["A/a1"], counts["B/x"]), (2, 5), "fixed counts")
    expect(counts["C/c1"] <= 1, "the most of a trait")
    for row in rows:
        first = row["layers"][0].startswith("A/")
        expect_equal(first, "A/a1.png" not in row["layers"], f"order of {row['layers']}")


def test_counts_that_rules_do_not_allow_are_explained(bench):
    art.make_art(bench.path("art"), FOLDERS)
    config = {"traits": {"C/c1": {"weight": 9}, "A/a1": {"count": 1}},
              "rules": [{"only_with": {"C/c1": ["A/a1"]}}]}
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    outcome = bench.run("plan", "art", "-n", "8", "--json")
    expect("not all counts could be met: C/c1 " in outcome.stderr, outcome.stderr)
    counts = json.loads(outcome.stdout)["counts"]
    first = counts["reasons"][0]
    expect_equal((first["layer"], first["trait"], first["asked"]), ("C", "c1", 6), "the furthest")
    expect(first["planned"] <= 1 and counts["deviation"] >= 10, f"deviation: {counts}")
    expect(first["reason"].startswith("at most 1 ") and "rule 1 (" in first["reason"], first["reason"])


def test_a_count_that_a_group_has_no_room_for_is_told(bench):
    art.make_art(bench.path("art"), FOLDERS)
    config = {"traits": {"B/x": {"count": 4}}, "rules": [{"unique": ["A", "B"]}]}
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    outcome = bench.run("plan", "art", "-n", "5", code=None)
    expect_one_line(outcome, 4, "B/x asks for 4 items, but a unique group leaves room for 3")


def test_groups_that_are_nearly_full_are_planned(bench):
    """Foxes have few eyes to choose from, and a group may not repeat: counts must give way, not the plan."""
    shutil.copytree(CRITTERS, bench.path("critters"))
    names = ["Background", "Body", "Clothes", "Mouth", "Eyes", "Eyewear", "Hat"]
    config = {"layers": [{"name": name, "folder": f"{number:02}_{name}"}
                         for number, name in enumerate(names, 1)],
              "rules": [{"forbid": ["Hat/Crown", "Eyewear/*"]},
                        {"if": "Body/Fox", "then": ["Eyes/Sleepy", "Eyes/Wink"]},
                        {"at_most": 1, "of": ["Hat/Crown", "Clothes/Cosy Scarf"]},
                        {"unique": ["Body", "Eyes", "Hat", "Mouth"]}]}
    art.write(bench.path("critters/collection.json"), json.dumps(config).encode())
    for count, seed in ((600, "a"), (600, "b"), (2000, "a")):
        outcome = bench.run("plan", "critters", "-n", count, "--seed", seed, "--export", "csv")
        expect_equal(len(outcome.stdout.splitlines()), count + 1, "rows")


def random_groups(chance):
    """Stacks of some layers in some order, with counts, and perhaps a one-of-one item."""
    groups = [{"name": f"g{number}", "count": chance.randint(1, 2),
               "layers": chance.sample(list(FOLDERS), chance.randint(1, 4))} for number in range(2)]
    return groups, [{"image": "ones/gold.png", "name": "Gold"}] * chance.randint(0, 1)


def check_grouped_plan(bench, config):
    """As check_plan, with groups; returns the exit code."""
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    stacks = {group["name"]: group["layers"] for group in config["groups"]}
    stacks.update({item["name"]: [] for item in config["items"]})
    judge = rules.Art.from_config(config, FOLDERS).with_groups(stacks)
    counts = {f"Group/{group['name']}": group["count"] for group in config["groups"]}
    counts.update({f"Group/{item['name']}": 1 for item in config["items"]})
    count = sum(counts.values())
    outcome = bench.run("plan", "art", "--export", "csv", code=None)
    if outcome.code == 4:
        expect_one_line(outcome, 4)
        expect_equal(rules.feasible(judge, config["rules"], count, counts, tuple(FOLDERS)), None,
                     f"the oracle plans {config}")
    if outcome.code:
        return outcome.code
    rows = list(csv.DictReader(io.StringIO(outcome.stdout)))
    allowed = rules.valid_items(judge, config["rules"])
    for row in rows:
        expect({key: value for key, value in row.items() if key != "id"} in allowed,
               f"{row} breaks {config}")
    for word, wanted in counts.items():
        expect_equal(sum(row["Group"] == word.split("/")[1] for row in rows), wanted, word)
    plain = [tuple(row[layer] for layer in FOLDERS) for row in rows if row["Group"] != "Gold"]
    expect_equal(len(set(plain)), len(plain), f"items that differ, with {config}")
    return 0


def test_random_groups_keep_their_rules_and_stacks(bench):
    chance = bench.random()
    art.make_art(bench.path("art"), FOLDERS)
    art.write(bench.path("art/ones/gold.png"), art.noise(8, 8, 1))
    codes = []
    for _ in range(120):
        config = random_config(chance)
        config["groups"], config["items"] = random_groups(chance)
        codes.append(check_grouped_plan(bench, config))
    expect(codes.count(0) > 30 and codes.count(4) > 2, f"too few were planned or refused: {codes}")


def test_groups_and_one_of_ones_are_made(bench):
    """Stacks in their own order, items at their ids with their own attributes, pixels as the oracle has them."""
    need_oracle()
    art.make_art(bench.path("art"), FOLDERS)
    art.write(bench.path("art/ones/gold.png"), art.noise(8, 8, 1))
    art.write(bench.path("art/ones/small.png"), art.noise(3, 2, 2))
    config = {"start": 10, "shuffle": False,
              "groups": [{"name": "one", "count": 5, "layers": ["C", "A"]},
                         {"name": "two", "count": 4, "layers": ["B", "D", "C"]}],
              "items": [{"id": 12, "image": "ones/gold.png", "attributes": {"Kind": "Gold", "Power": 0.1, "Old": True}},
                        {"image": "ones/small.png", "at": [2, 1], "name": "Small"}]}
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    bench.run("generate", "art", "-o", "out")
    bench.run("verify", "out")
    expect_equal(metadata_of(bench.path("out"), 12)["attributes"],
                 [{"trait_type": "Kind", "value": "Gold"}, {"trait_type": "Power", "value": 0.1},
                  {"trait_type": "Old", "value": True}], "the item's own attributes")
    rows = list(csv.DictReader(io.StringIO(bench.run("plan", "art", "--export", "csv").stdout)))
    expect_equal([row["Group"] for row in rows if row["Group"] in ("one", "two")], ["one"] * 5 + ["two"] * 4,
                 "group after group")
    expect_equal(rows[2]["Group"], "gold", "the place of an item")
    lines = bench.run("plan", "art", "--export", "jsonl").stdout
    bench.path("recipes.jsonl").write_text(lines)
    check_pixels(bench.path("art"), bench.path("recipes.jsonl"), bench.path("out/images"))
    orders = {"one": ["C", "A"], "two": ["B", "D", "C"]}
    for row, line in zip(rows, lines.splitlines()):
        recipe = json.loads(line)
        if row["Group"] in orders:
            expect_equal([path.split("/")[0] for path in recipe["layers"]], orders[row["Group"]], "draw order")
            expect("Group" not in [entry["trait_type"] for entry in recipe["attributes"]], "a group's attribute")
    bench.run("render", "art", "--id", "12", "-o", "one.png")
    expect_equal(bench.path("one.png").read_bytes(), bench.path("out/images/12.png").read_bytes(), "render")


def test_counts_of_groups_that_do_not_add_up_are_told(bench):
    art.make_art(bench.path("art"), FOLDERS)
    config = {"groups": [{"name": "one", "count": 5, "layers": ["C", "A"]}]}
    art.write(bench.path("art/collection.json"), json.dumps(config).encode())
    expect_one_line(bench.run("plan", "art", "-n", "7", code=None), 4, "add up to 5, but 7 items")
    bench.run("plan", "art", "-n", "5")
