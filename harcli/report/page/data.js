// What the page knows: the data that lies in it, unpacked. People are known by their number, from 0, in order of name.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const data = read("data");
const pictures = read("pictures");

/** A column of numbers (little-endian, as every browser's machine) from its base64 text. */
function unpack(text, Type) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return new Type(bytes.buffer);
}

/** 0 or 1 for each bit, the highest of a byte first. */
function unpackBits(text, count) {
  const bytes = unpack(text, Uint8Array);
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return bits;
}

const attributes = data.attributes;
const photos = data.photos;
const PRECISION = data.people.precision;

const numbers = unpack(data.people.numbers, Uint32Array); // of the person within the photo, as in the results
const scores = unpack(data.people.scores, Uint16Array);
const boxes = unpack(data.people.boxes, Float32Array); // x1, y1, x2, y2 for each person
const regions = unpack(data.people.regions, Float32Array); // what the thumbnail shows, likewise
const probabilities = unpack(data.people.probabilities, Uint16Array); // attribute after attribute
const tags = unpackBits(data.people.tags, probabilities.length);
const COUNT = numbers.length;

const photoOf = new Uint32Array(COUNT);
const firstOf = new Uint32Array(photos.people.length);
for (let photo = 0, person = 0; photo < firstOf.length; photo++) {
  firstOf[photo] = person;
  photoOf.fill(photo, person, person + photos.people[photo]);
  person += photos.people[photo];
}

const probability = (attribute, person) => probabilities[attribute * COUNT + person] / PRECISION;
const quad = (values, person) => values.subarray(4 * person, 4 * person + 4);

/** Where a picture of a photo is: inside the page, beside it, or nowhere (null). `kind` is "photos" or "people". */
function pictureOf(kind, number, photo) {
  if (photo in photos.problems) return null;
  if (pictures.folder) return `${pictures.folder}/${kind}/${String(Math.floor(number / 1000)).padStart(3, "0")}/${number}.jpg`;
  return kind in pictures ? `data:image/jpeg;base64,${pictures[kind][number]}` : null;
}

/** A path's last part, and what is before it. */
const SEPARATOR = data.about.separator;
const baseName = (name) => name.slice(name.lastIndexOf(SEPARATOR) + 1);
const folderName = (name) => name.slice(0, name.lastIndexOf(SEPARATOR) + 1);

const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** An element; texts become text nodes, so nothing of the data is ever read as HTML. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  return fill(element, properties, children);
}

/** The same for a drawing. */
function draw(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Seconds as players show them: 1:02:03, 0:07. */
function clock(seconds) {
  const two = (value) => String(value).padStart(2, "0");
  const whole = Math.floor(seconds), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** How many photos and videos people are in. */
function files() {
  const films = new Set(photos.names.filter((_, photo) => photos.seen[photo]));
  const stills = photos.names.filter((_, photo) => !photos.seen[photo]).length;
  const parts = [stills || !films.size ? plural(stills, "photo") : "", films.size ? plural(films.size, "video") : ""];
  return parts.filter(Boolean).join(" and ");
}

const byId = (id) => document.getElementById(id);
