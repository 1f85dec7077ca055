//! Incidents as rows of a file: a line of CSV, a line of JSON, a feature of GeoJSON. What may be
//! shown of them is decided before they come here.

use domain::incident::Incident;
use domain::incident::clock::ClockKind;
use domain::pack::County;
use domain::pack::limits::Severity;
use domain::time::Timestamp;
use serde_json::{Value, json};

/// The formats of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Comma-separated values in UTF-8, with a first line of names.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// One collection of features; those without a position have no geometry.
    GeoJson,
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::GeoJson => "application/geo+json",
        }
    }

    /// What stands before the first incident.
    pub fn head(self) -> String {
        match self {
            Self::Csv => csv_line(COLUMNS),
            Self::Ndjson => String::new(),
            Self::GeoJson => r#"{"type":"FeatureCollection","features":["#.to_owned(),
        }
    }

    /// One incident, as it is shown; `is_first` of a file.
    pub fn item(self, shown: &Incident, county: &County, now: Timestamp, is_first: bool) -> String {
        match self {
            Self::Csv => csv_line(cells(shown, county, now).map(harmless)),
            Self::Ndjson => format!("{}\n", value(shown, now)),
            Self::GeoJson => {
                let between = if is_first { "" } else { "," };
                format!("{between}{}", feature(shown, county, now))
            }
        }
    }

    /// What stands after the last incident.
    pub const fn end(self) -> &'static str {
        match self {
            Self::Csv | Self::Ndjson => "",
            Self::GeoJson => "]}",
        }
    }
}

/// A line of CSV.
pub fn csv_line<T: AsRef<[u8]>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail, and what goes in is text.
    let _ = out.write_record(cells);
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn feature(incident: &Incident, county: &County, now: Timestamp) -> Value {
    let at = incident.place.lon.zip(incident.place.lat);
    let cells = COLUMNS.iter().zip(cells(incident, county, now));
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
}

/// The columns of a file.
pub const COLUMNS: [&str; 22] = [
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

/// What stands in the columns.
pub fn cells(incident: &Incident, county: &County, now: Timestamp) -> [String; COLUMNS.len()] {
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
pub fn harmless(cell: String) -> String {
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

/// An incident as it was shown to somebody, with what is derived from it.
pub fn value(shown: &Incident, now: Timestamp) -> Value {
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
}
