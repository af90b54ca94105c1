/* Which of the watchers are wanted, and the line of JSON. */
#include "watch.h"

#include "failure.h"
#include "json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads the number of an open descriptor, as in json:3. */
static enum sgr_status read_descriptor(const char *text, int *out_descriptor,
                                       struct sgr_error *error)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool is_number = *text >= '0' && *text <= '9' && !*end && !errno && number <= 65535;
    int flags = is_number ? fcntl((int)number, F_GETFL) : -1;
    if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY)
        return failure_set(error, SGR_USAGE,
                           "--progress json:%s: the number of a descriptor that is open for "
                           "writing is needed, as in json:3 with 3>progress.jsonl",
                           text);
    *out_descriptor = (int)number;
    return SGR_OK;
}

enum sgr_status watch_init(struct watch *watch, const struct session *session,
                           struct sgr_error *error)
{
    const char *form = session->arguments->values[OPTION_PROGRESS];
    *watch = (struct watch){.text = {.console = session->console},
                            .metrics = {.path = session->arguments->values[OPTION_METRICS],
                                        .console = session->console},
                            .json_descriptor = -1};
    progress_rate_init(&watch->rate);
    watch->shows_text = !form || strcmp(form, "text") == 0;
    if (watch->shows_text || strcmp(form, "none") == 0)
        return SGR_OK;
    if (strcmp(form, "json") == 0)
        watch->json_descriptor = STDERR_FILENO;
    else if (strncmp(form, "json:", 5) == 0)
        return read_descriptor(form + 5, &watch->json_descriptor, error);
    else
        return failure_set(error, SGR_USAGE,
                           "--progress: \"%s\" is none of: text, json, json:DESCRIPTOR, none",
                           form);
    return SGR_OK;
}

static const char *state_text(enum sgr_run_state state)
{
    switch (state) {
    case SGR_RUN_WORKING:
        return "working";
    case SGR_RUN_PAUSED:
        return "paused";
    case SGR_RUN_FINISHING:
        break;
    }
    return "finishing";
}

static void add_prediction(struct json_line *line, const struct progress_speed *speed)
{
    /* What lies further ahead than four digits of a year can say is no prediction. */
    static const double greatest_seconds = 1e10;
    char end[JSON_LINE_TIME_BYTES];
    if (speed->seconds_left < 0 || speed->seconds_left > greatest_seconds) {
        json_line_add(line, ",\"eta_seconds\":null,\"end\":null");
        return;
    }
    json_line_time(end, speed->seconds_left);
    json_line_add(line, ",\"eta_seconds\":%.1f,\"end\":\"%s\"", speed->seconds_left, end);
}

static void write_json(struct watch *watch, const struct sgr_progress *now,
                       const struct progress_speed *speed, const char *state)
{
    struct json_line line = {.length = 0};
    char time[JSON_LINE_TIME_BYTES];
    json_line_time(time, 0);
    json_line_add(&line, "{\"time\":\"%s\",\"state\":", time);
    json_line_add_string(&line, state);
    json_line_add(&line,
                  ",\"items_total\":%" PRIu64 ",\"items_done\":%" PRIu64 ",\"items_found\":%" PRIu64
                  ",\"items_failed\":%" PRIu64 ",\"bytes_written\":%" PRIu64
                  ",\"elapsed_seconds\":%.3f,\"images_per_second\":%.2f",
                  now->items_total, now->items_done, now->items_found, now->items_failed,
                  now->bytes_written, (double)now->elapsed_ns / 1e9, speed->images_a_second);
    add_prediction(&line, speed);
    json_line_add(&line,
                  ",\"strips_needed\":%" PRIu64 ",\"strips_made\":%" PRIu64
                  ",\"reuse\":%.4f,\"queues\":{\"items_in_flight\":%" PRIu64 ",\"strips\":%" PRIu64
                  ",\"items\":%" PRIu64 ",\"staged\":%" PRIu64 "},\"memory_bytes\":%" PRIu64 "}",
                  now->strips_needed, now->strips_made, speed->reuse, now->items_in_flight,
                  now->strips_queued, now->items_queued, now->items_staged, now->memory_bytes);
    /* A reader that left does not come back. */
    if (json_line_write(&line, watch->json_descriptor) != 0)
        watch->json_descriptor = -1;
}

void watch_update(void *context, const struct sgr_progress *now)
{
    struct watch *watch = context;
    struct progress_speed speed = progress_rate_update(&watch->rate, now);
    if (watch->shows_text)
        progress_text_update(&watch->text, now, &speed);
    if (watch->json_descriptor >= 0)
        write_json(watch, now, &speed, state_text(now->state));
    metrics_file_update(&watch->metrics, now, &speed, false);
}

void watch_end(struct watch *watch, const struct sgr_progress *now, const char *ended)
{
    struct progress_speed speed = progress_rate_update(&watch->rate, now);
    if (watch->json_descriptor >= 0)
        write_json(watch, now, &speed, ended);
    metrics_file_update(&watch->metrics, now, &speed, true);
}
