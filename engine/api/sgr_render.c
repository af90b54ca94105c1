/* One item of a plan. */
#include "api/api_check.h"
#include "api/render_one.h"
#include "base/error.h"
#include "base/memory.h"

#include <serigraph/generate.h>
#include <string.h>

static enum sgr_status begin_item(struct render_one *one, struct sgr_plan *plan, uint64_t id,
                                  struct sgr_error *error)
{
    uint64_t index;
    bool found = false;
    enum sgr_status status = plan_find(plan->plan, id, &index, &found, error);
    if (status == SGR_OK && !found)
        status = error_set(error, SGR_USAGE, "--id %llu: the plan has no such item",
                           (unsigned long long)id);
    struct plan_item item;
    if (status == SGR_OK)
        status = plan_read(plan->plan, index, &item, error);
    if (status == SGR_OK)
        status =
            render_one_begin(one, plan, item.traits, plan_order(plan->plan, item.order), error);
    return status;
}

enum sgr_status sgr_render(struct sgr_plan *plan, uint64_t id, uint8_t *pixels, size_t size,
                           struct sgr_error *error)
{
    if (!(plan))
        return api_check(false, "sgr_render", error);
    struct render_one one = {.plan = plan};
    const struct plan_choices *choices = plan_choices(plan->plan);
    size_t needed = (size_t)choices->width * choices->height * 4;
    if (!pixels || size < needed)
        return error_set(error, SGR_USAGE, "an item takes %zu bytes, there is room for %zu", needed,
                         size);
    enum sgr_status status = begin_item(&one, plan, id, error);
    uint32_t *rows = NULL;
    if (status == SGR_OK) {
        rows = memory_allocate(needed, 1);
        status = rows ? SGR_OK : error_no_memory(error, "an item");
    }
    if (status == SGR_OK)
        status = render_one_compose(&one, rows, error);
    if (status == SGR_OK)
        memcpy(pixels, rows, needed);
    memory_free(rows);
    render_one_finish(&one);
    return status;
}

enum sgr_status sgr_render_file(struct sgr_plan *plan, uint64_t id, const char *path,
                                struct sgr_error *error)
{
    if (!(plan && path))
        return api_check(false, "sgr_render_file", error);
    struct render_one one = {.plan = plan};
    enum sgr_status status = begin_item(&one, plan, id, error);
    if (status == SGR_OK)
        status = render_one_write(&one, path, error);
    render_one_finish(&one);
    return status;
}
