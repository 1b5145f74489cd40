"""What crosses between a program and its tests, and what a test sees of it."""

import pytest

from instrdiv.codeexec.process import Verdict
from instrdiv.codeexec.sandbox import Limits, run_program

PATIENT = Limits(wall_seconds=30)
VALUES = """
values = [
    None, True, 0, -1, 2**5000, 1.5, float("inf"), 1 + 2j, "é\\ud800", b"x", bytearray(b"y"), (),
    (1, [2]), [], [[1], {2}], {}, {1: {"a": (None,)}}, set(), {1, "a"}, frozenset({2}), range(3),
    slice(1, 2),
]
import datetime, decimal, fractions, collections
values += [
    datetime.date(2024, 1, 2), datetime.timedelta(3), decimal.Decimal("1.10"),
    datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), fractions.Fraction(1, 3),
    collections.deque([1], 2),
]
"""
CASES = {
    "values come back equal and of the same type": (
        "def f(x): return x",
        VALUES + "for v in values: assert f(v) == v and type(f(v)) is type(v), v",
    ),
    "not a number": ("def f(x): return x", "v = f(float('nan')); assert v != v"),
    "values of subclasses come as those of the class": (
        "import collections, enum\n"
        "class Two(int): pass\n"
        "class Name(str, enum.Enum): A = 'a'\n"
        "def f(): return [collections.Counter('aa'), collections.OrderedDict(x=1), Two(2), Name.A]",
        "assert f() == [{'a': 2}, {'x': 1}, 2, 'a']",
    ),
    "a list is sorted in place": (
        "def f(x): x.sort()", "a = [3, 1]\nassert f(a) is None and a == [1, 3]",
    ),
    "an argument comes back as itself": ("def f(x): return x", "a = [1]; assert f(a) is a"),
    "parts keep who they are": (
        "def f(x): x.reverse(); x[0].append(9); return x[0]",
        "a, b = [1], [2]\nc = [a, b]\n"
        "assert f(c) is b and c == [b, a] and c[1] is a and b == [2, 9]",
    ),
    "a value twice is one value": (
        "def f(x): x[0].append(1); return x", "a = []\nassert f([a, a])[1] is a and a == [1]",
    ),
    "a list in itself": (
        "def f(x): x.append(x)", "a = [1]\nf(a)\nassert a[1] is a and len(a) == 2",
    ),
    "dictionaries and sets change too": (
        "def f(d, s, b): d.clear(); s.add(1); b += b'x'",
        "d, s, b = {1: 2}, set(), bytearray()\nf(d, s, b)\nassert (d, s, b) == ({}, {1}, b'x')",
    ),
    "named arguments": (
        "def f(*, target, action=1): target.append(action)",
        "a = []\nf(target=a)\nf(action=2, target=a)\nassert a == [1, 2]",
    ),
    "what changed before an error": (
        "def f(x): x.append(1); raise KeyError(x[0])",
        "a = []\ntry: f(a)\nexcept KeyError as error: assert error.args == (1,) and a == [1]",
    ),
    "an error of its own is the nearest of Python's": (
        "class Wrong(ValueError): pass\ndef f(): raise Wrong('why')",
        "try: f()\nexcept ValueError as error: assert str(error) == 'why'\nelse: assert False",
    ),
    "a generator": (
        "def f(n):\n    while True: yield n; n += 1",
        "g = f(1)\nassert next(g) == 1\nassert [x for x, _ in zip(g, 'ab')] == [2, 3]",
    ),
    "iterators": (
        "def f(): return map(abs, [-1]), {'a': 1}.keys(), zip('a', [1])",
        "a, b, c = f()\nassert list(a) == [1] and sorted(b) == ['a'] and dict(c) == {'a': 1}",
    ),
    "an object of its own": (
        "class Node:\n    def __init__(self, v): self.v, self.next = v, None\n"
        "def total(n): return n.v + total(n.next) if n else 0",
        "n = Node(1)\nn.next = Node(2)\n"
        "assert total(n) == 3 and n.next.v == 2 and n.next == n.next",
    ),
    "a function of the tests": (
        "def f(g, xs): return [g(x) for x in xs]", "assert f(lambda x: x + 1, [1, 2]) == [2, 3]",
    ),
    "a function of the tests that fails": (
        "def f(g):\n    try: g()\n    except ZeroDivisionError: return 1",
        "assert f(lambda: 1 / 0) == 1",
    ),
    "a function that calls back into the program": (
        "def f(g, n): return n if n == 0 else g(n - 1) + 1",
        "assert f(lambda n: f(abs, n), 0) == 0",
    ),
    "a function of the program": (
        "def f(n): return lambda m: n + m", "assert f(1)(2) == 3 and f(1) != f(1)",
    ),
    "a constant": ("LIMIT = [1, 2]", "assert LIMIT == [1, 2]"),
    "a module that it imports": ("import math as m", "assert m.floor(1.5) == 1"),
    "a name of Python's own": ("def sum(a, b): return a - b", "assert sum(3, 1) == 2"),
    "numbers of numpy": (
        "import numpy as np\ndef f(): return [np.int64(1), np.float32(0.5), np.bool_(True)]",
        "assert f() == [1, 0.5, True] and [type(x) for x in f()] == [int, float, bool]",
    ),
    "a name that only the program has": ("def f(): return 1", "assert 'f' not in dir(f)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_crosses(name):
    result = run_program(*CASES[name], PATIENT)
    assert result.passed, result.reason


FAILING = {
    "an object decides nothing": (
        "class A:\n    __eq__ = __lt__ = __contains__ = lambda *_: True\ndef f(): return A()",
        "assert f() == 1", "tests: AssertionError",
    ),
    "nor is it ordered": (
        "class A:\n    __lt__ = lambda *_: True\ndef f(): return A()",
        "assert f() < 1", "tests: TypeError",
    ),
    "nor says what it holds": (
        "class A:\n    __contains__ = lambda *_: True\n    __iter__ = lambda s: iter([2])\n"
        "def f(): return A()",
        "assert 1 in f()", "tests: AssertionError",
    ),
    "a name of Python's own stays among others": (
        "def f(x): return x\ndef len(x): return 1\ndef set(x): return 1",
        "assert f(3) == 4 - len('')\n", "tests: AssertionError",
    ),
    "tests cannot be looked into": (
        "def f(g): return g.__globals__", "f(lambda: 0)", "tests: AttributeError",
    ),
    "nor given what is not plain": (
        "def f(x): return x", "class A: pass\nf(A())", "tests: TypeError",
    ),
    "nor through another name": (
        "def f(g): return g.gi_frame", "f(lambda: 0)", "tests: TypeError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILING)
def test_what_does_not_cross(name):
    program, tests, reason = FAILING[name]
    assert run_program(program, tests, PATIENT).reason == reason


@pytest.mark.parametrize("name", ["a\\nb", "passed\\n\\n", "\\n" * 50])
@pytest.mark.parametrize("when", ["", "f()"])
def test_no_name_of_an_error_takes_the_report_apart(name, when):
    program = f'def f(): raise type("{name}", (Exception,), {{}})\n' + ("" if when else "f()")
    result = run_program(program, when or "undefined")
    assert not result.passed and result.verdict in (Verdict.TESTS, Verdict.PROGRAM)


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        ("def f(d): return d.most_common(1)",
         "from collections import Counter\nassert f(Counter('aab')) == [('a', 2)]"),
        ("def f(d): d['x'].append(3)",
         "from collections import defaultdict\nd = defaultdict(list)\nf(d)\n"
         "assert d == {'x': [3]}"),
        ("def f(d): d.move_to_end('a')",
         "from collections import OrderedDict as O\nd = O(a=1, b=2)\nf(d)\n"
         "assert list(d) == ['b', 'a']"),
        ("def f(rows): return rows[0]",
         "class Rows(list): pass\nassert f(Rows([[1], [2]])) == [1]"),
    ],
)  # fmt: skip
def test_containers_of_subclasses_cross_to_a_program(program, tests):
    assert run_program(program, tests).reason == "passed"


@pytest.mark.parametrize(
    "tests",
    [
        "for got, wanted in zip(map(f, [1, 2]), [2, 3]): assert got == wanted",
        "assert all(map(f, [2, 4]))\nassert not any(map(f, [1, 3]))",
    ],
)
def test_a_program_that_raises_stop_iteration_does_not_end_its_tests(tests):
    assert not run_program("def f(x): raise StopIteration", tests).passed
