"""Recipes that exist already: exports read back, published metadata, and one item by its traits."""

import json
import os
import random
import shutil

import art
from harness import (CRITTERS, all_metadata, expect, expect_equal, expect_one_line, metadata_of,
                     need_pack, same_pixels, traits_of)

# Rules, a changed draw order, a place in depth and opacity, over the project's own art.
RULES = {"count": 60, "seed": "recipes",
         "layers": [{"name": name} for name in ("Background", "Body", "Clothes", "Mouth")] +
                   [{"name": "Eyes", "z": 1}, {"name": "Eyewear", "z": 1, "opacity": 0.75},
                    {"name": "Hat"}],
         "traits": {"Hat/Crown": {"weight": 30}},
         "rules": [{"forbid": ["Hat/Crown", "Clothes/Hoodie"]},
                   {"if": "Body/Cat", "order": ["Hat", "below", "Body"]}]}


def critters(bench, config=None):
    folder = bench.path("critters")
    shutil.copytree(CRITTERS, folder)
    if config:
        art.write_config(folder, config)
    return folder


def counts_of(bench, folder, *words):
    """What was asked for and what is planned, trait by trait."""
    plan = json.loads(bench.run("plan", folder, "--json", *words).stdout)
    return [(layer["name"], trait["name"], trait["asked"], trait["planned"])
            for layer in plan["layers"] for trait in layer["traits"]]


def check_same_items(bench, folder, recipes, words):
    """Images and metadata of recipes are those of the plan."""
    bench.generate(folder, "first", *words)
    bench.generate(folder, "second", "--recipes", recipes)
    same_pixels(bench.path("first"), bench.path("second"))
    expect_equal(all_metadata(bench.path("second")), all_metadata(bench.path("first")), "metadata")


def check_table(bench, folder, *words):
    """A CSV gives the plan that it came from, its orders and counts too."""
    table = bench.path("items.csv")
    table.write_text(bench.export(folder, *words, form="csv"), encoding="utf-8")
    for form in ("csv", "jsonl"):
        expect_equal(bench.export(folder, "--recipes", table, form=form),
                     bench.export(folder, *words, form=form), f"the {form} of the CSV")
    expect_equal(counts_of(bench, folder, "--recipes", table), counts_of(bench, folder, *words),
                 "counts")
    return table


def check_lines(bench, folder, *words):
    """JSON Lines name files, so that they come out the same again."""
    lines = bench.export_file("items.jsonl", folder, *words)
    expect_equal(bench.export(folder, "--recipes", lines), lines.read_text(encoding="utf-8"),
                 "the second export")
    return lines


def test_exports_of_folders_are_read_back(bench):
    folder, words = critters(bench), ("-n", "60", "--start", "7")
    check_same_items(bench, folder, check_table(bench, folder, *words), words)
    bench.generate(folder, "third", "--recipes", check_lines(bench, folder, *words))
    same_pixels(bench.path("first"), bench.path("third"))


def test_exports_of_rules_and_orders_are_read_back(bench):
    folder = critters(bench, RULES)
    lines = [json.loads(line)["layers"] for line in bench.export(folder).splitlines()]
    expect(any("Hat" in layers[1] for layers in lines), "no hat is drawn below a body")
    check_same_items(bench, folder, check_table(bench, folder), ())
    bench.generate(folder, "third", "--recipes", check_lines(bench, folder))
    same_pixels(bench.path("first"), bench.path("third"))


def test_the_real_recipes_are_read_back(bench):
    folder = need_pack("mfers")
    given = folder / "recipes.jsonl"
    few = bench.path("few.jsonl")
    few.write_text("".join(given.read_text(encoding="utf-8").splitlines(True)[:40]),
                   encoding="utf-8")
    check_same_items(bench, folder, check_lines(bench, folder, "--recipes", few),
                     ("--recipes", few))
    all_lines = bench.export_file("all.jsonl", folder, "--recipes", given)
    expect_equal(bench.export(folder, "--recipes", all_lines),
                 all_lines.read_text(encoding="utf-8"), "all of them")


