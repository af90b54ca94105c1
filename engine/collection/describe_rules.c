/*
 * The words are made from what is kept, not from what was written, so that they show what the
 * planner will do. Long lists of traits are cut: ten thousand rules may name a whole layer each.
 */
#include "collection/describe_rules.h"

enum { WORDS_TRAITS_MAX = 6, JSON_TRAITS_MAX = 32 };

/* A literal, counted. */
struct literal_view {
    const struct collection_layer *layer;
    const uint64_t *bits;
    size_t count;
    size_t first;
    bool has_absent; /* the layer's absent trait is among them, or the layer has none */
};

static bool has_trait(const uint64_t *bits, size_t trait)
{
    return bits[trait / 64] >> (trait % 64) & 1;
}

static struct literal_view view_literal(const struct collection *collection,
                                        const struct rule_literal *literal)
{
    const struct collection_layer *layer = &collection->layers[literal->layer];
    struct literal_view view = {layer, literal->traits, 0, 0, true};
    for (size_t index = layer->trait_count; index-- > 0;) {
        bool has = has_trait(literal->traits, index);
        view.count += has;
        view.first = has ? index : view.first;
        if (layer->traits[index].none)
            view.has_absent = has;
    }
    return view;
}

static void add_literal(const struct collection *collection, const struct rule_literal *literal,
                        struct text *out)
{
    struct literal_view view = view_literal(collection, literal);
    size_t shown = 0;
    text_add_cell(out, view.layer->name, 0);
    if (view.count == view.layer->trait_count && view.count > 1) {
        text_add(out, "/(any)");
        return;
    }
    if (view.count + 1 == view.layer->trait_count && view.count > 1 && !view.has_absent) {
        text_add(out, "/*");
        return;
    }
    if (view.count == 0) {
        text_add(out, "/None, which does not occur");
        return;
    }
    text_add(out, view.count > 1 ? "/(" : "/");
    for (size_t index = view.first; index < view.layer->trait_count && shown < WORDS_TRAITS_MAX;
         index++) {
        if (!has_trait(view.bits, index))
            continue;
        text_add(out, shown++ ? ", " : "");
        text_add_cell(out, view.layer->traits[index].name, 0);
    }
    if (view.count > shown)
        text_format(out, " and %zu more", view.count - shown);
    text_add(out, view.count > 1 ? ")" : "");
}

static void add_literals(const struct collection *collection, const struct rule_literal *literals,
                         size_t count, const char *between, struct text *out)
{
    for (size_t index = 0; index < count; index++) {
        text_add(out, index ? between : "");
        add_literal(collection, &literals[index], out);
    }
}

static void add_bounds(const struct rule *rule, struct text *out)
{
    size_t count = rule->literal_count;
    if (rule->at_least == 0 && rule->at_most + 1 == count)
        text_add(out, count == 2 ? "never together: " : "never all together: ");
    else if (rule->at_least == rule->at_most)
        text_format(out, "exactly %u of: ", rule->at_least);
    else if (rule->at_least == 0)
        text_format(out, "at most %u of: ", rule->at_most);
    else if (rule->at_most >= count)
        text_format(out, "at least %u of: ", rule->at_least);
    else
        text_format(out, "%u to %u of: ", rule->at_least, rule->at_most);
}

static void add_rule_words(const struct collection *collection, const struct rule *rule,
                           struct text *out)
{
    if (rule->condition_count) {
        text_add(out, "items with ");
        add_literals(collection, rule->conditions, rule->condition_count, " or ", out);
        text_add(out, " have ");
    }
    if (rule->condition_count && rule->at_least == rule->literal_count) {
        add_literals(collection, rule->literals, rule->literal_count, " and ", out);
        return;
    }
    add_bounds(rule, out);
    add_literals(collection, rule->literals, rule->literal_count, "; ", out);
}

static void add_unique_words(const struct collection *collection, const struct rule_unique *unique,
                             struct text *out)
{
    text_add(out, "no two items have the same ");
    for (size_t index = 0; index < unique->layer_count; index++) {
        text_add(out, index ? " and " : "");
        text_add_cell(out, collection->layers[unique->layers[index]].name, 0);
    }
    text_add(out, unique->layer_count > 1 ? " together" : "");
}

static void add_order_words(const struct collection *collection, const struct rule_order *order,
                            struct text *out)
{
    text_add_cell(out, collection->layers[order->layer].name, 0);
    text_add(out, order->above ? " is drawn right above " : " is drawn right below ");
    text_add_cell(out, collection->layers[order->other].name, 0);
    if (order->condition_count) {
        text_add(out, " in items with ");
        add_literals(collection, order->conditions, order->condition_count, " or ", out);
    }
}

/* One of the three kinds; the others are NULL. */
struct rule_view {
    const struct rule *rule;
    const struct rule_unique *unique;
    const struct rule_order *order;
    const char *text;
    size_t source;
};

