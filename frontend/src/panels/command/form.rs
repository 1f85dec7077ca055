//! The dialog in which a move is written: its fields, what was refused, and the button.

use domain::access::SessionMove;
use domain::session::{Call, Channel, Step};
use leptos::prelude::*;

use super::asks::{self, Ask, Kind, Typed};
use super::{Room, Wish, name, room};
use crate::i18n::{Text, command as k, desk as d};
use crate::panels::muster::{call, channel, model::step_name};
use crate::ui::dialog::Dialog;
use crate::ui::field::{Field, SelectField, TextField, Tick};
use crate::ui::notice::Refusal;
use crate::ui::picker::{Asked, Choice, LISTED, Picker};
use crate::ui::tongue::t;

/// The dialog; shown while a move is being written.
#[component]
pub fn MoveForm() -> impl IntoView {
    let room = room();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(room.wish.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && room.wish.with_untracked(Option::is_some) {
            room.wish.set(None);
        }
    });
    let title = move || {
        let wish = room.wish.get();
        wish.map_or_else(String::new, |wish| room.ctx.t(name(wish.one)).to_owned())
    };
    view! {
        <Dialog open=open title=Signal::derive(title) testid="move-form">
            {move || room.wish.get().map(|wish| view! { <Fields wish=wish/> })}
        </Dialog>
    }
}

#[component]
fn Fields(wish: Wish) -> impl IntoView {
    let room = room();
    let typed = RwSignal::new(Typed::new());
    if let Some(org) = &wish.org {
        typed.update(|typed| drop(typed.insert("org", org.to_string())));
    }
    let one = wish.one;
    let version = room
        .one
        .with_untracked(|session| session.as_ref().map_or(0, |session| session.version));
    let go = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let typed = typed.get_untracked();
        let org_of = |id: &str| {
            room.people.with_untracked(|all| {
                let found = all.iter().find(|person| person.id == id);
                found.and_then(|person| person.org.clone())
            })
        };
        room.send(one, asks::body(one, &typed, version, org_of), || {});
    };
    let fields = asks::of(one)
        .iter()
        .map(|ask| view! { <One ask=*ask typed=typed one=one/> })
        .collect_view();
    let incomplete = move || !typed.with(|typed| asks::is_complete(one, typed));
    view! {
        <form class="form" on:submit=go>
            {fields}
            <Refusal failed=room.work.failed/>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| room.wish.set(None)>{t(d::CANCEL)}</button>
                <button type="submit" class="btn primary" data-testid="move-go" disabled=move || incomplete() || room.work.busy.get()>
                    {t(name(one))}
                </button>
            </div>
        </form>
    }
}

/// A field that writes what is chosen into `typed`.
#[component]
fn One(ask: Ask, typed: RwSignal<Typed>, one: SessionMove) -> impl IntoView {
    let room = room();
    let (field, label, kind) = ask;
    let value =
        RwSignal::new(typed.with_untracked(|all| all.get(field).cloned().unwrap_or_default()));
    Effect::new(move |_| {
        let value = value.get();
        typed.update(|all| drop(all.insert(field, value)));
    });
    let testid = field;
    match kind {
        Kind::Text(_) => view! { <LongText label=label value=value testid=testid/> }.into_any(),
        Kind::Minutes => {
            view! { <TextField label=label value=value kind="number" testid=testid/> }.into_any()
        }
        Kind::Despite => {
            let tick = RwSignal::new(false);
            Effect::new(move |_| value.set(tick.get().to_string()));
            view! { <Tick label=label value=tick testid=testid/> }.into_any()
        }
        Kind::Org => view! { <OrgPick label=label value=value testid=testid/> }.into_any(),
        Kind::Person => view! { <PersonPick label=label value=value testid=testid/> }.into_any(),
        Kind::Seat | Kind::SeatOrAll | Kind::Step | Kind::Channel | Kind::Call => {
            let options = Signal::derive(move || options(room, kind, one));
            view! { <SelectField label=label value=value options=options testid=testid/> }
                .into_any()
        }
    }
}

