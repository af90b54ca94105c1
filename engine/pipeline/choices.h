/*
 * Making the choices that decide bytes, once, from the whole plan and its art; and holding art
 * against the choices of an older plan.
 */
#ifndef SGR_PIPELINE_CHOICES_H
#define SGR_PIPELINE_CHOICES_H

#include "compose/compose.h"
#include "plan/plan_draft.h"
#include "sheet/sprite.h"

/* What the user decides. */
struct choices_options {
    enum sgr_png_level png_level;
    enum sgr_resample resample;
    uint32_t band_rows;      /* of every band; 0: edges that suit the plan */
    const char *seed;        /* that the recipes were drawn with, "" for given ones */
    uint64_t memory_bytes;   /* the promise for the whole program; decides no byte */
    struct compose *compose; /* of the sprites, for one worker; borrowed */
};

/* Choices being made: what plan_draft_store takes, and the memory behind it. */
struct choices {
    struct plan_choices plan;
    uint32_t *edges;
    struct hash128 *digests;
    uint32_t palette[PNG_PALETTE_COLORS_MAX];
    const char *renewed; /* why an extended plan could not keep its choices; NULL: it did */
};

/*
 * Chooses bands, colour type and encoder. The canvas is that of the sprites. The choices point into
 * themselves, so they stay where they are. End them with choices_finish, also after failure.
 */
enum sgr_status choices_make(struct choices *choices, const struct plan_draft *draft,
                             const struct sprite_set *sprites,
                             const struct choices_options *options,
                             struct sgr_error *error) SGR_MUST_USE;

/*
 * Takes over the choices of the plan that the draft extends: canvas, resampling, level and bands
 * always; colour type, palette and encoder unless choices->renewed says why not. Of the options
 * only seed, memory and compose are used. SGR_INPUT names a picture of old items that looks
 * different now. End the choices as with choices_make.
 */
enum sgr_status choices_extend(struct choices *choices, const struct plan_draft *draft,
                               const struct sprite_set *sprites,
                               const struct choices_options *options,
                               struct sgr_error *error) SGR_MUST_USE;

/* Frees what choices_make made. */
void choices_finish(struct choices *choices);

/* The name of the encoder that the other choices ask for. */
const char *choices_encoder(const struct plan_choices *choices);

/*
 * Whether this program and this art give the bytes that a plan promises; SGR_INPUT names the
 * encoder or picture that would not. `name` is the plan's, for the error.
 */
enum sgr_status choices_check(const struct plan *plan, const struct sprite_set *sprites,
                              const char *name, struct sgr_error *error) SGR_MUST_USE;

#endif
