/*
 * Sheets against brute force: masks, pieces and pages of made sprites are held to the pixels that
 * the sprites were made of. An argument is the seed.
 */
#include "sprite_fixture.h"

#include "os/machine.h"
#include "sheet/sheet.h"

enum { SPRITES_MAX = 9 };

static const char *seed;

/* Sprites, and what each looks like on the canvas. */
struct scene {
    struct sprite_set set;
    struct sprite sprites[SPRITES_MAX];
    uint32_t *canvases[SPRITES_MAX];
};

static void scene_init(struct scene *scene, uint32_t width, uint32_t height)
{
    *scene = (struct scene){.set = {.width = width, .height = height, .scratch = OPEN_FILE_NONE}};
    scene->set.sprites = scene->sprites;
}

static void scene_finish(struct scene *scene)
{
    for (size_t index = 0; index < scene->set.sprite_count; index++) {
        sprite_build_finish(&scene->sprites[index]);
        free(scene->canvases[index]);
    }
    file_abandon(&scene->set.scratch);
}

/* Adds a sprite; the image's pixels are freed. */
static void add_sprite(struct scene *scene, struct image *image, int32_t x, int32_t y,
                       uint8_t opacity)
{
    struct sprite_set *set = &scene->set;
    struct sprite_place place = {set->width, set->height, x, y, opacity};
    size_t at = set->sprite_count++;
    uint32_t *canvas = calloc((size_t)set->width * set->height, sizeof *canvas);
    assert_true(at < SPRITES_MAX);
    assert_non_null(canvas);
    scene->canvases[at] = canvas;
    assert_int_equal(sprite_build(image, &place, &scene->sprites[at], NULL), SGR_OK);
    for (uint32_t row = 0; row < set->height; row++) {
        for (uint32_t column = 0; column < set->width; column++)
            canvas[(size_t)row * set->width + column] = placed_pixel(image, &place, column, row);
    }
    image_finish(image);
}

/* What a made sprite is like. */
enum kind { STRETCHES, EMPTY, FULL, DOT, BLOCKS, DIAGONAL, HOLES, COPY, FAINT, KINDS };

/* Blocks of any size, flat or of many colours, all opaque. */
static void draw_blocks(struct random *random, struct image *image)
{
    for (uint64_t block = random_below(random, 5) + 1; block > 0; block--) {
        uint32_t left = (uint32_t)random_below(random, image->width);
        uint32_t top = (uint32_t)random_below(random, image->height);
        uint32_t right = left + 1 + (uint32_t)random_below(random, image->width - left);
        uint32_t bottom = top + 1 + (uint32_t)random_below(random, image->height - top);
        uint32_t step = (uint32_t)random_below(random, 2);
        for (uint32_t y = top; y < bottom; y++) {
            for (uint32_t x = left; x < right; x++)
                image->pixels[(size_t)y * image->width + x] = 0xff000000 | (x * step + 7);
        }
    }
}

static void add_random_sprite(struct scene *scene, struct random *random, enum kind kind)
{
    uint32_t width = scene->set.width;
    uint32_t height = scene->set.height;
    struct image image;
    make_image(random, &image, width, height);
    if (kind == COPY && scene->set.sprite_count > 0)
        memcpy(image.pixels, scene->canvases[scene->set.sprite_count - 1],
               (size_t)width * height * sizeof *image.pixels);
    for (size_t index = 0; index < (size_t)width * height; index++) {
        uint32_t *pixel = &image.pixels[index];
        uint64_t away = index / width * width / height + width - index % width;
        uint32_t holes[] = {*pixel, 0x00123456};
        if (kind == FULL)
            *pixel |= 0xff000000;
        else if (kind == HOLES)
            *pixel = holes[random_below(random, 2)];
        else if (kind == FAINT)
            *pixel = index % 7 ? 0x01112233 : 0xff112233;
        else if (kind != STRETCHES && kind != COPY && (kind != DIAGONAL || away % width > 20))
            *pixel = 0;
    }
    if (kind == DOT)
        image.pixels[random_below(random, (uint64_t)width * height)] = 0x01020304;
    if (kind == BLOCKS)
        draw_blocks(random, &image);
    bool moved = kind == STRETCHES && random_below(random, 2);
    int32_t x = moved ? (int32_t)random_below(random, width) - (int32_t)width / 2 : 0;
    int32_t y = moved ? (int32_t)random_below(random, height) - (int32_t)height / 2 : 0;
    add_sprite(scene, &image, x, y, kind == FAINT ? 100 : 255);
}

