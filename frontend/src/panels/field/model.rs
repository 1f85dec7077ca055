//! What a tablet shows of a session, and what was tapped on it and is not sent yet. Pure.

use domain::access::{SessionMove, may_in_session};
use domain::actor::{Actor, Role};
use domain::deployment::position::metres;
use domain::pack::orgs::OrgId;
use domain::session::{Seat, Session, Step, Task};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::panels::report::model::{Verdict, verdict};

/// Roads are longer than the straight line by about this much.
const DETOUR: f64 = 1.35;
/// What a vehicle of a county makes on its way, metres a second; a slower one has not set out yet.
const USUAL_SPEED: f64 = 9.0;
/// Below this a speed is somebody standing.
const SLOWEST: f64 = 2.0;

/// A position of this tablet.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Spot {
    /// Degrees east, WGS-84.
    pub lon: f64,
    /// Degrees north, WGS-84.
    pub lat: f64,
    /// Within how many metres.
    #[serde(default)]
    pub accuracy: Option<f64>,
    /// Degrees from north, clockwise.
    #[serde(default)]
    pub heading: Option<f64>,
    /// Metres a second.
    #[serde(default)]
    pub speed: Option<f64>,
}

/// A photo or a voice note that goes with a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// What this tablet keeps it under.
    pub id: String,
    /// What the server keeps it under, once it has it.
    #[serde(default)]
    pub sent_as: Option<String>,
}

/// How far a tap has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fate {
    /// Waits to be sent; why it could not be, where the server said so.
    Waiting(Option<String>),
    /// The server has it.
    Sent,
    /// The server will not have it; what it said.
    Refused(String),
}

/// One tap: kept before anything is sent, with the time at which it was made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tap {
    /// Its idempotency key: however often it is sent, it is taken once.
    pub key: String,
    /// The person who tapped, by id: nobody else's cookie sends it.
    pub by: String,
    /// For which organisation.
    pub org: Option<OrgId>,
    /// The session, by id.
    pub session: String,
    /// The command's name.
    pub command: String,
    /// Its fields, but for its time and what is attached.
    pub body: Value,
    /// When it was made, by the server's clock as this tablet knew it.
    pub at: Timestamp,
    /// The step it says, if it says one.
    pub step: Option<Step>,
    /// What goes with it.
    pub piece: Option<Piece>,
    /// Where it was made.
    pub spot: Option<Spot>,
    /// Whose position that is.
    pub unit: Option<String>,
    /// How far it has come.
    pub fate: Fate,
}

impl Tap {
    /// Whether it is to be sent.
    pub fn waits(&self) -> bool {
        matches!(self.fate, Fate::Waiting(_))
    }

    /// Whether somebody should know that it waits: that an order was opened, they need not.
    pub fn counts(&self) -> bool {
        self.step != Some(Step::Read)
    }

    /// What is sent: the fields of the command with the tap's own time.
    pub fn sent_body(&self) -> Value {
        let mut body = self.body.clone();
        let Some(fields) = body.as_object_mut() else {
            return body;
        };
        if TIMED.contains(&self.command.as_str()) {
            fields.insert("occurred_at".to_owned(), json!(self.at));
        }
        if self.command == "say" {
            fields.insert("key".to_owned(), json!(self.key));
            let sent: Vec<&String> = self
                .piece
                .iter()
                .filter_map(|p| p.sent_as.as_ref())
                .collect();
            fields.insert("attachments".to_owned(), json!(sent));
        }
        body
    }

    /// The position that goes with it: the button's, at its own time.
    pub fn position(&self) -> Option<Value> {
        let (spot, unit) = (self.spot?, self.unit.as_ref()?);
        self.step.filter(|step| *step >= Step::Acknowledged)?;
        Some(json!([{
            "unit": unit, "lon": spot.lon, "lat": spot.lat, "at": self.at, "source": "button",
            "accuracy": spot.accuracy, "heading": spot.heading, "speed": spot.speed,
        }]))
    }
}

/// The commands that tell when they were made.
const TIMED: [&str; 9] = [
    "read",
    "acknowledge",
    "move",
    "arrive",
    "work",
    "sign_off",
    "vote",
    "say",
    "acknowledge_message",
];

/// What an answer means for a tap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The server has it.
    Taken,
    /// Later; why, where the server said so.
    Later(Option<String>),
    /// It may be this very tap, sent before and never answered: the session says so.
    Ask(String),
    /// Not taken; what the server said.
    Refused(String),
}

