//! What the report calls things, in both languages.

use domain::session::review::Outcome;
use domain::session::{
    About, Call, Channel, Evidence, Happening, Kind, SeatClock, Stage, Step, Task, Whistle,
};

use crate::problem::Language;

/// One of two.
pub(super) const fn pair(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// A name with what is said of it in brackets.
pub(super) fn aside(language: Language, name: &str, said: &str) -> String {
    match language {
        Language::Zh => format!("{name}（{said}）"),
        Language::En => format!("{name} ({said})"),
    }
}

pub(super) const fn stage(stage: Stage, language: Language) -> &'static str {
    pair(language, stage.zh(), stage.en())
}

pub(super) const fn step(step: Step, language: Language) -> &'static str {
    let (zh, en) = match step {
        Step::Sent => ("下令", "ordered"),
        Step::Delivered => ("送达", "delivered"),
        Step::Read => ("已阅", "read"),
        Step::Acknowledged => ("收到", "acknowledged"),
        Step::Moving => ("出动", "moving"),
        Step::Arrived => ("到场", "arrived"),
        Step::Working => ("处置中", "at work"),
        Step::Done => ("完成", "done"),
        Step::Released => ("撤出", "released"),
    };
    pair(language, zh, en)
}

pub(super) const fn outcome(outcome: Outcome, language: Language) -> &'static str {
    let (zh, en) = match outcome {
        Outcome::InTime => ("按时", "in time"),
        Outcome::Late => ("超时", "late"),
        Outcome::Missing => ("未出动", "never"),
        Outcome::Unjudged => ("未评判", "not judged"),
        Outcome::Excused => ("中途撤出", "released"),
    };
    pair(language, zh, en)
}

pub(super) const fn task(task: Task, language: Language) -> &'static str {
    match task {
        Task::Lead => pair(language, "牵头", "lead"),
        Task::Cooperate => pair(language, "配合", "cooperates"),
    }
}

pub(super) const fn channel(channel: Channel, language: Language) -> &'static str {
    let (zh, en) = match channel {
        Channel::App => ("应用", "app"),
        Channel::Sms => ("短信", "SMS"),
        Channel::Voice => ("语音", "voice"),
        Channel::Deputy => ("副职", "deputy"),
        Channel::DutyPhone => ("值班电话", "duty phone"),
        Channel::Radio => ("电台", "radio"),
    };
    pair(language, zh, en)
}

pub(super) const fn call(call: Call, language: Language) -> &'static str {
    let (zh, en) = match call {
        Call::More => ("请求增援", "send more"),
        Call::Enough => ("力量足够", "enough"),
        Call::StandDown => ("可以撤离", "stand down"),
    };
    pair(language, zh, en)
}

pub(super) const fn kind(kind: Kind, whistle: Option<Whistle>, language: Language) -> &'static str {
    let (zh, en) = match (kind, whistle) {
        (Kind::Incident, _) => ("事件处置", "incident"),
        (Kind::Whistle, Some(Whistle::Complaint)) => ("吹哨 · 群众反映突出", "whistle: complaints"),
        (Kind::Whistle, Some(Whistle::Enforcement)) => ("吹哨 · 综合执法", "whistle: enforcement"),
        (Kind::Whistle, Some(Whistle::Emergency)) => ("吹哨 · 应急处置", "whistle: emergency"),
        (Kind::Whistle, None) => ("吹哨", "whistle"),
        (Kind::Drill, _) => ("演练", "drill"),
    };
    pair(language, zh, en)
}

/// What something rests on.
pub(super) fn evidence(evidence: &Evidence, language: Language) -> String {
    match evidence {
        Evidence::System => pair(language, "系统", "system").to_owned(),
        Evidence::Button => pair(language, "点击", "button").to_owned(),
        Evidence::Word {
            channel: over,
            officer,
        } => {
            let over = channel(*over, language);
            match language {
                Language::Zh => format!("{officer} {over}口头报告"),
                Language::En => format!("{officer}, by {over}"),
            }
        }
        Evidence::Position { metres, .. } => match language {
            Language::Zh => format!("位置 {metres} 米"),
            Language::En => format!("position, {metres} m"),
        },
    }
}

/// What exactly a line of the timeline is about.
pub(super) fn about(what: About, language: Language) -> String {
    match what {
        About::Claimed(of) => step(of, language).to_owned(),
        About::Observed(of) => {
            let of = step(of, language);
            match language {
                Language::Zh => format!("位置显示已{of}"),
                Language::En => format!("{of}, by its position"),
            }
        }
        About::Metres(metres) => match language {
            Language::Zh => format!("距现场 {metres} 米"),
            Language::En => format!("{metres} m from the scene"),
        },
        About::Channel(over) => channel(over, language).to_owned(),
        About::Clock(SeatClock::Muster) => pair(language, "出动时限", "muster clock").to_owned(),
        About::Clock(SeatClock::Respond) => pair(language, "报到时限", "arrival clock").to_owned(),
        About::Call(of) => call(of, language).to_owned(),
        About::Score(score) => match language {
            Language::Zh => format!("{score} 分"),
            Language::En => format!("{score} of 5"),
        },
    }
}

/// What happened, in a word.
pub(super) const fn happening(what: Happening, language: Language) -> &'static str {
    let (zh, en) = match what {
        Happening::Opened => ("建立指挥", "set up"),
        Happening::Ordered => ("一键下令", "every order sent"),
        Happening::SeatAdded => ("增派", "added"),
        Happening::SeatReleased => ("撤出", "released"),
        Happening::LeadChanged => ("改为牵头", "now leads"),
        Happening::HandedOver => ("移交指挥权", "command handed over"),
        Happening::Marked => ("报告", "reports"),
        Happening::ArrivalSuggested => ("位置显示已到现场", "seems to be there"),
        Happening::MovementDoubted => ("称已出动，位置未动", "says it moves, and does not"),
        Happening::Climbed => ("未阅，转下一渠道", "unread, next channel"),
        Happening::Late => ("超时", "late"),
        Happening::Voted => ("现场要求", "asks for"),
        Happening::Said => ("发消息", "message"),
        Happening::MessageAcknowledged => ("确认消息", "has seen a message"),
        Happening::TimerSet => ("开始计时", "timer set"),
        Happening::TimerStopped => ("停止计时", "timer stopped"),
        Happening::TimerRang => ("计时到点", "timer rang"),
        Happening::Controlled => ("现场已控制", "under control"),
        Happening::Closed => ("结束指挥", "closed"),
        Happening::Aborted => ("取消指挥", "called off"),
        Happening::Rated => ("评价", "rated"),
        Happening::Other => ("其他", "other"),
    };
    pair(language, zh, en)
}
