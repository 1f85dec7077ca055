//! A storm of missed deadlines: of those recorded within one minute the first 50 are told one by
//! one, the ones beyond in one digest a unit. A fold of the log with a state that is kept with the
//! place it stands at, so that a restart neither loses a digest nor sends one twice.

use std::collections::BTreeMap;

use geodata::region::Code;
use serde::{Deserialize, Serialize};

use super::{Channel, Kind, Notice, To, Urgency, key, words};
use crate::event::{Body, Event};
use crate::incident::event::IncidentEvent;
use crate::pack::orgs::OrgId;
use crate::time::{Span, Timestamp};

/// Missed deadlines told one by one within a minute.
const ONE_BY_ONE: u32 = 50;
const MINUTE_MS: i64 = 60_000;
/// How long after its end a minute may still grow: nodes' clocks differ.
const GRACE: Span = Span::secs(5);

/// What a storm has come to so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Storm {
    /// The minute it counts, in minutes since 1970.
    minute: i64,
    /// Missed deadlines in it.
    seen: u32,
    /// Digests of this minute that were handed out.
    round: u32,
    /// Those beyond, by unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    held: BTreeMap<OrgId, Held>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Held {
    count: u32,
    announced: bool,
    at: Timestamp,
}

impl Storm {
    /// Takes the notices of an event in; hands out what is to be told now.
    pub fn sift(&mut self, event: &Event, notices: Vec<Notice>, county: Code) -> Vec<Notice> {
        if !matches!(event.body, Body::Incident(IncidentEvent::Breached(_))) {
            return notices;
        }
        let minute = event.at.millis().div_euclid(MINUTE_MS);
        let mut told = Vec::new();
        if minute > self.minute {
            told = self.hand_out(county);
            *self = Self {
                minute,
                ..Self::default()
            };
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen <= ONE_BY_ONE {
            told.extend(notices);
            return told;
        }
        for notice in notices {
            self.hold(notice);
        }
        told
    }

    /// When digests that wait are to be handed out, if any do.
    pub fn due(&self) -> Option<Timestamp> {
        let end = Timestamp::from_millis((self.minute + 1) * MINUTE_MS);
        (!self.held.is_empty()).then(|| end + GRACE)
    }

    /// Hands out the digests whose minute is over.
    pub fn settle(&mut self, now: Timestamp, county: Code) -> Vec<Notice> {
        if self.due().is_none_or(|due| now < due) {
            return Vec::new();
        }
        self.hand_out(county)
    }

    fn hold(&mut self, notice: Notice) {
        let To::Org(org) = notice.to else { return };
        let held = self.held.entry(org).or_insert(Held {
            count: 0,
            announced: false,
            at: notice.at,
        });
        held.count = held.count.saturating_add(1);
        held.announced |= notice.announced;
        held.at = held.at.max(notice.at);
    }

    fn hand_out(&mut self, county: Code) -> Vec<Notice> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let subject = format!("storm\n{}\n{}", self.minute, self.round);
        self.round = self.round.saturating_add(1);
        let digest = |(org, held): (OrgId, Held)| {
            let to = To::Org(org);
            let (title, body) = words::digest(held.count);
            Notice {
                key: key(&subject, &to, Kind::BreachDigest),
                to,
                kind: Kind::BreachDigest,
                urgency: Urgency::Urgent,
                title,
                body,
                link: "/desk".to_owned(),
                incident: None,
                session: None,
                region: county,
                at: held.at,
                channels: vec![Channel::App, Channel::Webhook, Channel::Push, Channel::Sms],
                announced: held.announced,
                chain: Vec::new(),
            }
        };
        std::mem::take(&mut self.held)
            .into_iter()
            .map(digest)
            .collect()
    }
}