/// Reads an answer. What was taken before and is sent again is no conflict.
pub fn answer(tap: &Tap, status: u16, body: &str) -> Answer {
    let said = match verdict(status, body) {
        Verdict::Good => return Answer::Taken,
        Verdict::Later(why) => return Answer::Later(why),
        Verdict::Never(said) => said,
    };
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let code = document["code"].as_str().unwrap_or_default();
    match code {
        "said_already" | "already_acknowledged" => Answer::Taken,
        // Whoever has read it further on has read it.
        "told_already" | "further_already" | "seat_is_over" if !tap.counts() => Answer::Taken,
        "told_already" | "seat_is_over" => Answer::Ask(said),
        _ => Answer::Refused(said),
    }
}

/// Whether a session shows that this tap was taken: a mark of its step by its person at its time.
pub fn was_taken(tap: &Tap, session: &Session) -> bool {
    let seat = tap.org.as_ref().and_then(|org| session.seat(org));
    let marks = seat.map(|seat| seat.marks.as_slice()).unwrap_or_default();
    marks
        .iter()
        .any(|mark| Some(mark.step) == tap.step && mark.by.id == tap.by && mark.when() >= tap.at)
}

/// Whether a session shows what a tap said, so that it need not be shown beside it.
pub fn is_shown(tap: &Tap, session: &Session) -> bool {
    match (tap.step, tap.command.as_str()) {
        (Some(step), _) => {
            let seat = tap.org.as_ref().and_then(|org| session.seat(org));
            seat.and_then(Seat::step).is_some_and(|at| at >= step)
        }
        (None, "say") => {
            let mut messages = session.messages.iter();
            messages.any(|one| one.key.as_deref() == Some(tap.key.as_str()))
        }
        _ => true,
    }
}

/// How far a seat is, with what was tapped here and is on its way.
pub fn step_of(seat: &Seat, session: &Session, taps: &[Tap]) -> Option<Step> {
    let id = session.id.to_string();
    let mine = taps.iter().filter(|tap| {
        tap.session == id
            && tap.org.as_ref() == Some(&seat.org)
            && !matches!(tap.fate, Fate::Refused(_))
    });
    mine.filter_map(|tap| tap.step).chain(seat.step()).max()
}

/// What the one big button does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The session is set up; nobody was ordered.
    NotOrdered,
    /// Say this step.
    Say(Step),
    /// Say what was done, and sign off.
    SignOff,
    /// Report and close.
    Close,
    /// The lead waits for the commander to say that it is under control.
    AwaitControl,
    /// The lead waits for so many cooperators to sign off.
    AwaitOthers(usize),
    /// Say that it is under control: the commander's.
    Control,
    /// Nothing is owed.
    Rest,
    /// The session is over.
    Over,
}

/// What comes next for an actor in a session.
pub fn next(actor: &Actor, session: &Session, taps: &[Tap]) -> Next {
    if !session.stage.is_open() {
        return Next::Over;
    }
    if session.ordered_at.is_none() {
        return Next::NotOrdered;
    }
    let seat = actor.org.as_ref().and_then(|org| session.seat(org));
    let Some(seat) = seat.filter(|seat| !seat.is_released()) else {
        let may = may_in_session(actor, SessionMove::Control, session).is_ok();
        let is_done = session.stage == domain::session::Stage::UnderControl;
        return if may && !is_done && commands(actor, session) {
            Next::Control
        } else {
            Next::Rest
        };
    };
    match step_of(seat, session, taps) {
        None | Some(Step::Sent | Step::Delivered | Step::Read) => Next::Say(Step::Acknowledged),
        Some(Step::Acknowledged) => Next::Say(Step::Moving),
        Some(Step::Moving) => Next::Say(Step::Arrived),
        Some(Step::Arrived) => Next::Say(Step::Working),
        Some(Step::Working) if seat.task == Task::Cooperate => Next::SignOff,
        Some(Step::Working) => lead_next(actor, session),
        Some(Step::Done | Step::Released) => Next::Rest,
    }
}

fn lead_next(actor: &Actor, session: &Session) -> Next {
    if may_in_session(actor, SessionMove::Close, session).is_err() {
        return Next::AwaitControl;
    }
    let owing = session.seats.iter();
    let owing = owing.filter(|seat| seat.task == Task::Cooperate && !seat.is_over());
    match owing.count() {
        0 => Next::Close,
        n => Next::AwaitOthers(n),
    }
}

/// Whether an actor commands a session.
pub fn commands(actor: &Actor, session: &Session) -> bool {
    !actor.id.is_empty() && actor.id == session.commander.id
}

/// The command that says a step.
pub const fn command_of(step: Step) -> &'static str {
    match step {
        Step::Acknowledged => "acknowledge",
        Step::Moving => "move",
        Step::Arrived => "arrive",
        Step::Working => "work",
        Step::Sent | Step::Delivered | Step::Read | Step::Done | Step::Released => "read",
    }
}

