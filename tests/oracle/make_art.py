#!/usr/bin/python3
"""Makes small test packs, the same for the same seed: make_art.py DIR KIND [--seed S] [--items N]

  noise   61x47 random RGBA; every blend mode and operator; many pixels whose result lies next to a rounding tie
  zoo     every PNG colour type and depth, with and without Adam7, tRNS and gamma, plus a zero-byte file
  big     700x500 gradients over translucent backgrounds, so that the finished images are not opaque

DIR gets layer folders, a collection.json, and a recipes.jsonl whose items use what a collection cannot: any order,
opacity and place. Both are written from the same pictures.
"""
import argparse
import json
import os
import struct
import sys

# Neither a user nor a test wants compiled files in the source tree.
sys.dont_write_bytecode = True

import numpy

import compositing
import png_decode
import png_write

NOISE_SIZE, ZOO_SIZE, BIG_SIZE = (61, 47), (37, 29), (700, 500)
# 0.1, 0.3, 0.5, 0.7 and 0.9 times 255 are ties, which arithmetic on binary fractions can get wrong; the last but one is
# next to the tie of 0 and 1, and the last is written with an exponent.
OPACITIES = (0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 0.99, 1, 0.0019607843137254902, 1e-07)


class Pack:
    """A folder being filled: pictures by layer, then the two JSON files."""

    def __init__(self, root, seed):
        self.root, self.random, self.pictures = root, numpy.random.Generator(numpy.random.PCG64(seed)), {}

    def add(self, folder, name, data):
        """Writes one picture and remembers its path for the recipes."""
        os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        png_write.write(os.path.join(self.root, folder, f"{name}.png"), data)
        self.pictures.setdefault(folder, []).append(f"{folder}/{name}.png")

    def write_collection(self, **document):
        """Writes collection.json."""
        with open(os.path.join(self.root, "collection.json"), "w", encoding="utf-8") as stream:
            stream.write(json.dumps(document, indent=2) + "\n")

    def write_recipes(self, items):
        """Writes recipes.jsonl with ids from 1."""
        with open(os.path.join(self.root, "recipes.jsonl"), "w", encoding="utf-8") as stream:
            for number, layers in enumerate(items, 1):
                attributes = [{"trait_type": "Depth", "value": str(len(layers))}]
                stream.write(json.dumps({"id": number, "layers": layers, "attributes": attributes}) + "\n")

    def pick(self, values):
        """One of the values."""
        return values[int(self.random.integers(len(values)))]

    def place(self, size):
        """Mostly a small shift, sometimes one that leaves the canvas altogether."""
        reach = 3 if self.random.random() < 0.2 else 0.3
        return [int(self.random.integers(int(-side * reach), int(side * reach) + 1)) for side in size]


# ---- noise ---------------------------------------------------------------------------------------------------------

def noise(generator, width, height):
    """Random RGBA in which empty, opaque and extreme values are common and colours stand under alpha 0."""
    pixels = generator.integers(0, 256, (height, width, 4), numpy.uint8)
    chance = generator.random((height, width))
    pixels[chance < 0.15, 3] = 0
    pixels[chance > 0.75, 3] = 255
    extreme = generator.random((height, width, 4))
    pixels[..., :3][extreme[..., :3] < 0.04] = 0
    pixels[..., :3][extreme[..., :3] > 0.96] = 255
    return pixels


def tie_distance(pairs, mode):
    """How far each colour is from a tie, 0 being one, when in (n, 4) pairs the second is drawn on the first."""
    numerator, divisor, _ = compositing.fractions_of(mode, pairs[0], pairs[1], pairs[1, :, 3])
    divisor = numpy.maximum(divisor, 1)
    return numpy.abs((2 * numerator) % (2 * divisor) - divisor) / divisor


