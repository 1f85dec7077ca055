//! The moves of the closed loop as a desk offers them: what each is called, its key, which stand in
//! front. Whether one may be made is `domain::access`'s.

use domain::access::{Move, may, moves_for};
use domain::actor::Actor;
use domain::incident::{Breach, Incident, OrderState, State};
use domain::time::Timestamp;

use crate::i18n::{Text, case as s};

/// How many stand as buttons; the others are behind "more".
pub const IN_FRONT: usize = 3;

/// What a move is called.
pub const fn name(one: Move) -> Text {
    match one {
        Move::Report => s::DO_REPORT,
        Move::SelfHandle => s::DO_SELF_HANDLE,
        Move::Accept => s::DO_ACCEPT,
        Move::Reject => s::DO_REJECT,
        Move::Merge => s::DO_MERGE,
        Move::Assess => s::DO_ASSESS,
        Move::Dispatch => s::DO_DISPATCH,
        Move::Return => s::DO_RETURN,
        Move::Start => s::DO_START,
        Move::Progress => s::DO_PROGRESS,
        Move::Escalate => s::DO_ESCALATE,
        Move::AskExtension => s::DO_ASK_EXTENSION,
        Move::GrantExtension => s::DO_GRANT_EXTENSION,
        Move::Suspend => s::DO_SUSPEND,
        Move::Resume => s::DO_RESUME,
        Move::Feedback => s::DO_FEEDBACK,
        Move::Reopen => s::DO_REOPEN,
        Move::Close => s::DO_CLOSE,
        Move::CloseByProxy => s::DO_CLOSE_BY_PROXY,
        Move::Evaluate => s::DO_EVALUATE,
        Move::TransferOut => s::DO_TRANSFER_OUT,
        Move::Void => s::DO_VOID,
        Move::Appeal => s::DO_APPEAL,
        Move::Correct => s::DO_CORRECT,
        Move::Consent => s::DO_CONSENT,
        Move::RefuseConsent => s::DO_REFUSE_CONSENT,
        Move::Recall => s::DO_RECALL,
        Move::Step => s::DO_STEP,
        Move::RefuseExtension => s::DO_REFUSE_EXTENSION,
        Move::Contact => s::DO_CONTACT,
        Move::Urge => s::DO_URGE,
        Move::TakeBack => s::DO_TAKE_BACK,
        Move::SignOrder => s::DO_SIGN_ORDER,
        Move::AnswerOrder => s::DO_ANSWER_ORDER,
        Move::ClearOrder => s::DO_CLEAR_ORDER,
        Move::RejectOrder => s::DO_REJECT_ORDER,
        Move::AskRemoval => s::DO_ASK_REMOVAL,
        Move::GrantRemoval => s::DO_GRANT_REMOVAL,
        Move::RefuseRemoval => s::DO_REFUSE_REMOVAL,
    }
}

/// Its name in a path: the rooms close by call-back with the same command as anybody.
pub const fn command(one: Move) -> &'static str {
    match one {
        Move::CloseByProxy => "close",
        other => other.name(),
    }
}

/// The key that makes it; two moves share one only where no state has both.
pub const fn key(one: Move) -> Option<&'static str> {
    Some(match one {
        Move::Accept => "a",
        Move::Reject | Move::RefuseConsent => "x",
        Move::SelfHandle => "h",
        Move::Merge => "m",
        Move::Assess => "s",
        Move::Dispatch => "d",
        Move::Return | Move::TakeBack => "b",
        Move::Start => "g",
        Move::Progress => "p",
        Move::Escalate => "e",
        Move::AskExtension => "t",
        Move::GrantExtension => "y",
        Move::Suspend => "w",
        Move::Resume | Move::Reopen => "r",
        Move::Feedback => "f",
        Move::Close | Move::CloseByProxy | Move::Consent => "c",
        Move::Evaluate => "v",
        Move::Contact => "l",
        Move::TransferOut => "o",
        Move::Correct => "i",
        Move::Recall => "z",
        _ => return None,
    })
}

/// Moves about one supervision order: they stand beside it.
pub const OF_ORDERS: [Move; 7] = [
    Move::SignOrder,
    Move::AnswerOrder,
    Move::ClearOrder,
    Move::RejectOrder,
    Move::AskRemoval,
    Move::GrantRemoval,
    Move::RefuseRemoval,
];

