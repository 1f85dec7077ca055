//! Signing in and out, locks, changed and copied cookies, other sites' pages, and the first
//! administrator.

use std::time::Duration;

use domain::account::command::AccountCommand;
use domain::account::event::Ended;
use domain::actor::Role;
use domain::time::Timestamp;
use gridlamp::account::first;
use gridlamp::clock::Clock;
use gridlamp::config::{Config, Rate};
use serde_json::json;

use crate::redis::Redis;
use crate::support::{Browser, Folder, PASSWORD, Station};

/// For those who ask in a loop.
fn without_limits(config: &mut Config) {
    let much = Rate::new(10_000_000, 1_000_000);
    config.limits.person = much;
    config.limits.sign_in = much;
    config.limits.anonymous = much;
}

async fn station(name: &str) -> (Folder, Station) {
    let folder = Folder::new(name);
    let station = Station::start_with(&folder.0, Clock::life(), without_limits).await;
    let county = station.rules.county.code;
    station.person("boss", Role::Centre, county, true).await;
    station
        .person("admin2", Role::Administrator, county, false)
        .await;
    (folder, station)
}

#[tokio::test]
async fn signing_in_is_by_cookie_and_ends_at_once() {
    let (_folder, station) = station("sign-in").await;
    let mut browser = station.signed_in("boss").await;
    let me = browser.get("/me").await;
    assert_eq!(me.status, 200);
    assert_eq!(
        (&me.body["id"], &me.body["role"], &me.body["director"]),
        (&json!("boss"), &json!("centre"), &json!(true))
    );
    for field in [
        "scope",
        "scope_name",
        "screen",
        "county",
        "org",
        "clearance",
    ] {
        assert!(me.body[field].is_string(), "{field}: {}", me.body);
    }
    assert_eq!(me.body["posts"][0]["current"], true);
    let copy = browser.clone();
    let mut live = browser.listening().await;
    assert_eq!(browser.post("/sign-out", &json!({})).await.status, 204);
    assert_eq!(browser.cookie, None);
    let (code, after) = live.closed().await;
    assert_eq!(code, 4002);
    assert!(after < Duration::from_secs(1), "{after:?}");
    let mut copy = copy;
    let gone = copy.get("/me").await;
    assert_eq!((gone.status, gone.code()), (401, "signed_out"));
    station.stop().await;
}

#[tokio::test]
async fn nobody_learns_which_names_exist() {
    let (_folder, station) = station("names").await;
    let mut bodies = Vec::new();
    let disable = AccountCommand::DisablePerson {
        id: "boss".to_owned(),
        reason: "离职".to_owned(),
    };
    for (name, password) in [("admin2", "wrong"), ("nobody", "wrong")] {
        let with = json!({"name": name, "password": password});
        let answer = station.browser().post("/sign-in", &with).await;
        assert_eq!(answer.status, 401);
        bodies.push(answer.body);
    }
    station.perform(&disable).await;
    let with = json!({"name": "boss", "password": PASSWORD});
    let mut browser = station.browser();
    let answer = loop {
        let answer = browser.post("/sign-in", &with).await;
        // The node folds what a tool appends within half a second.
        if answer.status != 200 {
            break answer;
        }
    };
    bodies.push(answer.body);
    assert_eq!(bodies[0]["code"], "wrong_credentials");
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    station.stop().await;
}

#[tokio::test]
async fn wrong_passwords_make_everybody_wait_alike() {
    let (_folder, station) = station("locked").await;
    for name in ["boss", "nobody"] {
        let mut codes = Vec::new();
        for _ in 0..7 {
            let with = json!({"name": name, "password": "wrong"});
            let answer = station.browser().post("/sign-in", &with).await;
            if answer.status == 429 {
                let wait = &answer.headers["retry-after"];
                assert!(wait.to_str().is_ok_and(|secs| secs.parse::<u64>().is_ok()));
            }
            codes.push(answer.code().to_owned());
        }
        assert!(
            codes[..5].iter().all(|code| code == "wrong_credentials"),
            "{codes:?}"
        );
        assert_eq!(codes[6], "locked", "{codes:?}");
    }
    let right = json!({"name": "boss", "password": PASSWORD});
    let answer = station.browser().post("/sign-in", &right).await;
    assert_eq!(answer.code(), "locked");
    station.stop().await;
}

