// The page as a whole: toolbar, lists, keys, colours.

let shown = new Uint32Array(0); // the people who pass the filters, in order

const grid = new Grid(byId("grid"), (person) => card(person, (chosen) => details.open(chosen)), renewCard, cardLayout);
const lists = otherLists();
let lines = [];
const rows = new Grid(byId("rows"), (number) => line(lines[number]), () => {}, lineLayout);
const details = new Details(byId("details"), () => shown, returnTo);
const labels = new Labels((person) => {
  details.showLabels();
  const shownCard = grid.cells.get(person);
  if (shownCard) renewCard(shownCard.firstChild, person);
  showLabelled();
});
const panel = new Panel(byId("attributes"), refresh, (attribute) => sortBy(attribute));

/** After any change of filters, thresholds or order. */
function refresh() {
  const { people, counts } = select();
  shown = people;
  panel.update(counts, people.length);
  grid.show(people);
  byId("found").textContent = people.length === COUNT ? plural(COUNT, "person", "people") : `${people.length.toLocaleString("en")} of ${COUNT.toLocaleString("en")} people`;
  byId("close-panel").textContent = `Show ${plural(people.length, "person", "people")}`;
  byId("nobody").hidden = people.length > 0;
  showChips();
  // Another list is looked at from its beginning.
  scrollTo(0, Math.min(scrollY, grid.top - byId("bar").offsetHeight));
}

function showChips() {
  const chips = [];
  const chip = (text, label, undo) => {
    const remove = () => { undo(); refresh(); };
    const button = make("button", { type: "button", class: "chip", onclick: remove }, text, make("span", { "aria-hidden": "true" }, "✕"));
    button.setAttribute("aria-label", `${label}: remove`);
    chips.push(button);
  };
  attributes.forEach(({ name }, number) => {
    const want = choice.wants[number];
    if (want !== EITHER) chip(want === WITH ? name : `not ${name}`, want === WITH ? `with ${name}` : `without ${name}`, () => { choice.wants[number] = EITHER; });
    if (moved(number)) chip(`${name} from ${choice.marks[number].toFixed(2)}`, `threshold of ${name}`, () => setMark(number, START[number]));
  });
  const filters = choice.wants.filter((want) => want !== EITHER).length;
  byId("open-panel").textContent = filters ? `Filters (${filters})` : "Filters";
  byId("reset").hidden = chips.length === 0 && !choice.text;
  if (chips.length) chips.push(make("button", { type: "button", class: "link", onclick: resetAll }, "Reset"));
  if (filters) {
    const copy = make("button", { type: "button", class: "link", title: queryText(), onclick: () => copyText(queryText(), copy) }, "Copy the query");
    chips.push(copy);
  }
  byId("bystanders").setAttribute("aria-pressed", String(choice.bystanders));
  byId("chips").replaceChildren(...chips);
  byId("chips").hidden = chips.length === 0;
}

/** How many people something is said of. */
function showLabelled() {
  const count = labels.people().length;
  byId("save-labels").hidden = count === 0;
  byId("save-labels").textContent = `Save labels (${count.toLocaleString("en")})`;
}

function saveLabels() {
  const lost = labels.save();
  if (lost) alert(`${plural(lost, "person", "people")} left out: the names of their photos are not UTF-8, which people.csv has to be.`);
}

/** To the clipboard; where the browser does not let a page on disk do that, the query is shown to be copied by hand. */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const field = make("input", { class: "query", readonly: true, value: text, "aria-label": "The query" });
    button.replaceWith(field);
    field.select();
  }
}

function fillSort() {
  const options = attributes.map(({ name }, number) => make("option", { value: number }, name));
  byId("sort").append(
    make("option", { value: "name" }, "Name"),
    make("option", { value: "size" }, "Size of the person"),
    make("optgroup", { label: "Certainty of" }, ...options),
  );
  byId("sort").addEventListener("change", ({ target }) => sortBy(/^\d/.test(target.value) ? Number(target.value) : target.value));
  byId("direction").addEventListener("click", () => {
    choice.reversed = !choice.reversed;
    showDirection();
    refresh();
  });
}

function sortBy(key) {
  choice.sort = key;
  choice.reversed = false;
  byId("sort").value = String(key);
  showDirection();
  refresh();
  grid.current = 0;
  grid.update();
}

