/* Names where the chart library, the theme and a narrow screen leave them out. */
(function () {
  "use strict";
  function name() {
    for (const menu of document.querySelectorAll(".vega-embed summary:not([aria-label])")) {
      menu.setAttribute("aria-label", "Save this figure");
    }
    for (const toggle of document.querySelectorAll("li > details > summary:not([aria-label])")) {
      toggle.setAttribute("aria-label", "Pages of this part");
    }
    // A folded table shows no head, so each cell knows its column.
    for (const table of document.querySelectorAll(".pst-scrollable-table-container:has(+ details.rules) table")) {
      const columns = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
      for (const cell of table.querySelectorAll("td:not([data-column])")) {
        cell.dataset.column = columns[cell.cellIndex];
      }
    }
    // The theme calls the bibliography a list, whose entries then must be items of one.
    for (const entry of document.querySelectorAll(".citation-list > :not([role=listitem])")) {
      entry.setAttribute("role", "listitem");
    }
  }
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", name);
})();
