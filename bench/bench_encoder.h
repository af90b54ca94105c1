/*
 * One interface before every encoder that encoder_bench measures: ours and the libraries', of
 * strips and of whole files. A mistake ends the program; there is nothing to undo.
 */
#ifndef SGR_BENCH_BENCH_ENCODER_H
#define SGR_BENCH_BENCH_ENCODER_H

#include "codec/pixel_rows.h"
#include "kernel/kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an encoder is made for. */
struct bench_shape {
    uint32_t width;
    uint32_t rows_max;
    unsigned pixel_bytes;
    const struct kernel_table *kernels;
};

/* Memory that an encoder writes to. */
struct bench_target {
    uint8_t *data;
    size_t size; /* written so far */
    size_t room;
};

/*
 * An encoder of a library at one level. An encoder of strips writes deflate blocks, none of them
 * final, that look back at nothing and end on a byte; one of files writes a PNG file.
 */
struct bench_encoder {
    const char *name;
    int level;
    /* Makes what encode works with; NULL where it needs only the level. */
    void *(*create)(const struct bench_shape *shape, int level);
    /* Encodes rows of the shape into the target, which is empty and has bench_room of them. */
    void (*encode)(void *state, int level, const struct pixel_rows *rows,
                   struct bench_target *target);
    void (*destroy)(void *state);
};

/* The encoders, ended by one without a name. */
extern const struct bench_encoder bench_strip_encoders[];
extern const struct bench_encoder bench_file_encoders[];

/* Prints what went wrong and ends the program. */
_Noreturn void bench_quit(const char *what);

/* Ends the program when there is no memory. */
void *bench_allocate(size_t size);

/* Room for whatever any of the encoders makes of so many raw bytes. */
size_t bench_room(size_t raw_size);

/* Appends bytes; ends the program when there is no room. */
void bench_write(struct bench_target *target, const void *bytes, size_t size);

/* Ends the program unless zlib and libdeflate both inflate the strip to the rows. */
void bench_check_strip(const char *name, const struct bench_target *strip,
                       const struct pixel_rows *rows);

/* Ends the program unless libpng decodes the file to the rows. */
void bench_check_file(const char *name, const struct bench_target *file,
                      const struct pixel_rows *rows);

#endif
