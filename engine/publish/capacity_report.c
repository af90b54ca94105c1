/* Digits come from the plan's numbers; grouping and rounding are done here. */
#include "publish/capacity_report.h"

#include <string.h>

enum {
    GROUPED_DIGITS_MAX = 15, /* more are read better with an exponent */
    KEPT_DIGITS = 3,
    TRAIT_LIMBS_MAX = 16 /* digits take time in the square of these, for every trait */
};

enum rounding { ROUND_NEAREST, ROUND_DOWN, ROUND_UP };

/* Whether a number that loses the digits from `lost` on grows. */
static bool grows(const char *lost, enum rounding rounding)
{
    if (rounding == ROUND_DOWN)
        return false;
    return rounding == ROUND_UP ? strspn(lost, "0") < strlen(lost) : lost[0] >= '5';
}

/*
 * Rounds digits in place: all but the first `kept` become 0. True when it grew by a digit,
 * "100...".
 */
static bool round_digits(char *digits, size_t kept, enum rounding rounding)
{
    size_t length = strlen(digits);
    if (length <= kept)
        return false;
    bool carry = grows(digits + kept, rounding);
    memset(digits + kept, '0', length - kept);
    for (size_t at = kept; at > 0 && carry; at--) {
        carry = digits[at - 1] == '9';
        digits[at - 1] = (char)(carry ? '0' : digits[at - 1] + 1);
    }
    if (carry)
        digits[0] = '1';
    return carry;
}

/* Adds digits in groups of three. */
static void add_grouped(const char *digits, struct text *out)
{
    size_t length = strlen(digits);
    for (size_t at = 0; at < length; at++) {
        if (at > 0 && (length - at) % 3 == 0)
            text_add(out, ",");
        text_append(out, digits + at, 1);
    }
}

static void add_count(const struct natural *number, enum rounding rounding, struct text *out)
{
    struct text digits = {0};
    natural_digits(number, &digits);
    out->failed = out->failed || digits.failed;
    if (!digits.failed && digits.length <= GROUPED_DIGITS_MAX) {
        add_grouped(digits.bytes, out);
    } else if (!digits.failed) {
        size_t exponent = digits.length - 1 + round_digits(digits.bytes, KEPT_DIGITS, rounding);
        text_format(out, "%c.%.2se%zu", digits.bytes[0], digits.bytes + 1, exponent);
    }
    text_finish(&digits);
}

/* Adds thousandths as a number of three significant digits, grouped for people. */
static void add_thousandths(const struct natural *number, bool grouped, struct text *out)
{
    struct text digits = {0};
    natural_digits(number, &digits);
    out->failed = out->failed || digits.failed;
    if (digits.failed) {
        text_finish(&digits);
        return;
    }
    bool grew = round_digits(digits.bytes, KEPT_DIGITS, ROUND_NEAREST);
    size_t length = digits.length + grew;
    if (grew)
        text_add(&digits, "0");
    if (digits.failed) {
        out->failed = true;
    } else if (length - 3 > GROUPED_DIGITS_MAX) {
        text_format(out, "%c.%.2se%zu", digits.bytes[0], digits.bytes + 1, length - 4);
    } else {
        size_t whole = length - 3;
        char fraction[4] = "";
        memcpy(fraction, digits.bytes + whole, 3);
        digits.bytes[whole] = '\0';
        if (grouped)
            add_grouped(digits.bytes, out);
        else
            text_add(out, digits.bytes);
        size_t shown = whole < KEPT_DIGITS ? KEPT_DIGITS - whole : 0;
        if (shown > 0)
            text_format(out, ".%.*s", (int)shown, fraction);
    }
    text_finish(&digits);
}

static void add_number(const struct capacity_number *number, struct text *out)
{
    if (capacity_number_is_exact(number)) {
        add_count(&number->least, ROUND_NEAREST, out);
        return;
    }
    text_add(out, "at least ");
    add_count(&number->least, ROUND_DOWN, out);
    text_add(out, " and at most ");
    add_count(&number->most, ROUND_UP, out);
}

static bool is_one(const struct capacity_number *number)
{
    return capacity_number_is_exact(number) && natural_saturated(&number->least) == 1;
}

static void add_rules(const char *const *rules, size_t count, struct text *out)
{
    for (size_t rule = 0; rule < count; rule++) {
        text_add(out, rule ? "; " : ": ");
        text_add_cell(out, rules[rule], 0);
    }
}

static void add_barred(const struct capacity *capacity, const struct collection *collection,
                       struct text *out)
{
    for (size_t index = 0; index < capacity->barred_count; index++) {
        const struct capacity_barred *barred = &capacity->barred[index];
        const struct collection_layer *layer = &collection->layers[barred->layer];
        text_add(out, "warning: no valid recipe has ");
        text_add_cell(out, layer->name, 0);
        text_add(out, "/");
        text_add_cell(out, layer->traits[barred->trait].name, 0);
        add_rules(barred->rules, barred->rule_count, out);
        text_add(out, "\n");
    }
    if (capacity->barred_total > capacity->barred_count)
        text_format(out, "warning: no valid recipe has %llu more traits\n",
                    (unsigned long long)(capacity->barred_total - capacity->barred_count));
}

