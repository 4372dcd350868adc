// The lines of the map: from each tensor to those that read it, and from each sender to the current neuron.

const drawLines = (flow, columns, scene) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const origin = flow.getBoundingClientRect();
  const boxOf = (element) => {
    const box = element.getBoundingClientRect();
    return {
      left: box.left - origin.left,
      right: box.right - origin.left,
      top: box.top - origin.top,
      bottom: box.bottom - origin.top,
      y: (box.top + box.bottom) / 2 - origin.top,
    };
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
    if (view !== null && end - start > 50)
      draw(svg, "text", { class: "view", x: (start + turn) / 2, y: from.y }, run.tensors[view].name);
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
  const columnBoxes = [...flow.querySelectorAll(".column")].map((column) => ({
    ...boxOf(column),
    bottom: boxOf(column.lastElementChild).bottom,
  }));
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
