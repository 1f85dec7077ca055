// Units and session sites, on one picture above the grid map: frames come as the server sent them,
// each unit glides from where it was to where it is, and what nobody told for long is drawn hollow.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const pixel = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A glide lasts as long as the unit's last two positions were apart, within these bounds, ms.
const GLIDE_MS = [200, 1500];
// A step longer than this is no movement but a correction: degrees, some 3 km.
const LEAP = 0.03;
// Older than this a position is drawn as old, ms.
const OLD_MS = 120_000;
// Points of a trail, and how far apart, degrees: some 15 m.
const TRAIL_POINTS = 240;
const TRAIL_STEP = 0.00015;
// Drawing takes at most this share of the time: a slow machine draws less often, not worse.
const SHARE = 0.25;
// Headings an arrow is drawn for beforehand.
const HEADINGS = 24;

export class UnitLayer {
  constructor(grid) {
    this.grid = grid;
    this.map = grid.map;
    this.units = new Map();
    this.sites = [];
    this.calls = new Map();
    this.now = 0;
    this.marked = new Set();
    this.canvas = document.createElement("canvas");
    this.canvas.className = "units";
    const above = this.map.getCanvasContainer().querySelector(".lamp-faces") ?? this.map.getCanvas();
    above.after(this.canvas);
    this.u = pixel();
    this.scale = devicePixelRatio || 1;
    this.faces = new Map();
    this.cost = 0;
    this.moved = () => this.draw(true);
    this.map.on("move", this.moved);
    this.map.on("resize", this.moved);
  }

  // Every unit by name: [id, kind of state, lon, lat, at, heading], the place empty if unknown.
  roster(text) {
    const seen = new Set();
    for (const [id, state, lon, lat, at, heading] of JSON.parse(text)) {
      seen.add(id);
      const unit = this.units.get(id);
      if (unit) unit.state = state;
      else this.units.set(id, { state, at: 0, trail: [] });
      if (Number.isFinite(lon) && at > this.units.get(id).at) this.put(id, lon, lat, heading, at);
    }
    for (const id of this.units.keys()) if (!seen.has(id)) this.units.delete(id);
    this.draw();
  }

  // Another time is shown: nothing is known of where they were before, and all leave trails.
  rewind() {
    this.every = true;
    for (const unit of this.units.values()) Object.assign(unit, { at: 0, to: null, told: undefined, trail: [] });
    this.draw(true);
  }

  // Where units came from before this page was there: [id, lon, lat, heading, at], by time.
  recall(text) {
    const before = new Map();
    for (const [id, lon, lat] of JSON.parse(text).p ?? []) {
      const trail = before.get(id) ?? before.set(id, []).get(id);
      const last = trail.at(-1);
      if (!last || Math.hypot(last[0] - lon, last[1] - lat) > TRAIL_STEP) trail.push([lon, lat]);
    }
    for (const [id, trail] of before) {
      const unit = this.units.get(id);
      if (unit) unit.trail = [...trail, ...unit.trail].slice(-TRAIL_POINTS);
    }
    this.draw();
  }

  // A frame of positions, as it came.
  take(text) {
    for (const [id, lon, lat, heading, at] of JSON.parse(text).p ?? []) {
      if (!this.units.has(id)) this.units.set(id, { state: "standby", at: 0, trail: [] });
      this.put(id, lon, lat, heading, Date.parse(at));
    }
    this.draw();
  }

  put(id, lon, lat, heading, at) {
    const unit = this.units.get(id);
    const now = performance.now();
    const here = this.where(unit, now);
    const leap = !here || Math.hypot(here[0] - lon, here[1] - lat) > LEAP || calm();
    const apart = Math.min(GLIDE_MS[1], Math.max(GLIDE_MS[0], now - (unit.told ?? now)));
    Object.assign(unit, { from: leap ? [lon, lat] : here, to: [lon, lat], began: now, lasts: leap ? 0 : apart, told: now, heading, at });
    const last = unit.trail.at(-1);
    const step = last ? Math.hypot(last[0] - lon, last[1] - lat) : Infinity;
    // It was out of view meanwhile: which way it came is not known.
    if (step > LEAP && !this.every) unit.trail = [];
    if (step > TRAIL_STEP) {
      unit.trail.push([lon, lat]);
      if (unit.trail.length > TRAIL_POINTS) unit.trail.shift();
    }
  }

