/*
 * A libFuzzer target: the input is a recipes file of any form beside a small art folder; when it
 * begins with '/', a file of published metadata, its name up to a line break, then its text; when
 * it begins with '=', one recipe as people type it. It is read or refused by one line; what was
 * read is planned.
 */
#include "fuzz/fuzz_folder.h"

#include "collection/recipe_text.h"
#include "collection/recipes.h"
#include "os/file.h"
#include "plan/plan_draft.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 80 };

static void put_file(const char *name, const void *bytes, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* Two layers share a trait type, two traits a value; a rule and an order depend on traits. */
static void make_art(void)
{
    static const char config[] =
        "{\"layers\": [{\"name\": \"Body\"}, {\"name\": \"Hair\", \"optional\": 0.5,"
        " \"trait_type\": \"Fur\"}, {\"name\": \"Tail\", \"optional\": 0.5, \"trait_type\": "
        "\"Fur\"}, {\"name\": \"Hat\", \"optional\": 0.2}],"
        " \"rules\": [{\"forbid\": [\"Hat/Silk/Cap\", \"Body/King\"]},"
        " {\"if\": \"Hair/Long\", \"order\": [\"Hair\", \"above\", \"Hat\"]}]}";
    fuzz_folder_make();
    fuzz_folder_picture("art/Body/King.png");
    fuzz_folder_picture("art/Body/Queen.png");
    fuzz_folder_picture("art/Hair/Long.png");
    fuzz_folder_picture("art/Hair/Red.png");
    fuzz_folder_picture("art/Tail/Red.png");
    fuzz_folder_picture("art/Hat/Silk#5/Cap#5.png");
    fuzz_folder_picture("art/Hat/Wool#5/Cap#5.png");
    fuzz_folder_picture("art/Hat/Wool#5/Beanie#5.png");
    put_file("art/collection.json", config, sizeof config - 1);
}

/* Puts the input where its form belongs; returns the recipes' name below the folder. */
static const char *put_input(const uint8_t *bytes, size_t size)
{
    static char name[NAME_MAX_BYTES + 16];
    const uint8_t *end = size && bytes[0] == '/' ? memchr(bytes, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - bytes) - 1 : 0;
    if (length == 0 || length > NAME_MAX_BYTES || memchr(bytes, 0, length + 1)) {
        put_file("recipes", bytes, size);
        return "recipes";
    }
    char path[128];
    snprintf(path, sizeof path, "%s/published", fuzz_folder);
    temporary_folder_remove(path);
    CHECK(mkdir(path, 0700) == 0);
    int used = snprintf(name, sizeof name, "published/%.*s", (int)length, (const char *)bytes + 1);
    for (char *at = name + strlen("published/"); at < name + used; at++)
        *at = *at == '/' || *at == '.' ? '_' : *at;
    if (used > 5 && strcmp(name + used - 5, "_json") == 0)
        name[used - 5] = '.';
    put_file(name, end + 1, size - length - 2);
    return "published";
}

static void check_recipes(const struct recipes *recipes)
{
    const struct collection *collection = recipes->collection;
    struct plan_draft draft = {0};
    CHECK(recipes->count > 0);
    for (size_t item = 0; item < recipes->count; item++) {
        CHECK(item == 0 || recipes->ids[item - 1] < recipes->ids[item]);
        CHECK(recipes->ids[item] <= COLLECTION_ID_MAX);
        for (size_t layer = 0; layer < collection->layer_count; layer++)
            CHECK(recipes->traits[item * collection->layer_count + layer] <
                  collection->layers[layer].trait_count);
        uint64_t at = recipes->attribute_starts ? recipes->attribute_starts[item] : 0;
        uint64_t end = recipes->attribute_starts ? recipes->attribute_starts[item + 1] : 0;
        for (; at < end; at++)
            CHECK(recipes->attributes[recipes->attribute_ids[at]][0] == '{');
    }
    CHECK(plan_draft_adopt(&draft, recipes, 0, NULL) == SGR_OK);
    CHECK(plan_draft_order_count(&draft) > 0);
    plan_draft_finish(&draft);
}

static void check_typed(const char *art, const uint8_t *bytes, size_t size)
{
    struct collection_options options = {.path = art};
    struct collection *collection = NULL;
    struct recipe_names names;
    struct recipe_match match;
    struct sgr_error error = {0};
    char *text = calloc(size + 1, 1);
    CHECK(text && collection_read(&options, &collection, NULL) == SGR_OK);
    memcpy(text, bytes, size);
    CHECK(recipe_names_init(&names, collection, NULL) == SGR_OK);
    CHECK(recipe_match_init(&match, &names, NULL) == SGR_OK);
    enum sgr_status status = recipe_text_read(text, &match, &error);
    for (size_t layer = 0; status == SGR_OK && layer < collection->layer_count; layer++)
        CHECK(match.traits[layer] < collection->layers[layer].trait_count);
    CHECK(status == SGR_OK || (status == SGR_INPUT && error.text[0]));
    recipe_match_finish(&match);
    recipe_names_finish(&names);
    collection_destroy(&collection);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char art[80];
    char path[256];
    if (!*fuzz_folder)
        make_art();
    snprintf(art, sizeof art, "%s/art", fuzz_folder);
    if (size && bytes[0] == '=') {
        check_typed(art, bytes + 1, size - 1);
        return 0;
    }
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, put_input(bytes, size));
    struct collection_options options = {.path = art};
    struct recipes *recipes = NULL;
    struct sgr_error error = {0};
    enum sgr_status status = recipes_read(path, &options, &recipes, &error);
    CHECK((status == SGR_OK) == (recipes != NULL));
    if (status == SGR_OK)
        check_recipes(recipes);
    else
        CHECK(status == SGR_INPUT && error.text[0] && !strchr(error.text, '\n'));
    recipes_destroy(&recipes);
    return 0;
}
