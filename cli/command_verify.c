/* `serigraph verify`: is the folder still what was made? */
#include "command.h"

#include "failure.h"
#include "interrupt.h"
#include "value.h"

#include <serigraph/verify.h>

#include <inttypes.h>

/* What was checked and found, for the report. */
struct verified_folder {
    const char *folder;
    struct sgr_verify_result result;
};

static int describe_json(const struct verified_folder *verified, const struct sgr_sink *sink)
{
    const struct sgr_verify_result *result = &verified->result;
    int failed = report_format(sink, "{\"folder\":");
    failed = failed || report_json_string(sink, verified->folder);
    failed = failed || report_format(sink,
                                     ",\"items\":%" PRIu64 ",\"planned\":%" PRIu64
                                     ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64,
                                     result->items, result->planned, result->files, result->bytes);
    failed =
        failed || report_format(sink,
                                ",\"altered\":%" PRIu64 ",\"missing\":%" PRIu64
                                ",\"extra\":%" PRIu64 ",\"failed\":%" PRIu64,
                                result->altered, result->missing, result->extra, result->failed);
    return failed || report_format(sink, ",\"digest\":\"%s\"}\n", result->digest);
}

static int describe_text(const struct verified_folder *verified, const struct sgr_sink *sink)
{
    const struct sgr_verify_result *result = &verified->result;
    int failed = report_format(sink, "items    %" PRIu64, result->items);
    if (result->planned)
        failed = failed || report_format(sink, " of %" PRIu64, result->planned);
    failed = failed || report_format(sink, "\nfiles    %" PRIu64 ", %.1f MB\n", result->files,
                                     (double)result->bytes / 1e6);
    failed =
        failed || report_format(sink,
                                "found    %" PRIu64 " altered, %" PRIu64 " missing, %" PRIu64
                                " extra, %" PRIu64 " failed\n",
                                result->altered, result->missing, result->extra, result->failed);
    return failed || report_format(sink, "digest   %s\n", result->digest);
}

static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    const struct verified_folder *verified = context;
    int failed =
        format == SGR_FORMAT_JSON ? describe_json(verified, sink) : describe_text(verified, sink);
    return failed ? failure_set(error, SGR_OUTPUT, "stdout could not be written") : SGR_OK;
}

enum sgr_status command_verify(struct session *session, struct sgr_error *error)
{
    struct verified_folder verified = {.folder = session->arguments->operands[0]};
    uint32_t threads = 0;
    enum sgr_status status = value_threads(session->arguments, &threads, error);
    if (status != SGR_OK)
        return status;
    struct sgr_log log = console_log(session->console);
    interrupt_job_begin();
    status =
        sgr_verify(verified.folder, threads, sgr_cancel_shared(), &log, &verified.result, error);
    interrupt_job_end();
    bool is_wanted = session->report->json || !session->console->options.quiet;
    if (!is_wanted || (status != SGR_OK && status != SGR_PARTIAL))
        return status;
    struct sgr_error describe_error = {.status = SGR_OK};
    enum sgr_status described =
        report_result(session->report, describe, &verified, &describe_error);
    if (status == SGR_OK && described != SGR_OK) {
        *error = describe_error;
        return described;
    }
    return status;
}
