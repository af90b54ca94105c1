/*
 * An edge case is a trait of its own with the option's name as value. Rules let it come exactly
 * when its case is the first that holds, and the option's weight is shared out by the chances of
 * that, so that counts of options come out as if there were no cases.
 */
#include "collection/import_lab.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/lab_tree.h"
#include "collection/weights.h"
#include "os/file.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a variant beyond the tree. */
struct variant_use {
    const char *name;    /* of the trait; NULL: it is left out */
    size_t plain;        /* the option's plain variant */
    size_t trait_layer;  /* of an edge case */
    size_t trait_option; /* its plain variant */
};

struct lab {
    struct lab_tree tree;
    struct variant_use *uses;
    wide *shares;  /* of the variants in their layer */
    size_t *order; /* of the layers, the lowest first */
    struct draft *draft;
    struct import_document *document;
    struct text text;
    struct sgr_error *error;
};

/* What the names in the art speak for. */
struct signs {
    bool lab;
    bool weights; /* a number behind '#', as other grammars write weights */
};

static void note_signs(const char *name, struct signs *signs)
{
    const char *mark = strrchr(name, '#');
    signs->weights |= mark && mark[1] >= '0' && mark[1] <= '9';
    signs->lab |= lab_name_is(name);
}

static enum sgr_status look_inside(struct draft *draft, const char *name, struct signs *signs,
                                   struct sgr_error *error)
{
    struct file_list list = {0};
    const char *path = draft_full_path(draft, name);
    enum sgr_status status =
        path ? file_list_read(&list, path, error) : error_no_memory(error, "a path");
    for (size_t at = 0; status == SGR_OK && at < list.count; at++) {
        if (draft_is_picture(list.entries[at].name))
            note_signs(list.entries[at].name, signs);
    }
    file_list_finish(&list);
    return status;
}

enum sgr_status import_lab_find(struct draft *draft, bool *out_is_lab, struct sgr_error *error)
{
    struct file_list list = {0};
    struct signs signs = {false, false};
    enum sgr_status status = file_list_read(&list, draft->root, error);
    for (size_t at = 0; status == SGR_OK && at < list.count && !signs.weights; at++) {
        const struct file_entry *entry = &list.entries[at];
        if (entry->info.kind != FILE_FOLDER || draft_is_hidden(entry->name))
            continue;
        note_signs(entry->name, &signs);
        status = look_inside(draft, entry->name, &signs, error);
    }
    file_list_finish(&list);
    *out_is_lab = signs.lab && !signs.weights;
    return status;
}

/* The plain variant of an option. */
static bool find_plain(struct lab *lab, size_t layer, const char *option, size_t *out_number)
{
    uint32_t number;
    text_clear(&lab->text);
    text_format(&lab->text, "%zu%c%s%c%c", layer, 1, option, 1, 1);
    if (lab->text.failed ||
        !intern_find(&lab->tree.keys, lab->text.bytes, lab->text.length, &number))
        return false;
    *out_number = number;
    return true;
}

static enum sgr_status pass_case(const struct lab *lab, const struct lab_variant *variant,
                                 const char *text)
{
    return draft_notice(lab->draft, lab->error, SGR_LOG_WARNING, "edge-case",
                        "%s %s, so it is never drawn and left out", variant->shown, text);
}

/* Finds what an edge case speaks of, and a name for it. */
static enum sgr_status resolve_case(struct lab *lab, size_t number)
{
    const struct lab_variant *variant = &lab->tree.variants[number];
    struct variant_use *use = &lab->uses[number];
    if (!find_plain(lab, variant->layer, variant->option, &use->plain))
        return pass_case(lab, variant, "is an edge case of an option that has no picture");
    if (!lab_tree_layer(&lab->tree, variant->trait, &use->trait_layer))
        return pass_case(lab, variant, "names a layer that there is not behind __t");
    if (use->trait_layer == variant->layer)
        return pass_case(lab, variant, "names its own layer behind __t");
    if (!find_plain(lab, use->trait_layer, variant->value, &use->trait_option))
        return pass_case(lab, variant, "names an option that there is not behind __v");
    use->name = arena_format(&lab->draft->scratch, "%s (%s %s)", variant->option, variant->trait,
                             variant->value);
    if (!use->name)
        return error_no_memory(lab->error, "the layers");
    size_t ignored;
    if (find_plain(lab, variant->layer, use->name, &ignored))
        return error_set(lab->error, SGR_INPUT,
                         "%s: %s would be the name of two traits; rename "
                         "the option of this name",
                         variant->shown, use->name);
    return SGR_OK;
}

