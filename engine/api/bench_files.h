/* The temporary folder of a bench, and the files of a run in memory. */
#ifndef SGR_API_BENCH_FILES_H
#define SGR_API_BENCH_FILES_H

#include "plan/plan.h"
#include "store/floor.h"

/* Start from all zero; ended with bench_files_close. */
struct bench_files {
    char *parent;       /* the folder that the temporary one is in */
    bool made_parent;   /* it was not there before */
    char *folder;       /* the temporary one; NULL: there is none */
    char *run_folder;   /* in it: where a run writes to */
    char *floor_folder; /* in it: where the floor is measured */
    struct floor_item *items;
    size_t count;
    size_t capacity;
    uint64_t bytes; /* of all items' files */
};

/* Makes a temporary folder in `parent` (NULL: the working folder), which is made when missing. */
enum sgr_status bench_files_open(struct bench_files *files, const char *parent,
                                 struct sgr_error *error) SGR_MUST_USE;

/*
 * Reads the files of the plan's first items from the run's folder, as many as there are, and
 * empties the floor's folder.
 */
enum sgr_status bench_files_load(struct bench_files *files, struct plan *plan,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees what was read. */
void bench_files_unload(struct bench_files *files);

/*
 * Removes the folder with all that is in it and frees the files, whatever `status` is. Returns
 * `status`, or SGR_OUTPUT with *error set when all had gone well but the folder stays.
 */
enum sgr_status bench_files_close(struct bench_files *files, enum sgr_status status,
                                  struct sgr_error *error) SGR_MUST_USE;

#endif
