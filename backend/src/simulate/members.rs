//! How the simulated members of a 1+1+X session behave: when each reads its order, sets out, works
//! and signs off, what the commander's desk says and when it is under control. Mostly prompt, some
//! late or unread, now and then one that says it moves and does not. Pure; sending is `field`'s.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dice::Dice;
use super::handlers::{MINUTE_MS, read_time};
use super::roads::Spot;

/// A second in milliseconds.
const SECOND_MS: i64 = 1_000;

/// One organisation at the table, as `GET /sessions/{id}` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Whose.
    pub org: String,
    /// Its units.
    pub units: Vec<String>,
    /// What it owes: `lead` or `cooperate`.
    task: String,
    /// When it first said each step, by the step's name; Unix milliseconds.
    pub said: BTreeMap<String, i64>,
    /// Whether it has voted.
    pub voted: bool,
    /// Whether it was rated.
    pub rated: bool,
    /// Whether it missed a clock.
    pub is_late: bool,
}

impl Seat {
    fn read(seat: &Value) -> Option<Self> {
        let units = seat["units"].as_array().into_iter().flatten();
        let mut said = BTreeMap::new();
        for mark in seat["marks"].as_array().into_iter().flatten() {
            let (step, at) = (mark["step"].as_str()?, read_time(&mark["at"])?);
            if mark["evidence"]["by"] != "position" {
                said.entry(step.to_owned()).or_insert(at);
            }
        }
        Some(Self {
            org: seat["org"].as_str()?.to_owned(),
            units: units
                .filter_map(|unit| unit.as_str().map(str::to_owned))
                .collect(),
            task: seat["task"].as_str()?.to_owned(),
            said,
            voted: !seat["vote"].is_null(),
            rated: !seat["rating"].is_null(),
            is_late: !seat["missed"].is_null(),
        })
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.task == "lead"
    }

    /// When it said a step, if it did.
    pub fn at(&self, step: &str) -> Option<i64> {
        self.said.get(step).copied()
    }

    /// Whether it owes nothing any more.
    pub fn is_over(&self) -> bool {
        self.at("done").or(self.at("released")).is_some()
    }
}

/// A message: its text, whose it is, and which organisations have seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    text: String,
    at: i64,
    by: Option<String>,
    seen_by: Vec<String>,
}

/// A session, as far as its members care.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its id.
    pub id: String,
    /// Its stage.
    pub stage: String,
    /// What it is for.
    pub kind: String,
    /// The incident it is about.
    pub incident: Option<String>,
    /// Where.
    pub scene: Option<Spot>,
    /// Whoever opened it: their id, and their organisation.
    pub asker: (String, Option<String>),
    /// Who takes part.
    pub seats: Vec<Seat>,
    messages: Vec<Message>,
    controlled_at: Option<i64>,
    ended_at: Option<i64>,
}

impl Table {
    /// Whether it ended: nobody owes anything any more.
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Reads `GET /sessions/{id}`.
    pub fn read(body: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let message = |one: &Value| {
            let seen = one["acknowledged"].as_array().into_iter().flatten();
            Some(Message {
                text: text(&one["text"])?,
                at: read_time(&one["at"])?,
                by: text(&one["by"]["org"]),
                seen_by: seen.filter_map(|seen| text(&seen["by"]["org"])).collect(),
            })
        };
        let line = |what: &str| {
            let mut lines = body["timeline"].as_array().into_iter().flatten();
            read_time(&lines.find(|line| line["what"] == what)?["at"])
        };
        let place = &body["place"];
        Some(Self {
            id: text(&body["id"])?,
            stage: text(&body["stage"])?,
            kind: text(&body["kind"])?,
            incident: text(&body["incident"]),
            scene: place["lon"].as_f64().zip(place["lat"].as_f64()),
            asker: (
                text(&body["asker"]["id"]).unwrap_or_default(),
                text(&body["asker"]["org"]),
            ),
            seats: body["seats"]
                .as_array()?
                .iter()
                .filter_map(Seat::read)
                .collect(),
            messages: body["messages"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(message)
                .collect(),
            controlled_at: line("controlled"),
            ended_at: read_time(&body["ended_at"]),
        })
    }
}

/// How one member goes about its order; times in milliseconds after the order unless said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    read: i64,
    acknowledge: i64,
    says_moving: i64,
    /// When it really moves; after it says so for one that only claims.
    pub sets_out: i64,
    /// After its arrival.
    work: i64,
    /// After it was under control.
    sign_off: i64,
    /// How long the lead works before it is under control.
    control: i64,
    votes: bool,
    answers: bool,
}

