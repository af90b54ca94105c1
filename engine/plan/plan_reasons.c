/*
 * What is looked at, for a trait that comes too seldom: whether any recipe has it, how many keys a
 * group leaves to it, what may stand beside it as often as that comes, and at last, for small
 * cases, whether the count that is asked can be had at all.
 */
#include "plan/plan_reasons.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_counts.h"
#include "plan/solve_core.h"
#include "plan/solve_targets.h"

#include <stdio.h>
#include <string.h>

enum {
    NAMES_MAX = 400,
    KEY_STEPS_MAX = 200000,
    LINKS_MAX = 64,      /* neighbours of a layer that are looked at */
    RULES_NAMED_MAX = 3, /* of those that a neighbour's rules are */
    PAIRS_TRIED_MAX = 2000000
};

/* The reasons being found; start from all zero. */
struct reasoning {
    struct plan_reasons *reasons;
    const struct plan_draft *draft;
    struct plan_solve solve;
    struct solve_state state;
    struct solve_walk walk;
    uint64_t *lower;
    uint64_t *upper;
    uint16_t *row; /* scratch: a trait for each layer */
    uint64_t pairs_left;
};

void plan_reasons_finish(struct plan_reasons *reasons)
{
    arena_finish(&reasons->arena);
    *reasons = (struct plan_reasons){.count = 0};
}

static uint64_t distance(uint64_t left, uint64_t right)
{
    return left > right ? left - right : right - left;
}

/* Puts a reason where it belongs among the furthest. */
static void insert(struct plan_reasons *reasons, struct plan_reason reason)
{
    uint64_t far = distance(reason.asked, reason.planned);
    size_t at = reasons->count < PLAN_REASONS_MAX ? reasons->count++ : PLAN_REASONS_MAX;
    for (; at > 0; at--) {
        const struct plan_reason *nearer = &reasons->list[at - 1];
        if (distance(nearer->asked, nearer->planned) >= far)
            break;
        if (at < PLAN_REASONS_MAX)
            reasons->list[at] = *nearer;
    }
    if (at < PLAN_REASONS_MAX)
        reasons->list[at] = reason;
}

void plan_reasons_list(struct plan_reasons *reasons, const struct plan_draft *draft)
{
    *reasons = (struct plan_reasons){.limited = draft->limited};
    for (uint32_t layer = 0; layer < draft->collection->layer_count; layer++) {
        for (uint32_t trait = 0; trait < draft->collection->layers[layer].trait_count; trait++) {
            size_t index = draft->trait_bases[layer] + trait;
            uint64_t far = distance(draft->asked[index], draft->planned[index]);
            if (far == 0)
                continue;
            reasons->trait_total++;
            reasons->deviation += far;
            insert(reasons, (struct plan_reason){layer, trait, draft->asked[index],
                                                 draft->planned[index], NULL});
        }
    }
}

static enum sgr_status set_text(struct plan_reason *reason, const char *text,
                                struct sgr_error *error)
{
    reason->text = text;
    return text ? SGR_OK : error_no_memory(error, "the plan's reasons");
}

static const char *layer_name(const struct reasoning *reasoning, uint32_t layer)
{
    return reasoning->draft->collection->layers[layer].name;
}

/* Says what bars a trait that no recipe has. */
static enum sgr_status find_barred(struct reasoning *reasoning, struct plan_reason *reason,
                                   struct sgr_error *error)
{
    const struct solve_core_question question = {&reasoning->solve, true, reason->layer,
                                                 (uint16_t)reason->trait};
    char names[NAMES_MAX] = "";
    if (reasoning->state.caps[reasoning->draft->trait_bases[reason->layer] + reason->trait] > 0)
        return SGR_OK;
    enum sgr_status status = solve_core_find(&question, names, sizeof names, error);
    if (status == SGR_NO_MEMORY)
        return status;
    const char *text = arena_format(&reasoning->reasons->arena, "no item can have it: %s",
                                    names[0] ? names : "the rules forbid it");
    return set_text(reason, text, error);
}

