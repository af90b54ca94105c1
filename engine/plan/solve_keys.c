/* Linear probing; a gap is closed by moving back what follows, as no row is ever marked deleted. */
#include "plan/solve_keys.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"

enum sgr_status solve_keys_init(struct solve_keys *keys, uint64_t count, struct random *random,
                                struct sgr_error *error)
{
    size_t traits = keys->trait_bases[keys->row_length];
    keys->slot_count = count + count / 2 + 16;
    keys->row_bits = 1;
    while (count >> keys->row_bits)
        keys->row_bits++;
    keys->shares = memory_allocate(traits + 1, sizeof *keys->shares);
    keys->slots = memory_allocate_zeroed(keys->slot_count, sizeof *keys->slots);
    if (!keys->shares || !keys->slots)
        return error_no_memory(error, "the plan");
    for (size_t trait = 0; trait < traits; trait++)
        keys->shares[trait] = random_next(random);
    return SGR_OK;
}

void solve_keys_finish(struct solve_keys *keys)
{
    memory_free(keys->shares);
    memory_free(keys->slots);
    *keys = (struct solve_keys){0};
}

static uint64_t hash_of(const struct solve_keys *keys, const uint16_t *traits)
{
    uint64_t hash = 0;
    for (size_t index = 0; index < keys->layer_count; index++) {
        uint32_t layer = keys->layers[index];
        hash += keys->shares[keys->trait_bases[layer] + traits[layer]];
    }
    return hash * 0x9e3779b97f4a7c15u;
}

static uint64_t home_of(const struct solve_keys *keys, uint64_t hash)
{
    return (uint64_t)((wide)hash * keys->slot_count >> 64);
}

/* The part of a hash that stands in a slot; the home takes its high bits, so these are low. */
static uint32_t tag_of(const struct solve_keys *keys, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) >> keys->row_bits << keys->row_bits);
}

static uint64_t row_in(const struct solve_keys *keys, uint64_t slot)
{
    return (keys->slots[slot] & ((UINT64_C(1) << keys->row_bits) - 1)) - 1;
}

static uint64_t after(const struct solve_keys *keys, uint64_t slot)
{
    return slot + 1 < keys->slot_count ? slot + 1 : 0;
}

static bool alike(const struct solve_keys *keys, const uint16_t *left, const uint16_t *right)
{
    for (size_t index = 0; index < keys->layer_count; index++) {
        if (left[keys->layers[index]] != right[keys->layers[index]])
            return false;
    }
    return true;
}

/* The slot that holds such a row, or the empty one where it would go. */
static uint64_t slot_of(const struct solve_keys *keys, const uint16_t *traits, uint64_t hash)
{
    uint64_t slot = home_of(keys, hash);
    uint32_t row_mask = (uint32_t)((UINT64_C(1) << keys->row_bits) - 1);
    uint32_t tag = tag_of(keys, hash);
    while (keys->slots[slot]) {
        if ((keys->slots[slot] & ~row_mask) == tag &&
            alike(keys, keys->rows + row_in(keys, slot) * keys->row_length, traits))
            return slot;
        slot = after(keys, slot);
    }
    return slot;
}

uint64_t solve_keys_find(const struct solve_keys *keys, const uint16_t *traits)
{
    uint64_t slot = slot_of(keys, traits, hash_of(keys, traits));
    return keys->slots[slot] ? row_in(keys, slot) : SOLVE_KEYS_NONE;
}

bool solve_keys_enter(struct solve_keys *keys, uint64_t row)
{
    const uint16_t *traits = keys->rows + row * keys->row_length;
    uint64_t hash = hash_of(keys, traits);
    uint64_t slot = slot_of(keys, traits, hash);
    if (keys->slots[slot])
        return false;
    keys->slots[slot] = tag_of(keys, hash) | (uint32_t)(row + 1);
    return true;
}

void solve_keys_leave(struct solve_keys *keys, uint64_t row)
{
    const uint16_t *traits = keys->rows + row * keys->row_length;
    uint64_t slot = slot_of(keys, traits, hash_of(keys, traits));
    ERROR_ASSERT(keys->slots[slot] && row_in(keys, slot) == row);
    for (uint64_t next = after(keys, slot); keys->slots[next]; next = after(keys, next)) {
        uint64_t home =
            home_of(keys, hash_of(keys, keys->rows + row_in(keys, next) * keys->row_length));
        bool stays = slot <= next ? (slot < home && home <= next) : (slot < home || home <= next);
        if (stays)
            continue;
        keys->slots[slot] = keys->slots[next];
        slot = next;
    }
    keys->slots[slot] = 0;
}
