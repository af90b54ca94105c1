"""Who watches a run: JSON lines, metrics, the log; and readers that are slow, gone, or were never
there."""

import json
import os
import signal
import subprocess

from harness import CRITTERS, TIMEOUT_S, expect, expect_equal, expect_one_line

WORDS = ("-n", "60", "--size", "100x100", "--resample", "nearest")


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_progress_for_programs(bench):
    outcome = bench.generate(CRITTERS, "out", "-n", "400", "--no-reuse", "-j1", "--progress", "json")
    lines = lines_of(outcome.stderr)
    expect(len(lines) >= 2, f"only {len(lines)} lines")
    expect(len(lines) <= outcome.seconds * 10 + 2, f"{len(lines)} lines in {outcome.seconds:.1f} s")
    for line in lines:
        expect(line["items_total"] == 400 and 0 <= line["items_done"] <= 400, str(line))
        expect(line["queues"]["items_in_flight"] >= 0 and line["memory_bytes"] > 1_000_000, str(line))
    done = [line["items_done"] for line in lines]
    expect_equal(done, sorted(done), "items done")
    expect_equal((lines[-1]["state"], lines[-1]["items_done"], lines[-1]["eta_seconds"]),
                 ("done", 400, 0.0), "the last line")


def test_progress_on_a_descriptor(bench):
    path = bench.path("progress")
    with open(path, "wb") as stream:
        bench.generate(CRITTERS, "out", *WORDS, "--progress", f"json:{stream.fileno()}",
                       pass_fds=[stream.fileno()])
    expect_equal(lines_of(path.read_text())[-1]["state"], "done", "the last line")
    for word in ("xml", "json:", "json:77", "json:0x1", ""):
        outcome = bench.run("generate", CRITTERS, "-o", "refused", *WORDS, "--progress", word, code=2)
        expect_one_line(outcome, 2, "--progress")
        expect(not bench.path("refused").exists(), "an output folder was left")


def test_the_log_is_no_descriptor_for_progress(bench):
    for number in (3, 4, 5):
        outcome = bench.run("generate", CRITTERS, "-o", "refused", *WORDS, "--log", "run.log",
                            "--progress", f"json:{number}", code=2)
        expect_one_line(outcome, 2, "--progress")


def test_readers_that_do_not_read(bench):
    """A pipe that is full, and one that is closed, neither stop the run nor end it."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b" " * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    bench.generate(CRITTERS, "full", *WORDS, "--progress", f"json:{writer}", pass_fds=[writer],
                   timeout=60)
    os.close(reader)
    bench.generate(CRITTERS, "closed", *WORDS, "--progress", f"json:{writer}", pass_fds=[writer],
                   timeout=60)
    os.close(writer)


def test_metrics(bench):
    bench.generate(CRITTERS, "out", *WORDS, "--metrics", "run.prom")
    text = bench.path("run.prom").read_text(encoding="ascii")
    values = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    expect_equal((values["serigraph_items"], values["serigraph_items_done"]), ("60", "60"), "items")
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    expect_equal(sorted(names), sorted(values), "names with a type")
    expect(not bench.path("run.prom.partial").exists(), "a temporary file is left")
    outcome = bench.generate(CRITTERS, "two", *WORDS, "--metrics", "missing/run.prom")
    expect_equal(outcome.stderr.count("--metrics missing/run.prom cannot be written"), 1, "warnings")
    os.mkfifo(bench.path("pipe"))
    outcome = bench.generate(CRITTERS, "three", *WORDS, "--metrics", "pipe")
    expect_equal(outcome.stderr.count("--metrics pipe cannot be written"), 1, "warnings of a pipe")
    expect(bench.path("pipe").is_fifo(), "the pipe was replaced")


def test_log(bench):
    bench.generate(CRITTERS, "out", *WORDS, "--log", "run.log")
    bench.run("generate", CRITTERS, "-o", "out", "-n", "61", "-q", "--log", "run.log", code=2)
    lines = lines_of(bench.path("run.log").read_text(encoding="utf-8"))
    ends = [line["exit_code"] for line in lines if line["message"] == "ended"]
    expect_equal(ends, [0, 2], "exit codes")
    expect_equal([line["arguments"][0] for line in lines if line["message"] == "began"],
                 ["generate"] * 2, "what was called")
    errors = [line["message"] for line in lines if line["level"] == "error"]
    expect(len(errors) == 1 and "another plan" in errors[0], f"errors: {errors}")
    outcome = bench.run("inspect", CRITTERS, "--log", "missing/run.log", code=6)
    expect_one_line(outcome, 6, "--log missing/run.log")


def test_standard_streams_that_are_closed(bench):
    command = f'exec "{bench.program}" generate "{CRITTERS}" -o out -n 8 >&- 2>&-'
    done = subprocess.run(["sh", "-c", command], cwd=bench.folder, stdin=subprocess.DEVNULL,
                          check=False, timeout=TIMEOUT_S)
    expect(done.returncode in (0, 6), f"exit {done.returncode}")
    expect_equal(len(list(bench.path("out").glob("images/*.png"))), 8, "images")


def test_stopped_and_continued(bench):
    process = bench.start("generate", CRITTERS, "-o", "out", *WORDS)
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)
    expect_equal(process.wait(timeout=TIMEOUT_S), 0, "exit code")
    process.log.close()
