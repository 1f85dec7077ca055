//! Attachments: what is taken, under which name, and who gets it back.

use domain::actor::Role;
use gridlamp::account::token::{self, Wanted};
use serde_json::{Value, json};

use crate::support::{Folder, Station};

/// A picture of one pixel with a text in it that says who made it.
fn picture() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend_from_slice(b"\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde");
    png.extend_from_slice(b"\0\0\0\x0ftEXtAuthor\0somebody");
    png.extend_from_slice(&0x8ab3_e4df_u32.to_be_bytes());
    png.extend_from_slice(
        b"\0\0\0\x0cIDAT\x08\xd7\x63\xf8\xcf\xc0\0\0\x03\x01\x01\0\x18\xdd\x8d\xb0",
    );
    png.extend_from_slice(b"\0\0\0\0IEND\xaeB\x60\x82");
    png
}

async fn bring(station: &Station, token: &str, bytes: Vec<u8>) -> (u16, Value) {
    station
        .post_raw(token, "/attachments", "application/octet-stream", bytes)
        .await
}

async fn fetch(station: &Station, token: &str, id: &str) -> reqwest::Response {
    let request = station
        .client
        .get(format!("{}/api/v1/attachments/{id}", station.url));
    request.bearer_auth(token).send().await.expect("answer")
}

#[tokio::test]
async fn a_photo_is_seen_by_who_brought_it_and_then_by_who_sees_the_incident() {
    let folder = Folder::new("photo");
    let station = Station::start(&folder.0).await;
    let (status, kept) = bring(&station, &station.source, picture()).await;
    assert_eq!((status, &kept["kind"]), (201, &json!("png")), "{kept}");
    let id = kept["id"].as_str().expect("id").to_owned();
    assert_eq!(fetch(&station, &station.source, &id).await.status(), 200);
    assert_eq!(fetch(&station, &station.reader, &id).await.status(), 404);
    let report = json!({
        "external_id": "photo", "title": "路灯不亮", "region": station.township,
        "attachments": [id],
    });
    let (status, receipt) = station.post(&station.source, "/reports", &report).await;
    assert_eq!(status, 201, "{receipt}");
    let answer = fetch(&station, &station.reader, &id).await;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(
        header("content-disposition"),
        format!("attachment; filename=\"{}.png\"", &id[..16])
    );
    assert_eq!(
        header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
    let content = answer.bytes().await.expect("content");
    assert!(!content.windows(8).any(|window| window == b"somebody"));
    // A wall of the same county, and a reader of another township, get nothing.
    for (name, role, scope) in [
        ("wall", Role::Wall, station.rules.county.code),
        ("neighbour", Role::Reader, station.elsewhere),
    ] {
        let wanted = Wanted {
            name: name.to_owned(),
            role,
            scope,
        };
        let token = token::create(&station.log(), &station.rules, &wanted).await;
        let Ok(token) = token else { continue };
        let status = fetch(&station, &token, &id).await.status().as_u16();
        assert!([401, 403, 404].contains(&status), "{name}: {status}");
    }
    let nobody = station
        .client
        .get(format!("{}/api/v1/attachments/{id}", station.url));
    assert_eq!(nobody.send().await.expect("answer").status(), 401);
    station.stop().await;
}

#[tokio::test]
async fn what_is_not_what_it_seems_is_refused() {
    let folder = Folder::new("seems");
    let station = Station::start(&folder.0).await;
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let vector = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    let mut cut = picture();
    cut.truncate(60);
    for (what, bytes, wanted) in [
        ("a page", page, (415, "unknown_kind")),
        ("a drawing with a script", vector, (415, "unknown_kind")),
        ("nothing", Vec::new(), (400, "empty")),
        ("half a picture", cut, (422, "broken_file")),
        ("too much", vec![0; 13 * 1024 * 1024], (413, "too_large")),
    ] {
        let (status, problem) = bring(&station, &station.source, bytes).await;
        assert_eq!(
            (status, problem["code"].as_str().unwrap_or_default()),
            wanted,
            "{what}: {problem}"
        );
    }
    let (status, _) = bring(&station, &station.reader, picture()).await;
    assert_eq!(status, 403, "who reads brings nothing");
    for id in [
        "..",
        "%2e%2e%2fgridlamp.db",
        &"A".repeat(64),
        &"0".repeat(63),
        &"0".repeat(64),
    ] {
        assert_eq!(
            fetch(&station, &station.source, id).await.status(),
            404,
            "{id}"
        );
    }
    let report = json!({"external_id": "1", "title": "t", "region": station.township, "attachments": ["../x"]});
    let (status, problem) = station.post(&station.source, "/reports", &report).await;
    assert_eq!(
        (status, &problem["pointer"]),
        (400, &json!("/attachments/0")),
        "{problem}"
    );
    station.stop().await;
}
