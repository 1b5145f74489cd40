"""How a conversation is formatted for a pretrained model."""

from functools import partial

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase as Tokenizer

SYSTEM = ""  # given as empty, since a chat template may insert a text of its own, which costs time


def prompt_tokens(tokenizer: Tokenizer, *turns: str) -> list[int]:
    """The conversation so far as tokens, in the model's own chat format if it has one.

    Args:
        turns: messages of user and assistant in turn; the last one is the user's.

    >>> from instrdiv.models.chat_model import tiny_tokenizer
    >>> tokenizer = tiny_tokenizer()
    >>> tokenizer.decode(prompt_tokens(tokenizer, "Hi?"))
    '<start>system <end><start>user Hi?<end><start>assistant '
    """
    if not tokenizer.chat_template:
        return tokenizer("".join(f"{turn}\n\n" for turn in turns)).input_ids
    messages = [
        {"role": ("user", "assistant")[number % 2], "content": turn}
        for number, turn in enumerate(turns)
    ]
    write = partial(tokenizer.apply_chat_template, add_generation_prompt=True, tokenize=False)
    try:
        prompt = write([{"role": "system", "content": SYSTEM}, *messages])
    except TemplateError:  # some formats have no system role, and reject it or what follows it
        prompt = write(messages)
    return tokenizer(prompt, add_special_tokens=False).input_ids
