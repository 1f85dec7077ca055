//! Folding one incident by itself, event by event, for read models that keep incidents apart from
//! the World. What an event does to an incident is `evolve`'s.

use super::Incident;
use crate::event::{Body, Event};
use crate::incident::event::IncidentEvent;

impl Incident {
    /// What `before` is after `event`; none while nothing was reported. `number` is what
    /// [`crate::world::Numbers::give`] gave the event, 0 when its kind has none.
    ///
    /// An event of a kind this version does not know raises the version and changes nothing else.
    #[must_use]
    pub fn folded(before: Option<Self>, event: &Event, number: u32) -> Option<Self> {
        match (&event.body, before) {
            (Body::Incident(IncidentEvent::Reported(data)), None) => {
                Some(Self::open(event, data, number))
            }
            (Body::Incident(body), Some(mut incident)) => {
                incident.evolve(event, body, number);
                Some(incident)
            }
            (Body::Unknown { .. }, Some(mut incident)) => {
                incident.version = event.version;
                Some(incident)
            }
            (Body::Shared(incident), _) => Some((**incident).clone()),
            (
                Body::Session(_)
                | Body::SharedSession(_)
                | Body::Unit(_)
                | Body::Mode(_)
                | Body::Alarm(_)
                | Body::Wall(_),
                before,
            ) => before,
            (Body::Withdrawn, _) | (_, None) => None,
        }
    }
}
