/* The blocks of a plan file that are in memory: one, or as many as a reader jumps between. */
#ifndef SGR_PLAN_PLAN_BLOCKS_H
#define SGR_PLAN_PLAN_BLOCKS_H

#include "os/file.h"

/* A block in memory. */
struct plan_block {
    uint8_t *bytes;
    size_t capacity;
    size_t size;
    uint64_t number; /* UINT64_MAX: none */
};

/* Start from all zero, then plan_blocks_keep. Numbers that differ by `count` share a slot. */
struct plan_blocks {
    struct plan_block *slots;
    size_t count;
};

/* Where a block stands in the file. */
struct plan_block_place {
    uint64_t number;
    uint64_t offset;
    size_t size;
    uint64_t hash;
};

/*
 * From now on keeps `count` (at least 1) blocks, and forgets those that are there. After
 * SGR_NO_MEMORY nothing has changed.
 */
enum sgr_status plan_blocks_keep(struct plan_blocks *blocks, size_t count,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees everything. */
void plan_blocks_finish(struct plan_blocks *blocks);

/*
 * Finds a block, or reads it. *out_block is good until a block with the same slot is read. `name`
 * is the file's, for errors: SGR_INPUT when the bytes do not have their hash.
 */
enum sgr_status plan_blocks_read(struct plan_blocks *blocks, struct open_file handle,
                                 const char *name, const struct plan_block_place *place,
                                 const struct plan_block **out_block,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
