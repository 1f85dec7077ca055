//! The live connection: no gap, no repeat, and nothing from outside one's scope.

use crate::support::{Folder, Live, Station};
use serde_json::{Value, json};

async fn report(station: &Station, id: &str) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": id, "title": "路面塌陷", "category": "0702", "lon": lon, "lat": lat,
        "address": "莲花路 86 号", "reporter": {"name": "张三", "phone": "13800001234"},
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

async fn hello(live: &mut Live) -> (String, String) {
    let hello = live.next(&["hello"]).await;
    let place = format!(
        "{}:{}",
        hello["epoch"].as_str().expect("epoch"),
        hello["position"].as_str().expect("position")
    );
    (hello["resume"].as_str().expect("resume").to_owned(), place)
}

#[tokio::test]
async fn a_client_gets_a_snapshot_and_then_exactly_what_follows() {
    let folder = Folder::new("live");
    let station = Station::start(&folder.0).await;
    let before = report(&station, "before").await;
    let mut live = station.live(&station.reader, "scope=330899").await;
    let (resume, place) = hello(&mut live).await;
    assert_eq!(resume, "snapshot");
    let snapshot = live.next(&["snapshot"]).await;
    let held: Vec<&Value> = snapshot["world"]["incidents"]
        .as_array()
        .expect("list")
        .iter()
        .collect();
    assert_eq!((held.len(), &held[0]["id"]), (1, &json!(before)));
    let after = report(&station, "after").await;
    let events = live.next(&["events"]).await;
    assert_eq!(
        place,
        format!(
            "{}:{}",
            place.split_once(':').expect("place").0,
            events["from"].as_str().expect("from")
        )
    );
    let names: Vec<_> = events["events"]
        .as_array()
        .expect("list")
        .iter()
        .map(|e| e["type"].clone())
        .collect();
    assert_eq!(names, ["reported", "accepted", "assessed", "dispatched"]);
    assert_eq!(events["events"][0]["key"], json!(after));
    assert_eq!(events["events"][0]["number"], 2);
    live.close().await;

    let epoch = place.split_once(':').expect("place").0.to_owned();
    let here = format!("{epoch}:{}", events["to"].as_str().expect("to"));
    let mut calm = station
        .live(&station.reader, &format!("scope=330899&from={here}"))
        .await;
    assert_eq!(hello(&mut calm).await.0, "nothing_missed");
    let mut back = station
        .live(&station.reader, &format!("scope=330899&from={place}"))
        .await;
    assert_eq!(hello(&mut back).await.0, "replayed");
    assert_eq!(back.next(&["events"]).await["events"], events["events"]);
    let mut lost = station
        .live(&station.reader, "scope=330899&from=other:1")
        .await;
    assert_eq!(hello(&mut lost).await.0, "snapshot");
    station.stop().await;
}

#[tokio::test]
async fn nothing_from_outside_a_scope_is_heard() {
    let folder = Folder::new("scope");
    let station = Station::start(&folder.0).await;
    let mut there = station
        .live(&station.reader, &format!("scope={}", station.elsewhere))
        .await;
    let mut here = station
        .live(&station.reader, &format!("scope={}", station.township))
        .await;
    there.next(&["snapshot"]).await;
    here.next(&["snapshot"]).await;
    report(&station, "here").await;
    here.next(&["events"]).await;
    // A report the other does hear: had it heard the first, that frame would come first.
    let body = json!({"external_id": "there", "title": "x", "category": "0702", "region": station.elsewhere});
    assert_eq!(
        station.post(&station.source, "/reports", &body).await.0,
        201
    );
    let frame = there.next(&["events"]).await;
    assert_eq!(frame["events"][0]["data"]["external_id"], "there");
    station.stop().await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let folder = Folder::new("restart");
    let station = Station::start(&folder.0).await;
    let id = report(&station, "kept").await;
    let (_, before) = station.get(&station.reader, "/snapshot").await;
    let folder_of = station.folder();
    station.stop().await;
    let station = Station::start(&folder_of).await;
    let (status, incident) = station
        .get(&station.reader, &format!("/incidents/{id}"))
        .await;
    assert_eq!((status, &incident["external_id"]), (200, &json!("kept")));
    let (_, after) = station.get(&station.reader, "/snapshot").await;
    assert_eq!(before["world"], after["world"]);
    assert_eq!(before["epoch"], after["epoch"]);
    station.stop().await;
}
