/*
 * Read-back buffers are made while bound to GL_PIXEL_PACK_BUFFER, which drivers take as the sign to
 * put them where the CPU reads quickly. A buffer is never mapped before its fence has passed: that
 * would stall the thread for as long as the device works.
 */
#include "compose/gles/gl_ring.h"

#include "base/memory.h"
#include "os/machine.h"

#define MILLISECOND_NS UINT64_C(1000000)

static void *map(struct gl_ring *ring, const struct gl_slot *slot)
{
    const struct gl_functions *gl = &ring->context->gl;
    GLbitfield kept = GL_MAP_PERSISTENT_BIT_EXT | GL_MAP_COHERENT_BIT_EXT;
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, slot->buffer);
    void *pixels = gl->MapBufferRange(GL_PIXEL_PACK_BUFFER, 0, (GLsizeiptr)ring->bytes,
                                      GL_MAP_READ_BIT | (ring->persistent ? kept : 0));
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    return pixels;
}

static void unmap(struct gl_ring *ring, struct gl_slot *slot)
{
    const struct gl_functions *gl = &ring->context->gl;
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, slot->buffer);
    (void)gl->UnmapBuffer(GL_PIXEL_PACK_BUFFER);
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    slot->pixels = NULL;
}

static enum sgr_status make_slot(struct gl_ring *ring, struct gl_slot *slot,
                                 struct sgr_error *error)
{
    const struct gl_functions *gl = &ring->context->gl;
    gl->GenBuffers(1, &slot->buffer);
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, slot->buffer);
    if (ring->persistent)
        gl->BufferStorageEXT(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)ring->bytes, NULL,
                             GL_MAP_READ_BIT | GL_MAP_PERSISTENT_BIT_EXT | GL_MAP_COHERENT_BIT_EXT |
                                 GL_CLIENT_STORAGE_BIT_EXT);
    else
        gl->BufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)ring->bytes, NULL, GL_STREAM_READ);
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    enum sgr_status status = gl_context_check(ring->context, "to make room for pixels", error);
    if (status != SGR_OK || !ring->persistent)
        return status;
    slot->pixels = map(ring, slot);
    status = gl_context_check(ring->context, "to map a buffer", error);
    if (status == SGR_OK && !slot->pixels)
        status = error_set(error, SGR_INTERNAL, "the driver does not map buffers for good");
    return status;
}

enum sgr_status gl_ring_init(struct gl_ring *ring, struct gl_context *context, unsigned slot_count,
                             size_t bytes, bool persistent, struct sgr_error *error)
{
    *ring = (struct gl_ring){.context = context, .bytes = bytes, .persistent = persistent};
    ring->slots = memory_allocate_zeroed(slot_count, sizeof *ring->slots);
    if (!ring->slots)
        return error_no_memory(error, "the read-back ring");
    ring->slot_count = slot_count;
    enum sgr_status status = SGR_OK;
    for (unsigned slot = 0; slot < slot_count && status == SGR_OK; slot++)
        status = make_slot(ring, &ring->slots[slot], error);
    if (status != SGR_OK)
        gl_ring_finish(ring);
    return status;
}

void gl_ring_finish(struct gl_ring *ring)
{
    for (unsigned index = 0; index < ring->slot_count; index++) {
        struct gl_slot *slot = &ring->slots[index];
        const struct gl_functions *gl = &ring->context->gl;
        if (slot->fence)
            gl->DeleteSync(slot->fence);
        if (slot->pixels)
            unmap(ring, slot);
        if (slot->buffer)
            gl->DeleteBuffers(1, &slot->buffer);
    }
    memory_free(ring->slots);
    *ring = (struct gl_ring){.context = NULL};
}

enum sgr_status gl_ring_read(struct gl_ring *ring, unsigned index, struct gl_painter *painter,
                             const struct gl_target *target, uint32_t rows, struct sgr_error *error)
{
    const struct gl_functions *gl = &ring->context->gl;
    struct gl_slot *slot = &ring->slots[index];
    if (slot->pixels && !ring->persistent)
        unmap(ring, slot);
    /* That of a batch which nobody collected. */
    if (slot->fence)
        gl->DeleteSync(slot->fence);
    gl_painter_read(painter, target, rows, slot->buffer);
    if (ring->persistent && gl->MemoryBarrier)
        gl->MemoryBarrier(GL_CLIENT_MAPPED_BUFFER_BARRIER_BIT_EXT);
    slot->fence = gl->FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    /* Without a flush the fence may never be reached. */
    gl->Flush();
    slot->submitted_ns = machine_now_ns();
    enum sgr_status status = gl_context_check(ring->context, "to compose a batch", error);
    if (status == SGR_OK && !slot->fence)
        status = error_set(error, SGR_INTERNAL, "the driver makes no fences; update it");
    return status;
}

/* Whether the copy has ended; an error of the wait is the driver's way to tell of a loss. */
static enum sgr_status wait_for(struct gl_ring *ring, struct gl_slot *slot, unsigned wait_ms,
                                bool *out_done, struct sgr_error *error)
{
    const struct gl_functions *gl = &ring->context->gl;
    GLenum answer = gl->ClientWaitSync(slot->fence, 0, wait_ms * MILLISECOND_NS);
    *out_done = answer == GL_ALREADY_SIGNALED || answer == GL_CONDITION_SATISFIED;
    unsigned limit_ms = ring->context->limit_ms;
    bool late = machine_now_ns() - slot->submitted_ns > limit_ms * MILLISECOND_NS;
    /* The fences of a lost device pass: it is enough to ask for a loss when they have. */
    if (answer == GL_TIMEOUT_EXPIRED && !late)
        return SGR_OK;
    enum sgr_status status = gl_context_check(ring->context, "to wait for a batch", error);
    if (status != SGR_OK || *out_done)
        return status;
    if (answer == GL_WAIT_FAILED)
        return error_set(error, SGR_INTERNAL, "the driver cannot tell when a batch is done");
    if (late)
        return error_set(error, SGR_INTERNAL, "the device has not answered for %u.%03u seconds",
                         limit_ms / 1000, limit_ms % 1000);
    return SGR_OK;
}

enum sgr_status gl_ring_collect(struct gl_ring *ring, unsigned index, unsigned wait_ms,
                                const uint32_t **out_pixels, struct sgr_error *error)
{
    struct gl_slot *slot = &ring->slots[index];
    bool done = false;
    *out_pixels = NULL;
    enum sgr_status status = wait_for(ring, slot, wait_ms, &done, error);
    if (status != SGR_OK || !done)
        return status;
    ring->context->gl.DeleteSync(slot->fence);
    slot->fence = NULL;
    if (!ring->persistent) {
        slot->pixels = map(ring, slot);
        status = gl_context_check(ring->context, "to map a buffer", error);
    }
    if (status == SGR_OK && !slot->pixels)
        status = error_set(error, SGR_INTERNAL, "the driver does not map the pixels");
    if (status == SGR_OK)
        *out_pixels = slot->pixels;
    return status;
}
