/* One wording for all unknown names. */
#include "collection/suggest.h"

#include "base/text.h"

enum { WORDS_SHOWN = 16 };

enum sgr_status suggest_error(struct sgr_error *error, enum sgr_status status, const char *what,
                              const char *typed, const char *const *words)
{
    const char *nearest = text_nearest(typed, words);
    if (nearest)
        return error_set(error, status, "%s \"%s\" is not known; did you mean \"%s\"?", what, typed,
                         nearest);
    struct text list = {0};
    size_t shown = 0;
    for (; shown < WORDS_SHOWN && words[shown]; shown++)
        text_format(&list, "%s%s", shown ? ", " : "; known: ", words[shown]);
    if (words[shown])
        text_add(&list, " ...");
    error_set(error, status, "%s \"%s\" is not known%s", what, typed,
              list.bytes && !list.failed ? list.bytes : "");
    text_finish(&list);
    return status;
}
