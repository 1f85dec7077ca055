//! Writes a county's regions as `regions.geojson`: each outline is its cells' edges added up, so
//! that borders of all levels coincide to the last digit.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use super::Village;
use super::cells::Cell;
use super::land::Land;
use crate::boundary::exact_geometry;
use crate::plane::{EdgeSum, Polygon, assemble, trace};
use crate::region::{Code, Level, Region};

/// The FeatureCollection of all regions.
pub fn regions(regions: &[Region], land: &Land, cells: &[Cell], villages: &[Village]) -> String {
    let mut shapes = outlines(cells, villages);
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"crs\":\"wgs84\",\"features\":[");
    for (at, region) in regions.iter().enumerate() {
        let name = serde_json::to_string(&region.name).unwrap_or_default();
        let (code, level) = (region.code, region.level);
        text.push_str(if at > 0 { ",\n" } else { "\n" });
        let _ = write!(
            text,
            r#"{{"type":"Feature","properties":{{"code":"{code}","name":{name},"level":"{level}","synthetic":true}},"geometry":"#
        );
        let shape = shapes
            .remove(&code)
            .unwrap_or_else(|| land.polygons.clone());
        exact_geometry(&mut text, &shape);
        text.push('}');
    }
    text.push_str("\n]}\n");
    text
}

fn outlines(cells: &[Cell], villages: &[Village]) -> FxHashMap<Code, Vec<Polygon>> {
    let mut sums: FxHashMap<Code, EdgeSum> = FxHashMap::default();
    for village in villages {
        for (number, cell) in (1..).zip(&village.cells) {
            let codes = village
                .code
                .child(number)
                .into_iter()
                .flat_map(Code::ancestors);
            for code in codes {
                let sum = sums.entry(code).or_default();
                cells[*cell].rings.iter().for_each(|ring| sum.add(ring, 1));
            }
        }
    }
    debug_assert!(sums.keys().any(|code| code.level() == Level::County));
    sums.into_iter()
        .map(|(code, sum)| (code, assemble(trace(&sum.rest()))))
        .collect()
}
