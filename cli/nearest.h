/* What a mistyped word was meant to be. */
#ifndef SGR_CLI_NEAREST_H
#define SGR_CLI_NEAREST_H

#include <stddef.h>

/*
 * The one of `count` words that `typed` is nearest to, or NULL when none is near enough to be
 * meant. Words that are NULL are passed over.
 */
const char *nearest_word(const char *typed, const char *const *words, size_t count);

#endif
