/*
 * Rows found by their traits in a group of layers, so that no two of them share all of these: an
 * open hash table of 32-bit slots, two thirds full, whose free bits hold part of the hash. One
 * thread at a time.
 */
#ifndef SGR_PLAN_SOLVE_KEYS_H
#define SGR_PLAN_SOLVE_KEYS_H

#include "base/random.h"

#include <serigraph/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOLVE_KEYS_NONE UINT64_MAX

/* Start from all zero; end with solve_keys_finish. */
struct solve_keys {
    const uint32_t *layers; /* borrowed */
    size_t layer_count;
    const uint32_t *trait_bases; /* borrowed */
    const uint16_t *rows;        /* borrowed: [row * row_length + layer] */
    size_t row_length;
    uint64_t *shares; /* [trait]: its random share of a hash */
    uint32_t *slots;  /* row + 1 below, part of the hash above; 0 is empty */
    uint64_t slot_count;
    uint32_t row_bits;
};

/* Room for `count` rows; the borrowed fields are set by the caller before. */
enum sgr_status solve_keys_init(struct solve_keys *keys, uint64_t count, struct random *random,
                                struct sgr_error *error) SGR_MUST_USE;

/* Frees what the table owns. */
void solve_keys_finish(struct solve_keys *keys);

/* The row held that has these traits in the group, or SOLVE_KEYS_NONE. */
uint64_t solve_keys_find(const struct solve_keys *keys, const uint16_t *traits);

/* Enters a row unless one with its traits is held; whether it did. */
bool solve_keys_enter(struct solve_keys *keys, uint64_t row);

/* Takes a row out that was entered, before its traits change. */
void solve_keys_leave(struct solve_keys *keys, uint64_t row);

#endif
