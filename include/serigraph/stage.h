/* The stages of a run, and what is measured of each. */
#ifndef SERIGRAPH_STAGE_H
#define SERIGRAPH_STAGE_H

#include <serigraph/status.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every stage, in the order of a run: enumerator and name.
 *   read      decode pictures into sprites
 *   plan      decide every item
 *   schedule  work out an item's strips and look them up; one thread
 *   compose   draw a strip; workers, or threads of its own that do so by batches
 *   encode    compress a strip; workers
 *   assemble  join an item's fragments to a file's pieces; workers
 *   digest    SHA-256 of a file, image or metadata; workers
 *   write     open and write a file; workers
 *   commit    sync and rename a batch's files, add its rows; one thread
 */
#define SGR_STAGE_LIST(X)                                                                          \
    X(SGR_STAGE_READ, "read")                                                                      \
    X(SGR_STAGE_PLAN, "plan")                                                                      \
    X(SGR_STAGE_SCHEDULE, "schedule")                                                              \
    X(SGR_STAGE_COMPOSE, "compose")                                                                \
    X(SGR_STAGE_ENCODE, "encode")                                                                  \
    X(SGR_STAGE_ASSEMBLE, "assemble")                                                              \
    X(SGR_STAGE_DIGEST, "digest")                                                                  \
    X(SGR_STAGE_WRITE, "write")                                                                    \
    X(SGR_STAGE_COMMIT, "commit")

/* A stage; SGR_STAGE_TOTAL is how many there are. */
enum sgr_stage {
#define SGR_STAGE_ENUMERATOR(name, text) name,
    SGR_STAGE_LIST(SGR_STAGE_ENUMERATOR)
#undef SGR_STAGE_ENUMERATOR
        SGR_STAGE_TOTAL
};

/*
 * What was measured of one stage, all its threads together, by the wall clock: on a machine with
 * more threads than free cores it also holds the time that they stood in line for one.
 */
struct sgr_stage_metrics {
    uint64_t busy_ns; /* working */
    /*
     * Waiting: schedule for an item in flight to end, compose for work (all of the workers' waiting
     * for work counts there, but with encode where batches are composed), write for room behind it,
     * commit for items.
     */
    uint64_t wait_ns;
    uint64_t
        queue_ns; /* lying in the queue before it: strips, composed ones, whole or written items */
    uint64_t queue_max; /* the most that lay there at once */
    uint64_t count;     /* pictures, plans, items, strips or files that went through it */
    uint64_t bytes;     /* what it made or took in; 0 where that says nothing */
};

/* A stage's name, for ever; never NULL. */
SGR_API const char *sgr_stage_name(enum sgr_stage stage);

#ifdef __cplusplus
}
#endif

#endif
