//! What the holder of a receipt is shown: where the matter stands, in few steps, with the name of
//! the organisation and of no person. Built of chosen fields, so that nothing new leaks by itself.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::access::{Move, moves_for};
use crate::actor::Actor;
use crate::incident::{Entry, Incident, State, What};
use crate::pack::County;
use crate::pack::catalogue::CategoryCode;
use crate::time::Timestamp;

/// What `GET /report-form` answers: what the report page needs before anything is written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReportForm {
    /// Whether people report here without an account.
    pub open: bool,
    /// The county's code.
    pub code: String,
    /// Its name.
    pub county: String,
    /// West, south, east, north, in degrees, WGS-84.
    pub bounds: [f64; 4],
    /// What one may report: code, name, English name.
    pub categories: Vec<(CategoryCode, String, String)>,
}

/// The answer to `POST /receipts`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// The incident's number.
    pub number: String,
    /// The receipt: number and code. Left out for people who are signed in: they follow by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// A name in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Name {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One step of the matter.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What, by the event's name.
    pub what: What,
    /// Which organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<Name>,
    /// What was said to the reporter, or by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A matter, as the holder of its receipt sees it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReceiptView {
    /// Its number.
    pub number: String,
    /// What they wrote, first words.
    pub title: String,
    /// What they wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The smallest named region it lies in.
    pub region: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Name>,
    /// Where it stands.
    pub state: State,
    /// When it came in.
    pub received_at: Timestamp,
    /// Who holds it: an organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Name>,
    /// By when it is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Timestamp>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Whether whoever confirmed was satisfied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfied: Option<bool>,
    /// How the reporter found it, 1 to 5, once they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<u8>,
    /// How many photos and voice notes came with it.
    pub attachments: usize,
    /// What happened, oldest first.
    pub steps: Vec<Step>,
    /// What the holder of the receipt may do now, by the names of commands.
    pub moves: SmallVec<[String; 4]>,
    /// The server's time.
    pub now: Timestamp,
}

impl ReceiptView {
    /// What `reporter`, who reported it, sees of an incident at `now`.
    pub fn of(incident: &Incident, reporter: &Actor, county: &County, now: Timestamp) -> Self {
        let org = |id: &str| {
            county.orgs.find(id).map(|org| Name {
                zh: org.name.clone(),
                en: org.en.clone(),
            })
        };
        let category = incident
            .category
            .and_then(|code| county.catalogue.get(code));
        let holder = incident.holder().filter(|_| incident.state.is_open());
        let own = |one: &&crate::incident::Evaluation| one.by.id == reporter.id;
        Self {
            number: incident.label(),
            title: incident.title.clone(),
            description: incident.description.clone(),
            region: county.tree.name(incident.region).to_owned(),
            category: category.map(|category| Name {
                zh: category.name.clone(),
                en: category.en.clone(),
            }),
            state: incident.state,
            received_at: incident.received_at,
            holder: holder.and_then(|hold| org(hold.org.as_str())),
            promised: incident.deadline().filter(|_| incident.state.is_open()),
            result: incident.result.clone(),
            satisfied: incident.satisfied,
            scored: incident.evaluations.iter().find(own).map(|one| one.speed),
            attachments: incident.attachments.len(),
            steps: steps(incident, org),
            moves: moves_for(reporter, incident, now)
                .filter(|one| may_be_asked(*one) && !is_done(*one, incident, reporter))
                .map(|one| one.name().to_owned())
                .collect(),
            now,
        }
    }
}

/// The moves that a receipt opens.
pub const fn may_be_asked(one: Move) -> bool {
    matches!(
        one,
        Move::Reopen | Move::Close | Move::Evaluate | Move::Appeal | Move::Urge
    )
}

/// Whether it was done and can't be done again.
fn is_done(one: Move, incident: &Incident, reporter: &Actor) -> bool {
    one == Move::Evaluate
        && incident
            .evaluations
            .iter()
            .any(|one| one.by.id == reporter.id)
}

fn steps(incident: &Incident, org: impl Fn(&str) -> Option<Name>) -> Vec<Step> {
    let lines = incident.timeline.iter().filter(|entry| is_told(entry.what));
    lines
        .map(|entry| Step {
            at: entry.at,
            what: entry.what,
            org: entry.by.org.as_ref().and_then(|id| org(id.as_str())),
            text: said(entry),
        })
        .collect()
}

/// What a reporter is told of: not who passed it to whom, nor who was late.
const fn is_told(what: What) -> bool {
    matches!(
        what,
        What::Reported
            | What::SelfHandled
            | What::Accepted
            | What::Rejected
            | What::Appealed
            | What::Merged
            | What::Followed
            | What::Dispatched
            | What::Started
            | What::Progressed
            | What::ExtensionGranted
            | What::Suspended
            | What::Resumed
            | What::FedBack
            | What::Reopened
            | What::Contacted
            | What::Closed
            | What::Evaluated
            | What::TransferredOut
            | What::CameBack
            | What::Voided
            | What::Urged
    )
}

/// Words meant for the reporter, or their own. What handlers note among themselves may name others.
fn said(entry: &Entry) -> Option<String> {
    let is_meant = matches!(
        entry.what,
        What::Rejected
            | What::FedBack
            | What::Reopened
            | What::Appealed
            | What::Urged
            | What::Evaluated
    );
    entry.text.clone().filter(|_| is_meant)
}
