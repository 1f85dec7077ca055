//! What was closed long ago, asked from outside: lists over open and closed, searches by what is
//! shown, files, one by its address, and the export beside the node.

use std::process::Command;

use domain::actor::{Actor, Role};
use domain::event::Event;
use domain::ids::IncidentId;
use domain::incident::command::{Command as Asked, Report};
use domain::incident::decide::Context;
use domain::incident::event::{Place, Reporter};
use domain::incident::{Incident, plan};
use domain::time::Span;
use geodata::region::{Code, Level};
use gridlamp::clock::Clock;
use gridlamp::log::Log;
use gridlamp::projector::record;
use serde_json::{Value, json};

use crate::support::{Folder, PATIENCE, Station};

/// How many incidents were closed in each township a month ago.
const CLOSED: usize = 12;

/// Puts incidents into the log that were reported and closed `days` ago, before any node sees them.
async fn long_closed(station: &Station, region: Code, n: usize, days: i64) -> IncidentId {
    let county = &station.rules.county;
    let mut now = Clock::life().now() + Span::hours(-24 * days) + Span::mins(n as i64);
    let category = if n % 4 == 3 { "0903" } else { "0703" };
    let report = Report {
        source: "hotline".to_owned(),
        external_id: format!("{region}-{n}-{days}"),
        title: format!("旧事{n} 井盖缺失"),
        description: Some("夜间积水很深".to_owned()),
        category: county.catalogue.find(category).map(|found| found.code),
        claimed: None,
        region,
        place: Place {
            lon: Some(station.place.0),
            lat: Some(station.place.1),
            ..Place::default()
        },
        reporter: Some(Reporter {
            name: Some("钱二".to_owned()),
            phone: Some("13900001234".to_owned()),
        }),
        occurred_at: None,
        attachments: Vec::new(),
        duplicate_of: None,
    };
    let source = Actor::new("hotline", Role::Source, county.code);
    let mut all = plan::report(report, &source, Context::new(county, now));
    let mut incident = Incident::alone(&all).expect("an incident");
    while incident.state.is_open() {
        now = now + Span::mins(1);
        let events = next_step(&incident, Context::new(county, now));
        all.extend(events);
        incident = Incident::alone(&all).expect("an incident");
    }
    station
        .log()
        .append(vec![record::append_of(0, &all)])
        .await
        .expect("appended");
    incident.id
}

fn next_step(incident: &Incident, ctx: Context<'_>) -> Vec<Event> {
    let steps = [
        (Role::Centre, Asked::Accept { category: None }),
        (Role::Unit, Asked::Start {}),
        (
            Role::Unit,
            Asked::Feedback {
                result: "已修好".to_owned(),
                evidence: Vec::new(),
            },
        ),
        (
            Role::Centre,
            Asked::Close {
                satisfied: true,
                note: None,
            },
        ),
    ];
    let done = steps.into_iter().find_map(|(role, command)| {
        let org = incident.holder().map(|hold| hold.org.clone());
        let org = org.filter(|_| role == Role::Unit);
        let actor = Actor {
            org: org.or_else(|| Some(ctx.county.orgs.centre().clone())),
            ..Actor::new("desk", role, ctx.county.code)
        };
        plan::command(incident, &command, &actor, ctx).ok()
    });
    done.expect("a step that may be done")
}

fn grid_of(station: &Station, township: Code) -> Code {
    let tree = &station.rules.county.tree;
    let mut grids = tree.iter().filter(|region| region.level == Level::Grid);
    let grid = grids.find(|region| township.contains(region.code));
    grid.expect("a grid").code
}

async fn report(station: &Station, n: usize) -> String {
    let (lon, lat) = station.place;
    let body = json!({
        "external_id": format!("new-{n}"), "title": format!("新事{n} 井盖缺失"),
        "category": "0703", "lon": lon, "lat": lat,
    });
    let (status, receipt) = station.post(&station.source, "/reports", &body).await;
    assert_eq!(status, 201, "{receipt}");
    receipt["id"].as_str().expect("id").to_owned()
}

/// A node that knows of old and new, with all of it in its history.
async fn station(folder: &Folder) -> (Station, IncidentId) {
    let station = Station::start(&folder.0).await;
    let mut last = None;
    for township in [station.township, station.elsewhere] {
        let grid = grid_of(&station, township);
        for n in 0..CLOSED {
            last = Some(long_closed(&station, grid, n, 30).await);
        }
    }
    for n in 0..7 {
        report(&station, n).await;
    }
    (station, last.expect("one"))
}

