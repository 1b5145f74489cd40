/* Models that answer in the page: a rule and an input as fields, rules to try, and a guess before
   the first answers. Whatever could tell the answer is not shown until then (live.css). What is used
   here stands in the files before it, see live.py. */

function showLive(box, models, { presets, heads }) {
  const entry = (value) => make("input", {
    type: "text", value, maxLength: 1000, spellcheck: false, autocapitalize: "none",
  });
  const rule = entry(presets[0].rule);
  const input = entry(presets[0].input);
  const line = make("p", { className: "line", role: "status", tabIndex: -1 });
  const answers = answersOf(models, heads);
  let guessing = true;

  /* As in "10, 100 and 300". */
  const listed = (some) => some.map(numberOf).join("; ").replace(/; ([^;]*)$/, " and $1")
    .replaceAll(";", ",");

  function outcome(right, x, y, z) {
    const preset = presets.find((each) => each.rule === rule.value && each.input === z);
    const who = right.length === models.length ? "all five models write it"
      : right.length ? `written by the model${right.length > 1 ? "s" : ""} with ${listed(right)} rules`
        : "none of the models writes it";
    return (z.includes(x) ? "" : `${x} does not occur in ${z}, so the input stays as it is. `)
      + `Correct is ${rewritten(x, y, z)}: ${who}.${preset ? ` ${preset.shows}` : ""}`;
  }

  /* What is in the fields, told and answered; returns the models that are right. */
  function show() {
    const z = input.value;
    const problem = problemWith(rule.value, z, models[0].config);
    box.classList.toggle("refused", Boolean(problem));
    if (problem) {
      line.textContent = problem;
      answers.clear(guessing);
      return [];
    }
    const [x, y] = rule.value.split(">");
    if (guessing) {
      answers.prepare(x, y, z);
      line.textContent = `The rule replaces ${x} by ${y}, so a model that follows it writes `
        + `${rewritten(x, y, z)}. Which of them will? Tick them.`;
      return [];
    }
    const right = answers.show(x, y, z);
    line.textContent = outcome(right, x, y, z);
    return right;
  }

  const reveal = make("button", { type: "button", className: "reveal" }, "Show what they write");
  function endGuessing() {
    guessing = false;
    box.classList.remove("guessing");
    reveal.remove();
    return show();
  }
  reveal.addEventListener("click", () => {
    if (problemWith(rule.value, input.value, models[0].config)) return;
    const guessed = answers.guessed();
    const right = endGuessing();
    const equal = listed(guessed) === listed(right);
    line.prepend(equal ? "As you expected. " : `You expected: ${listed(guessed) || "none"}. `);
    line.focus({ preventScroll: true });  // the button is gone, and a keyboard must be somewhere
  });

  function press(label, choose) {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      [rule.value, input.value] = choose();
      show();
    });
    return button;
  }
  const groups = [...new Set(presets.map((preset) => preset.group))].map((group) => make("div",
    { role: "group", ariaLabel: group }, make("span", {}, group),
    ...presets.filter((preset) => preset.group === group)
      .map((preset) => press(preset.label, () => [preset.rule, preset.input]))));
  groups[0].append(press("a random one", () => {
    const { x, y, z } = randomUnseen(models);
    return [`${x}>${y}`, z];
  }));
  /* Who types a rule of their own does not wait for a guess about ours. */
  function typed() {
    const whole = !problemWith(rule.value, input.value, models[0].config);
    const ours = rule.value === presets[0].rule && input.value === presets[0].input;
    if (guessing && whole && !ours) endGuessing();
    else show();
  }
  for (const field of [rule, input]) field.addEventListener("input", typed);

  box.classList.add("guessing");
  box.replaceChildren(
    make("div", { className: "fields" },
      make("label", {}, "rule ", rule), make("label", {}, "input ", input)),
    make("div", { className: "presets" }, ...groups),
    line, ...answers.elements, reveal, countUnseen(models));
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
    box.textContent = "The models answer on this page of the built book (make book). "
      + "Here is what they write for some rules:";
  });
  document.body.append(script);
}
