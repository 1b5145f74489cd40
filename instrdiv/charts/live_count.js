/* A count over random unseen rules, as it grows, beside each model's recorded score. */

const AT_ONCE = 100;

function countUnseen(models) {
  const range = (ends, digits) => `${ends.map((end) => (100 * end).toFixed(digits)).join("–")} %`;
  const bars = models.map((model) => {
    const { correct, total } = model.metrics.unseen;
    const bar = make("div", { className: "bar", ariaHidden: "true" },
      ...["filled", "whisker", "recorded"].map((className) => make("div", { className })));
    bar.style.setProperty("--recorded", correct / total);
    const live = make("td", { className: "live-count" }, "–");
    const row = make("tr", {},
      make("th", { scope: "row" }, `${numberOf(model)} rules`), make("td", {}, bar), live,
      make("td", {}, `${number(correct)} of ${number(total)}`,
        make("small", {}, range(interval(correct, total), 1))));
    return { model, bar, live, row, right: 0 };
  });
  const button = make("button", { type: "button" }, `Try ${AT_ONCE} random unseen rules`);
  const told = make("p", { className: "sr-only", role: "status" });
  let [tried, until, running] = [0, 0, false];

  /* One rule for all models; then the browser may draw and listen before the next one. */
  function next() {
    if (!running) return;
    const { x, y, z } = randomUnseen(models);
    const correct = rewritten(x, y, z);
    tried += 1;
    for (const each of bars) {
      each.right += text(write(each.model, `${x}>${y}:${z}=`, correct.length + 1)) === correct;
      const [low, high] = interval(each.right, tried);
      for (const [name, value] of Object.entries({ share: each.right / tried, low, high })) {
        each.bar.style.setProperty(`--${name}`, value);
      }
      each.bar.classList.add("begun");
      const shown = make("small", {}, range([low, high], 0));
      each.live.replaceChildren(`${each.right} of ${tried}`, shown);
    }
    if (tried === until) stop();
    else setTimeout(next, 0);
  }

  function stop() {
    running = false;
    button.textContent = `Try ${AT_ONCE} more`;
    told.textContent = `Correct of ${tried} random unseen rules: ` + bars.map(
      (each) => `${each.right} by the model trained on ${numberOf(each.model)}`).join(", ") + ".";
  }

  button.addEventListener("click", () => {
    if (running) {
      stop();
      return;
    }
    [until, running] = [tried + AT_ONCE, true];
    button.textContent = "Stop";
    told.textContent = "";
    setTimeout(next, 0);
  });
  const titles = ["trained on", "correct", "here, now", "recorded"];
  return make("div", { className: "count" }, button,
    make("table", {},
      make("thead", {}, make("tr", {}, ...titles.map(
        (title) => make("th", { scope: "col" }, title)))),
      make("tbody", {}, ...bars.map((each) => each.row))),
    make("p", { className: "behind" }, "Bars count here and now, with their 95 % interval; the "
      + "mark across each is the recorded score, with its own."), told);
}
