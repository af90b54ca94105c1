/* What a plan's items show, group of rows by group of rows: what band edges are chosen from. */
#ifndef SGR_PIPELINE_BAND_SURVEY_H
#define SGR_PIPELINE_BAND_SURVEY_H

#include "plan/plan_draft.h"
#include "sheet/sprite.h"

/*
 * A sample of a plan's items. Its first half, rounded up, is a sample of its own, half as dense.
 * Start from all zero.
 */
struct band_survey {
    uint64_t item_count; /* of the plan */
    uint32_t width;
    size_t group_count;
    uint32_t *edges; /* owned: [group_count + 1], rows, from 0 to the canvas's height */
    size_t sample_count;
    uint64_t *looks;     /* owned: [group * sample_count + sample]; equal ones look the same */
    uint32_t *words;     /* owned: the same; words of the visible parts' runs */
    uint64_t *top_words; /* owned: [group]; words of the group's first row, over all samples */
};

/*
 * Looks at up to `sample_count` items, spread evenly over the plan, in groups of `group_rows` rows
 * (1 or more). End it with band_survey_finish, also after failure. Fails when the scratch file
 * cannot be read.
 */
enum sgr_status band_survey_make(struct band_survey *survey, const struct plan_draft *draft,
                                 const struct sprite_set *sprites, uint32_t group_rows,
                                 size_t sample_count, struct sgr_error *error) SGR_MUST_USE;

/* Frees what the survey owns. */
void band_survey_finish(struct band_survey *survey);

#endif
