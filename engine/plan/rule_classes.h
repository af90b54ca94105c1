/*
 * What the traits of a layer mean to the rules: two traits that stand in the same literals of all
 * rules are interchangeable, so they form one class, and a layer has few classes whatever its
 * traits.
 */
#ifndef SGR_PLAN_RULE_CLASSES_H
#define SGR_PLAN_RULE_CLASSES_H

#include "base/wide.h"
#include "collection/collection.h"

/* The class of a trait that may not be drawn, or is a one-of-one item. */
#define RULE_CLASSES_NONE UINT32_MAX

/* The classes of one layer, in the order of their first traits. */
struct rule_layer {
    const uint32_t *of_traits; /* [trait_count]: a class, or RULE_CLASSES_NONE */
    const uint16_t *examples;  /* [class_count]: a trait of each */
    const uint32_t *sizes;     /* [class_count]: how many traits each has */
    uint32_t class_count;      /* 0 when no trait may be drawn */
    uint32_t size;             /* of all classes together */
    size_t base;               /* where its classes begin in a row of all layers' */
};

/* The classes of all layers; start from all zero, end with rule_classes_finish. */
struct rule_classes {
    struct arena arena;
    struct rule_layer *layers;
    size_t layer_count;
    size_t class_count; /* of all layers */
};

/*
 * Groups the traits that may be drawn. `rules` may be NULL: then each layer has one class. Takes
 * time in proportion to the traits of all literals. SGR_NO_MEMORY leaves nothing behind.
 */
enum sgr_status rule_classes_init(struct rule_classes *classes, const struct collection *collection,
                                  const struct rules *rules, struct sgr_error *error) SGR_MUST_USE;

/* Frees all of it. */
void rule_classes_finish(struct rule_classes *classes);

/* Whether a literal holds for the traits of a class in the literal's layer. */
static inline bool rule_classes_hold(const struct rule_classes *classes,
                                     const struct rule_literal *literal, uint32_t class)
{
    uint16_t trait = classes->layers[literal->layer].examples[class];
    return literal->traits[trait / 64] >> (trait % 64) & 1;
}

#endif
