// What is listed besides people, and what the page says about itself.

/** The lists that have something in them: a title, and for each line a name, an address and a remark. */
function otherLists() {
  const problems = Object.entries(photos.problems).map(([photo, why]) => [photos.names[photo], photos.links[photo], why]);
  const lists = [
    { title: "Nobody found", lines: data.empty.map(([name, link]) => [name, link, ""]) },
    { title: "Not readable", lines: data.unreadable },
    { title: "Not shown", lines: problems },
  ];
  return lists.filter((list) => list.lines.length);
}

function line([name, link, why]) {
  const address = link
    ? make("a", { href: link, target: "_blank", rel: "noreferrer noopener", title: name })
    : make("span", { title: name });
  address.append(make("bdi", {}, baseName(name)));
  const remark = why || folderName(name);
  return make("span", { class: "file-line" }, address, make("span", { class: "why", title: remark }, make("bdi", {}, remark)));
}

/** On a phone nothing tells the rest of a reason that is cut off, so there is room for three lines of it. */
function lineLayout(width) {
  const reasons = lines.some(([, , why]) => why);
  return { columns: 1, width, height: width >= 560 ? 34 : reasons ? 92 : 52, gap: 0 };
}

/** What stands where people would be, if there is nobody. */
function nobodyAtAll() {
  return data.about.where ? `Nobody fits ${data.about.where}.` : "Nobody was found.";
}

const leftOut = () => `${COUNT ? plural(data.otherPeople, "other") : plural(data.otherPeople, "person", "people")} left out`;

/** One line below the title. */
function summary() {
  const parts = [COUNT ? `${plural(COUNT, "person", "people")} in ${files()}` : nobodyAtAll().slice(0, -1)];
  if (data.about.where) parts.push(COUNT ? `only ${data.about.where}; ${leftOut()}` : leftOut());
  const missing = new Set(Object.keys(photos.problems).map((photo) => photos.names[photo])).size;
  if (missing) parts.push(`${plural(missing, photos.seen.some(Boolean) ? "file" : "photo")} could not be shown`);
  parts.push("Tags are guesses about appearance.");
  return parts.join(" · ");
}

function aboutText() {
  const { about } = data;
  const known = (value) => (value === null || value === undefined || value === "" ? "not known" : String(value));
  const unreadable = Object.keys(photos.problems).length;
  const rows = [
    ["Results", `${about.source}; this page was made on ${about.date}`],
    ["Made by", `harcli ${about.version}`],
    ["Attribute model", `${known(about.model.name)} ${about.model.version ?? ""}, computed on ${known(about.model.provider)}`],
    ["Learnt from", known(about.model.datasets?.join(", "))],
    ["Terms of these", known(about.model.licence)],
    ["Person detector", `${known(about.detector.name)}, lowest score ${known(about.detector.confidence)}`],
    ["Holds", `${plural(COUNT, "person", "people")} in ${files()}; ` +
      `${plural(data.empty.length, "photo")} with nobody found; ${plural(data.unreadable.length, "file")} not readable`],
  ];
  if (about.where) rows.push(["Only people who fit", `${about.where} (${leftOut()})`]);
  if (unreadable) rows.push(["Not shown", `${plural(unreadable, "photo")}: no longer there, changed, damaged or at a URL`]);
  const list = make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  return [list, ...EXPLANATIONS.flatMap(([title, text]) => [make("h3", {}, title), make("p", {}, text)]), thresholds()];
}

const EXPLANATIONS = [
  ["What tags are", "Guesses about appearance by a network that looked at each person's part of the photo. They are often " +
    "wrong. Use them to find photos; do not decide anything about a person by them."],
  ["Who has an attribute", "A tag is an attribute at or above its threshold; of attributes that exclude each other only " +
    "the clearest is one. Where you move a threshold up, people leave; where you move it down, people between the new " +
    "threshold and the first one join. A tag that lost to a clearer one does not come back that way."],
  ["Counts", "The number beside an attribute is how many people have it among those who pass all other filters."],
  ["Keys", "Arrows, Home, End: from person to person. Enter: details, there ← and →. Escape: back. " +
    "/: find a photo by its name."],
];

function thresholds() {
  const rows = attributes.map((attribute) =>
    make("tr", {}, make("td", {}, attribute.name), make("td", {}, attribute.meaning), make("td", {}, attribute.threshold.toFixed(3))),
  );
  const head = make("tr", {}, ...["Attribute", "Meaning", "Threshold"].map((text) => make("th", { scope: "col" }, text)));
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  return make("details", {}, make("summary", {}, "Thresholds of the run"), table);
}
