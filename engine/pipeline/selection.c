/* Lists of ids and even samples, as bits. */
#include "pipeline/selection.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"

#include <string.h>

static enum sgr_status make_bits(struct selection *selection, const struct plan *plan,
                                 struct sgr_error *error)
{
    selection->bits = memory_allocate_zeroed((size_t)(plan_count(plan) / 8 + 1), 1);
    selection->count = 0;
    return selection->bits ? SGR_OK : error_no_memory(error, "the selection");
}

void selection_finish(struct selection *selection)
{
    memory_free(selection->bits);
    *selection = (struct selection){0};
}

enum sgr_status selection_all(struct selection *selection, const struct plan *plan,
                              struct sgr_error *error)
{
    return selection_sample(selection, plan, plan_count(plan), error);
}

enum sgr_status selection_first(struct selection *selection, const struct plan *plan,
                                uint64_t count, struct sgr_error *error)
{
    enum sgr_status status = make_bits(selection, plan, error);
    for (uint64_t item = 0; status == SGR_OK && item < count && item < plan_count(plan); item++)
        selection_add(selection, item);
    return status;
}

enum sgr_status selection_sample(struct selection *selection, const struct plan *plan,
                                 uint64_t sample, struct sgr_error *error)
{
    enum sgr_status status = make_bits(selection, plan, error);
    uint64_t count = plan_count(plan);
    uint64_t wanted = sample < count ? sample : count;
    for (uint64_t item = 0; status == SGR_OK && item < wanted; item++)
        selection_add(selection, (uint64_t)((wide)item * count / wanted));
    return status;
}

static enum sgr_status bad_list(const char *ids, struct sgr_error *error)
{
    return error_set(error, SGR_USAGE,
                     "--ids %s: not a list of ids; write it like 1-20,35 (ranges go upwards)", ids);
}

/* Reads a number and moves past it; false when there is none or it is too large. */
static bool take_number(const char **at, uint64_t *out_value)
{
    char digits[24];
    size_t length = strspn(*at, "0123456789");
    if (length == 0 || length >= sizeof digits)
        return false;
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *at += length;
    return text_parse_whole(digits, UINT64_MAX - 1, out_value);
}

static enum sgr_status add_range(struct selection *selection, struct plan *plan, uint64_t from,
                                 uint64_t to, struct sgr_error *error)
{
    for (uint64_t id = from; id <= to; id++) {
        uint64_t index;
        bool found;
        enum sgr_status status = plan_find(plan, id, &index, &found, error);
        if (status != SGR_OK)
            return status;
        if (!found)
            return error_set(error, SGR_USAGE,
                             "--ids: the plan has no item %llu; its %llu items are listed by "
                             "'serigraph plan --export csv'",
                             (unsigned long long)id, (unsigned long long)plan_count(plan));
        selection_add(selection, index);
    }
    return SGR_OK;
}

enum sgr_status selection_ids(struct selection *selection, struct plan *plan, const char *ids,
                              struct sgr_error *error)
{
    enum sgr_status status = make_bits(selection, plan, error);
    const char *at = ids;
    while (status == SGR_OK) {
        uint64_t from;
        if (!take_number(&at, &from))
            return bad_list(ids, error);
        uint64_t to = from;
        if (*at == '-') {
            at++;
            if (!take_number(&at, &to) || to < from)
                return bad_list(ids, error);
        }
        status = add_range(selection, plan, from, to, error);
        if (*at == '\0')
            break;
        if (*at++ != ',')
            return bad_list(ids, error);
    }
    return status;
}
