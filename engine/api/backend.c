/*
 * The choice of who composes. Only here and in what lists or measures devices does the program know
 * that there is OpenGL ES.
 */
#include "api/backend.h"

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "pipeline/compose_trial.h"
#include "pipeline/render.h"

#include <string.h>

#if SERIGRAPH_GLES
#include "compose/gles/egl_absence.h"
#include "compose/gles/gles_measure.h"
#endif

/* Items whose strips a trial makes. */
enum { TRIAL_ITEMS = 24 };

/* The names of --backend. */
enum backend_kind { BACKEND_AUTO, BACKEND_CPU, BACKEND_GLES, BACKEND_COMPUTE, BACKEND_FRAGMENT };

static enum sgr_status read_name(const char *name, enum backend_kind *out_kind,
                                 struct sgr_error *error)
{
    static const char *const names[] = {"auto", "cpu", "gles", "gles-compute", "gles-fragment"};
    *out_kind = BACKEND_AUTO;
    if (!name)
        return SGR_OK;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (strcmp(name, names[index]) == 0) {
            *out_kind = (enum backend_kind)index;
            return SGR_OK;
        }
    }
    return error_set(error, SGR_USAGE,
                     "--backend \"%s\" is unknown; it takes auto, cpu, gles, gles-compute or "
                     "gles-fragment",
                     name);
}

static void say_cpu(const struct backend_request *request, enum sgr_log_level level,
                    const char *reason)
{
    log_write(&request->log, level, "composing on the CPU (%s): %s", request->kernels->name,
              reason);
}

uint64_t backend_memory(const struct backend *backend)
{
    uint64_t bytes = backend->composer_count ? RENDER_COMPOSE_JOBS_BYTES : 0;
    for (size_t index = 0; index < backend->composer_count; index++)
        bytes += batch_shape(backend->composers[index])->memory_bytes;
    return bytes;
}

void backend_close(struct backend *backend)
{
    for (size_t index = 0; index < backend->composer_count; index++)
        batch_destroy(&backend->composers[index]);
    backend->composer_count = 0;
}

#if SERIGRAPH_GLES

/* Encoders hold a slot each at most, and two more are always free for the device. */
enum { SLOTS_MORE = 2, SLOTS_MIN = 2, SLOTS_MAX = 66, SLOT_BYTES = 4 << 20, CHOICE_BYTES = 128 };

/* What all slots of a device may take of the host's memory. */
#define SLOTS_BYTES UINT64_C(268435456)

/* A run of fewer pixels is over before a driver has started and a trial was made. */
#define AUTO_PIXELS_MIN UINT64_C(500000000)

/* What sprites may take on a device where nothing is asked for. */
#define HARDWARE_BYTES UINT64_C(1073741824)
#define SOFTWARE_BYTES UINT64_C(134217728)

/* Opening devices, until one works. */
struct opening {
    struct backend *backend;
    const struct backend_request *request;
    enum backend_kind kind;
    struct text reasons; /* why others do not */
    bool taken[EGL_DEVICE_MAX];
};

static void add_reason(struct opening *opening, const char *reason)
{
    text_add(&opening->reasons, opening->reasons.length ? "; " : "");
    text_add(&opening->reasons, reason);
}

/* Two more than encoders, unless that takes too much memory. */
static unsigned slot_count(const struct backend_request *request)
{
    uint64_t slot_bytes = (uint64_t)request->sprites->width * request->rows_max * 4;
    uint64_t fitting = SLOTS_BYTES / (slot_bytes > SLOT_BYTES ? slot_bytes : SLOT_BYTES);
    unsigned wanted = request->threads + SLOTS_MORE;
    unsigned most = fitting < SLOTS_MAX ? (unsigned)fitting : SLOTS_MAX;
    most = most < SLOTS_MIN ? SLOTS_MIN : most;
    return wanted < most ? wanted : most;
}

static bool open_program(struct opening *opening, const struct egl_device *device,
                         enum gl_program_kind program)
{
    const struct backend_request *request = opening->request;
    uint64_t bytes = device->software ? SOFTWARE_BYTES : HARDWARE_BYTES;
    const struct compose_gles_options options = {
        .device = *device,
        .program = program,
        .minor_max = 2,
        .allow_software = request->device != NULL,
        .slot_count = slot_count(request),
        .rows_max = request->rows_max,
        .sprite_bytes = request->device_bytes ? request->device_bytes : bytes,
        .threads = request->threads,
        .log = request->log};
    struct compose_gles_facts facts;
    struct sgr_error error = {SGR_OK, ""};
    struct batch_composer **composer =
        &opening->backend->composers[opening->backend->composer_count];
    if (compose_gles_create(request->sprites, &options, composer, &facts, &error) != SGR_OK) {
        add_reason(opening, error.text);
        return false;
    }
    if (opening->kind == BACKEND_AUTO && !facts.robust && !facts.software) {
        add_reason(opening, facts.renderer);
        text_add(&opening->reasons, " would not tell of a reset; --backend gles takes it anyhow");
        batch_destroy(composer);
        return false;
    }
    opening->backend->composer_count++;
    log_write(&request->log, SGR_LOG_DETAIL,
              "%s (%s): %zu pages of %ux%u sprites, %u of them there at once; %u slots, %s",
              batch_shape(*composer)->name, facts.version, facts.page_count, facts.page_side,
              facts.page_side, facts.layer_count, batch_shape(*composer)->slot_count,
              facts.persistent ? "always mapped" : "mapped when they are done");
    return true;
}

