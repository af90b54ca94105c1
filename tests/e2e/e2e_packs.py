"""Art that artists drew: every shared pack, its pixels judged by the oracle."""

import json
import shutil
import subprocess
import sys

from harness import (ORACLE, check_pixels, check_png_files, expect, expect_equal, expect_one_line,
                     images_of, need_oracle, need_pack, run_oracle)

NFTCHEF_ORDER = "Background,Back Accessory,Head,Eyes,Hair,Clothes,Shirt Accessories,Accessory"
NEAREST = ("--resample", "nearest")

# The promise is 500 MB of resident memory; a megabyte is 10^6 bytes.
MEMORY_BYTES = 500_000_000


def check_pack(bench, art, words, oracle_words=()):
    """Generates, and compares every image with the oracle; the plan itself says what to expect."""
    need_oracle()
    bench.generate(art, "out", *words)
    recipes = bench.export_file("recipes.jsonl", art, *words)
    check_pixels(art, recipes, bench.path("out/images"), *oracle_words)
    return check_png_files(bench.path("out"))


def check_export_again(bench, art, words):
    """A plan that was exported, read as recipes and exported again has the same lines, and the same
    images come out."""
    recipes = bench.export_file("first.jsonl", art, *words)
    again = bench.export(art, "--recipes", recipes)
    expect_equal(again, recipes.read_text(encoding="utf-8"), "the second export")
    bench.generate(art, "again", "--recipes", recipes)
    run_oracle("oracle.py", "pixels", bench.path("out"), bench.path("again"))


def test_nftchef_pixels_are_the_oracles(bench):
    art = need_pack("nftchef/layers")
    words = ("-n", "24", "--layers", NFTCHEF_ORDER)
    modes = check_pack(bench, art, words)
    # The backgrounds swirl and coulds are translucent, so the collection has alpha.
    expect_equal(modes, {"RGBA"}, "modes")
    used = (bench.path("recipes.jsonl")).read_text(encoding="utf-8")
    for background in ("swirl", "coulds", "stars"):
        expect(f"Background/{background}#5.png" in used, f"no item with {background}")
    check_export_again(bench, art, words)


def test_nftchef_z_and_parts_are_drawn_in_order(bench):
    art = need_pack("nftchef/layers")
    for item in bench.items(art, "-n", "60", "--layers", NFTCHEF_ORDER):
        values = {entry["trait_type"]: entry["value"] for entry in item["attributes"]}
        if values.get("Accessory") == "Purple Glasses":
            expect_equal(item["layers"][0], "Accessory/Purple Glasses#25/z-10,Glasses back.png",
                         "the part with z -10")
            expect("Accessory/Purple Glasses#25/Glasses front.png" in item["layers"], "no front")
        expect(all("NONE" not in path for path in item["layers"]), "NONE is drawn")
        if item["layers"][-1].startswith("Hair/z1,"):
            return
    expect(False, "hair with z1 is never last")


def test_nouns_pixels_are_the_oracles(bench):
    art = need_pack("nouns/v0")
    words = ("-n", "60")
    check_pack(bench, art, words)
    check_export_again(bench, art, words)


def test_noundry_pixels_are_the_oracles(bench):
    check_pack(bench, need_pack("noundry/traits"), ("-n", "40", "--seed", "noundry"))


def test_noundry_reads_upper_case_extensions(bench):
    art = need_pack("noundry/traits")
    expect("heads/bunny.PNG" in bench.export(art, "-n", "300"), "bunny.PNG is not used")


def test_loose_pictures_are_one_layer(bench):
    art = need_pack("punks/basic/m")
    count = len(list(art.glob("*.png")))
    check_pack(bench, art, ("-n", str(count)))
    items = bench.items(art, "-n", str(count))
    expect_equal({len(item["layers"]) for item in items}, {1}, "layers an item")
    expect_equal(len({item["layers"][0] for item in items}), count, "different pictures")


def test_nearest_enlargement_is_the_oracles(bench):
    for name, side in (("nouns/v0", 32), ("noundry/traits", 32), ("punks/basic/m", 24)):
        art = need_pack(name)
        words = ("-n", "12", "--size", "320x320", *NEAREST)
        check_pack(bench, art, words,
                   ("--canvas", f"{side}x{side}", "--size", "320x320"))
        shutil.rmtree(bench.path("out"))


def test_odd_nearest_sizes_are_the_oracles(bench):
    art = need_pack("nouns/v0")
    for size in ("33x31", "7x5", "1x1", "100x3"):
        check_pack(bench, art, ("-n", "4", "--size", size, *NEAREST),
                   ("--canvas", "32x32", "--size", size))
        shutil.rmtree(bench.path("out"))


def test_hashlips_names_the_layer_of_other_size(bench):
    art = need_pack("hashlips/layers")
    bench.refuse(3, art, "-n", "5", named=("Goo", "1000x1000", "512x512", "--resample"))


