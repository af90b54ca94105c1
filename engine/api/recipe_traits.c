/* A register of names for one look; what it costs is nothing beside decoding the art. */
#include "api/recipe_traits.h"

#include "base/error.h"
#include "collection/recipe_text.h"

#include <string.h>

enum sgr_status recipe_traits_find(const struct collection *collection, const char *text,
                                   struct arena *arena, uint16_t **out_traits,
                                   struct sgr_error *error)
{
    struct recipe_names names = {.collection = NULL};
    struct recipe_match match = {.names = NULL};
    struct sgr_error inner = {SGR_OK, ""};
    size_t layers = collection->layer_count;
    uint16_t *traits = arena_allocate(arena, layers + 1, sizeof *traits);
    enum sgr_status status =
        traits ? recipe_names_init(&names, collection, error) : error_no_memory(error, "a recipe");
    if (status == SGR_OK)
        status = recipe_match_init(&match, &names, error);
    if (status == SGR_OK && recipe_text_read(text, &match, &inner) != SGR_OK)
        status = error_set(error, inner.status == SGR_INPUT ? SGR_USAGE : inner.status,
                           "--recipe: %s", inner.text);
    if (status == SGR_OK) {
        memcpy(traits, match.traits, layers * sizeof *traits);
        *out_traits = traits;
    }
    recipe_match_finish(&match);
    recipe_names_finish(&names);
    return status;
}
