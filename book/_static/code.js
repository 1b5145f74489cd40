/* One switch at the top of a page shows and hides the code of all cells that are tagged to hide it.
   Without scripts each of them has a bar of its own, which unfolds it. */
(function () {
  "use strict";
  const KEY = "show-code";
  const page = document.documentElement;
  // A browser may refuse to remember anything of a page from disk; the switch works all the same.
  function remembered() {
    try {
      return sessionStorage.getItem(KEY) === "true";
    } catch {
      return false;
    }
  }
  function remember(shown) {
    try {
      sessionStorage.setItem(KEY, shown);
    } catch {}
  }
  function addSwitch() {
    const cells = document.querySelectorAll("details.hide.above-input");
    const heading = document.querySelector("main article h1");
    if (!cells.length || !heading) return page.classList.remove("one-switch");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-code";
    button.textContent = "Show code";
    button.setAttribute("role", "switch");
    function show(shown) {
      button.setAttribute("aria-checked", shown);
      for (const cell of cells) cell.open = shown;
    }
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-checked") !== "true";
      show(shown);
      remember(shown);
    });
    show(remembered());
    heading.after(button);
    // A bar that stays in sight is read aloud by its own words.
    document.querySelector(".tag_parameters > details.hide > summary")?.removeAttribute("aria-label");
  }
  page.classList.add("one-switch"); // before anything is drawn, so that no bar flashes up
  document.addEventListener("DOMContentLoaded", addSwitch);
})();
