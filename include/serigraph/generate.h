/* Rendering: a plan becomes files, or one item becomes pixels. */
#ifndef SERIGRAPH_GENERATE_H
#define SERIGRAPH_GENERATE_H

#include <serigraph/cancel.h>
#include <serigraph/plan.h>
#include <serigraph/stage.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a run is doing. */
enum sgr_run_state {
    SGR_RUN_WORKING,
    SGR_RUN_PAUSED,   /* asked by sgr_cancel_pause; what was in flight is being finished */
    SGR_RUN_FINISHING /* nothing new is begun: all was, or the run was asked to end */
};

/* How far a run has come. Times are in nanoseconds, sizes in bytes. */
struct sgr_progress {
    enum sgr_run_state state;
    uint64_t items_total;  /* of this run */
    uint64_t items_done;   /* committed, those found finished included */
    uint64_t items_found;  /* finished by an earlier run */
    uint64_t items_failed; /* given up by this run */
    uint64_t bytes_written;
    uint64_t elapsed_ns;
    uint64_t strips_needed;
    uint64_t strips_made;     /* composed and encoded; the rest was used again */
    uint64_t strips_queued;   /* wait to be made */
    uint64_t items_in_flight; /* begun and not yet written */
    uint64_t items_queued;    /* whole, and wait to be written */
    uint64_t items_staged;    /* written, and wait to be committed */
    uint64_t memory_bytes;    /* resident now */
};

/* What to render, and where to. Start from all zero, which means the defaults; texts borrowed. */
struct sgr_generate_options {
    const char *out;          /* a folder, or "null:" to keep nothing; required */
    const char *kernel;       /* "auto", "scalar", "sse41", "avx2" ...; NULL: auto */
    const char *backend;      /* "auto", "cpu", "gles", "gles-compute" ...; NULL: auto */
    const char *device;       /* "0", "0,1", "cuda:0", "/dev/dri/renderD128", "software" */
    uint64_t device_bytes;    /* of a device, for sprites; 0: 1 GiB, or 128 MiB of a software one */
    unsigned threads;         /* workers; 0: all cores */
    uint64_t memory_bytes;    /* 0: as for the art */
    uint64_t sample;          /* render this many items, spread over the plan; 0: all */
    const char *ids;          /* "1-20,35": render these ids; NULL: all */
    const char *image_prefix; /* put before "<id>.png" in metadata; NULL: the relative path */
    uint64_t fanout;          /* most items of a numbered sub-folder, id / fanout; 0: none */
    int no_reuse;             /* compose and encode every strip anew */
    int fresh;                /* first remove what an earlier run made in `out` */
    struct sgr_cancel *cancel; /* NULL: cannot be asked to stop */
    struct sgr_log log;
    void *progress_context;
    /* Called about ten times a second from one thread; NULL: nobody looks. */
    void (*progress)(void *context, const struct sgr_progress *progress);
};

/* The most devices of one run, and room for a device's name. */
enum { SGR_DEVICES_MAX = 16, SGR_DEVICE_NAME_BYTES = 192 };

/* What one device composed. */
struct sgr_device_share {
    char name[SGR_DEVICE_NAME_BYTES]; /* "gles compute on device 0, <renderer>" */
    uint64_t strips;
};

/* What a run did. */
struct sgr_generate_result {
    struct sgr_progress progress;
    uint64_t items_failed;
    uint64_t peak_memory_bytes;
    uint64_t sprite_bytes;      /* memory that holds the sprites */
    uint64_t fragment_bytes;    /* the most memory that encoded strips took */
    uint64_t fragments_evicted; /* encoded strips that made room; they are made again if needed */
    unsigned threads;           /* workers */
    unsigned writers;           /* threads that write files; 0: nothing was kept */
    const char *kernel;         /* that workers used, a literal; NULL: nothing was rendered */
    unsigned composers;         /* threads that composed by batches; 0: workers composed */
    uint64_t strips_batched;    /* strips that they made; workers composed the rest */
    struct sgr_device_share devices[SGR_DEVICES_MAX]; /* [composers] */
    struct sgr_stage_metrics stages[SGR_STAGE_TOTAL]; /* read and plan are those of the plan */
    int complete; /* every item of the plan has its row in the manifest, or was made for "null:" */
};

/*
 * Renders. Where a GPU may compose (any backend but "cpu"), drivers are loaded, which start their
 * own threads; the environment variables __GL_YIELD and EGL_LOG_LEVEL are set unless they are, so
 * no other thread may change some meanwhile; and a process that forks afterwards must not call the
 * library in the child. A context that was current is so again afterwards.
 *
 * The same call again goes on where an earlier one stopped. Nothing is made in `out` when
 * the options are refused. SGR_USAGE when the folder holds another plan's items or
 * another run is using it; SGR_OUTPUT when it cannot be written; SGR_INTERRUPTED or SGR_STOPPED
 * when asked to stop, with everything finished so far committed. *out_result is set whatever is
 * returned; how often each trait came out is counted only when all that was selected is done.
 */
SGR_API enum sgr_status sgr_generate(struct sgr_plan *plan,
                                     const struct sgr_generate_options *options,
                                     struct sgr_generate_result *out_result,
                                     struct sgr_error *error) SGR_MUST_USE;

/*
 * Prints what the last run of this plan made, as text or JSON: items, bytes, rates, and how often
 * each trait came out (as planned, when the run was stopped).
 */
SGR_API enum sgr_status sgr_generate_describe(struct sgr_plan *plan,
                                              const struct sgr_generate_result *result,
                                              enum sgr_format format, const struct sgr_sink *sink,
                                              struct sgr_error *error) SGR_MUST_USE;

/* Prints how the time of a run went by, stage by stage, as a table. */
SGR_API enum sgr_status sgr_generate_describe_stages(const struct sgr_generate_result *result,
                                                     const struct sgr_sink *sink,
                                                     struct sgr_error *error) SGR_MUST_USE;

/*
 * Composes the item `id` into `pixels`: height rows of width straight-alpha RGBA pixels, four
 * bytes each, without gaps. SGR_USAGE when the plan has no such id.
 */
SGR_API enum sgr_status sgr_render(struct sgr_plan *plan, uint64_t id, uint8_t *pixels, size_t size,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Writes the item `id` as a PNG file, with the bytes it has in a full run. */
SGR_API enum sgr_status sgr_render_file(struct sgr_plan *plan, uint64_t id, const char *path,
                                        struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
