"""Self-test of compositing.py: hand-computed pixels, fractions, decimals, and every shortcut against the full formula."""
import decimal
import random
from decimal import Decimal

import numpy

import compositing
import make_art
import oracle
import png_write
from case_helpers import LITERAL, equal, folder, literal_blend, literal_over, literal_soft_light, refuses


def one_pixel(backdrop, source, opacity=255, mode="normal"):
    """Draws one pixel on another with the oracle."""
    canvas = numpy.array([[backdrop]], numpy.uint8)
    picture = compositing.trim(numpy.array([[source]], numpy.uint8))
    compositing.draw(canvas, compositing.Part(picture, mode, opacity, 0, 0))
    return tuple(int(value) for value in canvas[0, 0])


def test_hand_computed_pixels():
    cases = [
        # Nothing on nothing, and a source without alpha that still has colour, on nothing and on something.
        ((0, 0, 0, 0), (0, 0, 0, 0), 255, "normal", (0, 0, 0, 0)),
        ((0, 0, 0, 0), (9, 8, 7, 0), 255, "normal", (0, 0, 0, 0)),
        ((1, 2, 3, 4), (9, 8, 7, 0), 255, "normal", (1, 2, 3, 4)),
        # As 255 in normal mode replaces; on an empty backdrop the source stays what it is at any alpha and mode.
        ((1, 2, 3, 99), (9, 8, 7, 255), 255, "normal", (9, 8, 7, 255)),
        ((0, 0, 0, 0), (200, 100, 1, 1), 255, "multiply", (200, 100, 1, 1)),
        # Opaque backdrop: x = 128*255 + 127*0 = 32640 -> 128; 128*10 + 127*20 = 3820 -> 14.98.
        ((0, 20, 255, 255), (255, 10, 255, 128), 255, "normal", (128, 15, 255, 255)),
        # As = Ab = 128: D = 65280 - 16384 = 48896 -> 191.75; (128 * 65025) / 48896 = 170.22.
        ((0, 0, 0, 128), (255, 255, 255, 128), 255, "normal", (170, 170, 170, 192)),
        # Opacity: 200*100/255 = 78.43 -> 78; x = 78*255 -> 78.
        ((0, 0, 0, 255), (255, 255, 255, 200), 100, "normal", (78, 78, 78, 255)),
        # Opacity that rounds alpha 1 to 0 leaves the backdrop (127/255), or keeps it at 1 (128/255).
        ((7, 7, 7, 50), (255, 255, 255, 1), 127, "normal", (7, 7, 7, 50)),
        ((0, 0, 0, 0), (255, 254, 253, 1), 128, "normal", (255, 254, 253, 1)),
        # multiply, Ab 100: B = 10000/255 = 39.2 -> 39, K = 155*200 + 100*39 = 34900, 34900/255 = 136.86.
        ((50, 50, 50, 100), (200, 200, 200, 255), 255, "multiply", (137, 137, 137, 255)),
        # difference, As 100 on opaque: B = 150, (100*150 + 155*50)/255 = 89.2.
        ((50, 50, 50, 255), (200, 200, 200, 100), 255, "difference", (89, 89, 89, 255)),
        # luminosity of white on red: L = 1, d = 0.7, (1, 0, 0) + 0.7 is clipped at 1 towards L, so all white.
        ((255, 0, 0, 255), (255, 255, 255, 255), 255, "luminosity", (255, 255, 255, 255)),
        # color of red on grey 128: L = 128, d = 128 - 76.5; (306.5, 51.5, 51.5) clips to 128 + 178.5 * 127 / 178.5 and
        # 128 - 76.5 * 127 / 178.5 = 73.57.
        ((128, 128, 128, 255), (255, 0, 0, 255), 255, "color", (255, 74, 74, 255)),
        # hue of blue on (200, 100, 100): SetSat gives (0, 0, 100), Lum 130 - 11 = 119 is added.
        ((200, 100, 100, 255), (0, 0, 255, 255), 255, "hue", (119, 119, 219, 255)),
        # saturation of grey takes all away: Lum(200, 100, 100) = 130.
        ((200, 100, 100, 255), (9, 9, 9, 255), 255, "saturation", (130, 130, 130, 255)),
        # source-in: 200 * 100 / 255 = 78.4; the colour is the source's.
        ((1, 2, 3, 100), (9, 8, 7, 200), 255, "source-in", (9, 8, 7, 78)),
        # xor of two opaque pixels, and of a source alone.
        ((1, 2, 3, 255), (9, 8, 7, 255), 255, "xor", (0, 0, 0, 0)),
        ((0, 0, 0, 0), (9, 8, 7, 200), 255, "xor", (9, 8, 7, 200)),
        # destination-out: 1 * (255 - 200) / 255 = 0.2, stored as nothing.
        ((1, 2, 3, 1), (9, 8, 7, 200), 255, "destination-out", (0, 0, 0, 0)),
        # lighter: (100 * 200 + 100 * 100) / 200 = 150 at alpha 200; with alpha 200 each, 200 * 200 + 200 * 200 is too much.
        ((200, 200, 200, 100), (100, 100, 100, 100), 255, "lighter", (150, 150, 150, 200)),
        ((200, 200, 200, 200), (200, 200, 200, 200), 255, "lighter", (255, 255, 255, 255)),
        ((1, 2, 3, 77), (9, 8, 7, 50), 255, "copy", (9, 8, 7, 50)),
        ((1, 2, 3, 77), (9, 8, 7, 0), 255, "copy", (0, 0, 0, 0)),
    ]
    for backdrop, source, opacity, mode, expected in cases:
        equal(one_pixel(backdrop, source, opacity, mode), expected, f"{backdrop} {source} {opacity} {mode}:")


