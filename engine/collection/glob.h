/* Patterns in which '*' stands for any run of characters, none too. */
#ifndef SGR_COLLECTION_GLOB_H
#define SGR_COLLECTION_GLOB_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a text is a pattern. */
bool glob_is_pattern(const char *text);

/* Whether a text is what the pattern describes; adds the steps that took to *steps. */
bool glob_match(const char *pattern, const char *text, uint64_t *steps);

#endif