def test_tables_of_spreadsheets_are_read(bench):
    """Columns in any order, a mark before them, CR LF, quotes, metadata values, nothing for none."""
    folder = art.make_art(bench.path("art"), {"Back": ["Red"], "Hat": ["A, \"b\"#5", "Old#5/Top#5", "Old#5/Cap#5",
                                                                     "New#5/Cap#5"]},
                          {"layers": [{"name": "Back"}, {"name": "Hat", "optional": 0.5}]})
    bench.path("t.csv").write_bytes(b"\xef\xbb\xbfHat,id,Back\r\n\"A, \"\"b\"\"\",9,Red\r\n"
                                    b",3,Red\r\n\r\nTop,1000000000007,\"Red\"\nOld/Cap,1,Red")
    expect_equal(bench.export(folder, "--recipes", "t.csv", form="csv"),
                 'id,Back,Hat\n1,Red,Old/Cap\n3,Red,None\n9,Red,"A, ""b"""\n'
                 '1000000000007,Red,Top\n', "the items")


def test_published_metadata_is_planned_again(bench):
    """A folder of files, the joined list, and lines give the plan that was published."""
    folder = critters(bench, RULES)
    bench.generate(folder, "out")
    expected = bench.export(folder, form="csv")
    published = bench.path("out/metadata")
    lines = bench.path("lines.jsonl")
    items = json.loads((published / "_metadata.json").read_text(encoding="utf-8"))
    lines.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    for recipes in (published, published / "_metadata.json", lines):
        expect_equal(bench.export(folder, "--recipes", recipes, form="csv"), expected, str(recipes))
    bench.generate(folder, "again", "--recipes", published)
    same_pixels(bench.path("out"), bench.path("again"))
    bench.generate(folder, "spread", "--fanout", "9")
    expect_equal(bench.export(folder, "--recipes", "spread/metadata", form="csv"), expected,
                 "numbered folders")


def hashlips_items(plan, chance):
    """Items as HashLips publishes them, with more than traits."""
    for item in plan:
        attributes = [*item["attributes"], {"trait_type": "Generation", "value": 2,
                                            "display_type": "number"}]
        missing = {"Hat"} - {entry["trait_type"] for entry in attributes}
        attributes += [{"trait_type": layer, "value": "None"} for layer in missing]
        chance.shuffle(attributes)
        yield {"name": f"Pack #{item['id']}", "image": "ipfs://x", "dna": "0f", "date": 1650000000,
               "edition": item["id"], "attributes": attributes, "compiler": "HashLips Art Engine"}


def test_attributes_that_no_layer_has_are_kept(bench):
    folder = critters(bench, RULES)
    items = list(hashlips_items(bench.items(folder), bench.random()))
    random.Random(1).shuffle(items)
    bench.path("_metadata.json").write_text(json.dumps(items, indent=2), encoding="utf-8")
    outcome = bench.run("generate", folder, "--recipes", "_metadata.json", "-o", "out")
    expect("no layer has stay as they are: Generation" in outcome.stderr, outcome.stderr[:300])
    for item in items:
        expect_equal(metadata_of(bench.path("out"), item["edition"])["attributes"],
                     item["attributes"], "attributes")
    expect_equal(bench.export(folder, "--recipes", "_metadata.json", form="csv"),
                 bench.export(folder, form="csv"), "the items")


def test_ids_are_found_in_their_order(bench):
    folder = art.make_art(bench.path("art"), {"Back": ["Red"]})
    cases = [({"edition": 5, "id": 6}, "5"), ({"id": "6", "tokenId": 7}, "6"),
             ({"tokenId": "7", "token_id": 8}, "7"), ({"token_id": 8}, "8"),
             ({"id": "abc", "name": "A #9"}, "12"), ({}, "12")]
    for number, (keys, expected) in enumerate(cases):
        published = bench.path(f"m{number}")
        art.write(published / "12", json.dumps(
            {**keys, "attributes": [{"trait_type": "Back", "value": "Red"}]}).encode())
        art.write(published / "notes.txt", b"not an item")
        expect_equal(bench.export(folder, "--recipes", published, form="csv"),
                     f"id,Back\n{expected},Red\n", str(keys))
    bench.path("one.jsonl").write_text('{"name":"A 3 #44","attributes":[{"trait_type":"Back",'
                                       '"value":"Red"}]}\n', encoding="utf-8")
    expect_equal(bench.export(folder, "--recipes", "one.jsonl", form="csv"), "id,Back\n44,Red\n",
                 "the number of a name")


def shared_type_art(bench):
    """Two layers share a trait type, two traits a value."""
    return art.make_art(bench.path("art"), {"Back": ["Red", "Blue"], "Front Hair": ["Curl", "Wave"],
                                            "Back Hair": ["Curl", "Bun"],
                                            "Hat": ["Silk#5/Cap#5", "Wool#5/Cap#5"]},
                        {"layers": [{"name": "Back"}] +
                                   [{"name": name, "trait_type": "Hair", "optional": 0.5}
                                    for name in ("Back Hair", "Front Hair")] +
                                   [{"name": "Hat", "optional": 0.5}],
                         "rules": [{"forbid": ["Hat/Wool/Cap", "Back/Red"]}]})


