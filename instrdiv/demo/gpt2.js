/* A GPT-2 in plain JavaScript. It computes what forward.py beside this file computes.

A token is influenced only by those before it. So the model reads one token at a time and keeps what
each layer needs of it later, a key and a value, and nothing is ever computed twice. */

const CHARACTERS = "abcdefghijklmnopqrstuvwxyz>:=._";
const ARRAYS = { F32: Float32Array, I8: Int8Array, U8: Uint8Array };

/* A model from a file in safetensors format, given in base64: the length of a header, the header in
   JSON, then all arrays one after another. A matrix is stored as whole numbers, each row of which
   is multiplied by a scale. */
function readModel(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  const start = 8 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const stored = (name) => {
    const [from, to] = header[name].data_offsets.map((offset) => start + offset);
    return new ARRAYS[header[name].dtype](bytes.slice(from, to).buffer);
  };
  const weights = {};
  for (const name of Object.keys(header)) {
    if (!header[name + ".scale"]) continue;
    const columns = header[name].shape[1];
    const scale = stored(name + ".scale");
    weights[name] = Float32Array.from(stored(name), (w, i) => w * scale[Math.floor(i / columns)]);
  }
  for (const name of Object.keys(header)) {
    if (header[name].dtype === "F32" && !name.endsWith(".scale")) weights[name] = stored(name);
  }
  return { weights, rules: stored("rules"), ...JSON.parse(header.__metadata__.about) };
}

/* The product of a matrix and a vector, plus a bias. Nearly all time is spent here. */
function linear(matrix, x, bias) {
  const y = new Float32Array(matrix.length / x.length);
  for (let row = 0, at = 0; row < y.length; row += 1) {
    let sum = bias ? bias[row] : 0;
    for (let i = 0; i < x.length; i += 1, at += 1) sum += matrix[at] * x[i];
    y[row] = sum;
  }
  return y;
}

/* Shifted to mean 0 and scaled to variance 1, then scaled and shifted as was learned. */
function norm(x, weight, bias) {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[i] + bias[i]);
}

/* The normal distribution's share below a value times the value. The error function within it has
   no name in JavaScript: this is formula 7.1.26 of Abramowitz and Stegun, right to 1.5e-7. */
function gelu(value) {
  const z = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const erf = 1 - series.reduce((sum, c) => (sum + c) * t, 0) * Math.exp(-z * z);
  return (value * (1 + Math.sign(value) * erf)) / 2;
}

/* Scores as positive weights that sum to 1. */
function softmax(scores) {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

const add = (a, b) => a.map((value, i) => value + b[i]);

/* A function that reads the next token and returns the logits of the one after it, and each head's
   attention: attention[layer][head][position]. */
function startReading({ weights, sizes }) {
  const width = sizes.n_embd;
  const perHead = width / sizes.n_head;
  const past = Array.from({ length: sizes.n_layer }, () => []);  // each layer's keys and values
  return function read(token) {
    const at = past[0].length;
    const row = (name, i) => weights[name].subarray(i * width, (i + 1) * width);
    let x = add(row("token_embedding.weight", token), row("position_embedding.weight", at));
    const attention = past.map((seen, layer) => {
      const own = (part) => weights[`blocks.${layer}.${part}`];
      const apply = (part, v) => linear(own(part + ".weight"), v, own(part + ".bias"));
      const normed = (part) => norm(x, own(part + ".weight"), own(part + ".bias"));
      // Attention: the query is held against the key of every token so far ...
      const qkv = apply("attention.qkv", normed("norm_1"));
      seen.push({ key: qkv.subarray(width, 2 * width), value: qkv.subarray(2 * width) });
      const mixed = new Float32Array(width);
      const heads = Array.from({ length: sizes.n_head }, (_, head) => {
        const [from, to] = [head * perHead, (head + 1) * perHead];
        const looks = softmax(seen.map(({ key }) => {
          let product = 0;
          for (let i = from; i < to; i += 1) product += qkv[i] * key[i];
          return product / Math.sqrt(perHead);
        }));
        // ... and their values are mixed, the better the match the more.
        looks.forEach((weight, position) => {
          for (let i = from; i < to; i += 1) mixed[i] += weight * seen[position].value[i];
        });
        return looks;
      });
      x = add(x, apply("attention.proj", mixed));
      // A network of two layers, for each token by itself.
      x = add(x, apply("down", apply("up", normed("norm_2")).map(gelu)));
      return heads;
    });
    const last = norm(x, weights["norm.weight"], weights["norm.bias"]);
    return { logits: linear(weights["token_embedding.weight"], last), attention };
  };
}

/* What a model writes after a prompt, the likeliest character each time, up to the full stop: for
   each character, itself and the attention behind it. */
function write(model, prompt, most) {
  const read = startReading(model);
  let found;
  for (const character of prompt) found = read(CHARACTERS.indexOf(character));
  const written = [];
  for (let i = 0; i < most; i += 1) {
    const token = found.logits.indexOf(Math.max(...found.logits));
    if (CHARACTERS[token] === ".") break;
    written.push({ character: CHARACTERS[token], attention: found.attention });
    if (i + 1 < most) found = read(token);
  }
  return written;
}
