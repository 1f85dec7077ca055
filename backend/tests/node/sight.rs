//! Who sees what, asked from outside: a neighbour's incident by address, list and live; files;
//! layers; a person in trouble on a wall.

use domain::actor::Role;
use serde_json::{Value, json};

use crate::support::{Browser, Folder, Station};

const LAYERS: [(&str, &str); 2] = [
    ("patients", r#"{"type":"FeatureCollection","features":[]}"#),
    ("shops", ""),
];

/// A station whose pack has a restricted layer and a plain one, with a shop in each township.
async fn station(folder: &Folder) -> Station {
    let county = folder.0.join("county");
    std::fs::create_dir_all(county.join("layers")).expect("folder");
    let pack = geodata::sample::county(7);
    let regions: Value = serde_json::from_str(&pack.regions_geojson).expect("regions");
    let features: Vec<Value> = regions["features"]
        .as_array()
        .expect("list")
        .iter()
        .map(|region| &region["properties"])
        .filter(|region| region["level"] == "township")
        .map(|region| {
            json!({"type": "Feature", "geometry": null,
                "properties": {"name": "店", "region": region["code"]}})
        })
        .collect();
    std::fs::write(county.join("regions.geojson"), pack.regions_geojson).expect("pack");
    let shops = json!({"type": "FeatureCollection", "features": features}).to_string();
    for (name, text) in LAYERS {
        let text = if name == "shops" { &shops } else { text };
        let path = county.join(format!("layers/{name}.geojson"));
        std::fs::write(path, text).expect("layer");
    }
    Station::start(&folder.0).await
}

async fn report(station: &Station, id: &str, category: &str) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": id, "title": format!("题目{id}"), "category": category,
        "lon": lon, "lat": lat, "address": "莲花路 86 号", "description": "细节",
        "reporter": {"name": "张三", "phone": "13800001234"},
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

async fn head_of(station: &Station, id: &str, region: geodata::region::Code) -> Browser {
    station.person(id, Role::CommandRoom, region, true).await;
    station.signed_in(id).await
}

#[tokio::test]
async fn a_neighbour_finds_nothing() {
    let folder = Folder::new("neighbour");
    let station = station(&folder).await;
    let id = report(&station, "1", "0703").await;
    let mut own = head_of(&station, "own", station.township).await;
    let mut next = head_of(&station, "next", station.elsewhere).await;
    let at = format!("/incidents/{id}");
    assert_eq!(own.get(&at).await.body["reporter"]["phone"], "13800001234");
    let hidden = next.get(&at).await;
    let none = next
        .get("/incidents/00000000-0000-0000-0000-000000000000")
        .await;
    assert_eq!((hidden.status, &hidden.body), (404, &none.body));
    for body in [json!({}), json!({"expected_version": 1})] {
        let done = next.post(&format!("{at}/close"), &body).await;
        assert_eq!(
            (done.status, done.code()),
            (404, "not_found"),
            "{}",
            done.body
        );
    }
    let list = next.get("/incidents").await;
    assert_eq!(list.body["items"], json!([]));
    for path in [
        format!("/incidents?region={}", station.township),
        format!("/snapshot?scope={}", station.township),
        "/snapshot?scope=330899".to_owned(),
        format!("/regions?scope={}", station.township),
        format!("/labels?scope={}", station.township),
        format!("/layers/shops?scope={}", station.township),
    ] {
        let answer = next.get(&path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "outside_scope"),
            "{path}"
        );
    }
    let snapshot = next.get("/snapshot").await.body;
    assert_eq!(snapshot["world"]["incidents"], json!([]));
    assert_eq!(snapshot["world"]["numbers"]["incident"], 0);
    let labels = next.get("/labels").await.body.to_string();
    assert!(
        !labels.contains(&format!("\"{}", station.township)),
        "{labels}"
    );
    station.stop().await;
}

#[tokio::test]
async fn a_file_is_for_those_who_may_take_it_away() {
    let folder = Folder::new("files");
    let station = station(&folder).await;
    report(&station, "=cmd()", "0703").await;
    let file = async |token: &str, accept: &str| {
        let request = station
            .client
            .get(format!("{}/api/v1/incidents", station.url))
            .bearer_auth(token)
            .header("accept", accept);
        let answer = request.send().await.expect("answer");
        let kind = answer.headers()["content-type"]
            .to_str()
            .expect("text")
            .to_owned();
        (
            answer.status().as_u16(),
            kind,
            answer.text().await.expect("text"),
        )
    };
    let (status, kind, csv) = file(&station.reader, "text/csv").await;
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    assert!(
        csv.starts_with("id,number,title,") && csv.contains(",'=cmd(),"),
        "{csv}"
    );
    let (status, _, geojson) = file(&station.reader, "application/geo+json").await;
    let geojson: Value = serde_json::from_str(&geojson).expect("json");
    assert_eq!(status, 200);
    assert_eq!(geojson["features"][0]["geometry"]["type"], "Point");
    assert_eq!(
        geojson["features"][0]["properties"]["reporter_phone"],
        "13800001234"
    );
    station.stop().await;
}

#[tokio::test]
async fn a_restricted_layer_asks_what_for() {
    let folder = Folder::new("layers");
    let station = station(&folder).await;
    let mut room = head_of(&station, "room", station.township).await;
    let listed = room.get("/layers").await.body.to_string();
    assert!(listed.contains("patients") && listed.contains("shops"));
    let shops = room.get("/layers/shops").await.body;
    let names: Vec<&Value> = shops["features"].as_array().expect("list").iter().collect();
    assert_eq!(names.len(), 1, "{shops}");
    assert_eq!(names[0]["properties"]["region"], json!(station.township));
    for path in ["/layers/patients", "/layers/patients?purpose=%20"] {
        let asked = room.get(path).await;
        assert_eq!((asked.status, asked.code()), (422, "purpose_required"));
    }
    let long = format!("/layers/patients?purpose={}", "a".repeat(201));
    assert_eq!(room.get(&long).await.code(), "purpose_required");
    let seen = room.get("/layers/patients?purpose=visit").await;
    assert_eq!(
        (seen.status, &seen.headers["cache-control"]),
        (200, &"no-store".parse().expect("header"))
    );
    let (status, problem) = station
        .get(&station.reader, "/layers/patients?purpose=visit")
        .await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_may_not")));
    let (_, listed) = station.get(&station.reader, "/layers").await;
    assert_eq!(listed, json!([{"name": "shops", "restricted": false}]));
    let (_, shops) = station.get(&station.reader, "/layers/shops").await;
    assert!(
        shops["features"]
            .as_array()
            .is_some_and(|all| all.len() > 1)
    );
    station.stop().await;
}
