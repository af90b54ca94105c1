/* Classes by splitting along every literal (partition refinement), then a table for each pair. */
#include "plan/solve_tables.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* A table of two layers has at most so many bits each way; rules beyond it stay rules. */
#define PAIR_BITS_MAX (UINT64_C(1) << 24)

/* Scratch for splitting classes; start from all zero. */
struct splitting {
    uint32_t *sizes;   /* [class] */
    uint32_t *inside;  /* [class]: how many of it the literal holds */
    uint32_t *split;   /* [class]: what its part in the literal becomes, 0: stays */
    uint16_t *touched; /* classes that the literal meets */
};

/* A pair of layers while tables are made. */
struct pair {
    uint32_t low;
    uint32_t high;
    uint64_t *from_low;  /* [class of low * words of high] */
    uint64_t *from_high; /* [class of high * words of low] */
};

struct building {
    struct solve_tables *tables;
    const struct rules *rules;
    struct pair *pairs;
    size_t pair_count;
    size_t pair_capacity;
    uint32_t *layers; /* of one rule, each once; [layer_count + 1] */
};

static void split_classes(struct solve_layer *layer, const uint64_t *traits,
                          struct splitting *splitting)
{
    size_t touched = 0;
    size_t words = (layer->trait_count + 63) / 64;
    for (size_t word = 0; word < words; word++) {
        for (uint64_t bits = traits[word]; bits; bits &= bits - 1) {
            uint16_t class_index = layer->class_of[word * 64 + (size_t)__builtin_ctzll(bits)];
            if (splitting->inside[class_index]++ == 0)
                splitting->touched[touched++] = class_index;
        }
    }
    for (size_t index = 0; index < touched; index++) {
        uint16_t class_index = splitting->touched[index];
        uint32_t inside = splitting->inside[class_index];
        splitting->inside[class_index] = 0;
        splitting->split[class_index] = 0;
        if (inside == splitting->sizes[class_index])
            continue;
        splitting->split[class_index] = layer->class_count;
        splitting->sizes[class_index] -= inside;
        splitting->sizes[layer->class_count++] = inside;
    }
    for (size_t word = 0; word < words; word++) {
        for (uint64_t bits = traits[word]; bits; bits &= bits - 1) {
            uint16_t *its = &layer->class_of[word * 64 + (size_t)__builtin_ctzll(bits)];
            if (splitting->split[*its])
                *its = (uint16_t)splitting->split[*its];
        }
    }
}

/* Makes room for splitting a layer's classes, all one at first. */
static bool start_splitting(struct solve_tables *tables, const struct solve_layer *layer,
                            struct splitting *splitting)
{
    size_t room = layer->trait_count + 1;
    splitting->sizes = arena_allocate(&tables->arena, room, sizeof(uint32_t));
    splitting->inside = arena_allocate(&tables->arena, room, sizeof(uint32_t));
    splitting->split = arena_allocate(&tables->arena, room, sizeof(uint32_t));
    splitting->touched = arena_allocate(&tables->arena, room, sizeof(uint16_t));
    if (!splitting->sizes || !splitting->inside || !splitting->split || !splitting->touched)
        return false;
    splitting->sizes[0] = (uint32_t)layer->trait_count;
    return true;
}

/* Splits the classes of every layer by every literal about it. */
static enum sgr_status find_classes(struct building *building, struct splitting *splittings,
                                    struct sgr_error *error)
{
    struct solve_tables *tables = building->tables;
    for (size_t index = 0; index < building->rules->rule_count; index++) {
        const struct rule *rule = &building->rules->rules[index];
        size_t terms = rule->condition_count + rule->literal_count;
        for (size_t term = 0; term < terms; term++) {
            const struct rule_literal *literal =
                term < rule->condition_count ? &rule->conditions[term]
                                             : &rule->literals[term - rule->condition_count];
            struct solve_layer *layer = &tables->layers[literal->layer];
            struct splitting *splitting = &splittings[literal->layer];
            if (!splitting->sizes && !start_splitting(tables, layer, splitting))
                return error_no_memory(error, "the plan's rules");
            split_classes(layer, literal->traits, splitting);
        }
    }
    return SGR_OK;
}

/* Sets of classes from sets of traits. */
static uint64_t *class_set(struct building *building, const struct rule_literal *literal)
{
    const struct solve_layer *layer = &building->tables->layers[literal->layer];
    uint64_t *set = arena_allocate(&building->tables->arena, layer->words + 1, sizeof *set);
    for (size_t trait = 0; set && trait < layer->trait_count; trait++) {
        uint16_t class_index = layer->class_of[trait];
        set[class_index / 64] |= (uint64_t)solve_bit(literal->traits, trait) << (class_index % 64);
    }
    return set;
}

