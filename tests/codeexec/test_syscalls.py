"""The list of system calls is a filter on the processors that the project runs on."""

import struct

import pytest

from instrdiv.codeexec.syscalls import ALLOWED, NOT_THERE, ONE, compiled_filter


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_it_compiles_and_leaves_a_place_for_one_process(architecture):
    code = compiled_filter(architecture)
    instructions = list(struct.iter_unpack("HBBI", code))
    assert 100 < len(instructions) < 4096
    assert sum(constant == ONE for *_, constant in instructions) == code.count(
        struct.pack("I", ONE)
    )
    assert any(constant == ONE for *_, constant in instructions)


def test_no_call_is_listed_twice():
    assert len({*ALLOWED, *NOT_THERE}) == len(ALLOWED) + len(NOT_THERE)
