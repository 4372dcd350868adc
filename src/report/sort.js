"use strict";
const table = document.getElementById("students");
const value = (row, column) => { const cell = row.cells[column]; return cell.dataset.value ?? cell.textContent; };
const compare = new Intl.Collator("en", { numeric: true }).compare;
table.querySelectorAll("th[data-sort]").forEach((head, column) => {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const falls = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const isNumber = head.classList.contains("number");
    const order = (a, b) => (isNumber ? value(a, column) - value(b, column) : compare(value(a, column), value(b, column)));
    const rows = [...table.tBodies[0].rows].sort(order);
    table.tBodies[0].append(...(falls ? rows.reverse() : rows));
  });
});
const unfold = () => { const target = document.getElementById(location.hash.slice(1)); if (target?.tagName === "DETAILS") target.open = true; };
addEventListener("hashchange", unfold);
unfold();
