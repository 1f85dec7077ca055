use super::*;
use crate::boundary::Boundary;
use crate::region::Level;

fn checked(pack: &SamplePack) -> Boundary {
    let (boundary, faults) = Boundary::read(&pack.regions_geojson);
    let shown: Vec<String> = faults.iter().take(5).map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{} faults: {shown:#?}", faults.len());
    boundary.expect("a boundary")
}

#[test]
fn the_sample_county_is_sound() {
    let pack = county(1);
    let boundary = checked(&pack);
    let tree = boundary.tree();
    assert_eq!(tree, &pack.tree);
    let counts = Level::ALL.map(|level| tree.len_at(level));
    assert_eq!(counts, [1, 20, VILLAGES, GRIDS, 0]);
    assert_eq!(
        tree.name(Code::parse("330899101").expect("a code")),
        "莲溪镇"
    );
    assert!(tree.iter().all(|region| boundary.is_synthetic(region.code)));
    let bbox = boundary.bbox(tree.county().code).expect("a county");
    assert!((0.3..0.55).contains(&(bbox[2] - bbox[0])), "{bbox:?}");
    let whole = |region: &&Region| {
        boundary
            .polygons(region.code)
            .is_some_and(|shape| shape.0.len() == 1)
    };
    assert!(tree.iter().filter(whole).count() > 1400);
    for township in tree.children(tree.county().code) {
        let mut names: Vec<&str> = tree
            .children(township.code)
            .map(|village| village.name.as_str())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

#[test]
fn the_same_seed_gives_the_same_county() {
    let (one, same, other) = (county(7), county(7), county(8));
    assert_eq!(one.regions_geojson, same.regions_geojson);
    assert_eq!(one.layers, same.layers);
    assert_ne!(one.regions_geojson, other.regions_geojson);
    checked(&other);
    assert_eq!(
        one.layers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["layers/roads.geojson", "layers/river.geojson"]
    );
}

fn rows(townships: usize, villages: usize) -> Vec<VillageRow> {
    let of = |township: usize| {
        let township_code = format!("3308031{township:02}");
        (1..=villages).map(move |village| VillageRow {
            code: format!("{township_code}{village:03}"),
            name: format!("{village}村"),
            township_code: township_code.clone(),
            township: format!("{township}镇"),
        })
    };
    (1..=townships).flat_map(of).collect()
}

#[test]
fn islands_and_lakes_are_cut_as_well() {
    let outline = r#"{"type":"Feature","properties":{"name":"双岛县"},"geometry":{"type":"MultiPolygon","coordinates":[
        [[[118.9,28.9],[119.1,28.9],[119.1,29.1],[118.9,29.1],[118.9,28.9]],
         [[118.97,28.97],[118.97,29.02],[119.02,29.02],[119.02,28.97],[118.97,28.97]],
         [[118.911,28.911],[118.9111,28.9112],[118.9112,28.9111],[118.911,28.911]]],
        [[[119.2,28.9],[119.25,28.9],[119.25,28.95],[119.2,28.95],[119.2,28.9]]],
        [[[119.3,28.9],[119.3001,28.9],[119.3001,28.9001],[119.3,28.9001],[119.3,28.9]]]]}}"#;
    let pack = from_polygon(outline, Crs::Wgs84, &rows(4, 5), 3.0, 1).expect("a county");
    let boundary = checked(&pack);
    assert_eq!(boundary.tree().county().name, "双岛县");
    assert_eq!(boundary.tree().len_at(Level::Village), 20);
    let county = boundary
        .polygons(boundary.tree().county().code)
        .expect("an outline");
    assert_eq!(
        (
            county.0.len(),
            county.0.iter().map(|p| p.interiors().len()).sum::<usize>()
        ),
        (3, 2)
    );
}

#[test]
fn says_why_it_cannot() {
    assert!(matches!(
        from_polygon("{}", Crs::Wgs84, &rows(1, 1), 3.0, 1),
        Err(SampleError::Outline(_))
    ));
    let square =
        r#"{"type":"Polygon","coordinates":[[[118,28],[119,28],[119,29],[118,29],[118,28]]]}"#;
    assert!(matches!(
        from_polygon(square, Crs::Wgs84, &[], 3.0, 1),
        Err(SampleError::Count)
    ));
    assert!(matches!(
        from_polygon(square, Crs::Wgs84, &rows(1, 2), f64::NAN, 1),
        Err(SampleError::Count)
    ));
}

/// With `GRIDLAMP_REAL_DATA` naming a folder that has them, cuts a real county's outline for its
/// real villages.
#[test]
fn a_real_county_when_there_is_one() {
    let Some(folder) = std::env::var_os("GRIDLAMP_REAL_DATA").map(std::path::PathBuf::from) else {
        println!("GRIDLAMP_REAL_DATA is not set: nothing tried");
        return;
    };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a readable file");
    let rows: Vec<VillageRow> = read("qujiang-villages.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|cells| VillageRow {
            code: cells[0].clone(),
            name: cells[1].clone(),
            township_code: cells[2].clone(),
            township: cells[3].clone(),
        })
        .collect();
    let outline = read("quzhou-qujiang-county.geojson");
    for seed in 0..3 {
        let pack = from_polygon(&outline, Crs::Gcj02, &rows, 3.7, seed).expect("a county");
        let boundary = checked(&pack);
        assert_eq!(boundary.tree().len_at(Level::Township), 20);
        assert_eq!(boundary.tree().len_at(Level::Village), 295);
        println!("{} grids", boundary.tree().len_at(Level::Grid));
    }
}
