"""Metadata as marketplaces read it, and verify, which checks a finished folder."""

import json
import os
import re
import sqlite3

from art import make_art, small_art
from harness import (all_metadata, expect, expect_equal, expect_one_line, images_of,
                     make_pack, metadata_of, snapshot, traits_of)

WORDS = ("-n", "25", "--size", "64x64", "--resample", "nearest")


def check_document(document, item, image):
    """ERC-721's three keys, the edition, and OpenSea's list of attributes."""
    expect_equal(list(document), ["name", "description", "image", "edition", "attributes"], "keys")
    expect_equal((document["edition"], document["image"]), (item, image), "edition and image")
    expect(document["name"].endswith(f"#{item}"), f"name {document['name']!r}")
    for key in ("name", "description", "image"):
        expect(isinstance(document[key], str), f"{key} is no text")
    for entry in document["attributes"]:
        expect_equal(set(entry), {"trait_type", "value"}, "keys of an attribute")
        expect(entry["trait_type"] and isinstance(entry["value"], str), f"attribute {entry}")
        expect(entry["value"] != "None", "an absent trait has an attribute")


def test_documents_are_what_marketplaces_read(bench):
    bench.generate(bench.painting, "out", *WORDS)
    for item in range(1, 26):
        document = metadata_of(bench.path("out"), item)
        check_document(document, item, f"../images/{item}.png")
        linked = (bench.path("out/metadata") / document["image"]).resolve()
        expect_equal(linked, (bench.path("out/images") / f"{item}.png").resolve(), "the image")


def test_image_prefixes_are_used(bench):
    for number, prefix in enumerate(("ipfs://CID/", "", 'a "b" \\ é/', "https://x.y/?n=")):
        out = f"out{number}"
        bench.generate(bench.painting, out, *WORDS, "--image-prefix", prefix)
        expect_equal(metadata_of(bench.path(out), 7)["image"], f"{prefix}7.png", "image")


def test_the_list_is_all_documents_in_numeric_order(bench):
    bench.generate(bench.painting, "out", *WORDS, "--start", "90")
    joined = json.loads(bench.path("out/metadata/_metadata.json").read_text(encoding="utf-8"))
    expect_equal(joined, all_metadata(bench.path("out")), "the list")
    expect_equal([entry["edition"] for entry in joined], list(range(90, 115)), "editions")


def test_the_list_of_a_sample_has_what_is_there(bench):
    bench.generate(bench.painting, "out", *WORDS, "--ids", "9-11,2")
    joined = json.loads(bench.path("out/metadata/_metadata.json").read_text(encoding="utf-8"))
    expect_equal([entry["edition"] for entry in joined], [2, 9, 10, 11], "editions")
    expect_equal(joined, all_metadata(bench.path("out")), "the list")


def test_the_list_of_a_run_killed_before_it_is_made_again(bench):
    """The list and its row are of the three first items, the others were committed since."""
    bench.generate(bench.painting, "out", *WORDS, "--ids", "1-3")
    path = bench.path("out/metadata/_metadata.json")
    list_of_three = path.read_bytes()
    manifest = bench.path("out/manifest.db")
    with sqlite3.connect(manifest) as database:
        row = database.execute("select * from document where path like '%_metadata.json'").fetchone()
    bench.generate(bench.painting, "out", *WORDS)
    whole = path.read_bytes()
    path.write_bytes(list_of_three)
    with sqlite3.connect(manifest) as database:
        database.execute("update run set value = '3' where key = 'joined'")
        database.execute("replace into document values (?, ?, ?)", row)
    bench.generate(bench.painting, "out", *WORDS)
    expect(path.read_bytes() == whole, "the list is still that of three items")
    bench.run("verify", "out")


def test_documents_agree_with_the_plan_and_the_manifest(bench):
    bench.generate(bench.painting, "out", *WORDS)
    for item in bench.items(bench.painting, *WORDS):
        expect_equal(metadata_of(bench.path("out"), item["id"])["attributes"], item["attributes"],
                     f"attributes of {item['id']}")
    database = sqlite3.connect(bench.path("out/manifest.db"))
    rows = database.execute("SELECT item, kind, path, bytes FROM file").fetchall()
    database.close()
    expect_equal(len(rows), 50, "rows of files")
    for _, _, path, size in rows:
        expect_equal(os.path.getsize(bench.path("out") / path), size, path)


