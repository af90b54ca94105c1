/*
 * The sprites of a whole collection: decoded once on all cores, look-alikes shared, kept in memory
 * or, when they would take too much of it, in a scratch file that is read strip by strip.
 */
#include "sheet/sprite.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codec/picture.h"
#include "image/resample.h"
#include "os/machine.h"
#include "os/mutex.h"
#include "sheet/sprite_build.h"
#include "work/parallel.h"

#include <stdlib.h>
#include <string.h>

/* A picture at a place, with an opacity: what becomes one sprite. */
struct source {
    uint32_t picture;
    int32_t x;
    int32_t y;
    bool placed;
    uint8_t opacity;
};

struct loader {
    const struct collection *collection;
    const struct sprite_options *options;
    struct sprite_set *set;
    struct source *sources; /* one for each sprite, sorted */
    struct mutex mutex;     /* guards what follows */
    uint64_t scratch_end;
};

static int compare_sources(const void *left, const void *right)
{
    const struct source *a = left;
    const struct source *b = right;
    if (a->picture != b->picture)
        return a->picture < b->picture ? -1 : 1;
    if (a->placed != b->placed)
        return a->placed ? 1 : -1;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return (int)a->opacity - (int)b->opacity;
}

static struct source source_of(const struct collection_part *part)
{
    struct source source = {part->picture, 0, 0, part->placed, part->opacity};
    if (part->placed) {
        source.x = part->x;
        source.y = part->y;
    }
    return source;
}

/* round(value * to / from), ties up, also below zero. */
static int64_t scale(int64_t value, uint32_t to, uint32_t from)
{
    int64_t doubled = 2 * value * to + from;
    int64_t divisor = 2 * (int64_t)from;
    int64_t quotient = doubled / divisor;
    return quotient - (doubled % divisor < 0);
}

/* The size a picture is drawn at, and its place. */
static void place_source(const struct loader *loader, const struct source *source,
                         struct collection_picture *size, struct sprite_place *place)
{
    const struct collection *collection = loader->collection;
    uint32_t width = loader->options->width;
    uint32_t height = loader->options->height;
    const struct collection_picture *picture = &collection->pictures[source->picture];
    *size = (struct collection_picture){picture->path, width, height};
    *place = (struct sprite_place){width, height, 0, 0, source->opacity};
    if (!source->placed)
        return;
    int64_t scaled_width = scale(picture->width, width, collection->width);
    int64_t scaled_height = scale(picture->height, height, collection->height);
    size->width = scaled_width < 1 ? 1 : (uint32_t)scaled_width;
    size->height = scaled_height < 1 ? 1 : (uint32_t)scaled_height;
    place->x = (int32_t)scale(source->x, width, collection->width);
    place->y = (int32_t)scale(source->y, height, collection->height);
}

/* Decodes a picture and brings it to its size on the canvas. */
static enum sgr_status read_scaled(const struct loader *loader,
                                   const struct collection_picture *size, const char *path,
                                   struct image *out, struct sgr_error *error)
{
    struct image image;
    enum sgr_status status = picture_read(path, &image, error);
    if (status != SGR_OK)
        return status;
    if (image.width == size->width && image.height == size->height) {
        *out = image;
        return SGR_OK;
    }
    if (loader->options->resample == SGR_RESAMPLE_NONE)
        status = error_set(error, SGR_INPUT,
                           "%s: %ux%u pixels where %ux%u are needed; export it at that size, or "
                           "add --resample nearest|bilinear|lanczos to fit it",
                           path, image.width, image.height, size->width, size->height);
    else if (size->width > IMAGE_SIDE_MAX || size->height > IMAGE_SIDE_MAX)
        status = error_set(error, SGR_INPUT, "%s: %ux%u pixels after scaling are too many", path,
                           size->width, size->height);
    else
        status = resample_image(&image, size->width, size->height, loader->options->resample, out,
                                error);
    image_finish(&image);
    return status;
}