static void make_scene(struct scene *scene, struct random *random)
{
    static const uint32_t widths[] = {1, 31, 32, 33, 70, 255, 256, 257, 300, 600, 1060};
    static const uint32_t heights[] = {1, 15, 16, 17, 40, 256, 257, 300, 600};
    size_t kinds = 1 + random_below(random, SPRITES_MAX);
    scene_init(scene, widths[random_below(random, sizeof widths / sizeof *widths)],
               heights[random_below(random, sizeof heights / sizeof *heights)]);
    for (size_t index = 0; index < kinds; index++)
        add_random_sprite(scene, random, (enum kind)random_below(random, KINDS));
}

/* Moves the words of every other sprite to a scratch file. */
static void move_to_scratch(struct scene *scene)
{
    uint64_t end = 24;
    assert_int_equal(file_open_scratch(&scene->set.scratch, NULL), SGR_OK);
    for (size_t index = 0; index < scene->set.sprite_count; index += 2) {
        struct sprite *sprite = &scene->sprites[index];
        size_t size = (size_t)sprite_word_count(sprite) * sizeof *sprite->words;
        sprite->scratch_offset = end;
        assert_int_equal(file_write_at(scene->set.scratch, end, sprite->words, size, "it", NULL),
                         SGR_OK);
        end += size;
        memory_free(sprite->words);
        sprite->words = NULL;
    }
}

/* How many pixels of a box of the canvas are visible and how many opaque. */
static void count_pixels(const struct scene *scene, size_t sprite, struct image_box box,
                         uint32_t *out_visible, uint32_t *out_opaque)
{
    *out_visible = 0;
    *out_opaque = 0;
    for (uint32_t y = box.top; y < box.bottom; y++) {
        for (uint32_t x = box.left; x < box.right; x++) {
            uint32_t alpha = scene->canvases[sprite][(size_t)y * scene->set.width + x] >> 24;
            *out_visible += alpha > 0;
            *out_opaque += alpha == 255;
        }
    }
}

/* A box that starts at left, top, cut off at the canvas. */
static struct image_box canvas_box(const struct scene *scene, uint32_t left, uint32_t top,
                                   uint32_t width, uint32_t height)
{
    uint32_t right = left + width;
    uint32_t bottom = top + height;
    return (struct image_box){left, top, right < scene->set.width ? right : scene->set.width,
                              bottom < scene->set.height ? bottom : scene->set.height};
}

static bool mask_bit(const uint32_t *mask, uint32_t tile)
{
    return mask[tile / 32] >> tile % 32 & 1;
}

/* Holds the masks of one tile row of the canvas to the pixels. */
static void check_masks(const struct sheet *sheet, const struct scene *scene, size_t index,
                        uint32_t row)
{
    const struct sheet_sprite *sprite = &sheet->sprites[index];
    bool has = row >= sprite->tile_top && row < sprite->tile_bottom;
    size_t at = has ? sprite->masks + (row - sprite->tile_top) * sheet->mask_words : 0;
    for (uint32_t tile = 0; tile < sheet->mask_words * 32; tile++) {
        uint32_t visible = 0;
        uint32_t opaque = 0;
        struct image_box box = {0, 0, 0, 0};
        if (tile * SHEET_TILE_WIDTH < scene->set.width)
            box = canvas_box(scene, tile * SHEET_TILE_WIDTH, row * SHEET_TILE_HEIGHT,
                             SHEET_TILE_WIDTH, SHEET_TILE_HEIGHT);
        count_pixels(scene, index, box, &visible, &opaque);
        uint32_t all = (box.right - box.left) * (box.bottom - box.top);
        assert_int_equal(has && mask_bit(sheet->shows + at, tile), visible > 0);
        assert_int_equal(has && mask_bit(sheet->covers + at, tile), all > 0 && opaque == all);
    }
}

