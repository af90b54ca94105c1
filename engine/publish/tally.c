/* One counter a trait of the whole collection. */
#include "publish/tally.h"

#include "base/error.h"
#include "base/memory.h"

enum sgr_status tally_begin(struct tally *tally, const struct plan *plan, struct sgr_error *error)
{
    size_t layers = plan_collection(plan)->layer_count;
    tally_finish(tally);
    tally->counts =
        memory_allocate_zeroed(plan_trait_base(plan, layers) + (size_t)1, sizeof *tally->counts);
    return tally->counts ? SGR_OK : error_no_memory(error, "the summary");
}

void tally_add(struct tally *tally, const struct plan *plan, const struct plan_item *item)
{
    size_t layers = plan_collection(plan)->layer_count;
    for (size_t layer = 0; layer < layers; layer++)
        tally->counts[plan_trait_base(plan, layer) + item->traits[layer]]++;
    tally->items++;
}

void tally_finish(struct tally *tally)
{
    memory_free(tally->counts);
    *tally = (struct tally){0};
}
