/* `serigraph devices`: what this machine composes with. */
#include "command.h"

#include <serigraph/device.h>

static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    (void)context;
    return sgr_devices_describe(format, sink, error);
}

enum sgr_status command_devices(struct session *session, struct sgr_error *error)
{
    return report_result(session->report, describe, NULL, error);
}