/// What the ring counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// Until one must be moving.
    Moving,
    /// Until one must be there.
    Arriving,
    /// How long it has lasted.
    Elapsed,
}

/// The ring: what it counts, the seconds on it (below zero when late), and how full it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ring {
    /// What it counts.
    pub counts: Counts,
    /// Seconds left, or gone by.
    pub secs: i64,
    /// 0 to 1.
    pub share: f64,
}

/// The ring of a session for an actor at a time.
pub fn ring(actor: &Actor, session: &Session, taps: &[Tap], now: Timestamp) -> Option<Ring> {
    let ordered = session.ordered_at?;
    let left = |counts, due: Timestamp, secs: u32| Ring {
        counts,
        secs: (due - now).as_secs(),
        share: ((due - now).as_secs() as f64 / f64::from(secs.max(1))).clamp(0.0, 1.0),
    };
    let open = session.stage.is_open();
    let seat = actor.org.as_ref().and_then(|org| session.seat(org));
    if let Some(seat) = seat.filter(|seat| open && !seat.is_over()) {
        let at = step_of(seat, session, taps);
        if at < Some(Step::Moving) {
            return Some(left(Counts::Moving, seat.muster_due?, session.muster_secs));
        }
        if let (true, Some(due)) = (at < Some(Step::Arrived), seat.respond_due) {
            let whole = session.respond_secs.unwrap_or(1);
            return Some(left(Counts::Arriving, due, whole));
        }
    } else if let Some(verdict) = session.verdict(now).filter(|v| open && !v.is_all_out()) {
        return Some(left(Counts::Moving, verdict.due, session.muster_secs));
    }
    let until = session.ended_at.unwrap_or(now);
    Some(Ring {
        counts: Counts::Elapsed,
        secs: (until - ordered).as_secs().max(0),
        share: 1.0,
    })
}

/// Minutes and seconds, or hours and minutes from an hour on.
pub fn clock(secs: i64) -> String {
    let secs = secs.unsigned_abs();
    if secs >= 3_600 {
        return format!("{}:{:02}", secs / 3_600, secs / 60 % 60) + "h";
    }
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// The way to the scene: metres in a straight line, and about how many seconds by road.
pub fn way(from: &Spot, session: &Session) -> Option<(f64, f64)> {
    let scene = session.place.lon.zip(session.place.lat)?;
    let away = metres((from.lon, from.lat), scene);
    let speed = from.speed.filter(|speed| *speed >= SLOWEST);
    Some((away, away * DETOUR / speed.unwrap_or(USUAL_SPEED)))
}

/// A distance in kilometres with one decimal, or in metres below one.
pub fn distance(metres: f64) -> (String, bool) {
    let metres = metres.max(0.0).round() as u64;
    if metres < 1_000 {
        return ((metres / 10 * 10).to_string(), false);
    }
    (format!("{}.{}", metres / 1_000, metres / 100 % 10), true)
}

/// The sessions somebody has to do with: open ones first, the newest first, then those of the last day.
pub fn mine<'a>(
    actor: &Actor,
    all: impl Iterator<Item = &'a Session>,
    now: Timestamp,
) -> Vec<Session> {
    const DAY_MS: i64 = 86_400_000;
    let concerns = |one: &&Session| {
        let org = actor.org.as_ref();
        let seat = org.and_then(|org| one.seat(org));
        let asked = org.is_some() && org == one.asker.org.as_ref();
        // The centre and the county's leaders act in every session of their region.
        let above = matches!(actor.role, Role::Centre | Role::Leader) && actor.covers(one.region);
        commands(actor, one) || seat.is_some() || asked || above
    };
    let fresh = |one: &&Session| {
        let ended = one.ended_at.map_or(0, |end| now.millis() - end.millis());
        one.stage.is_open() || ended < DAY_MS
    };
    let mut found: Vec<Session> = all.filter(concerns).filter(fresh).cloned().collect();
    found.sort_by_key(|one| {
        (
            !one.stage.is_open(),
            !commands(actor, one),
            std::cmp::Reverse(one.opened_at),
            one.id,
        )
    });
    found
}

/// A clock of the server that is known without it: where it stood at a time of this machine's, and
/// how fast it runs beside it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Anchor {
    /// The server's time, ms.
    pub server_ms: i64,
    /// This machine's, ms.
    pub local_ms: f64,
    /// Seconds of the server's in one of this machine's.
    pub rate: f64,
}

impl Anchor {
    /// How far apart two looks must be before they tell how fast the server's clock runs, ms.
    const APART_MS: f64 = 5_000.0;

    /// The server's time at a time of this machine's.
    pub fn at(&self, local_ms: f64) -> i64 {
        self.server_ms + ((local_ms - self.local_ms).max(0.0) * self.rate) as i64
    }

