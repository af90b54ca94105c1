/*
 * A single pass: the ending is cut off, the z prefix taken, then everything up to the first '#' or
 * '?' is the name and each of these marks begins a segment.
 */
#include "collection/trait_name.h"

#include "base/error.h"
#include "base/text.h"
#include "collection/opacity.h"
#include "collection/suggest.h"
#include "collection/weights.h"

#include <string.h>

enum { PREFIX_DIGITS_MAX = 9 };

/* Some bytes of the name. */
struct span {
    const char *start;
    const char *end;
};

/* What the functions below pass on. */
struct parse {
    struct arena *arena;
    const struct trait_name_input *input;
    struct trait_name *name;
    struct sgr_error *error;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static struct span trimmed(struct span span)
{
    while (span.start < span.end && *span.start == ' ')
        span.start++;
    while (span.start < span.end && span.end[-1] == ' ')
        span.end--;
    return span;
}

static int length_of(struct span span)
{
    return (int)(span.end - span.start);
}

/* Takes "z-5," off the front; what only begins like it ("zebra") stays a part of the name. */
static enum sgr_status take_z(struct parse *parse, struct span *rest)
{
    const char *at = rest->start;
    if (at == rest->end || *at++ != 'z')
        return SGR_OK;
    bool negative = at < rest->end && *at == '-';
    at += negative;
    const char *digits = at;
    int64_t value = 0;
    for (; at < rest->end && is_digit(*at); at++)
        value = value > TRAIT_NAME_Z_MAX ? value : value * 10 + (*at - '0');
    if (at == digits || at == rest->end || *at != ',')
        return SGR_OK;
    if (value > TRAIT_NAME_Z_MAX)
        return error_set(parse->error, SGR_INPUT, "%s: z is outside -%d..%d", parse->input->shown,
                         TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX);
    parse->name->z = (int32_t)(negative ? -value : value);
    parse->name->z_set = true;
    rest->start = at + 1;
    return SGR_OK;
}

static enum sgr_status take_weight(struct parse *parse, struct span span)
{
    span = trimmed(span);
    if (parse->name->weighted)
        return error_set(parse->error, SGR_INPUT,
                         "%s: the name has two weights; '#' begins the weight and can stand once",
                         parse->input->shown);
    uint64_t weight;
    if (!text_parse_decimal(span.start, (size_t)length_of(span), 9, &weight))
        return error_set(parse->error, SGR_INPUT,
                         "%s: \"#%.*s\" is no weight; write a number from 0 up with at most 9 "
                         "decimals after the '#', like Crown#0.5",
                         parse->input->shown, length_of(span), span.start);
    if (weight > WEIGHTS_ONE_MAX)
        return error_set(parse->error, SGR_INPUT, "%s: the weight %.*s is above 1000000000",
                         parse->input->shown, length_of(span), span.start);
    parse->name->weight = weight;
    parse->name->weighted = true;
    return SGR_OK;
}

static enum sgr_status take_blend(struct parse *parse, struct span value)
{
    const char *text = arena_text(parse->arena, value.start, (size_t)length_of(value));
    const char *what = arena_format(parse->arena, "%s: the blend mode", parse->input->shown);
    if (!text || !what)
        return error_no_memory(parse->error, "a name");
    if (!blend_mode_parse(text, &parse->name->mode))
        return suggest_error(parse->error, SGR_INPUT, what, text, blend_mode_names());
    parse->name->mode_set = true;
    return SGR_OK;
}

/* Above 1 it is percent, as nftchef has it; 0..1 is a fraction, as the JSON formats have it. */
static enum sgr_status take_opacity(struct parse *parse, struct span value)
{
    uint64_t opacity;
    bool valid = text_parse_decimal(value.start, (size_t)length_of(value), 9, &opacity);
    if (valid && opacity > OPACITY_SCALE) {
        valid = opacity <= 100 * OPACITY_SCALE && opacity % 100 == 0;
        opacity /= 100;
    }
    if (!valid)
        return error_set(parse->error, SGR_INPUT,
                         "%s: the opacity \"%.*s\" is not a number from 0 to 1, nor a percentage "
                         "up to 100",
                         parse->input->shown, length_of(value), value.start);
    parse->name->opacity = opacity;
    parse->name->opacity_set = true;
    return SGR_OK;
}

static enum sgr_status take_setting(struct parse *parse, struct span span)
{
    static const char *const keys[] = {"blend", "opacity", NULL};
    const char *shown = parse->input->shown;
    const char *equals = memchr(span.start, '=', (size_t)(span.end - span.start));
    if (!equals)
        return error_set(parse->error, SGR_INPUT,
                         "%s: '?' begins settings like ?blend=multiply&opacity=50, and \"%.*s\" is "
                         "none; rename the file",
                         shown, length_of(span), span.start);
    const char *key = arena_text(parse->arena, span.start, (size_t)(equals - span.start));
    const char *what = arena_format(parse->arena, "%s: the setting", shown);
    if (!key || !what)
        return error_no_memory(parse->error, "a name");
    struct span value = {equals + 1, span.end};
    bool is_blend = strcmp(key, "blend") == 0;
    if (!is_blend && strcmp(key, "opacity") != 0)
        return suggest_error(parse->error, SGR_INPUT, what, key, keys);
    if (is_blend ? parse->name->mode_set : parse->name->opacity_set)
        return error_set(parse->error, SGR_INPUT, "%s: the setting \"%s\" stands twice", shown,
                         key);
    return is_blend ? take_blend(parse, value) : take_opacity(parse, value);
}

static enum sgr_status take_settings(struct parse *parse, struct span span)
{
    enum sgr_status status = SGR_OK;
    span = trimmed(span);
    for (const char *start = span.start; status == SGR_OK && start <= span.end;) {
        const char *stop = memchr(start, '&', (size_t)(span.end - start));
        struct span setting = {start, stop ? stop : span.end};
        status = take_setting(parse, setting);
        start = setting.end + 1;
    }
    return status;
}

static const char *next_mark(const char *at, const char *end)
{
    while (at < end && *at != '#' && *at != '?')
        at++;
    return at;
}

enum sgr_status trait_name_parse(struct arena *arena, const struct trait_name_input *input,
                                 struct trait_name *out_name, struct sgr_error *error)
{
    struct trait_name name = {0};
    struct parse parse = {arena, input, &name, error};
    struct span rest = {input->text, input->text + strlen(input->text)};
    const char *ending = input->is_picture ? strrchr(input->text, '.') : NULL;
    if (ending)
        rest.end = ending;
    enum sgr_status status = take_z(&parse, &rest);
    const char *mark = next_mark(rest.start, rest.end);
    struct span plain = trimmed((struct span){rest.start, mark});
    while (status == SGR_OK && mark < rest.end) {
        struct span segment = {mark + 1, next_mark(mark + 1, rest.end)};
        status = *mark == '#' ? take_weight(&parse, segment) : take_settings(&parse, segment);
        mark = segment.end;
    }
    if (status != SGR_OK)
        return status;
    if (plain.start == plain.end)
        return error_set(error, SGR_INPUT, "%s: nothing is left as the trait's name; rename it",
                         input->shown);
    name.name = arena_text(arena, plain.start, (size_t)length_of(plain));
    if (!name.name)
        return error_no_memory(error, "a name");
    *out_name = name;
    return SGR_OK;
}

size_t trait_name_prefix(const char *text, uint64_t *out_number)
{
    size_t digits = strspn(text, "0123456789");
    size_t separator = strspn(text + digits, "-_. ");
    size_t length = digits + separator;
    if (digits == 0 || digits > PREFIX_DIGITS_MAX || separator == 0 || text[length] == '\0')
        return 0;
    uint64_t number = 0;
    for (size_t at = 0; at < digits; at++)
        number = number * 10 + (uint64_t)(text[at] - '0');
    *out_number = number;
    return length;
}
