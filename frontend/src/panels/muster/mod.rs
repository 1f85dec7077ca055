//! Sessions on a wall: each with its muster clock, a seat per organisation and its verdict, and
//! what last happened in the foremost. Several take turns at being that.

pub mod model;

use domain::ids::SessionId;
use domain::session::{Call, Channel, Happening, Session, Whistle};
use domain::time::Timestamp;
use leptos::prelude::*;

use self::model::{Clock, SeatView};
use crate::context::{Context, context};
use crate::i18n::{Lang, Text, command as k, fill, format};
use crate::ui::panel::{Empty, Panel};
use crate::words::Words;

/// How many sessions stand on the board at once.
const AT_ONCE: usize = 3;
/// How many lines of the foremost are shown.
const LINES: usize = 5;

/// The sessions of a wall, and which of them is foremost. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Musters {
    /// Under way, or just ended; in the order of their orders.
    pub all: Memo<Vec<Session>>,
    /// The one that is told of in full, by id.
    pub foremost: Memo<Option<String>>,
}

/// Follows the sessions of this screen: the one that is wanted stands foremost, else they take turns.
pub fn provide(ctx: Context, wanted: Signal<Option<SessionId>>) -> Musters {
    let second = Memo::new(move |_| ctx.now.get() / 5_000 * 5_000);
    let all = Memo::new(move |_| {
        let now = Timestamp::from_millis(second.get());
        ctx.read(|world| model::shown(world.sessions(), now))
            .unwrap_or_default()
    });
    let foremost = Memo::new(move |_| {
        let sent = wanted.get();
        let turn = second.get();
        all.with(|all| {
            let sent = sent.filter(|id| all.iter().any(|one| one.id == *id));
            let open: Vec<_> = all.iter().filter(|one| one.stage.is_open()).collect();
            let next = open.get(model::in_turn(open.len(), turn)).map(|one| one.id);
            sent.or(next).map(|id| id.to_string())
        })
    });
    let musters = Musters { all, foremost };
    provide_context(musters);
    musters
}

/// The sessions of this wall.
pub fn musters() -> Musters {
    expect_context::<Musters>()
}

/// One session as it stands on the board.
#[derive(Clone, PartialEq)]
struct Row {
    id: String,
    title: String,
    place: String,
    note: String,
    clock: Clock,
    seats: Vec<SeatView>,
    verdict: String,
    is_drill: bool,
    is_over: bool,
    is_foremost: bool,
}

/// The board.
#[component]
pub fn Sessions() -> impl IntoView {
    let ctx = context();
    let musters = musters();
    let rows = Memo::new(move |_| {
        let (words, lang) = (ctx.words.get(), ctx.lang.get());
        let now = Timestamp::from_millis(ctx.now.get());
        let first = musters.foremost.get();
        musters.all.with(|all| {
            let rows = all
                .iter()
                .map(|one| row(one, now, &words, lang, first.as_deref()));
            page(rows.collect(), ctx.now.get())
        })
    });
    let running = move || {
        musters
            .all
            .with(|all| all.iter().filter(|one| one.stage.is_open()).count())
    };
    let aside = Signal::derive(move || ctx.tf(k::RUNNING, &[("n", &running().to_string())]));
    view! {
        <Panel class="musters" title=k::SESSIONS aside=aside testid="sessions">
            {move || if rows.with(Vec::is_empty) {
                view! { <Empty text=k::NO_SESSION why=k::NO_SESSION_WHY/> }.into_any()
            } else {
                view! {
                    <div class="sess-list">{move || rows.get().into_iter().map(|row| view! { <One row=row/> }).collect_view()}</div>
                    <Foremost/>
                }.into_any()
            }}
        </Panel>
    }
}

/// Those that stand there now: the foremost is always among them.
fn page(rows: Vec<Row>, now_ms: i64) -> Vec<Row> {
    if rows.len() <= AT_ONCE {
        return rows;
    }
    let pages = rows.len().div_ceil(AT_ONCE);
    let first = rows.iter().position(|row| row.is_foremost);
    let page = first.map_or_else(|| model::in_turn(pages, now_ms), |at| at / AT_ONCE);
    rows.into_iter()
        .skip(page * AT_ONCE)
        .take(AT_ONCE)
        .collect()
}

