/* Compose, pack, compress: all of it in buffers that are made once. */
#include "pipeline/strip_maker.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

static size_t band_rows(const struct plan_choices *choices, size_t band)
{
    return choices->band_edges[band + 1] - choices->band_edges[band];
}

static size_t tallest_band(const struct plan_choices *choices)
{
    size_t tallest = 0;
    for (size_t band = 0; band < choices->band_count; band++) {
        if (band_rows(choices, band) > tallest)
            tallest = band_rows(choices, band);
    }
    return tallest;
}

static size_t row_bytes(const struct plan_choices *choices)
{
    return 1 + (size_t)choices->width * png_color_bytes(choices->color);
}

size_t strip_maker_raw_size(const struct plan_choices *choices, size_t band)
{
    return band_rows(choices, band) * row_bytes(choices);
}

static struct png_strip_options encoder_options(const struct plan_choices *choices,
                                                const struct kernel_table *kernels)
{
    return (struct png_strip_options){choices->png_level, choices->color, choices->width,
                                      (uint32_t)tallest_band(choices), kernels};
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
    size_t rows = tallest_band(choices);
    struct png_strip_options options = encoder_options(choices, kernels);
    *maker = (struct strip_maker){
        .compose = compose, .kernels = kernels, .choices = choices, .worker = worker};
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

/* Lays the rows out as PNG wants them; no filter, which suits drawn art best. */
static void pack(const struct strip_maker *maker, size_t rows)
{
    const struct plan_choices *choices = maker->choices;
    size_t step = row_bytes(choices);
    for (size_t row = 0; row < rows; row++) {
        uint8_t *target = maker->raw + row * step;
        const uint32_t *pixels = maker->pixels + row * choices->width;
        *target++ = 0;
        if (choices->color == PNG_COLOR_RGB)
            maker->kernels->pack_rgb(target, pixels, choices->width);
        else
            memcpy(target, pixels, (size_t)choices->width * 4);
    }
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
    uint64_t composed = stage_end(&maker->stages, SGR_STAGE_COMPOSE, start,
                                  (uint64_t)band_rows(choices, band) * choices->width * 4);
    if (status != SGR_OK)
        return status;
    pack(maker, band_rows(choices, band));
    struct pixel_rows rows = {maker->pixels, maker->raw, choices->width,
                              (uint32_t)band_rows(choices, band), png_color_bytes(choices->color)};
    status = png_strip_encode(maker->encoder, &rows, out_strip, error);
    (void)stage_end(&maker->stages, SGR_STAGE_ENCODE, composed,
                    strip_maker_raw_size(choices, band));
    return status;
}
