/* layerConfigurations of a config.js: the layers, their settings, how many items each stack has. */
#ifndef SGR_COLLECTION_IMPORT_LAYERS_H
#define SGR_COLLECTION_IMPORT_LAYERS_H

#include "collection/import_settings.h"

/* Several stacks, added to the document last: what reads layers alone must not see them. */
struct import_stacks {
    json_t *groups; /* owned; NULL for a single stack */
};

/* Adds "layers" and "count"; *out_stacks is to be given to import_layers_finish. */
enum sgr_status import_layers_read(const struct import_settings *settings,
                                   struct import_stacks *out_stacks,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Adds the stacks as "groups", if there are several, and frees what is left. */
void import_layers_finish(const struct import_settings *settings, struct import_stacks *stacks);

#endif
