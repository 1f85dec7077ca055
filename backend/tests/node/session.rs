//! A session from outside: one tap, who sees it, who moves, the verdict, and the same after a
//! restart.

use domain::account::Post;
use domain::actor::Role;
use domain::pack::orgs::{OrgId, OrgKind};
use serde_json::{Value, json};

use gridlamp::clock::Clock;

use crate::redis::Redis;
use crate::support::{Browser, Folder, PATIENCE, Station};

/// The first units of the county.
fn units(station: &Station) -> Vec<OrgId> {
    let all = station.rules.county.orgs.iter();
    let units = all.filter(|org| org.kind == OrgKind::Unit);
    units.take(3).map(|org| org.id.clone()).collect()
}

async fn of_unit(station: &Station, id: &str, org: &OrgId) -> Browser {
    let post = Post {
        id: "duty".to_owned(),
        role: Role::Unit,
        org: Some(org.clone()),
        region: station.rules.county.orgs.get(org).expect("org").region,
        director: true,
    };
    station.person_with(id, post).await;
    station.signed_in(id).await
}

async fn centre(station: &Station) -> Browser {
    let county = station.rules.county.code;
    station.person("chief", Role::Centre, county, true).await;
    station.signed_in("chief").await
}

async fn incident(station: &Station, id: &str) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": id, "title": "燃气泄漏", "category": "0303", "lon": lon, "lat": lat,
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

