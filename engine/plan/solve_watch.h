/*
 * Finding the broken ones among many rules about three layers or more without looking at all of
 * them: each rule watches some of its terms, of which one has to hold in any row that breaks it
 * (watched literals; Moskewicz and others, "Chaff", 2001), and is looked at only where one does.
 */
#ifndef SGR_PLAN_SOLVE_WATCH_H
#define SGR_PLAN_SOLVE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct solve_tables;

/* A rule, where it is watched by its term `place`. */
struct solve_watched {
    uint32_t rule;
    uint32_t place;
};

/* Lives in the tables' arena. */
struct solve_watch {
    size_t *class_bases; /* [layer]: of its classes in `starts` */
    size_t *starts;      /* [class + 1]: where its part of `watched` begins */
    struct solve_watched *watched;
    uint32_t *others; /* rules that are always looked at */
    size_t other_count;
};

/* Makes the lists, once the tables' rules are known; false without memory. */
bool solve_watch_init(struct solve_tables *tables);

/* How many of the rules about three layers or more a row breaks. */
uint64_t solve_watch_cost(const struct solve_tables *tables, const uint16_t *row);

#endif