def tie_pair(generator, width, height, mode):
    """Two pictures which, drawn on each other at full opacity, meet near-ties in every pixel.

    Channels are chosen one by one, but where the mode mixes them the pixel that has the nearest channel.
    """
    count, tries = width * height, 64
    alphas = generator.integers(1, 255, (2, count)).astype(numpy.int64)
    # Opaque backdrops take another path in any fast program, so a part of the pairs has them.
    alphas[0, generator.random(count) < 0.3] = 255
    tried = generator.integers(0, 256, (2, count, tries, 4)).astype(numpy.int64)
    tried[..., 3] = alphas[:, :, None]
    distance = tie_distance(tried.reshape(2, -1, 4), mode).reshape(count, tries, 3)
    if mode in compositing.NON_SEPARABLE_MODES:
        distance[:] = distance.min(axis=2, keepdims=True)
    pair = tried[:, :, 0].astype(numpy.uint8)
    for channel, best in enumerate(distance.argmin(axis=1).T):
        pair[:, :, channel] = tried[:, numpy.arange(count), best, channel]
    return pair.reshape(2, height, width, 4)


def write_noise_pictures(pack):
    """Folders base, tie-<mode> (its pictures meet ties on base pictures of the same name), speckle and patch."""
    width, height = NOISE_SIZE
    for mode in compositing.ALL_MODES:
        lower, upper = tie_pair(pack.random, width, height, mode)
        pack.add("base", f"for {mode}", png_write.encode_rgba(lower))
        pack.add(f"tie-{mode}", f"on {mode}", png_write.encode_rgba(upper))
        pack.add(f"tie-{mode}", "noise", png_write.encode_rgba(noise(pack.random, width, height), filters=(0, 1, 2, 3, 4)))
    for name in ("one", "two", "three"):
        pack.add("speckle", name, png_write.encode_rgba(noise(pack.random, width, height)))
    solid = noise(pack.random, width, height)
    solid[..., 3] = 255
    pack.add("base", "solid", png_write.encode_rgba(solid))
    for size in ((17, 13), (1, 1), (61, 5), (90, 60)):
        pack.add("patch", "{}x{}".format(*size), png_write.encode_rgba(noise(pack.random, *size)))


def noise_recipes(pack, count):
    """First every tie pair alone, then chance stacks of everything."""
    items = [[f"base/for {mode}.png", {"path": f"tie-{mode}/on {mode}.png", "blend": mode}]
             for mode in compositing.ALL_MODES]
    everything = [path for paths in pack.pictures.values() for path in paths]
    while len(items) < count:
        layers = [pack.pick(pack.pictures["base"])]
        for _ in range(int(pack.random.integers(0, 7))):
            # Most operators hide or empty much of what is below, so they are rarer.
            modes = tuple(compositing.OPERATORS) if pack.random.random() < 0.15 else compositing.MODES
            layer = {"path": pack.pick(everything), "blend": pack.pick(modes)}
            if pack.random.random() < 0.5:
                layer["opacity"] = pack.pick(OPACITIES)
            if pack.random.random() < 0.5:
                layer["at"] = pack.place(NOISE_SIZE)
            layers.append(pack.pick((layer, layer["path"])))
        items.append(layers)
    return items[:count]


