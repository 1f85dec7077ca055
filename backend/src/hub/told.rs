//! One event with whom it concerns, and the form in which each viewer hears of it: as it is, or,
//! where it changed how much they see, as a whole incident that came to them or left them.

use std::sync::Arc;

use domain::access::{Reach, Viewer};
use domain::actor::{Actor, Clearance};
use domain::event::{Body, Event};
use domain::privacy;
use domain::world::{Applied, World};

/// An event, numbered, with whom it concerns. Kept for those who come back.
#[derive(Debug)]
pub struct Told {
    event: Event,
    reach: Reach,
    change: Option<Box<Change>>,
}

/// What a change of reach takes to be told.
#[derive(Debug)]
struct Change {
    before: Reach,
    /// What hands over the whole subject as it is after the event.
    whole: Arc<Body>,
}

/// How a viewer hears of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// As it is.
    Plain(Clearance),
    /// The whole incident, for it comes to them or they see more or less of it now.
    Shared(Clearance),
    /// It is theirs no longer.
    Withdrawn,
}

impl Told {
    /// Folds an event into the world; the event is numbered by it.
    pub fn fold(mut event: Event, world: &mut World) -> Self {
        let Applied {
            number,
            before,
            after,
        } = world.fold(&event);
        event.number = number;
        let whole = before.as_ref().and_then(|_| world.whole(&event));
        let change = before.zip(whole).map(|(before, whole)| {
            Box::new(Change {
                before: *before,
                whole: Arc::new(whole),
            })
        });
        Self {
            event,
            reach: after,
            change,
        }
    }

    /// The event.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// It, as JSON, as a viewer hears of it; not at all if it is none of theirs.
    pub fn shown_to(&self, viewer: &Viewer) -> Option<Vec<u8>> {
        Some(self.encode(self.form(viewer)?))
    }

    /// Whom it concerns, and whom it did before.
    pub(super) fn reaches(&self) -> impl Iterator<Item = &Reach> {
        let before = self.change.as_ref().map(|change| &change.before);
        std::iter::once(&self.reach).chain(before)
    }

    /// How a viewer hears of it; not at all if it is none of theirs.
    pub(super) fn form(&self, viewer: &Viewer) -> Option<Form> {
        let after = viewer.sight(&self.reach);
        let Some(change) = &self.change else {
            return after.map(Form::Plain);
        };
        let before = viewer.sight(&change.before);
        match (before, after) {
            (None, None) => None,
            (Some(_), None) => Some(Form::Withdrawn),
            (Some(before), Some(after)) if before == after && !self.veils(after) => {
                Some(Form::Plain(after))
            }
            (_, Some(after)) => Some(Form::Shared(after)),
        }
    }

    /// Whether what this clearance was shown before is shown otherwise from now on.
    fn veils(&self, clearance: Clearance) -> bool {
        let turned = |change: &Change| change.before.sensitive != self.reach.sensitive;
        clearance < Clearance::Full && self.change.as_deref().is_some_and(turned)
    }

    pub(super) fn encode(&self, form: Form) -> Vec<u8> {
        let shown = match (form, &self.change) {
            (Form::Plain(Clearance::Full), _) => return json(&self.event),
            (Form::Plain(clearance), _) => {
                privacy::event(&self.event, clearance, self.reach.sensitive)
            }
            (Form::Shared(clearance), Some(change)) => {
                let whole = (*change.whole).clone();
                privacy::event(
                    &self.standing_for(whole, self.event.actor.clone()),
                    clearance,
                    self.reach.sensitive,
                )
            }
            (Form::Withdrawn | Form::Shared(_), _) => {
                let nobody = Actor {
                    id: String::new(),
                    on_behalf_of: None,
                    ..self.event.actor.clone()
                };
                let event = self.standing_for(Body::Withdrawn, nobody);
                privacy::event(&event, Clearance::Wall, self.reach.sensitive)
            }
        };
        json(&shown)
    }

    /// An event that a viewer is sent in the place of this one.
    fn standing_for(&self, body: Body, actor: Actor) -> Event {
        Event {
            stream: self.event.stream,
            key: self.event.key,
            version: self.event.version,
            at: self.event.at,
            actor,
            region: self.event.region,
            number: None,
            body,
        }
    }
}

fn json(event: &Event) -> Vec<u8> {
    serde_json::to_vec(event).unwrap_or_default()
}

/// The encodings of one event, each made once.
#[derive(Default)]
pub(super) struct Encoded([Option<Vec<u8>>; 7]);

impl Encoded {
    pub fn of(&mut self, told: &Told, form: Form) -> &[u8] {
        let at = match form {
            Form::Plain(clearance) => clearance as usize,
            Form::Shared(clearance) => 3 + clearance as usize,
            Form::Withdrawn => 6,
        };
        self.0[at].get_or_insert_with(|| told.encode(form))
    }
}
