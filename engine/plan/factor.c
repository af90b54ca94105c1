/*
 * The cells of the result are walked in order, and each factor's place in its own table follows by
 * adding strides, so that no cell's values are ever taken apart into variables.
 */
#include "plan/factor.h"

#include "base/memory.h"

#include <string.h>

/* A product being made. */
struct walk {
    const struct factor_product *product;
    struct factor *result;
    size_t *places;    /* [factor_count]: the cell of each factor */
    size_t *strides;   /* [factor_count * (variable_count + 1)]: the last for the one taken out */
    uint32_t *values;  /* [variable_count]: of the cell that is made */
    uint64_t *scratch; /* of which `one` is one half and `two` the other */
    uint64_t *one;     /* a number of the product, and room for the next */
    uint64_t *two;
};

void factor_finish(struct factor *factor)
{
    memory_free(factor->variables);
    memory_free(factor->values);
    *factor = (struct factor){.variables = NULL};
}

bool factor_create(struct factor *factor, const uint32_t *variables, size_t variable_count,
                   const uint32_t *domains, uint64_t bits)
{
    *factor = (struct factor){.variable_count = variable_count, .cells = 1, .bits = bits};
    for (size_t at = 0; at < variable_count; at++) {
        if (__builtin_mul_overflow(factor->cells, domains[variables[at]], &factor->cells))
            return false;
    }
    factor->limbs = bits > 64 ? (size_t)(bits + 63) / 64 : 1;
    factor->variables = memory_allocate(variable_count, sizeof *factor->variables);
    factor->values = memory_allocate_zeroed(factor->cells, factor->limbs * sizeof *factor->values);
    if (!factor->variables || !factor->values) {
        factor_finish(factor);
        return false;
    }
    if (variable_count > 0)
        memcpy(factor->variables, variables, variable_count * sizeof *variables);
    return true;
}

bool factor_copy(struct factor *factor, const struct factor *from)
{
    struct factor copy = *from;
    copy.variables = memory_allocate(from->variable_count, sizeof *copy.variables);
    copy.values = memory_allocate(from->cells, from->limbs * sizeof *copy.values);
    if (!copy.variables || !copy.values) {
        factor_finish(&copy);
        return false;
    }
    if (from->variable_count > 0)
        memcpy(copy.variables, from->variables, from->variable_count * sizeof *copy.variables);
    memcpy(copy.values, from->values, from->cells * from->limbs * sizeof *copy.values);
    *factor = copy;
    return true;
}

