//! The administration: people and their posts, CSV, tokens, who may and who may not.

use domain::actor::Role;
use serde_json::{Value, json};

use crate::support::{Browser, Folder, Station};

async fn station(name: &str) -> (Folder, Station, Browser) {
    let folder = Folder::new(name);
    let station = Station::start(&folder.0).await;
    let county = station.rules.county.code;
    station
        .person("keeper", Role::Administrator, county, false)
        .await;
    let admin = station.signed_in("keeper").await;
    (folder, station, admin)
}

fn room(station: &Station, director: bool) -> Value {
    json!({
        "id": "room", "role": "command_room", "org": format!("{}-T", station.township),
        "region": station.township, "director": director,
    })
}

#[tokio::test]
async fn people_are_taken_in_changed_and_shut_out() {
    let (_folder, station, mut admin) = station("people").await;
    let new = json!({"id": "zhang", "name": "张伟", "phone": "13800001234", "posts": [room(&station, true)]});
    let made = admin.post("/people", &new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let url = made.body["url"].as_str().expect("url");
    let (page, secret) = url.split_once('#').expect("the secret stands behind the #");
    assert!(page.ends_with("/welcome"));
    let taken = admin.post("/people", &new).await;
    assert_eq!((taken.status, taken.code()), (400, "id_taken"));
    let mut zhang = station.browser();
    let chosen = json!({"secret": secret, "password": "桥头那盏灯第三天还没修好"});
    assert_eq!(zhang.post("/welcome", &chosen).await.status, 200);
    let mut live = zhang.listening().await;
    let found = admin.get("/people?q=张").await;
    assert_eq!(found.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(found.body["items"][0]["has_password"], true);
    assert!(found.body["items"][0]["seen_at"].is_string());
    assert!(!found.body.to_string().contains("argon2"));
    let out = json!({"reason": "调离"});
    assert_eq!(admin.post("/people/zhang/disable", &out).await.status, 204);
    assert_eq!(live.closed().await.0, 4002);
    assert_eq!(zhang.get("/me").await.status, 401);
    assert_eq!(
        admin.post("/people/zhang/enable", &json!({})).await.status,
        204
    );
    let named = admin
        .send("PATCH", "/people/zhang", &json!({"name": "张薇"}))
        .await;
    assert_eq!(
        (&named.body["name"], &named.body["phone"]),
        (&json!("张薇"), &json!("13800001234"))
    );
    let own = admin.post("/people/keeper/disable", &out).await;
    assert_eq!((own.status, own.code()), (403, "not_for_oneself"));
    station.stop().await;
}

#[tokio::test]
async fn only_who_administers_administers() {
    let (_folder, station, mut admin) = station("roles").await;
    station
        .person("member", Role::CommandRoom, station.township, false)
        .await;
    station
        .person("chief", Role::CommandRoom, station.township, true)
        .await;
    let mut member = station.signed_in("member").await;
    for path in ["/people", "/tokens", "/sign-ins", "/walls"] {
        let answer = member.get(path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "role_may_not"),
            "{path}"
        );
        assert_eq!(station.browser().get(path).await.status, 401, "{path}");
    }
    let new = json!({"id": "li", "name": "李", "posts": [room(&station, true)]});
    assert_eq!(member.post("/people", &new).await.code(), "role_may_not");
    assert_eq!(member.get("/orgs").await.status, 200);
    assert_eq!(admin.get("/people").await.status, 200);
    // A director lends their own post, within their own region, for a time.
    let mut chief = station.signed_in("chief").await;
    let seen = chief.get("/people").await;
    assert_eq!(
        seen.body["items"].as_array().map(Vec::len),
        Some(2),
        "{}",
        seen.body
    );
    let until = (station.rules.clock.now() + domain::time::Span::days(3)).to_string();
    let lend = json!({
        "role": "command_room", "org": format!("{}-T", station.township),
        "region": station.township, "director": true, "on_behalf_of": "chief",
        "until": until, "reason": "出差",
    });
    let lent = chief.post("/people/member/grants", &lend).await;
    assert_eq!(lent.status, 201, "{}", lent.body);
    let id = lent.body["id"].as_str().expect("id").to_owned();
    let act = json!({"post": {"granted": id}});
    let me = member.post("/me/post", &act).await;
    assert_eq!(
        (&me.body["director"], &me.body["on_behalf_of"]),
        (&json!(true), &json!("chief"))
    );
    let mut live = member.listening().await;
    let back = chief
        .send("DELETE", &format!("/people/member/grants/{id}"), &json!({}))
        .await;
    assert_eq!(back.status, 204, "{}", back.body);
    assert_eq!(live.closed().await.0, 4002);
    station.stop().await;
}

#[tokio::test]
async fn a_token_changes_without_a_gap_and_goes_at_once() {
    let (_folder, station, mut admin) = station("tokens").await;
    let ask = json!({"name": "12345", "role": "reader", "scope": station.township});
    let made = admin.post("/tokens", &ask).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let old = made.body["token"].as_str().expect("token").to_owned();
    let id = made.body["view"]["id"].as_str().expect("id").to_owned();
    assert_eq!(station.get(&old, "/incidents").await.0, 200);
    let rotated = admin
        .post(
            &format!("/tokens/{id}/rotate"),
            &json!({"overlap_hours": 1}),
        )
        .await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    let new = rotated.body["token"].as_str().expect("token").to_owned();
    let mut live_old = station.live(&old, "").await;
    live_old.next(&["hello"]).await;
    let mut live_new = station.live(&new, "").await;
    live_new.next(&["hello"]).await;
    for token in [&old, &new] {
        assert_eq!(station.get(token, "/me").await.0, 200);
    }
    let now = admin
        .post(
            &format!("/tokens/{id}/rotate"),
            &json!({"overlap_hours": 0}),
        )
        .await;
    let newest = now.body["token"].as_str().expect("token").to_owned();
    assert_eq!(live_old.closed().await.0, 4002);
    assert_eq!(live_new.closed().await.0, 4002);
    assert_eq!(station.get(&old, "/me").await.0, 401);
    assert_eq!(station.get(&new, "/me").await.0, 401);
    assert_eq!(station.get(&newest, "/me").await.0, 200);
    let long = admin
        .post(
            &format!("/tokens/{id}/rotate"),
            &json!({"overlap_hours": 169}),
        )
        .await;
    assert_eq!((long.status, long.code()), (400, "invalid_span"));
    let listed = admin.get("/tokens?q=12345").await;
    assert!(listed.body["items"][0]["seen_at"].is_string());
    assert!(!listed.body.to_string().contains("hash"));
    let gone = admin
        .send("DELETE", &format!("/tokens/{id}"), &json!({}))
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(station.get(&newest, "/me").await.0, 401);
    station.stop().await;
}

const HEAD: &str = "id,name,phone,role,org,region,director\n";

#[tokio::test]
async fn a_list_of_people_is_taken_in_whole_or_not_at_all() {
    let (_folder, station, mut admin) = station("import").await;
    let t = station.township;
    let import = async |admin: &mut Browser, dry: bool, text: &str| {
        let path = format!("/people/import?dry_run={dry}");
        let origin = station.url.clone();
        admin
            .ask("POST", &path, &origin, text.as_bytes().to_vec())
            .await
    };
    let bad = format!(
        "{HEAD}li,李强,13900001111,command_room,{t}-T,{t},yes\n\
         wang,王芳,12,platform,,{t},\n\
         Keeper,管理,,administrator,,330899,\n\
         keeper,管理,,administrator,,330899,\n\
         zhao,赵,,king,,33,maybe\n\
         li,李强,,platform,{t}-T,{t},\n"
    );
    let dry = import(&mut admin, true, &bad).await;
    assert_eq!(dry.status, 200, "{}", dry.body);
    assert_eq!(
        (&dry.body["good"], &dry.body["bad"]),
        (&json!(1), &json!(5))
    );
    let lines = dry.body["lines"].as_array().expect("lines");
    let faults: Vec<usize> = lines
        .iter()
        .map(|line| line["faults"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(faults, [0, 1, 1, 1, 3, 1], "{}", dry.body);
    let refused = import(&mut admin, false, &bad).await;
    assert_eq!(refused.status, 422);
    assert_eq!(admin.get("/people/li").await.status, 404);
    let good = format!(
        "\u{feff}{HEAD}li,李强,13900001111,command_room,{t}-T,{t},是\nli,李强,,command_room,{t}-T,{t}001,否\nwang,王芳,,auditor,,330899,\n"
    );
    let dry = import(&mut admin, true, &good).await;
    assert_eq!(
        (&dry.body["bad"], dry.body["lines"][0].get("invite")),
        (&json!(0), None),
        "{}",
        dry.body
    );
    assert_eq!(admin.get("/people/li").await.status, 404);
    let done = import(&mut admin, false, &good).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body["lines"][0]["invite"]["url"].is_string());
    let li = admin.get("/people/li").await;
    assert_eq!(li.body["posts"].as_array().map(Vec::len), Some(2));
    let again = import(&mut admin, true, &good).await;
    assert_eq!(again.body["bad"], 2, "{}", again.body);
    let large = "x".repeat(2 * 1024 * 1024 + 1);
    assert_eq!(import(&mut admin, true, &large).await.status, 413);
    station.stop().await;
}
