// The lines of the map: from each tensor to those that read it, from each sender to the current neuron, and round each window.

const boxesOf = (flow) => {
  const origin = flow.getBoundingClientRect();
  return (element) => {
    const box = element.getBoundingClientRect();
    const [left, top] = [box.left - origin.left, box.top - origin.top];
    return { left, top, right: left + box.width, bottom: top + box.height, y: top + box.height / 2 };
  };
};

const drawLines = (flow, columns, scene) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  flow.append(svg);
  const boxOf = boxesOf(flow);
  drawLinks(svg, flow, columns, boxOf);
  drawWindows(svg, flow, scene, boxOf);
  const cell = flow.querySelector(".cell.current");
  if (cell && scene.step.terms.length) drawWires(svg, flow, columns, scene, boxOf, boxOf(cell));
};

const drawLinks = (svg, flow, columns, boxOf) => {
  const columnOf = (tensor) => columns.findIndex((column) => column.includes(tensor));
  for (const [read, output, view] of run.links) {
    if (columnOf(read) < 0 || columnOf(output) !== columnOf(read) + 1) continue;
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
    if (view !== null && end - start > 50)
      draw(svg, "text", { class: "view", x: (start + turn) / 2, y: from.y }, run.tensors[view].name);
  }
};

// The pooling windows in which the current neuron stands. Where they overlap they lie inside each other.
const drawWindows = (svg, flow, scene, boxOf) => {
  for (const { term, members } of scene.windows) {
    const cells = flow.querySelectorAll(`.tensor[data-tensor="${scene.step.tensor}"] button`);
    const boxes = [...cells].filter((cell) => members.has(Number(cell.dataset.at))).map(boxOf);
    if (!boxes.length) continue;
    const inset = 2 + 3 * (term.number % 4);
    const [x, y] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
    const size = { width: right - x - 2 * inset, height: bottom - y - 2 * inset };
    draw(svg, "rect", { class: "window " + look(term), x: x + inset, y: y + inset, ...size, rx: 4 });
  }
};

// Where the wires to the senders in one row enter it: to the first column straight, to others along the lines above and below the
// row. Where there are more, a cable runs along the upper line past all of them.
const portsOf = (row, wires, boxOf) => {
  const { top, bottom } = boxOf(row);
  const isFirst = (wire) => wire.cell === row.querySelector(".cell");
  const lanes = [top + 1.5, bottom - 1.5];
  const far = wires.filter((wire) => !isFirst(wire));
  if (far.length > lanes.length || wires.length > 3) return [{ y: lanes[0], wires, end: boxOf(wires.at(-1).cell).left }];
  return wires.map((wire) => {
    const y = isFirst(wire) ? top + (bottom - top) * 0.3 : lanes[far.indexOf(wire)];
    return { y, wires: [wire], end: boxOf(wire.cell).left };
  });
};
// Moves the labels of wires apart where they would lie over each other.
const spread = (ports) => {
  ports.sort((one, other) => one.y - other.y);
  let last = -Infinity;
  for (const port of ports) last = port.labelled = Math.max(port.y, last + 15);
  const excess = ports.length ? (ports.at(-1).labelled - ports.at(-1).y) / 2 : 0;
  for (const port of ports) port.labelled -= excess;
};

