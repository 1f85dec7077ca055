//! State + command + who + now -> events, or a refusal: who may do what in a session, and when.

mod command;
mod open;
mod seat;

pub use self::open::{chairs_of, open};

use super::command::Command;
use super::event::{MessageSeen, Note, Rated, Said, SessionEvent, TimerNote, TimerSet, Voted};
use super::{Session, Step};
use crate::access;
use crate::actor::Actor;
use crate::incident::By;
use crate::intake::{MAX_ATTACHMENTS, is_attachment_id, not_an_attachment};
use crate::pack::County;
use crate::pack::orgs::OrgId;
use crate::refusal::{Class, Refusal};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// How long a free timer may run, in seconds.
const MAX_TIMER_SECS: u32 = 7 * 24 * 3600;
/// The longest label or name, in characters.
const MAX_LABEL_CHARS: usize = 60;
/// The longest key of a message.
const MAX_KEY_CHARS: usize = 64;

/// What a decision reads besides the session.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The county's rules.
    pub county: &'a County,
    /// The other sessions, the incidents and the units.
    pub world: &'a World,
    /// The server's time.
    pub now: Timestamp,
}

type Decision = Result<SessionEvent, Refusal>;

/// Decides a command on a session.
///
/// # Errors
/// Why it may not be, and what to do.
pub fn decide(session: &Session, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    access::may_in_session(actor, command.as_move(), session)?;
    match command {
        Command::Order { despite } => command::order(session, *despite, ctx),
        Command::Add { seat, despite } => command::add(session, seat, *despite, ctx),
        Command::Release { org, reason } => command::release(session, org, reason),
        Command::Lead { org, reason } => command::lead(session, org, reason),
        Command::HandOver { to, reason } => command::hand_over(session, to, reason.as_deref(), ctx),
        Command::TakeOver { reason } => command::take_over(session, reason, actor, ctx),
        Command::Deliver { .. }
        | Command::Read { .. }
        | Command::Acknowledge { .. }
        | Command::Move { .. }
        | Command::Arrive { .. }
        | Command::Work { .. }
        | Command::SignOff { .. }
        | Command::Word { .. } => seat::mark(session, command, actor, ctx),
        Command::Control { note } => command::control(session, note),
        Command::Close { result } => command::close(session, result),
        Command::Abort { reason } => Ok(SessionEvent::Aborted(Note {
            text: text("/reason", reason)?,
        })),
        _ => aside(session, command, actor, ctx),
    }
}

/// Votes, messages, timers and ratings.
fn aside(session: &Session, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    match command {
        Command::Vote {
            call,
            note,
            occurred_at,
        } => {
            let org = own_org(actor)?;
            let since = session.seat(&org).and_then(|seat| seat.at(Step::Sent));
            Ok(SessionEvent::Voted(Voted {
                org,
                call: *call,
                note: some_text("/note", note.as_deref())?,
                occurred_at: happened(ctx.now, since, *occurred_at),
            }))
        }
        Command::Say { .. } => say(session, command, actor, ctx),
        Command::AcknowledgeMessage {
            message,
            occurred_at,
        } => see(session, *message, *occurred_at, actor, ctx),
        Command::SetTimer { label, secs, org } => {
            set_timer(session, label, *secs, org.as_ref(), ctx)
        }
        Command::StopTimer { timer } => stop_timer(session, *timer),
        Command::Rate { org, score, word } => rate(session, org, *score, word.as_deref()),
        _ => Err(refused(
            "unknown_command",
            "不支持此项操作",
            "There is no such command",
        )),
    }
}

/// The time that a device tells counts only between what it answers to and its arrival here;
/// otherwise the time of arrival does.
fn happened(
    now: Timestamp,
    since: Option<Timestamp>,
    told: Option<Timestamp>,
) -> Option<Timestamp> {
    told.filter(|at| *at <= now && since.is_some_and(|since| *at >= since))
}

fn say(session: &Session, command: &Command, actor: &Actor, ctx: Context<'_>) -> Decision {
    let Command::Say {
        text: words,
        attachments,
        key,
        occurred_at,
    } = command
    else {
        return Err(refused(
            "unknown_command",
            "不支持此项操作",
            "There is no such command",
        ));
    };
    new_key(session, key.as_deref(), actor)?;
    if session.messages.len() >= Session::MAX_MESSAGES {
        return Err(refused(
            "too_many_messages",
            "本次指挥的消息已满，请改用电话联络",
            "This session holds no more messages; call instead",
        ));
    }
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(Refusal::field(
            "/attachments",
            "too_many",
            format!("最多 {MAX_ATTACHMENTS} 个附件"),
            format!("At most {MAX_ATTACHMENTS} attachments"),
        ));
    }
    if let Some(at) = attachments.iter().position(|id| !is_attachment_id(id)) {
        return Err(not_an_attachment(&format!("/attachments/{at}")));
    }
    Ok(SessionEvent::Said(Said {
        text: text("/text", words)?,
        attachments: attachments.clone(),
        key: key.clone(),
        occurred_at: happened(ctx.now, Some(session.opened_at), *occurred_at),
    }))
}

