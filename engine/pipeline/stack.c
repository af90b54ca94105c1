/* Draw order and hiding. */
#include "pipeline/stack.h"

#include "base/error.h"
#include "base/memory.h"
#include "image/blend.h"

#include <string.h>

static bool reserve(struct stack *stack, size_t needed)
{
    struct compose_part *parts =
        memory_grow(stack->parts, &stack->capacity, needed, sizeof *stack->parts);
    if (!parts)
        return false;
    stack->parts = parts;
    int32_t *z = memory_grow(stack->z, &stack->z_capacity, needed, sizeof *stack->z);
    if (!z)
        return false;
    stack->z = z;
    return true;
}

/* Moves the last part down past those with a greater z: insertion keeps equal ones in order. */
static void sink(struct stack *stack)
{
    size_t at = stack->part_count - 1;
    struct compose_part part = stack->parts[at];
    int32_t z = stack->z[at];
    for (; at > 0 && stack->z[at - 1] > z; at--) {
        stack->parts[at] = stack->parts[at - 1];
        stack->z[at] = stack->z[at - 1];
    }
    stack->parts[at] = part;
    stack->z[at] = z;
}

enum sgr_status stack_fill(struct stack *stack, const struct sprite_set *sprites,
                           const uint16_t *traits, const struct plan_order *order,
                           struct sgr_error *error)
{
    stack->part_count = 0;
    for (size_t index = 0; index < order->layer_count; index++) {
        uint16_t layer = order->layers[index];
        uint32_t count;
        uint32_t first = sprite_set_trait(sprites, layer, traits[layer], &count);
        if (!reserve(stack, stack->part_count + count + 1))
            return error_no_memory(error, "an item's parts");
        for (uint32_t part = first; part < first + count; part++) {
            stack->parts[stack->part_count] =
                (struct compose_part){sprites->parts[part].sprite, sprites->parts[part].mode};
            stack->z[stack->part_count++] = sprites->parts[part].z;
            sink(stack);
        }
    }
    return SGR_OK;
}

void stack_finish(struct stack *stack)
{
    memory_free(stack->parts);
    memory_free(stack->z);
    *stack = (struct stack){0};
}

/* Whether nothing below a part can be seen in a band: copy replaces every pixel. */
static bool hides_band(const struct compose_part *part, const struct bands_table *bands,
                       size_t band)
{
    enum blend_mode mode = (enum blend_mode)part->mode;
    return blend_mode_hides(mode) &&
           (blend_mode_touches_empty(mode) ||
            bands_table_effect(bands, part->sprite, band) == BAND_COVERED);
}

/* Whether a part can change a pixel of a band. */
static bool changes_band(const struct compose_part *part, const struct bands_table *bands,
                         size_t band)
{
    return blend_mode_touches_empty((enum blend_mode)part->mode) ||
           bands_table_effect(bands, part->sprite, band) != BAND_UNTOUCHED;
}

size_t stack_visible(const struct stack *stack, const struct bands_table *bands, size_t band,
                     struct compose_part *parts)
{
    size_t first = stack->part_count;
    while (first > 0 && !hides_band(&stack->parts[first - 1], bands, band))
        first--;
    size_t count = 0;
    for (size_t index = first > 0 ? first - 1 : 0; index < stack->part_count; index++) {
        if (changes_band(&stack->parts[index], bands, band))
            parts[count++] = stack->parts[index];
    }
    return count;
}

struct hash128 stack_key(const struct compose_part *parts, size_t part_count, size_t band)
{
    struct hash128 key = hash_128(parts, part_count * sizeof *parts);
    uint64_t place = ((uint64_t)band << 32 | part_count) + 1;
    key.low ^= place * 0x9e3779b97f4a7c15u;
    key.high += place;
    return key;
}

static bool is_band_opaque(const struct stack *stack, const struct bands_table *bands, size_t band)
{
    bool opaque = false;
    for (size_t index = 0; index < stack->part_count; index++) {
        const struct compose_part *part = &stack->parts[index];
        enum blend_mode mode = (enum blend_mode)part->mode;
        if (blend_mode_makes_opaque(mode) &&
            bands_table_effect(bands, part->sprite, band) == BAND_COVERED)
            opaque = true;
        else if (changes_band(part, bands, band))
            opaque = opaque && blend_mode_keeps_opaque(mode);
    }
    return opaque;
}

bool stack_is_opaque(const struct stack *stack, const struct bands_table *bands)
{
    for (size_t band = 0; band < bands->band_count; band++) {
        if (!is_band_opaque(stack, bands, band))
            return false;
    }
    return true;
}
