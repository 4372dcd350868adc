// The terms of a step, their sum, the words and the mistakes.

// Whether an equation holds with its numbers as they are shown.
const equals = (shown, result) => (short(shown) === short(result) ? " = " : " ≈ ");

// The sum in parts, each with the sign before it, its mark or name, its number and its look; then what stands before the result.
const equation = (step, isWhole) => {
  const terms = termsOf(step).filter((term) => isWhole || isAdded(term.number));
  const result = isWhole ? read(step.gradient) : sumSoFar(step);
  const given = step.given === undefined ? [] : [{ sign: "", name: "given ", text: short(read(step.given)), look: "" }];
  if (terms.length + given.length === 0) return { parts: [], before: "", result };
  if (terms.length > MOST.summands) {
    const nZeros = terms.filter((term) => term.product === 0).length;
    const text = `${terms.length} terms${nZeros ? `, ${nZeros} of them zero,` : ""} add up to`;
    return { parts: [...given, { sign: given.length ? " and " : "", text, look: "" }], before: " ", result };
  }
  // Where there is nothing to add, the one term shows what it is made of.
  if (step.terms.length === 1 && terms.length === 1 && given.length === 0) {
    const [only] = terms;
    const factors = [only.upstream, ...only.cells.filter(Boolean).map((cell) => cell.value)];
    const part = { sign: "", mark: mark(0), text: factors.map(short).join(" × "), look: lookOf(only) };
    return {
      parts: [part],
      before: equals(
        factors.map(asRead).reduce((product, factor) => product * factor),
        result,
      ),
      result,
    };
  }
  const summands = terms.map((term, number) => {
    const isFirst = number === 0 && given.length === 0;
    const sign = isFirst ? "" : term.product < 0 ? " − " : " + ";
    return { sign, mark: mark(term.number), text: short(isFirst ? term.product : Math.abs(term.product)), look: lookOf(term) };
  });
  const shown = terms.reduce((sum, term) => sum + asRead(term.product), asRead(read(step.given ?? 0)));
  return { parts: [...given, ...summands], before: equals(shown, result), result };
};
const equationText = (step, isWhole) => {
  const { parts, before, result } = equation(step, isWhole);
  return parts.map(({ sign, name, text }) => sign + (name ?? "") + text).join("") + before + short(result);
};
const exact = (value, text) => make("data", { value: String(value), title: String(value) }, text);
const equationElements = (step, isWhole) => {
  const { parts, before, result } = equation(step, isWhole);
  // A line ends between two terms, and never between a sign and its number.
  const elements = parts.map(({ sign, name, mark, text, look }) => [
    sign.startsWith(" ") ? " " : "",
    make("span", { class: mark && !text.includes(" ") ? "whole" : "" }, sign.trimStart(), make("span", { class: look }, mark, name, text)),
  ]);
  return [elements, before, exact(result, short(result)), isWhole || added === null ? null : " so far"];
};

