/* Strips on a GPU, many at a time: the backend behind --backend gles. */
#ifndef SGR_COMPOSE_GLES_COMPOSE_GLES_H
#define SGR_COMPOSE_GLES_COMPOSE_GLES_H

#include "compose/batch.h"
#include "compose/gles/egl_device.h"
#include "compose/gles/gl_program.h"

#include <serigraph/log.h>

/* How to compose. */
struct compose_gles_options {
    struct egl_device device;
    enum gl_program_kind program;
    unsigned minor_max;    /* the latest OpenGL ES 3.x to ask for, 0 to 2 */
    bool allow_software;   /* drivers that compute on the CPU too */
    unsigned slot_count;   /* of the ring; two more than there are encoders serve best */
    uint32_t rows_max;     /* of a strip */
    uint64_t sprite_bytes; /* of the device that sprites may take */
    unsigned threads;      /* that pack and draw the sheets */
    unsigned limit_ms;     /* for one batch; 0: 10 s, on a device that is software 120 s */
    struct sgr_log log;
};

/* What came of it, for reports. */
struct compose_gles_facts {
    char renderer[128];
    char version[128];
    bool software;
    bool robust;     /* it tells when it was reset */
    bool persistent; /* buffers stay mapped */
    size_t page_count;
    uint32_t page_side;
    uint32_t layer_count; /* pages that the device holds at once */
};

/*
 * Opens the device, proves that it composes right, and brings the sprites to it. Fails with the
 * reason when any of it does not work. *out_composer is the caller's; `sprites` must outlive it.
 * `out_facts` may be NULL.
 */
enum sgr_status compose_gles_create(const struct sprite_set *sprites,
                                    const struct compose_gles_options *options,
                                    struct batch_composer **out_composer,
                                    struct compose_gles_facts *out_facts,
                                    struct sgr_error *error) SGR_MUST_USE;

struct gles_composer;

/* What is behind a composer that compose_gles_create made; NULL for others. */
struct gles_composer *compose_gles_state(const struct batch_composer *composer);

#endif
