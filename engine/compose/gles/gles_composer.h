/*
 * All that composing on a device takes: the sheet, the context, what lives on it. Private to the
 * backend and its measuring. Each slot has a work list and a buffer of its own.
 */
#ifndef SGR_COMPOSE_GLES_GLES_COMPOSER_H
#define SGR_COMPOSE_GLES_GLES_COMPOSER_H

#include "compose/gles/compose_gles.h"
#include "compose/gles/gl_pages.h"
#include "compose/gles/gl_ring.h"
#include "compose/gles/work_list.h"

struct gles_composer {
    struct compose_gles_options options;
    const struct sprite_set *sprites; /* borrowed */
    struct sheet *sheet;
    char name[192];
    bool modes;                 /* the sprites need more than normal */
    uint32_t rows;              /* of a batch */
    bool failed;                /* a batch did: what is on the device cannot be relied on */
    struct gl_context *context; /* NULL: lost, or not open yet */
    struct gl_painter painter;
    struct gl_pages pages;
    struct gl_target targets[2]; /* take turns, so that one is copied while the next is painted */
    unsigned turn;               /* of the targets: the one painted last */
    struct gl_ring ring;
    struct gl_work *works; /* [slot_count] */
    struct work_list list;
    uint32_t *words;
    size_t words_capacity;
};

/* Takes the options; the device is opened apart. End it with gles_composer_finish, always. */
enum sgr_status gles_composer_init(struct gles_composer *composer, const struct sprite_set *sprites,
                                   const struct compose_gles_options *options,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Closes the device and frees everything. */
void gles_composer_finish(struct gles_composer *composer);

/*
 * Opens the device, proves it and fills it; its context stays current on the calling thread. After
 * a failure it is closed already.
 */
enum sgr_status gles_composer_open(struct gles_composer *composer,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Frees what is on the device, and the context; accepts one that is not open. */
void gles_composer_close(struct gles_composer *composer);

/*
 * Makes a slot's work from strips, as many as fit, and brings it to the device with the sprites it
 * needs. *inout_count is how many there are, then how many were taken.
 */
enum sgr_status gles_composer_list(struct gles_composer *composer, unsigned slot,
                                   const struct compose_strip *strips, size_t *inout_count,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Has the slot's work painted on the next target; returns how many rows it fills. */
uint32_t gles_composer_paint(struct gles_composer *composer, unsigned slot);

/* Has what was painted last copied to a slot. */
enum sgr_status gles_composer_read(struct gles_composer *composer, unsigned slot, uint32_t rows,
                                   struct sgr_error *error) SGR_MUST_USE;

/* The bytes of the host that an open composer takes, slots included, besides its driver. */
uint64_t gles_composer_memory(const struct gles_composer *composer);

/* What an open composer has come to. */
void gles_composer_facts(const struct gles_composer *composer,
                         struct compose_gles_facts *out_facts);

#endif
