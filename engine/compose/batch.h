/*
 * Composers that draw many strips at once, away from the threads that ask, such as a GPU. This is
 * the front door to them: it checks, they trust. A batch composer has a ring of slots, each with
 * room for the pixels of one batch; while encoders read some, others are being filled. One thread
 * at a time talks to it, between batch_begin and batch_end; any thread may read a batch's pixels.
 *
 * Any failure of such a composer may be its device's, lost or out of memory: who uses it must be
 * able to compose otherwise. What it has delivered is right whatever comes after.
 */
#ifndef SGR_COMPOSE_BATCH_H
#define SGR_COMPOSE_BATCH_H

#include "compose/compose.h"

struct batch_composer;

/* What a batch composer offers; all slots are set and are called only through the front door. */
struct batch_interface {
    enum sgr_status (*begin)(void *state, struct sgr_error *error);
    void (*end)(void *state);
    enum sgr_status (*submit)(void *state, unsigned slot, const struct compose_strip *strips,
                              size_t *inout_count, struct sgr_error *error);
    enum sgr_status (*collect)(void *state, unsigned slot, unsigned wait_ms,
                               const uint32_t **out_pixels, struct sgr_error *error);
    enum sgr_status (*restart)(void *state, struct sgr_error *error);
    void (*destroy)(void *state);
};

/* What the front door has to know of a composer. */
struct batch_shape {
    const char *name;      /* lives as long as the composer */
    unsigned slot_count;   /* 1 or more */
    size_t slot_pixels;    /* room of one slot */
    uint64_t memory_bytes; /* that it takes besides its driver's, slots included */
};

/* What each step takes alone: sums over all strips that were made. Times in nanoseconds. */
struct batch_rates {
    uint64_t upload_bytes; /* of sprites */
    uint64_t upload_ns;
    uint64_t strips;
    uint64_t pixels;
    uint64_t list_ns;     /* deciding what to draw, on the CPU */
    uint64_t compose_ns;  /* from submission to the end on the device */
    uint64_t readback_ns; /* until the pixels can be read, several copies under way */
    uint64_t copy_ns;     /* reading them once on the CPU */
};

/* Wraps a composer's state, which is taken on success. */
enum sgr_status batch_create(const struct batch_interface *interface, void *take_state,
                             const struct sprite_set *sprites, const struct batch_shape *shape,
                             struct batch_composer **out_composer,
                             struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *composer to NULL. No thread may be between begin and end. */
void batch_destroy(struct batch_composer **composer);

/* The state of a composer that was made with `interface`, for who knows it; NULL for others. */
void *batch_state(const struct batch_composer *composer, const struct batch_interface *interface);

/* Name and sizes. */
const struct batch_shape *batch_shape(const struct batch_composer *composer);

/* Binds the composer to the calling thread. */
enum sgr_status batch_begin(struct batch_composer *composer, struct sgr_error *error) SGR_MUST_USE;

/* Unbinds it. All slots count as free afterwards, and no pixels may be read any more. */
void batch_end(struct batch_composer *composer);

/*
 * Starts composing strips into a free slot. *inout_count is how many there are, 1 or more, and how
 * many were taken, from the first on; the others need another slot. The strips are not needed
 * after the call. Their pixels will lie one after another as compose_draw lays them out; those of
 * the first strip always fit a slot when its rows times the canvas's width do. After a failure
 * the slot is free; SGR_USAGE means that the composer can never draw a strip, started anew or not.
 */
enum sgr_status batch_submit(struct batch_composer *composer, unsigned slot,
                             const struct compose_strip *strips, size_t *inout_count,
                             struct sgr_error *error) SGR_MUST_USE;

/*
 * Waits up to `wait_ms` for a submitted slot. *out_pixels is NULL when it is not done yet, else the
 * batch's pixels, until the slot is given to batch_submit again. A composer that takes longer than
 * its own limit fails.
 */
enum sgr_status batch_collect(struct batch_composer *composer, unsigned slot, unsigned wait_ms,
                              const uint32_t **out_pixels, struct sgr_error *error) SGR_MUST_USE;

/*
 * Makes everything anew after a failure, on the thread that it is bound to; all slots are free
 * afterwards, and no pixels may be read meanwhile.
 */
enum sgr_status batch_restart(struct batch_composer *composer,
                              struct sgr_error *error) SGR_MUST_USE;

#endif
