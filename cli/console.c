/*
 * A message is put together first and written with one call, so that lines of several threads, and
 * of a second process on the same terminal, do not mix.
 */
#include "console.h"

#include <serigraph/status.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = SGR_ERROR_TEXT_MAX + 128, COLUMNS_DEFAULT = 80 };

#define CLEAR_LINE "\r\x1b[K"

/* One message under construction. */
struct line {
    char bytes[LINE_MAX_BYTES];
    size_t length;
};

static void line_add(struct line *line, const char *text)
{
    size_t room = sizeof line->bytes - line->length;
    size_t length = strnlen(text, room);
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

/* Adds text that may hold a file's name: what could move a terminal's cursor is replaced. */
static void line_add_printable(struct line *line, const char *text)
{
    for (; *text && line->length < sizeof line->bytes; text++) {
        unsigned char byte = (unsigned char)*text;
        line->bytes[line->length++] = byte < 0x20 || byte == 0x7f ? '?' : *text;
    }
}

/* Nobody is left to hear that stderr cannot be written. */
static void write_all(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        bytes += written;
        size -= (size_t)written;
    }
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

void console_init(struct console *console, struct console_options options)
{
    const char *terminal = getenv("TERM");
    bool can_move = terminal && *terminal && strcmp(terminal, "dumb") != 0;
    *console = (struct console){.mutex = PTHREAD_MUTEX_INITIALIZER, .options = options};
    console->live = isatty(STDERR_FILENO) && can_move;
    console->color = console->live && !options.no_color && !is_set("NO_COLOR");
}

/* With the mutex held. */
static void write_line(struct console *console, struct line *line)
{
    if (line->length == sizeof line->bytes)
        line->length--;
    line->bytes[line->length++] = '\n';
    if (console->status_shown)
        write_all(CLEAR_LINE, sizeof CLEAR_LINE - 1);
    console->status_shown = false;
    write_all(line->bytes, line->length);
}

static void keep(const struct console *console, const char *level, const char *text)
{
    if (console->log)
        log_file_add(console->log, level, text);
}

void console_error(struct console *console, const char *text)
{
    keep(console, "error", text);
    struct line line = {.length = 0};
    line_add(&line, console->color ? "serigraph: \x1b[1;31merror:\x1b[0m " : "serigraph: ");
    line_add_printable(&line, text);
    pthread_mutex_lock(&console->mutex);
    write_line(console, &line);
    pthread_mutex_unlock(&console->mutex);
}

static bool is_wanted(const struct console *console, enum sgr_log_level level)
{
    switch (level) {
    case SGR_LOG_WARNING:
        return true;
    case SGR_LOG_NOTICE:
        return !console->options.quiet;
    case SGR_LOG_DETAIL:
        break;
    }
    return console->options.verbose;
}

static void take_log_line(void *context, enum sgr_log_level level, const char *text)
{
    struct console *console = context;
    static const char *const levels[] = {"warning", "notice", "detail"};
    keep(console, levels[level], text);
    if (!is_wanted(console, level))
        return;
    struct line line = {.length = 0};
    if (level == SGR_LOG_WARNING)
        line_add(&line, console->color ? "\x1b[33mwarning:\x1b[0m " : "warning: ");
    line_add_printable(&line, text);
    pthread_mutex_lock(&console->mutex);
    write_line(console, &line);
    pthread_mutex_unlock(&console->mutex);
}

static void say(struct console *console, enum sgr_log_level level, const char *format,
                va_list arguments) __attribute__((format(printf, 3, 0)));

static void say(struct console *console, enum sgr_log_level level, const char *format,
                va_list arguments)
{
    char text[SGR_ERROR_TEXT_MAX];
    (void)vsnprintf(text, sizeof text, format, arguments);
    take_log_line(console, level, text);
}

void console_notice(struct console *console, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(console, SGR_LOG_NOTICE, format, arguments);
    va_end(arguments);
}

void console_warning(struct console *console, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(console, SGR_LOG_WARNING, format, arguments);
    va_end(arguments);
}

struct sgr_log console_log(struct console *console)
{
    return (struct sgr_log){.context = console, .line = take_log_line};
}

/* A line that wraps cannot be cleared, so it must be shorter than the terminal is wide. */
static size_t status_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT - 1;
    return size.ws_col - 1U;
}

void console_show_status(struct console *console, const char *text)
{
    if (!console->live)
        return;
    struct line line = {.length = 0};
    line_add(&line, CLEAR_LINE);
    size_t head = line.length;
    line_add_printable(&line, text);
    size_t columns = status_columns();
    if (line.length > head + columns)
        line.length = head + columns;
    pthread_mutex_lock(&console->mutex);
    write_all(line.bytes, line.length);
    console->status_shown = true;
    pthread_mutex_unlock(&console->mutex);
}

void console_clear_status(struct console *console)
{
    pthread_mutex_lock(&console->mutex);
    if (console->status_shown)
        write_all(CLEAR_LINE, sizeof CLEAR_LINE - 1);
    console->status_shown = false;
    pthread_mutex_unlock(&console->mutex);
}

void console_finish(struct console *console)
{
    console_clear_status(console);
    pthread_mutex_destroy(&console->mutex);
}
