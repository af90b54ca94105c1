/*
 * A layer's folder as it is on disk: every picture and sub-folder with its parsed name and what it
 * inherits, in an array where parents stand before their children and the children of one folder
 * side by side. What the names mean together is decided in layer_options.
 */
#ifndef SGR_COLLECTION_LAYER_TREE_H
#define SGR_COLLECTION_LAYER_TREE_H

#include "collection/draft.h"
#include "collection/trait_name.h"

enum { LAYER_TREE_DEPTH_MAX = 16, LAYER_TREE_ENTRIES_MAX = 100000 };

/* A file or folder; its texts are in the draft's scratch arena. */
struct layer_node {
    const char *full;       /* path for messages */
    const char *path;       /* below the root */
    struct trait_name name; /* unused in the layer folder itself */
    struct draft_settings settings;
    size_t parent;
    size_t first; /* child */
    size_t count; /* of children, in natural order */
    unsigned depth;
    bool is_folder;
    bool absent;          /* a file called NONE */
    bool weighted_inside; /* a name below has a weight */
    bool picture_inside;  /* a picture (or NONE) is below */
};

/* Start from all zero bytes; node 0 is the layer's folder. */
struct layer_tree {
    struct layer_node *nodes;
    size_t count;
    size_t capacity;
};

/*
 * Reads everything below a layer's folder. The hashlips grammar leaves out sub-folders, with a
 * warning. End it with layer_tree_finish, also after failure.
 */
enum sgr_status layer_tree_read(struct layer_tree *tree, struct draft *draft,
                                const struct draft_layer *layer,
                                struct sgr_error *error) SGR_MUST_USE;

/* Frees the tree. */
void layer_tree_finish(struct layer_tree *tree);

#endif
