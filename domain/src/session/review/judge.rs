//! Judging one seat, and all together.

use super::{Claim, Judgement, Member, Outcome, Phase, Point, Rung, Sighting, Verdict, Voted};
use crate::session::{About, Happening, Line, Mark, Seat, Session, Stage, Step, Task};
use crate::time::Timestamp;

/// The steps that are judged; being let go is none.
const STEPS: [Step; 7] = [
    Step::Delivered,
    Step::Read,
    Step::Acknowledged,
    Step::Moving,
    Step::Arrived,
    Step::Working,
    Step::Done,
];

/// Whole seconds from one time to a later one; 0 where it is not later.
fn secs(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.since(from).as_secs().max(0)).unwrap_or(u32::MAX)
}

pub(super) fn member(session: &Session, seat: &Seat, until: Timestamp) -> Member {
    let sent = seat.at(Step::Sent);
    let from = sent.unwrap_or(session.opened_at);
    let lines = || own_lines(session, seat, from);
    let doubted = lines().find(|line| line.what == Happening::MovementDoubted);
    let points = STEPS.iter().filter_map(|step| point(seat, *step, from));
    let points = points.map(|point| with_fence(point, seat, lines(), from));
    let mut steps: Vec<Point> = points.collect();
    if steps.iter().all(|point| point.step != Step::Done) {
        steps.extend(ended(session, seat, from));
    }
    let respond = seat.respond_due.is_some();
    Member {
        org: seat.org.clone(),
        task: seat.task,
        units: seat.units.clone(),
        ask: seat.ask.clone(),
        warnings: seat.warnings.clone(),
        ordered_at: sent,
        steps,
        muster: judgement(seat, seat.muster_due, Step::Moving, until),
        respond: respond.then(|| judgement(seat, seat.respond_due, Step::Arrived, until)),
        chain: chain(seat, from),
        doubted_at: doubted.map(|line| line.at),
        votes: lines().filter_map(voted).collect(),
        released_at: seat.at(Step::Released),
        result: seat.result.clone(),
        rating: seat.rating.clone(),
    }
}

/// The lead signs off nothing of its own: its part is done when it closes the session.
fn ended(session: &Session, seat: &Seat, from: Timestamp) -> Option<Point> {
    let mut lines = session.timeline.iter();
    let closed = lines.find(|line| line.what == Happening::Closed);
    let closed = closed.filter(|_| seat.task == Task::Lead && !seat.is_released())?;
    Some(Point {
        step: Step::Done,
        at: closed.at,
        secs: secs(from, closed.at),
        claimed: None,
        observed: None,
    })
}

/// What the timeline says of a seat since it was ordered; who was let go and called again starts
/// anew.
fn own_lines<'a>(
    session: &'a Session,
    seat: &'a Seat,
    from: Timestamp,
) -> impl Iterator<Item = &'a Line> {
    let lines = session.timeline.iter();
    lines.filter(move |line| line.at >= from && line.org.as_ref() == Some(&seat.org))
}

fn point(seat: &Seat, step: Step, from: Timestamp) -> Option<Point> {
    let at = seat.reached(step)?;
    let claim = |mark: &Mark| Claim {
        at: mark.when(),
        secs: secs(from, mark.when()),
        told_at: Some(mark.at).filter(|told| *told > mark.when()),
        evidence: mark.evidence.clone(),
        by: mark.by.clone(),
    };
    let sighting = |mark: &Mark| Sighting {
        at: mark.when(),
        secs: secs(from, mark.when()),
        metres: mark.evidence.metres(),
    };
    Some(Point {
        step,
        at,
        secs: secs(from, at),
        claimed: seat.claimed(step).map(claim),
        observed: seat.observed(step).map(sighting),
    })
}

/// Of an arrival, positions show the fence that was crossed.
fn with_fence<'a>(
    point: Point,
    seat: &Seat,
    mut lines: impl Iterator<Item = &'a Line>,
    from: Timestamp,
) -> Point {
    let crossed = seat.seems_there.filter(|_| point.step == Step::Arrived);
    let Some(at) = crossed.filter(|_| point.observed.is_none()) else {
        return point;
    };
    let line = lines.find(|line| line.what == Happening::ArrivalSuggested);
    let metres = line.and_then(|line| match line.about {
        Some(About::Metres(metres)) => Some(metres),
        _ => None,
    });
    Point {
        observed: Some(Sighting {
            at,
            secs: secs(from, at),
            metres,
        }),
        ..point
    }
}