/// Every page of a list.
async fn pages(station: &Station, token: &str, filter: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let (status, page) = station
            .get(token, &format!("/incidents?limit=5&{filter}{after}"))
            .await;
        assert_eq!((status, &page["complete"]), (200, &json!(true)), "{page}");
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        let Some(next) = page["next"].as_str() else {
            return all;
        };
        after = format!("&cursor={next}");
    }
}

fn titled(items: &[Value]) -> Vec<&str> {
    let titles = items.iter().map(|item| item["title"].as_str());
    titles.map(Option::unwrap_or_default).collect()
}

#[tokio::test]
async fn a_list_goes_on_from_the_open_into_the_closed() {
    let folder = Folder::new("history-pages");
    let (station, old) = station(&folder).await;
    let all = pages(&station, &station.reader, "").await;
    assert_eq!(all.len(), 2 * CLOSED + 7);
    let times: Vec<&str> = all
        .iter()
        .filter_map(|one| one["received_at"].as_str())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let mut other = pages(&station, &station.reader, "sort=received_at").await;
    other.reverse();
    assert_eq!(titled(&other), titled(&all));
    for (filter, count) in [
        ("status=closed", 2 * CLOSED),
        ("status=open", 7),
        ("q=%E4%BA%95%E7%9B%96", 2 * CLOSED + 7),
        (
            "q=%E7%A7%AF%E6%B0%B4%E5%BE%88%E6%B7%B1&status=closed",
            2 * CLOSED,
        ),
        ("person=13900001234", 2 * CLOSED),
        ("person=13700001234", 0),
        ("source=hotline", 2 * CLOSED),
        ("category=09", 2 * CLOSED / 4),
        ("late=true", 0),
        ("bbox=0,0,1,1", 0),
        ("bbox=70,10,140,60", 2 * CLOSED + 7),
    ] {
        let found = pages(&station, &station.reader, filter).await;
        assert_eq!(found.len(), count, "{filter}");
    }
    let number = all.last().expect("one")["number"].as_str().expect("number");
    let found = pages(&station, &station.reader, &format!("number={number}")).await;
    assert_eq!(found.len(), 1);
    // What a command just changed is seen at once.
    let id = report(&station, 99).await;
    let first = pages(&station, &station.reader, "status=open")
        .await
        .remove(0);
    assert_eq!(first["id"], json!(id));
    let (status, one) = station
        .get(&station.reader, &format!("/incidents/{old}"))
        .await;
    assert_eq!((status, &one["state"]), (200, &json!("closed")));
    assert_eq!(one["timeline"][0]["what"], "reported");
    let (status, problem) = station.get(&station.reader, "/incidents?lamp=blue").await;
    assert_eq!((status, &problem["pointer"]), (400, &json!("lamp")));
    station.stop().await;
}

#[tokio::test]
async fn a_search_in_the_closed_finds_what_the_caller_is_shown() {
    let folder = Folder::new("history-sight");
    let (station, old) = station(&folder).await;
    let head = ("head", Role::CommandRoom, station.township);
    let staff = ("leader", Role::Leader, station.rules.county.code);
    for (id, role, region) in [head, staff] {
        station.person(id, role, region, true).await;
    }
    let mut head = station.signed_in("head").await;
    let mut leader = station.signed_in("leader").await;
    let count = |body: &Value| body["items"].as_array().expect("items").len();
    let seen = head.get("/incidents?status=closed&limit=100").await.body;
    assert_eq!(count(&seen), CLOSED);
    let hidden = head.get(&format!("/incidents/{old}")).await;
    assert_eq!(hidden.status, 404, "the last one lies elsewhere");
    let text = "/incidents?limit=100&q=%E7%A7%AF%E6%B0%B4";
    assert_eq!(count(&head.get(text).await.body), CLOSED);
    // A leader is shown no description of what is sensitive, a quarter of all, and no phone.
    assert_eq!(count(&leader.get(text).await.body), 2 * CLOSED * 3 / 4);
    let person = leader.get("/incidents?person=13900001234").await;
    assert_eq!(person.status, 403, "{}", person.body);
    station.stop().await;
}