  where(unit, now) {
    if (!unit.to) return null;
    const share = unit.lasts ? Math.min(1, (now - unit.began) / unit.lasts) : 1;
    return [unit.from[0] + (unit.to[0] - unit.from[0]) * share, unit.from[1] + (unit.to[1] - unit.from[1]) * share];
  }

  // The server's time, ms: what is old turns hollow without a frame.
  tick(now) {
    this.now = now;
    if (performance.now() - (this.drawn ?? 0) > 5000) this.draw();
  }

  // Sites of sessions: [id, lon, lat, title, clock, is late, is foremost]; units whose trail is drawn.
  site(text) {
    const { sites, trails } = JSON.parse(text);
    this.sites = sites;
    this.marked = new Set(trails);
    this.call();
    this.draw();
  }

  call() {
    const seen = new Set();
    for (const [id, lon, lat, title, clock] of this.sites) {
      seen.add(id);
      let box = this.calls.get(id);
      if (!box) {
        const element = document.createElement("div");
        element.className = "site-call";
        const words = document.createElement("div");
        words.className = "callout site";
        words.append(document.createElement("span"), document.createElement("small"));
        element.append(words);
        const marker = new this.grid.Marker({ element, anchor: "top-left" });
        box = { words, marker: marker.setLngLat([lon, lat]).addTo(this.map) };
        this.calls.set(id, box);
      }
      box.words.firstChild.textContent = title;
      box.words.lastChild.textContent = clock;
    }
    for (const [id, { marker }] of this.calls) {
      if (!seen.has(id)) { marker.remove(); this.calls.delete(id); }
    }
  }

  // What the view shows: these degrees, or the whole again.
  show(west, south, east, north) {
    this.grid.shown = Number.isFinite(west) ? [[west, south], [east, north]] : null;
    this.grid.refit(false);
  }

