/*
 * Band edges that suit the plan: where the parts that can be seen change, so that strips with much
 * in them are not made again for a change in a few rows, and rows that never change stay together.
 */
#ifndef SGR_PIPELINE_BAND_CHOICE_H
#define SGR_PIPELINE_BAND_CHOICE_H

#include "pipeline/band_survey.h"

/*
 * What bands cost, in nanoseconds. A strip that is made costs its start, its pixels and the words
 * of its parts' runs, which stand for what the encoder has to look at closely. A strip in a file
 * costs the bytes by which starting afresh is longer than going on: those of the codes, and more
 * where its first row is busy. Fitted to files and times of several collections.
 */
enum {
    BAND_COST_STRIP = 12000,
    BAND_COST_PIXEL = 3,
    BAND_COST_WORD = 3,
    BAND_COST_BYTE = 16,      /* hashed, written and kept by the user */
    BAND_RESTART_BYTES = 192, /* for each strip of a file */
    BAND_RESTART_WORDS = 4    /* one byte more for so many words of its first row */
};

/* Which bands are possible: counts of groups, 1 or more. The last band may have fewer. */
struct band_limits {
    size_t groups_min;
    size_t groups_max;
};

/*
 * The cheapest bands for a survey: strips are counted in the sample, and taken to become more in
 * the plan as they did from half of the sample to the whole. Returns edges as bands_choose does.
 */
enum sgr_status band_choice_search(const struct band_survey *survey,
                                   const struct band_limits *limits, uint32_t **out_edges,
                                   size_t *out_count, struct sgr_error *error) SGR_MUST_USE;

/*
 * Bands for a plan of these sprites, from plan and art alone; of one height when there is nothing
 * to choose or looking would take too long. *out_edges is as for bands_choose.
 */
enum sgr_status band_choice_make(const struct plan_draft *draft, const struct sprite_set *sprites,
                                 uint32_t **out_edges, size_t *out_count,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