#[tokio::test]
async fn a_changed_secret_is_handed_over_and_a_copied_one_ends_it_all() {
    let folder = Folder::new("rotate");
    // Ten minutes in a second: the secret changes after three, and its grace of two minutes passes.
    let clock = Clock::scaled(Timestamp::from_millis(1_800_000_000_000), 600.0);
    let station = Station::start_with(&folder.0, clock, without_limits).await;
    let county = station.rules.county.code;
    station.person("boss", Role::Centre, county, true).await;
    let mut browser = station.signed_in("boss").await;
    let first = browser.cookie.clone();
    let changed = until(async |browser: &mut Browser| {
        assert_eq!(browser.get("/me").await.status, 200);
        browser.cookie != first
    });
    changed(&mut browser).await;
    let mut thief = Browser {
        cookie: first,
        ..browser.clone()
    };
    // Within its grace the old one passes and gets the new one; afterwards it ends the sign-in.
    let mut refused = thief.ask_with_old().await;
    while refused.status == 200 {
        refused = thief.ask_with_old().await;
    }
    assert_eq!((refused.status, refused.code()), (401, "signed_out"));
    let owner = browser.get("/me").await;
    assert_eq!((owner.status, owner.code()), (401, "signed_out"));
    station.stop().await;
}

/// Asks until `done` says so.
fn until<F>(mut done: F) -> impl AsyncFnOnce(&mut Browser)
where
    F: AsyncFnMut(&mut Browser) -> bool,
{
    async move |browser: &mut Browser| while !done(browser).await {}
}

impl Browser {
    /// Asks with the cookie it has and does not take another.
    async fn ask_with_old(&mut self) -> crate::support::Answer {
        let mut copy = self.clone();
        copy.get("/me").await
    }
}

#[tokio::test]
async fn a_sign_in_that_is_not_used_or_used_for_too_long_ends() {
    let folder = Folder::new("idle");
    // Five minutes in a second; signing in is slow on a busy machine, an hour is not over by then.
    let clock = Clock::scaled(Timestamp::from_millis(1_800_000_000_000), 300.0);
    let station = Station::start_with(&folder.0, clock, |config| {
        without_limits(config);
        config.sign_in.idle_minutes = 60;
        config.sign_in.absolute_hours = 3;
        config.sign_in.rotate_minutes = 60 * 24;
    })
    .await;
    let county = station.rules.county.code;
    station.person("boss", Role::Centre, county, true).await;
    let mut idle = station.signed_in("boss").await;
    let mut busy = station.signed_in("boss").await;
    let mut watching = station.signed_in("boss").await.listening().await;
    let began = station.rules.clock.now();
    let mut answer = busy.get("/me").await;
    let mut idle_ended = false;
    while answer.status == 200 {
        answer = busy.get("/me").await;
        let passed = station.rules.clock.now().since(began);
        // It is looked at once, a good while after its hour.
        if !idle_ended && passed.as_secs() > 3600 + 1800 {
            assert_eq!(idle.get("/me").await.code(), "signed_out");
            idle_ended = true;
        }
    }
    assert!(idle_ended);
    assert_eq!(answer.code(), "signed_out");
    let held = station.rules.clock.now().since(began);
    assert!(held.as_secs() > 2 * 3600, "{held:?}");
    // To watch is to use; the longest time holds for a watcher as well.
    assert_eq!(watching.closed().await.0, 4002);
    station.stop().await;
}

#[tokio::test]
async fn another_sites_page_can_do_nothing_with_our_cookie() {
    let (_folder, station) = station("cross-site").await;
    let mut browser = station.signed_in("boss").await;
    for origin in ["https://evil.example", "null", ""] {
        let answer = browser.ask("POST", "/sign-out", origin, Vec::new()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "cross_site"),
            "{origin}"
        );
    }
    assert_eq!(browser.live("https://evil.example").await.err(), Some(403));
    browser.listening().await.close().await;
    assert_eq!(browser.get("/me").await.status, 200);
    // A bearer token is never sent by itself.
    let body = json!({"external_id": "1", "title": "x", "region": station.township});
    let answer = station
        .client
        .post(format!("{}/api/v1/reports", station.url))
        .header("origin", "https://evil.example")
        .bearer_auth(&station.source)
        .json(&body)
        .send()
        .await
        .expect("answer");
    assert_eq!(answer.status().as_u16(), 201);
    station.stop().await;
}

