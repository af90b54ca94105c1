/* `serigraph init`: what was understood of art, as a file to edit. */
#include "command.h"

#include "failure.h"
#include "job.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

/* Sizes are no business of this command, so what it reads is never too large nor too small. */
static enum sgr_status open_art(const struct session *session, struct sgr_art **out_art,
                                struct sgr_error *error)
{
    struct sgr_art_options options;
    enum sgr_status status = job_read_art(session, &options, error);
    if (status != SGR_OK)
        return status;
    options.resample = SGR_RESAMPLE_NEAREST;
    return sgr_art_open(&options, out_art, error);
}

/* With --json the document is the result itself. */
static enum sgr_status export_config(void *context, enum sgr_format format,
                                     const struct sgr_sink *sink, struct sgr_error *error)
{
    (void)format;
    return sgr_art_export_config(context, sink, error);
}

static enum sgr_status write_config(struct session *session, const struct sgr_art *art,
                                    const char *path, struct sgr_error *error)
{
    char inside[PATH_BYTES];
    const char *folder = sgr_art_folder(art);
    if (!path) {
        int length = snprintf(inside, sizeof inside, "%s/collection.json", folder);
        if (length < 0 || (size_t)length >= sizeof inside)
            return failure_set(error, SGR_USAGE, "ART: the path is too long");
        path = inside;
    }
    enum sgr_status status = sgr_art_write_config(art, path, error);
    size_t length = strlen(folder);
    if (status != SGR_OK)
        return status;
    console_notice(session->console, "written: %s", path);
    if (strncmp(path, folder, length) != 0 || path[length] != '/')
        console_notice(session->console, "its folders are below %s; move it there to use it",
                       folder);
    return SGR_OK;
}

enum sgr_status command_init(struct session *session, struct sgr_error *error)
{
    const char *path = session->arguments->values[OPTION_OUT];
    bool is_printed = session->report->json || (path && strcmp(path, "-") == 0);
    struct sgr_art *art = NULL;
    enum sgr_status status = open_art(session, &art, error);
    if (status == SGR_OK && is_printed)
        status = report_result(session->report, export_config, art, error);
    else if (status == SGR_OK)
        status = write_config(session, art, path, error);
    sgr_art_close(&art);
    return status;
}