fn row(one: &Session, now: Timestamp, words: &Words, lang: Lang, first: Option<&str>) -> Row {
    let org = |id: &domain::pack::orgs::OrgId| words.org(lang, id.as_str(), one.region).to_owned();
    let commander = one.commander.org.as_ref().map_or_else(String::new, org);
    let lead = one.lead().map_or_else(String::new, |seat| org(&seat.org));
    let seats = one.seats.iter();
    let id = one.id.to_string();
    Row {
        title: model::title(one, lang),
        place: words.township(one.region),
        note: fill(lang.of(k::LED_BY), &[("c", &commander), ("l", &lead)]),
        clock: model::clock(one, now),
        seats: seats
            .map(|seat| model::seat(one, seat, now, words, lang))
            .collect(),
        verdict: if one.stage.is_open() {
            model::verdict(one, now, words, lang)
        } else {
            model::stage(one.stage, lang).to_owned()
        },
        is_drill: one.is_drill(),
        is_over: !one.stage.is_open(),
        is_foremost: first == Some(id.as_str()),
        id,
    }
}

#[component]
fn One(row: Row) -> impl IntoView {
    let seats = row
        .seats
        .into_iter()
        .map(|seat| view! { <SeatChip seat=seat/> });
    view! {
        <article class="sess" data-testid="session" data-id=row.id data-state=row.clock.state() class:over=row.is_over
            class:first=row.is_foremost data-drill=row.is_drill.to_string()>
            <Ring clock=row.clock/>
            <div class="told">
                <h3 class="clip">{row.is_drill.then(|| view! { <DrillMark/> })}<span>{row.place}" · "{row.title}</span></h3>
                <p class="clip quiet">{row.note}</p>
                <div class="seats">{seats.collect_view()}</div>
                <p class="verdict clip" data-testid="verdict">{row.verdict}</p>
            </div>
        </article>
    }
}

/// That this is an exercise.
#[component]
pub fn DrillMark() -> impl IntoView {
    let ctx = context();
    view! { <b class="drill" data-testid="drill">{move || ctx.t(k::DRILL)}</b> }
}

/// A seat with its state.
#[component]
pub fn SeatChip(
    /// Which.
    seat: SeatView,
) -> impl IntoView {
    view! {
        <span class="seat" data-testid="seat" data-org=seat.org data-state=seat.state class:lead=seat.leads class:doubted=seat.is_doubted>
            {seat.name}" "<span class="num">{seat.word}</span>{seat.is_doubted.then_some(" ?")}
        </span>
    }
}

/// The muster clock, which the whole room can read.
#[component]
pub fn Ring(
    /// Its figures.
    clock: Clock,
) -> impl IntoView {
    // The circumference of a circle of radius 44.
    const WHOLE: f64 = 276.46;
    let part = clock.share() * WHOLE;
    let dash = [part as u32, 277].map(|n| n.to_string()).join(" ");
    let limit = format::clock(clock.limit);
    view! {
        <div class="ring" data-testid="muster-clock" data-state=clock.state()>
            <svg viewBox="0 0 100 100" aria-hidden="true">
                <circle cx="50" cy="50" r="44"/><circle class="run" cx="50" cy="50" r="44" stroke-dasharray=dash/>
            </svg>
            <b class="num">{clock.text()}</b><small class="num">"/ "{limit}</small>
        </div>
    }
}

/// What last happened in the foremost session, newest first.
#[component]
fn Foremost() -> impl IntoView {
    let ctx = context();
    let musters = musters();
    let lines = Memo::new(move |_| {
        let (words, lang) = (ctx.words.get(), ctx.lang.get());
        let first = musters.foremost.get()?;
        musters.all.with(|all| {
            let one = all.iter().find(|one| one.id.to_string() == first)?;
            let seen = one.timeline.iter().rev();
            let lines: Vec<(String, String)> = seen
                .take(LINES)
                .map(|line| {
                    (
                        format::time(line.at.millis()),
                        line_words(one, line, &words, lang),
                    )
                })
                .collect();
            Some((model::title(one, lang), lines))
        })
    });
    move || {
        lines.get().map(|(title, lines)| {
            view! {
                <div class="foremost" data-testid="foremost">
                    <h4 class="clip">{title}</h4>
                    <ol>{lines.into_iter().map(|(at, text)| view! {
                        <li><span class="num quiet">{at}</span><span class="clip">{text}</span></li>
                    }).collect_view()}</ol>
                </div>
            }
        })
    }
}

