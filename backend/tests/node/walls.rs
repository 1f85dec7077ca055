//! A screen shows a code, a director types it, the screen is let in; later it is moved and sent
//! away from the desk.

use std::time::Duration;

use domain::actor::Role;
use domain::time::Timestamp;
use gridlamp::clock::Clock;
use serde_json::json;

use crate::support::{Browser, Folder, Station};

async fn director(station: &Station) -> Browser {
    station
        .person("boss", Role::CommandRoom, station.township, true)
        .await;
    station.signed_in("boss").await
}

#[tokio::test]
async fn a_wall_is_let_in_moved_and_sent_away() {
    let folder = Folder::new("walls");
    let station = Station::start(&folder.0).await;
    let mut boss = director(&station).await;
    let mut wall = station.browser();
    let shown = wall.post("/walls/codes", &json!({})).await;
    assert_eq!(shown.status, 200);
    let claim = json!({"slip": shown.body["slip"]});
    assert_eq!(wall.post("/walls/claim", &claim).await.status, 202);
    let typed = shown.body["code"].as_str().expect("code").to_lowercase();
    let pair = json!({"code": typed.replace('-', " "), "name": "一楼大厅"});
    let paired = boss.post("/walls", &pair).await;
    assert_eq!(paired.status, 201, "{}", paired.body);
    let at = format!("/walls/{}", paired.body["id"].as_str().expect("id"));
    assert_eq!(paired.body["claimed"], false);
    let used = boss.post("/walls", &pair).await;
    assert_eq!(used.code(), "unknown_code");
    assert_eq!(used.status, 422);
    let entered = wall.post("/walls/claim", &claim).await;
    assert_eq!(
        (entered.status, &entered.body["role"]),
        (200, &json!("wall")),
        "{}",
        entered.body
    );
    assert_eq!(entered.body["name"], "一楼大厅");
    let cookie = entered.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.contains("Max-Age=34560000") && cookie.contains("HttpOnly"));
    let twice = station.browser().post("/walls/claim", &claim).await;
    assert_eq!((twice.status, twice.code()), (422, "unknown_code"));

    let mut live = wall.listening().await;
    let listed = boss.get("/walls").await;
    assert_eq!(listed.body["items"][0]["online"], true, "{}", listed.body);
    assert!(listed.body["items"][0]["seen_at"].is_string());
    let village = format!("{}001", station.township);
    let moved = boss.send("PATCH", &at, &json!({"scope": village})).await;
    assert_eq!(
        (moved.status, &moved.body["scope"]),
        (200, &json!(village)),
        "{}",
        moved.body
    );
    let (code, after) = live.closed().await;
    assert_eq!(code, 4003);
    assert!(after < Duration::from_secs(1), "{after:?}");
    assert_eq!(wall.get("/me").await.body["scope"], json!(village));
    let far = boss.send("PATCH", &at, &json!({"scope": "330899"})).await;
    assert_eq!((far.status, far.code()), (403, "outside_scope"));
    // A wall only looks.
    assert_eq!(wall.post("/walls", &pair).await.status, 403);
    let mut live = wall.listening().await;
    assert_eq!(boss.send("DELETE", &at, &json!({})).await.status, 204);
    assert_eq!(live.closed().await.0, 4002);
    assert_eq!(wall.get("/me").await.code(), "signed_out");
    station.stop().await;
}

