/* Field by field, bounded on the way back: a plan file may come from anywhere. */
#include "collection/collection_file.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "collection/draft.h"
#include "image/image.h"

#include <string.h>

enum { PICTURES_MAX = 1 << 24 };

enum { TRAIT_FIXED = 1, TRAIT_NONE = 2, TRAIT_SINGLE = 4, TRAIT_FLAGS = 7 };

enum { LAYER_DISTINCT = 1, LAYER_GROUPS = 2, LAYER_FLAGS = 3 };

static void encode_trait(const struct collection_trait *trait, struct text *out)
{
    bytes_put_text(out, trait->name);
    bytes_put_text(out, trait->value);
    bytes_put(out, trait->weight, 8);
    bytes_put(out, trait->count, 8);
    unsigned flags = trait->count_fixed ? TRAIT_FIXED : 0;
    flags |= trait->none ? TRAIT_NONE : 0;
    flags |= trait->single ? TRAIT_SINGLE : 0;
    bytes_put(out, flags, 1);
    bytes_put(out, trait->part_count, 4);
    for (size_t index = 0; index < trait->part_count; index++) {
        const struct collection_part *part = &trait->parts[index];
        bytes_put(out, part->picture, 4);
        bytes_put(out, (uint32_t)part->z, 4);
        bytes_put(out, (uint32_t)part->x, 4);
        bytes_put(out, (uint32_t)part->y, 4);
        bytes_put(out, part->placed, 1);
        bytes_put(out, part->mode, 1);
        bytes_put(out, part->opacity, 1);
    }
    if (!trait->single)
        return;
    bytes_put(out, trait->attribute_count, 4);
    for (size_t index = 0; index < trait->attribute_count; index++)
        bytes_put_text(out, trait->attributes[index]);
}

void collection_file_encode(const struct collection *collection, struct text *out)
{
    bytes_put_text(out, collection->grammar);
    bytes_put_text(out, collection->name);
    bytes_put_text(out, collection->description);
    bytes_put(out, collection->width, 4);
    bytes_put(out, collection->height, 4);
    bytes_put(out, collection->picture_count, 4);
    for (size_t index = 0; index < collection->picture_count; index++) {
        const struct collection_picture *picture = &collection->pictures[index];
        bytes_put_text(out, picture->path);
        bytes_put(out, picture->width, 4);
        bytes_put(out, picture->height, 4);
    }
    bytes_put(out, collection->layer_count, 4);
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        bytes_put_text(out, layer->name);
        bytes_put_text(out, layer->folder);
        bytes_put_text(out, layer->trait_type);
        bytes_put(out, (layer->distinct ? LAYER_DISTINCT : 0) | (layer->groups ? LAYER_GROUPS : 0),
                  1);
        bytes_put(out, layer->trait_count, 4);
        for (size_t trait = 0; trait < layer->trait_count; trait++)
            encode_trait(&layer->traits[trait], out);
    }
}

/* Decoding: where bytes come from, and where what they mean is kept. */
struct decoder {
    struct bytes_reader reader;
    struct collection *collection;
    bool no_memory;
};

static const char *decode_text(struct decoder *decoder, bool required)
{
    const char *bytes;
    size_t length = bytes_get_text(&decoder->reader, &bytes);
    if (!bytes) {
        decoder->reader.failed |= required;
        return NULL;
    }
    char *text = arena_text(&decoder->collection->arena, bytes, length);
    decoder->no_memory |= !text;
    return text;
}

/* Room for `count` things that take at least `bytes_each` bytes each in the file. */
static void *decode_array(struct decoder *decoder, size_t count, size_t bytes_each, size_t size)
{
    if (count > decoder->reader.left / bytes_each) {
        decoder->reader.failed = true;
        return NULL;
    }
    void *array = arena_allocate(&decoder->collection->arena, count + 1, size);
    decoder->no_memory |= !array;
    return array;
}

static bool broken(const struct decoder *decoder)
{
    return decoder->reader.failed || decoder->no_memory;
}

static int32_t decode_signed(struct decoder *decoder)
{
    return (int32_t)(uint32_t)bytes_get(&decoder->reader, 4, UINT32_MAX);
}

/* What a one-of-one item brings: JSON objects, which are written as they stand. */
static void decode_attributes(struct decoder *decoder, struct collection_trait *trait)
{
    trait->attribute_count = (size_t)bytes_get(&decoder->reader, 4, UINT32_MAX);
    const char **texts = decode_array(decoder, trait->attribute_count, 4, sizeof *texts);
    for (size_t index = 0; index < trait->attribute_count && !broken(decoder); index++)
        texts[index] = decode_text(decoder, true);
    trait->attributes = texts;
}

