"""Functions of strings."""

from instrdiv.benchmarks.graded.arguments import LONG_PHRASE, LONG_TEXT, PHRASE, SMALL_LETTERS, TEXT
from instrdiv.benchmarks.graded.family import Family, cross, each, rows
from instrdiv.benchmarks.graded.numbers import COMPARED

SEPARATORS = rows("named sep", ("a dash", "-"), ("a comma", ","), ("a slash", "/"), ("a dot", "."))
LETTER_SETS = each(letters=("ae", "aeiou", "bd", "xyz", "abc", "cde"))

FAMILIES = (
    Family(
        name="pick_character",
        arguments={"s": LONG_TEXT},
        says=("the $place character of `s`", "the character of `s` that is $place"),
        code="return s[$i]",
        near_misses=[("$i", "$near")],
        settings=rows(
            "place i near",
            ("second", 1, 2),
            ("third", 2, 3),
            ("fourth", 3, 2),
            ("last", -1, -2),
            ("next to last", -2, -1),
            ("third from the end", -3, -2),
        ),
    ),
    Family(
        name="part_of_text",
        arguments={"s": TEXT},
        says=(
            "$part of `s` (if `s` is shorter than that, $short)",
            "$part of the string `s`, and $short if there are fewer",
        ),
        code="return s[$cut]",
        near_misses=[("$cut", "$near"), ("$cut", "$other")],
        settings=[
            {
                "part": part.format(n=n),
                "short": short,
                "cut": cut.format(n=n),
                "near": cut.format(n=n + 1),
                "other": other.format(n=n),
            }
            for n in range(2, 7)
            for part, short, cut, other in (
                ("the first {n} characters", "all of it", ":{n}", "-{n}:"),
                ("the last {n} characters", "all of it", "-{n}:", ":{n}"),
                ("all but the first {n} characters", "the empty string", "{n}:", ":-{n}"),
                ("all but the last {n} characters", "the empty string", ":-{n}", "{n}:"),
            )
        ],
    ),
    Family(
        name="add_affix",
        arguments={"s": TEXT},
        says=('`s` with "$affix" put $where it', 'the string `s` with "$affix" added $where it'),
        code="return $made",
        near_misses=[("$made", "$other")],
        settings=[
            {"affix": affix, "where": where, "made": made, "other": other}
            for affix in ("re", "un", "pre", "ing", "er", "ly", "!", "?", "--", "x")
            for first, last in [(f'"{affix}" + s', f's + "{affix}"')]
            for where, made, other in (("before", first, last), ("after", last, first))
        ],
    ),
    Family(
        name="copies_joined",
        arguments={"s": TEXT},
        says=(
            "$n copies of `s`, joined with $named (`$sep`) between them",
            "`s` written $n times, with `$sep` ($named) between every two copies",
        ),
        code='return "$sep".join([s] * $n)',
        near_misses=[("$n", "($n - 1)"), ('"$sep".join([s] * $n)', '(s + "$sep") * $n')],
        settings=cross(SEPARATORS, each(n=range(2, 8))),
    ),
    Family(
        name="change_case",
        arguments={"s": PHRASE},
        says=(
            "`s` with $part in $case-case letters and the rest unchanged",
            "a copy of `s` in which $part, and nothing else, are turned into $case case",
        ),
        code="return $made",
        near_misses=[("$made", "$other"), ("$made", "s.$change()")],
        settings=[
            {
                "part": f"the {end} {n} characters",
                "case": case,
                "change": change,
                "made": made.format(n=n, change=change),
                "other": other.format(n=n, change=change),
            }
            for n in range(2, 6)
            for case, change in (("upper", "upper"), ("lower", "lower"))
            for end, made, other in (
                ("first", "s[:{n}].{change}() + s[{n}:]", "s[:{n}] + s[{n}:].{change}()"),
                ("last", "s[:-{n}] + s[-{n}:].{change}()", "s[:-{n}].{change}() + s[-{n}:]"),
            )
        ],
    ),
    Family(
        name="exchange_letter",
        arguments={"s": TEXT},
        says=(
            '`s` with every "$a" replaced by "$b"',
            'a copy of `s` that has the letter "$b" wherever `s` has "$a"',
        ),
        code='return s.replace("$a", "$b")',
        near_misses=[('"$b")', '"$b", 1)'), ('"$a", "$b"', '"$b", "$a"')],
        settings=[row for row in each(a="aeiost", b="aeiouz") if row["a"] != row["b"]],
    ),
    Family(
        name="filter_letters",
        arguments={"s": TEXT},
        says=(
            '`s` without the characters that are $among "$letters"',
            'the string of those characters of `s`, in their order, that are $kept "$letters"',
        ),
        code='return "".join(c for c in s if c $op "$letters")',
        near_misses=[("$op", "$other")],
        settings=cross(
            LETTER_SETS,
            rows(
                "among kept op other",
                ("among", "not among", "not in", "in"),
                ("not among", "among", "in", "not in"),
            ),
        ),
    ),
    Family(
        name="letter_count",
        arguments={"s": PHRASE},
        says=(
            'how often the letter "$c" occurs in `s`, in upper or lower case',
            'the number of times `s` holds "$c", where its case does not matter',
        ),
        code='return s.lower().count("$c")',
        near_misses=[(".lower()", ""), ("count", "find")],
        settings=each(c="abcdefghijklmnopqrst"),
    ),
    Family(
        name="members_count",
        arguments={"s": TEXT},
        says=(
            'how many characters of `s` are $kept the letters "$letters"',
            'the number of characters in `s` that are $kept "$letters"',
        ),
        code='return sum(1 for c in s if c $op "$letters")',
        near_misses=[("$op", "$other")],
        settings=cross(
            LETTER_SETS,
            rows("kept op other", ("among", "in", "not in"), ("not among", "not in", "in")),
        ),
    ),
    Family(
        name="starts_and_ends",
        arguments={"s": TEXT},
        says=(
            'True if `s` begins with "$a" $joint ends with "$b", and False otherwise',
            'whether `s` has "$a" at its start $joint "$b" at its end, as True or False',
        ),
        code='return s.startswith("$a") $joint s.endswith("$b")',
        near_misses=[("$joint", "$other"), ('startswith("$a")', 'endswith("$a")')],
        settings=cross(
            rows("joint other", ("and", "or"), ("or", "and")),
            [row for row in each(a="abcst", b="abder") if row["a"] != row["b"]],
        ),
    ),
    Family(
        name="long_and_holds",
        arguments={"s": TEXT},
        says=(
            'True if `s` holds the letter "$c" and its length is $compared $n, and False otherwise',
            'whether `s` has a length that is $compared $n and contains "$c", as True or False',
        ),
        code='return "$c" in s and len(s) $op $n',
        near_misses=[("$op", "$near"), ("and", "or"), ('"$c" in s and ', "")],
        settings=cross(each(c="aekr", n=(3, 5, 7)), COMPARED),
    ),
    Family(
        name="length_compared",
        arguments={"s": TEXT},
        says=(
            "True if the number of characters in `s` is $compared $n, and False otherwise",
            "whether the length of `s` is $compared $n, as True or False",
        ),
        code="return len(s) $op $n",
        near_misses=[("$op", "$near")],
        settings=cross(each(n=range(2, 11, 2)), COMPARED),
    ),
    Family(
        name="partly_reversed",
        arguments={"s": TEXT},
        says=(
            "`s` with $part turned round and the rest as it is",
            "a copy of `s` in which $part stand in reverse order",
        ),
        code="return $made",
        near_misses=[("$made", "$other"), ("$made", "s[::-1]")],
        settings=[
            {
                "part": f"its {end} {n} characters",
                "made": made.format(n=n),
                "other": other.format(n=n),
            }
            for n in range(2, 7)
            for end, made, other in (
                ("first", "s[:{n}][::-1] + s[{n}:]", "s[:{n}] + s[{n}:][::-1]"),
                ("last", "s[:-{n}] + s[-{n}:][::-1]", "s[:-{n}][::-1] + s[-{n}:]"),
            )
        ],
    ),
    Family(
        name="every_kth",
        arguments={"s": TEXT},
        says=(
            "the string of every ${k}th character of `s`, beginning with the one at index $start",
            "the characters of `s` at index $start and at every ${k}th index after it, as a string",
        ),
        code="return s[$start::$k]",
        near_misses=[("$start", "($start + 1)"), ("$start::$k", "$start:$k")],
        settings=each(k=(4, 5, 6), start=range(5)),
    ),
    Family(
        name="mirrored_without",
        arguments={"s": TEXT},
        says=(
            'True if `s`, once every "$c" is taken out of it, reads the same backwards, and False '
            "otherwise",
            'whether `s` without its letters "$c" is a palindrome, as True or False',
        ),
        code="""
            kept = s.replace("$c", "")
            return kept == kept[::-1]
        """,
        near_misses=[('s.replace("$c", "")', "s")],
        settings=each(c="abcdefghijklmnop"),
    ),
    Family(
        name="shift_letters",
        arguments={"s": SMALL_LETTERS},
        says=(
            "`s` with every letter moved $k places $on in the alphabet, going round at its end",
            "`s` in a cipher that replaces each letter by the one $k places $on in the alphabet, "
            "where z and a are neighbours",
        ),
        code='return "".join(chr((ord(c) - 97 $op $k) % 26 + 97) for c in s)',
        near_misses=[("$op", "$other"), ("(ord(c) - 97 $op $k) % 26 + 97", "ord(c) $op $k")],
        settings=cross(
            each(k=range(1, 13)), rows("on op other", ("further on", "+", "-"), ("back", "-", "+"))
        ),
    ),
    Family(
        name="longest_run",
        arguments={"s": TEXT},
        says=(
            'the length of the longest unbroken run of the letter "$c" in `s`',
            'the largest number of times that "$c" stands in a row anywhere in `s`',
        ),
        code="""
            best = run = 0
            for c in s:
                run = run + 1 if c == "$c" else 0
                best = max(best, run)
            return best
        """,
        near_misses=[("else 0", "else run"), ("return best", "return run")],
        settings=each(c="abcdefghijklmnop"),
    ),
    Family(
        name="words_by_length",
        arguments={"s": PHRASE},
        says=(
            "how many words of `s` have a length that is $compared $n",
            "the number of words in `s` whose number of characters is $compared $n",
        ),
        code="return sum(1 for w in s.split() if len(w) $op $n)",
        near_misses=[("$op", "$near"), ("s.split()", "s")],
        settings=cross(each(n=(2, 4, 6)), COMPARED),
    ),
    Family(
        name="pick_word",
        arguments={"s": LONG_PHRASE},
        says=(
            "the $place word of `s` in $case case",
            "that word of `s` which comes $place, turned into $case case",
        ),
        code="return s.split()[$i].$case()",
        near_misses=[("$i", "$near"), (".split()", "")],
        settings=cross(
            rows(
                "place i near",
                ("first", 0, 1),
                ("second", 1, 2),
                ("third", 2, 3),
                ("last", -1, 0),
                ("next to last", -2, -1),
            ),
            each(case=("upper", "lower")),
        ),
    ),
    Family(
        name="turn_round",
        arguments={"s": TEXT},
        says=(
            "`s` with its $end $n characters moved to the $other, in their order",
            "the string made by taking the $end $n characters off `s` and putting them at the "
            "$other (if `s` has no more than $n characters, `s` itself)",
        ),
        code="return $made",
        near_misses=[("$made", "$near")],
        settings=[
            {"end": end, "other": other, "n": n, "made": made.format(n=n), "near": near.format(n=n)}
            for n in range(1, 8)
            for end, other, made, near in (
                ("first", "end", "s[{n}:] + s[:{n}]", "s[-{n}:] + s[:-{n}]"),
                ("last", "beginning", "s[-{n}:] + s[:-{n}]", "s[{n}:] + s[:{n}]"),
            )
        ],
    ),
    Family(
        name="join_words",
        arguments={"s": PHRASE},
        says=(
            "the words of `s` in $order, joined with $named (`$sep`) between them",
            "one string of all words of `s` in $order, with `$sep` ($named) between every two",
        ),
        code='return "$sep".join(s.split()[::$step])',
        near_misses=[("$step", "$other"), (".split()", "")],
        settings=cross(
            SEPARATORS,
            rows(
                "order step other",
                ("reverse order", -1, 1),
                ("their order, leaving out every second one", 2, 1),
                ("their order, keeping the first of every three", 3, 2),
            ),
        ),
    ),
    Family(
        name="letters_of_words",
        arguments={"s": PHRASE},
        says=(
            "the $end letters of the words of `s`, with $named (`$sep`) between them",
            "a string of the $end character of each word in `s`, joined by `$sep` ($named)",
        ),
        code='return "$sep".join(w[$i] for w in s.split())',
        near_misses=[("$i", "$other"), (".split()", "")],
        settings=cross(SEPARATORS, rows("end i other", ("first", 0, -1), ("last", -1, 0))),
    ),
    Family(
        name="multiply_letters",
        arguments={"s": TEXT},
        says=(
            '`s` with each character that is among "$letters" written $n times in its place',
            'a copy of `s` where every letter out of "$letters" stands $n times in a row instead',
        ),
        code='return "".join(c * $n if c in "$letters" else c for c in s)',
        near_misses=[('c in "$letters"', 'c not in "$letters"'), ("$n", "($n + 1)")],
        settings=cross(LETTER_SETS, each(n=(2, 3, 4, 5))),
    ),
    Family(
        name="hide_all_but",
        arguments={"s": TEXT},
        says=(
            '`s` with every character but the $end $n replaced by "$mask"',
            "a string as long as `s`: its $end $n characters stay, each of the others becomes "
            '"$mask"',
        ),
        code="return $made",
        near_misses=[("$made", "$near")],
        settings=[
            {
                "mask": mask,
                "n": n,
                "end": end,
                "made": made.format(mask=mask, n=n),
                "near": near.format(mask=mask, n=n),
            }
            for mask in "*#x"
            for n in range(1, 5)
            for last, first in [
                ('"{mask}" * (len(s) - {n}) + s[-{n}:]', 's[:{n}] + "{mask}" * (len(s) - {n})')
            ]
            for end, made, near in (("last", last, first), ("first", first, last))
        ],
    ),
    Family(
        name="letter_position",
        arguments={"s": TEXT},
        says=(
            'the position in `s`, counted from 0, of the $which "$c", or -1 if there is none',
            'the index of the $which letter "$c" of `s`, and -1 where `s` has no "$c"',
        ),
        code='return s.$method("$c")',
        near_misses=[("$method", "$near"), ("$method", "index")],
        settings=cross(
            each(c="abcdefgh"),
            rows("which method near", ("first", "find", "rfind"), ("last", "rfind", "find")),
        ),
    ),
    Family(
        name="before_mark",
        arguments={"s": TEXT},
        says=(
            'the part of `s` $side the $which "$mark" in it, or all of `s` if it has none',
            'what stands in `s` $side its $which "$mark"; without any, the whole of `s`',
        ),
        code='return s.$method("$mark", 1)[$i]',
        near_misses=[("$i", "$other"), ("$method", "$near")],
        settings=cross(
            each(mark=("-", ":", "=", "a", "b")),
            rows(
                "side which method near i other",
                ("before", "first", "split", "rsplit", 0, -1),
                ("after", "last", "rsplit", "split", -1, 0),
                ("after", "first", "split", "rsplit", -1, 0),
                ("before", "last", "rsplit", "split", 0, -1),
            ),
        ),
    ),
    Family(
        name="fill_up",
        arguments={"s": TEXT},
        says=(
            '`s` with as many "$fill" put $side it as make it $n characters long (a longer `s` '
            "stays as it is)",
            '`s` made up to a length of $n by adding "$fill" $side it, unchanged if it is that '
            "long already",
        ),
        code='return s.$method($n, "$fill")',
        near_misses=[("$method", "$near"), ("$n", "$n - 1")],
        settings=cross(
            each(n=range(6, 11), fill=".0-"),
            rows("side method near", ("before", "rjust", "ljust"), ("after", "ljust", "rjust")),
        ),
    ),
)
