/* `serigraph inspect`: the doctor for art. */
#include "command.h"

#include "failure.h"
#include "job.h"

#include <inttypes.h>

/* What there is to tell. */
struct inspected {
    const struct sgr_art *art;
    struct sgr_sheets sheets;
    bool has_sheets;
};

/* Where a JSON object goes without its opening brace. */
struct object_rest {
    const struct sgr_sink *sink;
    bool has_begun;
};

static int write_rest(void *context, const char *bytes, size_t size)
{
    struct object_rest *rest = context;
    size_t skipped = !rest->has_begun && size > 0;
    rest->has_begun = rest->has_begun || skipped;
    return rest->sink->write(rest->sink->context, bytes + skipped, size - skipped);
}

/* The share of the pages that pieces take, in whole percent. */
static unsigned sheets_percent(const struct sgr_sheets *sheets)
{
    uint64_t pixels = sheets->page_count * sheets->side * sheets->side;
    return pixels ? (unsigned)(sheets->piece_pixels * 100 / pixels) : 0;
}

/* The sheets stand before what the library says of the art, in one object. */
static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    const struct inspected *inspected = context;
    const struct sgr_sheets *sheets = &inspected->sheets;
    struct object_rest rest = {.sink = sink};
    struct sgr_sink rest_sink = {.context = &rest, .write = write_rest};
    if (format != SGR_FORMAT_JSON || !inspected->has_sheets)
        return sgr_art_describe(inspected->art, format, sink, error);
    if (report_format(sink,
                      "{\"sheets\":{\"sprites\":%" PRIu64 ",\"pieces\":%" PRIu64
                      ",\"pages\":%" PRIu64 ",\"side\":%" PRIu32 ",\"percent_full\":%u},",
                      sheets->sprite_count, sheets->piece_count, sheets->page_count, sheets->side,
                      sheets_percent(sheets)) != 0)
        return failure_set(error, SGR_OUTPUT, "stdout could not be written");
    return sgr_art_describe(inspected->art, format, &rest_sink, error);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static enum sgr_status write_sheets(struct session *session, struct inspected *inspected,
                                    struct sgr_error *error)
{
    struct sgr_sheets *sheets = &inspected->sheets;
    const char *folder = session->arguments->values[OPTION_SHEETS];
    enum sgr_status status = sgr_art_write_sheets(inspected->art, folder, sheets, error);
    if (status != SGR_OK)
        return status;
    inspected->has_sheets = true;
    console_notice(session->console,
                   "%" PRIu64 " sprite%s in %" PRIu64 " piece%s on %" PRIu64 " page%s of %" PRIu32
                   "x%" PRIu32 ", %u %% full: %s",
                   sheets->sprite_count, plural(sheets->sprite_count), sheets->piece_count,
                   plural(sheets->piece_count), sheets->page_count, plural(sheets->page_count),
                   sheets->side, sheets->side, sheets_percent(sheets), folder);
    return SGR_OK;
}

static enum sgr_status count_warnings(const struct sgr_art *art, struct sgr_error *error)
{
    uint64_t count = sgr_art_warning_count(art);
    if (count == 0)
        return SGR_OK;
    return failure_set(error, SGR_INPUT, "%" PRIu64 " warning%s, and --strict refuses them", count,
                       plural(count));
}

enum sgr_status command_inspect(struct session *session, struct sgr_error *error)
{
    bool is_described = session->report->json || !session->console->options.quiet;
    struct sgr_art_options options;
    struct sgr_art *art = NULL;
    enum sgr_status status = job_read_art(session, &options, error);
    if (status != SGR_OK)
        return status;
    /* The description has the warnings too; once is enough. */
    if (is_described)
        options.log = (struct sgr_log){.line = NULL};
    status = sgr_art_open(&options, &art, error);
    struct inspected inspected = {.art = art};
    bool has_sheets = arguments_has(session->arguments, OPTION_SHEETS);
    enum sgr_status pictures = SGR_OK;
    /* The JSON document holds what became of the sheets, so they come first. */
    if (status == SGR_OK && has_sheets)
        pictures = write_sheets(session, &inspected, error);
    if (status == SGR_OK && is_described)
        status = report_result(session->report, describe, &inspected, error);
    if (status == SGR_OK)
        status = has_sheets ? pictures : sgr_art_check_pictures(art, error);
    if (status == SGR_OK && arguments_has(session->arguments, OPTION_STRICT))
        status = count_warnings(art, error);
    sgr_art_close(&art);
    return status;
}
