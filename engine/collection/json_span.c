/* As the text is valid, depth and strings are all that has to be followed. */
#include "collection/json_span.h"

#include <string.h>

static size_t skip_blanks(const char *bytes, size_t at, size_t end)
{
    while (at < end && strchr(" \t\r\n,:", bytes[at]) && bytes[at])
        at++;
    return at;
}

static size_t skip_string(const char *bytes, size_t at, size_t end)
{
    for (at++; at < end && bytes[at] != '"'; at++)
        at += bytes[at] == '\\';
    return at < end ? at + 1 : end;
}

/* Behind the value that starts at `at`. */
static size_t skip_value(const char *bytes, size_t at, size_t end)
{
    size_t depth = 0;
    while (at < end) {
        char byte = bytes[at];
        if (byte == '"') {
            at = skip_string(bytes, at, end);
        } else if (byte == '{' || byte == '[') {
            depth++;
            at++;
            continue;
        } else if (byte == '}' || byte == ']') {
            depth -= depth > 0;
            at++;
        } else {
            size_t length = strcspn(bytes + at, ",:]}[{\" \t\r\n");
            at += length ? length : 1;
        }
        if (depth == 0)
            return at < end ? at : end;
    }
    return end;
}

struct json_span json_span_whole(const char *bytes, size_t size)
{
    size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t first = skip_blanks(bytes, mark, size);
    return (struct json_span){first, skip_value(bytes, first, size)};
}

struct json_span_walk json_span_enter(const char *bytes, struct json_span container)
{
    bool is_container = container.last > container.first + 1 &&
                        (bytes[container.first] == '{' || bytes[container.first] == '[');
    if (!is_container)
        return (struct json_span_walk){bytes, container.last, container.last, false};
    return (struct json_span_walk){bytes, container.first + 1, container.last - 1,
                                   bytes[container.first] == '{'};
}

bool json_span_next(struct json_span_walk *walk, struct json_span *out_member)
{
    size_t first = skip_blanks(walk->bytes, walk->at, walk->end);
    if (first >= walk->end)
        return false;
    size_t value = first;
    if (walk->is_object)
        value = skip_blanks(walk->bytes, skip_string(walk->bytes, first, walk->end), walk->end);
    walk->at = skip_value(walk->bytes, value, walk->end);
    *out_member = (struct json_span){first, walk->at};
    return true;
}

struct json_span json_span_member(const char *bytes, struct json_span container, size_t index)
{
    struct json_span_walk walk = json_span_enter(bytes, container);
    struct json_span member;
    for (size_t passed = 0; json_span_next(&walk, &member); passed++) {
        if (passed == index)
            return member;
    }
    return container;
}

struct json_span json_span_value(const char *bytes, struct json_span member)
{
    if (member.first >= member.last || bytes[member.first] != '"')
        return member;
    size_t first = skip_blanks(bytes, skip_string(bytes, member.first, member.last), member.last);
    return (struct json_span){first, member.last};
}
