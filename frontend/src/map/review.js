// The map of an after-action report: the county's borders, each unit's way in its colour, where it
// began and where it arrived, the scene. Nothing moves.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOURS = 6;
const ZOOM = 12;
const MAX_ZOOM = 16;

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

async function json(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : null;
}

const all = (features) => ({ type: "FeatureCollection", features });
const point = (coordinates, properties) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates } });

export class ReviewMap {
  constructor(element, scope, report) {
    this.element = element;
    this.start(scope, JSON.parse(report)).catch((why) => {
      console.error(why);
      this.element.dataset.ready = "failed";
    });
  }

  async start(scope, { place, tracks }) {
    const [{ Map: View, ScaleControl }, regions] = await Promise.all([maplibre(), json(`/api/v1/regions?scope=${scope}&zoom=${ZOOM}`)]);
    if (this.gone) return;
    const scene = Number.isFinite(place?.lon) && Number.isFinite(place?.lat) ? [place.lon, place.lat] : null;
    const ways = tracks.map(({ points, arrival }, n) => ({ line: points.map(([lon, lat]) => [lon, lat]), arrival, colour: token(`--series-${(n % COLOURS) + 1}`) }));
    const places = ways.flatMap(({ line }) => line).concat(scene ? [scene] : []);
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    this.map = new View({
      container: this.element,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": token("--load-0") } }] },
      bounds: [[Math.min(...xs) - 0.002, Math.min(...ys) - 0.002], [Math.max(...xs) + 0.002, Math.max(...ys) + 0.002]],
      fitBoundsOptions: { padding: 36, maxZoom: MAX_ZOOM },
      attributionControl: false, localIdeographFontFamily: token("--face"), fadeDuration: 0,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, renderWorldCopies: false, maxZoom: 18,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
    await new Promise((done) => this.map.once("load", done));
    if (this.gone) return;
    if (regions) this.borders(regions);
    this.ways(ways);
    this.ends(ways);
    this.scene(scene);
    this.element.dataset.ways = String(ways.length);
    await this.map.once("idle");
    this.element.dataset.ready = "true";
  }

  borders(regions) {
    this.map.addSource("regions", { type: "geojson", data: regions });
    const by = (grid, village, township) => ["match", ["get", "level"], "grid", grid, "village", village, township];
    this.map.addLayer({
      id: "borders", type: "line", source: "regions",
      paint: { "line-color": by(token("--grid-line"), token("--village-line"), token("--township-line")), "line-width": by(0.6, 1, 1.6) },
    });
    const named = regions.features.map(({ properties }) => properties).filter(({ level, lx }) => (level === "township" || level === "village") && Number.isFinite(lx));
    this.map.addSource("names", { type: "geojson", data: all(named.map(({ lx, ly, name, level }) => point([lx, ly], { name, level }))) });
    for (const [level, size, from] of [["township", 15, 0], ["village", 12, 11.5]]) {
      this.map.addLayer({
        id: `names-${level}`, type: "symbol", source: "names", filter: ["==", ["get", "level"], level], minzoom: from,
        layout: { "text-field": ["get", "name"], "text-size": size, "text-font": ["sans"] },
        paint: { "text-color": token("--label"), "text-halo-color": token("--label-halo"), "text-halo-width": 1.2 },
      });
    }
  }

  ways(ways) {
    const lines = ways.filter(({ line }) => line.length > 1).map(({ line, colour }) => ({ type: "Feature", properties: { colour }, geometry: { type: "LineString", coordinates: line } }));
    this.map.addSource("ways", { type: "geojson", data: all(lines) });
    const layout = { "line-join": "round", "line-cap": "round" };
    this.map.addLayer({ id: "ways-rim", type: "line", source: "ways", layout, paint: { "line-color": token("--label-halo"), "line-width": 6 } });
    this.map.addLayer({ id: "ways", type: "line", source: "ways", layout, paint: { "line-color": ["get", "colour"], "line-width": 3.4 } });
  }

  ends(ways) {
    const begun = ways.filter(({ line }) => line.length).map(({ line, colour }) => point(line[0], { colour, kind: "begin" }));
    const there = ways.filter(({ arrival }) => arrival).map(({ arrival, colour }) => point([arrival.lon, arrival.lat], { colour, kind: "arrival" }));
    this.map.addSource("ends", { type: "geojson", data: all([...begun, ...there]) });
    const is = (then, other) => ["case", ["==", ["get", "kind"], "begin"], then, other];
    this.map.addLayer({
      id: "ends", type: "circle", source: "ends",
      paint: { "circle-radius": is(4.5, 6), "circle-color": is(token("--label-halo"), ["get", "colour"]), "circle-stroke-color": is(["get", "colour"], token("--label")), "circle-stroke-width": 2 },
    });
  }

  scene(scene) {
    if (!scene) return;
    this.map.addSource("scene", { type: "geojson", data: all([point(scene, {})]) });
    this.map.addLayer({ id: "scene-ring", type: "circle", source: "scene", paint: { "circle-radius": 15, "circle-opacity": 0, "circle-stroke-color": token("--amber"), "circle-stroke-width": 2.5 } });
    this.map.addLayer({ id: "scene", type: "circle", source: "scene", paint: { "circle-radius": 5.5, "circle-color": token("--amber"), "circle-stroke-color": token("--label-halo"), "circle-stroke-width": 2 } });
  }

  destroy() {
    this.gone = true;
    this.map?.remove();
  }
}