async fn file(station: &Station, accept: &str) -> String {
    let request = station
        .client
        .get(format!("{}/api/v1/incidents", station.url))
        .bearer_auth(&station.reader)
        .header("accept", accept);
    let answer = request.send().await.expect("answer");
    assert_eq!(answer.status(), 200);
    answer.text().await.expect("text")
}

/// What `gridlamp export` prints beside the node.
fn exported(folder: &Folder, arguments: &[&str]) -> String {
    let from = (Clock::life().now() + Span::hours(-24 * 60)).to_string();
    let to = (Clock::life().now() + Span::hours(1)).to_string();
    let out = Command::new(env!("CARGO_BIN_EXE_gridlamp"))
        .args(["export", "--from", &from, "--to", &to])
        .args(arguments)
        .current_dir(&folder.0)
        .env(
            "GRIDLAMP_LOG",
            format!("sqlite:{}", folder.0.join("gridlamp.db").display()),
        )
        .env("GRIDLAMP_COUNTY", folder.0.join("county"))
        .env("GRIDLAMP_DATA", &folder.0)
        .output()
        .expect("runs");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("text")
}

#[tokio::test]
async fn files_and_exports_hold_open_and_closed_by_scope() {
    let folder = Folder::new("history-files");
    let (station, _) = station(&folder).await;
    let csv = file(&station, "text/csv").await;
    assert_eq!(csv.lines().count(), 1 + 2 * CLOSED + 7);
    let ndjson = file(&station, "application/x-ndjson").await;
    let shown: Vec<Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).expect("json"))
        .collect();
    assert_eq!(shown.len(), 2 * CLOSED + 7);
    let geojson = file(&station, "application/geo+json").await;
    let geojson: Value = serde_json::from_str(&geojson).expect("json");
    assert_eq!(
        geojson["features"].as_array().map(Vec::len),
        Some(shown.len())
    );
    // The export counts as the node does.
    let by_node: Vec<&Value> = shown.iter().map(|one| &one["number"]).collect();
    let lines = exported(&folder, &["--what", "incidents"]);
    for line in lines.lines() {
        let one: Value = serde_json::from_str(line).expect("json");
        assert!(by_node.contains(&&one["number"]), "{one}");
    }
    assert_eq!(lines.lines().count(), shown.len());
    let scope = station.elsewhere.to_string();
    let of_scope = exported(&folder, &["--scope", &scope, "--format", "csv"]);
    assert_eq!(of_scope.lines().count(), 1 + CLOSED);
    let map = exported(&folder, &["--format", "geojson"]);
    let map: Value = serde_json::from_str(&map).expect("json");
    assert_eq!(map["features"].as_array().map(Vec::len), Some(shown.len()));
    let path = folder.0.join("events.ndjson");
    let name = path.to_str().expect("path");
    exported(
        &folder,
        &["--what", "events", "--scope", &scope, "--out", name],
    );
    let events = std::fs::read_to_string(&path).expect("written");
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).expect("json");
        assert!(
            event["region"]
                .as_str()
                .is_some_and(|code| code.starts_with(&scope))
        );
    }
    assert!(events.lines().count() >= CLOSED * 5);
    station.stop().await;
}

#[tokio::test]
async fn a_history_thrown_away_comes_back_with_the_node() {
    let folder = Folder::new("history-anew");
    let (station, old) = station(&folder).await;
    pages(&station, &station.reader, "").await;
    station.stop().await;
    std::fs::write(folder.0.join("history.db"), "damaged").expect("written");
    let station = Station::start(&folder.0).await;
    let whole = async {
        loop {
            let (_, page) = station.get(&station.reader, "/incidents").await;
            if page["complete"] == json!(true) {
                return page;
            }
            // One that left the World is found by its address meanwhile, too.
            let (status, _) = station
                .get(&station.reader, &format!("/incidents/{old}"))
                .await;
            assert_eq!(status, 200);
        }
    };
    let page = tokio::time::timeout(PATIENCE, whole)
        .await
        .expect("comes back");
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2 * CLOSED + 7));
    let metrics = station.client.get(format!("{}/metrics", station.url));
    let metrics = metrics
        .send()
        .await
        .expect("answer")
        .text()
        .await
        .expect("text");
    assert!(
        metrics.contains("gridlamp_history_lag_events 0"),
        "{metrics}"
    );
    station.stop().await;
}
