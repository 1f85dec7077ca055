//! The projector on a real log.

use std::sync::Arc;

use domain::actor::{Actor, Role};
use domain::event::{Body, Event};
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::event::{IncidentEvent, Place};
use domain::incident::plan;
use domain::pack::County;
use domain::time::Timestamp;
use domain::wire::report::Receipt;
use domain::world::{KEPT_AFTER_CLOSE_MS, World};
use geodata::region::{Code, Level};
use tokio::sync::watch;

use super::{Parts, record};
use crate::clock::Clock;
use crate::county;
use crate::log::testing::{COUNTY, Folder, within};
use crate::log::{EventLog, Log, OpenMode};
use crate::node;
use crate::snapshot::Checkpoints;
use crate::ws::fanout::{self, Fanout};

/// A day that the World has forgotten, and what it wrote.
struct Past {
    folder: Folder,
    county: Arc<County>,
    log: Arc<EventLog>,
    world: World,
    now: Timestamp,
}

impl Past {
    async fn new() -> Self {
        let folder = Folder::new();
        let pack = folder.path().join("county");
        std::fs::create_dir_all(&pack).expect("folder");
        let sample = geodata::sample::county(7);
        std::fs::write(pack.join("regions.geojson"), sample.regions_geojson).expect("pack");
        let (pack, faults) = county::read(&pack);
        let pack = pack.unwrap_or_else(|| panic!("the sample has faults: {faults:?}"));
        let url = format!("sqlite:{}", folder.path().join("gridlamp.db").display());
        let log = EventLog::open(&url, COUNTY, OpenMode::Serve)
            .await
            .expect("the log opens");
        let now = Clock::life().now().millis() - KEPT_AFTER_CLOSE_MS - 24 * 3_600_000;
        Self {
            folder,
            county: Arc::new(pack.county),
            log: Arc::new(log),
            world: World::default(),
            now: Timestamp::from_millis(now),
        }
    }

    fn grid(&self) -> Code {
        let mut grids = self.county.tree.iter().filter(|r| r.level == Level::Grid);
        grids.next().expect("a grid").code
    }

    fn actor(&self, role: Role) -> Actor {
        Actor::new("grid", role, self.county.code)
    }

    fn report(&self, external_id: &str) -> Report {
        Report {
            source: "grid".to_owned(),
            external_id: external_id.to_owned(),
            title: "井盖缺失".to_owned(),
            description: None,
            category: Some("0703".parse().expect("a category")),
            claimed: None,
            region: self.grid(),
            place: Place::default(),
            reporter: None,
            occurred_at: None,
            attachments: Vec::new(),
            duplicate_of: None,
        }
    }

    fn ctx(&self) -> Context<'_> {
        Context::new(&self.county, self.now)
    }

    async fn write(&mut self, events: Vec<Event>) {
        let expected = events[0].version - 1;
        let append = record::append_of(expected, &events);
        self.log.append(vec![append]).await.expect("appended");
        for event in &events {
            self.world.apply(event);
        }
    }

    async fn take_in(&mut self, external_id: &str) -> Event {
        let report = self.report(external_id);
        let events = plan::report(report, &self.actor(Role::Source), self.ctx());
        let first = events[0].clone();
        self.write(events).await;
        first
    }

    /// From its order to its close; `tells` is whether the close tells its running number.
    async fn close(&mut self, reported: &Event, tells: bool) {
        let steps = [
            (Role::Platform, Command::Start {}),
            (
                Role::Platform,
                Command::Feedback {
                    result: "已修".to_owned(),
                    evidence: Vec::new(),
                },
            ),
            (
                Role::Centre,
                Command::Close {
                    satisfied: true,
                    note: None,
                },
            ),
        ];
        for (role, command) in steps {
            let incident = self.world.incident(reported.key).expect("it is open");
            let events = plan::command(incident, &command, &self.actor(role), self.ctx());
            let mut events = events.unwrap_or_else(|refusal| panic!("{command:?}: {refusal:?}"));
            if let Body::Incident(IncidentEvent::Closed(data)) = &mut events[0].body
                && !tells
            {
                data.number = None;
            }
            self.write(events).await;
        }
    }

    /// What a node that starts today answers to a report.
    async fn report_today(self, external_id: &str) -> (bool, Receipt) {
        let checkpoints = Checkpoints::new(self.folder.path(), self.log.epoch().as_str());
        let (world, position) = node::fold(&self.log, &checkpoints).await.expect("folded");
        let (report, actor) = (self.report(external_id), self.actor(Role::Source));
        let (stop, shutdown) = watch::channel(false);
        let parts = Parts {
            county: self.county,
            log: self.log,
            clock: Clock::life(),
            fanout: Fanout::start(fanout::Config::default()).expect("the sending thread"),
            checkpoints,
            world,
            position,
            version: None,
        };
        let (projector, ended) = super::start(parts, shutdown).expect("it starts");
        let done = within(projector.report(report, actor)).await;
        let done = done.unwrap_or_else(|failure| panic!("{failure:?}"));
        stop.send_replace(true);
        within(ended).await.expect("a clean end");
        let receipt = Receipt::of(&done.incident, "", Clock::life().now());
        (done.existed, receipt)
    }
}

/// The second of a day is closed, and forgotten when the next one comes in.
async fn second_of_a_day(tells: bool) -> (Option<String>, Option<String>) {
    let mut past = Past::new().await;
    past.take_in("a").await;
    let second = past.take_in("b").await;
    past.take_in("c").await;
    let then = past.world.incident(second.key).expect("it is open").label();
    past.close(&second, tells).await;
    past.now = Clock::life().now();
    past.take_in("d").await;
    assert!(past.world.incident(second.key).is_none(), "it is forgotten");
    let (existed, receipt) = past.report_today("b").await;
    assert!(existed);
    assert_eq!(receipt.id, second.key);
    (Some(then), receipt.number)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_closed_long_ago_keeps_its_number() {
    let (then, now) = second_of_a_day(true).await;
    assert!(
        then.as_ref()
            .is_some_and(|number| number.ends_with("-0002"))
    );
    assert_eq!(now, then);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_nothing_tells_is_left_out() {
    let (_, now) = second_of_a_day(false).await;
    assert_eq!(now, None);
}