/* A piece exists where something is visible, and holds all of it. */
static void check_pieces_at(const struct sheet *sheet, const struct scene *scene, size_t index,
                            uint32_t row)
{
    const struct sheet_sprite *sprite = &sheet->sprites[index];
    for (uint32_t chunk = 0; chunk < sheet->chunk_count; chunk++) {
        uint32_t visible;
        uint32_t opaque;
        uint32_t inside;
        struct image_box box = canvas_box(scene, chunk * sheet->side, row * SHEET_TILE_HEIGHT,
                                          sheet->side, SHEET_TILE_HEIGHT);
        count_pixels(scene, index, box, &visible, &opaque);
        if (row < sprite->tile_top || row >= sprite->tile_bottom) {
            assert_int_equal(visible, 0);
            continue;
        }
        size_t slot = sprite->pieces + (row - sprite->tile_top) * sheet->chunk_count + chunk;
        uint32_t number = sheet->piece_at[slot];
        assert_int_equal(number == SHEET_NO_PIECE, visible == 0);
        if (number == SHEET_NO_PIECE)
            continue;
        assert_true(number < sheet->piece_count);
        struct image_box piece = sheet->pieces[number].box;
        assert_true(piece.left >= box.left && piece.right <= box.right);
        piece.top = piece.top > box.top ? piece.top : box.top;
        piece.bottom = piece.bottom < box.bottom ? piece.bottom : box.bottom;
        count_pixels(scene, index, piece, &inside, &opaque);
        assert_int_equal(inside, visible);
    }
}

/* The area of the smallest box that holds what is visible within a box. */
static uint64_t visible_area(const struct scene *scene, size_t sprite, struct image_box within)
{
    struct image_box box = {within.right, within.bottom, within.left, within.top};
    for (uint32_t y = within.top; y < within.bottom; y++) {
        for (uint32_t x = within.left; x < within.right; x++) {
            if (scene->canvases[sprite][(size_t)y * scene->set.width + x] >> 24 == 0)
                continue;
            box.left = x < box.left ? x : box.left;
            box.right = x + 1 > box.right ? x + 1 : box.right;
            box.top = y < box.top ? y : box.top;
            box.bottom = y + 1;
        }
    }
    return box.left < box.right ? (uint64_t)(box.right - box.left) * (box.bottom - box.top) : 0;
}

/* A piece is trimmed, wastes little, and is the one of each of its tile rows. */
static void check_piece(const struct sheet *sheet, const struct scene *scene, uint32_t number)
{
    const struct sheet_piece *piece = &sheet->pieces[number];
    const struct sheet_sprite *sprite = &sheet->sprites[piece->sprite];
    struct image_box box = piece->box;
    uint64_t area = (uint64_t)(box.right - box.left) * (box.bottom - box.top);
    uint64_t rows_area = 0;
    assert_true(box.left < box.right && box.right <= scene->set.width);
    assert_true(box.top < box.bottom && box.bottom <= scene->set.height);
    assert_true(box.right - box.left <= sheet->side && box.bottom - box.top <= sheet->side);
    assert_int_equal(visible_area(scene, piece->sprite, box), area);
    for (uint32_t row = box.top / SHEET_TILE_HEIGHT; row * SHEET_TILE_HEIGHT < box.bottom; row++) {
        struct image_box part = canvas_box(scene, box.left, row * SHEET_TILE_HEIGHT,
                                           box.right - box.left, SHEET_TILE_HEIGHT);
        size_t slot = sprite->pieces + (row - sprite->tile_top) * sheet->chunk_count;
        rows_area += visible_area(scene, piece->sprite, part);
        assert_int_equal(sheet->piece_at[slot + box.left / sheet->side], number);
    }
    assert_true(area * 3 <= rows_area * 4);
}

/* Pages hold the pieces' pixels and nothing else, each pixel of one piece at most. */
static void check_page(const struct sheet *sheet, const struct scene *scene, uint32_t page)
{
    size_t pixels = (size_t)sheet->side * sheet->side;
    uint32_t *drawn = malloc(pixels * sizeof *drawn);
    uint32_t *expected = calloc(pixels, sizeof *expected);
    uint8_t *taken = calloc(pixels, 1);
    struct sprite_window window = {0};
    size_t pieces = 0;
    assert_true(drawn && expected && taken);
    for (size_t index = 0; index < sheet->piece_count; index++) {
        const struct sheet_piece *piece = &sheet->pieces[index];
        uint32_t width = piece->box.right - piece->box.left;
        uint32_t height = piece->box.bottom - piece->box.top;
        if (piece->page != page)
            continue;
        pieces++;
        assert_true(piece->x + width <= sheet->side && piece->y + height <= sheet->side);
        for (uint32_t at = 0; at < width * height; at++) {
            uint32_t x = at % width;
            uint32_t y = at / width;
            size_t target = (size_t)(piece->y + y) * sheet->side + piece->x + x;
            assert_false(taken[target]);
            taken[target] = 1;
            expected[target] =
                scene->canvases[piece->sprite][(size_t)(piece->box.top + y) * scene->set.width +
                                               piece->box.left + x];
        }
    }
    assert_true(pieces > 0);
    memset(drawn, 0xa5, pixels * sizeof *drawn);
    assert_int_equal(sheet_draw_page(sheet, page, &window, drawn, NULL), SGR_OK);
    assert_memory_equal(drawn, expected, pixels * sizeof *drawn);
    sprite_window_finish(&window);
    free(drawn);
    free(expected);
    free(taken);
}

