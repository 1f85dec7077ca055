//! What members of a 1+1+X session are told: their order, and the same again by the channel that is
//! due while nobody has read it. When that is, and that it stops, the session says; here is only
//! whom it concerns and in which words.

use geodata::region::Level;

use super::chain::{Step, Way};
use super::words::moment;
use super::{ANNOUNCED_FOR, Channel, Kind, Notice, Text, To, Urgency, key_of};
use crate::event::{Body, Event};
use crate::pack::County;
use crate::pack::orgs::OrgId;
use crate::session::event::{Order, SessionEvent};
use crate::session::{self, Session};
use crate::time::Timestamp;

/// Whether an event of a session can bring a notice about.
pub fn concerns_members(event: &Event) -> bool {
    let Body::Session(body) = &event.body else {
        return false;
    };
    match &**body {
        SessionEvent::Ordered(_) | SessionEvent::Climbed(_) => true,
        SessionEvent::SeatAdded(data) => data.order.is_some(),
        _ => false,
    }
}

/// Who has what it was told, by this event: whatever was still to be tried for it is not.
pub fn answered_member(event: &Event) -> Option<&OrgId> {
    let Body::Session(body) = &event.body else {
        return None;
    };
    match &**body {
        SessionEvent::Marked(data) if data.step >= session::Step::Read => Some(&data.org),
        SessionEvent::SeatReleased(data) => Some(&data.org),
        _ => None,
    }
}

/// The notices that an event of a session brings about; `session` is as the event left it.
pub fn plan_members(event: &Event, session: &Session, county: &County) -> Vec<Notice> {
    let Body::Session(body) = &event.body else {
        return Vec::new();
    };
    let plan = Plan {
        event,
        session,
        county,
    };
    match &**body {
        SessionEvent::Ordered(data) => data.orders.iter().map(|one| plan.order(one)).collect(),
        SessionEvent::SeatAdded(data) => data.order.iter().map(|one| plan.order(one)).collect(),
        SessionEvent::Climbed(data) => plan.climbed(&data.org, data.channel, data.due_at),
        _ => Vec::new(),
    }
}

struct Plan<'a> {
    event: &'a Event,
    session: &'a Session,
    county: &'a County,
}

impl Plan<'_> {
    fn order(&self, order: &Order) -> Notice {
        let channels = vec![Channel::App, Channel::Webhook, Channel::Push];
        self.notice(&order.org, Kind::SessionOrdered, order.muster_due, channels)
    }

    /// By the channel alone that is due: the app has it already.
    fn climbed(&self, org: &OrgId, channel: session::Channel, due_at: Timestamp) -> Vec<Notice> {
        let way = match channel {
            session::Channel::Sms => Way::Sms,
            session::Channel::Voice => Way::Voice,
            session::Channel::Deputy => Way::Deputy,
            session::Channel::DutyPhone => Way::DutyPhone,
            session::Channel::App | session::Channel::Radio => return Vec::new(),
        };
        let seat = self.session.seat(org);
        let Some(due) = seat.and_then(|seat| seat.muster_due) else {
            return Vec::new();
        };
        let mut notice = self.notice(org, Kind::SessionClimbed, due, vec![Channel::App]);
        notice.announced = self.event.at.since(due_at) <= ANNOUNCED_FOR;
        if notice.announced {
            let wait = self.county.catalogue.notices().call_back();
            notice.chain = vec![Step { way, wait }];
        }
        vec![notice]
    }

    fn notice(&self, org: &OrgId, kind: Kind, due: Timestamp, channels: Vec<Channel>) -> Notice {
        let to = To::Org(org.clone());
        Notice {
            key: key_of(self.event, &to, kind),
            to,
            kind,
            urgency: Urgency::Urgent,
            title: self.title(kind),
            body: body(due),
            link: format!("/field?session={}", self.session.id),
            incident: None,
            session: Some(self.session.id),
            region: self.session.region,
            at: self.event.at,
            channels,
            announced: true,
            chain: Vec::new(),
        }
    }

    /// A drill says so first: nobody must take it for more.
    fn title(&self, kind: Kind) -> Text {
        let township = self.session.region.at(Level::Township);
        let place = self.county.tree.name(township.unwrap_or(self.county.code));
        let (zh, en) = super::words::head(kind);
        let (drill_zh, drill_en) = if self.session.is_drill() {
            ("【演练】", "DRILL: ")
        } else {
            ("", "")
        };
        Text {
            zh: format!("{drill_zh}{zh}（{place}）"),
            en: format!("{drill_en}{en} ({place})"),
        }
    }
}

fn body(due: Timestamp) -> Text {
    let due = moment(due);
    Text {
        zh: format!("请立即确认收到，并于 {due} 前出动。"),
        en: format!("Acknowledge at once and be moving by {due}."),
    }
}
