//! How the simulated handlers behave: from an incident's state and the plan made for it, which
//! command comes next and when. Mostly in time, sometimes late, now and then not for hours.
//! Pure; asking the server and sending the commands is left to the driver.

use domain::time::{Span, Timestamp, UtcOffset};
use serde_json::{Value, json};

use super::dice::Dice;
use super::kinds::{self, TimeClass};

/// A minute in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// An hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// The share of orders that are not signed in time.
pub const LATE_SHARE: f64 = 0.15;
/// The share of orders that nobody touches for hours; part of the late ones.
const NEGLECT_SHARE: f64 = 0.03;
/// Work that takes longer than this is judged by other measures than a share of its limit.
const QUICK_LIMIT_MS: f64 = 4.0 * HOUR_MS as f64;

/// How much of a limit a step takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Done after this share of the limit, below 1.
    InTime(f64),
    /// Done this share of the limit after it was due, 0.1 to 3.
    Late(f64),
    /// Done this many milliseconds after it was due.
    Neglected(i64),
}

impl Pace {
    /// How long after the start of a clock of `limit_ms` the step is done, in milliseconds.
    pub fn delay_ms(self, limit_ms: i64) -> i64 {
        match self {
            Self::InTime(share) => (limit_ms as f64 * share) as i64,
            Self::Late(share) => limit_ms + (limit_ms as f64 * share) as i64,
            Self::Neglected(extra) => limit_ms + extra,
        }
    }

    /// Whether the step misses its limit.
    pub fn is_late(self) -> bool {
        !matches!(self, Self::InTime(_))
    }

    fn draw(dice: &mut Dice, late_share: f64, median: f64) -> Self {
        if dice.chance(late_share) {
            return Self::Late(dice.between(0.1, 3.0));
        }
        Self::InTime(dice.lognormal(median, 0.7).clamp(0.02, 0.95))
    }
}

/// What the handlers of one incident will do, drawn when its report is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The category a person gives it if the report has none.
    pub category: &'static str,
    /// After how many milliseconds a person takes on a report without a category.
    pub accept_after_ms: i64,
    /// Signing for the order.
    pub sign: Pace,
    /// The first action on the spot.
    pub first_action: Pace,
    /// The whole work.
    pub finish: Pace,
    /// After how many milliseconds the result is confirmed.
    pub confirm_after_ms: i64,
    /// Whether the reporter confirms, not the command room by call-back.
    pub reporter_confirms: bool,
    /// The word on the way.
    pub note: &'static str,
    /// What came of it.
    pub result: String,
}

impl Plan {
    /// Draws a plan for an incident of `category`; the texts come from the caller.
    pub fn draw(
        category: &'static str,
        note: &'static str,
        result: String,
        dice: &mut Dice,
    ) -> Self {
        let sign = if dice.chance(NEGLECT_SHARE) {
            Pace::Neglected(dice.whole(3 * HOUR_MS, 9 * HOUR_MS))
        } else {
            Pace::draw(
                dice,
                (LATE_SHARE - NEGLECT_SHARE) / (1.0 - NEGLECT_SHARE),
                0.3,
            )
        };
        let slow_to_answer = dice.chance(0.04);
        let confirm = if slow_to_answer { 12 * HOUR_MS } else { 0 }
            + (dice.lognormal(25.0, 0.9).min(360.0) * MINUTE_MS as f64) as i64;
        Self {
            category,
            accept_after_ms: dice.whole(5 * MINUTE_MS, 40 * MINUTE_MS),
            sign,
            first_action: Pace::draw(dice, 0.08, 0.35),
            finish: Pace::draw(dice, 0.10, 0.2),
            confirm_after_ms: confirm,
            reporter_confirms: false,
            note,
            result,
        }
    }

    /// Turns it into one that nobody touches for hours.
    pub fn neglect(&mut self) {
        self.sign = Pace::Neglected(5 * HOUR_MS);
    }
}

/// Where an incident stands, as far as handlers care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has taken it on.
    Reported,
    /// Taken on; its level is missing.
    Accepted,
    /// Its level stands; nobody is ordered.
    Assessed,
    /// Ordered, not signed for.
    Dispatched,
    /// In work.
    InProgress,
    /// The result waits for confirmation.
    Feedback,
    /// Nothing is left to do here, or it is in other hands.
    Done,
}

