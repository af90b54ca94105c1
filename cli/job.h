/* From options to the library's own structs, and from those to an open plan. */
#ifndef SGR_CLI_JOB_H
#define SGR_CLI_JOB_H

#include "session.h"

#include <serigraph/plan.h>

enum { JOB_SEED_BYTES = 17 };

/* The most items of a plan, and the greatest ids. */
#define JOB_COUNT_MAX UINT64_C(1000000000)
#define JOB_START_MAX UINT64_C(1000000000000)
#define JOB_ID_MAX (JOB_START_MAX + JOB_COUNT_MAX)

/* What art and plan options say. Do not copy: the plan options may point at drawn_seed. */
struct job {
    struct sgr_art_options art;
    struct sgr_plan_options plan;
    const char *plan_path; /* NULL: plan anew */
    char drawn_seed[JOB_SEED_BYTES];
};

/* Reads the art options of the command line. */
enum sgr_status job_read_art(const struct session *session, struct sgr_art_options *out_art,
                             struct sgr_error *error) SGR_MUST_USE;

/* Reads the art and plan options; draws the seed when it is to be random, and tells it. */
enum sgr_status job_read(const struct session *session, struct job *job,
                         struct sgr_error *error) SGR_MUST_USE;

/* Checks the words of --backend, --device and --cpu-kernel. */
enum sgr_status job_check_backend(const struct arguments *arguments, bool all,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Opens the plan file, or reads the art and plans. *out_plan is the caller's. */
enum sgr_status job_open_plan(const struct job *job, struct sgr_plan **out_plan,
                              struct sgr_error *error) SGR_MUST_USE;

/* sgr_plan_describe as a report_writer; `context` is the struct sgr_plan. */
enum sgr_status job_describe_plan(void *context, enum sgr_format format,
                                  const struct sgr_sink *sink,
                                  struct sgr_error *error) SGR_MUST_USE;

#endif
