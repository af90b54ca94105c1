/*
 * What the names in a layer's folder mean together: which pictures are choices, which are drawn
 * with a choice, and each choice's exact chance. The rules, from the inside out:
 *
 * - a weighted file is a choice; a weighted folder is one too, made of the choices inside it;
 * - an unweighted file is a part of every choice of its folder; an unweighted sub-folder is always
 *   entered, so its choices combine with those beside it;
 * - but where nothing in the layer has a weight (unless the grammar is nftchef) every picture is a
 *   choice, and a sub-folder is one choice among its neighbours;
 * - grammar hashlips: files only, and no weight is weight 1.
 *
 * A trait's parts from the bottom up: files drawn with it, the first name on top, outer folders
 * below inner ones, then the chosen picture.
 */
#ifndef SGR_COLLECTION_LAYER_OPTIONS_H
#define SGR_COLLECTION_LAYER_OPTIONS_H

#include "collection/draft.h"

/*
 * Reads the layer's folder and sets its traits, in natural order of their paths, and its
 * weight_total. SGR_INPUT names the file or folder.
 */
enum sgr_status layer_options_read(struct draft *draft, struct draft_layer *layer,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
