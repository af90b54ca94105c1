/*
 * The canvas and the pictures that must fit it. A placed picture has a size of its own, so it has
 * no say in the canvas unless every picture is placed.
 */
#include "base/error.h"
#include "base/memory.h"
#include "collection/draft.h"
#include "image/image.h"

/* A size and how many pictures have it. */
struct size_count {
    uint32_t width;
    uint32_t height;
    size_t count;
};

/* How a picture is used, one byte each. */
enum use { USE_NONE, USE_PLACED, USE_COVERING };

static void note_uses(const struct collection *collection, uint8_t *uses)
{
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_layer *from = &collection->layers[layer];
        for (size_t trait = 0; trait < from->trait_count; trait++) {
            const struct collection_part *parts = from->traits[trait].parts;
            for (size_t part = 0, count = from->traits[trait].part_count; part < count; part++)
                uses[parts[part].picture] |= parts[part].placed ? USE_PLACED : USE_COVERING;
        }
    }
}

static bool is_larger(const struct size_count *left, const struct size_count *right)
{
    uint64_t left_area = (uint64_t)left->width * left->height;
    uint64_t right_area = (uint64_t)right->width * right->height;
    return left_area != right_area ? left_area > right_area : left->width > right->width;
}

/* Counts the sizes of the pictures with a use of `wanted`; a table keeps many sizes quick. */
static bool count_sizes(const struct draft *draft, const uint8_t *uses, enum use wanted,
                        struct size_count *out_best)
{
    struct intern sizes = {0};
    struct arena arena = {0};
    struct size_count *counts = memory_allocate_zeroed(draft->paths.count, sizeof *counts);
    bool done = counts != NULL;
    for (size_t index = 0; done && index < draft->paths.count; index++) {
        const struct collection_picture *picture = &draft->pictures[index];
        uint32_t key[2] = {picture->width, picture->height};
        uint32_t number;
        if (!(uses[index] & wanted))
            continue;
        done = intern_add(&sizes, &arena, key, sizeof key, &number);
        if (!done)
            break;
        struct size_count *size = &counts[number];
        size->width = picture->width;
        size->height = picture->height;
        size->count++;
    }
    for (size_t index = 0; done && index < sizes.count; index++) {
        const struct size_count *size = &counts[index];
        if (size->count > out_best->count ||
            (size->count == out_best->count && is_larger(size, out_best)))
            *out_best = *size;
    }
    memory_free(counts);
    intern_finish(&sizes);
    arena_finish(&arena);
    return done;
}

static enum sgr_status choose_canvas(struct draft *draft, const uint8_t *uses,
                                     struct sgr_error *error)
{
    struct collection *collection = draft->collection;
    struct size_count best = {0, 0, 0};
    if (collection->width && collection->height)
        return SGR_OK;
    if (!count_sizes(draft, uses, USE_COVERING, &best))
        return error_no_memory(error, "the pictures' sizes");
    if (!best.count && !count_sizes(draft, uses, USE_PLACED, &best))
        return error_no_memory(error, "the pictures' sizes");
    if (!best.count)
        return error_set(error, SGR_INPUT,
                         "%s: no picture is used, so there is no canvas; add PNG files or set "
                         "\"canvas\" in collection.json",
                         draft->root);
    collection->width = best.width;
    collection->height = best.height;
    return SGR_OK;
}

/* Refuses or notices one covering picture of another size than the canvas. */
static enum sgr_status check_picture(struct draft *draft, const struct collection_picture *picture,
                                     struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    if (picture->width == collection->width && picture->height == collection->height)
        return SGR_OK;
    if (draft->options->fit_sizes)
        return draft_notice(draft, error, SGR_LOG_NOTICE, "other-size",
                            "%s is %ux%u and gets resampled to the canvas of %ux%u", picture->path,
                            picture->width, picture->height, collection->width, collection->height);
    return error_set(error, SGR_INPUT,
                     "%s/%s: the picture is %ux%u, the canvas %ux%u; --resample lanczos fits it, "
                     "\"at\" in collection.json places it as it is",
                     draft->root, picture->path, picture->width, picture->height, collection->width,
                     collection->height);
}

enum sgr_status draft_canvas_settle(struct draft *draft, struct sgr_error *error)
{
    struct collection *collection = draft->collection;
    uint8_t *uses = memory_allocate_zeroed(draft->paths.count, sizeof *uses);
    if (!uses)
        return error_no_memory(error, "the pictures' sizes");
    note_uses(collection, uses);
    enum sgr_status status = choose_canvas(draft, uses, error);
    if (status == SGR_OK &&
        (collection->width > IMAGE_SIDE_MAX || collection->height > IMAGE_SIDE_MAX))
        status = error_set(error, SGR_INPUT, "%s: the canvas would be %ux%u, a side is at most %d",
                           draft->root, collection->width, collection->height, IMAGE_SIDE_MAX);
    /* Pictures are numbered in the order of layers, traits and parts, so this is that order. */
    for (size_t index = 0; status == SGR_OK && index < draft->paths.count; index++) {
        if (uses[index] & USE_COVERING)
            status = check_picture(draft, &draft->pictures[index], error);
    }
    memory_free(uses);
    return status;
}
