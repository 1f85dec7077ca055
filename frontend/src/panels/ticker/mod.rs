//! The ticker: numbered, in order, pausable, never jumping under the eye; a gap is drawn.

pub mod model;

use domain::incident::What;
use leptos::prelude::*;

use self::model::{Item, Row, Ticker};
use crate::context::{context, lamp_name};
use crate::i18n::{Lang, Text, catalogue as c, fill, format};
use crate::ui::fit::rows_that_fit;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::panel::{Empty, Panel};
use crate::words::{Words, source};

/// The panel. A click on it holds it still; another lets it run on.
#[component]
pub fn TickerPanel() -> impl IntoView {
    let ctx = context();
    let held = RwSignal::new(None::<Ticker>);
    let shown = Memo::new(move |_| held.get().unwrap_or_else(|| ctx.ticker.get()));
    let (list, probe) = (NodeRef::new(), NodeRef::new());
    let fits = rows_that_fit(list, probe);
    let items = Memo::new(move |_| shown.with(|ticker| ticker.items(fits.get())));
    let toggle = move || {
        held.update(|held| *held = held.take().xor(Some(ctx.ticker.get_untracked())));
    };
    let aside = Signal::derive(move || items.with(|items| range(ctx.lang.get(), items)));
    let waiting = move || {
        let newest = ctx.ticker.with(Ticker::last).unwrap_or(0);
        held.with(|h| {
            h.as_ref()
                .map(|h| newest.saturating_sub(h.last().unwrap_or(0)))
        })
    };
    let tools = view! {
        <button class="tool num" aria-pressed=move || held.with(Option::is_some).to_string()
            data-testid="ticker-pause" on:click=move |_| toggle()>
            <Glyph icon=Signal::derive(move || if held.with(Option::is_some) { Icon::Play } else { Icon::Pause })/>
            {move || waiting().map_or_else(
                || ctx.t(c::TICKER_PAUSE).to_owned(),
                |n| ctx.tf(c::TICKER_RESUME, &[("n", &format::count(n))]),
            )}
        </button>
    }
    .into_any();
    view! {
        <Panel class="feed" title=c::TICKER aside=aside testid="ticker" tools=tools>
            <div class="rows" class:held=move || held.with(Option::is_some) style:--fits=move || fits.get().to_string() node_ref=list
                on:click=move |_| toggle()>
                <div class="probe tick" node_ref=probe></div>
                {move || shown.with(|t| t.last().is_none())
                    .then(|| view! { <Empty text=c::TICKER_NONE why=c::TICKER_NONE_WHY/> })}
                <For each=move || items.get() key=key let:item>
                    {match item {
                        Item::Row(row) => view! { <Tick row=row newest=shown/> }.into_any(),
                        Item::Gap { missing, .. } => view! {
                            <div class="gap num" data-testid="ticker-gap">
                                {move || ctx.tf(c::TICKER_GAP, &[("n", &format::count(missing))])}
                            </div>
                        }.into_any(),
                    }}
                </For>
            </div>
        </Panel>
    }
}

fn key(item: &Item) -> (u64, bool) {
    match item {
        Item::Row(row) => (row.n, false),
        Item::Gap { after, .. } => (*after, true),
    }
}

/// Which numbers are shown, and whether any is missing among them.
fn range(lang: Lang, items: &[Item]) -> String {
    let numbers = || {
        items.iter().filter_map(|i| {
            if let Item::Row(r) = i {
                Some(r.n)
            } else {
                None
            }
        })
    };
    let (Some(last), Some(first)) = (numbers().next(), numbers().next_back()) else {
        return String::new();
    };
    let missing: u64 = items
        .iter()
        .map(|i| {
            if let Item::Gap { missing, .. } = i {
                *missing
            } else {
                0
            }
        })
        .sum();
    let whole = if missing == 0 {
        lang.of(c::TICKER_WHOLE).to_owned()
    } else {
        fill(lang.of(c::TICKER_GAPS), &[("n", &format::count(missing))])
    };
    let values = [("a", format::count(first)), ("b", format::count(last))];
    let range = fill(
        lang.of(c::TICKER_RANGE),
        &[(values[0].0, &values[0].1), (values[1].0, &values[1].1)],
    );
    format!("{range} · {whole}")
}