impl Manner {
    /// Always the same for the same session and organisation.
    pub fn draw(seed: u64, session: &str, org: &str) -> Self {
        let mut dice = Dice::new(seed, &format!("seat-{session}-{org}"));
        let read = dice.whole(8, 45) * SECOND_MS;
        let mut manner = Self {
            read,
            acknowledge: read + dice.whole(5, 40) * SECOND_MS,
            says_moving: dice.whole(90, 420) * SECOND_MS,
            sets_out: 0,
            work: dice.whole(60, 240) * SECOND_MS,
            sign_off: dice.whole(3, 12) * MINUTE_MS,
            control: dice.whole(14, 30) * MINUTE_MS,
            votes: dice.chance(0.35),
            answers: dice.chance(0.7),
        };
        let roll = dice.unit();
        if roll < 0.08 {
            // Reached by a later channel of the chain.
            manner.read = dice.whole(130, 320) * SECOND_MS;
            manner.acknowledge = manner.read + 30 * SECOND_MS;
            manner.says_moving = manner.acknowledge + dice.whole(60, 200) * SECOND_MS;
        } else if roll < 0.18 {
            manner.says_moving = dice.whole(630, 900) * SECOND_MS;
        }
        let claims_only = dice.chance(0.07);
        manner.sets_out = manner.says_moving + if claims_only { 6 * MINUTE_MS } else { 0 };
        manner
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Somebody of an organisation.
    Member(String),
    /// The county's desk, for whoever commands.
    Desk,
}

/// One command in a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Whose.
    pub who: Who,
    /// Its name in the path.
    pub name: &'static str,
    /// Its body.
    pub body: Value,
}

/// What a look at a member's seat goes by.
pub struct Look<'a> {
    /// The session.
    pub table: &'a Table,
    /// The seat.
    pub seat: &'a Seat,
    /// How it behaves.
    pub manner: Manner,
    /// Now, in Unix milliseconds.
    pub now: i64,
    /// Whether one of its units stands at the scene.
    pub is_there: bool,
    /// Whether it speaks for itself; else its duty officer tells the desk by telephone.
    pub has_app: bool,
}

