/* One driver at a time, so that little more than one is in memory. */
#include "compose/gles/gles_devices.h"

#include "base/memory.h"

#include <string.h>

enum { MINOR_NEWEST = 2 };

static void look(struct gles_device *entry)
{
    struct gl_context *context = NULL;
    struct sgr_error error = {.status = SGR_OK};
    if (gl_context_open(&entry->device, MINOR_NEWEST, &context, &error) != SGR_OK) {
        memcpy(entry->reason, error.text, sizeof entry->reason);
        return;
    }
    entry->started = true;
    entry->software = context->software;
    entry->robust = context->robust;
    entry->buffer_storage = context->buffer_storage;
    entry->minor = context->minor;
    entry->limits = context->limits;
    memcpy(entry->vendor, context->vendor, sizeof entry->vendor);
    memcpy(entry->renderer, context->renderer, sizeof entry->renderer);
    memcpy(entry->version, context->version, sizeof entry->version);
    gl_context_close(&context);
}

enum sgr_status gles_devices_look(struct gles_devices **out_devices, struct sgr_error *error)
{
    struct egl_device listed[EGL_DEVICE_MAX];
    struct gles_devices *devices = memory_allocate_zeroed(1, sizeof *devices);
    if (!devices)
        return error_no_memory(error, "the list of devices");
    devices->count = egl_device_list(listed, &devices->reason);
    devices->usable = devices->count;
    for (size_t index = 0; index < devices->count; index++) {
        struct gles_device *entry = &devices->entries[index];
        entry->device = listed[index];
        look(entry);
        if (devices->usable == devices->count && entry->started && !entry->software)
            devices->usable = index;
    }
    if (devices->usable == devices->count && devices->reason.length == 0)
        text_add(&devices->reason, "no GPU's driver starts");
    *out_devices = devices;
    return SGR_OK;
}

void gles_devices_destroy(struct gles_devices **devices)
{
    if (!devices || !*devices)
        return;
    text_finish(&(*devices)->reason);
    memory_free(*devices);
    *devices = NULL;
}