static enum sgr_status resolve(struct lab *lab)
{
    size_t count = lab->tree.keys.count;
    enum sgr_status status = SGR_OK;
    lab->uses = memory_allocate_zeroed(count, sizeof *lab->uses);
    lab->shares = memory_allocate_zeroed(count, sizeof *lab->shares);
    lab->order = memory_allocate_zeroed(lab->tree.layer_count, sizeof *lab->order);
    if (!lab->uses || !lab->shares || !lab->order)
        return error_no_memory(lab->error, "the layers");
    for (size_t at = 0; status == SGR_OK && at < count; at++) {
        if (lab->tree.variants[at].trait) {
            status = resolve_case(lab, at);
        } else {
            lab->uses[at].name = lab->tree.variants[at].option;
            lab->uses[at].plain = at;
        }
    }
    return status;
}

/* A case's weight among its layer's, of all that have the layer's total. */
static wide weight_of_case(const struct lab *lab, size_t number)
{
    return lab->tree.variants[lab->uses[number].trait_option].weight;
}

/*
 * What is left of a total when the cases of the option before `number` do not hold, as far as
 * they are about the layer `about`.
 */
static wide left_over(const struct lab *lab, size_t plain, size_t number, size_t about)
{
    const struct lab_layer *layer = &lab->tree.layers[lab->tree.variants[plain].layer];
    wide left = lab->tree.layers[about].weight;
    for (size_t at = layer->first + layer->plain_count; at < number; at++) {
        const struct variant_use *use = &lab->uses[at];
        if (use->name && use->plain == plain && use->trait_layer == about)
            left -= weight_of_case(lab, at);
    }
    return left;
}

/*
 * Shares out the weights of a layer: with t as the total of each layer that its cases are about,
 * every share is a whole number of 1/(t1 * t2 * ...) of the option's weight.
 */
static enum sgr_status share_out(struct lab *lab, size_t number, const bool *about)
{
    const struct lab_layer *layer = &lab->tree.layers[number];
    size_t end = layer->first + layer->count;
    for (size_t at = layer->first; at < end; at++) {
        const struct variant_use *use = &lab->uses[at];
        if (!use->name)
            continue;
        bool is_case = at != use->plain;
        wide share = lab->tree.variants[use->plain].weight;
        for (size_t other = 0; other < lab->tree.layer_count; other++) {
            if (!about[other])
                continue;
            wide factor = is_case && other == use->trait_layer
                              ? weight_of_case(lab, at)
                              : left_over(lab, use->plain, is_case ? at : end, other);
            if (factor && share > ((wide)1 << 100) / factor)
                return error_set(lab->error, SGR_INPUT,
                                 "%s/%s: its edge cases are about too many layers to share out "
                                 "weights exactly; use fewer",
                                 lab->draft->root, layer->folder);
            share *= factor;
        }
        lab->shares[at] = share;
    }
    return SGR_OK;
}

/* Writes the weights of a layer's traits, unless all are the same. */
static enum sgr_status write_weights(struct lab *lab, size_t number)
{
    const struct lab_layer *layer = &lab->tree.layers[number];
    const char *name = layer->name.name;
    uint64_t *weights = memory_allocate_zeroed(layer->count, sizeof *weights);
    bool differ = false;
    uint64_t most = 0;
    if (!weights)
        return error_no_memory(lab->error, "the layers");
    weights_reduce(lab->shares + layer->first, layer->count, weights);
    for (size_t at = 0; at < layer->count; at++) {
        differ |= lab->uses[layer->first + at].name && weights[at] != weights[0];
        most = weights[at] > most ? weights[at] : most;
    }
    for (size_t at = 0; differ && at < layer->count; at++) {
        const struct variant_use *use = &lab->uses[layer->first + at];
        bool is_large = most > WEIGHTS_SCALE;
        if (!use->name)
            continue;
        json_t *trait = import_document_trait(lab->document, name, use->name);
        import_document_decimal(lab->document, trait, "weight",
                                is_large ? (uint64_t)((wide)weights[at] * WEIGHTS_ONE_MAX / most)
                                         : weights[at] * WEIGHTS_SCALE);
    }
    memory_free(weights);
    return SGR_OK;
}

