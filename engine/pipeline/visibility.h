/*
 * Which of an item's parts can be seen in a band: exactly those that show a pixel which no opaque
 * pixels above them hide. Fewer parts make fewer different keys, so that more strips are used
 * again; what is left out never changes a pixel. For the same end, sprites that look the same in a
 * band, such as hats with one brim, count as one there.
 */
#ifndef SGR_PIPELINE_VISIBILITY_H
#define SGR_PIPELINE_VISIBILITY_H

#include "pipeline/stack.h"

/* One part in so many of the memory that a run may take is for masks. */
enum { VISIBILITY_SHARE = 16 };

/* What a sprite does in a band. */
enum visibility_effect {
    VISIBILITY_NONE,   /* no pixel can be seen */
    VISIBILITY_SOME,   /* some pixels can be seen */
    VISIBILITY_COVERED /* every pixel is opaque */
};

/* Every sprite's effect on every band, with bit masks; one thread at a time. */
struct visibility;

/*
 * Looks at every sprite; `sprites` and `edges` [band_count + 1] must outlive the result. Masks take
 * at most `mask_bytes` bytes: sprites that they do not suffice for hide only where they cover a
 * whole band, and are hidden only by such. Fails when the scratch file cannot be read.
 */
enum sgr_status visibility_create(const struct sprite_set *sprites, const uint32_t *edges,
                                  size_t band_count, uint64_t mask_bytes,
                                  struct visibility **out_visibility,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *visibility to NULL. */
void visibility_destroy(struct visibility **visibility);

/* The bytes that it takes. */
uint64_t visibility_memory(const struct visibility *visibility);

/* What a sprite does in a band. */
enum visibility_effect visibility_effect(const struct visibility *visibility, uint32_t sprite,
                                         size_t band);

/*
 * Copies the parts that can be seen in a band to `parts` (room for all) and returns how many.
 * Sprites that look the same in the band come as one of them.
 */
size_t visibility_find(struct visibility *visibility, const struct stack *stack, size_t band,
                       struct compose_part *parts);

/*
 * Whether every pixel of the item is sure to be opaque: covered by opaque pixels that no mode above
 * them can make translucent again. The answer does not depend on the masks' share. Fails when the
 * scratch file cannot be read.
 */
enum sgr_status visibility_is_opaque(struct visibility *visibility, const struct stack *stack,
                                     bool *out_opaque, struct sgr_error *error) SGR_MUST_USE;

#endif