    /// A newer look at the server's clock.
    pub fn seen(before: Option<Self>, server_ms: i64, local_ms: f64) -> Self {
        let rate = before.map_or(1.0, |old| {
            let gone = local_ms - old.local_ms;
            let told = (server_ms - old.server_ms) as f64 / gone;
            if gone >= Self::APART_MS && (0.5..4_000.0).contains(&told) {
                // In life it runs as this machine's does, whatever the second's edges say.
                if told < 1.5 { 1.0 } else { told }
            } else {
                old.rate
            }
        });
        Self {
            server_ms,
            local_ms,
            rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(command: &str, step: Option<Step>) -> Tap {
        Tap {
            key: "0123456789abcdef".to_owned(),
            by: "zhao".to_owned(),
            org: None,
            session: "s".to_owned(),
            command: command.to_owned(),
            body: json!({ "text": "x" }),
            at: Timestamp::from_millis(1_000),
            step,
            piece: None,
            spot: None,
            unit: None,
            fate: Fate::Waiting(None),
        }
    }

    #[test]
    fn a_tap_is_sent_with_its_own_time_and_a_message_with_its_key() {
        let moved = tap("move", Some(Step::Moving)).sent_body();
        assert_eq!(moved["occurred_at"], json!(Timestamp::from_millis(1_000)));
        assert_eq!(moved.get("key"), None);
        let mut said = tap("say", None);
        said.piece = Some(Piece {
            id: "here".to_owned(),
            sent_as: Some("there".to_owned()),
        });
        assert_eq!(said.sent_body()["key"], said.key);
        assert_eq!(said.sent_body()["attachments"], json!(["there"]));
        let closed = tap("close", None).sent_body();
        assert_eq!(closed.get("occurred_at"), None, "it tells no time");
        let kept = serde_json::to_string(&said).expect("json");
        assert_eq!(serde_json::from_str::<Tap>(&kept).expect("tap"), said);
    }

    #[test]
    fn what_was_taken_before_is_no_conflict_and_what_was_not_is_told() {
        let told = |code: &str| format!(r#"{{"code":"{code}","detail":"说明"}}"#);
        let moved = tap("move", Some(Step::Moving));
        let read = tap("read", Some(Step::Read));
        let said = tap("say", None);
        assert_eq!(answer(&moved, 200, "{}"), Answer::Taken);
        assert_eq!(answer(&moved, 0, ""), Answer::Later(None));
        assert_eq!(answer(&said, 422, &told("said_already")), Answer::Taken);
        assert_eq!(answer(&read, 422, &told("further_already")), Answer::Taken);
        let said = "说明".to_owned();
        assert_eq!(
            answer(&moved, 422, &told("told_already")),
            Answer::Ask(said.clone())
        );
        assert_eq!(
            answer(&moved, 422, &told("wrong_stage")),
            Answer::Refused(said)
        );
    }

    #[test]
    fn a_position_goes_with_a_status_as_the_buttons() {
        let mut moved = tap("move", Some(Step::Moving));
        assert_eq!(moved.position(), None);
        moved.spot = Some(Spot {
            lon: 118.9,
            lat: 28.9,
            accuracy: Some(9.0),
            heading: None,
            speed: None,
        });
        moved.unit = Some("330899-U1".to_owned());
        let told = moved.position().expect("position");
        assert_eq!(told[0]["source"], "button");
        assert_eq!(told[0]["at"], json!(moved.at));
    }

    #[test]
    fn the_servers_clock_is_known_without_it_whatever_its_speed() {
        let first = Anchor::seen(None, 1_000_000, 500.0);
        assert_eq!(first.at(2_500.0), 1_002_000);
        assert_eq!(
            first.at(0.0),
            1_000_000,
            "this machine's clock was set back"
        );
        let life = Anchor::seen(Some(first), 1_010_400, 10_500.0);
        assert!((life.rate - 1.0).abs() < f64::EPSILON);
        let demo = Anchor::seen(Some(first), 1_600_000, 10_500.0);
        assert_eq!(demo.at(11_500.0), 1_660_000);
        let soon = Anchor::seen(Some(demo), 1_660_000, 11_500.0);
        assert!(
            (soon.rate - demo.rate).abs() < f64::EPSILON,
            "too near to tell"
        );
    }

    #[test]
    fn distances_and_clocks_read_well() {
        assert_eq!(distance(2_449.0), ("2.4".to_owned(), true));
        assert_eq!(distance(187.0), ("180".to_owned(), false));
        assert_eq!(clock(198), "3:18");
        assert_eq!(clock(-62), "1:02");
        assert_eq!(clock(4_000), "1:06h");
    }
}