/// What a select offers; the first of all is that nothing is chosen yet.
fn options(room: Room, kind: Kind, one: SessionMove) -> Vec<(String, String)> {
    let coded = |code: String, text: Text| (code, room.ctx.t(text).to_owned());
    let first = if kind == Kind::SeatOrAll {
        k::TIMER_WHOLE
    } else {
        d::CHOOSE
    };
    let mut all = vec![(String::new(), room.ctx.t(first).to_owned())];
    match kind {
        Kind::Seat | Kind::SeatOrAll => {
            if let Some(session) = room.one.get() {
                let seats = session.seats.iter().filter(|seat| !seat.is_released());
                let other = seats.filter(|seat| {
                    one != SessionMove::Lead || seat.task != domain::session::Task::Lead
                });
                all.extend(other.map(|seat| (seat.org.to_string(), room.org(&seat.org))));
            }
        }
        Kind::Step => all.extend(
            [
                Step::Read,
                Step::Acknowledged,
                Step::Moving,
                Step::Arrived,
                Step::Working,
                Step::Done,
            ]
            .map(|step| coded(code(&step), step_name(Some(step)))),
        ),
        Kind::Channel => all.extend(
            [
                Channel::DutyPhone,
                Channel::Voice,
                Channel::Radio,
                Channel::Sms,
                Channel::Deputy,
            ]
            .map(|one| coded(code(&one), channel(one))),
        ),
        Kind::Call => all.extend(
            [Call::More, Call::Enough, Call::StandDown].map(|one| coded(code(&one), call(one))),
        ),
        Kind::Org | Kind::Person | Kind::Text(_) | Kind::Minutes | Kind::Despite => {}
    }
    all
}

/// The name of a value on the wire.
fn code(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value)
        .unwrap_or_default()
        .trim_matches('"')
        .to_owned()
}

/// A few lines of text.
#[component]
pub fn LongText(
    /// What it asks for.
    label: Text,
    /// What is typed.
    value: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    view! {
        <Field label=label><textarea rows="2" maxlength="2000" data-testid=testid prop:value=value
            on:input:target=move |ev| value.set(ev.target().value())></textarea></Field>
    }
}

/// Chooses any organisation of the county.
#[component]
pub fn OrgPick(
    /// What it asks for.
    label: Text,
    /// Its id; empty if none is chosen.
    value: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
) -> impl IntoView {
    let room = room();
    let asked = Asked::default();
    let chosen = RwSignal::new(Some(value.get_untracked()).filter(|id| !id.is_empty()));
    Effect::new(move |_| {
        let id = chosen.get().unwrap_or_default();
        if value.get_untracked() != id {
            value.set(id);
        }
    });
    Effect::new(move |_| {
        let id = value.get();
        if id.is_empty() && chosen.with_untracked(Option::is_some) {
            chosen.set(None);
        }
    });
    let choices = Memo::new(move |_| {
        let query = asked.query.get().trim().to_lowercase();
        let lang = room.ctx.lang.get();
        room.ctx.words.with(|words| {
            let all = words.orgs(lang).into_iter();
            let fits = |(id, name): &(&str, &str)| {
                name.to_lowercase().contains(&query) || id.to_lowercase().contains(&query)
            };
            all.filter(fits)
                .take(LISTED)
                .map(|(id, name)| Choice {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    note: id.to_owned(),
                    opens: false,
                })
                .collect::<Vec<_>>()
        })
    });
    let shown = Signal::derive(move || {
        let lang = room.ctx.lang.get();
        let id = chosen.get().unwrap_or_default();
        room.ctx
            .words
            .with(|words| words.org_name(lang, &id).to_owned())
    });
    view! { <Picker label=label value=chosen shown=shown asked=asked choices=choices testid=testid can_be_empty=true/> }
}

/// Chooses who commands.
#[component]
pub fn PersonPick(
    /// What it asks for.
    label: Text,
    /// Their id; empty if nobody is chosen.
    value: RwSignal<String>,
    /// The hook for checks.
    testid: &'static str,
    /// Help below it.
    #[prop(optional)]
    hint: Option<Text>,
) -> impl IntoView {
    let room = room();
    let asked = Asked::default();
    let chosen = RwSignal::new(None::<String>);
    Effect::new(move |_| value.set(chosen.get().unwrap_or_default()));
    let choices = Memo::new(move |_| {
        let query = asked.query.get().trim().to_lowercase();
        room.people.with(|all| {
            let fits = |one: &&super::Commander| {
                let org = one.org_name.as_deref().unwrap_or_default();
                [one.name.as_str(), &one.id, org]
                    .iter()
                    .any(|text| text.to_lowercase().contains(&query))
            };
            let found = all.iter().filter(fits).take(LISTED);
            found
                .map(|one| Choice {
                    id: one.id.clone(),
                    name: one.name.clone(),
                    note: one.org_name.clone().unwrap_or_default(),
                    opens: false,
                })
                .collect::<Vec<_>>()
        })
    });
    let shown =
        Signal::derive(move || chosen.get().map_or_else(String::new, |id| room.person(&id)));
    view! {
        <Picker label=label value=chosen shown=shown asked=asked choices=choices testid=testid can_be_empty=true/>
        {hint.map(|hint| view! { <small class="quiet">{t(hint)}</small> })}
    }
}
