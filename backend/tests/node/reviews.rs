//! The after-action report from outside: a whole session over HTTP, then its report as data, as a
//! map and on paper; who may read it; figures, and drills in none of them; the same after a restart.

use domain::account::Post;
use domain::actor::Role;
use domain::pack::orgs::{OrgId, OrgKind};
use domain::time::{Timestamp, UtcOffset};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Folder, Station};

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

struct People {
    chief: Browser,
    lead: Browser,
    helper: Browser,
}

async fn people(station: &Station, orgs: &[OrgId]) -> People {
    let county = station.rules.county.code;
    station.person("chief", Role::Centre, county, true).await;
    People {
        chief: station.signed_in("chief").await,
        lead: of_unit(station, "lead", &orgs[0]).await,
        helper: of_unit(station, "helper", &orgs[1]).await,
    }
}

async fn does(who: &mut Browser, at: &str, command: &str, body: &Value) {
    let done = who.post(&format!("{at}/{command}"), body).await;
    assert_eq!(done.status, 200, "{command}: {}", done.body);
}

/// A position of a unit, now.
async fn is_at(who: &mut Browser, unit: &str, lon: f64, lat: f64, ago_secs: i64) {
    let at = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    let at = i64::try_from(at.as_millis()).expect("now") - ago_secs * 1_000;
    let at = Timestamp::from_millis(at).to_rfc3339(UtcOffset::CHINA);
    let fix = json!([{"unit": unit, "lon": lon, "lat": lat, "at": at}]);
    let told = who.post("/positions", &fix).await;
    assert_eq!(
        (told.status, &told.body["taken"]),
        (200, &json!(1)),
        "{}",
        told.body
    );
}

/// Opens a session and runs it to its evaluation; its address.
async fn run(station: &Station, people: &mut People, mut wish: Value) -> String {
    let (lon, lat) = station.place;
    let units = units(station);
    wish["lead"] = json!({"org": units[0]});
    wish["cooperators"] = json!([{"org": units[1]}]);
    wish["order"] = json!(true);
    wish["despite"] = json!(true);
    let opened = people.chief.post("/sessions", &wish).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    let at = format!("/sessions/{}", opened.body["id"].as_str().expect("id"));
    let shown = people.chief.get(&at).await.body;
    let unit = shown["seats"][0]["units"][0]
        .as_str()
        .expect("unit")
        .to_owned();
    let none = json!({});
    does(&mut people.lead, &at, "acknowledge", &none).await;
    let is_real = wish["kind"] == "incident";
    if is_real {
        is_at(&mut people.lead, &unit, lon - 0.004, lat, 30).await;
        is_at(&mut people.lead, &unit, lon - 0.003, lat, 5).await;
    }
    does(&mut people.lead, &at, "move", &none).await;
    does(&mut people.helper, &at, "move", &none).await;
    does(&mut people.lead, &at, "arrive", &none).await;
    does(&mut people.lead, &at, "vote", &json!({"call": "enough"})).await;
    let said = json!({"text": "现场已警戒，请注意风向"});
    does(&mut people.chief, &at, "say", &said).await;
    does(
        &mut people.lead,
        &at,
        "acknowledge_message",
        &json!({"message": 0}),
    )
    .await;
    let note = json!({"note": "已疏散周边群众"});
    does(&mut people.helper, &at, "sign_off", &note).await;
    does(
        &mut people.chief,
        &at,
        "control",
        &json!({"note": "已控制"}),
    )
    .await;
    does(
        &mut people.lead,
        &at,
        "close",
        &json!({"result": "泄漏已堵住"}),
    )
    .await;
    for org in &units[..2] {
        let rating = json!({"org": org, "score": 5, "word": "反应迅速"});
        does(&mut people.chief, &at, "rate", &rating).await;
    }
    at
}

async fn incident(station: &Station) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": "1", "title": "燃气泄漏", "category": "0303", "lon": lon, "lat": lat,
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

