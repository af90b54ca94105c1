/* Each program is opened as a run would, measured step by step and as a whole, and closed. */
#include "api/bench_devices.h"

#include "api/backend.h"
#include "base/error.h"
#include "base/memory.h"
#include "compose/compose_scene.h"
#include "compose/cpu/compose_cpu.h"
#include "os/machine.h"
#include "pipeline/compose_trial.h"
#include "work/cancel.h"

#include <stdio.h>
#include <string.h>

/* Items whose strips are measured, and how long the steps are. */
enum { ITEMS = 24, STEPS_MS = 200 };

/* Of each second of the bench, what may go to devices and scenes. */
#define SCENES_NS UINT64_C(500000000)

/* Sides, layers and modes of the scenes. */
static const uint32_t sides[] = {256, 1024, 2048};
static const uint32_t layer_counts[] = {2, 8, 32};
static const enum blend_mode modes[] = {BLEND_NORMAL, BLEND_MULTIPLY};

enum { SIDES = 3, LAYER_COUNTS = 3, MODES = 2, SCENES = SIDES * LAYER_COUNTS * MODES };

/* A measurement under way. */
struct measuring {
    struct sgr_plan *plan;
    const struct sgr_bench_options *options;
    const struct kernel_table *kernels;
    unsigned threads;
    struct sgr_bench_result *result;
    uint64_t until_ns;  /* scenes that are not begun by then are left out */
    const char *device; /* asked for, or "software" where "all" finds no GPU */
    struct visibility *visibility;
    struct compose *compose;
    struct strip_sample sample;
};

static bool is_all(const struct sgr_bench_options *options)
{
    return options->backend && strcmp(options->backend, "all") == 0;
}

static bool is_asked(const struct measuring *measuring, const char *backend)
{
    const char *asked = measuring->options->backend;
    if (is_all(measuring->options) || (asked && strcmp(asked, backend) == 0))
        return true;
    bool either = !asked || strcmp(asked, "auto") == 0 || strcmp(asked, "gles") == 0;
    return either && strcmp(backend, "gles-compute") == 0;
}

/* Whether a device that does not work is a failure. */
static bool is_required(const struct sgr_bench_options *options)
{
    return options->device || (options->backend && strncmp(options->backend, "gles", 4) == 0);
}

static struct backend_request request_for(const struct measuring *measuring, const char *backend,
                                          const struct sprite_set *sprites)
{
    return (struct backend_request){.name = backend,
                                    .device = measuring->device,
                                    .device_bytes = measuring->options->device_bytes,
                                    .sprites = sprites,
                                    .kernels = measuring->kernels,
                                    .threads = measuring->threads};
}

/* Composes and encodes the sample on one thread. */
static enum sgr_status time_cpu(const struct measuring *measuring, struct compose_trial *trial,
                                struct sgr_error *error)
{
    struct strip_maker maker = {0};
    enum sgr_status status = strip_maker_init(&maker, measuring->compose, measuring->kernels, 0,
                                              plan_choices(measuring->plan->plan), error);
    if (status == SGR_OK)
        status = compose_trial_cpu(trial, &measuring->sample, &maker, error);
    strip_maker_finish(&maker);
    return status;
}

