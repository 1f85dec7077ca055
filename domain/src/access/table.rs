//! The two tables of the closed loop, one line a move: who makes it, and from which states.

use super::Row;
use super::moves::{Cell, Move};
use crate::incident::State;

use Cell::{
    Addressee as E, Area as A, Checker as K, Director as D, Handler as H, Never as N,
    Outsider as O, Party as P, Reporter as R, ReporterOrHead as X,
};

impl Move {
    /// A grid team starts what is sent to it: an alarm goes to the nearest grid worker with nobody
    /// in between. R is whoever reported: a person, a grid worker or another system.
    pub(super) const fn row(self) -> Row<Cell> {
        match self {
            // Columns: C, T, P, U, V, G, L, A, R, source, reader, wall, rule, administrator.
            Self::Report => [A, A, N, N, N, A, N, N, A, A, N, N, N, N],
            Self::SelfHandle => [N, N, N, N, N, A, N, N, N, N, N, N, N, N],
            Self::Accept | Self::Assess | Self::Dispatch => {
                [A, A, N, N, N, N, N, N, N, N, N, N, A, N]
            }
            Self::Reject
            | Self::Merge
            | Self::TransferOut
            | Self::Correct
            | Self::Recall
            | Self::Contact
            | Self::TakeBack => [A, A, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::Return => [N, N, H, H, H, N, N, N, N, N, N, N, N, N],
            Self::Start | Self::Feedback => [N, N, H, H, H, H, N, N, N, N, N, N, N, N],
            Self::Progress | Self::Step => [N, N, P, P, P, P, N, N, N, N, N, N, N, N],
            Self::Escalate => [N, H, H, H, N, N, N, N, N, N, N, N, N, N],
            Self::AskExtension => [N, N, H, H, N, N, N, N, N, N, N, N, N, N],
            Self::GrantExtension | Self::RefuseExtension | Self::CloseByProxy => {
                [O, O, N, N, N, N, N, N, N, N, N, N, N, N]
            }
            Self::Suspend | Self::Resume => [A, N, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::Reopen => [A, A, N, N, N, R, N, N, R, R, N, N, N, N],
            Self::Close => [N, N, N, N, K, X, N, N, R, R, N, N, N, N],
            Self::Evaluate => [A, A, N, N, N, R, N, N, R, N, N, N, N, N],
            Self::Void => [D, D, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::Appeal | Self::Urge => [N, N, N, N, N, R, N, N, R, R, N, N, N, N],
            Self::Consent | Self::RefuseConsent => [N, A, N, N, N, N, N, N, N, N, N, N, N, N],
            Self::SignOrder | Self::AnswerOrder => [E, E, E, E, E, E, E, N, N, N, N, N, N, N],
            Self::ClearOrder | Self::RejectOrder => [A, A, N, N, N, N, A, N, N, N, N, N, N, N],
            Self::AskRemoval => [N, E, E, E, E, E, N, N, N, N, N, N, N, N],
            Self::GrantRemoval | Self::RefuseRemoval => [A, N, N, N, N, N, A, N, N, N, N, N, N, N],
        }
    }

    /// The states it starts from; none for a report, which makes the incident.
    pub(super) const fn states(self) -> &'static [State] {
        match self {
            Self::Report => &[],
            Self::SelfHandle | Self::Accept | Self::Reject => &[State::Reported],
            Self::Merge | Self::Correct => &[
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
            ],
            Self::Assess => &[State::Accepted],
            Self::Dispatch | Self::Consent | Self::RefuseConsent => &[State::Assessed],
            Self::Return | Self::Start | Self::Recall => &[State::Dispatched],
            Self::Progress
            | Self::Step
            | Self::Escalate
            | Self::AskExtension
            | Self::GrantExtension
            | Self::RefuseExtension
            | Self::Suspend => &[State::InProgress],
            Self::Resume => &[State::Suspended],
            Self::Feedback => &[State::InProgress, State::SelfHandled],
            Self::Reopen | Self::Close | Self::CloseByProxy | Self::Contact => &[State::Feedback],
            Self::Urge => &[
                State::Reported,
                State::SelfHandled,
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
                State::Suspended,
            ],
            Self::Evaluate => &[State::Closed],
            Self::TransferOut => &[
                State::Reported,
                State::SelfHandled,
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
                State::Suspended,
                State::Feedback,
            ],
            Self::Void => &[State::Reported, State::Accepted, State::Assessed],
            Self::Appeal => &[State::Rejected],
            Self::TakeBack => &[State::TransferredOut],
            // An order outlives the work it was about.
            Self::SignOrder
            | Self::AnswerOrder
            | Self::ClearOrder
            | Self::RejectOrder
            | Self::AskRemoval
            | Self::GrantRemoval
            | Self::RefuseRemoval => &[
                State::Reported,
                State::SelfHandled,
                State::Accepted,
                State::Assessed,
                State::Dispatched,
                State::InProgress,
                State::Suspended,
                State::Feedback,
                State::Closed,
                State::Rejected,
                State::Merged,
                State::TransferredOut,
            ],
        }
    }
}
