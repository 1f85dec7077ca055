//! What comes in over HTTP: good reports, and everything that is wrong with bad ones.

use crate::support::{Folder, Station};
use serde_json::{Value, json};

fn good(station: &Station, id: &str) -> Value {
    let (lon, lat) = station.place;
    json!({"external_id": id, "title": "井盖缺失", "category": "0703", "lon": lon, "lat": lat})
}

fn with(mut report: Value, name: &str, value: Value) -> Value {
    report[name] = value;
    report
}

#[tokio::test]
async fn a_report_is_taken_in_once_and_located() {
    let folder = Folder::new("once");
    let station = Station::start(&folder.0).await;
    let (status, first) = station
        .post(&station.source, "/reports", &good(&station, "a"))
        .await;
    assert_eq!(status, 201, "{first}");
    assert!(
        first["region"]["code"]
            .as_str()
            .is_some_and(|code| code.len() == 15)
    );
    assert_eq!(first["level"], "Ⅱ");
    assert!(first["deadline"].is_string() && first["accept_by"].is_string());
    let (status, again) = station
        .post(&station.source, "/reports", &good(&station, "a"))
        .await;
    assert_eq!((status, &again["id"]), (200, &first["id"]));
    let (status, near) = station
        .post(&station.source, "/reports", &good(&station, "b"))
        .await;
    assert_eq!((status, &near["duplicate_of"]), (201, &first["id"]));
    let converted = domain_gcj(station.place);
    let report = json!({"external_id": "c", "title": "x", "crs": "gcj02", "lon": converted.0, "lat": converted.1});
    let (status, moved) = station.post(&station.source, "/reports", &report).await;
    assert_eq!(
        (status, &moved["region"]["code"]),
        (201, &first["region"]["code"])
    );
    station.stop().await;
}

fn domain_gcj((lon, lat): (f64, f64)) -> (f64, f64) {
    use geodata::crs::{Crs, Point, from_wgs84};
    let point = from_wgs84(Point { lon, lat }, Crs::Gcj02);
    (point.lon, point.lat)
}

/// One field of a good report made bad, with the code it must be refused with.
fn bad_fields() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("title", json!(""), "required"),
        ("title", json!("长".repeat(201)), "too_long"),
        ("title", json!(7), "not_text"),
        ("title", json!("a\u{0}b"), "control_characters"),
        ("external_id", Value::Null, "required"),
        ("source", json!("other"), "source_mismatch"),
        ("category", json!("9999"), "unknown_category"),
        ("level", json!("Ⅴ"), "unknown_level"),
        ("lon", json!("118.9"), "not_a_number"),
        ("lon", json!(116.4), "outside_county"),
        ("lat", json!(91), "out_of_range"),
        ("lat", Value::Null, "required"),
        ("crs", json!("utm"), "unknown_crs"),
        ("region", json!("330899999"), "unknown_region"),
        (
            "occurred_at",
            json!("2999-01-01T00:00:00Z"),
            "in_the_future",
        ),
        ("occurred_at", json!("1970-01-01T00:00:00Z"), "too_old"),
        ("occurred_at", json!("yesterday"), "not_a_time"),
        ("reporter", json!([]), "not_an_object"),
        ("attachments", json!(vec!["x"; 21]), "too_many"),
    ]
}

/// Every bad report, with the code and the field that must be named.
fn bad_reports(station: &Station) -> Vec<(Value, &'static str, String)> {
    let nowhere = json!({"external_id": "w", "title": "x"});
    let mut all = vec![(nowhere, "place_required", "/lon".to_owned())];
    for (field, value, code) in bad_fields() {
        all.push((
            with(good(station, "w"), field, value),
            code,
            format!("/{field}"),
        ));
    }
    all
}

