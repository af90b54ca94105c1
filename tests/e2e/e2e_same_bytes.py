"""One plan, one set of bytes: threads, kernels, memory and paths change nothing, the seed does."""

import os
import shutil

from harness import (CRITTERS, expect, expect_equal, make_pack, need_oracle, same_pixels,
                     same_trees, snapshot)

SMALL = ("-n", "40", "--size", "100x100", "--resample", "nearest")


def check_variants(bench, art, words, variants):
    """The same tree with every variant of options as without."""
    need_oracle()
    bench.generate(art, "plain", *words)
    for number, variant in enumerate(variants):
        out = f"variant{number}"
        bench.generate(art, out, *words, *variant)
        same_trees(bench.path("plain"), bench.path(out))
        shutil.rmtree(bench.path(out))


def test_threads_change_no_byte(bench):
    check_variants(bench, CRITTERS, SMALL, (("-j1",), ("-j2",), ("-j7",), ("-j64",)))


def test_kernels_and_memory_and_reuse_change_no_byte(bench):
    variants = (("--no-reuse",), ("--cpu-kernel", "scalar"), ("--memory", "60M"),
                ("--memory", "60M", "--no-reuse", "-j1", "--cpu-kernel", "scalar"))
    check_variants(bench, CRITTERS, SMALL, variants)


def test_noise_has_the_same_bytes_with_all_kernels(bench):
    """Every blend mode, on pixels whose results lie next to a rounding tie."""
    art = make_pack(bench.path("noise"), "noise")
    check_variants(bench, art, (), (("--cpu-kernel", "scalar"), ("--no-reuse", "-j3")))


def test_big_art_that_does_not_fit_memory_has_the_same_bytes(bench):
    """Below the size of the decoded art, sprites are read back from a scratch file."""
    check_variants(bench, CRITTERS, ("-n", "8"), (("--memory", "60M"), ("--memory", "60M", "-j1")))


def test_bands_change_no_pixel(bench):
    need_oracle()
    bench.generate(bench.painting, "plain", *SMALL)
    for rows in ("16", "1000", "1", "7"):
        bench.generate(bench.painting, rows, *SMALL, "--bands", rows)
        same_pixels(bench.path("plain"), bench.path(rows))


def test_chosen_bands_depend_on_the_plan_alone(bench):
    """Edges that suit the art: no other pixel than with fixed ones, and the same on any machine."""
    need_oracle()
    words = ("-n", "40", "--size", "512x512", "--resample", "nearest")
    check_variants(bench, CRITTERS, words, (("-j1", "--memory", "60M"), ("-j7", "--bands", "auto")))
    plans = set()
    for number, how in enumerate((("-j1",), ("-j7",), ("--memory", "60M"), ("--memory", "4G"))):
        bench.run("plan", CRITTERS, *words, *how, "-o", f"{number}.sgp")
        plans.add(bench.path(f"{number}.sgp").read_bytes())
    expect_equal(len(plans), 1, "different plan files")
    bench.generate(CRITTERS, "fixed", *words, "--bands", "32")
    same_pixels(bench.path("plain"), bench.path("fixed"))
    bench.run("plan", CRITTERS, *words, "--bands", "32", "-o", "fixed.sgp")
    expect(bench.path("fixed.sgp").read_bytes() not in plans, "the bands were not chosen")


def test_compression_changes_no_pixel(bench):
    need_oracle()
    bench.generate(CRITTERS, "balanced", *SMALL)
    sizes = {}
    for level in ("fast", "balanced", "small"):
        bench.generate(CRITTERS, level, *SMALL, "--png", level)
        same_pixels(bench.path("balanced"), bench.path(level))
        images = bench.path(level) / "images"
        sizes[level] = sum(path.stat().st_size for path in images.iterdir())
    expect(sizes["small"] < sizes["balanced"] < sizes["fast"], f"sizes {sizes}")


def test_seeds_decide_the_plan(bench):
    need_oracle()
    for out, seed in (("spring", "spring"), ("again", "spring"), ("autumn", "autumn")):
        bench.generate(bench.painting, out, *SMALL, "--seed", seed)
    same_trees(bench.path("spring"), bench.path("again"))
    first = bench.export(bench.painting, *SMALL, "--seed", "spring")
    autumn = bench.export(bench.painting, *SMALL, "--seed", "autumn")
    expect(first != autumn, "one plan for two seeds")
    default = bench.export(bench.painting, *SMALL)
    named = bench.export(bench.painting, *SMALL, "--seed", "serigraph")
    expect_equal(named, default, "the plan of the default seed")


def test_the_way_to_the_art_changes_no_byte(bench):
    need_oracle()
    shutil.copytree(bench.painting, bench.path("deep/art"))
    ways = {"plain": "art", "slash": "art/", "dot": "./art/", "dots": "../deep/./art",
            "double": "art//", "absolute": bench.path("deep/art")}
    for out, way in ways.items():
        bench.generate(way, bench.path(out), *SMALL, cwd=bench.path("deep"))
        same_trees(bench.path("plain"), bench.path(out))
    bench.generate(".", bench.path("here"), *SMALL, cwd=bench.path("deep/art"))
    same_pixels(bench.path("plain"), bench.path("here"))


def test_the_art_is_never_written_to(bench):
    shutil.copytree(bench.painting, bench.path("art"))
    before = snapshot(bench.path("art"))
    bench.generate("art", "out", *SMALL)
    bench.run("inspect", "art")
    bench.export("art", "-n", "5")
    expect_equal(snapshot(bench.path("art")), before, "the art")


def test_the_order_of_the_folder_changes_no_byte(bench):
    """Copies made in reverse order are listed by the file system in another order."""
    need_oracle()
    for name, backwards in (("forth/cats", False), ("back/cats", True)):
        for path in sorted(bench.painting.rglob("*"), reverse=backwards):
            if path.is_file():
                target = bench.path(name) / path.relative_to(bench.painting)
                os.makedirs(target.parent, exist_ok=True)
                shutil.copyfile(path, target)
        bench.generate(name, f"{name[:4]}-out", *SMALL)
    same_trees(bench.path("fort-out"), bench.path("back-out"))


def test_locale_changes_no_byte(bench):
    need_oracle()
    for out, locale in (("plain", "C"), ("german", "de_DE.UTF-8"), ("utf8", "C.UTF-8")):
        environment = {**os.environ, "LC_ALL": locale}
        bench.generate(bench.painting, out, *SMALL, env=environment)
        same_trees(bench.path("plain"), bench.path(out))


def test_a_plan_file_gives_the_same_tree(bench):
    need_oracle()
    bench.generate(bench.painting, "direct", *SMALL)
    bench.run("plan", bench.painting, *SMALL, "-o", "f.sgp")
    bench.generate(bench.painting, "planned", "--plan", "f.sgp")
    same_trees(bench.path("direct"), bench.path("planned"))
    expect_equal(bench.path("f.sgp").read_bytes(), bench.path("direct/plan.sgp").read_bytes(),
                 "the plan file")
    expect_equal(bench.export(bench.painting, "--plan", "direct/plan.sgp"),
                 bench.export(bench.painting, *SMALL), "the plan's export")


def test_rendering_one_item_gives_its_file(bench):
    bench.generate(bench.painting, "out", *SMALL)
    for item in (1, 23, 40):
        bench.run("render", bench.painting, *SMALL, "--id", item, "-o", f"{item}.png")
        expect_equal(bench.path(f"{item}.png").read_bytes(),
                     (bench.path("out/images") / f"{item}.png").read_bytes(), f"item {item}")