static bool is_in(const struct solve_group *group, uint32_t layer)
{
    for (size_t index = 0; index < group->layer_count; index++) {
        if (group->layers[index] == layer)
            return true;
    }
    return false;
}

/* Counts the keys of a group that have a trait, up to what is asked; 0 where that takes long. */
static enum sgr_status count_keys(const struct reasoning *reasoning,
                                  const struct solve_group *group, const struct plan_reason *reason,
                                  uint64_t *out_keys, struct sgr_error *error)
{
    struct solve_walk walk = {0};
    const uint32_t *bases = reasoning->draft->trait_bases;
    size_t traits = bases[reasoning->state.layer_count];
    uint64_t *upper = memory_allocate(traits + 1, sizeof *upper);
    if (!upper)
        return error_no_memory(error, "the plan's reasons");
    memcpy(upper, reasoning->state.caps, traits * sizeof *upper);
    for (size_t trait = bases[reason->layer]; trait < bases[reason->layer + 1]; trait++)
        upper[trait] = trait == bases[reason->layer] + reason->trait ? upper[trait] : 0;
    const struct solve_walk_options options = {&reasoning->state.tables, bases, upper,
                                               group->layers, group->layer_count};
    enum sgr_status status = solve_walk_init(&walk, &options, error);
    *out_keys = 0;
    if (status == SGR_OK) {
        solve_walk_begin(&walk, KEY_STEPS_MAX);
        while (*out_keys < reason->asked && solve_walk_next(&walk))
            ++*out_keys;
        if (walk.steps_left == 0)
            *out_keys = 0;
    }
    solve_walk_finish(&walk);
    memory_free(upper);
    return status;
}

/* The words that name a group: " as rule 3 (...) wants", or nothing for what must differ at all. */
static void name_group(const struct reasoning *reasoning, const struct solve_group *group,
                       char names[NAMES_MAX])
{
    const struct rules *rules = &reasoning->draft->collection->rules;
    names[0] = '\0';
    for (size_t index = 0; index < rules->unique_count; index++) {
        const struct rule_unique *unique = &rules->uniques[index];
        if (group->text == unique->text)
            snprintf(names, NAMES_MAX, " as rule %zu (%.200s) wants", unique->source + 1,
                     unique->text);
    }
}

/* A group that may not repeat may leave a trait fewer keys than *room, which it then lowers. */
static enum sgr_status find_crowded(struct reasoning *reasoning, struct plan_reason *reason,
                                    uint64_t *room, struct sgr_error *error)
{
    char names[NAMES_MAX];
    for (size_t index = 0; index < reasoning->state.group_count; index++) {
        const struct solve_group *group = &reasoning->state.groups[index];
        uint64_t keys = 0;
        if (!is_in(group, reason->layer))
            continue;
        enum sgr_status status = count_keys(reasoning, group, reason, &keys, error);
        if (status != SGR_OK)
            return status;
        if (keys == 0 || keys >= *room)
            continue;
        *room = keys;
        name_group(reasoning, group, names);
        status = set_text(reason,
                          arena_format(&reasoning->reasons->arena, "at most %llu can differ%s",
                                       (unsigned long long)keys, names),
                          error);
        if (status != SGR_OK)
            return status;
    }
    return SGR_OK;
}

/* Whether a rule is about these two layers and no other. */
static bool is_between(const struct rule *rule, uint32_t layer, uint32_t other)
{
    bool found[2] = {false, false};
    for (size_t term = 0; term < rule->condition_count + rule->literal_count; term++) {
        uint32_t its = term < rule->condition_count
                           ? rule->conditions[term].layer
                           : rule->literals[term - rule->condition_count].layer;
        if (its != layer && its != other)
            return false;
        found[its == other] = true;
    }
    return found[0] && found[1];
}

/* A trait and another layer whose traits decide how often it comes. */
struct neighbourhood {
    const struct plan_reason *reason;
    const struct solve_link *link; /* from the trait's layer */
};

