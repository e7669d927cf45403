(() => {
"use strict";
const read = id => JSON.parse(document.getElementById(id).textContent);
const words = read("words"), figures = read("figures"), cards = read("cards");
const language = document.documentElement.lang;
const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const dark = window.matchMedia("(prefers-color-scheme: dark)");

// --- pictures: drawn when they come into view, in the colours of the page ---------------------
const colours = printing => {
  const style = getComputedStyle(document.documentElement);
  const of = name => style.getPropertyValue(name).trim();
  return printing ? { ink: "#000", line: "#bbb" } : { ink: of("--ink"), line: of("--line") };
};
const themed = printing => {
  const { ink, line } = colours(printing), axis = { gridcolor: line, linecolor: line, zerolinecolor: line };
  return { font: { color: ink }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", axis };
};
const layoutOf = (figure, printing) => {
  const theme = themed(printing), layout = structuredClone(figure.layout);
  Object.assign(layout, { paper_bgcolor: theme.paper_bgcolor, plot_bgcolor: theme.plot_bgcolor, separators: words.separators });
  layout.font = Object.assign({}, layout.font, theme.font);
  for (const key of Object.keys(layout)) if (/^[xy]axis/.test(key)) layout[key] = Object.assign({}, layout[key], theme.axis);
  for (const axis of ["xaxis", "yaxis"]) layout[axis] = Object.assign({}, layout[axis], theme.axis);
  layout.autosize = true;
  delete layout.width;
  return layout;
};
const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"], displayModeBar: false };
const draw = (div, printing = false) => {
  if (typeof Plotly === "undefined") return null;
  const figure = figures[Number(div.dataset.figure)];
  div.dataset.drawn = "yes";
  return Plotly.react(div, figure.data, layoutOf(figure, printing), config);
};
const plots = [...document.querySelectorAll(".plot")];
const watcher = new IntersectionObserver(seen => {
  for (const one of seen) if (one.isIntersecting) { watcher.unobserve(one.target); draw(one.target); }
}, { rootMargin: "600px" });
plots.forEach(div => watcher.observe(div));
dark.addEventListener("change", () => plots.filter(div => div.dataset.drawn).forEach(div => draw(div)));
window.addEventListener("beforeprint", () => plots.forEach(div => { draw(div, true); Plotly.Plots.resize(div); }));
window.addEventListener("afterprint", () => plots.forEach(div => draw(div)));
if (new URLSearchParams(location.search).has("print") || location.hash === "#print") plots.forEach(div => draw(div, true));

// --- tables: sorted by a click on their header, filtered by words and verdict ------------------
const keyOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
};
const order = (a, b) => {
  if (a === b) return 0;
  if (a === "" || a === "–") return 1;
  if (b === "" || b === "–") return -1;
  const x = Number(a), y = Number(b);
  return Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y;
};
const sortable = table => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map(row => [keyOf(row, column), row]);
      rows.sort((a, b) => (down ? -1 : 1) * order(a[0], b[0]));
      table.tBodies[0].append(...rows.map(pair => pair[1]));
    });
  });
};
const filterable = table => {
  const tools = document.createElement("div"), box = document.createElement("input"), count = document.createElement("span");
  tools.className = "tools";
  Object.assign(box, { type: "search", placeholder: words.filter });
  box.setAttribute("aria-label", words.filter);
  count.setAttribute("role", "status");
  tools.append(box, count);
  const rows = [...table.tBodies[0].rows].map(row => [row.textContent.toLocaleLowerCase(language), row]);
  const apply = () => {
    const wanted = box.value.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [text, row] of rows) shown += (row.hidden = !wanted.every(word => text.includes(word))) ? 0 : 1;
    count.textContent = wanted.length ? `${shown} / ${rows.length}` : "";
  };
  box.addEventListener("input", apply);
  table.closest(".scroll").before(tools);
};
document.querySelectorAll("table.sortable").forEach(sortable);
document.querySelectorAll("table.filterable").forEach(filterable);

// --- a lead's card ----------------------------------------------------------------------------
const dialog = document.getElementById("card"), body = document.getElementById("card-body");
const openCard = id => {
  const card = cards[id];
  if (!card) return;
  document.getElementById("card-title").textContent = card.title;
  body.replaceChildren();
  const list = document.createElement("dl");
  for (const [term, text] of card.rows) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = text;
    list.append(dt, dd);
  }
  body.append(list);
  dialog.showModal();
};
document.querySelectorAll("[data-card]").forEach(cell => {
  if (!cards[cell.dataset.card]) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "open-card";
  button.append(...cell.childNodes);
  cell.append(button);
  button.addEventListener("click", () => openCard(cell.dataset.card));
});
document.getElementById("card-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
if (window.matchMedia("(max-width: 62rem)").matches) document.querySelector(".contents details").open = false;
})();
