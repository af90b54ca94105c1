/* Partition refinement: every literal splits the classes that it holds for a part of. */
#include "plan/rule_classes.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_counts.h"

/* The classes of one layer while they are split; scratch of all layers. */
struct splitting {
    const struct collection_layer *layer;
    uint32_t *of_traits; /* [trait_count] */
    uint32_t *sizes;     /* [class_count] */
    uint32_t *moved;     /* [class_count]: how many of its traits the literal holds for */
    uint32_t *targets;   /* [class_count]: where those go */
    uint32_t *touched;   /* [touched_count]: classes with a trait that the literal holds for */
    uint32_t touched_count;
    uint32_t class_count;
};

/* The literal's traits that may be drawn, of one word of its bits. */
static uint64_t drawable_bits(const struct splitting *splitting, const struct rule_literal *literal,
                              size_t word)
{
    uint64_t bits = literal->traits[word];
    if (word == (splitting->layer->trait_count - 1) / 64 && splitting->layer->trait_count % 64)
        bits &= (UINT64_C(1) << (splitting->layer->trait_count % 64)) - 1;
    return bits;
}

/* Counts, or moves, the traits of one word. */
static void split_word(struct splitting *splitting, uint64_t bits, size_t word, bool move)
{
    for (; bits != 0; bits &= bits - 1) {
        uint32_t *class = &splitting->of_traits[word * 64 + (unsigned)__builtin_ctzll(bits)];
        if (*class == RULE_CLASSES_NONE)
            continue;
        if (!move) {
            if (splitting->moved[*class]++ == 0)
                splitting->touched[splitting->touched_count++] = *class;
            continue;
        }
        uint32_t from = *class;
        uint32_t to = splitting->targets[from];
        if (to == RULE_CLASSES_NONE)
            continue;
        *class = to;
        splitting->sizes[from]--;
        splitting->sizes[to]++;
    }
}

static void split(struct splitting *splitting, const struct rule_literal *literal)
{
    size_t words = (splitting->layer->trait_count + 63) / 64;
    uint32_t before = splitting->class_count;
    splitting->touched_count = 0;
    for (size_t word = 0; word < words; word++)
        split_word(splitting, drawable_bits(splitting, literal, word), word, false);
    for (uint32_t at = 0; at < splitting->touched_count; at++) {
        uint32_t class = splitting->touched[at];
        bool parted = splitting->moved[class] < splitting->sizes[class];
        splitting->targets[class] = parted ? splitting->class_count++ : RULE_CLASSES_NONE;
        splitting->moved[class] = 0;
    }
    if (splitting->class_count == before)
        return;
    for (size_t word = 0; word < words; word++)
        split_word(splitting, drawable_bits(splitting, literal, word), word, true);
}

static void split_all(struct splitting *splitting, size_t layer, const struct rules *rules)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        for (size_t at = 0; at < rule->condition_count; at++) {
            if (rule->conditions[at].layer == layer)
                split(splitting, &rule->conditions[at]);
        }
        for (size_t at = 0; at < rule->literal_count; at++) {
            if (rule->literals[at].layer == layer)
                split(splitting, &rule->literals[at]);
        }
    }
}

/* Numbers the classes by their first traits and stores them. */
static bool store(struct rule_classes *classes, struct splitting *splitting, size_t layer)
{
    struct rule_layer *stored = &classes->layers[layer];
    size_t trait_count = splitting->layer->trait_count;
    uint32_t *of_traits = arena_allocate(&classes->arena, trait_count + 1, sizeof *of_traits);
    uint16_t *examples =
        arena_allocate(&classes->arena, splitting->class_count + 1, sizeof *examples);
    uint32_t *sizes = arena_allocate(&classes->arena, splitting->class_count + 1, sizeof *sizes);
    if (!of_traits || !examples || !sizes)
        return false;
    for (uint32_t class = 0; class < splitting->class_count; class ++)
        splitting->targets[class] = RULE_CLASSES_NONE;
    uint32_t count = 0;
    for (size_t trait = 0; trait < trait_count; trait++) {
        uint32_t class = splitting->of_traits[trait];
        of_traits[trait] = RULE_CLASSES_NONE;
        if (class == RULE_CLASSES_NONE)
            continue;
        if (splitting->targets[class] == RULE_CLASSES_NONE) {
            examples[count] = (uint16_t)trait;
            splitting->targets[class] = count++;
        }
        of_traits[trait] = splitting->targets[class];
        sizes[of_traits[trait]]++;
        stored->size++;
    }
    stored->of_traits = of_traits;
    stored->examples = examples;
    stored->sizes = sizes;
    stored->class_count = count;
    stored->base = classes->class_count;
    classes->class_count += count;
    return true;
}

static bool group_layer(struct rule_classes *classes, const struct collection_layer *layer,
                        size_t index, const struct rules *rules)
{
    size_t count = layer->trait_count + 1;
    struct splitting splitting = {.layer = layer, .class_count = 1};
    uint32_t *scratch = memory_allocate_zeroed(count, 5 * sizeof *scratch);
    if (!scratch)
        return false;
    splitting.of_traits = scratch;
    splitting.sizes = scratch + count;
    splitting.moved = scratch + 2 * count;
    splitting.targets = scratch + 3 * count;
    splitting.touched = scratch + 4 * count;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        /* One-of-one items are no recipes of layers. */
        bool drawn = plan_counts_may_draw(&layer->traits[trait]) && !layer->traits[trait].single;
        splitting.of_traits[trait] = drawn ? 0 : RULE_CLASSES_NONE;
        splitting.sizes[0] += drawn;
    }
    if (rules && splitting.sizes[0] > 0)
        split_all(&splitting, index, rules);
    bool fits = store(classes, &splitting, index);
    memory_free(scratch);
    return fits;
}

enum sgr_status rule_classes_init(struct rule_classes *classes, const struct collection *collection,
                                  const struct rules *rules, struct sgr_error *error)
{
    *classes = (struct rule_classes){.layer_count = collection->layer_count};
    classes->layers =
        arena_allocate(&classes->arena, collection->layer_count + 1, sizeof *classes->layers);
    bool fits = classes->layers;
    for (size_t layer = 0; layer < collection->layer_count && fits; layer++)
        fits = group_layer(classes, &collection->layers[layer], layer, rules);
    if (fits)
        return SGR_OK;
    rule_classes_finish(classes);
    return error_no_memory(error, "the rules");
}

void rule_classes_finish(struct rule_classes *classes)
{
    arena_finish(&classes->arena);
    *classes = (struct rule_classes){.layer_count = 0};
}
