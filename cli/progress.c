/*
 * Rates come from a window of about ten seconds: items are committed in batches, so a shorter one
 * jumps, and a run speeds up as strips are found again, so the mean since the start is too low.
 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEXT_MAX = 200, PIECE_MAX = 32 };

static const uint64_t second_ns = UINT64_C(1000000000);
static const uint64_t sample_distance_ns = UINT64_C(320000000);
static const uint64_t plain_distance_ns = UINT64_C(10000000000);

void progress_init(struct progress *progress, struct console *console)
{
    *progress = (struct progress){.console = console};
    /* The first sample is the start itself. */
    progress->sample_count = 1;
    progress->sample_next = 1;
}

static void add_sample(struct progress *progress, struct progress_sample sample)
{
    const struct progress_sample *newest =
        &progress->samples[(progress->sample_next + PROGRESS_SAMPLES - 1) % PROGRESS_SAMPLES];
    if (sample.elapsed_ns < newest->elapsed_ns + sample_distance_ns)
        return;
    progress->samples[progress->sample_next] = sample;
    progress->sample_next = (progress->sample_next + 1) % PROGRESS_SAMPLES;
    if (progress->sample_count < PROGRESS_SAMPLES)
        progress->sample_count++;
}

static const struct progress_sample *oldest_sample(const struct progress *progress)
{
    unsigned full = progress->sample_count == PROGRESS_SAMPLES;
    return &progress->samples[full ? progress->sample_next : 0];
}

static void format_bytes(char piece[PIECE_MAX], double bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    bytes /= 1000;
    for (; bytes >= 1000 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1000;
    (void)snprintf(piece, PIECE_MAX, "%.*f %s", bytes < 10 ? 1 : 0, bytes, units[unit]);
}

static void format_remaining(char piece[PIECE_MAX], double seconds)
{
    if (seconds > 99.0 * 3600) {
        (void)snprintf(piece, PIECE_MAX, "%.0f days", seconds / 86400);
        return;
    }
    unsigned whole = (unsigned)(seconds + 0.5);
    if (whole >= 3600)
        (void)snprintf(piece, PIECE_MAX, "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
    else
        (void)snprintf(piece, PIECE_MAX, "%u:%02u", whole / 60, whole % 60);
}

static void format_text(char text[TEXT_MAX], const struct sgr_progress *now,
                        const struct progress_sample *since, uint64_t items_made)
{
    char rate_text[PIECE_MAX] = "-";
    char remaining_text[PIECE_MAX] = "-";
    char written_text[PIECE_MAX];
    double seconds = (double)(now->elapsed_ns - since->elapsed_ns) / (double)second_ns;
    double rate = seconds > 0 ? (double)(items_made - since->items_made) / seconds : 0;
    if (rate > 0) {
        uint64_t left = now->items_total > now->items_done ? now->items_total - now->items_done : 0;
        (void)snprintf(rate_text, sizeof rate_text, "%.*f", rate < 10 ? 1 : 0, rate);
        format_remaining(remaining_text, (double)left / rate);
    }
    format_bytes(written_text, (double)now->bytes_written);
    double share = now->items_total ? (double)now->items_done / (double)now->items_total : 1;
    double reuse = 0;
    if (now->strips_needed > now->strips_made)
        reuse = 1 - (double)now->strips_made / (double)now->strips_needed;
    (void)snprintf(text, TEXT_MAX,
                   "%" PRIu64 "/%" PRIu64 " items (%.0f%%)  %s images/s  ETA %s  %s written  "
                   "reuse %.1f%%",
                   now->items_done, now->items_total, share * 100, rate_text, remaining_text,
                   written_text, reuse * 100);
}

void progress_update(void *context, const struct sgr_progress *now)
{
    struct progress *progress = context;
    if (progress->console->options.quiet)
        return;
    uint64_t items_made =
        now->items_done > now->items_found ? now->items_done - now->items_found : 0;
    add_sample(progress,
               (struct progress_sample){.elapsed_ns = now->elapsed_ns, .items_made = items_made});
    char text[TEXT_MAX];
    bool plain_due = now->elapsed_ns >= progress->plain_line_ns + plain_distance_ns;
    if (!progress->console->live && !plain_due)
        return;
    format_text(text, now, oldest_sample(progress), items_made);
    if (progress->console->live) {
        console_show_status(progress->console, text);
        return;
    }
    progress->plain_line_ns = now->elapsed_ns;
    console_notice(progress->console, "%s", text);
}
