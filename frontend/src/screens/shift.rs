//! One's room: who answers for it now, what is owed, and the list that one shift signs over to the
//! next. Each side signs for itself; the server draws the list up.

use std::time::Duration;

use domain::account::shift::{HandOver, Matter, Offer, Owed};
use domain::wire::account::Page;
use domain::wire::shift::{RoomDetail, RoomView, ShiftOffer, ShiftTaking};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

use crate::api;
use crate::i18n::{Text, format, shift as s};
use crate::panels::admin::work::Work;
use crate::screens::shell::{ModeAsked, Shell};
use crate::session::{Session, session, stamp};
use crate::ui::field::{Field, SelectField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Blank, Refusal};
use crate::ui::tongue::t;

/// How often the room is asked for again.
const FRESH: Duration = Duration::from_secs(15);
/// Hand-overs shown.
const SHOWN: usize = 30;
const LONGEST_NOTE: u32 = 2_000;

/// The screen.
#[component]
pub fn ShiftScreen() -> impl IntoView {
    view! { <Shell testid="shift-screen" tools=|| view! { <ModeAsked/> }.into_any()><main class="page"><Shifts/></main></Shell> }
}

/// What the parts share. Cheap to copy.
#[derive(Clone, Copy)]
struct Desk {
    session: Session,
    room: RwSignal<Option<RoomDetail>>,
    rooms: RwSignal<Vec<RoomView>>,
    work: Work,
}

impl Desk {
    fn own_room(self) -> Option<String> {
        let org = self.session.me.with_untracked(|me| me.actor.org.clone());
        org.map(|org| org.to_string())
    }

    fn url(self, what: &str) -> String {
        let org = self.own_room().unwrap_or_default();
        format!("/api/v1/shifts/{}{what}", api::escaped(&org))
    }

    fn load(self) {
        spawn_local(async move {
            if let Ok(page) = self.session.get::<Page<RoomView>>("/api/v1/shifts").await {
                self.rooms.try_set(page.items);
            }
            if self.own_room().is_some()
                && let Ok(room) = self.session.get::<RoomDetail>(&self.url("")).await
            {
                self.room.try_set(Some(room));
            }
        });
    }

    fn act(
        self,
        what: &'static str,
        body: impl Serialize + 'static,
        done: impl FnOnce() + 'static,
    ) {
        let url = self.url(&format!("/{what}"));
        self.work.run(
            async move { self.session.send::<RoomDetail>("POST", &url, &body).await },
            move |room| {
                self.room.set(Some(room));
                done();
                self.load();
            },
        );
    }

    fn name(self, id: &str) -> String {
        self.room.with(|room| {
            let people = room.as_ref().map(|room| room.people.as_slice());
            let known = people.and_then(|all| all.iter().find(|one| one.id == id));
            known.map_or_else(|| id.to_owned(), |one| one.name.clone())
        })
    }

    fn own_id(self) -> String {
        self.session.me.with_untracked(|me| me.actor.id.clone())
    }
}

#[component]
fn Shifts() -> impl IntoView {
    let desk = Desk {
        session: session(),
        room: RwSignal::new(None),
        rooms: RwSignal::new(Vec::new()),
        work: Work::default(),
    };
    desk.load();
    if let Ok(handle) = set_interval_with_handle(move || desk.load(), FRESH) {
        on_cleanup(move || handle.clear());
    }
    let is_homeless = desk.own_room().is_none();
    view! {
        <div class="account shift" data-testid="shift">
            <header class="head"><h1>{t(s::SHIFT)}</h1>
                <span class="quiet">{move || desk.room.with(|room| room.as_ref().map(|room| room.room.name.clone()))}</span></header>
            {if is_homeless {
                view! { <section class="block wide"><Blank icon=Icon::Clock title=s::NO_ROOM why=s::NO_ROOM_WHY/></section> }.into_any()
            } else {
                view! {
                    <div><Now desk=desk/><Rooms desk=desk/></div>
                    <div><Matters desk=desk/><Past desk=desk/></div>
                }.into_any()
            }}
        </div>
    }
}

