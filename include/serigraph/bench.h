/* Measuring a plan on this machine: kernels, threads, levels, the disk, and the floor under it. */
#ifndef SERIGRAPH_BENCH_H
#define SERIGRAPH_BENCH_H

#include <serigraph/generate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a measured run is compared for. */
enum sgr_bench_role {
    SGR_BENCH_GRID,     /* a kernel with a number of threads, nothing kept */
    SGR_BENCH_DEVICE,   /* as the base, composed by a device */
    SGR_BENCH_NO_REUSE, /* as the base, every strip anew */
    SGR_BENCH_LEVEL,    /* as the base, another PNG level */
    SGR_BENCH_MEMORY,   /* as the base, more memory */
    SGR_BENCH_DISK      /* as the base, to files */
};

/* One configuration, measured in several rounds. Times in nanoseconds. */
struct sgr_bench_run {
    enum sgr_bench_role role;
    const char *kernel;  /* lives for ever */
    const char *backend; /* likewise: "cpu", "gles-compute" or "gles-fragment" */
    unsigned threads;
    enum sgr_png_level png_level;
    uint64_t memory_bytes;
    unsigned rounds;
    uint64_t fastest_ns;
    uint64_t slowest_ns;
    struct sgr_generate_result result; /* of the median round */
};

/*
 * One device with one of its programs, measured on strips of the plan: each step waited for, then
 * as a run does it, overlapping. Times in nanoseconds, for `strips` strips of `pixels` pixels.
 */
struct sgr_bench_device {
    const char *backend; /* that asks for it, such as "gles-compute"; lives for ever */
    char name[192];      /* program and device */
    char reason[256];    /* why it cannot be used, "" when it can; then nothing else is set */
    uint64_t upload_bytes;
    uint64_t upload_ns;
    uint64_t strips;
    uint64_t pixels;
    uint64_t list_ns;        /* making its work, on the CPU */
    uint64_t compose_ns;     /* on the device */
    uint64_t readback_ns;    /* until the pixels are there */
    uint64_t batch_ns;       /* all of it, overlapping */
    uint64_t cpu_compose_ns; /* the same strips on one CPU thread */
    uint64_t cpu_encode_ns;  /* the same */
    int pays;                /* what "auto" would say */
};

/* Made scenes, to see from where on a device composes faster than all CPU threads together. */
struct sgr_bench_scene {
    const char *backend; /* as above */
    const char *mode;    /* lives for ever */
    uint32_t side;       /* of the canvas */
    uint32_t layers;     /* an opaque ground, else translucent discs of a fifth of the canvas */
    uint64_t strips;
    uint64_t cpu_ns; /* one thread; in nanoseconds for all strips */
    uint64_t device_ns;
};

/* One for each program. */
enum { SGR_BENCH_DEVICES_MAX = 2 };

/* How far a bench is: what is about to be run. */
struct sgr_bench_progress {
    uint64_t elapsed_ns;
    uint64_t wanted_ns;              /* how long it is to take in all */
    unsigned round;                  /* from 1; 0 while it finds out how fast the machine is */
    const struct sgr_bench_run *run; /* NULL: the floor */
};

/* How to measure. Start from all zero, which means the defaults; texts are borrowed. */
struct sgr_bench_options {
    const char *out;    /* the folder for the temporary folder, made when missing; NULL: "." */
    const char *kernel; /* only this one; NULL or "auto": each that this machine runs */
    /*
     * Who composes besides the CPU: NULL or "auto" a GPU where there is one, "cpu" nobody, "gles..."
     * what it says, "all" both programs, of a software device where there is no GPU.
     */
    const char *backend;
    const char *device;    /* as in struct sgr_generate_options */
    uint64_t device_bytes; /* likewise */
    unsigned threads;      /* the most; 0: all cores */
    uint64_t memory_bytes; /* 0: as for the art */
    uint64_t items;        /* from the plan's start; 0: as many as the time allows */
    unsigned seconds;      /* about how long it is to take; 0: 30 */
    struct sgr_cancel *cancel;
    struct sgr_log log;
    void *progress_context;
    /* Called before every run, on the calling thread; NULL: nobody looks. */
    void (*progress)(void *context, const struct sgr_bench_progress *progress);
};

/* What was measured; ended with sgr_bench_finish. */
struct sgr_bench_result {
    uint64_t items;
    int items_chosen;      /* the bench chose how many */
    unsigned seconds;      /* that it was to take */
    unsigned cores;        /* of this machine, for this process */
    uint64_t elapsed_ns;   /* of the whole bench */
    uint64_t memory_bytes; /* of the base run */
    struct sgr_bench_run *runs;
    size_t run_count;
    size_t base;       /* index of the run with the asked (or fastest) kernel, all threads */
    size_t disk;       /* index of the run to files */
    uint64_t floor_ns; /* the same bytes from memory: digested, written, synced */
    uint64_t floor_bytes;
    struct sgr_bench_device devices[SGR_BENCH_DEVICES_MAX];
    size_t device_count;
    struct sgr_bench_scene *scenes; /* with "all" only */
    size_t scene_count;
    size_t scenes_left; /* not measured, as half of the time was over */
};

/*
 * Runs the plan's first items in every configuration, to nowhere and once a round to a temporary
 * folder that is removed again, whatever happens; then measures the floor. Configurations take
 * turns, and medians of the rounds are told. The PNG levels that the plan does not have are
 * measured too. *out_result is empty after a failure. SGR_USAGE for a kernel that this machine does
 * not run, SGR_OUTPUT when the folder cannot be written, SGR_INTERRUPTED or SGR_STOPPED when asked
 * to stop.
 */
SGR_API enum sgr_status sgr_bench(struct sgr_plan *plan, const struct sgr_bench_options *options,
                                  struct sgr_bench_result *out_result,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Frees what a result holds; accepts NULL and a result that is all zero. */
SGR_API void sgr_bench_finish(struct sgr_bench_result *result);

/* Prints what was measured and what follows from it, as text or JSON. */
SGR_API enum sgr_status sgr_bench_describe(struct sgr_plan *plan,
                                           const struct sgr_bench_result *result,
                                           enum sgr_format format, const struct sgr_sink *sink,
                                           struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
