function (id) {
  /* Rule and input as fields; each press of a button shows the next step. */
  "use strict";
  const box = document.querySelector("#" + id + " .rewriter");

  /* What is shown after each step: a text, the letters marked in it, and a sentence. */
  function frames(rule, z) {
    const [x, y, ...more] = rule.split(">");
    if (!x || y === undefined || more.length) {
      return [[rule, 0, 0, "A rule has two sides with > between them, such as ab>cde."]];
    }
    const found = [];
    for (let at = 0; at + x.length <= z.length; at += 1) {
      const here = z.slice(at, at + x.length);
      if (here === x) {
        found.push([z, at, at + x.length, "Position " + (at + 1) + ": " + x + " is found."]);
        const whole = z.slice(0, at) + y + z.slice(at + x.length);
        found.push([whole, at, at + y.length,
          "Replace it by " + (y || "nothing") + ". Only the leftmost occurrence is replaced."]);
        return found;
      }
      found.push([z, at, at + x.length, "Position " + (at + 1) + ": " + here + " is not " + x + "."]);
    }
    found.push([z, 0, 0, x + " does not occur: the input stays as it is, a no-op."]);
    return found;
  }

  function make(kind, settings, ...children) {
    const element = Object.assign(document.createElement(kind), settings);
    element.append(...children);
    return element;
  }
  const entry = (value) => make("input", { type: "text", value, maxLength: 24, spellcheck: false });
  const rule = entry(box.dataset.rule);
  const input = entry(box.dataset.input);
  const next = make("button", { type: "button" }, "Next step");
  const again = make("button", { type: "button" }, "Start again");
  const shown = make("div", { className: "step" });
  shown.setAttribute("role", "status");
  let step = 0;

  function show() {
    const all = frames(rule.value, input.value);
    const [text, from, to, said] = all[step];
    shown.replaceChildren(
      make("code", {}, text.slice(0, from), make("mark", {}, text.slice(from, to)), text.slice(to)),
      make("p", {}, said));
    next.disabled = step === all.length - 1;
  }
  const restart = () => { step = 0; show(); };
  next.addEventListener("click", () => { step += 1; show(); });
  again.addEventListener("click", restart);
  rule.addEventListener("input", restart);
  input.addEventListener("input", restart);
  box.replaceChildren(
    make("div", { className: "fields" },
      make("label", {}, "rule ", rule), make("label", {}, "input ", input), next, again),
    shown);
  show();
}
