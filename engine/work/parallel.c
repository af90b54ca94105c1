/* A shared counter hands out jobs in order; each thread takes the next one. */
#include "work/parallel.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/mutex.h"
#include "os/thread.h"

#include <stdatomic.h>
#include <stdint.h>

struct parallel {
    parallel_job job;
    void *context;
    size_t count;
    _Atomic size_t next;
    _Atomic bool failed;
    struct mutex mutex; /* guards the three below */
    size_t failed_index;
    enum sgr_status status;
    struct sgr_error *error;
};

struct parallel_worker {
    struct parallel *parallel;
    unsigned number;
    struct thread thread;
};

static void note_failure(struct parallel *parallel, size_t index, enum sgr_status status,
                         const struct sgr_error *error)
{
    mutex_lock(&parallel->mutex);
    if (index < parallel->failed_index) {
        parallel->failed_index = index;
        parallel->status = status;
        if (parallel->error)
            *parallel->error = *error;
    }
    mutex_unlock(&parallel->mutex);
    atomic_store(&parallel->failed, true);
}

static void work(void *context)
{
    struct parallel_worker *worker = context;
    struct parallel *parallel = worker->parallel;
    while (!atomic_load(&parallel->failed)) {
        size_t index = atomic_fetch_add(&parallel->next, 1);
        if (index >= parallel->count)
            return;
        struct sgr_error error = {SGR_OK, ""};
        enum sgr_status status = parallel->job(parallel->context, index, worker->number, &error);
        if (status != SGR_OK)
            note_failure(parallel, index, status, &error);
    }
}

enum sgr_status parallel_run(unsigned threads, size_t count, parallel_job job, void *context,
                             struct sgr_error *error)
{
    if (threads > count)
        threads = (unsigned)count;
    if (threads < 1)
        threads = 1;
    struct parallel parallel = {.job = job,
                                .context = context,
                                .count = count,
                                .failed_index = SIZE_MAX,
                                .status = SGR_OK,
                                .error = error};
    struct parallel_worker *workers = memory_allocate_zeroed(threads, sizeof *workers);
    if (!workers)
        return error_no_memory(error, "threads");
    mutex_init(&parallel.mutex);
    unsigned started = 1;
    workers[0].parallel = &parallel;
    for (; started < threads; started++) {
        workers[started].parallel = &parallel;
        workers[started].number = started;
        /* Fewer threads than asked for are slower, not wrong. */
        if (thread_start(&workers[started].thread, work, &workers[started], NULL) != SGR_OK)
            break;
    }
    work(&workers[0]);
    for (unsigned index = 1; index < started; index++)
        thread_join(&workers[index].thread);
    mutex_finish(&parallel.mutex);
    memory_free(workers);
    return parallel.status;
}