def fit_goo(bench, art):
    """The pack with Goo fitted to the canvas by the oracle's own nearest rule."""
    copy = bench.path("fitted")
    shutil.copytree(art, copy)
    script = (f"import sys; sys.path.insert(0, {str(ORACLE)!r}); sys.dont_write_bytecode = True\n"
              "import compositing, png_decode, png_write\n"
              "path = sys.argv[1]\npixels = png_decode.decode_file(path)\n"
              "png_write.write(path, png_write.encode_rgba("
              "compositing.resize_nearest(pixels, 512, 512)))\n")
    goo = copy / "Goo" / "Green#1.png"
    subprocess.run([sys.executable, "-c", script, str(goo)], check=True, timeout=60)
    return copy


def test_hashlips_with_nearest_is_the_oracles(bench):
    need_oracle()
    art = need_pack("hashlips/layers")
    words = ("-n", "16", *NEAREST)
    bench.generate(art, "out", *words)
    recipes = bench.export_file("recipes.jsonl", art, *words)
    check_pixels(fit_goo(bench, art), recipes, bench.path("out/images"))


def test_hashlips_with_other_filters_works(bench):
    art = need_pack("hashlips/layers")
    for filter_name in ("lanczos", "bilinear"):
        bench.generate(art, filter_name, "-n", "4", "--resample", filter_name)
        check_png_files(bench.path(filter_name))
    items = bench.items(art, "-n", "4", "--resample", "lanczos")
    expect(all(any("Goo/" in path for path in item["layers"]) for item in items), "no Goo")


def test_mfers_recipes_are_the_oracles(bench):
    need_oracle()
    art = need_pack("mfers")
    words = ("--recipes", art / "recipes.jsonl")
    bench.generate(art, "out", *words, "--sample", "12")
    bench.generate(art, "out", *words, "--ids", "0-3,3020,10000-10012")
    lines = bench.export(art, *words).splitlines(keepends=True)
    made = {path.stem for path in images_of(bench.path("out"))}
    expect(len(made) >= 28, f"only {len(made)} images")
    chosen = [line for line in lines if str(json.loads(line)["id"]) in made]
    bench.path("chosen.jsonl").write_text("".join(chosen), encoding="utf-8")
    check_pixels(art, bench.path("chosen.jsonl"), bench.path("out/images"))
    check_png_files(bench.path("out"))


def test_mfers_export_has_the_published_recipes(bench):
    art = need_pack("mfers")
    recipes = art / "recipes.jsonl"
    exported = bench.export_file("export.jsonl", art, "--recipes", recipes)
    again = bench.export(art, "--recipes", exported)
    expect_equal(again, exported.read_text(encoding="utf-8"), "the second export")
    with open(recipes, encoding="utf-8") as stream:
        published = [json.loads(line) for line in stream]
    expect_equal([json.loads(line) for line in again.splitlines()], published, "items")


def test_mfers_stay_within_the_memory_promise(bench):
    art = need_pack("mfers")
    outcome, peak_bytes = bench.measure("generate", art, "--recipes", art / "recipes.jsonl", "-o",
                                        "null:", "--json", timeout=150)
    document = json.loads(outcome.stdout)
    expect_equal((document["made"], document["failed"], document["complete"]), (10021, 0, True),
                 "made, failed, complete")
    expect(peak_bytes < MEMORY_BYTES, f"peak memory {peak_bytes / 1e6:.0f} MB")
    expect_equal(list(bench.folder.iterdir()), [], "what null: wrote")


def test_the_first_of_the_mfers_is_there_soon_and_its_sprites_are_small(bench):
    art = need_pack("mfers")
    words = ("generate", art, "--recipes", art / "recipes.jsonl", "-o", "out", "--sample", "1", "--json")
    outcome = bench.run(*words)
    document = json.loads(outcome.stdout)
    expect_equal(len(images_of(bench.path("out"))), 1, "images")
    expect(outcome.seconds <= 2.0, f"the first image took {outcome.seconds:.1f} s")
    decoded = next(stage["bytes"] for stage in document["stages"] if stage["name"] == "read")
    sprites = document["memory"]["sprites"]
    expect(decoded >= 127 * 1000 * 1000 * 4, f"only {decoded} bytes were decoded")
    expect(sprites <= 0.35 * decoded, f"sprites take {sprites} of {decoded} bytes")


def test_a_broken_recipe_names_its_line(bench):
    art = need_pack("nouns/v0")
    recipes = bench.export_file("recipes.jsonl", art, "-n", "4")
    lines = recipes.read_text(encoding="utf-8").splitlines()
    for broken, words in ((lines[2][:-5], ()), (lines[2].replace("0-backgrounds/", "nowhere/"),
                                                ("nowhere/",)), ('{"id":3}', ())):
        recipes.write_text("\n".join([*lines[:2], broken, lines[3]]) + "\n", encoding="utf-8")
        outcome = bench.run("generate", art, "--recipes", recipes, "-o", "refused", code=None)
        expect_one_line(outcome, 3, "recipes.jsonl:3", *words)
        expect(not bench.path("refused").exists(), "an output folder was left")
