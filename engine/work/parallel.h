/* Many independent jobs on all threads: decoding pictures, checking digests. */
#ifndef SGR_WORK_PARALLEL_H
#define SGR_WORK_PARALLEL_H

#include <serigraph/status.h>

#include <stddef.h>

/*
 * One job: `index` counts the jobs, `worker` (0..threads-1) tells whose scratch to use. Called on
 * several threads at once.
 */
typedef enum sgr_status (*parallel_job)(void *context, size_t index, unsigned worker,
                                        struct sgr_error *error);

/*
 * Runs jobs 0..count-1 on up to `threads` threads, the calling one included, and waits for them.
 * After the first failure no new job starts; the failure of the lowest index is returned, so that
 * the message does not depend on luck.
 */
enum sgr_status parallel_run(unsigned threads, size_t count, parallel_job job, void *context,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
