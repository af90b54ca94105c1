/* A direct-mapped table: neighbouring blocks, as many as there are slots, never share one. */
#include "plan/plan_blocks.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

enum sgr_status plan_blocks_keep(struct plan_blocks *blocks, size_t count, struct sgr_error *error)
{
    struct plan_block *slots = memory_allocate_zeroed(count, sizeof *slots);
    if (!slots)
        return error_no_memory(error, "the plan");
    for (size_t slot = 0; slot < count; slot++)
        slots[slot].number = UINT64_MAX;
    plan_blocks_finish(blocks);
    *blocks = (struct plan_blocks){slots, count};
    return SGR_OK;
}

void plan_blocks_finish(struct plan_blocks *blocks)
{
    for (size_t slot = 0; slot < blocks->count; slot++)
        memory_free(blocks->slots[slot].bytes);
    memory_free(blocks->slots);
    *blocks = (struct plan_blocks){0};
}

enum sgr_status plan_blocks_read(struct plan_blocks *blocks, struct open_file handle,
                                 const char *name, const struct plan_block_place *place,
                                 const struct plan_block **out_block, struct sgr_error *error)
{
    struct plan_block *block = &blocks->slots[place->number % blocks->count];
    *out_block = block;
    if (block->number == place->number)
        return SGR_OK;
    block->number = UINT64_MAX;
    if (block->capacity <= place->size) {
        /* Exactly what is needed: the promise about memory counts the file's bytes. */
        uint8_t *grown = memory_resize(block->bytes, place->size + 1, 1);
        if (!grown)
            return error_no_memory(error, "the plan");
        block->bytes = grown;
        block->capacity = place->size + 1;
    }
    enum sgr_status status =
        file_read_at(handle, place->offset, block->bytes, place->size, name, error);
    if (status != SGR_OK)
        return status;
    if (hash_64(block->bytes, place->size) != place->hash)
        return error_set(error, SGR_INPUT,
                         "%s: the plan's list of items is damaged; make the plan again", name);
    block->number = place->number;
    block->size = place->size;
    return SGR_OK;
}
