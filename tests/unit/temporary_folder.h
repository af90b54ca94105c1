/* Removing what a test made, for every fixture that has a folder. */
#ifndef TEMPORARY_FOLDER_H
#define TEMPORARY_FOLDER_H

#include <ftw.h>
#include <stdio.h>

static inline int temporary_folder_visit(const char *path, const struct stat *status, int type,
                                         struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

/* Removes a folder with all that is in it; links are removed, not followed. */
static inline void temporary_folder_remove(const char *path)
{
    nftw(path, temporary_folder_visit, 32, FTW_DEPTH | FTW_PHYS);
}

#endif
