// Colours: a row of swatches beside the tags, and in the panel one that filters. Each has its name, as text that
// appears on hovering and that screen readers say; details and the panel's list write it out.

const isColour = (attribute) => Boolean(attributes[attribute].swatch);

/** A spot of the attribute's colour. */
function swatch(attribute) {
  const { name } = attributes[attribute];
  const spot = make("span", { class: "swatch", role: "img", title: name, "aria-label": name });
  spot.style.backgroundColor = attributes[attribute].swatch;
  return spot;
}

/** Swatches in the order of the panel, those of one part of the body close together. */
function swatchesOf(having) {
  let group = null;
  return having.filter(isColour).sort((a, b) => a - b).map((attribute) => {
    const spot = swatch(attribute);
    spot.classList.toggle("apart", group !== null && group !== attributes[attribute].group);
    group = attributes[attribute].group;
    return spot;
  });
}

/** An attribute's name, behind its swatch if it is a colour. */
function named(attribute, name = attributes[attribute].name) {
  if (!isColour(attribute)) return [name];
  const spot = swatch(attribute);
  spot.setAttribute("aria-hidden", "true");
  spot.removeAttribute("title");
  return [spot, name];
}

/** A group of colours in the panel: swatches to press, and on demand the same rows as for other attributes. */
class Palette {
  /**
   * @param {string} title
   * @param {string | null} meaning
   * @param {number[]} numbers the group's attributes.
   * @param {HTMLElement[]} rows theirs in the panel.
   * @param {(attribute: number) => void} press
   */
  constructor(title, meaning, numbers, rows, press) {
    this.spots = numbers.map((number) => {
      const count = make("span", { class: "count" });
      const button = make("button", { type: "button", class: "spot", "data-kind": "spot", onclick: () => press(number) });
      button.setAttribute("aria-label", `with ${attributes[number].name}`);
      button.append(...named(number, ""), count);
      return { number, button, count };
    });
    const spots = make("div", { class: "spots" }, ...this.spots.map((spot) => spot.button));
    const list = make("div", { hidden: true }, ...rows);
    const names = make("button", { type: "button", class: "link", "aria-expanded": "false" }, "Names");
    names.setAttribute("aria-label", `${title}: names and thresholds`);
    names.addEventListener("click", () => {
      list.hidden = !list.hidden;
      spots.hidden = !list.hidden;
      names.setAttribute("aria-expanded", String(!list.hidden));
      names.textContent = list.hidden ? "Names" : "Swatches";
    });
    this.element = make("section", {}, make("div", { class: "palette-head" }, make("h3", { title: meaning }, title), names), spots, list);
  }

  update(counts) {
    for (const { number, button, count } of this.spots) {
      const want = choice.wants[number];
      const { name } = attributes[number];
      count.textContent = counts[number].toLocaleString("en");
      button.title = `${name}: ${plural(counts[number], "person", "people")}`;
      button.dataset.want = { [WITH]: "✓", [WITHOUT]: "✕" }[want] ?? "";
      button.setAttribute("aria-pressed", String(want === WITH));
      button.classList.toggle("none", counts[number] === 0 && want === EITHER);
    }
  }
}
