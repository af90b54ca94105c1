/* The growing text, its escapes, and the order of names. Number parsing is in text_parse.c. */
#include "base/text.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool reserve(struct text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) {
        text->failed = true;
        return false;
    }
    char *grown = memory_grow(text->bytes, &text->capacity, text->length + more + 1, 1);
    if (!grown) {
        text->failed = true;
        return false;
    }
    text->bytes = grown;
    return true;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *more)
{
    text_append(text, more, strlen(more));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

/* The length of the well-formed UTF-8 sequence at `bytes`, or 0. */
static size_t sequence_length(const unsigned char *bytes, size_t left)
{
    unsigned first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || length > left)
        return 0;
    for (size_t index = 1; index < length; index++) {
        if ((bytes[index] & 0xc0) != 0x80)
            return 0;
    }
    unsigned second = bytes[1];
    bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    bool outside = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
    return overlong || outside ? 0 : length;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t step = sequence_length((const unsigned char *)bytes + at, length - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

void text_clean_line(char *line, bool was_cut)
{
    size_t length = strlen(line);
    for (size_t at = 0; at < length; at++) {
        if ((unsigned char)line[at] < 0x20 || line[at] == 0x7f)
            line[at] = '?';
    }
    size_t start = length;
    while (start > 0 && length - start < 4 && ((unsigned char)line[start - 1] & 0xc0) == 0x80)
        start--;
    /* Before `start` stands the first byte of the last character. */
    if (was_cut && start > 0 && (unsigned char)line[start - 1] >= 0x80 &&
        sequence_length((const unsigned char *)line + start - 1, length - start + 1) == 0)
        line[start - 1] = '\0';
}

static void json_escape_control(struct text *text, unsigned char byte)
{
    static const char names[][3] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (byte < sizeof names / sizeof names[0] && names[byte][0])
        text_append(text, names[byte], 2);
    else
        text_format(text, "\\u%04x", byte);
}

void text_json(struct text *text, const char *value)
{
    const unsigned char *bytes = (const unsigned char *)value;
    size_t left = strlen(value);
    text_append(text, "\"", 1);
    while (left > 0) {
        size_t plain = 0;
        while (plain < left && bytes[plain] >= 0x20 && bytes[plain] < 0x7f && bytes[plain] != '"' &&
               bytes[plain] != '\\')
            plain++;
        text_append(text, (const char *)bytes, plain);
        bytes += plain;
        left -= plain;
        if (left == 0)
            break;
        size_t length = sequence_length(bytes, left);
        if (*bytes == '"' || *bytes == '\\')
            text_format(text, "\\%c", *bytes);
        else if (*bytes < 0x20 || *bytes == 0x7f)
            json_escape_control(text, *bytes);
        else if (length == 0)
            text_add(text, "\xef\xbf\xbd");
        else
            text_append(text, (const char *)bytes, length);
        bytes += length ? length : 1;
        left -= length ? length : 1;
    }
    text_append(text, "\"", 1);
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

void text_add_cell(struct text *text, const char *name, size_t columns)
{
    for (const char *at = name; *at; at++) {
        bool control = (unsigned char)*at < 0x20 || *at == 0x7f;
        text_append(text, control ? "?" : at, 1);
    }
    for (size_t used = text_columns(name); used < columns; used++)
        text_append(text, " ", 1);
}

void text_csv(struct text *text, const char *value)
{
    if (!strpbrk(value, "\",\r\n")) {
        text_add(text, value);
        return;
    }
    text_append(text, "\"", 1);
    for (const char *at = value; *at; at++) {
        if (*at == '"')
            text_append(text, "\"", 1);
        text_append(text, at, 1);
    }
    text_append(text, "\"", 1);
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_finish(struct text *text)
{
    memory_free(text->bytes);
    *text = (struct text){0};
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Compares two runs of digits as numbers of any length and moves both past them. */
static int compare_digits(const char **left, const char **right)
{
    while (**left == '0' && is_digit((*left)[1]))
        (*left)++;
    while (**right == '0' && is_digit((*right)[1]))
        (*right)++;
    size_t left_length = strspn(*left, "0123456789");
    size_t right_length = strspn(*right, "0123456789");
    int order = left_length != right_length ? (left_length < right_length ? -1 : 1)
                                            : memcmp(*left, *right, left_length);
    *left += left_length;
    *right += right_length;
    return order;
}

int text_compare_natural(const char *left, const char *right)
{
    const char *a = left;
    const char *b = right;
    while (*a && *b) {
        int order = is_digit(*a) && is_digit(*b)
                        ? compare_digits(&a, &b)
                        : (int)(unsigned char)*a++ - (int)(unsigned char)*b++;
        if (order)
            return order;
    }
    if (*a || *b)
        return *a ? 1 : -1;
    return strcmp(left, right);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

bool text_equal_ignoring_case(const char *left, const char *right)
{
    while (*left && lower(*left) == lower(*right)) {
        left++;
        right++;
    }
    return *left == *right;
}

bool text_ends_with_ignoring_case(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t ending_length = strlen(ending);
    return length >= ending_length &&
           text_equal_ignoring_case(text + length - ending_length, ending);
}

enum { NEAREST_LENGTH_MAX = 48 };

/* Edit distance of two short words, row by row. */
static size_t distance(const char *left, const char *right)
{
    size_t row[NEAREST_LENGTH_MAX + 1];
    size_t right_length = strlen(right);
    for (size_t column = 0; column <= right_length; column++)
        row[column] = column;
    for (size_t line = 0; left[line]; line++) {
        size_t diagonal = row[0];
        row[0] = line + 1;
        for (size_t column = 0; column < right_length; column++) {
            size_t change = diagonal + (lower(left[line]) != lower(right[column]));
            diagonal = row[column + 1];
            size_t best = row[column] < diagonal ? row[column] : diagonal;
            row[column + 1] = best + 1 < change ? best + 1 : change;
        }
    }
    return row[right_length];
}

const char *text_nearest(const char *typed, const char *const *words)
{
    size_t typed_length = strlen(typed);
    if (typed_length > NEAREST_LENGTH_MAX)
        return NULL;
    const char *nearest = NULL;
    size_t best = typed_length / 3 + 2;
    for (; *words; words++) {
        if (strlen(*words) > NEAREST_LENGTH_MAX)
            continue;
        size_t found = distance(typed, *words);
        if (found < best && found < strlen(*words)) {
            best = found;
            nearest = *words;
        }
    }
    return nearest;
}