def test_exact_ties_go_up():
    # As = Ab = 170: D = 255*340 - 170*170 = 57800, weights 170*255 = 43350 and 85*170 = 14450, so Co = (3 Cs + Cb) / 4.
    for cs, cb, expected in ((0, 2, 1), (2, 0, 2), (1, 3, 2), (10, 12, 11), (254, 252, 254), (1, 2, 1), (1, 4, 2)):
        equal(one_pixel((cb,) * 3 + (170,), (cs,) * 3 + (170,))[0], expected, f"{cs} on {cb}:")


def test_hand_computed_blends():
    cases = [
        ("multiply", 255, 77, 77), ("multiply", 128, 1, 1), ("multiply", 127, 1, 0), ("screen", 0, 9, 9),
        ("screen", 255, 9, 255), ("overlay", 127, 255, 254), ("overlay", 128, 0, 1), ("hard-light", 255, 127, 254),
        ("hard-light", 0, 128, 1), ("darken", 3, 4, 3), ("lighten", 3, 4, 4), ("difference", 3, 9, 6),
        ("exclusion", 255, 255, 0), ("exclusion", 128, 128, 127), ("color-dodge", 0, 255, 0), ("color-dodge", 1, 255, 255),
        ("color-dodge", 1, 0, 1), ("color-dodge", 1, 253, 128), ("color-burn", 255, 0, 255), ("color-burn", 254, 0, 0),
        # 255 - 255 * 1 / 2 = 127.5: the value goes up, where rounding the quotient first would give 127.
        ("color-burn", 254, 2, 128), ("color-burn", 100, 100, 0), ("soft-light", 0, 255, 0), ("soft-light", 255, 9, 255),
        # sqrt(100 * 255) = 159.687; 64 is the first backdrop above a quarter: sqrt(64 * 255) = 127.75.
        ("soft-light", 100, 255, 160), ("soft-light", 64, 255, 128), ("soft-light", 128, 0, 64),
    ]
    for mode, backdrop, source, expected in cases:
        equal(int(compositing.blend_table(mode)[backdrop * 256 + source]), expected, f"{mode} {backdrop} {source}:")


def test_tables_against_fractions():
    for mode in LITERAL:
        expected = [literal_blend(mode, cb, cs) for cb in range(256) for cs in range(256)]
        assert compositing.blend_table(mode).tolist() == expected, mode