#[component]
fn Tick(row: Row, newest: Memo<Ticker>) -> impl IntoView {
    let ctx = context();
    let n = row.n;
    let is_newest = move || newest.with(Ticker::last) == Some(n);
    let row = StoredValue::new(row);
    let words = move |f: fn(&Row, &Words, Lang) -> String| {
        move || {
            ctx.words
                .with(|words| row.with_value(|row| f(row, words, ctx.lang.get())))
        }
    };
    let (id, lamp, at) = row.with_value(|r| (r.id.clone(), lamp_name(r.lamp), r.at));
    view! {
        <div class="tick" class:new=is_newest data-testid="ticker-row" data-n=n data-id=id>
            <span class="n num">{n}</span>
            <span class="tm num">{format::time(at)}</span>
            <span class="lamp" data-lamp=lamp></span>
            <span class="src clip">{words(|row, _, lang| source(lang, &row.source))}</span>
            <span class="clip">{words(sentence)}</span>
            <span class="at clip">{words(place)}</span>
        </div>
    }
}

/// The street, or the smallest place with a name; the township stands in the sentence already.
fn place(row: &Row, words: &Words, _: Lang) -> String {
    let place = row
        .address
        .clone()
        .unwrap_or_else(|| words.place(row.region));
    words.without_place(&place, row.region).to_owned()
}

/// Where, what it is, and what happened.
fn sentence(row: &Row, words: &Words, lang: Lang) -> String {
    let category = row.category.and_then(|code| words.category(lang, code));
    let subject = match lang {
        _ if row.veiled => lang.of(c::SENSITIVE),
        Lang::Zh if !row.title.is_empty() => row.title.as_str(),
        _ => category.unwrap_or(&row.title),
    };
    let order = row.order.map(|n| n.to_string()).unwrap_or_default();
    let org = row
        .holder
        .as_deref()
        .map_or("", |org| words.org(lang, org, row.region));
    let happened = fill(
        lang.of(verb(row.what, org.is_empty())),
        &[("n", &order), ("org", org)],
    );
    format!("{} {subject} · {happened}", words.township(row.region))
}

/// What happened, as a verb; `nobody` where who holds it is not shown.
pub fn verb(what: What, nobody: bool) -> Text {
    match what {
        What::Reported => c::DID_REPORT,
        What::Accepted => c::DID_ACCEPT,
        What::Assessed => c::DID_ASSESS,
        What::Dispatched if nobody => c::DID_DISPATCH,
        What::Dispatched => c::DID_DISPATCH_TO,
        What::Started if nobody => c::DID_START,
        What::Started => c::DID_START_BY,
        What::Progressed => c::DID_PROGRESS,
        What::FedBack => c::DID_FEED_BACK,
        What::Closed => c::DID_CLOSE,
        What::Breached if nobody => c::DID_BREACH,
        What::Breached => c::DID_BREACH_TO,
        What::SelfHandled => c::DID_SELF_HANDLE,
        What::Rejected => c::DID_REJECT,
        What::Appealed => c::DID_APPEAL,
        What::Merged => c::DID_MERGE,
        What::Joined => c::DID_JOIN,
        What::Followed => c::DID_FOLLOW,
        What::Corrected => c::DID_CORRECT,
        What::ConsentAsked => c::DID_ASK_CONSENT,
        What::ConsentRefused => c::DID_REFUSE_CONSENT,
        What::Returned => c::DID_RETURN,
        What::Recalled => c::DID_RECALL,
        What::Stepped => c::DID_STEP,
        What::Escalated => c::DID_ESCALATE,
        What::ExtensionAsked => c::DID_ASK_EXTENSION,
        What::ExtensionGranted => c::DID_GRANT_EXTENSION,
        What::ExtensionRefused => c::DID_REFUSE_EXTENSION,
        What::Suspended => c::DID_SUSPEND,
        What::Resumed => c::DID_RESUME,
        What::Reopened => c::DID_REOPEN,
        What::Contacted => c::DID_CONTACT,
        What::Urged => c::DID_URGE,
        What::Evaluated => c::DID_EVALUATE,
        What::TransferredOut => c::DID_TRANSFER_OUT,
        What::CameBack => c::DID_COME_BACK,
        What::Voided => c::DID_VOID,
        What::Recounted => c::DID_RECOUNT,
        What::Reminded => c::DID_REMIND,
        What::OrderSigned => c::DID_SIGN_ORDER,
        What::OrderAnswered => c::DID_ANSWER_ORDER,
        What::OrderCleared => c::DID_CLEAR_ORDER,
        What::OrderRejected => c::DID_REJECT_ORDER,
        What::OrderClimbed => c::DID_CLIMB,
        What::RemovalAsked => c::DID_ASK_REMOVAL,
        What::RemovalGranted => c::DID_GRANT_REMOVAL,
        What::RemovalRefused => c::DID_REFUSE_REMOVAL,
        What::Other => c::DID_OTHER,
    }
}
