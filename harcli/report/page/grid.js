// A long list of which only the part in view exists as elements. The page scrolls, not the list.

class Grid {
  /**
   * @param {HTMLElement} host a list element.
   * @param {(item: number) => HTMLElement} render makes what is shown of an item; it is given the focus.
   * @param {(element: HTMLElement, item: number) => void} renew brings such an element up to date.
   * @param {(width: number) => {columns: number, width: number, height: number, gap: number}} layout cells by width.
   */
  constructor(host, render, renew, layout) {
    this.host = host;
    this.render = render;
    this.renew = renew;
    this.layout = layout;
    this.items = new Uint32Array(0);
    this.current = 0; // position of the item that the keyboard is at
    this.cells = new Map(); // item -> its <li>
    this.waiting = false;
    addEventListener("scroll", () => this.updateSoon(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(host);
    addEventListener("resize", () => this.updateSoon());
  }

  /** Show other items; those that stay keep their elements, and the keyboard stays at its item if it is still there. */
  show(items) {
    const at = this.items[this.current];
    this.items = items;
    this.current = Math.max(items.indexOf(at), 0);
    for (const [item, cell] of this.cells) this.renew(cell.firstChild, item);
    this.measure();
  }

  measure() {
    if (this.host.hidden) return;
    this.cell = this.layout(this.host.clientWidth);
    this.row = this.cell.height + this.cell.gap;
    const rows = Math.ceil(this.items.length / this.cell.columns);
    this.host.style.height = `${Math.max(rows * this.row - this.cell.gap, 0)}px`;
    this.update();
  }

  updateSoon() {
    if (this.waiting || this.host.hidden) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.update();
    });
  }

  get top() {
    return this.host.getBoundingClientRect().top + scrollY;
  }

  /** Make the elements in view and a row beyond, and remove others. Elements never move within the list while they
      stay in order, so that the focus is not lost. */
  update() {
    const { columns } = this.cell;
    const first = Math.max(Math.floor((scrollY - this.top) / this.row) - 1, 0) * columns;
    const end = (Math.ceil((scrollY + innerHeight - this.top) / this.row) + 1) * columns;
    const positions = [];
    for (let i = first; i < Math.min(end, this.items.length); i++) positions.push(i);
    if (this.current < first) positions.unshift(this.current);
    else if (this.current >= end && this.current < this.items.length) positions.push(this.current);
    const wanted = new Set(positions.map((i) => this.items[i]));
    for (const [item, cell] of this.cells) {
      if (wanted.has(item)) continue;
      cell.remove();
      this.cells.delete(item);
    }
    let place = this.host.firstChild;
    for (const position of positions) {
      const cell = this.cellOf(position);
      if (cell === place) place = place.nextSibling;
      else this.host.insertBefore(cell, place);
      this.put(cell, position);
    }
  }

  cellOf(position) {
    const item = this.items[position];
    if (!this.cells.has(item)) this.cells.set(item, make("li", {}, this.render(item)));
    return this.cells.get(item);
  }

  put(cell, position) {
    const { columns, width, height, gap } = this.cell;
    const x = (position % columns) * (width + gap), y = Math.floor(position / columns) * this.row;
    cell.style.width = `${width}px`;
    cell.style.height = `${height}px`;
    cell.style.transform = `translate(${x}px, ${y}px)`;
    cell.setAttribute("aria-setsize", this.items.length);
    cell.setAttribute("aria-posinset", position + 1);
    cell.firstChild.tabIndex = position === this.current ? 0 : -1;
  }

  /** Bring an item into view, below what covers the top of the page, and give it the focus. */
  focus(position, covered) {
    this.current = Math.min(Math.max(position, 0), this.items.length - 1);
    if (this.current < 0) return;
    const top = this.top + Math.floor(this.current / this.cell.columns) * this.row;
    const bottom = top + this.cell.height;
    if (top - covered < scrollY) scrollTo(0, top - covered - 8);
    else if (bottom > scrollY + innerHeight) scrollTo(0, bottom - innerHeight + 8);
    this.update();
    this.cellOf(this.current).firstChild.focus({ preventScroll: true });
  }

  /** Where a key leads from the present item; null if it leads nowhere. */
  step(key) {
    const { columns } = this.cell;
    const page = Math.max(Math.floor(innerHeight / this.row) - 1, 1) * columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page };
    if (key === "Home") return 0;
    if (key === "End") return this.items.length - 1;
    return key in steps ? this.current + steps[key] : null;
  }
}