static bool open_device(struct opening *opening, const struct egl_device *device)
{
    bool compute = opening->kind != BACKEND_FRAGMENT;
    bool fragment = opening->kind != BACKEND_COMPUTE;
    return (compute && open_program(opening, device, GL_PROGRAM_COMPUTE)) ||
           (fragment && open_program(opening, device, GL_PROGRAM_FRAGMENT));
}

/* Opens the first device that one choice allows and that works. */
static bool open_choice(struct opening *opening, const char *choice)
{
    struct egl_device devices[EGL_DEVICE_MAX];
    struct sgr_error error = {SGR_OK, ""};
    size_t count = 0;
    if (egl_device_choose(choice, devices, &count, &error) != SGR_OK) {
        add_reason(opening, error.text);
        return false;
    }
    for (size_t index = 0; index < count; index++) {
        bool *taken = &opening->taken[devices[index].index];
        if (*taken) {
            add_reason(opening, "the same device is named twice");
            return false;
        }
        *taken = open_device(opening, &devices[index]);
        if (*taken)
            return true;
    }
    return false;
}

/* Opens each of a list of devices, such as "0,1"; all of them must work. */
static bool open_list(struct opening *opening)
{
    const char *at = opening->request->device;
    if (!at)
        return open_choice(opening, NULL);
    for (;;) {
        char choice[CHOICE_BYTES] = "";
        size_t length = strcspn(at, ",");
        if (length >= sizeof choice || opening->backend->composer_count == SGR_DEVICES_MAX) {
            add_reason(opening, "--device is too long");
            return false;
        }
        memcpy(choice, at, length);
        if (!open_choice(opening, choice))
            return false;
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

/* The time of all devices together, each alone being timed. */
static enum sgr_status time_devices(struct backend *backend, const struct strip_sample *sample,
                                    struct compose_trial *trial, struct sgr_error *error)
{
    double rate = 0;
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < backend->composer_count && status == SGR_OK; index++) {
        status = compose_trial_batch(trial, sample, backend->composers[index], error);
        rate += 1.0 / ((double)trial->batch_ns + 1);
    }
    trial->batch_ns = (uint64_t)(1.0 / rate);
    return status;
}

/* Whether the devices pay; says what was found. */
static enum sgr_status try_out(struct opening *opening, bool *out_pays, struct sgr_error *error)
{
    const struct backend_request *request = opening->request;
    const struct plan_choices *choices = plan_choices(request->plan);
    struct batch_composer *composer = opening->backend->composers[0];
    struct strip_sample sample = {.count = 0};
    struct compose_trial trial = {0};
    struct strip_maker maker = {0};
    enum sgr_status status = strip_sample_make(&sample, request->plan, request->sprites,
                                               request->visibility, TRIAL_ITEMS, error);
    if (status == SGR_OK)
        status = strip_maker_init(&maker, request->compose, request->kernels, 0, choices, error);
    if (status == SGR_OK)
        status = compose_trial_cpu(&trial, &sample, &maker, error);
    if (status == SGR_OK)
        status = time_devices(opening->backend, &sample, &trial, error);
    strip_maker_finish(&maker);
    strip_sample_finish(&sample);
    if (status != SGR_OK)
        return status;
    *out_pays = compose_trial_pays(&trial, request->threads);
    double strips = (double)(trial.strips ? trial.strips : 1) * 1e3;
    log_write(&request->log, SGR_LOG_NOTICE,
              "composing on %s: a strip takes it %.1f us, %u CPU threads %.1f us, encoding %.1f us",
              *out_pays ? batch_shape(composer)->name : "the CPU, not by a device",
              (double)trial.batch_ns / strips, request->threads,
              (double)trial.compose_ns / request->threads / strips,
              (double)trial.encode_ns / request->threads / strips);
    return SGR_OK;
}

/* With auto: devices that work are used if they pay. */
static void keep_if_it_pays(struct opening *opening)
{
    struct sgr_error error = {SGR_OK, ""};
    bool pays = false;
    enum sgr_status status = try_out(opening, &pays, &error);
    if (status != SGR_OK)
        say_cpu(opening->request, SGR_LOG_NOTICE, error.text);
    if (!pays)
        backend_close(opening->backend);
}

/* Tells why a backend or device that was asked for by name cannot be used. */
static enum sgr_status refuse(const struct opening *opening, struct sgr_error *error)
{
    const struct backend_request *request = opening->request;
    bool by_backend = opening->kind != BACKEND_AUTO;
    if (opening->reasons.failed)
        return error_no_memory(error, "a device");
    return error_set(
        error, SGR_USAGE, "--%s %s: no device can be used (%s); see: serigraph devices",
        by_backend ? "backend" : "device", by_backend ? request->name : request->device,
        opening->reasons.bytes ? opening->reasons.bytes : "none");
}

static enum sgr_status open_devices(struct opening *opening, struct sgr_error *error)
{
    const struct backend_request *request = opening->request;
    if (!open_list(opening)) {
        bool asked = opening->kind != BACKEND_AUTO || request->device;
        backend_close(opening->backend);
        if (asked)
            return refuse(opening, error);
        /* Who has a GPU wants to know; others need not read it in every run. */
        say_cpu(request, egl_absence_is_nvidia() ? SGR_LOG_NOTICE : SGR_LOG_DETAIL,
                opening->reasons.bytes ? opening->reasons.bytes : "no device works");
        return SGR_OK;
    }
    if (opening->kind == BACKEND_AUTO) {
        keep_if_it_pays(opening);
        return SGR_OK;
    }
    for (size_t index = 0; index < opening->backend->composer_count; index++)
        log_write(&request->log, SGR_LOG_NOTICE, "composing on %s: --backend %s asks for it",
                  batch_shape(opening->backend->composers[index])->name, request->name);
    return SGR_OK;
}

static enum sgr_status open_gles(struct backend *backend, const struct backend_request *request,
                                 enum backend_kind kind, struct sgr_error *error)
{
    if (kind == BACKEND_AUTO && !request->device && request->pixels < AUTO_PIXELS_MIN) {
        say_cpu(request, SGR_LOG_DETAIL, "so few items are made before a GPU has started");
        return SGR_OK;
    }
    struct opening opening = {.backend = backend, .request = request, .kind = kind};
    enum sgr_status status = open_devices(&opening, error);
    text_finish(&opening.reasons);
    return status;
}

bool backend_has_gpu(void)
{
    struct egl_device devices[EGL_DEVICE_MAX];
    size_t count = 0;
    struct sgr_error ignored;
    return egl_device_choose(NULL, devices, &count, &ignored) == SGR_OK && count > 0;
}

enum sgr_status backend_measure(struct backend *backend, const struct compose_strip *strips,
                                size_t count, unsigned budget_ms, struct batch_rates *out_rates,
                                struct sgr_error *error)
{
    ERROR_ASSERT(backend->composer_count > 0);
    return gles_measure(backend->composers[0], strips, count, budget_ms, out_rates, error);
}

#else

bool backend_has_gpu(void)
{
    return false;
}

enum sgr_status backend_measure(struct backend *backend, const struct compose_strip *strips,
                                size_t count, unsigned budget_ms, struct batch_rates *out_rates,
                                struct sgr_error *error)
{
    (void)backend, (void)strips, (void)count, (void)budget_ms, (void)out_rates;
    return error_set(error, SGR_USAGE, "built without the gles backend");
}

static enum sgr_status open_gles(struct backend *backend, const struct backend_request *request,
                                 enum backend_kind kind, struct sgr_error *error)
{
    (void)backend;
    if (kind != BACKEND_AUTO)
        return error_set(error, SGR_USAGE,
                         "--backend %s: built without the gles backend; use --backend cpu, or "
                         "build with -DSERIGRAPH_GLES=ON",
                         request->name);
    say_cpu(request, SGR_LOG_DETAIL, "built without OpenGL ES");
    return SGR_OK;
}

#endif

enum sgr_status backend_open(struct backend *backend, const struct backend_request *request,
                             struct sgr_error *error)
{
    enum backend_kind kind;
    enum sgr_status status = read_name(request->name, &kind, error);
    if (status != SGR_OK)
        return status;
    if (kind != BACKEND_CPU)
        return open_gles(backend, request, kind, error);
    if (request->device)
        return error_set(error, SGR_USAGE, "--device and --backend cpu exclude each other");
    say_cpu(request, SGR_LOG_DETAIL, "--backend cpu asks for it");
    return SGR_OK;
}
