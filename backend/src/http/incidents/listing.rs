//! The list of incidents, as a page or as a file: what a viewer sees of it, narrowed by a filter.
//! A filter looks at what the viewer is shown and never at what is hidden behind it.

use domain::access::Viewer;
use domain::actor::Clearance;
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::clock::ClockKind;
use domain::lamp::Lamp;
use domain::pack::County;
use domain::pack::limits::Severity;
use domain::privacy;
use domain::time::Timestamp;
use domain::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the list can be narrowed by.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct Filter {
    /// A region to look at alone.
    pub region: Option<String>,
    /// `open`, `closed`, or a state.
    status: Option<String>,
    lamp: Option<Lamp>,
    category: Option<String>,
    /// `Ⅰ` to `Ⅳ`, or 1 to 4.
    level: Option<String>,
    source: Option<String>,
    holder: Option<String>,
    /// Part of the title or of the number.
    q: Option<String>,
    /// Came in at or after.
    from: Option<Timestamp>,
    /// Came in before.
    to: Option<Timestamp>,
    cursor: Option<String>,
    pub limit: Option<usize>,
}

/// One page: what the viewer sees of each incident, newest first, and where the next page begins.
pub(super) struct Page {
    pub items: Vec<Incident>,
    pub next: Option<String>,
    pub now: Timestamp,
}

impl Page {
    /// The page of a viewer.
    pub fn of(
        world: &World,
        viewer: &Viewer,
        filter: &Filter,
        limit: usize,
        now: Timestamp,
    ) -> Self {
        let after = filter.cursor.as_deref().and_then(parse_cursor);
        let mut found: Vec<(&Incident, Clearance)> = world
            .incidents()
            .filter(|i| after.is_none_or(|after| (i.received_at.millis(), i.id) < after))
            .filter_map(|i| Some((i, viewer.sight_of(i)?)))
            .filter(|(i, clearance)| filter.matches(i, *clearance, now))
            .collect();
        found.sort_unstable_by_key(|(i, _)| std::cmp::Reverse((i.received_at, i.id)));
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        Self {
            next: last.map(|(i, _)| format!("{}_{}", i.received_at.millis(), i.id)),
            items: found
                .iter()
                .map(|(i, clearance)| privacy::incident(i, *clearance))
                .collect(),
            now,
        }
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let items: Vec<Value> = self.items.iter().map(|i| value(i, self.now)).collect();
        json!({"items": items, "next": self.next, "now": self.now})
    }

    /// As GeoJSON: those without a position have no geometry.
    pub fn geojson(&self, county: &County) -> Value {
        let feature = |incident: &Incident| {
            let at = incident.place.lon.zip(incident.place.lat);
            let cells = COLUMNS.iter().zip(cells(incident, county, self.now));
            let properties: serde_json::Map<String, Value> = cells
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(name, cell)| ((*name).to_owned(), Value::String(cell)))
                .collect();
            json!({
                "type": "Feature",
                "id": incident.id,
                "geometry": at.map(|(lon, lat)| json!({"type": "Point", "coordinates": [lon, lat]})),
                "properties": properties,
            })
        };
        let features: Vec<Value> = self.items.iter().map(feature).collect();
        json!({"type": "FeatureCollection", "features": features})
    }

    /// As CSV in UTF-8, with a first line of names.
    pub fn csv(&self, county: &County) -> Vec<u8> {
        let mut out = csv::Writer::from_writer(Vec::new());
        // Writing into memory cannot fail.
        let _ = out.write_record(COLUMNS);
        for incident in &self.items {
            let _ = out.write_record(cells(incident, county, self.now).map(harmless));
        }
        out.into_inner().unwrap_or_default()
    }
}

/// The columns of a file.
const COLUMNS: [&str; 22] = [
    "id",
    "number",
    "title",
    "category",
    "category_name",
    "level",
    "state",
    "lamp",
    "region",
    "region_name",
    "address",
    "lon",
    "lat",
    "source",
    "external_id",
    "holder",
    "received_at",
    "accept_by",
    "deadline",
    "closed_at",
    "reporter_name",
    "reporter_phone",
];

