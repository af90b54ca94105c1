/*
 * A JSON document is held in an unnamed temporary file until the command has ended: only then is it
 * known whether it stands alone or inside the document of a failure, and half of one never gets
 * out.
 */
#include "report.h"

#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { PIECE_MAX = 2048, COPY_BYTES = 16384 };

void report_init(struct report *report, bool json)
{
    *report = (struct report){.json = json};
}

static int write_out(void *context, const char *bytes, size_t size)
{
    struct report *report = context;
    if (report->reader_left || report->failure_number)
        return 1;
    if (size == 0 || fwrite(bytes, 1, size, stdout) == size)
        return 0;
    if (errno == EPIPE)
        report->reader_left = true;
    else
        report->failure_number = errno ? errno : EIO;
    return 1;
}

static int write_held(void *context, const char *bytes, size_t size)
{
    struct report *report = context;
    return size > 0 && fwrite(bytes, 1, size, report->held) != size;
}

struct sgr_sink report_sink(struct report *report)
{
    return (struct sgr_sink){.context = report, .write = write_out};
}

void report_print(struct report *report, const char *format, ...)
{
    char piece[PIECE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (length > 0)
        write_out(report, piece, length < PIECE_MAX ? (size_t)length : PIECE_MAX - 1);
}

int report_format(const struct sgr_sink *sink, const char *format, ...)
{
    char piece[PIECE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (length < 0)
        return 1;
    return sink->write(sink->context, piece, length < PIECE_MAX ? (size_t)length : PIECE_MAX - 1);
}

/* The length of the UTF-8 character at `text`, 0 for a byte that begins none. */
static size_t character_length(const unsigned char *text)
{
    static const unsigned char second_least[5] = {0, 0, 0x80, 0xa0, 0x90};
    unsigned char first = text[0];
    size_t length = first < 0x80                    ? 1
                    : first >= 0xc2 && first < 0xe0 ? 2
                    : first >= 0xe0 && first < 0xf0 ? 3
                    : first >= 0xf0 && first < 0xf5 ? 4
                                                    : 0;
    for (size_t index = 1; index < length; index++) {
        if ((text[index] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, and what lies above U+10FFFF. */
    if ((first == 0xe0 || first == 0xf0) && text[1] < second_least[length])
        return 0;
    if ((first == 0xed && text[1] > 0x9f) || (first == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

static int write_json_character(const struct sgr_sink *sink, const char *text, size_t length)
{
    if (length == 0)
        return report_format(sink, "\\ufffd");
    if (*text == '"' || *text == '\\')
        return report_format(sink, "\\%c", *text);
    if ((unsigned char)*text < 0x20 || *text == 0x7f)
        return report_format(sink, "\\u%04x", (unsigned)(unsigned char)*text);
    return sink->write(sink->context, text, length);
}

int report_json_string(const struct sgr_sink *sink, const char *text)
{
    int failed = report_format(sink, "\"");
    while (*text && !failed) {
        size_t length = character_length((const unsigned char *)text);
        failed = write_json_character(sink, text, length);
        text += length ? length : 1;
    }
    return failed ? failed : report_format(sink, "\"");
}

static enum sgr_status hold_result(struct report *report, report_writer writer, void *context,
                                   struct sgr_error *error)
{
    struct sgr_sink sink = {.context = report, .write = write_held};
    enum sgr_status status = writer(context, SGR_FORMAT_JSON, &sink, error);
    if (status == SGR_OK && fflush(report->held) != 0)
        status = failure_set(error, SGR_OUTPUT, "a temporary file could not be written: %s",
                             strerror(errno));
    if (status != SGR_OK) {
        (void)fclose(report->held);
        report->held = NULL;
    }
    return status;
}

enum sgr_status report_result(struct report *report, report_writer writer, void *context,
                              struct sgr_error *error)
{
    struct sgr_sink sink = report_sink(report);
    if (!report->json)
        return report_forgive(report, writer(context, SGR_FORMAT_TEXT, &sink, error));
    report->held = tmpfile();
    if (report->held)
        return hold_result(report, writer, context, error);
    /* No folder for temporary files: better a document without a cover than none. */
    report->document_out = true;
    return report_forgive(report, writer(context, SGR_FORMAT_JSON, &sink, error));
}

enum sgr_status report_forgive(const struct report *report, enum sgr_status status)
{
    return report->reader_left && status == SGR_OUTPUT ? SGR_OK : status;
}

static void copy_held(struct report *report)
{
    char bytes[COPY_BYTES];
    size_t size = 0;
    rewind(report->held);
    while ((size = fread(bytes, 1, sizeof bytes, report->held)) > 0) {
        if (write_out(report, bytes, size) != 0)
            return;
    }
    if (ferror(report->held))
        report->failure_number = EIO;
}

static void write_document(struct report *report, enum sgr_status status, const char *text)
{
    if (report->document_out)
        return;
    if (status == SGR_OK) {
        if (report->held)
            copy_held(report);
        return;
    }
    struct sgr_sink sink = report_sink(report);
    report_print(report, "{\"status\":\"%s\",\"exit_code\":%d,\"error\":", sgr_status_text(status),
                 sgr_status_exit_code(status));
    (void)report_json_string(&sink, text);
    if (report->held) {
        report_print(report, ",\"result\":");
        copy_held(report);
    }
    report_print(report, "}\n");
}

enum sgr_status report_finish(struct report *report, enum sgr_status status,
                              struct sgr_error *error)
{
    if (report->json)
        write_document(report, status, error->text);
    if (report->held)
        (void)fclose(report->held);
    report->held = NULL;
    if (!report->reader_left && !report->failure_number && fflush(stdout) != 0) {
        if (errno == EPIPE)
            report->reader_left = true;
        else
            report->failure_number = errno ? errno : EIO;
    }
    if (status != SGR_OK || !report->failure_number)
        return status;
    return failure_set(error, SGR_OUTPUT, "stdout could not be written: %s",
                       strerror(report->failure_number));
}
