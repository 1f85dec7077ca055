//! The rules of time of a session: an order that nobody reads goes to the next channel, a seat
//! that misses its clock is late once, a timer rings once. Pure: what was raised is in the state.

use super::event::{Climbed, Late, SessionEvent, TimerNote};
use super::{Channel, Seat, SeatClock, Session, Step};
use crate::time::{Span, Timestamp};

/// When the rules must look at a session next.
pub fn next_check(session: &Session) -> Option<Timestamp> {
    if !session.stage.is_open() {
        return None;
    }
    let timers = session.timers.iter();
    let timers = timers.filter(|timer| timer.rang.is_none() && timer.stopped.is_none());
    let seats = session.seats.iter().filter(|seat| !seat.is_over());
    let seats = seats.flat_map(|seat| {
        let climb = next_channel(session, seat).map(|(_, at)| at);
        let clocks = open_clocks(seat).map(|(_, due)| due);
        climb.into_iter().chain(clocks)
    });
    timers.map(|timer| timer.due).chain(seats).min()
}

/// What is due at `now`, the earliest first.
pub fn check(session: &Session, now: Timestamp) -> Vec<SessionEvent> {
    if next_check(session).is_none_or(|at| at > now) {
        return Vec::new();
    }
    let mut all: Vec<(Timestamp, SessionEvent)> = Vec::new();
    for seat in session.seats.iter().filter(|seat| !seat.is_over()) {
        if let Some((channel, due_at)) = next_channel(session, seat).filter(|(_, at)| *at <= now) {
            let org = seat.org.clone();
            let climbed = Climbed {
                org,
                channel,
                due_at,
            };
            all.push((due_at, SessionEvent::Climbed(climbed)));
        }
        for (clock, due_at) in open_clocks(seat).filter(|(_, due)| *due <= now) {
            let org = seat.org.clone();
            all.push((due_at, SessionEvent::Late(Late { org, clock, due_at })));
        }
    }
    for (at, timer) in session.timers.iter().enumerate() {
        if timer.rang.is_none() && timer.stopped.is_none() && timer.due <= now {
            let timer_no = u8::try_from(at).unwrap_or(u8::MAX);
            all.push((
                timer.due,
                SessionEvent::TimerRang(TimerNote { timer: timer_no }),
            ));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, event)| event).collect()
}

/// The channel that an order goes to next, and when. Each channel gets its whole time, also after
/// an outage; whoever read or acknowledged it is called no further.
pub fn next_channel(session: &Session, seat: &Seat) -> Option<(Channel, Timestamp)> {
    if seat.reached(Step::Read).is_some() {
        return None;
    }
    let last = seat.tried.last()?;
    let at = Channel::CHAIN.iter().position(|one| *one == last.channel)?;
    let next = Channel::CHAIN.get(at + 1)?;
    Some((*next, last.at + Span::secs(i64::from(session.read_secs))))
}

/// The clocks of a seat that run and have not been found missed.
fn open_clocks(seat: &Seat) -> impl Iterator<Item = (SeatClock, Timestamp)> + '_ {
    let muster = (SeatClock::Muster, seat.muster_due, Step::Moving);
    let respond = (SeatClock::Respond, seat.respond_due, Step::Arrived);
    [muster, respond]
        .into_iter()
        .filter(|(clock, _, step)| {
            let missed = seat.missed.iter().any(|missed| missed.clock == *clock);
            !missed && seat.reached(*step).is_none()
        })
        .filter_map(|(clock, due, _)| Some((clock, due?)))
}