/* The rule number `index` of all, the kinds one after the other. */
static struct rule_view view_rule(const struct rules *rules, size_t index)
{
    if (index < rules->rule_count) {
        const struct rule *rule = &rules->rules[index];
        return (struct rule_view){rule, NULL, NULL, rule->text, rule->source};
    }
    index -= rules->rule_count;
    if (index < rules->unique_count) {
        const struct rule_unique *unique = &rules->uniques[index];
        return (struct rule_view){NULL, unique, NULL, unique->text, unique->source};
    }
    const struct rule_order *order = &rules->orders[index - rules->unique_count];
    return (struct rule_view){NULL, NULL, order, order->text, order->source};
}

static size_t count_rules(const struct rules *rules)
{
    return rules->rule_count + rules->unique_count + rules->order_count;
}

static void add_words(const struct collection *collection, const struct rule_view *view,
                      struct text *out)
{
    if (view->rule)
        add_rule_words(collection, view->rule, out);
    else if (view->unique)
        add_unique_words(collection, view->unique, out);
    else
        add_order_words(collection, view->order, out);
}

void describe_rules_text(const struct collection *collection, struct text *out)
{
    size_t count = count_rules(&collection->rules);
    size_t last = RULES_NONE;
    for (size_t index = 0; index < count; index++) {
        struct rule_view view = view_rule(&collection->rules, index);
        if (view.source == RULES_NONE) /* what groups mean, which is told with them */
            continue;
        if (last == RULES_NONE)
            text_add(out, "\nRules:\n");
        if (view.source != last) {
            text_format(out, "  rules[%zu] ", view.source);
            text_add_cell(out, view.text, 0);
            text_add(out, "\n");
        }
        last = view.source;
        text_add(out, "    ");
        add_words(collection, &view, out);
        text_add(out, "\n");
    }
}

static void add_json_literals(const struct collection *collection, const char *key,
                              const struct rule_literal *literals, size_t count, struct text *out)
{
    text_format(out, ", \"%s\": [", key);
    for (size_t index = 0; index < count; index++) {
        struct literal_view view = view_literal(collection, &literals[index]);
        size_t shown = 0;
        text_add(out, index ? ", {\"layer\": " : "{\"layer\": ");
        text_json(out, view.layer->name);
        text_format(out, ", \"trait_count\": %zu, \"traits\": [", view.count);
        for (size_t trait = view.first; trait < view.layer->trait_count && shown < JSON_TRAITS_MAX;
             trait++) {
            if (!has_trait(view.bits, trait))
                continue;
            text_add(out, shown++ ? ", " : "");
            text_json(out, view.layer->traits[trait].name);
        }
        text_add(out, "]}");
    }
    text_add(out, "]");
}

static void add_json_rule(const struct collection *collection, const struct rule_view *view,
                          struct text *out)
{
    if (view->rule) {
        const struct rule *rule = view->rule;
        text_add(out, ", \"kind\": \"traits\"");
        add_json_literals(collection, "if", rule->conditions, rule->condition_count, out);
        text_format(out, ", \"at_least\": %u, \"at_most\": %u", rule->at_least, rule->at_most);
        add_json_literals(collection, "of", rule->literals, rule->literal_count, out);
    } else if (view->unique) {
        text_add(out, ", \"kind\": \"unique\", \"layers\": [");
        for (size_t index = 0; index < view->unique->layer_count; index++) {
            text_add(out, index ? ", " : "");
            text_json(out, collection->layers[view->unique->layers[index]].name);
        }
        text_add(out, "]");
    } else {
        const struct rule_order *order = view->order;
        text_add(out, ", \"kind\": \"order\"");
        add_json_literals(collection, "if", order->conditions, order->condition_count, out);
        text_add(out, ", \"layer\": ");
        text_json(out, collection->layers[order->layer].name);
        text_format(out, ", \"place\": \"%s\", \"other\": ", order->above ? "above" : "below");
        text_json(out, collection->layers[order->other].name);
    }
}

void describe_rules_json(const struct collection *collection, struct text *out)
{
    size_t count = count_rules(&collection->rules);
    size_t shown = 0;
    struct text words = {0};
    text_add(out, "[");
    for (size_t index = 0; index < count; index++) {
        struct rule_view view = view_rule(&collection->rules, index);
        if (view.source == RULES_NONE)
            continue;
        text_clear(&words);
        add_words(collection, &view, &words);
        text_format(out, "%s{\"source\": %zu, \"text\": ", shown++ ? ",\n    " : "\n    ",
                    view.source);
        text_json(out, view.text);
        text_add(out, ", \"words\": ");
        text_json(out, words.failed ? "" : words.bytes);
        add_json_rule(collection, &view, out);
        text_add(out, "}");
    }
    out->failed |= words.failed;
    text_add(out, shown ? "\n  ]" : "]");
    text_finish(&words);
}
