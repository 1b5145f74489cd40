/* Names for assistive technology where the chart library and the theme leave them out. */
(function () {
  "use strict";
  function name() {
    for (const menu of document.querySelectorAll(".vega-embed summary:not([aria-label])")) {
      menu.setAttribute("aria-label", "Save this figure");
    }
    for (const toggle of document.querySelectorAll("li > details > summary:not([aria-label])")) {
      toggle.setAttribute("aria-label", "Pages of this part");
    }
    // The theme calls the bibliography a list, whose entries then must be items of one.
    for (const entry of document.querySelectorAll(".citation-list > :not([role=listitem])")) {
      entry.setAttribute("role", "listitem");
    }
  }
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", name);
})();
