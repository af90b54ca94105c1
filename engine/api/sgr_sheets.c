/* Sprite sheets as pictures to look at. */
#include "api/api_check.h"
#include "api/sgr_art.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codec/png_file.h"
#include "sheet/sheet.h"
#include "work/parallel.h"

/* The side of a page that is pleasant to look at; smaller when one smaller page holds all. */
enum { SIDE = 2048 };

struct writing {
    const struct sheet *sheet;
    const char *folder;
    const struct kernel_table *kernels;
};

static enum sgr_status make_sheet(const struct sprite_set *sprites, unsigned threads,
                                  struct sheet **out_sheet, struct sgr_error *error)
{
    struct sheet *sheet = NULL;
    enum sgr_status status = sheet_create(sprites, SIDE, threads, &sheet, error);
    while (status == SGR_OK && sheet->page_count == 1 && sheet->side > SHEET_SIDE_MIN) {
        struct sheet *smaller = NULL;
        status = sheet_create(sprites, sheet->side / 2, threads, &smaller, error);
        if (status != SGR_OK || smaller->page_count > 1) {
            sheet_destroy(&smaller);
            break;
        }
        sheet_destroy(&sheet);
        sheet = smaller;
    }
    if (status != SGR_OK)
        sheet_destroy(&sheet);
    *out_sheet = sheet;
    return status;
}

static enum sgr_status write_page(void *context, size_t page, unsigned worker,
                                  struct sgr_error *error)
{
    (void)worker;
    const struct writing *writing = context;
    const struct sheet *sheet = writing->sheet;
    struct sprite_window window = {0};
    struct image image = {0, 0, NULL};
    struct text path = {0};
    text_format(&path, "%s/sheet-%04zu.png", writing->folder, page + 1);
    enum sgr_status status = path.failed ? error_no_memory(error, "a path")
                                         : image_init(&image, sheet->side, sheet->side, error);
    if (status == SGR_OK)
        status = sheet_draw_page(sheet, page, &window, image.pixels, error);
    if (status == SGR_OK)
        status = png_file_write(path.bytes, &image, writing->kernels, error);
    sprite_window_finish(&window);
    image_finish(&image);
    text_finish(&path);
    return status;
}

/* As many threads as have room for a page each in a quarter of the promise. */
static unsigned page_threads(const struct sgr_art *art, uint32_t side)
{
    uint64_t each = (uint64_t)side * side * sizeof(uint32_t) + png_file_memory(side);
    uint64_t fitting = art->options.memory_bytes / 4 / each;
    unsigned threads = art->options.threads;
    return fitting < 1 ? 1 : fitting < threads ? (unsigned)fitting : threads;
}

static struct sgr_sheets count_sheets(const struct sheet *sheet)
{
    struct sgr_sheets counted = {
        .piece_count = sheet->piece_count, .page_count = sheet->page_count, .side = sheet->side};
    for (size_t index = 0; index < sheet->piece_count; index++) {
        const struct sheet_piece *piece = &sheet->pieces[index];
        counted.sprite_count += index == 0 || piece->sprite != piece[-1].sprite;
        counted.piece_pixels +=
            (uint64_t)(piece->box.right - piece->box.left) * (piece->box.bottom - piece->box.top);
    }
    return counted;
}

enum sgr_status sgr_art_write_sheets(const struct sgr_art *art, const char *folder,
                                     struct sgr_sheets *out_sheets, struct sgr_error *error)
{
    if (!(art && folder && out_sheets))
        return api_check(false, "sgr_art_write_sheets", error);
    struct sprite_set *sprites = NULL;
    struct sheet *sheet = NULL;
    struct writing writing = {.folder = folder};
    enum sgr_status status = sgr_art_load(art->collection, &art->options, &sprites, error);
    if (status == SGR_OK)
        status = make_sheet(sprites, art->options.threads, &sheet, error);
    if (status == SGR_OK)
        status = kernel_choose("auto", &writing.kernels, error);
    if (status == SGR_OK)
        status = file_make_folders(folder, error);
    if (status == SGR_OK) {
        writing.sheet = sheet;
        status = parallel_run(page_threads(art, sheet->side), sheet->page_count, write_page,
                              &writing, error);
    }
    if (status == SGR_OK)
        *out_sheets = count_sheets(sheet);
    sheet_destroy(&sheet);
    sprite_set_destroy(&sprites);
    return status;
}