fn judgement(seat: &Seat, due: Option<Timestamp>, step: Step, until: Timestamp) -> Judgement {
    let sent = seat.at(Step::Sent);
    let reached = seat.reached(step);
    let late = due.map_or(0, |due| secs(due, reached.unwrap_or(until)));
    // A fraction of a second is late too.
    let is_late = due.is_some_and(|due| reached.unwrap_or(until) > due);
    let outcome = match (seat.is_released(), sent, reached) {
        (true, ..) => Outcome::Excused,
        (_, None, _) => Outcome::Unjudged,
        (_, _, Some(_)) if is_late => Outcome::Late,
        (_, _, Some(_)) => Outcome::InTime,
        (_, _, None) if due.is_some_and(|due| until >= due) => Outcome::Missing,
        (_, _, None) => Outcome::Unjudged,
    };
    Judgement {
        outcome,
        due,
        secs: reached.zip(sent).map(|(at, sent)| secs(sent, at)),
        late_secs: late,
    }
}

fn chain(seat: &Seat, from: Timestamp) -> Vec<Rung> {
    let tried = seat.tried.iter().map(|tried| Rung {
        channel: tried.channel,
        at: tried.at,
        secs: secs(from, tried.at),
    });
    tried.collect()
}

fn voted(line: &Line) -> Option<Voted> {
    let Some(About::Call(call)) = line.about else {
        return None;
    };
    Some(Voted {
        call,
        at: line.occurred_at.unwrap_or(line.at),
        note: line.text.clone(),
    })
}

/// The verdict as the fold of the members.
pub(super) fn verdict(ordered_at: Option<Timestamp>, members: &[Member]) -> Option<Verdict> {
    let ordered = ordered_at?;
    let owing = members
        .iter()
        .filter(|member| member.ordered_at.is_some() && member.muster.outcome != Outcome::Excused);
    let (mut of, mut moving, mut in_time, mut late) = (0, 0, 0, false);
    for member in owing {
        of += 1;
        moving += u32::from(member.muster.secs.is_some());
        in_time += u32::from(member.muster.outcome == Outcome::InTime);
        late |= matches!(member.muster.outcome, Outcome::Late | Outcome::Missing);
    }
    let dues = members.iter().filter_map(|member| member.muster.due);
    Some(Verdict {
        of,
        moving,
        in_time,
        all_out: moving == of,
        all_in_time: moving == of && !late,
        due: dues.max().unwrap_or(ordered),
    })
}

/// When each stage was reached, from what brought it about.
pub(super) fn phases(session: &Session, members: &[Member]) -> Vec<Phase> {
    let line = |what| {
        let mut lines = session.timeline.iter();
        lines.find(|line| line.what == what).map(|line| line.at)
    };
    let owing = || members.iter().filter(|one| one.released_at.is_none());
    let all = |step| {
        let at = owing().map(|one| one.point(step).map(|point| point.at));
        at.collect::<Option<Vec<_>>>()?.into_iter().max()
    };
    let first = |step| {
        let points = members.iter().filter_map(|one| one.point(step));
        points.map(|point| point.at).min()
    };
    let is_rated = session.stage == Stage::Reviewed;
    let rated = session.timeline.iter().rev();
    let rated = rated.filter(|line| is_rated && line.what == Happening::Rated);
    let found = [
        (Stage::Created, Some(session.opened_at)),
        (Stage::Ordered, session.ordered_at),
        (Stage::Mobilising, first(Step::Acknowledged)),
        (Stage::AllOut, all(Step::Moving)),
        (Stage::OnScene, first(Step::Arrived)),
        (Stage::UnderControl, line(Happening::Controlled)),
        (Stage::Ended, line(Happening::Closed)),
        (Stage::Reviewed, rated.map(|line| line.at).next()),
        (Stage::Aborted, line(Happening::Aborted)),
    ];
    let reached = found.into_iter().filter_map(|(stage, at)| {
        let at = at?;
        let ordered = session.ordered_at.filter(|ordered| *ordered <= at);
        Some(Phase {
            stage,
            at,
            secs: ordered.map(|ordered| secs(ordered, at)),
        })
    });
    reached.collect()
}
