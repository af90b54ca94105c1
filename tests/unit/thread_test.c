/* Threads, locks, conditions, parallel jobs, and what the machine says of itself. */
#include "os/condition.h"
#include "os/machine.h"
#include "os/mutex.h"
#include "os/thread.h"

#include "base/error.h"
#include "base/memory.h"
#include "work/cancel.h"
#include "work/parallel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct shared {
    struct mutex mutex;
    struct condition condition;
    uint64_t count;
    bool go;
    bool signals_blocked;
};

static void shared_init(struct shared *shared)
{
    *shared = (struct shared){.count = 0};
    mutex_init(&shared->mutex);
    condition_init(&shared->condition);
}

static void shared_finish(struct shared *shared)
{
    condition_finish(&shared->condition);
    mutex_finish(&shared->mutex);
}

static void add_many(void *context)
{
    struct shared *shared = context;
    for (int index = 0; index < 20000; index++) {
        mutex_lock(&shared->mutex);
        shared->count++;
        mutex_unlock(&shared->mutex);
    }
}

static void a_lock_lets_one_in_at_a_time(void **state)
{
    (void)state;
    struct shared shared;
    struct thread threads[4];
    shared_init(&shared);
    for (int index = 0; index < 4; index++)
        assert_int_equal(thread_start(&threads[index], add_many, &shared, NULL), SGR_OK);
    for (int index = 0; index < 4; index++)
        thread_join(&threads[index]);
    assert_int_equal(shared.count, 80000);
    shared_finish(&shared);
}

static void wait_for_go(void *context)
{
    struct shared *shared = context;
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    mutex_lock(&shared->mutex);
    shared->signals_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
    while (!shared->go)
        condition_wait(&shared->condition, &shared->mutex);
    shared->count++;
    condition_broadcast(&shared->condition);
    mutex_unlock(&shared->mutex);
}

static void a_broadcast_wakes_all_and_signals_stay_away(void **state)
{
    (void)state;
    struct shared shared;
    struct thread threads[3];
    sigset_t before;
    sigset_t after;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    shared_init(&shared);
    for (int index = 0; index < 3; index++)
        assert_int_equal(thread_start(&threads[index], wait_for_go, &shared, NULL), SGR_OK);
    mutex_lock(&shared.mutex);
    shared.go = true;
    condition_broadcast(&shared.condition);
    while (shared.count < 3)
        (void)condition_wait_ms(&shared.condition, &shared.mutex, 10000);
    mutex_unlock(&shared.mutex);
    for (int index = 0; index < 3; index++)
        thread_join(&threads[index]);
    assert_true(shared.signals_blocked);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
    shared_finish(&shared);
}

static void waiting_ends_with_the_time(void **state)
{
    (void)state;
    struct shared shared;
    shared_init(&shared);
    mutex_lock(&shared.mutex);
    uint64_t start = machine_now_ns();
    while (condition_wait_ms(&shared.condition, &shared.mutex, 3)) {
    }
    assert_true(machine_now_ns() - start >= 2900000);
    while (condition_wait_ms(&shared.condition, &shared.mutex, 0)) {
    }
    mutex_unlock(&shared.mutex);
    shared_finish(&shared);
}

enum { JOBS = 5000 };

struct work {
    _Atomic unsigned runs[JOBS];
    _Atomic unsigned worker_busy[64];
    unsigned threads;
    size_t fail_from; /* jobs from here on fail */
    _Atomic size_t ran;
};

static enum sgr_status do_job(void *context, size_t index, unsigned worker, struct sgr_error *error)
{
    struct work *work = context;
    bool wrong = worker >= work->threads || atomic_exchange(&work->worker_busy[worker], 1) != 0;
    atomic_fetch_add(&work->runs[index], 1);
    atomic_fetch_add(&work->ran, 1);
    atomic_store(&work->worker_busy[worker], 0);
    if (wrong)
        return error_set(error, SGR_INTERNAL, "worker %u", worker);
    return index >= work->fail_from ? error_set(error, SGR_INPUT, "job %zu", index) : SGR_OK;
}

