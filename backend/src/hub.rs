//! Who listens to what. An event is encoded once for each clearance and a frame built once for
//! each audience (those who look as one viewer); sending is the fan-out thread's. A plain struct,
//! owned by the projector, so that joining and publishing can never overtake each other.

mod positions;
#[cfg(test)]
pub(crate) mod tests;
mod told;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use domain::access::{Reach, Viewer};
use domain::pack::orgs::OrgId;
use domain::wire::{self, Hello, Resume};
use domain::world::World;
use geodata::region::Code;
use rustc_hash::FxHashMap;

use self::told::Encoded;
pub use self::told::Told;
use crate::log::Position;
use crate::ws::fanout::AudienceId;
use crate::ws::frame;

/// Events kept in memory for clients that come back: at most this many.
const RING_EVENTS: usize = 65_536;

/// A run of events, as the projector folded it.
#[derive(Debug)]
pub struct Run {
    /// Where it begins (exclusive).
    pub from: Position,
    /// Where it ends (inclusive).
    pub to: Position,
    /// Its events, numbered, each with whom it concerns.
    pub events: Vec<Told>,
}

/// A group of clients that get the same bytes.
#[derive(Debug)]
struct Listeners {
    viewer: Viewer,
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

/// Audiences and what they have heard. An audience's id is its place in the list.
#[derive(Debug, Default)]
pub struct Hub {
    audiences: Vec<Listeners>,
    by_viewer: FxHashMap<Viewer, usize>,
    by_scope: FxHashMap<Code, Vec<usize>>,
    by_party: FxHashMap<OrgId, Vec<usize>>,
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
        let mut bodies: FxHashMap<usize, Vec<u8>> = FxHashMap::default();
        let mut concerned = Vec::new();
        for told in &run.events {
            concerned.clear();
            for reach in told.reaches() {
                self.concerned(reach, &mut concerned);
            }
            concerned.sort_unstable();
            concerned.dedup();
            let mut encoded = Encoded::default();
            for at in &concerned {
                let Some(form) = told.form(&self.audiences[*at].viewer) else {
                    continue;
                };
                append(bodies.entry(*at).or_default(), encoded.of(told, form));
            }
        }
        bodies
            .into_iter()
            .filter_map(|(at, body)| {
                let listeners = self.audiences.get_mut(at)?;
                let frame = events_frame(listeners.cursor, run.to, &body);
                listeners.cursor = run.to;
                Some((AudienceId(at as u32), frame))
            })
            .collect()
    }

    /// The audiences whose scope or whose own cases a reach touches, some of them twice.
    fn concerned(&self, reach: &Reach, found: &mut Vec<usize>) {
        if reach.is_public {
            found.extend(0..self.audiences.len());
            return;
        }
        for region in std::iter::once(reach.region).chain(reach.shared.iter().copied()) {
            for scope in region.ancestors() {
                found.extend(self.by_scope.get(&scope).into_iter().flatten());
            }
        }
        for party in &reach.parties {
            found.extend(self.by_party.get(party).into_iter().flatten());
        }
    }

    /// Where an audience stands in the list; a new one begins here and now.
    fn place_of(&mut self, viewer: &Viewer) -> usize {
        if let Some(at) = self.by_viewer.get(viewer) {
            return *at;
        }
        let at = self.audiences.len();
        self.by_viewer.insert(viewer.clone(), at);
        self.by_scope.entry(viewer.scope).or_default().push(at);
        if let Some(party) = &viewer.party {
            self.by_party.entry(party.clone()).or_default().push(at);
        }
        self.audiences.push(Listeners {
            viewer: viewer.clone(),
            cursor: self.position,
            replay: None,
        });
        at
    }

    /// Takes up a client: what it missed if that is known, else the world as it is.
    ///
    /// `from` is the position it names, already found to be of this log's epoch.
    pub fn welcome(
        &mut self,
        viewer: &Viewer,
        from: Option<Position>,
        world: &World,
        greeting: Greeting,
    ) -> Welcome {
        let position = self.position;
        let at = self.place_of(viewer);
        let cursor = self.audiences[at].cursor;
        let replayed = match from {
            Some(from) if from < cursor => self.replay(at, from),
            _ => None,
        };
        let (resume, second) = match (from, replayed) {
            (Some(from), _) if from >= cursor && from <= position => (Resume::NothingMissed, None),
            (_, Some(frame)) => (Resume::Replayed, Some(frame)),
            (_, None) => (
                Resume::Snapshot,
                Some(snapshot_frame(world, viewer, cursor)),
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
            audience: AudienceId(at as u32),
            resume,
        }
    }

    fn replay(&mut self, at: usize, from: Position) -> Option<Bytes> {
        let Listeners {
            viewer,
            cursor,
            replay,
        } = self.audiences.get(at)?;
        let cursor = *cursor;
        if let Some((f, t, bytes)) = replay
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
            for told in &run.events {
                if let Some(form) = told.form(viewer) {
                    append(&mut body, &told.encode(form));
                }
            }
        }
        let frame = events_frame(from, cursor, &body);
        self.audiences.get_mut(at)?.replay = Some((from, cursor, frame.clone()));
        Some(frame)
    }

    /// The same frame for everyone.
    pub fn for_all(&self, frame: &Bytes) -> Vec<(AudienceId, Bytes)> {
        (0..self.audiences.len())
            .map(|at| (AudienceId(at as u32), frame.clone()))
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

fn append(body: &mut Vec<u8>, json: &[u8]) {
    if !body.is_empty() {
        body.push(b',');
    }
    body.extend_from_slice(json);
}

fn events_frame(from: Position, to: Position, body: &[u8]) -> Bytes {
    let mut head = String::with_capacity(80);
    let _ = write!(
        head,
        r#"{{"t":"events","from":"{from}","to":"{to}","events":["#
    );
    frame::text_frame_parts(&[head.as_bytes(), body, b"]}"])
}

fn snapshot_frame(world: &World, viewer: &Viewer, at: Position) -> Bytes {
    let snapshot = wire::Snapshot {
        position: at.to_string(),
        world: world.seen_by(viewer),
    };
    text("snapshot", &snapshot)
}
