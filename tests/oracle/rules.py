#!/usr/bin/python3
"""What rules mean, in the words of docs/collection.md, by trying every item: for small collections only.

Usage: rules.py collection.json FOLDERS.json      prints every valid item as a line of JSON

FOLDERS.json tells which traits the art has: {"Hat": ["Crown", "Cap"], ...}. Nothing here is compiled or clever, so that
it can judge a program that does both. The standard library is enough.
"""
import itertools
import json
import sys

ABSENT = "None"
GROUP = "Group"


class RuleError(Exception):
    """A rule names what is not there, or is no rule."""


def as_list(value):
    return [value] if isinstance(value, str) else list(value)


def glob(pattern, text):
    """'*' is any run of characters; nothing else is special."""
    if "*" not in pattern:
        return pattern == text
    head, *middle, tail = pattern.split("*")
    if not text.startswith(head) or len(text) < len(head) + len(tail) or not text.endswith(tail):
        return False
    rest = text[len(head):len(text) - len(tail)]
    for piece in middle:
        if piece not in rest:
            return False
        rest = rest[rest.index(piece) + len(piece):]
    return True


class Art:
    """Layers with their traits, and tags of traits, as a collection.json and its folders say."""

    def __init__(self, layers, tags=None):
        self.stacks = None
        self.layers = {layer: list(traits) for layer, traits in layers.items()}
        self.tags = {name: frozenset(tags[name]) for name in tags or {}}

    @classmethod
    def from_config(cls, config, folders):
        """`folders` is {folder or layer: [trait, ...]}; "None" in it is the absent trait."""
        settings = config.get("traits", {})
        listed = config.get("layers") or [{"name": layer} for layer in folders]
        layers = {}
        for layer in listed:
            traits = list(folders[layer.get("folder", layer["name"])])
            own = settings.get(f"{layer['name']}/{ABSENT}", {})
            if ABSENT not in traits and (layer.get("optional") or {"weight", "count", "min"} & own.keys()):
                traits.append(ABSENT)
            layers[layer["name"]] = traits
        tags = {}
        for exact in (False, True):
            for key, setting in settings.items():
                if "tags" not in setting or ("*" not in key) != exact:
                    continue
                layer_pattern, trait_pattern = key.split("/", 1)
                for layer, traits in layers.items():
                    for trait in traits:
                        if glob(layer_pattern, layer) and glob(trait_pattern, trait) and \
                                (trait != ABSENT or trait_pattern == ABSENT):
                            tags[layer, trait] = setting["tags"]
        return cls(layers, tags)

    def with_groups(self, stacks):
        """The same art in groups, {name: its layers}; one-of-one items are groups without layers."""
        other = Art(self.layers, self.tags)
        other.stacks = {name: list(layers) for name, layers in stacks.items()}
        other.optional = {layer for layer, traits in self.layers.items() if ABSENT in traits}
        for layer, traits in other.layers.items():
            if ABSENT not in traits and any(layer not in stack for stack in stacks.values()):
                traits.append(ABSENT)
        other.layers[GROUP] = list(stacks)
        return other

    def lacks(self, item, layers):
        """Whether an item's group has none of some layers."""
        return self.stacks is not None and not set(layers) & {*self.stacks[item[GROUP]], GROUP}

    def fits_group(self, item):
        """An item has what its group has, unless that is optional, and nothing that its group lacks."""
        if self.stacks is None:
            return True
        stack = self.stacks[item[GROUP]]
        return all(trait == ABSENT if layer not in stack else trait != ABSENT or layer in self.optional
                   for layer, trait in item.items() if layer != GROUP)

    def split(self, word):
        """The layer that a word names and the traits that it may mean, perhaps none."""
        layer, slash, name = word.partition("/")
        if not slash or layer not in self.layers:
            raise RuleError(f"{word}: no such layer")
        if name == ABSENT:
            return layer, {ABSENT} & set(self.layers[layer])
        traits = {trait for trait in self.layers[layer] if trait != ABSENT and glob(name, trait)}
        if not traits:
            raise RuleError(f"{word}: no such trait")
        return layer, traits

    def has(self, item, word):
        layer, traits = self.split(word)
        return item[layer] in traits

    def has_any(self, item, words):
        return any(self.has(item, word) for word in as_list(words))

    def by_layer(self, words):
        """The words of each layer that a list names."""
        grouped = {}
        for word in as_list(words):
            grouped.setdefault(self.split(word)[0], []).append(word)
        return grouped

    def goes_with(self, first, second, same):
        """Whether two (layer, trait) go together by tags; one without tags goes with all."""
        left, right = self.tags.get(first), self.tags.get(second)
        if not left or not right:
            return True
        return bool(left & right) == same

    def every_item(self):
        for traits in itertools.product(*self.layers.values()):
            yield dict(zip(self.layers, traits))


def implies(art, item, condition, consequence):
    """Where the condition holds, every layer that the consequence names has one of what it lists of that layer."""
    return not art.has_any(item, condition) or all(art.has_any(item, words)
                                                   for words in art.by_layer(consequence).values())


def keeps_tags(art, layers, item, same):
    return all(art.goes_with((first, item[first]), (second, item[second]), same)
               for first, second in itertools.combinations(layers, 2))


def keeps_numbers(art, rule, item):
    having = sum(art.has_any(item, words) for words in art.by_layer(rule["of"]).values())
    low = rule.get("exactly", rule.get("at_least", 0))
    high = rule.get("exactly", rule.get("at_most", having))
    return low <= having <= high