impl State {
    /// The state behind its name on the wire; an unknown one is left alone.
    pub fn parse(name: &str) -> Self {
        match name {
            "reported" => Self::Reported,
            "accepted" => Self::Accepted,
            "assessed" => Self::Assessed,
            "dispatched" => Self::Dispatched,
            "in_progress" => Self::InProgress,
            "feedback" => Self::Feedback,
            _ => Self::Done,
        }
    }
}

/// One clock of an incident; times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockView {
    /// `accept`, `sign`, `first_action`, `finish` or `confirm`.
    pub kind: String,
    /// When it began.
    pub start_ms: i64,
    /// When it is due.
    pub due_ms: i64,
    /// Whether it still runs.
    pub runs: bool,
}

/// What the server says about an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its version.
    pub version: Option<u64>,
    /// Where it stands.
    pub state: State,
    /// Whether it has a category.
    pub has_category: bool,
    /// Its clocks.
    pub clocks: Vec<ClockView>,
}

impl View {
    /// Reads `GET /incidents/{id}`; missing fields are taken as empty, a missing state as done.
    pub fn read(body: &Value) -> Self {
        let body = body
            .get("incident")
            .filter(|inner| inner.is_object())
            .unwrap_or(body);
        let state = body["state"]
            .as_str()
            .or_else(|| body["status"].as_str())
            .unwrap_or_default();
        let clocks = body["clocks"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Self {
            version: body["version"].as_u64(),
            state: State::parse(state),
            has_category: !body["category"].is_null(),
            clocks: clocks.iter().filter_map(read_clock).collect(),
        }
    }

    /// The newest clock of a kind.
    pub fn clock(&self, kind: &str) -> Option<&ClockView> {
        self.clocks.iter().rev().find(|clock| clock.kind == kind)
    }

    fn limit_ms(&self, kind: &str, otherwise: i64) -> i64 {
        self.clock(kind).map_or(otherwise, |clock| {
            (clock.due_ms - clock.start_ms).max(MINUTE_MS)
        })
    }
}

fn read_clock(clock: &Value) -> Option<ClockView> {
    Some(ClockView {
        kind: clock["kind"].as_str()?.to_owned(),
        start_ms: read_time(&clock["start"])?,
        due_ms: read_time(&clock["due"])?,
        runs: clock["stopped"].is_null(),
    })
}

/// A time on the wire in Unix milliseconds.
pub fn read_time(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse::<Timestamp>().ok().map(Timestamp::millis),
        other => other.as_i64(),
    }
}

/// How far the handlers have come with an incident; times are Unix milliseconds.
///
/// The times are those at which things *should* have happened: an incident followed up after the
/// event (a start in the middle of the day) catches up at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When it was reported.
    pub reported_ms: i64,
    /// When the last step was taken.
    pub last_ms: i64,
}

impl Cursor {
    /// The cursor of a report that came in at `reported_ms`.
    pub fn new(reported_ms: i64) -> Self {
        Self {
            reported_ms,
            last_ms: reported_ms,
        }
    }

    /// The cursor of an incident met on the way, from its clocks.
    pub fn found(view: &View, now_ms: i64) -> Self {
        let starts = view.clocks.iter().map(|clock| clock.start_ms);
        Self {
            reported_ms: starts.clone().min().unwrap_or(now_ms),
            last_ms: starts.max().unwrap_or(now_ms),
        }
    }
}

/// What may be sent to `POST /incidents/{id}/{command}` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Take it on under a category.
    Accept(&'static str),
    /// Set its level.
    Assess,
    /// Order whoever the duties name.
    Dispatch,
    /// Sign and begin.
    Start,
    /// A word on the way.
    Progress(&'static str),
    /// The result.
    Feedback(String),
    /// Confirm the result.
    Close,
}

impl Command {
    /// Its name in the path.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Assess => "assess",
            Self::Dispatch => "dispatch",
            Self::Start => "start",
            Self::Progress(_) => "progress",
            Self::Feedback(_) => "feedback",
            Self::Close => "close",
        }
    }

    /// Its body, without the expected version.
    pub fn body(&self) -> Value {
        match self {
            Self::Accept(category) => json!({ "category": category }),
            Self::Assess | Self::Dispatch | Self::Start => json!({}),
            Self::Progress(note) => json!({ "note": note }),
            Self::Feedback(result) => json!({ "result": result }),
            Self::Close => json!({ "satisfied": true }),
        }
    }

    /// Whether the unit that handles it sends this; otherwise it is the command room's.
    pub fn is_handlers(&self) -> bool {
        matches!(self, Self::Start | Self::Progress(_) | Self::Feedback(_))
    }
}

