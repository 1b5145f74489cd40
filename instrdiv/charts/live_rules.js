/* What the live page knows of rules: whether one can be tried, what is correct, who saw it. */

/* One line that says what is wrong with a rule or an input, or "" if both can be tried. */
function problemWith(rule, z, { x_length, y_length, z_length }) {
  const [x, y, ...more] = rule.split(">");
  const [other] = (x + (y || "") + z).match(/[^a-z]/u) || [];
  if (other) {
    const kind = /[A-Z]/.test(other) ? "a capital letter" : "no letter";
    return `“${other}” is ${kind}: these models know only the small letters a to z.`;
  }
  if (y === undefined || more.length) return "A rule has two sides with one > between them.";
  const wrong = [
    ["Left of > the rule has", x, x_length],
    ["Right of > the rule has", y, y_length],
    ["The input has", z, z_length],
  ].find(([, text, length]) => text.length !== length);
  if (!wrong) return "";
  return `${wrong[0]} ${letters(wrong[1].length)}: these models know only ${wrong[2]}.`;
}

const letters = (number) => `${number || "no"} letter${number === 1 ? "" : "s"}`;

/* The leftmost x in z replaced by y. Not String.replace, to which some characters mean more. */
function rewritten(x, y, z) {
  const at = z.indexOf(x);
  return at < 0 ? z : z.slice(0, at) + y + z.slice(at + x.length);
}

/* Where in the prompt x>y:z= the letter stands from which a letter of the output is copied. */
function sourceOf(step, x, y, z) {
  const at = z.indexOf(x);
  const [yStart, zStart] = [x.length + 1, x.length + y.length + 2];
  if (at < 0 || step < at) return zStart + step;
  if (step < at + y.length) return yStart + step - at;
  return zStart + step - y.length + x.length;
}

/* What a model saw of a rule in training: the rule itself, one of its sides, or nothing of it. */
function seenBy(model, x, y) {
  const { rules, sides } = trainingRules(model);
  if (rules.has(x + y)) return "rule";
  return sides.has(x) || sides.has(y) ? "side" : "nothing";
}

function trainingRules(model) {
  if (!model.seen) {
    const { x_length, y_length } = model.config;
    const text = Array.from(model.rules, (letter) => CHARACTERS[letter]).join("");
    model.seen = { rules: new Set(), sides: new Set() };
    for (let at = 0; at < text.length; at += x_length + y_length) {
      const rule = text.slice(at, at + x_length + y_length);
      model.seen.rules.add(rule);
      model.seen.sides.add(rule.slice(0, x_length)).add(rule.slice(x_length));
    }
  }
  return model.seen;
}

/* A random rule of which no model saw a side, and a random input with its x somewhere: drawn as the
   tests behind the recorded scores were. */
function randomUnseen(models) {
  const { x_length, y_length, z_length } = models[0].config;
  const some = (number) => Array.from({ length: number }, () =>
    CHARACTERS[Math.floor(Math.random() * 26)]).join("");
  for (;;) {
    const [x, y, rest] = [some(x_length), some(y_length), some(z_length - x_length)];
    const at = Math.floor(Math.random() * (rest.length + 1));
    if (x !== y && models.every((model) => seenBy(model, x, y) === "nothing")) {
      return { x, y, z: rest.slice(0, at) + x + rest.slice(at) };
    }
  }
}

/* Wilson's 95 % interval of a share. */
function interval(correct, total) {
  const z = 1.959963984540054;
  const share = correct / total;
  const middle = share + z ** 2 / (2 * total);
  const half = z * Math.sqrt((share * (1 - share)) / total + (z / (2 * total)) ** 2);
  return [middle - half, middle + half].map(
    (end) => Math.min(1, Math.max(0, end / (1 + z ** 2 / total))));
}
