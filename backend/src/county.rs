//! Reads a county pack from its folder: regions, rules and layers, with every fault named.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use domain::pack::{County, PackTexts};
use geodata::boundary::{Boundary, Severity};

/// Largest file of a pack, in bytes.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// One thing wrong with a pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Whether the pack can't be used with it.
    pub fatal: bool,
    /// The file, and where in it.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// A county, ready to serve.
pub struct Pack {
    /// Its rules.
    pub county: County,
    /// Its boundaries.
    pub boundary: Boundary,
    /// Map layers, by name.
    pub layers: Vec<Layer>,
}

/// Layers that name people in trouble, whatever their file says.
const RESTRICTED: [&str; 3] = ["key_persons", "patients", "minors"];

/// A map layer as it lies in the pack.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Its GeoJSON.
    pub body: Bytes,
    /// Whether each view asks for a purpose and is noted.
    pub restricted: bool,
}

impl Layer {
    /// A layer; a top-level member `"restricted": true` makes it a restricted one.
    fn new(name: &str, text: String, parsed: &geojson::GeoJson) -> Self {
        let members = match parsed {
            geojson::GeoJson::FeatureCollection(all) => all.foreign_members.as_ref(),
            geojson::GeoJson::Feature(one) => one.foreign_members.as_ref(),
            geojson::GeoJson::Geometry(one) => one.foreign_members.as_ref(),
        };
        let says = members.and_then(|members| members.get("restricted"));
        // Anything but a plain no: a pack that says it oddly is taken at its word.
        let says = says.is_some_and(|value| *value != serde_json::Value::Bool(false));
        Self {
            name: name.to_owned(),
            body: Bytes::from(text),
            restricted: says || RESTRICTED.contains(&name),
        }
    }
}

/// Reads and checks a pack. The second part lists every fault; the first is there unless one is
/// fatal.
pub fn read(folder: &Path) -> (Option<Pack>, Vec<Fault>) {
    let mut faults = Vec::new();
    let Some(regions) = text(folder, "regions.geojson", &mut faults) else {
        if faults.is_empty() {
            faults.push(Fault {
                fatal: true,
                place: folder.join("regions.geojson").display().to_string(),
                message: "the file is missing".to_owned(),
                remedy: "a county pack needs regions.geojson; `gridlamp sample DIR` writes one to start from"
                    .to_owned(),
            });
        }
        return (None, faults);
    };
    let (boundary, found) = Boundary::read(&regions);
    faults.extend(found.into_iter().map(of_boundary));
    let mut part = |name| text(folder, name, &mut faults);
    let (orgs, catalogue) = (part("orgs.toml"), part("catalogue.toml"));
    let (duties, calendar) = (part("duties.toml"), part("calendar.toml"));
    let units = part("units.toml");
    let layers = layers(folder, &mut faults);
    let Some(boundary) = boundary else {
        return (None, faults);
    };
    let texts = PackTexts {
        orgs: orgs.as_deref(),
        catalogue: catalogue.as_deref(),
        duties: duties.as_deref(),
        calendar: calendar.as_deref(),
        units: units.as_deref(),
    };
    match County::from_toml(boundary.tree().clone(), texts) {
        Ok(county) if !faults.iter().any(|fault| fault.fatal) => (
            Some(Pack {
                county,
                boundary,
                layers,
            }),
            faults,
        ),
        Ok(_) => (None, faults),
        Err(found) => {
            faults.extend(found.into_iter().map(|fault| Fault {
                fatal: true,
                place: format!("{} {}", fault.file, fault.path),
                message: fault.message,
                remedy: fault.remedy,
            }));
            (None, faults)
        }
    }
}

fn of_boundary(fault: geodata::boundary::Fault) -> Fault {
    let feature = fault
        .feature
        .map(|feature| format!(" feature {feature}"))
        .unwrap_or_default();
    let region = fault
        .region
        .map(|region| format!(" ({region})"))
        .unwrap_or_default();
    let place = format!("regions.geojson{feature}{region}");
    Fault {
        fatal: fault.severity == Severity::Error,
        place,
        message: format!("{}: {}", fault.code, fault.message),
        remedy: fault.remedy,
    }
}

/// A file's text; none if there is no such file. Anything else is a fault.
fn text(folder: &Path, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let path = folder.join(name);
    let mut fault = |message: String, remedy: &str| {
        faults.push(Fault {
            fatal: true,
            place: path.display().to_string(),
            message,
            remedy: remedy.to_owned(),
        });
        None
    };
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return fault(error.to_string(), "check the path and its rights"),
        Ok(meta) if meta.len() > MAX_FILE_BYTES => {
            return fault(format!("{} bytes are too many", meta.len()), "simplify it");
        }
        Ok(_) => {}
    }
    match fs::read(&path) {
        Err(error) => fault(error.to_string(), "check the path and its rights"),
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Some(text.trim_start_matches('\u{feff}').to_owned()),
            Err(_) => fault("not UTF-8".to_owned(), "save it as UTF-8"),
        },
    }
}

/// The layers, each checked to be GeoJSON.
fn layers(folder: &Path, faults: &mut Vec<Fault>) -> Vec<Layer> {
    let Ok(files) = fs::read_dir(folder.join("layers")) else {
        return Vec::new();
    };
    let mut layers = Vec::new();
    for path in files.filter_map(|file| Some(file.ok()?.path())) {
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.extension().is_none_or(|end| end != "geojson") || name.is_empty() {
            continue;
        }
        let Some(text) = text(folder, &format!("layers/{name}.geojson"), faults) else {
            continue;
        };
        match text.parse::<geojson::GeoJson>() {
            Ok(parsed) => layers.push(Layer::new(name, text, &parsed)),
            Err(error) => faults.push(Fault {
                fatal: true,
                place: path.display().to_string(),
                message: error.to_string(),
                remedy: "a layer is a GeoJSON FeatureCollection".to_owned(),
            }),
        }
    }
    layers.sort();
    layers
}
