//! Web Push against a push service of our own: what a browser can open, and what it may not see.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::actor::Role;
use domain::notice::Channel;
use serde_json::{Value, json};
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, p256};

use super::receiver::{Answer, Receiver};
use super::{notice, of_org, plan, settled, station};
use crate::support::{Folder, Station};

/// A browser's half of a subscription.
struct Keys {
    secret: p256::SecretKey,
    auth: [u8; 16],
}

impl Keys {
    fn new(seed: u8) -> Self {
        Self {
            secret: p256::SecretKey::from_slice(&[seed; 32]).expect("key"),
            auth: [seed; 16],
        }
    }

    fn offer(&self, endpoint: &str) -> Value {
        let point = self.secret.public_key().to_encoded_point(false);
        json!({
            "endpoint": endpoint, "expirationTime": null,
            "keys": {"p256dh": BASE64.encode(point.as_bytes()), "auth": BASE64.encode(self.auth)},
        })
    }

    fn open(&self, body: &[u8]) -> Value {
        let auth = Auth::from(self.auth);
        let text = web_push_native::decrypt(body.to_vec(), &self.secret, &auth).expect("opens");
        serde_json::from_slice(&text).expect("JSON")
    }
}

#[tokio::test]
async fn a_browser_opens_its_notice_and_a_gone_one_is_forgotten() {
    let (folder, receiver) = (Folder::new("notice-push"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    let before = hua.get("/me/push").await.body;
    assert_eq!(before["enabled"], true);
    let keys = Keys::new(7);
    let endpoint = format!("{}/push/one", receiver.url);
    let taken = hua.post("/me/push", &keys.offer(&endpoint)).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let again = hua.post("/me/push", &keys.offer(&endpoint)).await;
    assert_eq!(again.body["id"], taken.body["id"], "one browser is one");

    let mut told = notice("pushed", Vec::new());
    told.channels.push(Channel::Push);
    plan(&station, &told).await;
    let got = receiver.until_count("/push/one", 1).await.remove(0);
    assert_eq!(got.header("content-encoding"), "aes128gcm");
    assert_eq!(got.header("urgency"), "high");
    assert!(
        got.header("ttl")
            .parse::<u32>()
            .is_ok_and(|ttl| ttl <= 3600)
    );
    assert!(got.header("authorization").starts_with("vapid t="));
    let key = before["public_key"].as_str().expect("key");
    assert!(got.header("authorization").ends_with(&format!("k={key}")));
    let text = keys.open(&got.body);
    assert_eq!(
        (&text["key"], &text["title"]),
        (&json!("pushed"), &json!("红灯"))
    );
    let record = settled(&station, "pushed").await;
    assert!(
        !record.to_string().contains("/push/one"),
        "the address is nobody's business"
    );

    // The service does not know it any more; after a restart nobody else does.
    receiver.script("/push/one", &[Answer::Status(410)]);
    told.key = "gone".to_owned();
    plan(&station, &told).await;
    let record = settled(&station, "gone").await;
    assert_eq!(record["missed"][0]["channel"], "push");
    assert_eq!(hua.get("/me/push").await.body["items"], json!([]));
    station.stop().await;
}

#[tokio::test]
async fn a_subscription_that_leads_inside_or_makes_no_sense_is_refused() {
    let folder = Folder::new("notice-push-bad");
    let station = Station::start(&folder.0).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    let keys = Keys::new(7);
    for endpoint in [
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "http://push.example/x",
        "file:///etc/passwd",
        "nonsense",
    ] {
        let answer = hua.post("/me/push", &keys.offer(endpoint)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "wrong_subscription"),
            "{endpoint}"
        );
        assert_eq!(answer.body["pointer"], "/endpoint");
    }
    for (field, value) in [
        ("p256dh", "BCVx"),
        ("p256dh", ""),
        ("auth", "AAAA"),
        ("auth", "%%"),
    ] {
        let mut offer = keys.offer("https://push.example/x");
        offer["keys"][field] = json!(value);
        let answer = hua.post("/me/push", &offer).await;
        assert_eq!(answer.body["pointer"], format!("/keys/{field}"));
    }
    let (status, _) = station
        .post(
            &station.centre,
            "/me/push",
            &keys.offer("https://push.example/x"),
        )
        .await;
    assert_eq!(status, 403, "a token is no person");
    assert_eq!(hua.get("/me/push").await.body["items"], json!([]));
    station.stop().await;
}

#[tokio::test]
async fn what_somebody_turned_off_comes_when_it_is_urgent_alone() {
    let (folder, receiver) = (Folder::new("notice-own"), Receiver::start().await);
    let station = station(&folder.0, &receiver, |_| {}).await;
    let mut hua = of_org(&station, "hua", "330899-C", Role::Centre).await;
    let endpoint = format!("{}/push/own", receiver.url);
    let keys = Keys::new(9);
    assert_eq!(
        hua.post("/me/push", &keys.offer(&endpoint)).await.status,
        201
    );
    let wrong = hua.send("PUT", "/me/notices", &json!({"push": "no"})).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let off = json!({"sms": false, "push": false, "language": "en"});
    assert_eq!(hua.send("PUT", "/me/notices", &off).await.status, 200);
    assert_eq!(hua.get("/me/notices").await.body, off);
    let mut told = notice("plain", Vec::new());
    told.channels.push(Channel::Push);
    told.urgency = domain::notice::Urgency::Action;
    told.title.en = "Red light".to_owned();
    plan(&station, &told).await;
    let record = settled(&station, "plain").await;
    assert!(super::deliveries(&record, "push").is_empty());
    told.key = "urgent".to_owned();
    told.urgency = domain::notice::Urgency::Urgent;
    plan(&station, &told).await;
    settled(&station, "urgent").await;
    let got = receiver.got("/push/own");
    assert_eq!(got.len(), 1);
    assert_eq!(keys.open(&got[0].body)["title"], "Red light");
    station.stop().await;
}
