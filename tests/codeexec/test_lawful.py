"""Programs that do nothing wrong pass, whatever they use of the standard library."""

from pathlib import Path

import pytest
import yaml

from instrdiv.codeexec.sandbox import Limits, run_program, run_programs

PATIENT = Limits(wall_seconds=60)
BANK = yaml.safe_load(Path(__file__).with_name("lawful.yaml").read_text(encoding="utf-8"))
MODULES = """
import array, ast, base64, bisect, bz2, calendar, cmath, codecs, collections, copy, csv, datetime
import decimal, difflib, fractions, functools, hashlib, heapq, hmac, html, inspect, io, ipaddress
import itertools, json, lzma, math, operator, os, pathlib, platform, random, re, resource, secrets
import sqlite3, statistics, string, struct, textwrap, threading, time, tomllib, typing, unicodedata
import urllib.parse, uuid, weakref, xml.etree.ElementTree, zlib, zoneinfo
"""
GROUPS = 10


def definition(code: str) -> str:
    return code if "\n" in code else f"def answer(): return 42 if {code} else 0\n"


def test_the_bank_is_large():
    assert len(BANK) >= 60


def test_expressions_hold_all_in_one_program():
    lines = {name: code for name, code in BANK.items() if "\n" not in code}
    program = MODULES + "".join(
        f"def answer_{number}():\n    return {code}\n" for number, code in enumerate(lines.values())
    )
    tests = "".join(f"assert answer_{number}(), {name!r}\n" for number, name in enumerate(lines))
    result = run_program(program, tests, PATIENT)
    if not result.passed:  # each alone says which
        jobs = [(MODULES + definition(code), "assert answer() == 42") for code in lines.values()]
        failed = zip(lines, run_programs(jobs, PATIENT), strict=True)
        assert {name: r.reason for name, r in failed if not r.passed} == {}
    assert result.passed, result.reason


@pytest.mark.parametrize("group", range(GROUPS))
def test_programs_pass(group):
    names = [name for name, code in BANK.items() if "\n" in code][group::GROUPS]
    results = run_programs([(BANK[name], "assert answer() == 42") for name in names], PATIENT)
    assert {n: r.reason for n, r in zip(names, results, strict=True) if not r.passed} == {}
