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
NON_SEPARABLE_MODES = ("hue", "saturation", "color", "luminosity")
MODES = ("normal",) + SEPARABLE_MODES + NON_SEPARABLE_MODES
# Canvas users write the name of the operator when they mean the normal mode.
SYNONYMS = {"source-over": "normal"}
# The Porter-Duff operators but source-over: Fa and Fb of the standard, where 0 and 1 are numbers, "a" is the alpha of the
# other pixel and "1-a" what that lacks to 1. lighter also clamps its sums.
OPERATORS = {
    "copy": (1, 0),
    "source-in": ("a", 0),
    "source-out": ("1-a", 0),
    "source-atop": ("a", "1-a"),
    "destination-over": ("1-a", 1),
    "destination-in": (0, "a"),
    "destination-out": (0, "1-a"),
    "destination-atop": ("1-a", "a"),
    "xor": ("1-a", "1-a"),
    "lighter": (1, 1),
}
# These change pixels where the source is empty, so they act on the whole canvas.
WHOLE_CANVAS = ("copy", "source-in", "source-out", "destination-in", "destination-atop")
ALL_MODES = MODES + tuple(OPERATORS)
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


def check_mode(mode):
    """ValueError for a name that is no mode and no operator."""
    if SYNONYMS.get(mode, mode) not in ALL_MODES:
        raise ValueError(f"the oracle does not know the blend mode {mode!r}")


@functools.lru_cache(maxsize=None)
def blend_table(mode):
    """B(Cb, Cs) of a separable mode as 65536 int32, index Cb * 256 + Cs; None for normal, which needs no table."""
    mode = SYNONYMS.get(mode, mode)
    if mode == "normal":
        return None
    if mode not in FORMULAS:
        raise ValueError(f"{mode!r} is not a separable blend mode")
    backdrop, source = numpy.meshgrid(numpy.arange(256, dtype=numpy.int64), numpy.arange(256, dtype=numpy.int64),
                                      indexing="ij")
    table = FORMULAS[mode](backdrop, source)
    assert table.min() >= 0 and table.max() <= 255
    return table.astype(numpy.int32).reshape(-1)


def luminosity(colors):
    """100 Lum of (n, 3) colours of any scale."""
    return 30 * colors[:, 0] + 59 * colors[:, 1] + 11 * colors[:, 2]


def saturation(colors):
    """Sat."""
    return colors.max(axis=1) - colors.min(axis=1)


def set_luminosity(colors, unit, light):
    """SetLum and ClipColor of colours that are multiples of 1 / (100 * unit) of a byte; light is 100 times the luminosity.

    Returns the result as numerator and denominator. All is linear but for one division, whose divisor multiplies through.
    """
    target = light * unit
    shifted = 100 * colors + (target - luminosity(colors))[:, None]
    low, high, white = shifted.min(axis=1), shifted.max(axis=1), 25500 * unit
    # C = L + (C - L) * factor / divisor
    factor = numpy.where(low < 0, target, numpy.where(high > white, white - target, 1))
    divisor = numpy.where(low < 0, target - low, numpy.where(high > white, high - target, 1))
    numerator = (target * divisor)[:, None] + (shifted - target[:, None]) * factor[:, None]
    return numerator, divisor * 100 * unit


def set_saturation(colors, wanted):
    """SetSat: colours and the unit they are multiples of, which is the old saturation; grey becomes black."""
    return (colors - colors.min(axis=1, keepdims=True)) * wanted[:, None], numpy.maximum(saturation(colors), 1)


def blend_colors(mode, backdrop, source):
    """B(Cb, Cs) of a non-separable mode for (n, 3) integer colours, each the rounded exact value."""
    backdrop, source = backdrop.astype(numpy.int64), source.astype(numpy.int64)
    unit = numpy.ones(len(backdrop), numpy.int64)
    if mode == "hue":
        colors, unit = set_saturation(source, saturation(backdrop))
    elif mode == "saturation":
        colors, unit = set_saturation(backdrop, saturation(source))
    else:
        colors = source if mode == "color" else backdrop
    numerator, denominator = set_luminosity(colors, unit, luminosity(source if mode == "luminosity" else backdrop))
    return rounded(numerator, denominator[:, None])


def operator_weight(share, other_alpha):
    """Fa or Fb in 255ths."""
    return {0: 0 * other_alpha, 1: 0 * other_alpha + 255, "a": other_alpha, "1-a": 255 - other_alpha}[share]


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


