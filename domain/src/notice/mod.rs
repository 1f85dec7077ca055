//! Notices: which events concern whom, in a short sentence. Every rule here is a function of the
//! log, so that crashes and replicas plan the same notices under the same keys. Who the people of
//! an organisation are, and how a notice reaches them, is the server's matter.

pub mod chain;
mod rules;
mod sessions;
pub mod storm;
#[cfg(test)]
mod tests;
mod words;

use geodata::region::Code;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::chain::Step;
pub use self::rules::{concerns, plan};
pub use self::sessions::{answered_member, concerns_members, plan_members};
use crate::event::Event;
use crate::ids::{IncidentId, SessionId};
use crate::pack::orgs::OrgId;
use crate::time::{Span, Timestamp};

/// Name space of a notice's key (a random UUID, fixed once).
const KEYS: Uuid = Uuid::from_u128(0x2b1f_97d4_50c3_4c4e_a5d8_0e6f_3c71_b94a);

/// What is older than this when it is found, after an outage, is listed and not announced.
pub const ANNOUNCED_FOR: Span = Span::mins(60);

/// Whom a notice is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// Everybody who works there.
    Org(OrgId),
    /// Whoever reported an incident.
    Reporter {
        /// The incident.
        incident: IncidentId,
        /// Who sent it in, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<String>,
    },
}

/// What a notice is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// To handle.
    Dispatched,
    /// To help with.
    Cooperate,
    /// It was something else; it is here now.
    Corrected,
    /// It is no longer theirs.
    TakenAway,
    /// A unit sent it back.
    Returned,
    /// It came from a tier below.
    Escalated,
    /// A township is asked to take what is not on its list.
    ConsentAsked,
    /// It does not take it.
    ConsentRefused,
    /// More time is asked for.
    ExtensionAsked,
    /// More time is given.
    ExtensionGranted,
    /// It is not.
    ExtensionRefused,
    /// It waits.
    Suspended,
    /// It goes on.
    Resumed,
    /// The result is told; confirm it.
    FedBack,
    /// The result does not satisfy.
    Reopened,
    /// The system outside refused it.
    CameBack,
    /// It is struck out.
    Voided,
    /// A deadline draws near.
    Reminded,
    /// A deadline was missed; answer the supervision order.
    Breached,
    /// The same, for the information of those above.
    BreachCopied,
    /// Many deadlines were missed in one minute.
    BreachDigest,
    /// A supervision order is answered; look at it.
    OrderAnswered,
    /// The answer will do.
    OrderCleared,
    /// It will not.
    OrderRejected,
    /// An order was left unanswered.
    OrderClimbed,
    /// A red light is asked to be taken off the record.
    RemovalAsked,
    /// It is.
    RemovalGranted,
    /// It is not.
    RemovalRefused,
    /// To a member of a session: its order.
    SessionOrdered,
    /// The same, again, for nobody has read it.
    SessionClimbed,
    /// To the reporter: taken on.
    Accepted,
    /// To the reporter: not taken on.
    Rejected,
    /// To the reporter: follows another.
    Merged,
    /// Confirmed.
    Closed,
}

/// How much it presses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// To know.
    Info,
    /// Something is to be done.
    Action,
    /// At once.
    Urgent,
}

/// A way a notice may go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The list in the app.
    App,
    /// A short message.
    Sms,
    /// Other systems.
    Webhook,
    /// A browser, by its maker's push service.
    Push,
    /// A call that speaks.
    Voice,
}

/// A sentence in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One notice to one addressee. It holds no name, no phone and nothing a reporter wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The same whoever plans it: of event, addressee and kind. Receivers tell repeats by it.
    pub key: String,
    /// Whom it is for.
    pub to: To,
    /// What it is about.
    pub kind: Kind,
    /// How much it presses.
    pub urgency: Urgency,
    /// What happened, and to which incident.
    pub title: Text,
    /// What to do.
    pub body: Text,
    /// Where to look, a path of the app.
    pub link: String,
    /// The incident, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The session, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Where it belongs.
    pub region: Code,
    /// When what it tells of was recorded.
    pub at: Timestamp,
    /// The ways it may go.
    pub channels: Vec<Channel>,
    /// Whether it may sound and go by SMS; what an outage delayed for long is listed alone.
    pub announced: bool,
    /// What is tried, one after the other, until somebody acknowledges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Step>,
}

impl Notice {
    /// Whether it may go this way.
    pub fn goes_by(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}

/// The key of the notice of a kind that an event brings to somebody.
fn key_of(event: &Event, to: &To, kind: Kind) -> String {
    let subject = format!("{}\n{}", event.key, event.version);
    key(&subject, to, kind)
}

fn key(subject: &str, to: &To, kind: Kind) -> String {
    let whom = match to {
        To::Org(org) => format!("org\n{org}"),
        To::Reporter { incident, .. } => format!("reporter\n{incident}"),
    };
    let name = format!("{subject}\n{whom}\n{kind:?}");
    Uuid::new_v5(&KEYS, name.as_bytes()).to_string()
}
