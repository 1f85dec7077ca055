//! A world of the past that can be folded on. The county "at" a time is the fold of the log up to
//! the first event after that time, so that times and places keep one order even where the clocks
//! of two nodes differ by a moment.

use domain::time::Timestamp;
use domain::world::World;

use super::Place;
use crate::hub::Told;
use crate::log::{Batch, Position};
use crate::projector::record;

/// Records read at once on the way to a place.
const STRIDE: usize = 5_000;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    world: World,
    position: Position,
    /// The time of the event after it, where that is known.
    next: Option<Timestamp>,
}

/// Where a stretch ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// Everything until the time asked for is in it.
    Time,
    /// There is more until then.
    Full,
    /// The log ends there.
    End,
}

/// What happened between two places.
#[derive(Debug)]
pub struct Stretch {
    /// Where it ends.
    pub to: Position,
    /// Why it ends there.
    pub bound: Bound,
    /// The time of the last event before its end.
    pub at: Option<Timestamp>,
    /// Its events, each with whom it concerned then.
    pub events: Vec<Told>,
}

impl Cursor {
    /// The world of a checkpoint.
    pub fn of(world: World, position: Position) -> Self {
        Self {
            next: None,
            world,
            position,
        }
    }

    /// The world there.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The place in the log.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether a place can be reached by folding on.
    pub fn is_before(&self, place: Place) -> bool {
        match place {
            Place::At(time) => self.world.at().is_none_or(|at| at <= time),
            Place::Position(position) => self.position <= position,
        }
    }

    /// Whether it is known to stand there.
    pub fn stands_at(&self, place: Place) -> bool {
        match place {
            Place::At(time) => self.is_before(place) && self.next.is_some_and(|next| next > time),
            Place::Position(position) => self.position >= position,
        }
    }

    /// How many records to read on the way to a place.
    pub fn room(&self, place: Place) -> usize {
        match place {
            Place::At(_) => STRIDE,
            Place::Position(position) => {
                let left = position.seq().saturating_sub(self.position.seq());
                (left as usize).clamp(1, STRIDE)
            }
        }
    }

    /// Folds what follows, up to a place.
    pub fn fold(&mut self, batch: Batch, place: Place) {
        self.next = None;
        for record in batch.records {
            let event = record::event_of(&record);
            if let (Place::At(time), Ok(event)) = (place, &event)
                && event.at > time
            {
                self.next = Some(event.at);
                return;
            }
            if let Ok(event) = event {
                self.world.apply(&event);
            }
            self.position = record.position;
        }
    }

    /// Folds what follows until a time, and hands it out.
    pub fn take(&mut self, batch: Batch, to: Timestamp) -> Stretch {
        let is_end = batch.records.is_empty();
        let mut events = Vec::with_capacity(batch.records.len());
        let mut bound = if is_end { Bound::End } else { Bound::Full };
        self.next = None;
        for record in batch.records {
            match record::event_of(&record) {
                Ok(event) if event.at > to => {
                    self.next = Some(event.at);
                    bound = Bound::Time;
                    break;
                }
                Ok(event) => {
                    events.push(Told::fold(event, &mut self.world));
                }
                // Passed over, as it was when it happened.
                Err(_) => {}
            }
            self.position = record.position;
        }
        Stretch {
            to: self.position,
            bound,
            at: self.world.at(),
            events,
        }
    }
}
