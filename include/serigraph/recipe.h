/* One item that is made of traits by their names, whether a plan has it or not. */
#ifndef SERIGRAPH_RECIPE_H
#define SERIGRAPH_RECIPE_H

#include <serigraph/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What to make, and what of. Start from all zero; texts and objects are borrowed for the call. */
struct sgr_recipe_options {
    /*
     * "Hat=Crown,Eyes=Laser": layers by name, traits by name or value; '\' stands before ',', '='
     * and '\' in names. Layers that are not named are absent. Required.
     */
    const char *text;
    const struct sgr_art *art; /* whose rules hold and say the draw order; NULL: not known */
    struct sgr_log log;        /* a warning for each rule that the item breaks */
};

/* An item, ready to render. It borrows its plan. One thread at a time. */
struct sgr_recipe;

/*
 * Finds the traits and the draw order. *out_recipe is the caller's, to be ended with
 * sgr_recipe_close before the plan. SGR_USAGE for a name that is not known or a layer that is
 * missing; SGR_INPUT when the plan has several draw orders and the art does not say which.
 */
SGR_API enum sgr_status sgr_recipe_open(struct sgr_plan *plan,
                                        const struct sgr_recipe_options *options,
                                        struct sgr_recipe **out_recipe,
                                        struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *recipe to NULL. */
SGR_API void sgr_recipe_close(struct sgr_recipe **recipe);

/*
 * Writes the item as a PNG file, as the plan writes its own. SGR_INPUT when the plan's colour type
 * or palette has no room for it.
 */
SGR_API enum sgr_status sgr_recipe_render_file(struct sgr_recipe *recipe, const char *path,
                                               struct sgr_error *error) SGR_MUST_USE;

/* Prints the item's traits, a line or a member for each layer, as text or as a JSON object. */
SGR_API enum sgr_status sgr_recipe_describe(const struct sgr_recipe *recipe, enum sgr_format format,
                                            const struct sgr_sink *sink,
                                            struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
