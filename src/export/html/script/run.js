// The run, where the reader is in it, and what is known there.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

// A number that is not finite is a word in JSON.
const read = Number;
// A run from the data in an element.
const runIn = (id) => {
  const data = JSON.parse($(id).textContent);
  for (const tensor of data.tensors) {
    tensor.values = tensor.values.map(read);
    tensor.gradients = tensor.gradients.map(read);
    tensor.winners = new Set(tensor.winners);
  }
  return data;
};
const run = runIn("run");
// What goes through the updates, on a page that has several.
let training = null;

// What is shown at once at the most: rows and columns of a grid of numbers and of a picture, rows of all pages of a tensor, rows of
// terms, wires, wires that all have labels, summands in a line, steps on paper.
const MOST = { side: 10, read: 8, shades: 32, large: 12, stacked: 8, rows: 200, wires: 40, labels: 16, summands: 12, printed: 200 };
// The significant digits of a number in a grid and in a sum, and in a table.
const SHORT = 4;
const FEW = 2;
const LONG = 6;

// Where the reader is: a place in `run.steps`, and how many terms are added, or null for all of them.
let here = 0;
let added = null;

const firstStep = new Map(run.order);
const base = (tensor) => run.tensors[tensor].base ?? tensor;
const key = (tensor, at) => base(tensor) + ":" + at;
const stepOf = (tensor, at) => (firstStep.has(base(tensor)) ? firstStep.get(base(tensor)) + at : undefined);
const placeOf = new Map(run.steps.map((step, place) => [step.step, place]));

const index = (shape, at) => {
  const places = [];
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    places.unshift(at % shape[axis]);
    at = Math.floor(at / shape[axis]);
  }
  return places;
};
const address = (tensor, at) => {
  const { name, shape } = run.tensors[tensor];
  return shape.length === 0 ? name : `${name}[${index(shape, at).join(",")}]`;
};
// The tensor and the place of an address; of a tensor's name alone its first place.
const elementOf = (text) => {
  const [, name, inner] = /^([^[\]]+)(?:\[([\d, ]*)\])?$/.exec(text) ?? [];
  const tensor = run.tensors.findIndex((tensor) => tensor.name === name);
  if (tensor < 0 || inner === undefined) return tensor < 0 ? null : [tensor, 0];
  const { shape } = run.tensors[tensor];
  const places = inner.trim() === "" ? [] : inner.split(",").map(Number);
  if (places.length !== shape.length || places.some((place, axis) => place >= shape[axis])) return null;
  return [tensor, places.reduce((at, place, axis) => at * shape[axis] + place, 0)];
};

// Elements get text and attributes, never markup.
const fill = (element, children) => {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
};
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  return fill(element, children);
};
const draw = (parent, tag, attributes, text) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
};

// The sign of a term: its number in a circle. Who listens hears the neuron's name alone.
const mark = (number) => make("span", { class: "sign", "data-number": number + 1, "aria-hidden": "true" });
// A term from the data as an object, with the sum up to it.
const termsOf = (step) => {
  if (step.read) return step.read;
  let sum = step.given === undefined ? 0 : read(step.given);
  step.read = step.terms.map(([tensor, at, upstream, product, factors, why], number) => {
    sum += read(product);
    const cells = factors.map((cell) => {
      if (cell === null) return null;
      return Array.isArray(cell) ? { value: read(cell[0]), source: cell.slice(1) } : { value: read(cell) };
    });
    const local = cells.reduce((product, cell) => (cell ? product * cell.value : product), 1);
    return { number, tensor, at, upstream: read(upstream), product: read(product), cells, local, why, sum };
  });
  return step.read;
};
const isAdded = (number) => added === null || number < added;
const lookOf = (term) => (term.product === 0 ? "zero" : "t" + (term.number % 6));
const look = (term) => (isAdded(term.number) ? lookOf(term) : "pending");
const sumSoFar = (step) => {
  const terms = termsOf(step);
  if (added === null) return read(step.gradient);
  return added === 0 ? read(step.given ?? 0) : terms[added - 1].sum;
};

// The gradient of a neuron as far as it is known: it is given, its step is done, or no gradient reaches it.
const known = (step, tensor, at) => {
  const own = stepOf(tensor, at);
  const isKnown = own === undefined || step === undefined || own < step.step || (own === step.step && added === null);
  return isKnown ? run.tensors[tensor].gradients[at] : null;
};
