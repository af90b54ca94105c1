/* Why counts are what they are, and what each rule did, for people and programs. */
#ifndef SGR_PUBLISH_EXPLAIN_REPORT_H
#define SGR_PUBLISH_EXPLAIN_REPORT_H

#include "base/text.h"
#include "plan/capacity.h"
#include "plan/plan_reasons.h"
#include "plan/rule_use.h"

/* What is known of a drawn plan while its rules are at hand; the plan file does not have it. */
struct explanation {
    struct capacity capacity;
    struct plan_reasons reasons;
    struct rule_use use;
};

/* Finds all of it. Start from all zero; end with explain_report_finish, also after a failure. */
enum sgr_status explain_report_find(struct explanation *explanation, const struct plan_draft *draft,
                                    const char *seed, struct sgr_error *error) SGR_MUST_USE;

/* Frees all of it. */
void explain_report_finish(struct explanation *explanation);

/* Adds lines: capacity, traits whose counts differ from what is asked, and the use of rules. */
void explain_report_text(const struct explanation *explanation, const struct collection *collection,
                         struct text *out);

/* Adds the members "capacity", "counts" and "rules" of an object. */
void explain_report_json(const struct explanation *explanation, const struct collection *collection,
                         struct text *out);

/*
 * Adds one line without its end: the traits furthest from what is asked, and whether nearer counts
 * may exist. Nothing where all counts are met.
 */
void explain_report_line(const struct plan_reasons *reasons, const struct collection *collection,
                         struct text *out);

#endif
