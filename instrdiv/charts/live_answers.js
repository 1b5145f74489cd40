/* What the models write, letter by letter, and where each letter's model looked. */

const number = (value) => value.toLocaleString("en").replaceAll(",", "\u202f");
const numberOf = (model) => number(model.config.num_rules);
const percent = (share) => `${Math.round(100 * share)} %`;
const text = (written) => written.map((letter) => letter.character).join("");

function make(kind, settings, ...children) {
  const { role, ...others } = settings;
  const element = Object.assign(document.createElement(kind), others);
  if (role) element.setAttribute("role", role);
  element.append(...children);
  return element;
}

/* The elements to put into the page and the functions that fill them. heads: of each model, the one
   whose attention is shown. */
function answersOf(models, heads) {
  const strip = make("div", { className: "strip", ariaHidden: "true" });
  const behind = make("p", { className: "behind", ariaLive: "polite" });
  const rows = models.map((model, i) => {
    const row = { model, head: heads[i], seen: make("small", {}) };
    row.guess = make("input", { type: "checkbox" });
    row.said = make("td", { className: "said" });
    row.verdict = make("td", { className: "verdict" },
      make("label", {}, row.guess,
        make("span", { className: "sr-only" }, `${numberOf(model)} rules: `), " will follow it"));
    row.element = make("tr", {},
      make("th", { scope: "row" }, `${numberOf(model)} rules`, row.seen), row.said, row.verdict);
    return row;
  });
  const title = (name, className = "") => make("th", { scope: "col", className }, name);
  const verdict = title("your guess");
  const table = make("table", {},
    make("thead", {}, make("tr", {}, title("trained on"), title("writes", "writes"), verdict)),
    make("tbody", {}, ...rows.map((row) => row.element)));

  /* The prompt and what is written so far; above each character a column as high as the attention
     to it. The source position has a ring. */
  function showPrompt(prompt, soFar = "", looks = [], source = -1) {
    const tiles = Array.from(prompt + soFar, (character, i) => {
      const tile = make("span", { className: i === source ? "tile source" : "tile" }, character);
      tile.style.setProperty("--look", looks[i] || 0);
      return tile;
    });
    const part = (name, from, to) =>
      make("div", {}, ...tiles.slice(from, to), make("small", {}, name));
    const inputFrom = prompt.indexOf(":") + 1;
    strip.replaceChildren(part("rule", 0, inputFrom), part("input", inputFrom, prompt.length));
    if (soFar) strip.append(part("output so far", prompt.length));
  }

  /* The attention behind letter i of an answer. */
  function look(row, written, i, [x, y, z]) {
    const { layer, head } = row.head;
    const looks = written[i].attention[layer - 1][head - 1];
    const [prompt, soFar] = [`${x}>${y}:${z}=`, text(written.slice(0, i))];
    const source = sourceOf(i, x, y, z);
    showPrompt(prompt, soFar, looks, source);
    const most = looks.indexOf(Math.max(...looks));
    const elsewhere = `, ${percent(looks[most])} on “${(prompt + soFar)[most]}”`;
    behind.textContent = `Letter ${i + 1}, model trained on ${numberOf(row.model)} rules, layer `
      + `${layer}, head ${head}: ${percent(looks[source] || 0)} of the attention is on the source `
      + `position${most === source ? "" : elsewhere}.`;
    table.querySelector("button.looked")?.classList.remove("looked");
    row.said.children[i].classList.add("looked");
  }

  function showAnswer(row, x, y, z) {
    const correct = rewritten(x, y, z);
    const written = write(row.model, `${x}>${y}:${z}=`, correct.length + 1);
    row.said.replaceChildren(...written.map(({ character }, i) => {
      const right = character === correct[i];
      const button = make("button", {
        type: "button",
        className: right ? "" : "wrong",
        tabIndex: i ? -1 : 0,
        ariaLabel: `letter ${i + 1}: ${character}, ${right ? "right" : "wrong"}`,
      }, character);
      button.addEventListener("pointerenter", () => look(row, written, i, [x, y, z]));
      button.addEventListener("focus", () => look(row, written, i, [x, y, z]));
      return button;
    }));
    for (let i = written.length; i < correct.length; i += 1) {
      row.said.append(make("span", { className: "wrong" }, "␣"));
    }
    const all = text(written) === correct;
    row.verdict.textContent = all ? "correct" : "wrong";
    row.verdict.classList.toggle("correct", all);
    return all;
  }

  /* Arrow keys go from letter to letter and from answer to answer, Tab from answer to answer. */
  table.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const here = event.target.closest("td.said button");
    if (!here || !moves[event.key]) return;
    const [down, right] = moves[event.key];
    const row = rows[rows.findIndex(({ said }) => said === here.parentElement) + down];
    const next = row?.said.children[[...here.parentElement.children].indexOf(here) + right];
    if (next?.tagName !== "BUTTON") return;
    for (const button of row.said.querySelectorAll("button")) button.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  });

  /* The prompt alone, and what each model saw of its rule. */
  function prepare(x, y, z) {
    const words = { rule: "saw this rule", side: "saw a side of it", nothing: "never saw it" };
    for (const row of rows) row.seen.textContent = words[seenBy(row.model, x, y)];
    showPrompt(`${x}>${y}:${z}=`);
    behind.textContent = "";
  }

  return {
    elements: [strip, behind, table],
    prepare,
    /* All answers; returns the models that are right. */
    show(x, y, z) {
      prepare(x, y, z);
      verdict.textContent = "verdict";
      behind.textContent = "Point at a letter of an answer to see where the model looked.";
      return rows.filter((row) => showAnswer(row, x, y, z)).map((row) => row.model);
    },
    clear(guessing) {
      strip.replaceChildren();
      behind.textContent = "";
      for (const row of rows) {
        row.seen.textContent = "";
        if (!guessing) row.said.replaceChildren();
        if (!guessing) row.verdict.textContent = "";
      }
    },
    guessed: () => rows.filter((row) => row.guess.checked).map((row) => row.model),
  };
}
