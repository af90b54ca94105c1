/* One driver at a time, so that little more than one is in memory. */
#include "compose/gles/gles_devices.h"

#include "base/memory.h"
#include "compose/compose_scene.h"
#include "compose/gles/compose_gles.h"
#include "compose/gles/gles_measure.h"

#include <stdio.h>
#include <string.h>

enum { MINOR_NEWEST = 2, SIDE = 512, LAYERS = 8, SLOTS = 4, MEASURE_MS = 50 };

#define SPRITE_BYTES UINT64_C(67108864)

/* Opens a program as a run does, and measures it. */
static enum sgr_status try_program(const struct egl_device *device, enum gl_program_kind kind,
                                   const struct compose_scene *scene,
                                   struct gles_program_look *look, struct sgr_error *error)
{
    const struct compose_gles_options options = {.device = *device,
                                                 .program = kind,
                                                 .minor_max = MINOR_NEWEST,
                                                 .allow_software = true,
                                                 .slot_count = SLOTS,
                                                 .rows_max = COMPOSE_SCENE_ROWS,
                                                 .sprite_bytes = SPRITE_BYTES,
                                                 .threads = 1};
    struct compose_gles_facts facts;
    struct batch_composer *composer = NULL;
    enum sgr_status status = compose_gles_create(&scene->set, &options, &composer, &facts, error);
    if (status != SGR_OK)
        return status;
    look->persistent = facts.persistent;
    status =
        gles_measure(composer, scene->strips, scene->strip_count, MEASURE_MS, &look->rates, error);
    batch_destroy(&composer);
    return status;
}

static void look_at_programs(struct gles_device *entry, const struct compose_scene *scene)
{
    for (int kind = GL_PROGRAM_COMPUTE; kind <= GL_PROGRAM_FRAGMENT; kind++) {
        struct gles_program_look *look = &entry->programs[kind];
        struct sgr_error error = {.status = SGR_OK};
        look->works =
            try_program(&entry->device, (enum gl_program_kind)kind, scene, look, &error) == SGR_OK;
        if (!look->works)
            snprintf(look->reason, sizeof look->reason, "%.255s", error.text);
    }
}

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
    static const struct compose_scene_shape shape = {SIDE, LAYERS, BLEND_NORMAL};
    struct egl_device listed[EGL_DEVICE_MAX];
    struct compose_scene scene = {.strip_count = 0};
    struct gles_devices *devices = memory_allocate_zeroed(1, sizeof *devices);
    enum sgr_status status = devices ? compose_scene_make(&scene, &shape, error)
                                     : error_no_memory(error, "the list of devices");
    if (status != SGR_OK) {
        compose_scene_finish(&scene);
        memory_free(devices);
        return status;
    }
    devices->count = egl_device_list(listed, &devices->reason);
    devices->usable = devices->count;
    for (size_t index = 0; index < devices->count; index++) {
        struct gles_device *entry = &devices->entries[index];
        entry->device = listed[index];
        look(entry);
        if (entry->started)
            look_at_programs(entry, &scene);
        bool works =
            entry->programs[GL_PROGRAM_COMPUTE].works || entry->programs[GL_PROGRAM_FRAGMENT].works;
        if (devices->usable == devices->count && works && !entry->software)
            devices->usable = index;
    }
    compose_scene_finish(&scene);
    if (devices->usable == devices->count && devices->reason.length == 0)
        text_add(&devices->reason, "no GPU composes right here");
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
