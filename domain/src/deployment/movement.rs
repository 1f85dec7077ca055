//! What of a unit's positions matters to its session: that it set out, that it did not although
//! it says so, that it seems to be there. A pure look at the state and the track; what was found
//! before is in the state, so it is found once.

use super::position::{Positions, Track, metres};
use crate::pack::sessions::SessionRules;
use crate::pack::units::UnitId;
use crate::session::event::{Marked, Seen, SessionEvent};
use crate::session::{Evidence, Seat, Session, Step};
use crate::time::{Span, Timestamp};

/// What the positions known at `now` bring about in a session, one event a seat at most.
pub fn check(
    session: &Session,
    positions: &Positions,
    rules: &SessionRules,
    now: Timestamp,
) -> Vec<SessionEvent> {
    let scene = session.place.lon.zip(session.place.lat);
    let (Some(scene), true) = (scene, session.stage.is_open()) else {
        return Vec::new();
    };
    let open = session.seats.iter().filter(|seat| !seat.is_over());
    open.filter_map(|seat| check_seat(seat, scene, positions, rules, now))
        .collect()
}

fn check_seat(
    seat: &Seat,
    scene: (f64, f64),
    positions: &Positions,
    rules: &SessionRules,
    now: Timestamp,
) -> Option<SessionEvent> {
    let sent = seat.at(Step::Sent)?;
    let tracks = seat.units.iter();
    let tracks = tracks.filter_map(|unit| Some((unit, positions.track(unit)?)));
    let mut still = None;
    for (unit, track) in tracks {
        let Some(look) = Look::at(track, scene, now, sent) else {
            continue;
        };
        if seat.observed(Step::Moving).is_none() && look.nearer > f64::from(rules.moved_metres) {
            return Some(moved(seat, unit, look.nearer));
        }
        let there = look.away <= f64::from(rules.fence_metres);
        if there && seat.seems_there.is_none() && seat.claimed(Step::Arrived).is_none() {
            return Some(SessionEvent::ArrivalSuggested(seen(seat, unit, look.away)));
        }
        if !there {
            still = Some((unit, look.away));
        }
    }
    let (unit, away) = still?;
    let claimed = seat.claimed(Step::Moving)?.at;
    let shows = seat.observed(Step::Moving).is_some() || seat.doubted.is_some();
    let patience = Span::secs(i64::from(rules.doubt_secs));
    (!shows && now - claimed >= patience)
        .then(|| SessionEvent::MovementDoubted(seen(seat, unit, away)))
}

/// A unit's way to the scene since it was ordered, in metres.
struct Look {
    away: f64,
    nearer: f64,
}

impl Look {
    /// Nothing to say where its position is stale, or none is known from the time of the order.
    fn at(track: &Track, scene: (f64, f64), now: Timestamp, sent: Timestamp) -> Option<Self> {
        if track.is_stale(now) {
            return None;
        }
        let best = track.best(now)?;
        if best.at < sent {
            return None;
        }
        let begin = track.at(sent).or_else(|| {
            let mut trail = track.trail();
            trail.next().map(|(_, lon, lat)| (lon, lat))
        })?;
        let away = metres((best.lon, best.lat), scene);
        Some(Self {
            away,
            nearer: metres(begin, scene) - away,
        })
    }
}

fn moved(seat: &Seat, unit: &UnitId, nearer: f64) -> SessionEvent {
    SessionEvent::Marked(Marked {
        org: seat.org.clone(),
        step: Step::Moving,
        evidence: Evidence::Position {
            unit: unit.clone(),
            metres: nearer as u32,
        },
        occurred_at: None,
        note: None,
    })
}

fn seen(seat: &Seat, unit: &UnitId, away: f64) -> Seen {
    Seen {
        org: seat.org.clone(),
        unit: unit.clone(),
        metres: away as u32,
    }
}
