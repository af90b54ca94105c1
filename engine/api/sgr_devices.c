/* The report on CPU kernels and GPUs. */
#include "api/api_check.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/kernel.h"
#include "publish/export.h"
#include "publish/rate_text.h"
#if SERIGRAPH_GLES
#include "compose/gles/gles_devices.h"
#endif

#include <serigraph/device.h>

#include <inttypes.h>

static void add_kernels_text(struct text *text)
{
    text_add(text, "CPU kernels\n");
    for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
        text_add(text, "  ");
        text_add_cell(text, (*kernel)->name, kernel == kernel_list() ? 8 : 0);
        text_add(text,
                 kernel == kernel_list() ? "used unless --cpu-kernel says otherwise\n" : "\n");
    }
}

static void add_kernels_json(struct text *text)
{
    text_add(text, "{\"kernels\":[");
    for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
        text_add(text, kernel == kernel_list() ? "{\"name\":" : ",{\"name\":");
        text_json(text, (*kernel)->name);
        text_format(text, ",\"auto\":%s}", kernel == kernel_list() ? "true" : "false");
    }
    text_add(text, "],");
}

#if SERIGRAPH_GLES

/* Why a device is not used unasked; NULL when it is. */
static const char *why_not(const struct gles_devices *devices, size_t index)
{
    const struct gles_device *entry = &devices->entries[index];
    if (index == devices->usable)
        return NULL;
    if (!entry->started)
        return "it does not start";
    if (!entry->programs[GL_PROGRAM_COMPUTE].works && !entry->programs[GL_PROGRAM_FRAGMENT].works)
        return "neither program works";
    return entry->software ? "it computes on the CPU, slower than the kernels above"
                           : "an earlier device can be used";
}

static void add_limits_text(struct text *text, const struct gl_limits *limits)
{
    text_format(text, "     limits   textures %" PRIu32 "x%" PRIu32 " in %" PRIu32 " layers",
                limits->texture_side, limits->texture_side, limits->array_layers);
    if (limits->work_group_size > 0)
        text_format(text, ", storage %" PRIu64 " MiB, %" PRIu32 " invocations a work group",
                    limits->storage_block_bytes >> 20, limits->work_group_size);
    text_add(text, "\n");
}

static void add_program_text(struct text *text, const struct gles_program_look *look, int kind)
{
    const struct batch_rates *rates = &look->rates;
    text_format(text, "     %-8s ", gl_program_name((enum gl_program_kind)kind));
    if (!look->works) {
        text_format(text, "no: %s\n", look->reason);
        return;
    }
    text_add(text, "exact");
    rate_text_add(", uploads ", rates->upload_bytes, rates->upload_ns, text);
    rate_text_add(", composes ", rates->pixels * 4, rates->compose_ns, text);
    rate_text_add(", reads back ", rates->pixels * 4, rates->readback_ns, text);
    text_format(text, "%s\n", look->persistent ? ", mapped for good" : "");
}

static void add_device_text(struct text *text, const struct gles_devices *devices, size_t index)
{
    const struct gles_device *entry = &devices->entries[index];
    const struct egl_device *device = &entry->device;
    const char *reason = why_not(devices, index);
    bool software = entry->started ? entry->software : device->software;
    text_format(text, "  %u  %s, %s", device->index, software ? "software" : "hardware",
                egl_route_name(device->route));
    if (device->node[0])
        text_format(text, ", %s", device->node);
    if (device->cuda >= 0)
        text_format(text, ", cuda:%d", device->cuda);
    text_add(text, "\n");
    if (entry->started) {
        text_format(text, "     driver   %s by %s\n     version  ES 3.%u (%s)%s\n", entry->renderer,
                    entry->vendor, entry->minor, entry->version,
                    entry->robust ? ", tells of resets" : "");
        add_limits_text(text, &entry->limits);
        for (int kind = GL_PROGRAM_COMPUTE; kind <= GL_PROGRAM_FRAGMENT; kind++)
            add_program_text(text, &entry->programs[kind], kind);
    } else {
        text_format(text, "     fault    %s\n", entry->reason);
    }
    text_format(text, "     auto     %s%s\n", reason ? "no: " : "yes", reason ? reason : "");
}

static void add_devices_text(struct text *text, const struct gles_devices *devices)
{
    text_add(text, "\nDevices of EGL\n");
    for (size_t index = 0; index < devices->count; index++)
        add_device_text(text, devices, index);
    if (devices->count == 0)
        text_add(text, "  none\n");
    if (devices->usable < devices->count)
        text_format(text, "\n--backend auto can use device %u\n",
                    devices->entries[devices->usable].device.index);
    else
        text_format(text, "\n--backend auto uses the CPU: %s\n",
                    devices->reason.bytes ? devices->reason.bytes : "");
}

static void add_limits_json(struct text *text, const struct gl_limits *limits)
{
    text_format(text,
                ",\"limits\":{\"texture_side\":%" PRIu32 ",\"array_layers\":%" PRIu32
                ",\"viewport_rows\":%" PRIu32,
                limits->texture_side, limits->array_layers, limits->viewport_rows);
    text_format(text,
                ",\"storage_block_bytes\":%" PRIu64 ",\"work_group_size\":%" PRIu32
                ",\"work_groups\":[%" PRIu32 ",%" PRIu32 "]}",
                limits->storage_block_bytes, limits->work_group_size, limits->work_groups[0],
                limits->work_groups[1]);
}

