//! A session in few words: its muster clock, its seats, its verdict. What it means is `domain`'s.

use domain::session::{Seat, Session, Stage, Step, Task};
use domain::time::Timestamp;

use crate::i18n::{Lang, Text, command as k, fill, format};
use crate::words::Words;

/// The muster clock as a ring and its figures.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Clock {
    /// Since T0, or as long as it took, ms; none before the order.
    pub elapsed: Option<i64>,
    /// The limit, ms.
    pub limit: i64,
    /// Whether somebody is late now.
    pub is_late: bool,
    /// Whether everybody moves.
    pub is_done: bool,
}

impl Clock {
    /// `06:42`, or nothing before the order.
    pub fn text(&self) -> String {
        self.elapsed
            .map_or_else(|| "--:--".to_owned(), format::clock)
    }

    /// How much of the limit is used up, 0 to 1.
    pub fn share(&self) -> f64 {
        let elapsed = self.elapsed.unwrap_or_default();
        if self.is_late || self.limit <= 0 {
            return 1.0;
        }
        (elapsed as f64 / self.limit as f64).clamp(0.0, 1.0)
    }

    /// Its state, for styles and checks.
    pub fn state(&self) -> &'static str {
        match (self.elapsed, self.is_late, self.is_done) {
            (None, ..) => "waiting",
            (_, true, _) => "late",
            (_, _, true) => "done",
            _ => "running",
        }
    }
}

/// The muster clock of a session at `now`.
pub fn clock(session: &Session, now: Timestamp) -> Clock {
    let limit = i64::from(session.muster_secs) * 1_000;
    let (Some(ordered), Some(verdict)) = (session.ordered_at, session.verdict(now)) else {
        return Clock {
            limit,
            ..Clock::default()
        };
    };
    let is_done = verdict.is_all_out();
    let seats = session.seats.iter().filter(|seat| !seat.is_released());
    let last = seats.filter_map(|seat| seat.reached(Step::Moving)).max();
    let until = if is_done { last } else { None };
    let until = until.unwrap_or_else(|| session.ended_at.map_or(now, |end| end.min(now)));
    Clock {
        elapsed: Some(until.since(ordered).millis().max(0)),
        limit,
        is_late: !is_done && session.stage.is_open() && verdict.late().next().is_some(),
        is_done,
    }
}

/// A seat in few words.
#[derive(Clone, PartialEq, Debug)]
pub struct SeatView {
    /// The organisation.
    pub org: String,
    /// Its name, short.
    pub name: String,
    /// What it does, or how late it is.
    pub word: String,
    /// `wait`, `read`, `go`, `on`, `done`, `gone` or `late`, for styles and checks.
    pub state: &'static str,
    /// Whether it leads.
    pub leads: bool,
    /// Whether its positions contradict it.
    pub is_doubted: bool,
}

/// What a step is called.
pub const fn step_name(step: Option<Step>) -> Text {
    match step {
        None => k::SEAT_SET,
        Some(Step::Sent) => k::SEAT_SENT,
        Some(Step::Delivered) => k::SEAT_DELIVERED,
        Some(Step::Read) => k::SEAT_READ,
        Some(Step::Acknowledged) => k::SEAT_ACKNOWLEDGED,
        Some(Step::Moving) => k::SEAT_MOVING,
        Some(Step::Arrived) => k::SEAT_ARRIVED,
        Some(Step::Working) => k::SEAT_WORKING,
        Some(Step::Done) => k::SEAT_DONE,
        Some(Step::Released) => k::SEAT_RELEASED,
    }
}

/// How late a seat is now, ms; none while it is not, and once it moves.
pub fn late_by(session: &Session, seat: &Seat, now: Timestamp) -> Option<i64> {
    let waits = session.stage.is_open() && !seat.is_released();
    let due = seat.muster_due.filter(|_| waits)?;
    let late = now.since(due).millis();
    (seat.reached(Step::Moving).is_none() && late > 0).then_some(late)
}

/// A seat at `now`.
pub fn seat(session: &Session, seat: &Seat, now: Timestamp, words: &Words, lang: Lang) -> SeatView {
    let org = seat.org.to_string();
    let step = seat.step();
    let late = late_by(session, seat, now);
    let state = match step {
        _ if late.is_some() => "late",
        None | Some(Step::Sent | Step::Delivered) => "wait",
        Some(Step::Read | Step::Acknowledged) => "read",
        Some(Step::Moving) => "go",
        Some(Step::Arrived | Step::Working) => "on",
        Some(Step::Done) => "done",
        Some(Step::Released) => "gone",
    };
    let word = late.map_or_else(
        || lang.of(step_name(step)).to_owned(),
        |late| fill(lang.of(k::SEAT_LATE), &[("t", &format::clock(late))]),
    );
    SeatView {
        name: words.org(lang, &org, session.region).to_owned(),
        org,
        word,
        state,
        leads: seat.task == Task::Lead,
        is_doubted: seat.doubted.is_some() && seat.observed(Step::Moving).is_none(),
    }
}

