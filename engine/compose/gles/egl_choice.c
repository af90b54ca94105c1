/* What --device means. */
#include "compose/gles/egl_device.h"

#include <string.h>

/* How a device is asked for. */
enum choice_kind { CHOICE_HARDWARE, CHOICE_SOFTWARE, CHOICE_INDEX, CHOICE_CUDA, CHOICE_NODE };

/* What a text asks for. */
struct choice {
    enum choice_kind kind;
    const char *text;
    uint64_t number;
};

static bool parse(const char *text, struct choice *out_choice)
{
    static const char cuda[] = "cuda:";
    struct choice choice = {.kind = CHOICE_HARDWARE, .text = text};
    bool is_known = true;
    if (!text || strcmp(text, "auto") == 0)
        choice.kind = CHOICE_HARDWARE;
    else if (strcmp(text, "software") == 0)
        choice.kind = CHOICE_SOFTWARE;
    else if (strncmp(text, cuda, sizeof cuda - 1) == 0) {
        choice.kind = CHOICE_CUDA;
        is_known = text_parse_whole(text + sizeof cuda - 1, INT32_MAX, &choice.number);
    } else if (text[0] == '/') {
        choice.kind = CHOICE_NODE;
    } else {
        choice.kind = CHOICE_INDEX;
        is_known = text_parse_whole(text, INT32_MAX, &choice.number);
    }
    *out_choice = choice;
    return is_known;
}

static bool fits(const struct egl_device *device, const struct choice *choice)
{
    switch (choice->kind) {
    case CHOICE_HARDWARE:
        return !device->software;
    case CHOICE_SOFTWARE:
        return device->software;
    case CHOICE_INDEX:
        return device->index == choice->number;
    case CHOICE_CUDA:
        return device->cuda >= 0 && (uint64_t)device->cuda == choice->number;
    case CHOICE_NODE:
        return strcmp(device->node, choice->text) == 0;
    }
    return false;
}

/* "0 (software), 1 (/dev/dri/renderD128, cuda:0)". */
static void add_names(struct text *text, const struct egl_device *devices, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct egl_device *device = &devices[index];
        text_format(text, "%s%u (%s", index ? ", " : "", device->index,
                    device->software
                        ? "software"
                        : (device->node[0] ? device->node : egl_route_name(device->route)));
        if (device->cuda >= 0)
            text_format(text, ", cuda:%d", device->cuda);
        text_add(text, ")");
    }
}

static enum sgr_status refuse(const struct choice *choice, const struct egl_device *devices,
                              size_t count, const struct text *reason, struct sgr_error *error)
{
    struct text names = {.bytes = NULL};
    const char *why = reason->bytes ? reason->bytes : "";
    enum sgr_status status;
    add_names(&names, devices, count);
    if (reason->failed || names.failed)
        status = error_no_memory(error, "the list of devices");
    else if (choice->kind == CHOICE_HARDWARE || count == 0)
        status = error_set(error, SGR_USAGE, "no GPU can be used: %s", why);
    else
        status = error_set(error, SGR_USAGE, "there is no device \"%s\"; there are: %s",
                           choice->text, names.bytes);
    text_finish(&names);
    return status;
}

enum sgr_status egl_device_choose(const char *text, struct egl_device devices[EGL_DEVICE_MAX],
                                  size_t *out_count, struct sgr_error *error)
{
    struct choice choice;
    if (!parse(text, &choice))
        return error_set(error, SGR_USAGE,
                         "\"%s\" names no device: it is software, a number, cuda:N or "
                         "/dev/dri/renderDN",
                         text);
    struct text reason = {.bytes = NULL};
    size_t count = egl_device_list(devices, &reason);
    size_t kept = 0;
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < count; index++)
        kept += fits(&devices[index], &choice);
    if (kept == 0)
        status = refuse(&choice, devices, count, &reason, error);
    text_finish(&reason);
    if (status != SGR_OK)
        return status;
    kept = 0;
    for (size_t index = 0; index < count; index++) {
        if (fits(&devices[index], &choice))
            devices[kept++] = devices[index];
    }
    *out_count = kept;
    return SGR_OK;
}
