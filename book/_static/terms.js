/* The meaning of a word of the glossary, beside it: on hover, keyboard focus and tap.
   Without scripts the word is a link to the glossary, as it is on a click. */
(function () {
  "use strict";
  const PATIENCE = 200; // milliseconds to move from the word to its meaning
  const EDGE = 8; // pixels between a meaning and the edge of the screen
  const RING = 4; // pixels between a meaning and its word, which may have a ring of focus
  let term = null; // whose meaning is shown
  let leaving = 0;

  const meaningOf = link => document.getElementById(`meaning-${link.hash.slice(1)}`);
  const termAt = target => target.closest?.("a.term");

  function place() {
    if (!term) return;
    const box = meaningOf(term);
    const word = term.getClientRects()[0];
    const room = document.documentElement.clientWidth - box.offsetWidth - EDGE;
    const below = word.bottom + RING + box.offsetHeight + EDGE < innerHeight;
    box.style.left = `${Math.max(EDGE, Math.min(word.left, room))}px`;
    box.style.top = `${below ? word.bottom + RING : word.top - RING - box.offsetHeight}px`;
  }
  function hide() {
    clearTimeout(leaving);
    if (term) meaningOf(term).hidden = true;
    term = null;
  }
  function show(link) {
    hide();
    term = link;
    meaningOf(term).hidden = false;
    place();
  }
  function point(event) {
    const link = termAt(event.target);
    clearTimeout(leaving);
    if (link) show(link);
    else if (term && !meaningOf(term).contains(event.target)) leaving = setTimeout(hide, PATIENCE);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll("a.term"))
      link.setAttribute("aria-describedby", meaningOf(link).id);
  });
  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", event => {
    if (termAt(event.target)) show(termAt(event.target));
    else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", event => event.key === "Escape" && hide());
  // A finger cannot hover: the first tap shows the meaning, the second follows the link.
  let tappedBefore = null;
  document.addEventListener("pointerdown", event => {
    tappedBefore = term;
    if (term && !termAt(event.target) && !meaningOf(term).contains(event.target)) hide();
  });
  document.addEventListener("click", event => {
    const link = termAt(event.target);
    if (!link || event.pointerType !== "touch" || tappedBefore === link) return;
    event.preventDefault();
    show(link);
  });
  addEventListener("scroll", place, { capture: true, passive: true });
  addEventListener("resize", place);
})();
