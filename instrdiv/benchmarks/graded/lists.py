"""Functions of lists."""

from instrdiv.benchmarks.graded.arguments import (
    FOUR_NUMBERS,
    NUMBERS,
    SOME_NUMBERS,
    WORDS,
)
from instrdiv.benchmarks.graded.family import Family, cross, each, rows
from instrdiv.benchmarks.graded.numbers import COMPARED

EXTREMES = rows("extreme pick other", ("largest", "max", "min"), ("smallest", "min", "max"))
PLACES = rows(
    "place i", ("first", 0), ("second", 1), ("third", 2), ("last", -1), ("next to last", -2)
)

FAMILIES = (
    Family(
        name="sum_of_two_places",
        arguments={"xs": FOUR_NUMBERS},
        says=(
            "the sum of the $place and the $place2 number in `xs`",
            "the $place number of `xs` plus the $place2 one",
        ),
        code="return xs[$i] + xs[$j]",
        near_misses=[("+ xs[$j]", ""), ("+", "-")],
        settings=[
            {"place": a["place"], "i": a["i"], "place2": b["place"], "j": b["i"]}
            for row, a in enumerate(PLACES)
            for b in PLACES[row + 1 :]
        ],
    ),
    Family(
        name="select_by_size",
        arguments={"xs": NUMBERS},
        says=(
            "the list of those numbers in `xs`, in their order, that are $compared $n",
            "`xs` without the numbers that are not $compared $n",
        ),
        code="return [x for x in xs if x $op $n]",
        near_misses=[("$op", "$near")],
        settings=cross(each(n=range(-5, 18, 2)), COMPARED),
    ),
    Family(
        name="count_by_size",
        arguments={"xs": NUMBERS},
        says=(
            "how many numbers in `xs` are $compared $n",
            "the number of elements of `xs` that are $compared $n",
        ),
        code="return sum(1 for x in xs if x $op $n)",
        near_misses=[("$op", "$near"), ("sum(1", "sum(x")],
        settings=cross(each(n=range(-5, 18, 2)), COMPARED),
    ),
    Family(
        name="change_each",
        arguments={"xs": NUMBERS},
        says=(
            "a list with $a times each number in `xs`, plus $b",
            "the list made from `xs` by multiplying every number by $a and then adding $b",
        ),
        code="return [x * $a + $b for x in xs]",
        near_misses=[("x * $a + $b", "(x + $b) * $a"), ("for x in xs", "for x in xs[1:]")],
        settings=each(a=range(2, 8), b=range(1, 8)),
    ),
    Family(
        name="sum_by_remainder",
        arguments={"xs": NUMBERS},
        says=(
            "the sum of the numbers in `xs` that leave the remainder $r when divided by $k",
            "the total of all numbers of `xs` whose remainder on division by $k is $r",
        ),
        code="return sum(x for x in xs if x % $k == $r)",
        near_misses=[("==", "!="), ("sum(x", "sum(1")],
        settings=[row for row in each(k=range(2, 8), r=range(8)) if row["r"] < row["k"]],
    ),
    Family(
        name="weigh_extremes",
        arguments={"xs": SOME_NUMBERS},
        says=(
            "$a times the largest number in `xs` minus $b times the smallest",
            "the difference of $a times the maximum and $b times the minimum of `xs`",
        ),
        code="return $a * max(xs) - $b * min(xs)",
        near_misses=[("max(xs) - $b * min(xs)", "min(xs) - $b * max(xs)"), ("-", "+")],
        settings=each(a=range(2, 7), b=range(2, 7)),
    ),
    Family(
        name="by_rank",
        arguments={"xs": FOUR_NUMBERS},
        says=(
            "the number in `xs` that is the $rank, counting equal numbers as often as they occur",
            "the $rank number of `xs` (equal numbers each take a rank of their own)",
        ),
        code="return sorted(xs)[$i]",
        near_misses=[("$i", "$near"), ("sorted(xs)", "xs")],
        settings=rows(
            "rank i near",
            ("second smallest", 1, 2),
            ("third smallest", 2, 1),
            ("fourth smallest", 3, 2),
            ("second largest", -2, -1),
            ("third largest", -3, -2),
            ("fourth largest", -4, -3),
        ),
    ),
    Family(
        name="add_at_end",
        arguments={"xs": NUMBERS},
        says=(
            "a list that has $n $where all numbers of `xs`",
            "the list of the numbers in `xs` with $n added $where them",
        ),
        code="return $made",
        near_misses=[("$made", "$other")],
        settings=[
            {"n": n, "where": where, "made": made, "other": other}
            for n in range(12)
            for first, last in [(f"[{n}] + xs", f"xs + [{n}]")]
            for where, made, other in (("before", first, last), ("after", last, first))
        ],
    ),
    Family(
        name="put_in",
        arguments={"xs": FOUR_NUMBERS},
        says=(
            "a list like `xs` in which $n is put in so that it stands at index $i and what stood "
            "there moves on by one",
            "`xs` with $n as an additional number right before the one at index $i",
        ),
        code="return xs[:$i] + [$n] + xs[$i:]",
        near_misses=[("xs[$i:]", "xs[$i + 1:]"), ("xs[:$i] + [$n]", "[$n] + xs[:$i]")],
        settings=each(n=range(5, 14), i=(1, 2, 3)),
    ),
    Family(
        name="holds_two",
        arguments={"xs": NUMBERS},
        says=(
            "True if `xs` holds $a $joint $b, and False otherwise",
            "whether the number $a $joint the number $b is in `xs`, as True or False",
        ),
        code="return $a in xs $joint $b in xs",
        near_misses=[("$joint", "$other"), ("$joint $b in xs", "")],
        settings=cross(
            rows("joint other", ("and", "or"), ("or", "and")), each(a=range(1, 5), b=range(5, 10))
        ),
    ),
    Family(
        name="first_place",
        arguments={"xs": NUMBERS},
        says=(
            "the index of the first number in `xs` that is $compared $n, or -1 if there is none",
            "the position, counted from 0, where `xs` first has a number that is $compared $n, and "
            "-1 if it has none",
        ),
        code="""
            for i, x in enumerate(xs):
                if x $op $n:
                    return i
            return -1
        """,
        near_misses=[("$op", "$near"), ("return i", "return x"), ("return -1", "return None")],
        settings=cross(each(n=range(2, 15, 2)), COMPARED),
    ),
    Family(
        name="last_multiple",
        arguments={"xs": NUMBERS},
        says=(
            "the last number in `xs` that is divisible by $k, or $d if none is",
            "that multiple of $k which comes last in `xs`, and $d if `xs` has no multiple of $k",
        ),
        code="""
            for x in xs[::-1]:
                if x % $k == 0:
                    return x
            return $d
        """,
        near_misses=[("[::-1]", ""), ("return $d", "return None")],
        settings=each(k=range(3, 8), d=(-1, 1, 100)),
    ),
    Family(
        name="all_or_any",
        arguments={"xs": NUMBERS},
        says=(
            "True if $quantity of `xs` is $compared $n, and False otherwise$empty",
            "whether $quantity in `xs` is $compared $n, as True or False$empty",
        ),
        code="return $test(x $op $n for x in xs)",
        near_misses=[("$test", "$other"), ("$op", "$near")],
        settings=cross(
            rows(
                "quantity empty test other",
                ("every number", " (True for an empty list)", "all", "any"),
                ("at least one number", " (False for an empty list)", "any", "all"),
            ),
            COMPARED,
            each(n=(2, 5, 9)),
        ),
    ),
    Family(
        name="sum_every_kth",
        arguments={"xs": NUMBERS},
        says=(
            "the sum of every ${k}th number in `xs`, beginning with the one at index $start",
            "the total of the numbers in `xs` at index $start and at every ${k}th index after it",
        ),
        code="return sum(xs[$start::$k])",
        near_misses=[("$start", "$start + 1"), ("$start::$k", "$start:$k")],
        settings=each(k=(4, 5, 6), start=range(4)),
    ),
    Family(
        name="swap_value",
        arguments={"xs": NUMBERS},
        says=(
            "a list like `xs` with $b in the place of every $a",
            "the numbers of `xs` in their order, but $b wherever `xs` has $a",
        ),
        code="return [$b if x == $a else x for x in xs]",
        near_misses=[
            ("==", "!="),
            ("$b if x == $a else x for x in xs", "x for x in xs if x != $a"),
        ],
        settings=each(a=range(1, 6), b=range(6, 12)),
    ),
    Family(
        name="limit_each",
        arguments={"xs": NUMBERS},
        says=(
            "a list like `xs` in which every number $side than $n is replaced by $n",
            "the numbers of `xs`, with $n instead of each that is $side than $n",
        ),
        code="return [$pick(x, $n) for x in xs]",
        near_misses=[("$pick", "$other")],
        settings=cross(
            each(n=range(0, 16)),
            rows("side pick other", ("larger", "min", "max"), ("smaller", "max", "min")),
        ),
    ),
    Family(
        name="first_distinct",
        arguments={"xs": NUMBERS},
        says=(
            "the first $n different numbers of `xs` in the order of their first occurrence (all, "
            "if there are fewer)",
            "a list of the numbers in `xs` without repetitions, cut off after $n numbers",
        ),
        code="""
            seen = []
            for x in xs:
                if x not in seen:
                    seen.append(x)
            return seen[:$n]
        """,
        near_misses=[("x not in seen", "True"), ("[:$n]", "")],
        settings=each(n=range(2, 8)),
    ),
    Family(
        name="count_rises",
        arguments={"xs": NUMBERS},
        says=(
            "how many numbers in `xs` are $compared the number right before them plus $k",
            "the number of places in `xs` where an element is $compared $k plus the element just "
            "before it",
        ),
        code="return sum(1 for a, b in zip(xs, xs[1:]) if b $op a + $k)",
        near_misses=[("$op", "$near"), ("b $op a", "a $op b")],
        settings=cross(each(k=range(1, 12, 2)), COMPARED),
    ),
    Family(
        name="running_total",
        arguments={"xs": NUMBERS},
        says=(
            "a list of the running totals of `xs`, where the total starts from $start before the "
            "first number is added",
            "the list that has, for each number in `xs`, $start plus all numbers up to and "
            "including it",
        ),
        code="""
            totals = []
            total = $start
            for x in xs:
                total += x
                totals.append(total)
            return totals
        """,
        near_misses=[("total = $start", "total = 0"), ("return totals", "return total")],
        settings=each(start=range(1, 25)),
    ),
    Family(
        name="block_values",
        arguments={"xs": NUMBERS},
        says=(
            "the list of the $value of each block of $k numbers, when `xs` is cut into blocks from "
            "its beginning (the last block may be shorter)",
            "a list of the $value of the first $k numbers of `xs`, of the next $k, and so on, "
            "where fewer may be left for the last",
        ),
        code="return [$pick(xs[i : i + $k]) for i in range(0, len(xs), $k)]",
        near_misses=[("len(xs), $k", "len(xs)"), ("$pick", "$other")],
        settings=cross(
            each(k=range(2, 7)),
            rows(
                "value pick other",
                ("sum", "sum", "max"),
                ("largest", "max", "min"),
                ("smallest", "min", "max"),
            ),
        ),
    ),
    Family(
        name="window_values",
        arguments={"xs": NUMBERS},
        says=(
            "the list of the $value of every $k numbers that stand next to each other in `xs`, "
            "from left to right (empty if there are fewer than $k)",
            "a list with the $value of each stretch of $k neighbouring numbers of `xs`, stretches "
            "overlapping, in order; an empty list if `xs` is too short",
        ),
        code="return [$pick(xs[i : i + $k]) for i in range(len(xs) - $k + 1)]",
        near_misses=[("- $k + 1", "- $k"), ("len(xs) - $k + 1", "len(xs)")],
        settings=cross(
            each(k=range(2, 6)),
            rows("value pick", ("sum", "sum"), ("largest", "max"), ("smallest", "min")),
        ),
    ),
    Family(
        name="sum_until",
        arguments={"xs": NUMBERS},
        says=(
            "the sum of the numbers in `xs` that come before the first one that is $compared $n "
            "(of all, if there is none)",
            "the total of `xs` from its beginning up to, but not including, the first number "
            "$compared $n; the total of all numbers where there is no such one",
        ),
        code="""
            total = 0
            for x in xs:
                if x $op $n:
                    break
                total += x
            return total
        """,
        near_misses=[("break", "continue"), ("$op", "$near")],
        settings=cross(each(n=range(3, 14, 2)), COMPARED),
    ),
    Family(
        name="weigh_by_place",
        arguments={"xs": NUMBERS},
        says=(
            "the sum of all numbers in `xs`, each multiplied by its place, where places are "
            "counted $k, $next and so on",
            "the total that you get when the first number of `xs` counts $k times, the second "
            "$next times, and each further one once more than the one before it",
        ),
        code="return sum(i * x for i, x in enumerate(xs, $k))",
        near_misses=[(", $k", ""), ("$k", "$next")],
        settings=[{"k": k, "next": k + 1} for k in range(1, 16)],
    ),
    Family(
        name="sort_by_distance",
        arguments={"xs": NUMBERS},
        says=(
            "the numbers of `xs` sorted by their distance from $n, $order; numbers at the same "
            "distance keep their order",
            "a list of `xs` arranged by how far each number is from $n, $order, leaving the order "
            "of equally far ones as it is",
        ),
        code="return sorted(xs, key=lambda x: abs(x - $n), reverse=$down)",
        near_misses=[("abs(x - $n)", "x - $n"), ("$down", "$other")],
        settings=cross(
            each(n=range(1, 13)),
            rows(
                "order down other", ("nearest first", False, True), ("farthest first", True, False)
            ),
        ),
    ),
    Family(
        name="two_groups",
        arguments={"xs": NUMBERS},
        says=(
            "a list with the numbers of `xs` that are $compared $n first and all others after "
            "them, both in their old order",
            "`xs` rearranged so that numbers $compared $n come before the rest, with the order "
            "unchanged otherwise",
        ),
        code="return [x for x in xs if x $op $n] + [x for x in xs if not x $op $n]",
        near_misses=[("if x $op $n", "if x $near $n"), ("+ [x for x in xs if not x $op $n]", "")],
        settings=cross(each(n=range(2, 13, 2)), COMPARED),
    ),
    Family(
        name="longest_streak",
        arguments={"xs": NUMBERS},
        says=(
            "the length of the longest stretch of neighbouring numbers in `xs` that are all "
            "$compared $n",
            "how many numbers in a row, at most, are $compared $n in `xs`",
        ),
        code="""
            best = streak = 0
            for x in xs:
                if x $op $n:
                    streak += 1
                    best = max(best, streak)
                else:
                    streak = 0
            return best
        """,
        near_misses=[("$op", "$near"), ("return best", "return streak")],
        settings=cross(each(n=range(2, 13, 2)), COMPARED),
    ),
    Family(
        name="count_above_mean",
        arguments={"xs": NUMBERS},
        says=(
            "how many numbers in `xs` are more than $k $side the mean of `xs` (0 for an empty "
            "list)",
            "the number of elements that lie more than $k $side the average of all of `xs`, and 0 "
            "if `xs` is empty",
        ),
        code="""
            if not xs:
                return 0
            mean = sum(xs) / len(xs)
            return sum(1 for x in xs if x $op mean $sign $k)
        """,
        near_misses=[("$sign $k", ""), ("$op", "$other")],
        settings=cross(
            each(k=range(1, 9)),
            rows("side op other sign", ("above", ">", "<", "+"), ("below", "<", ">", "-")),
        ),
    ),
    Family(
        name="place_of_extreme",
        arguments={"xs": SOME_NUMBERS},
        says=(
            "the place of the $extreme number in `xs` (the first of them if several), when places "
            "are counted from $start",
            "where the $extreme number of `xs` first stands, if the place of its first number is "
            "called $start",
        ),
        code="return xs.index($pick(xs)) + $start",
        near_misses=[("$pick", "$other"), ("+ $start", "")],
        settings=cross(EXTREMES, each(start=(1, 2, 5, 10, 100))),
    ),
    Family(
        name="combine_pairs",
        arguments={"xs": NUMBERS, "ys": NUMBERS},
        says=(
            "a list of $a times a number in `xs` plus $b times the number at the same place in "
            "`ys`, as far as both go",
            "the list that adds $a times each number of `xs` to $b times its counterpart in `ys`, "
            "ending with the shorter of the two",
        ),
        code="return [$a * x + $b * y for x, y in zip(xs, ys)]",
        near_misses=[("x, y in", "y, x in"), ("+", "-")],
        settings=[row for row in each(a=range(2, 7), b=range(2, 7)) if row["a"] != row["b"]],
    ),
    Family(
        name="in_both",
        arguments={"xs": NUMBERS, "ys": NUMBERS},
        says=(
            "the list of those numbers in `xs`, in their order, that are $kept in `ys` and are "
            "$compared $n",
            "all numbers of `xs` which are $compared $n and are $kept among those of `ys`, in a "
            "list",
        ),
        code="return [x for x in xs if x $member ys and x $op $n]",
        near_misses=[("$member", "$other"), ("$op", "$near"), ("and", "or")],
        settings=cross(
            rows("kept member other", ("also", "in", "not in"), ("not", "not in", "in")),
            each(n=(2, 5, 8)),
            COMPARED,
        ),
    ),
    Family(
        name="words_of_length",
        arguments={"words": WORDS},
        says=(
            "the list of those strings in `words`, in their order, whose length is $compared $n",
            "`words` without the strings whose length is not $compared $n",
        ),
        code="return [w for w in words if len(w) $op $n]",
        near_misses=[("$op", "$near")],
        settings=cross(each(n=(2, 4, 6)), COMPARED),
    ),
    Family(
        name="count_words_with",
        arguments={"words": WORDS},
        says=(
            'how many strings in `words` $verb "$c"',
            'the number of strings of `words` that $verb "$c"',
        ),
        code="return sum(1 for w in words if $test)",
        near_misses=[("$test", "$other"), ("$test", "not $test")],
        settings=[
            {"c": c, "verb": verb, "test": test.format(c=c), "other": other.format(c=c)}
            for c in "abcdek"
            for verb, test, other in (
                ("start with the letter", 'w.startswith("{c}")', 'w.endswith("{c}")'),
                ("end with the letter", 'w.endswith("{c}")', 'w.startswith("{c}")'),
            )
        ],
    ),
    Family(
        name="word_extreme",
        arguments={"words": WORDS},
        says=(
            'the $extreme string in `words` (the first of them if several), or "$d" if there is '
            "none",
            'that string of `words` which is $extreme, the first one if lengths are equal; "$d" if '
            "`words` is empty",
        ),
        code='return $pick(words, key=len, default="$d")',
        near_misses=[("$pick", "$other"), ("key=len, ", "")],
        settings=cross(
            rows("extreme pick other", ("longest", "max", "min"), ("shortest", "min", "max")),
            each(d=("none", "empty", "no", "?", "-", "nothing")),
        ),
    ),
)
