//! People from a CSV: a dry run that lists every fault of every line, then the import, then the
//! one-time links as a file, once.

use domain::wire::account::{ImportLine, ImportResult, PersonView};
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::api;
use crate::i18n::{admin as a, desk as d};
use crate::panels::admin::csv;
use crate::panels::admin::work::Work;
use crate::session::{Session, session, stamp};
use crate::ui::dialog::Dialog;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Kind, Notice, Refusal};
use crate::ui::pages::Pages;
use crate::ui::tongue::{t, tongue};

/// Most bytes of one file, as the server takes.
const MAX_BYTES: f64 = 2.0 * 1024.0 * 1024.0;
/// Most lines shown; faulty ones first.
const SHOWN: usize = 500;

/// The import at hand. Cheap to copy.
#[derive(Clone, Copy)]
struct Import {
    session: Session,
    work: Work,
    people: Pages<PersonView>,
    file: RwSignal<Option<(String, String)>>,
    result: RwSignal<Option<ImportResult>>,
    trouble: RwSignal<Option<crate::i18n::Text>>,
}

impl Import {
    fn read(self, file: web_sys::File) {
        self.result.set(None);
        self.trouble.set(None);
        self.work.forget();
        if file.size() > MAX_BYTES {
            self.trouble.set(Some(a::IMPORT_LARGE));
            return;
        }
        let name = file.name();
        leptos::task::spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok();
            if let Some(text) = text.and_then(|text| text.as_string()) {
                self.file.set(Some((name, text)));
                self.ask(true);
            }
        });
    }

    /// A refused import answers with the same table: what is wrong with which line.
    fn ask(self, dry_run: bool) {
        let Some((_, text)) = self.file.get_untracked() else {
            return;
        };
        let lang = self.session.tongue.lang();
        let url = format!("/api/v1/people/import?dry_run={dry_run}");
        let work = async move {
            let sent = Some(("text/csv", text.as_str()));
            let answer = api::ask("POST", &url, lang, sent).await;
            match serde_json::from_str::<ImportResult>(&answer.body) {
                Ok(result) => Ok(result),
                Err(_) => api::read(&answer, lang),
            }
        };
        self.work.run(work, move |result| {
            if !result.dry_run && result.bad == 0 {
                self.people.again();
            }
            self.result.set(Some(result));
        });
    }
}

/// The dialog.
#[component]
pub fn ImportPeople(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// The list that gets longer.
    people: Pages<PersonView>,
) -> impl IntoView {
    let tongue = tongue();
    let import = Import {
        session: session(),
        work: Work::default(),
        people,
        file: RwSignal::new(None),
        result: RwSignal::new(None),
        trouble: RwSignal::new(None),
    };
    Effect::new(move |_| {
        if open.get() {
            import.file.set(None);
            import.result.set(None);
            import.trouble.set(None);
            import.work.forget();
        }
    });
    view! {
        <Dialog open=open title=Signal::derive(move || tongue.t(a::IMPORT_TITLE).to_owned()) testid="import-dialog" wide=true>
            <p class="lead">{t(a::IMPORT_LEAD)}</p>
            <Drop import=import/>
            {move || import.trouble.get().map(|text| view! { <Notice kind=Kind::Refused text=tongue.t(text).to_owned()/> })}
            <Refusal failed=import.work.failed/>
            {move || import.work.busy.get().then(|| view! { <p class="list-state waiting" role="status">{t(a::IMPORT_CHECKING)}</p> })}
            {move || import.result.get().map(|result| view! { <Outcome import=import result=result/> })}
        </Dialog>
    }
}

#[component]
fn Drop(import: Import) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<leptos::html::Input>::new();
    let dropped = move |ev: leptos::ev::DragEvent| {
        ev.prevent_default();
        over.set(false);
        let file = ev
            .data_transfer()
            .and_then(|data| data.files())
            .and_then(|files| files.get(0));
        if let Some(file) = file {
            import.read(file);
        }
    };
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            import.read(file);
        }
        // The same file, mended, can be chosen again.
        input.set_value("");
    };
    view! {
        <div class="drop" class:over=move || over.get()
            on:dragover=move |ev| { ev.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false) on:drop=dropped>
            <Glyph icon=Icon::Upload/>
            <span>{move || import.file.get().map_or_else(|| import.session.tongue.t(a::IMPORT_DROP).to_owned(), |(name, _)| name)}</span>
            <label class="btn"><input node_ref=input class="sr" type="file" accept=".csv,text/csv" data-testid="import-file" on:change=chosen/>{t(a::IMPORT_CHOOSE)}</label>
            <button type="button" class="btn quiet" data-testid="import-template" on:click=move |_| template(import.session)>
                <Glyph icon=Icon::Download/>{t(a::IMPORT_TEMPLATE)}
            </button>
        </div>
    }
}

