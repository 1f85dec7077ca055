//! What differing rights cost: the fold, the hub and the sending half in a child process, with all
//! clients in one audience or spread over four that see different things of the same events.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::access::Viewer;
use domain::actor::{Actor, Clearance, Role};
use domain::event::{Body, Event, Stream};
use domain::ids::IncidentId;
use domain::time::Timestamp;
use domain::world::World;
use geodata::region::Code;
use gridlamp::hub::{Greeting, Hub, Run, Told};
use gridlamp::log::Position;
use gridlamp::ws::fanout::{Config, Fanout};
use gridlamp::ws::upgrade;

use crate::crowd::MARKER;
use crate::process::now_ns;
use crate::sending::Publish;

pub const ONE: &str = "one-audience";
pub const FOUR: &str = "four-audiences";
const COUNTY: &str = "330899";
const GRID: &str = "330899101001001";

/// A county in memory, without a log.
struct Stage {
    hub: Hub,
    world: World,
    seq: u64,
    viewers: Vec<Viewer>,
    joined: usize,
}

impl Stage {
    fn new(audiences: usize) -> Option<Self> {
        let county: Code = COUNTY.parse().ok()?;
        let mut platform = Actor::new("bench", Role::Platform, county);
        platform.org = Some("330899101-P1".parse().ok()?);
        let mut viewers = vec![
            Viewer::of_region(county, Clearance::Full),
            Viewer::of_region(county, Clearance::Staff),
            Viewer::of_region(county, Clearance::Wall),
            platform.viewer()?,
        ];
        viewers.truncate(audiences);
        Some(Self {
            hub: Hub::new(Position::START),
            world: World::default(),
            seq: 0,
            viewers,
            joined: 0,
        })
    }

    /// Reports that all may hear of.
    fn happen(&mut self, count: u64) -> Option<Run> {
        let from = Position::from_seq(self.seq);
        let mut events = Vec::new();
        for _ in 0..count {
            self.seq += 1;
            events.push(Told::fold(reported(self.seq)?, &mut self.world));
        }
        Some(Run {
            from,
            to: Position::from_seq(self.seq),
            events,
        })
    }
}

fn reported(seq: u64) -> Option<Event> {
    let region: Code = GRID.parse().ok()?;
    let now = Timestamp::from_millis((now_ns() / 1_000_000) as i64);
    let external_id = format!("{MARKER}{}", now_ns());
    let accept = format!(
        r#"{{"kind":"accept","start":"{now}","due":"{now}","amber_at":"{now}","deep_at":"{now}","calendar":"bench"}}"#
    );
    let data = format!(
        r#"{{"source":"bench","external_id":"{external_id}","title":"路灯不亮","description":"夜里看不清路，请尽快修","place":{{"lon":118.9,"lat":28.9,"address":"莲花路 86 号"}},"reporter":{{"name":"张三","phone":"13800001234"}},"holder":"330899101-T","accept":{accept}}}"#
    );
    Some(Event {
        stream: Stream::Incidents,
        key: IncidentId::of_origin(region, "bench", &seq.to_string()),
        version: 1,
        at: now,
        actor: Actor::new("bench", Role::Source, COUNTY.parse().ok()?),
        region,
        number: None,
        body: Body::read(Stream::Incidents, "reported", &data),
    })
}

/// The child's side of `kind`.
pub fn serve(kind: &str) -> io::Result<(Router, Publish)> {
    let audiences = if kind == FOUR { 4 } else { 1 };
    let stage = Stage::new(audiences).ok_or_else(|| io::Error::other("a wrong code"))?;
    let stage = Arc::new(Mutex::new(stage));
    let fanout = Fanout::start(Config::default())?;
    let (publisher, there) = (fanout.clone(), Arc::clone(&stage));
    let live = move |mut request: Request| {
        let (fanout, stage) = (fanout.clone(), Arc::clone(&stage));
        let response = upgrade::accept(&mut request, move |handover| async move {
            let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
            let stage = &mut *stage;
            let viewer = &stage.viewers[stage.joined % stage.viewers.len()];
            stage.joined += 1;
            // As if nothing were there yet: what is measured comes after.
            let nothing = World::default();
            let welcome = stage.hub.welcome(viewer, None, &nothing, greeting());
            fanout.join(
                welcome.audience,
                handover.socket,
                handover.leftover,
                welcome.frames,
            );
        });
        async move { response.unwrap_or_else(IntoResponse::into_response) }
    };
    let publish = move |count| {
        let mut stage = there.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = stage.happen(count) {
            publisher.publish(stage.hub.publish(run));
        }
    };
    Ok((Router::new().route("/live", get(live)), Box::new(publish)))
}

fn greeting() -> Greeting {
    Greeting {
        epoch: "bench".to_owned(),
        now: Timestamp::from_millis(0),
        rate: 1.0,
        version: None,
    }
}
