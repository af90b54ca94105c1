/*
 * Traits of a layer that have the same tags stand for each other, so a pair of layers needs one
 * rule for each set of tags in the layer that has fewer of them.
 */
#include "collection/rules_tags.h"

#include "base/memory.h"

#include <string.h>

/* A layer's tags; tables are in an arena of its own. */
struct rules_tags_layer {
    struct arena arena;
    struct intern tags; /* by text */
    struct intern sets; /* by the pointers of sorted tags; not of traits without tags */
    uint32_t *set_of;   /* [trait_count], RULES_TAGS_NONE without tags */
    uint32_t *members;  /* traits with tags, set after set */
    uint32_t *set_ends; /* [set]: where its members end */
    uint32_t *starts;   /* [tag + 1]: where its traits begin in `traits` */
    uint32_t *traits;   /* ascending for each tag */
    uint64_t *untagged; /* a set of bits */
    bool is_made;
};

#define RULES_TAGS_NONE UINT32_MAX

/* What looking at a pair costs, whatever it comes to. */
enum { PAIR_STEPS = 32 };

/* A pair of layers: `from` has the conditions. */
struct tag_pair {
    const struct rules_tags *tags;
    uint32_t from;
    uint32_t to;
    bool same;
    uint64_t *from_bits; /* to work in */
    uint64_t *to_bits;
};

void rules_tags_finish(struct rules_tags *tags)
{
    for (size_t index = 0; index < tags->layer_count; index++) {
        intern_finish(&tags->layers[index].tags);
        intern_finish(&tags->layers[index].sets);
        arena_finish(&tags->layers[index].arena);
    }
    memory_free(tags->layers);
    *tags = (struct rules_tags){0};
}

/* Numbers the tags and the sets of them; counts each tag's traits in starts[tag + 1]. */
static bool number_tags(struct rules_tags_layer *made, const struct collection_layer *layer)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct collection_trait *trait = &layer->traits[index];
        made->set_of[index] = RULES_TAGS_NONE;
        if (trait->tag_count == 0) {
            made->untagged[index / 64] |= UINT64_C(1) << (index % 64);
            continue;
        }
        if (!intern_add(&made->sets, &made->arena, trait->tags,
                        trait->tag_count * sizeof *trait->tags, &made->set_of[index]))
            return false;
        for (size_t tag = 0; tag < trait->tag_count; tag++) {
            uint32_t number;
            const char *text = trait->tags[tag];
            if (!intern_add(&made->tags, &made->arena, text, strlen(text), &number))
                return false;
            made->starts[number + 1]++;
        }
    }
    return true;
}

static void list_traits(struct rules_tags_layer *made, const struct collection_layer *layer,
                        uint32_t *ends)
{
    for (size_t tag = 0; tag < made->tags.count; tag++) {
        made->starts[tag + 1] += made->starts[tag];
        ends[tag] = made->starts[tag];
    }
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct collection_trait *trait = &layer->traits[index];
        if (made->set_of[index] != RULES_TAGS_NONE && made->set_of[index] + 1 < made->sets.count)
            made->set_ends[made->set_of[index] + 1]++;
        for (size_t tag = 0; tag < trait->tag_count; tag++) {
            uint32_t number = 0;
            (void)intern_find(&made->tags, trait->tags[tag], strlen(trait->tags[tag]), &number);
            made->traits[ends[number]++] = (uint32_t)index;
        }
    }
    /* Beginnings first, which become ends as the members come in. */
    for (size_t set = 1; set < made->sets.count; set++)
        made->set_ends[set] += made->set_ends[set - 1];
    for (size_t index = 0; index < layer->trait_count; index++) {
        if (made->set_of[index] != RULES_TAGS_NONE)
            made->members[made->set_ends[made->set_of[index]]++] = (uint32_t)index;
    }
}