#[tokio::test]
async fn a_revoked_sign_in_stops_on_every_node_within_a_second() {
    let redis = Redis::start("revoke-redis");
    let (one, two) = (Folder::new("revoke-1"), Folder::new("revoke-2"));
    let url = redis.url.clone();
    let here = Station::start_with(&one.0, Clock::life(), |config| {
        without_limits(config);
        config.log = url;
    })
    .await;
    let url = redis.url.clone();
    let there = Station::start_with(&two.0, Clock::life(), |config| {
        without_limits(config);
        config.log = url;
    })
    .await;
    let county = here.rules.county.code;
    here.person("boss", Role::Centre, county, true).await;
    here.person("admin2", Role::Administrator, county, false)
        .await;
    let boss = here.signed_in("boss").await;
    // Both nodes honour one cookie.
    let elsewhere = Browser {
        cookie: boss.cookie.clone(),
        ..there.browser()
    };
    let mut elsewhere_asks = elsewhere.clone();
    assert_eq!(elsewhere_asks.get("/me").await.status, 200);
    let mut near = boss.listening().await;
    let mut far = elsewhere.listening().await;
    let mut admin = here.signed_in("admin2").await;
    let listed = admin.get("/sign-ins?q=boss").await;
    let id = listed.body["items"][0]["id"].as_str().expect("id");
    let ended = admin
        .send("DELETE", &format!("/sign-ins/{id}"), &json!({}))
        .await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    for live in [&mut near, &mut far] {
        let (code, after) = live.closed().await;
        assert_eq!(code, 4002);
        assert!(after < Duration::from_secs(1), "{after:?}");
    }
    assert_eq!(elsewhere_asks.get("/me").await.code(), "signed_out");
    here.stop().await;
    there.stop().await;
}

#[tokio::test]
async fn another_post_is_another_cookie_and_another_picture() {
    let (_folder, station) = station("posts").await;
    let mut admin = station.signed_in("admin2").await;
    let centre = admin.get("/people/boss").await.body["posts"][0].clone();
    let room = json!({
        "id": "east", "role": "command_room", "org": format!("{}-T", station.township),
        "region": station.township, "director": false,
    });
    let both = json!({"posts": [centre, room]});
    let changed = admin.send("PATCH", "/people/boss", &both).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let mut boss = station.signed_in("boss").await;
    let mut live = boss.listening().await;
    let old = boss.clone();
    let moved = boss
        .post("/me/post", &json!({"post": {"own": "east"}}))
        .await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    assert_eq!(moved.body["scope"], json!(station.township));
    assert_eq!(live.closed().await.0, 4003);
    assert_ne!(old.cookie, boss.cookie);
    let mut old = old;
    assert_eq!(old.get("/me").await.status, 401);
    assert_eq!(boss.get("/me").await.body["role"], "command_room");
    let none = boss
        .post("/me/post", &json!({"post": {"own": "west"}}))
        .await;
    assert_eq!(none.code(), "not_your_post");
    // Taking the post away ends what acts in it.
    let mut live = boss.listening().await;
    let back = json!({"posts": [centre]});
    assert_eq!(admin.send("PATCH", "/people/boss", &back).await.status, 200);
    assert_eq!(live.closed().await.0, 4002);
    station.stop().await;
}