#[tokio::test]
async fn a_code_is_ours_and_of_the_last_ten_minutes() {
    let folder = Folder::new("codes");
    // Ten minutes in two seconds, once they begin to pass.
    let clock = Clock::scaled(Timestamp::from_millis(1_800_000_000_000), 300.0);
    let station = Station::start_with(&folder.0, clock, |_| {}).await;
    let mut boss = director(&station).await;
    let wrong = json!({"code": "7KQ4M-2XR9D", "name": "x"});
    assert_eq!(boss.post("/walls", &wrong).await.code(), "unknown_code");
    let mut wall = station.browser();
    let shown = wall.post("/walls/codes", &json!({})).await;
    let until = shown.body["until"].as_str().expect("until");
    let until: Timestamp = until.parse().expect("time");
    // A minute more: the code tells its time by the minute.
    while station.rules.clock.now() < until + domain::time::Span::mins(1) {
        wall.get("/sign-in").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let late = json!({"code": shown.body["code"], "name": "x"});
    assert_eq!(boss.post("/walls", &late).await.code(), "unknown_code");
    let forged = json!({"slip": "e30.AAAA"});
    assert_eq!(
        wall.post("/walls/claim", &forged).await.code(),
        "unknown_code"
    );
    station.stop().await;
}

#[tokio::test]
async fn a_link_lets_in_each_browser_as_a_wall_of_its_own() {
    use gridlamp::account::first;
    let folder = Folder::new("links");
    let station = Station::start(&folder.0).await;
    let county = station.rules.county.code;
    let log = station.log();
    let link = first::wall(&log, &station.rules, "hall", "大厅", county).await;
    let hours = domain::time::Span::hours(1);
    let now = station.rules.clock.now();
    let path = first::path(&log, &link.expect("wall"), hours, now);
    drop(log);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut wall = station.browser();
        let origin = String::new();
        // Made by another process a moment ago, it works at once.
        let entered = wall.ask("GET", &path, &origin, Vec::new()).await;
        assert_eq!(entered.status, 303, "{}", entered.body);
        let me = wall.get("/me").await;
        assert_eq!((me.status, &me.body["name"]), (200, &json!("大厅")));
        ids.push(me.body["id"].clone());
    }
    assert_eq!(ids[0], "hall");
    assert_ne!(ids[0], ids[1]);
    station.stop().await;
}

#[tokio::test]
async fn a_room_steers_the_walls_of_its_region_and_takes_note_of_what_sounds() {
    let folder = Folder::new("steering");
    let station = Station::start(&folder.0).await;
    let mut boss = director(&station).await;
    let mut wall = station.browser();
    let shown = wall.post("/walls/codes", &json!({})).await;
    let pair = json!({"code": shown.body["code"], "name": "大厅"});
    let paired = boss.post("/walls", &pair).await;
    assert_eq!(paired.status, 201, "{}", paired.body);
    let at = format!("/walls/{}/show", paired.body["id"].as_str().expect("id"));
    let view = json!({"what": "view", "west": 118.4, "south": 28.8, "east": 118.6, "north": 29.0});
    let sent = boss.post(&at, &json!({"show": view, "minutes": 5})).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let listed = boss.get("/walls/steering").await;
    let steering = &listed.body["items"][0]["steering"];
    assert_eq!(
        (&steering["show"], &steering["by"]["id"]),
        (&view, &json!("boss"))
    );
    let none = json!({"show": {"what": "session", "id": "6f1d2c0e-9b7a-4e0f-8c55-3d217a90be14"}});
    let none = boss.post(&at, &none).await;
    assert_eq!(none.code(), "not_on_this_wall", "{}", none.body);
    let back = boss.post(&at, &json!({})).await;
    assert_eq!(back.status, 200, "{}", back.body);
    let listed = boss.get("/walls/steering").await;
    assert!(
        listed.body["items"][0]["steering"].is_null(),
        "{}",
        listed.body
    );
    assert_eq!(boss.post("/walls/none/show", &json!({})).await.status, 404);

    let alarms = boss.get("/alarms").await;
    assert_eq!(alarms.body["items"], json!([]), "{}", alarms.body);
    let nothing = boss.post("/alarms/acknowledge", &json!({})).await;
    assert_eq!((nothing.status, nothing.code()), (422, "nothing_sounds"));
    let people = boss.get("/commanders?q=boss").await;
    assert_eq!(people.body["items"][0]["id"], "boss", "{}", people.body);
    station.stop().await;
}