/* Whether what a class of the other layer goes with is this trait alone, of those in use. */
static bool needs_only(struct reasoning *reasoning, const struct neighbourhood *near,
                       size_t other_kind)
{
    uint32_t layer = near->reason->layer;
    const struct solve_layer *here = &reasoning->state.tables.layers[layer];
    const uint64_t *beside = near->link->backward + other_kind * here->words;
    const uint64_t *caps = reasoning->state.caps + reasoning->draft->trait_bases[layer];
    if (reasoning->pairs_left < here->trait_count)
        return false;
    reasoning->pairs_left -= here->trait_count;
    for (size_t trait = 0; trait < here->trait_count; trait++) {
        bool may = caps[trait] > 0 && solve_bit(beside, here->class_of[trait]);
        if (may != (trait == near->reason->trait))
            return false;
    }
    return true;
}

/* Whether a rule refuses some trait of a layer beside a trait of another. */
static bool refuses_some(struct reasoning *reasoning, const struct rule *rule, uint32_t layer,
                         uint32_t other, size_t trait)
{
    const uint64_t *caps = reasoning->state.caps + reasoning->draft->trait_bases[layer];
    size_t count = reasoning->draft->collection->layers[layer].trait_count;
    if (reasoning->pairs_left < count)
        return false;
    reasoning->pairs_left -= count;
    reasoning->row[other] = (uint16_t)trait;
    for (size_t index = 0; index < count; index++) {
        reasoning->row[layer] = (uint16_t)index;
        if (caps[index] > 0 && !rule_holds(rule, reasoning->row))
            return true;
    }
    return false;
}

/* Whether a rule makes a trait come seldom, or often, by what the other layer has. */
static bool is_to_blame(struct reasoning *reasoning, const struct rule *rule,
                        const struct neighbourhood *near)
{
    const struct plan_reason *reason = near->reason;
    uint32_t other = near->link->layer;
    const struct solve_layer *there = &reasoning->state.tables.layers[other];
    if (!is_between(rule, reason->layer, other))
        return false;
    if (reason->planned < reason->asked)
        return refuses_some(reasoning, rule, other, reason->layer, reason->trait);
    for (size_t trait = 0; trait < there->trait_count; trait++) {
        if (reasoning->draft->planned[reasoning->draft->trait_bases[other] + trait] > 0 &&
            needs_only(reasoning, near, there->class_of[trait]) &&
            refuses_some(reasoning, rule, reason->layer, other, trait))
            return true;
    }
    return false;
}

/* Names the rules to blame: ": rule 3 (...), rule 7 (...) and 2 more". */
static void name_rules(struct reasoning *reasoning, const struct neighbourhood *near,
                       char names[NAMES_MAX])
{
    const struct rules *rules = &reasoning->draft->collection->rules;
    size_t last = RULES_NONE;
    size_t found = 0;
    size_t used = 0;
    names[0] = '\0';
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        if (rule->source == last || !is_to_blame(reasoning, rule, near))
            continue;
        last = rule->source;
        if (++found > RULES_NAMED_MAX)
            continue;
        int length = snprintf(names + used, NAMES_MAX - used, "%srule %zu (%.90s)",
                              found > 1 ? ", " : ": ", rule->source + 1, rule->text);
        used += length > 0 ? (size_t)length : 0;
    }
    if (found > RULES_NAMED_MAX)
        snprintf(names + used, NAMES_MAX - used, " and %zu more", found - RULES_NAMED_MAX);
}

/* How many items have what may stand beside a trait in another layer. */
static uint64_t room_beside(const struct reasoning *reasoning, const struct solve_link *link,
                            size_t kind)
{
    const struct solve_layer *there = &reasoning->state.tables.layers[link->layer];
    const uint64_t *planned =
        reasoning->draft->planned + reasoning->draft->trait_bases[link->layer];
    const uint64_t *allowed = link->allowed + kind * link->words;
    uint64_t room = 0;
    for (size_t other = 0; other < there->trait_count; other++)
        room += solve_bit(allowed, there->class_of[other]) ? planned[other] : 0;
    return room;
}

