"""The output folder: what is done stays, what is missing is made again, what is foreign is left."""

import json
import os
import shutil
import signal
import time

from art import make_art, small_art
from harness import (CRITTERS, expect, expect_equal, expect_one_line, images_of, need_oracle,
                     same_trees, snapshot)

WORDS = ("-n", "40", "--size", "100x100", "--resample", "nearest")


def without(words, *pairs):
    """The words with options changed: without(WORDS, "-n", "50")."""
    changed = list(words)
    for name, value in zip(pairs[::2], pairs[1::2]):
        changed[changed.index(name) + 1] = value
    return changed


def test_a_finished_run_does_nothing_again(bench):
    bench.generate(bench.painting, "out", *WORDS)
    before = {path: entry for path, entry in snapshot(bench.path("out")).items()
              if path.startswith("images/")}
    document = bench.summary(bench.painting, "out", *WORDS)
    expect_equal((document["made"], document["found"]), (0, 40), "made and found")
    after = snapshot(bench.path("out"))
    expect_equal({path: after[path] for path in before}, before, "the images")
    seconds = bench.generate(bench.painting, "out", *WORDS).seconds
    expect(seconds < 2, f"{seconds:.1f} s to do nothing")


def test_a_finished_run_changes_no_file(bench):
    bench.generate(bench.painting, "out", *WORDS)
    before = snapshot(bench.path("out"))
    bench.generate(bench.painting, "out", *WORDS)
    changed = [path for path, entry in snapshot(bench.path("out")).items()
               if entry != before.get(path) and path != "manifest.db"]
    expect_equal(changed, [], "files written again")


def damage_and_repair(bench, damage):
    """After some damage, the same command gives the whole tree again."""
    need_oracle()
    bench.generate(bench.painting, "whole", *WORDS)
    shutil.copytree(bench.path("whole"), bench.path("out"))
    damage(bench.path("out"))
    document = bench.summary(bench.painting, "out", *WORDS)
    same_trees(bench.path("whole"), bench.path("out"))
    return document


def test_a_deleted_image_is_made_again(bench):
    document = damage_and_repair(bench, lambda out: os.remove(out / "images/7.png"))
    expect_equal(document["made"], 1, "made")


def test_deleted_metadata_is_made_again(bench):
    document = damage_and_repair(bench, lambda out: os.remove(out / "metadata/7.json"))
    expect_equal(document["made"], 1, "made")


def test_a_truncated_image_is_made_again(bench):
    document = damage_and_repair(bench, lambda out: os.truncate(out / "images/7.png", 100))
    expect_equal(document["made"], 1, "made")


def test_an_emptied_image_is_made_again(bench):
    damage_and_repair(bench, lambda out: os.truncate(out / "images/40.png", 0))


def test_all_images_deleted_are_made_again(bench):
    damage_and_repair(bench, lambda out: shutil.rmtree(out / "images"))


def test_a_deleted_list_of_metadata_is_made_again(bench):
    damage_and_repair(bench, lambda out: os.remove(out / "metadata/_metadata.json"))


def test_a_deleted_plan_file_is_made_again(bench):
    damage_and_repair(bench, lambda out: os.remove(out / "plan.sgp"))


def test_another_plan_in_the_folder_is_refused(bench):
    bench.generate(bench.painting, "out", *WORDS)
    other = small_art(bench.path("other"))
    before = snapshot(bench.path("out"))
    for art, words in ((bench.painting, without(WORDS, "-n", "41")),
                       (bench.painting, [*WORDS, "--seed", "other"]),
                       (bench.painting, without(WORDS, "--size", "101x100")),
                       (bench.painting, [*WORDS, "--start", "2"]),
                       (bench.painting, [*WORDS, "--bands", "10"]),
                       (bench.painting, [*WORDS, "--png", "fast"]),
                       (bench.painting, [*WORDS, "--image-prefix", "ipfs://CID/"]),
                       (other, ["-n", "5"])):
        outcome = bench.generate(art, "out", *words, code=None)
        expect_one_line(outcome, 2, "out", "--fresh")
        expect_equal(snapshot(bench.path("out")), before, f"the folder after {words}")


