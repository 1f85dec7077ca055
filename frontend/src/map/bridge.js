// The only code that calls MapLibre: one layer for each thing drawn, colours from the page's
// tokens, no outside host, labels from the machine's own fonts.

const LEVELS_BELOW = { 6: "township", 9: "village", 12: "grid", 15: "grid" };
const FIRST_ZOOM = 10;
const LAST_ZOOM = 14;
// The load of a cell is read as a trend; the lamps above it are what must be there at once.
const CELLS_EVERY_MS = 1000;
// How much longer than it takes to draw them anew they stay, on a machine that draws slowly.
const CELLS_SHARE = 40;
// The finest tiles cut for a scope, by the length of its code: a county fits into four.
const TILE_ZOOM = { 6: 9, 9: 11, 12: 13 };

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// One design pixel in real ones: the page's root type is 16 of them.
const pixel = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

let library;
function maplibre() {
  library ??= (async () => {
    const assets = JSON.parse(document.querySelector('meta[name="gridlamp-assets"]').content);
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = assets.maplibre_css;
    document.head.append(sheet);
    const module = await import(assets.maplibre);
    module.setWorkerUrl(new URL(assets.maplibre_worker, location.href).href);
    return module;
  })();
  return library;
}

async function json(url) {
  const answer = await fetch(url, { headers: { "accept-language": document.documentElement.lang } });
  return answer.ok ? answer.json() : null;
}

export class GridMap {
  constructor(element, scope, onEvent) {
    this.element = element;
    this.scope = scope;
    this.tell = onEvent;
    this.points = new Map();
    this.cells = new Map();
    this.cellsNext = new Map();
    this.cellPause = CELLS_EVERY_MS;
    this.lamps = new Map();
    this.ready = false;
    this.locked = false;
    this.zoomHeld = 0;
    this.start().catch((why) => {
      console.error(why);
      this.tell("failed", null);
    });
  }

  async start() {
    const [{ Map: View, Marker }, regions] = await Promise.all([maplibre(), this.fetchRegions(FIRST_ZOOM)]);
    if (this.gone) return;
    if (!regions) throw new Error("no regions");
    this.Marker = Marker;
    this.map = new View({
      container: this.element,
      style: { version: 8, sources: {}, layers: [], transition: { duration: 0, delay: 0 } },
      bounds: this.bounds,
      fitBoundsOptions: { padding: this.padding() },
      attributionControl: false,
      localIdeographFontFamily: token("--face"),
      fadeDuration: 0,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      maxPitch: 0,
      renderWorldCopies: false,
    });
    this.map.touchZoomRotate.disableRotation();
    await new Promise((done) => this.map.once("load", done));
    if (this.gone) return;
    this.draw(regions);
    this.listen();
    this.refit(true);
    this.ready = true;
    this.drawCells();
    this.picture.draw();
    this.place();
    // Drawn once in full, or all but: a wall that never rests is ready too.
    await Promise.race([this.map.once("idle"), new Promise((done) => setTimeout(done, 2000))]);
    if (this.gone) return;
    this.element.dataset.ready = "true";
    this.tell("ready", null);
    this.drawLayers();
  }

  async fetchRegions(zoom) {
    const regions = await json(`/api/v1/regions?scope=${this.scope}&zoom=${zoom}`);
    if (!regions) return null;
    this.zoomHeld = zoom;
    let [west, south, east, north] = [180, 90, -180, -90];
    const reach = (c) => {
      if (typeof c[0] === "number") {
        west = Math.min(west, c[0]); east = Math.max(east, c[0]);
        south = Math.min(south, c[1]); north = Math.max(north, c[1]);
      } else c.forEach(reach);
    };
    for (const f of regions.features) {
      const p = f.properties;
      if (Number.isFinite(p.lx) && Number.isFinite(p.ly)) this.points.set(p.code, [p.lx, p.ly]);
    }
    const own = regions.features.filter((f) => f.properties.code === this.scope);
    for (const f of own.length ? own : regions.features) if (f.geometry) reach(f.geometry.coordinates);
    this.bounds = [[west, south], [east, north]];
    return regions;
  }

