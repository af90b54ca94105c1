/* What the readers of a config.js share: the file, and how they tell of what is not understood. */
#ifndef SGR_COLLECTION_IMPORT_SETTINGS_H
#define SGR_COLLECTION_IMPORT_SETTINGS_H

#include "collection/draft.h"
#include "collection/import_document.h"
#include "collection/script_read.h"

/* A config.js that is being read. */
struct import_settings {
    struct draft *draft;
    const char *path;
    struct script_value root;
    struct import_document *document;
    bool is_nftchef;
};

/* Fails with "<path>:<line>: <name>: <text>". */
enum sgr_status import_settings_refuse(const struct import_settings *settings,
                                       const struct script_value *value, const char *text,
                                       struct sgr_error *error);

/* Notices a setting that is passed over, with its line and the reason or remedy. */
enum sgr_status import_settings_pass(const struct import_settings *settings,
                                     const struct script_value *value, enum sgr_log_level level,
                                     const char *text, struct sgr_error *error) SGR_MUST_USE;

/*
 * The text of a setting; NULL when it is missing, empty, or, which is noticed, no plain text.
 */
enum sgr_status import_settings_text(const struct import_settings *settings,
                                     const struct script_value *object, const char *key,
                                     const char **out_text, struct sgr_error *error) SGR_MUST_USE;

/* A whole number of a setting; false when it is none. */
bool import_settings_whole(const struct script_value *value, uint64_t limit, uint64_t *out_whole);

#endif
