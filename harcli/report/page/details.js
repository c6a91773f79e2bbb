// One person: the whole photo with the boxes, and a bar for every attribute.

class Details {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {() => Uint32Array} list the people shown at present, which the arrows go through.
   * @param {(person: number) => void} closed gets the last person when the dialog closes.
   */
  constructor(dialog, list, closed) {
    this.dialog = dialog;
    this.list = list;
    this.person = 0;
    dialog.addEventListener("close", () => closed(this.person));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
    dialog.addEventListener("keydown", (event) => this.key(event));
    byId("previous").addEventListener("click", () => this.go(-1));
    byId("next").addEventListener("click", () => this.go(1));
    byId("close-details").addEventListener("click", () => dialog.close());
  }

  open(person) {
    this.person = person;
    this.fill();
    if (!this.dialog.open) this.dialog.showModal();
    this.focus(); // what had it may be gone with the last person
    byId("facts").scrollTop = this.dialog.scrollTop = 0; // the focus, which is on the facts, would scroll past the photo
  }

  focus() {
    byId("facts").focus({ preventScroll: true });
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    this.go(step);
    event.preventDefault();
  }

  go(step) {
    const list = this.list();
    const at = list.indexOf(this.person) + step;
    if (at >= 0 && at < list.length) this.open(list[at]);
  }

  fill() {
    const list = this.list();
    const { person } = this;
    const photo = photoOf[person];
    const at = list.indexOf(person);
    byId("place").textContent = at < 0 ? "" : `${(at + 1).toLocaleString("en")} of ${list.length.toLocaleString("en")}`;
    byId("previous").disabled = at <= 0;
    byId("next").disabled = at + 1 >= list.length;
    byId("details-name").replaceChildren(make("bdi", {}, baseName(photos.names[photo])));
    byId("stage").replaceChildren(...this.picture(photo));
    byId("person").replaceChildren(...this.facts(photo), ...this.bars());
    this.showLabels();
  }

  picture(photo) {
    const address = pictureOf("photos", photo, photo);
    const [width, height] = photos.sizes[photo];
    const without = (why) => [outline(this.person), make("p", { class: "notice" }, why)];
    if (photo in photos.problems) return without(`Not shown: ${photos.problems[photo]}`);
    if (!address) return without("This report was made without pictures.");
    const image = make("img", { src: address, alt: `The photo ${baseName(photos.names[photo])}` });
    image.addEventListener("error", () => {
      byId("stage").replaceChildren(...without(`Not shown: ${pictures.folder ?? "the picture"} is not beside this page`));
    });
    const shapes = [];
    for (let other = firstOf[photo]; other < firstOf[photo] + photos.people[photo]; other++) {
      if (other === this.person) continue;
      const shape = boxShape(quad(boxes, other), "other");
      shape.append(draw("title", {}, `Person ${numbers[other]}`));
      shape.addEventListener("click", () => this.open(other));
      shapes.push(shape);
    }
    return [image, overlay([0, 0, width, height], ...shapes, boxShape(quad(boxes, this.person), "chosen"))];
  }

  facts(photo) {
    const [x1, y1, x2, y2] = quad(boxes, this.person);
    const score = (scores[this.person] / PRECISION).toFixed(2);
    const size = `${Math.round(x2 - x1)} × ${Math.round(y2 - y1)} px`;
    const seen = photos.seen[photo];
    const link = photos.links[photo] + (seen ? `#t=${seen[2]}` : ""); // browsers begin to play there
    return [
      make("p", { class: "path" }, make("bdi", {}, folderName(photos.names[photo]))),
      make("p", { class: "small" }, `Person ${numbers[this.person]} · score ${score} · ${size}`),
      ...this.film(photo),
      ...(photos.links[photo] // what is in a bucket has no address for browsers
        ? [make("p", { class: "small" }, make("a", { href: link, target: "_blank", rel: "noreferrer noopener" }, `Open the ${seen ? "video" : "photo"}`))]
        : []),
      ...this.tagList(),
    ];
  }

  /** When somebody is in a video. */
  film(photo) {
    if (!photos.seen[photo]) return [];
    const [start, end, best] = photos.seen[photo].map(clock);
    return [make("p", { class: "small" }, `In the video from ${start} to ${end}, here at ${best}`)];
  }

  tagList() {
    const having = attributesOf(this.person);
    const item = (attribute) => make("li", {}, make("span", { class: "word" }, ...named(attribute)), ...labels.buttons(this.person, attribute));
    const list = having.length
      ? make("ul", { class: "tag-list", "aria-label": "Tags" }, ...having.map(item))
      : make("p", { class: "small" }, "No tags");
    const rest = make("button", { type: "button", class: "link", id: "rest-right" }, "All other tags are right");
    rest.addEventListener("click", () => {
      for (const attribute of labels.unsaid(this.person)) labels.say(this.person, attribute, RIGHT);
      this.focus(); // the button hides itself, and the arrow keys go on
    });
    const save = make("button", { type: "button", class: "link save", onclick: saveLabels }, "Save people.csv");
    return [list, make("p", { class: "small", id: "kept" }), make("p", { class: "saying" }, rest, save)];
  }

  /** What is said of this person, after it has changed. */
  showLabels() {
    labels.show(this.person, byId("person"));
    const any = labels.people().length > 0;
    byId("kept").hidden = Boolean(photos.seen[photoOf[this.person]]);
    byId("kept").textContent = !labels.kept
      ? "This browser does not keep what you say: save it before you close the page."
      : any ? "Kept in this browser; saved, it is what harcli train reads." : "Say with ✓ and ✕ what is right and wrong, here or below, to train on it.";
    byId("rest-right").hidden = labels.unsaid(this.person).length === 0;
    this.dialog.querySelector(".save").hidden = !any;
  }

  bars() {
    const parts = [];
    let group = null, contradicted = false;
    attributes.forEach((attribute, number) => {
      if (attribute.group !== group) parts.push(make("h3", {}, groupTitle((group = attribute.group))));
      const value = probability(number, this.person), mark = choice.marks[number];
      const has = holds[number * COUNT + this.person] === 1;
      const lost = !has && value >= Math.max(mark, attribute.threshold);
      contradicted ||= lost;
      const bar = make("span", { class: "track" }, make("span", { class: "fill" }), make("span", { class: "tick" }));
      bar.firstChild.style.width = `${value * 100}%`;
      bar.lastChild.style.left = `${mark * 100}%`;
      const name = make("span", { class: "word" }, ...named(number, attribute.name + (lost ? " *" : "")));
      const row = make("div", { class: has ? "value has" : "value" }, name, bar, make("span", { class: "number" }, value.toFixed(2)), ...labels.buttons(this.person, number));
      row.title = `${attribute.name}: ${value.toFixed(4)}, threshold ${mark.toFixed(2)}`;
      parts.push(row);
    });
    parts.push(make("p", { class: "small" }, "The line on a bar is the threshold."));
    if (contradicted) {
      parts.push(make("p", { class: "small" }, "* Above its threshold, but an attribute that excludes it is clearer."));
    }
    return parts;
  }
}
