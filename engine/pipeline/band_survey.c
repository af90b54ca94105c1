/* Groups of rows are bands to visibility.h, which knows what hides what and what looks alike. */
#include "pipeline/band_survey.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"
#include "pipeline/draft_stack.h"
#include "pipeline/visibility.h"

/* For masks; a number of its own, as edges must not depend on how much memory a run may take. */
enum { MASK_BYTES = 8 << 20 };

/* What looking at items takes. */
struct surveyor {
    struct band_survey *survey;
    const struct sprite_set *sprites;
    struct visibility *visibility;
    struct draft_stack items;
    struct compose_part *parts; /* that can be seen */
    size_t part_capacity;
};

void band_survey_finish(struct band_survey *survey)
{
    memory_free(survey->edges);
    memory_free(survey->looks);
    memory_free(survey->words);
    memory_free(survey->top_words);
    *survey = (struct band_survey){0};
}

static enum sgr_status allocate(struct band_survey *survey, uint32_t height, uint32_t group_rows,
                                struct sgr_error *error)
{
    survey->group_count = height / group_rows + (height % group_rows != 0);
    size_t cells = survey->group_count * survey->sample_count;
    survey->edges = memory_allocate(survey->group_count + 1, sizeof *survey->edges);
    survey->looks = memory_allocate(cells + 1, sizeof *survey->looks);
    survey->words = memory_allocate(cells + 1, sizeof *survey->words);
    survey->top_words = memory_allocate_zeroed(survey->group_count, sizeof *survey->top_words);
    if (!survey->edges || !survey->looks || !survey->words || !survey->top_words)
        return error_no_memory(error, "bands");
    for (size_t group = 0; group < survey->group_count; group++)
        survey->edges[group] = (uint32_t)group * group_rows;
    survey->edges[survey->group_count] = height;
    return SGR_OK;
}

/* The words of a sprite's runs in rows [top, bottom). */
static uint64_t count_words(const struct sprite *sprite, uint32_t top, uint32_t bottom)
{
    top = top > sprite->top ? top : sprite->top;
    bottom = bottom < sprite->bottom ? bottom : sprite->bottom;
    if (top >= bottom)
        return 0;
    return sprite->row_starts[bottom - sprite->top] - sprite->row_starts[top - sprite->top];
}

/* Enters what the item on the stack shows in a group. */
static void enter_look(struct surveyor *surveyor, size_t sample, size_t group)
{
    struct band_survey *survey = surveyor->survey;
    uint32_t top = survey->edges[group];
    uint32_t bottom = survey->edges[group + 1];
    size_t count =
        visibility_find(surveyor->visibility, &surveyor->items.stack, group, surveyor->parts);
    uint64_t words = 0;
    for (size_t part = 0; part < count; part++) {
        const struct sprite *sprite = &surveyor->sprites->sprites[surveyor->parts[part].sprite];
        words += count_words(sprite, top, bottom);
        survey->top_words[group] += count_words(sprite, top, top + 1);
    }
    size_t cell = group * survey->sample_count + sample;
    survey->looks[cell] = stack_key(surveyor->parts, count, group).low;
    survey->words[cell] = words < UINT32_MAX ? (uint32_t)words : UINT32_MAX;
}

/* The item that is a sample: those at even places come first, then those between them. */
static uint64_t sampled_item(const struct band_survey *survey, size_t sample)
{
    size_t evens = (survey->sample_count + 1) / 2;
    size_t place = sample < evens ? 2 * sample : 2 * (sample - evens) + 1;
    return (uint64_t)((wide)place * survey->item_count / survey->sample_count);
}

static enum sgr_status enter_samples(struct surveyor *surveyor, struct sgr_error *error)
{
    struct band_survey *survey = surveyor->survey;
    for (size_t sample = 0; sample < survey->sample_count; sample++) {
        enum sgr_status status =
            draft_stack_item(&surveyor->items, sampled_item(survey, sample), error);
        if (status != SGR_OK)
            return status;
        struct compose_part *parts =
            memory_grow(surveyor->parts, &surveyor->part_capacity,
                        surveyor->items.stack.part_count + 1, sizeof *parts);
        if (!parts)
            return error_no_memory(error, "bands");
        surveyor->parts = parts;
        for (size_t group = 0; group < survey->group_count; group++)
            enter_look(surveyor, sample, group);
    }
    return SGR_OK;
}

enum sgr_status band_survey_make(struct band_survey *survey, const struct plan_draft *draft,
                                 const struct sprite_set *sprites, uint32_t group_rows,
                                 size_t sample_count, struct sgr_error *error)
{
    struct surveyor surveyor = {.survey = survey, .sprites = sprites};
    *survey = (struct band_survey){.item_count = draft->count, .width = sprites->width};
    survey->sample_count = sample_count < draft->count ? sample_count : (size_t)draft->count;
    enum sgr_status status = allocate(survey, sprites->height, group_rows, error);
    if (status == SGR_OK)
        status = visibility_create(sprites, survey->edges, survey->group_count, MASK_BYTES,
                                   &surveyor.visibility, error);
    if (status == SGR_OK)
        status = draft_stack_init(&surveyor.items, draft, sprites, error);
    if (status == SGR_OK)
        status = enter_samples(&surveyor, error);
    draft_stack_finish(&surveyor.items);
    visibility_destroy(&surveyor.visibility);
    memory_free(surveyor.parts);
    return status;
}