def make_noise(pack, count):
    """The kind noise."""
    write_noise_pictures(pack)
    layers = [{"name": "Base", "folder": "base"}]
    # Operators stand below the blend modes, copy at the bottom, so that all can be seen.
    for index, mode in enumerate((*compositing.OPERATORS, *compositing.MODES)):
        layer = {"name": f"Tie {mode}", "folder": f"tie-{mode}", "optional": 0.5, "blend": mode}
        if index % 3 == 1:
            layer["opacity"] = OPACITIES[1 + index % 8]
        if index % 4 == 2:
            layer["at"] = [3 * index - 15, 7 - 2 * index]
        layers.append(layer)
    layers.append({"name": "Speckle", "folder": "speckle", "opacity": 0.7, "distinct": False})
    layers.append({"name": "Patch", "folder": "patch", "optional": 0.25, "at": [20, -4], "z": 3,
                   "trait_type": "Sticker"})
    traits = {"Speckle/one": {"weight": 3}, "Base/solid": {"count": max(1, count // 8)},
              "Patch/17x13": {"weight": 0.5, "tags": ["small"]}}
    pack.write_collection(name="Noise", description="Random pixels near rounding ties.", count=count, start=1,
                          seed="noise", canvas=dict(zip(("width", "height"), NOISE_SIZE)), layers=layers, traits=traits)
    pack.write_recipes(noise_recipes(pack, count))


# ---- zoo -----------------------------------------------------------------------------------------------------------

def zoo_samples(generator, colour_type, depth, entries):
    """Random samples; at 16 bits with many values next to where rounding to 8 bits turns over."""
    width, height = ZOO_SIZE
    shape = (height, width, png_decode.CHANNELS[colour_type])
    most = entries if colour_type == png_decode.PALETTE else 1 << depth
    samples = generator.integers(0, most, shape)
    if depth == 16:
        near = generator.integers(0, 255, shape) * 257 + 128 + generator.integers(0, 2, shape)
        samples = numpy.where(generator.random(shape) < 0.5, near, samples)
    # Runs of one value make colour keys hit whole areas.
    samples[5:9, 3:20] = samples[0, 0]
    return samples


def zoo_transparency(generator, colour_type, depth, entries, samples):
    """The bytes of tRNS: some palette alphas, or the colour of the picture's first pixel as its key."""
    if colour_type == png_decode.PALETTE:
        return bytes(generator.integers(0, 256, max(1, entries - entries // 3), numpy.uint8))
    return struct.pack(f">{samples.shape[2]}H", *(int(value) for value in samples[0, 0]))


def zoo_files(generator):
    """Yields (name, has alpha, bytes) for every kind of PNG."""
    letters = {png_decode.GREY: "grey", png_decode.RGB: "rgb", png_decode.PALETTE: "palette",
               png_decode.GREY_ALPHA: "greyalpha", png_decode.RGBA: "rgba"}
    for colour_type, depths in png_decode.DEPTHS.items():
        has_channel = colour_type in (png_decode.GREY_ALPHA, png_decode.RGBA)
        for depth in depths:
            for keyed in (False,) if has_channel else (False, True):
                for interlaced in (False, True):
                    entries = max(1, (1 << depth) - (depth > 2) * 3)
                    samples = zoo_samples(generator, colour_type, depth, entries)
                    options = {"interlaced": interlaced, "pieces": 1 + 2 * interlaced}
                    if colour_type == png_decode.PALETTE:
                        options["palette"] = generator.integers(0, 256, (entries, 3))
                    if keyed:
                        options["transparency"] = zoo_transparency(generator, colour_type, depth, entries, samples)
                    if depth == 8:
                        options["extra"] = [(b"gAMA", struct.pack(">I", 100000))]
                    name = letters[colour_type] + str(depth) + "-key" * keyed + "-adam7" * interlaced
                    yield name, has_channel or keyed, png_write.encode(samples, depth, colour_type, **options)


def make_zoo(pack, count):
    """The kind zoo: opaque files in Back, files with alpha in Front, and tiny Adam7 files with empty passes in Tiny."""
    for name, has_alpha, data in zoo_files(pack.random):
        pack.add("Front" if has_alpha else "Back", name, data)
    for width in (1, 2, 3, 5):
        pixels = noise(pack.random, width, 6 - width)
        pack.add("Tiny", f"tiny{width}", png_write.encode_rgba(pixels, interlaced=True, filters=(4, 3)))
    pack.add("Nothing", "NONE", b"")
    layers = [{"name": "Back"}, {"name": "Front"}, {"name": "Tiny", "optional": 0.5, "at": [30, 25]}]
    pack.write_collection(name="Zoo", description="Every kind of PNG.", count=count, start=0, seed="zoo",
                          canvas=dict(zip(("width", "height"), ZOO_SIZE)), layers=layers)
    singles = [[path] for folder in ("Back", "Front", "Tiny", "Nothing") for path in pack.pictures[folder]]
    items = [[pack.pick(pack.pictures["Back"]), "Nothing/NONE.png", pack.pick(pack.pictures["Front"]),
              {"path": pack.pick(pack.pictures["Tiny"]), "at": pack.place(ZOO_SIZE)}] for _ in range(count)]
    pack.write_recipes(singles + items)


# ---- big -----------------------------------------------------------------------------------------------------------

def gradient(generator, low, high):
    """A smooth RGBA ramp in a chance direction per channel; alpha runs from low to high."""
    width, height = BIG_SIZE
    across, down = numpy.meshgrid(numpy.arange(width), numpy.arange(height))
    pixels = numpy.empty((height, width, 4), numpy.uint8)
    for channel in range(4):
        horizontal, vertical = (int(value) for value in generator.integers(1, 40, 2))
        ramp = (across * horizontal + down * vertical) % 1021 if channel < 3 else across * horizontal + down * vertical
        start, end = (0, 255) if channel < 3 else (low, high)
        pixels[..., channel] = start + ramp * (end - start) // max(1, int(ramp.max()))
    return pixels


def disc(generator):
    """A gradient inside a soft-edged disc, empty around it with colour left under alpha 0."""
    width, height = BIG_SIZE
    pixels = gradient(generator, 255, 255)
    centre_x, centre_y = int(generator.integers(150, 550)), int(generator.integers(120, 380))
    radius = int(generator.integers(60, 200))
    across, down = numpy.meshgrid(numpy.arange(width) - centre_x, numpy.arange(height) - centre_y)
    edge = (radius * radius - across * across - down * down) // radius
    pixels[..., 3] = numpy.clip(edge * 8, 0, 255)
    return pixels


def make_big(pack, count):
    """The kind big."""
    for index in range(3):
        pack.add("Sky", f"sky{index}", png_write.encode_rgba(gradient(pack.random, 20 + 60 * index, 180 + 30 * index)))
    for folder in ("Moon", "Veil", "Sun"):
        for index in range(4):
            pixels = gradient(pack.random, 0, 120) if folder == "Veil" else disc(pack.random)
            pack.add(folder, f"{folder.lower()}{index}", png_write.encode_rgba(pixels, filters=(1, 4)))
    layers = [{"name": "Sky"}, {"name": "Moon", "optional": 0.2},
              {"name": "Veil", "blend": "screen", "opacity": 0.7},
              {"name": "Sun", "at": [-60, 35], "blend": "soft-light", "optional": 0.3}]
    pack.write_collection(name="Big", description="Translucent gradients.", count=count, start=1, seed="big",
                          canvas=dict(zip(("width", "height"), BIG_SIZE)), layers=layers)
    items = []
    for _ in range(count):
        layers = [pack.pick(pack.pictures["Sky"])]
        for folder in ("Moon", "Veil", "Sun"):
            layers.append({"path": pack.pick(pack.pictures[folder]), "blend": pack.pick(compositing.MODES),
                           "opacity": pack.pick(OPACITIES), "at": pack.place((40, 40))})
        items.append(layers)
    pack.write_recipes(items)


KINDS = {"noise": (make_noise, 80), "zoo": (make_zoo, 60), "big": (make_big, 12)}


def make(root, kind, seed=1, items=None):
    """Fills the folder root; importable by other tests."""
    work, count = KINDS[kind]
    os.makedirs(root, exist_ok=True)
    work(Pack(root, seed), count if items is None else items)


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--items", type=int, help="default: " + ", ".join(f"{k} {n}" for k, (_, n) in KINDS.items()))
    options = parser.parse_args(arguments)
    make(options.folder, options.kind, options.seed, options.items)
    return 0


if __name__ == "__main__":
    sys.exit(main())
