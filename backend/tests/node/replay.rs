//! Looking back from outside: the past is what the present was, for those who may, within the log.

use std::time::Duration;

use domain::actor::Role;
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{Folder, PATIENCE, Station};

fn time(value: &Value) -> Timestamp {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("a time")
}

fn text(at: Timestamp) -> String {
    at.to_string().replace('+', "%2B")
}

async fn report(station: &Station, id: &str) {
    let (lon, lat) = station.place;
    let body =
        json!({"external_id": id, "title": "路灯不亮", "category": "0704", "lon": lon, "lat": lat});
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
}

/// A time after everything that was reported, and not of the same millisecond as what follows.
async fn later(station: &Station) -> Value {
    let (_, before) = station.get(&station.centre, "/snapshot").await;
    loop {
        let (_, now) = station.get(&station.centre, "/snapshot").await;
        if time(&now["now"]) - time(&before["now"]) > Span::from_millis(2) {
            return before;
        }
    }
}

#[tokio::test]
async fn the_past_is_what_the_present_was() {
    let folder = Folder::new("replay");
    let station = Station::start(&folder.0).await;
    report(&station, "1").await;
    let then = later(&station).await;
    report(&station, "2").await;
    let now = later(&station).await;

    let at = text(time(&then["now"]));
    let (status, past) = station
        .get(&station.centre, &format!("/snapshot?at={at}"))
        .await;
    assert_eq!(status, 200, "{past}");
    assert_eq!(past["world"], then["world"]);
    assert_eq!(past["position"], then["position"]);
    assert_ne!(past["world"], now["world"]);

    let from = past["position"].as_str().expect("a position");
    let (epoch, to) = (
        past["epoch"].as_str().expect("epoch"),
        text(time(&now["now"])),
    );
    let url = format!("/events?from={epoch}:{from}&to={to}");
    let (status, page) = station.get(&station.centre, &url).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["to"], now["position"]);
    assert_eq!(page["events"][0]["data"]["external_id"], "2");
    assert_eq!(page["events"][0]["type"], "reported");
    let end = page["to"].as_str().expect("a position");
    let rest = format!("/events?from={end}&to={to}");
    let (_, rest) = station.get(&station.centre, &rest).await;
    assert_eq!(
        (&rest["more"], &rest["events"]),
        (&json!(false), &json!([]))
    );
    let (_, one) = station
        .get(&station.centre, &format!("{url}&limit=1"))
        .await;
    assert_eq!(one["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["more"], true);
    let (status, moments) = station
        .get(&station.centre, &format!("/moments?from={at}&to={to}"))
        .await;
    assert_eq!(status, 200, "{moments}");
    assert_eq!(moments["items"], json!([]));
}

#[tokio::test]
async fn the_past_is_for_those_who_may_within_the_log() {
    let folder = Folder::new("replay-refused");
    let station = Station::start(&folder.0).await;
    report(&station, "1").await;
    let now = later(&station).await;
    let now = time(&now["now"]);
    let ask = async |token: &str, path: String| {
        let (status, body) = station.get(token, &path).await;
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    let centre = &station.centre;
    let refused = |status, code: &str| (status, code.to_owned());
    let early = text(now - Span::days(400));
    let ahead = text(now + Span::days(1));
    for (path, status, code) in [
        (format!("/snapshot?at={early}"), 422, "before_the_log"),
        (format!("/snapshot?at={ahead}"), 400, "in_the_future"),
        ("/snapshot?at=yesterday".to_owned(), 400, "malformed"),
        ("/events?from=999999".to_owned(), 422, "unknown_position"),
        ("/events?from=x".to_owned(), 400, "malformed"),
        (
            format!("/moments?from={early}&to={ahead}"),
            400,
            "out_of_range",
        ),
        (
            format!("/positions?from={ahead}&to={early}"),
            400,
            "out_of_range",
        ),
        ("/positions".to_owned(), 400, "malformed"),
    ] {
        assert_eq!(
            ask(centre, path.clone()).await,
            refused(status, code),
            "{path}"
        );
    }
    let at = text(now);
    for path in [
        format!("/snapshot?at={at}"),
        "/events?from=0".to_owned(),
        format!("/moments?from={at}&to={at}"),
        format!("/positions?from={at}&to={at}"),
    ] {
        let (status, _) = ask(&station.source, path).await;
        assert_eq!(status, 403);
    }
    let elsewhere = ask(centre, format!("/snapshot?at={at}&scope=440100")).await;
    assert!(elsewhere.0 == 400 || elsewhere.0 == 403, "{elsewhere:?}");
}

#[tokio::test]
async fn where_units_were_is_read_back() {
    let folder = Folder::new("replay-tracks");
    let station = Station::start(&folder.0).await;
    report(&station, "1").await;
    let now = time(&later(&station).await["now"]);
    let (_, units) = station.get(&station.centre, "/units").await;
    let unit = units["items"][0]["id"].as_str().expect("a unit").to_owned();
    let (lon, lat) = station.place;
    let sent: Vec<Value> = (1..=3)
        .map(|n: i32| {
            let at = now - Span::mins(1) + Span::secs(i64::from(n) * 6);
            json!({"unit": unit, "lon": lon + f64::from(n) * 0.001, "lat": lat, "at": at.to_string()})
        })
        .collect();
    let (status, taken) = station
        .post(&station.source, "/positions", &json!(sent))
        .await;
    assert_eq!((status, &taken["taken"]), (200, &json!(3)), "{taken}");
    let (from, to) = (text(now - Span::mins(1)), text(now));
    let url = format!("/positions?from={from}&to={to}");
    let read = async {
        loop {
            let (_, page) = station.get(&station.centre, &url).await;
            if page["p"].as_array().is_some_and(|rows| rows.len() == 3) {
                return page;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    let page = timeout(PATIENCE, read).await.expect("they are recorded");
    assert_eq!(page["p"][0][0], json!(unit));
    assert_eq!(page["next"], Value::Null);
    let other = format!("{url}&units=nobody");
    let (_, none) = station.get(&station.centre, &other).await;
    assert_eq!(none["p"], json!([]));
    // A neighbour sees neither the unit nor where it was.
    let region = "330899102".parse().expect("a code");
    station.person("far", Role::CommandRoom, region, true).await;
    let mut far = station.signed_in("far").await;
    let answer = far.get(&url).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["p"], json!([]));
}