static void decode_trait(struct decoder *decoder, struct collection_trait *trait)
{
    struct bytes_reader *reader = &decoder->reader;
    trait->name = decode_text(decoder, true);
    trait->value = decode_text(decoder, true);
    trait->weight = bytes_get(reader, 8, UINT64_MAX);
    trait->count = bytes_get(reader, 8, COLLECTION_COUNT_MAX);
    unsigned flags = (unsigned)bytes_get(reader, 1, TRAIT_FLAGS);
    trait->count_fixed = flags & TRAIT_FIXED;
    trait->max = UINT64_MAX;
    trait->none = flags & TRAIT_NONE;
    trait->single = flags & TRAIT_SINGLE;
    trait->part_count = (size_t)bytes_get(reader, 4, COLLECTION_PARTS_MAX);
    trait->parts = decode_array(decoder, trait->part_count, 19, sizeof *trait->parts);
    for (size_t index = 0; index < trait->part_count && !broken(decoder); index++) {
        struct collection_part *part = &trait->parts[index];
        part->picture = (uint32_t)bytes_get(reader, 4, UINT32_MAX);
        part->z = decode_signed(decoder);
        part->x = decode_signed(decoder);
        part->y = decode_signed(decoder);
        part->placed = bytes_get(reader, 1, 1) != 0;
        part->mode = (uint8_t)bytes_get(reader, 1, BLEND_MODE_COUNT - 1);
        part->opacity = (uint8_t)bytes_get(reader, 1, 255);
        if (part->picture >= decoder->collection->picture_count || part->x < -IMAGE_SIDE_MAX ||
            part->x > IMAGE_SIDE_MAX || part->y < -IMAGE_SIDE_MAX || part->y > IMAGE_SIDE_MAX)
            reader->failed = true;
    }
    if (trait->single && !broken(decoder))
        decode_attributes(decoder, trait);
}

static void decode_pictures(struct decoder *decoder)
{
    struct collection *collection = decoder->collection;
    struct bytes_reader *reader = &decoder->reader;
    collection->picture_count = (size_t)bytes_get(reader, 4, PICTURES_MAX);
    collection->pictures =
        decode_array(decoder, collection->picture_count, 12, sizeof *collection->pictures);
    for (size_t index = 0; index < collection->picture_count && !broken(decoder); index++) {
        struct collection_picture *picture = &collection->pictures[index];
        picture->path = decode_text(decoder, true);
        picture->width = (uint32_t)bytes_get(reader, 4, IMAGE_SIDE_MAX);
        picture->height = (uint32_t)bytes_get(reader, 4, IMAGE_SIDE_MAX);
        if (picture->path && !draft_is_plain_path(picture->path))
            reader->failed = true;
    }
}

static void decode_layers(struct decoder *decoder)
{
    struct collection *collection = decoder->collection;
    struct bytes_reader *reader = &decoder->reader;
    collection->layer_count = (size_t)bytes_get(reader, 4, COLLECTION_LAYERS_MAX);
    collection->layers =
        decode_array(decoder, collection->layer_count, 17, sizeof *collection->layers);
    for (size_t index = 0; index < collection->layer_count && !broken(decoder); index++) {
        struct collection_layer *layer = &collection->layers[index];
        layer->name = decode_text(decoder, true);
        layer->folder = decode_text(decoder, false);
        layer->trait_type = decode_text(decoder, true);
        unsigned flags = (unsigned)bytes_get(reader, 1, LAYER_FLAGS);
        layer->distinct = flags & LAYER_DISTINCT;
        layer->groups = flags & LAYER_GROUPS;
        reader->failed |= layer->groups && index + 1 < collection->layer_count;
        layer->trait_count = (size_t)bytes_get(reader, 4, COLLECTION_TRAITS_MAX);
        layer->traits = decode_array(decoder, layer->trait_count, 29, sizeof *layer->traits);
        reader->failed |= layer->trait_count == 0;
        for (size_t trait = 0; trait < layer->trait_count && !broken(decoder); trait++)
            decode_trait(decoder, &layer->traits[trait]);
    }
}

enum sgr_status collection_file_decode(const char *name, const uint8_t *bytes, size_t size,
                                       const char *root, struct collection **out_collection,
                                       struct sgr_error *error)
{
    struct collection *collection = memory_allocate_zeroed(1, sizeof *collection);
    if (!collection)
        return error_no_memory(error, "a plan");
    struct decoder decoder = {{bytes, size, false}, collection, false};
    collection->root = arena_text(&collection->arena, root, strlen(root));
    decoder.no_memory = !collection->root;
    collection->grammar = decode_text(&decoder, true);
    collection->name = decode_text(&decoder, true);
    collection->description = decode_text(&decoder, true);
    collection->width = (uint32_t)bytes_get(&decoder.reader, 4, IMAGE_SIDE_MAX);
    collection->height = (uint32_t)bytes_get(&decoder.reader, 4, IMAGE_SIDE_MAX);
    decoder.reader.failed |= collection->width == 0 || collection->height == 0;
    if (!broken(&decoder))
        decode_pictures(&decoder);
    if (!broken(&decoder))
        decode_layers(&decoder);
    decoder.reader.failed |= decoder.reader.left != 0;
    if (broken(&decoder)) {
        collection_destroy(&collection);
        return decoder.no_memory
                   ? error_no_memory(error, "a plan")
                   : error_set(error, SGR_INPUT,
                               "%s: the plan's collection is damaged; make the plan again", name);
    }
    *out_collection = collection;
    return SGR_OK;
}
