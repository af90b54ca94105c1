/* Steps back only to the last '*', so the cost is at most the product of the lengths. */
#include "collection/glob.h"

#include <string.h>

bool glob_is_pattern(const char *text)
{
    return strchr(text, '*') != NULL;
}

bool glob_match(const char *pattern, const char *text, uint64_t *steps)
{
    const char *star = NULL;
    const char *retry = NULL;
    uint64_t taken = 1;
    while (*text) {
        taken++;
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++retry;
        } else {
            break;
        }
    }
    while (*pattern == '*')
        pattern++;
    *steps += taken;
    return *pattern == '\0' && *text == '\0';
}