/* Moves a sprite's words to the scratch file. */
static enum sgr_status spill(struct loader *loader, struct sprite *sprite, struct sgr_error *error)
{
    uint64_t bytes = sprite_word_count(sprite) * sizeof(uint32_t);
    mutex_lock(&loader->mutex);
    sprite->scratch_offset = loader->scratch_end;
    loader->scratch_end += bytes;
    mutex_unlock(&loader->mutex);
    enum sgr_status status =
        file_write_at(loader->set->scratch, sprite->scratch_offset, sprite->words, (size_t)bytes,
                      "the scratch file for sprites", error);
    memory_free(sprite->words);
    sprite->words = NULL;
    return status;
}

/* Keeps a new sprite in memory while there is room, in the scratch file afterwards. */
static enum sgr_status keep(struct loader *loader, struct sprite *sprite, struct sgr_error *error)
{
    struct sprite_set *set = loader->set;
    uint64_t bytes = sprite_word_count(sprite) * sizeof(uint32_t);
    enum sgr_status status = SGR_OK;
    mutex_lock(&loader->mutex);
    /* The tables of rows stay, wherever the words go. */
    set->table_bytes += (uint64_t)(sprite->bottom - sprite->top) * (sizeof *sprite->row_starts + 1);
    bool resident = set->resident_bytes + bytes <= loader->options->resident_bytes;
    if (resident)
        set->resident_bytes += bytes;
    else if (set->scratch.descriptor < 0)
        status = file_open_scratch(&set->scratch, error);
    set->words_total += sprite_word_count(sprite);
    mutex_unlock(&loader->mutex);
    return resident || status != SGR_OK ? status : spill(loader, sprite, error);
}

/* The pixels that a picture takes while it is read: its own, or after scaling when that is more. */
static uint64_t decoded_pixels(const struct loader *loader,
                               const struct collection_picture *picture)
{
    const struct sprite_options *options = loader->options;
    uint64_t own = (uint64_t)picture->width * picture->height;
    uint64_t scaled = (uint64_t)options->width * options->height;
    return options->resample != SGR_RESAMPLE_NONE && scaled > own ? scaled : own;
}

/* Refuses a picture that does not fit the promise: its pixels, and their runs as they grow. */
static enum sgr_status check_memory(const struct loader *loader, uint32_t picture,
                                    struct sgr_error *error)
{
    const struct collection_picture *large = &loader->collection->pictures[picture];
    uint64_t needed = decoded_pixels(loader, large) * sizeof(uint32_t) / 2 * 5;
    if (needed <= loader->options->memory_bytes)
        return SGR_OK;
    return error_set(error, SGR_INPUT,
                     "%s/%s: %ux%u pixels take %lluM to decode, more than --memory allows; raise "
                     "it, or scale the picture",
                     loader->collection->root, large->path, large->width, large->height,
                     (unsigned long long)(needed / 1000000 + 1));
}

/* Counts a picture whose reading began at `start_ns`. */
static void count_reading(struct loader *loader, uint64_t start_ns, uint64_t bytes)
{
    uint64_t busy_ns = machine_now_ns() - start_ns;
    mutex_lock(&loader->mutex);
    loader->set->reading.busy_ns += busy_ns;
    loader->set->reading.bytes += bytes;
    loader->set->reading.count++;
    mutex_unlock(&loader->mutex);
}

static enum sgr_status load_sprite(void *context, size_t index, unsigned worker,
                                   struct sgr_error *error)
{
    (void)worker;
    struct loader *loader = context;
    uint64_t start_ns = machine_now_ns();
    const struct source *source = &loader->sources[index];
    struct collection_picture size;
    struct sprite_place place;
    place_source(loader, source, &size, &place);
    struct text full = {0};
    enum sgr_status status = check_memory(loader, source->picture, error);
    if (status != SGR_OK)
        return status;
    text_format(&full, "%s/%s", loader->collection->root, size.path);
    if (full.failed) {
        text_finish(&full);
        return error_no_memory(error, "a path");
    }
    struct image image = {0, 0, NULL};
    status = read_scaled(loader, &size, full.bytes, &image, error);
    text_finish(&full);
    if (status != SGR_OK)
        return status;
    struct sprite *sprite = &loader->set->sprites[index];
    status = sprite_build(&image, &place, sprite, error);
    uint64_t bytes = (uint64_t)image.width * image.height * sizeof(uint32_t);
    image_finish(&image);
    if (status == SGR_OK)
        status = keep(loader, sprite, error);
    count_reading(loader, start_ns, bytes);
    return status;
}

