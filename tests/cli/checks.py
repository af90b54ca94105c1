"""Cases that take more than one call: streams that are closed or full, terminals, signals, runs
that go on. Each is a function of the tool; its name says what is expected."""

import errno
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

from case import Failed, Skipped

SMALL = ["--size", "64x64", "--resample", "nearest"]
WAIT_S = 60


def expect(condition, message):
    if not condition:
        raise Failed(message)


def expect_exit(result, code):
    text = (result.stderr or b"").decode(errors="replace")
    expect(result.returncode == code, f"exit {result.returncode}, not {code}: {text[:300]!r}")


def need_art(tool):
    if not tool.art.is_dir():
        raise Skipped(f"no art at {tool.art}")


def full_device():
    try:
        return open("/dev/full", "wb")
    except OSError as reason:
        raise Skipped(f"/dev/full: {reason}") from reason


def help_fits_100_columns(tool):
    names = ["generate", "plan", "inspect", "render", "verify", "bench", "devices"]
    for arguments in [["--help"]] + [["help", name] for name in names]:
        lines = tool.run(arguments).stdout.decode().splitlines()
        long = [line for line in lines if len(line) > 100]
        expect(not long, f"{arguments}: {long[:1]}")


def manual_names_every_option(tool):
    page = (tool.root / "docs" / "serigraph.1").read_text(encoding="utf-8").replace("\\-", "-")
    for name in ("generate", "plan", "inspect", "render", "verify", "bench", "devices"):
        text = tool.run(["help", name]).stdout.decode()
        for option in re.findall(r"^ +(?:-\w, )?--([\w-]+)", text, re.MULTILINE):
            # In mdoc, Fl adds the first dash.
            expect(f"Fl -{option}" in page, f"docs/serigraph.1 has no --{option}")


def manual_names_every_exit_code(tool):
    page = (tool.root / "docs" / "serigraph.1").read_text(encoding="utf-8")
    for code in re.findall(r"^ +(\d+)  ", tool.run(["--help"]).stdout.decode(), re.MULTILINE):
        expect(f"\n.It {code}\n" in page, f"docs/serigraph.1 has no exit code {code}")


def full_stdout_is_exit_6(tool):
    with full_device() as device:
        result = tool.run(["--help"], stdout=device)
    expect_exit(result, 6)
    expect(re.fullmatch(rb"serigraph: stdout could not be written: .*\n", result.stderr),
           f"stderr: {result.stderr!r}")


def full_stdout_is_exit_6_for_reports(tool):
    need_art(tool)
    for arguments in (["inspect", "{art}"], ["plan", "{art}", "-n", "5", "--export", "jsonl"],
                      ["inspect", "{art}", "--json"]):
        with full_device() as device:
            expect_exit(tool.run(arguments, stdout=device), 6)


def run_with_closed(tool, stream, arguments):
    command = [str(tool.program)] + [tool.fill(argument) for argument in arguments]
    script = f'exec "$@" {stream}>&-'
    return subprocess.run(["sh", "-c", script, "sh"] + command, cwd=tool.folder, check=False,
                          capture_output=True, env=tool.environment({}), timeout=WAIT_S)


def closed_stdout_is_exit_6(tool):
    expect_exit(run_with_closed(tool, 1, ["--help"]), 6)


def closed_stdout_is_fine_when_nothing_is_printed(tool):
    need_art(tool)
    expect_exit(run_with_closed(tool, 1, ["inspect", "{art}", "-q"]), 0)


def closed_stderr_is_fine(tool):
    expect_exit(run_with_closed(tool, 2, ["--help"]), 0)
    expect_exit(run_with_closed(tool, 2, ["bogus"]), 2)


