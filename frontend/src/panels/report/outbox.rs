//! Reports that wait on this telephone: kept before anything is sent, sent one after the other, and
//! taken once each, whatever breaks in between.

use domain::wire::receipt::Taken;
use leptos::prelude::*;
use serde::Deserialize;

use super::Page;
use super::model::{Fate, Item, Verdict, verdict};
use crate::device;

/// Where attachments go.
pub(super) const ATTACHMENTS: &str = "/api/v1/receipts/attachments";
/// Where reports go.
const REPORTS: &str = "/api/v1/receipts";

/// What the server keeps an attachment under.
#[derive(Deserialize)]
struct Attached {
    id: String,
}

/// Reads what this telephone keeps.
pub(super) async fn load(page: Page) {
    match device::all_items::<Item>().await {
        Ok(mut items) => {
            items.sort_by(|a, b| b.written_ms.total_cmp(&a.written_ms));
            page.items.set(items);
        }
        Err(_) => page.store_failed.set(true),
    }
}

/// Keeps a report; false where this telephone keeps nothing.
pub(super) async fn keep(page: Page, item: Item) -> bool {
    let json = serde_json::to_string(&item).unwrap_or_default();
    let is_kept = device::put_item(&item.key, &json).await.is_ok();
    page.store_failed.set(!is_kept);
    page.items.update(
        |items| match items.iter_mut().find(|one| one.key == item.key) {
            Some(one) => *one = item,
            None => items.insert(0, item),
        },
    );
    is_kept
}

/// Forgets a report and what goes with it.
pub(super) async fn forget(page: Page, key: &str) {
    let pieces = page.items.with_untracked(|items| {
        let found = items.iter().find(|item| item.key == key);
        found.map(|item| item.pieces.clone()).unwrap_or_default()
    });
    page.items
        .update(|items| items.retain(|item| item.key != key));
    device::drop_item(key).await;
    for piece in pieces {
        device::drop_blob(&piece.id).await;
    }
}

/// Sends what waits, oldest first. One at a time: whoever comes meanwhile finds it under way.
pub(super) async fn send_all(page: Page) {
    if page.sending.get_untracked() {
        return;
    }
    page.sending.set(true);
    let waiting = page.items.with_untracked(|items| {
        let waiting = items.iter().rev().filter(|item| item.waits());
        waiting.map(|item| item.key.clone()).collect::<Vec<_>>()
    });
    for key in waiting {
        let found = page
            .items
            .with_untracked(|items| items.iter().find(|item| item.key == key).cloned());
        if let Some(item) = found {
            send(page, item).await;
        }
    }
    page.sending.set(false);
}

async fn send(page: Page, mut item: Item) {
    if let Some(fate) = send_pieces(page, &mut item).await {
        item.fate = fate;
        keep(page, item).await;
        return;
    }
    let body = item.body(js_sys::Date::now()).to_string();
    let reply = device::post(REPORTS, page.lang().tag(), &item.key, body).await;
    item.fate = match verdict(reply.status, &reply.body) {
        Verdict::Good => match serde_json::from_str::<Taken>(&reply.body) {
            Ok(taken) => Fate::Sent(taken),
            // A broken answer: the report is there, and is told of when it is sent again.
            Err(_) => Fate::Waiting(None),
        },
        Verdict::Later(why) => Fate::Waiting(why),
        Verdict::Never(why) => Fate::Refused(why),
    };
    let done = matches!(item.fate, Fate::Sent(_));
    let pieces = item.pieces.clone();
    if done {
        // The server has them; a lost telephone tells nobody what was in the photos.
        item.pieces.clear();
    }
    keep(page, item).await;
    if done {
        for piece in pieces {
            device::drop_blob(&piece.id).await;
        }
    }
}

/// Sends what goes with a report; why it goes no further, if it does not.
async fn send_pieces(page: Page, item: &mut Item) -> Option<Fate> {
    for nth in 0..item.pieces.len() {
        if item.pieces[nth].sent_as.is_some() {
            continue;
        }
        let id = item.pieces[nth].id.clone();
        match attach(page, &id).await {
            Ok(sent_as) => {
                item.pieces[nth].sent_as = Some(sent_as);
                keep(page, item.clone()).await;
            }
            Err(fate) => return Some(fate),
        }
    }
    None
}

/// Sends one attachment; answers what the server keeps it under.
pub(super) async fn attach(page: Page, id: &str) -> Result<String, Fate> {
    let reply = device::post_kept(ATTACHMENTS, page.lang().tag(), id).await;
    match verdict(reply.status, &reply.body) {
        Verdict::Good => serde_json::from_str::<Attached>(&reply.body)
            .map(|attached| attached.id)
            .map_err(|_| Fate::Waiting(None)),
        Verdict::Later(why) => Err(Fate::Waiting(why)),
        Verdict::Never(why) => Err(Fate::Refused(why)),
    }
}