/// Who answers for the room, and what may be done about it.
#[component]
fn Now(desk: Desk) -> impl IntoView {
    let tongue = desk.session.tongue;
    let state = Memo::new(move |_| {
        let own = desk.own_id();
        let head = desk.session.me.with(|me| me.actor.director);
        desk.room
            .with(|room| room.as_ref().map(|room| Stand::of(&room.room, &own, head)))
    });
    let line = move || {
        let person = desk.room.with(|room| {
            let room = &room.as_ref()?.room;
            Some((room.person.clone()?, room.since?))
        });
        person.map_or_else(
            || tongue.t(s::NOBODY).to_owned(),
            |(person, since)| {
                tongue.tf(s::ON_SHIFT, &[("name", &person.name), ("t", &stamp(since))])
            },
        )
    };
    let offered = move || {
        let offer = desk.room.with(|room| room.as_ref()?.room.offer.clone())?;
        let (name, at) = (desk.name(&offer.by), stamp(offer.at));
        let told = tongue.tf(s::OFFERED, &[("name", &name), ("t", &at)]);
        Some(
            view! { <p class="notice" data-kind="note" role="status"><Glyph icon=Icon::Info/><span>{told}</span></p>{note_of(&offer)} },
        )
    };
    let acts = move || match state.get()? {
        Stand::Nobody => Some(view! { <Begin desk=desk/> }.into_any()),
        Stand::Mine => Some(view! { <HandOut desk=desk/> }.into_any()),
        Stand::MineOffered => Some(view! { <Withdraw desk=desk/> }.into_any()),
        Stand::TheirsOffered => Some(view! { <Take desk=desk unsigned=false/> }.into_any()),
        Stand::TheirsUnsigned { head: true } => {
            Some(view! { <Take desk=desk unsigned=true/> }.into_any())
        }
        Stand::TheirsUnsigned { head: false } => {
            let name = desk.room.with(|room| {
                let person = room.as_ref()?.room.person.clone()?;
                Some(person.name)
            })?;
            let told = tongue.tf(s::WAIT_FOR, &[("name", &name)]);
            Some(view! { <p class="lead">{told}</p> }.into_any())
        }
    };
    view! {
        <section class="block form" data-testid="shift-now" data-state=move || state.get().map(Stand::name)>
            <h2>{line}</h2>
            {offered}
            <Refusal failed=desk.work.failed/>
            {acts}
        </section>
    }
}

/// How one stands to the shift of one's room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stand {
    Nobody,
    Mine,
    MineOffered,
    TheirsOffered,
    TheirsUnsigned { head: bool },
}

impl Stand {
    fn of(room: &RoomView, own: &str, head: bool) -> Self {
        let Some(person) = &room.person else {
            return Self::Nobody;
        };
        match (person.id == own, room.offer.is_some()) {
            (true, false) => Self::Mine,
            (true, true) => Self::MineOffered,
            (false, true) => Self::TheirsOffered,
            (false, false) => Self::TheirsUnsigned { head },
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Mine => "mine",
            Self::MineOffered => "mine-offered",
            Self::TheirsOffered => "theirs-offered",
            Self::TheirsUnsigned { .. } => "theirs",
        }
    }
}

#[component]
fn Begin(desk: Desk) -> impl IntoView {
    let begin = move |_| desk.act("begin", serde_json::json!({}), || ());
    view! {
        <p class="lead">{t(s::NOBODY_WHY)}</p>
        <div class="actions"><button type="button" class="btn primary" data-testid="shift-begin"
            disabled=move || desk.work.busy.get() on:click=begin>{t(s::BEGIN)}</button></div>
    }
}

#[component]
fn HandOut(desk: Desk) -> impl IntoView {
    let (to, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let others = Signal::derive(move || {
        let own = desk.own_id();
        let anybody = (
            String::new(),
            desk.session.tongue.t(s::TO_ANYBODY).to_owned(),
        );
        let others = desk.room.with(|room| {
            let staff = room
                .as_ref()
                .map(|room| &room.people[..room.staff.min(room.people.len())]);
            let others = staff.into_iter().flatten().filter(|one| one.id != own);
            others
                .map(|one| (one.id.clone(), one.name.clone()))
                .collect::<Vec<_>>()
        });
        std::iter::once(anybody).chain(others).collect::<Vec<_>>()
    });
    let owes = move || {
        desk.room
            .with(|room| room.as_ref().is_none_or(|room| !room.matters.is_empty()))
    };
    let offer = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let said = ShiftOffer {
            to: some(to),
            note: some(note),
        };
        desk.act("offer", said, move || note.set(String::new()));
    };
    let end = move |_| desk.act("end", serde_json::json!({}), || ());
    view! {
        <form class="form" on:submit=offer novalidate>
            <SelectField label=s::TO value=to options=others testid="shift-to"/>
            <NoteField label=s::NOTE value=note testid="shift-note"/>
            <div class="actions">
                <button type="submit" class="btn primary" data-testid="shift-offer" disabled=move || desk.work.busy.get()>{t(s::OFFER)}</button>
                {move || (!owes()).then(|| view! {
                    <button type="button" class="btn" data-testid="shift-end" disabled=move || desk.work.busy.get() on:click=end>{t(s::END)}</button>
                })}
            </div>
        </form>
    }
}

