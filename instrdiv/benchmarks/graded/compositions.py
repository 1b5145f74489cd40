"""Functions of two or three steps, one after the other, and small simulations."""

from instrdiv.benchmarks.graded.arguments import NATURAL, NUMBERS, PHRASE, ROWS, TEXT, WORDS
from instrdiv.benchmarks.graded.family import Family, cross, each, rows
from instrdiv.benchmarks.graded.numbers import COMPARED

FAMILIES = (
    Family(
        name="select_then_change",
        arguments={"xs": NUMBERS},
        says=(
            "a list of $a times each number in `xs` that is divisible by $k, in their order",
            "the list that you get by keeping the multiples of $k in `xs` and multiplying each by "
            "$a",
        ),
        code="return [x * $a for x in xs if x % $k == 0]",
        near_misses=[("x * $a", "x"), ("==", "!=")],
        settings=each(a=range(2, 7), k=range(2, 7)),
    ),
    Family(
        name="select_then_sort",
        arguments={"xs": NUMBERS},
        says=(
            "a sorted list of the $k smallest numbers among those in `xs` that are $compared $n "
            "(of all such, if there are fewer)",
            "the numbers of `xs` that are $compared $n, sorted from small to large and cut off "
            "after $k numbers",
        ),
        code="return sorted(x for x in xs if x $op $n)[:$k]",
        near_misses=[("$op", "$near"), ("[:$k]", "[-$k:]")],
        settings=cross(each(n=(2, 5, 9), k=(2, 3, 4)), COMPARED),
    ),
    Family(
        name="shout_some",
        arguments={"s": PHRASE},
        says=(
            "`s` with every word whose length is $compared $n in upper case and all others "
            "unchanged",
            "a copy of `s` in which exactly those words are turned into upper case that have a "
            "length $compared $n",
        ),
        code='return " ".join(w.upper() if len(w) $op $n else w for w in s.split())',
        near_misses=[("$op", "$near"), ("w.upper()", "w.lower()")],
        settings=cross(each(n=(2, 4, 6)), COMPARED),
    ),
    Family(
        name="powers_of_top",
        arguments={"xs": NUMBERS},
        says=(
            "the sum of the $power of the $k largest numbers in `xs` (of all, if there are fewer)",
            "what the $power of the $k largest numbers of `xs`, or of all if it has fewer, add up "
            "to",
        ),
        code="return sum(x ** $n for x in sorted(xs)[-$k:])",
        near_misses=[("[-$k:]", "[:$k]"), ("sorted(xs)", "xs")],
        settings=cross(rows("power n", ("squares", 2), ("cubes", 3)), each(k=range(2, 7))),
    ),
    Family(
        name="turn_some_words",
        arguments={"s": PHRASE},
        says=(
            "the words of `s` joined with `$sep`, those with a length $compared $n spelt backwards",
            "a string of all words in `s`, with `$sep` between them, where each word whose length "
            "is $compared $n is reversed",
        ),
        code='return "$sep".join(w[::-1] if len(w) $op $n else w for w in s.split())',
        near_misses=[("$op", "$near"), ("w[::-1] if len(w) $op $n else w", "w[::-1]")],
        settings=cross(each(n=(3, 5), sep="-+/"), COMPARED),
    ),
    Family(
        name="different_words",
        arguments={"s": PHRASE},
        says=(
            "how many different words of `s` have at least $n characters, upper and lower case "
            "being the same",
            "the number of distinct words with $n or more characters in `s`, where case does not "
            "matter",
        ),
        code="return len({w for w in s.lower().split() if len(w) >= $n})",
        near_misses=[(">=", ">"), (".lower()", "")],
        settings=each(n=range(2, 7)),
    ),
    Family(
        name="repeat_digit_sum",
        arguments={"n": NATURAL},
        says=(
            "what is left of `n` when it is multiplied by $a and then, as long as it is larger "
            "than $k, is replaced by the sum of its digits",
            "the number found by taking $a times `n` and going on to the sum of its digits until "
            "it is $k or less",
        ),
        code="""
            n = n * $a
            while n > $k:
                n = sum(int(digit) for digit in str(n))
            return n
        """,
        near_misses=[("while", "if"), ("n = n * $a", "")],
        settings=each(a=(2, 4, 5, 7), k=(9, 12, 20)),
    ),
    Family(
        name="digit_powers",
        arguments={"n": NATURAL},
        says=(
            "the sum of the $power of the digits of `n`, plus $b",
            "$b plus what the $power of all digits of `n` add up to",
        ),
        code="return sum(int(digit) ** $p for digit in str(n)) + $b",
        near_misses=[("** $p", "* $p"), ("+ $b", "- $b")],
        settings=cross(
            rows("power p", ("squares", 2), ("cubes", 3), ("fourth powers", 4)),
            each(b=range(1, 8)),
        ),
    ),
    Family(
        name="scale_and_limit",
        arguments={"xs": NUMBERS},
        says=(
            "a list of $a times each number in `xs`, where results below $low become $low and "
            "those above $high become $high",
            "the numbers of `xs` multiplied by $a and then limited to the range from $low to $high",
        ),
        code="return [max($low, min($high, x * $a)) for x in xs]",
        near_misses=[("x * $a", "x"), ("max($low, min($high, x * $a))", "min($high, x * $a)")],
        settings=each(a=(2, 3, 4), low=(-10, 0, 3), high=(20, 30, 45)),
    ),
    Family(
        name="large_rises",
        arguments={"xs": NUMBERS},
        says=(
            "the list of the differences between each number in `xs` and the one before it, "
            "keeping only differences $compared $n",
            "those of the steps from one number of `xs` to the next (next minus present) that are "
            "$compared $n, as a list in their order",
        ),
        code="return [b - a for a, b in zip(xs, xs[1:]) if b - a $op $n]",
        near_misses=[("[b - a", "[a - b"), ("$op", "$near")],
        settings=cross(each(n=range(1, 12, 2)), COMPARED),
    ),
    Family(
        name="initials_of_long",
        arguments={"s": PHRASE},
        says=(
            "the first letters of those words in `s` that have more than $n characters, in $case "
            "case and as one string",
            "an abbreviation of `s`: the first character of each word longer than $n, turned into "
            "$case case, with nothing between",
        ),
        code='return "".join(w[0] for w in s.split() if len(w) > $n).$case()',
        near_misses=[(">", ">="), ("w[0]", "w")],
        settings=each(n=range(1, 6), case=("upper", "lower")),
    ),
    Family(
        name="first_by_length",
        arguments={"words": WORDS},
        says=(
            "a list of the $n $extreme strings in `words`, $extreme first; equally long ones keep "
            "their order, and a shorter list is given whole",
            "the strings of `words` sorted by length, $extreme first and without changing the "
            "order of equally long ones, cut off after $n",
        ),
        code="return sorted(words, key=len, reverse=$down)[:$n]",
        near_misses=[("$down", "$other"), ("[:$n]", "[-$n:]")],
        settings=cross(
            rows("extreme down other", ("shortest", False, True), ("longest", True, False)),
            each(n=range(1, 7)),
        ),
    ),
    Family(
        name="fading_peak",
        arguments={"xs": NUMBERS},
        says=(
            "a list with one level for each number in `xs`: the level starts from $start, and with "
            "each number it first drops by $k and then, if the number is larger, rises to it",
            "the list of levels after each number of `xs`, where the level begins at $start and "
            "becomes either the number or the level before minus $k, whichever is larger",
        ),
        code="""
            levels = []
            level = $start
            for x in xs:
                level = max(level - $k, x)
                levels.append(level)
            return levels
        """,
        near_misses=[("level - $k", "level"), ("max", "min")],
        settings=each(start=(0, 5, 10), k=range(1, 8)),
    ),
    Family(
        name="balance",
        arguments={"xs": NUMBERS},
        says=(
            "the last balance of an account that starts with $start and to which each number in "
            "`xs` is added in turn, except those that would make the balance smaller than $low",
            "what an account holds in the end if it holds $start first and the numbers of `xs` are "
            "booked one by one, skipping each that would bring it below $low",
        ),
        code="""
            balance = $start
            for x in xs:
                if balance + x >= $low:
                    balance += x
            return balance
        """,
        near_misses=[(">=", ">"), ("if balance + x >= $low:", "if True:")],
        settings=each(start=(5, 8, 10, 15, 20), low=range(5)),
    ),
    Family(
        name="close_pairs",
        arguments={"xs": NUMBERS, "ys": NUMBERS},
        says=(
            "at how many places the numbers of `xs` and `ys` differ by $compared $n, as far as "
            "both lists go",
            "the number of indices at which the absolute difference of `xs` and `ys` is $compared "
            "$n, up to the end of the shorter list",
        ),
        code="return sum(1 for x, y in zip(xs, ys) if abs(x - y) $op $n)",
        near_misses=[("$op", "$near"), ("abs(x - y)", "x - y")],
        settings=cross(
            each(n=range(2, 9)),
            rows("compared op near", ("at least", ">=", ">"), ("at most", "<=", "<")),
        ),
    ),
    Family(
        name="put_between",
        arguments={"xs": NUMBERS},
        says=(
            "a list like `xs` with $n put between every two neighbours (none before the first or "
            "after the last)",
            "the numbers of `xs` in their order with $n after each of them but the last",
        ),
        code="""
            result = []
            for x in xs:
                result.append(x)
                result.append($n)
            return result[:-1]
        """,
        near_misses=[("[:-1]", ""), ("[:-1]", "[1:]")],
        settings=each(n=range(20)),
    ),
    Family(
        name="top_distinct",
        arguments={"xs": NUMBERS},
        says=(
            "a list of the $k largest different numbers in `xs`, largest first (all, if there are "
            "fewer)",
            "the numbers of `xs` without repetitions, sorted from large to small and cut off after "
            "$k",
        ),
        code="return sorted(set(xs), reverse=True)[:$k]",
        near_misses=[("reverse=True", "reverse=False"), ("set(xs)", "xs")],
        settings=each(k=range(2, 8)),
    ),
    Family(
        name="sums_of_rows",
        arguments={"rows": ROWS},
        says=(
            "a list of the sums of those rows in `rows` whose sum is $compared $n, in their order",
            "the sums of the rows of `rows`, keeping only sums that are $compared $n",
        ),
        code="return [sum(row) for row in rows if sum(row) $op $n]",
        near_misses=[("$op", "$near"), ("[sum(row)", "[row")],
        settings=cross(each(n=range(4, 21, 2)), COMPARED),
    ),
    Family(
        name="column_value",
        arguments={"rows": ROWS},
        says=(
            "$a times the sum of the $place numbers of all rows in `rows`",
            "the sum over the rows of `rows` of each row's $place number, multiplied by $a",
        ),
        code="return $a * sum(row[$i] for row in rows)",
        near_misses=[("$i", "$near"), ("$a * ", "")],
        settings=cross(
            each(a=range(2, 8)),
            rows(
                "place i near", ("first", 0, 1), ("second", 1, 2), ("third", 2, 1), ("last", -1, -2)
            ),
        ),
    ),
    Family(
        name="matched_marks",
        arguments={"s": TEXT},
        says=(
            'True if the "$open" and "$close" in `s` match as brackets do, and False otherwise: '
            'reading from the left there are never more "$close" than "$open", and in the end '
            "equally many; other characters do not matter",
            'whether every "$open" in `s` is closed by a later "$close" of its own, and no '
            '"$close" is without one, as True or False, ignoring all other characters',
        ),
        code="""
            depth = 0
            for c in s:
                if c == "$open":
                    depth += 1
                elif c == "$close":
                    depth -= 1
                    if depth < 0:
                        return False
            return depth == 0
        """,
        near_misses=[("depth < 0", "False"), ("return depth == 0", "return True")],
        settings=rows(
            "open close", ("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("a", "b"), ("/", "|")
        ),
    ),
    Family(
        name="run_lengths",
        arguments={"s": TEXT},
        says=(
            "a string that names each run of equal characters in `s` by the character and the "
            "number of times it stands there, with `$sep` between runs",
            "`s` shortened so that each stretch of one repeated character becomes that character "
            "and the length of the stretch, with `$sep` between stretches",
        ),
        code="""
            runs = []
            for c in s:
                if runs and runs[-1][0] == c:
                    runs[-1][1] += 1
                else:
                    runs.append([c, 1])
            return "$sep".join(c + str(n) for c, n in runs)
        """,
        near_misses=[("c + str(n)", "str(n) + c"), ("runs[-1][1] += 1", "runs.append([c, 1])")],
        settings=each(sep=("-", ",", " ", "|", "/", ".", "+", ";")),
    ),
    Family(
        name="more_of_one",
        arguments={"s": TEXT},
        says=(
            'True if `s` holds more of the letter "$a" than of "$b", and False otherwise',
            'whether "$a" occurs more often in `s` than "$b" does, as True or False',
        ),
        code='return s.count("$a") > s.count("$b")',
        near_misses=[(">", ">="), (">", "<")],
        settings=[row for row in each(a="abcde", b="abcde") if row["a"] != row["b"]],
    ),
    Family(
        name="commonest",
        arguments={"xs": NUMBERS},
        says=(
            "the number that occurs most often in `xs` (the one that comes first, if several do), "
            "multiplied by $a, or $d if `xs` is empty",
            "$a times the commonest number of `xs`, taking the first in a tie, and $d for an empty "
            "list",
        ),
        code="""
            if not xs:
                return $d
            return max(xs, key=xs.count) * $a
        """,
        near_misses=[(", key=xs.count", ""), ("return $d", "return None")],
        settings=each(a=range(2, 7), d=(-1, 1, 99)),
    ),
    Family(
        name="move_to_end",
        arguments={"xs": NUMBERS},
        says=(
            "a list like `xs` with every $n moved to the $end and the order of the others "
            "unchanged",
            "the numbers of `xs` other than $n in their order, with all the $n of `xs` at the $end",
        ),
        code="return $made",
        near_misses=[("$made", "$other"), ("$made", "[x for x in xs if x != $n]")],
        settings=[
            {"n": n, "end": end, "made": made, "other": other}
            for n in range(10)
            for rest, moved in [(f"[x for x in xs if x != {n}]", f"[{n}] * xs.count({n})")]
            for end, made, other in (
                ("end", f"{rest} + {moved}", f"{moved} + {rest}"),
                ("beginning", f"{moved} + {rest}", f"{rest} + {moved}"),
            )
        ],
    ),
    Family(
        name="pairs_with_sum",
        arguments={"xs": NUMBERS},
        says=(
            "how many pairs of two numbers at different places in `xs` have the sum $n (each pair "
            "of places counted once)",
            "the number of ways to choose two places in `xs` whose numbers add up to $n",
        ),
        code="""
            count = 0
            for i in range(len(xs)):
                for j in range(i + 1, len(xs)):
                    if xs[i] + xs[j] == $n:
                        count += 1
            return count
        """,
        near_misses=[("i + 1", "i"), ("i + 1, len(xs)", "len(xs)")],
        settings=each(n=range(2, 22, 2)),
    ),
    Family(
        name="walk",
        arguments={"s": TEXT},
        says=(
            'the highest position of somebody who starts at 0 and goes up $p for every "$a" in `s` '
            'and down $q for every "$b", other characters being ignored',
            "the highest position reached on a walk from 0 that reads `s` from the left, where "
            '"$a" means up by $p, "$b" down by $q and any other character no move',
        ),
        code="""
            position = 0
            highest = 0
            for c in s:
                if c == "$a":
                    position += $p
                elif c == "$b":
                    position -= $q
                highest = max(highest, position)
            return highest
        """,
        near_misses=[("-= $q", "+= $q"), ("return highest", "return position")],
        settings=cross(
            rows("a b", ("u", "d"), ("a", "b"), ("+", "-")),
            each(p=(1, 2, 3, 5), q=(1, 2, 4)),
        ),
    ),
    Family(
        name="steady_rise",
        arguments={"xs": NUMBERS},
        says=(
            "True if every number in `xs` but the first is at least $k larger than the one before "
            "it, and False otherwise (True for lists of no or one number)",
            "whether each step from a number of `xs` to the next is a rise by $k or more, as True "
            "or False; with fewer than two numbers it is True",
        ),
        code="return all(b - a >= $k for a, b in zip(xs, xs[1:]))",
        near_misses=[(">=", ">"), ("all", "any")],
        settings=each(k=range(1, 13)),
    ),
    Family(
        name="good_password",
        arguments={"s": PHRASE},
        says=(
            "True if `s` has at least $n characters, one or more of them $kind and one or more a "
            '"$c", and False otherwise',
            'whether `s` is $n or more characters long and holds both a "$c" and a character that '
            "is $kind, as True or False",
        ),
        code='return len(s) >= $n and "$c" in s and any(c.$test() for c in s)',
        near_misses=[(">=", ">"), ("$test", "$other"), ('and "$c" in s', "")],
        settings=cross(
            rows(
                "kind test other",
                ("a digit", "isdigit", "isupper"),
                ("an upper-case letter", "isupper", "isdigit"),
            ),
            each(n=(4, 6, 8), c="ae"),
        ),
    ),
    Family(
        name="sum_in_text",
        arguments={"s": PHRASE},
        says=(
            "the sum of those words of `s` that consist of digits, read as numbers, counting only "
            "numbers $compared $n",
            "the total of all whole numbers that are $compared $n and stand as words of digits in "
            "`s`",
        ),
        code="return sum(int(w) for w in s.split() if w.isdigit() and int(w) $op $n)",
        near_misses=[("$op", "$near"), ("sum(int(w)", "sum(1")],
        settings=cross(each(n=range(3, 13, 2)), COMPARED),
    ),
)