static unsigned bit_length(uint64_t value)
{
    return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/* The bits that a number may have before one is made of those of the variable taken out. */
static uint64_t term_bits(const struct factor_product *product)
{
    uint64_t bits = 1;
    for (size_t index = 0; index < product->factor_count; index++)
        bits += product->factors[index]->bits;
    return bits;
}

uint64_t factor_product_bits(const struct factor_product *product)
{
    if (product->mode == FACTOR_ANY)
        return 1;
    bool sums = product->out != FACTOR_NOTHING && product->mode == FACTOR_SUM;
    return term_bits(product) + (sums ? bit_length(product->domains[product->out] - 1) : 0);
}

/* How far apart in a factor's table are neighbouring values of a variable; 0 when it has none. */
static size_t stride_of(const struct factor *factor, const uint32_t *domains, uint32_t variable)
{
    size_t stride = 1;
    for (size_t at = factor->variable_count; at > 0; at--) {
        if (factor->variables[at - 1] == variable)
            return stride;
        stride *= domains[factor->variables[at - 1]];
    }
    return 0;
}

static bool begin(struct walk *walk)
{
    const struct factor_product *product = walk->product;
    size_t row = product->variable_count + 1;
    size_t limbs = 2;
    for (size_t index = 0; index < product->factor_count; index++)
        limbs += product->factors[index]->limbs;
    walk->places = memory_allocate_zeroed(product->factor_count, sizeof *walk->places);
    walk->strides = memory_allocate(product->factor_count, row * sizeof *walk->strides);
    walk->values = memory_allocate_zeroed(row, sizeof *walk->values);
    walk->scratch = memory_allocate(limbs, 2 * sizeof *walk->scratch);
    if (!walk->places || !walk->strides || !walk->values || !walk->scratch)
        return false;
    walk->one = walk->scratch;
    walk->two = walk->one + limbs;
    for (size_t index = 0; index < product->factor_count; index++) {
        const struct factor *factor = product->factors[index];
        for (size_t at = 0; at < product->variable_count; at++)
            walk->strides[index * row + at] =
                stride_of(factor, product->domains, product->variables[at]);
        walk->strides[index * row + product->variable_count] =
            stride_of(factor, product->domains, product->out);
    }
    return true;
}

static void end(struct walk *walk)
{
    memory_free(walk->places);
    memory_free(walk->strides);
    memory_free(walk->values);
    memory_free(walk->scratch);
}

/* Goes to the next cell of the result. */
static void step(struct walk *walk)
{
    const struct factor_product *product = walk->product;
    size_t row = product->variable_count + 1;
    for (size_t at = product->variable_count; at > 0; at--) {
        uint32_t domain = product->domains[product->variables[at - 1]];
        bool wraps = ++walk->values[at - 1] == domain;
        for (size_t index = 0; index < product->factor_count; index++) {
            size_t stride = walk->strides[index * row + at - 1];
            walk->places[index] += wraps ? 0 - stride * (domain - 1) : stride;
        }
        if (!wraps)
            return;
        walk->values[at - 1] = 0;
    }
}

/* The product of the factors' numbers where the walk stands, when all of it fits 64 bits. */
static uint64_t short_product(const struct walk *walk, uint32_t value)
{
    const struct factor_product *product = walk->product;
    size_t row = product->variable_count + 1;
    uint64_t number = 1;
    for (size_t index = 0; index < product->factor_count && number != 0; index++) {
        size_t place =
            walk->places[index] + walk->strides[index * row + product->variable_count] * value;
        number *= product->factors[index]->values[place * product->factors[index]->limbs];
    }
    return number;
}

/* The same for any numbers: in walk->one, returns how many limbs. */
static size_t long_product(struct walk *walk, uint32_t value)
{
    const struct factor_product *product = walk->product;
    size_t row = product->variable_count + 1;
    size_t count = 1;
    walk->one[0] = 1;
    for (size_t index = 0; index < product->factor_count; index++) {
        const struct factor *factor = product->factors[index];
        size_t place =
            walk->places[index] + walk->strides[index * row + product->variable_count] * value;
        const uint64_t *number = factor->values + place * factor->limbs;
        size_t used = natural_used(number, factor->limbs);
        if (used == 0)
            return 0;
        if (used == 1 && number[0] == 1)
            continue;
        natural_product(walk->two, walk->one, count, number, used);
        count = natural_used(walk->two, count + used);
        uint64_t *swapped = walk->one;
        walk->one = walk->two;
        walk->two = swapped;
    }
    return count;
}

static void add_short(struct walk *walk, uint64_t *cell, uint32_t domain)
{
    enum factor_mode mode = walk->product->mode;
    for (uint32_t value = 0; value < domain; value++) {
        uint64_t number = short_product(walk, value);
        if (mode == FACTOR_SUM)
            *cell += number;
        else
            *cell |= number > 0;
    }
}

static void add_long(struct walk *walk, uint64_t *cell, uint32_t domain)
{
    enum factor_mode mode = walk->product->mode;
    size_t limbs = walk->result->limbs;
    for (uint32_t value = 0; value < domain; value++) {
        size_t count = long_product(walk, value);
        if (mode == FACTOR_SUM)
            natural_accumulate(cell, limbs, walk->one, count);
        else
            cell[0] |= count > 0;
    }
}

void factor_measure(struct factor *factor)
{
    uint64_t most = 1;
    for (size_t cell = 0; cell < factor->cells; cell++) {
        const uint64_t *number = factor->values + cell * factor->limbs;
        size_t used = natural_used(number, factor->limbs);
        uint64_t bits = used ? (used - 1) * 64 + bit_length(number[used - 1]) : 0;
        most = bits > most ? bits : most;
    }
    factor->bits = most;
}

bool factor_multiply(const struct factor_product *product, struct factor *out_factor)
{
    struct factor result;
    uint64_t bits = factor_product_bits(product);
    if (!factor_create(&result, product->variables, product->variable_count, product->domains,
                       bits))
        return false;
    struct walk walk = {.product = product, .result = &result};
    bool fits = begin(&walk);
    uint32_t domain = product->out == FACTOR_NOTHING ? 1 : product->domains[product->out];
    bool is_short = bits <= 64 && term_bits(product) <= 64;
    for (size_t cell = 0; cell < result.cells && fits; cell++) {
        if (is_short)
            add_short(&walk, result.values + cell, domain);
        else
            add_long(&walk, result.values + cell * result.limbs, domain);
        step(&walk);
    }
    end(&walk);
    if (!fits) {
        factor_finish(&result);
        return false;
    }
    factor_measure(&result);
    *out_factor = result;
    return true;
}

bool factor_square(struct factor *factor)
{
    struct factor squared = *factor;
    squared.bits = 2 * factor->bits;
    squared.limbs = 2 * factor->limbs;
    squared.values = memory_allocate_zeroed(factor->cells, squared.limbs * sizeof *squared.values);
    if (!squared.values)
        return false;
    for (size_t cell = 0; cell < factor->cells; cell++) {
        const uint64_t *number = factor->values + cell * factor->limbs;
        natural_product(squared.values + cell * squared.limbs, number, factor->limbs, number,
                        factor->limbs);
    }
    memory_free(factor->values);
    *factor = squared;
    return true;
}
