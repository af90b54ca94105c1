/* Lines of JSON, and never waiting for whoever reads them. */
#include "json_line.h"

#include "report.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int take(void *context, const char *bytes, size_t size)
{
    struct json_line *line = context;
    /* The last byte is for the line break. */
    size_t room = sizeof line->bytes - 1 - line->length;
    line->cut |= size > room;
    if (line->cut)
        return 1;
    memcpy(line->bytes + line->length, bytes, size);
    line->length += size;
    return 0;
}

struct sgr_sink json_line_sink(struct json_line *line)
{
    return (struct sgr_sink){.context = line, .write = take};
}

void json_line_add(struct json_line *line, const char *format, ...)
{
    size_t room = sizeof line->bytes - 1 - line->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line->bytes + line->length, room, format, arguments);
    va_end(arguments);
    line->cut |= length < 0 || (size_t)length >= room;
    if (!line->cut)
        line->length += (size_t)length;
}

void json_line_add_string(struct json_line *line, const char *text)
{
    struct sgr_sink sink = json_line_sink(line);
    (void)report_json_string(&sink, text);
}

void json_line_time(char out_time[JSON_LINE_TIME_BYTES], double seconds)
{
    struct timespec now = {.tv_sec = 0};
    struct tm parts = {.tm_year = 70};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    double milliseconds = (double)now.tv_nsec / 1e6 + seconds * 1e3;
    time_t whole = now.tv_sec + (time_t)(milliseconds / 1e3);
    unsigned rest = (unsigned)(milliseconds - 1e3 * (double)(time_t)(milliseconds / 1e3));
    (void)gmtime_r(&whole, &parts);
    size_t length = strftime(out_time, JSON_LINE_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out_time + length, JSON_LINE_TIME_BYTES - length, ".%03uZ", rest % 1000);
}

int json_line_write(struct json_line *line, int descriptor)
{
    if (line->cut)
        return 0;
    line->bytes[line->length++] = '\n';
    struct pollfd room = {.fd = descriptor, .events = POLLOUT};
    if (poll(&room, 1, 0) == 0)
        return 0;
    size_t done = 0;
    while (done < line->length) {
        ssize_t size = write(descriptor, line->bytes + done, line->length - done);
        if (size < 0 && errno == EAGAIN)
            return 0;
        if (size < 0 && errno != EINTR)
            return errno;
        done += size > 0 ? (size_t)size : 0;
    }
    return 0;
}
