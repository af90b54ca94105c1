"""Serigraph against the peers on the same recipes, in one run; prints a table.

usage: end_to_end.py SERIGRAPH [--shared DIR] [--items N] [--rounds N] [--out DIR]

The peers' scripts come from DIR/bench (default ../shared): each composes the first N recipes of
DIR/packs/mfers (their cost an item is constant) with decoded layers kept and two workers. Serigraph
makes the whole collection, start-up and durable writes included, between the peers' runs. Medians
of the rounds; R is images/s over the fastest peer at its default level.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Pillow and sharp run at the level that they default to and at 1; Skia has no choice.
PEERS = [("pillow", "6", True), ("sharp", "6", True), ("skia", "default", True),
         ("pillow", "1", False), ("sharp", "1", False)]


def install_peers(shared, folder):
    for name in os.listdir(shared / "bench"):
        shutil.copy(shared / "bench" / name, folder)
    subprocess.run(["sh", "setup.sh"], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def run_peer(folder, art, items, out, peer):
    name, level, _ = peer
    command = {"pillow": ["/usr/bin/python3", "peer_pillow.py"], "sharp": ["node", "peer_sharp.js"],
               "skia": ["node", "peer_skia.js"]}[name]
    words = command + [str(art), str(art / "recipes.jsonl"), str(items), str(out)]
    words += [level] if level != "default" else []
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    shutil.rmtree(out)
    rate, kilobytes = done.stdout.split()[-2:]
    return float(rate), float(kilobytes)


def run_serigraph(program, art, out, level):
    start = time.monotonic()
    command = [program, "generate", str(art), "--recipes", str(art / "recipes.jsonl"), "-o", str(out),
               "--png", level, "-j2", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.monotonic() - start
    report = json.loads(done.stdout)
    images = sum(f.stat().st_size for f in (out / "images").iterdir())
    shutil.rmtree(out)
    return (report["made"] / seconds, images / report["made"] / 1000,
            report["memory"]["peak"] / 1e6)


def collect(arguments, folder):
    art = arguments.shared / "packs" / "mfers"
    out = Path(arguments.out or folder) / "made"
    peers = {peer: [] for peer in PEERS}
    ours = {level: [] for level in ("balanced", "fast")}
    for number in range(arguments.rounds):
        for level in ours:
            ours[level].append(run_serigraph(arguments.program, art, out, level))
        for peer in PEERS:
            peers[peer].append(run_peer(folder, art, arguments.items, out, peer))
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    return peers, ours


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda text: str(Path(text).resolve()))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    if not (arguments.shared / "bench").is_dir():
        print("skipped: there are no peers in", arguments.shared)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        install_peers(arguments.shared, folder)
        peers, ours = collect(arguments, folder)
    fastest = max(medians(rows)[0] for peer, rows in peers.items() if peer[2])
    print("| program | level | images/s | R | mean KB | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (name, level, _), rows in peers.items():
        rate, kilobytes = medians(rows)
        print(f"| {name} | {level} | {rate:.1f} | {rate / fastest:.2f} | {kilobytes:.1f} | |")
    for level, rows in ours.items():
        rate, kilobytes, peak = medians(rows)
        print(f"| serigraph | {level} | {rate:.1f} | {rate / fastest:.1f} | {kilobytes:.1f} "
              f"| {peak:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