#[component]
fn Withdraw(desk: Desk) -> impl IntoView {
    let back = move |_| desk.act("withdraw", serde_json::json!({}), || ());
    view! {
        <div class="actions"><button type="button" class="btn" data-testid="shift-withdraw"
            disabled=move || desk.work.busy.get() on:click=back>{t(s::WITHDRAW)}</button></div>
    }
}

#[component]
fn Take(desk: Desk, unsigned: bool) -> impl IntoView {
    let remark = RwSignal::new(String::new());
    let take = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let said = ShiftTaking {
            remark: some(remark),
        };
        desk.act("take", said, move || remark.set(String::new()));
    };
    let (label, button) = if unsigned {
        (s::REASON, s::TAKE_UNSIGNED)
    } else {
        (s::REMARK, s::TAKE)
    };
    view! {
        <form class="form" on:submit=take novalidate>
            {unsigned.then(|| view! { <p class="lead">{t(s::TAKE_UNSIGNED_WHY)}</p> })}
            <NoteField label=label value=remark testid="shift-remark"/>
            <div class="actions"><button type="submit" class="btn primary" data-testid="shift-take"
                disabled=move || desk.work.busy.get()>{t(button)}</button></div>
        </form>
    }
}

#[component]
fn NoteField(label: Text, value: RwSignal<String>, testid: &'static str) -> impl IntoView {
    view! {
        <Field label=label>
            <textarea rows="3" maxlength=LONGEST_NOTE data-testid=testid prop:value=move || value.get()
                on:input:target=move |ev| value.set(ev.target().value())></textarea>
        </Field>
    }
}

