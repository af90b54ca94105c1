/* Depth-first with forward checking, without recursion: a cursor for each depth. */
#include "plan/solve_walk.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"

#include <string.h>

/* Words of domains that are copied in the time of one look at a table. */
enum { WORDS_COPIED = 8 };

void solve_walk_finish(struct solve_walk *walk)
{
    memory_free(walk->order);
    memory_free(walk->depths);
    memory_free(walk->candidate_counts);
    memory_free(walk->candidates);
    memory_free(walk->cursors);
    memory_free(walk->domains);
    memory_free(walk->offsets);
    memory_free(walk->start);
    memory_free(walk->row);
    memory_free(walk->rule_starts);
    memory_free(walk->rules);
    *walk = (struct solve_walk){0};
}

/* Counts what ties a layer to others, for each of those. */
static void add_ties(const struct solve_walk *walk, uint32_t index, size_t *ties)
{
    const struct solve_layer *layer = &walk->tables->layers[index];
    for (size_t link = 0; link < layer->link_count; link++)
        ties[layer->links[link].layer]++;
    for (size_t rule = 0; rule < layer->rule_count; rule++) {
        const struct solve_rule *tied = &walk->tables->rules[layer->rules[rule]];
        for (size_t other = 0; other < tied->layer_count; other++)
            ties[tied->layers[other]]++;
    }
}

/*
 * Orders layers: the most tied first, then always the one with the most ties to those before. The
 * ties are scratch, 0 for each layer.
 */
static void order_layers(struct solve_walk *walk, size_t *ties)
{
    for (size_t depth = 0; depth < walk->depth_count; depth++) {
        uint32_t best = UINT32_MAX;
        size_t best_all = 0;
        for (uint32_t index = 0; index < walk->tables->layer_count; index++) {
            const struct solve_layer *layer = &walk->tables->layers[index];
            if (walk->depths[index] != UINT32_MAX - 1)
                continue;
            size_t all = layer->link_count + layer->rule_count;
            if (best == UINT32_MAX || ties[index] > ties[best] ||
                (ties[index] == ties[best] && all > best_all)) {
                best = index;
                best_all = all;
            }
        }
        walk->order[depth] = best;
        walk->depths[best] = (uint32_t)depth;
        add_ties(walk, best, ties);
    }
}

/* The depth at which all layers of a rule have their traits; SIZE_MAX: some are not walked. */
static size_t last_depth(const struct solve_walk *walk, const struct solve_rule *rule)
{
    size_t last = 0;
    for (size_t index = 0; index < rule->layer_count; index++) {
        size_t depth = walk->depths[rule->layers[index]];
        last = depth > last ? depth : last;
    }
    return last < walk->depth_count ? last : SIZE_MAX;
}

/* Lists for each depth the rules that are looked at there. */
static void list_rules(struct solve_walk *walk)
{
    const struct solve_tables *tables = walk->tables;
    for (size_t rule = 0; rule < tables->rule_count; rule++) {
        size_t depth = last_depth(walk, &tables->rules[rule]);
        if (depth != SIZE_MAX)
            walk->rule_starts[depth]++;
    }
    for (size_t depth = 1; depth <= walk->depth_count; depth++)
        walk->rule_starts[depth] += walk->rule_starts[depth - 1];
    for (size_t rule = tables->rule_count; rule > 0; rule--) {
        size_t depth = last_depth(walk, &tables->rules[rule - 1]);
        if (depth != SIZE_MAX)
            walk->rules[--walk->rule_starts[depth]] = (uint32_t)(rule - 1);
    }
}

static void set_candidates(struct solve_walk *walk, const uint64_t *upper)
{
    for (size_t index = 0; index < walk->tables->layer_count; index++) {
        const struct solve_layer *layer = &walk->tables->layers[index];
        uint64_t *start = walk->start + walk->offsets[index];
        uint32_t base = walk->trait_bases[index];
        for (size_t trait = 0; trait < layer->trait_count; trait++) {
            size_t kind = layer->class_of[trait];
            if (upper[base + trait] == 0 || !solve_bit(layer->alone, kind))
                continue;
            walk->candidates[base + walk->candidate_counts[index]++] = (uint16_t)trait;
            start[kind / 64] |= UINT64_C(1) << (kind % 64);
        }
    }
}