def layers_of(rule):
    """The layers that a rule about one item names."""
    words = []
    for key in ("forbid", "if", "then", "of"):
        words += as_list(rule.get(key, []))
    for trait, others in rule.get("only_with", {}).items():
        words += [trait, *as_list(others)]
    return {word.partition("/")[0] for word in words} | {*rule.get("same_tag", []), *rule.get("different_tag", [])}


def keeps(art, rule, item):
    """Whether one item keeps one rule; rules about several items or about drawing it keeps always.

    A rule of which an item's group has no layer is not about the item.
    """
    if "only_with" in rule and len(rule["only_with"]) > 1:
        return all(keeps(art, {"only_with": {trait: others}}, item) for trait, others in rule["only_with"].items())
    if layers_of(rule) and art.lacks(item, layers_of(rule)):
        return True
    if "forbid" in rule:
        return not all(art.has_any(item, words) for words in art.by_layer(rule["forbid"]).values())
    if "then" in rule:
        return implies(art, item, rule["if"], rule["then"])
    if "only_with" in rule:
        return all(implies(art, item, trait, others) for trait, others in rule["only_with"].items())
    if "same_tag" in rule:
        return keeps_tags(art, rule["same_tag"], item, True)
    if "different_tag" in rule:
        return keeps_tags(art, rule["different_tag"], item, False)
    if "of" in rule:
        return keeps_numbers(art, rule, item)
    if "unique" in rule or "order" in rule:
        return True
    raise RuleError(f"{rule}: not a rule")


def valid_items(art, rules):
    """Every item that keeps every rule, in the order of the layers' traits."""
    return [item for item in art.every_item() if art.fits_group(item) and all(keeps(art, rule, item) for rule in rules)]


def unique_groups(rules):
    return [tuple(sorted(rule["unique"])) for rule in rules if "unique" in rule]


def active_orders(art, rules, item):
    """The changes of the draw order that an item asks for."""
    return [tuple(rule["order"]) for rule in rules
            if "order" in rule and ("if" not in rule or art.has_any(item, rule["if"]))]


class Search:
    """Exhaustive search for n items; groups are layers in which no two items may be alike together.

    `about(group, item)` tells whether a group is about an item at all.
    """

    def __init__(self, items, groups, words, about=lambda group, item: True):
        self.items, self.groups, self.words = items, groups, list(words)
        self.keys = [[tuple(item[layer] for layer in group) if about(group, item) else None for group in groups]
                     for item in items]
        self.gains = [[int(item[layer] == trait) for layer, trait in self.words] for item in items]

    def plans(self, count, ceilings):
        """Yields (indexes of items, how often each word comes) of all ways that stay below the ceilings."""
        used = [set() for _ in self.groups]
        having = [0] * len(self.words)
        chosen = []

        def extend(first):
            if len(chosen) == count:
                yield list(chosen), tuple(having)
                return
            for index in range(first, len(self.items)):
                gain = self.gains[index]
                if any(key in taken for key, taken in zip(self.keys[index], used) if key) or \
                        any(have + more > limit for have, more, limit in zip(having, gain, ceilings)):
                    continue
                chosen.append(index)
                having[:] = [have + more for have, more in zip(having, gain)]
                for key, taken in zip(self.keys[index], used):
                    taken.add(key)
                # The same item may come again, where no group forbids it.
                yield from extend(index)
                for key, taken in zip(self.keys[index], used):
                    taken.discard(key)
                having[:] = [have - more for have, more in zip(having, gain)]
                chosen.pop()

        yield from extend(0)


def searcher(art, rules, distinct, counts):
    """The search over the valid items; `distinct` are the layers in which items must differ, none: they need not."""
    groups = unique_groups(rules) + ([tuple(distinct)] if distinct else [])
    words = [tuple(word.split("/", 1)) for word in counts]
    distinct = tuple(distinct)

    def about(group, item):
        stack = art.stacks[item[GROUP]] if art.stacks is not None else group
        return bool(set(group) & set(stack)) if group == distinct else set(group) <= {*stack, GROUP} and bool(stack)

    return Search(valid_items(art, rules), groups, words, about)


def feasible(art, rules, count, counts, distinct=()):
    """A list of `count` items that keep all rules and have exactly the counts {"Layer/Trait": n}, or None.

    A count may be (least, most) too.
    """
    bounds = [(wanted, wanted) if isinstance(wanted, int) else tuple(wanted) for wanted in counts.values()]
    search = searcher(art, rules, distinct, counts)
    for chosen, having in search.plans(count, [high for _, high in bounds]):
        if all(low <= have for have, (low, _) in zip(having, bounds)):
            return [search.items[index] for index in chosen]
    return None


def least_deviation(art, rules, count, counts, distinct=()):
    """The smallest sum of |achieved - wanted| that `count` items can have, or None when there are no such items."""
    search = searcher(art, rules, distinct, counts)
    deviations = (sum(abs(have - wanted) for have, wanted in zip(having, counts.values()))
                  for _, having in search.plans(count, [count] * len(counts)))
    return min(deviations, default=None)


def largest_count(art, rules, distinct):
    """How many items there can be at most, all different in the layers of `distinct`."""
    search = searcher(art, rules, distinct, {})
    count = 0
    while next(search.plans(count + 1, []), None):
        count += 1
    return count


def main(words):
    if len(words) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(words[0], encoding="utf-8") as config_stream, open(words[1], encoding="utf-8") as folders_stream:
        config, folders = json.load(config_stream), json.load(folders_stream)
    for item in valid_items(Art.from_config(config, folders), config.get("rules", [])):
        print(json.dumps(item))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