void capacity_report_text(const struct capacity *capacity, const struct collection *collection,
                          struct text *out)
{
    text_add(out, "capacity: ");
    if (capacity->recipes.most.count == 0) {
        text_add(out, "no valid recipe");
        add_rules(capacity->conflict, capacity->conflict_count, out);
    } else if (capacity->repeats) {
        text_add(out, "items may repeat, as no layer has to differ");
    } else {
        add_number(&capacity->recipes, out);
        text_add(out, is_one(&capacity->recipes) ? " valid recipe" : " valid recipes");
    }
    if (capacity->effective_known) {
        text_add(out, " (");
        add_thousandths(&capacity->effective_thousandths, true, out);
        text_add(out, " effective under the weights)");
    }
    text_add(out, "\n");
    for (size_t index = 0; index < capacity->unique_count; index++) {
        const struct capacity_unique *unique = &capacity->uniques[index];
        text_add_cell(out, unique->text, 0);
        text_add(out, ": ");
        add_number(&unique->combinations, out);
        text_add(out, is_one(&unique->combinations) ? " combination" : " combinations");
        text_add(out, unique->partial ? ", so no more items of groups with all these layers\n"
                                      : ", so no more items than that\n");
    }
    add_barred(capacity, collection, out);
}

static void add_digits_json(const struct natural *number, struct text *out)
{
    text_add(out, "\"");
    natural_digits(number, out);
    text_add(out, "\"");
}

static void add_number_json(const char *name, const struct capacity_number *number,
                            struct text *out)
{
    bool exact = capacity_number_is_exact(number);
    text_format(out, "\"%s%s\": ", name, exact ? "" : "_at_least");
    add_digits_json(&number->least, out);
    if (exact)
        return;
    text_format(out, ", \"%s_at_most\": ", name);
    add_digits_json(&number->most, out);
}

static void add_rules_json(const char *const *rules, size_t count, struct text *out)
{
    text_add(out, "[");
    for (size_t rule = 0; rule < count; rule++) {
        text_add(out, rule ? ", " : "");
        text_json(out, rules[rule]);
    }
    text_add(out, "]");
}

static void add_barred_json(const struct capacity *capacity, const struct collection *collection,
                            struct text *out)
{
    text_format(out, "\"unreachable_traits\": %llu,\n    \"unreachable\": [",
                (unsigned long long)capacity->barred_total);
    for (size_t index = 0; index < capacity->barred_count; index++) {
        const struct capacity_barred *barred = &capacity->barred[index];
        const struct collection_layer *layer = &collection->layers[barred->layer];
        text_add(out, index ? ",\n      {\"layer\": " : "\n      {\"layer\": ");
        text_json(out, layer->name);
        text_add(out, ", \"trait\": ");
        text_json(out, layer->traits[barred->trait].name);
        text_add(out, ", \"rules\": ");
        add_rules_json(barred->rules, barred->rule_count, out);
        text_add(out, "}");
    }
    text_add(out, "]");
}

void capacity_report_json(const struct capacity *capacity, const struct collection *collection,
                          struct text *out)
{
    uint64_t most = capacity_items_max(capacity);
    text_add(out, "{\n    ");
    add_number_json("recipes", &capacity->recipes, out);
    text_format(out, ",\n    \"items_may_repeat\": %s,\n    \"effective\": ",
                capacity->repeats ? "true" : "false");
    if (capacity->effective_known) {
        text_add(out, "\"");
        add_thousandths(&capacity->effective_thousandths, false, out);
        text_add(out, "\"");
    } else {
        text_add(out, "null");
    }
    if (most == UINT64_MAX)
        text_add(out, ",\n    \"items_at_most\": null");
    else
        text_format(out, ",\n    \"items_at_most\": \"%llu\"", (unsigned long long)most);
    text_add(out, ",\n    \"unique\": [");
    for (size_t index = 0; index < capacity->unique_count; index++) {
        text_add(out, index ? ",\n      {\"rule\": " : "\n      {\"rule\": ");
        text_json(out, capacity->uniques[index].text);
        text_add(out, ", ");
        add_number_json("combinations", &capacity->uniques[index].combinations, out);
        text_add(out, "}");
    }
    text_add(out, "],\n    \"conflict\": ");
    add_rules_json(capacity->conflict, capacity->conflict_count, out);
    text_add(out, ",\n    ");
    add_barred_json(capacity, collection, out);
    text_add(out, "\n  }");
}

void capacity_report_trait(const struct capacity *capacity, size_t layer, size_t trait,
                           struct text *out)
{
    struct capacity_number number = {.least = {.limbs = NULL}};
    bool fits = capacity_trait(capacity, layer, trait, &number);
    text_add(out, ", ");
    if (fits && number.most.count <= TRAIT_LIMBS_MAX)
        add_number_json("recipes", &number, out);
    else if (fits)
        text_add(out, number.least.count > 0 ? "\"reachable\": true" : "\"reachable\": null");
    out->failed = out->failed || !fits;
    capacity_number_finish(&number);
}