def publish(bench, *items):
    text = "".join(json.dumps({"id": number, "attributes": [
        {"trait_type": kind, "value": value} for kind, value in item]}) + "\n"
        for number, item in enumerate(items))
    bench.path("published.jsonl").write_text(text, encoding="utf-8")
    return "published.jsonl"


def test_what_several_traits_share_is_told_apart_by_what_is_possible(bench):
    folder = shared_type_art(bench)
    items = publish(bench, [("Back", "Red"), ("Hair", "Bun"), ("Hair", "Curl")],
                    [("Back", "Blue"), ("Hair", "Curl"), ("Hair", "Curl")],
                    [("Back", "Red"), ("Hat", "Cap"), ("Hair", "Wave")])
    expect_equal(bench.export(folder, "--recipes", items, form="csv"),
                 "id,Back,Back Hair,Front Hair,Hat\n0,Red,Bun,Curl,None\n1,Blue,Curl,Curl,None\n"
                 "2,Red,None,Wave,Silk/Cap\n", "the items")
    for item, words in (([("Back", "Blue"), ("Hat", "Cap")], ("Hat/Silk/Cap", "Hat/Wool/Cap")),
                        ([("Back", "Blue"), ("Hair", "Curl")], ("Hair/Curl", "Hair/None"))):
        expect_one_line(bench.run("plan", folder, "--recipes", publish(bench, item), code=3), 3,
                        "published.jsonl:1", "item 0", "may mean", *words)


def test_broken_rules_are_warned_of_once(bench):
    folder = shared_type_art(bench)
    bench.path("t.csv").write_text("id,Back,Hat,Back Hair,Front Hair\n" + "".join(
        f"{number},Red,Wool/Cap,{('None', 'Bun')[number % 2]},None\n" for number in range(5)),
        encoding="utf-8")
    outcome = bench.run("plan", folder, "--recipes", "t.csv")
    expect_equal(outcome.stderr.count("rules[0]"), 1, outcome.stderr[:300])
    expect("5 of the items break" in outcome.stderr, outcome.stderr[:300])


def test_wrong_recipes_are_refused_where_they_are_wrong(bench):
    folder = shared_type_art(bench)
    head = "id,Back,Back Hair,Front Hair,Hat\n"
    good = '{"edition":1,"attributes":[{"trait_type":"Back","value":"Red"}]}'
    cases = [
        ("nothing here\n", ("f:1:", "no recipes", "\"id\"")),
        (head.replace("Hat", "Hta"), ("f:1: cell 5", "\"Hta\"", "\"Hat\"")),
        (head.replace("Hat", "Back"), ("f:1: cell 5", "two columns", "Back")),
        (head, ("f: ", "no item")),
        (head + "1,Red,None,None\n", ("f:2:", "4 cells", "has 5")),
        (head + "x,Red,None,None,None\n", ("f:2:", "\"x\"", "whole number")),
        (head + "1,Red,None,None,None\n\n1,Red,None,None,None\n", ("f:4:", "id 1", "line 2")),
        (head + "1,Rad,None,None,None\n", ("f:2: cell 2", "\"Rad\"", "\"Red\"")),
        (head + "1,None,None,None,None\n", ("f:2: cell 2", "Back", "no absent trait", "optional")),
        (head + "1,\"Red,None\n2,Blue", ("f:2:", "quote", "does not close")),
        (head + "1,\"Red\"x,None,None,None\n", ("f:2:8: ", "comma")),
        (head + "1,R\"ed,None,None,None\n", ("f:2:4: ", "quote")),
        ("id,Hat\n1,Cap\n", ("f:2: item 1", "Back", "no trait", "optional")),
        ("[" + good + ",\n  {\"edition\": 2, \"attributes\": [}]", ("f:2:", "not valid JSON")),
        ("[" + good + "\n" + good + "]", ("f:2:1: ", "','")),
        ("[" + good + ",", ("f:1:", "has to stand here")),
        ("[" + good + ",\n" + good + "]", ("f:2:", "id 1", "line 1")),
        ("[{\"edition\":1}]", ("f", "attributes", "list")),
        ("[{\"attributes\":[]}]", ("f:1:2: ", "no id", "edition")),
        ("[\n{\"edition\":3,\"attributes\":[{\"trait_type\":\"Back\",\"value\":[1]}]}]",
         ("f:2:", "item 3", "\"Back\"", "text")),
        ("[{\"edition\":1,\"attributes\":[{\"trait_type\":\"Back\"}]}]", ("attributes[0]", "value")),
        (good + "\n" + good.replace("Red", "Rod"), ("f:2:", "\"Rod\"", "\"Red\"")),
        (good[:-2] + ',{"trait_type":"Back","value":"Blue"}]}', ("f:1:", "Back", "twice")),
    ]
    for text, words in cases:
        bench.path("f").write_text(text, encoding="utf-8")
        expect_one_line(bench.run("plan", folder, "--recipes", "f", code=None), 3, *words)
    bench.path("f").write_bytes(head.encode() + b"1,R\xffd,None,None,None\n")
    expect_one_line(bench.run("plan", folder, "--recipes", "f", code=None), 3, "f:2:", "UTF-8")
    art.write(bench.path("m/3.json"), good.encode())
    art.write(bench.path("m/4.json"), good.encode())
    expect_one_line(bench.run("plan", folder, "--recipes", "m", code=None), 3, "m/4.json", "id 1",
                    "3.json")
    art.write(bench.path("empty/readme.txt"), b"")
    expect_one_line(bench.run("plan", folder, "--recipes", "empty", code=None), 3, "empty",
                    "_metadata.json")


