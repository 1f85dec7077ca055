// The tablet's map: where the scene is, where oneself and the others are, and the straight line
// between. Drawn also without a network, from what was fetched last.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const KEPT = "gridlamp-field-map";
const AROUND_MAX_ZOOM = 15;
// Between a mark's middle and its name, and the edge: pixels.
const BESIDE = 24;

async function maplibre() {
  const assets = JSON.parse(document.querySelector('meta[name="gridlamp-assets"]').content);
  if (!document.querySelector(`link[href="${assets.maplibre_css}"]`)) {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = assets.maplibre_css;
    document.head.append(sheet);
  }
  const module = await import(assets.maplibre);
  module.setWorkerUrl(new URL(assets.maplibre_worker, location.href).href);
  return module;
}

// The newest answer, or the one before where nobody answers.
async function json(url) {
  const shelf = await globalThis.caches?.open(KEPT).catch(() => null);
  try {
    const answer = await fetch(url);
    if (!answer.ok) return null;
    await shelf?.put(url, answer.clone()).catch(() => {});
    return await answer.json();
  } catch {
    return (await shelf?.match(url))?.json() ?? null;
  }
}

export class FieldMap {
  constructor(element, scope, onEvent) {
    this.element = element;
    this.scope = scope;
    this.tell = onEvent;
    this.boxes = new Map();
    this.start().catch((why) => {
      console.error(why);
      this.tell("failed");
    });
  }

