"""What the end-to-end tests share: running the program, the oracle and other judges, and checks.

The oracle runs as a process of its own, so that the runner needs no numpy.
"""

import collections
import functools
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORACLE = ROOT / "tests" / "oracle"
CRITTERS = ROOT / "examples" / "critters"
TIMEOUT_S = 120

# What a finished process leaves: texts, and the wall time.
Outcome = collections.namedtuple("Outcome", "code stdout stderr seconds")


class Failed(Exception):
    """The program did something else than the test says."""


class Skipped(Exception):
    """The test cannot be run here."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


def expect_equal(got, expected, what):
    if got != expected:
        raise Failed(f"{what}: got {got!r:.500}, expected {expected!r:.500}")


def shared_folder():
    return pathlib.Path(os.environ.get("SGR_SHARED", ROOT.parent / "shared")).resolve()


def need_pack(name):
    """The folder of a shared trait pack."""
    path = shared_folder() / "packs" / name
    if not path.is_dir():
        raise Skipped(f"no pack {path} (SGR_SHARED)")
    return path


@functools.cache
def has_oracle():
    probe = [sys.executable, "-c", "import numpy, PIL"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def need_oracle():
    if not has_oracle():
        raise Skipped(f"{sys.executable} has no numpy and Pillow for the oracle")


def need_command(name):
    if not shutil.which(name):
        raise Skipped(f"no {name}")


def run_oracle(script, *arguments):
    """Runs a script of tests/oracle, whose last words are the reason when it fails."""
    need_oracle()
    result = subprocess.run([sys.executable, str(ORACLE / script), *map(str, arguments)],
                            check=False, capture_output=True, text=True, timeout=TIMEOUT_S)
    text = (result.stdout + result.stderr).strip()
    if result.returncode:
        lines = text.splitlines()
        raise Failed(f"{script} {arguments[0]}: {' | '.join(lines[:4] + lines[-1:])[:700]}")
    return text


def make_pack(folder, kind):
    """One of the generated packs noise, zoo and big."""
    run_oracle("make_art.py", folder, kind)
    return folder


def check_pixels(art, recipes, images, *options):
    """Every pixel of every image that the recipes file asks for is what the oracle composes."""
    return run_oracle("oracle.py", "check", "--art", art, "--recipes", recipes, "--images", images,
                      *options)


def same_trees(first, second, *ignored):
    """Two output folders hold the same bytes, and manifests with the same rows."""
    words = [word for pattern in ignored for word in ("--ignore", pattern)]
    run_oracle("oracle.py", "trees", *words, first, second)


def same_pixels(first, second):
    run_oracle("oracle.py", "pixels", first, second)


def snapshot(folder):
    """Every file under a folder with its bytes and its time of change."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path.relative_to(folder))] = (path.read_bytes(), path.stat().st_mtime_ns)
        else:
            found[str(path.relative_to(folder))] = None
    return found


def images_of(out):
    return sorted((pathlib.Path(out) / "images").glob("*.png"), key=lambda path: int(path.stem))


def check_png_files(out):
    """pngcheck accepts every image, and Pillow decodes it; returns the set of Pillow's modes."""
    need_command("pngcheck")
    paths = [str(path) for path in images_of(out)]
    expect(paths, f"no images in {out}")
    for start in range(0, len(paths), 500):
        result = subprocess.run(["pngcheck", "-q", *paths[start:start + 500]], check=False,
                                capture_output=True, text=True, timeout=TIMEOUT_S)
        expect(result.returncode == 0, f"pngcheck: {(result.stdout + result.stderr)[:300]}")
    need_oracle()
    script = ("import sys\nfrom PIL import Image\nmodes = set()\n"
              "for path in sys.stdin.read().splitlines():\n"
              "    with Image.open(path) as image:\n        image.load()\n"
              "        modes.add(image.mode)\nprint(*sorted(modes))\n")
    result = subprocess.run([sys.executable, "-c", script], input="\n".join(paths), check=False,
                            capture_output=True, text=True, timeout=TIMEOUT_S)
    expect(result.returncode == 0, f"Pillow: {result.stderr[-300:]}")
    return set(result.stdout.split())


def expect_one_line(outcome, code, *words):
    """A failure is one line that begins with the program's name and holds all the words."""
    expect_equal(outcome.code, code, f"exit code ({outcome.stderr.strip()[:300]!r})")
    errors = [line for line in outcome.stderr.splitlines() if line.startswith("serigraph: ")]
    expect(len(errors) == 1 and outcome.stderr.endswith(errors[0] + "\n"),
           f"not one error line at the end of stderr: {outcome.stderr[:400]!r}")
    for word in words:
        expect(word in errors[0], f"the error does not name {word!r}: {errors[0][:400]!r}")
    return errors[0]


