//! Looking back: the store is fed from what was recorded instead of the link, and its clock is the
//! record's, so that every panel shows that time as it would have shown it then.

mod fetch;
pub mod model;
mod player;
mod scrubber;
pub mod transport;

use domain::ids::SessionId;
use domain::time::Timestamp;
use leptos::prelude::*;
use serde::Deserialize;

use self::player::Core;
use crate::context::Context;
use crate::i18n::Text;
use crate::map::units::Units;

/// A moment that stands out.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What: `red`, `session`, `order`, `ended` or `mode`.
    pub kind: String,
    /// One line, as this viewer sees it.
    #[serde(default)]
    pub title: String,
    /// The incident it happened to.
    #[serde(default)]
    pub incident: Option<String>,
    /// The session it happened to.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// Whether that is an exercise.
    #[serde(default)]
    pub drill: bool,
}

/// A stretch of time, how dense it was and what stands out in it.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
pub struct Overview {
    /// What stands out.
    pub items: Vec<Moment>,
    /// Events in equal parts of the stretch; empty where they are not the viewer's to count.
    pub density: Vec<u32>,
    /// When the log begins.
    #[serde(default)]
    pub begins: Option<Timestamp>,
    /// Since when positions are recorded.
    #[serde(default)]
    pub tracks_from: Option<Timestamp>,
    /// The server's time when it said so.
    #[serde(default)]
    pub now: Option<Timestamp>,
}

/// How the replay stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum State {
    /// On its way to a time, ms since 1970.
    #[default]
    Starting,
    /// On its way to a time, ms since 1970.
    Seeking(i64),
    /// It shows what is asked.
    Ready,
    /// It waits for the record.
    Buffering,
    /// There is nothing later yet.
    AtEnd,
    /// The server said why not.
    Refused(String),
}

/// Handles to the replay of a screen. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Replay {
    /// What the panels read.
    pub ctx: Context,
    /// The units on its map.
    pub units: Units,
    /// The time that is shown, ms since 1970.
    pub at: RwSignal<i64>,
    /// Whether it runs.
    pub playing: RwSignal<bool>,
    /// Seconds of the record in one second of life.
    pub speed: RwSignal<u32>,
    /// How it stands.
    pub state: RwSignal<State>,
    /// Hours that the time line spans.
    pub hours: RwSignal<i64>,
    /// What the time line shows.
    pub overview: RwSignal<Overview>,
    /// The session that is followed.
    pub session: RwSignal<Option<SessionId>>,
    /// What was said last: where a jump came to, or that there is nothing.
    pub told: RwSignal<Option<Told>>,
    core: StoredValue<Core, LocalStorage>,
}

/// What is said of the last jump.
#[derive(Clone, PartialEq, Debug)]
pub enum Told {
    /// It came to a moment.
    Moment(Moment),
    /// There is none of that kind.
    NoMore(Text),
    /// The session is not known.
    NoSession,
}

/// The replay of the screen this component stands in.
pub fn replay() -> Replay {
    expect_context::<Replay>()
}
