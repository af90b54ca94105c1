"""The compositing rule of Serigraph in integers (design section 4), written from the rule and not from the C code.

Pixels are straight-alpha RGBA, 8 bits. Every division is written out as floor((2 * numerator + denominator) /
(2 * denominator)), which is "to nearest, ties up" for numerators that are not negative.
"""
import functools
import math
from collections import OrderedDict, namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy

import png_decode

SEPARABLE_MODES = ("multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn", "hard-light",
                   "soft-light", "difference", "exclusion")
MODES = ("normal",) + SEPARABLE_MODES
# Canvas users write the name of the operator when they mean the normal mode.
SYNONYMS = {"source-over": "normal"}
# Blocks of this many pixels keep the int32 intermediates inside the processor's cache.
BLOCK_PIXELS = 32768

# One thing to draw: the Picture, its blend mode, opacity 0..255, and where its left upper corner goes.
Part = namedtuple("Part", "picture blend opacity x y")
# The visible rectangle of a picture: pixels (h, w, 4) that stand at left, top inside the full width x height.
Picture = namedtuple("Picture", "pixels left top width height")


def rounded(numerator, denominator):
    """round(numerator / denominator), ties up, for integers or integer arrays and a positive denominator."""
    return (2 * numerator + denominator) // (2 * denominator)


def hard_light_table(backdrop, source):
    """multiply(Cb, 2 Cs) up to one half, else screen(Cb, 2 Cs - 1), in 255ths of 255ths."""
    doubled = 2 * source - 255
    low = 2 * backdrop * source
    high = 255 * (backdrop + doubled) - backdrop * doubled
    return rounded(numpy.where(2 * source <= 255, low, high), 255)


def dodge_table(backdrop, source):
    """Cb = 0 gives 0 even where Cs = 1; that order is the standard's."""
    quotient = rounded(255 * backdrop, numpy.maximum(255 - source, 1))
    lit = numpy.where(source == 255, 255, numpy.minimum(255, quotient))
    return numpy.where(backdrop == 0, 0, lit)


def burn_table(backdrop, source):
    """1 - min(1, (1 - Cb) / Cs) as one quotient, so that its ties go up and not down."""
    numerator = numpy.maximum(255 * source - 255 * (255 - backdrop), 0)
    burnt = numpy.where(source == 0, 0, rounded(numerator, numpy.maximum(source, 1)))
    return numpy.where(backdrop == 255, 255, burnt)


def soft_light_root(backdrop, source):
    """The branch with the square root, exactly.

    With m = 2 Cs - 255 the value is Cb + (m / 255) (sqrt(255 Cb) - Cb). Then floor(value + 1/2) = floor(X / 510) with
    X = 2 (255 - m) Cb + 255 + sqrt(4 m^2 255 Cb), and floor(X / 510) = floor(floor(X) / 510), so an integer square root
    decides.
    """
    slope = 2 * source - 255
    return (2 * (255 - slope) * backdrop + 255 + math.isqrt(4 * slope * slope * 255 * backdrop)) // 510


def soft_light_table(backdrop, source):
    """The three branches of the standard; the two polynomial ones over the common denominators 255^2 and 255^3."""
    slope = 2 * source - 255
    low = rounded(65025 * backdrop + slope * backdrop * (255 - backdrop), 65025)
    polynomial = backdrop * (16 * backdrop**2 - 12 * 255 * backdrop + 4 * 65025)
    middle = rounded(255**3 * backdrop + slope * (polynomial - 65025 * backdrop), 255**3)
    table = numpy.where(2 * source <= 255, low, middle)
    for value in range(64, 256):
        for other in range(128, 256):
            table[value, other] = soft_light_root(value, other)
    return table


FORMULAS = {
    "multiply": lambda backdrop, source: rounded(backdrop * source, 255),
    "screen": lambda backdrop, source: rounded(255 * (backdrop + source) - backdrop * source, 255),
    "overlay": lambda backdrop, source: hard_light_table(source, backdrop),
    "darken": numpy.minimum,
    "lighten": numpy.maximum,
    "color-dodge": dodge_table,
    "color-burn": burn_table,
    "hard-light": hard_light_table,
    "soft-light": soft_light_table,
    "difference": lambda backdrop, source: abs(backdrop - source),
    "exclusion": lambda backdrop, source: rounded(255 * (backdrop + source) - 2 * backdrop * source, 255),
}


@functools.lru_cache(maxsize=None)
def blend_table(mode):
    """B(Cb, Cs) of a separable mode as 65536 int32, index Cb * 256 + Cs; None for normal, which needs no table."""
    mode = SYNONYMS.get(mode, mode)
    if mode == "normal":
        return None
    if mode not in FORMULAS:
        raise ValueError(f"the oracle does not know the blend mode {mode!r}")
    backdrop, source = numpy.meshgrid(numpy.arange(256, dtype=numpy.int64), numpy.arange(256, dtype=numpy.int64),
                                      indexing="ij")
    table = FORMULAS[mode](backdrop, source)
    assert table.min() >= 0 and table.max() <= 255
    return table.astype(numpy.int32).reshape(-1)


def opacity_to_byte(opacity):
    """round(255 * opacity), ties up, exactly. Takes int, Decimal, Fraction or the text of a decimal number."""
    if isinstance(opacity, (bool, float)):
        raise ValueError(f"the opacity {opacity!r} is not an exact number")
    value = Decimal(opacity) if isinstance(opacity, (str, int)) else opacity
    if not 0 <= value <= 1:
        raise ValueError(f"the opacity {opacity} is not between 0 and 1")
    return math.floor(255 * Fraction(value) + Fraction(1, 2))


