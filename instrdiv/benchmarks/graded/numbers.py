"""Functions of whole numbers."""

from instrdiv.benchmarks.graded.arguments import COUNT, NATURAL, WHOLE
from instrdiv.benchmarks.graded.family import Family, cross, each, rows

COMPARED = rows(
    "compared op near",
    ("larger than", ">", ">="),
    ("smaller than", "<", "<="),
    ("at least", ">=", ">"),
    ("at most", "<=", "<"),
)
"""Comparisons with a bound, each with the one that differs at the bound alone.

Bounds beside them are two apart, for "larger than 4" and "at least 5" are one function.
"""

FAMILIES = (
    Family(
        name="add_constant",
        arguments={"x": WHOLE},
        says=("the number that is $n $more than `x`", "`x` $sign $n"),
        code="return x $op $n",
        near_misses=[("$op", "$other")],
        settings=cross(
            each(n=range(1, 31)),
            rows("more sign op other", ("more", "plus", "+", "-"), ("less", "minus", "-", "+")),
        ),
    ),
    Family(
        name="multiple_of",
        arguments={"x": WHOLE},
        says=("`x` times $n", "the product of `x` and $n"),
        code="return x * $n",
        near_misses=[("*", "+"), ("$n", "($n - 1)")],
        settings=each(n=range(3, 41)),
    ),
    Family(
        name="divide_whole",
        arguments={"x": NATURAL},
        says=("the $part of dividing `x` by $n", "the $part when `x` is divided by $n"),
        code="return x $op $n",
        near_misses=[("$op", "$other")],
        settings=cross(
            rows("part op other", ("remainder", "%", "//"), ("whole quotient", "//", "%")),
            each(n=range(3, 23)),
        ),
    ),
    Family(
        name="times_then_shift",
        arguments={"x": WHOLE},
        says=("$a times `x`, plus $b", "the result of multiplying `x` by $a and then adding $b"),
        code="return $a * x + $b",
        near_misses=[("x + $b", "(x + $b)")],
        settings=each(a=range(2, 10), b=range(1, 10)),
    ),
    Family(
        name="power_shifted",
        arguments={"x": WHOLE},
        says=("`x` $power, plus $b", "the sum of $b and `x` $power"),
        code="return x ** $n + $b",
        near_misses=[("**", "*"), ("+", "-")],
        settings=cross(
            rows("power n", ("squared", 2), ("cubed", 3), ("to the power of 4", 4)),
            each(b=range(1, 16)),
        ),
    ),
    Family(
        name="extreme_of_three",
        arguments={"a": WHOLE, "b": WHOLE},
        says=(
            "the $extreme of the three numbers `a`, `b` and $n",
            "the $extreme of $n, `a` and `b`",
        ),
        code="return $pick(a, b, $n)",
        near_misses=[("$pick", "$other"), (", $n", "")],
        settings=cross(
            rows("extreme pick other", ("largest", "max", "min"), ("smallest", "min", "max")),
            each(n=range(-4, 16)),
        ),
    ),
    Family(
        name="keep_within",
        arguments={"x": WHOLE},
        says=(
            "`x` itself if it lies between $low and $high, $low if it is smaller, and $high if it "
            "is larger",
            "`x`, but $low for anything below $low and $high for anything above $high",
        ),
        code="return max($low, min(x, $high))",
        near_misses=[("max($low, min(x, $high))", "min($low, max(x, $high))")],
        settings=each(low=range(-6, 4), high=range(5, 21, 3)),
    ),
    Family(
        name="distance_to",
        arguments={"x": WHOLE},
        says=(
            "how far `x` is from $n on the number line (never negative)",
            "the absolute difference of `x` and $n",
        ),
        code="return abs(x - $n)",
        near_misses=[("abs(x - $n)", "x - $n"), ("abs(x - $n)", "$n - x")],
        settings=each(n=range(2, 32)),
    ),
    Family(
        name="lies_between",
        arguments={"x": WHOLE},
        says=(
            "True if `x` lies between $low and $high, $ends, and False otherwise",
            "whether `x` is in the range from $low to $high, $ends, as True or False",
        ),
        code="return $low $op x $op $high",
        near_misses=[("x $op", "x $near"), ("$low $op", "$low $near")],
        settings=cross(
            rows(
                "ends op near",
                ("both of these included", "<=", "<"),
                ("neither of these included", "<", "<="),
            ),
            each(low=(-5, 0, 2, 7), high=(10, 12, 19, 25)),
        ),
    ),
    Family(
        name="has_remainder",
        arguments={"x": WHOLE},
        says=(
            "True if dividing `x` by $k leaves the remainder $r, and False otherwise",
            "whether the remainder of `x` divided by $k is $r, as True or False",
        ),
        code="return x % $k == $r",
        near_misses=[("==", "!="), ("%", "//")],
        settings=[row for row in each(k=range(3, 11), r=range(10)) if row["r"] < row["k"]],
    ),
    Family(
        name="one_divides",
        arguments={"x": NATURAL},
        says=(
            "True if `x` is divisible by $a but not by $b, and False otherwise",
            "whether $a divides `x` while $b does not, as True or False",
        ),
        code="return x % $a == 0 and x % $b != 0",
        near_misses=[("and", "or"), ("!=", "==")],
        settings=[row for row in each(a=range(2, 10), b=(2, 3, 5, 7)) if row["a"] % row["b"] != 0],
    ),
    Family(
        name="label_by_size",
        arguments={"x": WHOLE},
        says=(
            'the string "$yes" if `x` is $compared $n, and "$no" otherwise',
            '"$yes" for every `x` that is $compared $n, and "$no" for every other',
        ),
        code="""
            if x $op $n:
                return "$yes"
            return "$no"
        """,
        near_misses=[("$op", "$near"), ('if x $op $n:\n                return "$yes"', "")],
        settings=cross(
            COMPARED,
            rows("yes no", ("big", "small"), ("pass", "fail"), ("hot", "cold")),
            each(n=(3, 10, 18, 25)),
        ),
    ),
    Family(
        name="three_labels",
        arguments={"x": WHOLE},
        says=(
            'the string "$low" if `x` is smaller than $n, "$equal" if it is $n, and "$high" if it '
            "is larger",
            '"$low" below $n, "$equal" at exactly $n and "$high" above $n, whichever `x` is',
        ),
        code="""
            if x < $n:
                return "$low"
            if x == $n:
                return "$equal"
            return "$high"
        """,
        near_misses=[("<", "<="), ("x < $n", "x > $n")],
        settings=cross(
            rows("low equal high", ("under", "par", "over"), ("young", "just", "old")),
            each(n=range(4, 24)),
        ),
    ),
    Family(
        name="two_rules",
        arguments={"x": WHOLE},
        says=(
            "$a times `x` if `x` is $compared $n, and otherwise `x` plus $b",
            "`x` times $a when `x` is $compared $n; in all other cases, the sum of `x` and $b",
        ),
        code="return x * $a if x $op $n else x + $b",
        near_misses=[("$op", "$near"), ("x * $a if x $op $n else x + $b", "x * $a")],
        settings=cross(COMPARED, each(a=(2, 3, 5), b=(1, 4), n=(6, 9))),
    ),
    Family(
        name="sum_of_multiples",
        arguments={"n": COUNT},
        says=(
            "the sum of the first `n` positive multiples of $k ($k, twice $k and so on)",
            "what you get by adding up $k times each whole number from 1 to `n`",
        ),
        code="return sum($k * i for i in range(1, n + 1))",
        near_misses=[("n + 1", "n"), ("$k * i", "i")],
        settings=each(k=range(2, 22)),
    ),
    Family(
        name="divisors_from",
        arguments={"n": NATURAL},
        says=(
            "how many whole numbers that are at least $k divide `n` (`n` itself counts)",
            "the number of divisors of `n`, leaving out those smaller than $k",
        ),
        code="return sum(1 for d in range($k, n + 1) if n % d == 0)",
        near_misses=[("n + 1", "n"), ("$k", "1")],
        settings=each(k=range(2, 14)),
    ),
    Family(
        name="digit_count",
        arguments={"x": WHOLE},
        says=(
            "how often the digit $d occurs in `x` multiplied by $a",
            "the number of digits equal to $d in the product of `x` and $a",
        ),
        code='return str(x * $a).count("$d")',
        near_misses=[("x * $a", "x")],
        settings=each(d=range(10), a=(7, 11, 123)),
    ),
    Family(
        name="some_digits_sum",
        arguments={"n": NATURAL},
        says=(
            "the sum of those digits of `n` that are $compared $k",
            "what the digits of `n` add up to when only digits $compared $k are counted",
        ),
        code="""
            total = 0
            for digit in str(n):
                if int(digit) $op $k:
                    total += int(digit)
            return total
        """,
        near_misses=[("$op", "$near"), ("+= int(digit)", "+= 1")],
        settings=cross(COMPARED, each(k=(3, 5, 7))),
    ),
    Family(
        name="steps_of_division",
        arguments={"n": NATURAL},
        says=(
            "how many times `n` must be divided by $d, rounding down each time, until it is no "
            "larger than $k",
            "the number of whole divisions by $d that bring `n` down to $k or less",
        ),
        code="""
            count = 0
            while n > $k:
                n //= $d
                count += 1
            return count
        """,
        near_misses=[("n > $k", "n >= $k"), ("count = 0", "count = 1")],
        settings=each(d=(2, 3, 4, 5), k=range(1, 8)),
    ),
    Family(
        name="largest_power",
        arguments={"n": NATURAL},
        says=(
            "the largest power of $b (1, $b, $b times $b and so on) that is not larger than `n`",
            "the greatest number up to `n`, `n` included, that is a power of $b, counting 1 as one",
        ),
        code="""
            power = 1
            while power * $b <= n:
                power *= $b
            return power
        """,
        near_misses=[("power * $b <= n", "power <= n"), ("<=", "<")],
        settings=each(b=range(2, 11)),
    ),
    Family(
        name="first_multiples",
        arguments={"n": COUNT},
        says=(
            "a list of `n` numbers of which the first is $start and each next one is $k larger",
            "the list that begins with $start, goes up by $k each time and has `n` numbers",
        ),
        code="return [$start + $k * i for i in range(n)]",
        near_misses=[("range(n)", "range(n + 1)"), ("range(n)", "range(1, n + 1)")],
        settings=each(start=range(5), k=range(2, 9)),
    ),
    Family(
        name="count_down",
        arguments={"n": COUNT},
        says=(
            "a list that starts with `n` and goes down by $step each time, as long as the numbers "
            "are $compared $stop",
            "the list of `n`, `n` minus $step and so on, keeping only numbers $compared $stop",
        ),
        code="return list(range(n, $last, -$step))",
        near_misses=[("$last", "$missed"), ("n, ", "n - 1, ")],
        settings=[
            {"compared": compared, "last": stop - shift, "missed": stop - 1 + shift, **row}
            for row in each(stop=(0, 2, 4, 6), step=(1, 2, 3))
            for stop in [row["stop"]]
            for compared, shift in (("larger than", 0), ("at least", 1))
        ],
    ),
    Family(
        name="sum_of_last_two",
        arguments={"n": COUNT},
        says=(
            "the number at position `n`, counted from 0, of the sequence that begins $a, $b and in "
            "which every later number is the sum of the two before it",
            "term `n` of a sequence: term 0 is $a, term 1 is $b, and each further term is the sum "
            "of the two terms before",
        ),
        code="""
            a, b = $a, $b
            for _ in range(n):
                a, b = b, a + b
            return a
        """,
        near_misses=[("return a", "return b"), ("a, b = b, a + b", "a, b = b, a + 1")],
        settings=[row for row in each(a=range(6), b=range(1, 6)) if row["a"] != row["b"]],
    ),
    Family(
        name="signed_sum",
        arguments={"n": COUNT},
        says=(
            "the total of the whole numbers from 1 to `n`, in which multiples of $k are subtracted "
            "$times and all others added",
            "the sum over 1, 2 and so on up to `n` where each number counts positively, except "
            "that those divisible by $k are taken away $times",
        ),
        code="""
            total = 0
            for i in range(1, n + 1):
                if i % $k == 0:
                    total -= $m * i
                else:
                    total += i
            return total
        """,
        near_misses=[("n + 1", "n"), ("==", "!=")],
        settings=cross(each(k=range(2, 9)), rows("times m", ("twice", 2), ("three times", 3))),
    ),
    Family(
        name="call_out",
        arguments={"x": NATURAL},
        says=(
            'the string "$both" if `x` is divisible by $a and by $b, "$one" if only by $a, "$two" '
            'if only by $b, and "none" if by neither',
            '"$both" when both $a and $b divide `x`, "$one" when just $a does, "$two" when just $b '
            'does, "none" when neither does',
        ),
        code="""
            if x % $a == 0 and x % $b == 0:
                return "$both"
            if x % $a == 0:
                return "$one"
            if x % $b == 0:
                return "$two"
            return "none"
        """,
        near_misses=[("and", "or"), ("if x % $a == 0 and x % $b == 0:", "if False:")],
        settings=cross(
            rows("a b", (2, 3), (2, 5), (3, 4), (3, 5), (2, 7), (3, 7), (4, 5)),
            rows("one two both", ("fizz", "buzz", "fizzbuzz"), ("tick", "tock", "clock")),
        ),
    ),
    Family(
        name="grow",
        arguments={"x": WHOLE, "n": COUNT},
        says=(
            "what becomes of `x` when `n` times in a row it is multiplied by $a and $b is added to "
            "the result",
            "`x` after `n` rounds, where each round multiplies by $a and then adds $b",
        ),
        code="""
            for _ in range(n):
                x = x * $a + $b
            return x
        """,
        near_misses=[("x * $a + $b", "(x + $b) * $a"), ("range(n)", "range(n - 1)")],
        settings=each(a=(2, 3, 4), b=range(1, 9)),
    ),
    Family(
        name="round_down",
        arguments={"x": WHOLE},
        says=(
            "the largest multiple of $k that is not larger than `x`",
            "`x` rounded down to a multiple of $k",
        ),
        code="return x // $k * $k",
        near_misses=[("// $k * $k", "// $k"), ("x // $k", "(x + $k - 1) // $k")],
        settings=each(k=range(2, 22)),
    ),
    Family(
        name="parity_step",
        arguments={"x": WHOLE},
        says=(
            "half of `x` if it is even, and otherwise $a times `x` plus $b",
            "`x` divided by 2, as a whole number, for an even `x`, and $a times `x` plus $b for an "
            "odd one",
        ),
        code="""
            if x % 2 == 0:
                return x // 2
            return $a * x + $b
        """,
        near_misses=[("==", "!="), ("x // 2", "x")],
        settings=each(a=range(2, 8), b=(1, 3, 5)),
    ),
)
