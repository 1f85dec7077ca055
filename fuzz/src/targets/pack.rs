//! What a county hands in as files.

use domain::pack::{County, PackTexts};
use geodata::boundary::Boundary;

use super::report::tree;
use super::{Target, texts};

pub(super) const BOUNDARY: Target = Target {
    name: "boundary_geojson",
    seeds: || {
        texts(&[
            r#"{"type":"FeatureCollection","crs":"wgs84","features":[{"type":"Feature","properties":{"code":"330899","name":"县","level":"county"},"geometry":{"type":"Polygon","coordinates":[[[120,30],[120.2,30],[120.2,30.2],[120,30.2],[120,30]]]}},{"type":"Feature","properties":{"code":"330899101","name":"镇","level":"township"},"geometry":{"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.2],[120,30.2],[120,30]]]}},{"type":"Feature","properties":{"code":"330899102","name":"乡","level":"township"},"geometry":{"type":"MultiPolygon","coordinates":[[[[120.1,30],[120.2,30],[120.2,30.2],[120.1,30.2],[120.1,30]]]]}}]}"#,
            r#"{"type":"FeatureCollection","crs":"gcj02","features":[{"type":"Feature","properties":{"code":330899,"name":"","level":"x"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[1,0],[0,0]],[[0.1,0.1],[0.2,0.2],[0.1,0.1]]]}}]}"#,
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":null,"geometry":null}]}"#,
        ])
    },
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let (boundary, faults) = Boundary::read(text);
        assert!(
            boundary.is_some() || !faults.is_empty(),
            "refused without a reason"
        );
        if let Some(boundary) = boundary {
            let codes: Vec<_> = boundary.tree().iter().map(|region| region.code).collect();
            for code in codes.into_iter().take(3) {
                let _ = boundary.to_geojson(code, 10);
            }
        }
    },
};

pub(super) const TOML: Target = Target {
    name: "pack_toml",
    seeds: || {
        let mut seeds = texts(&[
            "o[[orgs]]\nid = \"330899-centre\"\nname = \"县中心\"\nkind = \"centre\"\nregion = \"330899\"\n",
            "d[[duties]]\ncategory = \"07*\"\nregion = \"330899\"\nlead = \"330899-centre\"\ncooperating = []\n",
            "k[hours]\nmon = [\"08:30-12:00\", \"14:00-17:30\"]\n[[holidays]]\nname = \"国庆\"\ndays = \"2026-10-01..2026-10-07\"\n",
        ]);
        for (which, file) in [
            (
                b'c',
                include_str!("../../../domain/defaults/catalogue.toml"),
            ),
            (b'k', include_str!("../../../domain/defaults/calendar.toml")),
        ] {
            seeds.push([&[which], file.as_bytes()].concat());
        }
        seeds
    },
    run: |bytes| {
        let Some((which, rest)) = bytes.split_first() else {
            return;
        };
        let Ok(text) = std::str::from_utf8(rest) else {
            return;
        };
        let mut texts = PackTexts::default();
        match which % 4 {
            0 => texts.duties = Some(text),
            1 => texts.orgs = Some(text),
            2 => texts.catalogue = Some(text),
            _ => texts.calendar = Some(text),
        }
        if let Err(faults) = County::from_toml(tree(), texts) {
            assert!(!faults.is_empty(), "refused without a reason");
        }
    },
};