def test_recipes_keep_their_own_attributes(bench):
    """Numbers, booleans and display types pass through as they are."""
    small_art(bench.path("art"))
    attributes = [{"trait_type": "Level", "value": 5, "display_type": "number", "max_value": 9},
                  {"trait_type": "Big", "value": 12345678901234567890},
                  {"trait_type": "Share", "value": 0.1}, {"trait_type": "Whole", "value": 2.0},
                  {"trait_type": "Shy", "value": True}, {"value": "no type"},
                  {"trait_type": "Text", "value": "é \"quoted\" \\ \u2028 😀"}]
    lines = [{"id": 3, "layers": ["1 Back/Red.png"], "attributes": attributes},
             {"id": 1, "layers": ["2 Hat/Cap.png", "1 Back/Red.png"], "attributes": []},
             {"id": 2, "layers": []}]
    bench.path("r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = bench.generate("art", "out", "--recipes", "r.jsonl", code=None)
    if outcome.code == 3 and ("12345678901234567890" in outcome.stderr
                              or "too big" in outcome.stderr):
        attributes.pop(1)
        bench.path("r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        outcome = bench.generate("art", "out", "--recipes", "r.jsonl", code=None)
    expect_equal(outcome.code, 0, f"exit ({outcome.stderr!r})")
    expect_equal(metadata_of(bench.path("out"), 3)["attributes"], attributes, "attributes of 3")
    expect_equal(metadata_of(bench.path("out"), 1)["attributes"], [], "attributes of 1")
    by_id = {item["id"]: item for item in bench.items("art", "--recipes", "r.jsonl")}
    expect_equal(by_id[3]["attributes"], attributes, "exported attributes")


def test_csv_has_a_row_an_item(bench):
    text = bench.export(bench.painting, *WORDS, form="csv")
    rows = text.splitlines()
    expect_equal(len(rows), 26, "rows")
    expect(rows[0].startswith("id,Background,Body,"), f"head {rows[0]!r}")
    items = bench.items(bench.painting, *WORDS)
    for row, item in zip(rows[1:], items):
        values = row.split(",")
        traits = traits_of(item)
        expect_equal(int(values[0]), item["id"], "id")
        for name, value in zip(rows[0].split(",")[1:], values[1:]):
            expect_equal(value, traits.get(name, "None"), name)


def test_verify_is_clean_after_a_run(bench):
    bench.generate(bench.painting, "out", *WORDS)
    before = snapshot(bench.path("out"))
    document = json.loads(bench.run("verify", "out", "--json").stdout)
    for key in ("altered", "missing", "extra", "failed"):
        expect_equal(document.get(key, document.get("result", {}).get(key)), 0, key)
    expect_equal(snapshot(bench.path("out")), before, "the folder")


def check_found(bench, name, kind, change):
    """After a change, verify names the file and its kind of trouble, and exits with 5."""
    bench.generate(bench.painting, "out", *WORDS, "--fresh")
    path = bench.path("out") / name
    change(path)
    outcome = bench.run("verify", "out", "--json", code=None)
    expect_equal(outcome.code, 5, f"exit code for {kind} {name}")
    result = json.loads(outcome.stdout)
    result = result.get("result", result)
    expect_equal(result[kind], 1, f"{kind} for {name}")
    others = {key: result[key] for key in ("altered", "missing", "extra") if key != kind}
    expect_equal(set(others.values()), {0}, f"others than {kind} for {name}")
    expect(re.search(rf"warning: .*{re.escape(os.path.basename(name))}", outcome.stderr),
           f"{name} is not named: {outcome.stderr[:300]!r}")


def flip_last_byte(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


FILES = ("images/3.png", "metadata/25.json", "metadata/_metadata.json", "plan.sgp")


def test_verify_finds_altered_files(bench):
    for name in FILES:
        check_found(bench, name, "altered", flip_last_byte)
        check_found(bench, name, "altered", lambda path: os.truncate(path, 10))


def test_verify_finds_missing_files(bench):
    for name in FILES:
        check_found(bench, name, "missing", os.remove)


def test_verify_finds_extra_files(bench):
    for name in ("images/26.png", "images/003.png", "metadata/x.json", "images/.hidden"):
        check_found(bench, name, "extra", lambda path: path.write_text("x"))
        os.remove(bench.path("out") / name)


def test_verify_finds_files_that_became_something_else(bench):
    bench.generate(bench.painting, "out", *WORDS)
    os.remove(bench.path("out/images/3.png"))
    os.mkfifo(bench.path("out/images/3.png"))
    outcome = bench.run("verify", "out", code=5, timeout=10)
    expect("3.png" in outcome.stderr, f"3.png is not named: {outcome.stderr!r}")


def test_verify_needs_a_finished_folder(bench):
    os.makedirs(bench.path("void"))
    for folder in ("void", "nowhere"):
        expect_one_line(bench.run("verify", folder, code=None), 3, folder)
    expect_equal(list(bench.path("void").iterdir()), [], "the folder")


def test_verify_tells_how_much_is_there(bench):
    bench.generate(bench.painting, "out", *WORDS, "--sample", "5")
    document = json.loads(bench.run("verify", "out", "--json").stdout)
    document = document.get("result", document)
    expect_equal((document["items"], document["planned"]), (5, 25), "items and planned")


def test_verify_works_where_nothing_may_be_written(bench):
    bench.folder.chmod(0o755)
    bench.generate(bench.painting, "out", *WORDS)
    options = {"user": 65534} if os.getuid() == 0 else {}
    bench.run("verify", "out", **options)


def test_every_kind_of_art_has_metadata(bench):
    art = make_pack(bench.path("noise"), "noise")
    bench.generate(art, "out")
    for document, path in zip(all_metadata(bench.path("out")), images_of(bench.path("out"))):
        check_document(document, int(path.stem), f"../images/{path.name}")
        expect(not {"Patch"} & set(traits_of(document)), "Patch has the trait type Sticker")


def test_metadata_of_thousands_is_joined(bench):
    """Numeric order where text order would differ, and no slowness in the number of items."""
    art = make_art(bench.path("art"), {layer: [f"{index}" for index in range(40)]
                                       for layer in ("1 A", "2 B", "3 C")}, size=(1, 1))
    outcome = bench.generate(art, "out", "-n", "1200")
    joined = json.loads(bench.path("out/metadata/_metadata.json").read_text(encoding="utf-8"))
    expect_equal([entry["edition"] for entry in joined], list(range(1, 1201)), "editions")
    expect(outcome.seconds < 20, f"{outcome.seconds:.1f} s for 1200 items of one pixel")
