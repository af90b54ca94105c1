"""Renders evenly spaced items of a pack, the images that encoder_bench reads.

usage: make_images.py SERIGRAPH PACK OUT [--items N] [-n COUNT] [OPTION...]

A pack with a recipes.jsonl gives the items of these recipes; for any other COUNT items are planned.
Other options go to the program, such as --layers. OUT/images holds the images. Then:
    build/bench/encoder_bench 32,64 rgb OUT/images/*.png
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path


def spaced(ids, count):
    """`count` of the ids with equal steps between, from the first on; all when there are fewer."""
    return ids[::max(len(ids) // count, 1)][:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda text: str(Path(text).resolve()))
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("-n", dest="count", type=int, default=1000)
    arguments, options = parser.parse_known_args()
    recipes = arguments.pack / "recipes.jsonl"
    words = ["--recipes", str(recipes)] if recipes.is_file() else [f"-n{arguments.count}"]
    words = [str(arguments.pack), *words, *options, "-q"]
    export = subprocess.run([arguments.program, "plan", *words, "--export", "jsonl"], check=True,
                            capture_output=True, text=True).stdout
    # Names may hold what splitlines takes for line ends.
    ids = spaced([json.loads(line)["id"] for line in export.split("\n") if line], arguments.items)
    subprocess.run([arguments.program, "generate", *words, "--ids", ",".join(map(str, ids)), "-o",
                    str(arguments.out)], check=True)
    print(f"{len(ids)} images in {arguments.out / 'images'}")


if __name__ == "__main__":
    sys.exit(main())
