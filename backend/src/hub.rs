//! Who listens to what. An event is encoded once for each clearance and a frame built once for
//! each audience (scope and clearance); sending is the fan-out thread's. A plain struct, owned by
//! the projector, so that joining and publishing can never overtake each other.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use domain::actor::Clearance;
use domain::event::Event;
use domain::privacy;
use domain::wire::{self, Hello, Resume};
use domain::world::World;
use geodata::region::Code;
use rustc_hash::FxHashMap;

use crate::log::Position;
use crate::ws::fanout::AudienceId;
use crate::ws::frame;

/// Events kept in memory for clients that come back: at most this many.
const RING_EVENTS: usize = 65_536;

/// A group of clients that get the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Audience {
    /// The region whose prefix decides what they hear.
    pub scope: Code,
    /// What of it they may know.
    pub clearance: Clearance,
}

/// A run of events, as the projector folded it.
#[derive(Debug)]
pub struct Run {
    /// Where it begins (exclusive).
    pub from: Position,
    /// Where it ends (inclusive).
    pub to: Position,
    /// Its events, numbered.
    pub events: Vec<Event>,
}

#[derive(Debug)]
struct Listeners {
    id: AudienceId,
    /// The `to` of the last frame they got: nothing of theirs lies between it and now.
    cursor: Position,
    /// What the last client that came back was sent: a thousand that were cut off together come
    /// back from one place.
    replay: Option<(Position, Position, Bytes)>,
}

/// What a client is sent first, and where it stands then.
#[derive(Debug)]
pub struct Welcome {
    /// Frames, ready to send, in order.
    pub frames: Vec<Bytes>,
    /// Whom it joins.
    pub audience: AudienceId,
    /// How it was taken up.
    pub resume: Resume,
}

/// What `hello` says besides the position.
#[derive(Clone, Debug)]
pub struct Greeting {
    /// The log's epoch.
    pub epoch: String,
    /// The server's time.
    pub now: domain::time::Timestamp,
    /// See [`Hello::rate`].
    pub rate: f64,
    /// The app's version.
    pub version: Option<String>,
}

/// Audiences and what they have heard.
#[derive(Debug, Default)]
pub struct Hub {
    audiences: FxHashMap<Audience, Listeners>,
    ring: VecDeque<Arc<Run>>,
    ring_events: usize,
    position: Position,
}

impl Hub {
    /// A hub that begins at `position`.
    pub fn new(position: Position) -> Self {
        Self {
            position,
            ..Self::default()
        }
    }

    /// Takes in a run of events; answers the frame for each audience it concerns.
    pub fn publish(&mut self, run: Run) -> Vec<(AudienceId, Bytes)> {
        self.position = run.to;
        let frames = self.frames(&run);
        self.ring_events += run.events.len();
        self.ring.push_back(Arc::new(run));
        while self.ring_events > RING_EVENTS {
            let Some(old) = self.ring.pop_front() else {
                break;
            };
            self.ring_events -= old.events.len();
        }
        frames
    }

    fn frames(&mut self, run: &Run) -> Vec<(AudienceId, Bytes)> {
        let mut bodies: FxHashMap<Audience, Vec<u8>> = FxHashMap::default();
        for event in &run.events {
            for clearance in Clearance::ALL {
                let mut encoded = None;
                for scope in event.region.ancestors() {
                    let audience = Audience { scope, clearance };
                    if !self.audiences.contains_key(&audience) {
                        continue;
                    }
                    let json = encoded.get_or_insert_with(|| encode(event, clearance));
                    let body = bodies.entry(audience).or_default();
                    if !body.is_empty() {
                        body.push(b',');
                    }
                    body.extend_from_slice(json);
                }
            }
        }
        let to = run.to;
        bodies
            .into_iter()
            .filter_map(|(audience, body)| {
                let listeners = self.audiences.get_mut(&audience)?;
                let frame = events_frame(listeners.cursor, to, &body);
                listeners.cursor = to;
                Some((listeners.id, frame))
            })
            .collect()
    }

