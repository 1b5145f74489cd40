// What on a page overlaps, is cut or cannot be reached: a sentence for each.
() => {
  const SLACK = 1; // pixels
  const SMALLEST = 8; // pixels: letters that are smaller cannot be read
  const found = [];
  const words = element =>
    JSON.stringify(element.textContent.trim().replace(/\s+/g, " ").slice(0, 50));
  const seen = element =>
    element.checkVisibility({opacityProperty: true, visibilityProperty: true});

  // Texts are rotated in charts, so their boxes are four corners on the screen. A line of text is
  // higher than its letters, which are what must not touch.
  const letters = text => {
    const {x, y, width, height} = text.getBBox();
    const [top, bottom] = [y + 0.15 * height, y + 0.85 * height];
    return [[x, top], [x + width, top], [x + width, bottom], [x, bottom]].map(([left, above]) =>
      new DOMPoint(left, above).matrixTransform(text.getScreenCTM()));
  };
  const outline = element => {
    const {left, right, top, bottom} = element.getBoundingClientRect();
    return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => ({x, y}));
  };
  // Two rectangles are apart if a side of one of them has them on its two sides.
  const apart = (one, other) => [one, other].some(([corner, ...next]) =>
    [next[0], next[2]].some(neighbour => {
      const [dx, dy] = [neighbour.x - corner.x, neighbour.y - corner.y];
      const length = Math.hypot(dx, dy) || 1;
      const along = box => box.map(({x, y}) => (x * dx + y * dy) / length);
      const [a, b] = [along(one), along(other)];
      return Math.max(...a) - SLACK < Math.min(...b) || Math.max(...b) - SLACK < Math.min(...a);
    }));
  const scroller = element => {
    while (element && !["auto", "scroll"].includes(getComputedStyle(element).overflowX))
      element = element.parentElement;
    return element;
  };

  const picture = svg => {
    const texts = [...svg.querySelectorAll("text")].filter(
      text => text.textContent.trim() && seen(text));
    if (!texts.length) return;
    const name = svg.closest("figure")?.id || svg.getAttribute("class");
    const frame = svg.getBoundingClientRect();
    const place = svg.parentElement.getBoundingClientRect();
    if (frame.right > Math.min(place.right, innerWidth) + SLACK || frame.left < -SLACK)
      found.push(`${name} is wider than its place`);
    const boxes = texts.map(letters);
    const button = svg.closest(".vega-embed")?.querySelector("summary");
    texts.forEach((text, i) => {
      const screen = text.getScreenCTM();
      const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(screen.a, screen.b);
      if (size < SMALLEST) found.push(`${name}: ${words(text)} is ${size.toFixed(1)} px high`);
      if (text.textContent.endsWith("…")) found.push(`${name}: ${words(text)} is shortened`);
      if (boxes[i].some(({x, y}) => x < frame.left - SLACK || x > frame.right + SLACK
                        || y < frame.top - SLACK || y > frame.bottom + SLACK))
        found.push(`${name}: ${words(text)} is cut`);
      if (button && seen(button) && !apart(boxes[i], outline(button)))
        found.push(`${name}: ${words(text)} is hidden by the chart's menu`);
      texts.slice(0, i).forEach((other, j) => {
        if (!apart(boxes[i], boxes[j]))
          found.push(`${name}: ${words(text)} overlaps ${words(other)}`);
      });
    });
  };

  // A table may be wide if it scrolls in a place that is on the screen; lines of code break.
  const block = element => {
    const own = scroller(element);
    const place = own && own !== document.body ? own : element;
    const {left, right} = place.getBoundingClientRect();
    const name = `${element.localName} ${words(element)}`;
    if (left < -SLACK || right > innerWidth + SLACK) found.push(`${name} is off the screen`);
    if (element.localName === "pre" && element.scrollWidth > element.clientWidth + SLACK)
      found.push(`${name} must be scrolled`);
    const room = element.parentElement.getBoundingClientRect().right;
    if (place === element && !own && room + SLACK < right) found.push(`${name} sticks out`);
    for (const cell of element.querySelectorAll(":is(th, td)"))
      if (seen(cell) && cell.scrollWidth > cell.clientWidth + SLACK)
        found.push(`cell ${words(cell)} holds more than it shows`);
  };

  const clipped = element => {
    if (element.clientWidth > 1 && element.scrollWidth > element.clientWidth + SLACK
        && ["hidden", "clip"].includes(getComputedStyle(element).overflowX))
      found.push(`${element.localName} ${words(element)} is cut`);
  };

  const all = selector => [...document.querySelectorAll(selector)].filter(seen);
  all("main svg").forEach(picture);
  all("main :is(table, pre, mjx-container[display=true])").forEach(block);
  all("main article :not(svg, svg *)").forEach(clipped);
  return found;
}
