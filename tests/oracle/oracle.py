#!/usr/bin/python3
"""The independent judge of Serigraph's pictures and output folders.

  oracle.py check --art ART --recipes F.jsonl --images DIR [--canvas WxH] [--size WxH] [--sample K --seed S]
      composes items by the integer rule of the design and compares every pixel with DIR/<id>.png
  oracle.py tables DIR      writes the exact blend tables as DIR/<mode>.bin, 65536 bytes, index Cb * 256 + Cs
  oracle.py trees A B       compares two output folders: files by bytes, manifest.db by its rows
  oracle.py pixels A B      compares the decoded pixels of A/images and B/images

Exit status: 0 equal, 1 something differs, 2 wrong usage or unreadable input.
"""
import argparse
import fnmatch
import json
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter, namedtuple
from decimal import Decimal

# Neither a user nor a test wants compiled files in the source tree.
sys.dont_write_bytecode = True

import numpy

import compositing
import png_decode

# What the recipes file and the command line say together. scale is None or as PictureCache.get wants it.
Job = namedtuple("Job", "art images canvas scale cache")
Layer = namedtuple("Layer", "path blend opacity x y")
LAYER_KEYS = {"path", "blend", "opacity", "at"}
SHOWN_DIFFERENCES = 20


class InputError(ValueError):
    """Raised when the oracle's own input is wrong, so that it is not taken for a difference."""


# ---- recipes -------------------------------------------------------------------------------------------------------

def refuse_constant(name):
    """JSON has no NaN, but Python's reader takes it."""
    raise InputError(f"{name} is not JSON")


def parse_line(text):
    """Reads numbers as Decimal: a float would already have decided the ties of 255 * opacity."""
    return json.loads(text, parse_float=Decimal, parse_constant=refuse_constant)


def parse_layer(entry):
    """One entry of "layers". Unknown keys are refused, for the oracle cannot judge what it does not understand."""
    if isinstance(entry, str):
        return Layer(entry, "normal", 255, 0, 0)
    unknown = set(entry) - LAYER_KEYS
    if unknown:
        raise InputError(f"the layer keys {sorted(unknown)} are unknown to the oracle")
    x, y = entry.get("at", (0, 0))
    if type(x) is not int or type(y) is not int:
        raise InputError(f"the place {entry['at']} is not two integers")
    blend = entry.get("blend", "normal")
    compositing.check_mode(blend)
    return Layer(entry["path"], blend, compositing.opacity_to_byte(entry.get("opacity", 1)), x, y)


def read_recipes(path):
    """Returns the items in file order; an id that appears twice would make "the image of the item" ambiguous."""
    items, seen = [], set()
    with open(path, encoding="utf-8") as stream:
        for number, text in enumerate(stream, 1):
            if not text.strip():
                continue
            try:
                item = parse_line(text)
                item = (item["id"], [parse_layer(entry) for entry in item["layers"]])
            except (ValueError, KeyError, TypeError, ArithmeticError) as error:
                raise InputError(f"{path}:{number}: {error}") from None
            if item[0] in seen:
                raise InputError(f"{path}:{number}: the id {item[0]} appears twice")
            seen.add(item[0])
            items.append(item)
    return items


def commonest_size(art, items):
    """The canvas when none is given: every referenced picture counts once; the larger, then the wider size wins a tie."""
    sizes = Counter()
    for path in {layer.path for _, layers in items for layer in layers}:
        full = os.path.join(art, path)
        if os.path.getsize(full):
            header = png_decode.read_header(full)
            sizes[header.width, header.height] += 1
    if not sizes:
        raise InputError("no recipe refers to a picture, so the canvas must be given with --canvas")
    return max(sizes, key=lambda size: (sizes[size], size[0] * size[1], size[0]))


# ---- check ---------------------------------------------------------------------------------------------------------

def place(value, scale):
    """A coordinate on the resized canvas, to nearest, ties up; floor division keeps that right below zero."""
    return value if scale is None else compositing.rounded(value * scale[0], scale[1])


def expected_image(job, layers, canvas):
    """Composes one item."""
    parts = []
    for layer in layers:
        picture = job.cache.get(os.path.join(job.art, layer.path), job.scale)
        if picture is not None:
            x, y = place(layer.x, job.scale and job.scale[0]), place(layer.y, job.scale and job.scale[1])
            parts.append(compositing.Part(picture, layer.blend, layer.opacity, x, y))
    return compositing.compose(canvas[0], canvas[1], parts)


def describe_difference(got, expected):
    """None if equal, else the words after "id: "."""
    if got.shape != expected.shape:
        return f"size {got.shape[1]}x{got.shape[0]}, expected {expected.shape[1]}x{expected.shape[0]}"
    if numpy.array_equal(got, expected):
        return None
    different = (got != expected).any(axis=2)
    y, x = divmod(int(different.argmax()), got.shape[1])
    pixels = (tuple(int(value) for value in image[y, x]) for image in (got, expected))
    return "first differing pixel {},{} got {} expected {}, {} pixels differ".format(
        x, y, *pixels, int(different.sum()))