static void add_name(struct lab *lab, json_t *list, size_t number)
{
    const struct lab_variant *variant = &lab->tree.variants[number];
    text_clear(&lab->text);
    text_format(&lab->text, "%s/%s", lab->tree.layers[variant->layer].name.name,
                lab->uses[number].name);
    lab->document->failed |= lab->text.failed;
    if (!lab->text.failed)
        import_document_text(lab->document, list, NULL, lab->text.bytes);
}

/* Adds all variants of an option to a list. */
static void add_option(struct lab *lab, json_t *list, size_t plain)
{
    const struct lab_layer *layer = &lab->tree.layers[lab->tree.variants[plain].layer];
    add_name(lab, list, plain);
    for (size_t at = layer->first + layer->plain_count; at < layer->first + layer->count; at++) {
        if (lab->uses[at].name && lab->uses[at].plain == plain)
            add_name(lab, list, at);
    }
}

/*
 * An edge case comes only when it holds, and then neither the plain option nor a later case does.
 */
static void add_rules(struct lab *lab, size_t number)
{
    const struct variant_use *use = &lab->uses[number];
    const struct lab_layer *layer = &lab->tree.layers[lab->tree.variants[number].layer];
    json_t *rules = import_document_member(lab->document, "rules", true);
    json_t *rule = import_document_object(lab->document, rules, NULL);
    json_t *list = import_document_list(lab->document, rule, "if");
    add_name(lab, list, number);
    add_option(lab, import_document_list(lab->document, rule, "then"), use->trait_option);
    rule = import_document_object(lab->document, rules, NULL);
    list = import_document_list(lab->document, rule, "forbid");
    add_name(lab, list, use->plain);
    for (size_t at = number + 1; at < layer->first + layer->count; at++) {
        if (lab->uses[at].name && lab->uses[at].plain == use->plain)
            add_name(lab, list, at);
    }
    add_option(lab, list, use->trait_option);
}

static enum sgr_status write_chances(struct lab *lab, size_t number)
{
    const struct lab_layer *layer = &lab->tree.layers[number];
    bool *about = memory_allocate_zeroed(lab->tree.layer_count, sizeof *about);
    if (!about)
        return error_no_memory(lab->error, "the layers");
    for (size_t at = layer->first + layer->plain_count; at < layer->first + layer->count; at++) {
        const struct variant_use *use = &lab->uses[at];
        if (use->name)
            about[use->trait_layer] = true;
    }
    enum sgr_status status = share_out(lab, number, about);
    memory_free(about);
    if (status == SGR_OK)
        status = write_weights(lab, number);
    size_t end = layer->first + layer->count;
    for (size_t at = layer->first + layer->plain_count; status == SGR_OK && at < end; at++) {
        if (!lab->uses[at].name)
            continue;
        json_t *trait = import_document_trait(lab->document, layer->name.name, lab->uses[at].name);
        import_document_text(lab->document, trait, "value", lab->tree.variants[at].option);
        add_rules(lab, at);
    }
    return status;
}

/* Adds a picture: its path alone where the layer's settings say all. */
static void write_part(struct lab *lab, const struct lab_part *part, json_t *list,
                       const struct lab_layer *layer)
{
    struct import_document *document = lab->document;
    bool is_placed = part->placed &&
                     (!layer->name.placed || part->x != layer->name.x || part->y != layer->name.y);
    if (!is_placed && part->z == layer->name.z) {
        import_document_text(document, list, NULL, part->path);
        return;
    }
    json_t *object = import_document_object(document, list, NULL);
    import_document_text(document, object, "file", part->path);
    if (part->z != layer->name.z)
        import_document_whole(document, object, "z", part->z);
    if (is_placed)
        import_document_place(document, object, "at", part->x, part->y);
}