/* Other layers may have less than *room of what goes with a trait. */
static enum sgr_status find_seldom(struct reasoning *reasoning, struct plan_reason *reason,
                                   uint64_t *room, struct sgr_error *error)
{
    const struct solve_layer *here = &reasoning->state.tables.layers[reason->layer];
    struct neighbourhood near = {reason, NULL};
    char names[NAMES_MAX];
    for (size_t index = 0; index < here->link_count && index < LINKS_MAX; index++) {
        uint64_t beside =
            room_beside(reasoning, &here->links[index], here->class_of[reason->trait]);
        if (beside >= *room)
            continue;
        *room = beside;
        near.link = &here->links[index];
    }
    if (!near.link)
        return SGR_OK;
    name_rules(reasoning, &near, names);
    const char *text =
        arena_format(&reasoning->reasons->arena, "at most %llu beside what goes with it in %s%s",
                     (unsigned long long)*room, layer_name(reasoning, near.link->layer), names);
    return set_text(reason, text, error);
}

/* How many items need a trait, for what they have in another layer goes with nothing else. */
static uint64_t count_need(struct reasoning *reasoning, const struct neighbourhood *near)
{
    const struct solve_layer *there = &reasoning->state.tables.layers[near->link->layer];
    const uint64_t *planned =
        reasoning->draft->planned + reasoning->draft->trait_bases[near->link->layer];
    uint64_t need = 0;
    for (size_t other = 0; other < there->trait_count; other++) {
        if (planned[other] > 0 && needs_only(reasoning, near, there->class_of[other]))
            need += planned[other];
    }
    return need;
}

/* A trait that comes too often may be needed, or fills what others of its layer leave. */
static enum sgr_status explain_often(struct reasoning *reasoning, struct plan_reason *reason,
                                     bool *out_needed, struct sgr_error *error)
{
    const struct solve_layer *here = &reasoning->state.tables.layers[reason->layer];
    char names[NAMES_MAX];
    for (size_t index = 0; index < here->link_count && index < LINKS_MAX; index++) {
        const struct neighbourhood near = {reason, &here->links[index]};
        uint64_t need = count_need(reasoning, &near);
        if (need <= reason->asked)
            continue;
        *out_needed = true;
        name_rules(reasoning, &near, names);
        const char *text = arena_format(
            &reasoning->reasons->arena, "at least %llu beside what goes with nothing else in %s%s",
            (unsigned long long)need, layer_name(reasoning, near.link->layer), names);
        return set_text(reason, text, error);
    }
    return set_text(reason, "it takes the places of traits of its layer that come less often",
                    error);
}

/* Asks whether a plan with the count that is asked exists; small cases are answered for certain. */
static enum sgr_status find_impossible(struct reasoning *reasoning, struct plan_reason *reason,
                                       struct sgr_error *error)
{
    const struct solve_core_question question = {.solve = &reasoning->solve};
    size_t index = reasoning->draft->trait_bases[reason->layer] + reason->trait;
    uint64_t lower = reasoning->lower[index];
    uint64_t upper = reasoning->upper[index];
    char names[NAMES_MAX] = "";
    reasoning->lower[index] = reason->asked;
    reasoning->upper[index] = reason->asked;
    enum sgr_status status = solve_core_find(&question, names, sizeof names, error);
    reasoning->lower[index] = lower;
    reasoning->upper[index] = upper;
    if (status == SGR_OK || status == SGR_NO_MEMORY)
        return status;
    const char *text =
        arena_format(&reasoning->reasons->arena, "these cannot all be met: %s", names);
    return set_text(reason, text, error);
}

static enum sgr_status explain_seldom(struct reasoning *reasoning, struct plan_reason *reason,
                                      struct sgr_error *error)
{
    uint64_t room = reason->asked;
    enum sgr_status status = find_barred(reasoning, reason, error);
    if (status != SGR_OK || reason->text)
        return status;
    status = find_crowded(reasoning, reason, &room, error);
    if (status == SGR_OK)
        status = find_seldom(reasoning, reason, &room, error);
    if (status == SGR_OK && !reason->text)
        status = find_impossible(reasoning, reason, error);
    return status;
}

