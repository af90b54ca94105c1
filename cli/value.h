/* Reading the values of options; every message names the option, the value and what fits. */
#ifndef SGR_CLI_VALUE_H
#define SGR_CLI_VALUE_H

#include "arguments.h"

#include <stddef.h>
#include <stdint.h>

/* The whole numbers that an option takes, both ends included. */
struct value_range {
    uint64_t least;
    uint64_t greatest;
};

/* A word that an option takes. Without `here` the design has it but this version has not. */
struct value_choice {
    const char *name;
    int value;
    bool here;
};

/* Reads a whole number; leaves *value alone when the option was not given. */
enum sgr_status value_whole(const struct arguments *arguments, enum option_id id,
                            struct value_range range, uint64_t *value,
                            struct sgr_error *error) SGR_MUST_USE;

/* As value_whole, for what fits 32 bits; the range must too. */
enum sgr_status value_whole32(const struct arguments *arguments, enum option_id id,
                              struct value_range range, uint32_t *value,
                              struct sgr_error *error) SGR_MUST_USE;

/* Reads --threads; as value_whole otherwise. */
enum sgr_status value_threads(const struct arguments *arguments, uint32_t *threads,
                              struct sgr_error *error) SGR_MUST_USE;

/* Reads one of the words of `choices`, which a nameless row ends; as value_whole otherwise. */
enum sgr_status value_choose(const struct arguments *arguments, enum option_id id,
                             const struct value_choice *choices, int *value,
                             struct sgr_error *error) SGR_MUST_USE;

/* Reads a size in bytes: 500M, 2G, 512Mi; as value_whole otherwise. */
enum sgr_status value_bytes(const struct arguments *arguments, enum option_id id, uint64_t *value,
                            struct sgr_error *error) SGR_MUST_USE;

/* Reads WxH; as value_whole otherwise. */
enum sgr_status value_dimensions(const struct arguments *arguments, enum option_id id,
                                 uint32_t *width, uint32_t *height,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
