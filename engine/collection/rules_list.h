/*
 * Lists of traits as literals, and the rules found so far. Equal sets of traits are kept once, so
 * that ten thousand rules about all of a large layer share one.
 */
#ifndef SGR_COLLECTION_RULES_LIST_H
#define SGR_COLLECTION_RULES_LIST_H

#include "collection/rules_read.h"
#include "collection/trait_index.h"

/* One entry of the config's list, and its place. */
struct rules_entry {
    struct json_source source; /* its span is the entry */
    json_t *object;
    size_t number;     /* from 0 */
    const char *where; /* "rules[3]" */
    const char *text;  /* as the user wrote it, in the collection's arena */
};

/* What all entries share. Start from rules_list_init, end with rules_list_finish. */
struct rules_list {
    struct draft *draft;
    struct collection *collection;
    struct trait_index index;
    uint32_t *bases; /* the number of each layer's first trait in the index */
    struct trait_index patterns;
    const uint64_t **pattern_sets; /* the traits that each pattern means */
    size_t pattern_capacity;
    struct intern sets;
    size_t set_bytes;
    uint64_t **bits;  /* of the layers that the list at hand names, else zero; NULL: not yet used */
    bool *is_touched; /* whether it names the layer */
    uint32_t *touched; /* which those are */
    size_t touched_count;
    uint64_t steps;
    struct rule *rules;
    size_t rule_count;
    size_t rule_capacity;
};

/* Literals of different layers, ascending. */
struct rules_literals {
    const struct rule_literal *items; /* in the collection's arena */
    size_t count;
};

/* Indexes the draft's collection. */
enum sgr_status rules_list_init(struct rules_list *list, struct draft *draft,
                                struct sgr_error *error) SGR_MUST_USE;

/* Frees everything but what is in the collection's arena. */
void rules_list_finish(struct rules_list *list);

/* The words of a layer's set. */
size_t rules_list_words(const struct rules_list *list, uint32_t layer);

/* Counts work; past RULES_STEPS_MAX an error at the entry. */
enum sgr_status rules_list_work(struct rules_list *list, const struct rules_entry *entry,
                                uint64_t steps, struct sgr_error *error) SGR_MUST_USE;

/* The kept set that is equal to `bits`. */
enum sgr_status rules_list_keep(struct rules_list *list, const struct rules_entry *entry,
                                struct rule_literal *literal, const uint64_t *bits,
                                struct sgr_error *error) SGR_MUST_USE;

/* The entry's key, a trait or a list of traits, as literals. */
enum sgr_status rules_list_traits(struct rules_list *list, const struct rules_entry *entry,
                                  const char *key, struct rules_literals *out_literals,
                                  struct sgr_error *error) SGR_MUST_USE;

/* A trait or a list of traits, which stands where the source's span begins, as literals. */
enum sgr_status rules_list_value(struct rules_list *list, const struct rules_entry *entry,
                                 const json_t *value, struct rules_literals *out_literals,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The trait (or pattern) that stands where the source's span begins, as the only literal. */
enum sgr_status rules_list_trait(struct rules_list *list, const struct rules_entry *entry,
                                 const char *name, struct rules_literals *out_literals,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The entry's key, a list of layers, ascending in the collection's arena; each once. */
enum sgr_status rules_list_layers(struct rules_list *list, const struct rules_entry *entry,
                                  const char *key, const uint32_t **out_layers,
                                  struct sgr_error *error) SGR_MUST_USE;

/* The layer of a name that stands where the source's span begins. */
enum sgr_status rules_list_layer(struct rules_list *list, const struct rules_entry *entry,
                                 const char *name, uint32_t *out_layer,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Adds a rule that is as `rule` says but for its text and source. */
enum sgr_status rules_list_add(struct rules_list *list, const struct rules_entry *entry,
                               const struct rule *rule, struct sgr_error *error) SGR_MUST_USE;

/* Warns about the entry. */
enum sgr_status rules_list_warn(struct rules_list *list, const struct rules_entry *entry,
                                struct sgr_error *error, const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6))) SGR_MUST_USE;

#endif