/* Decoding holds a whole picture (and its file) a thread, so large art uses fewer threads. */
static unsigned decode_threads(const struct loader *loader)
{
    uint64_t largest = 1;
    for (size_t index = 0; index < loader->collection->picture_count; index++) {
        const struct collection_picture *picture = &loader->collection->pictures[index];
        uint64_t bytes = decoded_pixels(loader, picture) * 6;
        largest = bytes > largest ? bytes : largest;
    }
    uint64_t fitting = loader->options->memory_bytes / 4 / largest;
    uint64_t threads = loader->options->threads;
    if (fitting < threads)
        threads = fitting;
    return threads < 1 ? 1 : (unsigned)threads;
}

/* Lists every distinct source, sorted, and how many there are. */
static enum sgr_status list_sources(struct loader *loader, size_t *out_count,
                                    struct sgr_error *error)
{
    const struct collection *collection = loader->collection;
    size_t count = 0;
    loader->sources = memory_allocate(loader->set->part_count + 1, sizeof *loader->sources);
    if (!loader->sources)
        return error_no_memory(error, "sprites");
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            const struct collection_trait *choice = &collection->layers[layer].traits[trait];
            for (size_t part = 0; part < choice->part_count; part++)
                loader->sources[count++] = source_of(&choice->parts[part]);
        }
    }
    qsort(loader->sources, count, sizeof *loader->sources, compare_sources);
    size_t kept = 0;
    for (size_t index = 0; index < count; index++) {
        if (kept == 0 || compare_sources(&loader->sources[kept - 1], &loader->sources[index]) != 0)
            loader->sources[kept++] = loader->sources[index];
    }
    *out_count = kept;
    return SGR_OK;
}

/* Makes the tables that lead from layer and trait to parts, without sprites yet. */
static enum sgr_status make_tables(struct loader *loader, struct sgr_error *error)
{
    const struct collection *collection = loader->collection;
    struct sprite_set *set = loader->set;
    size_t traits = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++)
            set->part_count += collection->layers[layer].traits[trait].part_count;
        traits += collection->layers[layer].trait_count;
    }
    set->trait_bases = memory_allocate(collection->layer_count + 1, sizeof *set->trait_bases);
    set->trait_starts = memory_allocate(traits + 1, sizeof *set->trait_starts);
    set->parts = memory_allocate_zeroed(set->part_count + 1, sizeof *set->parts);
    if (!set->trait_bases || !set->trait_starts || !set->parts)
        return error_no_memory(error, "sprites");
    uint32_t next_trait = 0;
    uint32_t next_part = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        set->trait_bases[layer] = next_trait;
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            set->trait_starts[next_trait++] = next_part;
            next_part += (uint32_t)collection->layers[layer].traits[trait].part_count;
        }
    }
    set->trait_starts[next_trait] = next_part;
    return SGR_OK;
}

/* For each sprite, the first one that looks the same. */
static void find_twins(const struct sprite_set *set, uint32_t *twins)
{
    for (size_t index = 0; index < set->sprite_count; index++) {
        size_t first = 0;
        while (!hash_equal(set->sprites[first].digest, set->sprites[index].digest))
            first++;
        twins[index] = (uint32_t)first;
    }
}

/* Points every part at its sprite. */
static enum sgr_status link_parts(struct loader *loader, struct sgr_error *error)
{
    const struct collection *collection = loader->collection;
    struct sprite_set *set = loader->set;
    uint32_t *twins = memory_allocate(set->sprite_count + 1, sizeof *twins);
    if (!twins)
        return error_no_memory(error, "sprites");
    find_twins(set, twins);
    struct sprite_part *next = set->parts;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            const struct collection_trait *choice = &collection->layers[layer].traits[trait];
            for (size_t part = 0; part < choice->part_count; part++, next++) {
                struct source wanted = source_of(&choice->parts[part]);
                const struct source *found = bsearch(&wanted, loader->sources, set->sprite_count,
                                                     sizeof wanted, compare_sources);
                ERROR_ASSERT(found);
                next->sprite = twins[found - loader->sources];
                next->mode = choice->parts[part].mode;
                next->z = choice->parts[part].z;
            }
        }
    }
    memory_free(twins);
    return SGR_OK;
}