enum sgr_status solve_walk_init(struct solve_walk *walk, const struct solve_walk_options *options,
                                struct sgr_error *error)
{
    const struct solve_tables *tables = options->tables;
    size_t layers = tables->layer_count;
    *walk = (struct solve_walk){.tables = tables, .trait_bases = options->trait_bases};
    walk->depth_count = options->layers ? options->layer_count : layers;
    walk->order = memory_allocate(layers + 1, sizeof *walk->order);
    walk->depths = memory_allocate(layers + 1, sizeof *walk->depths);
    walk->candidate_counts = memory_allocate_zeroed(layers + 1, sizeof *walk->candidate_counts);
    walk->candidates = memory_allocate(options->trait_bases[layers] + 1, sizeof(uint16_t));
    walk->cursors = memory_allocate_zeroed(layers + 1, sizeof *walk->cursors);
    walk->offsets = memory_allocate(layers + 1, sizeof *walk->offsets);
    walk->start = memory_allocate_zeroed(tables->words_all + 1, sizeof *walk->start);
    walk->row = memory_allocate_zeroed(layers + 1, sizeof *walk->row);
    walk->domains =
        memory_allocate((walk->depth_count + 1) * tables->words_all + 1, sizeof *walk->domains);
    walk->rule_starts = memory_allocate_zeroed(walk->depth_count + 2, sizeof *walk->rule_starts);
    walk->rules = memory_allocate(tables->rule_count + 1, sizeof *walk->rules);
    size_t *ties = memory_allocate_zeroed(layers + 1, sizeof *ties);
    if (!ties || !walk->rule_starts || !walk->rules || !walk->order || !walk->depths ||
        !walk->candidate_counts || !walk->candidates || !walk->cursors || !walk->offsets ||
        !walk->start || !walk->row || !walk->domains) {
        memory_free(ties);
        return error_no_memory(error, "the plan's recipes");
    }
    size_t offset = 0;
    for (size_t index = 0; index < layers; index++) {
        /* All but the last number mean "not in the order", the last "not walked". */
        walk->depths[index] = options->layers ? UINT32_MAX : UINT32_MAX - 1;
        walk->offsets[index] = offset;
        offset += tables->layers[index].words;
    }
    for (size_t index = 0; options->layers && index < options->layer_count; index++)
        walk->depths[options->layers[index]] = UINT32_MAX - 1;
    set_candidates(walk, options->upper);
    order_layers(walk, ties);
    list_rules(walk);
    memory_free(ties);
    return SGR_OK;
}

void solve_walk_begin(struct solve_walk *walk, uint64_t steps)
{
    memcpy(walk->domains, walk->start, walk->tables->words_all * sizeof *walk->domains);
    walk->depth = 0;
    walk->cursors[0] = 0;
    walk->ended = false;
    walk->steps_left = steps;
}

void solve_walk_begin_with(struct solve_walk *walk, uint32_t layer, uint16_t trait, uint64_t steps)
{
    solve_walk_begin(walk, steps);
    size_t kind = walk->tables->layers[layer].class_of[trait];
    uint64_t *domain = walk->domains + walk->offsets[layer];
    bool usable = solve_bit(domain, kind);
    memset(domain, 0, walk->tables->layers[layer].words * sizeof *domain);
    domain[kind / 64] = (uint64_t)usable << (kind % 64);
}

/* Narrows the domains of a layer's neighbours for the next depth; false at a dead end. */
static bool narrow(struct solve_walk *walk, size_t depth)
{
    const struct solve_tables *tables = walk->tables;
    uint32_t index = walk->order[depth];
    const struct solve_layer *layer = &tables->layers[index];
    size_t kind = layer->class_of[walk->row[index]];
    size_t first = walk->rule_starts[depth];
    for (size_t rule = first; rule < walk->rule_starts[depth + 1]; rule++) {
        if (solve_tables_rule_holds(tables, &tables->rules[walk->rules[rule]], walk->row))
            continue;
        solve_tables_spend(tables, (rule - first + 1) * tables->rule_work);
        return false;
    }
    solve_tables_spend(tables, (walk->rule_starts[depth + 1] - first) * tables->rule_work +
                                   tables->words_all / WORDS_COPIED + layer->link_count);
    uint64_t *next = walk->domains + (depth + 1) * tables->words_all;
    memcpy(next, next - tables->words_all, tables->words_all * sizeof *next);
    for (size_t link = 0; link < layer->link_count; link++) {
        uint32_t other = layer->links[link].layer;
        const uint64_t *allowed = layer->links[link].allowed + kind * layer->links[link].words;
        uint64_t *domain = next + walk->offsets[other];
        uint64_t any = 0;
        if (walk->depths[other] <= depth || walk->depths[other] >= walk->depth_count)
            continue;
        for (size_t word = 0; word < layer->links[link].words; word++)
            any |= domain[word] &= allowed[word];
        if (!any)
            return false;
    }
    return true;
}