// The wires run from the senders' cells to a node beside the current neuron, where they are added up. A wire that has to pass a
// column goes below it.
const drawWires = (svg, flow, columns, scene, boxOf, current) => {
  const terms = termsOf(scene.step);
  const own = flow.querySelector(`.tensor[data-tensor="${scene.step.tensor}"]`);
  const edge = Math.max(current.right, ...[...own.querySelectorAll(".plane")].map((plane) => boxOf(plane).right));
  // Beside a neighbour the sum comes along the line above the row.
  const isLast = edge - current.right < 4;
  const node = { x: edge + 22, y: isLast ? current.y : current.top + 1 };
  const rows = new Map();
  for (const term of terms.slice(0, MOST.wires)) {
    const cell = flow.querySelector(`button[data-tensor="${base(term.tensor)}"][data-at="${term.at}"]`)?.parentElement;
    if (cell) group(rows, cell.parentElement, { term, cell });
  }
  if (!rows.size) return;
  const ports = [...rows].flatMap(([row, wires]) => {
    wires.sort((one, other) => boxOf(one.cell).left - boxOf(other.cell).left);
    const left = boxOf(row.closest("table")).left;
    return portsOf(row, wires, boxOf).map((port) => ({ ...port, left }));
  });
  const ofGrid = new Map();
  for (const port of ports) group(ofGrid, port.left, port);
  ofGrid.forEach(spread);
  const isSum = terms.length > 1 || scene.step.given !== undefined;
  const end = { x: node.x + (isSum ? 7 : 0), y: node.y };
  const ownColumn = columns.findIndex((column) => column.includes(scene.step.tensor));
  const columnBoxes = [...flow.querySelectorAll(".column")].map((column) => ({
    ...boxOf(column),
    bottom: boxOf(column.lastElementChild).bottom,
  }));
  for (const port of ports) {
    const { y, left, labelled } = port;
    const [{ term }] = port.wires;
    const column = columns.findIndex((column) => column.includes(base(term.tensor)));
    const between = columnBoxes.slice(ownColumn + 1, column);
    let d = `M${port.end} ${y}H${left - 2}L${left - 8} ${labelled}C${left - 54} ${labelled} ${end.x + 34} ${end.y} ${end.x} ${end.y}`;
    if (between.length) {
      flow.style.paddingBottom = "2.5rem";
      const lane = Math.max(...between.map((box) => box.bottom)) + 12 + (term.number % 4) * 5;
      const [enter, leave] = [between[0].left - 10, between.at(-1).right + 14];
      d = `M${port.end} ${y}H${left - 2}L${left - 8} ${labelled}H${leave + 16}C${leave - 6} ${labelled} ${leave + 16} ${lane} ${leave - 6} ${lane}H${enter}C${enter - 24} ${lane} ${end.x + 24} ${end.y} ${end.x} ${end.y}`;
    }
    draw(svg, "path", { class: "wire " + (port.wires.length > 1 ? "cable" : look(term)), d });
  }
  draw(svg, "path", { class: "node", d: `M${node.x} ${node.y}H${current.right + 8}` });
  draw(svg, "path", { class: "arrow", d: `M${current.right + 2} ${node.y}l10 -6v12z` });
  // No wire crosses a label.
  const isLabelled = ({ wires: [{ term }] }) => terms.length <= MOST.labels || term.product !== 0;
  ports.filter(isLabelled).forEach((port) => drawLabel(svg, scene, port));
  if (isSum) {
    draw(svg, "circle", { class: "node", cx: node.x, cy: node.y, r: 7 });
    draw(svg, "path", { class: "node", d: `M${node.x - 4} ${node.y}h8M${node.x} ${node.y - 4}v8` });
  }
};

// The number of a wire and what goes along it is multiplied by, or the numbers in a cable.
const drawLabel = (svg, scene, { left, labelled: y, wires }) => {
  const numbers = wires.map(({ term }) => term.number + 1).sort((one, other) => one - other);
  const [{ term }] = wires;
  const isCable = wires.length > 1;
  const lost = scene.windows.find((window) => window.term === term)?.lostBy;
  const factor = term.cells.some(Boolean) ? "×" + rounded(term.local, 3) : "";
  const text = isCable ? `${numbers[0]}–${numbers.at(-1)}` : factor + (lost ? ` lost by ${short(lost)}` : "");
  const kind = isCable ? "cable" : look(term);
  const label = draw(svg, "text", { class: "weigh " + kind, x: left - 10, y }, text);
  if (isCable) return;
  const x = left - 19 - label.getComputedTextLength();
  draw(svg, "circle", { class: "sign-of " + kind, cx: x, cy: y, r: 7 });
  draw(svg, "text", { class: "number-of " + kind, x, y }, String(numbers[0]));
};