/// A file with the columns and a line of each usual kind, of regions that exist.
fn template(session: Session) {
    let scope = session.scope().to_string();
    let head = ["id", "name", "phone", "role", "org", "region", "director"];
    let line = [
        "zhangsan",
        "张三",
        "13800000000",
        "administrator",
        "",
        &scope,
        "no",
    ];
    let rows = [head, line].map(|row| row.map(str::to_owned).to_vec());
    csv::download("people.csv", &csv::write(&rows));
}

#[component]
fn Outcome(import: Import, result: ImportResult) -> impl IntoView {
    let session = import.session;
    let good = result.good.to_string();
    let bad = result.bad.to_string();
    let is_done = !result.dry_run && result.bad == 0;
    let has_faults = result.bad > 0;
    let is_empty = result.lines.is_empty();
    let lines = result.lines.clone();
    let summary = move || {
        let tongue = session.tongue;
        if is_empty {
            return view! { <Notice kind=Kind::Refused text=tongue.t(a::IMPORT_EMPTY).to_owned()/> }.into_any();
        }
        if is_done {
            return view! { <Notice kind=Kind::Done text=tongue.t(a::IMPORT_DONE).to_owned()/> }
                .into_any();
        }
        let (kind, counted, why) = if has_faults {
            (
                Kind::Refused,
                tongue.tf(a::IMPORT_BAD, &[("n", &bad)]),
                a::IMPORT_BAD_WHY,
            )
        } else {
            (
                Kind::Note,
                tongue.tf(a::IMPORT_GOOD, &[("n", &good)]),
                a::IMPORT_GOOD_WHY,
            )
        };
        let stop = match tongue.0.get() {
            crate::i18n::Lang::Zh => "。",
            crate::i18n::Lang::En => ". ",
        };
        let text = format!("{counted}{stop}{}", tongue.t(why));
        view! { <Notice kind=kind text=text/> }.into_any()
    };
    let count = result.good.to_string();
    let go = (!is_done && !has_faults && !is_empty).then(|| {
        let tongue = session.tongue;
        view! {
            <button type="button" class="btn primary" data-testid="import-go" disabled=move || import.work.busy.get()
                on:click=move |_| import.ask(false)>{move || tongue.tf(a::IMPORT_GO, &[("n", &count)])}</button>
        }
    });
    let links = is_done.then(|| {
        let lines = lines.clone();
        view! {
            <button type="button" class="btn primary" data-testid="import-links" on:click=move |_| hand_out(&lines)>
                <Glyph icon=Icon::Download/>{t(a::IMPORT_LINKS)}
            </button>
        }
    });
    view! {
        <div data-testid="import-outcome" data-good=result.good data-bad=result.bad>{summary}</div>
        <Lines lines=result.lines/>
        <div class="actions">{go}{links}</div>
    }
}

fn hand_out(lines: &[ImportLine]) {
    let head = ["id", "name", "link", "until"].map(str::to_owned).to_vec();
    let row = |line: &ImportLine| {
        let invite = line.invite.as_ref()?;
        Some(vec![
            invite.id.clone(),
            line.name.clone(),
            invite.url.clone(),
            stamp(invite.until),
        ])
    };
    let rows: Vec<Vec<String>> = std::iter::once(head)
        .chain(lines.iter().filter_map(row))
        .collect();
    csv::download("invites.csv", &csv::write(&rows));
}

#[component]
fn Lines(lines: Vec<ImportLine>) -> impl IntoView {
    let mut lines = lines;
    lines.sort_by_key(|line| (line.faults.is_empty(), line.line));
    let row = |line: ImportLine| {
        let is_good = line.faults.is_empty();
        let told = if is_good {
            view! { <span class="state" data-state="active">{t(a::LINE_GOOD)}</span> }.into_any()
        } else {
            line.faults
                .into_iter()
                .map(|fault| view! { <p class="fault">{fault}</p> })
                .collect_view()
                .into_any()
        };
        view! {
            <tr data-testid="import-line" data-good=is_good.to_string()>
                <td class="num">{line.line}</td><td class="num">{line.id}</td><td>{line.name}</td><td>{told}</td>
            </tr>
        }
    };
    view! {
        <div class="table-box short">
            <table class="rows">
                <thead><tr><th scope="col">{t(a::LINE)}</th><th scope="col">{t(d::ACCOUNT)}</th><th scope="col">{t(d::NAME)}</th><th scope="col">{t(a::FAULTS)}</th></tr></thead>
                <tbody>{lines.into_iter().take(SHOWN).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
