/* Long lists end after so many lines for people; programs get all of them. */
#include "publish/explain_report.h"

#include "publish/capacity_report.h"

enum { RULE_LINES_MAX = 100, LINE_TRAITS_MAX = 3 };

typedef unsigned long long number; /* what printf's %llu takes */

enum sgr_status explain_report_find(struct explanation *explanation, const struct plan_draft *draft,
                                    const char *seed, struct sgr_error *error)
{
    const struct capacity_options options = {
        .collection = draft->collection, .rules = &draft->collection->rules, .asked = draft->asked};
    enum sgr_status status = capacity_init(&explanation->capacity, &options, error);
    if (status == SGR_OK)
        status = plan_reasons_find(&explanation->reasons, draft, seed, error);
    if (status == SGR_OK)
        status = rule_use_count(&explanation->use, draft, seed, error);
    return status;
}

void explain_report_finish(struct explanation *explanation)
{
    capacity_finish(&explanation->capacity);
    plan_reasons_finish(&explanation->reasons);
    rule_use_finish(&explanation->use);
}

static void add_trait(const struct plan_reason *reason, const struct collection *collection,
                      struct text *out)
{
    const struct collection_layer *layer = &collection->layers[reason->layer];
    text_add_cell(out, layer->name, 0);
    text_add(out, "/");
    text_add_cell(out, layer->traits[reason->trait].name, 0);
}

static void add_reasons(const struct plan_reasons *reasons, const struct collection *collection,
                        struct text *out)
{
    if (reasons->trait_total == 0)
        return;
    text_format(out, "counts: %llu trait%s differ%s from what is asked, by %llu in sum (%s)\n",
                (number)reasons->trait_total, reasons->trait_total == 1 ? "" : "s",
                reasons->trait_total == 1 ? "s" : "", (number)reasons->deviation,
                reasons->limited ? "less was not found within the limit of work"
                                 : "no plan differs by less");
    for (size_t index = 0; index < reasons->count; index++) {
        const struct plan_reason *reason = &reasons->list[index];
        text_add(out, "  ");
        add_trait(reason, collection, out);
        text_format(out, ": %llu of %llu: ", (number)reason->planned, (number)reason->asked);
        text_add_cell(out, reason->text, 0);
        text_add(out, "\n");
    }
    if (reasons->trait_total > reasons->count)
        text_format(out, "  and %llu more\n", (number)(reasons->trait_total - reasons->count));
}

static void add_use(const struct rule_use *use, struct text *out)
{
    if (use->entry_count == 0)
        return;
    text_format(out,
                "rules: how many of %llu items each is about, and how many of %llu that are dealt "
                "without rules it would refuse\n",
                (number)use->items, (number)use->dealt);
    for (size_t index = 0; index < use->entry_count && index < RULE_LINES_MAX; index++) {
        const struct rule_use_entry *entry = &use->entries[index];
        text_format(out, "  rule %-5zu %9llu %9llu  ", entry->source + 1, (number)entry->applies,
                    (number)entry->refused);
        text_add_cell(out, entry->text, 0);
        text_add(out, "\n");
    }
    if (use->entry_count > RULE_LINES_MAX)
        text_format(out, "  and %zu more, which --json lists\n", use->entry_count - RULE_LINES_MAX);
}

void explain_report_text(const struct explanation *explanation, const struct collection *collection,
                         struct text *out)
{
    capacity_report_text(&explanation->capacity, collection, out);
    add_reasons(&explanation->reasons, collection, out);
    add_use(&explanation->use, out);
}

static void add_reasons_json(const struct plan_reasons *reasons,
                             const struct collection *collection, struct text *out)
{
    text_format(out,
                "\"counts\": {\"differing\": %llu, \"deviation\": %llu, \"least\": %s, "
                "\"reasons\": [",
                (number)reasons->trait_total, (number)reasons->deviation,
                reasons->limited ? "false" : "true");
    for (size_t index = 0; index < reasons->count; index++) {
        const struct plan_reason *reason = &reasons->list[index];
        const struct collection_layer *layer = &collection->layers[reason->layer];
        text_add(out, index ? ",\n      {\"layer\": " : "\n      {\"layer\": ");
        text_json(out, layer->name);
        text_add(out, ", \"trait\": ");
        text_json(out, layer->traits[reason->trait].name);
        text_format(out,
                    ", \"asked\": %llu, \"planned\": %llu, \"reason\": ", (number)reason->asked,
                    (number)reason->planned);
        text_json(out, reason->text);
        text_add(out, "}");
    }
    text_add(out, "]}");
}

static void add_use_json(const struct rule_use *use, struct text *out)
{
    static const char *const kinds[] = {
        [RULE_USE_TRAITS] = "traits", [RULE_USE_UNIQUE] = "unique", [RULE_USE_ORDER] = "order"};
    text_format(out, "\"rules\": {\"items\": %llu, \"dealt\": %llu, \"list\": [",
                (number)use->items, (number)use->dealt);
    for (size_t index = 0; index < use->entry_count; index++) {
        const struct rule_use_entry *entry = &use->entries[index];
        text_format(out,
                    "%s      {\"rule\": %zu, \"kind\": \"%s\", \"text\": ", index ? ",\n" : "\n",
                    entry->source + 1, kinds[entry->kind]);
        text_json(out, entry->text);
        text_format(out, ", \"applies\": %llu, \"refused\": %llu}", (number)entry->applies,
                    (number)entry->refused);
    }
    text_add(out, "]}");
}

void explain_report_json(const struct explanation *explanation, const struct collection *collection,
                         struct text *out)
{
    text_add(out, "\"capacity\": ");
    capacity_report_json(&explanation->capacity, collection, out);
    text_add(out, ",\n  ");
    add_reasons_json(&explanation->reasons, collection, out);
    text_add(out, ",\n  ");
    add_use_json(&explanation->use, out);
}

void explain_report_line(const struct plan_reasons *reasons, const struct collection *collection,
                         struct text *out)
{
    size_t shown = reasons->count < LINE_TRAITS_MAX ? reasons->count : LINE_TRAITS_MAX;
    if (shown == 0)
        return;
    text_add(out, "not all counts could be met: ");
    for (size_t index = 0; index < shown; index++) {
        const struct plan_reason *reason = &reasons->list[index];
        text_add(out, index ? ", " : "");
        add_trait(reason, collection, out);
        text_format(out, " %llu of %llu", (number)reason->planned, (number)reason->asked);
    }
    if (reasons->trait_total > shown)
        text_format(out, " and %llu more", (number)(reasons->trait_total - shown));
    text_add(out, reasons->limited
                      ? "; nearer ones may exist, but were not found within the limit of work"
                      : "; no plan is nearer in sum");
    text_add(out, "; \"serigraph plan\" with --explain tells why");
}