def read_image(path):
    """Decodes an output image twice; two readers that disagree would mean that the file or the oracle is broken."""
    pixels = png_decode.decode_file(path)
    other = png_decode.decode_with_pillow(path)
    if other is None:
        raise png_decode.PngError("the image has 16 bits a sample; outputs have 8 at most")
    trouble = describe_difference(other, pixels)
    if trouble:
        raise png_decode.PngError(f"Pillow and the oracle's decoder disagree: {trouble}")
    return pixels


def check_item(job, name, layers):
    """None if the image of the item is right, else what is wrong with it."""
    path = os.path.join(job.images, f"{name}.png")
    try:
        got = read_image(path)
    except FileNotFoundError:
        return f"{path} is missing"
    except (OSError, ValueError, SyntaxError) as error:
        return f"{path} cannot be read: {error}"
    try:
        expected = expected_image(job, layers, job.canvas)
    except (OSError, ValueError) as error:
        return f"the oracle cannot compose it: {error}"
    return describe_difference(got, expected)


def prepare_job(options, items):
    """Decides the canvas and the scale."""
    canvas = options.canvas or commonest_size(options.art, items)
    scale = None
    if options.size and options.size != canvas:
        scale = ((options.size[0], canvas[0]), (options.size[1], canvas[1]))
        canvas = options.size
    cache = compositing.PictureCache(options.cache * 1_000_000)
    return Job(options.art, options.images, canvas, scale, cache)


def command_check(options):
    """oracle.py check."""
    items = read_recipes(options.recipes)
    job = prepare_job(options, items)
    if options.sample is not None and options.sample < len(items):
        chosen = sorted(random.Random(options.seed).sample(range(len(items)), options.sample))
        items = [items[index] for index in chosen]
    if not items:
        raise InputError("there is nothing to check, which must not look like success")
    differ = 0
    for name, layers in items:
        trouble = check_item(job, name, layers)
        if trouble:
            differ += 1
            print(f"{name}: {trouble}", flush=True)
    print(f"oracle: {len(items) - differ} items equal, {differ} differ")
    return 1 if differ else 0


# ---- tables --------------------------------------------------------------------------------------------------------

def command_tables(options):
    """oracle.py tables."""
    os.makedirs(options.folder, exist_ok=True)
    for mode in compositing.SEPARABLE_MODES:
        with open(os.path.join(options.folder, f"{mode}.bin"), "wb") as stream:
            stream.write(compositing.blend_table(mode).astype(numpy.uint8).tobytes())
    print(f"oracle: {len(compositing.SEPARABLE_MODES)} tables written")
    return 0


# ---- trees ---------------------------------------------------------------------------------------------------------

def list_files(root, ignored=()):
    """The relative paths of all files and links under a folder."""
    if not os.path.isdir(root):
        raise InputError(f"{root} is not a folder")
    found = set()
    for folder, folders, names in os.walk(root):
        names += [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root)
            if not any(fnmatch.fnmatchcase(path, pattern) for pattern in ignored):
                found.add(path)
    return found


def same_bytes(first, second):
    """Compares two files in pieces; filecmp would trust sizes and times or keep a cache."""
    if os.path.islink(first) or os.path.islink(second):
        return os.path.islink(first) and os.path.islink(second) and os.readlink(first) == os.readlink(second)
    if os.path.getsize(first) != os.path.getsize(second):
        return False
    with open(first, "rb") as one, open(second, "rb") as other:
        while True:
            piece, counterpart = one.read(1 << 20), other.read(1 << 20)
            if piece != counterpart:
                return False
            if not piece:
                return True


def order_of_row(row):
    """A sort key for mixed values: NULL, numbers, text and blobs do not compare with each other in Python."""
    return [(type(value).__name__, repr(value)) for value in row]


