/* A strip that many items share comes once, as in a run that uses strips again. */
#include "pipeline/strip_sample.h"

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/stack.h"

#include <string.h>

/* A sample while it grows. Its parts move until all are there: strips get theirs at the end. */
struct builder {
    struct strip_sample *sample;
    struct hash128 *keys; /* [count] */
    size_t *firsts;       /* [count]: place of a strip's first part */
    size_t strips_capacity;
    size_t bands_capacity;
    size_t keys_capacity;
    size_t firsts_capacity;
    size_t parts_capacity;
    size_t part_count;
};

static bool has_key(const struct builder *builder, struct hash128 key)
{
    for (size_t index = 0; index < builder->sample->count; index++) {
        if (hash_equal(builder->keys[index], key))
            return true;
    }
    return false;
}

/* Makes room for one more strip and all parts of an item. */
static bool make_room(struct builder *builder, size_t parts)
{
    struct strip_sample *sample = builder->sample;
    size_t count = sample->count + 1;
    struct compose_strip *strips =
        memory_grow(sample->strips, &builder->strips_capacity, count, sizeof *strips);
    sample->strips = strips ? strips : sample->strips;
    uint32_t *bands = memory_grow(sample->bands, &builder->bands_capacity, count, sizeof *bands);
    sample->bands = bands ? bands : sample->bands;
    struct hash128 *keys = memory_grow(builder->keys, &builder->keys_capacity, count, sizeof *keys);
    builder->keys = keys ? keys : builder->keys;
    size_t *firsts = memory_grow(builder->firsts, &builder->firsts_capacity, count, sizeof *firsts);
    builder->firsts = firsts ? firsts : builder->firsts;
    struct compose_part *grown = memory_grow(sample->parts, &builder->parts_capacity,
                                             builder->part_count + parts + 1, sizeof *grown);
    sample->parts = grown ? grown : sample->parts;
    return strips && bands && keys && firsts && grown;
}

static enum sgr_status add_item(struct builder *builder, const struct plan_choices *choices,
                                const struct stack *stack, struct visibility *visibility,
                                struct sgr_error *error)
{
    struct strip_sample *sample = builder->sample;
    for (size_t band = 0; band < choices->band_count; band++) {
        if (!make_room(builder, stack->part_count))
            return error_no_memory(error, "a sample of strips");
        struct compose_part *parts = sample->parts + builder->part_count;
        size_t count = visibility_find(visibility, stack, band, parts);
        struct hash128 key = stack_key(parts, count, band);
        if (has_key(builder, key))
            continue;
        builder->keys[sample->count] = key;
        builder->firsts[sample->count] = builder->part_count;
        builder->part_count += count;
        sample->bands[sample->count] = (uint32_t)band;
        sample->strips[sample->count++] = (struct compose_strip){
            choices->band_edges[band], choices->band_edges[band + 1], NULL, count};
    }
    return SGR_OK;
}

enum sgr_status strip_sample_make(struct strip_sample *sample, struct plan *plan,
                                  const struct sprite_set *sprites, struct visibility *visibility,
                                  uint64_t items, struct sgr_error *error)
{
    struct builder builder = {.sample = sample};
    struct stack stack = {0};
    uint64_t count = plan_count(plan) < items ? plan_count(plan) : items;
    enum sgr_status status = SGR_OK;
    for (uint64_t index = 0; index < count && status == SGR_OK; index++) {
        struct plan_item item;
        status = plan_read(plan, index * plan_count(plan) / count, &item, error);
        if (status == SGR_OK)
            status = stack_fill(&stack, sprites, item.traits, plan_order(plan, item.order), error);
        if (status == SGR_OK)
            status = add_item(&builder, plan_choices(plan), &stack, visibility, error);
    }
    for (size_t index = 0; index < sample->count; index++)
        sample->strips[index].parts = sample->parts + builder.firsts[index];
    memory_free(builder.keys);
    memory_free(builder.firsts);
    stack_finish(&stack);
    return status;
}

void strip_sample_finish(struct strip_sample *sample)
{
    memory_free(sample->strips);
    memory_free(sample->bands);
    memory_free(sample->parts);
    *sample = (struct strip_sample){.count = 0};
}
