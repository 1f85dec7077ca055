//! A person's posts, to be changed: each a role, an organisation of its kind and a region.

use domain::account::Post;
use leptos::prelude::*;

use super::model::free_post_id;
use crate::i18n::{admin as a, desk as d};
use crate::panels::admin::choose::{
    OrgField, Orgs, POSTS, RegionField, kind_for, role_code, role_of, role_options,
};
use crate::panels::admin::work::Work;
use crate::session::{Session, session};
use crate::ui::field::{SelectField, Tick};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::tongue::{t, tongue};

/// A post being edited. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Draft {
    id: StoredValue<String>,
    /// The role's name on the wire.
    pub role: RwSignal<String>,
    /// The organisation's id.
    pub org: RwSignal<Option<String>>,
    /// The region's code.
    pub region: RwSignal<Option<String>>,
    /// Whether as its head.
    pub director: RwSignal<bool>,
}

impl Draft {
    /// An empty one; its region is the editor's own.
    pub fn new(session: Session, id: &str) -> Self {
        Self {
            id: StoredValue::new(id.to_owned()),
            role: RwSignal::new(role_code(POSTS[0])),
            org: RwSignal::new(None),
            region: RwSignal::new(Some(session.scope().to_string())),
            director: RwSignal::new(false),
        }
    }

    fn of(post: &Post) -> Self {
        Self {
            id: StoredValue::new(post.id.clone()),
            role: RwSignal::new(role_code(post.role)),
            org: RwSignal::new(post.org.as_ref().map(ToString::to_string)),
            region: RwSignal::new(Some(post.region.to_string())),
            director: RwSignal::new(post.director),
        }
    }

    /// The post as the wire has it.
    pub fn json(self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id.get_value(),
            "role": self.role.get_untracked(),
            "org": self.org.get_untracked(),
            "region": self.region.get_untracked().unwrap_or_default(),
            "director": self.director.get_untracked(),
        })
    }
}

/// The drafts of one person.
pub type Drafts = RwSignal<Vec<Draft>>;

/// Drafts of the posts somebody has, or of one to begin with.
pub fn drafts(session: Session, posts: &[Post]) -> Drafts {
    let mut drafts: Vec<Draft> = posts.iter().map(Draft::of).collect();
    if drafts.is_empty() {
        drafts.push(Draft::new(session, "main"));
    }
    RwSignal::new(drafts)
}

/// The posts as the wire has them.
pub fn json(drafts: Drafts) -> Vec<serde_json::Value> {
    drafts.with_untracked(|drafts| drafts.iter().map(|draft| draft.json()).collect())
}

/// The editor.
#[component]
pub fn PostsEditor(
    /// The drafts.
    drafts: Drafts,
    /// What was refused of them.
    work: Work,
) -> impl IntoView {
    let session = session();
    let add = move |_| {
        drafts.update(|all| {
            let taken: Vec<String> = all.iter().map(|draft| draft.id.get_value()).collect();
            let id = free_post_id(&taken);
            all.push(Draft::new(session, &id));
        });
    };
    let is_alone = Signal::derive(move || drafts.with(|all| all.len() < 2));
    view! {
        <div class="posts-editor">
            <For each=move || drafts.get().into_iter().enumerate() key=|(_, draft)| draft.id.get_value() let((at, draft))>
                <PostDraft draft=draft at=at work=work is_alone=is_alone
                    on_remove=move |()| drafts.update(|all| all.retain(|one| one.id.get_value() != draft.id.get_value()))/>
            </For>
            <button type="button" class="btn" data-testid="add-post" on:click=add><Glyph icon=Icon::Plus/>{t(a::ADD_POST)}</button>
        </div>
    }
}

#[component]
fn PostDraft(
    draft: Draft,
    at: usize,
    work: Work,
    #[prop(into)] is_alone: Signal<bool>,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    let tongue = tongue();
    let title = move || tongue.tf(a::POST_N, &[("n", &(at + 1).to_string())]);
    let wrong = move |field: &'static str| {
        let pointer = format!("/posts/{at}/{field}");
        Signal::derive(move || work.failed.with(|failed| failed.as_ref()?.at(&pointer)))
    };
    let (role, org, region) = (wrong("role"), wrong("org"), wrong("region"));
    view! {
        <fieldset class="post-draft" data-testid="post-draft">
            <legend>{title}</legend>
            <PostFields draft=draft role_error=role org_error=org region_error=region/>
            <button type="button" class="btn quiet remove" hidden=move || is_alone.get() on:click=move |_| on_remove.run(())>
                <Glyph icon=Icon::Trash/>{t(d::REMOVE)}
            </button>
        </fieldset>
    }
}

/// The fields of one post. Another role lets go of an organisation of the wrong kind, and an
/// organisation brings its region along.
#[component]
pub fn PostFields(
    /// The draft.
    draft: Draft,
    /// What is wrong with the role.
    #[prop(optional, into)]
    role_error: Signal<Option<String>>,
    /// What is wrong with the organisation.
    #[prop(optional, into)]
    org_error: Signal<Option<String>>,
    /// What is wrong with the region.
    #[prop(optional, into)]
    region_error: Signal<Option<String>>,
    /// Whether role and organisation are given.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let all = expect_context::<Orgs>();
    let kind = Memo::new(move |_| role_of(&draft.role.get()).and_then(kind_for));
    let found = move |id: &str| {
        let all = all.0.get_untracked()?;
        all.iter().find(|org| org.id == id).cloned()
    };
    Effect::new(move |before: Option<Option<_>>| {
        let kind = kind.get();
        if before.is_some_and(|before| before != kind) {
            let fits = draft.org.get_untracked().and_then(|id| found(&id));
            if fits.is_none_or(|org| Some(org.kind) != kind) {
                draft.org.set(None);
            }
        }
        kind
    });
    Effect::new(move |before: Option<Option<String>>| {
        let org = draft.org.get();
        if before.is_some_and(|before| before != org)
            && let Some(org) = org.as_deref().and_then(found)
        {
            draft.region.set(Some(org.region.to_string()));
        }
        org
    });
    let needs_org = move || kind.get().is_some();
    view! {
        <SelectField label=a::ROLE value=draft.role options=role_options(session, &POSTS) error=role_error testid="post-role" locked=locked/>
        {move || needs_org().then(|| view! {
            <OrgField label=a::ORG value=draft.org kind=kind error=org_error testid="post-org" locked=locked/>
        })}
        <RegionField label=a::REGION value=draft.region error=region_error testid="post-region"/>
        {move || needs_org().then(|| view! { <Tick label=a::IS_HEAD value=draft.director testid="post-director"/> })}
    }
}