#[tokio::test]
async fn the_first_administrator_enters_by_a_link_that_works_once() {
    let folder = Folder::new("first");
    let station = Station::start_with(&folder.0, Clock::life(), without_limits).await;
    let hours = domain::time::Span::hours(1);
    let log = station.log();
    // The node makes a link of its own when it starts; the next ones take its place.
    station.followed().await;
    let made = first::administrator(&log, &station.rules, hours).await;
    let (id, old) = made.expect("made").expect("nobody has a password");
    assert_eq!(id, "admin");
    let made = first::administrator(&log, &station.rules, hours).await;
    let (_, secret) = made.expect("made").expect("still nobody has");
    let mut browser = station.browser();
    let ask = json!({"secret": secret});
    station.followed().await;
    let who = browser.post("/welcome", &ask).await;
    assert_eq!((who.status, &who.body["id"]), (200, &json!("admin")));
    let void = browser.post("/welcome", &json!({"secret": old})).await;
    assert_eq!(void.code(), "link_over");
    let weak = json!({"secret": secret, "password": "admin12345"});
    let weak = browser.post("/welcome", &weak).await;
    assert_eq!((weak.status, weak.code()), (422, "weak_password"));
    let good = json!({"secret": secret, "password": PASSWORD});
    let entered = browser.post("/welcome", &good).await;
    assert_eq!(
        (entered.status, &entered.body["screen"]),
        (200, &json!("/admin"))
    );
    assert_eq!(browser.get("/people").await.status, 200);
    let again = station.browser().post("/welcome", &good).await;
    assert_eq!((again.status, again.code()), (403, "link_over"));
    let made = first::administrator(&log, &station.rules, hours).await;
    assert!(made.expect("looked").is_none());
    drop(log);
    station.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sign_ins_and_a_code_is_used_once() {
    let (_folder, station) = station("password").await;
    let mut browser = station.signed_in("boss").await;
    let mut other = station.signed_in("boss").await;
    let new = "桥头那盏灯第三天还没修好";
    let change = |old: &str| json!({"old": old, "new": new});
    let wrong = browser.post("/me/password", &change("x")).await;
    assert_eq!(wrong.code(), "wrong_credentials");
    assert_eq!(
        browser.post("/me/password", &change(PASSWORD)).await.status,
        204
    );
    assert_eq!(other.get("/me").await.code(), "signed_out");
    let offer = browser.post("/me/totp", &json!({})).await;
    assert!(
        offer.body["qr_svg"]
            .as_str()
            .is_some_and(|svg| svg.contains("<svg"))
    );
    let shown = code_of(offer.body["secret"].as_str().expect("secret"));
    let slip = &offer.body["slip"];
    let bad = json!({"slip": slip, "code": "000000"});
    assert_eq!(
        browser.post("/me/totp/confirm", &bad).await.code(),
        "wrong_code"
    );
    let good = json!({"slip": slip, "code": shown});
    assert_eq!(browser.post("/me/totp/confirm", &good).await.status, 204);
    let mut next = station.browser();
    let with = json!({"name": "boss", "password": new});
    assert_eq!(next.post("/sign-in", &with).await.code(), "code_required");
    let used = json!({"name": "boss", "password": new, "code": shown});
    assert_eq!(next.post("/sign-in", &used).await.code(), "wrong_code");
    let stop = json!({"password": new});
    assert_eq!(browser.send("DELETE", "/me/totp", &stop).await.status, 204);
    assert_eq!(next.post("/sign-in", &with).await.status, 200);
    station.stop().await;
}

/// What an authenticator that read the secret shows now.
fn code_of(base32: &str) -> String {
    let mut bits = Vec::new();
    for c in base32.bytes() {
        let at = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|b| *b == c);
        let value = at.expect("base32");
        bits.extend((0..5).rev().map(|bit| value >> bit & 1));
    }
    let secret: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |all, bit| all << 1 | *bit as u8))
        .collect();
    gridlamp::account::totp::code_at(&secret, Clock::life().now().millis() / 30_000)
}

#[tokio::test]
async fn one_ends_ones_own_sign_ins_and_nobody_elses() {
    let (_folder, station) = station("own").await;
    let mut boss = station.signed_in("boss").await;
    let mut other = station.signed_in("boss").await;
    let mut admin = station.signed_in("admin2").await;
    let list = boss.get("/me/sign-ins").await;
    let items = list.body["items"].as_array().expect("list");
    assert_eq!(items.len(), 2);
    let elsewhere = items.iter().find(|item| item["current"] == false);
    let id = elsewhere.expect("the other")["id"].as_str().expect("id");
    let at = format!("/me/sign-ins/{id}");
    assert_eq!(admin.send("DELETE", &at, &json!({})).await.status, 404);
    assert_eq!(boss.send("DELETE", &at, &json!({})).await.status, 204);
    assert_eq!(other.get("/me").await.code(), "signed_out");
    assert_eq!(boss.get("/sign-ins").await.code(), "role_may_not");
    let end = AccountCommand::EndSignIn {
        id: boss.get("/me").await.body["sign_in"]
            .as_str()
            .expect("id")
            .to_owned(),
        why: Ended::Revoked,
    };
    station.perform(&end).await;
    while boss.get("/me").await.status == 200 {}
    station.stop().await;
}
