/*
 * The ring through which pixels come back: buffers of the host that the device copies to, and a
 * fence for each. Where a driver can, they stay mapped; that it really shows what was copied is
 * for the self-test to prove. All calls need the context to be current; what a slot shows may be
 * read by any thread.
 */
#ifndef SGR_COMPOSE_GLES_GL_RING_H
#define SGR_COMPOSE_GLES_GL_RING_H

#include "compose/gles/gl_painter.h"

/* One buffer. */
struct gl_slot {
    GLuint buffer;
    void *pixels; /* while it is mapped */
    GLsync fence; /* while a copy may be under way */
    uint64_t submitted_ns;
};

struct gl_ring {
    struct gl_context *context; /* borrowed */
    struct gl_slot *slots;
    unsigned slot_count;
    size_t bytes;    /* of a slot */
    bool persistent; /* slots stay mapped */
};

/*
 * Makes a ring. SGR_NO_MEMORY when the device has no room, SGR_INTERNAL when it cannot keep buffers
 * mapped though `persistent` asks for it. After a failure it is finished already.
 */
enum sgr_status gl_ring_init(struct gl_ring *ring, struct gl_context *context, unsigned slot_count,
                             size_t bytes, bool persistent, struct sgr_error *error) SGR_MUST_USE;

/* Frees the buffers; nobody reads them any more. */
void gl_ring_finish(struct gl_ring *ring);

/* Has the target's first rows copied to a slot, whose pixels nobody reads any more. */
enum sgr_status gl_ring_read(struct gl_ring *ring, unsigned slot, struct gl_painter *painter,
                             const struct gl_target *target, uint32_t rows,
                             struct sgr_error *error) SGR_MUST_USE;

/*
 * Waits up to `wait_ms` for a slot's copy. *out_pixels is NULL when it is not done, else what was
 * copied, until the slot's next gl_ring_read. SGR_INTERNAL when the device has not answered for
 * longer than any batch can take, or the driver reports an error.
 */
enum sgr_status gl_ring_collect(struct gl_ring *ring, unsigned slot, unsigned wait_ms,
                                const uint32_t **out_pixels, struct sgr_error *error) SGR_MUST_USE;

#endif