def test_fanout_spreads_files_and_is_kept(bench):
    """Stopped half-way, going on gives the same files as without sub-folders, at their places."""
    bench.generate(bench.painting, "flat", *WORDS)
    bench.generate(bench.painting, "out", *WORDS, "--fanout", "16", "--ids", "1-20")
    before = snapshot(bench.path("out"))
    for other in ((), ("--fanout", "17")):
        outcome = bench.generate(bench.painting, "out", *WORDS, *other, code=None)
        expect_one_line(outcome, 2, "out", "--fanout 16", "--fresh")
        expect_equal(snapshot(bench.path("out")), before, "the folder")
    bench.generate(bench.painting, "out", *WORDS, "--fanout", "16")
    bench.run("verify", "out")
    flat = {path.name: path.read_bytes() for path in bench.path("flat/images").iterdir()}
    found = sorted(bench.path("out/images").rglob("*.png"))
    expect_equal({path.name: path.read_bytes() for path in found}, flat, "the images")
    for path in found:
        place = f"{int(path.stem) // 16:03}"
        expect_equal(path.parent.name, place, f"the place of {path.name}")
        sheet = bench.path("out/metadata") / place / f"{path.stem}.json"
        linked = sheet.parent / json.loads(sheet.read_text(encoding="utf-8"))["image"]
        expect_equal(linked.resolve(), path.resolve(), "the image")
    joined = json.loads(bench.path("out/metadata/_metadata.json").read_text(encoding="utf-8"))
    expect_equal(sorted((bench.path("out/metadata") / entry["image"]).resolve()
                        for entry in joined), [path.resolve() for path in found], "the list")
    extra = bench.path("out/images/001/1.png")
    extra.write_bytes(b"x")
    outcome = bench.run("verify", "out", code=None)
    expect("extra: images/001/1.png" in outcome.stderr and outcome.code != 0, "extra file")
    bench.generate(bench.painting, "out", *WORDS, "--fresh")
    expect_equal(sorted(path.name for path in bench.path("out/images").iterdir() if path.is_dir()),
                 ["001"], "folders that are left")
    expect_equal(extra.read_bytes(), b"x", "the file that is not ours")


def test_changed_art_is_refused(bench):
    art = small_art(bench.path("art"))
    bench.generate(art, "out", "-n", "5")
    before = snapshot(bench.path("out"))
    shutil.copyfile(art / "2 Hat/Fez.png", art / "2 Hat/Cap.png")
    expect_one_line(bench.generate(art, "out", "-n", "5", code=None), 2, "out", "--fresh")
    expect_equal(snapshot(bench.path("out")), before, "the folder")


def test_fresh_removes_only_what_a_run_made(bench):
    need_oracle()
    bench.generate(bench.painting, "out", *WORDS)
    foreign = ["images/mine.png", "images/41.png", "metadata/notes.txt", "README", "deep/er/x"]
    for name in foreign:
        path = bench.path("out") / name
        os.makedirs(path.parent, exist_ok=True)
        path.write_text(name)
    smaller = without(WORDS, "-n", "10")
    bench.generate(bench.painting, "out", *smaller, "--fresh")
    for name in foreign:
        expect_equal((bench.path("out") / name).read_text(), name, name)
    bench.generate(bench.painting, "new", *smaller)
    ignored = [name for name in foreign]
    same_trees(bench.path("new"), bench.path("out"), *ignored)


def test_fresh_in_an_empty_place_is_a_plain_run(bench):
    need_oracle()
    bench.generate(bench.painting, "plain", *WORDS)
    bench.generate(bench.painting, "out", *WORDS, "--fresh")
    same_trees(bench.path("plain"), bench.path("out"))


def test_two_runs_in_one_folder(bench):
    long = ("-n", "3000", "--no-reuse", "-j1")
    first = bench.start("generate", CRITTERS, "-o", "out", "-q", *long)
    end = time.monotonic() + 30
    while not images_of(bench.path("out")) and time.monotonic() < end:
        time.sleep(0.01)
    expect(images_of(bench.path("out")), "the first run makes nothing")
    for words in (long, (*long, "--fresh"), ("-n", "5")):
        expect_one_line(bench.generate(CRITTERS, "out", *words, code=None), 2, "out")
    expect(first.poll() is None, "the first run ended")
    first.send_signal(signal.SIGINT)
    expect_equal(first.wait(timeout=30), 130, "exit of the first run")
    first.log.close()


def test_two_runs_that_start_at_once(bench):
    """One makes everything; the other is refused, or finds everything done."""
    need_oracle()
    bench.generate(bench.painting, "whole", *WORDS)
    for number in range(4):
        out = f"out{number}"
        runs = [bench.start("generate", bench.painting, "-o", out, "-q", *WORDS) for _ in range(3)]
        codes = sorted(run.wait(timeout=60) for run in runs)
        expect(codes[0] == 0 and set(codes) <= {0, 2}, f"exit codes {codes}")
        same_trees(bench.path("whole"), bench.path(out))


