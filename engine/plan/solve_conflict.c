/* Saying why there is no plan. */
#include "plan/solve_conflict.h"

#include "base/error.h"

enum sgr_status solve_conflict_trait(const struct solve_state *state, uint32_t layer,
                                     uint16_t trait, struct sgr_error *error)
{
    const struct collection_layer *choices = &state->solve->collection->layers[layer];
    uint64_t wanted = state->solve->lower[state->solve->trait_bases[layer] + trait];
    return error_set(error, SGR_INFEASIBLE,
                     "%s/%s asks for %llu items, but no item can have it under the rules",
                     choices->name, choices->traits[trait].name, (unsigned long long)wanted);
}

enum sgr_status solve_conflict_layer(const struct solve_state *state, uint32_t layer,
                                     struct sgr_error *error)
{
    return error_set(error, SGR_INFEASIBLE, "layer %s cannot be given to %llu items",
                     state->solve->collection->layers[layer].name,
                     (unsigned long long)state->solve->count);
}

enum sgr_status solve_conflict_too_few(const struct solve_state *state, uint64_t recipes,
                                       struct sgr_error *error)
{
    return error_set(error, SGR_INFEASIBLE, "%llu items are asked for, but %llu recipes exist",
                     (unsigned long long)state->solve->count, (unsigned long long)recipes);
}

enum sgr_status solve_conflict_explain(const struct solve_state *state, struct sgr_error *error)
{
    return error_set(error, SGR_INFEASIBLE, "no plan of %llu items was found",
                     (unsigned long long)state->solve->count);
}
