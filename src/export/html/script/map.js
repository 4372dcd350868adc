// The map: every tensor as a grid, in the order in which data flows.

const group = (map, name, value) => map.set(name, [...(map.get(name) ?? []), value]);
const placesOf = (runs) => runs.flatMap(([start, length]) => Array.from({ length }, (_, next) => start + next));
// A pooling window in which the current neuron stands, and by how much that loses there if the largest takes all.
const windowAt = (step, term, places) => {
  const { values, winners } = run.tensors[step.tensor];
  const lostBy = winners.size && term.product === 0 ? Math.max(...places.map((at) => values[at])) - values[step.at] : 0;
  return { term, members: new Set(places), lostBy };
};
const sceneOf = (step) => {
  const scene = { step, senders: new Map(), sources: new Map(), field: new Map(), interest: new Map(), windows: [] };
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
    scene.field.set(tensor, new Set(placesOf(runs)));
    places.field.set(tensor, placesOf(runs));
  }
  scene.windows = (step.windows ?? []).map(([number, runs]) => windowAt(step, terms[number], placesOf(runs)));
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

// How the map gets narrower where it is too wide, one step after the other: weights go below the rest, or what the step is not
// about does, or both; cells get smaller, what wires pass goes below too, all senders stand in one column, numbers get fewer digits,
// and grids become pictures.
const LAYOUTS = [
  {},
  { weightsBelow: true },
  { isSplit: true },
  { isSplit: true, weightsBelow: true },
  { isSplit: true, weightsBelow: true, isTight: true },
  { isSplit: true, weightsBelow: true, isTight: true, sendersAlone: true },
  { isSplit: true, weightsBelow: true, isTight: true, sendersAlone: true, isStacked: true },
  { isSplit: true, weightsBelow: true, isTight: true, sendersAlone: true, isStacked: true, isRounded: true },
  { isSplit: true, weightsBelow: true, isTight: true, sendersAlone: true, isStacked: true, isRounded: true, inShades: true },
];
// The columns from the current neuron to those that send to it, and all other tensors in their order.
const splitOf = (scene, columns, { isSplit, weightsBelow, sendersAlone, isStacked }) => {
  if (!scene.step) return [columns, []];
  const isHere = (tensor) => tensor === scene.step.tensor || scene.sent.has(tensor);
  const first = columns.findIndex((column) => column.includes(scene.step.tensor));
  const last = columns.findLastIndex((column) => column.some(isHere));
  const isBelow = (tensor) => weightsBelow && run.tensors[tensor].users !== undefined && !isHere(tensor);
  const near = isSplit ? columns.slice(first, last + 1) : columns;
  const isKept = (tensor) => (sendersAlone ? isHere(tensor) : !isBelow(tensor));
  const kept = near.map((column) => column.filter(isKept)).filter((column) => column.length);
  const stacked = isStacked && kept.length > 2 ? [kept[0], kept.slice(1).flat()] : kept;
  const shown = new Set(kept.flat());
  return [stacked, columns.flat().filter((tensor) => !shown.has(tensor))];
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
const windowOf = (size, place, most) => {
  const start = Math.max(0, Math.min(place - Math.floor(most / 2), size - most));
  return [start, Math.min(size, start + most)];
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
  const shortest = Math.min(grid.rows, grid.columns);
  const longest = shortest > 1 ? Math.max(grid.rows, grid.columns) : 0;
  const isRead = [scene.sent, scene.used, scene.field].some((tensors) => tensors?.has(tensor));
  const isPicture = shortest >= MOST.read && !isRead;
  const inShades = isPicture || longest > (scene.inShades ? 3 : MOST.side);
  for (const page of pages) block.append(...planesOf(scene, tensor, grid, page, pages.length, interest, inShades));
  return block;
};

// A page as numbers, or as two pictures side by side: of the values, and of the gradients.
const planesOf = (scene, tensor, grid, page, nShown, interest, inShades) => {
  if (!inShades) return [planeOf(scene, tensor, grid, page, nShown, interest, null)];
  const { values } = run.tensors[tensor];
  const gradient = (at) => known(scene.step, tensor, at);
  const kinds = [
    ["values", (at) => values[at]],
    ["gradients", gradient],
  ];
  const pictures = kinds.map(([name, number]) => planeOf(scene, tensor, grid, page, nShown, interest, { name, number }));
  // Whoever listens hears both numbers at each neuron of the first.
  pictures[1].setAttribute("aria-hidden", "true");
  return [make("div", { class: "pictures" }, pictures)];
};

const planeOf = (scene, tensor, grid, page, nShown, interest, picture) => {
  const { name, shape } = run.tensors[tensor];
  const size = grid.rows * grid.columns;
  const middle = interest.find((at) => Math.floor(at / size) === page) ?? page * size;
  const most = picture ? MOST.shades : MOST.side;
  const [top, bottom] = windowOf(grid.rows, Math.floor((middle % size) / grid.columns), most);
  const [left, right] = windowOf(grid.columns, middle % grid.columns, most);
  const isCut = bottom - top < grid.rows || right - left < grid.columns;
  const leading = index(shape.slice(0, -2), page);
  const ofAll = nShown < grid.pages ? ` of ${grid.pages}` : "";
  const which = leading.length ? `[${leading.join(",")}]${ofAll}` : null;
  const part = isCut ? `rows ${top}–${bottom - 1}, columns ${left}–${right - 1}` : null;
  const parts = (picture ? [which, part, picture.name] : [which, part]).filter(Boolean);
  const kind = picture ? (Math.max(bottom - top, right - left) > MOST.large ? " picture" : " picture large") : "";
  const table = make("table", { class: "plane" + kind, "aria-label": [name, ...parts].join(" ") });
  if (parts.length) table.append(make("caption", {}, parts.join(" ")));
  const count = (from, to) => Array.from({ length: to - from }, (_, next) => from + next);
  const at = (row, column) => (page * grid.rows + row) * grid.columns + column;
  if (picture) {
    const all = count(top, bottom).flatMap((row) => count(left, right).map((column) => picture.number(at(row, column))));
    picture.largest = Math.max(...all.map(Math.abs).filter(Number.isFinite), 0);
  } else if (grid.columns > 1) {
    const head = count(left, right).map((column) => make("th", { scope: "col" }, String(column)));
    table.append(make("thead", {}, make("tr", {}, shape.length > 1 ? make("td") : null, head)));
  }
  const rows = count(top, bottom).map((row) => {
    const cells = count(left, right).map((column) => cellOf(scene, tensor, grid, page, row, column, picture));
    return make("tr", {}, shape.length && !picture ? make("th", { scope: "row" }, String(row)) : null, cells);
  });
  table.append(make("tbody", {}, rows));
  return table;
};

// The shade of a number beside the largest in view: p for a positive one, n for a negative one, and 1 to 5.
const shadeOf = (number, largest) => {
  if (number === null) return "unknown";
  if (!(Math.abs(number) > 0 && largest > 0)) return "p0";
  return (number < 0 ? "n" : "p") + Math.min(5, Math.ceil((5 * Math.abs(number)) / largest));
};

const cellOf = (scene, tensor, grid, page, row, column, picture) => {
  const place = (row, column) => (page * grid.rows + row) * grid.columns + column;
  const at = place(row, column);
  const step = scene.step;
  const isCurrent = step?.tensor === tensor && step.at === at;
  const sends = scene.senders.get(key(tensor, at)) ?? [];
  const used = scene.sources.get(key(tensor, at)) ?? [];
  const terms = sends.length ? sends : used;
  const wins = run.tensors[tensor].winners.has(at);
  const inWindow = tensor === step?.tensor && scene.windows.some(({ members }) => members.has(at));
  const loses = !wins && run.tensors[tensor].winners.size > 0 && (inWindow || scene.field.get(tensor)?.has(at));
  const brief = (number) => rounded(number, scene.digits);
  const value = brief(run.tensors[tensor].values[at]);
  const gradient = known(step, tensor, at);
  const shown = isCurrent && added !== null ? brief(sumSoFar(step)) + "…" : gradient === null ? "·" : brief(gradient);
  const classes = ["cell"];
  if (isCurrent) classes.push("current");
  if (loses) classes.push("loses");
  if (picture) classes.push(shadeOf(picture.number(at), picture.largest));
  if (terms.length) classes.push(sends.length ? "sends" : "used", look(terms[0]));
  // The outline round what the neuron is computed from.
  const field = scene.field.get(tensor);
  if (field?.has(at)) {
    classes.push("in");
    if (row === 0 || !field.has(place(row - 1, column))) classes.push("edge-top");
    if (row + 1 === grid.rows || !field.has(place(row + 1, column))) classes.push("edge-bottom");
    if (column === 0 || !field.has(place(row, column - 1))) classes.push("edge-left");
    if (column + 1 === grid.columns || !field.has(place(row, column + 1))) classes.push("edge-right");
  }
  const numbers = terms
    .map((term) => term.number + 1)
    .slice(0, 3)
    .join(", ");
  const says = [
    `${address(tensor, at)}, value ${value}`,
    wins ? "winner of its window" : loses ? "loses its window" : null,
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
      title: picture ? says.filter(Boolean).join(", ") : undefined,
    },
    terms.length === 0 ? null : make("span", { class: "mark" }, terms.length === 1 ? mark(terms[0].number) : "•"),
    picture ? null : make("span", { class: "value" }, wins ? make("b", {}, "★") : null, make("span", {}, value)),
    picture ? null : make("span", { class: "gradient" }, shown),
  );
  return make("td", { class: classes.join(" ") }, button);
};