def scale_alpha(alpha, opacity):
    """As = round(a * opacity / 255)."""
    return rounded(alpha.astype(numpy.int32) * opacity, 255)


def blend_pixels(backdrop, source, source_alpha, table):
    """The general formula, nothing left out. backdrop: (n, 4), source: (n, 3 or 4), source_alpha: (n,) already As."""
    backdrop_alpha = backdrop[:, 3].astype(numpy.int32)
    divisor = 255 * (source_alpha + backdrop_alpha) - source_alpha * backdrop_alpha
    weight = (255 - source_alpha) * backdrop_alpha
    safe = numpy.maximum(divisor, 1)
    result = numpy.empty((len(backdrop), 4), numpy.uint8)
    for channel in range(3):
        over = source[:, channel].astype(numpy.int32)
        under = backdrop[:, channel].astype(numpy.int32)
        if table is None:
            mixed = 255 * over
        else:
            mixed = (255 - backdrop_alpha) * over + backdrop_alpha * table[under * 256 + over]
        result[:, channel] = rounded(source_alpha * mixed + weight * under, safe)
    result[:, 3] = rounded(divisor, 255)
    result[result[:, 3] == 0] = 0
    return result


def draw_block(canvas, pixels, table, opacity):
    """Draws rows of a picture on the same rows of the canvas view."""
    source = pixels.reshape(-1, 4)
    alpha = scale_alpha(source[:, 3], opacity)
    if table is None:
        # An opaque source in normal mode replaces the backdrop; the self-test shows that the formula says the same.
        opaque = (alpha == 255).reshape(pixels.shape[:2])
        canvas[opaque] = pixels[opaque]
        chosen = numpy.flatnonzero((alpha > 0) & (alpha < 255))
    else:
        chosen = numpy.flatnonzero(alpha)
    if len(chosen):
        rows, columns = numpy.divmod(chosen, pixels.shape[1])
        canvas[rows, columns] = blend_pixels(canvas[rows, columns], source[chosen], alpha[chosen], table)


def draw(canvas, part):
    """Draws one part on the canvas in place, clipped to it."""
    picture = part.picture
    x, y = part.x + picture.left, part.y + picture.top
    left, top = max(0, x), max(0, y)
    right = min(canvas.shape[1], x + picture.pixels.shape[1])
    bottom = min(canvas.shape[0], y + picture.pixels.shape[0])
    if left >= right or top >= bottom or part.opacity == 0:
        return
    table = blend_table(part.blend)
    step = max(1, BLOCK_PIXELS // (right - left))
    for start in range(top, bottom, step):
        end = min(bottom, start + step)
        draw_block(canvas[start:end, left:right], picture.pixels[start - y:end - y, left - x:right - x], table,
                   part.opacity)


def compose(width, height, parts):
    """Draws the parts, bottom first, on a transparent canvas and returns it as (height, width, 4)."""
    canvas = numpy.zeros((height, width, 4), numpy.uint8)
    for part in parts:
        draw(canvas, part)
    return canvas


def trim(pixels):
    """Keeps only the rectangle with alpha, so that small traits on a large canvas cost little."""
    height, width = pixels.shape[:2]
    visible = pixels[..., 3] != 0
    rows, columns = numpy.flatnonzero(visible.any(axis=1)), numpy.flatnonzero(visible.any(axis=0))
    if not len(rows):
        return Picture(numpy.zeros((0, 0, 4), numpy.uint8), 0, 0, width, height)
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return Picture(pixels[top:bottom, left:right].copy(), int(left), int(top), width, height)


def resize_nearest(pixels, width, height):
    """Destination x takes source floor((2x + 1) * source width / (2 * destination width)); the same downwards."""
    columns = (2 * numpy.arange(width, dtype=numpy.int64) + 1) * pixels.shape[1] // (2 * width)
    rows = (2 * numpy.arange(height, dtype=numpy.int64) + 1) * pixels.shape[0] // (2 * height)
    return pixels[rows][:, columns]


class PictureCache:
    """Decoded and trimmed pictures, the least recently used thrown away above a number of bytes."""

    def __init__(self, limit=1_500_000_000):
        self.limit, self.used, self.pictures = limit, 0, OrderedDict()

    def get(self, path, scale=None):
        """The picture of a file, None if the file is empty. scale: ((new, old) width, (new, old) height) of the canvas."""
        key = (path, scale)
        if key in self.pictures:
            self.pictures.move_to_end(key)
            return self.pictures[key]
        picture = load_picture(path, scale)
        self.pictures[key] = picture
        self.used += picture.pixels.nbytes if picture else 0
        while self.used > self.limit and len(self.pictures) > 1:
            _, old = self.pictures.popitem(last=False)
            self.used -= old.pixels.nbytes if old else 0
        return picture


def load_picture(path, scale):
    """Decodes a file; a zero-byte file is the classic tools' way to say that nothing is drawn."""
    with open(path, "rb") as stream:
        data = stream.read()
    if not data:
        return None
    pixels = png_decode.decode(data)
    if scale:
        (new_width, width), (new_height, height) = scale
        pixels = resize_nearest(pixels, max(1, rounded(pixels.shape[1] * new_width, width)),
                                max(1, rounded(pixels.shape[0] * new_height, height)))
    return trim(pixels)
