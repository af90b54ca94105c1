/*
 * The order in which a run makes its items. Neighbours shall share strips, so that few encoded
 * strips need to be kept: windows of the plan are sorted by the items' traits, layers that split
 * few bands first. The schedule also looks some items ahead, and so tells which strips will be
 * needed again. It never decides a byte. One thread at a time.
 */
#ifndef SGR_PIPELINE_SCHEDULE_H
#define SGR_PIPELINE_SCHEDULE_H

#include "pipeline/selection.h"
#include "pipeline/visibility.h"

/* What a schedule is made from; everything is borrowed. */
struct schedule_source {
    struct plan *plan; /* its window is the schedule's as long as that lives */
    const struct sprite_set *sprites;
    struct visibility *visibility;
    size_t band_count;
    const struct selection *wanted;
    const struct selection *done; /* of these, the ones that are left out; NULL: none */
    uint64_t memory_bytes;        /* that the schedule may take, as far as that goes */
    bool plain;                   /* in the plan's order, without looking ahead */
};

struct schedule;

/*
 * Chooses the order from a sample. An item of one band shares a strip with no neighbour but its
 * twin, so such canvases get a plain schedule. SGR_INPUT when the plan's file is damaged.
 */
enum sgr_status schedule_create(const struct schedule_source *source,
                                struct schedule **out_schedule,
                                struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *schedule to NULL; the plan's window is one block again. */
void schedule_destroy(struct schedule **schedule);

/* The bytes that it takes. */
uint64_t schedule_memory(const struct schedule *schedule);

/* The most keys that are known ahead of their items; 0 for a plain schedule. */
size_t schedule_ahead_max(const struct schedule *schedule);

/*
 * Looks a few items further ahead. *out_keys are the *out_count (may be 0) keys that are new, good
 * until the next call. To be called before every schedule_next.
 */
enum sgr_status schedule_look(struct schedule *schedule, const struct hash128 **out_keys,
                              size_t *out_count, struct sgr_error *error) SGR_MUST_USE;

/* Whether every key that will be needed has been told. */
bool schedule_has_told_all(const struct schedule *schedule);

/*
 * The next item's index in the plan, and its keys [band_count], good until the next schedule_look;
 * NULL in a plain schedule. False at the end.
 */
bool schedule_next(struct schedule *schedule, uint64_t *out_index, const struct hash128 **out_keys);

/* The key of every band of an item, with `stack` and `*parts` [*capacity] for scratch. */
struct schedule_scratch {
    struct stack stack;
    struct compose_part *parts;
    size_t capacity;
};

/* Works out the keys [band_count] of an item. */
enum sgr_status schedule_keys(const struct schedule_source *source,
                              struct schedule_scratch *scratch, const struct plan_item *item,
                              struct hash128 *keys, struct sgr_error *error) SGR_MUST_USE;

/* Frees the scratch memory. */
void schedule_scratch_finish(struct schedule_scratch *scratch);

#endif
