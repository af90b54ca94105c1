/*
 * The grammar of one file or folder name, the union of what HashLips and nftchef users write:
 *
 *     [z<int>,]<Name>[#<weight>][?blend=<mode>&opacity=<value>][.png]
 *
 * The weight may also follow the settings. It does not look at the disk.
 */
#ifndef SGR_COLLECTION_TRAIT_NAME_H
#define SGR_COLLECTION_TRAIT_NAME_H

#include "base/arena.h"
#include "image/blend.h"

#include <serigraph/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* z stays within -TRAIT_NAME_Z_MAX .. TRAIT_NAME_Z_MAX. */
enum { TRAIT_NAME_Z_MAX = 1000000 };

/* The file name of the absent trait, without weight and ending. */
#define TRAIT_NAME_ABSENT "NONE"

/* A name to be read. */
struct trait_name_input {
    const char *text;  /* one name, without folders */
    const char *shown; /* how errors name it, usually the whole path */
    bool is_picture;   /* a file, whose ending is no part of the name */
};

/* What it says. Without `weighted`, `z_set` and so on the value beside it means nothing. */
struct trait_name {
    const char *name; /* never empty */
    bool weighted;
    bool z_set;
    bool mode_set;
    bool opacity_set;
    uint64_t weight;  /* in 10^-9 */
    uint64_t opacity; /* in 10^-9, 0..10^9 */
    int32_t z;
    enum blend_mode mode;
};

/* Reads a name; texts go into the arena. SGR_INPUT says what is wrong and how to write it. */
enum sgr_status trait_name_parse(struct arena *arena, const struct trait_name_input *input,
                                 struct trait_name *out_name, struct sgr_error *error) SGR_MUST_USE;

/*
 * The length of a numeric prefix with its separator ("00_x", "1. x", "0-x"), or 0 when the name
 * has none or is nothing but one. *out_number is its value.
 */
size_t trait_name_prefix(const char *text, uint64_t *out_number);

#endif
