//! What a desk asks of the node: reports on behalf of a caller, within one's own region.

use crate::support::{Folder, Station};
use domain::actor::Role;
use geodata::region::Code;
use serde_json::json;

#[tokio::test]
async fn a_room_reports_for_a_caller_within_its_own_region() {
    let folder = Folder::new("caller");
    let station = Station::start(&folder.0).await;
    let (lon, lat) = station.place;
    let (_, probe) = station
        .post(
            &station.source,
            "/reports",
            &json!({"external_id": "probe", "title": "x", "lon": lon, "lat": lat}),
        )
        .await;
    let grid = probe["region"]["code"].as_str().expect("region");
    let own: Code = grid[..9].parse().expect("township");
    let county: Code = grid[..6].parse().expect("county");
    station.person("here", Role::CommandRoom, own, false).await;
    let elsewhere = station
        .rules
        .county
        .tree
        .children(county)
        .map(|region| region.code)
        .find(|code| *code != own)
        .expect("another township");
    station
        .person("there", Role::CommandRoom, elsewhere, false)
        .await;

    let report = json!({
        "external_id": "call-1", "title": "桥头路灯不亮", "category": "0704",
        "lon": lon, "lat": lat, "reporter": {"name": "王桂香", "phone": "13800000001"},
    });
    let mut room = station.signed_in("here").await;
    let answer = room.post("/reports", &report).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.body["id"].as_str().expect("id").to_owned();
    let again = room.post("/reports", &report).await;
    assert_eq!((again.status, &again.body["id"]), (200, &answer.body["id"]));

    let shown = room.get(&format!("/incidents/{id}")).await;
    assert_eq!(shown.body["source"], "desk");
    assert_eq!(shown.body["reporter"]["name"], "王桂香");
    assert_eq!(shown.body["sent_by"]["role"], "command_room");

    let mut pretending = report.clone();
    pretending["source"] = json!("sensor");
    let refused = room.post("/reports", &pretending).await;
    assert_eq!((refused.status, refused.code()), (400, "source_mismatch"));

    let mut outside = station.signed_in("there").await;
    let mut other = report;
    other["external_id"] = json!("call-2");
    let refused = outside.post("/reports", &other).await;
    assert_eq!((refused.status, refused.code()), (403, "outside_scope"));
    station.stop().await;
}

#[tokio::test]
async fn who_works_at_a_desk_lands_there() {
    let folder = Folder::new("lands");
    let station = Station::start(&folder.0).await;
    let county = station.rules.county.code;
    for (id, role, screen) in [
        ("cc", Role::Centre, "/desk"),
        ("aa", Role::Auditor, "/admin"),
        ("ll", Role::Leader, "/wall"),
    ] {
        station.person(id, role, county, true).await;
        let mut browser = station.signed_in(id).await;
        assert_eq!(browser.get("/me").await.body["screen"], screen, "{id}");
    }
    station.stop().await;
}
