/*
 * `incompatible`, `forcedCombinations` and `traitValueOverrides` of nftchef, which name files and
 * folders wherever they are: looked up in the layers, they become rules and values of traits.
 */
#ifndef SGR_COLLECTION_IMPORT_COMBINATIONS_H
#define SGR_COLLECTION_IMPORT_COMBINATIONS_H

#include "collection/import_settings.h"

/* Adds "rules" and "traits". The document has its layers, and nothing that goes beyond them. */
enum sgr_status import_combinations_read(const struct import_settings *settings,
                                         struct sgr_error *error) SGR_MUST_USE;

#endif
