/* Compose, pack, compress: all of it in buffers that are made once. */
#include "pipeline/strip_maker.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

static size_t band_rows(const struct plan_choices *choices, size_t band)
{
    return choices->band_edges[band + 1] - choices->band_edges[band];
}

uint32_t strip_maker_rows_max(const struct plan_choices *choices)
{
    size_t tallest = 0;
    for (size_t band = 0; band < choices->band_count; band++) {
        if (band_rows(choices, band) > tallest)
            tallest = band_rows(choices, band);
    }
    return (uint32_t)tallest;
}

static size_t row_bytes(const struct plan_choices *choices)
{
    return png_row_bytes(choices->color, choices->palette.count, choices->width);
}

size_t strip_maker_raw_size(const struct plan_choices *choices, size_t band)
{
    return band_rows(choices, band) * row_bytes(choices);
}

static struct png_strip_options encoder_options(const struct plan_choices *choices,
                                                const struct kernel_table *kernels)
{
    return (struct png_strip_options){choices->png_level,
                                      choices->color,
                                      choices->width,
                                      strip_maker_rows_max(choices),
                                      kernels,
                                      choices->palette.count};
}

struct png_header strip_maker_header(const struct plan_choices *choices, unsigned palette_used)
{
    return (struct png_header){choices->width, choices->height, choices->color, choices->palette,
                               palette_used};
}

uint64_t strip_maker_memory(const struct plan_choices *choices)
{
    struct png_strip_options options = encoder_options(choices, NULL);
    uint64_t rows = options.rows_max;
    return rows * choices->width * 4 + rows * row_bytes(choices) + png_strip_memory(&options);
}

enum sgr_status strip_maker_init(struct strip_maker *maker, struct compose *compose,
                                 const struct kernel_table *kernels, unsigned worker,
                                 const struct plan_choices *choices, struct sgr_error *error)
{
    size_t rows = strip_maker_rows_max(choices);
    struct png_strip_options options = encoder_options(choices, kernels);
    *maker = (struct strip_maker){
        .compose = compose, .kernels = kernels, .choices = choices, .worker = worker};
    for (size_t index = 0; index < choices->palette.count; index++)
        color_table_add(&maker->pack.table, choices->palette.colors[index]);
    maker->pack.bits = png_palette_bits(choices->palette.count);
    maker->pixels = memory_allocate_aligned(rows * choices->width * sizeof(uint32_t), 64);
    maker->raw = memory_allocate_aligned(rows * row_bytes(choices) + PIXEL_ROWS_SLACK, 64);
    enum sgr_status status = maker->pixels && maker->raw
                                 ? png_strip_create(&options, &maker->encoder, error)
                                 : error_no_memory(error, "strips");
    if (status != SGR_OK)
        strip_maker_finish(maker);
    return status;
}

void strip_maker_finish(struct strip_maker *maker)
{
    memory_free(maker->pixels);
    memory_free(maker->raw);
    png_strip_destroy(&maker->encoder);
    *maker = (struct strip_maker){0};
}

/* Lays a row out as its colour type wants it; false when the palette lacks a colour. */
static bool pack_row(struct strip_maker *maker, const uint32_t *pixels, uint8_t *target)
{
    const struct plan_choices *choices = maker->choices;
    switch (choices->color) {
    case PNG_COLOR_GREY:
        png_pack_grey(target, pixels, choices->width);
        break;
    case PNG_COLOR_GREY_ALPHA:
        png_pack_grey_alpha(target, pixels, choices->width);
        break;
    case PNG_COLOR_PALETTE:
        return png_pack_palette(&maker->pack, target, pixels, choices->width);
    case PNG_COLOR_RGB:
        maker->kernels->pack_rgb(target, pixels, choices->width);
        break;
    case PNG_COLOR_RGBA:
        memcpy(target, pixels, (size_t)choices->width * 4);
        break;
    }
    return true;
}

/* Lays the rows out as PNG wants them; filters are for the encoder to choose. */
static enum sgr_status pack(struct strip_maker *maker, const uint32_t *pixels, size_t rows,
                            struct sgr_error *error)
{
    const struct plan_choices *choices = maker->choices;
    size_t step = row_bytes(choices);
    maker->pack.used = 0;
    for (size_t row = 0; row < rows; row++) {
        uint8_t *target = maker->raw + row * step;
        *target = 0;
        if (!pack_row(maker, pixels + row * choices->width, target + 1))
            return error_set(error, SGR_INPUT,
                             "the plan's palette lacks a colour of the art; make the plan again");
    }
    return SGR_OK;
}

enum sgr_status strip_maker_encode(struct strip_maker *maker, const uint32_t *pixels, size_t band,
                                   struct png_strip *out_strip, struct sgr_error *error)
{
    const struct plan_choices *choices = maker->choices;
    uint64_t start = machine_now_ns();
    enum sgr_status status = pack(maker, pixels, band_rows(choices, band), error);
    if (status != SGR_OK)
        return status;
    struct pixel_rows rows = {pixels, maker->raw, choices->width,
                              (uint32_t)band_rows(choices, band), png_color_bytes(choices->color)};
    status = png_strip_encode(maker->encoder, &rows, out_strip, error);
    (void)stage_end(&maker->stages, SGR_STAGE_ENCODE, start, strip_maker_raw_size(choices, band));
    return status;
}

enum sgr_status strip_maker_make(struct strip_maker *maker, const struct compose_part *parts,
                                 size_t part_count, size_t band, struct png_strip *out_strip,
                                 struct sgr_error *error)
{
    const struct plan_choices *choices = maker->choices;
    struct compose_strip strip = {choices->band_edges[band], choices->band_edges[band + 1], parts,
                                  part_count};
    uint64_t start = machine_now_ns();
    enum sgr_status status =
        compose_draw(maker->compose, maker->worker, &strip, maker->pixels, error);
    (void)stage_end(&maker->stages, SGR_STAGE_COMPOSE, start,
                    (uint64_t)band_rows(choices, band) * choices->width * 4);
    return status == SGR_OK ? strip_maker_encode(maker, maker->pixels, band, out_strip, error)
                            : status;
}
