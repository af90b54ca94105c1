/* An element's end is looked for from where the last look ended, so no byte is looked at twice. */
#include "collection/recipe_objects.h"

#include "base/error.h"

#include <string.h>

static enum sgr_status refuse(const struct recipe_objects *objects, const char *what,
                              struct sgr_error *error)
{
    return error_set(error, SGR_INPUT, "%s:%llu:%zu: not valid JSON: %s", objects->lines->path,
                     (unsigned long long)objects->lines->line + 1, objects->column + 1, what);
}

/* Hands out `size` of the bytes that are looked at. */
static void skip(struct recipe_objects *objects, const char *bytes, size_t size)
{
    size_t at = size;
    while (at > 0 && bytes[at - 1] != '\n')
        at--;
    objects->column = at > 0 ? size - at : objects->column + size;
    recipe_lines_skip(objects->lines, size);
}

/* Passes over blanks; *out_byte is what follows, not handed out, or 0 at the end of the file. */
static enum sgr_status next_byte(struct recipe_objects *objects, char *out_byte,
                                 struct sgr_error *error)
{
    for (;;) {
        const char *bytes;
        size_t size;
        enum sgr_status status = recipe_lines_peek(objects->lines, 0, &bytes, &size, error);
        if (status != SGR_OK)
            return status;
        size_t blanks = 0;
        while (blanks < size && memchr(" \t\r\n", bytes[blanks], 4))
            blanks++;
        *out_byte = blanks < size ? bytes[blanks] : 0;
        skip(objects, bytes, blanks);
        if (blanks < size || size == 0)
            return SGR_OK;
    }
}

/* How far the end of an object was looked for. */
struct look {
    size_t at;
    size_t depth;
    bool in_text;
    bool escaped;
};

/* Looks on; true when the object ends at look->at. */
static bool find_end(struct look *look, const char *bytes, size_t size)
{
    while (look->at < size) {
        char byte = bytes[look->at++];
        if (look->in_text) {
            look->in_text = look->escaped || byte != '"';
            look->escaped = !look->escaped && byte == '\\';
        } else if (byte == '"') {
            look->in_text = true;
        } else if (byte == '{' || byte == '[') {
            look->depth++;
        } else if (byte == '}' || byte == ']') {
            if (--look->depth == 0)
                return true;
        }
    }
    return false;
}

/* Hands out the object that begins here. */
static enum sgr_status take_object(struct recipe_objects *objects, struct json_source *out_source,
                                   struct sgr_error *error)
{
    struct look look = {.at = 0};
    const char *bytes;
    size_t size;
    do {
        enum sgr_status status = recipe_lines_peek(objects->lines, look.at, &bytes, &size, error);
        if (status != SGR_OK)
            return status;
        if (size == look.at)
            return refuse(objects, "the object that begins here does not end", error);
    } while (!find_end(&look, bytes, size));
    *out_source = (struct json_source){.path = objects->lines->path,
                                       .bytes = bytes,
                                       .size = look.at,
                                       .lines_before = objects->lines->line,
                                       .columns_before = objects->column};
    skip(objects, bytes, look.at);
    return SGR_OK;
}

/* Takes the byte before an element, or the list's end. */
static enum sgr_status begin_element(struct recipe_objects *objects, char *byte,
                                     struct sgr_error *error)
{
    enum sgr_status status = next_byte(objects, byte, error);
    bool first = !objects->begun;
    if (status != SGR_OK || (!first && *byte == ']'))
        return status;
    if (*byte != (first ? '[' : ','))
        return refuse(objects, first ? "'[' is missing" : "',' or ']' is missing", error);
    objects->begun = true;
    skip(objects, byte, 1);
    status = next_byte(objects, byte, error);
    if (status == SGR_OK && *byte != '{' && !(first && *byte == ']'))
        return refuse(objects, "an item, which is an object, has to stand here", error);
    return status;
}

enum sgr_status recipe_objects_next(struct recipe_objects *objects, struct json_source *out_source,
                                    struct sgr_error *error)
{
    *out_source = (struct json_source){.path = objects->lines->path};
    if (objects->ended)
        return SGR_OK;
    char byte;
    enum sgr_status status = begin_element(objects, &byte, error);
    if (status != SGR_OK || byte != ']')
        return status == SGR_OK ? take_object(objects, out_source, error) : status;
    objects->ended = true;
    skip(objects, &byte, 1);
    status = next_byte(objects, &byte, error);
    if (status == SGR_OK && byte)
        return refuse(objects, "something follows the list", error);
    return status;
}