static void add_field(struct text *text, const char *name, const char *value)
{
    text_format(text, ",\"%s\":", name);
    if (value && value[0])
        text_json(text, value);
    else
        text_add(text, "null");
}

static void add_program_json(struct text *text, const struct gles_program_look *look, int kind)
{
    const struct batch_rates *rates = &look->rates;
    text_format(text, "%s{\"name\":\"%s\",\"exact\":%s", kind ? "," : "",
                gl_program_name((enum gl_program_kind)kind), look->works ? "true" : "false");
    add_field(text, "fault", look->reason);
    text_format(text,
                ",\"persistent\":%s,\"upload_bytes\":%" PRIu64 ",\"upload_ns\":%" PRIu64
                ",\"pixels\":%" PRIu64,
                look->persistent ? "true" : "false", rates->upload_bytes, rates->upload_ns,
                rates->pixels);
    text_format(text,
                ",\"list_ns\":%" PRIu64 ",\"compose_ns\":%" PRIu64 ",\"readback_ns\":%" PRIu64
                ",\"copy_ns\":%" PRIu64 "}",
                rates->list_ns, rates->compose_ns, rates->readback_ns, rates->copy_ns);
}

static void add_device_json(struct text *text, const struct gles_devices *devices, size_t index)
{
    const struct gles_device *entry = &devices->entries[index];
    const struct egl_device *device = &entry->device;
    text_format(text, "%s{\"index\":%u", index ? "," : "", device->index);
    add_field(text, "route", egl_route_name(device->route));
    add_field(text, "node", device->node);
    if (device->cuda >= 0)
        text_format(text, ",\"cuda\":%d", device->cuda);
    else
        text_add(text, ",\"cuda\":null");
    text_format(text, ",\"software\":%s,\"started\":%s",
                (entry->started ? entry->software : device->software) ? "true" : "false",
                entry->started ? "true" : "false");
    if (entry->started) {
        add_field(text, "renderer", entry->renderer);
        add_field(text, "vendor", entry->vendor);
        add_field(text, "version", entry->version);
        text_format(text, ",\"es\":\"3.%u\",\"robust\":%s,\"buffer_storage\":%s", entry->minor,
                    entry->robust ? "true" : "false", entry->buffer_storage ? "true" : "false");
        add_limits_json(text, &entry->limits);
        text_add(text, ",\"programs\":[");
        for (int kind = GL_PROGRAM_COMPUTE; kind <= GL_PROGRAM_FRAGMENT; kind++)
            add_program_json(text, &entry->programs[kind], kind);
        text_add(text, "]");
    } else {
        add_field(text, "fault", entry->reason);
    }
    text_format(text, ",\"auto\":%s", why_not(devices, index) ? "false" : "true");
    add_field(text, "why_not", why_not(devices, index));
    text_add(text, "}");
}

static void add_devices_json(struct text *text, const struct gles_devices *devices)
{
    bool found = devices->usable < devices->count;
    text_add(text, "\"devices\":[");
    for (size_t index = 0; index < devices->count; index++)
        add_device_json(text, devices, index);
    text_format(text, "],\"auto\":{\"backend\":\"%s\"", found ? "gles" : "cpu");
    if (found)
        text_format(text, ",\"device\":%u", devices->entries[devices->usable].device.index);
    else
        text_add(text, ",\"device\":null");
    add_field(text, "reason", devices->reason.bytes);
    text_add(text, "}}\n");
}

static enum sgr_status add_devices(struct text *text, enum sgr_format format,
                                   struct sgr_error *error)
{
    struct gles_devices *devices = NULL;
    enum sgr_status status = gles_devices_look(&devices, error);
    if (status != SGR_OK)
        return status;
    if (format == SGR_FORMAT_JSON)
        add_devices_json(text, devices);
    else
        add_devices_text(text, devices);
    gles_devices_destroy(&devices);
    return SGR_OK;
}

#else

static enum sgr_status add_devices(struct text *text, enum sgr_format format,
                                   struct sgr_error *error)
{
    (void)error;
    if (format == SGR_FORMAT_JSON)
        text_add(text, "\"devices\":[],\"auto\":{\"backend\":\"cpu\",\"device\":null,"
                       "\"reason\":\"built without the gles backend\"}}\n");
    else
        text_add(text, "\n--backend auto uses the CPU: built without the gles backend\n");
    return SGR_OK;
}

#endif

enum sgr_status sgr_devices_describe(enum sgr_format format, const struct sgr_sink *sink,
                                     struct sgr_error *error)
{
    if (!api_is_sink(sink))
        return api_check(false, "sgr_devices_describe", error);
    struct text text = {.bytes = NULL};
    if (format == SGR_FORMAT_JSON)
        add_kernels_json(&text);
    else
        add_kernels_text(&text);
    enum sgr_status status = add_devices(&text, format, error);
    if (status == SGR_OK)
        status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
