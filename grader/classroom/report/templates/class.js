// Sorts and filters the tables of the class. Without it the page is the same, only static.
const order = {f: 0, u: 1, n: 2, p: 3};  // a check's column: what failed comes first

function key(cell) {
  if (cell.dataset.s !== undefined) return cell.dataset.s === "" ? Infinity : Number(cell.dataset.s);
  return order[cell.className] ?? cell.textContent.trim().toLowerCase();
}

function compare(left, right) {
  return typeof left === "number" ? left - right : left.localeCompare(right, "en", {numeric: true});
}

function sort(table, head, tell) {
  const descending = head.getAttribute("aria-sort") === "ascending";
  const keyed = [...table.tBodies[0].rows].map(row => [key(row.cells[head.cellIndex]), row]);
  keyed.sort((left, right) => (descending ? -1 : 1) * compare(left[0], right[0]));
  table.tBodies[0].append(...keyed.map(pair => pair[1]));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  tell(`sorted by ${head.textContent.trim()}, ${head.getAttribute("aria-sort")}`);
}

function filter(table, form, tell) {
  const name = form.student.value.trim().toLowerCase(), verdict = form.verdict.value;
  const column = form.check && form.check.value ? Number(form.check.value) : 0;
  const rows = [...table.tBodies[0].rows];
  for (const row of rows)
    row.hidden = !(row.cells[0].textContent.toLowerCase().includes(name) &&
                   (!verdict || row.dataset.v.split(" ").includes(verdict)) &&
                   (!column || row.cells[column].className !== "p"));
  tell();
}

for (const section of document.querySelectorAll(".sortable")) {
  const table = section.querySelector(".matrix table"), form = section.querySelector("form");
  const output = form.querySelector("output");
  let sorted = "";
  const tell = what => {
    sorted = what ?? sorted;
    const rows = [...table.tBodies[0].rows], shown = rows.filter(row => !row.hidden).length;
    output.textContent = `${shown} of ${rows.length} students${sorted ? "; " + sorted : ""}`;
  };
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head, tell));
    head.append(button);
  }
  form.hidden = false;
  form.addEventListener("input", () => filter(table, form, tell));
  form.querySelector("button").addEventListener("click", () => {
    form.reset();
    filter(table, form, tell);
  });
  form.addEventListener("submit", event => event.preventDefault());
  tell();
}
