/*
 * The folder that items go to: made when missing, taken for this process, checked to be ours, and
 * its paths. What the files hold is not known here.
 */
#ifndef SGR_STORE_ITEM_FOLDER_H
#define SGR_STORE_ITEM_FOLDER_H

#include "os/file_folder.h"
#include "store/manifest.h"

/* A folder that is taken; all zero means none. Owns its texts. */
struct item_folder {
    char *path;
    char *images;
    char *metadata;
    char *partial;
    char *manifest;
    size_t existing; /* bytes of `path` that were there before; its length when all was */
    bool made_images;
    bool made_metadata;
    bool held_elsewhere; /* another process has it */
    struct open_file lock;
    struct file_folder images_folder;
    struct file_folder metadata_folder;
    struct file_folder partial_folder;
};

/*
 * Makes DIR with images/, metadata/ and .partial/, takes it, and empties .partial. SGR_USAGE when
 * another process holds it, or when it has files but no manifest. On failure nothing is left that
 * was not there before.
 */
enum sgr_status item_folder_open(const char *path, struct item_folder *out_folder,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Gives the folder back, without .partial when that is empty. Accepts one that is all zero. */
void item_folder_close(struct item_folder *folder);

/* For a failure before anything was stored: closes, and removes what was made. */
void item_folder_withdraw(struct item_folder *folder);

/* The name of the sub-folder `number` of images/ and metadata/, see manifest_path: "007". */
void item_folder_sub_name(char out_name[MANIFEST_PATH_BYTES], uint64_t number);

/* "<folder>/<name>", to be freed; NULL without memory. */
char *item_folder_join(const char *folder, const char *name);

#endif
