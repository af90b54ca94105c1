/* One worker and no cache: the strips of one item are all different anyway. */
#include "api/render_one.h"

#include "base/error.h"
#include "base/text.h"
#include "codec/png_file.h"
#include "compose/cpu/compose_cpu.h"
#include "pipeline/strip_maker.h"

void render_one_finish(struct render_one *one)
{
    compose_destroy(&one->compose);
    stack_finish(&one->stack);
}

enum sgr_status render_one_begin(struct render_one *one, struct sgr_plan *plan,
                                 const uint16_t *traits, const struct plan_order *order,
                                 struct sgr_error *error)
{
    one->plan = plan;
    one->choices = plan_choices(plan->plan);
    enum sgr_status status = stack_fill(&one->stack, plan->sprites, traits, order, error);
    if (status == SGR_OK)
        status = kernel_choose("auto", &one->kernels, error);
    if (status == SGR_OK)
        status = compose_cpu_create(plan->sprites, one->kernels, 1, &one->compose, error);
    return status;
}

enum sgr_status render_one_compose(struct render_one *one, uint32_t *pixels,
                                   struct sgr_error *error)
{
    const struct plan_choices *choices = one->choices;
    enum sgr_status status = SGR_OK;
    for (size_t band = 0; status == SGR_OK && band < choices->band_count; band++) {
        struct compose_strip strip = {choices->band_edges[band], choices->band_edges[band + 1],
                                      one->stack.parts, one->stack.part_count};
        status = compose_draw(one->compose, 0, &strip, pixels + (size_t)strip.top * choices->width,
                              error);
    }
    return status;
}

/* Adds every strip to `out`; the head comes before them, but depends on all of them. */
static enum sgr_status make_strips(struct render_one *one, struct strip_maker *maker,
                                   struct text *out, uint32_t *out_adler,
                                   unsigned *out_palette_used, struct sgr_error *error)
{
    uint32_t adler = 1;
    unsigned palette_used = 0;
    for (size_t band = 0; band < one->choices->band_count; band++) {
        struct png_strip strip;
        enum sgr_status status =
            strip_maker_make(maker, one->stack.parts, one->stack.part_count, band, &strip, error);
        if (status != SGR_OK)
            return status;
        adler = png_strip_join_adler(adler, strip.adler, strip_maker_raw_size(one->choices, band));
        palette_used = maker->pack.used > palette_used ? maker->pack.used : palette_used;
        text_append(out, (const char *)strip.chunk, strip.size);
    }
    *out_adler = adler;
    *out_palette_used = palette_used;
    return out->failed ? error_no_memory(error, "an item") : SGR_OK;
}

/* Writes the file as a run joins it from its cache. */
static enum sgr_status write_file(struct render_one *one, struct strip_maker *maker,
                                  const char *path, struct sgr_error *error)
{
    struct text strips = {0};
    struct file_stream stream = {.handle = OPEN_FILE_NONE};
    uint32_t adler;
    unsigned palette_used;
    enum sgr_status status = make_strips(one, maker, &strips, &adler, &palette_used, error);
    if (status == SGR_OK) {
        struct png_header header = strip_maker_header(one->choices, palette_used);
        status = png_file_begin(&stream, path, &header, error);
    }
    if (status == SGR_OK)
        status = file_stream_write(&stream, strips.bytes, strips.length, error);
    if (status == SGR_OK)
        status = png_file_end(&stream, adler, error);
    file_stream_discard(&stream);
    text_finish(&strips);
    return status;
}

enum sgr_status render_one_write(struct render_one *one, const char *path, struct sgr_error *error)
{
    struct strip_maker maker = {0};
    enum sgr_status status =
        strip_maker_init(&maker, one->compose, one->kernels, 0, one->choices, error);
    if (status == SGR_OK)
        status = write_file(one, &maker, path, error);
    strip_maker_finish(&maker);
    return status;
}
