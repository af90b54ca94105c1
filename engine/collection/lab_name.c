/* The text is cut at every "__"; what comes first is the name. */
#include "collection/lab_name.h"

#include "base/error.h"
#include "base/text.h"
#include "collection/json_schema.h"

#include <string.h>

enum { DIGITS_MAX = 9, WEIGHT_MAX = 1000000000 };

/* What the functions below pass on. */
struct parse {
    const struct trait_name_input *input;
    struct lab_name *name;
    struct sgr_error *error;
};

static enum sgr_status refuse(const struct parse *parse, const char *segment, const char *text)
{
    return error_set(parse->error, SGR_INPUT, "%s: \"__%s\" %s", parse->input->shown, segment,
                     text);
}

/* Reads a whole number with an optional '-' that fills the text. */
static bool read_number(const char *text, int64_t limit, int64_t *out_number)
{
    bool negative = *text == '-';
    size_t digits = strspn(text + negative, "0123456789");
    int64_t number = 0;
    if (digits == 0 || digits > DIGITS_MAX + 1 || text[negative + digits])
        return false;
    for (size_t at = 0; at < digits; at++)
        number = number * 10 + (text[(size_t)negative + at] - '0');
    *out_number = negative ? -number : number;
    return number <= limit;
}

static enum sgr_status take_weight(const struct parse *parse, const char *segment, int64_t weight)
{
    if (weight <= 0)
        return refuse(parse, segment, "is no weight; it begins with 1");
    parse->name->weight = (uint64_t)weight;
    parse->name->weighted = true;
    return SGR_OK;
}

static enum sgr_status take_segment(const struct parse *parse, const char *segment)
{
    struct lab_name *name = parse->name;
    const char *rest = segment + (*segment != '\0');
    int64_t number = 0;
    int64_t limit = *segment == 'z'   ? TRAIT_NAME_Z_MAX
                    : *segment == 'w' ? WEIGHT_MAX
                                      : JSON_SCHEMA_PLACE_MAX;
    if (*segment == 't' || *segment == 'v') {
        *(*segment == 't' ? &name->trait : &name->value) = rest;
        return *rest ? SGR_OK : refuse(parse, segment, "names nothing");
    }
    if (!*segment || !strchr("wxyz", *segment))
        return refuse(
            parse, segment,
            "is no setting of a lab name; they are w, x, y, z, and t and v in edge-cases; "
            "rename it, or give --grammar nftchef for names of another kind");
    if (!read_number(rest, limit, &number))
        return refuse(parse, segment,
                      "needs a whole number behind its letter, at most 1000000000 for w, 1000000 "
                      "for z and 32767 for x and y");
    if (*segment == 'w')
        return take_weight(parse, segment, number);
    if (*segment == 'z') {
        name->z = (int32_t)number;
        name->z_set = true;
        return SGR_OK;
    }
    *(*segment == 'x' ? &name->x : &name->y) = (int32_t)number;
    name->placed = true;
    return SGR_OK;
}

enum sgr_status lab_name_parse(struct arena *arena, const struct trait_name_input *input,
                               struct lab_name *out_name, struct sgr_error *error)
{
    struct lab_name name = {.weight = 1};
    struct parse parse = {input, &name, error};
    const char *ending = input->is_picture ? strrchr(input->text, '.') : NULL;
    size_t length = ending ? (size_t)(ending - input->text) : strlen(input->text);
    char *text = arena_text(arena, input->text, length);
    enum sgr_status status = text ? SGR_OK : error_no_memory(error, "a name");
    char *segment = text ? strstr(text, "__") : NULL;
    while (status == SGR_OK && segment) {
        *segment = '\0';
        segment += 2;
        char *next = strstr(segment, "__");
        if (next)
            *next = '\0';
        status = take_segment(&parse, segment);
        segment = next;
    }
    if (status != SGR_OK)
        return status;
    name.name = text;
    if (!*name.name)
        return error_set(error, SGR_INPUT, "%s: nothing is left as the name; rename it",
                         input->shown);
    *out_name = name;
    return SGR_OK;
}

bool lab_name_is(const char *text)
{
    if (strchr(text, '#'))
        return false;
    for (const char *at = text; (at = strstr(at, "__")) != NULL; at++) {
        const char *digits = at + 3 + (at[2] && at[3] == '-');
        size_t count = at[2] && strchr("wxyz", at[2]) ? strspn(digits, "0123456789") : 0;
        if (count &&
            (!digits[count] || digits[count] == '.' || strncmp(digits + count, "__", 2) == 0))
            return true;
    }
    return false;
}