/* Gives the layer at the current depth its next trait; false when there is none. */
static bool advance(struct solve_walk *walk)
{
    uint32_t index = walk->order[walk->depth];
    const uint16_t *candidates = walk->candidates + walk->trait_bases[index];
    const uint64_t *domain =
        walk->domains + walk->depth * walk->tables->words_all + walk->offsets[index];
    uint32_t *cursor = &walk->cursors[walk->depth];
    if (solve_tables_exhausted(walk->tables))
        walk->steps_left = 0;
    for (; *cursor < walk->candidate_counts[index] && walk->steps_left > 0; ++*cursor) {
        uint16_t trait = candidates[*cursor];
        solve_tables_spend(walk->tables, 1);
        if (!solve_bit(domain, walk->tables->layers[index].class_of[trait]))
            continue;
        walk->steps_left--;
        walk->row[index] = trait;
        if (!narrow(walk, walk->depth))
            continue;
        ++*cursor;
        return true;
    }
    return false;
}

bool solve_walk_next(struct solve_walk *walk)
{
    if (walk->ended || walk->steps_left == 0)
        return false;
    if (walk->depth_count == 0) {
        walk->ended = true;
        return true;
    }
    if (walk->depth == walk->depth_count)
        walk->depth--;
    for (;;) {
        if (advance(walk)) {
            if (++walk->depth == walk->depth_count)
                return true;
            walk->cursors[walk->depth] = 0;
        } else if (walk->depth == 0 || walk->steps_left == 0) {
            walk->ended = true;
            return false;
        } else {
            walk->depth--;
        }
    }
}

void solve_walk_shuffle(struct solve_walk *walk, struct random *random)
{
    for (size_t index = 0; index < walk->tables->layer_count; index++) {
        uint16_t *candidates = walk->candidates + walk->trait_bases[index];
        for (uint32_t left = walk->candidate_counts[index]; left > 1; left--) {
            uint64_t other = random_below(random, left);
            uint16_t kept = candidates[left - 1];
            candidates[left - 1] = candidates[other];
            candidates[other] = kept;
        }
    }
}

/* One random descent: the product of the choices on its way, 0 at a dead end. */
static uint64_t descend(struct solve_walk *walk, struct random *random)
{
    uint64_t product = 1;
    for (size_t depth = 0; depth < walk->depth_count; depth++) {
        uint32_t index = walk->order[depth];
        const uint64_t *domain =
            walk->domains + depth * walk->tables->words_all + walk->offsets[index];
        const uint16_t *candidates = walk->candidates + walk->trait_bases[index];
        uint64_t found = 0;
        solve_tables_spend(walk->tables, walk->candidate_counts[index]);
        for (uint32_t place = 0; place < walk->candidate_counts[index]; place++) {
            uint16_t trait = candidates[place];
            if (solve_bit(domain, walk->tables->layers[index].class_of[trait]) &&
                random_below(random, ++found) == 0)
                walk->row[index] = trait;
        }
        if (found == 0 || !narrow(walk, depth))
            return 0;
        if (__builtin_mul_overflow(product, found, &product))
            return UINT64_MAX;
    }
    return product;
}

uint64_t solve_walk_estimate(struct solve_walk *walk, struct random *random, uint32_t descents)
{
    wide sum = 0;
    solve_walk_begin(walk, 1);
    for (uint32_t index = 0; index < descents; index++) {
        sum += descend(walk, random);
        if (solve_tables_exhausted(walk->tables))
            return UINT64_MAX;
    }
    return (uint64_t)(sum / (descents ? descents : 1));
}