/// What makes most sense first, whatever the state: only what may be made is asked.
const FIRST: [Move; 31] = [
    Move::Accept,
    Move::Consent,
    Move::Start,
    Move::GrantExtension,
    Move::Assess,
    Move::Feedback,
    Move::Close,
    Move::CloseByProxy,
    Move::Resume,
    Move::Appeal,
    Move::TakeBack,
    Move::Dispatch,
    Move::SelfHandle,
    Move::Progress,
    Move::Contact,
    Move::Urge,
    Move::Reject,
    Move::RefuseConsent,
    Move::Return,
    Move::Recall,
    Move::Reopen,
    Move::RefuseExtension,
    Move::Step,
    Move::Escalate,
    Move::Evaluate,
    Move::AskExtension,
    Move::Merge,
    Move::Correct,
    Move::Suspend,
    Move::TransferOut,
    Move::Void,
];

/// What an actor may do with an incident now, the likeliest first; what concerns its supervision
/// orders is left out.
pub fn offered(actor: &Actor, incident: &Incident, now: Timestamp) -> Vec<Move> {
    let place = |one: &Move| FIRST.iter().position(|first| first == one);
    let mut all: Vec<Move> = moves_for(actor, incident, now)
        .filter(|one| place(one).is_some())
        .filter(|one| fits(*one, incident))
        .collect();
    all.sort_by_key(place);
    all
}

/// What the table of moves leaves to the decision: whether there is anything to decide on.
fn fits(one: Move, incident: &Incident) -> bool {
    match one {
        Move::Dispatch => incident.consent.is_none(),
        Move::Return => !incident.binding,
        _ => true,
    }
}

/// What an actor may do with one supervision order, `nth` of the incident's.
pub fn of_order(actor: &Actor, incident: &Incident, nth: usize) -> Vec<Move> {
    let Some(order) = incident.breaches.get(nth) else {
        return Vec::new();
    };
    let is_asked = actor.org.as_ref() == Some(&order.order.to);
    OF_ORDERS
        .into_iter()
        .filter(|one| may(actor, *one, Some(incident)).is_ok())
        .filter(|one| order_takes(*one, order, is_asked))
        .collect()
}

fn order_takes(one: Move, order: &Breach, is_asked: bool) -> bool {
    let removal = order.removal.as_ref();
    match one {
        Move::SignOrder => is_asked && order.state == OrderState::Issued,
        Move::AnswerOrder => is_asked && order.state.is_owed(),
        Move::ClearOrder | Move::RejectOrder => !is_asked && order.state == OrderState::Answered,
        Move::AskRemoval => is_asked && removal.is_none(),
        Move::GrantRemoval | Move::RefuseRemoval => {
            !is_asked && removal.is_some_and(|removal| removal.granted.is_none())
        }
        _ => false,
    }
}

/// The move that takes one back, as long as nobody has acted on it.
pub const fn undo(one: Move) -> Option<Move> {
    match one {
        Move::Accept | Move::Assess | Move::Correct | Move::Dispatch | Move::Consent => {
            Some(Move::Recall)
        }
        Move::Suspend => Some(Move::Resume),
        Move::TransferOut => Some(Move::TakeBack),
        _ => None,
    }
}

/// Whether nothing is asked for it: a click makes it.
pub fn is_instant(one: Move, incident: &Incident) -> bool {
    match one {
        Move::Start | Move::Consent | Move::SignOrder => true,
        Move::Accept => incident.category.is_some(),
        _ => false,
    }
}

/// A state's name.
pub const fn state(state: State) -> Text {
    let en = match state {
        State::Reported => "reported",
        State::SelfHandled => "settled on the spot",
        State::Accepted => "accepted",
        State::Assessed => "assessed",
        State::Dispatched => "dispatched",
        State::InProgress => "in progress",
        State::Suspended => "suspended",
        State::Feedback => "to be confirmed",
        State::Closed => "closed",
        State::Rejected => "not taken on",
        State::Merged => "merged",
        State::TransferredOut => "transferred out",
        State::Void => "void",
    };
    Text {
        zh: domain::access::state_name(state),
        en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_stands_in_front_or_beside_an_order() {
        for one in Move::ALL {
            let places = usize::from(FIRST.contains(&one)) + usize::from(OF_ORDERS.contains(&one));
            assert_eq!(places, usize::from(one != Move::Report), "{}", one.name());
        }
    }

    #[test]
    fn no_key_moves_about_and_acts_too() {
        let taken = ["j", "k", "n", "u", "q", "/", "?", ".", "[", "]", "+"];
        for one in Move::ALL {
            assert!(
                key(one).is_none_or(|key| !taken.contains(&key)),
                "{}",
                one.name()
            );
        }
    }

    #[test]
    fn every_command_of_the_wire_is_a_move_of_a_desk() {
        use domain::incident::command::Command;
        for name in Command::NAMES {
            assert!(Move::ALL.iter().any(|one| command(*one) == name), "{name}");
        }
    }
}
