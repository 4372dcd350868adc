// The map: every tensor as a grid, in the order in which data flows.

const group = (map, name, value) => map.set(name, [...(map.get(name) ?? []), value]);
const sceneOf = (step) => {
  const scene = { step, senders: new Map(), sources: new Map(), field: new Map(), interest: new Map() };
  if (!step) return scene;
  const terms = termsOf(step);
  const places = { senders: new Map(), sources: new Map(), field: new Map() };
  for (const term of terms) {
    group(scene.senders, key(term.tensor, term.at), term);
    group(places.senders, base(term.tensor), term.at);
    for (const {
      source: [tensor, at],
    } of term.cells.filter((cell) => cell?.source)) {
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
    if (tensor.users === undefined) return;
    const place = (user) => 2 * run.tensors[user].depth;
    const inStep = tensor.users.find((user) => scene.sent?.has(user)) ?? tensor.users[0];
    if (scene.step?.tensor === number) group(columns, place(tensor.users[0]) - 1, number);
    else if (scene.used?.has(number)) group(columns, place(inStep), number);
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
  const block = make(
    "div",
    { class: "tensor", "data-tensor": tensor },
    make("div", { class: "caption" }, make("b", {}, name), " " + sizes, make("small", {}, made)),
  );
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
  const ofAll = nShown < grid.pages ? ` of ${grid.pages}` : "";
  const which = leading.length ? `[${leading.join(",")}]${ofAll}` : null;
  const part = isCut ? `rows ${top}–${bottom - 1}, columns ${left}–${right - 1}` : null;
  const parts = [which, part].filter(Boolean);
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
  const numbers = terms
    .map((term) => term.number + 1)
    .slice(0, 3)
    .join(", ");
  const says = [
    `${address(tensor, at)}, value ${value.replace("*", "")}`,
    wins ? "winner of its window" : null,
    gradient === null ? "gradient not yet computed" : `gradient ${short(gradient)}`,
    isCurrent ? "the current neuron" : null,
    sends.length ? `sends term ${numbers}` : used.length ? `factor of term ${numbers}` : null,
  ];
  const button = make(
    "button",
    {
      type: "button",
      tabindex: isCurrent ? "0" : "-1",
      "data-tensor": tensor,
      "data-at": at,
      "aria-label": says.filter(Boolean).join(", "),
    },
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
    if (!whole.has(tensor))
      whole.set(
        tensor,
        run.tensors[tensor].values.every((_, at) => scene.senders.has(key(tensor, at))),
      );
    return whole.get(tensor);
  };
  const columns = columnsOf(scene);
  const isCurrent = (column) => step && column.includes(step.tensor);
  const flow = make("div", { class: "flow" });
  const hasFocus = $("map").contains(document.activeElement);
  columns.forEach((column, number) => {
    const hasSenders = (later) => later.some((tensor) => scene.sent.has(tensor));
    const isWired =
      columns.slice(0, number + 1).some(isCurrent) && (isCurrent(column) || columns.slice(number + 1).some(hasSenders));
    const view = run.links.some(
      ([read, output, view]) => view !== null && column.includes(read) && columns[number + 1]?.includes(output),
    );
    flow.append(
      make(
        "div",
        { class: "column" + (isWired || view ? " wired" : "") },
        column.map((tensor) => tensorBlock(scene, tensor)),
      ),
    );
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
  fill(
    $("legend"),
    signs.filter(Boolean).map(([sign, means]) => make("span", {}, make("b", {}, sign), " " + means)),
  );
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
