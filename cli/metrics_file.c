/* A table of metrics, so that each has its help, its type and one value. */
#include "metrics_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t distance_ns = UINT64_C(1000000000);

/* One metric; counters only grow while the run goes on. */
struct metric {
    const char *name;
    const char *type;
    const char *help;
    double value;
};

static int write_metrics(FILE *out, const struct sgr_progress *now,
                         const struct progress_speed *speed)
{
    const struct metric metrics[] = {
        {"items", "gauge", "Items of this run.", (double)now->items_total},
        {"items_done", "gauge", "Items that are durable, those of earlier runs included.",
         (double)now->items_done},
        {"items_failed_total", "counter", "Items given up.", (double)now->items_failed},
        {"items_in_flight", "gauge", "Items begun and not yet written.",
         (double)now->items_in_flight},
        {"items_queued", "gauge", "Whole items that wait to be written.",
         (double)now->items_queued},
        {"items_staged", "gauge", "Written items that wait to be committed.",
         (double)now->items_staged},
        {"strips_queued", "gauge", "Strips that wait to be made.", (double)now->strips_queued},
        {"strips_needed_total", "counter", "Strips of all items begun.",
         (double)now->strips_needed},
        {"strips_made_total", "counter", "Strips composed and encoded; the rest was used again.",
         (double)now->strips_made},
        {"written_bytes_total", "counter", "Bytes of the files committed.",
         (double)now->bytes_written},
        {"images_per_second", "gauge", "Items committed a second, over ten seconds.",
         speed->images_a_second},
        {"remaining_seconds", "gauge", "Predicted time to the end; NaN while it is not known.",
         speed->seconds_left},
        {"elapsed_seconds", "gauge", "Time since the run began.", (double)now->elapsed_ns / 1e9},
        {"memory_bytes", "gauge", "Resident memory.", (double)now->memory_bytes},
        {"paused", "gauge", "1 while the run is paused.", now->state == SGR_RUN_PAUSED},
    };
    for (size_t index = 0; index < sizeof metrics / sizeof *metrics; index++) {
        const struct metric *metric = &metrics[index];
        if (fprintf(out, "# HELP serigraph_%s %s\n# TYPE serigraph_%s %s\nserigraph_%s ",
                    metric->name, metric->help, metric->name, metric->type, metric->name) < 0)
            return errno;
        if ((metric->value < 0 ? fputs("NaN\n", out) : fprintf(out, "%.16g\n", metric->value)) < 0)
            return errno;
    }
    return 0;
}

static int renew(const struct metrics_file *file, const struct sgr_progress *now,
                 const struct progress_speed *speed)
{
    char partial[PATH_MAX];
    int length = snprintf(partial, sizeof partial, "%s.partial", file->path);
    if (length < 0 || (size_t)length >= sizeof partial)
        return ENAMETOOLONG;
    FILE *out = fopen(partial, "we");
    if (!out)
        return errno;
    int reason = write_metrics(out, now, speed);
    if (fclose(out) != 0 && !reason)
        reason = errno;
    if (!reason && rename(partial, file->path) != 0)
        reason = errno;
    if (reason)
        (void)unlink(partial);
    return reason;
}

/* Renewing renames, which would put a file in the place of a device. */
static bool may_replace(const char *path)
{
    struct stat info;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode);
}

void metrics_file_update(struct metrics_file *file, const struct sgr_progress *now,
                         const struct progress_speed *speed, bool last)
{
    bool due = last || file->written_ns == 0 || now->elapsed_ns >= file->written_ns + distance_ns;
    if (!file->path || file->failed || !due)
        return;
    bool replaces = file->written_ns > 0 || may_replace(file->path);
    file->written_ns = now->elapsed_ns;
    int reason = replaces ? renew(file, now, speed) : 0;
    file->failed = !replaces || reason != 0;
    if (file->failed)
        console_warning(file->console,
                        "--metrics %s cannot be written: %s; the run goes on without", file->path,
                        replaces ? strerror(reason) : "this is no regular file");
}
