//! The form of a command, made from what the command asks for. What is typed is kept until it is
//! sent, also across a reload.

use domain::access::Move;
use domain::incident::Incident;
use leptos::prelude::*;

use crate::i18n::{case as s, desk as d, fill};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Refusal;
use crate::ui::tongue::t;

use super::asks::{Ask, Kind, Typed, asks, body, missing};
use super::drafts::{self, Draft};
use super::fields::AskField;
use super::{Desk, Wish, desk, moves};

/// A field of the form: what it asks and what was typed.
pub type Filled = (Ask, RwSignal<String>);

/// A form that is being filled in. Cheap to copy.
#[derive(Clone, Copy)]
struct Writing {
    desk: Desk,
    wish: StoredValue<Wish>,
    fields: StoredValue<Vec<Filled>>,
    /// Where its draft is kept.
    key: StoredValue<String>,
    /// The version it insists on.
    version: RwSignal<u64>,
    /// What is owed and not there, in words.
    lacking: RwSignal<Option<String>>,
    /// Whether it began with a draft.
    was_kept: RwSignal<bool>,
}

impl Writing {
    fn begin(desk: Desk, wish: Wish) -> Self {
        let order = wish.order.map(|nth| format!(":{nth}")).unwrap_or_default();
        let what = format!("{}:{}{order}", wish.id, wish.one.name());
        let key = drafts::key(&desk.actor().id, &what);
        let draft = drafts::load(&key);
        let case = desk.case.get_untracked();
        let field = |ask: &Ask| {
            let kept = draft.get(ask.name).cloned();
            let text = kept.unwrap_or_else(|| usual(ask, case.as_deref()));
            (*ask, RwSignal::new(text))
        };
        let fields: Vec<Filled> = asks(wish.one).iter().map(field).collect();
        let writing = Self {
            desk,
            fields: StoredValue::new(fields),
            key: StoredValue::new(key),
            version: RwSignal::new(wish.version),
            wish: StoredValue::new(wish),
            lacking: RwSignal::new(None),
            was_kept: RwSignal::new(!draft.is_empty()),
        };
        let first = untrack(|| writing.typed());
        Effect::new(move |_| {
            let now = writing.typed();
            if now != first {
                writing.keep(&now);
            }
        });
        writing
    }

    fn keep(self, draft: &Draft) {
        self.key.with_value(|key| drafts::save(key, draft));
    }

    fn typed(self) -> Typed {
        let text = |(ask, text): &Filled| (ask.name.to_owned(), text.get());
        self.fields.with_value(|all| all.iter().map(text).collect())
    }

    fn one(self) -> Move {
        self.wish.with_value(|wish| wish.one)
    }

    /// Sends it, if nothing is owed.
    fn go(self) {
        let typed = untrack(|| self.typed());
        let lang = self.desk.session.tongue.lang();
        let owed: Vec<&str> = missing(self.one(), &typed)
            .iter()
            .map(|ask| lang.of(ask.label))
            .collect();
        if !owed.is_empty() {
            let what = owed.join("、");
            let text = fill(lang.of(s::FILL), &[("what", &what)]);
            return self.lacking.set(Some(text));
        }
        self.lacking.set(None);
        let wish = self.wish.get_value();
        let body = body(wish.one, &typed, wish.order, self.version.get_untracked());
        let key = self.key.get_value();
        self.desk
            .send(wish, body, move || drafts::save(&key, &Draft::new()));
    }

    /// Sends it on the incident as it stands now.
    fn go_on_newest(self) {
        if let Some(one) = self.desk.case.get_untracked() {
            self.version.set(one.version);
        }
        self.go();
    }

    fn drop_draft(self) {
        self.fields
            .with_value(|all| all.iter().for_each(|(_, text)| text.set(String::new())));
        self.was_kept.set(false);
    }

    fn is_conflict(self) -> bool {
        let failed = self.desk.work.failed;
        failed.with(|failed| {
            failed
                .as_ref()
                .is_some_and(|failed| failed.code == "conflict")
        })
    }
}

/// The form of a command.
#[component]
pub fn FormOf(
    /// The command.
    wish: Wish,
) -> impl IntoView {
    let desk = desk();
    let writing = Writing::begin(desk, wish);
    let (one, lacking) = (writing.one(), writing.lacking);
    let on_key = move |ev: leptos::ev::KeyboardEvent| {
        if ev.key() == "Enter" && (ev.ctrl_key() || ev.meta_key()) {
            ev.prevent_default();
            writing.go();
        }
    };
    request_animation_frame(|| super::keys::focus(FIRST_FIELD));
    let fields = writing.fields.get_value().into_iter();
    view! {
        <form class="form-of form" data-testid="command-form" data-command=one.name() aria-label=t(moves::name(one)) on:keydown=on_key
            on:submit=move |ev| { ev.prevent_default(); writing.go(); }>
            <header><h3>{t(moves::name(one))}</h3><span class="quiet">{t(s::SEND_KEY)}</span>
                <button type="button" class="btn quiet icon-only" aria-label=t(d::CLOSE) on:click=move |_| desk.wish.set(None)><Glyph icon=Icon::Close/></button></header>
            {move || writing.was_kept.get().then(|| view! {
                <p class="kept" role="status" data-testid="draft-kept">{t(s::DRAFT_KEPT)}<button type="button" class="link" on:click=move |_| writing.drop_draft()>{t(s::DRAFT_DROP)}</button></p>
            })}
            <div class="fields">{fields.map(|(ask, text)| view! { <AskField ask=ask text=text/> }).collect_view()}</div>
            {move || lacking.get().map(|text| view! { <p class="fault" role="alert" data-testid="form-lacks">{text}</p> })}
            <Refusal failed=desk.work.failed/>
            {move || writing.is_conflict().then(|| view! { <p class="quiet" data-testid="conflict">{t(s::CONFLICT)}</p> })}
            <Foot writing=writing/>
        </form>
    }
}

/// What one begins with in a form.
const FIRST_FIELD: &str =
    ".form-of input:not(.sr), .form-of textarea, .form-of select, .form-of .primary";

#[component]
fn Foot(writing: Writing) -> impl IntoView {
    let desk = writing.desk;
    let busy = desk.work.busy;
    let word = move || {
        desk.session
            .tongue
            .t(if busy.get() { s::SENDING } else { s::SEND })
    };
    view! {
        <div class="actions">
            <button type="button" class="btn" on:click=move |_| desk.wish.set(None)>{t(d::CANCEL)}</button>
            {move || if writing.is_conflict() {
                view! { <button type="button" class="btn primary" data-testid="form-newest" on:click=move |_| writing.go_on_newest()>{t(s::RETRY_NEWEST)}</button> }.into_any()
            } else {
                view! { <button type="submit" class="btn primary" data-testid="form-send" disabled=move || busy.get()><Glyph icon=Icon::Send/>{word}</button> }.into_any()
            }}
        </div>
    }
}

/// What a field holds before anybody typed.
fn usual(ask: &Ask, case: Option<&Incident>) -> String {
    match (ask.kind, ask.name) {
        (Kind::Category, _) => case
            .and_then(|one| one.category)
            .map_or_else(String::new, |code| code.to_string()),
        (Kind::Yes, _) => "yes".to_owned(),
        (Kind::Word(all), _) => all
            .first()
            .map_or_else(String::new, |(word, _)| (*word).to_owned()),
        _ => String::new(),
    }
}