/* Holds a whole sheet to its scene. */
static void check_sheet(const struct sheet *sheet, const struct scene *scene)
{
    assert_int_equal(sheet->chunk_count, (scene->set.width + sheet->side - 1) / sheet->side);
    assert_int_equal(sheet->mask_words, (scene->set.width + 1023) / 1024);
    for (size_t index = 0; index < scene->set.sprite_count; index++) {
        for (uint32_t row = 0; row * SHEET_TILE_HEIGHT < scene->set.height; row++) {
            check_masks(sheet, scene, index, row);
            check_pieces_at(sheet, scene, index, row);
        }
    }
    for (uint32_t number = 0; number < sheet->piece_count; number++) {
        check_piece(sheet, scene, number);
        assert_true(number == 0 ||
                    sheet->pieces[number - 1].sprite <= sheet->pieces[number].sprite);
        assert_true(sheet->pieces[number].page < sheet->page_count);
    }
    for (uint32_t page = 0; page < sheet->page_count; page++)
        check_page(sheet, scene, page);
}

static void random_sprites_are_held_to_their_pixels(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (int round = 0; round < 60; round++) {
        struct scene scene;
        struct sheet *sheet = NULL;
        make_scene(&scene, &random);
        if (round % 3 == 0)
            move_to_scratch(&scene);
        uint32_t side = UINT32_C(256) << random_below(&random, 3);
        unsigned threads = (unsigned)random_below(&random, 5);
        assert_int_equal(sheet_create(&scene.set, side, threads, &sheet, NULL), SGR_OK);
        assert_int_equal(sheet->side, side);
        check_sheet(sheet, &scene);
        sheet_destroy(&sheet);
        assert_null(sheet);
        sheet_destroy(&sheet);
        scene_finish(&scene);
    }
}

static void threads_and_scratch_files_change_nothing(void **state)
{
    (void)state;
    struct random random;
    struct scene scene;
    struct sheet *one = NULL;
    random_init(&random, seed, 2);
    scene_init(&scene, 300, 290);
    for (enum kind kind = 0; kind < KINDS; kind++)
        add_random_sprite(&scene, &random, kind);
    assert_int_equal(sheet_create(&scene.set, 256, 1, &one, NULL), SGR_OK);
    move_to_scratch(&scene);
    for (unsigned threads = 1; threads < 6; threads++) {
        struct sheet *other = NULL;
        assert_int_equal(sheet_create(&scene.set, 256, threads, &other, NULL), SGR_OK);
        assert_int_equal(other->page_count, one->page_count);
        assert_int_equal(other->piece_count, one->piece_count);
        assert_memory_equal(other->pieces, one->pieces, one->piece_count * sizeof *one->pieces);
        assert_int_equal(sheet_memory(other), sheet_memory(one));
        sheet_destroy(&other);
    }
    sheet_destroy(&one);
    scene_finish(&scene);
}

static void ordinary_shapes_are_one_piece_and_diagonals_several(void **state)
{
    (void)state;
    struct scene scene;
    struct sheet *sheet = NULL;
    scene_init(&scene, 400, 400);
    for (unsigned shape = 0; shape < 3; shape++) {
        struct image image;
        assert_int_equal(image_init(&image, 400, 400, NULL), SGR_OK);
        for (uint32_t at = 0; at < 400 * 400; at++) {
            uint32_t x = at % 400;
            uint32_t y = at / 400;
            uint32_t away = (x - 200) * (x - 200) + (y - 200) * (y - 200);
            bool is_disc = away < 22500;
            bool is_diagonal = x + y > 390 && x + y < 410;
            bool is_stripe = x > 100 && y % 100 < 10;
            bool inside[] = {is_disc, is_diagonal, is_stripe};
            image.pixels[at] = inside[shape] ? 0xff808080 : 0;
        }
        add_sprite(&scene, &image, 0, 0, 255);
    }
    assert_int_equal(sheet_create(&scene.set, 1024, 2, &sheet, NULL), SGR_OK);
    check_sheet(sheet, &scene);
    unsigned pieces[3] = {0, 0, 0};
    for (size_t index = 0; index < sheet->piece_count; index++)
        pieces[sheet->pieces[index].sprite]++;
    assert_int_equal(pieces[0], 1);
    assert_true(pieces[1] > 5);
    assert_int_equal(pieces[2], 4);
    sheet_destroy(&sheet);
    scene_finish(&scene);
}

