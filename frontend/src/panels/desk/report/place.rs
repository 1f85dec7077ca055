//! Finding a place by what a caller says: regions by name or code, and the named things on the map's
//! layers. Where a whole sentence was said, the names in it are found.

use geodata::region::{Code, Level};

use crate::words::Words;

/// Most that are listed.
const LISTED: usize = 30;

/// A named thing on a layer of the map.
#[derive(Clone, PartialEq, Debug)]
pub struct Landmark {
    /// What it is called.
    pub name: String,
    /// Degrees east and north, WGS-84: its position, or the middle of its line.
    pub at: (f64, f64),
}

/// A place that was found.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// A region.
    Region(Code),
    /// A landmark, by its place in the list.
    Landmark(usize),
}

impl Found {
    /// What stands for it in a picker.
    pub fn id(&self) -> String {
        match self {
            Self::Region(code) => code.to_string(),
            Self::Landmark(nth) => format!("@{nth}"),
        }
    }

    /// What an id stands for.
    pub fn of_id(id: &str) -> Option<Self> {
        match id.strip_prefix('@') {
            Some(nth) => nth.parse().ok().map(Self::Landmark),
            None => id.parse().ok().map(Self::Region),
        }
    }
}

/// The places that fit what was typed, the closest fit first: by their name, by a code, or named
/// in it.
pub fn find(words: &Words, landmarks: &[Landmark], scope: Code, query: &str) -> Vec<Found> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<((usize, usize), Found)> = Vec::new();
    for (code, name) in words.regions() {
        let is_own = scope.contains(code) && code.level() > Level::County;
        let by_code = query.len() >= 6 && code.to_string().starts_with(&query);
        let fit = if by_code {
            Some((0, 0))
        } else {
            fit(name, &query)
        };
        if let Some(fit) = fit.filter(|_| is_own) {
            found.push((fit, Found::Region(code)));
        }
    }
    for (nth, landmark) in landmarks.iter().enumerate() {
        if let Some(fit) = fit(&landmark.name, &query) {
            found.push((fit, Found::Landmark(nth)));
        }
    }
    found.sort_by_key(|(fit, _)| *fit);
    found.truncate(LISTED);
    found.into_iter().map(|(_, one)| one).collect()
}

/// How well a name fits: what is called so, begins so, has it, is named in it; none if it does not.
fn fit(name: &str, query: &str) -> Option<(usize, usize)> {
    let name = name.to_lowercase();
    let letters = name.chars().count();
    if name == query {
        Some((0, letters))
    } else if name.starts_with(query) {
        Some((1, letters))
    } else if name.contains(query) {
        Some((2, letters))
    } else if letters >= 2 && query.contains(&name) {
        // The longer a name in a sentence, the surer it is meant.
        Some((3, usize::MAX - letters))
    } else {
        None
    }
}

/// The named things of a GeoJSON layer; the parts of one that is cut into pieces count once.
pub fn landmarks(layer: &serde_json::Value) -> Vec<Landmark> {
    let features = layer["features"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut all: Vec<Landmark> = Vec::new();
    for feature in features {
        let name = feature["properties"]["name"].as_str().unwrap_or_default();
        let at = middle(&feature["geometry"]["coordinates"]);
        if let Some(at) = at.filter(|_| !name.is_empty() && all.iter().all(|one| one.name != name))
        {
            all.push(Landmark {
                name: name.to_owned(),
                at,
            });
        }
    }
    all
}

/// A position, or the one in the middle of a list of them, however deep.
fn middle(coordinates: &serde_json::Value) -> Option<(f64, f64)> {
    let list = coordinates.as_array()?;
    if let (Some(lon), Some(lat)) = (
        list.first()?.as_f64(),
        list.get(1).and_then(serde_json::Value::as_f64),
    ) {
        return Some((lon, lat));
    }
    middle(list.get(list.len() / 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wire::labels::Labels;
    use serde_json::json;

    fn words() -> Words {
        let region = |code: &str, name: &str| (code.parse().expect("code"), name.to_owned());
        Words::new(Labels {
            name: "青溪县".to_owned(),
            regions: vec![
                region("330899", "青溪县"),
                region("330899101", "樟潭街道"),
                region("330899101001", "石桥村"),
                region("330899101001001", "石桥村第一网格"),
                region("330899102", "石室乡"),
            ],
            ..Labels::default()
        })
    }

    fn ids(query: &str) -> Vec<String> {
        let roads = [Landmark {
            name: "湖镇路".to_owned(),
            at: (118.9, 28.9),
        }];
        let county: Code = "330899".parse().expect("code");
        find(&words(), &roads, county, query)
            .iter()
            .map(Found::id)
            .collect()
    }

    #[test]
    fn a_place_is_found_by_name_code_or_in_a_sentence() {
        assert_eq!(ids("石桥村"), ["330899101001", "330899101001001"]);
        assert_eq!(ids("330899102"), ["330899102"]);
        assert_eq!(ids("湖镇"), ["@0"]);
        let said = ids("我在樟潭街道石桥村湖镇路口");
        assert_eq!(said.len(), 3, "{said:?}");
        assert_eq!(said[0], "330899101", "the longest name first");
        assert!(ids("").is_empty() && ids("青溪县").is_empty());
        assert_eq!(Found::of_id("@3"), Some(Found::Landmark(3)));
    }

    #[test]
    fn one_region_only_within_ones_own() {
        let town: Code = "330899102".parse().expect("code");
        assert!(find(&words(), &[], town, "石桥").is_empty());
    }

    #[test]
    fn a_landmark_stands_at_its_point_or_the_middle_of_its_line() {
        let layer = json!({"features": [
            {"properties": {"name": "湖镇路"}, "geometry": {"coordinates": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}},
            {"properties": {"name": "湖镇路"}, "geometry": {"coordinates": [[9.0, 9.0], [9.0, 9.0]]}},
            {"properties": {"name": "老年活动中心"}, "geometry": {"coordinates": [7.0, 8.0]}},
            {"properties": {}, "geometry": {"coordinates": [7.0, 8.0]}},
        ]});
        let found = landmarks(&layer);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].at, found[1].at), ((3.0, 4.0), (7.0, 8.0)));
    }
}
