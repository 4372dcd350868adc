// The timeline, the buttons, the keys, and paper.

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

fill(
  $("timeline"),
  timeline.map(({ button }) => button),
);

// A button that does nothing here keeps the focus.
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
  const value = rounded(run.tensors[step.tensor].values[step.at], LONG);
  const says = step.result === undefined ? ` has value ${value}. Its gradient:` : ` is made of ${value}, the old value:`;
  fill($("neuron"), [make("b", {}, name), make("span", {}, says)]);
  fill($("sum"), equationElements(step, false));
  // Where the table is too wide, its numbers get shorter, then the sums on the way are left out, and then the reasons of zeros, which
  // the words give too.
  for (const [n, looks] of TABLES) {
    digits = n;
    fill($("terms"), tableParts(step, false));
    $("terms").className = looks;
    if ($("terms").scrollWidth <= $("terms").parentElement.clientWidth) break;
  }
  $("terms").setAttribute("aria-label", `terms of the gradient of ${name}`);
  $("note").textContent = noteOf(step);
  $("note").hidden = noteOf(step) === "";
  fill($("words"), wordsOf(step));
  showMistakes(step);
  $("place").textContent = `step ${step.step} of ${run.n_steps}`;
  const atStart = here === 0;
  const atEnd = here + 1 >= run.steps.length;
  const hasTerms = step.terms.length > 0;
  setDisabled("back", atStart);
  setDisabled("tensor-back", atStart);
  setDisabled("next", atEnd);
  setDisabled("tensor", atEnd);
  setDisabled("term", !hasTerms);
  setDisabled("term-back", !hasTerms || added === 0);
  if (say) $("said").textContent = say(step);
};

const sayStep = (step) => `step ${step.step} of ${run.n_steps}, ${address(step.tensor, step.at)}: ${equationText(step, true)}`;
const sayTerm = (step) => {
  if (added === null) return sayStep(step);
  if (added === 0) return `no term of ${step.terms.length} added`;
  const term = termsOf(step)[added - 1];
  const factors = term.cells
    .filter(Boolean)
    .map((cell) => ` × ${short(cell.value)}`)
    .join("");
  return `term ${added} of ${step.terms.length} from ${address(term.tensor, term.at)}: ${short(term.upstream)}${factors} = ${short(term.product)}, so far ${short(term.sum)}`;
};

// The address of the page at this step. A frame whose page is written into it has none that can change.
const nameStep = () => {
  const place = "#step=" + run.steps[here].step + (training?.address() ?? "");
  if ($("link")) $("link").href = place;
  return place;
};
const remember = () => {
  const place = nameStep();
  if (location.protocol !== "about:") history.replaceState(null, "", place);
};
const goTo = (place) => {
  const next = Math.max(0, Math.min(place, run.steps.length - 1));
  if (run.steps.length === 0 || (next === here && added === null)) return;
  here = next;
  added = null;
  remember();
  show(sayStep);
};
// The place of the step of that number, or of the next one that is in the page.
const placeOfStep = (number) => {
  const next = run.steps.findIndex((step) => step.step >= number);
  return next === -1 ? run.steps.length - 1 : next;
};
const goToStep = (number) => goTo(placeOfStep(number));
const goToTensor = (by) => {
  const step = run.steps[here];
  if (!step) return;
  const starts = run.steps
    .map((step, place) => (place === 0 || run.steps[place - 1].tensor !== step.tensor ? place : null))
    .filter((place) => place !== null);
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

const actions = {
  back: () => goTo(here - 1),
  next: () => goTo(here + 1),
  term: () => goToTerm(1),
  "term-back": () => goToTerm(-1),
  tensor: () => goToTensor(1),
  "tensor-back": () => goToTensor(-1),
};
// The keys of a slider, which stay its own.
const OF_SLIDERS = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"];
const keys = {
  ArrowRight: actions.next,
  ArrowLeft: actions.back,
  ArrowDown: actions.term,
  ArrowUp: actions["term-back"],
  "]": actions.tensor,
  PageDown: actions.tensor,
  "[": actions["tensor-back"],
  PageUp: actions["tensor-back"],
  Home: () => goTo(0),
  End: () => goTo(run.steps.length - 1),
  ".": () => training?.goBy(1),
  ",": () => training?.goBy(-1),
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.tagName === "INPUT" && OF_SLIDERS.includes(event.key)) return;
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

// What the address asks for: a step by its number or its neuron, as in `#step=3` and `#step=pool[1,0]`, and an update.
const asked = () => {
  const parts = location.hash.slice(1).split("&");
  const value = (name) => parts.find((part) => part.startsWith(name + "="))?.slice(name.length + 1);
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  };
  return { step: decoded(value("step") ?? ""), update: Number(value("update") ?? NaN) };
};
// The place of what the address asks for, or null where that has no step in the page.
const placeAsked = ({ step }) => {
  if (/^\d+$/.test(step)) return run.steps.length ? placeOfStep(Number(step)) : null;
  const element = elementOf(step);
  return element && (placeOf.get(stepOf(...element)) ?? null);
};
window.addEventListener("hashchange", () => {
  const wanted = asked();
  training?.goTo(wanted.update);
  goTo(placeAsked(wanted) ?? here);
});
window.addEventListener("resize", () => show(null));

// On paper stand the steps that are asked for, one below the other.
window.addEventListener("beforeprint", () => {
  digits = LONG;
  const steps = run.steps.filter((step) => run.asked.includes(step.tensor));
  const all = steps.length ? steps : run.steps;
  const articles = all.slice(0, MOST.printed).map((step) => {
    const value = rounded(run.tensors[step.tensor].values[step.at], LONG);
    const note = step.note ? make("blockquote", {}, step.note) : null;
    const heading = make("h2", {}, `${address(step.tensor, step.at)} = ${value}, step ${step.step} of ${run.n_steps}`);
    return make(
      "article",
      {},
      heading,
      make("p", {}, equationElements(step, true)),
      make("table", {}, tableParts(step, true)),
      note,
      make("p", {}, wordsOf(step)),
    );
  });
  const rest = all.length - articles.length;
  const says = training ? make("p", {}, training.says()) : null;
  fill($("print"), [says, articles, rest > 0 ? make("p", {}, `${rest} more steps are on the screen.`) : null]);
});
window.addEventListener("afterprint", () => $("print").replaceChildren());

const wanted = asked();
training?.begin(wanted.update);
here = placeAsked(wanted) ?? 0;
if (run.steps.length) nameStep();
show(null);
