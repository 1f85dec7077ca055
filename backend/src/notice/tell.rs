//! Notices over the live connection: one frame to each screen of whoever a notice is for. Nobody
//! else's screen gets it, and a wall's never does; what was missed is in the list.

use domain::ids::IncidentId;
use domain::notice::{Kind, Notice, Text, Urgency};
use domain::time::Timestamp;
use serde::Serialize;

use super::Notices;
use super::app::is_for;
use crate::hub;

/// The frame `notice`, in both languages: the screen knows which it shows.
#[derive(Serialize)]
struct Frame<'a> {
    key: &'a str,
    kind: Kind,
    urgency: Urgency,
    title: &'a Text,
    body: &'a Text,
    link: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentId>,
    at: Timestamp,
    announced: bool,
    /// Whether somebody is asked to acknowledge it.
    acknowledge: bool,
}

impl Notices {
    /// Sends a notice to the screens of whoever it is for, on this node.
    pub(super) fn tell(&self, notice: &Notice) {
        let live = self.0.accounts.live();
        let theirs = live.of_people(|actor| is_for(notice, actor));
        if theirs.is_empty() {
            return;
        }
        let frame = hub::text(
            "notice",
            &Frame {
                key: &notice.key,
                kind: notice.kind,
                urgency: notice.urgency,
                title: &notice.title,
                body: &notice.body,
                link: &notice.link,
                incident: notice.incident,
                at: notice.at,
                announced: notice.announced,
                acknowledge: !notice.chain.is_empty(),
            },
        );
        for conn in theirs {
            self.0.fanout.tell(conn, frame.clone());
        }
    }
}
