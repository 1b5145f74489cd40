"""Chat formats as models bring them."""

import pytest
from transformers import PreTrainedTokenizerFast

from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import tiny_tokenizer

REFUSES_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
    "{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}"
)
DEMANDS_ALTERNATION = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}"
    "{% endfor %}"
)


@pytest.mark.parametrize("template", [REFUSES_SYSTEM, DEMANDS_ALTERNATION])
def test_a_chat_format_without_a_system_is_written_without_one(template):
    tokenizer: PreTrainedTokenizerFast = tiny_tokenizer()
    tokenizer.chat_template = template
    plain = tokenizer("<user>Hi?<assistant>Ho.<user>So?", add_special_tokens=False).input_ids
    assert prompt_tokens(tokenizer, "Hi?", "Ho.", "So?") == plain