    /// Takes up a client: what it missed if that is known, else the world as it is.
    ///
    /// `from` is the position it names, already found to be of this log's epoch.
    pub fn welcome(
        &mut self,
        audience: Audience,
        from: Option<Position>,
        world: &World,
        greeting: Greeting,
    ) -> Welcome {
        let next_id = AudienceId(self.audiences.len() as u32);
        let position = self.position;
        let listeners = self.audiences.entry(audience).or_insert_with(|| Listeners {
            id: next_id,
            cursor: position,
            replay: None,
        });
        let (id, cursor) = (listeners.id, listeners.cursor);
        let (resume, second) = match from {
            Some(from) if from >= cursor && from <= position => (Resume::NothingMissed, None),
            Some(from) if from < cursor => match self.replay(audience, from) {
                Some(frame) => (Resume::Replayed, Some(frame)),
                None => (
                    Resume::Snapshot,
                    Some(snapshot_frame(world, audience, cursor)),
                ),
            },
            _ => (
                Resume::Snapshot,
                Some(snapshot_frame(world, audience, cursor)),
            ),
        };
        // A client that missed nothing may stand behind or before the cursor within a stretch
        // that held nothing for it; the frames that follow start at the cursor.
        let hello = Hello {
            epoch: greeting.epoch,
            position: cursor.to_string(),
            now: greeting.now,
            resume,
            rate: greeting.rate,
            version: greeting.version,
        };
        let mut frames = vec![text("hello", &hello)];
        frames.extend(second);
        Welcome {
            frames,
            audience: id,
            resume,
        }
    }

    fn replay(&mut self, audience: Audience, from: Position) -> Option<Bytes> {
        let cursor = self.audiences.get(&audience)?.cursor;
        if let Some((f, t, bytes)) = &self.audiences.get(&audience)?.replay
            && (*f, *t) == (from, cursor)
        {
            return Some(bytes.clone());
        }
        let start = self.ring.front()?.from;
        if from < start {
            return None;
        }
        let mut body = Vec::new();
        for run in self.ring.iter().filter(|run| run.to > from) {
            if run.from < from {
                // Positions are only ever handed out at the ends of runs.
                return None;
            }
            for event in run
                .events
                .iter()
                .filter(|e| audience.scope.contains(e.region))
            {
                if !body.is_empty() {
                    body.push(b',');
                }
                body.extend_from_slice(&encode(event, audience.clearance));
            }
        }
        let frame = events_frame(from, cursor, &body);
        self.audiences.get_mut(&audience)?.replay = Some((from, cursor, frame.clone()));
        Some(frame)
    }

    /// The same frame for everyone.
    pub fn for_all(&self, frame: &Bytes) -> Vec<(AudienceId, Bytes)> {
        self.audiences
            .values()
            .map(|listeners| (listeners.id, frame.clone()))
            .collect()
    }

    /// The place after the newest run.
    pub fn position(&self) -> Position {
        self.position
    }
}

/// A frame of any kind, ready to send.
pub fn text<T: serde::Serialize>(t: &'static str, body: &T) -> Bytes {
    frame::text_frame(wire::encode(t, body).as_bytes())
}

fn encode(event: &Event, clearance: Clearance) -> Vec<u8> {
    let shown;
    let event = if clearance == Clearance::Full {
        event
    } else {
        shown = privacy::event(event, clearance);
        &shown
    };
    serde_json::to_vec(event).unwrap_or_default()
}

fn events_frame(from: Position, to: Position, body: &[u8]) -> Bytes {
    let mut head = String::with_capacity(80);
    let _ = write!(
        head,
        r#"{{"t":"events","from":"{from}","to":"{to}","events":["#
    );
    frame::text_frame_parts(&[head.as_bytes(), body, b"]}"])
}

/// The world of an audience.
pub fn world_for(world: &World, audience: Audience) -> World {
    world.scoped(audience.scope, |incident| {
        privacy::incident(incident, audience.clearance)
    })
}

fn snapshot_frame(world: &World, audience: Audience, at: Position) -> Bytes {
    let snapshot = wire::Snapshot {
        position: at.to_string(),
        world: world_for(world, audience),
    };
    text("snapshot", &snapshot)
}
