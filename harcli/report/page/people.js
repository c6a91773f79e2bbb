// Who is shown: filters, thresholds, counts, order. Nothing here touches the page.

const WITH = 1, WITHOUT = -1, EITHER = 0;

/** The run's thresholds in steps of the sliders. */
const START = attributes.map((attribute) => Math.round(attribute.threshold * 100) / 100);

const choice = {
  wants: new Int8Array(attributes.length), // WITH, WITHOUT or EITHER
  marks: Float64Array.from(START),
  text: "",
  bystanders: false, // whether they are shown
  sort: "name", // or "size", or an attribute's number
  reversed: false,
};

/**
 * Who is small in a photo that is about somebody else: less than FAR of the height and width (by the square root of the
 * box) of the photo's largest person, or too small to judge.
 */
const FAR = 0.4;
const bystander = data.people.small ? unpackBits(data.people.small, COUNT) : new Uint8Array(COUNT);
for (let photo = 0; photo < firstOf.length; photo++) {
  const people = Array.from({ length: photos.people[photo] }, (_, i) => firstOf[photo] + i);
  const largest = Math.max(...people.map(area));
  for (const person of people) if (area(person) < FAR * FAR * largest) bystander[person] = 1;
}
const BYSTANDERS = bystander.reduce((sum, each) => sum + each, 0);

const holds = tags.slice(); // who has which attribute by the present marks, laid out like `probabilities`

/**
 * Move a threshold. At the run's threshold the tags decide. Above it, those who were tagged leave as the mark passes
 * them; below it, those join who were under the run's threshold. Somebody who was above it and not tagged (a
 * contradictory attribute was clearer) does not get the attribute by a threshold, so that the number never jumps.
 */
function setMark(attribute, value) {
  choice.marks[attribute] = value;
  const mark = Math.round(value * PRECISION);
  const run = attributes[attribute].threshold * PRECISION;
  const raised = value > START[attribute], lowered = value < START[attribute];
  const end = (attribute + 1) * COUNT;
  for (let i = attribute * COUNT; i < end; i++) {
    const p = probabilities[i];
    if (raised) holds[i] = tags[i] & (p >= mark);
    else if (lowered) holds[i] = tags[i] | (p >= mark && p < run);
    else holds[i] = tags[i];
  }
}

const moved = (attribute) => choice.marks[attribute] !== START[attribute];

let plainNames = null;

/** Capitals and ways to write an accent do not matter. */
const plain = (text) => text.normalize("NFC").toLowerCase();

/**
 * The people who pass all filters, in order, and how many each attribute would leave.
 *
 * @returns {{people: Uint32Array, counts: Uint32Array}} `counts`: the people who have the attribute and pass the
 *     other filters.
 */
function select() {
  const missed = new Uint8Array(COUNT); // how many filters a person fails, up to 2
  const missedBy = new Uint16Array(COUNT); // the one, if it is one
  choice.wants.forEach((want, attribute) => {
    if (want === EITHER) return;
    const right = want === WITH ? 1 : 0;
    const column = attribute * COUNT;
    for (let i = 0; i < COUNT; i++) {
      if (holds[column + i] === right) continue;
      missed[i] = missed[i] ? 2 : 1;
      missedBy[i] = attribute;
    }
  });
  leaveOutNames(missed);
  if (!choice.bystanders) bystander.forEach((is, person) => { if (is) missed[person] = 2; });
  let kept = 0;
  const people = new Uint32Array(COUNT);
  for (let i = 0; i < COUNT; i++) if (!missed[i]) people[kept++] = i;
  const counts = new Uint32Array(attributes.length);
  for (let attribute = 0; attribute < attributes.length; attribute++) {
    const column = attribute * COUNT;
    let sum = 0;
    for (let i = 0; i < COUNT; i++) {
      if (missed[i] === 0 || (missed[i] === 1 && missedBy[i] === attribute)) sum += holds[column + i];
    }
    counts[attribute] = sum;
  }
  return { people: inOrder(people.subarray(0, kept)), counts };
}

function leaveOutNames(missed) {
  const wanted = plain(choice.text.trim());
  if (!wanted) return;
  plainNames ??= photos.names.map(plain);
  for (let i = 0; i < COUNT; i++) if (!plainNames[photoOf[i]].includes(wanted)) missed[i] = 2;
}

function inOrder(people) {
  if (choice.sort !== "name") {
    const keys = choice.sort === "size" ? sizes() : probabilities.subarray(choice.sort * COUNT, (choice.sort + 1) * COUNT);
    people.sort((a, b) => keys[b] - keys[a] || a - b);
  }
  return choice.reversed ? people.reverse() : people;
}

function sizes() {
  return Float64Array.from({ length: COUNT }, (_, person) => area(person));
}

function area(person) {
  const [x1, y1, x2, y2] = quad(boxes, person);
  return (x2 - x1) * (y2 - y1);
}

/** The present filters in the language of `harcli find`; empty if there are none. */
function queryText() {
  const parts = [];
  if (data.about.where) parts.push(`(${data.about.where})`);
  choice.wants.forEach((want, attribute) => {
    if (want !== EITHER) parts.push((want === WITHOUT ? "not " : "") + held(attribute));
  });
  return parts.join(" and ");
}

/** "Has this attribute by the present mark", exactly as `setMark` decides it. */
function held(attribute) {
  const name = quoted(attributes[attribute].name);
  const mark = choice.marks[attribute];
  if (!moved(attribute)) return name;
  if (mark > START[attribute]) return `(${name} and ${name} >= ${mark.toFixed(2)})`;
  const run = Math.ceil(attributes[attribute].threshold * PRECISION) / PRECISION;
  return `(${name} or ${name} >= ${mark.toFixed(2)} and ${name} < ${run.toFixed(4)})`;
}

function quoted(name) {
  const plainWord = /^[^\s()<>=!&|,"]+$/.test(name) && !/^(and|or|not)$/i.test(name);
  return plainWord ? name : `"${name.replaceAll('"', '""')}"`;
}
