"""Functions that read or build dictionaries."""

from instrdiv.benchmarks.graded.arguments import KEYS, NUMBERS, TABLE, TEXT, WORDS
from instrdiv.benchmarks.graded.family import Family, cross, each, rows
from instrdiv.benchmarks.graded.numbers import COMPARED

KEY = each(key=("fig", "pear", "plum", "kiwi"))

FAMILIES = (
    Family(
        name="look_up",
        arguments={"d": TABLE},
        says=(
            'the value of the key "$key" in `d`, or $n if `d` has no such key',
            'what `d` holds for "$key", and $n where that key is missing',
        ),
        code='return d.get("$key", $n)',
        near_misses=[("$n", "0"), (", $n", "")],
        settings=cross(KEY, each(n=(1, 5, 7, 10, -1, 100))),
    ),
    Family(
        name="keys_by_value",
        arguments={"d": TABLE},
        says=(
            "a sorted list of the keys in `d` whose value is $compared $n",
            "the keys of `d` that have a value which is $compared $n, as a list in alphabetical "
            "order",
        ),
        code="return sorted(k for k, v in d.items() if v $op $n)",
        near_misses=[("$op", "$near"), ("sorted(k", "sorted(v")],
        settings=cross(each(n=range(1, 16, 2)), COMPARED),
    ),
    Family(
        name="sum_of_values",
        arguments={"d": TABLE},
        says=(
            "the sum of all values in `d` that are $compared $n",
            "the total of the values of `d`, leaving out each that is not $compared $n",
        ),
        code="return sum(v for v in d.values() if v $op $n)",
        near_misses=[("$op", "$near"), ("sum(v", "sum(1")],
        settings=cross(each(n=range(1, 16, 2)), COMPARED),
    ),
    Family(
        name="raise_value",
        arguments={"d": TABLE},
        says=(
            'a dictionary like `d` in which the value of "$key" is larger by $n; if that key is '
            "missing, it gets the value $n",
            'a copy of `d` with $n added to what it holds for "$key", a missing value counting as '
            "0",
        ),
        code="""
            result = dict(d)
            result["$key"] = result.get("$key", 0) + $n
            return result
        """,
        near_misses=[('result.get("$key", 0) + $n', "$n"), ("+", "-")],
        settings=cross(KEY, each(n=range(1, 7))),
    ),
    Family(
        name="change_values",
        arguments={"d": TABLE},
        says=(
            "a dictionary with the keys of `d` and, for each, $a times its value in `d` plus $b",
            "`d` with every value multiplied by $a and then raised by $b, as a new dictionary",
        ),
        code="return {k: v * $a + $b for k, v in d.items()}",
        near_misses=[("v * $a + $b", "(v + $b) * $a"), ("k: v", "v: k")],
        settings=each(a=range(2, 7), b=range(1, 7)),
    ),
    Family(
        name="select_entries",
        arguments={"d": TABLE},
        says=(
            "a dictionary of those entries of `d` whose value is $compared $n",
            "`d` without the entries whose value is not $compared $n, as a new dictionary",
        ),
        code="return {k: v for k, v in d.items() if v $op $n}",
        near_misses=[("$op", "$near")],
        settings=cross(each(n=range(1, 16, 2)), COMPARED),
    ),
    Family(
        name="rename_key",
        arguments={"d": TABLE},
        says=(
            'a dictionary like `d` in which the key "$key" is called "$new"',
            'a copy of `d` with "$new" in the place of the key "$key"; without that key, simply a '
            "copy",
        ),
        code='return {"$new" if k == "$key" else k: v for k, v in d.items()}',
        near_misses=[("==", "!="), ('"$new" if k == "$key" else k', "k")],
        settings=cross(KEY, each(new=("nut", "date", "rice", "corn", "beet"))),
    ),
    Family(
        name="drop_keys",
        arguments={"d": TABLE},
        says=(
            'a dictionary like `d` without the keys "$key" and "$also"',
            'all entries of `d` but those of the keys "$key" and "$also", as a new dictionary',
        ),
        code='return {k: v for k, v in d.items() if k not in ("$key", "$also")}',
        near_misses=[("not in", "in"), (', "$also"', ",")],
        settings=cross(KEY, each(also=("apple", "lime", "nut"))),
    ),
    Family(
        name="frequent",
        arguments={"xs": NUMBERS},
        says=(
            "a sorted list of the different numbers that occur at least $n times in `xs`",
            "the numbers of `xs` that it holds $n times or more, each once, from small to large",
        ),
        code="""
            counts = {}
            for x in xs:
                counts[x] = counts.get(x, 0) + 1
            return sorted(x for x in counts if counts[x] >= $n)
        """,
        near_misses=[(">=", ">"), (">= $n", "== $n")],
        settings=each(n=range(2, 6)),
    ),
    Family(
        name="group_by_remainder",
        arguments={"xs": NUMBERS},
        says=(
            "a dictionary from each remainder on division by $k that occurs in `xs` to the list of "
            "the numbers that leave it, in their order",
            "the numbers of `xs` grouped by their remainder when divided by $k, as a dictionary of "
            "lists",
        ),
        code="""
            groups = {}
            for x in xs:
                groups.setdefault(x % $k, []).append(x)
            return groups
        """,
        near_misses=[("%", "//"), ("setdefault(x % $k, [])", "setdefault(x, [])")],
        settings=each(k=range(2, 14)),
    ),
    Family(
        name="key_of_extreme",
        arguments={"d": TABLE},
        says=(
            'the key of `d` with the $extreme value (the first of them if several), or "$none" if '
            "`d` is empty",
            'that key whose value in `d` is $extreme, the first such key in a tie; "$none" for an '
            "empty dictionary",
        ),
        code='return $pick(d, key=d.get, default="$none")',
        near_misses=[("$pick", "$other"), ("key=d.get, ", "")],
        settings=cross(
            rows("extreme pick other", ("largest", "max", "min"), ("smallest", "min", "max")),
            each(none=("none", "nobody", "?", "empty", "-")),
        ),
    ),
    Family(
        name="table_of_lengths",
        arguments={"words": WORDS},
        says=(
            "a dictionary from each string in `words` whose length is $compared $n to its length",
            "a dictionary that gives the length of every string of `words` whose number of "
            "characters is $compared $n",
        ),
        code="return {w: len(w) for w in words if len(w) $op $n}",
        near_misses=[("$op", "$near"), ("w: len(w)", "len(w): w")],
        settings=cross(each(n=(2, 4, 6)), COMPARED),
    ),
    Family(
        name="merge_sums",
        arguments={"d": TABLE, "e": TABLE},
        says=(
            "a dictionary with all keys of `d` and `e`, where the value is that in `d` plus $a "
            "times that in `e`, and a missing value counts as 0",
            "`d` and `e` merged into a new dictionary: each value of `e`, times $a, is added to "
            "what `d` has for the same key, or to 0 if it has none",
        ),
        code="""
            result = dict(d)
            for k, v in e.items():
                result[k] = result.get(k, 0) + $a * v
            return result
        """,
        near_misses=[("result.get(k, 0) + $a * v", "$a * v"), ("$a * v", "v")],
        settings=each(a=range(2, 14)),
    ),
    Family(
        name="places",
        arguments={"words": WORDS},
        says=(
            "a dictionary from each string in `words` to the last place where it stands, places "
            "being counted from $start",
            "a dictionary that gives for every string of `words` the place of its last occurrence, "
            "when the first place is called $start",
        ),
        code="return {w: i for i, w in enumerate(words, $start)}",
        near_misses=[
            (", $start", ""),
            ("enumerate(words, $start)", "enumerate(words, $start + 1)"),
        ],
        settings=each(start=range(1, 16)),
    ),
    Family(
        name="letter_table",
        arguments={"s": TEXT},
        says=(
            'a dictionary from each letter out of "$letters" that occurs in `s` to how often it '
            "does",
            'the counts of the letters "$letters" in `s` as a dictionary, without those that do '
            "not occur",
        ),
        code='return {c: s.count(c) for c in "$letters" if c in s}',
        near_misses=[
            ('in "$letters" if c in s', 'in "$letters"'),
            ('in "$letters" if c in s', "in s"),
        ],
        settings=each(letters=("ab", "ace", "abcd", "aeiou", "bdx", "xyz", "etaoin", "rst")),
    ),
    Family(
        name="price_of_all",
        arguments={"prices": TABLE, "items": KEYS},
        says=(
            "the sum of what `prices` holds for each string in `items`, where one that is not a "
            "key of `prices` counts $n",
            "the total price of all `items` by the dictionary `prices`, with a price of $n for "
            "whatever it does not list",
        ),
        code="return sum(prices.get(item, $n) for item in items)",
        near_misses=[("$n", "0"), ("in items", "in set(items)")],
        settings=each(n=[*range(1, 13), 50, 100]),
    ),
    Family(
        name="has_keys",
        arguments={"d": TABLE},
        says=(
            'True if `d` has the key "$key" $joint the key "$also", and False otherwise',
            'whether "$key" $joint "$also" is a key of `d`, as True or False',
        ),
        code='return "$key" in d $joint "$also" in d',
        near_misses=[("$joint", "$other"), ('$joint "$also" in d', "")],
        settings=cross(
            KEY,
            each(also=("apple", "lime", "nut")),
            rows("joint other", ("and", "or"), ("or", "and")),
        ),
    ),
    Family(
        name="written_out",
        arguments={"d": TABLE},
        says=(
            "one string of all entries of `d` in their order, each as its key, `$eq` and its "
            "value, with `$sep` between entries",
            "the entries of `d` as text: for each one the key, then `$eq`, then the value, and "
            "`$sep` between every two entries",
        ),
        code='return "$sep".join(f"{k}$eq{v}" for k, v in d.items())',
        near_misses=[("{k}$eq{v}", "{v}$eq{k}"), ("{k}$eq{v}", "{k}{v}")],
        settings=each(sep=(",", ";", "&", "/"), eq=("=", ":", "->")),
    ),
)