fn check_report(report: &Value) {
    assert_eq!(report["stage"], "reviewed");
    assert_eq!(report["verdict"]["all_in_time"], true);
    let lead = &report["members"][0];
    assert_eq!(lead["muster"]["outcome"], "in_time");
    assert_eq!(lead["rating"]["score"], 5);
    let steps = lead["steps"].as_array().expect("steps").iter();
    let steps: Vec<_> = steps
        .map(|step| step["step"].as_str().expect("step"))
        .collect();
    assert!(steps.contains(&"arrived") && steps.contains(&"acknowledged"));
    assert_eq!(
        report["names"]["chief"], "chief",
        "people are told by name: {}",
        report["names"]
    );
    let track = &report["tracks"][0];
    assert_eq!(
        track["points"].as_array().expect("points").len(),
        2,
        "{track}"
    );
    assert_eq!(report["timeline"][0]["what"], "opened");
}

/// The file is a PDF whose Chinese can be read back. Without the app there is no font to write
/// with, and the refusal says so.
fn check_paper(paper: &Answer, is_drill: bool) {
    if paper.status != 200 {
        assert_eq!((paper.status, paper.code()), (501, "no_paper"));
        return;
    }
    assert_eq!(paper.headers["content-type"], "application/pdf");
    let document = lopdf::Document::load_mem(&paper.bytes).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let text = document.extract_text(&pages).expect("its text");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let kind = if is_drill {
        "演练·不计入考核"
    } else {
        "处置复盘报告"
    };
    let wanted = [
        kind,
        "2/2家按时",
        "现场已警戒，请注意风向",
        "泄漏已堵住",
        "反应迅速",
        "页，共",
    ];
    for words in wanted {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_has_its_report_as_data_map_and_paper() {
    let folder = Folder::new("review");
    let station = Station::start(&folder.0).await;
    let orgs = units(&station);
    let mut people = people(&station, &orgs).await;
    let mut outsider = of_unit(&station, "outsider", &orgs[2]).await;
    let about = incident(&station).await;
    let wish = json!({"kind": "incident", "incident": about});
    let at = run(&station, &mut people, wish).await;
    let (lon, lat) = station.place;
    let drill = json!({
        "kind": "drill", "title": "演练：堤坝漫顶", "region": station.township,
        "place": {"lon": lon, "lat": lat},
    });
    let drill = run(&station, &mut people, drill).await;

    let report = people.chief.get(&format!("{at}/report")).await;
    assert_eq!(report.status, 200, "{}", report.body);
    check_report(&report.body);
    let paper = people.chief.get(&format!("{at}/report.pdf")).await;
    check_paper(&paper, false);
    let map = people
        .helper
        .get(&format!("{at}/report.geojson"))
        .await
        .body;
    let kinds = map["features"].as_array().expect("features").iter();
    let kinds: Vec<_> = kinds.map(|one| one["properties"]["kind"].clone()).collect();
    assert_eq!(kinds, ["scene", "track", "arrival"]);
    for path in ["report", "report.geojson", "report.pdf"] {
        let refused = outsider.get(&format!("{at}/{path}")).await;
        assert_eq!((refused.status, refused.code()), (404, "not_found"));
    }
    let wrong = people
        .chief
        .get("/reviews?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z");
    let wrong = wrong.await;
    assert_eq!((wrong.status, wrong.code()), (400, "wrong_period"));

    let shown = people.chief.get(&format!("{drill}/report")).await.body;
    assert_eq!(
        (&shown["drill"], &shown["stage"]),
        (&json!(true), &json!("reviewed"))
    );
    let paper = people.chief.get(&format!("{drill}/report.pdf")).await;
    check_paper(&paper, true);
    let listed = people.chief.get("/reviews").await.body;
    assert_eq!(listed["items"].as_array().expect("items").len(), 2);
    let figures = people.chief.get("/reviews/figures").await.body;
    assert_eq!(
        (&figures["sessions"], &figures["left_out"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(figures["muster"], json!({"of": 1, "in_time": 1}));
    assert_eq!(figures["orgs"][0]["figures"]["orders"], 1, "{figures}");

    station.stop().await;
    let station = Station::start(&folder.0).await;
    let mut chief = station.signed_in("chief").await;
    let after = chief.get(&format!("{at}/report")).await.body;
    for part in ["members", "timeline", "phases", "verdict", "tracks"] {
        assert_eq!(
            after[part], report.body[part],
            "{part} differs after a restart"
        );
    }
    station.stop().await;
}
