/* One item: as pixels, or as the file that a full run would write. */
#include "api/api_check.h"
#include "api/sgr_plan.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codec/png_file.h"
#include "compose/cpu/compose_cpu.h"
#include "pipeline/stack.h"
#include "pipeline/strip_maker.h"

#include <serigraph/generate.h>
#include <string.h>

/* What drawing one item takes; ends with finish_one. */
struct one {
    struct sgr_plan *plan;
    const struct plan_choices *choices;
    const struct kernel_table *kernels;
    struct compose *compose;
    struct stack stack;
};

static void finish_one(struct one *one)
{
    compose_destroy(&one->compose);
    stack_finish(&one->stack);
}

static enum sgr_status begin_one(struct one *one, uint64_t id, struct sgr_error *error)
{
    struct plan *plan = one->plan->plan;
    const struct sprite_set *sprites = one->plan->sprites;
    one->choices = plan_choices(plan);
    uint64_t index;
    bool found = false;
    enum sgr_status status = plan_find(plan, id, &index, &found, error);
    if (status == SGR_OK && !found)
        status = error_set(error, SGR_USAGE, "--id %llu: the plan has no such item",
                           (unsigned long long)id);
    struct plan_item item;
    if (status == SGR_OK)
        status = plan_read(plan, index, &item, error);
    if (status == SGR_OK)
        status = stack_fill(&one->stack, sprites, item.traits, plan_order(plan, item.order), error);
    if (status == SGR_OK)
        status = kernel_choose("auto", &one->kernels, error);
    if (status == SGR_OK)
        status = compose_cpu_create(sprites, one->kernels, 1, &one->compose, error);
    return status;
}

enum sgr_status sgr_render(struct sgr_plan *plan, uint64_t id, uint8_t *pixels, size_t size,
                           struct sgr_error *error)
{
    if (!(plan))
        return api_check(false, "sgr_render", error);
    struct one one = {.plan = plan};
    const struct plan_choices *choices = plan_choices(plan->plan);
    size_t needed = (size_t)choices->width * choices->height * 4;
    if (!pixels || size < needed)
        return error_set(error, SGR_USAGE, "an item takes %zu bytes, there is room for %zu", needed,
                         size);
    enum sgr_status status = begin_one(&one, id, error);
    uint32_t *rows = NULL;
    if (status == SGR_OK) {
        rows = memory_allocate(needed, 1);
        status = rows ? SGR_OK : error_no_memory(error, "an item");
    }
    for (size_t band = 0; status == SGR_OK && band < choices->band_count; band++) {
        struct compose_strip strip = {choices->band_edges[band], choices->band_edges[band + 1],
                                      one.stack.parts, one.stack.part_count};
        status =
            compose_draw(one.compose, 0, &strip, rows + (size_t)strip.top * choices->width, error);
    }
    if (status == SGR_OK)
        memcpy(pixels, rows, needed);
    memory_free(rows);
    finish_one(&one);
    return status;
}

/* Adds every strip to `out`; the head comes before them, but depends on all of them. */
static enum sgr_status make_strips(struct one *one, struct strip_maker *maker, struct text *out,
                                   uint32_t *out_adler, unsigned *out_palette_used,
                                   struct sgr_error *error)
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
static enum sgr_status write_file(struct one *one, struct strip_maker *maker, const char *path,
                                  struct sgr_error *error)
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

enum sgr_status sgr_render_file(struct sgr_plan *plan, uint64_t id, const char *path,
                                struct sgr_error *error)
{
    if (!(plan && path))
        return api_check(false, "sgr_render_file", error);
    struct one one = {.plan = plan};
    struct strip_maker maker = {0};
    enum sgr_status status = begin_one(&one, id, error);
    if (status == SGR_OK)
        status = strip_maker_init(&maker, one.compose, one.kernels, 0, one.choices, error);
    if (status == SGR_OK)
        status = write_file(&one, &maker, path, error);
    strip_maker_finish(&maker);
    finish_one(&one);
    return status;
}