fn cells(incident: &Incident, county: &County, now: Timestamp) -> [String; COLUMNS.len()] {
    let word = |value: Value| value.as_str().map(str::to_owned).unwrap_or_default();
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let degrees = |at: Option<f64>| at.map(|at| at.to_string()).unwrap_or_default();
    let category = incident
        .category
        .and_then(|code| county.catalogue.get(code));
    let holder = incident.holder().map(|hold| {
        let org = county.orgs.get(&hold.org);
        org.map_or_else(|| hold.org.to_string(), |org| org.name.clone())
    });
    let reporter = incident.reporter.clone().unwrap_or_default();
    [
        incident.id.to_string(),
        incident.label(),
        incident.title.clone(),
        incident
            .category
            .map(|code| code.to_string())
            .unwrap_or_default(),
        category.map(|c| c.name.clone()).unwrap_or_default(),
        incident
            .severity
            .map(|severity| severity.roman().to_owned())
            .unwrap_or_default(),
        word(json!(incident.state)),
        word(json!(incident.lamp(now))),
        incident.region.to_string(),
        county.tree.name(incident.region).to_owned(),
        incident.place.address.clone().unwrap_or_default(),
        degrees(incident.place.lon),
        degrees(incident.place.lat),
        incident.source.clone(),
        incident.external_id.clone(),
        holder.unwrap_or_default(),
        time(Some(incident.received_at)),
        time(incident.clock(ClockKind::Accept).map(|clock| clock.due)),
        time(incident.deadline()),
        time(incident.closed_at),
        reporter.name.unwrap_or_default(),
        reporter.phone.unwrap_or_default(),
    ]
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: String) -> String {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'
        )
    };
    if cell.trim_start_matches([' ', '"']).starts_with(begins) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// A place in the list: when the last one shown came in, and its id.
pub(in crate::http) fn parse_cursor(text: &str) -> Option<(i64, IncidentId)> {
    let (millis, id) = text.split_once('_')?;
    Some((millis.parse().ok()?, id.parse().ok()?))
}

impl Filter {
    fn matches(&self, incident: &Incident, clearance: Clearance, now: Timestamp) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|w| w == has);
        let status = match self.status.as_deref() {
            None => true,
            Some("open") => incident.state.is_open(),
            Some("closed") => !incident.state.is_open(),
            Some(other) => json!(incident.state) == *other,
        };
        let category = incident
            .category
            .map(|code| code.to_string())
            .unwrap_or_default();
        let level = self.level.as_ref().is_none_or(|level| {
            let wanted = domain::wire::report::parse_level(&Value::String(level.clone()));
            wanted.is_some() && wanted == incident.severity
        });
        let holder = incident
            .holder()
            .map(|hold| hold.org.as_str())
            .unwrap_or_default();
        let text = self.q.as_deref().is_none_or(|q| {
            privacy::title(incident, clearance).contains(q) || incident.label().contains(q)
        });
        status
            && level
            && text
            && self.lamp.is_none_or(|lamp| lamp == incident.lamp(now))
            && self
                .category
                .as_deref()
                .is_none_or(|c| category.starts_with(c))
            && is(&self.source, &incident.source)
            && is(&self.holder, holder)
            && self.from.is_none_or(|from| incident.received_at >= from)
            && self.to.is_none_or(|to| incident.received_at < to)
    }
}

/// An incident as it was shown to somebody, with what is derived from it.
pub(super) fn value(shown: &Incident, now: Timestamp) -> Value {
    let mut value = serde_json::to_value(shown).unwrap_or_default();
    value["number"] = json!(shown.label());
    value["lamp"] = json!(shown.lamp(now));
    value["level"] = json!(shown.severity.map(Severity::roman));
    value["deadline"] = json!(shown.deadline());
    value["holder"] = json!(shown.holder().map(|hold| hold.org.as_str()));
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::tests::{self, COUNTY, Walk};

    #[test]
    fn a_cell_is_no_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            (" =1+1", "' =1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1", "'-1"),
            ("＝1", "'＝1"),
            ("\tx", "'\tx"),
            ("井盖缺失 = 危险", "井盖缺失 = 危险"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), safe);
        }
    }

    #[test]
    fn no_list_and_no_file_says_what_is_hidden() {
        let mut walk = Walk::new();
        // Reports, then some of them taken on and sent about.
        for (what, which) in (0..16)
            .map(|n| (0, n))
            .chain((0..24).map(|n| (3 + n as u8 % 8, n * 5)))
        {
            walk.step(what, which);
        }
        let county = COUNTY.clone();
        for viewer in tests::viewers() {
            let page = Page::of(&walk.world, &viewer, &Filter::default(), 1_000, walk.now());
            let json = page.json().to_string();
            let geojson = page.geojson(&county).to_string();
            for bytes in [json.as_bytes(), geojson.as_bytes(), &page.csv(&county)] {
                tests::looked_at(&walk, &viewer, bytes);
            }
            let snapshot = serde_json::to_vec(&walk.world.seen_by(&viewer)).expect("json");
            tests::looked_at(&walk, &viewer, &snapshot);
        }
    }

    #[test]
    fn a_search_finds_only_what_is_shown() {
        let mut walk = Walk::new();
        // A child at risk: which = 1 is of a sensitive category.
        walk.step(0, 1);
        let find = |clearance, q: &str| {
            let viewer = Viewer::of_region(COUNTY.code, clearance);
            let filter = Filter {
                q: Some(q.to_owned()),
                ..Filter::default()
            };
            Page::of(&walk.world, &viewer, &filter, 10, walk.now())
                .items
                .len()
        };
        assert_eq!(find(Clearance::Full, "题000"), 1);
        assert_eq!(find(Clearance::Wall, "题000"), 0);
        assert_eq!(find(Clearance::Wall, ""), 1);
    }
}
