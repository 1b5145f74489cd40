/* A chart fits the place that it has in the end: it is drawn before all of the page is there, and when
   a side bar comes or goes, nobody tells it. */
(function () {
  "use strict";
  let asked = 0;
  const places = new ResizeObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => dispatchEvent(new Event("resize"))); // which charts listen to
  });
  addEventListener("load", () => {
    for (const chart of document.querySelectorAll("[id^=altair-viz]")) places.observe(chart);
  });
})();