  async start() {
    const [{ Map: View, Marker }, regions] = await Promise.all([maplibre(), json(`/api/v1/regions?scope=${this.scope}&zoom=10`)]);
    if (this.gone) return;
    this.Marker = Marker;
    this.county = regions ? extent(regions, this.scope) : [[73, 18], [135, 53]];
    this.map = new View({
      container: this.element,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": token("--load-0") } }] },
      bounds: this.county, fitBoundsOptions: { padding: 24 },
      attributionControl: false, localIdeographFontFamily: token("--face"), fadeDuration: 0,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, renderWorldCopies: false, maxZoom: 18,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on("moveend", () => { this.sides(); this.tell("moved"); });
    this.map.on("movestart", (event) => { if (event.originalEvent) this.held = true; });
    await new Promise((done) => this.map.once("load", done));
    if (this.gone) return;
    if (regions) this.drawRegions(regions);
    for (const [name, colour, width] of [["river", "--river", 5], ["roads", "--road", 3]]) {
      const data = await json(`/api/v1/layers/${name}`).catch(() => null);
      if (this.gone) return;
      if (data?.features) this.line(name, data, colour, width, {}, regions ? "borders" : undefined);
    }
    this.line("route", none(), "--lit", 4, { "line-dasharray": [0.2, 1.8] });
    this.line("fence", none(), "--lit", 2, { "line-dasharray": [3, 2] });
    this.ready = true;
    this.element.dataset.ready = "true";
    this.draw();
    this.tell("ready");
  }

  // What shows now: west, south, east, north; empty before there is a map.
  extent() {
    const bounds = this.map?.getBounds();
    return bounds ? [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()] : [];
  }

  drawRegions(regions) {
    this.map.addSource("regions", { type: "geojson", data: regions });
    this.map.addLayer({
      id: "borders", type: "line", source: "regions",
      paint: { "line-color": ["match", ["get", "level"], "grid", token("--grid-line"), "village", token("--village-line"), token("--township-line")], "line-width": ["match", ["get", "level"], "grid", 0.6, "village", 1, 1.6] },
    });
    const named = regions.features.filter(({ properties: p }) => p.level === "township" || p.level === "village").filter(({ properties: p }) => Number.isFinite(p.lx));
    const points = named.map(({ properties: p }) => ({ type: "Feature", properties: { name: p.name, level: p.level }, geometry: { type: "Point", coordinates: [p.lx, p.ly] } }));
    this.map.addSource("names", { type: "geojson", data: { type: "FeatureCollection", features: points } });
    for (const [level, size, from] of [["township", 15, 0], ["village", 12, 11.5]]) {
      this.map.addLayer({
        id: `name-${level}`, type: "symbol", source: "names", minzoom: from, filter: ["==", ["get", "level"], level],
        layout: { "text-field": ["get", "name"], "text-font": ["Sans"], "text-size": size, "text-padding": 4 },
        paint: { "text-color": token("--quiet"), "text-halo-color": token("--label-halo"), "text-halo-width": 1.5 },
      });
    }
  }

  line(id, data, colour, width, paint, before) {
    this.map.addSource(id, { type: "geojson", data });
    this.map.addLayer({
      id, type: "line", source: id, layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": token(colour), "line-width": width, ...paint },
    }, before);
  }

  // {scene, fence (m), me, units: [{id, name, lon, lat, state, old}]}
  set(text) {
    this.picture = JSON.parse(text);
    if (this.ready) this.draw();
  }

  draw() {
    const { scene, me, fence, units } = this.picture ?? { units: [] };
    const seen = new Set();
    const box = (key, at, kind, state, name) => {
      seen.add(key);
      let one = this.boxes.get(key);
      if (!one) {
        const element = document.createElement("div");
        element.className = "field-mark";
        element.append(document.createElement("i"), document.createElement("b"));
        one = { element, marker: new this.Marker({ element }).setLngLat(at).addTo(this.map) };
        this.boxes.set(key, one);
      }
      one.element.dataset.kind = kind;
      one.element.dataset.state = state;
      one.element.lastChild.textContent = name;
      one.marker.setLngLat(at);
    };
    if (scene) box("scene", scene, "scene", "", "");
    for (const unit of units) box(unit.id, [unit.lon, unit.lat], "unit", unit.old ? "old" : unit.state, unit.name);
    if (me) box("me", me, "me", "", this.picture.own);
    for (const [key, { marker }] of this.boxes) {
      if (seen.has(key)) continue;
      marker.remove();
      this.boxes.delete(key);
    }
    this.element.dataset.units = String(units.length);
    this.map.getSource("route").setData(scene && me ? way([me, scene]) : none());
    this.map.getSource("fence").setData(scene && fence ? way(circle(scene, fence)) : none());
    const about = `${scene}`;
    if (about !== this.about) { this.about = about; this.held = false; this.fitted = 0; }
    const known = Number(Boolean(me)) + units.length;
    if (!this.held && known > (this.fitted ?? -1)) { this.fitted = known; this.fit(); }
    this.sides();
  }

  // A name that would run out of the picture stands on the other side of its mark.
  sides() {
    const wide = this.element.clientWidth;
    for (const { element, marker } of this.boxes.values()) {
      const room = wide - this.map.project(marker.getLngLat()).x;
      element.dataset.side = room < element.lastChild.offsetWidth + BESIDE ? "left" : "right";
    }
  }

  // All that matters at once: the scene, oneself, the others.
  fit() {
    this.held = false;
    if (!this.ready) return;
    const { scene, me, units } = this.picture ?? { units: [] };
    const all = [scene, me, ...units.map(({ lon, lat }) => [lon, lat])].filter(Boolean);
    if (!all.length) return this.map.fitBounds(this.county, { padding: 24, animate: false });
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    const { clientWidth: wide, clientHeight: high } = this.element;
    const edge = Math.min(90, wide / 5, high / 5);
    this.map.fitBounds([[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]], {
      padding: { top: edge, left: edge, right: edge, bottom: Math.min(edge + 60, high / 3) }, maxZoom: AROUND_MAX_ZOOM, animate: false,
    });
  }

  destroy() {
    this.gone = true;
    this.map?.remove();
  }
}

const none = () => ({ type: "FeatureCollection", features: [] });
const way = (coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });

function circle([lon, lat], metres) {
  const high = metres / 111195;
  const wide = high / Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: 49 }, (_, n) => [lon + wide * Math.cos((n * Math.PI) / 24), lat + high * Math.sin((n * Math.PI) / 24)]);
}

function extent({ features }, scope) {
  let [west, south, east, north] = [180, 90, -180, -90];
  const reach = (c) => {
    if (typeof c[0] === "number") {
      west = Math.min(west, c[0]); east = Math.max(east, c[0]);
      south = Math.min(south, c[1]); north = Math.max(north, c[1]);
    } else c.forEach(reach);
  };
  const own = features.filter(({ properties }) => properties.code === scope);
  for (const { geometry } of own.length ? own : features) if (geometry) reach(geometry.coordinates);
  return west > east ? [[73, 18], [135, 53]] : [[west, south], [east, north]];
}
