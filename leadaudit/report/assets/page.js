(() => {
"use strict";
const read = id => JSON.parse(document.getElementById(id).textContent);
const words = read("words"), cards = read("cards");
const language = document.documentElement.lang;
// A German per cent sign stands off its number. The number format knows no such sign, but a currency behind the number.
const german = language === "de", standingOff = text => text.replaceAll('".0%"', '"$.0%"').replaceAll(":.0%}", ":$.0%}");
const figures = german ? JSON.parse(standingOff(document.getElementById("figures").textContent)) : read("figures");
const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const made = (tag, look, text) => {
  const one = document.createElement(tag);
  if (look) one.className = look;
  if (text) one.textContent = text;
  return one;
};

// --- pictures: drawn when they come into view, in the colours of the page ---------------------
const PALETTE = [["#2a7fb8", "#5aa9de"], ["#e3a32b", "#e9b650"], ["#6b1e46", "#d083a9"], ["#1d5f8f", "#6db4e6"], ["#9dbfd6", "#54778f"],
  ["#1f7a5c", "#62c2a0"], ["#8a98a3", "#93a6b1"], ["#dfe4e8", "#3a444d"], ["42,127,184", "90,169,222"], ["107,30,70", "208,131,169"], ["29,95,143", "109,180,230"]];
const inDark = figure => JSON.parse(PALETTE.reduce((text, [light, dim]) => text.replaceAll(light, dim), JSON.stringify(figure)));
// Before printing the page still has its width on the screen; on paper (A4) a picture has this many pixels.
const PAPER = { whole: 676, half: 322 };
const layoutOf = (figure, printing, width) => {
  const style = getComputedStyle(document.documentElement), of = name => style.getPropertyValue(name).trim();
  const ink = printing ? "#000" : of("--ink"), line = printing ? "#bbb" : of("--line");
  const layout = structuredClone(figure.layout), axis = { gridcolor: line, linecolor: line, zerolinecolor: line };
  Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", separators: words.separators, autosize: !width });
  layout.font = Object.assign({}, layout.font, { color: ink });
  for (const key of new Set([...Object.keys(layout), "xaxis", "yaxis"])) if (/^[xy]axis/.test(key)) layout[key] = Object.assign({}, layout[key], axis);
  if (width) layout.width = width;
  else delete layout.width;
  return layout;
};
const locales = german ? { de: { format: { currency: ["", "\u00a0%"] } } } : {};
const config = { displaylogo: false, responsive: true, displayModeBar: false, locale: language, locales };
const draw = (div, printing = false) => {
  if (typeof Plotly === "undefined") return null;
  const plain = figures[Number(div.dataset.figure)], figure = dark.matches && !printing ? inDark(plain) : plain;
  div.dataset.drawn = "yes";
  const width = printing && (div.closest(".small") ? PAPER.half : PAPER.whole);
  return Plotly.react(div, figure.data, layoutOf(figure, printing, width), config);
};
const plots = [...document.querySelectorAll(".plot")];
const watcher = new IntersectionObserver(seen => {
  for (const one of seen) if (one.isIntersecting) { watcher.unobserve(one.target); draw(one.target); }
}, { rootMargin: "600px" });
plots.forEach(div => watcher.observe(div));
dark.addEventListener("change", () => plots.filter(div => div.dataset.drawn).forEach(div => draw(div)));
const openForPrint = [...document.querySelectorAll("details.unreadable, details.principles")];
window.addEventListener("beforeprint", () => {
  openForPrint.forEach(one => { one.open = true; });
  plots.forEach(div => draw(div, true));
});
window.addEventListener("afterprint", () => plots.forEach(div => { draw(div); Plotly.Plots.resize(div); }));
if (location.hash === "#print") plots.forEach(div => draw(div, true));

// --- tables: sorted by a click on their header, filtered by words and verdict ------------------
const keyOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
};
const order = (a, b, way) => {
  if (a === b) return 0;
  if (a === "" || a === "–") return 1; // what is missing stands last, whichever way
  if (b === "" || b === "–") return -1;
  const x = Number(a), y = Number(b);
  return way * (Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y);
};
const labelled = table => {
  const titles = [...table.tHead.rows[0].cells].map(head => head.textContent);
  for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, i) => { cell.dataset.label = titles[i]; cell.classList.toggle("empty", cell.textContent.trim() === "–"); });
};
const FIRST = 30;
const list = table => {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const texts = new Map();
  const textOf = row => { // only once somebody searches
    if (!texts.has(row)) texts.set(row, row.textContent.toLocaleLowerCase(language));
    return texts.get(row);
  };
  const count = made("span"), more = made("button", "more", words.show_all);
  let wanted = [], all = false;
  more.type = "button";
  const show = () => {
    let found = 0;
    for (const row of body.rows) {
      row.hidden = !wanted.every(word => textOf(row).includes(word));
      if (!row.hidden) found += 1;
      row.classList.toggle("later", !row.hidden && !all && found > FIRST);
    }
    count.textContent = wanted.length ? `${found} / ${rows.length}` : "";
    more.hidden = all || found <= FIRST;
  };
  const sort = (head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = [...body.rows].map(row => [keyOf(row, column), row]);
    keyed.sort((a, b) => order(a[0], b[0], down ? -1 : 1));
    body.append(...keyed.map(pair => pair[1]));
    show();
  };
  if (table.matches(".sortable")) heads.forEach((head, column) => {
    const button = made("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, column));
  });
  if (table.matches(".filterable")) {
    const tools = made("div", "tools"), box = made("input");
    Object.assign(box, { type: "search", placeholder: words.filter });
    box.setAttribute("aria-label", words.filter);
    count.setAttribute("role", "status");
    tools.append(box, count);
    box.addEventListener("input", () => { wanted = box.value.toLocaleLowerCase(language).split(/\s+/).filter(Boolean); show(); });
    table.closest(".scroll").before(tools);
    table.closest(".scroll").after(more);
    more.addEventListener("click", () => { all = true; show(); });
    show();
    table.classList.add("ready");
  }
};
document.querySelectorAll("table.stack").forEach(labelled);
document.querySelectorAll("table.sortable, table.filterable").forEach(list);

// --- a lead's card ----------------------------------------------------------------------------
const dialog = document.getElementById("card"), body = document.getElementById("card-body");
const listed = (look, rows) => {
  const list = made("dl", look);
  for (const [term, text] of rows) {
    const pair = made("div");
    pair.append(made("dt", "", term), made("dd", "", text));
    list.append(pair);
  }
  return list;
};
const stayBar = ({ stay, patience, horizon }) => {
  const most = Math.max(stay, patience ?? 0, horizon ?? 0) * 1.1, bar = made("div", "stay"), share = days => `${(100 * days) / most}%`;
  bar.setAttribute("aria-hidden", "true");
  if (patience) bar.append(Object.assign(made("i", "usual"), { style: `width:${share(Math.min(patience, horizon ?? patience))}` }));
  if (horizon) bar.append(Object.assign(made("i", "beyond"), { style: `left:${share(horizon)}` }));
  bar.append(Object.assign(made("i", "now"), { style: `left:${share(stay)}` }));
  return bar;
};
const openCard = id => {
  const card = Object.hasOwn(cards, id) ? cards[id] : null;
  if (!card) return;
  document.getElementById("card-title").textContent = card.title;
  const says = made("p");
  says.append(made("span", `verdict ${card.verdict}`, card.says));
  body.replaceChildren(says);
  if (card.borderline) body.append(made("p", "muted", card.borderline));
  body.append(listed("card-facts", card.facts));
  if (card.stay) body.append(stayBar(card));
  body.append(listed("answers", card.rows));
  dialog.showModal();
  dialog.scrollTop = 0;
};
document.querySelectorAll("[data-card]").forEach(cell => {
  if (!Object.hasOwn(cards, cell.dataset.card)) return;
  const button = made("button", "open-card"), below = cell.querySelector("small");
  button.type = "button";
  button.append(...[...cell.childNodes].filter(node => node !== below));
  cell.prepend(button);
  button.addEventListener("click", () => openCard(cell.dataset.card));
});
document.getElementById("card-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
if (window.matchMedia("(max-width: 62rem)").matches) document.querySelector(".contents details").open = false;
})();
