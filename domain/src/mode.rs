//! Peace and war (平时/战时): one switch of the county that changes layout, sound and default limits
//! together. Logged like everything else; what a screen makes of it is the screen's.

use serde::{Deserialize, Serialize};

use crate::access::{Deed, may_do};
use crate::actor::Actor;
use crate::event::{Body, Event, Stream};
use crate::ids::SessionId;
use crate::incident::By;
use crate::pack::County;
use crate::refusal::{Class, Refusal};
use crate::time::Timestamp;

/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 300;

/// How the county stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mode {
    /// Whether it is war.
    pub is_war: bool,
    /// How often it was switched.
    pub version: u64,
    /// Since when; none where it never was switched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

impl Mode {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn evolve(&mut self, event: &Event, data: &ModeSwitched) {
        *self = Self {
            is_war: data.war,
            version: event.version,
            since: Some(event.at),
            by: Some(By::of(&event.actor)),
        };
    }
}

/// The switch was thrown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ModeSwitched {
    /// Whether it is war from now on.
    pub war: bool,
    /// Why.
    pub reason: String,
}

/// Throws the switch.
///
/// # Errors
/// Who may, that it stands there already, or that a reason is missing.
pub fn switch(
    mode: &Mode,
    war: bool,
    reason: &str,
    actor: &Actor,
    county: &County,
    now: Timestamp,
) -> Result<Event, Refusal> {
    may_do(actor, Deed::SwitchMode)?;
    if mode.is_war == war {
        return Err(Refusal::new(
            Class::Refused,
            "mode_stands",
            if war {
                "已处于战时"
            } else {
                "已处于平时"
            },
            if war {
                "It is war mode already"
            } else {
                "It is peace mode already"
            },
        ));
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARS {
        return Err(Refusal::field(
            "/reason",
            "text_required",
            format!("请填写切换原因，不超过 {MAX_REASON_CHARS} 字"),
            format!("Say why, in at most {MAX_REASON_CHARS} characters"),
        ));
    }
    Ok(Event {
        stream: Stream::Sessions,
        key: SessionId::of_mode(county.code).key(),
        version: mode.version + 1,
        at: now,
        actor: actor.clone(),
        region: county.code,
        number: None,
        body: Body::Mode(ModeSwitched {
            war,
            reason: reason.to_owned(),
        }),
    })
}
