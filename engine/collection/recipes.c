/* Which form a file has is seen from its first byte, and of JSON Lines from the first line. */
#include "collection/recipes.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/recipe_lines.h"
#include "collection/recipes_csv.h"
#include "collection/recipes_paths.h"
#include "collection/recipes_published.h"

#include <jansson.h>
#include <string.h>

enum recipes_form {
    FORM_PATHS,  /* JSON Lines that name files; what is wrong with a file is told by its reader */
    FORM_TABLE,  /* CSV */
    FORM_LIST,   /* published metadata, one JSON list */
    FORM_LINES,  /* published metadata, JSON Lines */
    FORM_FOLDER, /* published metadata, a file an item */
};

/* Whether a line is an item of published metadata. */
static bool is_published(const char *bytes, size_t size)
{
    json_error_t fault;
    json_t *value = json_loadb(bytes, size, 0, &fault);
    bool published = json_object_get(value, "attributes") && !json_object_get(value, "layers");
    json_decref(value);
    return published;
}

/* The first byte that is not blank, not handed out; 0 when there is none. */
static enum sgr_status find_first(struct recipe_lines *lines, char *out_byte,
                                  struct sgr_error *error)
{
    for (;;) {
        const char *bytes;
        size_t size;
        enum sgr_status status = recipe_lines_peek(lines, 0, &bytes, &size, error);
        if (status != SGR_OK)
            return status;
        size_t blanks = 0;
        while (blanks < size && memchr(" \t\r\n", bytes[blanks], 4))
            blanks++;
        *out_byte = blanks < size ? bytes[blanks] : 0;
        recipe_lines_skip(lines, blanks);
        if (blanks < size || size == 0)
            return SGR_OK;
    }
}

static enum sgr_status find_form(const char *path, enum recipes_form *out_form,
                                 struct sgr_error *error)
{
    struct file_info info;
    enum sgr_status status = file_look(path, &info, error);
    if (status != SGR_OK)
        return status;
    *out_form = FORM_FOLDER;
    if (info.kind == FILE_FOLDER)
        return SGR_OK;
    struct recipe_lines lines = {.handle = OPEN_FILE_NONE};
    const char *bytes = NULL;
    size_t size = 0;
    char first = 0;
    status = recipe_lines_open(&lines, path, error);
    if (status == SGR_OK)
        status = find_first(&lines, &first, error);
    if (status == SGR_OK && first == '{')
        status = recipe_lines_next(&lines, &bytes, &size, error);
    *out_form = FORM_TABLE;
    if (first == '[')
        *out_form = FORM_LIST;
    else if (first == 0 || first == '{')
        *out_form = bytes && is_published(bytes, size) ? FORM_LINES : FORM_PATHS;
    recipe_lines_close(&lines);
    return status;
}

static enum sgr_status read_form(const char *path, enum recipes_form form,
                                 const struct collection_options *options, struct recipes *recipes,
                                 struct sgr_error *error)
{
    switch (form) {
    case FORM_TABLE:
        return recipes_csv_read(path, options, recipes, error);
    case FORM_LIST:
        return recipes_published_list(path, options, recipes, error);
    case FORM_LINES:
        return recipes_published_lines(path, options, recipes, error);
    case FORM_FOLDER:
        return recipes_published_folder(path, options, recipes, error);
    case FORM_PATHS:
        break;
    }
    if (options->layers || options->grammar != SGR_GRAMMAR_AUTO)
        return error_set(error, SGR_USAGE,
                         "--layers and --grammar do not go with recipes that name every picture "
                         "in its order");
    return recipes_paths_read(path, options, recipes, error);
}

enum sgr_status recipes_read(const char *path, const struct collection_options *options,
                             struct recipes **out_recipes, struct sgr_error *error)
{
    struct recipes *recipes = memory_allocate_zeroed(1, sizeof *recipes);
    if (!recipes)
        return error_no_memory(error, "the recipes");
    enum recipes_form form;
    enum sgr_status status = find_form(path, &form, error);
    if (status == SGR_OK)
        status = read_form(path, form, options, recipes, error);
    if (status == SGR_OK) {
        *out_recipes = recipes;
        recipes = NULL;
    }
    recipes_destroy(&recipes);
    return status;
}

void recipes_destroy(struct recipes **recipes)
{
    if (!*recipes)
        return;
    collection_destroy(&(*recipes)->collection);
    arena_finish(&(*recipes)->arena);
    memory_free(*recipes);
    *recipes = NULL;
}