#[tokio::test]
async fn everything_wrong_is_told_and_kept() {
    let folder = Folder::new("wrong");
    let station = Station::start(&folder.0).await;
    let cases = bad_reports(&station);
    for (report, code, pointer) in &cases {
        let (status, problem) = station.post(&station.source, "/reports", report).await;
        assert_eq!(status, 400, "{report} {problem}");
        assert_eq!(
            (&problem["code"], &problem["pointer"]),
            (&json!(code), &json!(pointer))
        );
    }
    let kinds = [
        (
            "application/json",
            b"{\"title\": NaN}".to_vec(),
            400,
            "malformed_json",
        ),
        (
            "application/json",
            vec![0xff, 0xfe, 0x00],
            400,
            "malformed_json",
        ),
        (
            "application/json; charset=gbk",
            b"{}".to_vec(),
            415,
            "json_expected",
        ),
        ("text/plain", b"{}".to_vec(), 415, "json_expected"),
        ("application/json", b"42".to_vec(), 400, "not_an_object"),
        (
            "application/json",
            vec![b' '; 17 * 1024 * 1024],
            413,
            "too_large",
        ),
    ];
    for (kind, body, status, code) in kinds {
        let (got, problem) = station
            .post_raw(&station.source, "/reports", kind, body)
            .await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{kind}");
    }
    wait_for_refusals(&station, cases.len() + 6).await;
    station.stop().await;
}

/// Refusals are kept in the background; this waits for them to be there.
async fn wait_for_refusals(station: &Station, count: usize) {
    let began = tokio::time::Instant::now();
    loop {
        let (_, page) = station.get(&station.centre, "/refusals?limit=1000").await;
        let kept = page["items"].as_array().map_or(0, Vec::len);
        if kept == count {
            return;
        }
        assert!(
            began.elapsed() < crate::support::PATIENCE,
            "{kept} of {count} refusals were kept"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_good_ones_of_a_batch_go_in() {
    let folder = Folder::new("batch");
    let station = Station::start(&folder.0).await;
    let batch: Vec<Value> = (0..10_000)
        .map(|n| {
            let report = good(&station, &n.to_string());
            if n % 3 == 0 {
                with(report, "category", json!("none"))
            } else {
                report
            }
        })
        .collect();
    let (status, results) = station
        .post(&station.source, "/reports", &json!(batch))
        .await;
    assert_eq!(status, 207);
    let results = results.as_array().expect("results");
    let count = |status| {
        results
            .iter()
            .filter(|result| result["status"] == status)
            .count()
    };
    assert_eq!((count(201), count(400)), (6_666, 3_334));
    let too_long: Vec<Value> = vec![json!({}); 10_001];
    let (status, problem) = station
        .post(&station.source, "/reports", &json!(too_long))
        .await;
    assert_eq!((status, &problem["code"]), (413, &json!("batch_too_long")));
    station.stop().await;
}

#[tokio::test]
async fn nobody_acts_without_standing() {
    let folder = Folder::new("standing");
    let station = Station::start(&folder.0).await;
    let report = good(&station, "s");
    assert_eq!(station.post("glt_forged", "/reports", &report).await.0, 401);
    assert_eq!(
        station.post(&station.reader, "/reports", &report).await.0,
        403
    );
    assert_eq!(station.get(&station.source, "/snapshot").await.0, 403);
    assert_eq!(
        station
            .get(&station.reader, "/snapshot?scope=330802")
            .await
            .0,
        400
    );
    let (_, receipt) = station.post(&station.source, "/reports", &report).await;
    let path = format!("/incidents/{}", receipt["id"].as_str().expect("id"));
    let (status, problem) = station
        .post(&station.reader, &format!("{path}/start"), &json!({}))
        .await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_may_not")));
    let (status, problem) = station
        .post(&station.centre, &format!("{path}/close"), &json!({}))
        .await;
    assert_eq!((status, &problem["code"]), (422, &json!("wrong_state")));
    let stale = json!({"expected_version": 1});
    let (status, problem) = station
        .post(&station.centre, &format!("{path}/close"), &stale)
        .await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    assert_eq!(
        station
            .post(&station.centre, &format!("{path}/explode"), &json!({}))
            .await
            .0,
        404
    );
    station.stop().await;
}
