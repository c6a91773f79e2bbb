// What the user says of tags, right or wrong: kept by the browser, and saved as the people.csv that `harcli train` reads.

const RIGHT = 1, WRONG = -1, UNSAID = 0;

class Labels {
  /** @param {(person: number) => void} changed is called when something is said of a person. */
  constructor(changed) {
    this.changed = changed;
    this.said = new Int8Array(tags.length); // laid out like `tags`
    this.kept = true; // by the browser
    this.place = `harcli-labels-${data.about.id}`;
    this.others = {}; // of people who are not on this page: another page of the same results shows them
    this.recall();
    addEventListener("beforeunload", (event) => { if (!this.kept) event.preventDefault(); });
  }

  of(person, attribute) {
    return this.said[attribute * COUNT + person];
  }

  /** Who has a helmet has a hat, and who has no hat has no helmet: the last word counts for what it contradicts too. */
  say(person, attribute, value) {
    const { name, general } = attributes[attribute];
    this.said[attribute * COUNT + person] = value;
    attributes.forEach((other, number) => {
      const at = number * COUNT + person;
      const follows = value === RIGHT ? general.includes(other.name) : value === WRONG && other.general.includes(name);
      if (follows && (this.said[at] === -value || tags[at])) this.said[at] = value;
    });
    this.keep();
    this.changed(person);
  }

  /** The attributes of which this is said of a person. */
  names(person, value) {
    return attributes.filter((_, attribute) => this.of(person, attribute) === value).map(({ name }) => name);
  }

  count(person) {
    return attributes.reduce((sum, _, attribute) => sum + Math.abs(this.of(person, attribute)), 0);
  }

  people() {
    return [...numbers.keys()].filter((person) => this.count(person));
  }

  /** By name and box, not by number: a page made anew, of fewer people or by another model, still knows them. */
  key(person) {
    return `${photos.names[photoOf[person]]} ${[...quad(boxes, person)].map(Math.round).join(" ")}`;
  }

  keep() {
    const all = { ...this.others };
    for (const person of this.people()) all[this.key(person)] = { right: this.names(person, RIGHT), wrong: this.names(person, WRONG) };
    try {
      localStorage.setItem(this.place, JSON.stringify(all));
      this.kept = true;
    } catch {
      this.kept = Object.keys(all).length === 0;
    }
  }

  recall() {
    try {
      this.others = JSON.parse(localStorage.getItem(this.place) ?? "{}");
    } catch { /* kept nowhere */ }
    const numberOf = new Map(attributes.map(({ name }, attribute) => [name, attribute]));
    for (let person = 0; person < COUNT; person++) {
      const found = this.others[this.key(person)];
      if (!found) continue;
      delete this.others[this.key(person)];
      for (const [names, value] of [[found.right, RIGHT], [found.wrong, WRONG]]) {
        for (const name of names) if (numberOf.has(name)) this.said[numberOf.get(name) * COUNT + person] = value;
      }
    }
  }

  /** Whether something can be said: people.csv names harcli's attributes, of people in photos. */
  takes(person, attribute) {
    return attributes[attribute].known && !photos.seen[photoOf[person]];
  }

  /** The tags of a person of which something can be said, and nothing is. */
  unsaid(person) {
    return attributesOf(person).filter((attribute) => this.takes(person, attribute) && this.of(person, attribute) === UNSAID);
  }

  /** Two buttons; none where nothing can be said. */
  buttons(person, attribute) {
    if (!this.takes(person, attribute)) return [];
    const { name } = attributes[attribute];
    const button = (value, sign, word) => {
      const press = () => this.say(person, attribute, this.of(person, attribute) === value ? UNSAID : value);
      const made = make("button", { type: "button", class: `verdict ${word}`, "data-attribute": attribute, "data-value": value, onclick: press }, sign);
      made.setAttribute("aria-label", `${name} is ${word}`);
      made.title = `${name} is ${word}`;
      return made;
    };
    return [make("span", { class: "labels" }, button(RIGHT, "✓", "right"), button(WRONG, "✕", "wrong"))];
  }

  /** Bring buttons of a person up to date. */
  show(person, host) {
    for (const button of host.querySelectorAll("button.verdict")) {
      const said = this.of(person, Number(button.dataset.attribute));
      button.setAttribute("aria-pressed", String(said === Number(button.dataset.value)));
      button.closest("li, .value").dataset.said = { [RIGHT]: "right", [WRONG]: "wrong" }[said] ?? "";
    }
  }

  /** The file, and how many people it had to leave out as their photos have names that are not UTF-8. */
  csv() {
    const rows = [["path", "x1", "y1", "x2", "y2", "photo", "right", "wrong"]];
    let lost = 0;
    for (const person of this.people()) {
      const photo = photoOf[person];
      const path = photos.links[photo] ? pathOf(photos.links[photo]) : photos.names[photo];
      if (path === null) lost++;
      else rows.push([path, ...[...quad(boxes, person)].map((side) => side.toFixed(1)), photos.names[photo],
        this.names(person, RIGHT).join(" "), this.names(person, WRONG).join(" ")]);
    }
    return { text: rows.map((row) => `${row.map(cell).join(",")}\n`).join(""), lost };
  }

  save() {
    const { text, lost } = this.csv();
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    make("a", { href: address, download: "people.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    return lost;
  }
}

const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Where a photo is, from its link: with all folders if this page lies on a disk; null if no text can say it. */
function pathOf(link) {
  const address = new URL(link, location.href);
  try {
    if (address.protocol !== "file:") return decodeURIComponent(link);
    const path = decodeURIComponent(address.pathname);
    if (address.host) return `//${address.host}${path}`; // a share of Windows
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return null;
  }
}