  draw(regions) {
    const { map, scope } = this;
    const u = pixel();
    // Every tile costs each layer a draw: few large ones hold the whole of a scope.
    const maxzoom = TILE_ZOOM[scope.length] ?? LAST_ZOOM;
    map.addSource("regions", { type: "geojson", data: regions, promoteId: "code", tolerance: 0.1, buffer: 24, maxzoom });
    map.addSource("borders", { type: "geojson", data: borders(regions), buffer: 8, maxzoom });
    map.addSource("outline", { type: "geojson", data: outline(regions, scope), buffer: 64, maxzoom });
    map.addSource("names", { type: "geojson", data: this.names(regions), maxzoom });
    const level = (name) => ["==", ["get", "level"], name];
    const line = (id, colour, width, extra = {}) => map.addLayer({
      id, type: "line", source: "outline",
      layout: { "line-join": "round" },
      paint: { "line-color": token(colour), "line-width": width, ...extra },
    });
    map.addLayer({
      id: "shadow", type: "fill", source: "outline",
      paint: { "fill-color": token("--shadow"), "fill-opacity": 0.75, "fill-translate": [0, 12 * u], "fill-antialias": false },
    });
    line("glow", "--outline-glow", 16 * u, { "line-blur": 14 * u });
    map.addLayer({
      id: "cells", type: "fill", source: "regions", filter: level("grid"),
      paint: {
        "fill-antialias": false,
        "fill-color": ["match", ["coalesce", ["feature-state", "load"], 0],
          1, token("--load-1"), 2, token("--load-2"), 3, token("--load-3"), 4, token("--load-4"), token("--load-0")],
      },
    });
    const by = (grid, village, township) => ["match", ["get", "level"], "grid", grid, "village", village, township];
    map.addLayer({
      id: "borders", type: "line", source: "borders",
      layout: { "line-sort-key": by(0, 1, 2) },
      paint: {
        "line-color": by(token("--grid-line"), token("--village-line"), token("--township-line")),
        "line-width": by(0.7 * u, 1 * u, 1.4 * u),
        "line-opacity": by(1, 0.8, 0.75),
      },
    });
    line("outline", "--outline", 2.2 * u);
    this.layNames(u);
    this.picture = new LampPicture(map, this.lamps, (lamp) => this.whereIs(lamp), (drawn) => this.noteDrawn(drawn));
  }

  names(regions) {
    const below = LEVELS_BELOW[this.scope.length] ?? "grid";
    const features = regions.features
      .filter((f) => f.properties.level === below && this.points.has(f.properties.code))
      .map((f) => ({
        type: "Feature",
        properties: { name: f.properties.name.replace(/(?<=.{2})(镇|乡|街道)$/u, "") },
        geometry: { type: "Point", coordinates: this.points.get(f.properties.code) },
      }));
    return { type: "FeatureCollection", features };
  }

  layNames(u) {
    this.map.addLayer({
      id: "names", type: "symbol", source: "names",
      layout: { "text-field": ["get", "name"], "text-font": ["Sans Bold"], "text-size": 16 * u, "text-padding": 2, "text-max-width": 20, "text-allow-overlap": this.scope.length <= 6 },
      paint: { "text-color": token("--label"), "text-halo-color": token("--label-halo"), "text-halo-width": 2.2 * u, "text-halo-blur": 0.5 },
    });
  }

  // River and roads, for the eye; a county pack need not have them.
  async drawLayers() {
    const u = pixel();
    for (const [name, colour, width, opacity] of [["river", "--river", 4.5, 0.6], ["roads", "--road", 1.2, 0.55]]) {
      const data = await json(`/api/v1/layers/${name}`).catch(() => null);
      if (this.gone || !data?.features) continue;
      this.map.addSource(name, { type: "geojson", data, buffer: 16, maxzoom: TILE_ZOOM[this.scope.length] ?? LAST_ZOOM });
      this.map.addLayer({
        id: name, type: "line", source: name, layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": token(colour), "line-width": width * u, "line-opacity": opacity },
      }, "borders");
    }
  }

