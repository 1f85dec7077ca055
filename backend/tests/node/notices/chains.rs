//! What climbs and stops, what is too old to sound, and what a gateway says afterwards.

use domain::account::command::AccountCommand;
use domain::actor::Role;
use domain::notice::chain::{Step, Way};
use domain::notice::{Channel, To};
use domain::time::Span;
use serde_json::{Value, json};

use super::receiver::{Answer, Receiver};
use super::{deliveries, notice, of_org, plan, report, settled, station};
use crate::support::Folder;

fn chain(waits_ms: [i64; 4]) -> Vec<Step> {
    let ways = [Way::App, Way::Voice, Way::Deputy, Way::DutyPhone];
    let steps = ways.into_iter().zip(waits_ms);
    steps
        .map(|(way, ms)| Step {
            way,
            wait: Span::from_millis(ms),
        })
        .collect()
}

#[tokio::test]
async fn a_chain_climbs_to_the_duty_phone_and_says_who_was_missed() {
    let (folder, receiver) = (Folder::new("notice-chain"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    plan(&station, &notice("climbs", chain([100; 4]))).await;
    let record = settled(&station, "climbs").await;
    let called: Vec<_> = receiver
        .got("/voice")
        .iter()
        .map(|got| got.json()["to"].clone())
        .collect();
    assert_eq!(called[0], "13900000001", "who is on duty");
    assert!(
        called.contains(&json!("13900000002")),
        "the deputy: {called:?}"
    );
    assert_eq!(called.last(), Some(&json!("05701000")), "the duty phone");
    let missed = record["missed"].as_array().expect("list");
    assert!(
        missed.iter().any(|one| one["why"] == "nobody_acknowledged"),
        "{record}"
    );
    station.stop().await;
}

#[tokio::test]
async fn whoever_has_the_shift_is_called_and_nobody_else() {
    let (folder, receiver) = (Folder::new("notice-shift"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    let reached = AccountCommand::ChangePerson {
        id: "hua".to_owned(),
        name: "hua".to_owned(),
        phone: Some("13911112222".to_owned()),
    };
    station.perform(&reached).await;
    let begun = hua.post("/shifts/330899-C/begin", &json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let call = [Way::App, Way::Voice].map(|way| Step {
        way,
        wait: Span::from_millis(100),
    });
    plan(&station, &notice("shift", call.to_vec())).await;
    settled(&station, "shift").await;
    let called = receiver.got("/voice");
    let called: Vec<_> = called.iter().map(|got| got.json()["to"].clone()).collect();
    assert_eq!(called, [json!("13911112222")]);
    station.stop().await;
}

#[tokio::test]
async fn a_chain_stops_the_moment_somebody_acknowledges() {
    let (folder, receiver) = (Folder::new("notice-ack"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    // The deputy would be called in an hour; the first call is being tried again and again.
    receiver.script("/voice", &[Answer::Status(503)]);
    plan(&station, &notice("stops", chain([50, 3_600_000, 50, 50]))).await;
    receiver.until_count("/voice", 1).await;
    let answer = hua.post("/notices/stops/acknowledge", &json!({})).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let record = settled(&station, "stops").await;
    assert_eq!(record["acknowledged"][0], "hua");
    assert!(receiver.got("/sms").is_empty());
    let page = hua.get("/notices").await;
    assert_eq!(page.body["items"][0]["acknowledge"], false);
    assert_eq!(page.body["unread"], 0, "who acknowledges has read it");
    station.stop().await;
}

#[tokio::test]
async fn what_is_old_is_listed_and_makes_no_sound() {
    let (folder, receiver) = (Folder::new("notice-old"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    for (key, minutes) in [("old", 61), ("young", 59)] {
        let mut told = notice(key, chain([0; 4]));
        told.channels.push(Channel::Sms);
        told.at = told.at + Span::mins(-minutes);
        plan(&station, &told).await;
    }
    let (old, young) = (
        settled(&station, "old").await,
        settled(&station, "young").await,
    );
    let why = |record: &Value| deliveries(record, "sms")[0]["why"].clone();
    assert_eq!(why(&old), "too_late_to_announce");
    assert_eq!(deliveries(&young, "sms")[0]["outcome"], "sent");
    assert_eq!(hua.get("/notices").await.body["unread"], 2);
    let called = receiver.got("/voice").len() + receiver.got("/sms").len();
    let phones: usize = [&young]
        .iter()
        .map(|record| deliveries(record, "sms").len() + deliveries(record, "voice").len())
        .sum();
    assert_eq!(called, phones, "the old one rang nowhere");
    station.stop().await;
}

#[tokio::test]
async fn a_receipt_says_whether_a_message_arrived() {
    let (folder, receiver) = (Folder::new("notice-receipt"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |config| {
        let sms = config.notices.sms.as_mut().expect("gateway");
        sms.receipt_secret = Some("a-secret-of-the-gateway".to_owned());
        sms.aliyun = Some(gridlamp::config::Aliyun {
            endpoint: receiver.url.clone(),
            access_key_id: "id".to_owned(),
            access_key_secret: Some("secret".to_owned()),
            sign_name: "某县治理".to_owned(),
            template_code: "SMS_1".to_owned(),
            ..gridlamp::config::Aliyun::default()
        });
    })
    .await;
    receiver.script("/", &[Answer::Json(r#"{"Code":"Throttling.User"}"#)]);
    receiver.script("/", &[Answer::Json(r#"{"Code":"OK","BizId":"900"}"#)]);
    let mut told = notice("receipt", Vec::new());
    told.channels = vec![Channel::App, Channel::Sms];
    plan(&station, &told).await;
    let record = settled(&station, "receipt").await;
    let sent = deliveries(&record, "sms")[0];
    assert_eq!(
        (&sent["outcome"], &sent["tries"]),
        (&json!("sent"), &json!(2)),
        "{record}"
    );
    let got = receiver.got("/");
    assert!(
        got.iter()
            .all(|got| got.header("x-acs-action") == "SendSms")
    );
    assert!(
        got[0]
            .header("authorization")
            .starts_with("ACS3-HMAC-SHA256 Credential=id,")
    );
    assert!(
        got[0].query.contains("PhoneNumbers=13900000001"),
        "{}",
        got[0].query
    );
    let receipts = json!([
        {"biz_id": "900", "success": true, "phone_number": "13900000001", "err_code": "DELIVERED"},
        {"biz_id": "901", "success": true},
    ]);
    let bring = async |secret: &str| {
        let path = format!("/deliveries/receipts/{secret}");
        station.browser().post(&path, &receipts).await
    };
    assert_eq!(bring("another-secret-entirely").await.status, 404);
    let answer = bring("a-secret-of-the-gateway").await;
    assert_eq!((answer.status, &answer.body["code"]), (200, &json!(0)));
    let record = settled(&station, "receipt").await;
    let all = deliveries(&record, "sms");
    assert_eq!((all.len(), &all[0]["outcome"]), (1, &json!("delivered")));
    station.stop().await;
}

#[tokio::test]
async fn a_chain_stops_when_the_unit_acts() {
    let (folder, receiver) = (Folder::new("notice-act"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let id = report(&station, "a").await;
    let told = receiver
        .until("/hook", |got| got.json()["data"]["kind"] == "dispatched")
        .await;
    let org = told.json()["data"]["to"]["org"]
        .as_str()
        .expect("org")
        .to_owned();
    let mut worker = of_org(&station, "worker", &org, Role::Unit).await;
    let mut late = notice("acts", chain([3_600_000, 0, 0, 0]));
    late.to = To::Org(org.parse().expect("id"));
    late.incident = Some(id.parse().expect("id"));
    plan(&station, &late).await;
    let started = worker
        .post(&format!("/incidents/{id}/start"), &json!({}))
        .await;
    assert_eq!(started.status, 200, "{}", started.body);
    let record = settled(&station, "acts").await;
    assert_eq!(record["acknowledged"][0], "worker");
    assert!(receiver.got("/voice").is_empty());
    station.stop().await;
}