static enum sgr_status time_device(const struct measuring *measuring, struct backend *backend,
                                   struct sgr_bench_device *device, struct sgr_error *error)
{
    struct compose_trial trial = {0};
    struct batch_rates rates;
    snprintf(device->name, sizeof device->name, "%s", batch_shape(backend->composers[0])->name);
    enum sgr_status status = backend_measure(backend, measuring->sample.strips,
                                             measuring->sample.count, STEPS_MS, &rates, error);
    if (status == SGR_OK)
        status = compose_trial_batch(&trial, &measuring->sample, backend->composers[0], error);
    if (status == SGR_OK)
        status = time_cpu(measuring, &trial, error);
    if (status != SGR_OK || rates.strips == 0)
        return status;
    uint64_t rounds = rates.strips / measuring->sample.count;
    device->upload_bytes = rates.upload_bytes;
    device->upload_ns = rates.upload_ns;
    device->strips = measuring->sample.count;
    device->pixels = rates.pixels / rounds;
    device->list_ns = rates.list_ns / rounds;
    device->compose_ns = rates.compose_ns / rounds;
    device->readback_ns = rates.readback_ns / rounds;
    device->batch_ns = trial.batch_ns;
    device->cpu_compose_ns = trial.compose_ns;
    device->cpu_encode_ns = trial.encode_ns;
    device->pays = compose_trial_pays(&trial, measuring->threads);
    return SGR_OK;
}

/* One program; one that cannot be used is told of, or left out when nobody named it. */
static enum sgr_status measure_program(struct measuring *measuring, const char *name,
                                       struct sgr_error *error)
{
    struct sgr_bench_result *result = measuring->result;
    struct sgr_bench_device *device = &result->devices[result->device_count];
    struct backend backend = {.composer_count = 0};
    struct backend_request request = request_for(measuring, name, measuring->plan->sprites);
    struct sgr_error reason = {SGR_OK, ""};
    request.rows_max = strip_maker_rows_max(plan_choices(measuring->plan->plan));
    *device = (struct sgr_bench_device){.backend = name};
    enum sgr_status status = backend_open(&backend, &request, &reason);
    if (status == SGR_OK)
        status = time_device(measuring, &backend, device, &reason);
    backend_close(&backend);
    if (status == SGR_OK) {
        result->device_count++;
        return SGR_OK;
    }
    if (is_required(measuring->options)) {
        if (error)
            *error = reason;
        return status;
    }
    snprintf(device->reason, sizeof device->reason, "%.255s", reason.text);
    result->device_count += is_all(measuring->options);
    return SGR_OK;
}

/* The time of one worker of the CPU for a scene, the second time. */
static enum sgr_status time_scene_cpu(const struct measuring *measuring,
                                      const struct compose_scene *scene, uint64_t *out_ns,
                                      struct sgr_error *error)
{
    struct compose *compose = NULL;
    uint32_t *pixels =
        memory_allocate((size_t)scene->set.width * COMPOSE_SCENE_ROWS, sizeof *pixels);
    enum sgr_status status =
        pixels ? compose_cpu_create(&scene->set, measuring->kernels, 1, &compose, error)
               : error_no_memory(error, "a scene");
    for (int round = 0; round < 2 && status == SGR_OK; round++) {
        uint64_t start_ns = machine_now_ns();
        for (size_t strip = 0; strip < scene->strip_count && status == SGR_OK; strip++)
            status = compose_draw(compose, 0, &scene->strips[strip], pixels, error);
        *out_ns = machine_now_ns() - start_ns;
    }
    compose_destroy(&compose);
    memory_free(pixels);
    return status;
}

static enum sgr_status measure_scene(struct measuring *measuring, const char *name,
                                     const struct compose_scene_shape *shape,
                                     struct sgr_error *error)
{
    struct sgr_bench_result *result = measuring->result;
    struct sgr_bench_scene *row = &result->scenes[result->scene_count];
    struct compose_scene scene = {.strip_count = 0};
    struct backend backend = {.composer_count = 0};
    struct compose_trial trial = {0};
    enum sgr_status status = compose_scene_make(&scene, shape, error);
    struct backend_request request = request_for(measuring, name, &scene.set);
    request.rows_max = COMPOSE_SCENE_ROWS;
    *row = (struct sgr_bench_scene){.backend = name,
                                    .mode = blend_mode_name(shape->mode),
                                    .side = shape->side,
                                    .layers = shape->layers,
                                    .strips = scene.strip_count};
    const struct strip_sample sample = {.strips = scene.strips, .count = scene.strip_count};
    if (status == SGR_OK)
        status = time_scene_cpu(measuring, &scene, &row->cpu_ns, error);
    if (status == SGR_OK)
        status = backend_open(&backend, &request, error);
    if (status == SGR_OK)
        status = compose_trial_batch(&trial, &sample, backend.composers[0], error);
    row->device_ns = trial.batch_ns;
    result->scene_count += status == SGR_OK;
    backend_close(&backend);
    compose_scene_finish(&scene);
    return status;
}