impl Look<'_> {
    /// What this member does next, if it is due.
    pub fn next(&self) -> Option<Act> {
        if self.seat.is_over() {
            return None;
        }
        self.step()
            .or_else(|| self.finish())
            .or_else(|| self.talk())
    }

    fn step(&self) -> Option<Act> {
        let (seat, manner) = (self.seat, self.manner);
        let since = self.now - seat.at("sent")?;
        // Without anybody on the map it gets there in a while.
        let by_itself = seat.units.is_empty() || self.table.scene.is_none();
        let there = self.is_there || (by_itself && since > manner.says_moving + 15 * MINUTE_MS);
        let rested = |step: &str, rest: i64| seat.at(step).is_some_and(|at| self.now - at >= rest);
        let steps = [
            ("read", "read", since >= manner.read),
            ("acknowledge", "acknowledged", since >= manner.acknowledge),
            ("move", "moving", since >= manner.says_moving),
            ("arrive", "arrived", there),
            ("work", "working", rested("arrived", manner.work)),
        ];
        let furthest = steps
            .iter()
            .rposition(|(_, step, _)| seat.at(step).is_some());
        let from = furthest.map_or(0, |at| at + 1);
        let (name, step, is_due) = *steps.get(from)?;
        if !is_due {
            return None;
        }
        if self.has_app {
            return Some(self.own(name, json!({})));
        }
        Some(Act {
            who: Who::Desk,
            name: "word",
            body: json!({
                "org": seat.org, "step": step, "channel": "duty_phone", "officer": "值班员",
            }),
        })
    }

    fn finish(&self) -> Option<Act> {
        let (seat, table) = (self.seat, self.table);
        let since = self.now - table.controlled_at?;
        if seat.leads() {
            let others_done = table
                .seats
                .iter()
                .all(|seat| seat.leads() || seat.is_over());
            let result = "现场处置完毕，隐患已消除，各单位有序撤离，后续由属地跟踪。";
            return (others_done && since >= 4 * MINUTE_MS)
                .then(|| self.own("close", json!({ "result": result })));
        }
        if since >= self.manner.sign_off && self.has_app && seat.at("acknowledged").is_some() {
            let note = "本单位任务已完成，人员装备清点完毕。";
            return Some(self.own("sign_off", json!({ "note": note })));
        }
        let late = self.manner.sign_off + if self.has_app { 20 * MINUTE_MS } else { 0 };
        (since >= late).then(|| Act {
            who: Who::Desk,
            name: "release",
            body: json!({ "org": seat.org, "reason": "现场已控制，无需继续支援" }),
        })
    }

    fn talk(&self) -> Option<Act> {
        let (seat, table) = (self.seat, self.table);
        if !self.has_app {
            return None;
        }
        let own = |message: &Message| message.by.as_deref() == Some(&seat.org);
        let arrived = seat.at("arrived").map(|at| self.now - at);
        if seat.leads()
            && arrived.is_some_and(|since| since >= MINUTE_MS)
            && !table.messages.iter().any(own)
        {
            let text = "已到达现场，警戒区已设置，正在疏散周边群众，请后续力量从东侧进入。";
            return Some(self.own("say", json!({ "text": text })));
        }
        let working = seat
            .at("working")
            .is_some_and(|at| self.now - at >= 3 * MINUTE_MS);
        if self.manner.votes && working && !seat.voted {
            return Some(self.own(
                "vote",
                json!({ "call": "enough", "note": "现有力量可以处置" }),
            ));
        }
        if !self.manner.answers {
            return None;
        }
        let unseen = table.messages.iter().position(|message| {
            !own(message)
                && self.now - message.at >= MINUTE_MS
                && !message.seen_by.contains(&seat.org)
        })?;
        Some(self.own("acknowledge_message", json!({ "message": unseen })))
    }

    fn own(&self, name: &'static str, body: Value) -> Act {
        Act {
            who: Who::Member(self.seat.org.clone()),
            name,
            body,
        }
    }
}

/// What the desk does next in a session it opened, if it is due.
pub fn desk(table: &Table, seed: u64, now: i64) -> Option<Act> {
    let lead = table.seats.iter().find(|seat| seat.leads())?;
    let act = |name, body| {
        Some(Act {
            who: Who::Desk,
            name,
            body,
        })
    };
    let text = if table.kind == "drill" {
        "演练开始，请各单位按预案集结，途中注意交通安全。"
    } else {
        "请各单位收到后立即回复，到场后向牵头单位报到。"
    };
    let ordered = lead.at("sent")?;
    if now - ordered >= MINUTE_MS && !table.messages.iter().any(|one| one.text == text) {
        return act("say", json!({ "text": text }));
    }
    let manner = Manner::draw(seed, &table.id, &lead.org);
    let is_done = lead
        .at("working")
        .is_some_and(|at| now - at >= manner.control);
    if is_done && table.controlled_at.is_none() {
        return act("control", json!({ "note": "险情已控制，无人员伤亡。" }));
    }
    None
}

/// How whoever opened a session rates its members afterwards: one at a time.
pub fn rating(table: &Table, seed: u64, now: i64) -> Option<Value> {
    if table.stage != "ended" || now - table.ended_at? < 5 * MINUTE_MS {
        return None;
    }
    let seat = table.seats.iter().find(|seat| !seat.rated)?;
    let mut dice = Dice::new(seed, &format!("rating-{}-{}", table.id, seat.org));
    let (score, word) = if seat.is_late {
        (dice.whole(2, 3), "出动偏晚，请加强备勤")
    } else {
        (dice.whole(4, 5), "响应及时")
    };
    Some(json!({ "org": seat.org, "score": score, "word": word }))
}