  listen() {
    const { map } = this;
    // A move with an event behind it is a hand's; the map's own moves have none.
    map.on("movestart", (e) => { if (e.originalEvent) this.lock(true); });
    map.on("moveend", () => this.refine());
    map.on("resize", () => { if (!this.locked) this.refit(true); });
    map.on("click", (e) => {
      this.tell("select", this.picture.at(e.point));
      this.tell("point", [e.lngLat.lng, e.lngLat.lat]);
    });
  }

  lock(locked) {
    this.locked = locked;
    this.tell("locked", locked);
  }

  // Finer borders where a hand zoomed in; coarser ones are kept when it zooms out.
  async refine() {
    const wanted = Math.min(LAST_ZOOM, Math.ceil(this.map.getZoom()));
    if (wanted <= this.zoomHeld) return;
    const bounds = this.bounds;
    const regions = await this.fetchRegions(wanted).catch(() => null);
    this.bounds = bounds;
    if (!regions || this.gone) return;
    this.map.getSource("regions").setData(regions);
    this.map.getSource("borders").setData(borders(regions));
    this.map.getSource("outline").setData(outline(regions, this.scope));
  }

  padding() {
    const u = pixel();
    return { top: 22 * u, bottom: 46 * u, left: 18 * u, right: 18 * u };
  }

  refit(still) {
    if (!this.map || !this.bounds) return;
    if (still !== true) this.lock(false);
    const animate = still !== true && !calm();
    this.map.fitBounds(this.shown ?? this.bounds, { padding: this.padding(), animate, duration: 500 });
  }

  setCells(text) {
    for (const [code, load] of JSON.parse(text)) {
      if ((this.cells.get(code) ?? 0) === load) this.cellsNext.delete(code);
      else this.cellsNext.set(code, load);
    }
    if (this.ready) this.cellTimer ??= setTimeout(() => this.drawCells(), this.cellPause);
  }

  drawCells() {
    this.cellTimer = null;
    if (!this.map || this.cellsNext.size === 0) return;
    for (const [code, load] of this.cellsNext) {
      this.cells.set(code, load);
      this.map.setFeatureState({ source: "regions", id: code }, { load });
    }
    this.cellsNext.clear();
    // Two picture frames: the second begins when the first has been drawn.
    const began = performance.now();
    requestAnimationFrame(() => requestAnimationFrame((now) => {
      this.cellPause = Math.max(CELLS_EVERY_MS, CELLS_SHARE * (now - began));
    }));
  }

  setLamps(text) {
    const { put, gone } = JSON.parse(text);
    for (const id of gone) this.lamps.delete(id);
    for (const { id, at, region, lamp } of put) this.lamps.set(id, { lamp, at, region });
    if (!this.ready) return;
    this.picture.draw();
    const chosen = this.chosen?.id;
    if (chosen && (gone.includes(chosen) || put.some(({ id }) => id === chosen))) this.place();
  }

  // Where a lamp lies: its own place, or its region's.
  whereIs(lamp) {
    return (lamp.coordinates ??= lamp.at ?? this.pointOf(lamp.region));
  }

  // The label point of a region, or of the nearest region above it that has one.
  pointOf(region) {
    for (let code = region; code.length >= 6; code = code.slice(0, -3)) {
      const point = this.points.get(code);
      if (point) return point;
    }
    return null;
  }

  // How many lamps are drawn, and of these red.
  noteDrawn({ all, red }) {
    this.element.dataset.lamps = String(all);
    this.element.dataset.red = String(red);
  }

  select(id, title, note) {
    const other = id !== this.chosen?.id;
    this.chosen = id ? { id, title, note } : null;
    if (!this.ready) return;
    this.place();
    const lamp = other && id ? this.lamps.get(id) : null;
    if (lamp) this.goTo(this.whereIs(lamp));
  }

  // A desk's view goes after what is chosen; a wall's stands still.
  follow() {
    this.follows = true;
  }

  goTo(at) {
    if (!this.follows || !this.ready || !at) return;
    const { x, y } = this.map.project(at);
    const margin = 60 * pixel();
    const { clientWidth: width, clientHeight: height } = this.element;
    const inside = x > margin && y > margin && x < width - margin && y < height - margin;
    if (inside) return;
    if (calm()) this.map.jumpTo({ center: at });
    else this.map.easeTo({ center: at, duration: 400 });
  }