enum sgr_status sprite_set_load(const struct collection *collection,
                                const struct sprite_options *options, struct sprite_set **out_set,
                                struct sgr_error *error)
{
    struct sprite_set *set = memory_allocate_zeroed(1, sizeof *set);
    if (!set)
        return error_no_memory(error, "sprites");
    set->width = options->width;
    set->height = options->height;
    set->scratch = OPEN_FILE_NONE;
    struct loader loader = {.collection = collection, .options = options, .set = set};
    mutex_init(&loader.mutex);
    size_t count = 0;
    enum sgr_status status = make_tables(&loader, error);
    if (status == SGR_OK)
        status = list_sources(&loader, &count, error);
    if (status == SGR_OK) {
        set->sprites = memory_allocate_zeroed(count + 1, sizeof *set->sprites);
        status = set->sprites ? SGR_OK : error_no_memory(error, "sprites");
    }
    if (status == SGR_OK) {
        set->sprite_count = count;
        status = parallel_run(decode_threads(&loader), count, load_sprite, &loader, error);
    }
    if (status == SGR_OK)
        status = link_parts(&loader, error);
    mutex_finish(&loader.mutex);
    memory_free(loader.sources);
    if (status != SGR_OK) {
        sprite_set_destroy(&set);
        return status;
    }
    *out_set = set;
    return SGR_OK;
}

void sprite_set_destroy(struct sprite_set **set)
{
    if (!*set)
        return;
    for (size_t index = 0; index < (*set)->sprite_count; index++)
        sprite_build_finish(&(*set)->sprites[index]);
    file_abandon(&(*set)->scratch);
    memory_free((*set)->sprites);
    memory_free((*set)->parts);
    memory_free((*set)->trait_starts);
    memory_free((*set)->trait_bases);
    memory_free(*set);
    *set = NULL;
}

enum sgr_status sprite_set_rows(const struct sprite_set *set, const struct sprite *sprite,
                                struct image_box rows, struct sprite_window *window,
                                const uint32_t **out_words, struct sgr_error *error)
{
    uint64_t from = sprite->row_starts[rows.top - sprite->top];
    uint64_t to = sprite->row_starts[rows.bottom - sprite->top];
    if (sprite->words) {
        *out_words = sprite->words + from;
        return SGR_OK;
    }
    size_t count = (size_t)(to - from);
    uint32_t *grown =
        memory_grow(window->words, &window->capacity, count + 1, sizeof *window->words);
    if (!grown)
        return error_no_memory(error, "a sprite's rows");
    window->words = grown;
    *out_words = grown;
    return file_read_at(set->scratch, sprite->scratch_offset + from * sizeof(uint32_t), grown,
                        count * sizeof(uint32_t), "the scratch file for sprites", error);
}

void sprite_window_finish(struct sprite_window *window)
{
    memory_free(window->words);
    *window = (struct sprite_window){0};
}

bool sprite_reaches(const struct sprite *sprite, uint32_t top, uint32_t bottom)
{
    uint32_t from = top > sprite->top ? top : sprite->top;
    uint32_t to = bottom < sprite->bottom ? bottom : sprite->bottom;
    return from < to &&
           sprite->row_starts[from - sprite->top] < sprite->row_starts[to - sprite->top];
}

bool sprite_covers(const struct sprite *sprite, uint32_t top, uint32_t bottom)
{
    if (top < sprite->top || bottom > sprite->bottom)
        return false;
    for (uint32_t row = top; row < bottom; row++) {
        if (!sprite->covered_rows[row - sprite->top])
            return false;
    }
    return true;
}
