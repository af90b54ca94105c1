/*
 * The colour type of a plan's files. What its sprites can show is proven before anything is drawn
 * (sheet/colors.h): grey where all is grey; alpha unless opaque pixels that nothing above can undo
 * cover every item. Where a palette is proven to hold every pixel, it is taken when a sample of the
 * plan's items comes out smaller with it, as every file has to carry the palette.
 */
#ifndef SGR_PIPELINE_COLOR_CHOICE_H
#define SGR_PIPELINE_COLOR_CHOICE_H

#include "codec/png_strip.h"
#include "compose/compose.h"
#include "pipeline/visibility.h"
#include "plan/plan_draft.h"

/* What the choice is made from; all of it borrowed. */
struct color_source {
    const struct plan_draft *draft;
    const struct sprite_set *sprites;
    struct visibility *visibility; /* of the sprites in the plan's bands */
    struct compose *compose;       /* draws the sample, as worker 0 */
};

/*
 * Sets the colour type and the palette of choices that have canvas, level and bands. The palette's
 * colours are put into `palette`, which must live as long as the choices.
 */
enum sgr_status color_choice_make(struct plan_choices *choices, const struct color_source *source,
                                  uint32_t palette[PNG_PALETTE_COLORS_MAX],
                                  struct sgr_error *error) SGR_MUST_USE;

/*
 * Whether colour type and palette that were chosen for fewer items hold for all: *out_problem is
 * NULL, or what does not fit, in words.
 */
enum sgr_status color_choice_check(const struct plan_choices *choices,
                                   const struct color_source *source, const char **out_problem,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
