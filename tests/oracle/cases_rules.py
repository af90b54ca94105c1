"""Self-test of rules.py: counts that a hand can check, and answers that must agree with each other."""
import collections
import itertools
import random

import rules
from case_helpers import equal, refuses

LAYERS = {"Body": ["King", "Queen", "Robot"], "Hat": ["Crown", "Cap", "None"], "Eyes": ["Laser", "Plain"]}
ART = rules.Art(LAYERS, {("Body", "King"): ["royal", "old"], ("Body", "Robot"): ["metal"],
                         ("Hat", "Crown"): ["royal"]})


def count(*made):
    return len(rules.valid_items(ART, made))


def test_rules_leave_the_items_that_a_hand_counts():
    for expected, rule in ((18, {"unique": ["Body"]}), (16, {"forbid": ["Hat/Crown", "Body/Robot"]}),
                           (16, {"forbid": ["Hat/C*", "Body/Robot", "Eyes/Laser"]}),
                           (12, {"forbid": ["Body/*", "Hat/None"]}),
                           (15, {"if": "Body/Robot", "then": "Eyes/Plain"}),
                           (13, {"if": ["Body/Robot", "Hat/None"], "then": ["Eyes/Plain", "Hat/*", "Hat/None"]}),
                           (13, {"if": ["Body/Robot", "Hat/None"], "then": "Eyes/Plain"}),
                           (14, {"only_with": {"Hat/Crown": ["Body/King", "Body/None"], "Hat/C*p": "Body/*"}}),
                           (16, {"same_tag": ["Body", "Hat"]}), (16, {"different_tag": ["Hat", "Eyes", "Body"]}),
                           (12, {"at_most": 1, "of": ["Hat/Crown", "Hat/Cap", "Eyes/Laser"]}),
                           (15, {"at_least": 1, "of": ["Hat/C*", "Eyes/Laser"]}),
                           (9, {"exactly": 1, "of": ["Hat/C*", "Eyes/Laser"]}),
                           (18, {"at_most": 2, "of": ["Hat/C*", "Eyes/Laser"]})):
        equal(count(rule), expected, rule)


def test_patterns_are_any_run_of_characters():
    for pattern, text, expected in (("*", "", True), ("a*", "a", True), ("a*a", "a", False), ("a*b*c", "aXbbYc", True),
                                    ("*ab*", "aab", True), ("a*b*c", "acb", False), ("a", "ab", False),
                                    ("**", "x", True), ("*a*a", "a", False), ("[a]", "a", False)):
        equal(rules.glob(pattern, text), expected, (pattern, text))


def test_names_that_are_not_there_are_refused():
    for word in ("Hta/Crown", "Hat/Crwn", "Hat/x*", "Hat"):
        refuses(rules.RuleError, rules.valid_items, ART, [{"forbid": [word, "Body/King"]}])
    refuses(rules.RuleError, rules.valid_items, ART, [{"forbidden": []}])


def test_configs_tell_of_absence_and_tags():
    config = {"layers": [{"name": "Hat", "optional": 0.5}, {"name": "Body", "folder": "b"}, {"name": "Eyes"}],
              "traits": {"Eyes/None": {"weight": 1, "tags": ["n"]}, "Hat/Cap": {"tags": []}, "*/*": {"tags": ["x"]}}}
    art = rules.Art.from_config(config, {"Hat": ["Cap", "Bow"], "b": ["A"], "Eyes": ["E"]})
    equal(list(art.layers.items()), [("Hat", ["Cap", "Bow", "None"]), ("Body", ["A"]), ("Eyes", ["E", "None"])])
    tags = {name: sorted(tags) for name, tags in art.tags.items() if tags}
    assert tags == {("Hat", "Bow"): ["x"], ("Body", "A"): ["x"], ("Eyes", "E"): ["x"], ("Eyes", "None"): ["n"]}, tags


def test_orders_are_those_whose_condition_holds():
    made = [{"order": ["Hat", "above", "Body"]}, {"if": ["Hat/Cap"], "order": ["Eyes", "below", "Hat"]}]
    item = {"Body": "King", "Hat": "Cap", "Eyes": "Plain"}
    equal(rules.active_orders(ART, made, item), [("Hat", "above", "Body"), ("Eyes", "below", "Hat")])
    equal(rules.active_orders(ART, made, {**item, "Hat": "None"}), [("Hat", "above", "Body")])


def test_feasible_plans_have_what_was_asked():
    layers = list(LAYERS)
    made = [{"forbid": ["Hat/Crown", "Body/Robot"]}, {"unique": ["Hat", "Body"]}]
    counts = {"Hat/Crown": 2, "Body/Robot": 2, "Eyes/Laser": (1, 3)}
    plan = rules.feasible(ART, made, 6, counts, layers)
    having = collections.Counter(f"{layer}/{trait}" for item in plan for layer, trait in item.items())
    equal([having["Hat/Crown"], having["Body/Robot"], 1 <= having["Eyes/Laser"] <= 3], [2, 2, True])
    equal(len({(item["Hat"], item["Body"]) for item in plan}), 6)
    equal(rules.feasible(ART, made, 6, {"Hat/Crown": 3}, layers), None)
    equal(rules.least_deviation(ART, made, 6, {"Hat/Crown": 3}, layers), 1)
    equal(rules.least_deviation(ART, made, 9, {}, layers), None)
    equal(rules.largest_count(ART, made, layers), 8)
    equal(rules.largest_count(ART, [], layers), 18)
    # Without distinct layers one item may come as often as it likes.
    equal(len(rules.feasible(ART, [], 5, {"Hat/Crown": 5, "Body/King": 5, "Eyes/Laser": 5})), 5)
    equal(rules.feasible(ART, [], 5, {"Hat/Crown": 5, "Body/King": 5, "Eyes/Laser": 5}, layers), None)


def test_feasible_agrees_with_all_subsets():
    generator = random.Random(5)
    art = rules.Art({"A": ["a", "b"], "B": ["c", "d", "None"]})
    for _ in range(60):
        made = generator.sample([{"forbid": ["A/a", "B/c"]}, {"if": "A/b", "then": ["B/d", "B/None"]},
                                 {"unique": ["B"]}, {"at_least": 1, "of": ["A/a", "B/d"]}], generator.randint(0, 2))
        number = generator.randint(1, 4)
        counts = {"A/a": generator.randint(0, number), "B/None": generator.randint(0, 2)}
        items = rules.valid_items(art, made)
        found = [chosen for chosen in itertools.combinations(items, number)
                 if sum(item["A"] == "a" for item in chosen) == counts["A/a"]
                 and sum(item["B"] == "None" for item in chosen) == counts["B/None"]
                 and ({"unique": ["B"]} not in made or len({item["B"] for item in chosen}) == number)]
        plan = rules.feasible(art, made, number, counts, ["A", "B"])
        equal(plan is not None, bool(found), (made, number, counts))
        if found:
            equal(rules.least_deviation(art, made, number, counts, ["A", "B"]), 0)