def blended_colors(mode, backdrop, source):
    """B for (n, 3) colours in any mode but normal and the operators."""
    if mode in NON_SEPARABLE_MODES:
        return blend_colors(mode, backdrop, source)
    return blend_table(mode)[backdrop.astype(numpy.int32) * 256 + source]


def fractions_of(mode, backdrop, source, source_alpha):
    """What is rounded: colours as numerators (n, 3) over divisors (n, 1), and the alpha in 255 * 255ths.

    backdrop: (n, 4), source: (n, 3 or 4), source_alpha: (n,) already As.
    """
    source_alpha, backdrop_alpha = source_alpha[:, None], backdrop[:, 3:].astype(source_alpha.dtype)
    over, under = source[:, :3].astype(source_alpha.dtype), backdrop[:, :3].astype(source_alpha.dtype)
    if mode == "lighter":
        alpha = numpy.minimum(255, source_alpha + backdrop_alpha)
        return numpy.minimum(65025, source_alpha * over + backdrop_alpha * under), alpha, 255 * alpha
    if mode in OPERATORS:
        over_weight = source_alpha * operator_weight(OPERATORS[mode][0], backdrop_alpha)
        under_weight = backdrop_alpha * operator_weight(OPERATORS[mode][1], source_alpha)
        divisor = over_weight + under_weight
        return over_weight * over + under_weight * under, divisor, divisor
    mixed = 255 * over
    if mode not in ("normal", *SYNONYMS):
        mixed = (255 - backdrop_alpha) * over + backdrop_alpha * blended_colors(mode, backdrop[:, :3], source[:, :3])
    divisor = 255 * (source_alpha + backdrop_alpha) - source_alpha * backdrop_alpha
    return source_alpha * mixed + (255 - source_alpha) * backdrop_alpha * under, divisor, divisor


def blend_pixels(backdrop, source, source_alpha, mode):
    """The general formula, nothing left out; arguments as in fractions_of."""
    numerator, divisor, alpha = fractions_of(mode, backdrop, source, source_alpha)
    result = numpy.empty((len(backdrop), 4), numpy.uint8)
    result[:, :3] = rounded(numerator, numpy.maximum(divisor, 1))
    result[:, 3:] = rounded(alpha, 255)
    result[result[:, 3] == 0] = 0
    return result


def draw_block(canvas, pixels, mode, opacity):
    """Draws rows of a picture on the same rows of the canvas view."""
    source = pixels.reshape(-1, 4)
    alpha = scale_alpha(source[:, 3], opacity)
    if SYNONYMS.get(mode, mode) == "normal":
        # An opaque source in normal mode replaces the backdrop; the self-test shows that the formula says the same.
        opaque = (alpha == 255).reshape(pixels.shape[:2])
        canvas[opaque] = pixels[opaque]
        chosen = numpy.flatnonzero((alpha > 0) & (alpha < 255))
    elif mode in WHOLE_CANVAS:
        chosen = numpy.arange(len(alpha))
    else:
        chosen = numpy.flatnonzero(alpha)
    if len(chosen):
        rows, columns = numpy.divmod(chosen, pixels.shape[1])
        canvas[rows, columns] = blend_pixels(canvas[rows, columns], source[chosen], alpha[chosen], mode)


def spread(canvas, part):
    """The same part as a picture of the whole canvas, empty where the picture is not."""
    whole = numpy.zeros_like(canvas)
    draw(whole, part._replace(blend="normal", opacity=255))
    return part._replace(picture=Picture(whole, 0, 0, canvas.shape[1], canvas.shape[0]), x=0, y=0)


def draw(canvas, part):
    """Draws one part on the canvas in place, clipped to it."""
    check_mode(part.blend)
    if part.blend in WHOLE_CANVAS:
        part = spread(canvas, part)
    picture = part.picture
    x, y = part.x + picture.left, part.y + picture.top
    left, top = max(0, x), max(0, y)
    right = min(canvas.shape[1], x + picture.pixels.shape[1])
    bottom = min(canvas.shape[0], y + picture.pixels.shape[0])
    if left >= right or top >= bottom or (part.opacity == 0 and part.blend not in WHOLE_CANVAS):
        return
    step = max(1, BLOCK_PIXELS // (right - left))
    for start in range(top, bottom, step):
        end = min(bottom, start + step)
        draw_block(canvas[start:end, left:right], picture.pixels[start - y:end - y, left - x:right - x], part.blend,
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