def run_into_lost_reader(tool, arguments):
    """Runs with a stdout that nobody will read."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        return tool.run(arguments, stdout=write_end)
    finally:
        os.close(write_end)


def lost_reader_is_quiet(tool):
    result = run_into_lost_reader(tool, ["--help"])
    expect_exit(result, 0)
    expect(not result.stderr, f"stderr: {result.stderr!r}")


def lost_reader_is_quiet_for_exports(tool):
    need_art(tool)
    result = run_into_lost_reader(tool, ["plan", "{art}", "-n", "2000", "--export", "jsonl", "-q"])
    expect_exit(result, 0)
    expect(b"serigraph:" not in result.stderr, f"stderr: {result.stderr!r}")


class Terminal:
    """The program with a terminal for stderr; stdout is kept apart."""

    def __init__(self, tool, arguments, environment=None):
        command = [str(tool.program)] + [tool.fill(argument) for argument in arguments]
        try:
            self.ours, theirs = pty.openpty()
        except OSError as reason:
            raise Skipped(f"no terminals: {reason}") from reason
        self.text = b""
        self.process = subprocess.Popen(command, cwd=tool.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=theirs,
                                        env=tool.environment(environment or {}))
        os.close(theirs)

    def read_piece(self):
        """More of what was printed; False at the end."""
        if not select.select([self.ours], [], [], 0.1)[0]:
            return True
        try:
            piece = os.read(self.ours, 4096)
        except OSError as reason:
            if reason.errno != errno.EIO:
                raise
            return False
        self.text += piece
        return bool(piece)

    def read_until(self, wanted):
        end = time.monotonic() + WAIT_S
        while wanted not in self.text:
            if time.monotonic() > end or not self.read_piece():
                self.stop()
                raise Failed(f"{wanted!r} did not come: {self.text[-300:]!r}")

    def finish(self):
        end = time.monotonic() + WAIT_S
        while self.read_piece() and time.monotonic() < end:
            pass
        return self.stop()

    def stop(self):
        """The exit code; ends the process when it did not end by itself."""
        os.close(self.ours)
        try:
            return self.process.wait(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def error_is_red_on_a_terminal_only_when_allowed(tool):
    def text_of(arguments, environment):
        terminal = Terminal(tool, arguments, environment)
        expect(terminal.finish() == 2, "exit is not 2")
        return terminal.text
    expect(b"\x1b[1;31merror" in text_of(["bogus"], {}), "no colour")
    expect(b"\x1b[1;31merror" in text_of(["bogus"], {"NO_COLOR": ""}), "an empty NO_COLOR counted")
    for arguments, environment in ((["bogus", "--no-color"], {}), (["bogus"], {"NO_COLOR": "1"}),
                                   (["bogus"], {"TERM": "dumb"})):
        text = text_of(arguments, environment)
        expect(b"\x1b[1" not in text, f"colour with {arguments} {environment}: {text!r}")


# Long enough on any machine to be interrupted: full size, nothing used again.
LONG_RUN = ["generate", "{art}", "-n", "20000", "--no-reuse", "-j1", "-o", "{tmp}/out"]


def stop_with(tool, number, arguments=()):
    need_art(tool)
    terminal = Terminal(tool, LONG_RUN + list(arguments))
    terminal.read_until(b"images/s")
    terminal.process.send_signal(number)
    return terminal.finish(), terminal.text


def interrupt_finishes_and_exits_130(tool):
    code, text = stop_with(tool, signal.SIGINT)
    expect(b"press Ctrl-C again to stop now" in text, f"nothing said: {text[-300:]!r}")
    expect(code == 130, f"exit {code}, not 130")
    manifest = pathlib.Path(tool.folder) / "out" / "manifest.db"
    expect(manifest.is_file(), "no manifest to go on with")


def terminate_finishes_and_exits_75(tool):
    code, _ = stop_with(tool, signal.SIGTERM)
    expect(code == 75, f"exit {code}, not 75")


def hang_up_finishes_and_exits_75(tool):
    code, _ = stop_with(tool, signal.SIGHUP)
    expect(code == 75, f"exit {code}, not 75")


def generate_goes_on_and_refuses_another_plan(tool):
    need_art(tool)
    arguments = ["generate", "{art}", "-n", "6", "-o", "{tmp}/out"] + SMALL
    expect_exit(tool.run(arguments), 0)
    image = tool.folder / "out" / "images" / "4.png"
    before = (image.read_bytes(), image.stat().st_mtime_ns)
    expect_exit(tool.run(arguments), 0)
    expect(before == (image.read_bytes(), image.stat().st_mtime_ns), "4.png was made again")
    other = [argument if argument != "6" else "7" for argument in arguments]
    expect_exit(tool.run(other), 2)
    expect_exit(tool.run(other + ["--fresh"]), 0)


def plan_file_gives_the_same_bytes(tool):
    need_art(tool)
    expect_exit(tool.run(["plan", "{art}", "-n", "6", "-o", "{tmp}/f.sgp"] + SMALL), 0)
    expect_exit(tool.run(["generate", "{art}", "-n", "6", "-o", "{tmp}/a"] + SMALL), 0)
    expect_exit(tool.run(["generate", "{art}", "--plan", "{tmp}/f.sgp", "-o", "{tmp}/b"]), 0)
    expect_exit(tool.run(["render", "{art}", "--plan", "{tmp}/f.sgp", "--id", "3", "-o",
                          "{tmp}/3.png"]), 0)
    images = [tool.folder / "a/images/3.png", tool.folder / "b/images/3.png", tool.folder / "3.png"]
    expect(len({image.read_bytes() for image in images}) == 1, "3.png differs")


def sample_and_ids_make_only_those(tool):
    need_art(tool)
    start = ["generate", "{art}", "-n", "40", "-q"] + SMALL
    expect_exit(tool.run(start + ["--ids", "2-4,9", "-o", "{tmp}/a"]), 0)
    found = sorted(image.name for image in (tool.folder / "a/images").iterdir())
    expect(found == ["2.png", "3.png", "4.png", "9.png"], f"--ids made {found}")
    expect_exit(tool.run(start + ["--sample", "5", "-o", "{tmp}/b"]), 0)
    count = len(list((tool.folder / "b/images").iterdir()))
    expect(count == 5, f"--sample 5 made {count}")


def dry_run_writes_nothing(tool):
    need_art(tool)
    expect_exit(tool.run(["generate", "{art}", "-n", "6", "-o", "{tmp}/out", "--dry-run"]), 0)
    expect(not list(tool.folder.iterdir()), "something was written")


def verify_tells_an_altered_file(tool):
    need_art(tool)
    expect_exit(tool.run(["generate", "{art}", "-n", "6", "-o", "{tmp}/out"] + SMALL), 0)
    result = tool.run(["verify", "{tmp}/out"])
    expect_exit(result, 0)
    expect(b"0 altered, 0 missing, 0 extra" in result.stdout, f"stdout: {result.stdout!r}")
    with open(tool.folder / "out/images/1.png", "ab") as image:
        image.write(b"x")
    result = tool.run(["verify", "{tmp}/out", "--json"])
    expect_exit(result, 5)
    expect(b"warning: " in result.stderr and b"1.png" in result.stderr, f"{result.stderr!r}")
    document = json.loads(result.stdout)
    expect(document["exit_code"] == 5 and document["result"]["altered"] == 1, f"{document}")


def expect_sane_run(run, items):
    """A measured run: all items came through every stage, in no more time than there was."""
    stages = {stage["name"]: stage for stage in run["stages"]}
    expect(run["items"] == items, f"{run['items']} items, not {items}")
    expect(stages["schedule"]["count"] == stages["commit"]["count"] == items, f"{stages}")
    expect(stages["encode"]["count"] == run["strips_made"] <= run["strips"], f"{stages}")
    expect(stages["commit"]["bytes"] == stages["digest"]["bytes"] == run["bytes"], f"{stages}")
    names = ("compose", "encode", "assemble", "digest", "write")
    spent = sum(stages[name]["busy_ns"] + stages[name]["wait_ns"] for name in names)
    threads = run["threads"] + run["writers"]
    expect((run["writers"] > 0) == (run["role"] == "disk"), f"writers: {run}")
    expect(0 < spent <= run["elapsed_ns"] * threads, f"workers: {spent} ns in {run}")
    expect(run["fastest_ns"] <= run["elapsed_ns"] <= run["slowest_ns"], f"not a median: {run}")


def bench_sums_are_sane_and_nothing_stays(tool):
    need_art(tool)
    result = tool.run(["bench", "{art}", "-n", "30", "--seconds", "1", "-j2", "-o", "{tmp}/new",
                       "--json"] + SMALL)
    expect_exit(result, 0)
    document = json.loads(result.stdout)
    for run in document["runs"]:
        expect_sane_run(run, 30)
    roles = {run["role"] for run in document["runs"]}
    expect(roles >= {"grid", "no-reuse", "level", "disk"}, f"{roles}")
    base, disk = (document["runs"][document[name]] for name in ("base", "disk"))
    expect(base["threads"] == 2 and disk["role"] == "disk", "wrong runs are named")
    expect(document["floor"]["bytes"] == disk["bytes"] == base["bytes"], "bytes differ")
    ratio = disk["elapsed_ns"] / document["floor"]["elapsed_ns"]
    expect(abs(document["floor"]["ratio"] - ratio) < 0.02, f"ratio is {ratio}")
    expect(not list(tool.folder.iterdir()), "something was left")


def bench_takes_a_count_next_to_a_plan(tool):
    need_art(tool)
    expect_exit(tool.run(["plan", "{art}", "-n", "50", "-o", "{tmp}/f.sgp"] + SMALL), 0)
    result = tool.run(["bench", "{art}", "--plan", "{tmp}/f.sgp", "-n", "7", "--seconds", "1",
                       "--json"])
    expect_exit(result, 0)
    document = json.loads(result.stdout)
    expect((document["planned"], document["items"]) == (50, 7), "not 7 of 50")


def stop_bench_with(tool, number):
    """Stops a bench while its temporary folder is there."""
    need_art(tool)
    terminal = Terminal(tool, ["bench", "{art}", "-n", "2000", "-o", "{tmp}"])
    terminal.read_until(b"bench: round")
    names = [path.name for path in tool.folder.iterdir()]
    expect(any(name.startswith(".serigraph-bench-") for name in names), f"only {names}")
    terminal.process.send_signal(number)
    return terminal.finish()


def interrupted_bench_leaves_nothing(tool):
    code = stop_bench_with(tool, signal.SIGINT)
    expect(code == 130, f"exit {code}, not 130")
    expect(not list(tool.folder.iterdir()), "something was left")


def terminated_bench_leaves_nothing(tool):
    code = stop_bench_with(tool, signal.SIGTERM)
    expect(code == 75, f"exit {code}, not 75")
    expect(not list(tool.folder.iterdir()), "something was left")


def plain_lines_have_no_control_characters(tool):
    need_art(tool)
    result = tool.run(["generate", "{art}", "-n", "6", "-o", "{tmp}/out", "-v"] + SMALL)
    expect_exit(result, 0)
    expect(not re.search(rb"[\x00-\x09\x0b-\x1f]", result.stdout + result.stderr), "there are some")


def devices_as_json_tell_one_choice(tool):
    result = tool.run(["devices", "--json"])
    expect_exit(result, 0)
    told = json.loads(result.stdout)
    expect([kernel["auto"] for kernel in told["kernels"]].count(True) == 1, f"{told['kernels']}")
    expect([device["index"] for device in told["devices"]] == list(range(len(told["devices"]))),
           f"{told['devices']}")
    chosen = [device["index"] for device in told["devices"] if device["auto"]]
    choice = told["auto"]
    expect(chosen == ([] if choice["device"] is None else [choice["device"]]), f"{choice}")
    expect(choice["backend"] == ("gles" if chosen else "cpu"), f"{choice}")
    expect(chosen or choice["reason"], "no reason is told")
    expect(all(device["started"] or device["fault"] for device in told["devices"]), "no fault")


def devices_do_without_egl(tool):
    """A file that is no library comes before the real one."""
    (tool.folder / "libEGL.so.1").write_bytes(b"")
    hidden = {"LD_LIBRARY_PATH": str(tool.folder)}
    if b"libEGL" not in tool.run(["devices"], hidden).stdout:
        raise Skipped("built without the gles backend")
    told = json.loads(tool.run(["devices", "--json"], hidden).stdout)
    expect(told["devices"] == [], f"{told['devices']}")
    expect("libEGL.so.1 cannot be loaded" in told["auto"]["reason"], f"{told['auto']}")
    expect("libegl1" in told["auto"]["reason"], "no remedy")


CHECKS = [
    help_fits_100_columns, manual_names_every_option, manual_names_every_exit_code,
    full_stdout_is_exit_6, full_stdout_is_exit_6_for_reports, closed_stdout_is_exit_6,
    closed_stdout_is_fine_when_nothing_is_printed, closed_stderr_is_fine, lost_reader_is_quiet,
    lost_reader_is_quiet_for_exports, error_is_red_on_a_terminal_only_when_allowed,
    interrupt_finishes_and_exits_130, terminate_finishes_and_exits_75,
    hang_up_finishes_and_exits_75, generate_goes_on_and_refuses_another_plan,
    plan_file_gives_the_same_bytes, sample_and_ids_make_only_those, dry_run_writes_nothing,
    verify_tells_an_altered_file, bench_sums_are_sane_and_nothing_stays,
    bench_takes_a_count_next_to_a_plan, interrupted_bench_leaves_nothing,
    terminated_bench_leaves_nothing, plain_lines_have_no_control_characters,
    devices_as_json_tell_one_choice, devices_do_without_egl,
]
