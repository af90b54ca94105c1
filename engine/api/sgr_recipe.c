/*
 * One item by the names of its traits. The plan file does not hold rules, so what they say of it,
 * the draw order above all, is asked of the art, if that has the layers and traits of the plan.
 */
#include "api/api_check.h"
#include "api/recipe_traits.h"
#include "api/render_one.h"
#include "api/sgr_art.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "image/color_table.h"
#include "image/image.h"
#include "plan/plan_orders.h"
#include "publish/export.h"

#include <serigraph/recipe.h>
#include <string.h>

struct sgr_recipe {
    struct sgr_plan *plan; /* borrowed */
    struct arena arena;
    uint16_t *traits;
    struct plan_order order;
};

void sgr_recipe_close(struct sgr_recipe **recipe)
{
    if (!recipe || !*recipe)
        return;
    arena_finish(&(*recipe)->arena);
    memory_free(*recipe);
    *recipe = NULL;
}

static bool same_layer(const struct collection_layer *a, const struct collection_layer *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->trait_count == b->trait_count;
    for (size_t trait = 0; same && trait < a->trait_count; trait++)
        same = strcmp(a->traits[trait].name, b->traits[trait].name) == 0;
    return same;
}

/* Whether the art's rules speak of the plan's layers and traits. */
static bool same_collection(const struct collection *a, const struct collection *b)
{
    bool same = a->layer_count == b->layer_count;
    for (size_t layer = 0; same && layer < a->layer_count; layer++)
        same = same_layer(&a->layers[layer], &b->layers[layer]);
    return same;
}

/* One warning for each rule as it was written. */
static void warn_broken(const struct sgr_recipe *recipe, const struct rules *rules,
                        const struct sgr_log *log)
{
    const struct rule *told = NULL;
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        if (rule_holds(rule, recipe->traits) || (told && rules_are_one(rule, told)))
            continue;
        told = rule;
        if (rule->source == RULES_NONE)
            log_write(log, SGR_LOG_WARNING, "--recipe breaks this: %s", rule->text);
        else
            log_write(log, SGR_LOG_WARNING, "--recipe breaks rules[%zu]: %s", rule->source,
                      rule->text);
    }
}

/* Takes a copy of an order. */
static enum sgr_status keep_order(struct sgr_recipe *recipe, const struct plan_order *order,
                                  struct sgr_error *error)
{
    uint16_t *layers =
        arena_allocate(&recipe->arena, order->layer_count + 1, sizeof *recipe->order.layers);
    if (!layers)
        return error_no_memory(error, "a recipe");
    if (order->layer_count)
        memcpy(layers, order->layers, order->layer_count * sizeof *layers);
    recipe->order = (struct plan_order){layers, order->layer_count};
    return SGR_OK;
}

/* The order that the art's own rules give. */
static enum sgr_status order_by_rules(struct sgr_recipe *recipe,
                                      const struct collection *collection, struct sgr_error *error)
{
    struct plan_orders orders = {.count = 0};
    enum sgr_status status = plan_orders_make(&orders, collection, recipe->traits, 1, error);
    struct plan_order order = {orders.layers, collection->layer_count};
    if (status == SGR_OK && orders.count == 0)
        order = *plan_order(recipe->plan->plan, 0);
    if (status == SGR_OK)
        status = keep_order(recipe, &order, error);
    plan_orders_finish(&orders);
    return status;
}

/* Whether an order draws the layers that the item has, and no others that it could show. */
static bool draws_all(const struct sgr_recipe *recipe, const struct plan_order *order)
{
    const struct collection *collection = plan_collection(recipe->plan->plan);
    size_t shown = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        shown += collection->layers[layer].traits[recipe->traits[layer]].part_count > 0;
    for (size_t place = 0; place < order->layer_count; place++) {
        uint16_t layer = order->layers[place];
        bool shows = collection->layers[layer].traits[recipe->traits[layer]].part_count > 0;
        shown -= shows;
        if (!shows && order->layer_count < collection->layer_count)
            return false;
    }
    return shown == 0;
}

/* The plan's first order that draws the item's layers; drawn plans may have several of them. */
static enum sgr_status order_of_plan(struct sgr_recipe *recipe, struct sgr_error *error)
{
    const struct plan *plan = recipe->plan->plan;
    bool given = strcmp(plan_collection(plan)->grammar, "recipes") == 0;
    size_t count = plan_order_count(plan);
    if (count > 1 && !given)
        return error_set(error, SGR_INPUT,
                         "--recipe: the plan has %zu draw orders, and the rules that tell which "
                         "one are not in the art any more; give the art that was planned with",
                         count);
    for (size_t order = 0; order < count; order++) {
        if (draws_all(recipe, plan_order(plan, (uint32_t)order)))
            return keep_order(recipe, plan_order(plan, (uint32_t)order), error);
    }
    return error_set(error, SGR_INPUT,
                     "--recipe: no item of the plan draws these layers together, so their order "
                     "is not known; name layers as one of its items has them");
}

