"""Serigraph against the peers on the same recipes, in one run; prints a table for each collection.

usage: end_to_end.py SERIGRAPH [--shared DIR] [--items N] [--rounds N] [--out DIR]

The peers' scripts come from DIR/bench (default ../shared): each composes the first N recipes of a
collection (their cost an item is constant) with decoded layers kept and two workers. Serigraph
makes the whole collection, start-up and durable writes included, between the peers' runs. Medians
of the rounds; R is images/s over the fastest peer at the same kind of level: its default, or 1.

Every run writes into a folder of its own, and all of them are removed at the end: ext4 goes slowly
around inodes that were freed within the last minutes, so removing one run's files would be paid by
the next. That takes up to 5 GB a round.
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
PEERS = [("pillow", "6", "default"), ("sharp", "6", "default"), ("skia", "default", "default"),
         ("pillow", "1", "1"), ("sharp", "1", "1")]
# What Serigraph is run with, and which kind of peers it is held against.
OURS = [("balanced", ["--png", "balanced"], "default"),
        ("fast", ["--png", "fast"], "1"),
        ("balanced --no-reuse", ["--no-reuse", "--sample", "1500"], "default")]
NFTCHEF_ITEMS = 2000
NFTCHEF_LAYERS = "Background,Back Accessory,Head,Eyes,Hair,Clothes,Shirt Accessories,Accessory"


class Folders:
    """New folders to write into, removed together."""

    def __init__(self, root):
        self.root = Path(root)
        self.made = 0

    def new(self):
        self.made += 1
        return self.root / f"run{self.made}"


def install_peers(shared, folder):
    for name in os.listdir(shared / "bench"):
        shutil.copy(shared / "bench" / name, folder)
    subprocess.run(["sh", "setup.sh"], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def run_peer(folder, art, recipes, items, out, peer):
    name, level, _ = peer
    command = {"pillow": ["/usr/bin/python3", "peer_pillow.py"], "sharp": ["node", "peer_sharp.js"],
               "skia": ["node", "peer_skia.js"]}[name]
    words = command + [str(art), str(recipes), str(items), str(out)]
    words += [level] if level != "default" else []
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    rate, kilobytes = done.stdout.split()[-2:]
    return float(rate), float(kilobytes)


def run_serigraph(program, art, recipes, out, options):
    start = time.monotonic()
    command = [program, "generate", str(art), "--recipes", str(recipes), "-o", str(out), "-j2",
               "--json"] + options
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.monotonic() - start
    report = json.loads(done.stdout)
    images = sum(f.stat().st_size for f in (out / "images").rglob("*.png"))
    return (report["made"] / seconds, images / report["made"] / 1000,
            report["memory"]["peak"] / 1e6)


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def bench(arguments, folder, folders, name, art, recipes):
    peers = {peer: [] for peer in PEERS}
    ours = {row[0]: [] for row in OURS}
    for number in range(arguments.rounds):
        for label, options, _ in OURS:
            ours[label].append(
                run_serigraph(arguments.program, art, recipes, folders.new(), options))
        for peer in PEERS:
            peers[peer].append(
                run_peer(folder, art, recipes, arguments.items, folders.new(), peer))
        print(f"{name}: round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    print(f"\n{name}\n\n| program | level | images/s | R | mean KB | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    fastest = {kind: max(medians(rows)[0] for peer, rows in peers.items() if peer[2] == kind)
               for kind in ("default", "1")}
    for (peer, level, kind), rows in peers.items():
        rate, kilobytes = medians(rows)
        print(f"| {peer} | {level} | {rate:.1f} | {rate / fastest[kind]:.2f} | {kilobytes:.1f} | |")
    for label, _, kind in OURS:
        rate, kilobytes, peak = medians(ours[label])
        print(f"| serigraph | {label} | {rate:.1f} | {rate / fastest[kind]:.1f} | {kilobytes:.1f} "
              f"| {peak:.0f} |")


def nftchef_recipes(program, art, folder):
    path = Path(folder) / "nftchef.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        subprocess.run([program, "plan", str(art), "-n", str(NFTCHEF_ITEMS), "--layers",
                        NFTCHEF_LAYERS, "--export", "jsonl", "-q"], check=True, stdout=file)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda text: str(Path(text).resolve()))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", help="a folder on the disk to measure; default: the temporary one")
    arguments = parser.parse_args()
    if not (arguments.shared / "bench").is_dir():
        print("skipped: there are no peers in", arguments.shared)
        return 0
    packs = arguments.shared / "packs"
    with tempfile.TemporaryDirectory() as folder, \
            tempfile.TemporaryDirectory(dir=arguments.out) as made:
        install_peers(arguments.shared, folder)
        folders = Folders(made)
        bench(arguments, folder, folders, "mfers, 10,021 recipes", packs / "mfers",
              packs / "mfers" / "recipes.jsonl")
        art = packs / "nftchef" / "layers"
        bench(arguments, folder, folders, f"nftchef, {NFTCHEF_ITEMS} items", art,
              nftchef_recipes(arguments.program, art, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