function showDirection() {
  const names = { name: ["A to Z", "Z to A"], size: ["Largest first", "Smallest first"] };
  const [forward, backward] = names[choice.sort] ?? ["Surest first", "Least sure first"];
  byId("direction").textContent = choice.reversed ? backward : forward;
}

/** People, or one of the other lists. */
function view(list) {
  for (const button of byId("views").children) button.setAttribute("aria-current", String(button.dataset.view === (list?.title ?? "People")));
  const isPeople = !list;
  for (const id of ["bar", "grid", "panel"]) byId(id).hidden = !isPeople;
  document.body.classList.toggle("plain", !isPeople);
  byId("rows").hidden = isPeople;
  byId("nobody").hidden = !isPeople || shown.length > 0;
  scrollTo(0, 0);
  if (isPeople) return grid.measure();
  byId("rows").setAttribute("aria-label", list.title);
  lines = list.lines;
  rows.cells.forEach((cell) => cell.remove());
  rows.cells.clear();
  rows.show(Uint32Array.from(lines.keys()));
}

function fillViews() {
  if (!lists.length) return;
  const button = (title, count, list) =>
    make("button", { type: "button", "data-view": title, onclick: () => view(list) }, `${title} `, make("span", { class: "count" }, count.toLocaleString("en")));
  byId("views").append(button("People", COUNT, null), ...lists.map((list) => button(list.title, list.lines.length, list)));
}

/** Back from the details to the card of the person last seen. */
function returnTo(person) {
  const at = shown.indexOf(person);
  if (at >= 0) grid.focus(at, byId("bar").offsetHeight);
}

function openPanel(open) {
  document.body.classList.toggle("panel-open", open);
  byId("open-panel").setAttribute("aria-expanded", String(open));
  byId(open ? "panel" : "open-panel").focus();
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  const typing = target.matches("input, select, textarea");
  if (key === "Escape" && target === byId("search")) {
    target.value = choice.text = "";
    refresh();
    grid.focus(grid.current, byId("bar").offsetHeight);
  } else if (key === "Escape" && document.body.classList.contains("panel-open")) {
    openPanel(false);
  } else if (key === "/" && !typing) {
    event.preventDefault();
    byId("search").select();
  } else if ((target === document.body || target.closest("#grid, #rows")) && !typing) {
    const list = byId("grid").hidden ? rows : grid;
    const to = target === document.body && key.startsWith("Arrow") ? list.current : list.step(key);
    if (to === null) return;
    event.preventDefault();
    list.focus(to, byId("bar").offsetHeight);
  }
}

/** Colours as the system has them, until the user chooses; the choice is kept if the browser lets a page on disk do that. */
function setUpTheme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  try {
    const kept = localStorage.getItem("harcli-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* kept nowhere */ }
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("harcli-theme", root.dataset.theme);
    } catch { /* kept nowhere */ }
  });
}

function resetAll() {
  choice.wants.fill(EITHER);
  attributes.forEach((_, number) => moved(number) && setMark(number, START[number]));
  byId("search").value = choice.text = "";
  refresh();
}

function start() {
  setUpTheme();
  byId("summary").textContent = summary();
  if (COUNT === 0) byId("nobody").textContent = nobodyAtAll();
  fillViews();
  fillSort();
  showDirection();
  refresh();
  view(null);
  byId("search").addEventListener("input", ({ target }) => { choice.text = target.value; refresh(); });
  byId("reset").addEventListener("click", resetAll);
  byId("save-labels").addEventListener("click", saveLabels);
  showLabelled();
  byId("bystanders").hidden = BYSTANDERS === 0;
  byId("bystanders").textContent = `+ ${plural(BYSTANDERS, "bystander")}`;
  byId("bystanders").addEventListener("click", () => { choice.bystanders = !choice.bystanders; refresh(); });
  byId("open-panel").addEventListener("click", () => openPanel(true));
  byId("close-panel").addEventListener("click", () => openPanel(false));
  byId("open-about").addEventListener("click", () => {
    if (!byId("about-text").firstChild) byId("about-text").append(...aboutText());
    byId("about").showModal();
  });
  byId("close-about").addEventListener("click", () => byId("about").close());
  addEventListener("keydown", onKey);
}

start();