const head = (step) => {
  const title = (name) => make("th", { scope: "col" }, name);
  const far = make("th", { scope: "col", class: "far" }, "so far");
  return make("thead", {}, make("tr", {}, ["from", "upstream", ...step.columns, "term"].map(title), far, make("td")));
};
// Pads numbers on their right so that those below each other are aligned on the point.
const pads = (texts) => {
  const behind = (text) => (text.includes(".") ? text.length - text.indexOf(".") : 0);
  const most = Math.max(0, ...texts.map(behind));
  return (text) => text + "\u00a0".repeat(Math.max(0, most - behind(text)));
};
let digits = LONG;
// How a table gets narrower: the digits of its numbers, and its classes.
const TABLES = [
  [LONG, ""],
  [SHORT, ""],
  [SHORT, "narrow"],
  [SHORT, "narrow small"],
];
const long = (value) => rounded(value, digits);
const asShown = (value) => asWritten(value, digits);
const isAbout = (shown, result) => Number.isFinite(shown + result) && long(shown) !== long(result);
const padsOf = (step, terms, isWhole) => ({
  upstream: pads(terms.map((term) => long(term.upstream))),
  cells: step.columns.map((_, column) =>
    pads(terms.filter((term) => term.cells[column]).map((term) => long(term.cells[column].value))),
  ),
  product: pads(
    [...terms.map((term) => term.product), read(step.given ?? 0), isWhole ? read(step.sum ?? step.gradient) : sumSoFar(step)].map(long),
  ),
  sum: pads(terms.map((term) => long(term.sum))),
});
const row = (step, term, isWhole, pad) => {
  const sign = (sign) => make("span", { class: "op" }, sign + " ");
  const state = isWhole ? lookOf(term) : look(term);
  const plain = state.startsWith("t") ? "" : state;
  const name = address(term.tensor, term.at);
  const shown = term.cells.reduce((product, cell) => product * (cell ? asShown(cell.value) : 1), asShown(term.upstream));
  const from =
    stepOf(term.tensor, term.at) === undefined || isWhole
      ? name
      : make("button", { type: "button", "data-tensor": base(term.tensor), "data-at": term.at }, name);
  return make(
    "tr",
    { class: !isWhole && added === term.number + 1 ? "last" : undefined },
    make("th", { scope: "row", class: state }, mark(term.number), from),
    make("td", { class: plain }, pad.upstream(long(term.upstream))),
    term.cells.map((cell, column) =>
      cell ? make("td", { class: plain }, sign("×"), pad.cells[column](long(cell.value))) : make("td"),
    ),
    make("td", { class: state }, sign(isAbout(shown, term.product) ? "≈" : "="), pad.product(long(term.product))),
    make("td", { class: "far" }, isWhole || isAdded(term.number) ? pad.sum(long(term.sum)) : ""),
    make("td", { class: "why" }, term.why ?? ""),
  );
};
const wide = (step, name, value, pad, isExact, about) => {
  const number = pad.product(long(value));
  return make(
    "tr",
    {},
    make("th", { scope: "row", colspan: String(step.columns.length + 2) }, name),
    make("td", {}, about ? "≈ " : "", isExact ? exact(value, number) : number),
    make("td"),
  );
};
const tableParts = (step, isWhole) => {
  const terms = termsOf(step);
  const last = added === null || isWhole ? 0 : added;
  const first = Math.max(0, Math.min(last - MOST.rows / 2, terms.length - MOST.rows));
  const shown = terms.slice(first, first + MOST.rows);
  const pad = padsOf(step, shown, isWhole);
  const rows = shown.map((term) => row(step, term, isWhole, pad));
  const add = (total, term) => total + (isWhole || isAdded(term.number) ? asShown(term.product) : 0);
  let sumShown = shown.reduce(add, asShown(read(step.given ?? 0)));
  if (step.given !== undefined) rows.unshift(wide(step, "given upstream", read(step.given), pad));
  if (shown.length < terms.length) {
    const rest = terms.filter((term) => !shown.includes(term)).reduce((sum, term) => sum + term.product, 0);
    rows.push(wide(step, `${terms.length - shown.length} more, together`, rest, pad));
    sumShown += asShown(rest);
  }
  const isBuilding = !isWhole && added !== null;
  const name = isBuilding ? `so far, ${added} of ${terms.length} terms` : step.result ?? `gradient of ${address(step.tensor, step.at)}`;
  const isRounded = !isBuilding && step.sum !== undefined;
  const total = isRounded ? `${name} in ${step.in_format}` : name;
  const sum = isBuilding ? sumSoFar(step) : read(step.sum ?? step.gradient);
  const foot = [wide(step, isRounded ? "sum" : total, sum, pad, true, isAbout(sumShown, sum))];
  if (isRounded) foot.push(wide(step, total, read(step.gradient), pad, true));
  return [terms.length ? head(step) : null, make("tbody", {}, rows), make("tfoot", {}, foot)];
};

const wordsOf = (step) => {
  const terms = termsOf(step);
  const piece = (piece) => {
    if (typeof piece === "string") return piece;
    const [tensor, at, number] = piece;
    const name = address(tensor, at);
    if (!number) return make("b", {}, name);
    return make("span", { class: lookOf(terms[number - 1]) }, mark(number - 1), name);
  };
  return step.words.map((sentence) => [sentence.map(piece), " "]);
};
const noteOf = (step) => step.note ?? run.tensors[step.tensor].note ?? "";

const showMistakes = (step) => {
  const items = step.mistakes.map(([number, says, isConvention]) =>
    make(
      "li",
      {},
      make("span", isConvention ? {} : { class: "wrong" }, isConvention ? "~ " : "✗ "),
      make("b", {}, short(read(number))),
      " " + says,
    ),
  );
  const right = make("li", {}, "✓ ", make("b", {}, short(read(step.gradient))), " is right.");
  const none = "No slip that is known can be made here: nothing is multiplied and nothing is added up.";
  const quiet = "Invisible here, because these slips give the right number too:";
  const did = step.invisible.map((did) => make("li", {}, did));
  fill($("mistakes").querySelector("div"), [
    make("ul", {}, right, items),
    items.length + did.length === 0 ? make("p", {}, none) : null,
    did.length ? [make("p", { class: "soft" }, quiet), make("ul", { class: "soft" }, did)] : null,
  ]);
};
