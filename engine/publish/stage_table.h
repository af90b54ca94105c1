/* How the time of a run went by, for people and programs. */
#ifndef SGR_PUBLISH_STAGE_TABLE_H
#define SGR_PUBLISH_STAGE_TABLE_H

#include "base/text.h"

#include <serigraph/generate.h>

/*
 * Adds a line for each stage that did something, one that names the bottleneck, and one that tells
 * how many strips each device and the CPU composed.
 */
void stage_table_text(const struct sgr_generate_result *result, struct text *out);

/* Adds a JSON array with an object for each stage. */
void stage_table_json(const struct sgr_generate_result *result, struct text *out);

/* The busy time of the run itself, reading and planning left out, in nanoseconds. */
uint64_t stage_table_busy(const struct sgr_generate_result *result);

/* A stage's part of that time in tenths of a percent. */
unsigned stage_table_share(const struct sgr_generate_result *result, enum sgr_stage stage);

/*
 * The stage that the run waited for: schedule or commit, of one thread each, or compose where it
 * has threads of its own, when it was busy nine tenths of the time, else that of the workers'
 * stages which took the most time.
 */
enum sgr_stage stage_table_bottleneck(const struct sgr_generate_result *result);

/* Adds "encode (71 % of busy time)" for the bottleneck. */
void stage_table_add_bottleneck(const struct sgr_generate_result *result, struct text *out);

#endif