/// The next command and its time in Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at_ms: i64,
    /// What.
    pub command: Command,
}

/// What comes next for an incident; nothing once it is out of these hands.
pub fn next(plan: &Plan, view: &View, cursor: Cursor) -> Option<Step> {
    let step = |at_ms: i64, command| {
        Some(Step {
            at_ms: at_ms.max(cursor.last_ms),
            command,
        })
    };
    match view.state {
        State::Reported => step(
            cursor.reported_ms + plan.accept_after_ms,
            Command::Accept(plan.category),
        ),
        // The rule does these two by itself; a person steps in where the duties name nobody.
        State::Accepted => step(cursor.last_ms + 2 * MINUTE_MS, Command::Assess),
        State::Assessed => step(cursor.last_ms + 3 * MINUTE_MS, Command::Dispatch),
        State::Dispatched => step(
            due(
                plan,
                plan.sign,
                cursor.last_ms,
                view.limit_ms("sign", HOUR_MS),
            ),
            Command::Start,
        ),
        State::InProgress => Some(work(plan, view, cursor)),
        State::Feedback => step(cursor.last_ms + plan.confirm_after_ms, Command::Close),
        State::Done => None,
    }
}

fn work(plan: &Plan, view: &View, cursor: Cursor) -> Step {
    let pace = work_pace(plan.finish, view.limit_ms("finish", DAY_MS));
    let finish = due(
        plan,
        pace,
        cursor.reported_ms,
        view.limit_ms("finish", DAY_MS),
    );
    let finish = finish.max(cursor.last_ms + 4 * MINUTE_MS);
    if view.clock("first_action").is_some_and(|clock| clock.runs) {
        let limit = view.limit_ms("first_action", HOUR_MS);
        let first = due(plan, plan.first_action, cursor.last_ms, limit);
        if first < finish {
            return Step {
                at_ms: first,
                command: Command::Progress(plan.note),
            };
        }
    }
    Step {
        at_ms: finish,
        command: Command::Feedback(plan.result.clone()),
    }
}

/// A limit of days is hardly ever used up: most work is done within the day it is signed for.
fn work_pace(pace: Pace, limit_ms: i64) -> Pace {
    match pace {
        Pace::InTime(share) => {
            Pace::InTime(share * (QUICK_LIMIT_MS / limit_ms as f64).sqrt().min(1.0))
        }
        late => late,
    }
}

/// When a step of `pace` falls, from a clock that began at `start_ms`. What is counted in working
/// time is done in office hours, where its limit leaves room for that.
fn due(plan: &Plan, pace: Pace, start_ms: i64, limit_ms: i64) -> i64 {
    let at = start_ms + pace.delay_ms(limit_ms);
    if !matches!(
        kinds::class_of(plan.category),
        TimeClass::C | TimeClass::D | TimeClass::E
    ) {
        return at;
    }
    let moved = office_hours(at);
    let due = start_ms + limit_ms;
    if pace.is_late() || moved < due {
        moved
    } else {
        at.min(due)
    }
}

/// The same moment if it lies between 07:30 and 20:00, else a quiet spread over the next morning.
fn office_hours(at_ms: i64) -> i64 {
    let offset = UtcOffset::CHINA;
    let at = Timestamp::from_millis(at_ms);
    let since_midnight = at.time_of_day(offset).millis();
    let (opens, shuts) = (7 * HOUR_MS + HOUR_MS / 2, 20 * HOUR_MS);
    if (opens..shuts).contains(&since_midnight) {
        return at_ms;
    }
    let date = at.date(offset);
    let day = if since_midnight < opens {
        date
    } else {
        date.plus_days(1)
    };
    let morning = day.at(Span::from_millis(opens), offset).millis();
    morning + at_ms.rem_euclid(90 * MINUTE_MS)
}
