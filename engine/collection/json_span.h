/*
 * Where values stand in a JSON text that is known to be valid, for messages and nothing else:
 * jansson forgets it. Containers are walked from front to back.
 */
#ifndef SGR_COLLECTION_JSON_SPAN_H
#define SGR_COLLECTION_JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes [first, last) of a text; all zero: unknown. */
struct json_span {
    size_t first;
    size_t last;
};

/* What is left of a container; made by json_span_enter. */
struct json_span_walk {
    const char *bytes;
    size_t at;
    size_t end;
    bool is_object;
};

/* The text's outermost value. */
struct json_span json_span_whole(const char *bytes, size_t size);

/* Starts with the first member of a list or object; of anything else there are none. */
struct json_span_walk json_span_enter(const char *bytes, struct json_span container);

/* The next member: of an object from its key on. False when there is none. */
bool json_span_next(struct json_span_walk *walk, struct json_span *out_member);

/* The member number `index`; the container itself when there is none. */
struct json_span json_span_member(const char *bytes, struct json_span container, size_t index);

/* The value of an object's member, without its key. */
struct json_span json_span_value(const char *bytes, struct json_span member);

#endif
