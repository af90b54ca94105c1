/* The "did you mean" behind every unknown name in art, config and options. */
#ifndef SGR_COLLECTION_SUGGEST_H
#define SGR_COLLECTION_SUGGEST_H

#include "base/error.h"

/*
 * Fails with `<what> "<typed>" is not known; did you mean "<nearest>"?`, or, when none of `words`
 * (ended by NULL) is near, with the first of them. Returns `status`.
 */
enum sgr_status suggest_error(struct sgr_error *error, enum sgr_status status, const char *what,
                              const char *typed, const char *const *words);

#endif