/* Another trait of the layer may be needed more often than is asked. */
static enum sgr_status find_displaced(struct reasoning *reasoning, struct plan_reason *reason,
                                      const bool *needed, struct sgr_error *error)
{
    const struct plan_reasons *reasons = reasoning->reasons;
    for (size_t index = 0; index < reasons->count; index++) {
        const struct plan_reason *other = &reasons->list[index];
        if (!needed[index] || other->layer != reason->layer)
            continue;
        const struct collection_layer *layer = &reasoning->draft->collection->layers[other->layer];
        const char *text =
            arena_format(&reasoning->reasons->arena, "%s/%s, which is needed, takes its places",
                         layer->name, layer->traits[other->trait].name);
        return set_text(reason, text, error);
    }
    return SGR_OK;
}

static enum sgr_status explain(struct reasoning *reasoning, struct sgr_error *error)
{
    struct plan_reasons *reasons = reasoning->reasons;
    bool needed[PLAN_REASONS_MAX] = {false};
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < reasons->count && status == SGR_OK; index++) {
        if (reasons->list[index].planned > reasons->list[index].asked)
            status = explain_often(reasoning, &reasons->list[index], &needed[index], error);
    }
    for (size_t index = 0; index < reasons->count && status == SGR_OK; index++) {
        if (reasons->list[index].planned < reasons->list[index].asked)
            status = explain_seldom(reasoning, &reasons->list[index], error);
        if (status == SGR_OK && !reasons->list[index].text)
            status = find_displaced(reasoning, &reasons->list[index], needed, error);
    }
    return status;
}

/* What is said where nothing was shown. */
static void fill_texts(struct plan_reasons *reasons)
{
    for (size_t index = 0; index < reasons->count; index++) {
        if (!reasons->list[index].text)
            reasons->list[index].text =
                reasons->limited ? "no nearer plan was found within the limit of work"
                                 : "every plan that is nearer here is further off elsewhere";
    }
}

static enum sgr_status init(struct reasoning *reasoning, const char *seed, struct sgr_error *error)
{
    const struct plan_draft *draft = reasoning->draft;
    size_t layers = draft->collection->layer_count;
    size_t traits = draft->trait_bases[layers];
    reasoning->lower = memory_allocate_zeroed(traits + 1, sizeof *reasoning->lower);
    reasoning->upper = memory_allocate_zeroed(traits + 1, sizeof *reasoning->upper);
    reasoning->row = memory_allocate_zeroed(layers + 1, sizeof *reasoning->row);
    if (!reasoning->lower || !reasoning->upper || !reasoning->row)
        return error_no_memory(error, "the plan's reasons");
    plan_counts_bounds(draft, reasoning->lower, reasoning->upper);
    reasoning->solve = (struct plan_solve){.collection = draft->collection,
                                           .rules = &draft->collection->rules,
                                           .trait_bases = draft->trait_bases,
                                           .count = draft->count,
                                           .seed = seed,
                                           .asked = draft->asked,
                                           .lower = reasoning->lower,
                                           .upper = reasoning->upper,
                                           .rows = draft->traits};
    reasoning->pairs_left = PAIRS_TRIED_MAX;
    enum sgr_status status = solve_state_init(&reasoning->state, &reasoning->solve, error);
    return status == SGR_OK ? solve_targets_set(&reasoning->state, &reasoning->walk, error)
                            : status;
}

enum sgr_status plan_reasons_find(struct plan_reasons *reasons, const struct plan_draft *draft,
                                  const char *seed, struct sgr_error *error)
{
    struct reasoning reasoning = {.reasons = reasons, .draft = draft};
    plan_reasons_list(reasons, draft);
    if (reasons->trait_total == 0)
        return SGR_OK;
    enum sgr_status status = init(&reasoning, seed, error);
    if (status == SGR_OK)
        status = explain(&reasoning, error);
    /* Items that were given need not keep to these bounds: then nothing is shown. */
    if (status == SGR_OK || status == SGR_INFEASIBLE) {
        fill_texts(reasons);
        status = SGR_OK;
    }
    solve_walk_finish(&reasoning.walk);
    solve_state_finish(&reasoning.state);
    memory_free(reasoning.lower);
    memory_free(reasoning.upper);
    memory_free(reasoning.row);
    if (status != SGR_OK)
        plan_reasons_finish(reasons);
    return status;
}
