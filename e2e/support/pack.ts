// County packs for the journeys: the sample county as the server writes it, calm or with limits of
// seconds, and points that surely lie in a region.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync, cpSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from './process.ts';

type Position = [number, number];
interface Feature {
  properties: { code: string; name: string; level: string };
  geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };
}

export interface Place {
  region: string;
  name: string;
  lon: number;
  lat: number;
}

export const BINARY = process.env.GRIDLAMP_BIN ?? join(import.meta.dirname, '../../target/demo/gridlamp');

export class Packs {
  private readonly folder = mkdtempSync(join(tmpdir(), 'gridlamp-pack-'));
  private features?: Feature[];
  private readonly places = new Map<string, Place[]>();

  /** The sample county with its usual limits. */
  get calm(): string {
    return join(this.folder, 'calm');
  }

  /** The same county where a matter must be signed for, and a session mustered, within seconds. */
  get drill(): string {
    return join(this.folder, 'drill');
  }

  /** The same county where whoever signed must have begun within a minute. */
  get brisk(): string {
    return join(this.folder, 'brisk');
  }

  static async make(): Promise<Packs> {
    const packs = new Packs();
    await output(BINARY, ['sample', packs.calm]);
    packs.hasten(packs.drill, 'sign', '6S');
    packs.hasten(packs.brisk, 'first_action', '45S');
    // Who does not set out within a quarter of a minute is late; an order goes on after five seconds.
    appendFileSync(join(packs.drill, 'catalogue.toml'), '\n[sessions]\nmuster_secs = 15\nread_secs = 5\n');
    return packs;
  }

  /** The calm county with so many more units, shared out among those who have some. */
  crowded(count: number): { folder: string; units: string[] } {
    const folder = join(this.folder, 'crowded');
    cpSync(this.calm, folder, { recursive: true });
    const file = join(folder, 'units.toml');
    const orgs = [...new Set([...readFileSync(file, 'utf8').matchAll(/^org = "([^"]+)"/gm)].map(([, org]) => org!))];
    const units = Array.from({ length: count }, (_, n) => `crowd-${n}`);
    const entry = (id: string, n: number) =>
      `\n[[unit]]\nid = "${id}"\nname = "巡逻${n}号"\nkind = "vehicle"\norg = "${orgs[n % orgs.length]!}"\n`;
    appendFileSync(file, units.map(entry).join(''));
    return { folder, units };
  }

  /** A copy of the calm county with another limit for one clock. */
  private hasten(folder: string, clock: string, limit: string): void {
    cpSync(this.calm, folder, { recursive: true });
    const file = join(folder, 'catalogue.toml');
    const catalogue = readFileSync(file, 'utf8');
    const hasty = catalogue.replaceAll(new RegExp(`\\b${clock} = "[^"]+"`, 'g'), `${clock} = "${limit}"`);
    if (hasty === catalogue) throw new Error(`catalogue.toml no longer says ${clock} = "…": mend this replacement`);
    writeFileSync(file, hasty);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A place well inside a grid of this region; `nth` picks another. */
  place(within: string, nth = 0): Place {
    const places = this.places.get(within) ?? this.placesIn(within);
    const place = places[nth % Math.max(1, places.length)];
    if (!place) throw new Error(`no place found in ${within}`);
    return place;
  }

  private placesIn(within: string): Place[] {
    const grids = this.at('grid').filter((grid) => grid.properties.code.startsWith(within));
    const places = grids.map(inside).filter((place) => place !== undefined);
    this.places.set(within, places);
    return places;
  }

  /** The codes of the townships, in order. */
  townships(): string[] {
    return this.at('township').map((feature) => feature.properties.code).sort();
  }

  private at(level: string): Feature[] {
    const read = () => JSON.parse(readFileSync(join(this.calm, 'regions.geojson'), 'utf8')) as { features: Feature[] };
    this.features ??= read().features;
    return this.features.filter((feature) => feature.properties.level === level);
  }
}

/** The middle of the corners, if it lies inside: good enough, there are many grids. */
function inside(grid: Feature): Place | undefined {
  const ring = grid.geometry.type === 'Polygon' ? grid.geometry.coordinates[0] : grid.geometry.coordinates[0]?.[0];
  if (!ring) return undefined;
  const corners = ring.slice(1);
  const mean = (axis: 0 | 1) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  const [lon, lat] = [mean(0), mean(1)];
  let within = false;
  corners.forEach(([x, y], at) => {
    const [px, py] = corners[(at + corners.length - 1) % corners.length]!;
    if (y > lat !== py > lat && lon < ((px - x) * (lat - y)) / (py - y) + x) within = !within;
  });
  return within ? { region: grid.properties.code, name: grid.properties.name, lon, lat } : undefined;
}
