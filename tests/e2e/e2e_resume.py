"""Runs that end early, in every way, and are gone on with: the tree is that of a run at once."""

import json
import signal
import sqlite3
import subprocess
import time

from art import small_art
from harness import (CRITTERS, TIMEOUT_S, Skipped, expect, expect_equal, images_of, need_command,
                     need_oracle, same_trees)

# Long enough to be killed in the middle, short enough to be made dozens of times.
WORDS = ("-n", "300", "--size", "200x200", "--resample", "nearest")

# Large pictures, nothing used again: still running when a signal is sent.
LONG = ("-n", "4000", "--no-reuse", "-j1")


def make_whole(bench):
    """The tree of an uninterrupted run, and how long it takes."""
    need_oracle()
    outcome = bench.generate(CRITTERS, "whole", *WORDS)
    return bench.path("whole"), outcome.seconds


def check_visible_files(out):
    """What stands under a final name is whole, at any moment."""
    images = images_of(out)
    if images:
        result = subprocess.run(["pngcheck", "-q", *map(str, images)], check=False,
                                capture_output=True, text=True, timeout=TIMEOUT_S)
        expect(result.returncode == 0, f"not whole: {result.stdout[:300]}")
    for path in (out / "metadata").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def kill_after(bench, out, seconds):
    """Starts the run, ends it by kill -9 after a while, and looks at what is there."""
    process = bench.start("generate", CRITTERS, "-o", out, "-q", *WORDS)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.log.close()
    check_visible_files(bench.path(out))


def finish_and_compare(bench, out, whole):
    bench.generate(CRITTERS, out, *WORDS)
    same_trees(whole, bench.path(out))
    expect(not bench.path(out).joinpath(".partial").exists(), ".partial is left")


def test_killed_at_random_moments_and_gone_on_with(bench):
    need_command("pngcheck")
    whole, seconds = make_whole(bench)
    source = bench.random()
    for number in range(10):
        out = f"out{number}"
        kill_after(bench, out, source.uniform(0, seconds))
        finish_and_compare(bench, out, whole)


def test_killed_again_and_again_in_one_folder(bench):
    need_command("pngcheck")
    whole, seconds = make_whole(bench)
    source = bench.random()
    for _ in range(10):
        kill_after(bench, "out", source.uniform(0, seconds / 2))
    finish_and_compare(bench, "out", whole)


def test_killed_during_the_first_moments(bench):
    need_command("pngcheck")
    whole, _ = make_whole(bench)
    for milliseconds in (1, 3, 6, 10, 15, 20, 30, 50):
        kill_after(bench, "out", milliseconds / 1000)
    finish_and_compare(bench, "out", whole)


def need_strace(bench):
    """strace ends a run at an exact system call, where waiting would only come near it."""
    need_command("strace")
    probe = subprocess.run(["strace", "-o", str(bench.path("probe")), "true"], check=False,
                           capture_output=True)
    if probe.returncode:
        raise Skipped("strace is not permitted")


def kill_at(bench, art, out, call, number, words):
    """Ends the run at the call's nth use; returns the exit code of the run."""
    before = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
              f"inject={call}:signal=KILL:when={number}")
    return bench.run("generate", art, "-o", out, "-q", *words, before=before, code=None).code


def test_killed_at_every_step_that_names_or_syncs(bench):
    """Few items, so that every rename, sync and removal of a run can be the last one, those of the
    first folder and of the last metadata file too."""
    need_oracle()
    need_command("pngcheck")
    need_strace(bench)
    art = small_art(bench.path("art"))
    words = ("-n", "4")
    bench.generate(art, "whole", *words)
    for call, most in (("rename", 10), ("fsync", 8), ("unlink", 6), ("fdatasync", 24),
                       ("mkdir", 4), ("rmdir", 1)):
        for number in range(1, most + 1):
            out = f"{call}{number}"
            code = kill_at(bench, art, out, call, number, words)
            expect(code in (0, -9, 137), f"{call} {number}: exit {code}")
            check_visible_files(bench.path(out))
            bench.generate(art, out, *words)
            same_trees(bench.path("whole"), bench.path(out))


def test_fresh_killed_at_every_removal(bench):
    """The old run's files vanish one by one; whatever is left, the same command ends well."""
    need_oracle()
    need_strace(bench)
    art = small_art(bench.path("art"))
    words = ("-n", "4", "--seed", "new")
    bench.generate(art, "whole", *words)
    for number in range(1, 17):
        out = f"out{number}"
        bench.generate(art, out, "-n", "6", "--seed", "old")
        kill_at(bench, art, out, "unlink", number, (*words, "--fresh"))
        bench.generate(art, out, *words, "--fresh")
        same_trees(bench.path("whole"), bench.path(out))


def test_killed_run_can_be_made_fresh_with_another_plan(bench):
    need_oracle()
    bench.generate(CRITTERS, "whole", *WORDS, "--seed", "other")
    kill_after(bench, "out", 0.25)
    bench.generate(CRITTERS, "out", *WORDS, "--seed", "other", "--fresh")
    same_trees(bench.path("whole"), bench.path("out"))


