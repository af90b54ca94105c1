/*
 * Plans: every item's recipe, and every decision that can change an output byte, made before a
 * pixel is drawn.
 */
#ifndef SERIGRAPH_PLAN_H
#define SERIGRAPH_PLAN_H

#include <serigraph/art.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What to plan. Start from all zero, which means the defaults; texts are borrowed. With `extend`
 * the items of an older plan come first and stay as they are; `count` is that of all, and has to be
 * more. start, png_level and band_rows are then the older plan's, and so are canvas and resampling
 * (see `plan` in sgr_art_options).
 */
struct sgr_plan_options {
    uint64_t count;     /* items; 0: as the art says */
    const char *seed;   /* NULL: as the older plan or the art says, else "serigraph" */
    const char *extend; /* a plan file to extend; NULL: none */
    uint64_t start;     /* the first item's id */
    int start_set;      /* 0: as the art says, else 1 */
    enum sgr_png_level png_level;
    uint32_t band_rows; /* rows of a band; 0: chosen from plan and art */
    const char *recipe; /* plan this one item ("Hat=Crown,..."), see serigraph/recipe.h; NULL */
    int capacity;       /* 1: also count and explain what sgr_plan_describe then tells */
};

/* A plan with its art decoded, ready to render. */
struct sgr_plan;

/*
 * Decides everything and decodes the art. *out_plan is the caller's, to be ended with
 * sgr_plan_close; it keeps nothing of `art`. SGR_USAGE without a count, SGR_INFEASIBLE when the
 * counts cannot be met, SGR_INPUT for a picture that cannot be read, or for a plan to extend that
 * is damaged or whose layers, traits or pictures are gone or look different.
 */
SGR_API enum sgr_status sgr_plan_create(const struct sgr_art *art,
                                        const struct sgr_plan_options *options,
                                        struct sgr_plan **out_plan,
                                        struct sgr_error *error) SGR_MUST_USE;

/*
 * Opens a plan file and decodes its art from options->path (options: path, threads, memory and log
 * are used). SGR_INPUT when the file is damaged, or when the art is not what was planned with.
 */
SGR_API enum sgr_status sgr_plan_open(const char *path, const struct sgr_art_options *options,
                                      struct sgr_plan **out_plan,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *plan to NULL. */
SGR_API void sgr_plan_close(struct sgr_plan **plan);

/* Writes the plan file, complete or not at all. */
SGR_API enum sgr_status sgr_plan_save(struct sgr_plan *plan, const char *path,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Items of the plan. */
SGR_API uint64_t sgr_plan_count(const struct sgr_plan *plan);

/* The id of item `index` (0 to count - 1). SGR_INPUT when the plan file cannot be read. */
SGR_API enum sgr_status sgr_plan_id(struct sgr_plan *plan, uint64_t index, uint64_t *out_id,
                                    struct sgr_error *error) SGR_MUST_USE;

/* The canvas that items have, in pixels. */
SGR_API void sgr_plan_size(const struct sgr_plan *plan, uint32_t *out_width, uint32_t *out_height);

/*
 * Prints every item in the recipes format (SGR_FORMAT_JSON_LINES) or as a table
 * (SGR_FORMAT_CSV). One thread at a time.
 */
SGR_API enum sgr_status sgr_plan_export(struct sgr_plan *plan, enum sgr_format format,
                                        const struct sgr_sink *sink,
                                        struct sgr_error *error) SGR_MUST_USE;

/*
 * Prints what was decided, as text or JSON: canvas, bands, colour, encoder, and for every trait
 * what weights and counts ask for, what is planned, and the difference. With `capacity` in the
 * options also how far the collection can grow, traits that no valid recipe has, why counts are not
 * met, and how often each rule is binding.
 */
SGR_API enum sgr_status sgr_plan_describe(struct sgr_plan *plan, enum sgr_format format,
                                          const struct sgr_sink *sink,
                                          struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
