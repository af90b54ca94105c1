/*
 * Layers of collection.json whose traits are listed with their pictures ("pictures") instead of
 * being read from a folder's names.
 */
#ifndef SGR_COLLECTION_CONFIG_PICTURES_H
#define SGR_COLLECTION_CONFIG_PICTURES_H

#include "collection/config_read.h"

/* Sets the traits of a layer that has `pictures`, in natural order, all equally likely. */
enum sgr_status config_pictures_read(const struct config *config, struct draft *draft,
                                     struct draft_layer *layer,
                                     struct sgr_error *error) SGR_MUST_USE;

#endif
