//! From the text of `regions.geojson` to drafts of regions, feature by feature; one bad feature
//! never hides the faults of the next. Whether the drafts fit together is left to `validate`.

use std::str::FromStr;

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::fault::{Faults, Site};
use super::ring;
use crate::crs::Crs;
use crate::plane::{Polygon, Ring, assemble, double_area, first_meeting, mend};
use crate::region::{Code, Level};

/// One feature that has a usable code.
#[derive(Debug)]
pub struct Draft {
    /// Where it stands, for faults.
    pub site: Site,
    pub code: Code,
    pub name: String,
    /// Nothing when the feature has no geometry, or one too faulty to use.
    pub shape: Option<Vec<Polygon>>,
    /// Whether the geometry was there but had to be left out.
    pub spoilt: bool,
    pub synthetic: bool,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Drafts {
    /// The features with usable codes, in the file's order.
    pub all: Vec<Draft>,
    /// Whether a feature was left out, so that a gap may be its doing.
    pub incomplete: bool,
}

/// Reads the file.
pub fn drafts(text: &str, faults: &mut Faults) -> Drafts {
    let file = Site::default();
    let value: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(value) => value,
        Err(error) => {
            let message = format!("The file is not JSON: {error}.");
            faults.error(
                &file,
                "not_json",
                message,
                "Export it again as GeoJSON in UTF-8.",
            );
            return Drafts::default();
        }
    };
    let features = value["features"].as_array();
    let Some(features) = features.filter(|_| value["type"] == "FeatureCollection") else {
        let message = "The file is no FeatureCollection with a list of features.";
        faults.error(
            &file,
            "not_a_feature_collection",
            message,
            "Export all regions as one FeatureCollection.",
        );
        return Drafts::default();
    };
    let crs = crs(&value["crs"], faults);
    let mut drafts = Drafts::default();
    for (index, feature) in features.iter().enumerate() {
        match draft(index, feature, crs, faults) {
            Some(draft) => drafts.all.push(draft),
            None => drafts.incomplete = true,
        }
    }
    drafts
}

/// The file's coordinate system: our word, or the name in the old `crs` object of GeoJSON.
fn crs(value: &Value, faults: &mut Faults) -> Crs {
    if value.is_null() {
        return Crs::Wgs84;
    }
    let name = value
        .as_str()
        .or_else(|| value["properties"]["name"].as_str())
        .unwrap_or_default();
    let plain: String = name
        .to_ascii_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let says = |words: &[&str]| words.iter().any(|word| plain.ends_with(word));
    if says(&["gcj02"]) {
        Crs::Gcj02
    } else if says(&["bd09", "bd09ll"]) {
        Crs::Bd09
    } else {
        if !says(&["wgs84", "crs84", "epsg4326", "cgcs2000", "epsg4490"]) {
            let message =
                format!("The coordinate system {value} is unknown; the file was read as wgs84.");
            let remedy = "Set the top-level crs to wgs84, gcj02 or bd09, and convert other coordinates first.";
            faults.error(&Site::default(), "unknown_crs", message, remedy);
        }
        Crs::Wgs84
    }
}

/// Reads one feature; `None` when it cannot be placed in the tree.
fn draft(index: usize, feature: &Value, crs: Crs, faults: &mut Faults) -> Option<Draft> {
    let properties = &feature["properties"];
    let written = properties["code"].as_str();
    let region = written
        .map(str::to_owned)
        .or_else(|| properties.get("code").map(ToString::to_string));
    let site = Site {
        feature: Some(index),
        region,
    };
    let code = code(written, &site, faults);
    level(properties, code, &site, faults);
    let name = name(&properties["name"], &site, faults);
    let geometry = &feature["geometry"];
    let shape = if geometry.is_null() {
        None
    } else {
        ring::polygons(geometry, crs, &site, faults)
    };
    let spoilt = shape.is_none() && !geometry.is_null();
    let synthetic = properties["synthetic"] == true;
    code.map(|code| Draft {
        site,
        code,
        name,
        shape,
        spoilt,
        synthetic,
    })
}

fn code(written: Option<&str>, site: &Site, faults: &mut Faults) -> Option<Code> {
    let remedy = "Set properties.code to a string of 6 (county), 9, 12, 15 or 18 digits.";
    match written.map(Code::parse) {
        Some(Ok(code)) => Some(code),
        Some(Err(error)) => {
            faults.error(
                site,
                "bad_code",
                format!("The code cannot be used: {error}."),
                remedy,
            );
            None
        }
        None => {
            faults.error(
                site,
                "missing_code",
                "The feature has no code that is a string.",
                remedy,
            );
            None
        }
    }
}

fn level(properties: &Value, code: Option<Code>, site: &Site, faults: &mut Faults) {
    let written = properties["level"].as_str().unwrap_or_default();
    match (Level::from_str(written), code) {
        (Err(()), _) => {
            let message = format!("The level {written:?} is none.");
            faults.error(
                site,
                "bad_level",
                message,
                "Use county, township, village, grid or micro_grid.",
            );
        }
        (Ok(level), Some(code)) if level != code.level() => {
            let message = format!(
                "The level is {level}, but a code of {} digits is a {}.",
                code.len(),
                code.level()
            );
            faults.error(site, "bad_level", message, "Make code and level agree.");
        }
        _ => {}
    }
}

fn name(value: &Value, site: &Site, faults: &mut Faults) -> String {
    let name = value.as_str().unwrap_or_default().trim();
    if name.is_empty() {
        faults.error(
            site,
            "missing_name",
            "The region has no name.",
            "Set properties.name.",
        );
    }
    name.to_owned()
}

/// The first outline in a GeoJSON text that is no county pack, and its `name`; or what is wrong.
pub fn outline(text: &str, crs: Crs) -> Result<(Vec<Polygon>, String), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let feature = value["features"].get(0).unwrap_or(&value);
    let geometry = feature.get("geometry").unwrap_or(feature);
    let mut faults = Faults::default();
    let polygons = ring::polygons(geometry, crs, &Site::default(), &mut faults);
    let name = feature["properties"]["name"]
        .as_str()
        .unwrap_or("County")
        .to_owned();
    let wrong = || {
        faults
            .0
            .iter()
            .find(|fault| fault.severity == super::Severity::Error)
            .map(ToString::to_string)
    };
    let polygons = polygons.ok_or_else(|| wrong().unwrap_or_default())?;
    let polygons = plain(polygons);
    match first_meeting(polygons.iter().flat_map(Polygon::rings)) {
        Some(at) => Err(format!(
            "it crosses itself near {:?}",
            crate::plane::place(at)
        )),
        None => Ok((polygons, name)),
    }
}

/// Public outlines are often rounded until they touch or overlap themselves. Those are cut apart
/// there, and of the crumbs (below a thousandth of the largest piece) nothing is kept.
fn plain(polygons: Vec<Polygon>) -> Vec<Polygon> {
    let rings: Vec<Ring> = polygons.iter().flat_map(Polygon::rings).cloned().collect();
    let mut seen = FxHashSet::default();
    let touches = rings.iter().flatten().any(|vertex| !seen.insert(*vertex));
    if !touches && first_meeting(&rings).is_none() {
        return polygons;
    }
    let mut rings = mend(rings);
    let size = |ring: &Ring| double_area(ring).abs();
    let largest = rings.iter().map(size).max().unwrap_or_default();
    rings.retain(|ring| size(ring) >= largest / 1000);
    assemble(rings)
}