/* Lists the layers of a rule, each once. */
static size_t list_layers(const struct solve_rule *rule, uint32_t *layers)
{
    size_t count = 0;
    for (size_t term = 0; term < rule->condition_count + rule->literal_count; term++) {
        uint32_t layer = term < rule->condition_count
                             ? rule->conditions[term].layer
                             : rule->literals[term - rule->condition_count].layer;
        size_t known = 0;
        while (known < count && layers[known] != layer)
            known++;
        if (known == count)
            layers[count++] = layer;
    }
    return count;
}

static struct pair *find_pair(struct building *building, uint32_t low, uint32_t high)
{
    for (size_t index = 0; index < building->pair_count; index++) {
        if (building->pairs[index].low == low && building->pairs[index].high == high)
            return &building->pairs[index];
    }
    struct pair *grown = memory_grow(building->pairs, &building->pair_capacity,
                                     building->pair_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    building->pairs = grown;
    struct pair *pair = &building->pairs[building->pair_count++];
    const struct solve_layer *lower = &building->tables->layers[low];
    const struct solve_layer *higher = &building->tables->layers[high];
    *pair = (struct pair){low, high, NULL, NULL};
    pair->from_low = arena_allocate(&building->tables->arena,
                                    lower->class_count * higher->words + 1, sizeof(uint64_t));
    pair->from_high = arena_allocate(&building->tables->arena,
                                     higher->class_count * lower->words + 1, sizeof(uint64_t));
    if (!pair->from_low || !pair->from_high)
        return NULL;
    memset(pair->from_low, 0xff, lower->class_count * higher->words * sizeof(uint64_t));
    memset(pair->from_high, 0xff, higher->class_count * lower->words * sizeof(uint64_t));
    return pair;
}

/* What a class says to a rule: bit 0 that a condition holds, bit 1 that a literal does. */
static unsigned kind_of(const struct solve_rule *rule, uint32_t layer, size_t class_index)
{
    unsigned kind = 0;
    for (size_t index = 0; index < rule->condition_count; index++) {
        const struct solve_term *term = &rule->conditions[index];
        kind |= term->layer == layer && solve_bit(term->classes, class_index);
    }
    for (size_t index = 0; index < rule->literal_count; index++) {
        const struct solve_term *term = &rule->literals[index];
        kind |= term->layer == layer && solve_bit(term->classes, class_index) ? 2 : 0;
    }
    return kind;
}

static bool kinds_hold(const struct solve_rule *rule, unsigned first, unsigned second)
{
    uint32_t literals = (first >> 1) + (second >> 1);
    return (rule->condition_count > 0 && !((first | second) & 1)) ||
           (literals >= rule->at_least && literals <= rule->at_most);
}

/* Takes away what a rule forbids from a table, seen from one of its layers. */
static enum sgr_status forbid(struct building *building, const struct solve_rule *rule,
                              const uint32_t layers[2], uint64_t *allowed)
{
    const struct solve_layer *here = &building->tables->layers[layers[0]];
    const struct solve_layer *there = &building->tables->layers[layers[1]];
    uint64_t *sets = memory_allocate_zeroed(4 * there->words, sizeof *sets);
    if (!sets)
        return SGR_NO_MEMORY;
    for (size_t class_index = 0; class_index < there->class_count; class_index++)
        sets[kind_of(rule, layers[1], class_index) * there->words + class_index / 64] |=
            UINT64_C(1) << (class_index % 64);
    for (size_t class_index = 0; class_index < here->class_count; class_index++) {
        unsigned kind = kind_of(rule, layers[0], class_index);
        for (unsigned other = 0; other < 4; other++) {
            const uint64_t *set = sets + other * there->words;
            uint64_t *row = allowed + class_index * there->words;
            for (size_t word = 0; !kinds_hold(rule, kind, other) && word < there->words; word++)
                row[word] &= ~set[word];
        }
    }
    memory_free(sets);
    return SGR_OK;
}

/* Turns a rule about one layer, or none, into classes that may not stand alone. */
static void forbid_alone(struct building *building, const struct solve_rule *rule, uint32_t layer)
{
    struct solve_layer *here = &building->tables->layers[layer];
    for (size_t class_index = 0; class_index < here->class_count; class_index++) {
        if (!kinds_hold(rule, kind_of(rule, layer, class_index), 0))
            here->alone[class_index / 64] &= ~(UINT64_C(1) << (class_index % 64));
    }
    building->tables->any_alone = true;
}

static bool terms_of(struct building *building, const struct rule_literal *literals, size_t count,
                     const struct solve_term **out_terms)
{
    struct solve_term *terms = arena_allocate(&building->tables->arena, count + 1, sizeof *terms);
    for (size_t index = 0; terms && index < count; index++) {
        terms[index].layer = literals[index].layer;
        terms[index].classes = class_set(building, &literals[index]);
        if (!terms[index].classes)
            return false;
    }
    *out_terms = terms;
    return terms != NULL;
}

static enum sgr_status add_rule(struct building *building, const struct rule *rule)
{
    struct solve_tables *tables = building->tables;
    struct solve_rule made = {.condition_count = rule->condition_count,
                              .literal_count = rule->literal_count,
                              .at_least = rule->at_least,
                              .at_most = rule->at_most};
    if (!terms_of(building, rule->conditions, rule->condition_count, &made.conditions) ||
        !terms_of(building, rule->literals, rule->literal_count, &made.literals))
        return SGR_NO_MEMORY;
    made.layer_count = list_layers(&made, building->layers);
    uint32_t *layers = building->layers;
    if (made.layer_count < 2) {
        if (tables->layer_count > 0)
            forbid_alone(building, &made, made.layer_count ? layers[0] : 0);
        return SGR_OK;
    }
    uint64_t bits =
        (uint64_t)tables->layers[layers[0]].class_count * tables->layers[layers[1]].class_count;
    if (made.layer_count == 2 && bits <= PAIR_BITS_MAX) {
        uint32_t low = layers[0] < layers[1] ? layers[0] : layers[1];
        uint32_t high = layers[0] < layers[1] ? layers[1] : layers[0];
        struct pair *pair = find_pair(building, low, high);
        if (!pair)
            return SGR_NO_MEMORY;
        enum sgr_status status = forbid(building, &made, (uint32_t[]){low, high}, pair->from_low);
        return status == SGR_OK ? forbid(building, &made, (uint32_t[]){high, low}, pair->from_high)
                                : status;
    }
    uint32_t *kept = arena_allocate(&tables->arena, made.layer_count, sizeof *kept);
    if (!kept)
        return SGR_NO_MEMORY;
    memcpy(kept, layers, made.layer_count * sizeof *kept);
    made.layers = kept;
    for (size_t index = 0; index < made.layer_count; index++)
        tables->layers[layers[index]].rule_count++;
    tables->all_work += made.condition_count + made.literal_count;
    tables->rules[tables->rule_count++] = made;
    return SGR_OK;
}

/* Makes each layer's lists of links and rules. */
static enum sgr_status make_lists(struct building *building)
{
    struct solve_tables *tables = building->tables;
    tables->pairs = arena_allocate(&tables->arena, building->pair_count + 1, sizeof *tables->pairs);
    if (!tables->pairs)
        return SGR_NO_MEMORY;
    for (size_t index = 0; index < building->pair_count; index++) {
        tables->layers[building->pairs[index].low].link_count++;
        tables->layers[building->pairs[index].high].link_count++;
    }
    for (size_t index = 0; index < tables->layer_count; index++) {
        struct solve_layer *layer = &tables->layers[index];
        layer->links = arena_allocate(&tables->arena, layer->link_count + 1, sizeof *layer->links);
        layer->rules = arena_allocate(&tables->arena, layer->rule_count + 1, sizeof *layer->rules);
        if (!layer->links || !layer->rules)
            return SGR_NO_MEMORY;
        layer->link_count = 0;
        layer->rule_count = 0;
    }
    for (size_t index = 0; index < building->pair_count; index++) {
        const struct pair *pair = &building->pairs[index];
        tables->pairs[tables->pair_count++] =
            (struct solve_pair){pair->low,
                                pair->high,
                                tables->layers[pair->low].class_of,
                                tables->layers[pair->high].class_of,
                                tables->layers[pair->high].words,
                                pair->from_low};
        struct solve_layer *low = &tables->layers[pair->low];
        struct solve_layer *high = &tables->layers[pair->high];
        low->links[low->link_count++] =
            (struct solve_link){pair->high, high->words, pair->from_low, pair->from_high};
        high->links[high->link_count++] =
            (struct solve_link){pair->low, low->words, pair->from_high, pair->from_low};
    }
    for (size_t rule = 0; rule < tables->rule_count; rule++) {
        for (size_t index = 0; index < tables->rules[rule].layer_count; index++) {
            struct solve_layer *layer = &tables->layers[tables->rules[rule].layers[index]];
            layer->rules[layer->rule_count++] = (uint32_t)rule;
        }
    }
    return SGR_OK;
}

/* Sizes that follow from the classes, and all of them allowed. */
static enum sgr_status make_sets(struct solve_tables *tables)
{
    for (size_t index = 0; index < tables->layer_count; index++) {
        struct solve_layer *layer = &tables->layers[index];
        layer->words = (layer->class_count + 63) / 64;
        layer->alone = arena_allocate(&tables->arena, layer->words, sizeof *layer->alone);
        if (!layer->alone)
            return SGR_NO_MEMORY;
        for (size_t class_index = 0; class_index < layer->class_count; class_index++)
            layer->alone[class_index / 64] |= UINT64_C(1) << (class_index % 64);
        tables->words_all += layer->words;
        if (layer->words > tables->words_max)
            tables->words_max = layer->words;
    }
    return SGR_OK;
}

static enum sgr_status build(struct building *building, struct sgr_error *error)
{
    struct solve_tables *tables = building->tables;
    size_t rule_count = building->rules ? building->rules->rule_count : 0;
    struct splitting *splittings =
        arena_allocate(&tables->arena, tables->layer_count + 1, sizeof *splittings);
    building->layers =
        arena_allocate(&tables->arena, tables->layer_count + 1, sizeof *building->layers);
    tables->rules = arena_allocate(&tables->arena, rule_count + 1, sizeof *tables->rules);
    if (!splittings || !building->layers || !tables->rules)
        return error_no_memory(error, "the plan's rules");
    enum sgr_status status = rule_count ? find_classes(building, splittings, error) : SGR_OK;
    if (status == SGR_OK)
        status = make_sets(tables);
    for (size_t rule = 0; status == SGR_OK && rule < rule_count; rule++)
        status = add_rule(building, &building->rules->rules[rule]);
    if (status == SGR_OK)
        status = make_lists(building);
    if (status == SGR_OK && !solve_watch_init(tables))
        status = SGR_NO_MEMORY;
    if (tables->rule_count > 0)
        tables->rule_work = tables->all_work / tables->rule_count;
    return status == SGR_NO_MEMORY ? error_no_memory(error, "the plan's rules") : status;
}

enum sgr_status solve_tables_init(struct solve_tables *tables, const struct collection *collection,
                                  const struct rules *rules, struct sgr_error *error)
{
    *tables = (struct solve_tables){.layer_count = collection->layer_count};
    tables->layers =
        arena_allocate(&tables->arena, tables->layer_count + 1, sizeof *tables->layers);
    tables->work_left = arena_allocate(&tables->arena, 1, sizeof *tables->work_left);
    if (!tables->layers || !tables->work_left)
        return error_no_memory(error, "the plan's rules");
    solve_tables_allow(tables, UINT64_MAX);
    for (size_t index = 0; index < tables->layer_count; index++) {
        struct solve_layer *layer = &tables->layers[index];
        layer->trait_count = collection->layers[index].trait_count;
        layer->class_count = 1;
        layer->class_of =
            arena_allocate(&tables->arena, layer->trait_count + 1, sizeof *layer->class_of);
        if (!layer->class_of)
            return error_no_memory(error, "the plan's rules");
    }
    struct building building = {.tables = tables, .rules = rules};
    enum sgr_status status = build(&building, error);
    memory_free(building.pairs);
    return status;
}

void solve_tables_finish(struct solve_tables *tables)
{
    arena_finish(&tables->arena);
}

static bool term_holds(const struct solve_tables *tables, const struct solve_term *term,
                       const uint16_t *row)
{
    return solve_bit(term->classes, tables->layers[term->layer].class_of[row[term->layer]]);
}

bool solve_tables_rule_holds(const struct solve_tables *tables, const struct solve_rule *rule,
                             const uint16_t *row)
{
    bool matters = rule->condition_count == 0;
    for (size_t index = 0; index < rule->condition_count && !matters; index++)
        matters = term_holds(tables, &rule->conditions[index], row);
    if (!matters)
        return true;
    uint32_t count = 0;
    for (size_t index = 0; index < rule->literal_count; index++)
        count += term_holds(tables, &rule->literals[index], row);
    return count >= rule->at_least && count <= rule->at_most;
}

uint64_t solve_tables_cost(const struct solve_tables *tables, const uint16_t *row)
{
    uint64_t cost = 0;
    for (size_t index = 0; tables->any_alone && index < tables->layer_count; index++) {
        const struct solve_layer *layer = &tables->layers[index];
        cost += !solve_bit(layer->alone, layer->class_of[row[index]]);
    }
    for (size_t index = 0; index < tables->pair_count; index++) {
        const struct solve_pair *pair = &tables->pairs[index];
        size_t low = pair->low_classes[row[pair->low]];
        cost += !solve_bit(pair->allowed + low * pair->words, pair->high_classes[row[pair->high]]);
    }
    solve_tables_spend(tables, tables->pair_count + 1);
    return tables->rule_count > 0 ? cost + solve_watch_cost(tables, row) : cost;
}

uint64_t solve_tables_cost_about(const struct solve_tables *tables, const uint16_t *row,
                                 uint32_t layer)
{
    const struct solve_layer *here = &tables->layers[layer];
    size_t kind = here->class_of[row[layer]];
    uint64_t cost = !solve_bit(here->alone, kind);
    for (size_t index = 0; index < here->link_count; index++) {
        const struct solve_link *link = &here->links[index];
        cost += !solve_bit(link->allowed + kind * link->words,
                           tables->layers[link->layer].class_of[row[link->layer]]);
    }
    solve_tables_spend(tables, here->link_count + 1);
    return tables->rule_count > 0 ? cost + solve_watch_cost(tables, row) : cost;
}

void solve_tables_allow(const struct solve_tables *tables, uint64_t work)
{
    *tables->work_left = work;
}

/* Takes away the classes with which a rule about three layers or more does not hold. */
static void allow_by_rule(const struct solve_tables *tables, const struct solve_rule *rule,
                          const uint16_t *row, uint32_t layer, uint64_t *classes)
{
    const struct solve_layer *here = &tables->layers[layer];
    unsigned others = 0;
    uint32_t count = 0;
    for (size_t index = 0; index < rule->condition_count; index++)
        others |= rule->conditions[index].layer != layer &&
                  term_holds(tables, &rule->conditions[index], row);
    for (size_t index = 0; index < rule->literal_count; index++)
        count +=
            rule->literals[index].layer != layer && term_holds(tables, &rule->literals[index], row);
    for (size_t class_index = 0; class_index < here->class_count; class_index++) {
        unsigned kind = kind_of(rule, layer, class_index);
        uint32_t literals = count + (kind >> 1);
        bool holds = (rule->condition_count > 0 && !((others | kind) & 1)) ||
                     (literals >= rule->at_least && literals <= rule->at_most);
        if (!holds)
            classes[class_index / 64] &= ~(UINT64_C(1) << (class_index % 64));
    }
}

void solve_tables_allowed(const struct solve_tables *tables, const uint16_t *row, uint32_t layer,
                          uint64_t *out_classes)
{
    const struct solve_layer *here = &tables->layers[layer];
    memcpy(out_classes, here->alone, here->words * sizeof *out_classes);
    for (size_t link = 0; link < here->link_count; link++) {
        uint32_t other = here->links[link].layer;
        const struct solve_layer *there = &tables->layers[other];
        const uint64_t *allowed =
            here->links[link].backward + there->class_of[row[other]] * here->words;
        for (size_t word = 0; word < here->words; word++)
            out_classes[word] &= allowed[word];
    }
    solve_tables_spend(tables, (here->link_count + 1) * here->words +
                                   here->rule_count * here->class_count * tables->rule_work);
    for (size_t rule = 0; rule < here->rule_count; rule++)
        allow_by_rule(tables, &tables->rules[here->rules[rule]], row, layer, out_classes);
}

size_t solve_tables_broken(const struct solve_tables *tables, const uint16_t *row, uint32_t *layers,
                           size_t room)
{
    size_t found = 0;
    solve_tables_spend(tables, tables->pair_count + tables->all_work + 1);
    for (uint32_t index = 0; index < tables->layer_count && found < room; index++) {
        const struct solve_layer *layer = &tables->layers[index];
        size_t class_index = layer->class_of[row[index]];
        if (!solve_bit(layer->alone, class_index))
            layers[found++] = index;
        for (size_t link = 0; link < layer->link_count && found < room; link++) {
            const struct solve_link *table = &layer->links[link];
            size_t other = tables->layers[table->layer].class_of[row[table->layer]];
            if (!solve_bit(table->allowed + class_index * table->words, other))
                layers[found++] = index;
        }
        for (size_t rule = 0; rule < layer->rule_count && found < room; rule++) {
            if (!solve_tables_rule_holds(tables, &tables->rules[layer->rules[rule]], row))
                layers[found++] = index;
        }
    }
    return found;
}