/// The verdict in one sentence.
pub fn verdict(session: &Session, now: Timestamp, words: &Words, lang: Lang) -> String {
    let Some(verdict) = session.verdict(now) else {
        return lang.of(k::NOT_ORDERED).to_owned();
    };
    let (all, moving) = (verdict.members.len(), verdict.moving());
    let (all, moving) = (all.to_string(), moving.to_string());
    let mut text = fill(lang.of(k::V_MOVING), &[("n", &all), ("m", &moving)]);
    let left = verdict.due.since(now).millis();
    let name = |org: &domain::pack::orgs::OrgId| {
        let id = org.to_string();
        words.org(lang, &id, session.region).to_owned()
    };
    if verdict.is_in_time() {
        text += lang.of(k::V_IN_TIME);
    } else if left > 0 && session.stage.is_open() && !verdict.is_all_out() {
        text += &fill(lang.of(k::V_LEFT), &[("t", &format::clock(left))]);
    }
    for member in verdict.late() {
        let (org, late) = (name(&member.org), format::clock(member.late.millis()));
        text += &fill(lang.of(k::V_LATE), &[("org", &org), ("t", &late)]);
    }
    for member in verdict.members.iter().filter(|one| one.is_doubted) {
        text += &fill(lang.of(k::V_DOUBT), &[("org", &name(&member.org))]);
    }
    text
}

/// What a session is about: its title, or that it must not be told here.
pub fn title(session: &Session, lang: Lang) -> String {
    let title = if session.title.is_empty() {
        lang.of(k::VEILED)
    } else {
        &session.title
    };
    if session.is_drill() {
        fill(lang.of(k::DRILL_TITLE), &[("title", title)])
    } else {
        title.to_owned()
    }
}

/// The name of a stage.
pub const fn stage(stage: Stage, lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => stage.zh(),
        Lang::En => stage.en(),
    }
}

/// The sessions a board shows at `now`, the oldest order first: those under way, and those that
/// ended a moment ago.
pub fn shown<'a>(all: impl Iterator<Item = &'a Session>, now: Timestamp) -> Vec<Session> {
    const LINGER_MS: i64 = 300_000;
    let fresh = |one: &&Session| {
        let ended = one.ended_at.map(|at| now.since(at).millis());
        one.stage.is_open() || ended.is_some_and(|ms| ms < LINGER_MS)
    };
    let mut found: Vec<Session> = all.filter(fresh).cloned().collect();
    found.sort_unstable_by_key(|one| (!one.stage.is_open(), one.opened_at, one.id));
    found
}

/// Which of `n` is foremost at `now` in rotation; the first where there is but one.
pub fn in_turn(n: usize, now_ms: i64) -> usize {
    const TURN_MS: i64 = 15_000;
    let turn = usize::try_from(now_ms / TURN_MS).unwrap_or_default();
    if n == 0 { 0 } else { turn % n }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const T0: &str = "2026-11-23T14:00:00+08:00";

    fn at(secs: i64) -> Timestamp {
        let start: Timestamp = T0.parse().expect("time");
        start + domain::time::Span::secs(secs)
    }

    fn mark(step: &str, secs: i64) -> serde_json::Value {
        json!({"step": step, "at": at(secs), "evidence": {"by": "button"},
            "by": {"id": "x", "role": "unit"}})
    }

    fn session(moved: &[Option<i64>]) -> Session {
        let seats: Vec<_> = moved
            .iter()
            .enumerate()
            .map(|(n, moved)| {
                let mut marks = vec![mark("sent", 0)];
                marks.extend(moved.map(|secs| mark("moving", secs)));
                json!({"org": format!("U-{n}"), "task": if n == 0 { "lead" } else { "cooperate" },
                    "muster_due": at(600), "marks": marks})
            })
            .collect();
        let value = json!({
            "id": "6f1d2c0e-9b7a-4e0f-8c55-3d217a90be14", "version": 1, "kind": "drill",
            "region": "330899101", "place": {}, "title": "燃气泄漏", "stage": "ordered",
            "opened_at": at(0), "asker": {"id": "c", "role": "centre"},
            "commander": {"since": at(0)}, "ordered_at": at(0), "read_secs": 60,
            "muster_secs": 600, "seats": seats, "timeline": [],
        });
        serde_json::from_value(value).expect("session")
    }

    #[test]
    fn the_clock_runs_until_all_move_and_turns_late_when_one_does_not() {
        let one = session(&[Some(60), None]);
        let running = clock(&one, at(402));
        assert_eq!(
            (running.text().as_str(), running.state()),
            ("06:42", "running")
        );
        let late = clock(&one, at(734));
        assert_eq!((late.text().as_str(), late.state()), ("12:14", "late"));
        let all = clock(&session(&[Some(60), Some(300)]), at(900));
        assert_eq!((all.text().as_str(), all.state()), ("05:00", "done"));
    }

    #[test]
    fn the_verdict_names_who_is_late_and_a_drill_says_so() {
        let (one, words) = (session(&[Some(60), None]), Words::default());
        let told = verdict(&one, at(734), &words, Lang::Zh);
        assert!(
            told.contains("2 家中 1 家已出动") && told.contains("U-1") && told.contains("02:14"),
            "{told}"
        );
        assert!(title(&one, Lang::Zh).contains("演练"));
        let late = seat(&one, &one.seats[1], at(734), &words, Lang::Zh);
        assert_eq!((late.state, late.word.as_str()), ("late", "迟 02:14"));
        assert_eq!(
            seat(&one, &one.seats[0], at(734), &words, Lang::Zh).state,
            "go"
        );
    }

    #[test]
    fn boards_take_turns() {
        assert_eq!(in_turn(0, 99_000), 0);
        assert_ne!(in_turn(2, 0), in_turn(2, 15_000));
    }
}
