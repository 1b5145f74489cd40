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
    "errors of its own class": (
        "class Wrong(ValueError):\n"
        "    def __init__(self, code): super().__init__(f'code {code}'); self.code = code\n"
        "class Worse(Wrong): pass\n"
        "def f(n): raise (Worse if n > 1 else Wrong)(n)",
        "for n in (1, 2):\n"
        "    try: f(n)\n"
        "    except Wrong as error:\n"
        "        assert str(error) == f'code {n}' and error.code == n\n"
        "        assert isinstance(error, ValueError) and isinstance(error, Worse) == (n > 1)\n"
        "        assert type(error).__name__ == ('Worse' if n > 1 else 'Wrong')\n"
        "    else: assert False\n"
        "try: f(1)\nexcept Worse: assert False\nexcept Wrong: pass",
    ),
    "an error as a value, there and back": (
        "class Wrong(Exception): pass\n"
        "def make(): return Wrong(1)\n"
        "def f(error): return type(error) is Wrong and error.args == (1,)",
        "e = make()\nassert isinstance(e, Wrong) and f(e) and f(Wrong(1))",
    ),
    "an error that a function of the tests raises": (
        "class Wrong(Exception): pass\n"
        "def f(g):\n    try: g()\n    except Wrong as error: return error.args",
        "def g(): raise Wrong(1)\nassert f(g) == (1,)",
    ),
    "an error of the tests' own": (
        "def f(g):\n    try: g()\n    except ValueError as error: return type(error).__name__",
        "class Mine(ValueError): pass\ndef g(): raise Mine(1)\nassert f(g) == 'Mine'",
    ),
    "a group of errors": (
        "def f(): raise ExceptionGroup('all', [KeyError(1), ExceptionGroup('in', [OSError(2)])])",
        "try: f()\n"
        "except* KeyError as found: assert found.exceptions[0].args == (1,)\n"
        "except* OSError as found: assert found.exceptions[0].exceptions[0].args == (2,)",
    ),
    "errors with a class of their own arguments": (
        "def f(): b'\\xff'.decode()",
        "try: f()\nexcept UnicodeDecodeError as error: assert error.start == 0\nelse: assert False",
    ),
    "dates of a zone": (
        "import datetime, zoneinfo\n"
        "def f(d): return d.astimezone(zoneinfo.ZoneInfo('Asia/Tokyo'))",
        "import datetime, zoneinfo\n"
        "berlin = datetime.datetime(2024, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))\n"
        "tokyo = f(berlin)\n"
        "assert tokyo == berlin and tokyo.hour == 19 and tokyo.tzinfo.key == 'Asia/Tokyo'",
    ),
    "dates of a zone of its own": (
        "import datetime\n"
        "class Zone(datetime.tzinfo):\n"
        "    def utcoffset(self, date): return datetime.timedelta(hours=1)\n"
        "def f(): return datetime.datetime(2024, 7, 1, 12, tzinfo=Zone())",
        "assert f().hour == 12 and f().isoformat() == '2024-07-01T12:00:00+01:00'",
    ),
    "tuples with names": (
        "from collections import namedtuple\nfrom typing import NamedTuple\n"
        "Pair = namedtuple('Pair', 'a b')\n"
        "class Point(NamedTuple):\n    x: int\n    y: int = 2\n"
        "    def norm(self): return abs(self.x) + abs(self.y)\n"
        "def f(p): return type(p) is Point and p.norm()",
        "p = Point(x=1)\n"
        "assert p == (1, 2) == Point(1) and p.y == 2 and p._replace(x=3) == (3, 2)\n"
        "assert f(p) == p.norm() == 3 and isinstance(p, tuple) and repr(p) == 'Point(x=1, y=2)'\n"
        "a, b = Pair(1, b=2)\nassert (a, b) == (1, 2)",
    ),
    "a tuple with names of the tests' own": (
        "def f(p): return p.x, p",
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\n"
        "assert f(P(1, 2)) == (1, P(1, 2))",
    ),
    "a queue that is changed": (
        "def f(d, many): d.rotate(1); d[0].append(9); many['q'].popleft()",
        "from collections import deque\nd, q = deque([[1], [2]], 3), deque('ab')\nlast = d[1]\n"
        "f(d, {'q': q})\n"
        "assert d == deque([[2, 9], [1]]) and d.maxlen == 3 and d[0] is last and list(q) == ['b']",
    ),
    "operators between its objects": (
        "import functools\n"
        "@functools.total_ordering\n"
        "class Money:\n"
        "    def __init__(self, n): self.n = n\n"
        "    def __add__(self, other): return Money(self.n + other.n)\n"
        "    def __neg__(self): return Money(-self.n)\n"
        "    def __eq__(self, other): return self.n == other.n\n"
        "    def __lt__(self, other): return self.n < other.n\n"
        "    def __hash__(self): return hash(self.n)\n"
        "    def __str__(self): return f'{self.n} pounds'\n"
        "    def __repr__(self): return f'Money({self.n})'\n"
        "    def __int__(self): return self.n\n",
        "a, b = Money(1), Money(2)\n"
        "assert a + a == b and a != b and a < b and max(a, b) is b and sorted([b, a]) == [a, b]\n"
        "assert str(a) == '1 pounds' and f'{b!r}' == 'Money(2)' and int(-b) == -2\n"
        "assert len({a, Money(1), b}) == 2 and isinstance(a, Money) and not isinstance(1, Money)",
    ),
    "its containers": (
        "class Deck:\n"
        "    def __init__(self): self.held = {}\n"
        "    def __contains__(self, key): return key in self.held\n"
        "    def __setitem__(self, key, value): self.held[key] = value\n"
        "    def __getitem__(self, key): return self.held[key]\n"
        "    def __delitem__(self, key): del self.held[key]\n"
        "class Only:\n    def __contains__(self, value): return value % 2 == 0\n",
        "d = Deck()\nd['a'] = 1\nassert d['a'] == 1\ndel d['a']\n"
        "assert 2 in Only() and 3 not in Only()",
    ),
    "what holds for a block": (
        "class Held:\n"
        "    def __enter__(self): return 1\n"
        "    def __exit__(self, kind, error, trace): return kind is KeyError\n",
        "with Held() as held: assert held == 1\nwith Held(): raise KeyError\n"
        "try:\n    with Held(): raise OSError\nexcept OSError: pass\nelse: assert False",
    ),
    "one object is one object": (
        "class One: pass\nONE = One()\ndef f(): return ONE", "assert f() is f() is ONE",
    ),
    "a function of the tests may be asked for by default": (
        "def f(xs, key=None): return sorted(xs, key=key or (lambda x: x)) if callable(key) else xs",
        "assert f([1, 2], key=lambda x: -x) == [2, 1]",
    ),
    "classes of plain values that it imports": (
        "from datetime import date\nfrom fractions import Fraction as F\ndef f(): return F(1, 2)",
        "assert isinstance(f(), F) and date.fromisoformat('2024-01-02') == date(2024, 1, 2)",
    ),
    "arrays of numpy": (
        "import numpy as np\ndef f(x): return np.asarray(x) * 2\ndef g(x): x.sort()",
        "assert np.array_equal(f([1, 2]), [2, 4]) and f([[1.5]]).shape == (1, 1)\n"
        "assert (f(np.array([1, 2])) == np.array([2, 4])).all()\n"
        "a = np.array([3, 1])\ng(a)\nassert a.tolist() == [1, 3]",
    ),
    "a name of Python's own beside a class that it imports": (
        "from datetime import date\ndef max(a, b): return a",
        "assert max(date(2024, 1, 2), date(2024, 1, 3)) == date(2024, 1, 2)",
    ),
    "a library that only the program imports": (
        "import math\nimport statistics as st\ndef f(): return 4",
        "assert math.sqrt(f()) == 2 and st.mean([f()]) == 4",
    ),
    "what is only called like a library": (
        "class Queue:\n    def push(self, x): return x\nqueue = Queue()",
        "assert queue.push(1) == 1",
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
    "nor by what it gives when something is taken from it": (
        "class A:\n    __sub__ = __rsub__ = lambda *_: 0.0\n    __float__ = lambda _: 0.0\n"
        "def f(): return A()",
        "assert abs(f() - 1.5) < 1e-6", "tests: TypeError",
    ),
    "nor by what is equal the other way round": (
        "class A:\n    __eq__ = __ne__ = lambda *_: True\n    __ror__ = __rsub__ = lambda *_: 0\n"
        "def f(): return [A()]",
        "assert {1: [1]}[1] == f()", "tests: AssertionError",
    ),
    "nor is it an instance of what is plain": (
        "class A(type):\n    __instancecheck__ = lambda *_: True\n"
        "class B(metaclass=A): pass\ndef f(): return B()",
        "assert isinstance(f(), int)", "tests: AssertionError",
    ),
    "an error of its own equals nothing": (
        "class A(Exception):\n    __eq__ = lambda *_: True\ndef f(): return A()",
        "assert f() == 3", "tests: AssertionError",
    ),
    "nor does a tuple with names": (
        "import collections\nclass A(collections.namedtuple('A', 'x')):\n"
        "    __eq__ = lambda *_: True\n    __ne__ = lambda *_: False\ndef f(): return A(1)",
        "assert f() == (2,)", "tests: AssertionError",
    ),
    "a program does not decide what a library is": (
        "class np:\n    allclose = array_equal = lambda *_: True\ndef f(x): return x",
        "assert np.allclose(f([1]), [2])", "tests: AssertionError",
    ),
    "nor by a module that it makes": (
        "import types, cmath\nmath = types.ModuleType('cmath')\nmath.isclose = lambda *_: True\n"
        "def f(x): return x",
        "assert math.isclose(f(1), 2) or math.floor(f(1)) == 2", "tests: AssertionError",
    ),
    "a name of Python's own stays among others": (
        "def f(x): return x\ndef len(x): return 1\ndef set(x): return 1",
        "assert f(3) == 4 - len('')\n", "tests: AssertionError",
    ),
    "also if it becomes a class of Python's": (
        "from fractions import Fraction as abs\ndef f(x): return -1e9",
        "assert abs(f(2) - 1.5) < 1e-6", "tests: AssertionError",
    ),
    "such as one that holds something": (
        "from collections import deque as all\ndef f(x): return 0",
        "assert all(f(x) == x for x in (1, 2))", "tests: AssertionError",
    ),
    "or if the function that is asked for is one": (
        "from fractions import Fraction as f\ndef abs(x): return 0",
        "assert abs(f(2) - 1.5) < 1e-6", "tests: AssertionError",
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
