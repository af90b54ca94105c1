/* One line, as wide as a terminal shows. */
#include "progress_text.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEXT_MAX = 200, PIECE_MAX = 32 };

static const uint64_t plain_distance_ns = UINT64_C(10000000000);

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
                        const struct progress_speed *speed)
{
    char rate_text[PIECE_MAX] = "-";
    char remaining_text[PIECE_MAX] = "-";
    char written_text[PIECE_MAX];
    char failed_text[PIECE_MAX] = "";
    double rate = speed->images_a_second;
    if (rate > 0) {
        (void)snprintf(rate_text, sizeof rate_text, "%.*f", rate < 10 ? 1 : 0, rate);
        format_remaining(remaining_text, speed->seconds_left);
    }
    format_bytes(written_text, (double)now->bytes_written);
    if (now->items_failed > 0)
        (void)snprintf(failed_text, sizeof failed_text, "  %" PRIu64 " failed", now->items_failed);
    double share = now->items_total ? (double)now->items_done / (double)now->items_total : 1;
    (void)snprintf(text, TEXT_MAX,
                   "%" PRIu64 "/%" PRIu64 " items (%.0f%%)  %s images/s  ETA %s  %s written  "
                   "reuse %.1f%%%s%s",
                   now->items_done, now->items_total, share * 100, rate_text, remaining_text,
                   written_text, speed->reuse * 100, failed_text,
                   now->state == SGR_RUN_PAUSED ? "  paused" : "");
}

void progress_text_update(struct progress_text *text, const struct sgr_progress *now,
                          const struct progress_speed *speed)
{
    if (text->console->options.quiet)
        return;
    bool plain_due = now->elapsed_ns >= text->plain_line_ns + plain_distance_ns;
    if (!text->console->live && !plain_due)
        return;
    char line[TEXT_MAX];
    format_text(line, now, speed);
    if (text->console->live) {
        console_show_status(text->console, line);
        return;
    }
    text->plain_line_ns = now->elapsed_ns;
    console_notice(text->console, "%s", line);
}
