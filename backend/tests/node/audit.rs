//! What the audit keeps of what is done from outside, and who may look at it.

use std::time::Instant;

use domain::actor::Role;
use gridlamp::audit;
use gridlamp::log::{LedgerName, Log};
use serde_json::{Value, json};

use crate::support::{Browser, Folder, PASSWORD, PATIENCE, Station};

/// Records found, newest first.
async fn found(auditor: &mut Browser, query: &str) -> Vec<Value> {
    let answer = auditor.get(&format!("/audit?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().expect("items").clone()
}

/// So many records of this kind; a refusal's may come a moment after its answer.
async fn some(auditor: &mut Browser, query: &str, count: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let found = found(auditor, query).await;
        assert!(
            found.len() <= count && began.elapsed() < PATIENCE,
            "{query}: {found:?}"
        );
        if found.len() == count {
            return found;
        }
    }
}

async fn one(auditor: &mut Browser, query: &str) -> Value {
    some(auditor, query, 1).await.remove(0)
}

/// A station with an administrator, a room's director and the county's auditor.
async fn station(folder: &Folder) -> (Station, Browser, Browser, Browser) {
    let layers = folder.0.join("county/layers");
    std::fs::create_dir_all(&layers).expect("folder");
    let patients = r#"{"type":"FeatureCollection","features":[]}"#;
    std::fs::write(layers.join("patients.geojson"), patients).expect("layer");
    let pack = geodata::sample::county(7);
    std::fs::write(
        folder.0.join("county/regions.geojson"),
        pack.regions_geojson,
    )
    .expect("pack");
    let station = Station::start(&folder.0).await;
    let county = station.rules.county.code;
    station
        .person("keeper", Role::Administrator, county, false)
        .await;
    station
        .person("room", Role::CommandRoom, station.township, true)
        .await;
    station.person("looker", Role::Auditor, county, false).await;
    let keeper = station.signed_in("keeper").await;
    let room = station.signed_in("room").await;
    let looker = station.signed_in("looker").await;
    (station, keeper, room, looker)
}

async fn report(station: &Station) -> String {
    let (lon, lat) = station.place;
    // Without a category it waits for somebody to accept it.
    let body = json!({"external_id": "1", "title": "路灯不亮", "lon": lon, "lat": lat});
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

#[tokio::test]
async fn commands_and_their_refusals_are_recorded() {
    let folder = Folder::new("audit-commands");
    let (station, _, mut room, mut looker) = station(&folder).await;
    let id = report(&station).await;
    let at = format!("/incidents/{id}");
    let no = room
        .post(&format!("{at}/feedback"), &json!({"result": "修好了"}))
        .await;
    assert!(no.status >= 400, "{}", no.body);
    let yes = room
        .post(&format!("{at}/accept"), &json!({"category": "0704"}))
        .await;
    assert_eq!(yes.status, 200, "{}", yes.body);
    let refused = one(&mut looker, "action=incident.feedback").await;
    assert_eq!(refused["outcome"], no.code());
    assert!(refused.get("after").is_none() && refused.get("before").is_none());
    let done = one(&mut looker, "action=incident.accept&who=room&outcome=ok").await;
    assert_eq!(done["target"], json!(id));
    assert_eq!(
        (&done["role"], &done["from"]),
        (&json!("command_room"), &json!("127.0.0.1"))
    );
    // The rules may have sent it on within the same moment.
    assert_eq!(done["before"]["state"], "reported");
    assert!(done["after"]["state"].is_string(), "{done}");
    // What other systems report stands in the log; it is not repeated.
    assert_eq!(found(&mut looker, "action=report").await, [] as [Value; 0]);
    station.stop().await;
}

#[tokio::test]
async fn accounts_are_recorded_with_what_was_before_and_without_secrets() {
    let folder = Folder::new("audit-accounts");
    let (station, mut keeper, mut room, mut looker) = station(&folder).await;
    let post = json!({"id": "p", "role": "command_room", "org": format!("{}-T", station.township), "region": station.township, "director": false});
    let new = json!({"id": "li", "name": "李强", "posts": [post]});
    let made = keeper.post("/people", &new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.body["url"]
        .as_str()
        .and_then(|url| url.split_once('#'))
        .expect("secret")
        .1;
    let added = one(&mut looker, "action=person.add").await;
    assert_eq!(
        (&added["target"], &added["after"]["name"]),
        (&json!("li"), &json!("李强"))
    );
    assert_eq!(added["region"], json!(station.township));
    let named = keeper
        .send("PATCH", "/people/li", &json!({"name": "李刚"}))
        .await;
    assert_eq!(named.status, 200, "{}", named.body);
    let changed = one(&mut looker, "action=person.change").await;
    assert_eq!(
        (&changed["before"], &changed["after"]),
        (&json!({"name": "李强"}), &json!({"name": "李刚"}))
    );
    let mut li = station.browser();
    let chosen = json!({"secret": secret, "password": PASSWORD});
    assert_eq!(li.post("/welcome", &chosen).await.status, 200);
    let welcome = one(&mut looker, "action=person.welcome").await;
    assert_eq!(
        (&welcome["who"], &welcome["outcome"]),
        (&json!("li"), &json!("ok"))
    );
    let wrong = json!({"name": "li", "password": "not this one"});
    assert_eq!(station.browser().post("/sign-in", &wrong).await.status, 401);
    let nobody = json!({"name": "nobody", "password": "not this one"});
    assert_eq!(
        station.browser().post("/sign-in", &nobody).await.status,
        401
    );
    for who in ["li", "nobody"] {
        let failed = one(&mut looker, &format!("action=sign_in&who={who}")).await;
        assert_eq!(failed["outcome"], "wrong_credentials", "{failed}");
    }
    let token = keeper
        .post("/tokens", &json!({"name": "12345", "role": "source"}))
        .await;
    assert_eq!(token.status, 201, "{}", token.body);
    let refused = room.post("/people", &new).await;
    assert_eq!(refused.status, 403);
    one(&mut looker, "who=room&outcome=refused").await;
    assert_eq!(room.post("/sign-out", &json!({})).await.status, 204);
    assert_eq!(one(&mut looker, "action=sign_out").await["who"], "room");
    let kept = station
        .log()
        .ledger_read(LedgerName::Audit, 0, 1_000)
        .await
        .expect("read");
    let text: String = kept.into_iter().map(|entry| entry.body).collect();
    let token = token.body["token"].as_str().expect("token");
    for never in [secret, token, PASSWORD, "not this one", "argon2"] {
        assert!(!text.contains(never), "{never}");
    }
    station.stop().await;
}

#[tokio::test]
async fn what_is_shown_and_taken_away_is_recorded_first() {
    let folder = Folder::new("audit-views");
    let (station, mut keeper, mut room, mut looker) = station(&folder).await;
    report(&station).await;
    let seen = room.get("/layers/patients?purpose=visit").await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    let view = one(&mut looker, "action=layer.view").await;
    assert_eq!(
        (&view["target"], &view["purpose"]),
        (&json!("patients"), &json!("visit"))
    );
    let file = station
        .client
        .get(format!("{}/api/v1/incidents", station.url));
    let file = file
        .bearer_auth(&station.reader)
        .header("accept", "text/csv")
        .send()
        .await;
    assert_eq!(file.expect("answer").status(), 200);
    let export = one(&mut looker, "action=incident.export").await;
    assert_eq!(
        (&export["role"], &export["after"]["incidents"]),
        (&json!("reader"), &json!(1))
    );
    assert_eq!(
        room.get("/snapshot?scope=330899").await.code(),
        "outside_scope"
    );
    let outside = one(&mut looker, "outcome=outside_scope").await;
    assert_eq!(
        (&outside["who"], &outside["target"]),
        (&json!("room"), &json!("/api/v1/snapshot"))
    );
    for browser in [&mut keeper, &mut room] {
        assert_eq!(browser.get("/audit").await.code(), "role_may_not");
    }
    some(&mut looker, "action=audit.search&outcome=refused", 2).await;
    let looks = found(&mut looker, "action=audit.search&outcome=ok&limit=1").await;
    assert!(
        looks[0]["purpose"]
            .as_str()
            .is_some_and(|text| text.contains("audit.search"))
    );
    station.stop().await;
}

#[tokio::test]
async fn a_flood_of_strangers_is_one_record() {
    let folder = Folder::new("audit-strangers");
    let (station, _, _, mut looker) = station(&folder).await;
    for path in ["/incidents", "/people", "/me", "/audit"] {
        for _ in 0..3 {
            assert_eq!(station.browser().get(path).await.status, 401);
        }
    }
    let strangers = one(&mut looker, "outcome=unauthorized").await;
    assert_eq!(strangers["who"], "");
    assert_eq!(
        station.browser().get("/enter/forged.slip").await.status,
        401
    );
    let kept = station
        .log()
        .ledger_read(LedgerName::Audit, 0, 1_000)
        .await
        .expect("read");
    assert!(kept.iter().all(|entry| !entry.body.contains("forged")));
    station.stop().await;
}

#[tokio::test]
async fn an_auditor_sees_what_concerns_their_region_alone() {
    let folder = Folder::new("audit-scope");
    let (station, mut keeper, mut room, mut looker) = station(&folder).await;
    station
        .person("local", Role::Auditor, station.township, false)
        .await;
    station
        .person("other", Role::CommandRoom, station.elsewhere, true)
        .await;
    let mut local = station.signed_in("local").await;
    station.signed_in("other").await;
    let named = keeper
        .send("PATCH", "/people/other", &json!({"name": "邻镇"}))
        .await;
    assert_eq!(named.status, 200, "{}", named.body);
    let nobody = json!({"name": "nobody", "password": "x"});
    assert_eq!(
        station.browser().post("/sign-in", &nobody).await.status,
        401
    );
    assert_eq!(room.post("/sign-out", &json!({})).await.status, 204);
    let all = found(&mut looker, "limit=200").await;
    let theirs = found(&mut local, "limit=200").await;
    assert!(theirs.len() < all.len());
    let whos: Vec<&Value> = theirs.iter().map(|record| &record["who"]).collect();
    assert!(
        whos.contains(&&json!("room")) && !whos.contains(&&json!("other")),
        "{whos:?}"
    );
    assert!(
        !whos.contains(&&json!("nobody")) && !whos.contains(&&json!("keeper")),
        "{whos:?}"
    );
    let township = station.township.to_string();
    let regions = theirs
        .iter()
        .map(|record| record["region"].as_str().expect("region"));
    assert!(
        regions
            .into_iter()
            .all(|region| region.starts_with(&township))
    );
    // Pages follow each other without gap or repeat.
    let mut seqs = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!("/audit?limit=2&action=sign_in{next}");
        let answer = looker.get(&path).await;
        let items = answer.body["items"].as_array().expect("items").clone();
        seqs.extend(
            items
                .iter()
                .map(|record| record["seq"].as_u64().expect("seq")),
        );
        match answer.body["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert!(seqs.is_sorted_by(|one, next| one > next), "{seqs:?}");
    let whole = found(&mut looker, "limit=200&action=sign_in").await;
    assert_eq!(whole.len(), seqs.len());
    assert_eq!(looker.get("/audit?cursor=x").await.code(), "invalid_cursor");
    station.stop().await;
}

#[tokio::test]
async fn the_chain_holds_when_the_node_has_stopped() {
    let folder = Folder::new("audit-chain");
    let (station, _, mut room, _) = station(&folder).await;
    assert_eq!(room.post("/sign-out", &json!({})).await.status, 204);
    let log = station.log();
    let county = station.rules.county.code.to_string();
    let data = station.folder();
    station.stop().await;
    let places = audit::remembered(&data);
    assert_eq!(places.len(), 1);
    let verdict = audit::verify(&log, &county, &places).await.expect("read");
    assert_eq!(
        (verdict.broken, verdict.end.as_ref()),
        (None, places.first())
    );
}