fn wish(incident: &str, units: &[OrgId]) -> Value {
    json!({
        "kind": "incident", "incident": incident, "lead": {"org": units[0]},
        "cooperators": [{"org": units[1]}], "order": true,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tap_orders_all_and_everybody_concerned_hears_of_it() {
    let folder = Folder::new("session");
    let station = Station::start(&folder.0).await;
    let units = units(&station);
    let mut chief = centre(&station).await;
    let mut lead = of_unit(&station, "lead", &units[0]).await;
    let mut helper = of_unit(&station, "helper", &units[1]).await;
    let mut outsider = of_unit(&station, "outsider", &units[2]).await;
    let about = incident(&station, "1").await;
    let proposal = chief.get(&format!("/incidents/{about}/suggested")).await;
    assert_eq!(proposal.status, 200, "{}", proposal.body);
    assert_eq!(proposal.body["items"][0]["task"], "lead");
    let mut live = helper.listening().await;
    let hello = live.next(&["snapshot"]).await;
    assert_eq!(hello["t"], "snapshot");
    let mut nobody = wish(&about, &units);
    nobody["commander"] = json!({"id": "nobody"});
    let refused = chief.post("/sessions", &nobody).await;
    assert_eq!((refused.status, refused.code()), (400, "no_such_person"));
    let opened = chief.post("/sessions", &wish(&about, &units)).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(
        (&opened.body["version"], &opened.body["stage"]),
        (&json!(2), &json!("ordered"))
    );
    let frame = live.next(&["events"]).await;
    let kinds = frame["events"].as_array().expect("events").iter();
    let kinds: Vec<_> = kinds.map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["opened", "ordered"], "both or none: {frame}");
    let id = opened.body["id"].as_str().expect("id").to_owned();
    let at = format!("/sessions/{id}");
    assert_eq!(outsider.get(&at).await.status, 404);
    assert_eq!(
        helper.get(&at).await.body["verdict"]["zh"],
        "2 家中 0 家已出动"
    );
    let again = chief.post("/sessions", &wish(&about, &units)).await;
    assert_eq!(
        (again.status, again.code()),
        (400, "session_exists"),
        "{}",
        again.body
    );
    let moved = helper.post(&format!("{at}/move"), &json!({})).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    let stale = json!({"expected_version": 2});
    let stale = lead.post(&format!("{at}/acknowledge"), &stale).await;
    assert_eq!(
        (stale.status, stale.code()),
        (409, "conflict"),
        "{}",
        stale.body
    );
    let shown = moves_with_its_unit(&mut lead, &mut chief, &at, &id).await;
    station.stop().await;
    let station = Station::start(&folder.0).await;
    let mut chief = station.signed_in("chief").await;
    let after = chief.get(&at).await.body;
    assert_eq!(after["timeline"], shown["timeline"]);
    assert_eq!(after["seats"], shown["seats"]);
    station.stop().await;
}

/// A unit that says that it moves moves its session; the session as it is shown then.
async fn moves_with_its_unit(lead: &mut Browser, chief: &mut Browser, at: &str, id: &str) -> Value {
    let unit = lead.get(at).await.body["seats"][0]["units"][0].clone();
    let said = format!("/units/{}/status", unit.as_str().expect("unit"));
    let said = lead.post(&said, &json!({"status": "moving"})).await;
    assert_eq!(
        (said.status, &said.body["session"]),
        (200, &json!(id)),
        "{}",
        said.body
    );
    let shown = chief.get(at).await.body;
    assert_eq!(
        (&shown["stage"], &shown["verdict"]["in_time"]),
        (&json!("all_out"), &json!(true))
    );
    let listed = chief.get("/units").await.body;
    let all = listed["items"].as_array().expect("units").iter();
    let one = all.clone().find(|one| one["id"] == unit).expect("unit");
    assert_eq!(
        (&one["status"], &one["session"]),
        (&json!("moving"), &json!(id))
    );
    let close = json!({"result": "险情排除"});
    let close = lead.post(&format!("{at}/close"), &close).await;
    assert_eq!(
        (close.status, close.code()),
        (422, "wrong_stage"),
        "{}",
        close.body
    );
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn war_is_the_centres_to_declare_and_everybody_hears_of_it() {
    let folder = Folder::new("mode");
    let station = Station::start(&folder.0).await;
    let mut chief = centre(&station).await;
    let mut unit = of_unit(&station, "unit", &units(&station)[0]).await;
    let war = json!({"war": true, "reason": "台风红色预警"});
    let refused = unit.post("/mode", &war).await;
    assert_eq!((refused.status, refused.code()), (403, "role_may_not"));
    let mut live = unit.listening().await;
    live.next(&["snapshot"]).await;
    let done = chief.post("/mode", &war).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let frame = live.next(&["events"]).await;
    assert_eq!(frame["events"][0]["type"], "mode_switched");
    assert_eq!(unit.get("/mode").await.body["is_war"], true);
    let again = chief.post("/mode", &war).await;
    assert_eq!((again.status, again.code()), (422, "mode_stands"));
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_are_shown_counted_and_compared_with_what_is_said() {
    let folder = Folder::new("positions");
    let station = Station::start(&folder.0).await;
    let units = units(&station);
    let mut chief = centre(&station).await;
    let about = incident(&station, "1").await;
    let opened = chief.post("/sessions", &wish(&about, &units)).await;
    let id = opened.body["id"].as_str().expect("id").to_owned();
    let at = format!("/sessions/{id}");
    let unit = chief.get(&at).await.body["seats"][0]["units"][0].clone();
    let (lon, lat) = station.place;
    let now = |secs| gridlamp::clock::Clock::life().now() + domain::time::Span::secs(secs);
    let fix = |lon: f64, secs| json!({"unit": unit, "lon": lon, "lat": lat, "at": now(secs)});
    let mut live = chief.listening().await;
    live.next(&["snapshot"]).await;
    let batch = json!([
        fix(lon + 0.02, 0), fix(lon + 0.02, 600), fix(lon + 9.0, 0), {"unit": unit},
        {"unit": "nobody", "lon": lon, "lat": lat, "at": now(0)},
    ]);
    let (status, answer) = station.post(&station.source, "/positions", &batch).await;
    assert_eq!(status, 200, "{answer}");
    let ignored = json!({"elsewhere": 1, "future": 1, "malformed": 1, "unknown_unit": 1});
    assert_eq!(answer, json!({"taken": 1, "ignored": ignored}));
    let frame = live.next(&["positions"]).await;
    assert_eq!(frame["p"][0][0], unit, "{frame}");
    // Who looks elsewhere is told of nobody there, and of all there are when it looks back.
    let mut looking = chief.listening().await;
    looking.next(&["snapshot"]).await;
    let around =
        |west: f64, east: f64| json!({"t": "view", "box": [west, lat - 0.1, east, lat + 0.1]});
    looking.say(&around(lon + 0.1, lon + 0.2)).await;
    let moved = json!([fix(lon + 0.019, 5)]);
    station.post(&station.source, "/positions", &moved).await;
    let frame = looking.next(&["positions"]).await;
    assert_eq!(frame["p"], json!([]), "{frame}");
    looking.say(&around(lon - 0.1, lon + 0.1)).await;
    let frame = looking.next(&["positions"]).await;
    assert_eq!(frame["p"][0][1], json!(lon + 0.019), "{frame}");
    looking.say(&json!({"t": "view", "box": "all"})).await;
    assert_eq!(looking.closed().await.0, 4004);
    let (status, _) = station.post(&station.reader, "/positions", &batch).await;
    assert_eq!(status, 403);
    let nearer = json!([fix(lon + 0.015, 10)]);
    let (_, answer) = station.post(&station.source, "/positions", &nearer).await;
    assert_eq!(answer["taken"], 1, "{answer}");
    let frame = live.next(&["events"]).await;
    let event = &frame["events"][0];
    assert_eq!(
        (&event["type"], &event["data"]["step"]),
        (&json!("marked"), &json!("moving"))
    );
    assert_eq!(event["data"]["evidence"]["by"], "position");
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_redis_hold_one_session_whoever_is_asked() {
    let redis = Redis::start("session-redis");
    let (one, two) = (Folder::new("session-a"), Folder::new("session-b"));
    let set = |config: &mut gridlamp::config::Config| redis.url.clone_into(&mut config.log);
    let first = Station::start_with(&one.0, Clock::life(), set).await;
    let second = Station::start_with(&two.0, Clock::life(), set).await;
    let units = units(&first);
    let mut chief = centre(&first).await;
    let mut helper = of_unit(&first, "helper", &units[1]).await;
    let about = incident(&first, "1").await;
    second.followed().await;
    let mut there = second.signed_in("helper").await;
    let mut live = there.listening().await;
    live.next(&["snapshot"]).await;
    let opened = chief.post("/sessions", &wish(&about, &units)).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    let at = format!("/sessions/{}", opened.body["id"].as_str().expect("id"));
    let frame = live.next(&["events"]).await;
    assert_eq!(frame["events"][0]["type"], "opened", "{frame}");
    // Both nodes are told at once; whichever is later decides on what the other did.
    let empty = json!({});
    let (acknowledge, moves) = (format!("{at}/acknowledge"), format!("{at}/move"));
    let (a, b) = tokio::join!(
        helper.post(&acknowledge, &empty),
        there.post(&moves, &empty)
    );
    let both = (a.status, b.status);
    // An acknowledgement after the move is one that nobody needs.
    assert!(
        matches!(both, (200 | 422, 200)),
        "{both:?} {} {}",
        a.body,
        b.body
    );
    let mut elsewhere = second.signed_in("chief").await;
    let agreed = async {
        loop {
            let (here, other) = (chief.get(&at).await.body, elsewhere.get(&at).await.body);
            let lines = here["timeline"].as_array().map_or(0, Vec::len);
            if lines >= 3 && here["version"] == other["version"] {
                return (here, other);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let agreed = tokio::time::timeout(PATIENCE, agreed).await;
    let (here, other) = agreed.expect("both nodes come to one version");
    assert_eq!(here["timeline"], other["timeline"]);
    assert_eq!(here["seats"], other["seats"]);
    first.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_commands_finds_whom_to_hand_over_to() {
    let folder = Folder::new("successor");
    let station = Station::start(&folder.0).await;
    let units = units(&station);
    let mut chief = centre(&station).await;
    let mut lead = of_unit(&station, "lead", &units[0]).await;
    let refused = lead.get("/commanders").await;
    assert_eq!((refused.status, refused.code()), (403, "role_may_not"));
    let about = incident(&station, "1").await;
    let opened = chief.post("/sessions", &wish(&about, &units)).await;
    let id = opened.body["id"].as_str().expect("id");
    let to = json!({"to": {"id": "lead"}});
    let handed = chief.post(&format!("/sessions/{id}/hand_over"), &to).await;
    assert_eq!(handed.status, 200, "{}", handed.body);
    let found = lead.get("/commanders?q=chief").await;
    assert_eq!(found.body["items"][0]["id"], "chief", "{}", found.body);
    station.stop().await;
}
