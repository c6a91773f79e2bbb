// A person as a picture with the box drawn, and a card of it for the grid.

/** A rectangle `[x1, y1, x2, y2]`; lines are as thick on small pictures as on large ones. */
function boxShape([x1, y1, x2, y2], style) {
  const place = { x: x1, y: y1, width: x2 - x1, height: y2 - y1, "vector-effect": "non-scaling-stroke" };
  return draw("g", { class: style }, draw("rect", { ...place, class: "casing" }), draw("rect", { ...place, class: "edge" }));
}

/** Lies over a picture of the rectangle `view` of the photo, which the style fits into the same frame. */
function overlay([x1, y1, x2, y2], ...shapes) {
  return draw("svg", { class: "over", viewBox: `${x1} ${y1} ${x2 - x1} ${y2 - y1}`, "aria-hidden": "true" }, ...shapes);
}

/** An empty frame of the photo with a person's box, where there is no picture. */
function outline(person) {
  const [width, height] = photos.sizes[photoOf[person]];
  const frame = draw("rect", { class: "frame", x: 0, y: 0, width, height });
  return overlay([0, 0, width, height], frame, boxShape(quad(boxes, person), "chosen"));
}

/** The picture of one person. */
function portrait(person) {
  const frame = make("span", { class: "picture" });
  const address = pictureOf("people", person, photoOf[person]);
  if (!address) {
    frame.append(outline(person));
    return frame;
  }
  const image = make("img", { src: address, alt: "", decoding: "async", draggable: "false" });
  image.addEventListener("error", () => frame.replaceChildren(outline(person)));
  frame.append(image, overlay(quad(regions, person), boxShape(quad(boxes, person), "chosen")));
  return frame;
}

/** The attributes that a person has by the present marks, the surest first, what is true of most people last. */
function attributesOf(person) {
  const certainty = (a) => (probability(a, person) - attributes[a].threshold) / Math.max(1 - attributes[a].threshold, 1e-6);
  const having = [...attributes.keys()].filter((attribute) => holds[attribute * COUNT + person]);
  return having.sort((a, b) => attributes[a].common - attributes[b].common || certainty(b) - certainty(a));
}

function card(person, open) {
  const name = photos.names[photoOf[person]], seen = photos.seen[photoOf[person]];
  const button = make(
    "button",
    { type: "button", class: "card", "data-person": person, title: name, onclick: () => open(person) },
    portrait(person),
    make("span", { class: "words" }),
    make("span", { class: "below-words" }, make("span", { class: "file" }, seen ? `${clock(seen[2])} · ` : "", make("bdi", {}, baseName(name))), make("span", { class: "swatches" })),
    make("span", { class: "whole", "aria-hidden": "true" }),
  );
  renewCard(button, person);
  return button;
}

/** What of a card depends on thresholds and order. */
function renewCard(button, person) {
  const having = attributesOf(person);
  const names = (some) => some.map((attribute) => attributes[attribute].name).join(", ");
  const all = names(having) || "no tags";
  button.querySelector(".words").textContent = having.length ? names(having.filter((attribute) => !isColour(attribute))) : all;
  button.querySelector(".swatches").replaceChildren(...swatchesOf(having));
  button.setAttribute("aria-label", `${baseName(photos.names[photoOf[person]])}, person ${numbers[person]}: ${all}`);
  // All of them, over the picture, where the pointer or the focus is.
  button.querySelector(".whole").replaceChildren(...having.map((attribute) => make("span", {}, ...named(attribute))));
  for (const badge of button.querySelectorAll(".badge, .labelled")) badge.remove();
  const said = labels.count(person);
  if (said) button.firstChild.append(make("span", { class: "labelled", title: plural(said, "label") }, `✓ ${said}`));
  if (typeof choice.sort === "number") {
    button.firstChild.append(make("span", { class: "badge" }, probability(choice.sort, person).toFixed(2)));
  }
}

/** Cards by the room there is: at least two beside each other, on wide screens about 170 pixels wide. */
function cardLayout(width) {
  const gap = width < 500 ? 12 : 18;
  const columns = Math.max(2, Math.floor((width + gap) / (164 + gap)));
  const cell = Math.floor((width - gap * (columns - 1)) / columns);
  return { columns, width: cell, height: Math.round((cell * 4) / 3) + 70, gap };
}