def read_manifest(path):
    """All tables of a manifest as {table: (columns, sorted rows)}.

    It is read from a copy together with its journal, since opening a database can change the files beside it.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.db")
        for suffix in ("", "-wal", "-journal"):
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, copy + suffix)
        database = sqlite3.connect(copy)
        try:
            # Text that is not UTF-8 must be comparable too.
            database.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            tables = {}
            for name in sorted(names):
                quoted = name.replace('"', '""')
                cursor = database.execute(f'SELECT * FROM "{quoted}"')
                columns = [column[0] for column in cursor.description]
                tables[name] = (columns, sorted(cursor.fetchall(), key=order_of_row))
            return tables
        finally:
            database.close()


def compare_rows(name, table, rows, others):
    """Lines that say which rows only one of the two tables has."""
    one, other = Counter(map(repr, rows)), Counter(map(repr, others))
    lines = [f"{name}: table {table}: only in the first: {row}" for row in sorted((one - other).elements())]
    lines += [f"{name}: table {table}: only in the second: {row}" for row in sorted((other - one).elements())]
    if len(lines) > SHOWN_DIFFERENCES:
        lines[SHOWN_DIFFERENCES:] = [f"{name}: table {table}: {len(lines) - SHOWN_DIFFERENCES} more rows differ"]
    return lines


def compare_manifests(first, second, name):
    """Lines that say how two manifests differ in tables, columns and rows."""
    try:
        one, other = read_manifest(first), read_manifest(second)
    except sqlite3.Error as error:
        return [f"{name}: cannot be read as SQLite: {error}"]
    lines = []
    for table in sorted(set(one) | set(other)):
        if table not in one or table not in other:
            lines.append(f"{name}: table {table} is only in the {'first' if table in one else 'second'}")
        elif one[table][0] != other[table][0]:
            lines.append(f"{name}: table {table}: columns {one[table][0]} and {other[table][0]}")
        elif one[table][1] != other[table][1]:
            lines += compare_rows(name, table, one[table][1], other[table][1])
    return lines


def compare_trees(first, second, ignored=()):
    """Lines that say how two output folders differ, none if they do not."""
    sides = []
    for root in (first, second):
        # The -wal and -shm files of a manifest come and go with whoever opened it last.
        sides.append({path for path in list_files(root, ignored)
                      if not re.fullmatch(r"manifest\.db-(wal|shm|journal)", os.path.basename(path))})
    lines = [f"{path}: only in {first}" for path in sorted(sides[0] - sides[1])]
    lines += [f"{path}: only in {second}" for path in sorted(sides[1] - sides[0])]
    for path in sorted(sides[0] & sides[1]):
        one, other = os.path.join(first, path), os.path.join(second, path)
        if fnmatch.fnmatchcase(os.path.basename(path), "manifest.db*"):
            lines += compare_manifests(one, other, path)
        elif not same_bytes(one, other):
            lines.append(f"{path}: the bytes differ")
    return lines


def command_trees(options):
    """oracle.py trees."""
    lines = compare_trees(options.first, options.second, options.ignore)
    for line in lines:
        print(line)
    count = len(list_files(options.first, options.ignore))
    print(f"oracle: the trees differ, {len(lines)} lines" if lines else f"oracle: the trees are equal, {count} files")
    return 1 if lines else 0


# ---- pixels --------------------------------------------------------------------------------------------------------

def decode_any(path):
    """PNG by the own decoder, other formats by Pillow."""
    with open(path, "rb") as stream:
        data = stream.read()
    if data.startswith(png_decode.SIGNATURE):
        return png_decode.decode(data)
    from PIL import Image
    with Image.open(path) as image:
        return numpy.asarray(image.convert("RGBA"))


def compare_pixels(first, second):
    """Returns how many images are equal, and lines about the others. Equal bytes are equal pixels and are not decoded."""
    roots = [os.path.join(folder, "images") for folder in (first, second)]
    sides = [list_files(root) for root in roots]
    lines = [f"{path}: only in {roots[0]}" for path in sorted(sides[0] - sides[1])]
    lines += [f"{path}: only in {roots[1]}" for path in sorted(sides[1] - sides[0])]
    equal = 0
    for path in sorted(sides[0] & sides[1]):
        one, other = (os.path.join(root, path) for root in roots)
        try:
            trouble = None if same_bytes(one, other) else describe_difference(decode_any(one), decode_any(other))
        except (OSError, ValueError, SyntaxError) as error:
            trouble = f"cannot be read: {error}"
        equal += trouble is None
        if trouble:
            lines.append(f"{path}: {trouble}")
    return equal, lines


def command_pixels(options):
    """oracle.py pixels."""
    equal, lines = compare_pixels(options.first, options.second)
    for line in lines:
        print(line)
    if not equal and not lines:
        raise InputError("both folders are without images, which must not look like success")
    print(f"oracle: {equal} images equal, {len(lines)} differ")
    return 1 if lines else 0


# ---- command line --------------------------------------------------------------------------------------------------

def parse_size(text):
    """WIDTHxHEIGHT."""
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT")
    return int(match[1]), int(match[2])


def build_parser():
    """The command line as the module's text says it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="compose items and compare every pixel")
    check.set_defaults(run=command_check)
    for name in ("--art", "--recipes", "--images"):
        check.add_argument(name, required=True)
    check.add_argument("--canvas", type=parse_size, help="default: the commonest size of the referenced pictures")
    check.add_argument("--size", type=parse_size, help="the size that was rendered")
    check.add_argument("--resample", choices=["nearest"], default="nearest", help="only nearest is known")
    check.add_argument("--sample", type=int, metavar="K", help="check K items drawn by chance")
    check.add_argument("--seed", type=int, default=1, metavar="S")
    check.add_argument("--cache", type=int, default=1500, metavar="MB", help="memory for decoded pictures")
    tables = commands.add_parser("tables", help="write the exact blend tables")
    tables.add_argument("folder")
    tables.set_defaults(run=command_tables)
    trees = commands.add_parser("trees", help="compare two output folders")
    trees.add_argument("--ignore", action="append", default=[], metavar="GLOB", help="leave out these relative paths")
    trees.set_defaults(run=command_trees)
    pixels = commands.add_parser("pixels", help="compare the pixels of two output folders")
    pixels.set_defaults(run=command_pixels)
    for command in (trees, pixels):
        command.add_argument("first")
        command.add_argument("second")
    return parser


def main(arguments=None):
    """Runs one command and returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        return options.run(options)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"oracle: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
