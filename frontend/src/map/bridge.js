// The only code that calls MapLibre: one layer for each thing drawn, colours from the page's
// tokens, no outside host, labels from the machine's own fonts.

const LEVELS_BELOW = { 6: "township", 9: "village", 12: "grid", 15: "grid" };
const FIRST_ZOOM = 10;
const LAST_ZOOM = 14;

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
    this.lamps = new Map();
    this.waiting = [];
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
      canvasContextAttributes: { antialias: true },
    });
    this.map.touchZoomRotate.disableRotation();
    await new Promise((done) => this.map.once("load", done));
    if (this.gone) return;
    this.draw(regions);
    this.listen();
    this.refit(true);
    for (const [code, load] of this.cells) this.map.setFeatureState({ source: "regions", id: code }, { load });
    const waiting = this.waiting;
    this.waiting = null;
    for (const diff of waiting) this.applyLamps(diff);
    // Drawn once in full, or all but: a wall that never rests is ready too.
    await Promise.race([this.map.once("idle"), new Promise((done) => setTimeout(done, 2000))]);
    if (this.gone) return;
    this.pulse();
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
    map.addSource("regions", { type: "geojson", data: regions, promoteId: "code", tolerance: 0.1, buffer: 96, maxzoom: LAST_ZOOM });
    map.addSource("names", { type: "geojson", data: this.names(regions) });
    map.addSource("lamps", { type: "geojson", data: { type: "FeatureCollection", features: [] }, promoteId: "id" });
    map.addSource("chosen", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const own = ["==", ["get", "code"], scope];
    const level = (name) => ["==", ["get", "level"], name];
    const line = (id, filter, colour, width, extra = {}) => map.addLayer({
      id, type: "line", source: "regions", filter,
      layout: { "line-join": "round" },
      paint: { "line-color": token(colour), "line-width": width, ...extra },
    });
    map.addLayer({
      id: "shadow", type: "fill", source: "regions", filter: own,
      paint: { "fill-color": token("--shadow"), "fill-opacity": 0.75, "fill-translate": [0, 12 * u], "fill-antialias": true },
    });
    line("glow", own, "--outline-glow", 16 * u, { "line-blur": 14 * u });
    map.addLayer({
      id: "cells", type: "fill", source: "regions", filter: level("grid"),
      paint: {
        "fill-antialias": false,
        "fill-color": ["match", ["coalesce", ["feature-state", "load"], 0],
          1, token("--load-1"), 2, token("--load-2"), 3, token("--load-3"), 4, token("--load-4"), token("--load-0")],
      },
    });
    line("grids", level("grid"), "--grid-line", 0.7 * u);
    line("villages", level("village"), "--village-line", 1 * u, { "line-opacity": 0.8 });
    line("townships", level("township"), "--township-line", 1.4 * u, { "line-opacity": 0.75 });
    line("outline", own, "--outline", 2.2 * u);
    this.drawNames(u);
    this.drawLamps(u);
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

  drawNames(u) {
    this.map.addLayer({
      id: "names", type: "symbol", source: "names",
      layout: { "text-field": ["get", "name"], "text-font": ["Sans Bold"], "text-size": 16 * u, "text-padding": 2, "text-max-width": 20, "text-allow-overlap": this.scope.length <= 6 },
      paint: { "text-color": token("--label"), "text-halo-color": token("--label-halo"), "text-halo-width": 2.2 * u, "text-halo-blur": 0.5 },
    });
  }

  drawLamps(u) {
    const { map } = this;
    for (const [kind, size] of [["green", 15], ["amber", 22], ["red", 24], ["deep_red", 30]]) {
      map.addImage(`lamp-${kind}`, lampImage(kind, size * u), { pixelRatio: devicePixelRatio || 1 });
    }
    const layer = (kind) => map.addLayer({
      id: `lamps-${kind}`, type: "symbol", source: "lamps", filter: ["==", ["get", "lamp"], kind],
      layout: { "icon-image": `lamp-${kind}`, "icon-allow-overlap": true, "icon-ignore-placement": true },
    });
    layer("green");
    layer("amber");
    map.addLayer({
      id: "lamps-glow", type: "circle", source: "lamps", filter: ["in", ["get", "lamp"], ["literal", ["red", "deep_red"]]],
      paint: { "circle-color": token("--red"), "circle-radius": 26 * u, "circle-blur": 1, "circle-opacity": 0.7 },
    });
    layer("red");
    layer("deep_red");
    map.addLayer({
      id: "chosen", type: "circle", source: "chosen",
      paint: { "circle-opacity": 0, "circle-radius": 20 * u, "circle-stroke-width": 2 * u, "circle-stroke-color": token("--lit") },
    });
  }

  // River and roads, for the eye; a county pack need not have them.
  async drawLayers() {
    const u = pixel();
    for (const [name, colour, width, opacity] of [["river", "--river", 4.5, 0.6], ["roads", "--road", 1.2, 0.55]]) {
      const data = await json(`/api/v1/layers/${name}`).catch(() => null);
      if (this.gone || !data?.features) continue;
      this.map.addSource(name, { type: "geojson", data });
      this.map.addLayer({
        id: name, type: "line", source: name, layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": token(colour), "line-width": width * u, "line-opacity": opacity },
      }, "townships");
    }
  }

  listen() {
    const { map } = this;
    // A move with an event behind it is a hand's; the map's own moves have none.
    map.on("movestart", (e) => { if (e.originalEvent) this.lock(true); });
    map.on("moveend", () => this.refine());
    map.on("resize", () => { if (!this.locked) this.refit(true); });
    map.on("click", (e) => {
      const reach = 8 * pixel();
      const box = [[e.point.x - reach, e.point.y - reach], [e.point.x + reach, e.point.y + reach]];
      const layers = ["lamps-deep_red", "lamps-red", "lamps-amber", "lamps-green"];
      const found = layers.flatMap((l) => map.queryRenderedFeatures(box, { layers: [l] }));
      this.tell("select", found[0]?.properties.id ?? null);
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
    if (regions && !this.gone) this.map.getSource("regions").setData(regions);
  }

  padding() {
    const u = pixel();
    return { top: 22 * u, bottom: 46 * u, left: 18 * u, right: 18 * u };
  }

  refit(still) {
    if (!this.map || !this.bounds) return;
    if (still !== true) this.lock(false);
    const animate = still !== true && !calm();
    this.map.fitBounds(this.bounds, { padding: this.padding(), animate, duration: 500 });
  }

  setCells(text) {
    for (const [code, load] of JSON.parse(text)) {
      if ((this.cells.get(code) ?? 0) === load) continue;
      this.cells.set(code, load);
      if (!this.waiting) this.map.setFeatureState({ source: "regions", id: code }, { load });
    }
  }

  setLamps(text) {
    const diff = JSON.parse(text);
    if (this.waiting) this.waiting.push(diff);
    else this.applyLamps(diff);
  }

  applyLamps({ put, gone }) {
    const change = { add: [], update: [], remove: [] };
    for (const id of gone) if (this.lamps.delete(id)) change.remove.push(id);
    for (const { id, at, region, lamp } of put) {
      const coordinates = at ?? this.pointOf(region);
      if (!coordinates) continue;
      const geometry = { type: "Point", coordinates };
      if (this.lamps.has(id)) {
        change.update.push({ id, newGeometry: geometry, addOrUpdateProperties: [{ key: "lamp", value: lamp }] });
      } else {
        change.add.push({ type: "Feature", geometry, properties: { id, lamp } });
      }
      this.lamps.set(id, { lamp, coordinates });
    }
    const done = this.map.getSource("lamps").updateData(change);
    Promise.resolve(done).then(() => this.map?.once("render", () => this.count()));
    if (this.chosen) this.place();
  }

  // The label point of a region, or of the nearest region above it that has one.
  pointOf(region) {
    for (let code = region; code.length >= 6; code = code.slice(0, -3)) {
      const point = this.points.get(code);
      if (point) return point;
    }
    return null;
  }

  count() {
    let red = 0;
    for (const { lamp } of this.lamps.values()) if (lamp === "red" || lamp === "deep_red") red += 1;
    this.red = red;
    this.element.dataset.lamps = String(this.lamps.size);
    this.element.dataset.red = String(red);
  }

  select(id, title, note) {
    this.chosen = id ? { id, title, note } : null;
    if (this.map && !this.waiting) this.place();
  }

  place() {
    const at = this.chosen && this.lamps.get(this.chosen.id)?.coordinates;
    const features = at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [];
    this.map.getSource("chosen").setData({ type: "FeatureCollection", features });
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

  // Red lamps breathe once a second; a few steps each, so that a wall's machine stays cool.
  pulse() {
    const gl = this.map.getCanvas().getContext("webgl2");
    const info = gl?.getExtension("WEBGL_debug_renderer_info");
    const soft = /swiftshader|llvmpipe|software/i.test(info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "");
    this.timer = setInterval(() => {
      if (!this.red || calm() || document.hidden) return;
      const swing = (1 - Math.cos((performance.now() % 1000) / 1000 * 2 * Math.PI)) / 2;
      const u = pixel();
      this.map.setPaintProperty("lamps-glow", "circle-radius", (20 + 12 * swing) * u);
      this.map.setPaintProperty("lamps-glow", "circle-opacity", 0.85 - 0.35 * swing);
    }, soft ? 250 : 100);
  }

  destroy() {
    this.gone = true;
    clearInterval(this.timer);
    this.map?.remove();
    this.map = null;
  }
}

// A lamp drawn once for the map: red a disc with a bar, amber a triangle, green a ring.
function lampImage(kind, size) {
  const scale = devicePixelRatio || 1;
  const side = Math.max(8, Math.round(size * scale));
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
  return pen.getImageData(0, 0, side, side);
}
