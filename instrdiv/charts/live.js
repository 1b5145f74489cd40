/* Five models that answer in the page. The rest of the script is in gpt2.js and live_rules.js. */

const number = (value) => value.toLocaleString("en");
const percent = (share) => `${Math.round(100 * share)} %`;

function make(kind, settings, ...children) {
  const { role, ...others } = settings;
  const element = Object.assign(document.createElement(kind), others);
  if (role) element.setAttribute("role", role);
  element.append(...children);
  return element;
}

/* The whole part of the page, once the models are there.

   models: from readModel, few rules first. settings: `presets` and each model's `heads`. */
function showLive(box, models, { presets, heads }) {
  const lengths = models[0].config;
  const numberOf = (model) => number(model.config.num_rules);
  const entry = (label, value) => make("input", {
    type: "text", value, ariaLabel: label, spellcheck: false, autocapitalize: "none", autocomplete: "off",
  });
  const rule = entry("rule", presets[0].rule);
  const input = entry("input", presets[0].input);
  const line = make("p", { className: "line", role: "status" });
  const strip = make("div", { className: "strip", ariaHidden: "true" });
  const behind = make("p", { className: "behind" });
  const expected = models.map((model) => make("input", {
    type: "checkbox", ariaLabel: `${numberOf(model)} rules: will follow it`,
  }));
  const rows = models.map((model, i) => ({
    model,
    head: heads[i],
    said: make("td", { className: "said" }),
    verdict: make("td", { className: "verdict" }, make("label", {}, expected[i], " will follow it")),
    seen: make("small", {}),
  }));
  let guessing = true;

  function tile(character, className) {
    return make("span", { className }, character);
  }

  /* The prompt and what was written of the answer so far, each character as bright as the attention
     to it; the source position has a ring. */
  function showPrompt(prompt, soFar = "", looks = [], source = -1) {
    const tiles = [...(prompt + soFar)].map((character, i) => {
      const shown = tile(character, i === source ? "tile source" : "tile");
      shown.style.setProperty("--look", looks[i] || 0);
      return shown;
    });
    const [y, z] = [prompt.indexOf(":") + 1, prompt.length];
    const part = (name, from, to) => make("div", {}, ...tiles.slice(from, to), make("small", {}, name));
    strip.replaceChildren(part("rule", 0, y), part("input", y, z));
    if (soFar) strip.append(part("output so far", z));
  }

  function lookBehind(row, letters, i, [x, y, z]) {
    const { layer, head } = row.head;
    const looks = letters[i].attention[layer - 1][head - 1];
    const soFar = letters.slice(0, i).map((letter) => letter.character).join("");
    const prompt = `${x}>${y}:${z}=`;
    const source = sourceOf(i, x, y, z);
    showPrompt(prompt, soFar, looks, source);
    const most = looks.indexOf(Math.max(...looks));
    behind.textContent = `Letter ${i + 1} of the model trained on ${numberOf(row.model)} rules, by its `
      + `layer ${layer}, head ${head}: ${percent(looks[source] || 0)} of the attention is on the source position`
      + (most === source ? "." : `, ${percent(looks[most])} on “${(prompt + soFar)[most]}”.`);
    box.querySelector("button.looked")?.classList.remove("looked");
    row.said.children[i].classList.add("looked");
  }

  function showAnswer(row, x, y, z) {
    const correct = rewritten(x, y, z);
    const letters = write(row.model, `${x}>${y}:${z}=`, correct.length + 1);
    const text = letters.map((letter) => letter.character).join("");
    const buttons = letters.map(({ character }, i) => {
      const right = character === correct[i];
      const button = make("button", {
        type: "button", className: right ? "" : "wrong", tabIndex: i ? -1 : 0,
        ariaLabel: `letter ${i + 1}: ${character}, ${right ? "right" : "wrong"}`,
      }, character);
      const look = () => lookBehind(row, letters, i, [x, y, z]);
      button.addEventListener("pointerenter", look);
      button.addEventListener("focus", look);
      return button;
    });
    for (let i = letters.length; i < correct.length; i += 1) buttons.push(tile("␣", "wrong"));
    row.said.replaceChildren(...buttons);
    row.verdict.textContent = text === correct ? "correct" : "wrong";
    row.verdict.classList.toggle("correct", text === correct);
    return text === correct;
  }

  /* Arrow keys move between the letters of an answer and between answers; Tab between answers. */
  box.addEventListener("keydown", (event) => {
    const here = event.target.closest("td.said button");
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!here || !move) return;
    const place = rows.findIndex((row) => row.said === here.parentElement);
    const at = Array.from(here.parentElement.children).indexOf(here);
    const next = rows[place + move[0]]?.said.children[at + move[1]];
    if (next?.tagName !== "BUTTON") return;
    for (const button of next.parentElement.querySelectorAll("button")) button.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  });

  function showSeen(x, y) {
    const words = { rule: "saw this rule", side: "saw a side of it", nothing: "never saw it" };
    for (const row of rows) row.seen.textContent = words[seenBy(row.model, x, y)];
  }

  const those = (list) => list.length ? list.map(numberOf).join(", ").replace(/, ([^,]*)$/, " and $1") : "none";

  function show() {
    const z = input.value;
    const problem = problemWith(rule.value, z, lengths);
    box.classList.toggle("refused", Boolean(problem));
    if (problem) {
      line.textContent = problem;
      strip.replaceChildren();
      behind.textContent = "";
      for (const row of rows) {
        row.seen.textContent = "";
        if (!guessing) row.said.replaceChildren();
        if (!guessing) row.verdict.textContent = "";
      }
      return;
    }
    const [x, y] = rule.value.split(">");
    behind.textContent = guessing ? "" : "Point at a letter of an answer to see the attention behind it.";
    showPrompt(`${x}>${y}:${z}=`);
    showSeen(x, y);
    if (guessing) {
      line.textContent = "Tick the models that you expect to follow it, then press the button.";
      return;
    }
    const right = rows.filter((row) => showAnswer(row, x, y, z)).map((row) => row.model);
    const preset = presets.find((each) => each.rule === rule.value && each.input === z);
    line.textContent = (z.includes(x) ? "" : `${x} does not occur in ${z}, so the input itself is correct. `)
      + `Correct is ${rewritten(x, y, z)}. Trained on so many rules, models write it: ${those(right)}.`
      + (preset ? ` ${preset.shows}` : "");
    return right;
  }

  /* Shows the answers, from now on at once. */
  function reveal() {
    if (problemWith(rule.value, input.value, lengths)) return;
    guessing = false;
    open.hidden = true;
    const guessed = models.filter((_, i) => expected[i].checked);
    const right = show();
    const as = guessed.length === right.length && guessed.every((model) => right.includes(model));
    line.prepend(as ? "As you expected. " : `You expected: ${those(guessed)}. `);
  }

  function choose(preset) {
    rule.value = preset.rule;
    input.value = preset.input;
    show();
  }
  const buttons = presets.map((preset) => {
    const button = make("button", { type: "button" }, preset.label);
    button.addEventListener("click", () => choose(preset));
    return button;
  });
  const random = make("button", { type: "button" }, "a random rule");
  random.addEventListener("click", () => {
    const { x, y, z } = randomUnseen(models);
    choose({ rule: `${x}>${y}`, input: z });
  });
  const open = make("button", { type: "button", className: "open" }, "Show what they write");
  open.addEventListener("click", reveal);
  for (const field of [rule, input]) field.addEventListener("input", show);

  const table = make("table", {},
    make("thead", {}, make("tr", {}, ...["trained on", "writes", "verdict"].map(
      (title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {},
      make("th", { scope: "row" }, `${numberOf(row.model)} rules`, row.seen), row.said, row.verdict))));
  box.replaceChildren(
    make("div", { className: "fields" }, make("label", {}, "rule ", rule), make("label", {}, "input ", input)),
    make("div", { className: "presets", role: "group", ariaLabel: "rules to try" }, ...buttons, random),
    line, open, strip, behind, table, countUnseen(models, numberOf));
  show();
}

/* Loads the models and then shows them. Until then, and on paper, there is a table of answers. */
function startLive(id, callback, from, settings) {
  const whole = document.getElementById(id);
  const box = whole.querySelector(".live");
  box.textContent = "The models are being loaded …";
  window[callback] = (files) => {
    showLive(box, Object.values(files).map(readModel), settings);  // few rules first: keys in order
    whole.classList.add("loaded");
  };
  const script = make("script", { src: from });
  script.addEventListener("error", () => {
    box.textContent = "The models answer on this page of the built book (make book); "
      + "here is what they write for some rules.";
  });
  document.body.append(script);
}