  // What the view shows now: west, south, east, north.
  extent() {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  // Tells whenever the view shows another part.
  watch(moved) {
    this.told = () => moved();
    this.map.on("moveend", this.told);
    this.map.on("resize", this.told);
  }

  // At the next picture frame, or when drawing has had its share of the time.
  draw(now) {
    if (now === true) return this.drawNow();
    if (this.wait || this.frame) return;
    const since = performance.now() - (this.drawn ?? 0);
    const pause = this.cost / SHARE - since;
    const ask = () => { this.wait = null; this.frame = requestAnimationFrame(() => this.drawNow()); };
    if (pause > 4) this.wait = setTimeout(ask, pause);
    else ask();
  }

  drawNow() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.gone) return;
    const began = performance.now();
    const { clientWidth: width, clientHeight: height } = this.map.getCanvas();
    const pen = this.pen(width, height);
    this.drawSites(pen);
    let glides = false;
    let shown = 0;
    for (const [id, unit] of this.units) {
      const at = this.where(unit, began);
      if (!at) continue;
      if (unit.lasts && began - unit.began < unit.lasts) glides = true;
      const { x, y } = this.map.project(at);
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      if (this.every || this.marked.has(id)) this.drawTrail(pen, unit);
      const face = this.face(unit);
      pen.drawImage(face, Math.round(x * this.scale - face.width / 2), Math.round(y * this.scale - face.height / 2));
      shown += 1;
    }
    this.canvas.dataset.units = String(shown);
    this.drawn = performance.now();
    this.cost = 0.7 * this.cost + 0.3 * (this.drawn - began);
    if (glides) this.draw();
  }

  pen(width, height) {
    const [wide, high] = [Math.round(width * this.scale), Math.round(height * this.scale)];
    const pen = this.canvas.getContext("2d");
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      Object.assign(this.canvas, { width: wide, height: high });
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    } else pen.clearRect(0, 0, wide, high);
    return pen;
  }

  drawSites(pen) {
    for (const [id, lon, lat, , , isLate, isForemost] of this.sites) {
      const { x, y } = this.map.project([lon, lat]);
      this.side(id, x);
      const ring = (radius, width, colour, dash) => {
        pen.beginPath();
        pen.setLineDash(dash.map((n) => n * this.u * this.scale));
        pen.arc(x * this.scale, y * this.scale, radius * this.u * this.scale, 0, 2 * Math.PI);
        pen.lineWidth = width * this.u * this.scale;
        pen.strokeStyle = token(colour);
        pen.stroke();
      };
      ring(34, isForemost ? 3.5 : 2.5, isLate ? "--red" : "--lit", [9, 6]);
      ring(44, 1, "--lit", []);
      pen.setLineDash([]);
    }
  }

  // What a site is called stands on the side that has more room, and takes no more than there is.
  side(id, x) {
    const box = this.calls.get(id);
    const width = this.map.getCanvas().clientWidth;
    const side = x > width / 2 ? "left" : "right";
    const room = Math.round(Math.max(x, width - x) - 42 * this.u);
    if (!box || (box.side === side && box.room === room)) return;
    Object.assign(box, { side, room });
    box.words.dataset.side = side;
    box.words.style.maxWidth = `${room}px`;
  }

  drawTrail(pen, unit) {
    pen.beginPath();
    for (const [n, at] of unit.trail.entries()) {
      const { x, y } = this.map.project(at);
      if (n === 0) pen.moveTo(x * this.scale, y * this.scale);
      else pen.lineTo(x * this.scale, y * this.scale);
    }
    pen.lineWidth = 2.5 * this.u * this.scale;
    pen.strokeStyle = token("--lit");
    pen.globalAlpha = 0.55;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // An arrow where it goes, a dot where it stands; drawn once for each look and heading.
  face(unit) {
    const old = this.now > 0 && this.now - unit.at > OLD_MS;
    const busy = !["standby", "returning", "off"].includes(unit.state);
    const turn = Number.isFinite(unit.heading) ? Math.round((unit.heading / 360) * HEADINGS) % HEADINGS : -1;
    const key = `${old}${busy}${turn}`;
    let face = this.faces.get(key);
    if (!face) this.faces.set(key, (face = this.faceOf(old, busy, turn)));
    return face;
  }

  faceOf(old, busy, turn) {
    const side = Math.max(10, Math.round((busy ? 19 : 14) * this.u * this.scale));
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d");
    pen.translate(side / 2, side / 2);
    pen.scale(side / 20, side / 20);
    pen.beginPath();
    if (turn < 0) pen.arc(0, 0, 5, 0, 2 * Math.PI);
    else {
      pen.rotate((turn / HEADINGS) * 2 * Math.PI);
      pen.moveTo(0, -9); pen.lineTo(6.5, 8); pen.lineTo(0, 4.5); pen.lineTo(-6.5, 8); pen.closePath();
    }
    pen.lineWidth = 1.6;
    pen.fillStyle = token(busy ? "--lit" : "--unit");
    pen.strokeStyle = token(old ? "--unit-old" : "--lamp-rim");
    if (!old) pen.fill();
    pen.stroke();
    return canvas;
  }

  // Colours changed with the theme.
  repaint() {
    this.faces.clear();
    this.draw();
  }

  destroy() {
    this.gone = true;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.wait);
    this.map.off("move", this.moved);
    this.map.off("resize", this.moved);
    if (this.told) {
      this.map.off("moveend", this.told);
      this.map.off("resize", this.told);
    }
    for (const { marker } of this.calls.values()) marker.remove();
    this.canvas.remove();
  }
}
