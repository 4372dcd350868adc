// The training: its loss as a curve, and the update that the page shows.

training = (() => {
  const { first, last, updates, losses } = JSON.parse($("training").textContent);
  for (const point of losses) point[1] = read(point[1]);
  const lossAt = new Map(losses);
  const slider = $("update");
  // The place of the update that is shown, among those that the page has.
  let now = 0;

  const nearest = (update) =>
    updates.reduce((best, other, place) => (Math.abs(other - update) < Math.abs(updates[best] - update) ? place : best), 0);
  const says = () => `update ${updates[now]} of ${last}, loss ${rounded(lossAt.get(updates[now]), LONG)}`;

  const MARGIN = { left: 64, right: 14, top: 12, bottom: 34 };
  const HEIGHT = 130;
  // How many times as large as the least loss the largest is from which on the axis is logarithmic.
  const WIDE = 1e3;
  const scaleOf = () => {
    const finite = losses.map(([, loss]) => loss).filter(Number.isFinite);
    const [least, most] = [finite, finite.filter((loss) => loss > 0)].map((all) => all.reduce((a, b) => Math.min(a, b), Infinity));
    const largest = finite.reduce((a, b) => Math.max(a, b), -Infinity);
    const isLogarithmic = least >= 0 && Number.isFinite(most) && largest >= WIDE * most;
    const [bottom, top] = isLogarithmic ? [most, largest] : [Math.min(0, least), Math.max(0, largest)];
    const part = isLogarithmic
      ? (loss) => (loss > 0 ? Math.log(loss / bottom) / Math.log(top / bottom) : 0)
      : (loss) => (top > bottom ? (loss - bottom) / (top - bottom) : 0);
    return { isLogarithmic, bottom, top, part, isEmpty: finite.length === 0 };
  };
  const scale = scaleOf();

  // Where several losses share a column of pixels, the least and the largest of them are drawn.
  const pathOf = (x, y) => {
    let [path, column, low, high, isOpen] = ["", null, 0, 0, false];
    const end = () => {
      if (column === null) return;
      path += `${isOpen ? "L" : "M"}${column} ${low.toFixed(2)}` + (high === low ? "" : `L${column} ${high.toFixed(2)}`);
      isOpen = true;
      column = null;
    };
    for (const [update, loss] of losses) {
      if (!Number.isFinite(loss)) {
        end();
        isOpen = false;
        continue;
      }
      const [at, height] = [losses.length > 2 * HEIGHT ? Math.round(x(update)) : x(update), y(loss)];
      if (at !== column) {
        end();
        [column, low, high] = [at, height, height];
      } else [low, high] = [Math.min(low, height), Math.max(high, height)];
    }
    end();
    return path;
  };

  const drawCurve = () => {
    const svg = $("curve");
    const width = Math.max(svg.getBoundingClientRect().width, 160);
    const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, HEIGHT - MARGIN.bottom];
    const x = (update) => (last > first ? left + ((update - first) / (last - first)) * (right - left) : (left + right) / 2);
    const y = (loss) => bottom - scale.part(loss) * (bottom - top);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.replaceChildren();
    draw(svg, "path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` });
    if (!scale.isEmpty) {
      draw(svg, "text", { class: "tick end", x: left - 6, y: top + 4 }, short(scale.top));
      if (scale.top > scale.bottom) draw(svg, "text", { class: "tick end", x: left - 6, y: bottom }, short(scale.bottom));
    }
    draw(svg, "text", { class: "tick", x: left, y: HEIGHT - 16 }, String(first));
    if (last > first) draw(svg, "text", { class: "tick end", x: right, y: HEIGHT - 16 }, String(last));
    draw(svg, "text", { class: "tick middle", x: (left + right) / 2, y: HEIGHT - 16 }, "update");
    draw(svg, "path", { class: "course", d: pathOf(x, y) });
    for (const [update, loss] of losses.filter(([, loss]) => !Number.isFinite(loss)).slice(0, 200))
      draw(svg, "text", { class: "tick middle wrong", x: x(update), y: top + 4 }, Number.isNaN(loss) ? "×" : short(loss));
    const [update, loss] = [updates[now], lossAt.get(updates[now])];
    draw(svg, "path", { class: "now", d: `M${x(update)} ${top}V${bottom}` });
    if (Number.isFinite(loss)) draw(svg, "circle", { class: "now", cx: x(update), cy: y(loss), r: 5 });
    const ends = [losses[0], losses.at(-1)].map(([update, loss]) => `${short(loss)} at update ${update}`);
    svg.setAttribute("aria-label", `The loss over the updates: ${ends.join(", ")}. Here ${says()}.`);
  };

  const name = () => {
    $("training-title").querySelector("span").textContent = says() + (scale.isLogarithmic ? ", on a logarithmic axis" : "");
    slider.value = String(now);
    slider.setAttribute("aria-valuetext", says());
    setDisabled("update-back", now === 0);
    setDisabled("update-next", now + 1 === updates.length);
    drawCurve();
  };
  const take = (place) => {
    now = place;
    Object.assign(run, runIn(now === 0 ? "run" : "run-" + updates[now]));
    added = null;
  };
  const goToPlace = (place) => {
    const next = Math.max(0, Math.min(place, updates.length - 1));
    if (next === now) return;
    take(next);
    name();
    if (run.steps.length) remember();
    show((step) => says() + ", " + sayStep(step));
  };

  slider.addEventListener("input", () => goToPlace(Number(slider.value)));
  $("update-back").addEventListener("click", () => goToPlace(now - 1));
  $("update-next").addEventListener("click", () => goToPlace(now + 1));
  $("curve").addEventListener("click", (event) => {
    const { left, width } = $("curve").getBoundingClientRect();
    const part = (event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
    goToPlace(nearest(first + part * (last - first)));
  });
  window.addEventListener("resize", drawCurve);

  return {
    says,
    address: () => "&update=" + updates[now],
    goBy: (by) => goToPlace(now + by),
    goTo: (update) => {
      if (!Number.isNaN(update)) goToPlace(nearest(update));
    },
    // Takes the update that the address asks for, before anything is shown.
    begin: (update) => {
      if (!Number.isNaN(update) && nearest(update) !== 0) take(nearest(update));
      name();
    },
  };
})();
