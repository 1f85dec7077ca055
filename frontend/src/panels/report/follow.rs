//! One matter by its receipt: where it stands, what happened, and what its reporter may say to it.

use domain::wire::receipt::{Name, ReceiptView, Step};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::model::{Verdict, stage, state_words, step_words, verdict};
use super::page;
use super::write::Ticket;
use crate::api::{self, Failed};
use crate::device;
use crate::i18n::{Lang, Text, format, report as r};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{Tongue, t, tongue};

const STAGES: [Text; 5] = [r::STAGE_1, r::STAGE_2, r::STAGE_3, r::STAGE_4, r::STAGE_5];

/// The matter as far as it is known. Cheap to copy.
#[derive(Clone, Copy)]
struct Case {
    tongue: Tongue,
    receipt: StoredValue<String>,
    view: RwSignal<Option<ReceiptView>>,
    failed: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Case {
    fn url(self, below: &str) -> String {
        let receipt = self.receipt.with_value(|receipt| api::escaped(receipt));
        format!("/api/v1/receipts/{receipt}{below}")
    }

    fn look(self) {
        self.busy.set(true);
        spawn_local(async move {
            let found = api::get::<ReceiptView>(&self.url(""), self.tongue.lang()).await;
            self.busy.set(false);
            match found {
                Ok(view) => {
                    self.failed.set(None);
                    self.view.set(Some(view));
                }
                Err(Failed { detail, .. }) => self.failed.set(Some(detail)),
            }
        });
    }

    fn say(self, body: Value) {
        self.busy.set(true);
        spawn_local(async move {
            let lang = self.tongue.lang().tag();
            let key = device::new_key();
            let reply = device::post(&self.url("/commands"), lang, &key, body.to_string()).await;
            self.busy.set(false);
            match verdict(reply.status, &reply.body) {
                Verdict::Good => {
                    self.failed.set(None);
                    self.view.set(serde_json::from_str(&reply.body).ok());
                }
                Verdict::Later(why) => {
                    let away = self.tongue.t(crate::i18n::catalogue::NO_SERVER).to_owned();
                    self.failed.set(Some(why.unwrap_or(away)));
                }
                Verdict::Never(why) => self.failed.set(Some(why)),
            }
        });
    }
}

/// A matter by its receipt.
#[component]
pub fn Follow(
    /// The receipt.
    receipt: String,
) -> impl IntoView {
    let page = page();
    let case = Case {
        tongue: tongue(),
        receipt: StoredValue::new(receipt),
        view: RwSignal::new(None),
        failed: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    case.look();
    view! {
        <section class="follow" data-testid="follow-case">
            <header class="heading">
                <button type="button" class="btn quiet" data-testid="back" on:click=move |_| page.opened.set(None)><Glyph icon=Icon::Back/>{t(r::BACK)}</button>
                <button type="button" class="btn quiet" data-testid="renew" disabled=move || case.busy.get() on:click=move |_| case.look()><Glyph icon=Icon::Refresh/>{t(r::RENEW)}</button>
            </header>
            {move || case.failed.get().map(|why| view! { <p class="notice" data-kind="refused" role="alert" data-testid="follow-failed">{why}</p> })}
            {move || case.view.get().map(|view| view! { <Matter view=view case=case/> })}
        </section>
    }
}

#[component]
fn Matter(view: ReceiptView, case: Case) -> impl IntoView {
    let tongue = case.tongue;
    let reached = stage(view.state);
    let state = view.state;
    let fact = move |label: Text, value: Option<String>| {
        value.map(|value| view! { <div><dt>{t(label)}</dt><dd>{value}</dd></div> })
    };
    let lang = tongue.0.get();
    let named = |name: Option<&Name>| name.map(|name| of(lang, name));
    let attachments = (view.attachments > 0)
        .then(|| tongue.tf(r::WITH_IT, &[("n", &view.attachments.to_string())]));
    let stages = reached.map(|reached| view! {
        <ol class="stages" aria-hidden="true">
            {STAGES.iter().enumerate().map(|(n, text)| view! {
                <li class:done=n < reached class:now=n + 1 == reached><i></i><span>{t(*text)}</span></li>
            }).collect_view()}
        </ol>
    });
    view! {
        <div class="block headline" data-testid="case-state" data-state=format!("{state:?}")>
            <h1>{t(state_words(state))}</h1>
            {stages}
            <p class="text">{view.description.clone().unwrap_or_else(|| view.title.clone())}</p>
            {attachments.map(|text| view! { <small>{text}</small> })}
        </div>
        {view.result.clone().map(|result| view! { <div class="block result"><h2>{t(r::RESULT)}</h2><p data-testid="result">{result}</p></div> })}
        <Say view=view.clone() case=case/>
        <dl class="block facts">
            {fact(r::HELD, named(view.holder.as_ref()))}
            {fact(r::PROMISED, view.promised.map(|at| format::stamp(at.millis())))}
            {fact(r::KIND, named(view.category.as_ref()))}
            {fact(r::AT_PLACE, Some(view.region.clone()))}
            {fact(r::RECEIVED, Some(format::stamp(view.received_at.millis())))}
        </dl>
        <div class="block"><h2>{t(r::STEPS)}</h2>
            <ol class="steps">{view.steps.iter().rev().map(|step| view! { <StepLine step=step.clone() lang=lang/> }).collect_view()}</ol>
        </div>
        <Ticket receipt=case.receipt.get_value()/>
    }
}

fn of(lang: Lang, name: &Name) -> String {
    if lang == Lang::Zh || name.en.is_empty() {
        name.zh.clone()
    } else {
        name.en.clone()
    }
}

#[component]
fn StepLine(step: Step, lang: Lang) -> impl IntoView {
    step_words(step.what).map(|words| {
        view! {
            <li><b>{t(words)}</b><small class="num">{format::stamp(step.at.millis())}</small>
                {step.org.map(|org| view! { <span>{of(lang, &org)}</span> })}
                {step.text.map(|text| view! { <p>{text}</p> })}
            </li>
        }
    })
}

/// Which sentence is being asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Nothing,
    WhyNot,
    Appeal,
}

/// What the reporter may say now.
#[component]
fn Say(view: ReceiptView, case: Case) -> impl IntoView {
    let may = move |name: &str| view.moves.iter().any(|one| one == name);
    let (close, reopen) = (may("close"), may("reopen"));
    let (urge, appeal, evaluate) = (may("urge"), may("appeal"), may("evaluate"));
    let scored = view.scored;
    let asking = RwSignal::new(Asking::Nothing);
    let plain = move |body: fn() -> Value| move |_| case.say(body());
    view! {
        {(close || reopen).then(|| view! {
            <div class="block say" data-testid="confirm">
                <h2>{t(r::CONFIRM_ASK)}</h2>
                {close.then(|| view! { <button type="button" class="btn primary large" data-testid="satisfied" disabled=move || case.busy.get() on:click=plain(|| json!({"command": "close", "satisfied": true}))><Glyph icon=Icon::ThumbsUp/>{t(r::SATISFIED)}</button> })}
                {reopen.then(|| view! { <button type="button" class="btn large" data-testid="dissatisfied" on:click=move |_| asking.set(Asking::WhyNot)><Glyph icon=Icon::Redo/>{t(r::NOT_SATISFIED)}</button> })}
                {move || (asking.get() == Asking::WhyNot).then(|| view! { <Sentence label=r::WHY_NOT command="reopen" asking=asking case=case/> })}
            </div>
        })}
        {(urge || appeal).then(|| view! {
            <div class="block say">
                {urge.then(|| view! { <button type="button" class="btn large" data-testid="urge" disabled=move || case.busy.get() on:click=plain(|| json!({"command": "urge"}))><Glyph icon=Icon::Urge/>{t(r::URGE)}</button> })}
                {appeal.then(|| view! { <button type="button" class="btn large" data-testid="appeal" on:click=move |_| asking.set(Asking::Appeal)><Glyph icon=Icon::Redo/>{t(r::APPEAL)}</button> })}
                {move || (asking.get() == Asking::Appeal).then(|| view! { <Sentence label=r::APPEAL_WHY command="appeal" asking=asking case=case/> })}
            </div>
        })}
        {evaluate.then(|| view! { <Evaluate case=case/> })}
        {scored.map(|n| view! { <p class="block scored" data-testid="scored">{case.tongue.tf(r::SCORED, &[("n", &n.to_string())])}</p> })}
    }
}

#[component]
fn Sentence(
    label: Text,
    command: &'static str,
    asking: RwSignal<Asking>,
    case: Case,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let send = move |_| {
        let reason = reason.get_untracked().trim().to_owned();
        if !reason.is_empty() {
            case.say(json!({"command": command, "reason": reason}));
        }
    };
    view! {
        <div class="sentence">
            <label class="line"><span class="name">{t(label)}</span>
                <textarea rows="3" maxlength="1000" data-testid="reason" on:input=move |event| reason.set(event_target_value(&event))></textarea>
            </label>
            <div class="two">
                <button type="button" class="btn" on:click=move |_| asking.set(Asking::Nothing)>{t(r::CANCEL)}</button>
                <button type="button" class="btn primary" data-testid="reason-go" disabled=move || case.busy.get() || reason.with(|r| r.trim().is_empty()) on:click=send>{t(r::DO_IT)}</button>
            </div>
        </div>
    }
}

/// One to five stars and a word.
#[component]
fn Evaluate(case: Case) -> impl IntoView {
    let stars = RwSignal::new(0_u8);
    let word = RwSignal::new(String::new());
    let send = move |_| {
        let word = word.get_untracked().trim().to_owned();
        let note = (!word.is_empty()).then_some(word);
        let given = stars.get_untracked();
        case.say(
            json!({"command": "evaluate", "speed": given, "cooperation": given, "note": note}),
        );
    };
    view! {
        <div class="block say" data-testid="evaluate">
            <h2>{t(r::EVALUATE)}</h2>
            <div class="stars" role="radiogroup">
                {(1..=5_u8).map(|n| view! {
                    <button type="button" role="radio" class:lit=move || { stars.get() >= n } aria-checked=move || (stars.get() == n).to_string()
                        aria-label=move || case.tongue.tf(r::STARS, &[("n", &n.to_string())]) data-testid=format!("star-{n}") on:click=move |_| stars.set(n)><Glyph icon=Icon::Star/></button>
                }).collect_view()}
            </div>
            <label class="line"><span class="name">{t(r::WORD)}</span>
                <input type="text" maxlength="500" data-testid="word" on:input=move |event| word.set(event_target_value(&event))/>
            </label>
            <button type="button" class="btn primary large" data-testid="evaluate-go" disabled=move || stars.get() == 0 || case.busy.get() on:click=send>{t(r::GIVE)}</button>
        </div>
    }
}