def test_recipes_of_files_take_no_layers(bench):
    folder = shared_type_art(bench)
    bench.path("f").write_text('{"layers":["Back/Red.png"]}\n', encoding="utf-8")
    expect_one_line(bench.run("plan", folder, "--recipes", "f", "--layers", "Back", code=2), 2,
                    "--layers", "--grammar")
    bench.path("f").write_text("id,Back\n4,Red\n", encoding="utf-8")
    plain = art.make_art(bench.path("plain"), {"Back": ["Red"], "Hat": ["Cap"]})
    expect_equal(bench.export(plain, "--recipes", "f", "--layers", "Back", form="csv"),
                 "id,Back\n4,Red\n", "the chosen layers")


def recipe_words(traits):
    """--recipe's text for {layer: trait}."""
    def escape(name):
        return "".join("\\" + letter if letter in ",=\\" else letter for letter in name)
    return ",".join(f"{escape(layer)}={escape(trait)}" for layer, trait in traits.items())


def test_a_recipe_is_rendered_as_its_item_is(bench):
    folder = critters(bench, RULES)
    bench.generate(folder, "out")
    rows = [line.split(",") for line in bench.export(folder, form="csv").splitlines()]
    for row in rows[1:9]:
        traits = dict(zip(rows[0][1:], row[1:]))
        words = recipe_words({layer: trait for layer, trait in traits.items() if trait != "None"})
        outcome = bench.run("render", folder, "--recipe", words, "-o", "new.png", "--json")
        expect_equal(json.loads(outcome.stdout)["recipe"], traits, "the recipe")
        bench.run("render", folder, "--plan", "out/plan.sgp", "--recipe", words, "-o", "k.png")
        item = bench.path(f"out/images/{row[0]}.png")
        expect_equal(bench.path("k.png").read_bytes(), item.read_bytes(), f"item {row[0]}")
        for name, file in (("one", "new.png"), ("two", f"out/images/{row[0]}.png")):
            bench.path(f"{name}/images").mkdir(parents=True, exist_ok=True)
            shutil.copy(bench.path(file), bench.path(f"{name}/images/1.png"))
        same_pixels(bench.path("one"), bench.path("two"))


def test_a_recipe_of_given_items_has_their_order(bench):
    folder = need_pack("mfers")
    few = bench.path("few.jsonl")
    lines = (folder / "recipes.jsonl").read_text(encoding="utf-8").splitlines(True)
    few.write_text("".join(lines[:12]), encoding="utf-8")
    bench.generate(folder, "out", "--recipes", few)
    rows = [line.split(",") for line in
            bench.export(folder, "--recipes", few, form="csv").splitlines()]
    for row in rows[1:5]:
        traits = {layer: trait for layer, trait in zip(rows[0][1:], row[1:]) if trait != "None"}
        bench.run("render", folder, "--plan", "out/plan.sgp", "--recipe", recipe_words(traits),
                  "-o", "k.png")
        expect_equal(bench.path("k.png").read_bytes(),
                     bench.path(f"out/images/{row[0]}.png").read_bytes(), f"item {row[0]}")


