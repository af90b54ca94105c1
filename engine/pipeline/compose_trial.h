/*
 * Whether composing by batches pays: the same strips composed and encoded by one worker, and
 * composed by a batch composer. The answer decides speed, never a byte.
 */
#ifndef SGR_PIPELINE_COMPOSE_TRIAL_H
#define SGR_PIPELINE_COMPOSE_TRIAL_H

#include "compose/batch.h"
#include "pipeline/strip_maker.h"
#include "pipeline/strip_sample.h"

/* What the strips of a sample took, in nanoseconds for all of them. */
struct compose_trial {
    uint64_t strips;
    uint64_t compose_ns; /* on the CPU, one thread */
    uint64_t encode_ns;  /* the same */
    uint64_t batch_ns;   /* from the first submission until all pixels were there */
};

/* Times the CPU; the maker is any worker's. */
enum sgr_status compose_trial_cpu(struct compose_trial *trial, const struct strip_sample *sample,
                                  struct strip_maker *maker, struct sgr_error *error) SGR_MUST_USE;

/* Times a batch composer, on the calling thread; nobody else uses it meanwhile. */
enum sgr_status compose_trial_batch(struct compose_trial *trial, const struct strip_sample *sample,
                                    struct batch_composer *composer,
                                    struct sgr_error *error) SGR_MUST_USE;

/*
 * Whether `threads` workers that only encode, beside a composer that goes on with its batches, make
 * strips faster by a twentieth or more than workers that do both.
 */
bool compose_trial_pays(const struct compose_trial *trial, unsigned threads);

#endif
