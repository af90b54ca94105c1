/* Art: a folder of layer folders, a collection.json, or recipes that already exist. */
#ifndef SERIGRAPH_ART_H
#define SERIGRAPH_ART_H

#include <serigraph/log.h>
#include <serigraph/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How to read art. Start from all zero, which means the defaults; texts are borrowed. */
struct sgr_art_options {
    const char *path;    /* a folder, or a collection.json; required */
    const char *layers;  /* "Background,Body,...", bottom first; NULL: as the names say */
    const char *recipes; /* existing recipes, a file or a folder of metadata; NULL: none */
    const char *plan;    /* a plan file whose canvas and resampling to use; NULL: none */
    enum sgr_grammar grammar;
    enum sgr_resample resample; /* fits pictures of another size; needed for another canvas */
    uint32_t width;             /* canvas, pixels; 0: the art's own */
    uint32_t height;
    unsigned threads; /* 0: all cores */
    uint64_t
        memory_bytes; /* the promise about resident memory; 0: 500 MB, or less on small machines */
    struct sgr_log log;
};

/* Art that was read. */
struct sgr_art;

/*
 * Reads names, weights and picture headers; no pixels. *out_art is the caller's, to be ended with
 * sgr_art_close. SGR_INPUT for what is wrong in the art, SGR_USAGE for options that do not fit it.
 */
SGR_API enum sgr_status sgr_art_open(const struct sgr_art_options *options,
                                     struct sgr_art **out_art,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *art to NULL. */
SGR_API void sgr_art_close(struct sgr_art **art);

/* How the art was understood, as text or JSON. One thread at a time. */
SGR_API enum sgr_status sgr_art_describe(const struct sgr_art *art, enum sgr_format format,
                                         const struct sgr_sink *sink,
                                         struct sgr_error *error) SGR_MUST_USE;

/* The item count that the art itself sets (collection.json "count", or its recipes); 0: none. */
SGR_API uint64_t sgr_art_count(const struct sgr_art *art);

/* Warnings about the art, those that `sgr_art_describe` lists. */
SGR_API uint64_t sgr_art_warning_count(const struct sgr_art *art);

/*
 * Decodes every picture, as planning and rendering do, to find the damaged ones now. SGR_INPUT
 * names the first.
 */
SGR_API enum sgr_status sgr_art_check_pictures(const struct sgr_art *art,
                                               struct sgr_error *error) SGR_MUST_USE;

/* The folder that the art is in, as given; belongs to the art. "" without art. */
SGR_API const char *sgr_art_folder(const struct sgr_art *art);

/*
 * Sends what was understood as the text of a collection.json to edit: in the art's folder it reads
 * as the same collection. SGR_USAGE when the art has a collection.json, or is recipes.
 */
SGR_API enum sgr_status sgr_art_export_config(const struct sgr_art *art,
                                              const struct sgr_sink *sink,
                                              struct sgr_error *error) SGR_MUST_USE;

/* The same as a file, complete or not there at all. SGR_OUTPUT when there is one already. */
SGR_API enum sgr_status sgr_art_write_config(const struct sgr_art *art, const char *path,
                                             struct sgr_error *error) SGR_MUST_USE;

/* What became of the sprites of some art. */
struct sgr_sheets {
    uint64_t sprite_count; /* that look different and show anything */
    uint64_t piece_count;
    uint64_t piece_pixels; /* in all pieces; the rest of the pages is empty */
    uint64_t page_count;
    uint32_t side; /* pixels of a page's rows, and its rows */
};

/*
 * Decodes every picture, cuts what can be seen into rectangles and writes those, packed on square
 * pages, as `folder`/sheet-0001.png and so on, to look at. Makes the folder; replaces pages that
 * are there, each in full or not at all. SGR_INPUT names a picture that cannot be read, SGR_OUTPUT
 * what cannot be written.
 */
SGR_API enum sgr_status sgr_art_write_sheets(const struct sgr_art *art, const char *folder,
                                             struct sgr_sheets *out_sheets,
                                             struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
