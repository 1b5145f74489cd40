"""Answers as models write them, each with a right program for the same problem.

Every one asks for ``add(a, b)``, of which some models have seen the beginning.
"""

BEGUN = '''import math


def add(a, b):
    """The sum of a and b.

    >>> add(1, 2)
    3
    """
'''
TESTS = "assert add(1, 2) == 3\nassert add(-1, 1) == 0\nassert add('a', 'b') == 'ab'\n"
ADD = "def add(a, b):\n    return a + b\n"
PLUS = "def plus(a, b):\n    return a + b\n"
BY_PLUS = "def add(a, b):\n    return plus(a, b)\n"


def fenced(code: str, language: str = "python") -> str:
    return f"```{language}\n{code}```"


ANSWERS = {
    # fences
    "a fence and nothing else": fenced(ADD),
    "prose, then a fence": f"Here's how you can do it:\n\n{fenced(ADD)}",
    "prose on both sides": f"Sure! Here it is:\n{fenced(ADD)}\n\nIt adds `a` and `b`.\n",
    "a blank line first": f"\n\n{fenced(ADD)}\n",
    "no language": f"Use this:\n\n{fenced(ADD, '')}\n",
    "language in capitals": fenced(ADD, "Python"),
    "language with a version": fenced(ADD, "python3"),
    "language with a title": fenced(ADD, 'python title="add.py"'),
    "tildes": f"~~~python\n{ADD}~~~\n",
    "four backticks": f"````python\n{ADD}````\n",
    "never closed": f"```python\n{ADD}",
    "never closed, cut in the next function": f"```python\n{ADD}\n\ndef sub(a, b):\n    return (",
    "line ends of Windows": f"Here:\n\n{fenced(ADD)}\n".replace("\n", "\r\n"),
    "in a list": "1. So:\n\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n2. Done",
    "in a list by a tab": "- So:\n\n\t```python\n\tdef add(a, b):\n\t    return a + b\n\t```\n",
    "in a quotation": "> ```python\n> def add(a, b):\n>     return a + b\n> ```\n",
    "closed out of its list": "1. So:\n   ```py\n   def add(a, b):\n       return a + b\n```\nSo",
    "indented by two": "  ```python\n  def add(a, b):\n      return a + b\n  ```\n",
    "in mid-line": f"Here it is: ```python\n{ADD}```\nIt adds.",
    "a fence in the docstring": fenced(
        'def add(a, b):\n    """So:\n\n    ```\n    add(1, 2)\n    ```\n    """\n    return a + b\n'
    ),
    # several blocks
    "a command first": f"```bash\npip install numpy\n```\n\n{fenced(ADD)}",
    "a use of it after": f"{fenced(ADD)}\n\nUse it so:\n\n{fenced('print(add(1, 2))')}\n",
    "a longer use of it after": (
        f"{fenced(ADD)}\n\nFor example:\n\n"
        + fenced("x = add(1, 2)\nprint(x)\ny = add(3, 4)\nprint(y)\nz = add(x, y)\nprint(z)\n")
    ),
    "a use of it before": f"You call it so:\n{fenced('print(add(1, 2))')}\n\n{fenced(ADD)}",
    "what it prints in a block of its own": f"{fenced(ADD)}\n\nOutput:\n\n```\n3\n```\n",
    "helper in the first block": f"First:\n{fenced(PLUS)}\nThen:\n{fenced(BY_PLUS)}",
    "helper in the second block": f"{fenced(BY_PLUS)}\nwhere\n\n{fenced(PLUS)}",
    "imports in a block of their own": (
        fenced("import operator\n")
        + "\n\nThen:\n\n"
        + fenced("def add(a, b):\n    return operator.add(a, b)\n")
    ),
    "unmarked after one that is Python's use": f"```\n{ADD}```\n\n{fenced('print(add(1, 2))')}",
    "a wrong one, then a longer right one": (
        "At first:\n"
        + fenced("def add(a, b):\n    return a - b\n")
        + "\nBetter:\n"
        + fenced("def add(a, b):\n    total = a + b\n    return total\n")
    ),
    # no fence
    "no fence": ADD,
    "no fence, prose on both sides": f"Sure\n\n{ADD}\nThis adds both.",
    "no fence, prose that is Python": f"Note: this\nworks\n\n{ADD}\ntrue\n",
    "indented as code": "So:\n\n    def add(a, b):\n        return a + b\n\nThat is it.",
    "a copied session": ">>> def add(a, b):\n...     return a + b\n...\n>>> add(1, 2)\n3\n",
    "a copied session in a fence": fenced(
        ">>> def add(a, b):\n...     return a + b\n...\n>>> add(1, 2)\n3\n"
    ),
    "a session after it in its block": fenced(f"{ADD}\n>>> add(1, 2)\n3\n"),
    # uses of its own
    "guarded, reads input": fenced(
        f'{ADD}\n\nif __name__ == "__main__":\n    print(add(*input()))\n'
    ),
    "guarded, a unit test": fenced(
        f"import unittest\n\n\n{ADD}\n\nclass T(unittest.TestCase):\n    def test(self):\n"
        "        self.assertEqual(add(1, 2), 3)\n\n\n"
        'if __name__ == "__main__":\n    unittest.main()\n'
    ),
    "guarded, exits": fenced(
        f"import sys\n\n\n{ADD}\n\ndef main():\n    return 1\n\n\n"
        "if __name__ == '__main__':\n    sys.exit(main())\n"
    ),
    "guarded, arguments": fenced(
        f"import argparse\n\n\n{ADD}\n\nif __name__ == '__main__':\n"
        "    parser = argparse.ArgumentParser()\n    parser.add_argument('a')\n"
        "    print(add(parser.parse_args().a, 1))\n"
    ),
    "unguarded, reads input": fenced(f"{ADD}\nprint(add(int(input()), int(input())))\n"),
    "unguarded, a unit test": fenced(f"import unittest\n\n\n{ADD}\n\nunittest.main()\n"),
    "unguarded, exits": fenced(f"import sys\n\n\n{ADD}\nsys.exit(0)\n"),
    # ways to write a function
    "a lambda": fenced("add = lambda a, b: a + b\n"),
    "annotated, nothing imported": fenced(
        "from __future__ import annotations\n\n\ndef add(a: float, b: List[int]) -> float:\n"
        "    return a + b\n"
    ),
    "a table made after it": fenced(
        "def add(a, b):\n    return a + b + TABLE[0]\n\n\nTABLE = {}\nfor i in range(3):\n"
        "    TABLE[i] = type('Zero', (), {'__radd__': lambda self, other: other})()\n"
    ),
    "a data class": fenced(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n@dataclass\n"
        "class Pair:\n    a: object\n    b: object\n\n\n"
        "def add(a, b):\n    pair = Pair(a, b)\n    return pair.a + pair.b\n"
    ),
}
"""Those that hold a whole function."""

CONTINUATIONS = {
    "a body": "    return a + b\n",
    "a body without its indentation": "c = a + b\nreturn c",
    "a body without the first line's indentation": "c = a\n    c += b\n    return c",
    "a body in a fence": fenced("    return a + b\n"),
    "a body in a fence without indentation": "Fill in:\n\n" + fenced("return a + b\n"),
    "a body, then prose": "    return a + b\n\nThis adds `a` and `b`, doesn't it?",
    "a body, then its helper": "    return plus(a, b)\n\n\ndef plus(a, b):\n    return a + b\n",
    "a body, then another function, cut off": "    return a + b\n\n\ndef sub(a, b):\n    retu(",
    "a body in a fence, then its helper in another": (
        f"{fenced('    return plus(a, b)' + chr(10))}\nwhere\n\n{fenced(PLUS)}"
    ),
    "what the beginning imports": fenced(
        "def add(a, b):\n    return a + b if math.pi > 3 else None\n"
    ),
    "the beginning once more": BEGUN + "    return a + b\n",
    "the beginning once more in a fence": fenced(BEGUN + "    return a + b\n"),
}
"""Those that count on the beginning of the program."""