def test_recipes_that_break_rules_are_warned_of(bench):
    folder = shared_type_art(bench)
    outcome = bench.run("render", folder, "--recipe", "Back=Red,Hat=Wool/Cap", "-o", "k.png")
    expect_equal(outcome.stderr.count("rules[0]"), 1, outcome.stderr[:300])
    quiet = bench.run("render", folder, "--recipe", "Back=Blue,Hat=Wool/Cap", "-o", "k.png")
    expect_equal(quiet.stderr, "", "warnings")


def test_wrong_recipe_options_are_refused(bench):
    folder = shared_type_art(bench)
    cases = [
        (("--recipe", "Hat=Cap"), ("Back", "cannot be absent", "Blue", "Red")),
        (("--recipe", "Back=Red,Hta=Cap"), ("\"Hta\"", "\"Hat\"")),
        (("--recipe", "Back=Rad"), ("\"Rad\"", "\"Red\"")),
        (("--recipe", "Back=Red,Back=Blue"), ("Back", "twice")),
        (("--recipe", "Back"), ("LAYER=TRAIT",)),
        (("--recipe", "Back=Blue,Hat=Cap"), ("may mean", "Hat/Silk/Cap", "Hat/Wool/Cap")),
        (("--recipe", "Back=Red", "--id", "1"), ("--id", "--recipe")),
        (("--recipe", "Back=Red", "-n", "3"), ("--recipe", "--count")),
        ((), ("--id K", "--recipe")),
    ]
    for words, named in cases:
        expect_one_line(bench.run("render", folder, *words, "-o", "k.png", code=None), 2, *named)
    expect(not bench.path("k.png").exists(), "a picture was left")


def test_a_plan_without_room_for_the_recipe_says_so(bench):
    """All items are grey, the recipe is not."""
    folder = bench.path("grey")
    for name, colour in (("Grey", (9, 9, 9)), ("Red", (200, 0, 0))):
        art.write(folder / "Back" / f"{name}.png", art.solid(8, 8, colour))
    bench.path("t.csv").write_text("id,Back\n1,Grey\n", encoding="utf-8")
    bench.run("plan", folder, "--recipes", "t.csv", "-o", "p.sgp")
    expect_one_line(bench.run("render", folder, "--plan", "p.sgp", "--recipe", "Back=Red", "-o",
                              "k.png", code=None), 3, "--recipe", "colour", "--plan")
    bench.run("render", folder, "--recipe", "Back=Red", "-o", "k.png")


def test_metadata_without_a_layer_needs_an_absent_trait(bench):
    folder = art.make_art(bench.path("art"), {"Back": ["Red"], "Hat": ["Cap"]})
    items = publish(bench, [("Back", "Red")])
    expect_one_line(bench.run("plan", folder, "--recipes", items, code=None), 3,
                    "published.jsonl:1", "item 0", "layer Hat", "optional")
    art.write_config(folder, {"layers": [{"name": "Back"}, {"name": "Hat", "optional": 0.1}]})
    bench.generate(folder, "out", "--recipes", items)
    expect_equal(traits_of(metadata_of(bench.path("out"), 0)), {"Back": "Red"}, "attributes")


def test_a_recipe_of_groups_needs_no_group(bench):
    folder = art.make_art(bench.path("art"), {"Back": ["Red"], "Body": ["Cat", "Dog"],
                                              "Hat": ["Cap", "Crown"]})
    config = {"layers": [{"name": name} for name in ("Back", "Body", "Hat")],
              "groups": [{"name": "Bare", "count": 1, "layers": ["Back", "Body"]},
                         {"name": "Hatted", "count": 1, "layers": ["Back", "Body", "Hat"]}]}
    (folder / "collection.json").write_text(json.dumps(config), encoding="utf-8")
    for words, group in (("Back=Red,Body=Cat", "Bare"), ("Back=Red,Body=Cat,Hat=Cap", "Hatted")):
        bench.run("render", folder, "--recipe", words, "-o", "told.png")
        bench.run("render", folder, "--recipe", f"{words},Group={group}", "-o", "named.png")
        expect_equal(bench.path("told.png").read_bytes(), bench.path("named.png").read_bytes(), words)
    outcome = bench.run("render", folder, "--recipe", "Back=Red,Body=Cat,Hat=Cap,Group=Bare",
                        "-o", "broken.png")
    expect_equal(outcome.stderr.count("--recipe breaks this: groups without the layer Hat"), 1,
                 outcome.stderr)
    os.mkfifo(bench.path("pipe.png"))
    expect_one_line(bench.run("render", folder, "--recipe", "Back=Red,Body=Cat", "-o", "pipe.png",
                              code=None), 6, "pipe.png", "no regular file")
    expect(bench.path("pipe.png").is_fifo(), "the pipe was replaced")
