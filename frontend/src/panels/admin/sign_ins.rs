//! Who is signed in, from where and since when; and ending it. The administration sees those of
//! its region, everybody their own.

use domain::account::Way;
use domain::wire::account::SignInView;
use leptos::prelude::*;

use super::people::SearchBox;
use super::place::place;
use super::work::Work;
use crate::api;
use crate::i18n::{Lang, admin as a, desk as d};
use crate::session::{role_name, session, stamp};
use crate::ui::dialog::Confirm;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Blank;
use crate::ui::pages::{Pages, PagesMore, PagesState};
use crate::ui::tongue::t;

/// How often the list is asked for again, s.
const FRESH_SECS: u64 = 20;

/// The section.
#[component]
pub fn SignIns() -> impl IntoView {
    let session = session();
    let query = place().chosen("q");
    let sign_ins = Pages::<SignInView>::new(session, move || {
        format!("/api/v1/sign-ins?q={}", api::escaped(&query.get()))
    });
    sign_ins.every(FRESH_SECS);
    view! {
        <section class="list solo" aria-label=t(a::SIGN_INS)>
            <header class="head"><h1>{t(a::SIGN_INS)}</h1><SearchBox label=a::SIGN_INS_SEARCH/></header>
            <SignInTable sign_ins=sign_ins base="/api/v1/sign-ins"/>
        </section>
    }
}

/// A table of sign-ins, each with a button that ends it.
#[component]
pub fn SignInTable(
    /// The list.
    sign_ins: Pages<SignInView>,
    /// The address the ids stand below.
    base: &'static str,
) -> impl IntoView {
    let none = ViewFn::from(
        || view! { <Blank icon=Icon::Sessions title=a::SIGN_INS_NONE why=a::SIGN_INS_NONE_WHY/> },
    );
    let is_own = base.contains("/me/");
    let ids = Memo::new(move |_| {
        sign_ins
            .items
            .with(|all| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>())
    });
    let find = move |id: &str| {
        sign_ins
            .items
            .with(|all| all.iter().find(|one| one.id == id).cloned())
    };
    view! {
        <div class="table-box">
            <table class="rows sign-ins" hidden=move || sign_ins.items.with(Vec::is_empty)>
                <thead><tr>
                    {(!is_own).then(|| view! { <th scope="col">{t(d::NAME)}</th> })}
                    <th scope="col">{t(d::ACTING_AS)}</th><th scope="col">{t(d::FROM_WHERE)}</th>
                    <th scope="col">{t(d::HOW)}</th><th scope="col">{t(d::SINCE)}</th>
                    <th scope="col">{t(d::LAST_USED)}</th><th scope="col"><span class="sr">{t(d::END_SIGN_IN)}</span></th>
                </tr></thead>
                <tbody><For each=move || ids.get() key=Clone::clone let:id>
                    {find(&id).map(|one| view! { <Row one=one sign_ins=sign_ins base=base is_own=is_own/> })}
                </For></tbody>
            </table>
            <PagesState pages=sign_ins blank=none/>
            <PagesMore pages=sign_ins/>
        </div>
    }
}

#[component]
fn Row(
    one: SignInView,
    sign_ins: Pages<SignInView>,
    base: &'static str,
    is_own: bool,
) -> impl IntoView {
    let session = session();
    let open = RwSignal::new(false);
    let work = Work::default();
    let (role, scope_name) = (one.role, one.scope_name.clone());
    let acts = move || format!("{} · {scope_name}", role_name(session.tongue.0.get(), role));
    let way = one.way.clone();
    let how = move || way_words(session.tongue.0.get(), &way);
    let seen = {
        let id = one.id.clone();
        move || {
            let seen = sign_ins
                .items
                .with(|all| all.iter().find(|other| other.id == id).map(|o| o.seen_at));
            session.seen(seen)
        }
    };
    let id = one.id.clone();
    let go = move |()| {
        let url = format!("{base}/{}", api::escaped(&id));
        work.run(
            async move { session.plain::<()>("DELETE", &url).await },
            move |()| {
                open.set(false);
                sign_ins.again();
            },
        );
    };
    let name = one.name.clone();
    let title = Signal::derive(move || session.tongue.tf(a::SIGN_IN_END_TITLE, &[("name", &name)]));
    let whose = (!is_own).then(|| {
        view! { <td class="name"><b class="clip">{one.name.clone()}</b><small class="num clip">{one.person.clone()}</small></td> }
    });
    let end = if one.current {
        view! { <span class="chip">{t(d::THIS_ONE)}</span> }.into_any()
    } else {
        view! {
            <button type="button" class="btn quiet" data-testid="end-sign-in" on:click=move |_| open.set(true)><Glyph icon=Icon::LogOut/>{t(d::END_SIGN_IN)}</button>
            <Confirm open=open title=title why=a::SIGN_IN_END_WHY go=d::END_SIGN_IN busy=work.busy failed=work.failed on_go=go/>
        }
        .into_any()
    };
    view! {
        <tr data-testid="sign-in-row" data-person=one.person.clone()>
            {whose}
            <td>{acts}</td>
            <td class="name"><span class="num">{one.address}</span><small class="clip agent" title=one.agent.clone()>{device(&one.agent)}</small></td>
            <td>{how}</td>
            <td class="num">{stamp(one.started_at)}</td>
            <td class="num">{seen}</td>
            <td class="deeds">{end}</td>
        </tr>
    }
}

fn way_words(lang: Lang, way: &Way) -> String {
    match way {
        Way::Password => lang.of(d::WAY_PASSWORD).to_owned(),
        Way::PasswordAndCode => lang.of(d::WAY_PASSWORD_AND_CODE).to_owned(),
        Way::Link => lang.of(d::WAY_LINK).to_owned(),
        Way::Provider(name) => name.clone(),
    }
}

/// The browser and the system out of what a browser says of itself.
fn device(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("MicroMessenger/", "WeChat"),
        ("Chrome/", "Chrome"),
        ("Firefox/", "Firefox"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_name() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(device(chrome), "Chrome · Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(device(edge), "Edge · Windows");
        assert_eq!(device("curl/8.0"), "curl/8.0");
    }
}