static bool make_layer(struct rules_tags_layer *made, const struct collection_layer *layer)
{
    size_t uses = 0;
    for (size_t index = 0; index < layer->trait_count; index++)
        uses += layer->traits[index].tag_count;
    struct arena *arena = &made->arena;
    made->set_of = arena_allocate(arena, layer->trait_count, sizeof *made->set_of);
    made->members = arena_allocate(arena, layer->trait_count, sizeof *made->members);
    made->set_ends = arena_allocate(arena, layer->trait_count, sizeof *made->set_ends);
    made->starts = arena_allocate(arena, uses + 1, sizeof *made->starts);
    made->traits = arena_allocate(arena, uses, sizeof *made->traits);
    made->untagged = arena_allocate(arena, (layer->trait_count + 63) / 64, sizeof *made->untagged);
    uint32_t *ends = arena_allocate(arena, uses, sizeof *ends);
    made->is_made = made->set_of && made->members && made->set_ends && made->starts &&
                    made->traits && made->untagged && ends && number_tags(made, layer);
    if (made->is_made)
        list_traits(made, layer, ends);
    return made->is_made;
}

static enum sgr_status make_layers(struct rules_tags *tags, const struct collection *collection,
                                   const uint32_t *layers, size_t count, struct sgr_error *error)
{
    if (!tags->layers) {
        tags->layers = memory_allocate_zeroed(collection->layer_count, sizeof *tags->layers);
        if (!tags->layers)
            return error_no_memory(error, "the rules");
        tags->layer_count = collection->layer_count;
    }
    for (size_t index = 0; index < count; index++) {
        struct rules_tags_layer *made = &tags->layers[layers[index]];
        if (!made->is_made && !make_layer(made, &collection->layers[layers[index]]))
            return error_no_memory(error, "the rules");
    }
    return SGR_OK;
}

/* Finds the traits of `to` that go with the tags of a trait; returns the steps it took. */
static uint64_t find_partners(const struct tag_pair *pair, size_t trait_count,
                              const struct collection_trait *trait)
{
    const struct rules_tags_layer *to = &pair->tags->layers[pair->to];
    uint64_t *bits = pair->to_bits;
    size_t words = (trait_count + 63) / 64;
    uint64_t steps = words;
    memset(bits, 0, words * sizeof *bits);
    for (size_t tag = 0; tag < trait->tag_count; tag++) {
        uint32_t number;
        if (!intern_find(&to->tags, trait->tags[tag], strlen(trait->tags[tag]), &number))
            continue;
        for (uint32_t at = to->starts[number]; at < to->starts[number + 1]; at++)
            bits[to->traits[at] / 64] |= UINT64_C(1) << (to->traits[at] % 64);
        steps += to->starts[number + 1] - to->starts[number];
    }
    for (size_t word = 0; word < words; word++)
        bits[word] = pair->same ? bits[word] | to->untagged[word] : ~bits[word];
    if (trait_count % 64)
        bits[words - 1] &= (UINT64_C(1) << (trait_count % 64)) - 1;
    return steps + trait->tag_count;
}

/* Adds the rule for one set of tags: its traits in `from`, and their partners in `to`. */
static enum sgr_status add_rule(struct rules_list *list, const struct rules_entry *entry,
                                const struct tag_pair *pair, struct sgr_error *error)
{
    struct rule_literal *literals = arena_allocate(&list->collection->arena, 2, sizeof *literals);
    if (!literals)
        return error_no_memory(error, "the rules");
    literals[0].layer = pair->from;
    literals[1].layer = pair->to;
    enum sgr_status status = rules_list_keep(list, entry, &literals[0], pair->from_bits, error);
    if (status == SGR_OK)
        status = rules_list_keep(list, entry, &literals[1], pair->to_bits, error);
    struct rule rule = {.conditions = literals,
                        .condition_count = 1,
                        .literals = literals + 1,
                        .literal_count = 1,
                        .at_least = 1,
                        .at_most = 1};
    return status == SGR_OK ? rules_list_add(list, entry, &rule, error) : status;
}

static bool is_full(const uint64_t *bits, size_t count)
{
    for (size_t word = 0; word < count / 64; word++) {
        if (bits[word] != UINT64_MAX)
            return false;
    }
    return count % 64 == 0 || bits[count / 64] == (UINT64_C(1) << (count % 64)) - 1;
}

