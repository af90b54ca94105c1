/* A log that cannot be written any more must not end the run that it tells of. */
#include "log_file.h"

#include "failure.h"
#include "json_line.h"

#include <serigraph/serigraph.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 10000 };

/* Out of the way of the numbers that "--progress json:3" is given, as high as the limit allows. */
static int move_up(int descriptor)
{
    for (int least = FIRST_DESCRIPTOR; least > descriptor; least /= 2) {
        int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, least);
        if (moved < 0)
            continue;
        (void)close(descriptor);
        return moved;
    }
    return descriptor;
}

enum sgr_status log_file_open(struct log_file *file, const char *path, struct sgr_error *error)
{
    /* Non-blocking, so that a pipe without a reader is an error instead of a wait. */
    file->descriptor =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (file->descriptor < 0)
        return failure_set(error, SGR_OUTPUT, "--log %s cannot be written: %s; choose another file",
                           path, strerror(errno));
    file->descriptor = move_up(file->descriptor);
    return SGR_OK;
}

static void begin_line(struct json_line *line, const char *level)
{
    char time[JSON_LINE_TIME_BYTES];
    json_line_time(time, 0);
    json_line_add(line, "{\"time\":\"%s\",\"process\":%ld,\"level\":\"%s\",\"message\":", time,
                  (long)getpid(), level);
}

static void end_line(const struct log_file *file, struct json_line *line)
{
    json_line_add(line, "}");
    (void)json_line_write(line, file->descriptor);
}

void log_file_add(const struct log_file *file, const char *level, const char *text)
{
    if (file->descriptor < 0)
        return;
    struct json_line line = {.length = 0};
    begin_line(&line, level);
    json_line_add_string(&line, text);
    end_line(file, &line);
}

void log_file_begin(const struct log_file *file, int word_count, char *const *words)
{
    if (file->descriptor < 0)
        return;
    struct json_line line = {.length = 0};
    begin_line(&line, "detail");
    json_line_add(&line, "\"began\",\"version\":");
    json_line_add_string(&line, sgr_version());
    for (int word = 0; word < word_count; word++) {
        json_line_add(&line, word ? "," : ",\"arguments\":[");
        json_line_add_string(&line, words[word]);
    }
    json_line_add(&line, word_count ? "]" : "");
    end_line(file, &line);
}

void log_file_end(struct log_file *file, enum sgr_status status)
{
    if (file->descriptor < 0)
        return;
    struct json_line line = {.length = 0};
    begin_line(&line, "detail");
    json_line_add(&line, "\"ended\",\"status\":");
    json_line_add_string(&line, sgr_status_text(status));
    json_line_add(&line, ",\"exit_code\":%d", sgr_status_exit_code(status));
    end_line(file, &line);
    (void)close(file->descriptor);
    *file = LOG_FILE_NONE;
}
