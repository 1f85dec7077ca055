// The map on which a place is pointed at. Loaded when it is asked for: it outweighs the page.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function maplibre() {
  const assets = JSON.parse(document.querySelector('meta[name="gridlamp-assets"]').content);
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = assets.maplibre_css;
  document.head.append(sheet);
  const module = await import(assets.maplibre);
  module.setWorkerUrl(new URL(assets.maplibre_worker, location.href).href);
  return module;
}

export class PinMap {
  constructor(element, west, south, east, north, onEvent) {
    this.element = element;
    this.tell = onEvent;
    this.county = [west, south, east, north];
    this.start([[west, south], [east, north]]).catch((why) => {
      console.error(why);
      this.tell("failed", 0, 0);
    });
  }

  async start(bounds) {
    const [{ Map: View, Marker, NavigationControl }, answer] = await Promise.all([maplibre(), fetch("/api/v1/report-map")]);
    if (!answer.ok) throw new Error(`the map's outline: ${answer.status}`);
    const regions = await answer.json();
    if (this.gone) return;
    this.map = new View({
      container: this.element,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": token("--plan-ground") } }] },
      bounds, fitBoundsOptions: { padding: 12 },
      attributionControl: false, localIdeographFontFamily: token("--face"),
      dragRotate: false, pitchWithRotate: false, maxPitch: 0, renderWorldCopies: false, maxZoom: 18,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    await new Promise((done) => this.map.once("load", done));
    if (this.gone) return;
    this.draw(regions);
    const pin = document.createElement("div");
    pin.className = "map-pin";
    this.marker = new Marker({ element: pin, anchor: "bottom", draggable: true });
    const put = ({ lng, lat }) => this.tell("placed", lng, lat);
    this.map.on("click", ({ lngLat }) => { this.marker.setLngLat(lngLat).addTo(this.map); put(lngLat); });
    this.marker.on("dragend", () => put(this.marker.getLngLat()));
    if (this.at) this.show(...this.at);
    this.element.dataset.ready = "true";
    this.tell("ready", 0, 0);
  }

  draw(regions) {
    const names = regions.features
      .filter(({ properties: p }) => p.level !== "county" && Number.isFinite(p.lx) && Number.isFinite(p.ly))
      .map(({ properties: p }) => ({ type: "Feature", properties: { name: p.name, level: p.level }, geometry: { type: "Point", coordinates: [p.lx, p.ly] } }));
    this.map.addSource("regions", { type: "geojson", data: regions });
    this.map.addSource("names", { type: "geojson", data: { type: "FeatureCollection", features: names } });
    const is = (...levels) => ["in", ["get", "level"], ["literal", levels]];
    this.map.addLayer({ id: "land", type: "fill", source: "regions", filter: is("county"), paint: { "fill-color": token("--plan-land") } });
    const line = (id, level, colour, width, minzoom) => this.map.addLayer({ id, type: "line", source: "regions", minzoom, filter: is(level), paint: { "line-color": token(colour), "line-width": width } });
    line("grid", "grid", "--plan-grid", 0.7, 11);
    line("village", "village", "--plan-village", 1, 10);
    line("township", "township", "--plan-township", 1.6, 0);
    const text = (id, level, size, minzoom, maxzoom) => this.map.addLayer({
      id, type: "symbol", source: "names", minzoom, maxzoom, filter: is(level),
      layout: { "text-field": ["get", "name"], "text-font": ["Sans"], "text-size": size, "text-padding": 2 },
      paint: { "text-color": token("--plan-name"), "text-halo-color": token("--plan-land"), "text-halo-width": 1.6 },
    });
    text("township-name", "township", 15, 0, 12);
    text("village-name", "village", 13, 11, 14.5);
    text("grid-name", "grid", 12, 13, 24);
  }

  show(lon, lat) {
    this.at = [lon, lat];
    const [west, south, east, north] = this.county;
    // A place elsewhere can't be reported; the map stays on the county.
    if (!this.marker || lon < west || lon > east || lat < south || lat > north) return;
    this.marker.setLngLat([lon, lat]).addTo(this.map);
    this.map.jumpTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 14) });
  }

  destroy() {
    this.gone = true;
    this.map?.remove();
  }
}
