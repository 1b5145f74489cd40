function (id) {
  /* One section at a time, chosen by a slider. */
  "use strict";
  const sections = [...document.querySelectorAll("#" + id + " section")];
  const box = document.querySelector("#" + id + " .stages");
  const label = document.createElement("label");
  label.textContent = "Different rules in training: ";
  const shown = document.createElement("output");
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: sections.length - 1, step: 1, value: 0 });
  label.append(shown, slider);
  box.prepend(label);
  function show() {
    sections.forEach((section, i) => { section.hidden = i !== Number(slider.value); });
    const text = sections[slider.value].dataset.label;
    shown.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  }
  slider.addEventListener("input", show);
  show();
}
