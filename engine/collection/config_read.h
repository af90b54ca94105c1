/*
 * collection.json: its text, what it says about the whole, and its layers. The keys are those of
 * the published examples/collection.schema.json; what it says about traits is in config_traits.
 */
#ifndef SGR_COLLECTION_CONFIG_READ_H
#define SGR_COLLECTION_CONFIG_READ_H

#include "collection/draft.h"
#include "collection/folder_read.h"
#include "collection/json_schema.h"

/* The parsed file; all zero is none. */
struct config {
    struct json_source source;
    uint8_t *bytes;
    json_t *root;
};

/*
 * Reads and checks the file and sets what the collection gets from it directly: name, description,
 * seed, count, start and canvas. End it with config_read_close, also after failure.
 */
enum sgr_status config_read_open(struct config *config, struct draft *draft, const char *path,
                                 struct sgr_error *error) SGR_MUST_USE;

/*
 * The same for a text that an importer made of the settings in the file `path`, which messages
 * name. Takes the text's memory, on failure too.
 */
enum sgr_status config_read_made(struct config *config, struct draft *draft, const char *path,
                                 struct text *text, struct sgr_error *error) SGR_MUST_USE;

/* Frees the file's text and values. */
void config_read_close(struct config *config);

/* Whether the file lists layers. */
bool config_read_has_layers(const struct config *config);

/* Makes the draft's layers from the list, in its order. */
enum sgr_status config_read_layers(const struct config *config, struct draft *draft,
                                   const struct folder_listing *listing,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