/// A message is said once, however often a device that lost its link sends it.
fn new_key(session: &Session, key: Option<&str>, actor: &Actor) -> Result<(), Refusal> {
    let Some(key) = key else { return Ok(()) };
    let fits = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !fits {
        return Err(Refusal::field(
            "/key",
            "wrong_key",
            format!("标识须为 1 到 {MAX_KEY_CHARS} 个字母、数字或连字符"),
            format!("A key is 1 to {MAX_KEY_CHARS} letters, digits or hyphens"),
        ));
    }
    let same = |one: &super::Message| one.by.id == actor.id && one.key.as_deref() == Some(key);
    if session.messages.iter().any(same) {
        return Err(refused(
            "said_already",
            "这条消息已发送过，无需重复",
            "This message was sent already; nothing is missing",
        ));
    }
    Ok(())
}

fn see(
    session: &Session,
    message: u16,
    occurred_at: Option<Timestamp>,
    actor: &Actor,
    ctx: Context<'_>,
) -> Decision {
    let Some(one) = session.messages.get(usize::from(message)) else {
        return Err(Refusal::field(
            "/message",
            "no_such_message",
            "没有这条消息，请刷新后再试",
            "There is no such message; reload and try again",
        ));
    };
    let who = By::of(actor);
    if one.by == who || one.acknowledged.iter().any(|seen| seen.by == who) {
        return Err(refused(
            "already_acknowledged",
            "这条消息您已确认过",
            "You have acknowledged this message already",
        ));
    }
    Ok(SessionEvent::MessageAcknowledged(MessageSeen {
        message,
        occurred_at: happened(ctx.now, Some(one.at), occurred_at),
    }))
}

fn set_timer(
    session: &Session,
    label: &str,
    secs: u32,
    org: Option<&OrgId>,
    ctx: Context<'_>,
) -> Decision {
    if session.timers.len() >= Session::MAX_TIMERS {
        return Err(refused(
            "too_many_timers",
            "本次指挥的计时器已满",
            "This session has as many timers as it can hold",
        ));
    }
    if !(1..=MAX_TIMER_SECS).contains(&secs) {
        return Err(Refusal::field(
            "/secs",
            "out_of_range",
            "计时器须在 1 秒到 7 天之间",
            "A timer runs for 1 second to 7 days",
        ));
    }
    if let Some(org) = org {
        seat_of(session, org)?;
    }
    Ok(SessionEvent::TimerSet(TimerSet {
        label: label_text("/label", label)?,
        org: org.cloned(),
        due: ctx.now + Span::secs(i64::from(secs)),
    }))
}

fn stop_timer(session: &Session, timer: u8) -> Decision {
    let one = session.timers.get(usize::from(timer));
    if one.is_some_and(|timer| timer.stopped.is_none()) {
        return Ok(SessionEvent::TimerStopped(TimerNote { timer }));
    }
    Err(Refusal::field(
        "/timer",
        "no_such_timer",
        "没有这个计时器，或已停止",
        "There is no such timer, or it is stopped",
    ))
}

fn rate(session: &Session, org: &OrgId, score: u8, word: Option<&str>) -> Decision {
    let seat = seat_of(session, org)?;
    if seat.rating.is_some() {
        return Err(refused(
            "already_rated",
            "该单位已评价过",
            "This unit was rated already",
        ));
    }
    if !(1..=5).contains(&score) {
        return Err(Refusal::field(
            "/score",
            "out_of_range",
            "评分为 1 到 5 分",
            "A rating is 1 to 5",
        ));
    }
    Ok(SessionEvent::Rated(Rated {
        org: org.clone(),
        score,
        word: some_text("/word", word)?,
    }))
}

fn own_org(actor: &Actor) -> Result<OrgId, Refusal> {
    actor.org.clone().ok_or_else(|| {
        Refusal::new(
            Class::Forbidden,
            "not_a_member",
            "您不代表参与单位，请由该单位人员办理",
            "You act for none of the units; one of theirs must do this",
        )
    })
}

fn seat_of<'a>(session: &'a Session, org: &OrgId) -> Result<&'a super::Seat, Refusal> {
    session.seat(org).ok_or_else(|| {
        Refusal::field(
            "/org",
            "no_such_seat",
            format!("{org} 未参与本次指挥"),
            format!("{org} takes no part in this session"),
        )
    })
}

fn refused(code: &str, zh: &str, en: &str) -> Refusal {
    Refusal::new(Class::Refused, code, zh, en)
}

fn some_text(pointer: &str, given: Option<&str>) -> Result<Option<String>, Refusal> {
    given.map(|given| text(pointer, given)).transpose()
}

fn text(pointer: &str, given: &str) -> Result<String, Refusal> {
    bounded(pointer, given, Session::MAX_TEXT_CHARS)
}

fn label_text(pointer: &str, given: &str) -> Result<String, Refusal> {
    bounded(pointer, given, MAX_LABEL_CHARS)
}

fn bounded(pointer: &str, given: &str, most: usize) -> Result<String, Refusal> {
    let trimmed = given.trim();
    if trimmed.is_empty() {
        return Err(Refusal::field(
            pointer,
            "text_required",
            "请填写内容",
            "Say something here",
        ));
    }
    if trimmed.chars().count() > most {
        return Err(Refusal::field(
            pointer,
            "text_too_long",
            format!("内容不能超过 {most} 字"),
            format!("At most {most} characters"),
        ));
    }
    Ok(trimmed.to_owned())
}