/// What was typed, if anything was.
fn some(text: RwSignal<String>) -> Option<String> {
    let text = text.get_untracked().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn note_of(offer: &Offer) -> Option<AnyView> {
    let note = offer.note.clone()?;
    Some(view! { <p class="quiet">{note}</p> }.into_any())
}

/// What is owed: of a shift that was laid before the next, the list that was signed.
#[component]
fn Matters(desk: Desk) -> impl IntoView {
    let list = move || {
        desk.room.with(|room| {
            let room = room.as_ref()?;
            Some(match &room.room.offer {
                Some(offer) => (offer.matters.clone(), offer.left_out),
                None => (room.matters.clone(), room.left_out),
            })
        })
    };
    let count = move || list().map_or(0, |(all, left_out)| all.len() + left_out as usize);
    let body = move || {
        match list() {
        None => ().into_any(),
        Some((all, _)) if all.is_empty() => {
            view! { <Blank icon=Icon::Check title=s::OWED_NONE why=s::OWED_NONE_WHY/> }.into_any()
        }
        Some((all, left_out)) => view! {
            <div class="table-box">
                <table class="rows">
                    <thead><tr><th scope="col">{t(s::NUMBER)}</th><th scope="col">{t(s::INCIDENT)}</th><th scope="col">{t(s::WHAT)}</th><th scope="col">{t(s::WHEN)}</th></tr></thead>
                    <tbody>{all.into_iter().map(|one| view! { <Row desk=desk one=one/> }).collect_view()}</tbody>
                </table>
            </div>
            {(left_out > 0).then(|| view! { <p class="quiet">{desk.session.tongue.tf(s::MORE, &[("n", &left_out.to_string())])}</p> })}
        }
        .into_any(),
    }
    };
    view! {
        <section class="block" data-testid="shift-matters" data-count=move || count().to_string()>
            <h2>{t(s::OWED)}</h2>
            {body}
        </section>
    }
}

#[component]
fn Row(desk: Desk, one: Matter) -> impl IntoView {
    let (what, lamp) = match one.owed {
        Owed::RedLamp => (s::RED_LAMP, Some("red")),
        Owed::OrderUnanswered => (s::ORDER, None),
        Owed::Promised => (s::PROMISED, None),
        Owed::Waiting => (s::WAITING, None),
    };
    let tongue = desk.session.tongue;
    let (now, title) = desk.room.with_untracked(|room| {
        let room = room.as_ref();
        let title = room.and_then(|room| room.titles.get(&one.incident).cloned());
        (room.map(|room| room.now), title)
    });
    let when = one.due.zip(now).map(|(due, now)| {
        let left = due.since(now).millis();
        let span = format::span(tongue.lang(), left.abs());
        tongue.tf(if left < 0 { s::LATE } else { s::DUE }, &[("t", &span)])
    });
    view! {
        <tr>
            <td class="num">{format!("{:04}", one.number)}</td>
            <td><a href=format!("/desk?view=all&id={}", one.incident) rel="external">{title.unwrap_or_else(|| tongue.t(s::INCIDENT).to_owned())}</a></td>
            <td><span class="why" data-lamp=lamp>{t(what)}</span></td>
            <td class="num">{when}</td>
        </tr>
    }
}

#[component]
fn Past(desk: Desk) -> impl IntoView {
    let body = move || {
        let past = desk.room.with(|room| {
            let past = room.as_ref().map(|room| room.past.iter());
            past.map(|past| past.take(SHOWN).cloned().collect::<Vec<_>>())
        });
        match past {
            None => ().into_any(),
            Some(past) if past.is_empty() => {
                view! { <Blank icon=Icon::Audit title=s::PAST_NONE why=s::PAST_NONE_WHY/> }.into_any()
            }
            Some(past) => view! {
                <ul class="grants" data-testid="shift-past">{past.into_iter().map(|one| view! { <Signed desk=desk one=one/> }).collect_view()}</ul>
            }
            .into_any(),
        }
    };
    view! { <section class="block"><h2>{t(s::PAST)}</h2>{body}</section> }
}

#[component]
fn Signed(desk: Desk, one: HandOver) -> impl IntoView {
    let tongue = desk.session.tongue;
    let (from, to) = (desk.name(&one.offer.by), desk.name(&one.by));
    let count = one.offer.matters.len() + one.offer.left_out as usize;
    let count = tongue.tf(s::COUNTED, &[("n", &count.to_string())]);
    let added = (!one.since.is_empty())
        .then(|| tongue.tf(s::ADDED, &[("n", &one.since.len().to_string())]));
    let told = [Some(count), added].into_iter().flatten();
    let told = told.collect::<Vec<_>>().join(" · ");
    view! {
        <li>
            <b>{tongue.tf(s::FROM_TO, &[("from", &from), ("to", &to)])}</b>
            <small class="num">{format!("{} – {}", stamp(one.offer.at), stamp(one.at))}</small>
            <small>{told}</small>
            {note_of(&one.offer)}
            {one.remark.clone().map(|remark| view! { <p class="quiet">{remark}</p> })}
        </li>
    }
}

/// The rooms of one's region that keep shifts.
#[component]
fn Rooms(desk: Desk) -> impl IntoView {
    let tongue = desk.session.tongue;
    let row = move |room: RoomView| {
        let told = match (room.person, room.since) {
            (Some(person), Some(since)) => {
                tongue.tf(s::ON_SHIFT, &[("name", &person.name), ("t", &stamp(since))])
            }
            _ => tongue.t(s::NOBODY).to_owned(),
        };
        view! { <li><b>{room.name}</b><small>{told}</small></li> }
    };
    view! {
        <section class="block"><h2>{t(s::ROOMS)}</h2>
            <ul class="grants" data-testid="shift-rooms">{move || desk.rooms.get().into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use domain::wire::shift::Named;

    use super::*;

    fn room(person: Option<&str>, offer: bool) -> RoomView {
        let at = domain::time::Timestamp::from_millis(0);
        let named = |id: &str| Named {
            id: id.to_owned(),
            name: id.to_owned(),
        };
        RoomView {
            org: "330899101-T".parse().expect("an organisation"),
            name: "room".to_owned(),
            person: person.map(named),
            since: person.map(|_| at),
            offer: offer.then(|| Offer {
                at,
                by: "li".to_owned(),
                to: None,
                note: None,
                matters: Vec::new(),
                left_out: 0,
            }),
        }
    }

    #[test]
    fn each_side_is_offered_its_own_signature() {
        let of = |person, offer, head| Stand::of(&room(person, offer), "li", head).name();
        assert_eq!(of(None, false, false), "nobody");
        assert_eq!(of(Some("li"), false, true), "mine");
        assert_eq!(of(Some("li"), true, false), "mine-offered");
        assert_eq!(of(Some("wang"), true, false), "theirs-offered");
        assert_eq!(of(Some("wang"), false, true), "theirs");
        let not_head = Stand::of(&room(Some("wang"), false), "li", false);
        assert_eq!(not_head, Stand::TheirsUnsigned { head: false });
    }
}
