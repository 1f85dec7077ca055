//! Whose turn it is: the move that an incident waits for from one actor. A desk's first list is
//! made of these; what else they may do is `access`'s.

use crate::access::{self, Move};
use crate::actor::{Actor, Role};
use crate::incident::clock::ClockKind;
use crate::incident::{Incident, OrderState, State};
use crate::time::Timestamp;

/// What an incident waits for from `actor` at `now`; nothing when it waits for somebody else.
pub fn owed(actor: &Actor, incident: &Incident, now: Timestamp) -> Option<Move> {
    let may = |one: &Move| access::may(actor, *one, Some(incident)).is_ok();
    order(actor, incident)
        .into_iter()
        .chain(next(actor, incident, now))
        .find(may)
}

/// What a supervision order of it asks of them.
fn order(actor: &Actor, incident: &Incident) -> Vec<Move> {
    let own = actor.org.as_ref();
    let mut asked = Vec::new();
    for breach in &incident.breaches {
        let is_mine = own == Some(&breach.order.to);
        match breach.state {
            OrderState::Issued if is_mine => asked.push(Move::SignOrder),
            OrderState::Signed | OrderState::Rejected if is_mine => asked.push(Move::AnswerOrder),
            OrderState::Answered if !is_mine && oversees(actor, incident) => {
                asked.push(Move::ClearOrder);
            }
            _ => {}
        }
        let waits = breach.removal.as_ref().is_some_and(|r| r.granted.is_none());
        if waits {
            asked.push(Move::GrantRemoval);
        }
    }
    asked
}

/// What its state asks of them.
fn next(actor: &Actor, incident: &Incident, now: Timestamp) -> Vec<Move> {
    let holds = holds(actor, incident);
    match incident.state {
        State::Reported if holds => vec![Move::Accept, Move::SelfHandle],
        State::Accepted if holds => vec![Move::Assess],
        State::Assessed if incident.consent.is_some() => vec![Move::Consent],
        State::Assessed if holds => vec![Move::Dispatch],
        State::Dispatched if holds => vec![Move::Start],
        State::InProgress if incident.extension.is_some() && oversees(actor, incident) => {
            vec![Move::GrantExtension]
        }
        State::InProgress | State::SelfHandled if holds => vec![Move::Feedback],
        State::Suspended => {
            let is_over = incident
                .suspension
                .as_ref()
                .is_some_and(|one| now >= one.review_at);
            is_over.then_some(Move::Resume).into_iter().collect()
        }
        State::Feedback if incident.is_reported_by(actor) => vec![Move::Close],
        State::Feedback if oversees(actor, incident) => {
            let is_late = incident
                .clock(ClockKind::Confirm)
                .is_some_and(|clock| clock.runs() && now >= clock.due);
            let calls_back = incident.reporter.is_none() || is_late;
            vec![if calls_back {
                Move::CloseByProxy
            } else {
                Move::Contact
            }]
        }
        _ => Vec::new(),
    }
}

fn holds(actor: &Actor, incident: &Incident) -> bool {
    let holder = incident.holder().map(|hold| &hold.org);
    actor.org.is_some() && actor.org.as_ref() == holder
}

/// Whether it went through their room: the one that sent it on looks after it, and no other.
fn oversees(actor: &Actor, incident: &Incident) -> bool {
    let is_room = matches!(actor.role, Role::Centre | Role::CommandRoom | Role::Leader);
    let passed = |org| incident.holds.iter().any(|hold| &hold.org == org);
    is_room && actor.org.as_ref().is_some_and(passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Hold;
    use crate::incident::decide::Context;
    use crate::incident::plan;
    use crate::pack::orgs::OrgId;
    use crate::walk_tests::{county, report, start};

    fn org(text: &str) -> OrgId {
        text.parse().expect("org")
    }

    fn incident(category: Option<&str>) -> Incident {
        let county = county();
        let reader = crate::walk_tests::actor(Role::Source);
        let ctx = Context::new(&county, start());
        let events = plan::report(report(1, category, &county), &reader, ctx);
        Incident::alone(&events).expect("incident")
    }

    fn room(incident: &Incident) -> Actor {
        let mut actor = crate::walk_tests::actor(Role::CommandRoom);
        actor.org = incident.holds.first().map(|hold| hold.org.clone());
        actor
    }

    #[test]
    fn what_nobody_took_on_waits_for_the_room_that_holds_it_alone() {
        let incident = incident(None);
        let mut actor = room(&incident);
        assert_eq!(owed(&actor, &incident, start()), Some(Move::Accept));
        actor.org = Some(org("another"));
        assert_eq!(owed(&actor, &incident, start()), None);
    }

    #[test]
    fn what_was_sent_waits_for_its_handler_and_no_longer_for_the_room() {
        let mut incident = incident(None);
        let room = room(&incident);
        incident.state = State::Dispatched;
        incident.holds.push(Hold {
            org: org("unit"),
            from: start(),
        });
        let mut unit = crate::walk_tests::actor(Role::Platform);
        unit.org = Some(org("unit"));
        assert_eq!(owed(&unit, &incident, start()), Some(Move::Start));
        assert_eq!(owed(&room, &incident, start()), None);
        incident.state = State::InProgress;
        assert_eq!(owed(&unit, &incident, start()), Some(Move::Feedback));
        incident.state = State::Feedback;
        assert_eq!(owed(&unit, &incident, start()), None);
        assert!(owed(&room, &incident, start()).is_some());
    }
}
