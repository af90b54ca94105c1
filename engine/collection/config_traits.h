/*
 * The "traits" of collection.json: what "Layer/Trait" keys set over what names say. '*' in a key
 * stands for any run of characters; such keys are applied first, so that an exact one counts over
 * them. "Layer/None" is the absent trait, made if need be; '*' does not mean it.
 */
#ifndef SGR_COLLECTION_CONFIG_TRAITS_H
#define SGR_COLLECTION_CONFIG_TRAITS_H

#include "collection/config_read.h"

/* Applies all keys to the draft's layers, whose traits must have been read. */
enum sgr_status config_traits_apply(const struct config *config, struct draft *draft,
                                    struct sgr_error *error) SGR_MUST_USE;

#endif