static bool is_empty(const uint64_t *bits, size_t count)
{
    for (size_t word = 0; word < (count + 63) / 64; word++) {
        if (bits[word])
            return false;
    }
    return true;
}

/* Puts together what one set of tags in `from` means for `to`. */
static enum sgr_status add_set(struct rules_list *list, const struct rules_entry *entry,
                               const struct tag_pair *pair, uint32_t set, struct sgr_error *error)
{
    const struct rules_tags_layer *from = &pair->tags->layers[pair->from];
    const struct collection_layer *from_layer = &list->collection->layers[pair->from];
    const struct collection_layer *to_layer = &list->collection->layers[pair->to];
    uint32_t first = set ? from->set_ends[set - 1] : 0;
    const struct collection_trait *trait = &from_layer->traits[from->members[first]];
    uint64_t steps = find_partners(pair, to_layer->trait_count, trait);
    enum sgr_status status = rules_list_work(list, entry, steps, error);
    if (status != SGR_OK || is_full(pair->to_bits, to_layer->trait_count))
        return status;
    memset(pair->from_bits, 0, rules_list_words(list, pair->from) * sizeof *pair->from_bits);
    for (uint32_t at = first; at < from->set_ends[set]; at++)
        pair->from_bits[from->members[at] / 64] |= UINT64_C(1) << (from->members[at] % 64);
    if (is_empty(pair->to_bits, to_layer->trait_count))
        status = rules_list_warn(list, entry, error, "rule-excludes-trait",
                                 "no trait of %s goes with the tags of %s/%s, so no item has it",
                                 to_layer->name, from_layer->name, trait->name);
    return status == SGR_OK ? add_rule(list, entry, pair, error) : status;
}

static enum sgr_status add_pair(struct rules_list *list, const struct rules_entry *entry,
                                struct tag_pair pair, struct sgr_error *error)
{
    const struct rules_tags_layer *layers = pair.tags->layers;
    if (layers[pair.to].sets.count < layers[pair.from].sets.count) {
        uint32_t from = pair.from;
        pair.from = pair.to;
        pair.to = from;
    }
    size_t from_words = rules_list_words(list, pair.from);
    size_t to_words = rules_list_words(list, pair.to);
    pair.from_bits = memory_allocate(from_words + to_words, sizeof *pair.from_bits);
    if (!pair.from_bits)
        return error_no_memory(error, "the rules");
    pair.to_bits = pair.from_bits + from_words;
    enum sgr_status status = SGR_OK;
    for (uint32_t set = 0; status == SGR_OK && set < layers[pair.from].sets.count; set++)
        status = add_set(list, entry, &pair, set, error);
    memory_free(pair.from_bits);
    return status;
}

enum sgr_status rules_tags_add(struct rules_tags *tags, struct rules_list *list,
                               const struct rules_entry *entry, bool same, struct sgr_error *error)
{
    const char *key = same ? "same_tag" : "different_tag";
    size_t count = json_array_size(json_object_get(entry->object, key));
    const uint32_t *layers;
    if (count == 1)
        return json_schema_error(&entry->source, entry->where, key,
                                 "tags are compared between layers; name two at least", error);
    enum sgr_status status = rules_list_layers(list, entry, key, &layers, error);
    if (status == SGR_OK)
        status = make_layers(tags, list->collection, layers, count, error);
    for (size_t index = 0; status == SGR_OK && index < count; index++) {
        if (tags->layers[layers[index]].tags.count == 0)
            status = rules_list_warn(list, entry, error, "rule-without-tags",
                                     "no trait of %s has tags, so all of them go with everything",
                                     list->collection->layers[layers[index]].name);
    }
    for (size_t low = 0; status == SGR_OK && low < count; low++) {
        for (size_t high = low + 1; status == SGR_OK && high < count; high++) {
            status = rules_list_work(list, entry, PAIR_STEPS, error);
            if (status == SGR_OK)
                status = add_pair(
                    list, entry,
                    (struct tag_pair){
                        .tags = tags, .from = layers[low], .to = layers[high], .same = same},
                    error);
        }
    }
    return status;
}