class Bench:
    """The program under test and the test's own folder, which is also the working folder."""

    def __init__(self, program, folder, painting):
        self.program, self.folder, self.painting = program, folder, painting
        self.cleanups = []
        self.notes = []  # printed in the test's line

    def clean_up(self):
        """Undoes what must not outlive the test, such as mounts, the last first."""
        for cleanup in reversed(self.cleanups):
            cleanup()

    def path(self, name):
        return self.folder / name

    def random(self):
        """Chance whose seed the test's line tells."""
        seed = time.time_ns() % 1_000_000
        self.notes.append(f"seed {seed}")
        return random.Random(seed)

    def start(self, *words, **options):
        """Starts the program and leaves it running; its outputs go to files of the test."""
        log = tempfile.TemporaryFile()  # closed with the process object
        process = subprocess.Popen([str(self.program), *map(str, words)], cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        process.log = log
        return process

    def run(self, *words, code=0, timeout=TIMEOUT_S, before=(), **options):
        """Runs to the end and checks the exit code; None accepts every one but crashes.

        `before` are words to put before the program, such as another tool that runs it.
        """
        options = {"cwd": self.folder, **options}
        command = [*before, str(self.program), *map(str, words)]
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout,
                                       stderr=stderr, start_new_session=bool(before), **options)
            try:
                late = False
                process.wait(timeout=timeout)
            except subprocess.TimeoutExpired:
                late = True
                # A tool in front of the program would leave it running.
                kill = os.killpg if before else os.kill
                kill(process.pid, signal.SIGKILL)
                process.wait()
            seconds = time.monotonic() - start
            stdout.seek(0)
            stderr.seek(0)
            texts = [stream.read().decode(errors="surrogateescape") for stream in (stdout, stderr)]
        expect(not late, f"{words[0]} did not end in {timeout} s")
        outcome = Outcome(process.returncode, *texts, seconds)
        self.check_code(words, outcome, code)
        return outcome

    def measure(self, *words, **options):
        """Runs, and returns the outcome and the peak of resident memory in bytes."""
        report = self.path("peak")
        helper = (sys.executable, "-I", "-S", str(pathlib.Path(__file__).parent / "measure.py"),
                  str(report))
        outcome = self.run(*words, before=helper, **options)
        peak_bytes = int(report.read_text(encoding="ascii"))
        report.unlink()
        return outcome, peak_bytes

    @staticmethod
    def check_code(words, outcome, code):
        shown = " ".join(map(str, words))[:300]
        if outcome.code < 0 and outcome.code != -signal.SIGKILL:
            raise Failed(f"{shown}: ended by signal {-outcome.code}: {outcome.stderr[-300:]!r}")
        if code is not None and outcome.code != code:
            raise Failed(f"{shown}: exit {outcome.code}, not {code}: {outcome.stderr[-500:]!r}")

    def generate(self, art, out, *words, **options):
        return self.run("generate", art, "-o", out, "-q", *words, **options)

    def summary(self, art, out, *words, **options):
        """Runs generate and returns the document of its result."""
        return json.loads(self.run("generate", art, "-o", out, "--json", *words, **options).stdout)

    def export(self, art, *words, form="jsonl"):
        """The plan's items as lines."""
        return self.run("plan", art, "--export", form, "-q", *words).stdout

    def items(self, art, *words):
        """The plan's items as objects. Names may hold what str.splitlines takes for line ends."""
        return [json.loads(line) for line in self.export(art, *words).split("\n") if line]

    def export_file(self, name, art, *words):
        path = self.path(name)
        path.write_text(self.export(art, *words), encoding="utf-8", errors="surrogateescape")
        return path

    def refuse(self, code, art, *words, named=(), **options):
        """Art that cannot be used is refused in one line, and no output folder appears."""
        outcome = self.run("generate", art, "-o", "refused", *words, code=None, **options)
        line = expect_one_line(outcome, code, *named)
        expect(not self.path("refused").exists(), f"an output folder was left: {line}")
        return outcome


def metadata_of(out, item):
    path = pathlib.Path(out) / "metadata" / f"{item}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def traits_of(document):
    """An item's attributes as {type: value}."""
    return {entry["trait_type"]: entry["value"] for entry in document["attributes"]}


def all_metadata(out):
    """The metadata of every item in numeric order."""
    paths = [path for path in (pathlib.Path(out) / "metadata").glob("*.json")
             if path.stem != "_metadata"]
    return [json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(paths, key=lambda path: int(path.stem))]
