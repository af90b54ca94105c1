/* The collection.json that importers build, key by key. */
#ifndef SGR_COLLECTION_IMPORT_DOCUMENT_H
#define SGR_COLLECTION_IMPORT_DOCUMENT_H

#include "base/text.h"

#include <serigraph/status.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A document in the making; `failed` once there was no memory, after which the rest is ignored. */
struct import_document {
    json_t *root;
    bool failed;
};

/* Starts with an empty object. */
void import_document_init(struct import_document *document);

/* Frees the values. */
void import_document_finish(struct import_document *document);

/*
 * Each adds to `container`: a member `key` of an object, or, with NULL, the next item of a list.
 * NULL containers are passed over. They return what was added where more goes into it.
 */
json_t *import_document_object(struct import_document *document, json_t *container,
                               const char *key);

/* A list, empty at first. */
json_t *import_document_list(struct import_document *document, json_t *container, const char *key);

/* A text, which is copied. */
void import_document_text(struct import_document *document, json_t *container, const char *key,
                          const char *value);

/* A whole number. */
void import_document_whole(struct import_document *document, json_t *container, const char *key,
                           int64_t value);

/* True or false. */
void import_document_flag(struct import_document *document, json_t *container, const char *key,
                          bool value);

/* A multiple of 10^-9. */
void import_document_decimal(struct import_document *document, json_t *container, const char *key,
                             uint64_t scaled);

/* A place, [x, y]. */
void import_document_place(struct import_document *document, json_t *container, const char *key,
                           int64_t x, int64_t y);

/* The settings of a trait in "traits", made where they are missing. */
json_t *import_document_trait(struct import_document *document, const char *layer,
                              const char *trait);

/* The object or list under a key of the root, made where it is missing. */
json_t *import_document_member(struct import_document *document, const char *key, bool is_list);

/* A name without '/', which stands between layer and trait, in *out_name; false without memory. */
bool import_document_layer_name(struct text *out_name, const char *name);

/* Adds the text of the document, with line breaks, in the order of schema and making. */
enum sgr_status import_document_write(const struct import_document *document, struct text *out_text,
                                      struct sgr_error *error) SGR_MUST_USE;

#endif
