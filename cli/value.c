/* Strict readers: a value is understood in full or refused, and nothing is rounded or cut. */
#include "value.h"

#include "failure.h"
#include "nearest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 8, LIST_MAX = 160, SIDE_MAX = 32767 };

/* Reads digits up to the first other character; NULL when there is none or they do not fit. */
static const char *read_digits(const char *text, uint64_t *out_value)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    *out_value = value;
    return at == text ? NULL : at;
}

enum sgr_status value_whole(const struct arguments *arguments, enum option_id id,
                            struct value_range range, uint64_t *value, struct sgr_error *error)
{
    const char *text = arguments->values[id];
    if (!text)
        return SGR_OK;
    uint64_t read = 0;
    const char *end = read_digits(text, &read);
    if (!end || *end || read < range.least || read > range.greatest)
        return failure_set(error, SGR_USAGE,
                           "--%s: \"%s\" is not a whole number from %" PRIu64 " to %" PRIu64,
                           option_at(id)->name, text, range.least, range.greatest);
    *value = read;
    return SGR_OK;
}

enum sgr_status value_whole32(const struct arguments *arguments, enum option_id id,
                              struct value_range range, uint32_t *value, struct sgr_error *error)
{
    uint64_t read = *value;
    enum sgr_status status = value_whole(arguments, id, range, &read, error);
    if (status == SGR_OK)
        *value = (uint32_t)read;
    return status;
}

enum sgr_status value_threads(const struct arguments *arguments, uint32_t *threads,
                              struct sgr_error *error)
{
    static const struct value_range range = {0, 1024};
    return value_whole32(arguments, OPTION_THREADS, range, threads, error);
}

/* Lists the words that this version takes. */
static void list_choices(const struct value_choice *choices, char list[LIST_MAX])
{
    size_t used = 0;
    list[0] = '\0';
    for (; choices->name && used < LIST_MAX; choices++) {
        if (!choices->here)
            continue;
        int added = snprintf(list + used, LIST_MAX - used, "%s%s", used ? ", " : "", choices->name);
        used += added > 0 ? (size_t)added : 0;
    }
}

static enum sgr_status refuse_choice(enum option_id id, const char *text,
                                     const struct value_choice *choices, struct sgr_error *error)
{
    char list[LIST_MAX];
    list_choices(choices, list);
    const char *name = option_at(id)->name;
    const char *words[CHOICES_MAX] = {NULL};
    for (size_t index = 0; choices[index].name && index < CHOICES_MAX; index++) {
        if (strcmp(choices[index].name, text) == 0)
            return failure_set(error, SGR_USAGE, "--%s %s is not in this version; it takes: %s",
                               name, text, list);
        words[index] = choices[index].here ? choices[index].name : NULL;
    }
    const char *nearest = nearest_word(text, words, CHOICES_MAX);
    if (nearest)
        return failure_set(error, SGR_USAGE,
                           "--%s: \"%s\" is not known; did you mean %s? It takes: %s", name, text,
                           nearest, list);
    return failure_set(error, SGR_USAGE, "--%s: \"%s\" is not known; it takes: %s", name, text,
                       list);
}

enum sgr_status value_choose(const struct arguments *arguments, enum option_id id,
                             const struct value_choice *choices, int *value,
                             struct sgr_error *error)
{
    const char *text = arguments->values[id];
    if (!text)
        return SGR_OK;
    for (const struct value_choice *choice = choices; choice->name; choice++) {
        if (choice->here && strcmp(choice->name, text) == 0) {
            *value = choice->value;
            return SGR_OK;
        }
    }
    return refuse_choice(id, text, choices, error);
}

/* How many bytes a unit stands for; 0 for what is no unit. */
static uint64_t unit_bytes(const char *unit)
{
    static const char letters[] = "KMGT";
    if (!*unit || strcmp(unit, "B") == 0)
        return 1;
    char upper = (char)(*unit >= 'a' && *unit <= 'z' ? *unit - ('a' - 'A') : *unit);
    const char *letter = strchr(letters, upper);
    if (!letter)
        return 0;
    const char *rest = unit + 1;
    uint64_t step = *rest == 'i' ? 1024 : 1000;
    rest += *rest == 'i';
    rest += *rest == 'B';
    uint64_t bytes = 1;
    for (const char *at = letters; at <= letter; at++)
        bytes *= step;
    return *rest ? 0 : bytes;
}

enum sgr_status value_bytes(const struct arguments *arguments, enum option_id id, uint64_t *value,
                            struct sgr_error *error)
{
    const char *text = arguments->values[id];
    if (!text)
        return SGR_OK;
    static const uint64_t least = 1000000;
    static const uint64_t greatest = UINT64_C(1000000000000000);
    uint64_t number = 0;
    const char *end = read_digits(text, &number);
    uint64_t unit = end ? unit_bytes(end) : 0;
    if (unit == 0 || number > greatest / unit || number * unit < least)
        return failure_set(error, SGR_USAGE,
                           "--%s: \"%s\" is not a size from 1M to 1000T, such as 500M or 2G",
                           option_at(id)->name, text);
    *value = number * unit;
    return SGR_OK;
}

enum sgr_status value_dimensions(const struct arguments *arguments, enum option_id id,
                                 uint32_t *width, uint32_t *height, struct sgr_error *error)
{
    const char *text = arguments->values[id];
    if (!text)
        return SGR_OK;
    uint64_t sides[2] = {0, 0};
    const char *at = read_digits(text, &sides[0]);
    at = at && *at == 'x' ? read_digits(at + 1, &sides[1]) : NULL;
    if (!at || *at || !sides[0] || !sides[1] || sides[0] > SIDE_MAX || sides[1] > SIDE_MAX)
        return failure_set(error, SGR_USAGE,
                           "--%s: \"%s\" is not WxH, such as 512x512, with sides from 1 to %d",
                           option_at(id)->name, text, SIDE_MAX);
    *width = (uint32_t)sides[0];
    *height = (uint32_t)sides[1];
    return SGR_OK;
}
