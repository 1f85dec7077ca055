//! What happens to a report without anybody: if its category is known it is accepted, assessed
//! and dispatched at once; what the duties don't decide is left to a person.

use crate::actor::{Actor, Role};
use crate::incident::command::Command;
use crate::incident::decide::{Context, decide};
use crate::incident::event::IncidentEvent;
use crate::incident::{Incident, State};

/// The name this rule acts under.
pub const NAME: &str = "rule:auto";

/// The next step the rule takes by itself, if any.
pub fn next(incident: &Incident, ctx: Context<'_>) -> Option<IncidentEvent> {
    let command = match incident.state {
        State::Reported if incident.category.is_some() => Command::Accept { category: None },
        State::Accepted => Command::Assess {
            breadth: None,
            difficulty: None,
        },
        State::Assessed => Command::Dispatch {
            to: None,
            cooperators: Vec::new(),
            reason: None,
        },
        _ => return None,
    };
    let actor = Actor::new(NAME, Role::Rule, ctx.county.code);
    decide(incident, &command, &actor, ctx).ok()
}
