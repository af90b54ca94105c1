/*
 * Edit distance with swapped neighbours as one edit, because "--sede" is the commonest kind of
 * slip; a shortened or lengthened word ("--thread", "--output") counts as near too.
 */
#include "nearest.h"

#include <string.h>

enum { LENGTH_MAX = 32, SHORTENED_MIN = 3 };

static unsigned smaller(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

/* Three rows of the usual table are enough: a swap looks two rows back. */
static unsigned edit_distance(const char *left, size_t left_length, const char *right,
                              size_t right_length)
{
    unsigned rows[3][LENGTH_MAX + 1] = {{0}};
    for (size_t column = 0; column <= right_length; column++)
        rows[0][column] = (unsigned)column;
    for (size_t row = 1; row <= left_length; row++) {
        unsigned *current = rows[row % 3];
        const unsigned *above = rows[(row + 2) % 3];
        const unsigned *two_above = rows[(row + 1) % 3];
        current[0] = (unsigned)row;
        for (size_t column = 1; column <= right_length; column++) {
            unsigned differs = left[row - 1] != right[column - 1];
            unsigned best = smaller(above[column], current[column - 1]) + 1;
            best = smaller(best, above[column - 1] + differs);
            if (row > 1 && column > 1 && left[row - 1] == right[column - 2] &&
                left[row - 2] == right[column - 1])
                best = smaller(best, two_above[column - 2] + 1);
            current[column] = best;
        }
    }
    return rows[left_length % 3][right_length];
}

/* Twice the distance, so that a shortened word ranks between no edit and one edit more. */
static unsigned rank(const char *typed, size_t length, const char *word)
{
    size_t word_length = strlen(word);
    if (word_length > LENGTH_MAX)
        return LENGTH_MAX * 2;
    size_t common = word_length < length ? word_length : length;
    if (common >= SHORTENED_MIN && strncmp(typed, word, common) == 0)
        return 3;
    return 2 * edit_distance(typed, length, word, word_length);
}

const char *nearest_word(const char *typed, const char *const *words, size_t count)
{
    size_t length = strlen(typed);
    if (length == 0 || length > LENGTH_MAX)
        return NULL;
    /* A third of the letters may be wrong; of a short word, one. */
    unsigned best = 2 * (length < 6 ? 1 : (unsigned)length / 3) + 2;
    const char *nearest = NULL;
    for (size_t index = 0; index < count; index++) {
        unsigned found = words[index] ? rank(typed, length, words[index]) : best;
        if (found < best) {
            best = found;
            nearest = words[index];
        }
    }
    return nearest;
}
