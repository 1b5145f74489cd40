/* A count over random unseen rules, as it grows, beside each model's recorded score. */

const AT_ONCE = 100;

function countUnseen(models, numberOf) {
  const bars = models.map((model) => {
    const { correct, total } = model.metrics.unseen;
    const [low, high] = interval(correct, total);
    const bar = make("div", { className: "bar", ariaHidden: "true" },
      make("div", { className: "filled" }), make("div", { className: "whisker" }),
      make("div", { className: "recorded", title: `recorded: ${percent(correct / total)}` }));
    bar.style.setProperty("--recorded", correct / total);
    const live = make("td", { className: "live-count" }, "–");
    const cells = [make("td", {}, bar), live,
      make("td", {}, `${number(correct)} of ${number(total)}`, make("small", {}, ` ${range(low, high)}`))];
    return { model, bar, live, right: 0, row: make("tr", {},
      make("th", { scope: "row" }, `${numberOf(model)} rules`), ...cells) };
  });
  const button = make("button", { type: "button" });
  const told = make("p", { className: "line", role: "status" });
  let [tried, until, running] = [0, 0, false];

  function range(low, high) {
    return `${Math.round(100 * low)}–${percent(high)}`;
  }

  /* One rule for all models, then the browser may draw and listen before the next one. */
  function next() {
    if (!running) return;
    const { x, y, z } = randomUnseen(models);
    const correct = rewritten(x, y, z);
    tried += 1;
    for (const each of bars) {
      const letters = write(each.model, `${x}>${y}:${z}=`, correct.length + 1);
      each.right += letters.map((letter) => letter.character).join("") === correct;
      const [low, high] = interval(each.right, tried);
      each.bar.style.setProperty("--share", each.right / tried);
      each.bar.style.setProperty("--low", low);
      each.bar.style.setProperty("--high", high);
      each.bar.classList.add("begun");
      each.live.replaceChildren(`${each.right} of ${tried}`, make("small", {}, ` ${range(low, high)}`));
    }
    if (tried === until) stop();
    else setTimeout(next, 0);
  }

  function stop() {
    running = false;
    button.textContent = `Try ${AT_ONCE} more`;
    told.textContent = `Correct of ${tried} random unseen rules: `
      + bars.map((each) => `${each.right} by the model trained on ${numberOf(each.model)}`).join(", ") + ".";
  }

  button.textContent = `Try ${AT_ONCE} random rules`;
  button.addEventListener("click", () => {
    if (running) {
      stop();
      return;
    }
    until = tried + AT_ONCE;
    running = true;
    button.textContent = "Stop";
    told.textContent = "";
    setTimeout(next, 0);
  });
  const titles = ["trained on", "correct on unseen rules", "here, now", "recorded"];
  return make("div", { className: "count" }, button, make("table", {},
    make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, ...bars.map((each) => each.row))), told);
}
