"""The pages about the code say what the code says: every package, and no function that is gone."""

import ast
from importlib import import_module

import pytest
import yaml

from instrdiv.paths import project_root
from instrdiv.publishing.api_pages import api_page, modules, packages, purpose, write_api_pages
from instrdiv.publishing.architecture import PAGE, drawn, imports, package_table, walks

ROOT = project_root()
WALKS = walks((ROOT / "book" / PAGE).read_text(encoding="utf-8"))


def test_the_page_has_both_walks():
    assert list(WALKS) == [
        "From a rule to a figure",
        "From a model's answer to a verdict",
    ]


@pytest.mark.parametrize("name", [name for named in WALKS.values() for name in named])
def test_a_function_that_a_walk_names_exists(name):
    parts = name.split(".")
    module = next(
        ".".join(parts[:n])
        for n in range(len(parts), 0, -1)
        if (ROOT.joinpath(*parts[:n]).with_suffix(".py")).exists()
    )
    found = import_module(module)
    for attribute in parts[module.count(".") + 1 :]:
        found = getattr(found, attribute)
    assert callable(found)


def test_every_package_says_in_a_sentence_what_it_is_for_and_what_it_knows_nothing_of():
    for package in packages(ROOT):
        sentence = purpose(ROOT, f"instrdiv.{package}")
        assert sentence.endswith(".") and "know" in sentence, package


def test_every_package_is_on_the_page_and_has_a_page_of_its_own():
    table = package_table(ROOT, imports(ROOT))
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    (about,) = [part for part in contents["parts"] if part["caption"] == "About the book"]
    (reference,) = [page for page in about["chapters"] if page["file"] == "book/api/index"]
    listed = [page["file"].removeprefix("book/api/") for page in reference["sections"]]
    assert listed == packages(ROOT)
    for package in packages(ROOT):
        assert f"[`{package}`](api/{package}.md)" in table


def test_the_imports_are_those_that_the_code_shows():
    found = imports(ROOT)
    assert {("charts", "statistics"), ("report", "analysis"), ("training", "tasks")} <= found
    assert not {other for one, other in found if one == "tasks"} & {"models", "training"}


def test_a_drawing_has_a_box_for_each_package_and_an_arc_for_each_import():
    picture = drawn("A walk", ["tasks", "training"], {("training", "tasks"), ("cli", "tasks")})
    assert picture.count("<rect") == 2 and picture.count('class="import"') == 1
    assert "training imports tasks" in picture


def test_the_reference_has_every_public_function_that_has_a_name_of_its_own(tmp_path):
    write_api_pages(ROOT, tmp_path / "api")
    for package in packages(ROOT):
        page = (tmp_path / "api" / f"{package}.md").read_text(encoding="utf-8")
        for module in modules(ROOT, package):
            assert f".. py:module:: {module}\n" in page
            path = ROOT.joinpath(*module.split("."))
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    assert f".. py:function:: {node.name}(" in page, node.name


def test_annotations_name_our_classes_in_full_and_lengths_are_no_substitutions(tmp_path):
    folder = tmp_path / "instrdiv" / "some"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Some."""\n', encoding="utf-8")
    (folder / "one.py").write_text(
        '"""One."""\nfrom instrdiv.tasks.rules import Rules\n\n\n'
        'def count(rules: Rules) -> int:\n    """Count |x|.\n\n    >>> 1 | 2\n    3\n    """\n',
        encoding="utf-8",
    )
    page = api_page(tmp_path, "some", "some")
    assert ".. py:function:: count(rules: instrdiv.tasks.rules.Rules) -> int" in page
    assert r"Count \|x\|." in page and ">>> 1 | 2" in page
