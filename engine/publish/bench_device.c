/* A device beside the CPU: step by step, as a whole, and from where on it would be faster. */
#include "publish/bench_device.h"

#include "publish/rate_text.h"

#include <string.h>

typedef unsigned long long number; /* what printf's %llu takes */

/* Nanoseconds a strip as microseconds with a tenth. */
static void add_each(const char *name, uint64_t ns, uint64_t strips, struct text *out)
{
    uint64_t tenths = strips ? (ns / strips + 50) / 100 : 0;
    text_format(out, "%s%llu.%llu us", name, (number)(tenths / 10), (number)(tenths % 10));
}

static void add_device(const struct sgr_bench_device *device, unsigned threads, struct text *out)
{
    if (device->reason[0]) {
        text_format(out, "%s: cannot be used: %s\n", device->backend, device->reason);
        return;
    }
    text_format(out, "%s: %llu strips of this art, each\n  alone: ", device->name,
                (number)device->strips);
    add_each("deciding what to draw ", device->list_ns, device->strips, out);
    add_each(", composing ", device->compose_ns, device->strips, out);
    add_each(", reading back ", device->readback_ns, device->strips, out);
    add_each("\n  overlapping: ", device->batch_ns, device->strips, out);
    add_each("; one CPU thread composes it in ", device->cpu_compose_ns, device->strips, out);
    add_each(" and encodes it in ", device->cpu_encode_ns, device->strips, out);
    rate_text_add("\n  sprites go there at ", device->upload_bytes, device->upload_ns, out);
    rate_text_add(", pixels come back at ", device->pixels * 4, device->readback_ns, out);
    text_format(out, "\n  %s beside %u thread%s here\n",
                device->pays ? "it pays" : "it does not pay", threads, threads == 1 ? "" : "s");
}

/* Whether a device composes a scene faster than all threads together. */
static bool is_faster(const struct sgr_bench_scene *scene, unsigned threads)
{
    return scene->device_ns < scene->cpu_ns / threads;
}

static void add_scene(const struct sgr_bench_scene *scene, unsigned threads, struct text *out)
{
    uint64_t pixels = (uint64_t)scene->side * scene->side;
    uint64_t cpu = scene->cpu_ns * 1000 / threads / pixels;
    uint64_t device = scene->device_ns * 1000 / pixels;
    text_format(out, "  %-13s %4ux%-4u %6u  %-8s %6llu %8llu  %s\n", scene->backend, scene->side,
                scene->side, scene->layers, scene->mode, (number)cpu, (number)device,
                is_faster(scene, threads) ? "device" : "CPU");
}

/* The scenes one by one, and where a device begins to be faster. */
static void add_scenes(const struct sgr_bench_result *result, unsigned threads, struct text *out)
{
    size_t faster = 0;
    text_format(
        out,
        "\ncomposing alone, picoseconds a pixel, CPU with %u thread%s: an opaque ground "
        "and translucent discs\n  backend       canvas    layers  mode        CPU   device  "
        "faster\n",
        threads, threads == 1 ? "" : "s");
    for (size_t index = 0; index < result->scene_count; index++) {
        add_scene(&result->scenes[index], threads, out);
        faster += is_faster(&result->scenes[index], threads);
    }
    if (result->scenes_left > 0)
        text_format(out, "  %zu more did not fit the time: give more --seconds\n",
                    result->scenes_left);
    if (faster == 0)
        text_add(out, "  nowhere is a device faster here\n");
    else
        text_format(out, "  a device is faster in %zu of %zu\n", faster, result->scene_count);
}

void bench_device_text(const struct sgr_bench_result *result, struct text *out)
{
    unsigned threads = result->runs[result->base].threads;
    for (size_t index = 0; index < result->device_count; index++) {
        text_add(out, index ? "" : "\n");
        add_device(&result->devices[index], threads, out);
    }
    if (result->scene_count > 0)
        add_scenes(result, threads, out);
}

static void add_device_json(const struct sgr_bench_device *device, struct text *out)
{
    text_format(out, "{\"backend\": \"%s\", \"name\": ", device->backend);
    text_json(out, device->name);
    text_add(out, ", \"reason\": ");
    if (device->reason[0])
        text_json(out, device->reason);
    else
        text_add(out, "null");
    text_format(out,
                ",\n    \"strips\": %llu, \"pixels\": %llu, \"upload_bytes\": %llu, "
                "\"upload_ns\": %llu, \"list_ns\": %llu, \"compose_ns\": %llu,\n",
                (number)device->strips, (number)device->pixels, (number)device->upload_bytes,
                (number)device->upload_ns, (number)device->list_ns, (number)device->compose_ns);
    text_format(out,
                "    \"readback_ns\": %llu, \"batch_ns\": %llu, \"cpu_compose_ns\": %llu, "
                "\"cpu_encode_ns\": %llu, \"pays\": %s}",
                (number)device->readback_ns, (number)device->batch_ns,
                (number)device->cpu_compose_ns, (number)device->cpu_encode_ns,
                device->pays ? "true" : "false");
}

void bench_device_json(const struct sgr_bench_result *result, struct text *out)
{
    text_add(out, "\"devices\": [");
    for (size_t index = 0; index < result->device_count; index++) {
        text_add(out, index ? ",\n  " : "\n  ");
        add_device_json(&result->devices[index], out);
    }
    text_add(out, "],\n  \"scenes\": [");
    for (size_t index = 0; index < result->scene_count; index++) {
        const struct sgr_bench_scene *scene = &result->scenes[index];
        text_format(out,
                    "%s{\"backend\": \"%s\", \"mode\": \"%s\", \"side\": %u, \"layers\": %u, "
                    "\"strips\": %llu, \"cpu_ns\": %llu, \"device_ns\": %llu}",
                    index ? ",\n  " : "\n  ", scene->backend, scene->mode, scene->side,
                    scene->layers, (number)scene->strips, (number)scene->cpu_ns,
                    (number)scene->device_ns);
    }
    text_format(out, "],\n  \"scenes_left\": %zu", result->scenes_left);
}