  // The place of a report that is being written: a position, or somewhere in a region, or none.
  mark(lon, lat, region) {
    this.pin?.remove();
    this.pin = null;
    const at = Number.isFinite(lon) ? [lon, lat] : region ? this.pointOf(region) : null;
    if (!at || !this.ready) return;
    const box = document.createElement("div");
    box.className = "mark";
    this.pin = new this.Marker({ element: box, anchor: "bottom" }).setLngLat(at).addTo(this.map);
    this.goTo(at);
  }

  // A ring around the chosen lamp, and beside it what it is.
  place() {
    const lamp = this.chosen && this.lamps.get(this.chosen.id);
    const at = lamp && this.whereIs(lamp);
    this.picture.choose(at);
    this.callout?.remove();
    this.callout = null;
    if (!at || !this.chosen.title) return;
    const box = document.createElement("div");
    box.className = "callout";
    const note = document.createElement("small");
    note.textContent = this.chosen.note;
    box.append(this.chosen.title, note);
    const left = this.map.project(at).x > this.element.clientWidth / 2;
    const u = pixel();
    this.callout = new this.Marker({ element: box, anchor: left ? "bottom-right" : "bottom-left", offset: [(left ? -1 : 1) * 18 * u, -16 * u] })
      .setLngLat(at).addTo(this.map);
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.cellTimer);
    this.picture?.remove();
    this.map?.remove();
    this.map = null;
  }
}

const WORST_LAST = ["off", "green", "amber", "red", "deep_red"];

// Lamps lie on two pictures above the map's, glows below faces: a new lamp must not wait until the
// whole map is drawn anew, nor the map be drawn anew because a red lamp breathes (its style does).
class LampPicture {
  constructor(map, lamps, whereIs, tell) {
    Object.assign(this, { map, lamps, whereIs, tell, u: pixel(), scale: devicePixelRatio || 1 });
    const picture = (name) => {
      const canvas = document.createElement("canvas");
      canvas.className = `lamp-${name}`;
      return canvas;
    };
    this.glows = picture("glows");
    this.faces = picture("faces");
    map.getCanvas().after(this.glows, this.faces);
    const sizes = { green: 15, amber: 22, red: 24, deep_red: 30 };
    this.face = Object.fromEntries(Object.entries(sizes).map(([kind, size]) => [kind, lampFace(kind, size * this.u * this.scale)]));
    this.glow = lampGlow(32 * this.u * this.scale);
    map.on("move", () => this.drawNow());
    map.on("resize", () => this.drawNow());
  }

  choose(at) {
    if (at === this.chosen) return;
    this.chosen = at;
    this.draw();
  }

  // At the next picture frame; any number of calls make one.
  draw() {
    this.frame ??= requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const { faces, glows, scale, map } = this;
    const { clientWidth, clientHeight } = map.getCanvas();
    const pens = [faces, glows].map((canvas) => fit(canvas, clientWidth, clientHeight, scale));
    const drawn = { all: 0, red: 0 };
    this.seen = [];
    for (const [id, one] of this.lamps) {
      const at = this.whereIs(one);
      if (!at) continue;
      const { x, y } = map.project(at);
      const rank = WORST_LAST.indexOf(one.lamp);
      drawn.all += 1;
      if (rank >= 3) drawn.red += 1;
      this.seen.push({ id, x, y, rank, face: this.face[one.lamp] });
    }
    this.seen.sort((a, b) => a.rank - b.rank);
    const stamp = (pen, image, { x, y }) => pen.drawImage(image, Math.round(x * scale - image.width / 2), Math.round(y * scale - image.height / 2));
    for (const one of this.seen) {
      if (one.rank >= 3) stamp(pens[1], this.glow, one);
      if (one.face) stamp(pens[0], one.face, one);
    }
    glows.hidden = drawn.red === 0;
    this.ring(pens[0]);
    this.tell(drawn);
  }