def test_a_sample_then_everything_is_everything_at_once(bench):
    need_oracle()
    bench.generate(bench.painting, "whole", *WORDS)
    bench.generate(bench.painting, "out", *WORDS, "--sample", "5")
    expect_equal(len(images_of(bench.path("out"))), 5, "images of the sample")
    bench.generate(bench.painting, "out", *WORDS, "--ids", "3-7,20")
    made = {int(path.stem) for path in images_of(bench.path("out"))}
    expect(made >= {3, 4, 5, 6, 7, 20} and len(made) <= 11, f"made {sorted(made)}")
    bench.generate(bench.painting, "out", *WORDS)
    same_trees(bench.path("whole"), bench.path("out"))


def test_ids_are_those_of_the_full_run(bench):
    bench.generate(bench.painting, "whole", *WORDS)
    bench.generate(bench.painting, "out", *WORDS, "--ids", "3-7,20")
    expect_equal([int(path.stem) for path in images_of(bench.path("out"))], [3, 4, 5, 6, 7, 20],
                 "ids")
    for path in images_of(bench.path("out")):
        expect_equal(path.read_bytes(), (bench.path("whole/images") / path.name).read_bytes(),
                     path.name)


def test_ids_outside_the_plan_are_refused(bench):
    for ids in ("41", "0", "3-50", "7-3"):
        expect_one_line(bench.generate(bench.painting, "out", *WORDS, "--ids", ids, code=None), 2)
        expect(not bench.path("out").exists(), "a folder was left")


def test_foreign_folders_are_refused(bench):
    for name in ("images/1.png", "metadata/1.json", "images/holiday.jpg"):
        path = bench.path("out") / name
        os.makedirs(path.parent)
        path.write_text("precious")
        before = snapshot(bench.path("out"))
        for words in ((), ("--fresh",)):
            expect_one_line(bench.generate(bench.painting, "out", *WORDS, *words, code=None), 2,
                            "manifest.db")
            expect_equal(snapshot(bench.path("out")), before, "the folder")
        shutil.rmtree(bench.path("out"))


def test_something_else_named_manifest_is_refused(bench):
    os.makedirs(bench.path("out"))
    bench.path("out/manifest.db").write_text("not a database, and longer than a header" * 100)
    before = snapshot(bench.path("out"))
    outcome = bench.generate(bench.painting, "out", *WORDS, code=None)
    expect(outcome.code in (2, 3), f"exit {outcome.code}")
    expect_one_line(outcome, outcome.code, "manifest.db")
    expect_equal(snapshot(bench.path("out")), before, "the folder")


def test_a_file_in_the_place_of_the_folder_is_refused(bench):
    bench.path("out").write_text("a file")
    expect_one_line(bench.generate(bench.painting, "out", *WORDS, code=None), 6, "out")
    expect_equal(bench.path("out").read_text(), "a file", "the file")


def test_null_writes_nothing(bench):
    document = bench.summary(bench.painting, "null:", *WORDS)
    expect_equal((document["made"], document["complete"]), (40, True), "made, complete")
    expect_equal(list(bench.folder.iterdir()), [], "what was written")


def test_the_folder_may_lie_deep_and_have_odd_names(bench):
    for out in ("a/b/c/d", "with space/and 'quotes\"", "trailing/", "./dot/./x", "-dash"):
        bench.run("generate", bench.painting, "-q", *WORDS, f"--out={out}")
        expect_equal(len(images_of(bench.path(out))), 40, out)


def test_start_gives_the_ids(bench):
    bench.generate(bench.painting, "out", *without(WORDS, "-n", "3"), "--start", "998")
    expect_equal([path.name for path in images_of(bench.path("out"))],
                 ["998.png", "999.png", "1000.png"], "images")


def test_art_inside_the_output_folder_is_not_harmed(bench):
    """Somebody's working folder that is both: the art must survive whatever happens."""
    art = make_art(bench.path("both"), {"1 A": ["x", "y"], "2 B": ["z", "w"]})
    before = snapshot(art)
    bench.generate(art, art, "-n", "4", code=None)
    after = snapshot(art)
    expect_equal({path: after.get(path) for path in before}, before, "the art")
