//! The after-action report of a session (复盘): what was ordered, how long each organisation took
//! for each step, what it said against what positions showed, and how it was judged. A function of
//! the session and nothing else, so that a log replayed gives the same report to the byte. Names,
//! tracks and paper are others'.

mod judge;
#[cfg(test)]
mod tests;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{
    Call, Channel, Commander, Evidence, Kind, Line, Message, Rating, Session, Stage, Step, Task,
    Warning, Whistle,
};
use crate::ids::{IncidentId, SessionId};
use crate::incident::By;
use crate::incident::event::Place;
use crate::pack::orgs::OrgId;
use crate::pack::units::UnitId;
use crate::time::Timestamp;

/// A session, judged.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Review {
    /// Which session.
    pub session: SessionId,
    /// The version of the session that was judged.
    pub version: u64,
    /// What it was for.
    pub kind: Kind,
    /// Whether it was an exercise: marked everywhere, and in no figure.
    pub drill: bool,
    /// What was whistled for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whistle: Option<Whistle>,
    /// The incident it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// Where it belongs.
    pub region: Code,
    /// Where the scene was.
    pub place: Place,
    /// One line.
    pub title: String,
    /// Whether its incident concerns a person in trouble.
    pub sensitive: bool,
    /// Where it stands.
    pub stage: Stage,
    /// When it was set up.
    pub opened_at: Timestamp,
    /// T0: when every order went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    /// Since when nobody owes anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Who asked for it, and rates it afterwards.
    pub asker: By,
    /// Who commanded, one after the other.
    pub commanders: Vec<Commander>,
    /// The limits it ran under.
    pub limits: Limits,
    /// The muster clock's one verdict; none before the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// When it reached each of its stages, as far as it did.
    pub phases: Vec<Phase>,
    /// Each organisation, in the order of the seats.
    pub members: Vec<Member>,
    /// What was said, and who saw it.
    pub messages: Vec<Message>,
    /// What happened, in order.
    pub timeline: Vec<Line>,
    /// What came of it, or why it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// The limits of a session, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// How long an order may stay unread on one channel.
    pub read_secs: u32,
    /// By when all must be moving.
    pub muster_secs: u32,
    /// By when all must have reported on the spot, if they must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_secs: Option<u32>,
}

/// How the members stand to the muster clock, together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Who was ordered and not let go.
    pub of: u32,
    /// Of these, who moved.
    pub moving: u32,
    /// Of these, who did so in time.
    pub in_time: u32,
    /// Whether all moved.
    pub all_out: bool,
    /// Whether all moved in time.
    pub all_in_time: bool,
    /// When the last of their clocks was due.
    pub due: Timestamp,
}

/// When a stage was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Phase {
    /// Which.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
    /// How long after T0, in seconds; nothing before the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secs: Option<u32>,
}

/// One organisation, judged.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub org: OrgId,
    /// What it owed.
    pub task: Task,
    /// The units it sent.
    pub units: SmallVec<[UnitId; 1]>,
    /// What it was asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ask: String,
    /// What whoever ordered it knew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Its own T0: when its order went out. All its seconds count from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    /// The steps it reached, in order.
    pub steps: Vec<Point>,
    /// Against the muster clock.
    pub muster: Judgement,
    /// Against the clock of reporting on the spot, if it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond: Option<Judgement>,
    /// Over which channels its order went, until somebody read it.
    pub chain: Vec<Rung>,
    /// When its positions contradicted what it said, if they ever did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted_at: Option<Timestamp>,
    /// What it asked for at the scene, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Voted>,
    /// When it was let go before its part was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// What it says of its own part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// How the asker found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
}

/// A step that a member reached.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Point {
    /// Which.
    pub step: Step,
    /// When it had come at least this far: the earlier of what was claimed and what was seen.
    pub at: Timestamp,
    /// How long after its order, in seconds.
    pub secs: u32,
    /// What somebody said, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Claim>,
    /// What positions showed, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Sighting>,
}

/// What somebody said of a step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// When it happened, as they say.
    pub at: Timestamp,
    /// How long after the order, in seconds.
    pub secs: u32,
    /// When it was recorded, where that was later: the device had no link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Who.
    pub by: By,
}

/// What positions showed of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sighting {
    /// When.
    pub at: Timestamp,
    /// How long after the order, in seconds.
    pub secs: u32,
    /// How much nearer it had come, or how far from the scene it was, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<u32>,
}

/// How a member stands to a clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Judgement {
    /// What came of it.
    pub outcome: Outcome,
    /// When it was due; none where it was never ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// How long it took from the order, in seconds; none while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secs: Option<u32>,
    /// How late it was, or is, in seconds; 0 in time.
    pub late_secs: u32,
}

/// What came of a clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done in time.
    InTime,
    /// Done, and late.
    Late,
    /// Not done, and the time is over.
    Missing,
    /// Not done, and nobody can say: the time was not over, or it was never ordered.
    Unjudged,
    /// Let go.
    Excused,
}

/// One rung of the chain over which an order went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rung {
    /// Over which channel.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// How long after the order, in seconds.
    pub secs: u32,
}

/// What a member asked for at the scene.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Voted {
    /// What.
    pub call: Call,
    /// When.
    pub at: Timestamp,
    /// A word with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Review {
    /// The report of a session as it stands at `now`; once the session is over, `now` changes
    /// nothing.
    pub fn of(session: &Session, now: Timestamp) -> Self {
        let until = session.ended_at.map_or(now, |end| end.min(now));
        let members = session.seats.iter();
        let members: Vec<Member> = members
            .map(|seat| judge::member(session, seat, until))
            .collect();
        let before = session.before.iter().chain([&session.commander]);
        Self {
            session: session.id,
            version: session.version,
            kind: session.kind,
            drill: session.is_drill(),
            whistle: session.whistle,
            incident: session.incident,
            region: session.region,
            place: session.place.clone(),
            title: session.title.clone(),
            sensitive: session.sensitive,
            stage: session.stage,
            opened_at: session.opened_at,
            ordered_at: session.ordered_at,
            ended_at: session.ended_at,
            asker: session.asker.clone(),
            commanders: before.cloned().collect(),
            limits: Limits {
                read_secs: session.read_secs,
                muster_secs: session.muster_secs,
                respond_secs: session.respond_secs,
            },
            verdict: judge::verdict(session.ordered_at, &members),
            phases: judge::phases(session, &members),
            members,
            messages: session.messages.clone(),
            timeline: session.timeline.clone(),
            result: session.result.clone(),
        }
    }

    /// Whether it may be in a figure: a real session that was ordered, is over and was not called
    /// off.
    pub fn counts(&self) -> bool {
        let is_over = matches!(self.stage, Stage::Ended | Stage::Reviewed);
        !self.drill && is_over && self.ordered_at.is_some()
    }
}

impl Member {
    /// A step, if it was reached.
    pub fn point(&self, step: Step) -> Option<&Point> {
        self.steps.iter().find(|point| point.step == step)
    }

    /// How long it took for a step, in seconds from its order.
    pub fn secs(&self, step: Step) -> Option<u32> {
        self.point(step).map(|point| point.secs)
    }
}