  ring(pen) {
    if (!this.chosen) return;
    const { x, y } = this.map.project(this.chosen);
    pen.beginPath();
    pen.arc(x * this.scale, y * this.scale, 20 * this.u * this.scale, 0, 2 * Math.PI);
    pen.lineWidth = 2 * this.u * this.scale;
    pen.strokeStyle = token("--lit");
    pen.stroke();
  }

  // The lamp under a point of the screen: the worst of those within a finger's reach.
  at({ x, y }) {
    const reach = 18 * this.u;
    const near = this.seen.filter((one) => Math.hypot(one.x - x, one.y - y) <= reach);
    return near.at(-1)?.id ?? null;
  }

  remove() {
    cancelAnimationFrame(this.frame);
  }
}

// A canvas as large as the map, empty; its pen.
function fit(canvas, width, height, scale) {
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  const pen = canvas.getContext("2d");
  if (canvas.width !== wide || canvas.height !== high) {
    Object.assign(canvas, { width: wide, height: high });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  } else {
    pen.clearRect(0, 0, wide, high);
  }
  return pen;
}

const rings = ({ type, coordinates }) => (type === "MultiPolygon" ? coordinates.flat() : type === "Polygon" ? coordinates : []);

// Neighbours share their edges, and a township's are also those of its grids: each is drawn once,
// as the highest level it bounds. Drawn ring by ring a county needs three times as many triangles.
function borders({ features }) {
  const drawn = new Set();
  const lines = [];
  for (const level of ["township", "village", "grid"]) {
    for (const { geometry, properties } of features) {
      if (properties.level !== level || !geometry) continue;
      for (const ring of rings(geometry)) {
        let line = null;
        for (let n = 1; n < ring.length; n += 1) {
          const [a, b] = [ring[n - 1].join(), ring[n].join()];
          const edge = a < b ? `${a} ${b}` : `${b} ${a}`;
          if (drawn.has(edge)) {
            line = null;
            continue;
          }
          drawn.add(edge);
          if (line) line.push(ring[n]);
          else lines.push({ level, line: (line = [ring[n - 1], ring[n]]) });
        }
      }
    }
  }
  const feature = ({ level, line }) => ({ type: "Feature", properties: { level }, geometry: { type: "LineString", coordinates: line } });
  return { type: "FeatureCollection", features: lines.map(feature) };
}

function outline({ features }, scope) {
  return { type: "FeatureCollection", features: features.filter(({ properties }) => properties.code === scope) };
}

// A lamp drawn once for all of its kind: red a disc with a bar, amber a triangle, green a ring.
function lampFace(kind, size) {
  const side = Math.max(8, Math.round(size));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.scale(side / 24, side / 24);
  const rim = token("--lamp-rim");
  const disc = (radius) => { pen.beginPath(); pen.arc(12, 12, radius, 0, 2 * Math.PI); };
  if (kind === "green") {
    disc(7); pen.fillStyle = rim; pen.fill();
    pen.lineWidth = 4.5; pen.strokeStyle = token("--green"); pen.stroke();
  } else if (kind === "amber") {
    pen.beginPath(); pen.moveTo(12, 3); pen.lineTo(22, 20.5); pen.lineTo(2, 20.5); pen.closePath();
    pen.fillStyle = token("--amber"); pen.fill();
    pen.lineWidth = 1.4; pen.strokeStyle = rim; pen.stroke();
  } else {
    if (kind === "deep_red") { disc(11); pen.lineWidth = 1.6; pen.strokeStyle = token("--red"); pen.stroke(); }
    disc(kind === "red" ? 10 : 8); pen.fillStyle = token("--red"); pen.fill();
    pen.fillStyle = token("--lamp-mark");
    const half = kind === "red" ? 5.6 : 4.4;
    pen.fillRect(12 - half, 10.4, 2 * half, 3.2);
  }
  return canvas;
}

function lampGlow(radius) {
  const side = Math.round(2 * radius);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const light = pen.createRadialGradient(side / 2, side / 2, 0, side / 2, side / 2, side / 2);
  light.addColorStop(0, token("--red"));
  light.addColorStop(1, "transparent");
  pen.fillStyle = light;
  pen.fillRect(0, 0, side, side);
  return canvas;
}