static int compare_parts(const void *left, const void *right)
{
    const struct lab_part *a = left;
    const struct lab_part *b = right;
    if (a->variant != b->variant)
        return a->variant < b->variant ? -1 : 1;
    if (a->z != b->z)
        return a->z < b->z ? -1 : 1;
    return text_compare_natural(a->path, b->path);
}

static void write_layer(struct lab *lab, size_t number)
{
    struct import_document *document = lab->document;
    const struct lab_layer *layer = &lab->tree.layers[number];
    json_t *layers = import_document_member(document, "layers", true);
    json_t *out = import_document_object(document, layers, NULL);
    import_document_text(document, out, "name", layer->name.name);
    if (layer->name.z)
        import_document_whole(document, out, "z", layer->name.z);
    if (layer->name.placed)
        import_document_place(document, out, "at", layer->name.x, layer->name.y);
    json_t *pictures = import_document_object(document, out, "pictures");
    json_t *list = NULL;
    for (size_t at = 0; at < lab->tree.part_count; at++) {
        const struct lab_part *part = &lab->tree.parts[at];
        const char *name = lab->uses[part->variant].name;
        if (lab->tree.variants[part->variant].layer != number || !name)
            continue;
        if (at == 0 || lab->tree.parts[at - 1].variant != part->variant)
            list = import_document_list(document, pictures, name);
        write_part(lab, part, list, layer);
    }
    /* A list around one path says no more than the path. */
    for (void *at = json_object_iter(pictures); at; at = json_object_iter_next(pictures, at)) {
        json_t *only = json_array_get(json_object_iter_value(at), 0);
        if (json_array_size(json_object_iter_value(at)) == 1 && json_is_string(only))
            document->failed |= json_object_iter_set(pictures, at, only) != 0;
    }
}

static bool is_below(const struct lab_layer *left, const struct lab_layer *right)
{
    if (left->name.z != right->name.z)
        return left->name.z < right->name.z;
    return text_compare_natural(left->folder, right->folder) < 0;
}

/* The layers by their z; layers are few, so by insertion. */
static enum sgr_status put_in_order(struct lab *lab)
{
    const struct lab_layer *layers = lab->tree.layers;
    bool told = true;
    for (size_t at = 0; at < lab->tree.layer_count; at++) {
        size_t place = at;
        for (; place > 0 && is_below(&layers[at], &layers[lab->order[place - 1]]); place--)
            lab->order[place] = lab->order[place - 1];
        lab->order[place] = at;
    }
    for (size_t at = 1; at < lab->tree.layer_count; at++)
        told &= layers[lab->order[at]].name.z != layers[lab->order[at - 1]].name.z;
    if (told || lab->draft->options->layers)
        return SGR_OK;
    return draft_notice(lab->draft, lab->error, SGR_LOG_WARNING, "layer-order",
                        "%s: layers with the same __z are drawn in the order of their names "
                        "(--layers sets another)",
                        lab->draft->root);
}

static enum sgr_status write_all(struct lab *lab)
{
    enum sgr_status status = resolve(lab);
    if (status == SGR_OK)
        status = put_in_order(lab);
    if (status != SGR_OK)
        return status;
    if (lab->tree.part_count > 1)
        qsort(lab->tree.parts, lab->tree.part_count, sizeof *lab->tree.parts, compare_parts);
    import_document_text(lab->document, lab->document->root, "grammar", "lab");
    for (size_t at = 0; at < lab->tree.layer_count; at++)
        write_layer(lab, lab->order[at]);
    for (size_t at = 0; status == SGR_OK && at < lab->tree.layer_count; at++)
        status = write_chances(lab, lab->order[at]);
    return status;
}

enum sgr_status import_lab_read(struct draft *draft, struct import_document *document,
                                struct sgr_error *error)
{
    struct lab lab = {.draft = draft, .document = document, .error = error};
    enum sgr_status status = lab_tree_read(&lab.tree, draft, error);
    if (status == SGR_OK)
        status = write_all(&lab);
    lab_tree_finish(&lab.tree);
    memory_free(lab.uses);
    memory_free(lab.shares);
    memory_free(lab.order);
    text_finish(&lab.text);
    return status;
}