static void look_alikes_share_their_pieces(void **state)
{
    (void)state;
    struct random random;
    struct scene scene;
    struct sheet *sheet = NULL;
    random_init(&random, seed, 3);
    scene_init(&scene, 100, 100);
    add_random_sprite(&scene, &random, FULL);
    add_random_sprite(&scene, &random, COPY);
    add_random_sprite(&scene, &random, EMPTY);
    add_random_sprite(&scene, &random, EMPTY);
    assert_int_equal(sheet_create(&scene.set, 256, 2, &sheet, NULL), SGR_OK);
    check_sheet(sheet, &scene);
    assert_int_equal(sheet->piece_count, 1);
    assert_int_equal(sheet->pieces[0].sprite, 0);
    sheet_destroy(&sheet);
    scene_finish(&scene);
}

static void nothing_at_all_has_no_pages(void **state)
{
    (void)state;
    struct scene scene;
    struct sheet *sheet = NULL;
    scene_init(&scene, 100, 100);
    assert_int_equal(sheet_create(&scene.set, 256, 2, &sheet, NULL), SGR_OK);
    assert_int_equal(sheet->page_count, 0);
    assert_int_equal(sheet->piece_count, 0);
    sheet_destroy(&sheet);
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    struct random random;
    struct scene scene;
    random_init(&random, seed, 4);
    scene_init(&scene, 300, 270);
    for (enum kind kind = 0; kind < KINDS; kind++)
        add_random_sprite(&scene, &random, kind);
    move_to_scratch(&scene);
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t nth = 1;
    for (; status != SGR_OK; nth++) {
        struct sheet *sheet = NULL;
        struct sgr_error error = {SGR_OK, ""};
        memory_fail_after(nth, false);
        status = sheet_create(&scene.set, 256, nth % 2 ? 1 : 3, &sheet, &error);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true((sheet != NULL) == (status == SGR_OK));
        assert_int_equal(error.text[0] != 0, status != SGR_OK);
        sheet_destroy(&sheet);
        assert_true(nth < 100);
    }
    assert_true(nth > 12);
    scene_finish(&scene);
}

static void a_scratch_file_cut_short_is_told(void **state)
{
    (void)state;
    static uint32_t pixels[256 * 256];
    struct scene scene;
    struct image image;
    struct sheet *sheet = NULL;
    struct sgr_error error = {SGR_OK, ""};
    struct sprite_window window = {0};
    scene_init(&scene, 100, 100);
    assert_int_equal(image_init(&image, 100, 100, NULL), SGR_OK);
    memset(image.pixels, 0x77, sizeof *image.pixels * 100 * 100);
    add_sprite(&scene, &image, 0, 0, 255);
    move_to_scratch(&scene);
    assert_int_equal(sheet_create(&scene.set, 256, 1, &sheet, NULL), SGR_OK);
    memory_fail_after(1, false);
    assert_int_equal(sheet_draw_page(sheet, 0, &window, pixels, &error), SGR_NO_MEMORY);
    memory_fail_after(0, false);
    scene.sprites[0].scratch_offset = UINT64_C(1) << 40;
    assert_int_equal(sheet_draw_page(sheet, 0, &window, pixels, &error), SGR_INPUT);
    sheet_destroy(&sheet);
    assert_int_equal(sheet_create(&scene.set, 256, 2, &sheet, &error), SGR_INPUT);
    assert_null(sheet);
    sprite_window_finish(&window);
    scene_finish(&scene);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sprites_are_held_to_their_pixels),
        cmocka_unit_test(threads_and_scratch_files_change_nothing),
        cmocka_unit_test(ordinary_shapes_are_one_piece_and_diagonals_several),
        cmocka_unit_test(look_alikes_share_their_pieces),
        cmocka_unit_test(nothing_at_all_has_no_pages),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(a_scratch_file_cut_short_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
