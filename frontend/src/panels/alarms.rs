//! What sounds in this room and who took note of it: one list for the wall, which sounds and tells,
//! and for the command room, where it is acknowledged.

use domain::alarm::{self, Alarm, Sounding};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::context::{Context, context};
use crate::i18n::{Lang, Text, command as k, fill, format};
use crate::panels::muster::model;
use crate::panels::steered::named;

/// Everything that sounds, or did and was acknowledged; the newest first. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Alarms(pub Memo<Vec<Sounding>>);

/// Follows what sounds in this screen's region.
pub fn provide(ctx: Context) -> Alarms {
    let look = Memo::new(move |_| ctx.now.get() / 2_000 * 2_000);
    let all = Memo::new(move |_| {
        let now = Timestamp::from_millis(look.get());
        ctx.board.with(|board| {
            ctx.read(|world| alarm::sounding_with(world, board, now))
                .unwrap_or_default()
        })
    });
    let alarms = Alarms(all);
    provide_context(alarms);
    alarms
}

impl Alarms {
    /// What nobody has acknowledged.
    pub fn waiting(self) -> Vec<Sounding> {
        self.0.with(|all| {
            let all = all.iter().filter(|one| one.acknowledged.is_none());
            all.cloned().collect()
        })
    }
}

/// What an alarm is, in words: `texts` for a red lamp, for a session that opened, for a unit that
/// is late.
fn words(ctx: Context, alarm: &Alarm, texts: [Text; 3]) -> Option<String> {
    let lang = ctx.lang.get();
    match alarm {
        Alarm::Red { incident, .. } => {
            let found = ctx.peek(|world| world.incident(*incident).cloned());
            let one = found.flatten()?;
            let place = ctx.words.with(|words| words.township(one.region));
            let what = named(ctx, &one);
            let short = what.split(" · ").last().unwrap_or_default().to_owned();
            let what = if texts[0] == k::SAY_RED { short } else { what };
            Some(fill(
                lang.of(texts[0]),
                &[("place", &place), ("what", &what)],
            ))
        }
        Alarm::Opened { session } => {
            let one = ctx
                .peek(|world| world.session(*session).cloned())
                .flatten()?;
            let place = ctx.words.with(|words| words.township(one.region));
            let what = model::title(&one, lang);
            Some(fill(
                lang.of(texts[1]),
                &[("place", &place), ("what", &what)],
            ))
        }
        Alarm::Late { session, org, .. } => {
            let one = ctx
                .peek(|world| world.session(*session).cloned())
                .flatten()?;
            let org = ctx
                .words
                .with(|words| words.org(lang, org.as_str(), one.region).to_owned());
            let what = model::title(&one, lang);
            Some(fill(lang.of(texts[2]), &[("org", &org), ("what", &what)]))
        }
    }
}

/// An alarm as a line of a list.
pub fn line(ctx: Context, alarm: &Alarm) -> String {
    words(ctx, alarm, [k::A_RED, k::A_OPENED, k::A_LATE]).unwrap_or_default()
}

/// An alarm as it is spoken.
pub fn spoken(ctx: Context, alarm: &Alarm) -> Option<String> {
    words(ctx, alarm, [k::SAY_RED, k::SAY_OPENED, k::SAY_LATE])
}

/// Who acknowledged something and when, in words.
pub fn who(ctx: Context, one: &Sounding) -> Option<String> {
    let done = one.acknowledged.as_ref()?;
    let lang: Lang = ctx.lang.get();
    let org = done.by.org.as_ref().map(|org| {
        let words = ctx.words.get();
        words.org(lang, org.as_str(), ctx.scope).to_owned()
    });
    let role = crate::session::role_name(lang, done.by.role).to_owned();
    let (who, at) = (org.unwrap_or(role), format::minute(done.at.millis()));
    Some(fill(lang.of(k::ALARM_DONE), &[("who", &who), ("t", &at)]))
}

/// The wall's strip: how many wait, the newest of them, or who acknowledged the last.
#[component]
pub fn AlarmStrip() -> impl IntoView {
    let ctx = context();
    let alarms = expect_context::<Alarms>();
    move || {
        let waiting = alarms.waiting();
        let (state, head, text) = if let Some(newest) = waiting.first() {
            let n = waiting.len().to_string();
            (
                "waits",
                Some(ctx.tf(k::ALARMS_WAIT, &[("n", &n)])),
                line(ctx, &newest.alarm),
            )
        } else {
            let newest = alarms.0.with(|all| {
                let mut done: Vec<Sounding> = all.clone();
                done.sort_by_key(|one| one.acknowledged.as_ref().map(|by| by.at));
                done.pop()
            })?;
            ("done", who(ctx, &newest), line(ctx, &newest.alarm))
        };
        Some(view! {
            <p class="alarm-strip" role="status" data-testid="alarms" data-state=state>
                <b class="num">{head}</b><span class="clip">{text}</span>
            </p>
        })
    }
}
