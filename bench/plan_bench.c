/*
 * What planning takes: time on one core and memory an item, for ten layers of 25 traits, under 30
 * rules and one unique group of five layers, or "free" of rules; with OLD, what extending a plan of
 * so many items to N takes. The result is checked.
 *
 * usage: plan_bench [N [OLD | free]]
 */
#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"
#include "plan/plan_extend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Five layers have 9.8 million keys; more items than this take seven. */
#define UNIQUE_ITEMS_MAX UINT64_C(1200000)

enum { LAYERS = 10, TRAITS = 25, RULES = 30, UNIQUE_LAYERS = 5, UNIQUE_LAYERS_MORE = 7 };

struct bench {
    struct collection collection;
    struct collection_layer layers[LAYERS];
    struct collection_trait traits[LAYERS][TRAITS];
    char names[TRAITS][8];
    struct collection_picture picture;
    struct collection_part part;
    struct rule rules[RULES];
    struct rule_literal literals[RULES][3];
    uint64_t bits[RULES][3];
    struct rule_unique unique;
    uint32_t unique_layers[UNIQUE_LAYERS_MORE];
};

static _Noreturn void quit(const char *what)
{
    fprintf(stderr, "plan_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

static void make_layers(struct bench *bench, struct random *random)
{
    static const char *const names[LAYERS] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"};
    for (size_t trait = 0; trait < TRAITS; trait++)
        snprintf(bench->names[trait], sizeof bench->names[trait], "T%zu", trait);
    for (size_t layer = 0; layer < LAYERS; layer++) {
        bench->layers[layer] = (struct collection_layer){.name = names[layer],
                                                         .trait_type = names[layer],
                                                         .distinct = true,
                                                         .traits = bench->traits[layer],
                                                         .trait_count = TRAITS};
        for (size_t trait = 0; trait < TRAITS; trait++)
            bench->traits[layer][trait] =
                (struct collection_trait){.name = bench->names[trait],
                                          .value = bench->names[trait],
                                          .weight = 1 + random_below(random, 100),
                                          .max = UINT64_MAX,
                                          .parts = &bench->part,
                                          .part_count = 1};
    }
    bench->collection.root = ".";
    bench->collection.grammar = "folders";
    bench->collection.name = "bench";
    bench->collection.description = "";
    bench->picture = (struct collection_picture){"picture.png", 1, 1};
    bench->part = (struct collection_part){.opacity = 255};
    bench->collection.width = 1;
    bench->collection.height = 1;
    bench->collection.pictures = &bench->picture;
    bench->collection.picture_count = 1;
    bench->collection.layers = bench->layers;
    bench->collection.layer_count = LAYERS;
}

/*
 * Half of them forbid two traits, a quarter are if/then, a quarter are at_most over three layers.
 */
static void make_rules(struct bench *bench, struct random *random, size_t unique_layers)
{
    for (size_t index = 0; index < RULES; index++) {
        struct rule *rule = &bench->rules[index];
        bool wide_rule = index % 4 == 3;
        bool then = index % 4 == 2;
        uint32_t layer = (uint32_t)random_below(random, LAYERS);
        for (size_t term = 0; term < 3; term++) {
            uint64_t many = random_next(random) & ((1u << TRAITS) - 1);
            bench->bits[index][term] =
                then && term == 1 ? many : UINT64_C(1) << random_below(random, TRAITS);
            bench->literals[index][term] = (struct rule_literal){
                (layer + (uint32_t)term * 3) % LAYERS, &bench->bits[index][term]};
        }
        *rule = (struct rule){.text = "rule", .source = index};
        rule->conditions = bench->literals[index];
        rule->condition_count = then;
        rule->literals = bench->literals[index] + then;
        rule->literal_count = wide_rule ? 3 : then ? 1 : 2;
        rule->at_least = then;
        rule->at_most = 1;
    }
    for (uint32_t layer = 0; layer < unique_layers; layer++)
        bench->unique_layers[layer] = layer;
    bench->unique = (struct rule_unique){"unique", RULES, bench->unique_layers, unique_layers};
    bench->collection.rules = (struct rules){
        .rules = bench->rules, .rule_count = RULES, .uniques = &bench->unique, .unique_count = 1};
}

/* How far the counts are from what was asked; ends the program when a rule is broken. */
static uint64_t check(const struct plan_draft *draft)
{
    uint64_t deviation = 0;
    for (uint64_t item = 0; item < draft->count; item++) {
        if (rules_broken(&draft->collection->rules, plan_draft_traits(draft, item)) != RULES_NONE)
            quit("a rule is broken");
    }
    for (size_t trait = 0; trait < draft->trait_bases[LAYERS]; trait++) {
        uint64_t asked = draft->asked[trait];
        uint64_t planned = draft->planned[trait];
        deviation += asked > planned ? asked - planned : planned - asked;
    }
    return deviation;
}

/* Draws a plan of `count` items and keeps it as a file. */
static struct plan *make_old(const struct collection *collection, uint64_t count)
{
    static const uint32_t edges[] = {0, 1};
    static const struct plan_choices choices = {.width = 1,
                                                .height = 1,
                                                .color = PNG_COLOR_RGBA,
                                                .encoder = "none",
                                                .seed = "bench",
                                                .band_edges = edges,
                                                .band_count = 1};
    struct plan_draft draft = {0};
    struct plan *plan = NULL;
    struct sgr_error error = {SGR_OK, ""};
    if (plan_draft_draw(&draft, collection, count, "bench", &error) != SGR_OK ||
        plan_draft_store(&draft, &choices, &plan, &error) != SGR_OK)
        quit(error.text);
    plan_draft_finish(&draft);
    return plan;
}

int main(int count, char **arguments)
{
    static struct bench bench;
    uint64_t items = count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000;
    struct plan_draft draft = {0};
    struct sgr_error error = {SGR_OK, ""};
    struct random random;
    random_init(&random, "plan_bench", 1);
    make_layers(&bench, &random);
    size_t unique_layers = items > UNIQUE_ITEMS_MAX ? UNIQUE_LAYERS_MORE : UNIQUE_LAYERS;
    bool free = count > 2 && strcmp(arguments[2], "free") == 0;
    if (!free)
        make_rules(&bench, &random, unique_layers);
    uint64_t memory = machine_peak_memory_bytes();
    uint64_t old_items = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
    struct plan *old = old_items > 0 ? make_old(&bench.collection, old_items) : NULL;
    uint64_t start = machine_now_ns();
    enum sgr_status status =
        old ? plan_draft_extend(&draft, &bench.collection, old, items, "bench", &error)
            : plan_draft_draw(&draft, &bench.collection, items, "bench", &error);
    if (status != SGR_OK)
        quit(error.text);
    uint64_t elapsed = machine_now_ns() - start;
    uint64_t grown = machine_peak_memory_bytes() - memory;
    printf("%" PRIu64 " items, %d layers of %d traits, ", items, LAYERS, TRAITS);
    if (free)
        printf("no rules\n");
    else
        printf("%d rules, a unique group of %zu layers\n", RULES, unique_layers);
    if (old)
        printf("extended from %" PRIu64 " items\n", old_items);
    printf("time                %.3f s\n", (double)elapsed / 1e9);
    printf("peak memory         %.1f MB, %.2f bytes an item\n", (double)grown / 1e6,
           (double)grown / (double)items);
    printf("deviation           %" PRIu64 "\n", check(&draft));
    plan_draft_finish(&draft);
    plan_close(&old);
    return EXIT_SUCCESS;
}