def test_soft_light_against_decimals():
    closest = Decimal(1)
    table = compositing.blend_table("soft-light").tolist()
    with decimal.localcontext(decimal.Context(prec=60)):
        bytes_as_decimals = [Decimal(value) / 255 for value in range(256)]
        for cb in range(256):
            for cs in range(256):
                value = 255 * literal_soft_light(bytes_as_decimals[cb], bytes_as_decimals[cs])
                below = (value + Decimal("0.5")).quantize(Decimal("1e-45"))
                assert table[cb * 256 + cs] == int(below // 1), (cb, cs)
                distance = abs(below - below.to_integral_value(decimal.ROUND_HALF_EVEN))
                closest = min(closest, distance) if distance else closest
    # No value is so close to a tie that 45 digits could have decided it wrongly.
    assert closest > Decimal("1e-12"), closest


def test_unknown_modes_are_refused():
    refuses(ValueError, compositing.check_mode, "plus-darker")
    refuses(ValueError, compositing.blend_table, "xor")
    compositing.check_mode("xor")
    assert compositing.blend_table("source-over") is None


def test_opaque_shortcut():
    alpha, backdrop = numpy.meshgrid(numpy.arange(256), numpy.arange(256), indexing="ij")
    for source in range(256):
        x = alpha * source + (255 - alpha) * backdrop
        assert numpy.array_equal((x + 128 + ((x + 128) >> 8)) >> 8, compositing.rounded(x, 255)), source
    stack = numpy.full((65536, 4), 255, numpy.uint8)
    stack[:, :3] = backdrop.reshape(-1, 1)
    for source in [*range(0, 256, 15), 1, 2, 127, 128, 129, 253, 254]:
        colours = numpy.full((65536, 3), source, numpy.uint8)
        got = compositing.blend_pixels(stack, colours, alpha.reshape(-1).astype(numpy.int32), "normal")
        x = (alpha * source + (255 - alpha) * backdrop).reshape(-1) + 128
        expected = (x + (x >> 8)) >> 8
        assert (got[:, 3] == 255).all() and (got[:, :3] == expected[:, None]).all(), source


def test_general_formula_against_fractions():
    dice = random.Random(5)
    for mode in compositing.ALL_MODES:
        for _ in range(400):
            backdrop, source = (tuple(dice.choice((0, 1, 127, 128, 254, 255, dice.randrange(256))) for _ in range(4))
                                for _ in range(2))
            backdrop = backdrop if backdrop[3] else (0, 0, 0, 0)
            opacity = dice.choice((255, 255, dice.randrange(256)))
            expected = literal_over(backdrop, source, opacity, mode)
            equal(one_pixel(backdrop, source, opacity, mode), expected, f"{backdrop} {source} {opacity} {mode}:")


def test_intermediates_fit_32_bits():
    alphas = numpy.arange(256)
    for backdrop_alpha in range(256):
        backdrop = numpy.full((256, 4), 255, numpy.uint8)
        backdrop[:, 3] = backdrop_alpha
        got = compositing.blend_pixels(backdrop, numpy.full((256, 3), 255, numpy.uint8), alphas.astype(numpy.int32), "lighten")
        visible = (alphas + backdrop_alpha) > 0
        assert (got[visible, :3] == 255).all(), backdrop_alpha
    assert 2 * 255**3 + 255 * 255 < 2**31


def test_drawing_in_place_equals_formula_everywhere():
    generator = numpy.random.default_rng(3)
    for mode, opacity in (("normal", 255), ("normal", 254), ("screen", 255), ("color-burn", 77), ("hue", 255),
                          ("xor", 255), ("source-in", 99), ("copy", 0)):
        backdrop, source = (make_art.noise(generator, 300, 200) for _ in range(2))
        backdrop[backdrop[..., 3] == 0] = 0
        canvas = backdrop.copy()
        compositing.draw(canvas, compositing.Part(compositing.trim(source), mode, opacity, 0, 0))
        expected = compositing.blend_pixels(backdrop.reshape(-1, 4), source.reshape(-1, 4)[:, :3],
                                            compositing.scale_alpha(source.reshape(-1, 4)[:, 3], opacity),
                                            mode)
        assert numpy.array_equal(canvas.reshape(-1, 4), expected), (mode, opacity)


def test_operators_empty_the_canvas_around_the_picture():
    generator = numpy.random.default_rng(6)
    backdrop, source = make_art.noise(generator, 9, 7), make_art.noise(generator, 5, 4)
    source[..., 3] |= 1
    for mode in compositing.ALL_MODES:
        canvas = backdrop.copy()
        canvas[canvas[..., 3] == 0] = 0
        before = canvas.copy()
        compositing.draw(canvas, compositing.Part(compositing.trim(source), mode, 255, 2, 1))
        outside = numpy.ones((7, 9), bool)
        outside[1:5, 2:7] = False
        expected = 0 * before if mode in compositing.WHOLE_CANVAS else before
        assert numpy.array_equal(canvas[outside], expected[outside]), mode


def test_clipping():
    generator = numpy.random.default_rng(4)
    backdrop, source = make_art.noise(generator, 9, 7), make_art.noise(generator, 5, 4)
    backdrop[backdrop[..., 3] == 0] = 0
    for x in range(-6, 11):
        for y in range(-5, 9):
            canvas = backdrop.copy()
            compositing.draw(canvas, compositing.Part(compositing.trim(source), "overlay", 200, x, y))
            whole = numpy.zeros((27, 29, 4), numpy.uint8)
            whole[10:17, 10:19] = backdrop
            wide = numpy.zeros_like(whole)
            wide[10 + y:14 + y, 10 + x:15 + x] = source
            compositing.draw(whole, compositing.Part(compositing.trim(wide), "overlay", 200, 0, 0))
            assert numpy.array_equal(canvas, whole[10:17, 10:19]), (x, y)


def test_opacities():
    cases = {"0": 0, "1": 255, "1.0": 255, "0.1": 26, "0.3": 77, "0.5": 128, "0.7": 179, "0.9": 230, "0.8": 204,
             "0.499999999999999999999": 127, "0.00196078431372549": 0, "0.0019607843137254902": 1, "1e-3": 0, "2e-3": 1}
    for text, expected in cases.items():
        equal(compositing.opacity_to_byte(text), expected, text)
        layer = oracle.parse_layer(oracle.parse_line('{"path": "a", "opacity": %s}' % text))
        equal(layer.opacity, expected, text)
    for wrong in ("-0.1", "1.0001", 2, 0.5, True):
        refuses(ValueError, compositing.opacity_to_byte, wrong)


def test_resize_and_trim():
    row = numpy.arange(7, dtype=numpy.uint8).reshape(1, 7, 1).repeat(4, axis=2)
    for width in (1, 2, 3, 7, 14, 20):
        expected = [(2 * x + 1) * 7 // (2 * width) for x in range(width)]
        equal(compositing.resize_nearest(row, width, 3)[1, :, 0].tolist(), expected, width)
    pixels = numpy.zeros((5, 6, 4), numpy.uint8)
    pixels[..., :3] = 9
    equal(compositing.trim(pixels).pixels.size, 0)
    pixels[1, 2, 3] = pixels[3, 4, 3] = 1
    picture = compositing.trim(pixels)
    equal((picture.left, picture.top, *picture.pixels.shape[:2]), (2, 1, 3, 3))


def test_cache_is_bounded():
    with folder() as art:
        for index in range(6):
            pixels = numpy.full((10, 10, 4), 255 - index, numpy.uint8)
            png_write.write(f"{art}/{index}.png", png_write.encode_rgba(pixels))
        cache = compositing.PictureCache(limit=1000)
        for index in (0, 1, 0, 2, 3, 0, 4, 5, 0):
            equal(int(cache.get(f"{art}/{index}.png").pixels[0, 0, 0]), 255 - index)
            assert cache.used <= 1000 and cache.used == 400 * len(cache.pictures)