static void every_job_runs_once_with_a_worker_of_its_own(void **state)
{
    (void)state;
    static const unsigned threads[] = {0, 1, 2, 3, 8, 64};
    for (size_t index = 0; index < sizeof threads / sizeof *threads; index++) {
        static struct work work;
        memset(&work, 0, sizeof work);
        work.threads = threads[index] ? threads[index] : 1;
        work.fail_from = SIZE_MAX;
        struct sgr_error error = {SGR_OK, ""};
        if (parallel_run(threads[index], JOBS, do_job, &work, &error) != SGR_OK)
            fail_msg("%s", error.text);
        for (size_t job = 0; job < JOBS; job++)
            assert_int_equal(work.runs[job], 1);
    }
    assert_int_equal(parallel_run(4, 0, do_job, NULL, NULL), SGR_OK);
}

static void the_failure_of_the_lowest_job_is_told(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        static struct work work;
        memset(&work, 0, sizeof work);
        work.threads = 8;
        work.fail_from = (size_t)round;
        struct sgr_error error = {SGR_OK, ""};
        char expected[32];
        snprintf(expected, sizeof expected, "job %d", round);
        assert_int_equal(parallel_run(8, JOBS, do_job, &work, &error), SGR_INPUT);
        assert_string_equal(error.text, expected);
        assert_true(work.ran <= (size_t)round + 8);
    }
    static struct work work;
    memset(&work, 0, sizeof work);
    work.threads = 2;
    assert_int_equal(parallel_run(2, 3, do_job, &work, NULL), SGR_INPUT);
    struct sgr_error error;
    memory_fail_after(1, false);
    assert_int_equal(parallel_run(2, 3, do_job, &work, &error), SGR_NO_MEMORY);
    memory_fail_after(0, false);
}

static void a_flag_asks_until_it_is_taken_back(void **state)
{
    (void)state;
    struct sgr_cancel flag = {0};
    assert_int_equal(cancel_status(NULL), SGR_OK);
    assert_int_equal(cancel_status(&flag), SGR_OK);
    sgr_cancel_request(&flag, SGR_INTERRUPTED);
    assert_int_equal(cancel_status(&flag), SGR_INTERRUPTED);
    sgr_cancel_request(&flag, SGR_STOPPED);
    assert_int_equal(cancel_status(&flag), SGR_STOPPED);
    sgr_cancel_request(&flag, SGR_OK);
    assert_int_equal(cancel_status(&flag), SGR_OK);
    sgr_cancel_request(NULL, SGR_STOPPED);
    assert_non_null(sgr_cancel_shared());
    assert_ptr_equal(sgr_cancel_shared(), sgr_cancel_shared());
}

static void the_machine_is_sane(void **state)
{
    (void)state;
    uint64_t last = machine_now_ns();
    for (int index = 0; index < 1000; index++) {
        uint64_t now = machine_now_ns();
        assert_true(now >= last);
        last = now;
    }
    assert_in_range(machine_core_count(), 1, 100000);
    assert_true(machine_memory_bytes() > UINT64_C(1) << 24);
    uint64_t peak = machine_peak_memory_bytes();
    assert_true(peak > 100000 && peak < UINT64_C(1) << 46);
    enum { GROWTH = 32 << 20 };
    char *memory = memory_allocate(GROWTH, 1);
    assert_non_null(memory);
    for (size_t at = 0; at < GROWTH; at += 512)
        ((volatile char *)memory)[at] = 1;
    assert_true(machine_peak_memory_bytes() >= GROWTH);
    assert_true(machine_peak_memory_bytes() >= peak);
    memory_free(memory);
    (void)machine_has_avx2();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lock_lets_one_in_at_a_time),
        cmocka_unit_test(a_broadcast_wakes_all_and_signals_stay_away),
        cmocka_unit_test(waiting_ends_with_the_time),
        cmocka_unit_test(every_job_runs_once_with_a_worker_of_its_own),
        cmocka_unit_test(the_failure_of_the_lowest_job_is_told),
        cmocka_unit_test(a_flag_asks_until_it_is_taken_back),
        cmocka_unit_test(the_machine_is_sane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
