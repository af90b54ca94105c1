/*
 * The grammar of a name in hashlips-lab:
 *
 *     <Name>[__w<weight>][__x<int>][__y<int>][__z<int>][__t<Trait>][__v<Value>][.png]
 *
 * in any order behind the name; t and v only in edge-cases. It does not look at the disk.
 */
#ifndef SGR_COLLECTION_LAB_NAME_H
#define SGR_COLLECTION_LAB_NAME_H

#include "collection/trait_name.h"

/* What a name says. Without `weighted`, `z_set` and so on the value beside it means nothing. */
struct lab_name {
    const char *name;  /* never empty */
    const char *trait; /* NULL: not given */
    const char *value; /* NULL: not given */
    uint64_t weight;   /* 1 .. 10^9 */
    int32_t x;
    int32_t y;
    int32_t z;
    bool weighted;
    bool placed; /* x or y is given */
    bool z_set;
};

/* Reads a name; texts go into the arena. SGR_INPUT says what is wrong and how to write it. */
enum sgr_status lab_name_parse(struct arena *arena, const struct trait_name_input *input,
                               struct lab_name *out_name, struct sgr_error *error) SGR_MUST_USE;

/* Whether a name has a w, x, y or z setting and no other grammar's weight. */
bool lab_name_is(const char *text);

#endif
