/* Names are copied without their backslashes, one pair at a time. */
#include "collection/recipe_text.h"

#include "base/error.h"

#include <string.h>

enum { TRAITS_SHOWN = 20 };

/* Copies up to the first `end` or zero that has no backslash before it; returns where that is. */
static const char *take(const char *text, char end, struct text *out)
{
    text_clear(out);
    text_append(out, "", 0);
    while (*text && *text != end) {
        text += text[0] == '\\' && text[1];
        text_append(out, text++, 1);
    }
    return text;
}

/* Reads one pair; returns where the next begins, NULL when it is wrong. */
static const char *read_pair(const char *at, struct recipe_match *match, struct text *layer,
                             struct text *trait, struct sgr_error *error)
{
    struct recipe_name_place place = {0, 0};
    at = take(at, '=', layer);
    if (layer->failed || !layer->bytes || *at != '=') {
        (void)error_set(error, layer->failed ? SGR_NO_MEMORY : SGR_INPUT,
                        "\"%s\" is not LAYER=TRAIT; write pairs with a comma between them",
                        layer->bytes ? layer->bytes : "");
        return NULL;
    }
    if (!recipe_names_layer(match->names, layer->bytes, &place.layer)) {
        (void)recipe_names_unknown_layer(match->names, layer->bytes, error);
        return NULL;
    }
    at = take(at + 1, ',', trait);
    struct recipe_name_list layers = {&place, 1};
    const char *name = trait->bytes ? trait->bytes : "";
    if (trait->failed || recipe_match_add(match, &layers, name, false, error) != SGR_OK)
        return NULL;
    return at + (*at == ',');
}

/* A layer that is not named and cannot be absent, with the traits to choose from. */
static enum sgr_status refuse_missing(const struct collection_layer *layer, struct sgr_error *error)
{
    struct text list = {0};
    size_t shown = 0;
    for (; shown < layer->trait_count && shown < TRAITS_SHOWN; shown++)
        text_format(&list, "%s%s", shown ? ", " : "", layer->traits[shown].name);
    enum sgr_status status =
        list.failed
            ? error_no_memory(error, "a recipe")
            : error_set(error, SGR_INPUT,
                        "layer %s is not named and cannot be absent; its traits: %s%s", layer->name,
                        list.bytes ? list.bytes : "", shown < layer->trait_count ? " ..." : "");
    text_finish(&list);
    return status;
}

enum sgr_status recipe_text_read(const char *text, struct recipe_match *match,
                                 struct sgr_error *error)
{
    const struct collection *collection = match->names->collection;
    struct text layer = {0};
    struct text trait = {0};
    struct sgr_error inner = {SGR_NO_MEMORY, "there is no memory for a recipe"};
    recipe_match_begin(match);
    while (text && *text)
        text = read_pair(text, match, &layer, &trait, &inner);
    text_finish(&layer);
    text_finish(&trait);
    if (!text)
        return error_set(error, inner.status, "%s", inner.text);
    size_t missing = recipe_match_missing(match);
    if (missing != SIZE_MAX)
        return refuse_missing(&collection->layers[missing], error);
    return recipe_match_settle(match, error);
}
