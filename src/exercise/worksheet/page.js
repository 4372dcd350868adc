
"use strict";
(() => {
  const main = document.getElementById("worksheet");
  const student = document.getElementById("student");
  const status = document.getElementById("status");
  const saveBlank = document.getElementById("save-blank");
  const fields = [...document.querySelectorAll("input.gradient")];
  const key = "backstep:" + main.dataset.sha256;

  // A text in plain signs: a ½ is 1/2 that is added to what stands before it, a superscript is an
  // exponent, every dash is a minus, and thin and no-break blanks hold three digits together.
  const normalized = (text) => text
    .replace(/[¼-¾⅐-⅞]/g, " $&")
    .replace(/[²³¹⁰⁴-⁹⁺⁻]+/g, "^$&")
    .replace(/([0-9])[\u00a0\u2007\u2009\u202f](?=[0-9]{3}(?![0-9]))/g, "$1")
    .normalize("NFKC")
    .replace(/[\u2010-\u2015−]/g, "-")
    .trim();

  // Reads a number by the marker's grammar. What is none is thrown, as the words why.
  const read = (text) => {
    let rest = normalized(text);
    const take = (pattern) => {
      const found = rest.match(pattern);
      if (found) rest = rest.slice(found[0].length);
      return found;
    };
    const sign = () => (take(/^\s*([+-]?)\s*/)[1] === "-" ? -1 : 1);
    const representable = (number) => {
      if (!Number.isFinite(number)) throw "is too large for a number";
      return number;
    };
    const decimal = () => {
      const [all, whole, point, fraction = ""] = take(/^([0-9]*)(?:(\.|,(?=[0-9]))([0-9]*))?/);
      const couldBeThousands = /^[1-9][0-9]{0,2}$/.test(whole) && fraction.length === 3;
      if (point === "," && couldBeThousands) {
        throw "can be read with a decimal comma or with thousands";
      }
      const power = all === "10" && take(/^\^([+-]?[0-9]+)/);
      if (power) return representable(Number("1e" + power[1]));
      if (whole + fraction === "") throw "is neither a decimal nor a fraction";
      const factor = take(/^(?:[eE]|\s*[×·⋅∙*]\s*10\^)([+-]?[0-9]+)/);
      return representable(Number(`${whole}.${fraction}e${factor ? factor[1] : 0}`));
    };
    const quotient = () => {
      const negative = sign();
      const mixed = rest.match(/^([0-9]+)\s+([0-9]+)\s*[/⁄∕÷]\s*([0-9]+)/);
      if (mixed && Number(mixed[2]) < Number(mixed[3])) {
        rest = rest.slice(mixed[0].length);
        return negative * (Number(mixed[1]) + mixed[2] / mixed[3]);
      }
      const above = negative * decimal();
      if (!take(/^\s*[/⁄∕÷]/)) return above;
      const below = sign() * decimal();
      if (below === 0) throw "divides by 0";
      return representable(above / below);
    };
    const word = () => take(/^\s*([+-]?)\s*(?:(nan)|infinity|inf|∞)(?![\p{L}∞])/iu);
    const product = () => {
      let number = quotient();
      while (take(/^\s*[×·⋅∙*]/)) number = representable(number * quotient());
      return take(/^\s*%/) ? number / 100 : number;
    };
    take(/^[≈≅≃~]/);
    const [named, minus, isNan] = word() ?? [];
    const number = named ? Number(isNan ? NaN : minus + "Infinity") : product();
    if (/^\s*[0-9+-]/.test(rest)) throw "is more than one number";
    if (rest.trim() !== "") throw "is neither a decimal nor a fraction";
    return number;
  };

  // Why a text is no number; nothing where it is one.
  const complaint = (text) => {
    try { read(text); } catch (why) { return why; }
  };
  const isBlank = (field) => field.value.trim() === "";
  const isWrong = (field) => !isBlank(field) && complaint(field.value) !== undefined;

  const say = (text, wrong) => {
    status.textContent = text;
    status.classList.toggle("wrong", wrong);
  };

  const count = () => {
    const filled = fields.filter((field) => !isBlank(field) && !isWrong(field)).length;
    document.getElementById("bar").value = filled;
    document.getElementById("filled").textContent = `${filled} of ${fields.length} filled in`;
  };

  const mark = (field) => {
    if (isWrong(field)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  // A browser may refuse to keep anything; then the page works without drafts.
  const keep = () => {
    try {
      const draft = { student: student.value, values: fields.map((field) => field.value) };
      localStorage.setItem(key, JSON.stringify(draft));
    } catch { /* nothing is kept */ }
  };

  const recall = () => {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      if (!draft || draft.values.length !== fields.length) return;
      if (draft.student && !student.readOnly) student.value = draft.student;
      fields.forEach((field, number) => { field.value = String(draft.values[number]); mark(field); });
    } catch { /* nothing was kept */ }
  };

  const nest = (values, sizes) => {
    if (sizes.length === 0) return values[0];
    const step = values.length / sizes[0];
    return Array.from({ length: sizes[0] }, (_, row) => nest(values.slice(row * step, (row + 1) * step), sizes.slice(1)));
  };

  const answer = () => {
    const grads = {};
    for (const tensor of document.getElementById("asked").content.children) {
      const own = fields.filter((field) => field.dataset.tensor === tensor.dataset.name);
      const values = own.map((field) => (isBlank(field) ? null : field.value.trim()));
      const sizes = tensor.dataset.shape.split(" ").filter(Boolean).map(Number);
      const whole = own.length === sizes.reduce((size, axis) => size * axis, 1);
      if (whole) grads[tensor.dataset.name] = nest(values, sizes);
      else own.forEach((field, number) => { grads[field.dataset.address] = values[number]; });
    }
    const name = student.value.trim();
    const whose = { student: name === "" ? null : name, scenario_sha256: main.dataset.sha256 };
    return JSON.stringify({ format: "backstep-answer/1", ...whose, grads }, null, 1) + "\n";
  };

  const download = () => {
    // The same name as that of the student's folder.
    const name = student.value.trim().replace(/[^\p{Alphabetic}\p{N}._@+-]/gu, "_").replace(/^(?=[.-])/, "_") || "answer";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([answer()], { type: "application/json" }));
    link.download = name + ".json";
    document.body.append(link);
    link.click();
    link.remove();
    URL.revokeObjectURL(link.href);
    saveBlank.hidden = true;
    const who = student.value.trim() === "" ? " It says no student id." : "";
    say(`Saved as ${name}.json.${who}`, false);
  };

  const save = () => {
    fields.forEach(mark);
    const wrong = fields.find(isWrong);
    if (wrong) {
      const says = `“${wrong.value.trim()}” ${complaint(wrong.value)}`;
      say(`${wrong.dataset.address}: ${says}. Write it like 3.5, −2 or 7/2.`, true);
      wrong.focus();
      return;
    }
    const blank = fields.filter(isBlank);
    if (blank.length > 0) {
      saveBlank.hidden = false;
      saveBlank.textContent = `Save with ${blank.length} blank`;
      say(`${blank.length} of ${fields.length} fields are blank, the first is ${blank[0].dataset.address}. Fill them in, or save with blanks.`, true);
      saveBlank.focus();
      return;
    }
    download();
  };

  // Moves by rows and columns in the table that the field is in.
  const neighbour = (field, down, right) => {
    const row = field.closest("tr");
    const cells = (line) => (line ? [...line.querySelectorAll("input.gradient")] : []);
    const column = cells(row).indexOf(field);
    const line = down > 0 ? row.nextElementSibling : down < 0 ? row.previousElementSibling : row;
    return cells(line)[column + right];
  };

  const atEdge = (field, right) => {
    const edge = right > 0 ? field.value.length : 0;
    return field.selectionStart === field.selectionEnd && field.selectionStart === edge;
  };

  const go = (field) => { if (field) { field.focus(); field.select(); } };

  main.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!fields.includes(field) || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const all = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const moves = {
      Enter: () => fields[fields.indexOf(field) + (event.shiftKey ? -1 : 1)],
      ArrowDown: () => neighbour(field, 1, 0),
      ArrowUp: () => neighbour(field, -1, 0),
      ArrowRight: () => ((all || atEdge(field, 1)) && !event.shiftKey ? neighbour(field, 0, 1) : undefined),
      ArrowLeft: () => ((all || atEdge(field, -1)) && !event.shiftKey ? neighbour(field, 0, -1) : undefined),
    };
    const next = moves[event.key]?.();
    if (next) { event.preventDefault(); go(next); }
  });

  main.addEventListener("input", (event) => {
    saveBlank.hidden = true;
    say("", false);
    if (event.target.getAttribute("aria-invalid")) mark(event.target);
    keep();
    count();
  });
  main.addEventListener("focusout", (event) => { if (fields.includes(event.target)) mark(event.target); });
  document.getElementById("save").addEventListener("click", save);
  saveBlank.addEventListener("click", () => { if (!fields.some(isWrong)) download(); else save(); });
  document.getElementById("clear").addEventListener("click", () => {
    if (!window.confirm("Empty all fields?")) return;
    fields.forEach((field) => { field.value = ""; mark(field); });
    saveBlank.hidden = true;
    say("", false);
    keep();
    count();
  });

  recall();
  count();
})();