/// A line of a session's history in words.
pub fn line_words(
    session: &Session,
    line: &domain::session::Line,
    words: &Words,
    lang: Lang,
) -> String {
    let org = line.org.as_ref().map(|org| {
        let id = org.to_string();
        words.org(lang, &id, session.region).to_owned()
    });
    let by = line.by.org.as_ref().map(|org| {
        let id = org.to_string();
        words.org(lang, &id, session.region).to_owned()
    });
    let mut text = org.or(by).unwrap_or_default();
    if !text.is_empty() {
        text.push(' ');
    }
    text += lang.of(happening(line.what));
    let detail = detail(session, line).map(|text| lang.of(text).to_owned());
    for said in [detail, line.text.clone()].into_iter().flatten() {
        text += lang.of(k::COLON);
        text += &said;
    }
    text
}

/// What a line is about, as the seat keeps it: the step, the channel or the vote of that moment.
fn detail(session: &Session, line: &domain::session::Line) -> Option<Text> {
    let seat = session.seat(line.org.as_ref()?)?;
    match line.what {
        Happening::Marked => {
            let mark = seat.marks.iter().find(|mark| mark.at == line.at)?;
            Some(model::step_name(Some(mark.step)))
        }
        Happening::Climbed => {
            let tried = seat.tried.iter().find(|tried| tried.at == line.at)?;
            Some(channel(tried.channel))
        }
        Happening::Voted => {
            let vote = seat.vote.as_ref().filter(|vote| vote.at == line.at)?;
            Some(call(vote.call))
        }
        _ => None,
    }
}

/// A channel's name.
pub const fn channel(one: Channel) -> Text {
    match one {
        Channel::App => k::BY_APP,
        Channel::Sms => k::BY_SMS,
        Channel::Voice => k::BY_VOICE,
        Channel::Deputy => k::BY_DEPUTY,
        Channel::DutyPhone => k::BY_DUTY_PHONE,
        Channel::Radio => k::BY_RADIO,
    }
}

/// What those on scene ask for.
pub const fn call(one: Call) -> Text {
    match one {
        Call::More => k::CALL_MORE,
        Call::Enough => k::CALL_ENOUGH,
        Call::StandDown => k::CALL_STAND_DOWN,
    }
}

/// What happened, in a word.
pub const fn happening(what: Happening) -> Text {
    match what {
        Happening::Opened => k::H_OPENED,
        Happening::Ordered => k::H_ORDERED,
        Happening::SeatAdded => k::H_SEAT_ADDED,
        Happening::SeatReleased => k::H_SEAT_RELEASED,
        Happening::LeadChanged => k::H_LEAD_CHANGED,
        Happening::HandedOver => k::H_HANDED_OVER,
        Happening::Marked => k::H_MARKED,
        Happening::ArrivalSuggested => k::H_ARRIVAL_SUGGESTED,
        Happening::MovementDoubted => k::H_MOVEMENT_DOUBTED,
        Happening::Climbed => k::H_CLIMBED,
        Happening::Late => k::H_LATE,
        Happening::Voted => k::H_VOTED,
        Happening::Said => k::H_SAID,
        Happening::MessageAcknowledged => k::H_MESSAGE_ACKNOWLEDGED,
        Happening::TimerSet => k::H_TIMER_SET,
        Happening::TimerStopped => k::H_TIMER_STOPPED,
        Happening::TimerRang => k::H_TIMER_RANG,
        Happening::Controlled => k::H_CONTROLLED,
        Happening::Closed => k::H_CLOSED,
        Happening::Aborted => k::H_ABORTED,
        Happening::Rated => k::H_RATED,
        Happening::Other => k::H_OTHER,
    }
}

/// What is whistled for.
pub const fn whistle(one: Whistle) -> Text {
    match one {
        Whistle::Complaint => k::W_COMPLAINT,
        Whistle::Enforcement => k::W_ENFORCEMENT,
        Whistle::Emergency => k::W_EMERGENCY,
    }
}