const showMap = (step) => {
  const scene = sceneOf(step);
  const hasFocus = $("map").contains(document.activeElement);
  for (const layout of LAYOUTS) {
    layOut(scene, layout);
    if ($("map").scrollWidth <= $("map").clientWidth) break;
  }
  const current = $("map").querySelector(".current button");
  if (hasFocus) current?.focus({ preventScroll: true });
  bringIntoView(scene);
  const signs = [
    current ? ["frame", "the current neuron"] : null,
    scene.field.size ? ["shade", "what it is computed from"] : null,
    run.tensors.some((tensor) => tensor.winners.size) ? ["★", "wins its window"] : null,
    $("map").querySelector(".loses") ? ["struck", "loses it"] : null,
    $("map").querySelector(".picture") ? ["picture", "yellow above 0, blue and hatched below"] : null,
    [...$("map").querySelectorAll(".gradient")].some((cell) => cell.textContent === "·") ? ["·", "not yet computed"] : null,
  ];
  fill(
    $("legend"),
    signs.filter(Boolean).map(([sign, means]) => make("span", {}, make("b", {}, sign), " " + means)),
  );
};

// Builds the map in a layout.
const layOut = (scene, layout) => {
  const step = scene.step;
  scene.inShades = layout.inShades;
  scene.digits = layout.isRounded ? FEW : SHORT;
  const [columns, below] = splitOf(scene, columnsOf(scene), layout);
  const isCurrent = (column) => step && column.includes(step.tensor);
  const flow = make("div", { class: ["flow", layout.isTight && "tight", layout.isRounded && "few"].filter(Boolean).join(" ") });
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
  const kind = layout.isTight ? "below tight" : "below";
  const blocks = (tensors) => make("div", { class: kind }, tensors.map((tensor) => tensorBlock(scene, tensor)));
  const isRead = (tensor) => scene.used.has(tensor) || scene.field.has(tensor);
  const [read, others] = [below.filter(isRead), below.filter((tensor) => !isRead(tensor))];
  fill($("map"), [flow, read.length ? blocks(read) : null, others.length ? othersOf(others, blocks) : null]);
  drawLines(flow, columns, scene);
};

// The tensors that the step has nothing to do with, where there is no room for them beside it. They stay open once they are.
let isOpen = false;
const othersOf = (tensors, blocks) => {
  const names = tensors.map((tensor) => run.tensors[tensor].name).join(", ");
  const others = make("details", { open: isOpen ? "" : undefined }, make("summary", {}, "The rest of the network: " + names));
  const show = () => others.childElementCount === 1 && others.append(blocks(tensors));
  if (isOpen) show();
  others.addEventListener("toggle", () => {
    isOpen = others.open;
    if (isOpen) show();
  });
  return others;
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
