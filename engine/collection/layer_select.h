/* The option --layers: which layers are used, and in which order. */
#ifndef SGR_COLLECTION_LAYER_SELECT_H
#define SGR_COLLECTION_LAYER_SELECT_H

#include "collection/draft.h"

/*
 * Keeps of the draft's layers those that options->layers lists, in its order; without the option
 * all stay as they are. A layer is listed by its folder, its name, or its folder without the
 * numeric prefix. SGR_USAGE for an unknown, ambiguous or repeated one.
 */
enum sgr_status layer_select(struct draft *draft, struct sgr_error *error) SGR_MUST_USE;

#endif
