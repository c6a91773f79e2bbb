// The panel of attributes: with, without or either; how many there are; a threshold for each.

const BINS = 25;

class Panel {
  /** @param {() => void} changed is called when the user has changed a filter or a threshold. */
  constructor(host, changed, sortBy) {
    this.host = host;
    this.changed = changed;
    this.sortBy = sortBy;
    this.rows = [];
    this.palettes = [];
    const groups = new Map();
    attributes.forEach((attribute, number) => {
      if (!groups.has(attribute.group)) groups.set(attribute.group, []);
      groups.get(attribute.group).push(number);
      this.row(attribute, number);
    });
    for (const [group, numbers] of groups) host.append(this.section(group, numbers));
    host.addEventListener("keydown", (event) => this.move(event));
  }

  section(group, numbers) {
    const title = groupTitle(group), meaning = data.groups[group] ?? null;
    const rows = numbers.map((number) => this.rows[number].element);
    if (!numbers.every(isColour)) return make("section", {}, make("h3", { title: meaning }, title), ...rows);
    const palette = new Palette(title, meaning, numbers, rows, (number) => this.press(number, WITH));
    this.palettes.push(palette);
    return palette.element;
  }

  press(number, want) {
    choice.wants[number] = choice.wants[number] === want ? EITHER : want;
    this.changed();
  }

  row(attribute, number) {
    const press = (want) => () => this.press(number, want);
    const row = {
      count: make("span", { class: "count" }),
      with: make("button", { type: "button", class: "want with", "data-kind": "with", onclick: press(WITH) }, "✓"),
      without: make("button", { type: "button", class: "want without", "data-kind": "without", onclick: press(WITHOUT) }, "✕"),
    };
    row.name = make(
      "button",
      { type: "button", class: "name", "data-kind": "name", "aria-expanded": "false", title: attribute.meaning || null },
      make("span", { class: "word" }, ...named(number)),
    );
    row.name.addEventListener("click", () => this.open(number));
    row.with.setAttribute("aria-label", `with ${attribute.name}`);
    row.without.setAttribute("aria-label", `without ${attribute.name}`);
    row.with.title = `Only people with ${attribute.name}`;
    row.without.title = `Only people without ${attribute.name}`;
    const line = make("div", { class: "line" }, row.name, row.count, row.with, row.without);
    row.element = make("div", { class: "attribute", "data-attribute": attribute.name }, line);
    this.rows.push(row);
  }

  /** Open or close an attribute's threshold. */
  open(number) {
    const row = this.rows[number];
    const opened = row.name.getAttribute("aria-expanded") === "true";
    row.name.setAttribute("aria-expanded", String(!opened));
    if (opened) {
      row.mark.element.remove();
      row.mark = null;
    } else {
      row.mark = this.mark(number);
      row.element.append(row.mark.element);
      this.showMark(number);
    }
  }

  mark(number) {
    const { name } = attributes[number];
    const slider = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: choice.marks[number] });
    slider.setAttribute("aria-label", `threshold of ${name}`);
    const set = (value) => {
      setMark(number, value);
      this.changed();
    };
    slider.addEventListener("input", () => set(Number(slider.value)));
    const value = make("output", {});
    const back = make("button", { type: "button", class: "link", onclick: () => set(START[number]) });
    back.textContent = `Back to ${START[number].toFixed(2)}`;
    const sort = make("button", { type: "button", class: "link", onclick: () => this.sortBy(number) }, "Sort by it");
    const bars = histogram(number);
    const below = make("div", { class: "below" }, value, back, sort);
    return { element: make("div", { class: "mark" }, bars.element, slider, below), bars, slider, value, back };
  }

  showMark(number) {
    const { mark } = this.rows[number];
    if (!mark) return;
    const at = choice.marks[number];
    mark.slider.value = at;
    mark.value.textContent = `from ${at.toFixed(2)}`;
    mark.back.hidden = !moved(number);
    mark.bars.show(at);
  }

  /** Show the present filters and these counts. */
  update(counts, total) {
    this.rows.forEach((row, number) => {
      const want = choice.wants[number];
      row.count.textContent = counts[number].toLocaleString("en");
      row.element.style.setProperty("--share", total ? Math.min(counts[number] / total, 1) : 0);
      row.element.classList.toggle("none", counts[number] === 0 && want === EITHER);
      row.element.classList.toggle("on", want !== EITHER);
      row.with.setAttribute("aria-pressed", String(want === WITH));
      row.without.setAttribute("aria-pressed", String(want === WITHOUT));
      row.name.classList.toggle("moved", moved(number));
      this.showMark(number);
    });
    for (const palette of this.palettes) palette.update(counts);
  }

  /** Up and down go to the same button of the next attribute, in a row of swatches left and right too. */
  move(event) {
    const { kind } = event.target.dataset;
    const step = { ArrowUp: -1, ArrowDown: 1, ...(kind === "spot" && { ArrowLeft: -1, ArrowRight: 1 }) }[event.key];
    if (!step || !kind) return;
    const order = [...this.host.querySelectorAll(`[data-kind=${kind}]`)].filter((button) => !button.closest("[hidden]"));
    order[order.indexOf(event.target) + step]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

/** How the probabilities of an attribute are spread; heights are square roots, for few people have most attributes. */
function histogram(attribute) {
  const bins = new Uint32Array(BINS);
  for (let i = 0; i < COUNT; i++) bins[Math.min(Math.floor(probability(attribute, i) * BINS), BINS - 1)]++;
  const most = Math.sqrt(Math.max(...bins, 1));
  const bars = [...bins].map((bin, i) => {
    const height = (Math.sqrt(bin) / most) * 30;
    return draw("rect", { x: i * 8 + 0.5, y: 30 - height, width: 7, height });
  });
  const element = draw("svg", { class: "histogram", viewBox: `0 0 ${BINS * 8} 30`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...bars);
  const show = (mark) => bars.forEach((bar, i) => bar.classList.toggle("above", (i + 0.5) / BINS >= mark));
  return { element, show };
}

const groupTitle = (group) => group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