static enum sgr_status find(struct sgr_recipe *recipe, const struct sgr_recipe_options *options,
                            struct sgr_error *error)
{
    const struct collection *collection = plan_collection(recipe->plan->plan);
    const struct sgr_art *art = options->art;
    bool same = art && same_collection(art->collection, collection);
    /* The plan file does not hold the groups' stacks. */
    enum sgr_status status = recipe_traits_find(same ? art->collection : collection, options->text,
                                                &recipe->arena, &recipe->traits, error);
    if (status != SGR_OK)
        return status;
    if (!same)
        return order_of_plan(recipe, error);
    warn_broken(recipe, &art->collection->rules, &options->log);
    return order_by_rules(recipe, art->collection, error);
}

enum sgr_status sgr_recipe_open(struct sgr_plan *plan, const struct sgr_recipe_options *options,
                                struct sgr_recipe **out_recipe, struct sgr_error *error)
{
    if (!(plan && options && options->text && out_recipe))
        return api_check(false, "sgr_recipe_open", error);
    struct sgr_recipe *recipe = memory_allocate_zeroed(1, sizeof *recipe);
    if (!recipe)
        return error_no_memory(error, "a recipe");
    recipe->plan = plan;
    enum sgr_status status = find(recipe, options, error);
    if (status != SGR_OK) {
        sgr_recipe_close(&recipe);
        return status;
    }
    *out_recipe = recipe;
    return SGR_OK;
}

/* Whether a file of the plan's colour type can hold the pixels. */
static bool fits(const struct plan_choices *choices, const uint32_t *pixels)
{
    size_t count = (size_t)choices->width * choices->height;
    bool grey = choices->color == PNG_COLOR_GREY || choices->color == PNG_COLOR_GREY_ALPHA;
    bool opaque = choices->color == PNG_COLOR_GREY || choices->color == PNG_COLOR_RGB;
    struct color_table palette = {.count = 0};
    for (size_t index = 0; index < choices->palette.count; index++)
        (void)color_table_add(&palette, choices->palette.colors[index]);
    for (size_t index = 0; index < count; index++) {
        uint32_t pixel = pixels[index];
        uint32_t red = pixel & 255;
        if ((opaque && image_alpha(pixel) != 255) ||
            (grey && (red != (pixel >> 8 & 255) || red != (pixel >> 16 & 255))) ||
            (palette.count && color_table_find(&palette, pixel) == COLOR_TABLE_NONE))
            return false;
    }
    return true;
}

static enum sgr_status check_colors(struct render_one *one, struct sgr_error *error)
{
    size_t count = (size_t)one->choices->width * one->choices->height;
    uint32_t *pixels = memory_allocate(count, sizeof *pixels);
    if (!pixels)
        return error_no_memory(error, "an item");
    enum sgr_status status = render_one_compose(one, pixels, error);
    if (status == SGR_OK && !fits(one->choices, pixels))
        status = error_set(error, SGR_INPUT,
                           "--recipe: the plan's colour type and palette have no room for this "
                           "item, as no item of the plan needs it; leave --plan away");
    memory_free(pixels);
    return status;
}

enum sgr_status sgr_recipe_render_file(struct sgr_recipe *recipe, const char *path,
                                       struct sgr_error *error)
{
    if (!(recipe && path))
        return api_check(false, "sgr_recipe_render_file", error);
    struct render_one one = {.plan = recipe->plan};
    enum sgr_status status =
        render_one_begin(&one, recipe->plan, recipe->traits, &recipe->order, error);
    if (status == SGR_OK)
        status = check_colors(&one, error);
    if (status == SGR_OK)
        status = render_one_write(&one, path, error);
    render_one_finish(&one);
    return status;
}

enum sgr_status sgr_recipe_describe(const struct sgr_recipe *recipe, enum sgr_format format,
                                    const struct sgr_sink *sink, struct sgr_error *error)
{
    if (!(recipe && api_is_sink(sink)))
        return api_check(false, "sgr_recipe_describe", error);
    const struct collection *collection = plan_collection(recipe->plan->plan);
    struct text text = {0};
    bool json = format == SGR_FORMAT_JSON;
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        const char *trait = layer->traits[recipe->traits[index]].name;
        if (json) {
            text_add(&text, index ? "," : "{");
            text_json(&text, layer->name);
            text_add(&text, ":");
            text_json(&text, trait);
        } else {
            text_add_cell(&text, layer->name, 0);
            text_add(&text, ": ");
            text_add_cell(&text, trait, 0);
            text_add(&text, "\n");
        }
    }
    text_add(&text, json ? "}" : "");
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
