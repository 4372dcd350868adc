
"use strict";
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const $ = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";

  // What is shown at once at the most: rows and columns of a page of a tensor, rows of all its pages, rows of terms, wires, wires with
  // a label, summands in a line, steps on paper.
  const MOST = { side: 10, stacked: 8, rows: 200, wires: 40, labels: 16, summands: 12, printed: 200 };
  // The significant digits of a number in a grid and in a sum, and in a table.
  const SHORT = 4;
  const LONG = 6;

  // Where the reader is: a place in `run.steps`, and how many terms are added, or null for all of them.
  let here = 0;
  let added = null;

  // A number that is not finite is a word in JSON.
  const read = Number;
  for (const tensor of run.tensors) {
    tensor.values = tensor.values.map(read);
    tensor.gradients = tensor.gradients.map(read);
    tensor.winners = new Set(tensor.winners);
  }
  const firstStep = new Map(run.order);
  const base = (tensor) => run.tensors[tensor].base ?? tensor;
  const key = (tensor, at) => base(tensor) + ":" + at;
  const stepOf = (tensor, at) => (firstStep.has(base(tensor)) ? firstStep.get(base(tensor)) + at : undefined);
  const placeOf = new Map(run.steps.map((step, place) => [step.step, place]));

  // The digits of a number's magnitude, rounded to so many as the program rounds them: a half goes to the even neighbour. A double has
  // no more digits than are asked for here where it lies so near to a half.
  const digitsOf = (value, n) => {
    const [mantissa, exponent] = Math.abs(value).toExponential(60).split("e");
    const all = mantissa.replace(".", "");
    let [kept, power] = [all.slice(0, n), Number(exponent)];
    const rest = all.slice(n);
    const half = "5".padEnd(rest.length, "0");
    if (rest > half || (rest === half && "13579".includes(kept.at(-1)))) {
      kept = String(Number(kept) + 1);
      if (kept.length > n) power += 1;
    }
    return [kept, power];
  };
  const trimmed = (decimal) => (decimal.includes(".") ? decimal.replace(/\.?0*$/, "") : decimal);
  const rounded = (value, n) => {
    if (Number.isNaN(value)) return "NaN";
    if (value === 0) return "0";
    const sign = value < 0 ? "−" : "";
    if (!Number.isFinite(value)) return sign + "∞";
    const [mantissa, power] = digitsOf(value, n);
    if (power < -4 || power >= Math.max(n, 6)) {
      const decimal = trimmed(mantissa[0] + "." + mantissa.slice(1));
      return sign + decimal + "e" + String(power).replace("-", "−");
    }
    const decimals = Math.max(n - 1 - power, 0);
    const [kept, exact] = digitsOf(value, Number(Math.abs(value).toExponential(60).split("e")[1]) + 1 + decimals);
    const whole = exact < 0 ? "0" : kept.slice(0, exact + 1);
    const fraction = exact < 0 ? "0".repeat(-exact - 1) + kept : kept.slice(exact + 1);
    return sign + trimmed(whole + "." + fraction);
  };
  const short = (value) => rounded(value, SHORT);
  const asRead = (value) => (Number.isFinite(value) ? Number(short(value).replaceAll("−", "-")) : value);

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
  };

  const mark = (number) => [..."①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"][number] ?? "•";
  // A term from the data as an object, with the sum up to it.
  const termsOf = (step) => {
    if (step.read) return step.read;
    let sum = step.given === undefined ? 0 : read(step.given);
    step.read = step.terms.map(([tensor, at, upstream, product, factors, why], number) => {
      sum += read(product);
      const cells = factors.map((cell) => (cell === null ? null : Array.isArray(cell) ? { value: read(cell[0]), source: cell.slice(1) } : { value: read(cell) }));
      const local = cells.reduce((product, cell) => (cell ? product * cell.value : product), 1);
      return { number, tensor, at, upstream: read(upstream), product: read(product), cells, local, why, sum };
    });
    return step.read;
  };
  const isAdded = (number) => added === null || number < added;
  const look = (term) => (!isAdded(term.number) ? "pending" : term.product === 0 ? "zero" : "t" + (term.number % 6));
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

  // ---- The map ----

  const group = (map, name, value) => map.set(name, [...(map.get(name) ?? []), value]);
  const sceneOf = (step) => {
    const scene = { step, senders: new Map(), sources: new Map(), field: new Map(), interest: new Map() };
    if (!step) return scene;
    const terms = termsOf(step);
    const places = { senders: new Map(), sources: new Map(), field: new Map() };
    for (const term of terms) {
      group(scene.senders, key(term.tensor, term.at), term);
      group(places.senders, base(term.tensor), term.at);
      for (const { source: [tensor, at] } of term.cells.filter((cell) => cell?.source)) {
        group(scene.sources, key(tensor, at), term);
        group(places.sources, base(tensor), at);
      }
    }
    for (const [tensor, runs] of step.field ?? []) {
      const all = runs.flatMap(([start, length]) => Array.from({ length }, (_, next) => start + next));
      scene.field.set(tensor, new Set(all));
      places.field.set(tensor, all);
    }
    const last = added ? terms[added - 1] : undefined;
    run.tensors.forEach((_, tensor) => {
      if (tensor === step.tensor) return scene.interest.set(tensor, [step.at]);
      const found = places.senders.get(tensor) ?? places.sources.get(tensor) ?? places.field.get(tensor) ?? [];
      scene.interest.set(tensor, last && base(last.tensor) === tensor ? [last.at, ...found] : found);
    });
    scene.sent = new Set(places.senders.keys());
    scene.used = new Set(places.sources.keys());
    return scene;
  };

  // The columns in the order in which data flows. The weight that is being computed has one of its own, other factors stand below
  // the layer that they belong to.
  const columnsOf = (scene) => {
    const columns = new Map();
    run.tensors.forEach((tensor, number) => {
      if (tensor.depth !== undefined) group(columns, 2 * tensor.depth, number);
    });
    run.tensors.forEach((tensor, number) => {
      if (tensor.owner === undefined) return;
      const place = 2 * run.tensors[tensor.owner].depth;
      if (scene.step?.tensor === number) group(columns, place - 1, number);
      else if (scene.used?.has(number)) group(columns, place, number);
    });
    return [...columns.keys()].sort((one, other) => one - other).map((place) => columns.get(place));
  };

  const gridOf = (shape) => {
    const [rows, columns] = shape.length === 0 ? [1, 1] : shape.length === 1 ? [shape[0], 1] : shape.slice(-2);
    return { rows, columns, pages: shape.slice(0, -2).reduce((product, size) => product * size, 1) };
  };
  // So many places round one of them.
  const windowOf = (size, place) => {
    const start = Math.max(0, Math.min(place - Math.floor(MOST.side / 2), size - MOST.side));
    return [start, Math.min(size, start + MOST.side)];
  };
  const pagesOf = (grid, interest) => {
    const all = Array.from({ length: grid.pages }, (_, page) => page);
    const size = grid.rows * grid.columns;
    if (grid.pages * Math.min(grid.rows, MOST.side) <= MOST.stacked) return all;
    const wanted = [...new Set(interest.map((at) => Math.floor(at / size)))].slice(0, 3);
    return (wanted.length ? wanted : [0]).sort((one, other) => one - other);
  };

  const tensorBlock = (scene, tensor) => {
    const { name, shape, maker } = run.tensors[tensor];
    const sizes = shape.join("×");
    const reads = run.links.filter(([, output]) => output === tensor).map(([read, , view]) => run.tensors[view ?? read].name);
    const made = reads.length > 1 ? `${maker} of ${reads.join(", ")}` : maker;
    const block = make("div", { class: "tensor", "data-tensor": tensor }, make("div", { class: "caption" }, make("b", {}, name), " " + sizes, make("small", {}, made)));
    const grid = gridOf(shape);
    const interest = scene.interest.get(tensor) ?? [];
    const pages = pagesOf(grid, interest);
    for (const page of pages) block.append(planeOf(scene, tensor, grid, page, pages.length, interest));
    return block;
  };

  const planeOf = (scene, tensor, grid, page, nShown, interest) => {
    const { name, shape } = run.tensors[tensor];
    const size = grid.rows * grid.columns;
    const middle = interest.find((at) => Math.floor(at / size) === page) ?? page * size;
    const [top, bottom] = windowOf(grid.rows, Math.floor((middle % size) / grid.columns));
    const [left, right] = windowOf(grid.columns, middle % grid.columns);
    const isCut = bottom - top < grid.rows || right - left < grid.columns;
    const leading = index(shape.slice(0, -2), page);
    const parts = [leading.length ? `[${leading.join(",")}]${nShown < grid.pages ? ` of ${grid.pages}` : ""}` : null, isCut ? `rows ${top}–${bottom - 1}, columns ${left}–${right - 1}` : null].filter(Boolean);
    const table = make("table", { class: "plane", "aria-label": [name, ...parts].join(" ") });
    if (parts.length) table.append(make("caption", {}, parts.join(" ")));
    const count = (from, to) => Array.from({ length: to - from }, (_, next) => from + next);
    if (grid.columns > 1) {
      const head = count(left, right).map((column) => make("th", { scope: "col" }, String(column)));
      table.append(make("thead", {}, make("tr", {}, shape.length > 1 ? make("td") : null, head)));
    }
    const rows = count(top, bottom).map((row) => {
      const cells = count(left, right).map((column) => cellOf(scene, tensor, grid, page, row, column));
      return make("tr", {}, shape.length ? make("th", { scope: "row" }, String(row)) : null, cells);
    });
    table.append(make("tbody", {}, rows));
    return table;
  };

  const cellOf = (scene, tensor, grid, page, row, column) => {
    const place = (row, column) => (page * grid.rows + row) * grid.columns + column;
    const at = place(row, column);
    const step = scene.step;
    const isCurrent = step?.tensor === tensor && step.at === at;
    const sends = scene.senders.get(key(tensor, at)) ?? [];
    const used = scene.sources.get(key(tensor, at)) ?? [];
    const terms = sends.length ? sends : used;
    const wins = run.tensors[tensor].winners.has(at);
    const value = (wins ? "*" : "") + short(run.tensors[tensor].values[at]);
    const gradient = known(step, tensor, at);
    const shown = isCurrent && added !== null ? short(sumSoFar(step)) + "…" : gradient === null ? "·" : short(gradient);
    const classes = ["cell"];
    if (isCurrent) classes.push("current");
    if (terms.length) classes.push(sends.length ? "sends" : "used", look(terms[0]));
    // The outlines: round what the neuron is computed from, and round the part of a tensor that looks at it.
    const field = scene.field.get(tensor);
    if (field?.has(at)) classes.push("in");
    const isIn = field ? (at) => field.has(at) : scene.sent?.has(tensor) ? (at) => scene.senders.has(key(tensor, at)) : null;
    if (isIn?.(at) && (field || !scene.isWhole(tensor))) {
      if (row === 0 || !isIn(place(row - 1, column))) classes.push("edge-top");
      if (row + 1 === grid.rows || !isIn(place(row + 1, column))) classes.push("edge-bottom");
      if (column === 0 || !isIn(place(row, column - 1))) classes.push("edge-left");
      if (column + 1 === grid.columns || !isIn(place(row, column + 1))) classes.push("edge-right");
    }
    const numbers = terms.map((term) => term.number + 1).slice(0, 3).join(", ");
    const says = [
      `${address(tensor, at)}, value ${value.replace("*", "")}`,
      wins ? "winner of its window" : null,
      gradient === null ? "gradient not yet computed" : `gradient ${short(gradient)}`,
      isCurrent ? "the current neuron" : null,
      sends.length ? `sends term ${numbers}` : used.length ? `factor of term ${numbers}` : null,
    ];
    const button = make(
      "button",
      { type: "button", tabindex: isCurrent ? "0" : "-1", "data-tensor": tensor, "data-at": at, "aria-label": says.filter(Boolean).join(", ") },
      make("span", { class: "mark" }, terms.length === 0 ? "" : terms.length === 1 ? mark(terms[0].number) : "•"),
      make("span", { class: "value" }, value),
      make("span", { class: "gradient" }, shown),
    );
    return make("td", { class: classes.join(" ") }, button);
  };

  const showMap = (step) => {
    const scene = sceneOf(step);
    const whole = new Map();
    scene.isWhole = (tensor) => {
      if (!whole.has(tensor)) whole.set(tensor, run.tensors[tensor].values.every((_, at) => scene.senders.has(key(tensor, at))));
      return whole.get(tensor);
    };
    const columns = columnsOf(scene);
    const isCurrent = (column) => step && column.includes(step.tensor);
    const flow = make("div", { class: "flow" });
    const hasFocus = $("map").contains(document.activeElement);
    columns.forEach((column, number) => {
      const isWired = isCurrent(column) || columns.slice(0, number + 1).some(isCurrent) && columns.slice(number + 1).some((later) => later.some((tensor) => scene.sent.has(tensor)));
      const view = run.links.some(([read, output, view]) => view !== null && column.includes(read) && columns[number + 1]?.includes(output));
      flow.append(make("div", { class: "column" + (isWired || view ? " wired" : "") }, column.map((tensor) => tensorBlock(scene, tensor))));
    });
    fill($("map"), [flow]);
    drawLines(flow, columns, scene);
    const current = $("map").querySelector(".current button");
    if (hasFocus) current?.focus({ preventScroll: true });
    bringIntoView(scene);
    const signs = [
      current ? ["frame", "the current neuron"] : null,
      scene.field.size ? ["shade", "what it is computed from"] : null,
      run.tensors.some((tensor) => tensor.winners.size) ? ["*", "wins its window"] : null,
      [...$("map").querySelectorAll(".gradient")].some((cell) => cell.textContent === "·") ? ["·", "not yet computed"] : null,
    ];
    fill($("legend"), signs.filter(Boolean).map(([sign, means]) => make("span", {}, make("b", {}, sign), " " + means)));
  };

  // Scrolls the map so that the current neuron and those that send to it are in view, as far as there is room for both.
  const bringIntoView = (scene) => {
    const map = $("map");
    const current = map.querySelector(".current");
    if (!current) return;
    const flow = map.firstChild.getBoundingClientRect();
    const all = [current, ...map.querySelectorAll(".sends")].map((cell) => cell.getBoundingClientRect());
    const left = Math.min(...all.map((cell) => cell.left)) - flow.left;
    const right = Math.max(...all.map((cell) => cell.right)) - flow.left;
    const own = all[0].left - flow.left;
    const room = map.clientWidth;
    const wanted = right - left + 40 <= room ? (left + right - room) / 2 : own - 20;
    if (left - 20 < map.scrollLeft || right + 20 > map.scrollLeft + room) map.scrollLeft = Math.max(0, wanted);
  };

  const drawLines = (flow, columns, scene) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("aria-hidden", "true");
    const origin = flow.getBoundingClientRect();
    const boxOf = (element) => {
      const box = element.getBoundingClientRect();
      return { left: box.left - origin.left, right: box.right - origin.left, top: box.top - origin.top, bottom: box.bottom - origin.top, y: (box.top + box.bottom) / 2 - origin.top };
    };
    const columnOf = (tensor) => columns.findIndex((column) => column.includes(tensor));
    for (const [read, output, view] of run.links) {
      if (columnOf(output) !== columnOf(read) + 1) continue;
      const [source, target] = [read, output].map((tensor) => flow.querySelector(`.tensor[data-tensor="${tensor}"] .caption b`));
      const range = document.createRange();
      range.setStart(source, 0);
      range.setEndAfter(source.nextSibling);
      const [from, to] = [boxOf(range), boxOf(target)];
      const [start, end] = [Math.max(from.right, boxOf(source).right) + 6, to.left - 8];
      if (end - start < 8) continue;
      const turn = end - 10;
      draw(svg, "path", { class: "link", d: `M${start} ${from.y}H${turn}V${to.y}H${end}` });
      draw(svg, "path", { class: "link-arrow", d: `M${end + 5} ${to.y}l-7 -4v8z` });
      if (view !== null && end - start > 50) draw(svg, "text", { class: "view", x: (start + turn) / 2, y: from.y }, run.tensors[view].name);
    }
    const cell = flow.querySelector(".cell.current");
    if (cell && scene.step.terms.length) drawWires(svg, flow, columns, scene, boxOf, boxOf(cell));
    flow.append(svg);
  };

  // The wires run from the senders to a node beside the current neuron, where they are added up. A wire that has to pass a column goes
  // below it.
  const drawWires = (svg, flow, columns, scene, boxOf, current) => {
    const terms = termsOf(scene.step);
    const own = flow.querySelector(`.tensor[data-tensor="${scene.step.tensor}"]`);
    const edge = Math.max(current.right, ...[...own.querySelectorAll(".plane")].map((plane) => boxOf(plane).right));
    const node = { x: edge + 22, y: current.y };
    const seen = terms.slice(0, MOST.wires).map((term) => {
      const button = flow.querySelector(`button[data-tensor="${base(term.tensor)}"][data-at="${term.at}"]`);
      if (!button) return null;
      const row = button.closest("tr");
      return { term, row, left: boxOf(row.closest("table")).left, top: boxOf(row).top, bottom: boxOf(row).bottom };
    });
    const ownColumn = columns.findIndex((column) => column.includes(scene.step.tensor));
    const columnBoxes = [...flow.querySelectorAll(".column")].map((column) => ({ ...boxOf(column), bottom: boxOf(column.lastElementChild).bottom }));
    const inView = seen.filter(Boolean);
    const ofRow = new Map();
    for (const wire of inView) group(ofRow, wire.row, wire);
    const isSum = terms.length > 1 || scene.step.given !== undefined;
    const labels = [];
    let isFirst = true;
    for (const { term, row, left, top, bottom } of inView) {
      // Wires to one row leave it side by side.
      const beside = ofRow.get(row);
      const y = top + ((bottom - top) * (beside.findIndex((wire) => wire.term === term) + 1)) / (beside.length + 1);
      const column = columns.findIndex((column) => column.includes(base(term.tensor)));
      const between = columnBoxes.slice(ownColumn + 1, column);
      const end = { x: node.x + (isSum ? 7 : 0), y: node.y };
      let d = `M${left} ${y}h-6C${left - 44} ${y} ${end.x + 40} ${end.y} ${end.x} ${end.y}`;
      if (between.length) {
        flow.style.paddingBottom = "2.5rem";
        const lane = Math.max(...between.map((box) => box.bottom)) + 12 + (term.number % 4) * 5;
        const [enter, leave] = [between[0].left - 10, between.at(-1).right + 14];
        d = `M${left} ${y}H${leave + 16}C${leave - 6} ${y} ${leave + 16} ${lane} ${leave - 6} ${lane}H${enter}C${enter - 24} ${lane} ${end.x + 24} ${end.y} ${end.x} ${end.y}`;
      }
      draw(svg, "path", { class: "wire " + look(term), d });
      if (terms.length <= MOST.labels && beside.length <= 3 && term.cells.some(Boolean)) {
        labels.push([{ class: "weigh " + look(term), x: left - 6, y }, "×" + rounded(term.local, 3)]);
      }
      if (isFirst) {
        draw(svg, "path", { class: "node", d: `M${node.x} ${node.y}H${current.right + 8}` });
        draw(svg, "path", { class: "arrow", d: `M${current.right + 2} ${node.y}l10 -6v12z` });
        isFirst = false;
      }
    }
    // No wire crosses a label.
    for (const [attributes, text] of labels) draw(svg, "text", attributes, text);
    if (isFirst) return;
    if (isSum) {
      draw(svg, "circle", { class: "node", cx: node.x, cy: node.y, r: 7 });
      draw(svg, "path", { class: "node", d: `M${node.x - 4} ${node.y}h8M${node.x} ${node.y - 4}v8` });
    }
  };

  // ---- The terms, the sum and the words ----

  const signed = (term, isFirst) => (isFirst ? short(term) : (term < 0 ? " − " : " + ") + short(Math.abs(term)));
  // The sum in parts: text, and the class in which it is written.
  const equation = (step, isWhole) => {
    const terms = termsOf(step).filter((term) => isWhole || isAdded(term.number));
    const result = isWhole ? read(step.gradient) : sumSoFar(step);
    const given = step.given === undefined ? [] : [{ text: short(read(step.given)), look: "", mark: "given " }];
    if (terms.length + given.length === 0) return { parts: [], sign: "", result };
    if (terms.length > MOST.summands) {
      const zeros = terms.filter((term) => term.product === 0).length;
      const text = `${terms.length} terms${zeros ? `, ${zeros} of them zero,` : ""} add up to`;
      return { parts: [...given.map((part) => ({ ...part, text: part.text + " and " })), { text, look: "", mark: "" }], sign: " ", result };
    }
    // Where there is nothing to add, the one term shows what it is made of.
    const [only, ...others] = given.length ? [] : termsOf(step);
    if (only && others.length === 0 && terms.length === 1) {
      const text = [only.upstream, ...only.cells.filter(Boolean).map((cell) => cell.value)].map(short).join(" × ");
      const shown = [only.upstream, ...only.cells.filter(Boolean).map((cell) => cell.value)].map(asRead).reduce((product, value) => product * value);
      const part = { text, look: only.product === 0 ? "zero" : "t0", mark: mark(0), isFirst: true };
      return { parts: [part], sign: short(shown) === short(result) ? " = " : " ≈ ", result };
    }
    const summands = terms.map((term, number) => {
      const isFirst = number === 0 && given.length === 0;
      return { text: signed(term.product, isFirst), look: term.product === 0 ? "zero" : "t" + (term.number % 6), mark: mark(term.number), isFirst };
    });
    const shown = terms.reduce((sum, term) => sum + asRead(term.product), step.given === undefined ? 0 : asRead(read(step.given)));
    return { parts: [...given, ...summands], sign: short(shown) === short(result) ? " = " : " ≈ ", result };
  };
  const equationText = (step, isWhole) => {
    const { parts, sign, result } = equation(step, isWhole);
    return parts.map((part) => (part.mark.startsWith("given") ? part.mark : "") + part.text).join("") + sign + short(result);
  };
  const equationElements = (step, isWhole) => {
    const { parts, sign, result } = equation(step, isWhole);
    const elements = parts.map(({ text, look, mark, isFirst }) => {
      const words = text.match(/^( [−+] )?(.*)$/);
      const number = make("span", { class: look }, mark ? make("span", mark.startsWith("given") ? {} : { "aria-hidden": "true" }, mark.startsWith("given") ? mark : mark + "\u202f") : null, words[2]);
      return [isFirst || !words[1] ? null : words[1], number];
    });
    return [elements, sign, make("data", { value: String(result), title: String(result) }, short(result))];
  };

  const head = (step) => {
    const names = ["from", "upstream", ...step.columns, "term", "so far"];
    return make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "from"), names.slice(1).map((name) => make("th", { scope: "col" }, name)), make("td")));
  };
  // Pads numbers on their right so that those below each other are aligned on the point.
  const pads = (texts) => {
    const behind = (text) => (text.includes(".") ? text.length - text.indexOf(".") : 0);
    const most = Math.max(0, ...texts.map(behind));
    return (text) => text + "\u00a0".repeat(Math.max(0, most - behind(text)));
  };
  let digits = LONG;
  const long = (value) => rounded(value, digits);
  const padsOf = (step, terms, isWhole) => ({
    upstream: pads(terms.map((term) => long(term.upstream))),
    cells: step.columns.map((_, column) => pads(terms.filter((term) => term.cells[column]).map((term) => long(term.cells[column].value)))),
    product: pads([...terms.map((term) => term.product), read(step.given ?? 0), isWhole ? read(step.gradient) : sumSoFar(step)].map(long)),
    sum: pads(terms.map((term) => long(term.sum))),
  });
  const row = (step, term, isWhole, pad) => {
    const sign = (sign) => make("span", { class: "op" }, sign + " ");
    const state = isWhole ? (term.product === 0 ? "zero" : "t" + (term.number % 6)) : look(term);
    const plain = state.startsWith("t") ? "" : state;
    const name = address(term.tensor, term.at);
    const from = stepOf(term.tensor, term.at) === undefined || isWhole ? name : make("button", { type: "button", "data-tensor": base(term.tensor), "data-at": term.at }, name);
    return make(
      "tr",
      { class: !isWhole && added === term.number + 1 ? "last" : undefined },
      make("th", { scope: "row", class: state }, make("span", { "aria-hidden": "true" }, mark(term.number) + " "), from),
      make("td", { class: plain }, pad.upstream(long(term.upstream))),
      term.cells.map((cell, column) => (cell ? make("td", { class: plain }, sign("×"), pad.cells[column](long(cell.value))) : make("td"))),
      make("td", { class: state }, sign("="), pad.product(long(term.product))),
      make("td", { class: "far" }, isWhole || isAdded(term.number) ? pad.sum(long(term.sum)) : ""),
      make("td", { class: "why" }, term.why ?? ""),
    );
  };
  const wide = (step, name, value, pad, isExact) => {
    const number = pad.product(long(value));
    return make("tr", {}, make("th", { scope: "row", colspan: String(step.columns.length + 2) }, name), make("td", {}, isExact ? make("data", { value: String(value), title: String(value) }, number) : number), make("td"));
  };
  const tableParts = (step, isWhole) => {
    const terms = termsOf(step);
    const last = added === null || isWhole ? 0 : added;
    const first = Math.max(0, Math.min(last - MOST.rows / 2, terms.length - MOST.rows));
    const shown = terms.slice(first, first + MOST.rows);
    const pad = padsOf(step, shown, isWhole);
    const rows = shown.map((term) => row(step, term, isWhole, pad));
    if (step.given !== undefined) rows.unshift(wide(step, "given upstream", read(step.given), pad));
    if (shown.length < terms.length) {
      const rest = terms.filter((term) => !shown.includes(term)).reduce((sum, term) => sum + term.product, 0);
      rows.push(wide(step, `${terms.length - shown.length} more, together`, rest, pad));
    }
    const isBuilding = !isWhole && added !== null;
    const name = isBuilding ? `so far, ${added} of ${terms.length} terms` : `gradient of ${address(step.tensor, step.at)}`;
    const foot = wide(step, name, isBuilding ? sumSoFar(step) : read(step.gradient), pad, true);
    return [terms.length ? head(step) : null, make("tbody", {}, rows), make("tfoot", {}, foot)];
  };

  const wordsOf = (step) => {
    const terms = termsOf(step);
    const piece = (piece) => {
      if (typeof piece === "string") return piece;
      const [tensor, at, number] = piece;
      const name = address(tensor, at);
      if (!number) return make("b", {}, name);
      const state = terms[number - 1]?.product === 0 ? "zero" : "t" + ((number - 1) % 6);
      return make("span", { class: state }, make("span", { "aria-hidden": "true" }, mark(number - 1) + "\u202f"), name);
    };
    return step.words.map((sentence) => [sentence.map(piece), " "]);
  };
  const noteOf = (step) => step.note ?? run.tensors[step.tensor].note ?? "";

  const showMistakes = (step) => {
    const items = step.mistakes.map(([number, says, isConvention]) =>
      make("li", {}, make("span", isConvention ? {} : { class: "wrong" }, isConvention ? "~ " : "✗ "), make("b", {}, short(read(number))), " " + says),
    );
    const right = make("li", {}, "✓ ", make("b", {}, short(read(step.gradient))), " is right.");
    const quiet = step.invisible.length ? [make("p", { class: "soft" }, "Invisible here, because these slips give the right number too:"), make("ul", { class: "soft" }, step.invisible.map((did) => make("li", {}, did)))] : [];
    const none = items.length + step.invisible.length ? [] : [make("p", {}, "No slip that is known can be made here: nothing is multiplied and nothing is added up.")];
    fill($("mistakes").querySelector("div"), [make("ul", {}, right, items), none, quiet]);
  };

  // ---- The timeline and the buttons ----

  const timeline = run.order.map(([tensor, first]) => {
    const { name, shape } = run.tensors[tensor];
    const n = shape.reduce((product, size) => product * size, 1);
    const bar = make("i");
    const says = n === 1 ? `${name}, step ${first}` : `${name}, steps ${first} to ${first + n - 1}`;
    const button = make("button", { type: "button", "aria-label": says, title: says }, name, bar);
    button.style.flexGrow = String(Math.sqrt(n));
    button.addEventListener("click", (event) => {
      const box = button.getBoundingClientRect();
      const part = event.detail === 0 ? 0 : Math.min(Math.max((event.clientX - box.left) / box.width, 0), 0.999);
      const isHere = run.steps[here]?.tensor === tensor;
      goToStep(first + (isHere ? Math.floor(part * n) : 0));
    });
    return { tensor, first, n, bar, button };
  });

  fill($("timeline"), timeline.map(({ button }) => button));

  const setDisabled = (id, isDisabled) => $(id).setAttribute("aria-disabled", String(isDisabled));

  const show = (say) => {
    const step = run.steps[here];
    showMap(step);
    for (const { tensor, first, n, bar, button } of timeline) {
      const done = step ? Math.min(Math.max(step.step - first + 1, 0), n) : 0;
      bar.style.width = `${(100 * done) / n}%`;
      if (tensor === step?.tensor) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    document.querySelector(".step").hidden = !step;
    if (!step) {
      $("place").textContent = "no steps";
      return;
    }
    const name = address(step.tensor, step.at);
    fill($("neuron"), [make("b", {}, name), make("span", {}, ` has value ${rounded(run.tensors[step.tensor].values[step.at], LONG)}. Its gradient:`)]);
    fill($("sum"), equationElements(step, false));
    // Where the table is too wide, its numbers get shorter.
    for (digits of [LONG, SHORT]) {
      fill($("terms"), tableParts(step, false));
      if ($("terms").scrollWidth <= $("terms").parentElement.clientWidth) break;
    }
    $("terms").setAttribute("aria-label", `terms of the gradient of ${name}`);
    $("note").textContent = noteOf(step);
    $("note").hidden = noteOf(step) === "";
    fill($("words"), wordsOf(step));
    showMistakes(step);
    fill($("place"), [make("span", {}, `step ${step.step} of ${run.n_steps}`)]);
    const atStart = here === 0;
    const atEnd = here + 1 >= run.steps.length;
    [["back", atStart], ["tensor-back", atStart], ["next", atEnd], ["tensor", atEnd]].forEach(([id, isDisabled]) => setDisabled(id, isDisabled));
    [["term", step.terms.length === 0], ["term-back", step.terms.length === 0 || added === 0]].forEach(([id, isDisabled]) => setDisabled(id, isDisabled));
    if (say) $("said").textContent = say(step);
  };

  const sayStep = (step) => `step ${step.step} of ${run.n_steps}, ${address(step.tensor, step.at)}: ${equationText(step, true)}`;
  const sayTerm = (step) => {
    if (added === null) return sayStep(step);
    if (added === 0) return `no term of ${step.terms.length} added`;
    const term = termsOf(step)[added - 1];
    const factors = term.cells.filter(Boolean).map((cell) => ` × ${short(cell.value)}`).join("");
    return `term ${added} of ${step.terms.length} from ${address(term.tensor, term.at)}: ${short(term.upstream)}${factors} = ${short(term.product)}, so far ${short(term.sum)}`;
  };

  const goTo = (place) => {
    const next = Math.max(0, Math.min(place, run.steps.length - 1));
    if (run.steps.length === 0 || (next === here && added === null)) return;
    here = next;
    added = null;
    history.replaceState(null, "", "#step=" + run.steps[here].step);
    show(sayStep);
  };
  // Goes to the step of that number, or to the next one that is in the page.
  const goToStep = (number) => {
    const next = run.steps.findIndex((step) => step.step >= number);
    goTo(next === -1 ? run.steps.length - 1 : next);
  };
  const goToTensor = (by) => {
    const step = run.steps[here];
    if (!step) return;
    const starts = run.steps.map((step, place) => (place === 0 || run.steps[place - 1].tensor !== step.tensor ? place : null)).filter((place) => place !== null);
    const own = starts.findLastIndex((place) => place <= here);
    if (by < 0 && (here > starts[own] || own === 0)) return goTo(starts[own]);
    goTo(starts[own + by] ?? run.steps.length - 1);
  };
  // Adds a term or takes one away. From the whole sum it goes on with the first term.
  const goToTerm = (by) => {
    const n = run.steps[here]?.terms.length ?? 0;
    if (n === 0) return;
    const next = Math.max(0, added === null ? (by > 0 ? 1 : n - 1) : added + by);
    added = next >= n ? null : next;
    show(sayTerm);
  };
  const goToNeuron = (tensor, at) => {
    const place = placeOf.get(stepOf(tensor, at));
    if (place === undefined) {
      const why = stepOf(tensor, at) === undefined ? "its gradient is given" : "its step is not in this page";
      $("said").textContent = `${address(tensor, at)} has no step here: ${why}`;
    } else goTo(place);
  };

  // ---- What the reader does ----

  const actions = { back: () => goTo(here - 1), next: () => goTo(here + 1), term: () => goToTerm(1), "term-back": () => goToTerm(-1), tensor: () => goToTensor(1), "tensor-back": () => goToTensor(-1) };
  const keys = {
    ArrowRight: actions.next, ArrowLeft: actions.back, ArrowDown: actions.term, ArrowUp: actions["term-back"],
    "]": actions.tensor, PageDown: actions.tensor, "[": actions["tensor-back"], PageUp: actions["tensor-back"],
    Home: () => goTo(0), End: () => goTo(run.steps.length - 1),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const action = keys[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
  for (const id of ["map", "terms"]) {
    $(id).addEventListener("click", (event) => {
      const button = event.target.closest("button[data-at]");
      if (button) goToNeuron(Number(button.dataset.tensor), Number(button.dataset.at));
    });
  }

  const asked = () => Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? NaN);
  window.addEventListener("hashchange", () => { if (asked()) goToStep(asked()); });
  window.addEventListener("resize", () => show(null));

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { $("theme").textContent = isDark() ? "Light" : "Dark"; };
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  dark.addEventListener("change", nameTheme);

  // On paper stand the steps that are asked for, one below the other.
  window.addEventListener("beforeprint", () => {
    digits = LONG;
    const steps = run.steps.filter((step) => run.asked.includes(step.tensor));
    const all = steps.length ? steps : run.steps;
    const articles = all.slice(0, MOST.printed).map((step) => {
      const value = rounded(run.tensors[step.tensor].values[step.at], LONG);
      const note = step.note ? make("blockquote", {}, step.note) : null;
      const heading = make("h2", {}, `${address(step.tensor, step.at)} = ${value}, step ${step.step} of ${run.n_steps}`);
      return make("article", {}, heading, make("p", {}, equationElements(step, true)), make("table", {}, tableParts(step, true)), note, make("p", {}, wordsOf(step)));
    });
    const rest = all.length - articles.length;
    fill($("print"), [articles, rest > 0 ? make("p", {}, `${rest} more steps are on the screen.`) : null]);
  });
  window.addEventListener("afterprint", () => $("print").replaceChildren());

  nameTheme();
  if (asked()) here = Math.max(0, run.steps.findIndex((step) => step.step >= asked()));
  show(null);
})();
