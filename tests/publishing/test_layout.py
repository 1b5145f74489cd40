"""What `layout.js` calls a fault: each kind on a page that has it, and none on a page without."""

import pytest
from in_browser import AXE, FLAGS, LAYOUT, Look, chromium, found_by_axe
from playwright.sync_api import sync_playwright

PAGE = """<!doctype html><style>
  body {{ margin: 0 }} main {{ width: 600px }} svg {{ display: block }} .box {{ width: 200px }}
  td {{ padding: 0 }} .narrow td {{ max-width: 40px; white-space: nowrap }}
</style><main><article>{}</article></main>"""
TABLE = "<table><tr><td style='min-width: 300px'>wide</table>"
"""Wider than a box of 200 pixels."""


def drawn(*texts: str, size: int = 12, width: int = 300) -> str:
    inside = "".join(f"<text font-size={size} {text}</text>" for text in texts)
    return f"<svg class=chart width={width} height=100>{inside}</svg>"


FAULTY = {
    "texts that overlap": (
        drawn("x=20 y=40>first", "x=30 y=44>second"),
        'chart: "second" overlaps "first"',
    ),
    "a text over a rotated one": (
        drawn("x=20 y=40>level", 'transform="translate(30 60) rotate(-90)">rotated'),
        'chart: "rotated" overlaps "level"',
    ),
    "a text that leaves its picture": (drawn("x=280 y=40>too long"), 'chart: "too long" is cut'),
    "a text that was shortened": (drawn("x=20 y=40>so lo…"), 'chart: "so lo…" is shortened'),
    "letters too small to read": (
        drawn("x=20 y=40>tiny", size=5),
        'chart: "tiny" is 5.0 px high',
    ),
    "a picture wider than its place": (
        f"<div class=box>{drawn('x=20 y=40>wide')}</div>",
        "chart is wider than its place",
    ),
    "a chart's menu over a text": (
        "<div class=vega-embed style='position: relative'>"
        "<details style='position: absolute; left: 20px; top: 25px'>"
        f"<summary>menu</summary></details>{drawn('x=20 y=40>hidden')}</div>",
        'chart: "hidden" is hidden by the chart\'s menu',
    ),
    "a table wider than its box": (f"<div class=box>{TABLE}</div>", 'table "wide" sticks out'),
    "a table off the screen": (
        f"<div style='margin-left: 700px; width: 400px'>{TABLE}</div>",
        'table "wide" is off the screen',
    ),
    "code of which a part is out of sight": (
        "<pre style='width: 100px; overflow-x: auto'>more than a hundred pixels</pre>",
        'pre "more than a hundred pixels" must be scrolled',
    ),
    "a cell that cuts its text": (
        "<table class=narrow><tr><td>more than forty pixels</table>",
        'cell "more than forty pixels" holds more than it shows',
    ),
    "a paragraph that is cut": (
        "<p style='width: 100px; overflow: hidden; white-space: nowrap'>more than it can show",
        'p "more than it can show" is cut',
    ),
}
SOUND = {
    "texts side by side": drawn("x=20 y=40>first", "x=80 y=40>second", "x=20 y=60>below"),
    "a rotated text whose upright box would overlap": drawn(
        'transform="translate(20 90) rotate(-45)">slanting', "x=70 y=85>beside"
    ),
    "a wide table in a box that scrolls": f"<div class=box style='overflow-x: auto'>{TABLE}</div>",
    "what is not shown": f"<div style='display: none'>{drawn('x=280 y=40>too long')}{TABLE}</div>",
}


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser.new_page(viewport={"width": 800, "height": 600}, offline=True)
        browser.close()


def faults(page, content: str) -> list[str]:
    page.set_content(PAGE.format(content))
    return page.evaluate(LAYOUT)


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_found_and_named_and_no_other(page, name):
    content, said = FAULTY[name]
    assert faults(page, content) == [said]


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_no_fault(page, name):
    assert faults(page, SOUND[name]) == []


@pytest.mark.parametrize("barriers", ["all", "color-contrast"])
def test_a_text_that_hardly_stands_out_is_a_barrier(page, barriers):
    page.set_content(PAGE.format("<p style='color: #ccc; background: #fff'>pale"))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = found_by_axe(page, Look(barriers=barriers))
    assert [each.split(" ")[:2] for each in found if "pale" in each] == [["color-contrast:", "<p"]]