def wait_for_items(bench, out, process, least):
    """Waits until so many images are there, and then for the run to be in the middle of others."""
    end = time.monotonic() + 60
    while len(list((bench.path(out) / "images").glob("*.png"))) < least:
        expect(process.poll() is None, "the run ended early")
        expect(time.monotonic() < end, "no image within a minute")
        time.sleep(0.01)


def stop_by_signal(bench, number, code):
    """Sends a signal in the middle; the run ends by itself, with whole items only."""
    process = bench.start("generate", CRITTERS, "-o", "out", *LONG)
    wait_for_items(bench, "out", process, 5)
    start = time.monotonic()
    process.send_signal(number)
    expect_equal(process.wait(timeout=30), code, "exit code")
    expect(time.monotonic() - start < 5, "it took more than 5 s to stop")
    process.log.seek(0)
    text = process.log.read().decode()
    process.log.close()
    check_visible_files(bench.path("out"))
    return text


def count_rows(out):
    with sqlite3.connect(f"file:{out}/manifest.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM item WHERE state = 'done'").fetchone()[0]


def check_goes_on(bench):
    """What was finished is not made again."""
    done = count_rows(bench.path("out"))
    expect_equal(done, len(images_of(bench.path("out"))), "rows for images")
    ids = ",".join(str(path.stem) for path in images_of(bench.path("out"))[:3])
    document = bench.summary(CRITTERS, "out", *LONG, "--ids", ids)
    expect_equal((document["made"], document["found"]), (0, 3), "made and found")


def test_interrupt_exits_130_says_so_and_goes_on(bench):
    text = stop_by_signal(bench, signal.SIGINT, 130)
    last = text.strip().splitlines()[-1]
    expect(last.startswith("serigraph: "), f"the last line is {last!r}")
    expect("again" in last or "go on" in last or "resume" in last,
           f"it does not say how to go on: {last!r}")
    check_goes_on(bench)


def test_terminate_exits_75_and_goes_on(bench):
    stop_by_signal(bench, signal.SIGTERM, 75)
    check_goes_on(bench)


def test_second_interrupt_stops_at_once(bench):
    process = bench.start("generate", CRITTERS, "-o", "out", *LONG)
    wait_for_items(bench, "out", process, 1)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    expect_equal(process.wait(timeout=10), 130, "exit code")
    process.log.close()
    check_visible_files(bench.path("out"))


def test_interrupted_run_ends_as_one_at_once(bench):
    whole, seconds = make_whole(bench)
    source = bench.random()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = bench.start("generate", CRITTERS, "-o", "out", "-q", *WORDS)
        try:
            process.wait(timeout=source.uniform(0.02, seconds / 3))
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        process.wait(timeout=30)
        process.log.close()
    finish_and_compare(bench, "out", whole)


def test_paused_and_gone_on_with(bench):
    process = bench.start("generate", CRITTERS, "-o", "out", "--progress", "json:1", *LONG)
    wait_for_items(bench, "out", process, 200)
    process.send_signal(signal.SIGUSR1)
    time.sleep(1.5)
    paused = count_rows(bench.path("out"))
    time.sleep(1.5)
    expect_equal(count_rows(bench.path("out")), paused, "rows while paused")
    expect(process.poll() is None, "the program ended instead of pausing")
    process.send_signal(signal.SIGUSR2)
    wait_for_items(bench, "out", process, paused + 200)
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGINT)
    expect_equal(process.wait(timeout=TIMEOUT_S), 130, "exit code of a paused run that is interrupted")
    process.log.seek(0)
    lines = process.log.read().decode().splitlines()
    states = [json.loads(line)["state"] for line in lines if line.startswith('{"time"')]
    for state in ("working", "paused", "interrupted, run again to go on"):
        expect(state in states, f"no state {state!r} among {sorted(set(states))}")
    process.log.close()


def test_items_that_cannot_be_written_are_given_up_and_tried_again(bench):
    """Names that are taken by folders, in the end and on the way: the other items are made."""
    need_oracle()
    art, words = CRITTERS, ("-n", "12", "-j1")
    bench.generate(art, "whole", *words)
    bench.generate(art, "out", *words, "--ids", "1")
    for place in ("images/3.png", "metadata/5.json", ".partial/7.png"):
        bench.path("out").joinpath(place, "mine").mkdir(parents=True)
    outcome = bench.run("generate", art, "-o", "out", "--json", *words, code=5)
    document = json.loads(outcome.stdout)
    expect_equal((document["exit_code"], document["result"]["made"], document["result"]["failed"]),
                 (5, 8, 3), "made and failed")
    expect("3 of 12 items were given up; run the same command again" in document["error"], document["error"])
    with sqlite3.connect(bench.path("out") / "manifest.db") as database:
        rows = dict(database.execute("select id, reason from item where state = 'failed'"))
    expect_equal(sorted(rows), [3, 5, 7], "items with a reason")
    expect("images/3.png" in rows[3] and "metadata/5.json" in rows[5] and ".partial" in rows[7],
           str(rows))
    for place in ("images/3.png", "metadata/5.json", ".partial/7.png"):
        bench.path("out").joinpath(place, "mine").rmdir()
        bench.path("out").joinpath(place).rmdir()
    bench.generate(art, "out", *words)
    same_trees(bench.path("whole"), bench.path("out"))