static enum sgr_status measure_scenes(struct measuring *measuring, struct sgr_error *error)
{
    struct sgr_bench_result *result = measuring->result;
    enum sgr_status status = SGR_OK;
    result->scenes = memory_allocate(result->device_count * SCENES + 1, sizeof *result->scenes);
    if (!result->scenes)
        return error_no_memory(error, "the scenes");
    for (size_t index = 0; index < result->device_count * SCENES && status == SGR_OK; index++) {
        /* Programs take turns, so that none is left out when the time is short. */
        const struct sgr_bench_device *device = &result->devices[index % result->device_count];
        size_t which = index / result->device_count;
        struct compose_scene_shape shape = {sides[which / (LAYER_COUNTS * MODES)],
                                            layer_counts[which / MODES % LAYER_COUNTS],
                                            modes[which % MODES]};
        if (device->reason[0])
            continue;
        status = cancel_status(measuring->options->cancel);
        if (status == SGR_OK && machine_now_ns() > measuring->until_ns)
            result->scenes_left++;
        else if (status == SGR_OK)
            status = measure_scene(measuring, device->backend, &shape, error);
    }
    return status;
}

static enum sgr_status set_up(struct measuring *measuring, struct sgr_error *error)
{
    const struct plan *plan = measuring->plan->plan;
    const struct plan_choices *choices = plan_choices(plan);
    const struct sprite_set *sprites = measuring->plan->sprites;
    enum sgr_status status =
        compose_cpu_create(sprites, measuring->kernels, 1, &measuring->compose, error);
    if (status == SGR_OK)
        status = visibility_create(sprites, choices->band_edges, choices->band_count,
                                   measuring->result->memory_bytes / VISIBILITY_SHARE,
                                   &measuring->visibility, error);
    if (status == SGR_OK)
        status = strip_sample_make(&measuring->sample, measuring->plan->plan, sprites,
                                   measuring->visibility, ITEMS, error);
    return status;
}

static enum sgr_status measure(struct measuring *measuring, struct sgr_error *error)
{
    static const char *const programs[] = {"gles-compute", "gles-fragment"};
    enum sgr_status status = set_up(measuring, error);
    for (size_t index = 0; index < SGR_BENCH_DEVICES_MAX && status == SGR_OK; index++) {
        if (is_asked(measuring, programs[index]))
            status = measure_program(measuring, programs[index], error);
    }
    return status == SGR_OK && is_all(measuring->options) ? measure_scenes(measuring, error)
                                                          : status;
}

enum sgr_status bench_devices_measure(const struct bench_devices_request *request,
                                      struct sgr_bench_result *result, const char **out_device,
                                      struct sgr_error *error)
{
    const struct sgr_bench_options *options = request->options;
    struct measuring measuring = {.plan = request->plan,
                                  .options = options,
                                  .kernels = request->kernels,
                                  .threads = request->threads,
                                  .result = result,
                                  .until_ns = machine_now_ns() + result->seconds * SCENES_NS,
                                  .device = options->device};
    *out_device = NULL;
    if (options->backend && strcmp(options->backend, "cpu") == 0)
        return SGR_OK;
    if (is_all(options) && !options->device && !backend_has_gpu())
        measuring.device = "software";
    *out_device = measuring.device;
    enum sgr_status status = measure(&measuring, error);
    strip_sample_finish(&measuring.sample);
    visibility_destroy(&measuring.visibility);
    compose_destroy(&measuring.compose);
    return status;
}
