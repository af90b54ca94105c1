/*
 * From the words that name an item's traits to one trait a layer. A word may fit several traits,
 * or layers that share a trait type; which one is meant is found by what else the item has: every
 * layer has one trait, layers that no word names have their absent one, the group is the one whose
 * layers the item has, and where that leaves a choice, traits that can be drawn and rules that hold
 * decide, or else nothing does.
 */
#ifndef SGR_COLLECTION_RECIPE_MATCH_H
#define SGR_COLLECTION_RECIPE_MATCH_H

#include "collection/recipe_names.h"

/* So many words of an item may fit several traits, and so many steps are taken to find which. */
enum { RECIPE_MATCH_OPEN_MAX = 64, RECIPE_MATCH_STEPS_MAX = 20000 };

/* A word that fits several traits. */
struct recipe_match_word {
    size_t first; /* in places */
    size_t count;
    const char *text; /* its first trait's layer and name, for messages */
    bool repeats;     /* the word before is the same one */
};

/* One item at a time. Start from recipe_match_init, end with recipe_match_finish. */
struct recipe_match {
    struct recipe_names *names; /* borrowed */
    uint16_t *traits;           /* [layer]: the item's, once it is settled */
    uint8_t *taken;             /* [layer]: by a word, or said to be absent */
    struct recipe_match_word open[RECIPE_MATCH_OPEN_MAX];
    size_t open_count;
    struct recipe_name_place *places; /* that open words fit */
    size_t place_count;
    size_t place_capacity;
    uint16_t *found; /* [2 * layer]: two ways to read the item */
};

/* Makes room for the items of `names`, which must outlive it. */
enum sgr_status recipe_match_init(struct recipe_match *match, struct recipe_names *names,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Frees it. */
void recipe_match_finish(struct recipe_match *match);

/* Forgets the item. */
void recipe_match_begin(struct recipe_match *match);

/* A trait of one of these layers, by name first, or by value first. SGR_INPUT: none is known. */
enum sgr_status recipe_match_add(struct recipe_match *match, const struct recipe_name_list *layers,
                                 const char *text, bool values_first,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The first layer that no word and no other layer tells and that cannot be absent, or SIZE_MAX. */
size_t recipe_match_missing(const struct recipe_match *match);

/*
 * Settles match->traits. SGR_INPUT names the layer or the traits where there is no way to read the
 * item, or more than one.
 */
enum sgr_status recipe_match_settle(struct recipe_match *match,
                                    struct sgr_error *error) SGR_MUST_USE;

#endif
